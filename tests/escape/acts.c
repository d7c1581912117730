// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What many attempts do. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/address.h"

int tried(long result)
{
	return result < 0 ? errno : 0;
}

int connect_to(int fd, const char *address, unsigned port)
{
	union name name;
	socklen_t len = name_of(&name, address, port);

	return fd < 0 ? errno : tried(connect(fd, &name.any, len));
}

int read_word(int fd)
{
	char buf[sizeof(WORD)] = "";
	ssize_t len;

	if (fd < 0)
		return errno;
	len = read(fd, buf, sizeof(buf) - 1);
	if (len < 0)
		return errno;
	return len == sizeof(WORD) - 1 && !memcmp(buf, WORD, (size_t)len) ? 0 : EILSEQ;
}

int openat_and_read(int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags | O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = read_word(fd);

	if (fd >= 0)
		close(fd);
	return error;
}

int open_and_read(const char *path)
{
	return openat_and_read(AT_FDCWD, path, 0);
}

int run_for(const char *const argv[], const char *output)
{
	char buf[256] = "";
	size_t len = 0;
	int pipes[2], status;
	ssize_t got;
	pid_t pid;

	/* The program's name is not the attempt's: within a second the user's denial would be merged with root's. */
	if (stage.fenced && stage.uid)
		usleep(1200000);
	if (pipe(pipes))
		return errno;
	pid = fork();
	if (!pid) {
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(pipes[1]);
	while (len < sizeof(buf) - 1 && (got = read(pipes[0], buf + len, sizeof(buf) - 1 - len)) > 0)
		len += (size_t)got;
	close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) && !strcmp(buf, output) ? 0 : EACCES;
}

int send_fd(int socket, int fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return tried(sendmsg(socket, &message, 0));
}

int receive_fd(int socket)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec into = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *head;
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len >= CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	else
		errno = EACCES;
	return fd;
}
