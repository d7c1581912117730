// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "vm/lib/service.h"

#define SOCKET "/run/ringfence/api.sock"

pid_t service;

void service_start(void)
{
	service = fork();
	if (service)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!freopen("/tmp/agent-log", "a", stderr))
		_exit(2);
	execl("build/bin/ringfenced", "ringfenced", (char *)NULL);
	_exit(127);
}

int service_ask(const char *head, const char *body, char *answer, size_t size)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = 0;
	ssize_t got;

	if (connect(fd, (struct sockaddr *)&name, sizeof(name))) {
		close(fd);
		return -1;
	}
	dprintf(fd, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body),
		body);
	while (len < size - 1 && (got = read(fd, answer + len, size - 1 - len)) > 0)
		len += (size_t)got;
	answer[len] = '\0';
	close(fd);
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

bool service_ready(void)
{
	char answer[4096];

	for (int i = 0; i < 3000; i++) {
		if (service_ask("GET /readyz", "", answer, sizeof(answer)) == 200)
			return true;
		usleep(20000);
	}
	return false;
}

long service_start_in(const char *cgroup)
{
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)fd};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	close(fd);
	return pid;
}
