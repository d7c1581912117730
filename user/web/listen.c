// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/web.h"

/* "PORT" or "ADDRESS:PORT", an IPv6 one in brackets. */
static int parse(const char *text, struct sockaddr_storage *out, socklen_t *length)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	char host[64] = "127.0.0.1", *end;
	unsigned long port = strtoul(digits, &end, 10);

	if (*digits < '0' || *digits > '9' || *end || !port || port > 65535)
		return -EINVAL;
	if (colon && snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text) >= (int)sizeof(host))
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)port);
		*length = sizeof(*six);
		return inet_pton(AF_INET6, host + 1, &six->sin6_addr) == 1 ? 0 : -EINVAL;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)port);
	*length = sizeof(*four);
	if (!strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	return inet_pton(AF_INET, host, &four->sin_addr) == 1 ? 0 : -EINVAL;
}

int rf_web_check(const char *address)
{
	struct sockaddr_storage at;
	socklen_t length;
	int err = parse(address, &at, &length);

	return err || rf_web_is_loopback(&at) ? err : -EADDRNOTAVAIL;
}

int rf_web_listen(const char *address)
{
	struct sockaddr_storage at;
	socklen_t length;
	int fd, err = parse(address, &at, &length), on = 1;

	if (!err && !rf_web_is_loopback(&at))
		err = -EADDRNOTAVAIL;
	if (err)
		return err;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Behind a restart, connections of before may still be on their way out. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, length) < 0 || listen(fd, SOMAXCONN) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

bool rf_web_is_loopback(const struct sockaddr_storage *at)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)at;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)at;

	if (at->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return at->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}
