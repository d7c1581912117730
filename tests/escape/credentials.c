// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A task whose credentials are not its own, as the kernel's are where it acts for itself: by io_uring, three ways. What
 * is asked so is what a hook lets pass for the kernel.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "escape/attributes.h"
#include "escape/escape.h"
#include "escape/uring.h"
#include "vm/lib/world.h"

/* The very same sets make new credentials. */
static int renew(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];

	return syscall(SYS_capget, &head, sets) || syscall(SYS_capset, &head, sets) ? errno : 0;
}

/* Has workers born for a ring, of both kinds: for files, and for what may wait for long (io_uring/io-wq.c). */
static int bear_workers(struct uring *ring)
{
	struct io_uring_sqe nothing = {.opcode = IORING_OP_NOP, .flags = IOSQE_ASYNC};
	struct io_uring_sqe send = {.opcode = IORING_OP_SEND, .flags = IOSQE_ASYNC, .addr = (uintptr_t) "x", .len = 1};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return errno;
	send.fd = pair[0];
	return uring_submit(ring, &nothing) < 0 || uring_submit(ring, &send) < 0 ? errno : 0;
}

/* By a worker that was born under other credentials. */
static int by_worker(struct io_uring_sqe *entry)
{
	struct uring ring;
	int error = uring_open(&ring, 0);

	if (error || (error = bear_workers(&ring)) || (error = renew()))
		return error;
	entry->flags |= IOSQE_ASYNC;
	return tried(uring_submit(&ring, entry));
}

/* Put off until another request ends: that is what makes it keep the credentials of now. */
static int by_drain(struct io_uring_sqe *entry)
{
	struct io_uring_sqe poll = {.opcode = IORING_OP_POLL_ADD, .poll_events = POLLIN};
	struct uring ring;
	int pipes[2], error = uring_open(&ring, 0);

	if (error)
		return error;
	if (pipe(pipes))
		return errno;
	poll.fd = pipes[0];
	entry->flags |= IOSQE_IO_DRAIN;
	if (uring_put(&ring, &poll) || uring_put(&ring, entry))
		return errno;
	error = renew();
	if (error)
		return error;
	if (write(pipes[1], "x", 1) != 1 || uring_wait(&ring) < 0)
		return errno;
	return tried(uring_wait(&ring));
}

/* By another ring's polling thread. */
static int by_attached(struct io_uring_sqe *entry)
{
	struct uring first, second;
	int error = uring_open(&first, IORING_SETUP_SQPOLL);

	if (error || (error = bear_workers(&first)) || (error = renew()) ||
	    (error = uring_attach(&second, IORING_SETUP_SQPOLL, first.fd)))
		return error;
	return tried(uring_submit(&second, entry));
}

typedef int way(struct io_uring_sqe *entry);

static uint64_t name(const char *text)
{
	return (uintptr_t)text;
}

/* --------------------------------------------------------------- attributes */

static int attribute(way *by, unsigned char opcode, const char *path, const char *key, const void *value, size_t len)
{
	struct io_uring_sqe entry = {
		.opcode = opcode, .addr = name(key), .off = (uintptr_t)value, .len = (unsigned)len};
	uint64_t of = name(path);

	/* The path is in addr3, behind what older headers know: byte 48. */
	memcpy((char *)&entry + 48, &of, sizeof(of));
	return by(&entry);
}

static int get_attribute(way *by)
{
	static char buf[64];

	return attribute(by, IORING_OP_GETXATTR, ON_DISK, "user.rf", buf, sizeof(buf));
}

static int set_acl(way *by)
{
	return attribute(by, IORING_OP_SETXATTR, KEY, ACL, &acl_for_all, sizeof(acl_for_all));
}

/* Of a file that may be written: what is asked for is CAP_SYS_ADMIN (fs/xattr.c, xattr_permission). */
static int set_trusted(way *by)
{
	return attribute(by, IORING_OP_SETXATTR, WORK "/f", "trusted.rf", "x", 1);
}

