/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of the model that only its own files use. */
#ifndef RINGFENCE_POLICY_MODEL_H
#define RINGFENCE_POLICY_MODEL_H

#include "policy/policy.h"

/* Frees what a policy owns, and empties it. */
void rf_policy_free(struct rf_policy *policy);
/* Frees what a rule owns. */
void rf_rule_free(struct rf_rule *rule);
/* Drops a rule's patterns. */
void rf_rule_unbind(struct rf_rule *rule);
/* Adds a pattern to a rule; takes `glob`, also on error. Returns 0 or -ENOMEM. */
int rf_rule_add_pattern(struct rf_rule *rule, char *glob, const struct rf_text *of, bool resolved);

#endif
