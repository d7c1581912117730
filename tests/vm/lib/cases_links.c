// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names that change: links, renames, temporary files; and names that come and go. names.c draws the tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

static int link_gain(void)
{
	return ERRNO(link("/tmp/w/ro/f", "/tmp/w/rw/h"));
}

static int link_same(void)
{
	return ERRNO(link("/tmp/w/rw/f", "/tmp/w/rw/h"));
}

static int link_loss(void)
{
	return ERRNO(link("/tmp/w/rw/f", "/tmp/w/wo/h"));
}

static int link_refused(void)
{
	return ERRNO(link("/tmp/w/rw/f", "/tmp/w/ro/h"));
}

static int link_of_secret(void)
{
	return ERRNO(link("/tmp/w/secret/key", "/tmp/w/rw/k"));
}

static int rename_gain(void)
{
	return ERRNO(rename("/tmp/w/wo/f", "/tmp/w/rw/g"));
}

static int rename_same(void)
{
	return ERRNO(rename("/tmp/w/rw/m1", "/tmp/w/rw/m2"));
}

static int rename_refused_old(void)
{
	return ERRNO(rename("/tmp/w/ro/f", "/tmp/w/rw/x"));
}

static int rename_refused_new(void)
{
	return ERRNO(rename("/tmp/w/rw/f", "/tmp/w/ro/x"));
}

static int rename_directory(void)
{
	return ERRNO(rename("/tmp/w/wo/d", "/tmp/w/rw/e"));
}

/* The directories' own rights are alike, what lies beneath is not: lock in rw/strict can't be written, in rw/shade and
 * rw/locked not read. */
static int rename_directory_beneath(void)
{
	return ERRNO(rename("/tmp/w/rw/strict", "/tmp/w/rw/free"));
}

static int rename_directory_shade(void)
{
	return ERRNO(rename("/tmp/w/rw/shade", "/tmp/w/rw/free"));
}

static int rename_directory_contained(void)
{
	return ERRNO(rename("/tmp/w/rw/plain", "/tmp/w/rw/locked"));
}

static int exchange_directories(void)
{
	return ERRNO(renameat2(AT_FDCWD, "/tmp/w/rw/p1", AT_FDCWD, "/tmp/w/rw/strict", RENAME_EXCHANGE));
}

/* What goes to the old name is a file: nothing lies beneath it that could gain. */
static int exchange_with_file(void)
{
	return ERRNO(renameat2(AT_FDCWD, "/tmp/w/rw/p1", AT_FDCWD, "/tmp/w/rw/narrow", RENAME_EXCHANGE));
}

static int rename_directory_same(void)
{
	return ERRNO(rename("/tmp/w/rw/d1", "/tmp/w/rw/d2"));
}

static int exchange_same(void)
{
	return ERRNO(renameat2(AT_FDCWD, "/tmp/w/rw/x1", AT_FDCWD, "/tmp/w/rw/x2", RENAME_EXCHANGE));
}

static int exchange_gain(void)
{
	return ERRNO(renameat2(AT_FDCWD, "/tmp/w/rw/x1", AT_FDCWD, "/tmp/w/wo/f", RENAME_EXCHANGE));
}

static int temporary(const char *dir, const char *name)
{
	int fd = open(dir, O_TMPFILE | O_WRONLY, 0600);

	if (fd < 0)
		return errno;
	return name ? ERRNO(linkat(fd, "", AT_FDCWD, name, AT_EMPTY_PATH)) : 0;
}

static int temporary_allowed(void)
{
	return temporary("/tmp/w/rw", "/tmp/w/rw/t");
}

static int temporary_refused(void)
{
	return temporary("/tmp/w/ro", NULL);
}

static int temporary_gain(void)
{
	return temporary("/tmp/w/wo", "/tmp/w/rw/t2");
}

static int make_directory(void)
{
	return ERRNO(mkdir("/tmp/w/ro/n", 0700));
}

static int remove_directory(void)
{
	return ERRNO(rmdir("/tmp/w/ro/d"));
}

