// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the rules deny, asked through io_uring: in the task, by its workers, and by the kernel's polling thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/uring.h"
#include "vm/lib/world.h"

#define WAIT_SECONDS 5

int uring_open(struct uring *ring, unsigned setup)
{
	return uring_attach(ring, setup, -1);
}

int uring_attach(struct uring *ring, unsigned setup, int other)
{
	size_t rings, completions;

	memset(ring, 0, sizeof(*ring));
	if (other >= 0) {
		setup |= IORING_SETUP_ATTACH_WQ;
		ring->params.wq_fd = (unsigned)other;
	}
	ring->setup = setup;
	ring->params.flags = setup;
	ring->params.sq_thread_idle = 2000;
	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->params);
	if (ring->fd < 0)
		return errno;
	rings = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned);
	completions = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
	if (completions > rings)
		rings = completions;
	/* IORING_FEAT_SINGLE_MMAP is there since 5.4. */
	ring->rings = mmap(NULL, rings, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, ring->params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			     MAP_SHARED, ring->fd, (off_t)IORING_OFF_SQES);
	return ring->rings == MAP_FAILED || ring->entries == MAP_FAILED ? errno : 0;
}

static unsigned *at(struct uring *ring, unsigned offset)
{
	return (unsigned *)(void *)(ring->rings + offset);
}

int uring_put(struct uring *ring, const struct io_uring_sqe *entry)
{
	unsigned *tail = at(ring, ring->params.sq_off.tail);
	unsigned index = *tail & (ring->params.sq_entries - 1);
	bool polled = ring->setup & IORING_SETUP_SQPOLL;

	ring->entries[index] = *entry;
	at(ring, ring->params.sq_off.array)[index] = index;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, polled ? 0 : 1, 0, polled ? IORING_ENTER_SQ_WAKEUP : 0, NULL, 0) <
			       0
		       ? -1
		       : 0;
}

int uring_wait(struct uring *ring)
{
	unsigned *head = at(ring, ring->params.cq_off.head);
	struct io_uring_cqe *done = (void *)(ring->rings + ring->params.cq_off.cqes);
	struct timespec start, now;
	int result;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (__atomic_load_n(at(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) == *head) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec > WAIT_SECONDS) {
			errno = ETIMEDOUT;
			return -1;
		}
		usleep(1000);
	}
	result = done[*head & (ring->params.cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

int uring_submit(struct uring *ring, const struct io_uring_sqe *entry)
{
	return uring_put(ring, entry) ? -1 : uring_wait(ring);
}

int uring_do(unsigned setup, const struct io_uring_sqe *entry)
{
	struct uring ring;

	errno = uring_open(&ring, setup);
	return errno ? -1 : uring_submit(&ring, entry);
}

/* ----------------------------------------------------------------- attempts */

static uint64_t name(const char *path)
{
	return (uintptr_t)path;
}

static int open_by(unsigned setup, unsigned char flags)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT,
				     .flags = flags,
				     .fd = AT_FDCWD,
				     .addr = name(KEY),
				     .open_flags = O_RDONLY | O_CLOEXEC};

	return read_word(uring_do(setup, &entry));
}

static int open_direct(void)
{
	return open_by(0, 0);
}

static int open_worker(void)
{
	return open_by(0, IOSQE_ASYNC);
}

static int open_polled(void)
{
	return open_by(IORING_SETUP_SQPOLL, 0);
}

static int two_names(unsigned setup, unsigned char opcode, const char *from, const char *to)
{
	struct io_uring_sqe entry = {
		.opcode = opcode, .fd = AT_FDCWD, .addr = name(from), .len = (unsigned)AT_FDCWD, .addr2 = name(to)};

	return tried(uring_do(setup, &entry));
}

static int rename_direct(void)
{
	return two_names(0, IORING_OP_RENAMEAT, KEY, WORK "/stolen");
}

static int rename_polled(void)
{
	return two_names(IORING_SETUP_SQPOLL, IORING_OP_RENAMEAT, KEY, WORK "/stolen");
}

static int link_polled(void)
{
	return two_names(IORING_SETUP_SQPOLL, IORING_OP_LINKAT, KEY, WORK "/stolen");
}

static int symlink_polled(void)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = name("x"), .addr2 = name(SECRET "/new")};

	return tried(uring_do(IORING_SETUP_SQPOLL, &entry));
}

static int unlink_by(unsigned setup)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = name(KEY)};

	return tried(uring_do(setup, &entry));
}

static int unlink_direct(void)
{
	return unlink_by(0);
}

static int unlink_polled(void)
{
	return unlink_by(IORING_SETUP_SQPOLL);
}

static int mkdir_polled(void)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = name(SECRET "/new"), .len = 0700};

	return tried(uring_do(IORING_SETUP_SQPOLL, &entry));
}

static const char *attribute(void)
{
	return stage.uid ? "user.rf" : "security.capability";
}

