// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Unix sockets and their peers, by sock_diag(7): /proc/net/unix does not tell peers. It answers for our own network
 * namespace alone.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "engine/auto.h"
#include "held/sockets.h"
#include "policy/memory.h"

struct one {
	uint32_t inode, peer;
	char *name; /* "/path", "@name"; NULL: none that could be judged */
};

struct peers {
	struct one *one;
	size_t count;
};

/* A name as it was bound. One that is not from the root is of a folder that is not known any more. */
static char *name_of(const char *bytes, size_t len)
{
	char *name;

	len = len > sizeof(((struct sockaddr_un *)NULL)->sun_path) ? sizeof(((struct sockaddr_un *)NULL)->sun_path)
								   : len;
	if (!len || (bytes[0] && bytes[0] != '/'))
		return NULL;
	name = calloc(1, len + 1);
	if (!name)
		return NULL;
	memcpy(name, bytes, len);
	if (!name[0])
		name[0] = '@';
	return name;
}

static int take(struct peers *peers, const struct nlmsghdr *message)
{
	const struct unix_diag_msg *head = NLMSG_DATA(message);
	const struct rtattr *attribute = (const struct rtattr *)(head + 1);
	int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof(*head)));
	struct one *more = rf_grow(peers->one, peers->count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	peers->one = more;
	more += peers->count++;
	more->inode = head->udiag_ino;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == UNIX_DIAG_NAME && !more->name)
			more->name = name_of(RTA_DATA(attribute), RTA_PAYLOAD(attribute));
		else if (attribute->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(attribute) == sizeof(more->peer))
			memcpy(&more->peer, RTA_DATA(attribute), sizeof(more->peer));
	}
	return 0;
}

/* One read's messages; 1: that was the last. */
static int take_all(struct peers *peers, const void *bytes, size_t len)
{
	int err = 0;

	for (const struct nlmsghdr *m = bytes; !err && NLMSG_OK(m, len); m = NLMSG_NEXT(m, len)) {
		if (m->nlmsg_type == NLMSG_DONE)
			return 1;
		if (m->nlmsg_type == NLMSG_ERROR)
			return m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))
				       ? ((const struct nlmsgerr *)NLMSG_DATA(m))->error
				       : -EPROTO;
		if (m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
			err = take(peers, m);
	}
	return err;
}

static int ask(struct peers *peers)
{
	RF_AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	const struct {
		struct nlmsghdr head;
		struct unix_diag_req ask;
	} request = {
		.head = {.nlmsg_len = sizeof(request),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.ask = {.sdiag_family = AF_UNIX, .udiag_states = -1u, .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER},
	};
	const struct timeval patience = {.tv_usec = 500000};
	RF_AUTO_FREE char *buffer = malloc(65536);
	int err = 0;

	if (fd < 0 || !buffer)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	while (!err) {
		ssize_t n = recv(fd, buffer, 65536, 0);

		err = n < 0 ? -errno : take_all(peers, buffer, (size_t)n);
	}
	return err < 0 ? err : 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int add(struct rf_sockets *sockets, uint32_t inode, const char *name)
{
	struct rf_socket *more = rf_grow(sockets->socket, sockets->count, sizeof(*more));
	char **names = more ? rf_grow(sockets->name, sockets->names, sizeof(*names)) : NULL;

	sockets->socket = more ? more : sockets->socket;
	sockets->name = names ? names : sockets->name;
	if (!more || !names || !(names[sockets->names] = strdup(name)))
		return -ENOMEM;
	more[sockets->count++] = (struct rf_socket){
		.inode = inode,
		.open = {.what = RF_OPEN_CONNECTED,
			 .section = RF_UNIX,
			 .access = RF_CONNECT,
			 .path = names[sockets->names++]},
	};
	return 0;
}

int rf_sockets_unix(struct rf_sockets *sockets)
{
	struct peers peers = {.one = NULL};
	int err = ask(&peers);

	if (peers.count)
		qsort(peers.one, peers.count, sizeof(*peers.one), by_inode);
	/* Who has no name came to one who has: what accept(2) gives has the name of the one who listens. */
	for (size_t i = 0; i < peers.count && !err; i++) {
		const struct one key = {.inode = peers.one[i].peer}, *peer;

		peer = key.inode ? bsearch(&key, peers.one, peers.count, sizeof(key), by_inode) : NULL;
		if (peer && peer->name && peers.one[i].inode)
			err = add(sockets, peers.one[i].inode, peer->name);
	}
	for (size_t i = 0; i < peers.count; i++)
		free(peers.one[i].name);
	free(peers.one);
	return err;
}
