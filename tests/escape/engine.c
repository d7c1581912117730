// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to get at the engine itself: its pins, its state, who runs it, its memory. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/world.h"

#define PINS  "/sys/fs/bpf/ringfence"
#define STATE "/run/ringfence"
#define NAMES 20000 /* more than RF_MERGE_MAX */

/* Unfenced, the attempts must not break the engine that the others need: they act on things of its places. */
static int plant(void)
{
	mkdir(PINS "/escape", 0777);
	mkdir(STATE, 0755);
	make_file(STATE "/escape", "state\n");
	return access(PINS "/escape", F_OK) ? errno : 0;
}

static bool planted(void)
{
	bool there = !access(PINS "/escape", F_OK) && !access(STATE "/escape", F_OK) && access(PINS "/new", F_OK);

	rmdir(PINS "/escape");
	rmdir(PINS "/new");
	unlink(STATE "/escape");
	return there;
}

static int unpin(void)
{
	return tried(rmdir(PINS "/escape"));
}

static int pin_more(void)
{
	return tried(mkdir(PINS "/new", 0700));
}

/* Not where the engine has its own: no rule is about that, the guard is. */
static int pin_elsewhere(void)
{
	return tried(mkdir("/sys/fs/bpf/escape-place", 0700));
}

static bool nothing_elsewhere(void)
{
	return rmdir("/sys/fs/bpf/escape-place") != 0;
}

static int list_pins(void)
{
	char buf[512];
	int fd = open(PINS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? errno : tried(syscall(SYS_getdents64, fd, buf, sizeof(buf)));
}

static int rename_pins(void)
{
	return tried(rename(PINS "/escape", PINS "/new"));
}

static int read_state(void)
{
	return tried(open(STATE "/escape", O_RDONLY | O_CLOEXEC));
}

static int remove_state(void)
{
	return tried(unlink(STATE "/escape"));
}

static int lock_state(void)
{
	return tried(open(STATE "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static int mount_bpffs(void)
{
	return tried(mount("bpf", WORK "/empty", "bpf", 0, NULL));
}

/* The stage reads the fence's denials: what an agent is. SIGCONT does nothing to it. */
static int signal_agent(void)
{
	return tried(kill(getppid(), SIGCONT));
}

/* More denials than can be kept apart, and then the one that counts. */
static int flood(void)
{
	char path[64];

	if (stage.fenced)
		for (int i = 0; i < NAMES; i++) {
			snprintf(path, sizeof(path), SECRET "/%d", i);
			if (mkdir(path, 0700) == 0 || errno != EACCES)
				return 0;
		}
	return open_and_read(KEY);
}

#define E	LINE_ENGINE
#define CHANGES .changes = true, .intact = planted
#define PIN(by) .hook = by, .reason = "rule|guard", .guard = "engine|bpf"

const struct attempt attempts_engine[] = {
	{"unpin", E, ROOT, plant, unpin, PIN("path_rmdir"), CHANGES},
	{"pin", E, ROOT, plant, pin_more, PIN("path_mkdir"), CHANGES},
	{"rename-pins", E, ROOT, plant, rename_pins, .hook = "path_rename", .reason = "rule|gain|guard",
	 .guard = "engine|bpf", CHANGES},
	{"pin-elsewhere", E, ROOT, NULL, pin_elsewhere, BY_GUARD("path_mkdir", "engine"), .changes = true,
	 .intact = nothing_elsewhere},
	{"list-pins", E, ROOT, plant, list_pins, PIN("file_open")},
	{"read-state", E, ROOT, plant, read_state, PIN("file_open")},
	{"remove-state", E, ROOT, plant, remove_state, PIN("path_unlink"), CHANGES},
	{"lock-state", E, ROOT, plant, lock_state, PIN("file_open|path_mknod")},
	{"mount-bpffs", E, ROOT, NULL, mount_bpffs, BY_GUARD("sb_mount|capable", "mounts|capabilities")},
	{"signal-agent", E, ROOT, NULL, signal_agent, BY_GUARD("task_kill", "signals")},
	{"flood", E, BOTH, NULL, flood, .hook = "path_mkdir|file_open", .object = SECRET, .most = NAMES + 1},
	{"kill-the-starter", E, BOTH, .skip = "tests/vm/run.sh kills `run` and asks the fence that stays"},
	{"agent-socket", E, ROOT, .skip = "the agent has no socket yet"},
};
ATTEMPTS(attempts_engine);
