/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the selectors of many policies to one image that tells of a cgroup's path which policies it falls under. */
#ifndef RINGFENCE_SELECT_H
#define RINGFENCE_SELECT_H

#include "compile/compile.h"

/* Named limits: kinds of cgroups that the policies in force tell apart, and states. */
#define RF_SELECT_SETS_MAX   255u
#define RF_SELECT_STATES_MAX 65536u

/* The patterns of one policy's spec.select, as written (policy.h). The caller keeps them. */
struct rf_selector {
	const struct rf_text *pattern;
	size_t patterns;
};

/*
 * What a cgroup's path is run through. The verdict word is 0 where nobody selects the cgroup, else the number of a set:
 * rf_selection_has tells who is in it. Owns its memory.
 */
struct rf_selection {
	struct rf_image image;
	size_t sets;	  /* numbered from 1 */
	size_t count;	  /* selectors */
	uint64_t *member; /* words of each set, one after the other; set 0, the empty one, too */
};

/*
 * A selector takes the cgroups that its patterns match and all beneath them. Returns 0; -E2BIG where they tell more
 * than RF_SELECT_SETS_MAX kinds of cgroups apart, or need more states or memory than the limits; -ENOMEM. On error
 * nothing is left in `out`.
 */
int rf_select_compile(const struct rf_selector *selector, size_t count, struct rf_selection *out);
void rf_selection_free(struct rf_selection *selection);
/* Whether a set (a verdict word) has a selector, by its index. */
bool rf_selection_has(const struct rf_selection *selection, uint32_t set, size_t selector);

#endif
