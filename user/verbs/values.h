/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of variables, as verbs take them. */
#ifndef RINGFENCE_VALUES_H
#define RINGFENCE_VALUES_H

#include <sys/types.h>

#include "policy/policy.h"
#include "verbs/verbs.h"

/* Takes the argument of --set. Returns 0, or RF_EXIT_USAGE with what is wrong told. */
int rf_values_set(const struct rf_verb *verb, struct rf_vars *vars, const char *text);
struct rf_values_given {
	uid_t uid;
	const char *workspace; /* NULL: the current directory */
	bool wide;	       /* whatever it is */
	bool faulty;	       /* a file had errors, so that not all policies are there */
};

/* Adds to what was set the values that every run gives, for policies that are not bound yet. Refuses names that no
 * policy has, and a workspace that is too wide where a policy takes it in; scratch is taken as none, with a note.
 * Returns as above. */
int rf_values_fill(const struct rf_verb *verb, const struct rf_policies *policies, struct rf_vars *vars,
		   const struct rf_values_given *given);

/* --allow, as it was given: put into the policies when all of them are read. The texts stay the caller's. */
struct rf_allowed {
	const char **spec;
	unsigned count;
};
/* False after telling that there is no memory. */
bool rf_allowed_add(struct rf_allowed *allowed, const char *spec);
/* What is wrong with them goes to `diags`. */
void rf_allowed_apply(const struct rf_allowed *allowed, struct rf_policies *policies, struct rf_diags *diags);

#endif
