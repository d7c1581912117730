/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* --set, as every verb that binds policies takes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/values.h"

int rf_values_set(const struct rf_verb *verb, struct rf_vars *vars, const char *text)
{
	const char *equals = strchr(text, '=');
	char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	int err = name ? rf_vars_set(vars, name, equals + 1) : -EINVAL;

	if (err == -EINVAL && name)
		rf_usage_error(verb, "--set %s: \"%s\" is no variable name", text, name);
	else if (err)
		rf_usage_error(verb, "--set %s: it must be NAME=VALUE", text);
	free(name);
	return err ? RF_EXIT_USAGE : 0;
}

int rf_values_check(const struct rf_verb *verb, const struct rf_vars *set, const struct rf_policies *policies)
{
	const char *near = NULL, *name = rf_vars_unknown(set, policies, &near);

	if (!name)
		return 0;
	if (near)
		return rf_usage_error(verb, "--set %s: no policy has a variable of that name; did you mean \"%s\"?",
				      name, near);
	return rf_usage_error(verb, "--set %s: no policy has a variable of that name", name);
}
