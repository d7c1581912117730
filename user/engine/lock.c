// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One process at a time adds to the engine or takes from it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "engine/internal.h"

int rf_error_set(struct rf_error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code < 0 ? code : -code;
}

int rf_folder_is_ours(int fd, const char *path, struct rf_error *error)
{
	struct stat st;

	if (fstat(fd, &st))
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return rf_error_set(error, EPERM,
				    "%s is not root's alone, so what is in it cannot be trusted; remove it", path);
	return 0;
}

int rf_state_folder(struct rf_error *error)
{
	RF_AUTO_CLOSE int fd = open(RF_STATE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err;

	if (fd < 0 && errno == ENOENT && (mkdir(RF_STATE, 0700) == 0 || errno == EEXIST))
		fd = open(RF_STATE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return rf_error_set(error, errno, "%s: %s", RF_STATE, strerror(errno));
	err = rf_folder_is_ours(fd, RF_STATE, error);
	return err ? err : rf_take_fd(&fd);
}

/* Whether the lock's file is still the one that a newcomer would open: unload removes it. */
static bool still_there(int folder, int fd)
{
	struct stat mine, theirs;

	return fstat(fd, &mine) == 0 && fstatat(folder, "lock", &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
	       mine.st_ino == theirs.st_ino && mine.st_dev == theirs.st_dev;
}

int rf_lock_take(struct rf_error *error)
{
	for (;;) {
		RF_AUTO_CLOSE int fd = -1;
		RF_AUTO_CLOSE int folder = rf_state_folder(error);

		if (folder < 0)
			return folder;
		fd = openat(folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		/* The whole folder may have gone in between. */
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return rf_error_set(error, errno, "%s/lock: %s", RF_STATE, strerror(errno));
		while (flock(fd, LOCK_EX))
			if (errno != EINTR)
				return rf_error_set(error, errno, "%s/lock: %s", RF_STATE, strerror(errno));
		if (still_there(folder, fd))
			return rf_take_fd(&fd);
	}
}
