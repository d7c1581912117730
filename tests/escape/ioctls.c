// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ioctls that change by a descriptor for reading, reach beneath a file system or act on a terminal's other users; and
 * the name of the program that denials tell. */
#include <errno.h>
#include <fcntl.h>
#include <linux/msdos_fs.h>
#include <linux/prctl.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/world.h"
#include "ringfence/ioctls.h"
#include "vm/lib/report.h"

#define EXT4	"/tmp/a/ext4"
#define EXT4_RO EXT4 "/ro/f"
#define FAT_RO	"/tmp/a/vfat/Read Only/f"

static int open_to_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* ------------------------------------------------------------ changes by reading */

/* fs/ext4/ext4.h */
#define EXT4_GETVERSION _IOR('f', 3, long)
#define EXT4_SETVERSION _IOW('f', 4, long)
#define EXT4_RESIZE_FS	_IOW('f', 16, uint64_t)

static int generation(void)
{
	int fd = open_to_read(EXT4_RO), number = 0;

	if (fd < 0 || ioctl(fd, EXT4_GETVERSION, &number))
		die(EXT4_RO);
	close(fd);
	return number;
}

static int own_ext4(void)
{
	if (!found.ext4)
		return ENODEV;
	if (chown(EXT4_RO, stage.uid, stage.uid) || chmod(EXT4_RO, 0600))
		return errno;
	stage.number[0] = generation();
	return 0;
}

static int set_version(void)
{
	int fd = open_to_read(EXT4_RO), number = stage.number[0] + 1;

	return fd < 0 ? errno : tried(ioctl(fd, EXT4_SETVERSION, &number));
}

static bool same_version(void)
{
	return generation() == stage.number[0];
}

static unsigned fat_attributes(void)
{
	int fd = open_to_read(FAT_RO);
	uint32_t bits = 0;

	if (fd < 0 || ioctl(fd, FAT_IOCTL_GET_ATTRIBUTES, &bits))
		die(FAT_RO);
	close(fd);
	return bits;
}

static int have_fat(void)
{
	if (!found.vfat)
		return ENODEV;
	stage.number[0] = (int)fat_attributes();
	/* There every name has aliases that are denied, so that the fence inherits the descriptor. */
	stage.fd[0] = open_to_read(FAT_RO);
	return stage.fd[0] < 0 ? errno : 0;
}

static int set_attributes(void)
{
	uint32_t bits = (uint32_t)stage.number[0] ^ ATTR_HIDDEN;

	return tried(ioctl(stage.fd[0], FAT_IOCTL_SET_ATTRIBUTES, &bits));
}

static bool same_attributes(void)
{
	return (int)fat_attributes() == stage.number[0];
}

/* -------------------------------------------------------------------- beneath */

static int blocks(void)
{
	struct statfs is;

	if (statfs(EXT4, &is))
		die(EXT4);
	return (int)is.f_blocks;
}

static int have_ext4(void)
{
	if (!found.ext4)
		return ENODEV;
	stage.number[0] = blocks();
	return 0;
}

/* By CAP_SYS_RESOURCE, which no guard takes. */
static int grow(void)
{
	int fd = open_to_read(EXT4);
	uint64_t size = (uint64_t)stage.number[0] + 256;

	return fd < 0 ? errno : tried(ioctl(fd, EXT4_RESIZE_FS, &size));
}

static bool same_blocks(void)
{
	return blocks() == stage.number[0];
}

/* ------------------------------------------------------------------- the table */

static const struct {
	unsigned direction, type, number, kind;
} table[] = {
#define X(direction, type, number, name, kind, guard, source) {RF_IOC_##direction, type, number, RF_IOCTL_##kind},
	RF_IOCTLS(X)
#undef X
};

static const unsigned types[] = {
#define X(type, whose) type,
	RF_IOCTL_TYPES(X)
#undef X
};

static bool of_file_systems(unsigned type)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* An error that says that a fence refuses. Unfenced, what would harm the world is left out. */
static int ask(int fd, unsigned command)
{
	static char zeros[4096];

	return tried(ioctl(fd, command, zeros));
}

