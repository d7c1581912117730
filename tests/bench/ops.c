// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Times single operations in a guest whose clock counts instructions. Linked statically, so that nothing but the
 * operation itself asks a policy. Everything happens in one tree, on a tmpfs that the caller has mounted there:
 *
 *   /srv/agent/                      the workspace
 *     ops                            this program
 *     src11/src22/src33/src44/file   what is opened: seven components, 39 bytes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/landlock.h"

#define DIR  "/srv/agent/src11/src22/src33/src44"
#define PATH DIR "/file"
#define PORT 7777

#define ROUNDS 5

_Static_assert(sizeof(PATH) == 40, "the path has 39 bytes");

static int listener, receiver, sender;

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "ops: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int checked(int result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* --------------------------------------------------------------- operations */

static void do_open(void)
{
	close(checked(open(PATH, O_RDONLY), "open"));
}

/* The first open of each of many files, since some name on the host changed last (once a round). */
#define MANY 400
static void many_name(char *name, int i)
{
	snprintf(name, 64, DIR "/many%03d.c", i);
}

static void do_first(void)
{
	static int i;
	char name[64];

	if (!i)
		checked(rename(DIR "/from", DIR "/to") | rename(DIR "/to", DIR "/from"), "rename");
	many_name(name, i);
	i = (i + 1) % MANY;
	close(checked(open(name, O_RDONLY), "open"));
}

static void do_link(void)
{
	checked(link(DIR "/from", DIR "/to"), "link");
	checked(unlink(DIR "/to"), "unlink");
}

static void do_chmod(void)
{
	checked(chmod(DIR "/from", 0600), "chmod");
}

/* What an editor or git does: a new file takes the place of the old one. */
static void do_replace(void)
{
	close(checked(open(DIR "/tmp", O_WRONLY | O_CREAT | O_EXCL, 0600), "create"));
	checked(rename(DIR "/tmp", DIR "/kept"), "rename");
}

static void do_stat(void)
{
	struct stat st;
	checked(stat(PATH, &st), "stat");
}

static void do_create(void)
{
	close(checked(open(DIR "/new", O_WRONLY | O_CREAT | O_EXCL, 0600), "create"));
	checked(unlink(DIR "/new"), "unlink");
}

static void do_mkdir(void)
{
	checked(mkdir(DIR "/dir", 0700), "mkdir");
	checked(rmdir(DIR "/dir"), "rmdir");
}

/* There and back. */
static void do_rename(void)
{
	checked(rename(DIR "/from", DIR "/to"), "rename");
	checked(rename(DIR "/to", DIR "/from"), "rename");
}

static void command(const char *name, char **argv)
{
	int status;
	pid_t pid;

	errno = posix_spawnp(&pid, name, NULL, NULL, argv, environ);
	if (errno || waitpid(pid, &status, 0) != pid || status)
		die(name);
}

static void do_exec(void)
{
	command("/bin/true", (char *[]){"true", NULL});
}

static const struct sockaddr *loopback(uint16_t port)
{
	static struct sockaddr_in addr;
	addr.sin_family = AF_INET;
	addr.sin_port = htons(port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (const struct sockaddr *)&addr;
}

/* Ends with a reset: no socket stays behind to wait. */
static void do_tcp(void)
{
	struct linger at_once = {1, 0};
	int fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
	checked(connect(fd, loopback(PORT), sizeof(struct sockaddr_in)), "connect");
	int peer = checked(accept(listener, NULL, NULL), "accept");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	close(peer);
}

static void do_udp(void)
{
	int fd = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	checked(connect(fd, loopback(PORT), sizeof(struct sockaddr_in)), "connect");
	close(fd);
}

static void do_send(void)
{
	char byte = 0;
	checked((int)sendto(sender, &byte, 1, 0, loopback(PORT), sizeof(struct sockaddr_in)), "sendto");
	checked((int)recv(receiver, &byte, 1, 0), "recv");
}

static const struct op {
	const char *name;
	void (*once)(void);
	int count; /* of a round */
} ops[] = {
	{"open", do_open, 2000},    {"stat", do_stat, 2000},	  {"create", do_create, 500}, {"mkdir", do_mkdir, 500},
	{"rename", do_rename, 500}, {"exec", do_exec, 30},	  {"first", do_first, MANY},  {"link", do_link, 500},
	{"chmod", do_chmod, 500},   {"replace", do_replace, 500}, {"tcp", do_tcp, 200},	      {"udp", do_udp, 1000},
	{"send", do_send, 1000},
};

/* -------------------------------------------------------------------- frame */

/* The tree and the sockets; before any fence of Landlock's. What is there already stays. */
static void prepare(void)
{
	static const char *const file[] = {PATH, DIR "/from"};

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++)
		if (access(file[i], F_OK))
			close(checked(open(file[i], O_WRONLY | O_CREAT, 0600), file[i]));
	for (int i = 0; i < MANY; i++) {
		char name[64];
		many_name(name, i);
		close(checked(open(name, O_WRONLY | O_CREAT, 0600), name));
	}
	listener = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	checked(bind(listener, loopback(PORT), sizeof(struct sockaddr_in)), "bind");
	checked(listen(listener, 16), "listen");
	receiver = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	checked(bind(receiver, loopback(PORT), sizeof(struct sockaddr_in)), "bind");
	sender = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket");
}

static void measure(const struct op *op)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 20; i++)
		op->once();
	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = now();
		for (int i = 0; i < op->count; i++)
			op->once();
		int64_t spent = (now() - start) / op->count;
		best = spent < best ? spent : best;
	}
	printf("%s %lld\n", op->name, (long long)best);
}

static int64_t microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

/* A whole command: time from start to end, of which it or its children had a processor, and memory in KiB. */
static void measure_command(char **argv)
{
	int64_t best = INT64_MAX, busy = INT64_MAX;
	struct rusage use, before;

	for (int round = 0; round < 2 * ROUNDS; round++) {
		getrusage(RUSAGE_CHILDREN, &before);
		int64_t start = now();
		command(argv[0], argv);
		int64_t spent = now() - start;
		getrusage(RUSAGE_CHILDREN, &use);
		best = spent < best ? spent : best;
		spent = 1000 * (microseconds(use.ru_utime) + microseconds(use.ru_stime) -
				microseconds(before.ru_utime) - microseconds(before.ru_stime));
		busy = spent < busy ? spent : busy;
	}
	printf("command %lld %lld %ld\n", (long long)best, (long long)busy, use.ru_maxrss);
}

/* ops [landlock DIR... --] OP...; ops command COMMAND... */
int main(int argc, char **argv)
{
	int i = 1;

	if (argc > 2 && !strcmp(argv[1], "command")) {
		measure_command(argv + 2);
		return 0;
	}
	prepare();
	if (argc > 1 && !strcmp(argv[1], "landlock")) {
		int first = i = 2;
		while (i < argc && strcmp(argv[i], "--"))
			i++;
		if (landlock_fence(argv + first, (size_t)(i - first), PORT))
			die("landlock");
		i++;
	}
	for (; i < argc; i++)
		for (size_t j = 0; j < sizeof(ops) / sizeof(ops[0]); j++)
			if (!strcmp(argv[i], ops[j].name))
				measure(&ops[j]);
	return 0;
}
