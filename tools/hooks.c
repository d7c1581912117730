// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints docs/hooks.md from the table of hooks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/hook_table.h"
#include "ringfence/abi.h"

static const char head[] =
	"# Security hooks\n"
	"\n"
	"Every security hook of Linux (a line of its `include/linux/lsm_hook_defs.h`, of 6.1 to 7.2 and in whatever\n"
	"configuration) and what it means for a fence. Printed from the table in `user/host/hook_table.h` by\n"
	"`make docs/hooks.md`; do not edit. `ringfence doctor` warns of a hook of the running kernel that is not here, "
	"and\n"
	"`tests/vm/hooks.c` fails on one. What no hook is asked for is not in this table: see the\n"
	"[security model](security-model.md). Files and functions named are the kernel's.\n";

/* A row's place in its section is by name, wherever the row comes from. */
static unsigned rows_of(enum rf_hook_class class, struct rf_hook_row *row)
{
	unsigned count = 0;

	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		if (rf_hook_program(hook).class == class)
			row[count++] = rf_hook_program(hook);
	for (size_t i = 0; i < rf_hook_row_count; i++)
		if (rf_hook_rows[i].class == class)
			row[count++] = rf_hook_rows[i];
	return count;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct rf_hook_row *)a)->name, ((const struct rf_hook_row *)b)->name);
}

/* "guard bpf: bpf(2)" in RF_HOOKS, where a row says the guard in its own column. */
static void print_row(const struct rf_hook_row *row)
{
	const char *why = row->why, *by = row->by;
	int len = (int)strlen(by);

	if (row->class == RF_CLASS_GUARDED && strcmp(by, RF_BY_PROGRAM) == 0) {
		by = why + strlen("guard ");
		len = (int)strcspn(by, ":");
		why = by + len + strspn(by + len, ": ");
	}
	printf("| %s | %.*s | %s |\n", row->name, len, by, why);
}

int main(void)
{
	static const struct {
		const char *title, *meaning, *by;
	} sections[] = {
#define X(name, title, meaning, by) {title, meaning, by},
		RF_HOOK_CLASSES(X)
#undef X
	};
	struct rf_hook_row *row = calloc(rf_hook_row_count + RF_HOOK_COUNT, sizeof(*row));

	if (!row)
		return 1;
	fputs(head, stdout);
	for (unsigned class = 0; class < RF_CLASS_COUNT; class ++) {
		unsigned count = rows_of(class, row);

		qsort(row, count, sizeof(*row), by_name);
		printf("\n## %s (%u)\n\n%s\n\n| hook | %s | why |\n| --- | --- | --- |\n", sections[class].title, count,
		       sections[class].meaning, sections[class].by);
		for (unsigned i = 0; i < count; i++)
			print_row(&row[i]);
	}
	free(row);
	return fflush(stdout) || ferror(stdout);
}