static bool no_trusted(void)
{
	char buf[8];

	return lgetxattr(WORK "/f", "trusted.rf", buf, sizeof(buf)) < 0;
}

static int stat_hidden(way *by)
{
	static struct statx buf;
	struct io_uring_sqe entry = {.opcode = IORING_OP_STATX,
				     .fd = AT_FDCWD,
				     .addr = name(HIDDEN "/key"),
				     .len = STATX_BASIC_STATS,
				     .off = (uintptr_t)&buf};

	return by(&entry);
}

/* ------------------------------------------------------------------ netlink */

#define ADDRESS "127.7.7.7"

/* An address of loopback: CAP_NET_ADMIN. */
static int address(way *by, int fd, uint16_t type)
{
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg message;
		struct rtattr attr;
		struct in_addr addr;
	} ask = {.head = {.nlmsg_len = sizeof(ask), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		 .message = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 1},
		 .attr = {.rta_len = sizeof(ask.attr) + sizeof(ask.addr), .rta_type = IFA_LOCAL}};
	struct io_uring_sqe entry = {.opcode = IORING_OP_SEND, .fd = fd, .addr = (uintptr_t)&ask, .len = sizeof(ask)};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[256];
	} told = {.error = {.error = 0}};
	int error;

	if (type == RTM_NEWADDR)
		ask.head.nlmsg_flags |= NLM_F_CREATE;
	inet_pton(AF_INET, ADDRESS, &ask.addr);
	error = by ? by(&entry) : tried(send(fd, &ask, sizeof(ask), 0));
	if (error)
		return error;
	return recv(fd, &told, sizeof(told), 0) < 0 ? errno : -told.error.error;
}

static int add_address(way *by)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? errno : address(by, fd, RTM_NEWADDR);
}

/* Takes away what was there. */
static bool no_address(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int error = address(NULL, fd, RTM_DELADDR);

	close(fd);
	return error != 0;
}

/* -------------------------------------------------------------------- table */

#define WAYS(act)                        \
	static int act##_worker(void)    \
	{                                \
		return act(by_worker);   \
	}                                \
	static int act##_drain(void)     \
	{                                \
		return act(by_drain);    \
	}                                \
	static int act##_attached(void)  \
	{                                \
		return act(by_attached); \
	}
WAYS(get_attribute)
WAYS(set_acl)
WAYS(set_trusted)
WAYS(stat_hidden)
WAYS(add_address)

#define EACH_WAY(word, who, prepare, act, ...)                                         \
	{word "-worker", LINE_URING, who, prepare, act##_worker, __VA_ARGS__},         \
		{word "-drained", LINE_URING, who, prepare, act##_drain, __VA_ARGS__}, \
		{word "-attached", LINE_URING, who, prepare, act##_attached, __VA_ARGS__},

const struct attempt attempts_credentials[] = {
	EACH_WAY("getxattr", BOTH, make_attribute_on_disk, get_attribute, BY_RULE("inode_getxattr", ON_DISK),
		 .reason = "aliases|rule") EACH_WAY("acl", BOTH, NULL, set_acl,
						    BY_RULE("inode_set_acl|inode_setxattr", KEY), .changes = true,
						    .intact = has_no_acl)
		EACH_WAY("trusted", ROOT, NULL, set_trusted, BY_GUARD("capable", "capabilities"), .changes = true,
			 .intact = no_trusted) EACH_WAY("hidden", BOTH, NULL, stat_hidden, .hook = "inode_getattr",
							.object = HIDDEN, .error = ENOENT)
			EACH_WAY("netlink", ROOT, NULL, add_address, BY_GUARD("capable", "capabilities"),
				 .changes = true, .intact = no_address){
				"keys", LINE_URING, BOTH,
				.skip = "io_uring has no form of keyctl(2), add_key(2) and request_key(2)"},
	{"access", LINE_URING, BOTH, .skip = "io_uring has no form of access(2) and chdir(2)"},
};
ATTEMPTS(attempts_credentials);
