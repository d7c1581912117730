// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Changes of a file without opening it for writing. names.c draws the tree. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

#define F "/tmp/w/ro/f"

static int by_truncate(void)
{
	return ERRNO(truncate(F, 1));
}

static int by_ftruncate(void)
{
	return ERRNO(ftruncate(held.writable, 1));
}

static int by_chmod(void)
{
	return ERRNO(chmod(F, 0600));
}

static int by_fchmod(void)
{
	return ERRNO(fchmod(open(F, O_RDONLY), 0600));
}

static int by_chown(void)
{
	return ERRNO(chown(F, 1, 1));
}

static int by_lchown(void)
{
	return ERRNO(lchown("/tmp/w/ro/link", 1, 1));
}

static int by_utimes(void)
{
	return ERRNO(utimensat(AT_FDCWD, F, NULL, 0));
}

static int by_futimens(void)
{
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	return ERRNO(futimens(open(F, O_RDONLY), times));
}

static int by_setxattr(void)
{
	return ERRNO(setxattr(F, "trusted.x", "1", 1, 0));
}

static int by_fsetxattr(void)
{
	return ERRNO(fsetxattr(open(F, O_RDONLY), "user.x", "1", 1, 0));
}

static int by_removexattr(void)
{
	return ERRNO(removexattr(F, "trusted.there"));
}

/* include/uapi/linux/posix_acl_xattr.h: version 2; owner, group and others, as the mode has them. */
static const unsigned char acl[] = {2, 0, 0,	0,    1,    0,	  7,	0, 0xff, 0xff, 0xff, 0xff, 4,	 0,
				    5, 0, 0xff, 0xff, 0xff, 0xff, 0x20, 0, 5,	 0,    0xff, 0xff, 0xff, 0xff};

static int by_set_acl(void)
{
	return ERRNO(setxattr(F, "system.posix_acl_access", acl, sizeof(acl), 0));
}

static int by_remove_acl(void)
{
	return ERRNO(removexattr(F, "system.posix_acl_access"));
}

static int by_flags(void)
{
	int flags = FS_NODUMP_FL;

	return ERRNO(ioctl(open(F, O_RDONLY), FS_IOC_SETFLAGS, &flags));
}

static int by_fsx(void)
{
	struct fsxattr attributes = {.fsx_xflags = 0};

	return ERRNO(ioctl(open(F, O_RDONLY), FS_IOC_FSSETXATTR, &attributes));
}

/* A name that is refused, of a file that has another one: these hooks know the file alone. */
static int other_name(void)
{
	return ERRNO(utimensat(AT_FDCWD, "/tmp/w/rw/shared/f", NULL, 0));
}

static int all_allowed(void)
{
	const char *f = "/tmp/w/rw/attr";

	return ERRNO(truncate(f, 1) || chmod(f, 0600) || chown(f, 1, 1) || utimensat(AT_FDCWD, f, NULL, 0) ||
				     setxattr(f, "trusted.x", "1", 1, 0) || removexattr(f, "trusted.x") ||
				     setxattr(f, "system.posix_acl_access", acl, sizeof(acl), 0)
			     ? -1
			     : 0);
}

#define ON_F(by) REFUSED(RF_WRITE, by, F)

const struct kase cases_attributes[] = {
	{CASE("truncate", by_truncate), ON_F(path_truncate)},
	{CASE("ftruncate", by_ftruncate), ON_F(file_truncate), .or_hook = RF_HOOK_path_truncate},
	{CASE("chmod", by_chmod), ON_F(path_chmod)},
	{CASE("fchmod", by_fchmod), ON_F(path_chmod)},
	{CASE("chown", by_chown), ON_F(path_chown)},
	{CASE("lchown", by_lchown), REFUSED(RF_WRITE, path_chown, "/tmp/w/ro/link")},
	{CASE("utimensat", by_utimes), ON_F(inode_setattr)},
	{CASE("futimens", by_futimens), ON_F(inode_setattr)},
	{CASE("setxattr", by_setxattr), ON_F(inode_setxattr)},
	{CASE("fsetxattr", by_fsetxattr), ON_F(inode_setxattr)},
	{CASE("removexattr", by_removexattr), ON_F(inode_removexattr)},
	{CASE("set-acl", by_set_acl), ON_F(inode_set_acl), .or_hook = RF_HOOK_inode_setxattr},
	{CASE("remove-acl", by_remove_acl), ON_F(inode_remove_acl), .or_hook = RF_HOOK_inode_removexattr},
	{CASE("FS_IOC_SETFLAGS", by_flags), ON_F(file_ioctl)},
	{CASE("FS_IOC_FSSETXATTR", by_fsx), ON_F(file_ioctl)},
	{CASE("utimensat-other-name", other_name), REFUSED(RF_WRITE, inode_setattr, "/tmp/w/secret/bind/f")},
	{CASE("attributes-allowed", all_allowed)},
};
CASES(cases_attributes);
