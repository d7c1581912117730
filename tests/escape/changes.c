// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to create, delete or change what the rules keep from being written, and to learn its attributes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/world.h"
#include "vm/lib/world.h"

#define RO TREE "/ro"

/* ------------------------------------------------------ creating, deleting */

static int create_file(void)
{
	return tried(open(RO "/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static int create_in_secret(void)
{
	return tried(open(SECRET "/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static int make_directory(void)
{
	return tried(mkdir(SECRET "/new", 0700));
}

static int make_fifo(void)
{
	return tried(mkfifo(SECRET "/new", 0600));
}

static int make_symlink(void)
{
	return tried(symlink("x", SECRET "/new"));
}

static int remove_file(void)
{
	return tried(unlink(KEY));
}

static int remove_directory(void)
{
	return tried(rmdir(SECRET "/empty"));
}

/* ----------------------------------------------------------------- contents */

static int truncate_path(void)
{
	return tried(truncate(KEY, 1));
}

static int truncate_open(void)
{
	return tried(open(RO "/f", O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int open_append(void)
{
	int fd = open(RO "/f", O_WRONLY | O_APPEND | O_CLOEXEC);

	return fd < 0 ? errno : tried(write(fd, "x", 1));
}

/* A descriptor for writing from before the fence. */
static int hold_writable(void)
{
	stage.fd[0] = open(RO "/f", O_RDWR);
	stage.fd[1] = open(WORK "/f", O_RDWR);
	return stage.fd[0] < 0 || stage.fd[1] < 0 ? errno : 0;
}

static int truncate_held(void)
{
	return tried(ftruncate(stage.fd[0], 1));
}

static int chmod_held(void)
{
	return tried(fchmod(stage.fd[0], 0700));
}

static int reopen_held(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", stage.fd[0]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? errno : tried(write(fd, "x", 1));
}

static int allocate_held(void)
{
	return tried(fallocate(stage.fd[0], 0, 0, 100));
}

static int write_held(void)
{
	return tried(pwrite(stage.fd[0], "x", 1, 0));
}

static int copy_range_held(void)
{
	return tried(copy_file_range(stage.fd[1], NULL, stage.fd[0], NULL, 3, 0));
}

static int send_held(void)
{
	return tried(sendfile(stage.fd[0], stage.fd[1], NULL, 3));
}

static int splice_held(void)
{
	int ends[2];

	if (pipe(ends) || write(ends[1], "xyz", 3) != 3)
		return errno;
	return tried(splice(ends[0], NULL, stage.fd[0], NULL, 3, 0));
}

static int map_held(void)
{
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, stage.fd[0], 0);

	if (at == MAP_FAILED)
		return errno;
	*at = 'x';
	/* The time of the change is stored when it is written back. */
	return tried(msync(at, 4096, MS_SYNC));
}

/* --------------------------------------------------------------- attributes */

static int change_mode(void)
{
	return tried(chmod(KEY, 0600));
}

static int change_mode_o_path(void)
{
	char path[64];
	int fd = open(KEY, O_PATH | O_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 ? errno : tried(chmod(path, 0600));
}

static int change_owner(void)
{
	return tried(chown(KEY, 1, 1));
}

static int change_times(void)
{
	return tried(utimensat(AT_FDCWD, KEY, NULL, 0));
}

/* Root's needs CAP_SETFCAP alone, which no guard takes; on 6.1 a tmpfs knows no "user." ones. */
static const char *attribute(void)
{
	return stage.uid ? "user.rf" : "security.capability";
}

/* A struct vfs_cap_data of version 2 (linux/capability.h), with CAP_CHOWN. */
static const unsigned char value[20] = {[3] = 2, [4] = 1};

static bool no_attribute(void)
{
	char buf[32];

	return lgetxattr(KEY, attribute(), buf, sizeof(buf)) < 0;
}

static int set_attribute(void)
{
	return tried(setxattr(KEY, attribute(), value, sizeof(value), 0));
}

static int make_attribute(void)
{
	return tried(setxattr(KEY, attribute(), value, sizeof(value), 0));
}

static bool has_attribute(void)
{
	return !no_attribute();
}

static int remove_attribute(void)
{
	return tried(removexattr(KEY, attribute()));
}

/* Only attributes that hold data are a question for read: user.*, and trusted.*, for which the kernel first asks for a
 * capability. */
static int make_user_attribute(void)
{
	return tried(setxattr(KEY, "user.rf", value, sizeof(value), 0));
}

static int get_user_attribute(void)
{
	char buf[32];

	return tried(getxattr(KEY, "user.rf", buf, sizeof(buf)));
}

static int make_trusted_attribute(void)
{
	return tried(setxattr(KEY, "trusted.rf", value, sizeof(value), 0));
}

static int get_trusted_attribute(void)
{
	char buf[32];

	return tried(getxattr(KEY, "trusted.rf", buf, sizeof(buf)));
}

static int list_attributes(void)
{
	char buf[64];

	return tried(listxattr(KEY, buf, sizeof(buf)));
}

static bool no_flags(void)
{
	int fd = open(RO "/f", O_RDONLY | O_CLOEXEC);
	long flags = 0;

	ioctl(fd, FS_IOC_GETFLAGS, &flags);
	close(fd);
	return !(flags & FS_NODUMP_FL);
}

static int set_flags(void)
{
	int fd = open(RO "/f", O_RDONLY | O_CLOEXEC);
	long flags = FS_NODUMP_FL;

	return fd < 0 ? errno : tried(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int have_fold(void)
{
	return found.fold ? 0 : ENODEV;
}

static int freeze(void)
{
	int fd = open("/tmp/a/fold", O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = tried(ioctl(fd, FIFREEZE, 0));
	if (!error)
		ioctl(fd, FITHAW, 0);
	return error;
}

static int read_link(void)
{
	char buf[64];

	return tried(readlink(SECRET "/link", buf, sizeof(buf)));
}

static int watch(void)
{
	int fd = inotify_init1(IN_CLOEXEC);

	return fd < 0 ? errno : tried(inotify_add_watch(fd, SECRET, IN_ALL_EVENTS));
}

/* Somebody outside opens the secret now and then: who watches the mount is given a descriptor of it. */
static int hold_opener(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			close(open(KEY, O_RDONLY | O_CLOEXEC));
			usleep(10000);
		}
	}
	return pid < 0 ? errno : 0;
}

static int watch_mount(void)
{
	struct fanotify_event_metadata event;
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, TREE))
		return errno;
	for (;;) {
		if (read(fd, &event, sizeof(event)) < (ssize_t)sizeof(event))
			return errno;
		if (event.fd >= 0 && !read_word(event.fd))
			return 0;
		close(event.fd);
	}
}

/* The kernel writes it, as the task that ends. */
static int dump_core(void)
{
	struct rlimit most = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	char path[64];
	int status;
	pid_t pid;

	if (chdir(RO))
		return errno;
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &most);
		abort();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	snprintf(path, sizeof(path), RO "/core.%d", (int)pid);
	return access(RO "/core", F_OK) && access(path, F_OK) ? EACCES : 0;
}

static int plain_core(void)
{
	write_word("/proc/sys/kernel/core_pattern", "core\n");
	return tried(setrlimit(RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}));
}

static int lock_write(void)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = open(KEY, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : tried(fcntl(fd, F_SETLK, &lock));
}

#define CHANGES .changes = true
/* docs/security-model.md: what the caller left open for writing was given. */
#define GIVEN                                                                                   \
	.skip = "an inherited descriptor is used without being judged, by its starter's leave " \
		"(docs/security-model.md)"

const struct attempt attempts_changes[] = {
	{"creat", LINE_CREATE, BOTH, NULL, create_file, BY_RULE("path_mknod|file_open", RO "/new"), CHANGES},
	{"creat-in-secret", LINE_CREATE, BOTH, NULL, create_in_secret, BY_RULE("path_mknod|file_open", SECRET "/new"),
	 CHANGES},
	{"mkdir", LINE_CREATE, BOTH, NULL, make_directory, BY_RULE("path_mkdir", SECRET "/new"), CHANGES},
	{"mkfifo", LINE_CREATE, BOTH, NULL, make_fifo, BY_RULE("path_mknod", SECRET "/new"), CHANGES},
	{"symlink", LINE_CREATE, BOTH, NULL, make_symlink, BY_RULE("path_symlink", SECRET "/new"), CHANGES},
	{"unlink", LINE_CREATE, BOTH, NULL, remove_file, BY_RULE("path_unlink", KEY), CHANGES},
	{"rmdir", LINE_CREATE, BOTH, NULL, remove_directory, BY_RULE("path_rmdir", SECRET "/empty"), CHANGES},
	{"truncate", LINE_CONTENT, BOTH, NULL, truncate_path, BY_RULE("path_truncate", KEY), CHANGES},
	{"O_TRUNC-O_RDONLY", LINE_CONTENT, BOTH, NULL, truncate_open,
	 BY_RULE("file_open|path_truncate|file_truncate", RO "/f"), CHANGES},
	{"O_APPEND", LINE_CONTENT, BOTH, NULL, open_append, BY_RULE("file_open", RO "/f"), CHANGES},
	{"ftruncate-held", LINE_CONTENT, BOTH, hold_writable, truncate_held,
	 BY_RULE("file_truncate|path_truncate", RO "/f"), CHANGES},
	{"fchmod-held", LINE_CONTENT, BOTH, hold_writable, chmod_held, BY_RULE("path_chmod", RO "/f"), CHANGES},
	{"reopen-held", LINE_CONTENT, BOTH, hold_writable, reopen_held, BY_RULE("file_open", RO "/f"), CHANGES},
	{"fallocate-held", LINE_CONTENT, BOTH, hold_writable, allocate_held, CHANGES, GIVEN},
	{"write-held", LINE_CONTENT, BOTH, hold_writable, write_held, CHANGES, GIVEN},
	{"copy_file_range-held", LINE_CONTENT, BOTH, hold_writable, copy_range_held, CHANGES, GIVEN},
	{"sendfile-held", LINE_CONTENT, BOTH, hold_writable, send_held, CHANGES, GIVEN},
	{"splice-held", LINE_CONTENT, BOTH, hold_writable, splice_held, CHANGES, GIVEN},
	{"mmap-held", LINE_CONTENT, BOTH, hold_writable, map_held, CHANGES, GIVEN},
	{"chmod", LINE_ATTRIBUTES, BOTH, NULL, change_mode, BY_RULE("path_chmod", KEY), CHANGES},
	{"chmod-O_PATH", LINE_ATTRIBUTES, BOTH, NULL, change_mode_o_path, BY_RULE("path_chmod", KEY), CHANGES},
	{"chown", LINE_ATTRIBUTES, ROOT, NULL, change_owner, BY_RULE("path_chown", KEY), CHANGES},
	{"utimensat", LINE_ATTRIBUTES, BOTH, NULL, change_times, BY_RULE("inode_setattr", KEY), CHANGES},
	{"setxattr", LINE_ATTRIBUTES, BOTH, NULL, set_attribute, BY_RULE("inode_setxattr", KEY), CHANGES,
	 .intact = no_attribute},
	{"removexattr", LINE_ATTRIBUTES, BOTH, make_attribute, remove_attribute, BY_RULE("inode_removexattr", KEY),
	 CHANGES, .intact = has_attribute},
	{"getxattr", LINE_ATTRIBUTES, BOTH, make_user_attribute, get_user_attribute, BY_RULE("inode_getxattr", KEY)},
	{"getxattr-trusted", LINE_ATTRIBUTES, ROOT, make_trusted_attribute, get_trusted_attribute,
	 BY_GUARD("capable", "capabilities"), .error = ENODATA},
	{"listxattr", LINE_ATTRIBUTES, BOTH, make_attribute, list_attributes,
	 .skip = "the names of attributes are told, as the names of files are: docs/security-model.md"},
	{"SETFLAGS", LINE_ATTRIBUTES, BOTH, NULL, set_flags, BY_RULE("file_ioctl|inode_file_setattr", RO "/f"), CHANGES,
	 .intact = no_flags},
	{"FIFREEZE", LINE_ATTRIBUTES, ROOT, have_fold, freeze, BY_GUARD("file_ioctl", "devices")},
	{"readlink", LINE_ATTRIBUTES, BOTH, NULL, read_link, BY_RULE("inode_readlink", SECRET "/link")},
	{"inotify", LINE_ATTRIBUTES, BOTH, NULL, watch, BY_RULE("path_notify", SECRET)},
	{"fanotify-mount", LINE_ATTRIBUTES, ROOT, hold_opener, watch_mount, .hook = "path_notify|capable|file_open",
	 .reason = "rule|guard", .guard = "capabilities"},
	{"core-dump", LINE_CONTENT, BOTH, plain_core, dump_core, BY_RULE("path_mknod|file_open", RO "/core"),
	 .error = EACCES, CHANGES},
	{"lock", LINE_ATTRIBUTES, BOTH, NULL, lock_write, BY_RULE("file_open", KEY)},
};
ATTEMPTS(attempts_changes);
