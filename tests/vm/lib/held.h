/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of names.c, and what a fenced process inherits from it or finds made. */
#ifndef RINGFENCE_TESTS_VM_HELD_H
#define RINGFENCE_TESTS_VM_HELD_H

#include <stdbool.h>
#include <sys/types.h>

#include "vm/lib/cases.h"

/* Descriptors opened outside the fence. */
extern struct held {
	int foreign;  /* a directory that another mount namespace has mounted */
	int detached; /* open_tree(OPEN_TREE_CLONE) of rw */
	int gone;     /* ro/gone, open for reading, unlinked since */
	int writable; /* ro/f, open for writing */
	int slave;    /* a terminal that nobody has yet */
	char slave_path[64], other_path[64];
	int root; /* /tmp/w, for handles */
	bool vfat, casefold;
	unsigned char handle[160]; /* struct file_handle of secret/key */
} held;

extern const struct kase cases_names[], cases_links[], cases_attributes[], cases_exec[], cases_objects[],
	cases_sockets[], cases_unix[], cases_hide[];
extern const size_t cases_names_count, cases_links_count, cases_attributes_count, cases_exec_count, cases_objects_count,
	cases_sockets_count, cases_unix_count, cases_hide_count;

#define CASES(table) const size_t table##_count = sizeof(table) / sizeof(*table)

#define CASE(called, function) .name = (called), .act = (function)
/* A refusal by the rules. */
#define REFUSED(asked, by, what) \
	.error = EACCES, .hook = RF_HOOK_##by, .reason = RF_REASON_RULE, .access = (asked), .object = (what)

#endif
