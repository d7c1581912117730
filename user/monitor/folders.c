// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Paths by folder. Each name is a group of its own until its folder has more than RF_FOLDER_NAMES of them: then the
 * folder is one group, and a single name in the folder above. So it climbs, and a tree of any size has few groups.
 */
#include <stdlib.h>
#include <string.h>

#include "monitor/groups.h"

struct rf_folder {
	struct rf_folder *parent, *child, *next;
	size_t children;
	struct rf_group group; /* of this very path; of all beneath it once it is closed (group.folder) */
};

static struct rf_folder *make(struct rf_folder *parent, const char *path, size_t len)
{
	struct rf_folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return NULL;
	folder->group.key = strndup(path, len);
	if (!folder->group.key) {
		free(folder);
		return NULL;
	}
	folder->parent = parent;
	if (parent) {
		folder->next = parent->child;
		parent->child = folder;
		parent->children++;
	}
	return folder;
}

static struct rf_folder *child_of(const struct rf_folder *folder, const char *path, size_t len)
{
	for (struct rf_folder *child = folder->child; child; child = child->next)
		if (!strncmp(child->group.key, path, len) && !child->group.key[len])
			return child;
	return NULL;
}

/* The next in the order in which parents come first; NULL at the end of what is beneath `top`. */
static struct rf_folder *after(const struct rf_folder *top, const struct rf_folder *folder)
{
	if (folder->child)
		return folder->child;
	while (folder != top && !folder->next)
		folder = folder->parent;
	return folder == top ? NULL : folder->next;
}

/* Frees what is beneath it. Returns how much that was. */
static size_t empty(struct rf_folder *top)
{
	struct rf_folder *folder = top, *gone;
	size_t count = 0;

	while (top->child) {
		while (folder->child)
			folder = folder->child;
		gone = folder;
		folder = folder->parent;
		folder->child = gone->next;
		free(gone->group.key);
		free(gone);
		count++;
	}
	top->children = 0;
	return count;
}

static void close_folder(struct rf_folder *top, size_t *count)
{
	for (struct rf_folder *folder = after(top, top); folder; folder = after(top, folder))
		rf_group_join(&top->group, &folder->group);
	*count -= empty(top);
	top->group.folder = true;
}

bool rf_folders_add(struct rf_folder **root, size_t *count, const char *path, const struct rf_share *share)
{
	struct rf_folder *folder, *child;
	size_t end = 1;

	if (!*root && !(*root = make(NULL, "/", 1)))
		return false;
	folder = *root;
	while (path[end] && !folder->group.folder) {
		end += strcspn(path + end, "/");
		child = child_of(folder, path, end);
		if (!child) {
			if (folder == *root ? folder->children == RF_ROOT_NAMES : *count >= RF_GROUPS_MAX)
				return false;
			child = make(folder, path, end);
			if (!child)
				return false;
			++*count;
		}
		if (folder != *root && folder->children > RF_FOLDER_NAMES)
			close_folder(folder, count);
		else
			folder = child;
		end += path[end] == '/';
	}
	rf_group_add(&folder->group, share);
	return true;
}

void rf_folders_each(const struct rf_folder *root, void (*visit)(void *context, const struct rf_group *group),
		     void *context)
{
	for (const struct rf_folder *folder = root; folder; folder = after(root, folder))
		if (folder->group.count)
			visit(context, &folder->group);
}

void rf_folders_free(struct rf_folder *root)
{
	if (!root)
		return;
	empty(root);
	free(root->group.key);
	free(root);
}
