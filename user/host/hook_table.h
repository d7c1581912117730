/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One table of all security hooks: what a fenced task can do through each, and what asks it there. Hooks with a program
 * take their place from RF_HOOKS, all others from hook_rows.c. Doctor, docs/hooks.md and the tests read it here.
 */
#ifndef RINGFENCE_HOST_HOOK_TABLE_H
#define RINGFENCE_HOST_HOOK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* X(NAME, "title", "what it means", "head of the column `by`"). */
#define RF_HOOK_CLASSES(X)                                                                                             \
	X(JUDGED, "Judged",                                                                                            \
	  "The policy's rules are asked: by the hook's own program, or by the hooks named, which "                     \
	  "every way to this one passes first.",                                                                       \
	  "asked by")                                                                                                  \
	X(GUARDED, "Guarded", "A guard closes what leads here, unless a policy switches it off.", "guard")             \
	X(HARMLESS, "Harmless",                                                                                        \
	  "Nothing that a policy speaks of can be done through it. What shows it: a test, or "                         \
	  "the function of the kernel that asks; hooks that return nothing can't decide.",                             \
	  "shown by")                                                                                                  \
	X(UNREACHABLE, "Not reachable", "No fenced task gets there.", "shown by")                                      \
	X(OPEN, "Open", "Known, and not closed yet. A hook that stands above as well has a program that leaves this.", \
	  "to be closed by")

enum rf_hook_class {
#define X(name, title, meaning, by) RF_CLASS_##name,
	RF_HOOK_CLASSES(X)
#undef X
		RF_CLASS_COUNT
};

struct rf_hook_row {
	const char *name;
	enum rf_hook_class class;
	const char *by;	 /* hooks with a program; a guard's word; what shows it; what would close it */
	const char *why; /* a line */
};

/* `by` of a hook that can't refuse: its type says so, and tests/vm/hooks.c looks. */
#define RF_SHOWN_VOID "it returns nothing"
/* `by` of a hook with a program. */
#define RF_BY_PROGRAM "its own program"

/* The rows without a program, and the open ends of those with one; by name. */
extern const struct rf_hook_row rf_hook_rows[];
extern const size_t rf_hook_row_count;

/* What stands in the table for a hook: its program before its open ends. False where it is not there at all. */
bool rf_hook_find(const char *name, struct rf_hook_row *row);
/* The row of a hook with a program, by enum rf_hook. */
struct rf_hook_row rf_hook_program(unsigned hook);

#endif
