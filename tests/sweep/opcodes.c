// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of io_uring's operations, and whether it is true. */
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape/uring.h"
#include "sweep/opcodes.h"
#include "sweep/sweep.h"
#include "vm/lib/report.h"

#define NUMBERS 256 /* an opcode is a byte */

static const struct {
	const char *name;
	unsigned number;
	enum class class;
	const char *test;
} opcodes[] = {
#define X(name, number, class, test) {#name, number, CLASS_##class, test},
	OPCODES(X)
#undef X
};

static const char *name_of(unsigned number)
{
	for (size_t i = 0; i < COUNT(opcodes); i++)
		if (opcodes[i].number == number)
			return opcodes[i].name;
	return NULL;
}

static void each_has_a_test(void)
{
	size_t without = 0;

	for (size_t i = 0; i < COUNT(opcodes); i++) {
		if (opcodes[i].number != i) {
			report_note("%s: is not in the row of its number", opcodes[i].name);
			without++;
		}
		if (opcodes[i].class >= CLASS_OPENED || table_has_test(opcodes[i].test))
			continue;
		report_note("%s: no test \"%s\"", opcodes[i].name, opcodes[i].test);
		without++;
	}
	report(!without, "table/opcodes", "%zu opcodes have none", without);
}

/* Asks the kernel what it supports: io_uring/register.c, io_probe. */
static void each_is_known(void)
{
	struct io_uring_probe *probe = calloc(1, sizeof(*probe) + NUMBERS * sizeof(probe->ops[0]));
	size_t seen = 0, unknown = 0;
	struct uring ring;

	if (!probe || uring_open(&ring, 0) ||
	    syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, probe, NUMBERS) < 0) {
		report(false, "table/opcodes-kernel", "a ring that tells what it supports");
		free(probe);
		return;
	}
	for (unsigned i = 0; i < NUMBERS; i++) {
		if (!(probe->ops[i].flags & IO_URING_OP_SUPPORTED))
			continue;
		seen++;
		if (!name_of(i)) {
			report_note("opcode %u is in no row of tests/sweep/opcodes.h", i);
			unknown++;
		}
	}
	close(ring.fd);
	free(probe);
	report(seen > 40 && !unknown, "table/opcodes-kernel", "%zu opcodes seen, %zu unknown", seen, unknown);
}

void opcodes_check(void)
{
	each_has_a_test();
	each_is_known();
}
