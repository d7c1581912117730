/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of variables, as verbs take them. */
#ifndef RINGFENCE_VALUES_H
#define RINGFENCE_VALUES_H

#include "policy/policy.h"
#include "verbs/verbs.h"

/* Takes the argument of --set. Returns 0, or RF_EXIT_USAGE with what is wrong told. */
int rf_values_set(const struct rf_verb *verb, struct rf_vars *vars, const char *text);
/* Whether policies, not bound yet, have all that was set; call before the defaults are added. Returns as above. */
int rf_values_check(const struct rf_verb *verb, const struct rf_vars *set, const struct rf_policies *policies);

#endif
