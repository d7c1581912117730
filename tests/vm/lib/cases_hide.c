// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What looks for a name without opening it: of what is hidden, and of what is denied alone. names.c draws the tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

#define KEY    "/tmp/w/hidden/key"
#define FOLDER "/tmp/w/hidden/d"

static struct stat st;

static int by_stat(void)
{
	return ERRNO(stat(KEY, &st));
}

static int by_lstat(void)
{
	return ERRNO(lstat("/tmp/w/hidden/link", &st));
}

static int by_statx(void)
{
	struct statx stx;

	return ERRNO(statx(AT_FDCWD, FOLDER, AT_STATX_DONT_SYNC, STATX_INO, &stx));
}

/* A name may be held without being opened; what it leads to is told no more than by the name. */
static int by_held_name(void)
{
	return ERRNO(fstat(open(KEY, O_PATH), &st));
}

static int by_access(void)
{
	return ERRNO(access(KEY, F_OK));
}

static int by_access_to_read(void)
{
	return ERRNO(access(KEY, R_OK));
}

static int by_faccessat(void)
{
	return ERRNO(faccessat(AT_FDCWD, FOLDER, X_OK, AT_EACCESS));
}

static int by_chdir(void)
{
	return ERRNO(chdir(FOLDER));
}

static int by_fchdir(void)
{
	return ERRNO(fchdir(open(FOLDER, O_PATH | O_DIRECTORY)));
}

static int by_chroot(void)
{
	return ERRNO(chroot(FOLDER));
}

static int by_rename_to(void)
{
	return ERRNO(rename("/tmp/w/rw/attr", KEY));
}

static int by_rename_from(void)
{
	return ERRNO(rename(KEY, "/tmp/w/rw/taken"));
}

static int by_link_from(void)
{
	return ERRNO(link(KEY, "/tmp/w/rw/taken"));
}

static int denied_alone(void)
{
	return ERRNO(stat("/tmp/w/secret/key", &st) || access("/tmp/w/secret/key", F_OK) || chdir("/tmp/w/secret") ? -1
														   : 0);
}

static int all_seen(void)
{
	int ends[2];

	return ERRNO(stat("/tmp/w/rw/f", &st) || access("/tmp/w/rw/f", R_OK) || chdir("/tmp/w/rw") || pipe(ends) ||
				     fstat(ends[0], &st) || fstat(held.gone, &st) || fstat(held.foreign, &st) ||
				     stat("/proc/self/fd/0", &st)
			     ? -1
			     : 0);
}

/* One file with a hidden and a seen name: access(2) can't tell which was used, and the seen one must go on. */
static int second_name(void)
{
	return ERRNO(stat("/tmp/w/rw/seen", &st) || access("/tmp/w/rw/seen", R_OK) ? -1 : 0);
}

static int second_hidden_name(void)
{
	return ERRNO(stat("/tmp/w/hidden/unseen", &st));
}

#define HIDDEN(asked, by, what) \
	.error = ENOENT, .hook = RF_HOOK_##by, .reason = RF_REASON_RULE, .access = (asked), .object = (what)

const struct kase cases_hide[] = {
	{CASE("stat", by_stat), HIDDEN(RF_READ, inode_getattr, KEY)},
	{CASE("lstat", by_lstat), HIDDEN(RF_READ, inode_getattr, "/tmp/w/hidden/link")},
	{CASE("statx", by_statx), HIDDEN(RF_READ, inode_getattr, FOLDER)},
	{CASE("fstat-of-O_PATH", by_held_name), HIDDEN(RF_READ, inode_getattr, KEY)},
	{CASE("access", by_access), HIDDEN(RF_READ, inode_permission, KEY)},
	{CASE("access-R_OK", by_access_to_read), HIDDEN(RF_READ, inode_permission, KEY)},
	{CASE("faccessat", by_faccessat), HIDDEN(RF_READ, inode_permission, FOLDER)},
	{CASE("chdir", by_chdir), HIDDEN(RF_READ, inode_permission, FOLDER)},
	{CASE("fchdir", by_fchdir), HIDDEN(RF_READ, inode_permission, FOLDER)},
	{CASE("chroot", by_chroot), HIDDEN(RF_READ, inode_permission, FOLDER)},
	{CASE("rename-to", by_rename_to), HIDDEN(RF_WRITE, path_rename, "/tmp/w/rw/attr"), .second = KEY},
	{CASE("rename-from", by_rename_from), HIDDEN(RF_WRITE, path_rename, KEY), .second = "/tmp/w/rw/taken"},
	{CASE("link-from", by_link_from), .error = ENOENT, .hook = RF_HOOK_path_link, .reason = RF_REASON_GAIN,
	 .access = RF_WRITE, .object = KEY, .second = "/tmp/w/rw/taken"},
	{CASE("denied-alone", denied_alone)},
	{CASE("all-seen", all_seen)},
	{CASE("second-name", second_name)},
	{CASE("second-hidden-name", second_hidden_name), HIDDEN(RF_READ, inode_getattr, "/tmp/w/hidden/unseen")},
};
CASES(cases_hide);
