/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* --set, as every verb that binds policies takes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/linked.h"
#include "policy/memory.h"
#include "policy/workspace.h"
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

static int tell_unknown(const struct rf_verb *verb, const char *name, const char *near)
{
	if (near)
		return rf_usage_error(verb, "--set %s: no policy has a variable of that name; did you mean \"%s\"?",
				      name, near);
	return rf_usage_error(verb, "--set %s: no policy has a variable of that name", name);
}

/* Scratch is judged by what the policy says of scratch: as a workspace, programs that others drop there would run. */
static int drop_workspace(const struct rf_verb *verb, struct rf_vars *vars)
{
	rf_tell(verb,
		"note: %s is scratch that all share, and no workspace: the policy's rules for scratch hold "
		"there; give a project's folder by --workspace DIR, or insist by --wide",
		rf_vars_get(vars, "WORKSPACE"));
	return rf_vars_replace(vars, "WORKSPACE", "/nonexistent") ? RF_EXIT_FAILED : 0;
}

/* GIT_COMMON_DIR of a linked worktree or a submodule, unless it was set: the first of a name counts. One that is not
 * believed is left to --set. */
static int fill_repository(const struct rf_policies *policies, struct rf_vars *vars, uid_t uid)
{
	RF_AUTO_FREE char *common = NULL;

	if (!rf_policies_use(policies, "GIT_COMMON_DIR") ||
	    rf_linked_repository(rf_vars_get(vars, "WORKSPACE"), rf_vars_get(vars, "HOME"), uid, &common))
		return 0;
	return rf_vars_set(vars, "GIT_COMMON_DIR", common);
}

int rf_values_fill(const struct rf_verb *verb, const struct rf_policies *policies, struct rf_vars *vars,
		   const struct rf_values_given *given)
{
	const char *near = NULL, *name = given->faulty ? NULL : rf_vars_unknown(vars, policies, &near);
	const char *workspace, *what;
	int err;

	if (name)
		return tell_unknown(verb, name, near);
	err = rf_vars_defaults(vars, given->uid, given->workspace);
	if (err)
		return rf_usage_error(verb, "workspace %s: %s", given->workspace ? given->workspace : ".",
				      strerror(-err));
	workspace = rf_vars_get(vars, "WORKSPACE");
	if (!given->wide && rf_policies_use(policies, "WORKSPACE")) {
		if (rf_workspace_shared(workspace))
			return drop_workspace(verb, vars);
		what = rf_workspace_wide(workspace, rf_vars_get(vars, "HOME"));
		if (what)
			return rf_usage_error(verb,
					      "the workspace is %s, %s: the policy would open all of it; give a "
					      "project's folder by --workspace DIR, or insist by --wide",
					      workspace, what);
	}
	err = fill_repository(policies, vars, given->uid);
	return err ? rf_usage_error(verb, "%s", strerror(-err)) : 0;
}

bool rf_allowed_add(struct rf_allowed *allowed, const char *spec)
{
	const char **grown = rf_grow(allowed->spec, allowed->count, sizeof(*grown));

	if (!grown) {
		rf_tell(NULL, "out of memory");
		return false;
	}
	allowed->spec = grown;
	allowed->spec[allowed->count++] = spec;
	return true;
}

void rf_allowed_apply(const struct rf_allowed *allowed, struct rf_policies *policies, struct rf_diags *diags)
{
	for (unsigned i = 0; i < allowed->count; i++)
		if (rf_policies_allow(policies, allowed->spec[i], i + 1, diags) == -ENOMEM)
			rf_diag_add(diags, RF_ERROR, (struct rf_where){"--allow", 0, 0}, "out of memory");
}
