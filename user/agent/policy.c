// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One policy: from its text to what the kernel runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "policy/memory.h"

/* The first thing that is wrong, in one line. */
static char *first_error(const struct rf_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct rf_diag *diag = &diags->diag[i];
		char *line = NULL;

		if (diag->level != RF_ERROR)
			continue;
		if (asprintf(&line, "%s:%u:%u: %s", diag->where.file, diag->where.line, diag->where.col, diag->text) <
		    0)
			return NULL;
		return line;
	}
	return NULL;
}

/* A policy that selects nothing is bound by who runs it: that a variable has no value here is no error then. */
static int bind_and_compile(struct agent_policy *policy, struct rf_diags *diags)
{
	const struct rf_vars none = {.pair = NULL};
	struct rf_diags own = {.diag = NULL};
	struct rf_diags *to = agent_policy_selects(policy) ? diags : &own;
	int err = rf_policy_bind(&policy->set.policy[0], &none, true, to);

	err = err ? err : rf_compile_cached(&policy->set.policy[0], &policy->compiled, to);
	policy->is_compiled = !err;
	if (err && err != -ENOMEM && !agent_policy_selects(policy)) {
		policy->problem = first_error(&own);
		err = 0;
	}
	rf_diags_free(&own);
	return err == -E2BIG ? -EINVAL : err;
}

/* Takes what its text was parsed to, or parses it. */
static int parse(struct agent_policy *policy, const char *file, struct agent_parsed *parsed, struct rf_diags *diags)
{
	if (parsed && parsed->set.count == 1) {
		policy->file = parsed->file;
		policy->set = parsed->set;
		*parsed = (struct agent_parsed){.file = NULL};
		return 0;
	}
	policy->file = strdup(file);
	policy->set.presets_only = true;
	return policy->file ? rf_policies_parse(&policy->set, policy->file, policy->text, policy->length, diags)
			    : -ENOMEM;
}

static int make(struct agent_policy *policy, const char *file, const char *text, size_t length,
		struct agent_parsed *parsed, struct rf_diags *diags)
{
	int err;

	policy->text = malloc(length + 1);
	if (!policy->text)
		return -ENOMEM;
	memcpy(policy->text, text, length);
	policy->text[length] = '\0';
	policy->length = length;
	err = parse(policy, file, parsed, diags);
	if (err)
		return err;
	if (policy->set.count != 1)
		return -EBADMSG;
	policy->name = strdup(policy->set.policy[0].name);
	if (!policy->name)
		return -ENOMEM;
	err = bind_and_compile(policy, diags);
	policy->forced.bound = (struct rf_bound){
		.policy = &policy->set.policy[0],
		.compiled = &policy->compiled,
		.file = policy->file,
		.text = policy->text,
		.text_len = policy->length,
	};
	return err;
}

int agent_policy_make(const char *file, const char *text, size_t length, struct agent_parsed *parsed,
		      struct rf_diags *diags, struct agent_policy **out)
{
	struct agent_policy *policy = calloc(1, sizeof(*policy));
	int err = policy ? make(policy, file, text, length, parsed, diags) : -ENOMEM;

	if (err) {
		agent_policy_free(policy);
		return err;
	}
	*out = policy;
	return 0;
}

void agent_policy_free(struct agent_policy *policy)
{
	if (!policy)
		return;
	rf_policies_free(&policy->set);
	rf_compiled_free(&policy->compiled);
	free(policy->name);
	free(policy->file);
	free(policy->text);
	free(policy->program);
	free(policy->problem);
	free(policy);
}

bool agent_policy_selects(const struct agent_policy *policy)
{
	return policy->set.policy[0].selects;
}
