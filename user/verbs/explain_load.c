// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence explain`: where the policies that are asked come from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/path.h"
#include "policy/memory.h"
#include "verbs/agent.h"
#include "verbs/applied.h"
#include "verbs/explain.h"
#include "verbs/policy_word.h"

/* ----------------------------------------------------------------- applied */

/* Whether it is in force, and which it is: the first line of the answer. */
static void tell_applied(struct rf_line *out, const char *name, const json_t *policy)
{
	const json_t *enforced = rf_agent_condition(policy, "Enforced");
	const char *status = json_string_value(json_object_get(enforced, "status"));
	const char *reason = json_string_value(json_object_get(enforced, "reason"));
	const char *message = json_string_value(json_object_get(enforced, "message"));
	bool in_force = status && !strcmp(status, "True"), sound = in_force && reason && strcmp(reason, "Stale") != 0;

	rf_line_string(out, "policy/");
	rf_line_name(out, name, strlen(name), 0);
	rf_line_format(out, ", revision %lld, is %sin force",
		       (long long)json_integer_value(rf_json_path(policy, "metadata.revision")),
		       in_force ? "" : "not ");
	if (!sound && message) {
		rf_line_string(out, ": ");
		rf_line_name(out, message, strlen(message), 0);
	}
	rf_line_string(out, "\n");
}

/* Takes a policy from the agent. */
static int load_applied(struct explain *e, const char *name)
{
	struct rf_client_answer answer;
	char *file = NULL, *text = NULL;
	size_t length;
	int err = rf_agent_get(e->verb, &rf_resources[RF_KIND_POLICY], name, &answer);

	if (!err && !rf_applied_text(answer.json, &file, &text, &length))
		err = rf_usage_error(e->verb, "the agent's answer has no text");
	if (!err) {
		tell_applied(&e->out, name, answer.json);
		err = rf_policies_parse(&e->policies, file, text, length, &e->diags) == -ENOMEM
			      ? rf_usage_error(e->verb, "out of memory")
			      : 0;
	}
	rf_client_answer_free(&answer);
	free(file);
	free(text);
	return err;
}

/* ------------------------------------------------------------------- words */

static bool has_policy(const struct explain *e, const char *name)
{
	for (size_t i = 0; i < e->policies.count; i++)
		if (!strcmp(e->policies.policy[i].name, name))
			return true;
	return false;
}

/* What is no file's name and no preset's can only be a policy that was applied: the agent says whether it was. */
static bool is_applied(const char *word)
{
	RF_AUTO_FREE char *preset = NULL;

	if (!rf_preset_is(word) || rf_policy_word_kept(word))
		return rf_preset_is(word);
	preset = rf_preset_find(word);
	return !preset;
}

/* Behind what the agent said of a name: a preset's may have been meant. */
static void tell_near_preset(const struct explain *e, const char *word)
{
	char **names = rf_presets();
	const char *near = names ? rf_nearest(word, (const char *const *)names) : NULL;

	if (near)
		rf_tell(e->verb, "no preset is called \"%s\" either; did you mean \"%s\"?", word, near);
	rf_presets_free(names);
}

static int load_word(struct explain *e, const char *word)
{
	RF_AUTO_FREE char *path = NULL;
	int err;

	if (is_applied(word)) {
		err = load_applied(e, word);
		if (err)
			tell_near_preset(e, word);
		return err;
	}
	e->others++;
	path = rf_policy_word_file(word);
	if (!path)
		return RF_EXIT_USAGE;
	return rf_policies_load(&e->policies, path, &e->diags) == -ENOMEM ? rf_usage_error(e->verb, "out of memory")
									  : 0;
}

/* A name that a policy of the files has chooses that one. */
static int load_words(struct explain *e)
{
	int err = 0;

	e->filed = e->policies.count;
	e->others = e->files;
	for (size_t i = 0; i < e->words && !err; i++) {
		bool chosen = e->files && has_policy(e, e->word[i]);

		if (!chosen)
			err = load_word(e, e->word[i]);
		else if (e->only && strcmp(e->only, e->word[i]) != 0)
			err = rf_usage_error(e->verb, "one policy of the files at a time: \"%s\" is one too many",
					     e->word[i]);
		else
			e->only = e->word[i];
	}
	return err;
}

/* ------------------------------------------------------------------ values */

/* What selects has its values from its own text, whoever asks. */
static bool has_own_values(const struct explain *e)
{
	for (size_t i = 0; i < e->policies.count; i++)
		if (!e->policies.policy[i].selects)
			return false;
	return e->policies.count && !e->others;
}

int rf_explain_load(struct explain *e)
{
	int err = load_words(e);

	if (err)
		return err;
	rf_allowed_apply(&e->allowed, &e->policies, &e->diags);

	const struct rf_values_given given = {geteuid(), e->workspace, e->wide, e->diags.errors != 0};

	if (!has_own_values(e))
		return rf_values_fill(e->verb, &e->policies, &e->vars, &given);
	if (e->set || e->workspace)
		return rf_usage_error(e->verb, "%s has a select: its variables have their values from its own text",
				      e->policies.policy[0].name);
	return 0;
}