static int make_node(void)
{
	return ERRNO(mknod("/tmp/w/ro/n", S_IFIFO | 0600, 0));
}

static int make_symlink(void)
{
	return ERRNO(symlink("x", "/tmp/w/ro/n"));
}

static int remove_file(void)
{
	return ERRNO(unlink("/tmp/w/ro/f"));
}

static int all_allowed(void)
{
	return ERRNO(mkdir("/tmp/w/rw/n", 0700) || rmdir("/tmp/w/rw/n") || symlink("x", "/tmp/w/rw/n") ||
				     unlink("/tmp/w/rw/n") || mknod("/tmp/w/rw/n", S_IFIFO | 0600, 0) ||
				     unlink("/tmp/w/rw/n")
			     ? -1
			     : 0);
}

const struct kase cases_links[] = {
	{CASE("link-gain", link_gain), GAIN(path_link, "/tmp/w/ro/f", "/tmp/w/rw/h")},
	{CASE("link-same", link_same)},
	{CASE("link-loss", link_loss)},
	{CASE("link-refused", link_refused), REFUSED(RF_WRITE, path_link, "/tmp/w/rw/f"), .second = "/tmp/w/ro/h"},
	{CASE("link-of-secret", link_of_secret), GAIN(path_link, "/tmp/w/secret/key", "/tmp/w/rw/k")},
	{CASE("rename-gain", rename_gain), GAIN(path_rename, "/tmp/w/wo/f", "/tmp/w/rw/g")},
	{CASE("rename-same", rename_same)},
	{CASE("rename-refused-old", rename_refused_old), REFUSED(RF_WRITE, path_rename, "/tmp/w/ro/f"),
	 .second = "/tmp/w/rw/x"},
	{CASE("rename-refused-new", rename_refused_new), REFUSED(RF_WRITE, path_rename, "/tmp/w/rw/f"),
	 .second = "/tmp/w/ro/x"},
	{CASE("rename-directory", rename_directory), GAIN(path_rename, "/tmp/w/wo/d", "/tmp/w/rw/e")},
	{CASE("rename-directory-beneath", rename_directory_beneath),
	 BENEATH(path_rename, "/tmp/w/rw/strict", "/tmp/w/rw/free")},
	{CASE("rename-directory-gain-beneath", rename_directory_shade),
	 GAIN(path_rename, "/tmp/w/rw/shade", "/tmp/w/rw/free")},
	{CASE("rename-directory-contained", rename_directory_contained)},
	{CASE("rename-directory-same", rename_directory_same)},
	{CASE("exchange-directories", exchange_directories), BENEATH(path_rename, "/tmp/w/rw/p1", "/tmp/w/rw/strict")},
	{CASE("exchange-directory-with-file", exchange_with_file)},
	{CASE("exchange-same", exchange_same)},
	{CASE("exchange-gain", exchange_gain), GAIN(path_rename, "/tmp/w/rw/x1", "/tmp/w/wo/f")},
	{CASE("O_TMPFILE", temporary_allowed)},
	{CASE("O_TMPFILE-refused", temporary_refused), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/...")},
	{CASE("O_TMPFILE-gain", temporary_gain), GAIN(path_link, "/tmp/w/wo/...", "/tmp/w/rw/t2")},
	{CASE("mkdir", make_directory), REFUSED(RF_WRITE, path_mkdir, "/tmp/w/ro/n")},
	{CASE("rmdir", remove_directory), REFUSED(RF_WRITE, path_rmdir, "/tmp/w/ro/d")},
	{CASE("mknod", make_node), REFUSED(RF_WRITE, path_mknod, "/tmp/w/ro/n")},
	{CASE("symlink", make_symlink), REFUSED(RF_WRITE, path_symlink, "/tmp/w/ro/n")},
	{CASE("unlink", remove_file), REFUSED(RF_WRITE, path_unlink, "/tmp/w/ro/f")},
	{CASE("names-allowed", all_allowed)},
};
CASES(cases_links);
