/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What in a folder a component with wildcards means now. */
#ifndef RINGFENCE_POLICY_ENTRIES_H
#define RINGFENCE_POLICY_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

struct rf_entries {
	char **name; /* sorted */
	size_t count;
	size_t seen; /* entries that were looked at */
};

/*
 * The symbolic links of a folder ("" is the root) that a component matches, and with `folders` the folders too. A link
 * of another user in a folder that everybody may write is none: anybody could lead a rule with it. A folder that can't
 * be read has none. Returns 0 or -ENOMEM.
 */
int rf_entries_find(const char *dir, const char *component, bool folders, struct rf_entries *out);
void rf_entries_free(struct rf_entries *entries);

#endif
