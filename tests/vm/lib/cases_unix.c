// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Unix sockets. names.c has bound, as a stream and as a datagram socket each: rw/s, rw/d (allowed), secret/s,
 * secret/d, @good-s, @good-d (allowed) and @bad-s, @bad-d; rw/slink leads to secret/s.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

static socklen_t name_of(struct sockaddr_un *name, const char *path)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(name->sun_path, sizeof(name->sun_path), "%s", path);
	if (path[0] == '@')
		name->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (path[0] != '@'));
}

static int reach(int type, const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return ERRNO(connect(socket(AF_UNIX, type, 0), (void *)&name, len));
}

static int send_to(const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return ERRNO(sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, MSG_DONTWAIT, (void *)&name, len));
}

static int take(int type, const char *path)
{
	struct sockaddr_un name;
	socklen_t len = name_of(&name, path);

	return ERRNO(bind(socket(AF_UNIX, type, 0), (void *)&name, len));
}

#define ACT(name, call)       \
	static int name(void) \
	{                     \
		return call;  \
	}
ACT(stream_allowed, reach(SOCK_STREAM, "/tmp/w/rw/s"))
ACT(stream_refused, reach(SOCK_STREAM, "/tmp/w/secret/s"))
ACT(stream_link, reach(SOCK_STREAM, "/tmp/w/rw/slink"))
ACT(dgram_allowed, reach(SOCK_DGRAM, "/tmp/w/rw/d"))
ACT(dgram_refused, reach(SOCK_DGRAM, "/tmp/w/secret/d"))
ACT(rename_socket, ERRNO(rename("/tmp/w/rw/bus/s", "/tmp/w/rw/s2")))
ACT(rename_folder, ERRNO(rename("/tmp/w/rw/bus", "/tmp/w/rw/car")))
ACT(rename_into, ERRNO(mkdir("/tmp/w/rw/fresh", 0755) ? -1 : rename("/tmp/w/rw/fresh", "/tmp/w/rw/bus/fresh")))
ACT(link_socket, link("/tmp/w/rw/bus/s", "/tmp/w/rw/s3") ? EBADF : reach(SOCK_STREAM, "/tmp/w/rw/s3"))
ACT(send_allowed, send_to("/tmp/w/rw/d"))
ACT(send_refused, send_to("/tmp/w/secret/d"))
ACT(abstract_allowed, reach(SOCK_STREAM, "@good-s"))
ACT(abstract_refused, reach(SOCK_STREAM, "@bad-s"))
ACT(abstract_send_allowed, send_to("@good-d"))
ACT(abstract_send, send_to("@bad-d"))
ACT(bind_path, take(SOCK_STREAM, "/tmp/w/rw/mine"))
ACT(bind_path_refused, take(SOCK_STREAM, "/tmp/w/ro/mine"))
ACT(bind_abstract, take(SOCK_STREAM, "@good-mine"))
ACT(bind_abstract_refused, take(SOCK_STREAM, "@bad-mine"))

static int pair(void)
{
	int fd[2];

	return socketpair(AF_UNIX, SOCK_DGRAM, 0, fd) || write(fd[0], "x", 1) != 1 ? EBADF : 0;
}

static int relative(void)
{
	return chdir("/tmp/w/secret") ? EBADF : reach(SOCK_STREAM, "s");
}

#define TO(by, what) REFUSED(RF_CONNECT, by, what)

const struct kase cases_unix[] = {
	{CASE("stream-allowed", stream_allowed)},
	{CASE("stream-refused", stream_refused), TO(unix_stream_connect, "/tmp/w/secret/s")},
	{CASE("stream-by-symlink", stream_link), TO(unix_stream_connect, "/tmp/w/secret/s")},
	{CASE("stream-relative", relative), TO(unix_stream_connect, "/tmp/w/secret/s")},
	{CASE("dgram-allowed", dgram_allowed)},
	{CASE("dgram-refused", dgram_refused), TO(unix_may_send, "/tmp/w/secret/d")},
	{CASE("rename-socket", rename_socket), GAIN(path_rename, "/tmp/w/rw/bus/s", "/tmp/w/rw/s2")},
	{CASE("rename-folder-of-socket", rename_folder), GAIN(path_rename, "/tmp/w/rw/bus", "/tmp/w/rw/car")},
	{CASE("rename-into-folder-of-socket", rename_into)},
	{CASE("link-of-socket", link_socket), TO(unix_stream_connect, "/tmp/w/rw/bus/s")},
	{CASE("sendto-allowed", send_allowed)},
	{CASE("sendto-refused", send_refused), TO(unix_may_send, "/tmp/w/secret/d")},
	{CASE("abstract-allowed", abstract_allowed)},
	{CASE("abstract-refused", abstract_refused), TO(unix_stream_connect, "@bad-s")},
	{CASE("abstract-sendto-allowed", abstract_send_allowed)},
	{CASE("abstract-sendto", abstract_send), TO(unix_may_send, "@bad-d")},
	{CASE("bind", bind_path)},
	{CASE("bind-refused", bind_path_refused), REFUSED(RF_WRITE, path_mknod, "/tmp/w/ro/mine")},
	{CASE("bind-abstract", bind_abstract)},
	{CASE("bind-abstract-refused", bind_abstract_refused), REFUSED(RF_BIND, socket_bind, "@bad-mine")},
	{CASE("socketpair", pair)},
};
CASES(cases_unix);
