// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names that may not be written come to be, change or go by a call on a name above them. Protected for writing beneath
 * WORK, where all else may be written:
 *
 *	conf/settings.json	one name
 *	u/ * /key		one in each folder of u
 *	pem/ ** / *.pem		at any depth, and what moves with its folder may (`moves: true`)
 *	pem/.d/hooks/ **	the same
 *	pem/low/ **		may not be run: of other rights than its neighbours
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/uring.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

#define CONF	 WORK "/conf"
#define SETTINGS CONF "/settings.json"
#define NEW	 WORK "/n"

static bool absent(const char *path)
{
	struct stat is;

	return lstat(path, &is) && (errno == ENOENT || errno == ENOTDIR);
}

static bool holds(const char *path, const char *text)
{
	char buf[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read_it = fd >= 0 && read(fd, buf, sizeof(buf) - 1) >= 0;

	if (fd >= 0)
		close(fd);
	return read_it && !strcmp(buf, text);
}

/* A folder of the stage's user. */
static void own_dir(const char *path)
{
	make_dir(path);
	if (chown(path, stage.uid, (gid_t)-1))
		die("%s", path);
}

static int fill_new(void)
{
	int fd = -1;

	if (!mkdir(NEW, 0755))
		fd = open(NEW "/settings.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "evil", 4) != 4)
		return errno;
	return close(fd);
}

static int exchange(const char *one, const char *other)
{
	return tried(renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE));
}

/* ------------------------------------------------------- comes to be by a move */

static bool not_planted(void)
{
	return absent(SETTINGS);
}

static int plant_by_rename(void)
{
	return fill_new() ? errno : tried(rename(NEW, CONF));
}

static int plant_by_exchange(void)
{
	return fill_new() || mkdir(CONF, 0755) ? errno : exchange(NEW, CONF);
}

static int plant_over_empty(void)
{
	return fill_new() || mkdir(CONF, 0755) ? errno : tried(rename(NEW, CONF));
}

static int rename_by_ring(unsigned setup)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_RENAMEAT,
				     .fd = AT_FDCWD,
				     .addr = (uintptr_t)NEW,
				     .addr2 = (uintptr_t)CONF,
				     .len = (unsigned)AT_FDCWD};

	if (fill_new())
		return errno;
	return uring_do(setup, &entry) < 0 ? errno : 0;
}

static int plant_by_ring(void)
{
	return rename_by_ring(0);
}

static int plant_by_poller(void)
{
	return rename_by_ring(IORING_SETUP_SQPOLL);
}

/* ------------------------------------------------------------ goes, or changes */

static int make_conf(void)
{
	own_dir(CONF);
	make_file(SETTINGS, "A");
	return 0;
}

static bool conf_stands(void)
{
	return holds(SETTINGS, "A");
}

static int move_away(void)
{
	return tried(rename(CONF, NEW));
}

static int exchange_away(void)
{
	return mkdir(NEW, 0755) ? errno : exchange(CONF, NEW);
}

static int make_siblings(void)
{
	own_dir(WORK "/u");
	own_dir(WORK "/u/a");
	own_dir(WORK "/u/b");
	make_file(WORK "/u/a/key", "A");
	make_file(WORK "/u/b/key", "B");
	return 0;
}

static bool siblings_stand(void)
{
	return holds(WORK "/u/a/key", "A") && holds(WORK "/u/b/key", "B");
}

static int swap_siblings(void)
{
	return exchange(WORK "/u/a", WORK "/u/b");
}

/* With rules that let what they protect move, but not to where other rights are. */
static int make_pem(void)
{
	own_dir(WORK "/pem");
	own_dir(WORK "/pem/a");
	own_dir(WORK "/pem/low");
	make_file(WORK "/pem/a/x.pem", "A");
	return 0;
}

static bool pem_stands(void)
{
	return holds(WORK "/pem/a/x.pem", "A");
}

static int move_among_unequals(void)
{
	return tried(rename(WORK "/pem/a", WORK "/pem/low/a"));
}

/* ------------------------------------------------------ a link stands for a folder */

static int link_made(void)
{
	return fill_new() ? errno : tried(symlink("n", CONF));
}

static int link_renamed(void)
{
	if (fill_new() || symlink("n", WORK "/l"))
		return errno;
	return tried(rename(WORK "/l", CONF));
}

static int link_linked(void)
{
	if (fill_new() || symlink("n", WORK "/l"))
		return errno;
	return tried(link(WORK "/l", CONF));
}

static int link_exchanged(void)
{
	int fd;

	if (fill_new() || symlink("n", WORK "/l"))
		return errno;
	fd = open(CONF, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	close(fd);
	return exchange(WORK "/l", CONF);
}

static int link_by_ring(void)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t) "n", .addr2 = (uintptr_t)CONF};

	if (fill_new())
		return errno;
	return uring_do(0, &entry) < 0 ? errno : 0;
}

/* A link that is there, made by the user. */
static int conf_is_link(void)
{
	own_dir(NEW);
	make_file(NEW "/settings.json", "A");
	if (symlink("n", CONF) || lchown(CONF, stage.uid, (gid_t)-1))
		die("%s", CONF);
	return 0;
}

