/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The life of a policy in memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"
#include "policy/model.h"

void *rf_grow(void *array, size_t count, size_t size)
{
	char *grown = array;

	/* Room doubles whenever the count reaches a power of two. */
	if (!(count & (count - 1))) {
		size_t room = count ? count * 2 : 1;

		if (size && room > SIZE_MAX / size)
			return NULL;
		grown = realloc(array, room * size);
		if (!grown)
			return NULL;
	}
	memset(grown + count * size, 0, size);
	return grown;
}

static void texts_free(struct rf_text *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(text[i].text);
	free(text);
}

static void pairs_free(struct rf_pair *pair, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(pair[i].key);
		free(pair[i].value);
	}
	free(pair);
}

void rf_rule_unbind(struct rf_rule *rule)
{
	for (size_t i = 0; i < rule->patterns; i++)
		free(rule->pattern[i].glob);
	free(rule->pattern);
	rule->pattern = NULL;
	rule->patterns = 0;
}

void rf_rule_free(struct rf_rule *rule)
{
	rf_rule_unbind(rule);
	texts_free(rule->path, rule->paths);
	free(rule->reason);
	free(rule->of);
	free(rule->to);
	free(rule->port);
}

void rf_policy_free(struct rf_policy *policy)
{
	for (size_t section = 0; section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < policy->rules[section]; i++)
			rf_rule_free(&policy->rule[section][i]);
		free(policy->rule[section]);
	}
	for (size_t i = 0; i < policy->variables; i++) {
		free(policy->variable[i].name);
		free(policy->variable[i].value);
	}
	free(policy->variable);
	pairs_free(policy->label, policy->labels);
	texts_free(policy->select, policy->selects);
	texts_free(policy->notify, policy->notifies);
	free(policy->name);
	free(policy->extends.text);
	*policy = (struct rf_policy){0};
}

void rf_policies_free(struct rf_policies *policies)
{
	for (size_t i = 0; i < policies->count; i++)
		rf_policy_free(&policies->policy[i]);
	free(policies->policy);
	for (size_t i = 0; i < policies->files; i++)
		free(policies->file[i]);
	free(policies->file);
	*policies = (struct rf_policies){0};
}

void rf_vars_free(struct rf_vars *vars)
{
	pairs_free(vars->pair, vars->count);
	*vars = (struct rf_vars){0};
}

int rf_rule_add_pattern(struct rf_rule *rule, char *glob, const struct rf_text *of, bool resolved)
{
	struct rf_pattern *grown = rf_grow(rule->pattern, rule->patterns, sizeof(*grown));

	if (!grown) {
		free(glob);
		return -ENOMEM;
	}
	rule->pattern = grown;
	rule->pattern[rule->patterns++] = (struct rf_pattern){
		.glob = glob,
		.where = of->where,
		.of = (size_t)(of - rule->path),
		.resolved = resolved,
	};
	return 0;
}
