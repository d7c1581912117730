/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ${NAME} in patterns. */
#ifndef RINGFENCE_POLICY_VARS_H
#define RINGFENCE_POLICY_VARS_H

#include "policy/policy.h"

/* A pattern with its variables put in. from[i] is the byte of the written pattern that byte i of `glob` stems from;
 * it has one entry more than `glob` has bytes. */
struct rf_expanded {
	char *glob;
	size_t *from;
	size_t len, room;
};

/* The value of a variable, or NULL where it has none. */
typedef const char *rf_value_of(void *context, const char *name);
/* What to do about a variable without value. The stand-in lets the rest of the pattern be looked at. */
enum rf_unbound { RF_UNBOUND_ERROR, RF_UNBOUND_WARNING, RF_UNBOUND_ACCEPT };

struct rf_lookup {
	rf_value_of *value;
	void *context;
	enum rf_unbound unbound;
	const char *hint; /* how to give it one */
};

/* Puts values, quoted, in place of variables. Returns 0; -EINVAL with the error in `diags`; -ENOMEM. */
int rf_expand(const struct rf_text *text, const struct rf_lookup *lookup, struct rf_diags *diags,
	      struct rf_expanded *out);
void rf_expanded_free(struct rf_expanded *expanded);
/* Expands a path of a rule and checks what comes out as a pattern. `out` may be NULL. Returns as rf_expand does. */
int rf_path_expand(const struct rf_rule *rule, const struct rf_text *text, const struct rf_lookup *lookup,
		   struct rf_diags *diags, struct rf_expanded *out);

#endif
