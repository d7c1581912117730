/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets by the number that a descriptor shows ("socket:[N]"), with whom they are connected to and bound to. */
#ifndef RINGFENCE_HELD_SOCKETS_H
#define RINGFENCE_HELD_SOCKETS_H

#include "held/open.h"

struct rf_socket {
	uint64_t inode;
	uint16_t local; /* port; of TCP sockets that are connected */
	struct rf_open open;
};

/* A socket that is both connected and bound stands twice. */
struct rf_sockets {
	struct rf_socket *socket; /* by inode, once rf_sockets_sort was called */
	size_t count;
	char **name; /* paths that they point at */
	size_t names;
};

/* Adds TCP and UDP sockets of the network namespace of the process whose folder in /proc this is, until `late` (of
 * `context`) says so. Returns 0, -ETIME, -errno. */
int rf_sockets_inet(struct rf_sockets *sockets, int process, bool (*late)(const void *context), const void *context);
/* Adds unix sockets of our own network namespace that are connected to one with a name. -ENOENT and others: the
 * kernel can't be asked. */
int rf_sockets_unix(struct rf_sockets *sockets);
void rf_sockets_sort(struct rf_sockets *sockets);
/* The first of an inode, or NULL; *count of them follow one another. */
const struct rf_socket *rf_sockets_find(const struct rf_sockets *sockets, uint64_t inode, size_t *count);
void rf_sockets_free(struct rf_sockets *sockets);

#endif
