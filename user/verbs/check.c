/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `ringfence check`: everything that can be told about policies without a kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "policy/diag.h"
#include "verbs/policy_word.h"
#include "verbs/values.h"

const struct rf_option rf_options_check[] = {
	{"file", 'f', "FILE", "policy file to check, or - for standard input; may be given again"},
	{"policy", 'p', "FILE|PRESET", "a policy file or preset, as run takes it; may be given again"},
	{"allow", 0, "ACCESS:OBJECT", "add a rule to the policies, as run does; may be given again"},
	{"set", 0, "NAME=VALUE", "give a variable a value; may be given again"},
	{"workspace", 0, "DIR", "value of ${WORKSPACE}; the current directory by default"},
	{"wide", 0, NULL, "take the workspace even where it is a home folder, / or a folder of the system"},
	{0},
};

struct check {
	struct rf_policies policies;
	struct rf_vars vars;
	struct rf_diags diags;
	const char *workspace;
	struct rf_allowed allowed;
	bool wide;
	size_t files;
};

static void check_free(struct check *check)
{
	rf_policies_free(&check->policies);
	rf_vars_free(&check->vars);
	rf_diags_free(&check->diags);
	free(check->allowed.spec);
}

/* A policy as run takes it. */
static int load_word(const struct rf_verb *verb, struct check *check, const char *word)
{
	struct rf_policy_word found;
	int error;

	check->files++;
	if (!rf_policy_word_find(word, &found))
		return RF_EXIT_USAGE;
	error = found.text ? rf_policies_parse(&check->policies, found.path, found.text, found.len, &check->diags)
			   : rf_policies_load(&check->policies, found.path, &check->diags);
	free(found.path);
	free(found.text);
	return error == -ENOMEM ? rf_usage_error(verb, "out of memory") : 0;
}

/* Loads as the options come: errors of all files are told together. */
static int read_options(const struct rf_verb *verb, int argc, char **argv, struct check *check)
{
	const struct rf_option *option;
	char *value = NULL;
	int next = 1, error = 0;

	while (!error && (option = rf_option_next(verb, argc, argv, &next, &value))) {
		if (option == &rf_option_bad)
			return RF_EXIT_USAGE;
		if (!strcmp(option->name, "workspace")) {
			check->workspace = value;
		} else if (!strcmp(option->name, "wide")) {
			check->wide = true;
		} else if (!strcmp(option->name, "set")) {
			error = rf_values_set(verb, &check->vars, value);
		} else if (!strcmp(option->name, "allow")) {
			error = rf_allowed_add(&check->allowed, value) ? 0 : RF_EXIT_USAGE;
		} else if (!strcmp(option->name, "policy")) {
			error = load_word(verb, check, value);
		} else {
			check->files++;
			if (rf_policies_load(&check->policies, value, &check->diags) == -ENOMEM)
				error = rf_usage_error(verb, "out of memory");
		}
	}
	if (error)
		return error;
	if (next < argc)
		return rf_usage_error(verb, "\"%s\" is not expected here: policy files are given with -f", argv[next]);
	if (!check->files)
		return rf_usage_error(verb, "no policy file: give one with -f FILE or -p PRESET");
	return 0;
}

static int check_policy(struct rf_policy *policy, struct check *check)
{
	struct rf_compiled compiled = {0};
	int error = rf_policy_bind(policy, &check->vars, true, &check->diags);

	if (error)
		return error;
	rf_policy_warn_links(policy, &check->diags);
	error = rf_compile(policy, 1, &compiled, &check->diags);
	if (error)
		return error;
	rf_policy_warn(policy, &check->diags);
	rf_policy_warn_folders(policy, &check->diags);
	error = rf_compile_warnings(policy, &compiled, &check->diags);
	rf_compiled_free(&compiled);
	return error;
}

static int report(const struct check *check, int error)
{
	size_t rules = 0;

	rf_diags_print(&check->diags, stderr);
	if (error == -ENOMEM) {
		fprintf(stderr, "ringfence check: out of memory\n");
		return RF_EXIT_USAGE;
	}
	if (error || check->diags.errors)
		return RF_EXIT_FAILED;
	for (size_t i = 0; i < check->policies.count; i++) {
		const struct rf_policy *policy = &check->policies.policy[i];

		for (unsigned section = 0; section < RF_SECTIONS; section++)
			for (size_t k = 0; k < policy->rules[section]; k++)
				rules += !policy->rule[section][k].implied;
	}
	printf("%zu %s, %zu %s: no errors", check->policies.count, check->policies.count == 1 ? "policy" : "policies",
	       rules, rules == 1 ? "rule" : "rules");
	if (check->diags.warnings)
		printf(", %zu %s", check->diags.warnings, check->diags.warnings == 1 ? "warning" : "warnings");
	putchar('\n');
	return RF_EXIT_OK;
}

int rf_verb_check(const struct rf_verb *verb, int argc, char **argv)
{
	__attribute__((cleanup(check_free))) struct check check = {0};
	int error = read_options(verb, argc, argv, &check);

	if (!error)
		rf_allowed_apply(&check.allowed, &check.policies, &check.diags);

	const struct rf_values_given given = {geteuid(), check.workspace, check.wide, check.diags.errors != 0};

	if (!error)
		error = rf_values_fill(verb, &check.policies, &check.vars, &given);
	if (error)
		return error;
	/* Policies of files without errors are looked at further even where another file has some. */
	for (size_t i = 0; i < check.policies.count && error != -ENOMEM; i++) {
		size_t told = check.diags.count;
		int policy_error = check_policy(&check.policies.policy[i], &check);

		rf_diags_sort(&check.diags, told);
		error = policy_error ? policy_error : error;
	}
	return report(&check, error);
}
