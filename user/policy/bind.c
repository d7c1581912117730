/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what a policy says to what it means here: variables, then symbolic links. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/model.h"
#include "policy/resolve.h"
#include "policy/vars.h"

struct values {
	const struct rf_policy *policy;
	const struct rf_vars *vars;
};

/* The caller's values come first: a policy's own are defaults. */
static const char *value_of(void *context, const char *name)
{
	const struct values *values = context;
	const char *value;

	if (!strncmp(name, "ENV:", 4))
		return getenv(name + 4);
	value = values->vars ? rf_vars_get(values->vars, name) : NULL;
	for (size_t i = 0; i < values->policy->variables && !value; i++) {
		if (!strcmp(values->policy->variable[i].name, name))
			value = values->policy->variable[i].value;
	}
	return value;
}

static const char *near_name(void *context, const char *name)
{
	const struct values *values = context;
	const char *names[64] = {RF_VARS_GIVEN};
	size_t count = 4;

	for (size_t i = 0; i < values->policy->variables && count < 63; i++)
		names[count++] = values->policy->variable[i].name;
	for (size_t i = 0; values->vars && i < values->vars->count && count < 63; i++)
		names[count++] = values->vars->pair[i].key;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return NULL;
	}
	return strncmp(name, "ENV:", 4) ? rf_nearest(name, names) : NULL;
}

static int bind_rule(struct rf_rule *rule, const struct rf_lookup *lookup, struct rf_diags *diags)
{
	int told = 0;

	for (size_t i = 0; i < rule->paths; i++) {
		struct rf_expanded expanded;
		int error = rf_path_expand(rule, &rule->path[i], lookup, diags, &expanded);

		if (error == -ENOMEM)
			return error;
		if (error) {
			told = error;
			continue;
		}
		free(expanded.piece);
		if (rf_rule_add_pattern(rule, expanded.glob, &rule->path[i], false))
			return -ENOMEM;
	}
	return told;
}

/* Every rule of a policy, section by section. */
#define for_each_rule(rule, policy)                                                                               \
	for (size_t s_ = 0; s_ < RF_SECTIONS; s_++)                                                               \
		for (struct rf_rule *rule = (policy)->rule[s_], *end_ = rule ? rule + (policy)->rules[s_] : NULL; \
		     rule != end_; rule++)

static int bind_rules(struct rf_policy *policy, const struct rf_lookup *lookup, struct rf_diags *diags)
{
	int told = 0;

	for_each_rule (rule, policy) {
		int error = bind_rule(rule, lookup, diags);

		if (error == -ENOMEM)
			return error;
		told = error ? error : told;
	}
	return told;
}

/* The texts take the values in last: until then a failed binding leaves the policy as it was. */
static int take_texts(struct rf_policy *policy)
{
	for_each_rule (rule, policy) {
		for (size_t i = 0; i < rule->paths; i++) {
			char *copy = strdup(rule->pattern[i].glob);

			if (!copy)
				return -ENOMEM;
			rule->path[i].exact &= !strcmp(copy, rule->path[i].text);
			free(rule->path[i].text);
			rule->path[i].text = copy;
		}
	}
	return 0;
}

int rf_policy_bind(struct rf_policy *policy, const struct rf_vars *vars, bool resolve, struct rf_diags *diags)
{
	struct values values = {policy, vars};
	const struct rf_lookup lookup = {value_of, &values, RF_UNBOUND_ERROR,
					 ": --set or spec.variables can give it one", near_name};
	size_t told = diags->count;
	int error;

	if (policy->bound)
		return -EINVAL;
	error = bind_rules(policy, &lookup, diags);
	if (!error && resolve)
		error = rf_resolve(policy, diags);
	if (!error)
		error = take_texts(policy);
	rf_diags_sort(diags, told);
	policy->bound = !error;
	if (error) {
		for_each_rule (rule, policy)
			rf_rule_unbind(rule);
	}
	return error;
}
