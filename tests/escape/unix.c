// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to reach a unix socket whose name is denied: secret/sock, secret/dgram, @bad-stream and @bad-dgram listen. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/world.h"

static socklen_t name_of(struct sockaddr_un *name, const char *path)
{
	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	memcpy(name->sun_path, path, strlen(path));
	if (*path == '@')
		name->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
}

static int reach(int type, const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return tried(connect(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), (struct sockaddr *)&name, len));
}

static int send_to(const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return tried(sendto(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "x", 1, 0, (struct sockaddr *)&name, len));
}

static int take(const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return tried(bind(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&name, len));
}

static int stream(void)
{
	return reach(SOCK_STREAM, SECRET "/sock");
}

static int stream_relative(void)
{
	return chdir(SECRET) ? errno : reach(SOCK_STREAM, "sock");
}

static int datagram(void)
{
	return send_to(SECRET "/dgram");
}

static int datagram_connect(void)
{
	return reach(SOCK_DGRAM, SECRET "/dgram");
}

static int stream_symlink(void)
{
	return symlink(SECRET "/sock", WORK "/sock") ? errno : reach(SOCK_STREAM, WORK "/sock");
}

static int datagram_symlink(void)
{
	return symlink(SECRET "/dgram", WORK "/dgram") ? errno : send_to(WORK "/dgram");
}

static int stream_cwd(void)
{
	return chdir(SECRET) ? errno : reach(SOCK_STREAM, "/proc/self/cwd/sock");
}

static int stream_link(void)
{
	return link(SECRET "/sock", WORK "/sock") ? errno : reach(SOCK_STREAM, WORK "/sock");
}

static int abstract_stream(void)
{
	return reach(SOCK_STREAM, "@bad-stream");
}

static int abstract_datagram(void)
{
	return send_to("@bad-dgram");
}

static int bind_denied(void)
{
	return take(SECRET "/mine");
}

static int bind_abstract(void)
{
	return take("@mine");
}

/* The name of another's service, taken by a rename from an allowed place. */
static int shadow(void)
{
	int error = take(WORK "/mine");

	return error ? error : tried(rename(WORK "/mine", SECRET "/sock"));
}

/* The descriptor of a file that is denied, sent from outside. */
static int send_secret(void)
{
	int pair[2];

	stage.fd[0] = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	stage.fd[0] = pair[0];
	stage.fd[1] = open(KEY, O_RDWR);
	return stage.fd[1] < 0 ? errno : send_fd(pair[1], stage.fd[1]);
}

static int receive_secret(void)
{
	close(stage.fd[1]);
	return read_word(receive_fd(stage.fd[0]));
}

static int send_directory(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return errno;
	stage.fd[0] = pair[0];
	return send_fd(pair[1], open(SECRET, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int receive_directory(void)
{
	int fd = receive_fd(stage.fd[0]);
	char buf[256];

	return fd < 0 ? errno : tried(getdents64(fd, buf, sizeof(buf)));
}

#define STREAM(what)   BY_RULE("unix_stream_connect", what), .changes = true
#define DATAGRAM(what) BY_RULE("unix_may_send", what), .changes = true
#define D	       LINE_UNIX

const struct attempt attempts_unix[] = {
	{"stream", D, BOTH, NULL, stream, STREAM(SECRET "/sock")},
	{"stream-relative", D, BOTH, NULL, stream_relative, STREAM(SECRET "/sock")},
	{"stream-symlink", D, BOTH, NULL, stream_symlink, STREAM(SECRET "/sock")},
	{"stream-self-cwd", D, BOTH, NULL, stream_cwd, STREAM(SECRET "/sock")},
	{"stream-link", D, BOTH, NULL, stream_link, .hook = "path_link", .reason = "gain|rule", .changes = true},
	{"datagram", D, BOTH, NULL, datagram, DATAGRAM(SECRET "/dgram")},
	{"datagram-connect", D, BOTH, NULL, datagram_connect, BY_RULE("unix_may_send", SECRET "/dgram")},
	{"datagram-symlink", D, BOTH, NULL, datagram_symlink, DATAGRAM(SECRET "/dgram")},
	{"abstract-stream", D, BOTH, NULL, abstract_stream, STREAM("@bad-stream")},
	{"abstract-datagram", D, BOTH, NULL, abstract_datagram, DATAGRAM("@bad-dgram")},
	{"unnamed", D, BOTH, .skip = "a socket pair has no name: it comes from a task that had it, as any descriptor"},
	{"bind", D, BOTH, NULL, bind_denied, .hook = "path_mknod|socket_bind", .object = SECRET "/mine",
	 .changes = true},
	{"bind-abstract", D, BOTH, NULL, bind_abstract, BY_RULE("socket_bind", "@mine")},
	{"shadow-by-rename", D, BOTH, NULL, shadow, .hook = "path_rename", .reason = "gain|rule", .changes = true},
	{"received-file", D, BOTH, send_secret, receive_secret, BY_RULE("file_receive", KEY), .error = EACCES},
	{"received-directory", D, BOTH, send_directory, receive_directory, BY_RULE("file_receive", SECRET),
	 .error = EACCES},
};
ATTEMPTS(attempts_unix);
