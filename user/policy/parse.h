/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of reading one document. */
#ifndef RINGFENCE_POLICY_PARSE_H
#define RINGFENCE_POLICY_PARSE_H

#include "policy/schema.h"

/* Reads a document into an empty policy. What is wrong is in the diagnostics. */
void rf_read_document(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy);
/* What concerns all of a policy, once its base is in it. */
void rf_finish_document(struct rf_parse *p, struct rf_policy *policy);

/* Files that are being read because one extends the next. */
struct rf_extending {
	const char *file; /* as it is called */
	const struct rf_extending *by;
	unsigned depth;
};
/* As rf_policies_parse and rf_policies_load, on behalf of an extending policy. */
int rf_policies_parse_base(struct rf_policies *policies, const char *name, const void *text, size_t len,
			   const struct rf_extending *by, struct rf_diags *diags);
int rf_policies_load_base(struct rf_policies *policies, const char *path, const struct rf_extending *by,
			  struct rf_diags *diags);
/* Takes in the base of policy number `index` of a set. What is wrong is in the diagnostics. */
void rf_extend(struct rf_parse *p, struct rf_policies *policies, size_t index, const struct rf_extending *chain);
/* The keys of a rule of each section. */
extern const struct rf_key rf_rule_keys[RF_SECTIONS][9];
/* Reads the rules of a section. */
void rf_read_rules(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy, enum rf_section section);
/* Checks all patterns of a policy, when its variables are known. */
void rf_check_patterns(struct rf_parse *p, struct rf_policy *policy);
void rf_check_rule(struct rf_parse *p, struct rf_policy *policy, const struct rf_rule *rule);
/* The last rule of a section that the guard `engine` adds, where it adds one. */
void rf_add_engine_rule(struct rf_parse *p, struct rf_policy *policy, enum rf_section section);

#endif