/* Every row of a kind, with arguments of two sizes: 0 if one is not refused. */
static int walk(enum rf_ioctl_kind kind, int refusal)
{
	int fd = open_to_read(EXT4_RO);

	if (fd < 0)
		return EIO;
	if (!stage.fenced)
		return ask(fd, _IO('f', 200)) == ENOTTY ? 0 : EIO;
	for (size_t i = 0; i < COUNT(table); i++) {
		if (table[i].kind != kind || !of_file_systems(table[i].type))
			continue;
		for (unsigned size = 4; size <= 8; size += 4)
			if (ask(fd, _IOC(table[i].direction, table[i].type, table[i].number, size)) != refusal) {
				/* With guards off it may have been frozen. */
				ioctl(fd, _IOWR('X', 120, int), 0);
				return 0;
			}
	}
	return refusal;
}

static int all_changes(void)
{
	return walk(RF_IOCTL_CHANGES, EACCES);
}

static int all_guarded(void)
{
	return walk(RF_IOCTL_GUARD, EPERM);
}

/* No table has these numbers. What no file system knows stays the kernel's answer. */
static int unknown(void)
{
	int fd = open_to_read(EXT4_RO);
	long flags;

	if (fd < 0)
		return EIO;
	if (isatty(fd) || errno != ENOTTY || ask(fd, _IO('m', 2)) != ENOTTY || ioctl(fd, _IOR('f', 1, long), &flags))
		return EIO;
	if (!stage.fenced)
		return ask(fd, _IO('f', 200)) == ENOTTY ? 0 : EIO;
	for (size_t i = 0; i < COUNT(types); i++)
		for (unsigned direction = 0; direction <= 3; direction++)
			if (ask(fd, _IOC(direction, types[i], 200, 8)) != EPERM)
				return 0;
	return EPERM;
}

/* -------------------------------------------------------------------- terminals */

static volatile sig_atomic_t *signals;

static void count_signal(int signal)
{
	(void)signal;
	++*signals;
}

/* Somebody outside has a terminal of his own. */
static void use_terminal(int slave, int ready)
{
	const struct sigaction action = {.sa_handler = count_signal};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) || sigaction(SIGWINCH, &action, NULL) ||
	    sigaction(SIGINT, &action, NULL) || write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int make_terminal(void)
{
	int slave, ready[2];
	char byte;
	pid_t pid;

	signals = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (signals == MAP_FAILED || openpty(&stage.fd[0], &slave, stage.path, NULL, NULL) || pipe(ready) ||
	    chown(stage.path, stage.uid, stage.uid))
		return errno;
	pid = fork();
	if (!pid)
		use_terminal(slave, ready[1]);
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		return EIO;
	close(ready[0]);
	close(slave);
	return 0;
}

static bool no_signal(void)
{
	return !*signals;
}

static int resize(int fd)
{
	const struct winsize size = {.ws_row = 7, .ws_col = 77};

	return fd < 0 ? errno : tried(ioctl(fd, TIOCSWINSZ, &size));
}

