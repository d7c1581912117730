// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the calls of the sweep are made with. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "ringfence/ioctls.h"
#include "sweep/sweep.h"

#define BUFFER 1024
#define MADE   16 /* descriptors from here on were made by a call */

/* Everything that a call may point at: a call of 32 bits too. */
static struct pool {
	char paths[8][32];
	char names[8][32];
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_un un;
	} address[4];
	/* Of both widths: as 32-bit numbers, for each. */
	struct iovec here, there, fill;
	struct msghdr message;
	uint32_t here32[2], message32[7];
	struct open_how how;
	struct clone_args clone;
	char handle[64], text[BUFFER], zeros[BUFFER];
	char buffer[2][BUFFER];
} * pool;

static struct descriptors {
	int dir[4], object[4], any[8], read[4], watch[2], pidfd;
} held;

static long pick(uint64_t *seed, const long *of, size_t count)
{
	/* Marsaglia's xorshift64 */
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return of[*seed % count];
}

#define PICK(...) pick(seed, (const long[]){__VA_ARGS__}, COUNT(((const long[]){__VA_ARGS__})))
#define AT(what)  ((long)(uintptr_t)(what))

/* --------------------------------------------------------------------- making */

static void make_text(void)
{
	static const char *const paths[] = {KEY,	   SECRET,	   "../secret/key", TREE "/ro/f",
					    SECRET "/new", TREE "/ro/new", WORK "/new",	    TREE "/work/mixed/deny/f"};
	static const char *const names[] = {"user.rf", "trusted.rf", "security.rf", "tmpfs",
					    "proc",    "user",	     "/queue",	    "none"};

	for (size_t i = 0; i < COUNT(paths); i++) {
		strcpy(pool->paths[i], paths[i]);
		strcpy(pool->names[i], names[i]);
	}
	memset(pool->text, 'x', sizeof(pool->text) - 1);
}

