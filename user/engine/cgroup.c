// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cgroups: where this process is, how others are found, how they are removed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "engine/internal.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
/* fs/kernfs/dir.c: the first number that a hierarchy gives. */
#define ROOT_ID 1
/* The number of the first cgroup namespace of every kernel (PROC_CGROUP_INIT_INO). */
#define INIT_CGROUP_NS "cgroup:[4026531835]"

void rf_cgroup_free(struct rf_cgroup *cgroup)
{
	if (cgroup->fd >= 0)
		close(cgroup->fd);
	free(cgroup->path);
	*cgroup = RF_CGROUP_NONE;
}

/* ------------------------------------------------------------ where we are */

/* Undoes \040 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The rest of `path` behind the folder `root`, or NULL where it is not in there. */
static const char *beneath(const char *path, const char *root)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(path, root, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return strcmp(path + len, "/") == 0 ? "" : path + len;
}

static bool is_cgroup2(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* Looks at one line of mountinfo: "id parent dev root mountpoint options … - type source options". */
static int try_mount(char *line, const char *path, char **found)
{
	char *field[5], *save = NULL, *type = strstr(line, " - cgroup2 ");
	const char *rest;
	int fd;

	if (!type)
		return -1;
	for (size_t i = 0; i < 5; i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return -1;
	}
	unescape(field[3]);
	unescape(field[4]);
	rest = beneath(path, field[3]);
	if (!rest || asprintf(found, "%s%s", field[4], rest) < 0)
		return -1;
	fd = open(*found, FOLDER_FLAGS);
	if (fd >= 0 && is_cgroup2(fd))
		return fd;
	/* Something else lies over it. */
	if (fd >= 0)
		close(fd);
	free(*found);
	*found = NULL;
	return -1;
}

static int in_mounts(const char *path, char **found)
{
	RF_AUTO_FREE char *text = rf_read_at(AT_FDCWD, "/proc/self/mountinfo", 16u << 20, NULL);
	char *save = NULL;
	int fd = -1;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line && fd < 0; line = strtok_r(NULL, "\n", &save))
		fd = try_mount(line, path, found);
	return fd;
}

/*
 * In a cgroup namespace that was made without a mount of its own, no mount shows where we are. A mount made there
 * begins at the namespace's root; it is never attached anywhere. Not in the first namespace: there a new mount without
 * options would take the options of the system's own one away.
 */
static int in_own_mount(const char *path, char **found)
{
	RF_AUTO_CLOSE int context = -1;
	RF_AUTO_CLOSE int mount = -1;
	char ns[64] = "";

	if (readlink("/proc/self/ns/cgroup", ns, sizeof(ns) - 1) < 0 || strcmp(ns, INIT_CGROUP_NS) == 0 ||
	    strncmp(path, "/..", 3) == 0)
		return -1;
	context = fsopen("cgroup2", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	*found = strdup(path);
	return mount < 0 || !*found ? -1 : openat(mount, path[1] ? path + 1 : ".", FOLDER_FLAGS);
}

int rf_cgroup_self(struct rf_cgroup *self, struct rf_error *error)
{
	RF_AUTO_FREE char *path = rf_cgroup_own_path();
	struct stat st;

	*self = RF_CGROUP_NONE;
	if (!path)
		return rf_error_set(error, ENODEV,
				    "this process is in no cgroup of version 2; boot with "
				    "systemd.unified_cgroup_hierarchy=1");
	self->fd = in_mounts(path, &self->path);
	if (self->fd < 0)
		self->fd = in_own_mount(path, &self->path);
	if (self->fd < 0 || fstat(self->fd, &st)) {
		rf_cgroup_free(self);
		return rf_error_set(error, ENODEV,
				    "the cgroup of this process (%s) is not to be found in any mount; "
				    "mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
				    path);
	}
	self->id = st.st_ino;
	return 0;
}

/* ------------------------------------------------------------------- others */

int rf_cgroup_by_id(int any, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(id)];
	} by;
	int fd;

	by.handle.handle_bytes = sizeof(id);
	by.handle.handle_type = 0xfe; /* FILEID_KERNFS */
	memcpy(by.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(any, &by.handle, FOLDER_FLAGS & ~O_NOFOLLOW);
	return fd >= 0 ? fd : errno == ESTALE ? -ENOENT : -errno;
}

int rf_cgroup_populated(int fd)
{
	RF_AUTO_FREE char *text = rf_read_at(fd, "cgroup.events", 4096, NULL);
	const char *word = text ? strstr(text, "populated ") : NULL;

	/* A removed cgroup's files can't be read any more. */
	if (!text)
		return errno == ENODEV ? 0 : -errno;
	return word && word[strlen("populated ")] == '0' ? 0 : 1;
}

char *rf_cgroup_own_path(void)
{
	RF_AUTO_FREE char *text = rf_read_at(AT_FDCWD, "/proc/self/cgroup", 1u << 16, NULL);
	size_t len;
	const char *path = text ? rf_cgroup_in(text, &len) : NULL;

	return path ? strndup(path, len) : NULL;
}

int rf_cgroup_root(struct rf_error *error)
{
	RF_AUTO_CGROUP struct rf_cgroup self = RF_CGROUP_NONE;
	int err = rf_cgroup_self(&self, error), fd;

	if (err)
		return err;
	fd = rf_cgroup_by_id(self.fd, ROOT_ID);
	return fd < 0 ? rf_error_set(error, fd, "the root of the cgroups: %s", strerror(-fd)) : fd;
}

int rf_cgroup_each(int fd, int (*call)(int parent, const char *name, void *context), void *context)
{
	int again = openat(fd, ".", FOLDER_FLAGS), err = 0;
	RF_AUTO_CLOSEDIR DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (!dir) {
		err = -errno;
		if (again >= 0)
			close(again);
		return err;
	}
	while (!err && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			err = call(fd, entry->d_name, context);
	return err;
}

static int remove_child(int parent, const char *name, void *context)
{
	(void)context;
	return rf_cgroup_remove(parent, name);
}

int rf_cgroup_remove(int parent, const char *name)
{
	RF_AUTO_CLOSE int fd = -1;
	int err;

	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -errno;
	fd = openat(parent, name, FOLDER_FLAGS);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (rf_cgroup_populated(fd))
		return -EBUSY;
	err = rf_cgroup_each(fd, remove_child, NULL);
	if (err)
		return err;
	/* The last task may have left so lately that the kernel has not put it away. */
	for (int tries = 0;; tries++) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY || tries == 50)
			return -errno;
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
}

static int count_child(int parent, const char *name, void *context)
{
	RF_AUTO_CLOSE int fd = openat(parent, name, FOLDER_FLAGS);

	if (fd >= 0)
		*(size_t *)context += rf_cgroup_tasks(fd);
	return 0;
}

size_t rf_cgroup_tasks(int fd)
{
	RF_AUTO_FREE char *text = rf_read_at(fd, "cgroup.procs", 64u << 20, NULL);
	size_t count = 0;

	for (const char *at = text; at && *at; at++)
		count += *at == '\n';
	rf_cgroup_each(fd, count_child, &count);
	return count;
}
