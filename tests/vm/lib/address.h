/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Socket addresses by their text. */
#ifndef RINGFENCE_TESTS_ADDRESS_H
#define RINGFENCE_TESTS_ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* An IPv4 or IPv6 address in numbers, and a port. Returns the length of the name. */
static inline socklen_t name_of(union name *name, const char *address, unsigned port)
{
	memset(name, 0, sizeof(*name));
	if (inet_pton(AF_INET, address, &name->v4.sin_addr) == 1) {
		name->v4.sin_family = AF_INET;
		name->v4.sin_port = htons((uint16_t)port);
		return sizeof(name->v4);
	}
	if (inet_pton(AF_INET6, address, &name->v6.sin6_addr) != 1)
		abort();
	name->v6.sin6_family = AF_INET6;
	name->v6.sin6_port = htons((uint16_t)port);
	return sizeof(name->v6);
}

#endif
