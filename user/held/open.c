// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "engine/auto.h"
#include "held/sockets.h"

#define DELETED " (deleted)"

struct rf_open_reader {
	int64_t until;
	uint64_t namespace; /* of `inet`; 0: none was read */
	struct rf_sockets inet, peers;
	bool peers_read, peers_missed;
};

/* A process that is read. */
struct reading {
	struct rf_open_reader *reader;
	int dir, folder; /* /proc/PID, and its fd */
	rf_open_found *found;
	void *context;
	bool sockets_read;
	unsigned steps;
};

const char *rf_open_word(enum rf_open_what what)
{
	static const char *const word[] = {"open", "mapped", "connected", "bound"};

	return word[what];
}

struct rf_open_reader *rf_open_reader_new(int64_t until)
{
	struct rf_open_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->until = until;
	return reader;
}

void rf_open_reader_free(struct rf_open_reader *reader)
{
	if (!reader)
		return;
	rf_sockets_free(&reader->inet);
	rf_sockets_free(&reader->peers);
	free(reader);
}

bool rf_open_misses_unix(const struct rf_open_reader *reader)
{
	return reader->peers_missed;
}

static int64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

bool rf_open_late(const struct rf_open_reader *reader)
{
	return now() >= reader->until;
}

static bool is_late(const void *reader)
{
	return rf_open_late(reader);
}

/* The clock is not asked for each of thousands of descriptors. */
static int step(struct reading *reading)
{
	return reading->steps++ % 64 == 0 && rf_open_late(reading->reader) ? -ETIME : 0;
}

/* ----------------------------------------------------------------------- files */

/* Tells of a file by its name as the kernel shows it, which is changed. What has no name in a file system is judged by
 * no rule: "pipe:[1]", memory that processes share. */
static int tell_file(struct reading *reading, char *name, enum rf_open_what what, unsigned access)
{
	static const char *const nameless[] = {"/SYSV", "/dev/zero", "/[aio]", "/anon_hugepage", "/i915", "/drm mm "};
	struct rf_open open = {.what = what, .section = RF_FILES, .access = access, .path = name};
	size_t len = strlen(name);

	if (name[0] != '/' || !access)
		return 0;
	if (len > sizeof(DELETED) && strcmp(name + len - (sizeof(DELETED) - 1), DELETED) == 0) {
		open.deleted = true;
		name[len - (sizeof(DELETED) - 1)] = '\0';
		for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++)
			if (strncmp(name, nameless[i], strlen(nameless[i])) == 0)
				return 0;
		if (strncmp(name, "/memfd:", 7) == 0) {
			open.path = name + 1;
			open.deleted = false;
		}
	}
	return reading->found(reading->context, &open);
}

/* "flags:\t0100002" of a descriptor: what it can do. */
static unsigned access_of(const struct reading *reading, const char *fd)
{
	RF_AUTO_CLOSE int file = -1;
	char path[64], text[256];
	const char *flags;
	unsigned long bits;
	ssize_t n;

	snprintf(path, sizeof(path), "fdinfo/%s", fd);
	file = openat(reading->dir, path, O_RDONLY | O_CLOEXEC);
	n = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	flags = strstr(text, "flags:");
	bits = flags ? strtoul(flags + 6, NULL, 8) : O_PATH;
	/* With O_PATH it is a name, for which no rule is asked. */
	if (bits & O_PATH)
		return 0;
	switch (bits & O_ACCMODE) {
	case O_RDONLY:
		return RF_READ;
	case O_WRONLY:
		return RF_WRITE;
	default:
		return RF_READ | RF_WRITE;
	}
}

/* --------------------------------------------------------------------- sockets */

static int read_sockets(struct reading *reading)
{
	struct rf_open_reader *reader = reading->reader;
	struct stat st;
	int err = 0;

	reading->sockets_read = true;
	if (!reader->peers_read) {
		int64_t before = now();

		reader->peers_read = true;
		reader->peers_missed = rf_sockets_unix(&reader->peers) != 0;
		rf_sockets_sort(&reader->peers);
		/* The first who asks waits for the kernel to load its module; that is not the processes' time. */
		if (reader->until < INT64_MAX / 2)
			reader->until += now() - before;
	}
	if (fstatat(reading->dir, "ns/net", &st, 0))
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	/* Read again for each process but those that follow one another: mostly all are of one namespace. */
	if (reader->namespace == st.st_ino)
		return 0;
	rf_sockets_free(&reader->inet);
	reader->namespace = 0;
	err = rf_sockets_inet(&reader->inet, reading->dir, is_late, reader);
	rf_sockets_sort(&reader->inet);
	if (!err)
		reader->namespace = st.st_ino;
	return err;
}

