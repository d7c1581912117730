// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which sections a policy speaks of. */
#include "policy/policy.h"

static size_t written(const struct rf_policy *policy, enum rf_section section)
{
	size_t count = policy->rules[section];

	for (size_t i = 0; i < policy->rules[section]; i++)
		count -= policy->rule[section][i].implied;
	return count;
}

void rf_policy_warn(const struct rf_policy *policy, struct rf_diags *diags)
{
	unsigned sections = 0;
	char text[64];

	for (unsigned section = 0; section < RF_SECTIONS; section++)
		sections |= written(policy, section) ? 1u << section : 0;
	/* Whoever writes an empty list means it. */
	if (policy->judges_said || policy->files_said || !sections || sections & 1u << RF_FILES)
		return;
	rf_sections_text(sections, text, sizeof(text));
	rf_diag_add(
		diags, RF_WARNING, policy->where,
		"policy \"%s\" has rules for %s alone, so it denies every file and nothing can run: if other policies "
		"judge files, say judges: [%s], else give it rules for files",
		policy->name, text, text);
}
