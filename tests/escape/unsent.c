// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UDP sockets that may be connected to a denied address, and so send by every way that there is (bpf/unsent.h). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "escape/escape.h"

enum { PORT_ALLOWED = 7060, RACE_SECONDS = 1 };

#define HERE "127.0.0.1"

/* A socket that is connected to what is denied. */
static int denied_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return connect_to(fd, HERE, PORT_UDP) ? -1 : fd;
}

static int write_to_it(void)
{
	int fd = denied_socket();

	return fd < 0 ? errno : tried(write(fd, "x", 1));
}

static int many_messages(void)
{
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct mmsghdr two[2] = {{.msg_hdr = {.msg_iov = &byte, .msg_iovlen = 1}},
				 {.msg_hdr = {.msg_iov = &byte, .msg_iovlen = 1}}};
	int fd = denied_socket();

	return fd < 0 ? errno : tried(sendmmsg(fd, two, 2, 0));
}

/* Before 6.5 no hook is asked for pages that are sent (net/socket.c, kernel_sendpage): the packet is dropped, which is
 * EPERM. */
static int pages(void)
{
	int fd = denied_socket(), file = open(WORK "/page", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	off_t at = 0;
	int error;

	if (fd < 0 || file < 0 || write(file, "x", 1) != 1)
		return errno;
	error = tried(sendfile(fd, file, &at, 1));
	return error == EPERM ? EACCES : error;
}

/* An IPv6 socket sends to its peer, whatever a name of AF_UNSPEC says. */
static int to_no_name(void)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = connect_to(fd, "::1", PORT_UDP);

	return error ? error : tried(sendto(fd, "x", 1, 0, &none, sizeof(none)));
}

static _Atomic int racing;

static void *turn_to_denied(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = atomic_load(&racing)) >= 0)
		if (fd)
			connect_to(fd, HERE, PORT_UDP);
	return NULL;
}

/* The peer changes between the hook and the kernel's use of it; each socket has one chance. */
static int while_peer_changes(void)
{
	time_t end = time(NULL) + RACE_SECONDS;
	pthread_t thread;

	atomic_store(&racing, 0);
	if (pthread_create(&thread, NULL, turn_to_denied, NULL))
		return errno;
	while (time(NULL) < end) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		connect_to(fd, HERE, PORT_ALLOWED);
		atomic_store(&racing, fd);
		for (int i = 0; i < 50; i++)
			(void)!write(fd, "x", 1);
		atomic_store(&racing, 0);
		close(fd);
	}
	atomic_store(&racing, -1);
	pthread_join(thread, NULL);
	/* What is left of it is what the listener got. */
	return stage.fenced ? EACCES : 0;
}

#define SENT .line = LINE_INET, .who = BOTH, BY_RULE("socket_sendmsg", NULL), .changes = true

const struct attempt attempts_unsent[] = {
	{"write", .act = write_to_it, SENT},
	{"sendmmsg", .act = many_messages, SENT},
	{"sendfile", .act = pages, SENT},
	{"AF_UNSPEC", .act = to_no_name, SENT},
	{"race", .act = while_peer_changes, SENT, .most = 1000000},
};
ATTEMPTS(attempts_unsent);