static int open_terminal(void)
{
	return open(stage.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* One's own terminal may have any size; the size that one has is set without a word. */
static int resize_by_name(void)
{
	struct winsize size;
	int own, slave, fd = open_terminal();

	if (fd < 0 || openpty(&own, &slave, NULL, NULL, NULL) || resize(own) || resize(slave) ||
	    ioctl(fd, TIOCGWINSZ, &size))
		return EIO;
	if (stage.fenced && tried(ioctl(fd, TIOCSWINSZ, &size)) != EPERM)
		return EIO;
	return resize(fd);
}

static int resize_by_master(void)
{
	return resize(stage.fd[0]);
}

static int interrupt(void)
{
	return tried(ioctl(stage.fd[0], TIOCSIG, SIGINT));
}

static int keep_others_out(void)
{
	int fd = open_terminal();

	return fd < 0 ? errno : tried(ioctl(fd, TIOCEXCL));
}

static int set_discipline(void)
{
	int fd = open_terminal(), terminal = 0 /* N_TTY */;

	return fd < 0 ? errno : tried(ioctl(fd, TIOCSETD, &terminal));
}

/* ------------------------------------------------------------- another program */

/* Puts a copy into the place of each part of the program that is mapped: the name can change only then. */
static int copy_program(void)
{
	char line[512], exe[256] = "";
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return errno;
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[5];
		void *copy;
		int prot;

		if (!strstr(line, exe) || sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3)
			continue;
		prot = (mode[0] == 'r' ? PROT_READ : 0) | (mode[1] == 'w' ? PROT_WRITE : 0) |
		       (mode[2] == 'x' ? PROT_EXEC : 0);
		copy = mmap(NULL, to - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (copy == MAP_FAILED)
			return errno;
		memcpy(copy, (const void *)from, to - from);
		if (mprotect(copy, to - from, prot) ||
		    mremap(copy, to - from, to - from, MREMAP_MAYMOVE | MREMAP_FIXED, from) == MAP_FAILED)
			return errno;
	}
	fclose(maps);
	return 0;
}

static int be_another(void)
{
	int fd = open_to_read("/usr/bin/true"), error = fd < 0 ? errno : copy_program();

	if (error)
		return EIO;
	return tried(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, (unsigned long)fd, 0, 0));
}

/* Asks for CHECKPOINT_RESTORE of itself, and then for SYS_ADMIN (checkpoint_restore_ns_capable). */
static int be_another_by_map(void)
{
	struct prctl_mm_map map;
	unsigned size;
	int fd = open_to_read("/usr/bin/true");

	if (fd < 0 || copy_program() || prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0))
		return EIO;
	memset(&map, 0, sizeof(map));
	/* Of a program that lies anywhere: what is asked is that the numbers are in order. */
	map.start_code = map.start_data = map.start_stack = map.arg_start = map.env_start = 0x100000;
	map.end_code = map.end_data = map.arg_end = map.env_end = 0x101000;
	map.start_brk = map.brk = 0x102000;
	map.exe_fd = (unsigned)fd;
	return tried(prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
}

#define A	 LINE_ATTRIBUTES
#define T	 LINE_TERMINAL
#define CHANGES	 .changes = true
#define BENEATH	 .hook = "file_ioctl", .reason = "guard", .guard = "devices|mounts|keys"
#define TERMINAL .object = "/dev/pts/"

const struct attempt attempts_ioctls[] = {
	{"SETVERSION", A, BOTH, own_ext4, set_version, BY_RULE("file_ioctl", EXT4_RO), CHANGES, .intact = same_version},
	{"FAT_SET_ATTRIBUTES", A, ROOT, have_fat, set_attributes, .hook = "file_ioctl", .object = FAT_RO,
	 .reason = "aliases|rule", CHANGES, .intact = same_attributes},
	{"RESIZE_FS", LINE_KERNEL, ROOT, have_ext4, grow, BENEATH, CHANGES, .intact = same_blocks, .object = EXT4},
	{"table-changes", A, BOTH, own_ext4, all_changes, BY_RULE("file_ioctl", EXT4_RO), .most = 200},
	{"table-guarded", LINE_KERNEL, BOTH, own_ext4, all_guarded, BENEATH, .object = EXT4_RO, .most = 400},
	{"unknown", LINE_KERNEL, BOTH, own_ext4, unknown, BENEATH, .object = EXT4_RO, .most = 200},
	{"TIOCSWINSZ", T, BOTH, make_terminal, resize_by_name, BY_GUARD("file_ioctl", "signals"), TERMINAL, CHANGES,
	 .intact = no_signal},
	{"TIOCSWINSZ-master", T, BOTH, make_terminal, resize_by_master, BY_GUARD("file_ioctl", "signals"), CHANGES,
	 .intact = no_signal},
	{"TIOCSIG", T, BOTH, make_terminal, interrupt, BY_GUARD("file_ioctl", "signals"), CHANGES, .intact = no_signal},
	{"TIOCEXCL", T, BOTH, make_terminal, keep_others_out, BY_GUARD("file_ioctl", "terminal"), TERMINAL},
	{"TIOCSETD", T, BOTH, make_terminal, set_discipline, BY_GUARD("file_ioctl", "terminal"), TERMINAL},
	{"EXE_FILE", LINE_TASKS, ROOT, NULL, be_another, BY_GUARD("task_prctl", "capabilities")},
	{"EXE_FILE-map", LINE_TASKS, ROOT, NULL, be_another_by_map, BY_GUARD("capable", "capabilities"), .most = 2},
};
ATTEMPTS(attempts_ioctls);
