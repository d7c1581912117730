// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Small texts beside the objects, in the store's folder. They are no objects: no revision, no history. */
#include <errno.h>
#include <string.h>

#include "store/disk.h"
#include "store/internal.h"

#define NOTE_MAX (1u << 20)

static bool name_ok(const char *name)
{
	return rf_store_name_ok(name) && !strchr(name, '.') && strcmp(name, "policies") != 0 &&
	       strcmp(name, "aside") != 0 && strcmp(name, "begun") != 0;
}

int rf_store_note_put(struct rf_store *store, const char *name, const char *text, size_t length)
{
	if (!name_ok(name))
		return -EINVAL;
	return length > NOTE_MAX ? -EFBIG : disk_write(store->root, name, text, length);
}

int rf_store_note_get(struct rf_store *store, const char *name, char **text, size_t *length)
{
	const char *why;

	*text = NULL;
	return name_ok(name) ? disk_read(store->root, name, NOTE_MAX, text, length, &why) : -EINVAL;
}