static int link_removed(void)
{
	return tried(unlink(CONF));
}

static int link_taken_away(void)
{
	return tried(rename(CONF, WORK "/l"));
}

/* Of those in each folder, and of those at any depth that no name like another has. */
static int make_u(void)
{
	own_dir(WORK "/u");
	own_dir(WORK "/pem");
	own_dir(WORK "/pem/x");
	own_dir(WORK "/pem/x/hooks");
	make_file(WORK "/pem/x/hooks/run", "evil");
	own_dir(NEW);
	make_file(NEW "/key", "evil");
	return 0;
}

static bool u_stands(void)
{
	return absent(WORK "/u/c/key") && absent(WORK "/pem/.d/hooks/run");
}

static int link_in_each(void)
{
	return tried(symlink("../n", WORK "/u/c"));
}

static int link_at_depth(void)
{
	return tried(symlink("x", WORK "/pem/.d"));
}

/* -------------------------------------------------- another mount gives more */

#define LOW TREE "/noexec"

/* Programs may be run from a folder of LOW under the name that a bind mount gives it. */
static int make_mount(void)
{
	own_dir(LOW "/in");
	own_dir(LOW "/d");
	own_dir(WORK "/run");
	make_tool(LOW "/mine");
	make_tool(LOW "/d/mine");
	if (chown(LOW "/mine", stage.uid, (gid_t)-1) || chown(LOW "/d/mine", stage.uid, (gid_t)-1) ||
	    chown(LOW, stage.uid, (gid_t)-1))
		die(LOW);
	return mount(LOW "/in", WORK "/run", NULL, MS_BIND, NULL) ? errno : 0;
}

static int run_renamed(void)
{
	return rename(LOW "/mine", LOW "/in/mine") ? errno : try_exec(WORK "/run/mine");
}

static int run_linked(void)
{
	return link(LOW "/mine", LOW "/in/mine") ? errno : try_exec(WORK "/run/mine");
}

static int run_beneath(void)
{
	return rename(LOW "/d", LOW "/in/d") ? errno : try_exec(WORK "/run/d/mine");
}

#define A	  LINE_PARENT, BOTH
#define MOVES(of) .hook = "path_rename", .reason = "beneath", .object = (of), .changes = true
#define LINKS(by) .hook = (by), .reason = "stand-in", .object = CONF, .changes = true
#define PLANTED	  .intact = not_planted
#define FROM_LINK .hook = "path_rename", .reason = "stand-in", .object = WORK "/l", .changes = true

const struct attempt attempts_above[] = {
	{"rename", A, NULL, plant_by_rename, MOVES(NEW), PLANTED},
	{"exchange", A, NULL, plant_by_exchange, MOVES(NEW), PLANTED},
	{"rename-over-empty", A, NULL, plant_over_empty, MOVES(NEW), PLANTED},
	{"rename-uring", A, NULL, plant_by_ring, MOVES(NEW), PLANTED},
	{"rename-SQPOLL", A, NULL, plant_by_poller, MOVES(NEW), PLANTED},
	{"move-away", A, make_conf, move_away, MOVES(CONF), .intact = conf_stands},
	{"exchange-away", A, make_conf, exchange_away, MOVES(CONF), .intact = conf_stands},
	{"swap-siblings", A, make_siblings, swap_siblings, MOVES(WORK "/u/a"), .intact = siblings_stand},
	{"move-among-unequals", A, make_pem, move_among_unequals, MOVES(WORK "/pem/a"), .intact = pem_stands},
	{"symlink", A, NULL, link_made, LINKS("path_symlink"), PLANTED},
	{"symlink-uring", A, NULL, link_by_ring, LINKS("path_symlink"), PLANTED},
	{"symlink-renamed", A, NULL, link_renamed, FROM_LINK, PLANTED},
	{"symlink-linked", A, NULL, link_linked, .hook = "path_link", .reason = "stand-in", .object = WORK "/l",
	 .changes = true, PLANTED},
	{"symlink-exchanged", A, NULL, link_exchanged, FROM_LINK, PLANTED},
	{"symlink-removed", A, conf_is_link, link_removed, LINKS("path_unlink"), .intact = conf_stands},
	{"symlink-taken-away", A, conf_is_link, link_taken_away, LINKS("path_rename"), .intact = conf_stands},
	{"symlink-in-each", A, make_u, link_in_each, .hook = "path_symlink", .reason = "stand-in",
	 .object = WORK "/u/c", .changes = true, .intact = u_stands},
	{"symlink-at-depth", A, make_u, link_at_depth, .hook = "path_symlink", .reason = "stand-in",
	 .object = WORK "/pem/.d", .changes = true, .intact = u_stands},
	{"mount-rename", A, make_mount, run_renamed, BY_RULE("path_rename", LOW "/mine"), .reason = "gain"},
	{"mount-link", A, make_mount, run_linked, BY_RULE("path_link", LOW "/mine"), .reason = "gain"},
	{"mount-rename-folder", A, make_mount, run_beneath, BY_RULE("path_rename", LOW "/d"), .reason = "gain"},
};
ATTEMPTS(attempts_above);
