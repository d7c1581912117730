/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of reading one document. */
#ifndef RINGFENCE_POLICY_PARSE_H
#define RINGFENCE_POLICY_PARSE_H

#include "policy/schema.h"

/* Reads a document into an empty policy. What is wrong is in the diagnostics. */
void rf_read_document(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy);
/* The keys of a rule of each section. */
extern const struct rf_key rf_rule_keys[RF_SECTIONS][9];
/* Reads the rules of a section. */
void rf_read_rules(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy, enum rf_section section);
/* Checks all patterns of a policy, when its variables are known. */
void rf_check_patterns(struct rf_parse *p, struct rf_policy *policy);
void rf_add_engine_rule(struct rf_parse *p, struct rf_policy *policy);

#endif
