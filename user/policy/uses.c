/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which variables policies have, asked before they are bound. */
#include <string.h>

#include "policy/policy.h"

#define NAMES_MAX 128 /* that a misspelt one is compared with */

/* The next "${NAME}" from `c` on that is not quoted; its name's length, with *c at the name. 0: none. */
static size_t next_variable(const char **c)
{
	while (**c) {
		const char *end = !strncmp(*c, "${", 2) ? strchr(*c, '}') : NULL;

		if (end) {
			*c += 2;
			return (size_t)(end - *c);
		}
		*c += (*c)[0] == '\\' && (*c)[1] ? 2 : 1;
	}
	return 0;
}

static bool text_uses(const char *text, const char *name)
{
	size_t len;

	for (const char *c = text; (len = next_variable(&c)); c += len) {
		if (len == strlen(name) && !strncmp(c, name, len))
			return true;
	}
	return false;
}

static bool policy_uses(const struct rf_policy *policy, const char *name)
{
	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < policy->rules[section]; i++) {
			const struct rf_rule *rule = &policy->rule[section][i];

			for (size_t k = 0; k < rule->paths; k++) {
				if (text_uses(rule->path[k].text, name))
					return true;
			}
		}
	}
	return false;
}

bool rf_policies_use(const struct rf_policies *policies, const char *variable)
{
	for (size_t i = 0; i < policies->count; i++) {
		if (policy_uses(&policies->policy[i], variable))
			return true;
	}
	return false;
}

static bool declared(const struct rf_policies *policies, const char *name)
{
	for (size_t i = 0; i < policies->count; i++) {
		for (size_t k = 0; k < policies->policy[i].variables; k++) {
			if (!strcmp(policies->policy[i].variable[k].name, name))
				return true;
		}
	}
	return false;
}

/* Declared names and those that runs give: a pattern with another one has to be spelt right by itself. */
static const char *nearest(const struct rf_policies *policies, const char *name)
{
	static const char *const given[] = {RF_VARS_GIVEN};
	const char *names[NAMES_MAX + 1] = {NULL};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (rf_policies_use(policies, given[i]))
			names[count++] = given[i];
	}
	for (size_t i = 0; i < policies->count; i++) {
		for (size_t k = 0; k < policies->policy[i].variables && count < NAMES_MAX; k++)
			names[count++] = policies->policy[i].variable[k].name;
	}
	return rf_nearest(name, names);
}

const char *rf_vars_unknown(const struct rf_vars *vars, const struct rf_policies *policies, const char **near)
{
	for (size_t i = 0; i < vars->count; i++) {
		const char *name = vars->pair[i].key;

		if (declared(policies, name) || rf_policies_use(policies, name))
			continue;
		*near = nearest(policies, name);
		return name;
	}
	return NULL;
}
