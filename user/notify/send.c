// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/text.h"
#include "notify/send.h"

/* The helper ends itself in its time; this is for one that does not, and for systemd's starting it. */
#define GRACE_US ((RF_NOTIFY_SECONDS + 15) * UINT64_C(1000000))

struct rf_sending {
	sd_event_source *readable, *late;
	int fd;
	pid_t pid; /* of a helper that was started from here; 0: systemd's */
	rf_sent *done;
	void *context;
	char answer[256];
	size_t len;
};

void rf_send_cancel(struct rf_sending *sending)
{
	if (!sending)
		return;
	sd_event_source_disable_unref(sending->readable);
	sd_event_source_disable_unref(sending->late);
	if (sending->fd >= 0)
		close(sending->fd);
	if (sending->pid > 0) {
		/* Dead in no time: it is killed, with all that it started. */
		kill(-sending->pid, SIGKILL);
		waitpid(sending->pid, NULL, 0);
	}
	free(sending);
}

static void finish(struct rf_sending *sending, const char *problem)
{
	rf_sent *done = sending->done;
	void *context = sending->context;

	rf_send_cancel(sending);
	done(context, problem);
}

/* What the helper says may hold what others made up. */
static void judge(struct rf_sending *sending)
{
	struct rf_line line = {.text = NULL};
	char problem[1100];
	size_t len = strcspn(sending->answer, "\n");

	sending->answer[len] = '\0';
	if (strcmp(sending->answer, RF_NOTIFY_OK) == 0) {
		finish(sending, NULL);
		return;
	}
	rf_line_name(&line, sending->answer, len, 0);
	rf_line_bytes(&line, "", 1);
	strncpy(problem, len && !line.failed ? line.text : "the helper ended without an answer", sizeof(problem) - 1);
	problem[sizeof(problem) - 1] = '\0';
	rf_line_free(&line);
	finish(sending, problem);
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct rf_sending *sending = context;
	size_t room = sizeof(sending->answer) - 1 - sending->len;
	ssize_t got;

	(void)source, (void)events;
	got = recv(fd, sending->answer + sending->len, room, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	sending->len += got > 0 ? (size_t)got : 0;
	if (got <= 0 || sending->len == sizeof(sending->answer) - 1 || memchr(sending->answer, '\n', sending->len))
		judge(sending);
	return 0;
}

static int on_late(sd_event_source *source, uint64_t now, void *context)
{
	(void)source, (void)now;
	finish(context, "it took too long");
	return 0;
}

/* -------------------------------------------------------------- the helper */

static int reach(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int start(const char *program, pid_t *pid)
{
	char *const argv[] = {(char *)program, NULL};
	char *const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGHUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	err = posix_spawn(pid, program, &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(pair[1]);
	if (err) {
		close(pair[0]);
		*pid = 0;
		return -err;
	}
	return pair[0];
}

int rf_send(sd_event *event, const char *path, const char *program, const char *request, rf_sent *done, void *context,
	    struct rf_sending **out)
{
	struct rf_sending *sending = calloc(1, sizeof(*sending));
	size_t len = strlen(request);
	int room = (int)len + 65536, err = 0;
	ssize_t put;

	if (!sending)
		return -ENOMEM;
	sending->done = done;
	sending->context = context;
	sending->fd = reach(path);
	if (sending->fd < 0)
		sending->fd = start(program, &sending->pid);
	if (sending->fd < 0) {
		err = sending->fd;
		rf_send_cancel(sending);
		return err;
	}
	/* All at once, or not: there is room for it from the start. */
	setsockopt(sending->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	put = send(sending->fd, request, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0)
		err = -errno;
	else if ((size_t)put != len)
		err = -EMSGSIZE;
	if (!err && shutdown(sending->fd, SHUT_WR))
		err = -errno;
	if (!err)
		err = sd_event_add_io(event, &sending->readable, sending->fd, EPOLLIN, on_answer, sending);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &sending->late, CLOCK_MONOTONIC, GRACE_US, 0, on_late, sending);
	if (err < 0) {
		rf_send_cancel(sending);
		return err;
	}
	*out = sending;
	return 0;
}
