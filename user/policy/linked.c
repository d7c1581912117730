/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A workspace may come from a stranger, or have been written by an earlier fence, its .git file too. What that names is
 * opened for writing, so it must name the workspace in turn: a worktree by worktrees/NAME/gitdir, a submodule by
 * core.worktree. Both lie in the repository, where whoever wrote the workspace alone can't write.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/linked.h"
#include "policy/memory.h"
#include "policy/workspace.h"

#define TEXT_MAX 65536

static bool is_folder_of(const char *path, uid_t uid)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == uid;
}

/* The text of folder/name, a plain file of the user's, not a link; NULL where it is none, or too long. */
static char *text_of(const char *folder, const char *name, uid_t uid)
{
	RF_AUTO_FREE char *text = calloc(1, TEXT_MAX + 1);
	char path[PATH_MAX];
	struct stat st;
	ssize_t len = -1;
	int fd;

	if (!text || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == uid && st.st_size <= TEXT_MAX)
		len = read(fd, text, TEXT_MAX);
	close(fd);
	if (len < 0 || memchr(text, '\0', (size_t)len))
		return NULL;
	char *taken = text;

	text = NULL;
	return taken;
}

/* What a path leads to, where a relative one begins in `folder`. */
static char *led_to(const char *folder, const char *path)
{
	char whole[PATH_MAX];

	if (path[0] != '/' && snprintf(whole, sizeof(whole), "%s/%s", folder, path) >= (int)sizeof(whole))
		return NULL;
	return *path ? realpath(path[0] == '/' ? path : whole, NULL) : NULL;
}

/* The same of a file that holds one path. */
static char *named_in(const char *folder, const char *name, const char *prefix, const char *from, uid_t uid)
{
	RF_AUTO_FREE char *text = text_of(folder, name, uid);

	if (!text || strncmp(text, prefix, strlen(prefix)) != 0)
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	return led_to(from, text + strlen(prefix));
}

/* Whether core.worktree of a submodule's configuration is the workspace. git writes it plainly, in a line of its own.
 */
static bool configured_for(const char *folder, const char *workspace, uid_t uid)
{
	RF_AUTO_FREE char *text = text_of(folder, "config", uid);
	bool core = false, found = false;
	char *next = text;

	for (char *line; (line = strsep(&next, "\n"));) {
		line += strspn(line, " \t");
		if (*line == '[')
			core = !strncasecmp(line, "[core]", 6);
		else if (core && !strncasecmp(line, "worktree", 8)) {
			char *value = line + 8 + strspn(line + 8, " \t");
			RF_AUTO_FREE char *path =
				*value == '=' ? led_to(folder, value + 1 + strspn(value + 1, " \t")) : NULL;

			/* The last one counts, as for git. */
			found = path && !strcmp(path, workspace);
		}
	}
	return found;
}

/* The name of a worktree whose folder lies where git puts it in its repository, or NULL. */
static const char *worktree_name(const char *gitdir, const char *common)
{
	static const char between[] = "/worktrees/";
	size_t len = strlen(common);
	const char *name;

	if (strncmp(gitdir, common, len) != 0 || strncmp(gitdir + len, between, sizeof(between) - 1) != 0)
		return NULL;
	name = gitdir + len + sizeof(between) - 1;
	return strchr(name, '/') ? NULL : name;
}

static bool is_worktree_of(const char *gitdir, const char *common, const char *workspace, uid_t uid)
{
	RF_AUTO_FREE char *back = named_in(gitdir, "gitdir", "", gitdir, uid);
	size_t len = strlen(workspace);

	return worktree_name(gitdir, common) && is_folder_of(gitdir, uid) && back && !strncmp(back, workspace, len) &&
	       !strcmp(back + len, "/.git");
}

static bool is_repository(const char *folder, uid_t uid)
{
	RF_AUTO_FREE char *head = text_of(folder, "HEAD", uid);
	RF_AUTO_FREE char *config = text_of(folder, "config", uid);
	char objects[PATH_MAX], refs[PATH_MAX];

	return head && config && snprintf(objects, sizeof(objects), "%s/objects", folder) < (int)sizeof(objects) &&
	       snprintf(refs, sizeof(refs), "%s/refs", folder) < (int)sizeof(refs) && is_folder_of(folder, uid) &&
	       is_folder_of(objects, uid) && is_folder_of(refs, uid);
}

int rf_linked_repository(const char *workspace, const char *home, uid_t uid, char **common)
{
	RF_AUTO_FREE char *real = realpath(workspace, NULL);
	RF_AUTO_FREE char *gitdir = real ? named_in(real, ".git", "gitdir: ", real, uid) : NULL;
	RF_AUTO_FREE char *folder = NULL;
	bool believed;

	if (!gitdir)
		return -ENOENT;
	folder = named_in(gitdir, "commondir", "", gitdir, uid);
	if (folder) {
		believed = is_worktree_of(gitdir, folder, real, uid);
	} else {
		folder = strdup(gitdir);
		if (!folder)
			return -ENOMEM;
		believed = strstr(folder, "/modules/") && configured_for(folder, real, uid);
	}
	if (!believed || !is_repository(folder, uid) || rf_workspace_wide(folder, home))
		return -EPERM;
	*common = folder;
	folder = NULL;
	return 0;
}
