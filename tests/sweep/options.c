// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of socket options and control messages, and whether they are true. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sweep/options.h"
#include "sweep/sweep.h"
#include "vm/lib/report.h"

#define NUMBERS 256

enum option_kind {
#define X(name, words) OPTION_##name,
	OPTION_KINDS(X)
#undef X
};

enum level {
#define X(name, level, family, type, protocol) LEVEL_##name,
	OPTION_LEVELS(X)
#undef X
		LEVELS
};

static const struct {
	const char *name;
	int number, family, type, protocol;
} levels[] = {
#define X(name, level, family, type, protocol) {#name, level, family, type, protocol},
	OPTION_LEVELS(X)
#undef X
};

static const struct row {
	enum level level;
	const char *name;
	int number;
	enum option_kind kind;
	const char *why;
} rows[] =
	{
#define X(level, name, number, kind, why) {LEVEL_##level, #name, number, OPTION_##kind, why},
		OPTIONS(X)
#undef X
},
  controls[] = {
#define X(level, name, number, kind, why) {LEVEL_##level, #name, number, OPTION_##kind, why},
	  CONTROLS(X)
#undef X
};

static const struct {
	enum level level;
	int first, last;
} nobody[] = {
#define X(level, first, last) {LEVEL_##level, first, last},
	NO_OPTIONS(X)
#undef X
};

/* ------------------------------------------------------------------- in itself */

static const struct row *row_of(enum level level, int number)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].level == level && rows[i].number == number)
			return &rows[i];
	return NULL;
}

static bool is_nobodys(enum level level, int number)
{
	for (size_t i = 0; i < COUNT(nobody); i++)
		if (nobody[i].level == level && number >= nobody[i].first && number <= nobody[i].last)
			return true;
	return false;
}

/* Numbers ascend, and none is left out. The first is 1, but for SCTP's. */
static size_t left_out(void)
{
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool first = !i || rows[i - 1].level != rows[i].level;
		int before = first ? rows[i].number > 0 ? 0 : -1 : rows[i - 1].number;

		if (!first && rows[i].number <= before) {
			report_note("%s is not in its place", rows[i].name);
			wrong++;
		}
		for (int n = before + 1; n < rows[i].number; n++)
			if (!is_nobodys(rows[i].level, n)) {
				report_note("option %d of %s is in no row of tests/sweep/options.h", n,
					    levels[rows[i].level].name);
				wrong++;
			}
	}
	return wrong;
}

static size_t without_test(const struct row *row, size_t count)
{
	size_t without = 0;

	for (size_t i = 0; i < count; i++) {
		if (row[i].kind == OPTION_GUARDED || row[i].kind == OPTION_JUDGED ? table_has_test(row[i].why)
										  : row[i].why[0])
			continue;
		report_note("%s: no test \"%s\"", row[i].name, row[i].why);
		without++;
	}
	return without;
}

/* -------------------------------------------------------------- by this kernel */

/* Whether the kernel knows a number: some size of zeros gets another answer than that there is none. */
static bool is_taken(enum level level, int number)
{
	static const char zeros[64];
	static const socklen_t sizes[] = {4, 8, 16, 64};
	bool taken = false;

	for (size_t i = 0; i < COUNT(sizes) && !taken; i++) {
		int fd = socket(levels[level].family, levels[level].type | SOCK_CLOEXEC, levels[level].protocol);

		taken = !setsockopt(fd, levels[level].number, number, zeros, sizes[i]) ||
			(errno != ENOPROTOOPT && errno != EOPNOTSUPP);
		close(fd);
	}
	return taken;
}

static size_t options_unknown(enum level level)
{
	int fd = socket(levels[level].family, levels[level].type | SOCK_CLOEXEC, levels[level].protocol);
	size_t unknown = 0;

	if (fd < 0) {
		report_note("%s: no such socket here", levels[level].name);
		return 0;
	}
	close(fd);
	for (int n = 0; n < NUMBERS; n++) {
		const struct row *row = row_of(level, n);

		if ((row && row->kind != OPTION_TOLD) || !is_taken(level, n))
			continue;
		report_note("option %d of %s can be set, but %s", n, levels[level].name,
			    row ? "is said to be told alone" : "is in no row of tests/sweep/options.h");
		unknown++;
	}
	return unknown;
}

/* A datagram to the socket itself with a control message of zeros. */
static bool is_sent(int family, int level, int type, size_t size)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(64)] = "";
	struct sockaddr_in6 name = {.sin6_family = (sa_family_t)family};
	struct iovec byte = {(char[]){'x'}, 1};
	struct msghdr message = {.msg_name = &name,
				 .msg_namelen = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(name),
				 .msg_iov = &byte,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = CMSG_SPACE(size)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	socklen_t len = message.msg_namelen;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool sent;

	head->cmsg_level = level;
	head->cmsg_type = type;
	head->cmsg_len = CMSG_LEN(size);
	sent = !bind(fd, (void *)&name, len) && !getsockname(fd, (void *)&name, &len) &&
	       sendmsg(fd, &message, MSG_DONTWAIT) == 1;
	close(fd);
	return sent;
}

static bool has_control(enum level level, int type)
{
	for (size_t i = 0; i < COUNT(controls); i++)
		if (controls[i].level == level && controls[i].number == type)
			return true;
	return false;
}

static size_t controls_unknown(enum level level, int family, size_t *seen)
{
	static const size_t sizes[] = {0, 1, 2, 4, 8, 12, 16, 20, 24, 40};
	size_t unknown = 0;

	for (int type = 0; type < NUMBERS; type++) {
		bool sent = false;

		for (size_t i = 0; i < COUNT(sizes) && !sent; i++)
			sent = is_sent(family, levels[level].number, type, sizes[i]);
		*seen += sent;
		if (!sent || has_control(level, type))
			continue;
		report_note("control message %d of %s is sent, and in no row of tests/sweep/options.h", type,
			    levels[level].name);
		unknown++;
	}
	return unknown;
}

static void each_is_known(void)
{
	size_t unknown = 0, seen = 0;

	for (enum level level = 0; level < LEVELS; level++)
		unknown += options_unknown(level);
	report(!unknown, "table/options-kernel", "%zu unknown", unknown);
	unknown = controls_unknown(LEVEL_SOCKET, AF_INET, &seen) + controls_unknown(LEVEL_IP, AF_INET, &seen) +
		  controls_unknown(LEVEL_UDP, AF_INET, &seen) + controls_unknown(LEVEL_IPV6, AF_INET6, &seen);
	report(seen > 10 && !unknown, "table/controls-kernel", "%zu seen, %zu unknown", seen, unknown);
}

void options_check(void)
{
	size_t wrong = left_out();

	report(!wrong, "table/options", "%zu are left out", wrong);
	wrong = without_test(rows, COUNT(rows)) + without_test(controls, COUNT(controls));
	report(!wrong, "table/options-tests", "%zu have none", wrong);
	each_is_known();
}

/* -------------------------------------------------------------------- drawing */

void option_pick(uint64_t random, int *level, int *number)
{
	const struct row *row = &rows[random % COUNT(rows)];

	*level = levels[row->level].number;
	*number = row->number;
}

void control_pick(uint64_t random, int *level, int *type)
{
	const struct row *row = &controls[random % COUNT(controls)];

	*level = levels[row->level].number;
	*type = row->number;
}