static int tell_socket(struct reading *reading, uint64_t inode)
{
	const struct rf_sockets *all[] = {&reading->reader->inet, &reading->reader->peers};
	int err = reading->sockets_read ? 0 : read_sockets(reading);

	for (size_t i = 0; i < 2 && !err; i++) {
		size_t count;
		const struct rf_socket *socket = rf_sockets_find(all[i], inode, &count);

		for (size_t k = 0; k < count && !err; k++)
			err = reading->found(reading->context, &socket[k].open);
	}
	return err;
}

/* ----------------------------------------------------------------- descriptors */

static int read_descriptor(struct reading *reading, const char *fd)
{
	char name[PATH_MAX + sizeof(DELETED)];
	ssize_t n = readlinkat(reading->folder, fd, name, sizeof(name) - 1);
	uint64_t inode;

	if (n < 0)
		return 0; /* closed meanwhile */
	name[n] = '\0';
	if (sscanf(name, "socket:[%" SCNu64 "]", &inode) == 1)
		return tell_socket(reading, inode);
	return name[0] == '/' ? tell_file(reading, name, RF_OPEN_FILE, access_of(reading, fd)) : 0;
}

/* Descriptors are the whole process's, but for a thread that unshared them (CLONE_FILES), which is so rare that its
 * own are not looked for. */
static int read_descriptors(struct reading *reading)
{
	RF_AUTO_CLOSE int fd = openat(reading->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	RF_AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	fd = -1; /* the folder's */
	reading->folder = dirfd(dir);
	while (!err && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		err = step(reading);
		err = err ? err : read_descriptor(reading, entry->d_name);
	}
	return err;
}

/* -------------------------------------------------------------------- mappings */

/*
 * Of a file that is mapped executable only that is asked: a program and its interpreter are mapped by execve(2), for
 * which they need not be readable.
 */
static unsigned access_of_mappings(bool exec, bool write)
{
	return (exec ? RF_EXEC : RF_READ) | (write ? RF_WRITE : 0);
}

/* A line break in a name is shown as "\012", and nothing else is changed. */
static void read_name(const char *from, char *to)
{
	while (*from && *from != '\n') {
		bool line = strncmp(from, "\\012", 4) == 0;

		*to++ = line ? '\n' : *from;
		from += line ? 4 : 1;
	}
	*to = '\0';
}

/* Mappings of a file follow one another mostly; where they don't it is told twice, which the listener folds. */
static int read_mappings(struct reading *reading)
{
	RF_AUTO_CLOSE int fd = openat(reading->dir, "maps", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[PATH_MAX * 4 + 128], last[sizeof(line)] = "", name[sizeof(line)], mode[8];
	bool exec = false, write = false;
	int err = 0;

	if (!file)
		return -errno;
	fd = -1; /* the file's */
	while (!err && fgets(line, sizeof(line), file)) {
		int at = 0;

		err = step(reading);
		if (err || sscanf(line, "%*s %7s %*s %*s %*s %n", mode, &at) != 1 || !at || line[at] != '/')
			continue;
		read_name(line + at, name);
		if (strcmp(name, last) != 0) {
			err = tell_file(reading, last, RF_OPEN_MAPPED, access_of_mappings(exec, write));
			exec = write = false;
			strcpy(last, name);
		}
		exec |= mode[2] == 'x';
		write |= mode[1] == 'w' && mode[3] == 's';
	}
	fclose(file);
	return err ? err : tell_file(reading, last, RF_OPEN_MAPPED, access_of_mappings(exec, write));
}

int rf_open_read(struct rf_open_reader *reader, pid_t pid, rf_open_found *found, void *context)
{
	RF_AUTO_CLOSE int dir = -1;
	struct reading reading = {.reader = reader, .found = found, .context = context};
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	reading.dir = dir;
	err = read_descriptors(&reading);
	err = err ? err : read_mappings(&reading);
	return err == -ENOENT || err == -ESRCH ? 0 : err;
}
