// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "host/hook_table.h"
#include "ringfence/abi.h"

#define GUARD_PREFIX "guard "

static const struct {
	const char *name, *kind, *access, *what;
} programs[] = {
#define X(name, kind, access, need, what) {#name, #kind, access, what},
	RF_HOOKS(X)
#undef X
};

/* A guard's hook says which in its words; a hook that is asked about no object and no access only keeps books. */
static enum rf_hook_class class_of(unsigned i)
{
	if (strncmp(programs[i].what, GUARD_PREFIX, sizeof(GUARD_PREFIX) - 1) == 0)
		return RF_CLASS_GUARDED;
	if (strcmp(programs[i].kind, "NONE") == 0 && strcmp(programs[i].access, "none") == 0)
		return RF_CLASS_HARMLESS;
	return RF_CLASS_JUDGED;
}

struct rf_hook_row rf_hook_program(unsigned hook)
{
	unsigned i = hook - 1;

	return (struct rf_hook_row){programs[i].name, class_of(i), RF_BY_PROGRAM, programs[i].what};
}

static int by_name(const void *name, const void *row)
{
	return strcmp(name, ((const struct rf_hook_row *)row)->name);
}

bool rf_hook_find(const char *name, struct rf_hook_row *row)
{
	const struct rf_hook_row *found;

	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		if (strcmp(programs[hook - 1].name, name) == 0) {
			*row = rf_hook_program(hook);
			return true;
		}
	found = bsearch(name, rf_hook_rows, rf_hook_row_count, sizeof(*rf_hook_rows), by_name);
	if (found)
		*row = *found;
	return found;
}