/* A struct vfs_cap_data of version 2 (linux/capability.h), with CAP_CHOWN. */
static const unsigned char value[20] = {[3] = 2, [4] = 1};

static int set_attribute(void)
{
	/* The path is in addr3, behind what the headers of 5.10 know: sqe->__pad2[0] at byte 48. */
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_SETXATTR, .addr = name(attribute()), .off = (uintptr_t)value, .len = sizeof(value)};
	uint64_t path = name(KEY);

	memcpy((char *)&entry + 48, &path, sizeof(path));
	return tried(uring_do(IORING_SETUP_SQPOLL, &entry));
}

static bool no_attribute(void)
{
	char buf[32];

	return lgetxattr(KEY, attribute(), buf, sizeof(buf)) < 0;
}

/* SOCKET_URING_OP_SIOCINQ (0) of a socket: the one command that every kernel since 6.7 has. */
static int command(void)
{
	struct io_uring_sqe entry = {.opcode = 46 /* IORING_OP_URING_CMD */, .fd = -1};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	entry.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return tried(uring_do(0, &entry));
}

/* The first that had commands; any number will do (drivers/char/mem.c, uring_cmd_null). */
static int command_null(void)
{
	struct io_uring_sqe entry = {.opcode = 46 /* IORING_OP_URING_CMD */};

	entry.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return tried(uring_do(0, &entry));
}

/* The credentials of another moment: root's, for a task that has given them up. */
static int other_credentials(void)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT,
				     .fd = AT_FDCWD,
				     .addr = name(WORK "/f"),
				     .open_flags = O_RDONLY | O_CLOEXEC};
	struct uring ring;
	long personality;
	int error = uring_open(&ring, 0);

	if (error)
		return error;
	personality = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
	if (personality < 0)
		return errno;
	entry.personality = (uint16_t)personality;
	return tried(uring_submit(&ring, &entry));
}

/* A ring that was made outside: its polling thread is a task outside. */
static struct uring outside;

static int hold_polled(void)
{
	return uring_open(&outside, IORING_SETUP_SQPOLL);
}

static int hold_plain(void)
{
	return uring_open(&outside, 0);
}

static int unlink_by_held(void)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD};
	/* The polling thread has the maker's memory, which is a copy of ours up to here. */
	static const char path[] = KEY;

	entry.addr = name(path);
	return tried(uring_submit(&outside, &entry));
}

#define U	LINE_URING
#define CHANGES .changes = true

const struct attempt attempts_uring[] = {
	{"openat", U, BOTH, NULL, open_direct, BY_RULE("file_open", KEY)},
	{"openat-worker", U, BOTH, NULL, open_worker, BY_RULE("file_open", KEY)},
	{"openat-SQPOLL", U, BOTH, NULL, open_polled, BY_RULE("file_open", KEY)},
	{"renameat", U, BOTH, NULL, rename_direct, BY_RULE("path_rename", KEY), .reason = "gain|rule", CHANGES},
	{"renameat-SQPOLL", U, BOTH, NULL, rename_polled, BY_RULE("path_rename", KEY), .reason = "gain|rule", CHANGES},
	{"linkat-SQPOLL", U, BOTH, NULL, link_polled, BY_RULE("path_link", KEY), .reason = "gain|rule", CHANGES},
	{"symlinkat-SQPOLL", U, BOTH, NULL, symlink_polled, BY_RULE("path_symlink", SECRET "/new"), CHANGES},
	{"unlinkat", U, BOTH, NULL, unlink_direct, BY_RULE("path_unlink", KEY), CHANGES},
	{"unlinkat-SQPOLL", U, BOTH, NULL, unlink_polled, BY_RULE("path_unlink", KEY), CHANGES},
	{"mkdirat-SQPOLL", U, BOTH, NULL, mkdir_polled, BY_RULE("path_mkdir", SECRET "/new"), CHANGES},
	{"setxattr-SQPOLL", U, BOTH, NULL, set_attribute, BY_RULE("inode_setxattr", KEY), CHANGES,
	 .intact = no_attribute},
	{"uring_cmd", U, BOTH, NULL, command, BY_GUARD("uring_cmd", "io_uring")},
	{"uring_cmd-null", U, BOTH, NULL, command_null, BY_GUARD("uring_cmd", "io_uring")},
	{"personality", U, BOTH, NULL, other_credentials, BY_GUARD("uring_override_creds", "io_uring")},
	{"ring-before", U, BOTH, hold_plain, unlink_by_held, .hook = "path_unlink|uring_override_creds|uring_allowed",
	 .reason = "rule|guard", .guard = "io_uring", CHANGES},
	{"ring-before-SQPOLL", U, BOTH, hold_polled, unlink_by_held,
	 .skip = "its thread is outside, and stays so; run closes such rings and none is received: tests/vm/run.sh"},
};
ATTEMPTS(attempts_uring);
