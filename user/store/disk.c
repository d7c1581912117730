// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/auto.h"
#include "store/disk.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int (*disk_sync)(int fd) = fsync;

int disk_folder(int parent, const char *name, bool make)
{
	RF_AUTO_CLOSE int fd = openat(parent, name, FOLDER_FLAGS);
	RF_AUTO_CLOSE int above = -1;

	if (fd >= 0 || !make || errno != ENOENT)
		return fd < 0 ? -errno : rf_take_fd(&fd);
	if (mkdirat(parent, name, 0700))
		return -errno;
	fd = openat(parent, name, FOLDER_FLAGS);
	/* A folder is there after a power cut when the one above it is written. */
	above = fd < 0 ? -1 : openat(fd, "..", FOLDER_FLAGS);
	if (above < 0 || disk_sync(above)) {
		int err = -errno;

		/* Made again, and written through, by whoever needs it next. */
		unlinkat(parent, name, AT_REMOVEDIR);
		return err;
	}
	return rf_take_fd(&fd);
}

int disk_is_ours(int folder)
{
	struct stat st;

	if (fstat(folder, &st))
		return -errno;
	return st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) ? -EPERM : 0;
}

/* ------------------------------------------------------------------- writing */

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

static int write_temporary(int folder, const char *data, size_t size)
{
	RF_AUTO_CLOSE int fd = -1;
	int err;

	/* The store's lock is held, so one that is there is left over. */
	unlinkat(folder, DISK_TEMPORARY, 0);
	fd = openat(folder, DISK_TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	/* Before it has its name: else the name could outlive a power cut, and what it names not. */
	return err ? err : disk_sync(fd) ? -errno : 0;
}

int disk_write(int folder, const char *name, const char *data, size_t size)
{
	int err = write_temporary(folder, data, size);

	if (!err && renameat(folder, DISK_TEMPORARY, folder, name))
		err = -errno;
	if (err) {
		unlinkat(folder, DISK_TEMPORARY, 0);
		return err;
	}
	if (disk_sync(folder)) {
		err = -errno;
		/* Nobody will be told that it is there. */
		unlinkat(folder, name, 0);
	}
	return err;
}

/* ------------------------------------------------------------------- reading */

static int read_all(int fd, char *data, size_t size, size_t *have)
{
	for (*have = 0; *have < size;) {
		ssize_t n = read(fd, data + *have, size - *have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		*have += (size_t)n;
	}
	return 0;
}

int disk_read(int folder, const char *name, size_t max, char **data, size_t *size, const char **why)
{
	/* O_NONBLOCK: a FIFO without a writer would be waited for. */
	RF_AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int err;

	*why = "it is no regular file";
	if (fd < 0)
		return errno == ELOOP || errno == ENXIO || errno == ENODEV ? -EBADMSG : -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	*why = "it is longer than any state";
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return -EBADMSG;
	*data = malloc((size_t)st.st_size + 1);
	if (!*data)
		return -ENOMEM;
	err = read_all(fd, *data, (size_t)st.st_size, size);
	if (err) {
		free(*data);
		*data = NULL;
	}
	return err;
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int disk_names(int folder, int (*each)(void *context, const char *name), void *context)
{
	struct dirent **entry = NULL;
	int count = scandirat(folder, ".", &entry, not_dots, by_bytes), err = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		if (!err)
			err = each(context, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return err;
}
