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
#include "policy/links.h"
#include "policy/memory.h"

/* As fs.protected_symlinks has it (fs/namei.c, may_follow_link): in a sticky folder that all may write, only one's own
 * and those of the folder's owner. */
static bool trusted(int dir, const char *name)
{
	struct stat folder, link;
	bool known = !fstat(dir, &folder);

	if (known && (!(folder.st_mode & S_ISVTX) || !(folder.st_mode & S_IWOTH)))
		return true;
	return !fstatat(dir, name, &link, AT_SYMLINK_NOFOLLOW) &&
	       (link.st_uid == geteuid() || link.st_uid == 0 || (known && link.st_uid == folder.st_uid));
}

/* What a pattern may go through: a folder, or a link that may lead it. */
static enum kind { NEITHER, FOLDER, LINK } kind_of(int dir, const struct dirent *entry)
{
	unsigned char type = entry->d_type;
	struct stat st;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return NEITHER;
	if (type == DT_UNKNOWN && !fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
		type = S_ISLNK(st.st_mode) ? DT_LNK : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
	if (type == DT_LNK)
		return trusted(dir, entry->d_name) ? LINK : NEITHER;
	return type == DT_DIR ? FOLDER : NEITHER;
}

static bool matches(const char *pattern, const char *name)
{
	char path[NAME_MAX + 2];
	int len = snprintf(path, sizeof(path), "/%s", name);

	return rf_glob_match(pattern, path, (size_t)len);
}

static int by_name(const void *a, const void *b)
{
	const struct rf_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void forget(struct rf_folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		free(folder->entry[i].name);
	free(folder->entry);
	free(folder->path);
	*folder = (struct rf_folder){0};
}

static int note(struct rf_folder *folder, const char *name, bool is_link)
{
	struct rf_entry *grown = rf_grow(folder->entry, folder->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	folder->entry = grown;
	grown[folder->count] = (struct rf_entry){strdup(name), is_link};
	return grown[folder->count].name ? (folder->count++, 0) : -ENOMEM;
}

static int read_folder(struct rf_folder *folder, const char *path)
{
	DIR *opened = opendir(*path ? path : "/");
	struct dirent *entry;
	int error = 0;

	folder->path = strdup(path);
	if (!folder->path)
		error = -ENOMEM;
	while (opened && !error && (entry = readdir(opened))) {
		enum kind kind = kind_of(dirfd(opened), entry);

		folder->seen++;
		if (kind != NEITHER)
			error = note(folder, entry->d_name, kind == LINK);
	}
	if (opened)
		closedir(opened);
	if (error)
		forget(folder);
	else if (folder->count)
		qsort(folder->entry, folder->count, sizeof(*folder->entry), by_name);
	return error;
}

/* A folder as it was when it was first asked for. */
static int find_folder(struct rf_folders *folders, const char *path, const struct rf_folder **out)
{
	struct rf_folder *place = &folders->place[rf_path_hash(path, strlen(path)) % RF_FOLDERS_SEEN];

	*out = place;
	if (place->path && !strcmp(place->path, path))
		return 0;
	forget(place);
	return read_folder(place, path);
}

void rf_folders_forget(struct rf_folders *folders)
{
	for (size_t i = 0; i < RF_FOLDERS_SEEN; i++)
		forget(&folders->place[i]);
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

int rf_entries_find(struct rf_folders *folders, const char *dir, const char *component, bool with_folders,
		    struct rf_entries *out)
{
	RF_AUTO_FREE char *pattern = NULL;
	const struct rf_folder *folder;
	int error;

	*out = (struct rf_entries){0};
	if (asprintf(&pattern, "/%s", component) < 0) {
		pattern = NULL;
		return -ENOMEM;
	}
	error = find_folder(folders, dir, &folder);
	if (error)
		return error;
	out->seen = folder->seen;
	for (size_t i = 0; i < folder->count && !error; i++) {
		const struct rf_entry *entry = &folder->entry[i];

		if ((entry->is_link || with_folders) && matches(pattern, entry->name))
			error = add(out, entry->name);
	}
	if (error)
		rf_entries_free(out);
	return error;
}

void rf_entries_free(struct rf_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->name[i]);
	free(entries->name);
	*entries = (struct rf_entries){0};
}
