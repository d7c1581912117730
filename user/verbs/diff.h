/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What two texts of a policy allow. */
#ifndef RINGFENCE_VERBS_DIFF_H
#define RINGFENCE_VERBS_DIFF_H

#include "compile/compile.h"
#include "events/text.h"

/* One of the two. Starts zeroed. */
struct rf_side {
	struct rf_policies set;
	struct rf_policy *policy; /* of the set */
	struct rf_compiled compiled;
	struct rf_diags diags; /* where it can't be compiled: why */
};

/* Reads a text of one policy, which messages call `name`, and compiles it. Returns 0; -EINVAL with the errors in
 * side->diags (side->policy NULL: it could not even be read); -ENOMEM. Free it in each case. */
int rf_side_make(struct rf_side *side, const char *name, const char *text);
void rf_side_free(struct rf_side *side);

/* Adds in words what `new` does other than `old`: what it allows more and less, with an example of each, what it
 * guards, whether it enforces, and what it selects. Both are compiled. Returns 0 or -ENOMEM. */
int rf_print_rights(struct rf_line *line, const struct rf_side *old, const struct rf_side *new);

#endif
