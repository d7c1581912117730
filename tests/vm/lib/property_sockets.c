// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vm/lib/property.h"
#include "vm/lib/world.h"

/* -------------------------------------------------------------------- unix */

static socklen_t unix_name(const struct question *question, struct sockaddr_un *name)
{
	const struct gen_probe *probe = &question->probe;

	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(name->sun_path, probe->path, probe->len);
	if (probe->path[0] == '@')
		name->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + probe->len + (probe->path[0] != '@'));
}

/* A socket of that name, so that there is one to be asked for. */
static bool unix_listen(struct question *question, const struct sockaddr_un *name, socklen_t len)
{
	int type = question->way == WAY_STREAM ? SOCK_STREAM : SOCK_DGRAM;

	question->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (question->fd >= 0 && !bind(question->fd, (const void *)name, len) &&
	    (type == SOCK_DGRAM || !listen(question->fd, 100)))
		return true;
	close(question->fd);
	question->fd = -1;
	return false;
}

bool unix_prepare(struct round *round, struct question *question)
{
	const char *path = question->probe.path;
	bool abstract = path[0] == '@';
	struct sockaddr_un name;
	socklen_t len;

	if (question->probe.len > 100 || strlen(path) != question->probe.len ||
	    question->probe.len < (abstract ? 2 : strlen(round->gen->prefix) + 2) ||
	    !name_is_free(round, path, question->probe.len))
		return false;
	/* To bind to a file's name is to make a file: the files' rules are asked. */
	if (!abstract)
		question->probe.access = RF_CONNECT;
	question->way = question->probe.access == RF_BIND ? WAY_BIND_ABSTRACT
			: gen_chance(round->gen, 50)	  ? WAY_STREAM
							  : WAY_DGRAM;
	len = unix_name(question, &name);
	if (question->way == WAY_BIND_ABSTRACT)
		return true;
	return (abstract || make_parents(path)) && unix_listen(question, &name, len);
}

int unix_ask(const struct question *question)
{
	struct sockaddr_un name;
	socklen_t len = unix_name(question, &name);
	int type = question->way == WAY_STREAM ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (question->way == WAY_BIND_ABSTRACT)
		error = ERRNO(bind(fd, (void *)&name, len));
	else
		error = ERRNO(connect(fd, (void *)&name, len));
	close(fd);
	return error;
}

/* ----------------------------------------------------------------- network */

static int net_socket(const struct question *question, bool v4);

/* Whether the kernel has the protocol. It looks for a module each time where it has not, so that is asked once. */
static bool has_protocol(const struct question *question)
{
	static unsigned known, has;
	unsigned bit = question->probe.protocol;
	int fd;

	if (!(known & bit)) {
		known |= bit;
		fd = net_socket(question, true);
		has |= fd >= 0 ? bit : 0;
		close(fd);
	}
	return has & bit;
}

bool net_prepare(struct round *round, struct question *question)
{
	static const uint8_t v4_head[12] = {[10] = 0xff, [11] = 0xff};
	bool v4 = !memcmp(question->probe.addr, v4_head, sizeof(v4_head));

	if (!has_protocol(question))
		return false;
	question->mapped = v4 && gen_chance(round->gen, 30) && question->probe.protocol != RF_ICMP;
	if (question->probe.access == RF_BIND)
		question->way = WAY_BIND;
	else
		question->way = question->probe.protocol & (RF_UDP | RF_ICMP) && gen_chance(round->gen, 50)
					? WAY_SENDTO
					: WAY_CONNECT;
	/* To bind to port 0 needs no rule; to send to it is refused before any hook. */
	return question->probe.port || question->way == WAY_CONNECT;
}

static int net_socket(const struct question *question, bool v4)
{
	int family = v4 && !question->mapped ? AF_INET : AF_INET6;

	switch (question->probe.protocol) {
	case RF_TCP:
		return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	case RF_UDP:
		return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	case RF_UDPLITE:
		return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDPLITE);
	case RF_SCTP:
		return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP);
	default:
		return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	}
}

static socklen_t net_name(const struct question *question, bool v4, struct sockaddr_in6 *name)
{
	struct sockaddr_in *in = (void *)name;

	*name = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(question->probe.port)};
	if (v4 && !question->mapped) {
		in->sin_family = AF_INET;
		memcpy(&in->sin_addr, question->probe.addr + 12, 4);
		return sizeof(*in);
	}
	memcpy(&name->sin6_addr, question->probe.addr, 16);
	return sizeof(*name);
}

int net_ask(const struct question *question)
{
	/* An echo request, for ICMP; for others any bytes. */
	static const unsigned char text[8] = {8};
	bool v4 = question->probe.addr[10] == 0xff && question->probe.addr[0] == 0;
	struct sockaddr_in6 name;
	socklen_t len = net_name(question, v4, &name);
	int fd = net_socket(question, v4), error;

	if (fd < 0)
		return ESOCKTNOSUPPORT;
	if (question->way == WAY_BIND)
		error = ERRNO(bind(fd, (void *)&name, len));
	else if (question->way == WAY_SENDTO)
		error = ERRNO(sendto(fd, text, sizeof(text), MSG_NOSIGNAL, (void *)&name, len));
	else
		error = ERRNO(connect(fd, (void *)&name, len));
	/* By UDP it may be connected, or the kernel may know no route; what is sent is judged. */
	if (question->way == WAY_CONNECT && question->probe.protocol == RF_UDP &&
	    send(fd, text, sizeof(text), MSG_NOSIGNAL) < 0 && errno == EACCES)
		error = EACCES;
	close(fd);
	return error;
}

struct expected net_expect(const struct round *round, const struct question *question)
{
	const struct gen_probe *probe = &question->probe;
	struct ref_verdict ref =
		ref_dest(round->fence.set.policy, probe->access, probe->protocol, probe->addr, probe->port);

	return (struct expected){.error = ref.allow ? 0 : EACCES, .access = probe->access, .rule = ref.rule};
}
