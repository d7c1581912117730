/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The steps of binding. */
#ifndef RINGFENCE_POLICY_BIND_H
#define RINGFENCE_POLICY_BIND_H

#include "policy/policy.h"
#include "policy/vars.h"

/* Adds the resolved forms to a policy that has all its written patterns. Returns 0 or -ENOMEM. */
int rf_resolve(struct rf_policy *policy, struct rf_diags *diags);
/* Adds a pattern to a rule; takes `glob`, also on error. Returns 0 or -ENOMEM. */
int rf_rule_add_pattern(struct rf_rule *rule, char *glob, const struct rf_text *of, bool resolved);
/* A text with its glob characters quoted; NULL: no memory. */
char *rf_glob_quote(const char *text, size_t len);

#endif
