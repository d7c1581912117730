// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "held/sockets.h"
#include "policy/memory.h"

#define PORTS	    65536
#define TCP_ENDED   0x06 /* TIME_WAIT, which no descriptor has */
#define TCP_LISTENS 0x0a

struct tables {
	struct rf_sockets *sockets;
	uint8_t listens[PORTS / 8]; /* local TCP ports at which some socket listens */
	unsigned least, most;	    /* the ports that the kernel gives to those who name none */
};

/* One line of such a table. */
struct row {
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	unsigned state;
	uint64_t inode;
};

static const struct table {
	const char *name;
	unsigned protocol;
} tables[] = {
	{"net/tcp", RF_TCP},  {"net/tcp6", RF_TCP},	   {"net/udp", RF_UDP},
	{"net/udp6", RF_UDP}, {"net/udplite", RF_UDPLITE}, {"net/udplite6", RF_UDPLITE},
};

/* Words of an address are printed as numbers of this machine. IPv4 becomes ::ffff:a.b.c.d. */
static bool read_address(const char *text, uint8_t addr[16])
{
	size_t words = strlen(text) / 8;

	if (words != 1 && words != 4)
		return false;
	memset(addr, 0, 10);
	memset(addr + 10, 0xff, 2);
	for (size_t i = 0; i < words; i++) {
		char word[9] = "";
		uint32_t value;

		memcpy(word, text + 8 * i, 8);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(addr + (words == 1 ? 12 : 4 * i), &value, sizeof(value));
	}
	return true;
}

static bool read_row(const char *line, struct row *row)
{
	char local[33], remote[33];
	unsigned local_port, remote_port;

	/* sl local remote st tx:rx tr:when retransmits uid timeout inode; the first line has titles. */
	if (sscanf(line, " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*s %*s %*s %*s %*s %" SCNu64, local, &local_port,
		   remote, &remote_port, &row->state, &row->inode) != 6)
		return false;
	row->local_port = (uint16_t)local_port;
	row->remote_port = (uint16_t)remote_port;
	return read_address(local, row->local) && read_address(remote, row->remote);
}

static int add(struct rf_sockets *sockets, const struct rf_socket *socket)
{
	struct rf_socket *more = rf_grow(sockets->socket, sockets->count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	sockets->socket = more;
	more[sockets->count++] = *socket;
	return 0;
}

static int add_inet(struct tables *all, const struct row *row, unsigned protocol, bool bound)
{
	struct rf_socket socket = {
		.inode = row->inode,
		.local = row->local_port,
		.open = {.what = bound ? RF_OPEN_BOUND : RF_OPEN_CONNECTED,
			 .section = RF_NETWORK,
			 .access = bound ? RF_BIND : RF_CONNECT,
			 .protocol = protocol,
			 .port = bound ? row->local_port : row->remote_port},
	};

	memcpy(socket.open.addr, bound ? row->local : row->remote, sizeof(socket.open.addr));
	return add(all->sockets, &socket);
}

static int take_row(struct tables *all, const struct row *row, unsigned protocol)
{
	bool listens = protocol == RF_TCP && row->state == TCP_LISTENS, bound;
	int err = 0;

	if (!row->inode || (protocol == RF_TCP && row->state == TCP_ENDED))
		return 0;
	if (listens)
		all->listens[row->local_port / 8] |= (uint8_t)(1u << row->local_port % 8);
	/* A port of the kernel's own choice needs no rule, and which were chosen by whom is not told. */
	bound = listens || (protocol != RF_TCP && row->local_port &&
			    (row->local_port < all->least || row->local_port > all->most));
	if (bound)
		err = add_inet(all, row, protocol, true);
	if (!err && !listens && row->remote_port)
		err = add_inet(all, row, protocol, false);
	return err;
}

static int read_table(struct tables *all, int process, const struct table *table, bool (*late)(const void *context),
		      const void *context)
{
	int fd = openat(process, table->name, O_RDONLY | O_CLOEXEC), err = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512];

	if (!file) {
		/* IPv6 or UDP-Lite may not be there, and the process may have ended. */
		err = errno == ENOENT || errno == ESRCH || errno == EINVAL ? 0 : -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	for (unsigned n = 0; !err && fgets(line, sizeof(line), file); n++) {
		struct row row;

		if (n % 64 == 63 && late(context))
			err = -ETIME;
		else if (read_row(line, &row))
			err = take_row(all, &row, table->protocol);
	}
	fclose(file);
	return err;
}

/* Who is connected at a port where a socket listens came there by accept(2), for which no rule is asked. */
static void drop_accepted(struct tables *all)
{
	struct rf_sockets *sockets = all->sockets;
	size_t kept = 0;

	for (size_t i = 0; i < sockets->count; i++) {
		const struct rf_socket *socket = &sockets->socket[i];
		bool came = socket->open.section == RF_NETWORK && socket->open.protocol == RF_TCP &&
			    socket->open.what == RF_OPEN_CONNECTED &&
			    all->listens[socket->local / 8] & 1u << socket->local % 8;

		if (!came)
			sockets->socket[kept++] = *socket;
	}
	sockets->count = kept;
}

int rf_sockets_inet(struct rf_sockets *sockets, int process, bool (*late)(const void *context), const void *context)
{
	struct tables *all = calloc(1, sizeof(*all));
	/* Ours: that of another namespace can't be read from outside. */
	FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	int err = 0;

	if (all) {
		all->sockets = sockets;
		if (!range || fscanf(range, "%u %u", &all->least, &all->most) != 2) {
			all->least = 32768;
			all->most = 60999;
		}
	}
	if (range)
		fclose(range);
	for (size_t i = 0; all && !err && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = read_table(all, process, &tables[i], late, context);
	if (all)
		drop_accepted(all);
	free(all);
	return all ? err : -ENOMEM;
}

static int by_inode(const void *a, const void *b)
{
	const struct rf_socket *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

void rf_sockets_sort(struct rf_sockets *sockets)
{
	if (sockets->count)
		qsort(sockets->socket, sockets->count, sizeof(*sockets->socket), by_inode);
}

const struct rf_socket *rf_sockets_find(const struct rf_sockets *sockets, uint64_t inode, size_t *count)
{
	size_t lo = 0, hi = sockets->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sockets->socket[mid].inode < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*count = 0; lo + *count < sockets->count && sockets->socket[lo + *count].inode == inode;)
		(*count)++;
	return *count ? &sockets->socket[lo] : NULL;
}

void rf_sockets_free(struct rf_sockets *sockets)
{
	for (size_t i = 0; i < sockets->names; i++)
		free(sockets->name[i]);
	free(sockets->name);
	free(sockets->socket);
	*sockets = (struct rf_sockets){.socket = NULL};
}
