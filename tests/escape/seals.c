// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is sealed, by another hard link of it that the rules allow, and by calls that ask for no permission of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "escape/attributes.h"
#include "escape/escape.h"

#define HARD	    "/tmp/s/hard"
#define SEALED_MODE 0666
#define LONG_AGO    1000000000

/* The object is the same for all attempts: as it was, and the actor's own. */
static int reset(void)
{
	const struct timespec then[2] = {{.tv_sec = LONG_AGO}, {.tv_sec = LONG_AGO}};

	removexattr(HARD, ACL);
	return chown(HARD, stage.uid, stage.uid) || chmod(HARD, SEALED_MODE) || utimensat(AT_FDCWD, HARD, then, 0)
		       ? errno
		       : 0;
}

static bool as_it_was(void)
{
	struct stat is;
	char buf[128];
	bool good = !stat(HARD, &is) && (is.st_mode & 07777) == SEALED_MODE && is.st_uid == stage.uid &&
		    is.st_mtim.tv_sec == LONG_AGO && is.st_size == sizeof(WORD) - 1 &&
		    lgetxattr(HARD, ACL, buf, sizeof(buf)) < 0;
	int fd = open(HARD, O_WRONLY | O_TRUNC | O_CLOEXEC);

	/* For the attempts that follow. */
	if (fd < 0 || write(fd, WORD, sizeof(WORD) - 1) != sizeof(WORD) - 1)
		return false;
	close(fd);
	return reset() ? false : good;
}

static int change_mode(void)
{
	return tried(chmod(HARD, 0600));
}

static int change_owner(void)
{
	return tried(chown(HARD, 54321, 54321));
}

static int change_times(void)
{
	return tried(utimensat(AT_FDCWD, HARD, NULL, 0));
}

static int change_acl(void)
{
	return tried(setxattr(HARD, ACL, &acl_for_all, sizeof(acl_for_all), 0));
}

/* ------------------------------------------------- by a descriptor from before */

static int open_before(void)
{
	int error = reset();

	stage.fd[0] = open(HARD, O_RDWR);
	return error ? error : stage.fd[0] < 0 ? errno : 0;
}

static int shorten(void)
{
	return tried(ftruncate(stage.fd[0], 1));
}

static int set_flags(void)
{
	long flags = FS_NODUMP_FL;

	return tried(ioctl(stage.fd[0], FS_IOC_SETFLAGS, &flags));
}

static bool no_flags(void)
{
	int fd = open(HARD, O_RDONLY | O_CLOEXEC);
	long flags = 0, none = 0;

	ioctl(fd, FS_IOC_GETFLAGS, &flags);
	ioctl(fd, FS_IOC_SETFLAGS, &none);
	close(fd);
	return !(flags & FS_NODUMP_FL);
}

static int map_to_run(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, stage.fd[0], 0) == MAP_FAILED ? errno : 0;
}

static int protect_to_run(void)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, stage.fd[0], 0);

	return at == MAP_FAILED ? errno : tried(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int send_before(void)
{
	int pair[2], error = open_before();

	if (error)
		return error;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	stage.fd[1] = pair[0];
	return send_fd(pair[1], stage.fd[0]);
}

static int receive(void)
{
	return receive_fd(stage.fd[1]) < 0 ? EACCES : 0;
}

/* ------------------------------------------------------- what is not to be run */

static int run_by_loader(void)
{
	const char *argv[] = {"/lib64/ld-linux-x86-64.so.2", "/tmp/s/true", NULL};

	return run_for(argv, "");
}

#define SEALED(by) .hook = by, .reason = "seal", .object = HARD

const struct attempt attempts_seals[] = {
	{"chmod", LINE_ATTRIBUTES, BOTH, reset, change_mode, SEALED("path_chmod"), .changes = true,
	 .intact = as_it_was},
	{"chown", LINE_ATTRIBUTES, ROOT, reset, change_owner, SEALED("path_chown"), .changes = true,
	 .intact = as_it_was},
	{"times", LINE_ATTRIBUTES, BOTH, reset, change_times, SEALED("inode_setattr|inode_permission"), .changes = true,
	 .intact = as_it_was},
	{"acl", LINE_ATTRIBUTES, BOTH, reset, change_acl, SEALED("inode_set_acl|inode_setxattr"), .changes = true,
	 .intact = as_it_was},
	{"ftruncate", LINE_CONTENT, BOTH, open_before, shorten, SEALED("file_truncate|path_truncate"), .changes = true,
	 .intact = as_it_was},
	{"SETFLAGS", LINE_ATTRIBUTES, BOTH, open_before, set_flags, SEALED("file_ioctl"), .changes = true,
	 .intact = no_flags},
	{"mmap-exec", LINE_EXEC, BOTH, open_before, map_to_run, SEALED("mmap_file")},
	{"mprotect-exec", LINE_EXEC, BOTH, open_before, protect_to_run, SEALED("file_mprotect")},
	{"receive", LINE_OPEN, BOTH, send_before, receive, SEALED("file_receive")},
	{"exec-loader", LINE_EXEC, BOTH, NULL, run_by_loader, .hook = "mmap_file", .reason = "seal",
	 .object = "/tmp/s/true"},
	{"unlink", LINE_LINK, BOTH,
	 .skip = "another name is its folder's: taking it away changes nothing of what is sealed (security-model)"},
};
ATTEMPTS(attempts_seals);
