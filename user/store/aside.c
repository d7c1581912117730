// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is not the store's own work is moved to aside/OBJECT.NAME.TIME, where nothing looks at it, and told. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/disk.h"
#include "store/internal.h"

#define FOLDER "aside/"
#define TRIES  1000

/* A name that can stand in a folder and in a message, whatever was in the one that was found. */
static void make_name(char *buf, size_t size, const char *object, const char *name, int number)
{
	/* A file's name takes 255 bytes; the longest object's has room before and the time behind. */
	int len = snprintf(buf, size, "%s%s%.100s", object ? object : "", object ? "." : "", name);

	for (char *at = buf; *at; at++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *at))
			*at = '_';
	}
	len += snprintf(buf + len, size - (size_t)len, ".%lld", (long long)time(NULL));
	if (number)
		snprintf(buf + len, size - (size_t)len, ".%d", number);
}

static bool move_aside(struct rf_store *store, int folder, const char *object, const char *name, char *to, size_t size)
{
	if (store->aside < 0)
		store->aside = disk_folder(store->root, "aside", true);
	for (int i = 0; store->aside >= 0 && i < TRIES; i++) {
		make_name(to, size, object, name, i);
		if (faccessat(store->aside, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		return renameat(folder, name, store->aside, to) == 0;
	}
	return false;
}

void aside_put(struct rf_store *store, int folder, const char *object, const char *name, const char *why, bool move)
{
	char path[NAME_MAX + 2 * RF_STORE_NAME_MAX], to[NAME_MAX + 1] = FOLDER;
	struct rf_store_aside aside = {.path = path, .why = why};
	size_t len = strlen(FOLDER);

	snprintf(path, sizeof(path), "%s%s%s%s", folder == store->root ? "" : "policies/", object ? object : "",
		 object ? "/" : "", name);
	if (move && move_aside(store, folder, object, name, to + len, sizeof(to) - len))
		aside.to = to;
	if (store->report)
		store->report(store->context, &aside);
}
