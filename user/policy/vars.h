/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ${NAME} in patterns. */
#ifndef RINGFENCE_POLICY_VARS_H
#define RINGFENCE_POLICY_VARS_H

#include "policy/policy.h"

/* A run of bytes of an expanded pattern: from `at` on they stem from the written pattern's bytes from `from` on, or,
 * where they are a variable's value, all from that one. */
struct rf_piece {
	size_t at, from;
	bool value;
};

/* A pattern with its variables put in. */
struct rf_expanded {
	char *glob;
	size_t len, room;
	struct rf_piece *piece; /* ascending */
	size_t pieces;
};

/* The value of a variable, or NULL where it has none. */
typedef const char *rf_value_of(void *context, const char *name);
/* What to do about a variable without value. The stand-in lets the rest of the pattern be looked at. */
enum rf_unbound { RF_UNBOUND_ERROR, RF_UNBOUND_ACCEPT };

struct rf_lookup {
	rf_value_of *value;
	void *context;
	enum rf_unbound unbound;
	const char *hint;				      /* how to give it one */
	const char *(*near)(void *context, const char *name); /* the name that was meant, or NULL; may be NULL */
};

/* Whether each run gives a variable of this name a value. */
bool rf_vars_given(const char *name);
/* Puts values, quoted, in place of variables. Returns 0; -EINVAL with the error in `diags`; -ENOMEM. */
int rf_expand(const struct rf_text *text, const struct rf_lookup *lookup, struct rf_diags *diags,
	      struct rf_expanded *out);
void rf_expanded_free(struct rf_expanded *expanded);
/* Expands a path of a rule and checks what comes out as a pattern. `out` may be NULL. Returns as rf_expand does. */
int rf_path_expand(const struct rf_rule *rule, const struct rf_text *text, const struct rf_lookup *lookup,
		   struct rf_diags *diags, struct rf_expanded *out);

#endif
