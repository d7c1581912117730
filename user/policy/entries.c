/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Folders, as patterns see them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/compile.h"
#include "policy/entries.h"
#include "policy/memory.h"

/* As fs.protected_symlinks has it (fs/namei.c, may_follow_link): in a sticky folder that all may write, only one's own
 * and those of the folder's owner. */
static bool trusted(int dir, const struct stat *folder, const char *name)
{
	struct stat link;

	if (!(folder->st_mode & S_ISVTX) || !(folder->st_mode & S_IWOTH))
		return true;
	return !fstatat(dir, name, &link, AT_SYMLINK_NOFOLLOW) &&
	       (link.st_uid == geteuid() || link.st_uid == 0 || link.st_uid == folder->st_uid);
}

static bool is_wanted(int dir, const struct stat *folder, const struct dirent *entry, bool folders)
{
	unsigned char type = entry->d_type;
	struct stat st;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return false;
	if (type == DT_UNKNOWN && !fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
		type = S_ISLNK(st.st_mode) ? DT_LNK : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
	return type == DT_LNK ? trusted(dir, folder, entry->d_name) : folders && type == DT_DIR;
}

static bool matches(const char *pattern, const char *name)
{
	char path[NAME_MAX + 2];
	int len = snprintf(path, sizeof(path), "/%s", name);

	return rf_glob_match(pattern, path, (size_t)len);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(struct rf_entries *out, const char *name)
{
	char **grown = rf_grow(out->name, out->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	out->name = grown;
	out->name[out->count] = strdup(name);
	return out->name[out->count] ? (out->count++, 0) : -ENOMEM;
}

int rf_entries_find(const char *dir, const char *component, bool folders, struct rf_entries *out)
{
	RF_AUTO_FREE char *pattern = NULL;
	DIR *opened = opendir(*dir ? dir : "/");
	struct dirent *entry;
	struct stat folder;
	int error = 0;

	*out = (struct rf_entries){0};
	if (asprintf(&pattern, "/%s", component) < 0) {
		pattern = NULL;
		error = -ENOMEM;
	}
	if (opened && fstat(dirfd(opened), &folder))
		folder.st_mode = S_ISVTX | S_IWOTH;
	while (opened && !error && (entry = readdir(opened))) {
		out->seen++;
		if (is_wanted(dirfd(opened), &folder, entry, folders) && matches(pattern, entry->d_name))
			error = add(out, entry->d_name);
	}
	if (opened)
		closedir(opened);
	if (error)
		rf_entries_free(out);
	else if (out->count)
		qsort(out->name, out->count, sizeof(*out->name), by_name);
	return error;
}

void rf_entries_free(struct rf_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->name[i]);
	free(entries->name);
	*entries = (struct rf_entries){0};
}
