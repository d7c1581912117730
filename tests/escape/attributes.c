// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes by ways of their own: ACLs, file_setattr(2), 32-bit calls, other file systems; and what is hidden. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "escape/attributes.h"
#include "escape/escape.h"
#include "escape/world.h"

#define RO TREE "/ro"

/* -------------------------------------------------------------------- ACLs */

const struct acl acl_for_all = {2, {{0x01, 7, ~0u}, {0x02, 7, 54321}, {0x04, 7, ~0u}, {0x10, 7, ~0u}, {0x20, 7, ~0u}}};

static int set_acl(void)
{
	return tried(setxattr(KEY, ACL, &acl_for_all, sizeof(acl_for_all), 0));
}

static int remove_acl(void)
{
	return tried(removexattr(KEY, ACL));
}

static bool has_acl(void)
{
	char buf[128];

	return lgetxattr(KEY, ACL, buf, sizeof(buf)) > 0;
}

bool has_no_acl(void)
{
	return !has_acl();
}

/* ------------------------------------------------------ flags by other ways */

static bool no_flags(void)
{
	int fd = open(RO "/f", O_RDONLY | O_CLOEXEC);
	long flags = 0;

	ioctl(fd, FS_IOC_GETFLAGS, &flags);
	close(fd);
	return !(flags & FS_NODUMP_FL);
}

/* include/uapi/linux/fs.h, struct file_attr; the call is of 6.17. */
static int set_flags_by_name(void)
{
	struct {
		uint64_t flags;
		uint32_t other[4];
	} attr = {.flags = FS_XFLAG_NODUMP};

	return tried(syscall(469 /* file_setattr */, AT_FDCWD, RO "/f", &attr, sizeof(attr), 0));
}

/* ioctl(2) as a 32-bit program makes it; `low` lies below 4 GiB. */
static long ioctl_32(int fd, unsigned command, void *low)
{
#ifdef __x86_64__
	long result = 54 /* ioctl, arch/x86/entry/syscalls/syscall_32.tbl */;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(fd), "c"(command), "d"(low)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = (int)result < 0 ? -(int)result : 0;
	return (int)result < 0 ? -1 : (int)result;
#else
	(void)fd, (void)command, (void)low;
	errno = ENOSYS;
	return -1;
#endif
}

static int set_flags_32(void)
{
	int fd = open(RO "/f", O_RDONLY | O_CLOEXEC);
	unsigned *flags = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (fd < 0 || flags == MAP_FAILED)
		return errno;
	*flags = FS_NODUMP_FL;
	return tried(ioctl_32(fd, FS_IOC32_SETFLAGS, flags));
}

/* --------------------------------------------------- attributes that are data */

int make_attribute_on_disk(void)
{
	return found.fold ? tried(setxattr(ON_DISK, "user.rf", WORD, sizeof(WORD), 0)) : ENODEV;
}

static int get_attribute_on_disk(void)
{
	char buf[64];

	return tried(getxattr(ON_DISK, "user.rf", buf, sizeof(buf)));
}

/* ------------------------------------------------------------------- hidden */

static int stat_hidden(void)
{
	struct stat is;

	return tried(stat(HIDDEN "/key", &is));
}

static int stat_hidden_from_inside(void)
{
	struct stat is;
	int dir = open(HIDDEN, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? errno : tried(fstatat(dir, "key", &is, 0));
}

static int access_hidden(void)
{
	return tried(access(HIDDEN "/key", F_OK | R_OK));
}

static int enter_hidden(void)
{
	return tried(chdir(HIDDEN "/dir"));
}

#define A	  LINE_ATTRIBUTES
#define H	  LINE_HIDDEN
#define CHANGES	  .changes = true
#define HIDES(by) .hook = by, .object = HIDDEN, .error = ENOENT

const struct attempt attempts_attributes[] = {
	{"acl", A, BOTH, NULL, set_acl, BY_RULE("inode_set_acl|inode_setxattr", KEY), CHANGES, .intact = has_no_acl},
	{"acl-remove", A, BOTH, set_acl, remove_acl, BY_RULE("inode_remove_acl|inode_removexattr", KEY), CHANGES,
	 .intact = has_acl},
	{"file_setattr", A, BOTH, NULL, set_flags_by_name, BY_RULE("inode_file_setattr", RO "/f"), CHANGES,
	 .intact = no_flags},
	{"SETFLAGS-32", A, BOTH, NULL, set_flags_32, BY_RULE("file_ioctl_compat|file_ioctl", RO "/f"), CHANGES,
	 .intact = no_flags},
	{"getxattr-disk", A, BOTH, make_attribute_on_disk, get_attribute_on_disk, BY_RULE("inode_getxattr", ON_DISK),
	 .reason = "aliases|rule"},
	{"stat", H, BOTH, NULL, stat_hidden, HIDES("inode_getattr")},
	{"stat-beneath", H, BOTH, NULL, stat_hidden_from_inside, HIDES("inode_getattr")},
	{"access", H, BOTH, NULL, access_hidden, HIDES("inode_permission")},
	{"chdir", H, BOTH, NULL, enter_hidden, HIDES("inode_permission")},
};
ATTEMPTS(attempts_attributes);
