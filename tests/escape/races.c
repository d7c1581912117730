// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What changes in another thread while a name is judged. Each wants two processors: `chroot` in tools/check. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "escape/escape.h"

#define SECONDS 4

/* The root, by which the kernel names paths: beneath another one they look allowed. */
struct roots {
	int other, root;
	volatile bool stop;
};

static void *change_roots(void *arg)
{
	struct roots *roots = arg;

	while (!roots->stop)
		if (fchdir(roots->other) || chroot(".") || fchdir(roots->root) || chroot("."))
			break;
	return NULL;
}

static int race_roots(const char *folder, int (*look)(int dir), int refused)
{
	struct roots roots = {.other = open(TREE, O_PATH | O_CLOEXEC), .root = open("/", O_PATH | O_CLOEXEC)};
	int dir = open(folder, O_PATH | O_CLOEXEC);
	time_t end = time(NULL) + SECONDS;
	pthread_t thread;
	int error;

	if (pthread_create(&thread, NULL, change_roots, &roots))
		return errno;
	do
		error = look(dir);
	while (error == refused && time(NULL) < end);
	roots.stop = true;
	pthread_join(thread, NULL);
	return error;
}

static int read_key(int dir)
{
	return openat_and_read(dir, "key", 0);
}

static int open_while_root_changes(void)
{
	return race_roots(SECRET, read_key, EACCES);
}

static int stat_key(int dir)
{
	struct stat is;

	return tried(fstatat(dir, "key", &is, 0));
}

static int stat_while_root_changes(void)
{
	return race_roots(HIDDEN, stat_key, ENOENT);
}

#define MANY .most = 100000000

const struct attempt attempts_races[] = {
	{"chroot-open", LINE_OPEN, ROOT, NULL, open_while_root_changes, BY_RULE("file_open", KEY), MANY},
	{"chroot-stat", LINE_HIDDEN, ROOT, NULL, stat_while_root_changes, .hook = "inode_getattr", .object = HIDDEN,
	 .error = ENOENT, MANY},
};
ATTEMPTS(attempts_races);