static void make_addresses(void)
{
	static const unsigned short ports[] = {PORT_TCP, PORT_UDP, PORT_SCTP};

	for (size_t i = 0; i < COUNT(ports); i++) {
		pool->address[i].in.sin_family = AF_INET;
		pool->address[i].in.sin_port = htons(ports[i]);
		pool->address[i].in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	pool->address[3].un.sun_family = AF_UNIX;
	strcpy(pool->address[3].un.sun_path, SECRET "/sock");
}

static void make_structures(void)
{
	pool->here = (struct iovec){pool->text, 16};
	pool->fill = (struct iovec){pool->buffer[0], sizeof(WORD)};
	pool->there = (struct iovec){victim_word, sizeof(WORD)};
	pool->message = (struct msghdr){.msg_name = &pool->address[1],
					.msg_namelen = sizeof(struct sockaddr_in),
					.msg_iov = &pool->here,
					.msg_iovlen = 1};
	pool->here32[0] = (uint32_t)AT(pool->text);
	pool->here32[1] = 16;
	pool->message32[0] = (uint32_t)AT(&pool->address[1]);
	pool->message32[1] = sizeof(struct sockaddr_in);
	pool->message32[2] = (uint32_t)AT(pool->here32);
	pool->message32[3] = 1;
	pool->how = (struct open_how){.flags = O_RDONLY};
	pool->clone = (struct clone_args){.exit_signal = SIGCHLD};
}

static void make_descriptors(void)
{
	int pair[2] = {-1, -1};

	held.dir[0] = AT_FDCWD;
	held.dir[1] = open(SECRET, O_PATH | O_DIRECTORY);
	held.dir[2] = open(WORK, O_RDONLY | O_DIRECTORY);
	held.dir[3] = open(TREE "/ro", O_RDONLY | O_DIRECTORY);
	held.object[0] = open(KEY, O_PATH);
	held.object[1] = open(TREE "/ro/f", O_RDONLY);
	held.object[2] = open(SECRET, O_PATH);
	held.object[3] = open(WORK "/mine", O_RDWR | O_CREAT, 0600);
	held.read[0] = held.object[1];
	held.read[1] = held.dir[3];
	held.read[2] = open("/tmp/a/ext4/ro/f", O_RDONLY);
	held.read[3] = open("/tmp/a/ext4", O_RDONLY | O_DIRECTORY);
	held.any[0] = held.object[0];
	held.any[1] = held.object[1];
	held.any[2] = held.object[3];
	held.any[3] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	held.any[4] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	held.any[5] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (pipe2(pair, O_NONBLOCK))
		pair[0] = pair[1] = -1;
	held.any[6] = pair[0];
	held.any[7] = pair[1];
	held.watch[0] = (int)syscall(SYS_inotify_init1, 0);
	held.watch[1] = -1;
	held.pidfd = (int)syscall(SYS_pidfd_open, stage.victim, 0);
}

int pool_make(void)
{
	int null = open("/dev/null", O_RDWR);

	/* Nothing of the test's own is in reach, least of all the engine. */
	if (null < 0 || dup2(null, 0) || dup2(null, 1) != 1 || dup2(null, 2) != 2 || chdir(WORK) ||
	    syscall(SYS_close_range, 3, ~0u, 0))
		return errno;
	setsid();
	pool = mmap(NULL, sizeof(*pool), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (pool == MAP_FAILED)
		return errno;
	make_text();
	make_addresses();
	make_structures();
	make_descriptors();
	return 0;
}

/* -------------------------------------------------------------------- drawing */

static long draw_pointer(char letter, uint64_t *seed)
{
	switch (letter) {
	case 'p':
		return PICK(AT(pool->paths[0]), AT(pool->paths[0]), AT(pool->paths[1]), AT(pool->paths[2]),
			    AT(pool->paths[3]), AT(pool->paths[7]));
	case 'q':
		return PICK(AT(pool->paths[4]), AT(pool->paths[4]), AT(pool->paths[5]), AT(pool->paths[6]));
	case 'P':
		return PICK(AT(pool->paths[6]), AT(pool->paths[4]), AT(pool->paths[5]), AT(pool->paths[0]),
			    AT(pool->paths[3]));
	case 'a':
		return PICK(AT(&pool->address[0]), AT(&pool->address[1]), AT(&pool->address[2]), AT(&pool->address[3]));
	case 'm':
		return PICK(AT(&pool->message), AT(&pool->message), AT(pool->message32));
	case 'v':
		return PICK(AT(&pool->here), AT(&pool->fill), AT(pool->here32));
	case 'V':
		return AT(&pool->there);
	case 'b':
		return PICK(AT(pool->buffer[0]), AT(pool->buffer[1]));
	case 'z':
		return PICK(AT(pool->zeros), 0);
	case 'i':
		return AT(pool->text);
	case 'c':
	case 's':
		return AT(pool->names[pick(seed, (const long[]){0, 1, 2, 3, 4, 5, 6, 7}, 8)]);
	case 'H':
		return AT(&pool->how);
	case 'C':
		return AT(&pool->clone);
	case 'h':
		return AT(pool->handle);
	}
	return 0;
}

/* One of the table, or of a number near it, with an argument of some size. */
static long draw_ioctl(uint64_t *seed)
{
	static const long keys[] = {
#define X(direction, type, number, name, kind, guard, source) RF_IOC_KEY(direction, type, number),
		RF_IOCTLS(X)
#undef X
	};
	long key = pick(seed, keys, COUNT(keys)), size = PICK(0, 4, 8, 8, 12, 28);

	return (key ^ PICK(0, 0, 0, 0, 0, 1, 0x80)) | size << 16;
}

static long draw_number(char letter, uint64_t *seed)
{
	switch (letter) {
	case 'd':
		return PICK(held.dir[0], held.dir[0], held.dir[1], held.dir[2], held.dir[3]);
	case 'f':
		return PICK(held.object[0], held.object[1], held.object[2], held.object[3]);
	case 'j':
		return PICK(held.read[0], held.read[1], held.read[2], held.read[2], held.read[3]);
	case 'I':
		return draw_ioctl(seed);
	case 'g':
		return pick(seed,
			    (const long[]){held.any[0], held.any[1], held.any[2], held.any[3], held.any[4], held.any[5],
					   held.any[6], held.any[7]},
			    8);
	case 'G':
		return PICK(held.any[3], held.any[4], held.any[4], held.any[5]);
	case 'w':
		return held.watch[0];
	case 'k':
		return held.pidfd;
	case 't':
		return PICK(stage.victim, stage.victim, stage.victim, 0, 1, -1);
	case 'l':
		return PICK(sizeof(struct sockaddr_in), sizeof(struct sockaddr_in), sizeof(struct sockaddr_un));
	case 'n':
		return PICK(0, 1, 2, 16, sizeof(WORD), 512, sizeof(struct open_how), sizeof(struct clone_args));
	case 'F':
		return PICK(0, 0, 0, 0, 0, O_RDWR, O_WRONLY | O_TRUNC, O_RDWR | O_CREAT, AT_EMPTY_PATH,
			    AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, 1, 2, 4, MSG_FASTOPEN, -1);
	case 'M':
		return PICK(0777, 0, 4, 7, 0600, 0100644);
	case 'S':
		return PICK(SIGTERM, SIGKILL, SIGSTOP, SIGUSR1, 0);
	case 'U':
		return PICK(0, USER_ID, 1, -1);
	case 'D':
		return PICK(0, 0x0101, 0x0800, 0x0700);
	case 'Q':
		return PICK(CLONE_NEWNS | SIGCHLD, CLONE_NEWUSER | SIGCHLD, CLONE_NEWNET | SIGCHLD,
			    CLONE_NEWPID | SIGCHLD, SIGCHLD);
	case 'R':
		return PICK(PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_PEEKDATA, PTRACE_TRACEME, PTRACE_KILL);
	case 'A':
		return PICK(AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK, 44 /* AF_XDP */);
	case 'y':
		return PICK(0x1234, 0);
	}
	return 0;
}

void pool_draw(const struct call *call, uint64_t *seed, long args[ARGS])
{
	static const char pointers[] = "pqPamvVbzicsHCh", all[] = "pqPamvVbzicsHChdfgwktlnFMSUDQRAy";
	size_t len = strlen(call->args);

	for (size_t i = 0; i < ARGS; i++) {
		char letter = i < len ? call->args[i] : 'x';

		if (letter == 'x')
			letter = all[(unsigned long)pick(seed, (const long[]){0, 1, 2, 3, 4, 5, 6}, 7) * 5 %
				     (sizeof(all) - 1)];
		args[i] = strchr(pointers, letter) ? draw_pointer(letter, seed) : draw_number(letter, seed);
	}
	memset(pool->buffer, 0, sizeof(pool->buffer));
}

/* ----------------------------------------------------------------------- leaks */

bool pool_leaked(long result)
{
	char word[sizeof(WORD)] = "";
	struct stat st;

	if (memmem(pool->buffer, sizeof(pool->buffer), WORD, strlen(WORD)) ||
	    memmem(pool->zeros, sizeof(pool->zeros), WORD, strlen(WORD)))
		return true;
	if (result < 3 || result > 1023 || fstat((int)result, &st) || !S_ISREG(st.st_mode))
		return false;
	return pread((int)result, word, sizeof(word) - 1, 0) > 0 && !strcmp(word, WORD);
}
