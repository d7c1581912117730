// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Operations of io_uring that no other attempt makes: the forms of calls that tests/sweep/opcodes.h asks for. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "escape/attributes.h"
#include "escape/escape.h"
#include "escape/uring.h"

/* Newer than the headers of Debian 12. */
enum { OP_SEND_ZC = 47, OP_SENDMSG_ZC = 48, OP_FTRUNCATE = 55, OP_BIND = 56, OP_LISTEN = 57 };

static uint64_t at(const void *what)
{
	return (uintptr_t)what;
}

/* -------------------------------------------------------------------- files */

static int open_by_how(void)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = at(KEY), .off = at(&how), .len = sizeof(how)};

	return read_word(uring_do(0, &entry));
}

static int hold(const char *path, int flags)
{
	stage.fd[0] = open(path, flags);
	return stage.fd[0] < 0 ? errno : 0;
}

static int hold_unwritable(void)
{
	return hold(TREE "/ro/f", O_RDWR);
}

static int hold_key(void)
{
	return hold(KEY, O_RDONLY);
}

static int hold_attribute(void)
{
	int error = make_attribute_on_disk();

	return error ? error : hold(ON_DISK, O_RDONLY);
}

static int truncate_held(void)
{
	struct io_uring_sqe entry = {.opcode = OP_FTRUNCATE, .fd = stage.fd[0], .off = 1};

	return tried(uring_do(0, &entry));
}

static int set_acl(void)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_FSETXATTR,
				     .fd = stage.fd[0],
				     .addr = at(ACL),
				     .off = at(&acl_for_all),
				     .len = sizeof(acl_for_all)};

	return tried(uring_do(IORING_SETUP_SQPOLL, &entry));
}

static int get_attribute(void)
{
	static char buf[64];
	struct io_uring_sqe entry = {.opcode = IORING_OP_FGETXATTR,
				     .fd = stage.fd[0],
				     .addr = at("user.rf"),
				     .off = at(buf),
				     .len = sizeof(buf)};

	return tried(uring_do(IORING_SETUP_SQPOLL, &entry));
}

/* ------------------------------------------------------------------ sockets */

static struct sockaddr_in denied(unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* The address is in addr2, its length where splice_fd_in is (io_uring/net.c, io_sendmsg_prep). */
static int send_by(unsigned char opcode)
{
	struct sockaddr_in name = denied(PORT_UDP);
	struct io_uring_sqe entry = {.opcode = opcode,
				     .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				     .addr = at("x"),
				     .len = 1,
				     .addr2 = at(&name),
				     .splice_fd_in = sizeof(name)};

	return tried(uring_do(0, &entry));
}

static int send_to(void)
{
	return send_by(IORING_OP_SEND);
}

static int send_zc(void)
{
	return send_by(OP_SEND_ZC);
}

static int sendmsg_zc(void)
{
	struct sockaddr_in name = denied(PORT_UDP);
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &byte, .msg_iovlen = 1};
	struct io_uring_sqe entry = {.opcode = OP_SENDMSG_ZC,
				     .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				     .addr = at(&message),
				     .len = 1};

	return tried(uring_do(0, &entry));
}

static int bind_to(void)
{
	struct sockaddr_in name = denied(5353);
	struct io_uring_sqe entry = {.opcode = OP_BIND,
				     .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				     .addr = at(&name),
				     .addr2 = sizeof(name)};

	return tried(uring_do(0, &entry));
}

static int listen_unbound(void)
{
	struct io_uring_sqe entry = {
		.opcode = OP_LISTEN, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .len = 1};

	return tried(uring_do(0, &entry));
}

static int send_secret(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	stage.fd[0] = pair[0];
	return send_fd(pair[1], open(KEY, O_RDONLY | O_CLOEXEC));
}

static int receive_by(unsigned setup)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec into = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct io_uring_sqe entry = {.opcode = IORING_OP_RECVMSG, .fd = stage.fd[0], .addr = at(&message), .len = 1};
	struct cmsghdr *head;
	int fd;

	if (uring_do(setup, &entry) < 0)
		return errno;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len < CMSG_LEN(sizeof(int)))
		return EACCES;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return read_word(fd);
}

static int receive(void)
{
	return receive_by(0);
}

static int receive_polled(void)
{
	return receive_by(IORING_SETUP_SQPOLL);
}

#define U	LINE_URING, BOTH
#define TO	BY_RULE("socket_connect|socket_sendmsg", NULL), .changes = true
#define BOUND	BY_RULE("socket_bind|socket_listen", NULL)
#define RECEIVE BY_RULE("file_receive", KEY), .error = EACCES

const struct attempt attempts_opcodes[] = {
	{"openat2", U, NULL, open_by_how, BY_RULE("file_open", KEY)},
	{"ftruncate", U, hold_unwritable, truncate_held, BY_RULE("file_truncate|path_truncate", TREE "/ro/f"),
	 .changes = true},
	{"fsetxattr", U, hold_key, set_acl, BY_RULE("inode_set_acl|inode_setxattr", KEY), .changes = true,
	 .intact = has_no_acl},
	{"fgetxattr", U, hold_attribute, get_attribute, BY_RULE("inode_getxattr", ON_DISK), .reason = "aliases|rule"},
	{"send", U, NULL, send_to, TO},
	{"send_zc", U, NULL, send_zc, TO},
	{"sendmsg_zc", U, NULL, sendmsg_zc, TO},
	{"bind", U, NULL, bind_to, BOUND},
	{"listen", U, NULL, listen_unbound, BOUND},
	{"recvmsg", U, send_secret, receive, RECEIVE},
	{"recvmsg-SQPOLL", U, send_secret, receive_polled, RECEIVE},
};
ATTEMPTS(attempts_opcodes);
