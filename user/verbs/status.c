// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence status`: the agent, and what it keeps in force. */
#include <stdio.h>
#include <string.h>

#include "api/path.h"
#include "client/print.h"
#include "verbs/agent.h"

const struct rf_option rf_options_status[] = {
	{0},
};

static void add_member(struct rf_line *line, const json_t *object, const char *path)
{
	const char *text = json_string_value(rf_json_path(object, path));

	rf_line_name(line, text ? text : "?", strlen(text ? text : "?"), 0);
}

/* Whether a condition of a type is true. */
static bool is_enforced(const json_t *policy)
{
	const json_t *condition;
	size_t i;

	json_array_foreach(rf_json_path(policy, "status.conditions"), i, condition)
	{
		const char *type = json_string_value(json_object_get(condition, "type"));
		const char *status = json_string_value(json_object_get(condition, "status"));

		if (type && status && !strcmp(type, "Enforced"))
			return !strcmp(status, "True");
	}
	return false;
}

static int add_version(const struct rf_verb *verb, struct rf_line *line)
{
	struct rf_client_answer answer;
	const json_t *feature;
	size_t i;
	int status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = "/v1/version"}, &answer);

	if (!status) {
		rf_line_string(line, "agent:      ");
		add_member(line, answer.json, "version");
		rf_line_format(line, ", ABI %lld\n",
			       (long long)json_integer_value(json_object_get(answer.json, "abi")));
		rf_line_string(line, "features:  ");
		json_array_foreach(json_object_get(answer.json, "features"), i, feature)
		{
			rf_line_string(line, " ");
			rf_line_name(line, json_string_value(feature), json_string_length(feature), 0);
		}
		rf_line_string(line, "\n");
	}
	rf_client_answer_free(&answer);
	return status;
}

static int add_ready(const struct rf_verb *verb, struct rf_line *line)
{
	struct rf_client_answer answer;
	int status = rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/readyz"}, &answer);

	if (status && answer.status != 503) {
		rf_agent_tell(verb, &answer);
	} else {
		rf_line_string(line, "ready:      ");
		rf_line_string(line, status ? "no: " : "yes\n");
		if (status)
			rf_print_lines(line, "", answer.message ? answer.message : "?");
	}
	rf_client_answer_free(&answer);
	return status;
}

static json_int_t sum_of(const json_t *items, const char *key)
{
	const json_t *item;
	json_int_t sum = 0;
	size_t i;

	json_array_foreach(items, i, item) sum += json_integer_value(json_object_get(item, key));
	return sum;
}

/* Whether all that was made is told. */
static void add_account(struct rf_line *line, const json_t *sandboxes)
{
	json_int_t made = sum_of(sandboxes, "made"), counted = sum_of(sandboxes, "counted");

	rf_line_format(line, "denials:    %lld = %lld told + %lld merged + %lld lost; the log has ", (long long)made,
		       (long long)sum_of(sandboxes, "told"), (long long)sum_of(sandboxes, "merged"),
		       (long long)sum_of(sandboxes, "lost"));
	if (counted == made)
		rf_line_string(line, "all\n");
	else
		rf_line_format(line, "%lld: the others are on their way, or of before the service was there\n",
			       (long long)counted);
}

static int add_counts(const struct rf_verb *verb, struct rf_line *line)
{
	struct rf_client_answer policies, sandboxes = {0};
	const json_t *policy;
	size_t i, enforced = 0;
	int status =
		rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = "/v1/policies"}, &policies);

	if (!status)
		status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = "/v1/sandboxes"},
				      &sandboxes);
	if (!status) {
		json_array_foreach(json_object_get(policies.json, "items"), i, policy) enforced += is_enforced(policy);
		rf_line_format(line, "policies:   %zu, of which enforced: %zu\n",
			       json_array_size(json_object_get(policies.json, "items")), enforced);
		rf_line_format(line, "sandboxes:  %zu\n", json_array_size(json_object_get(sandboxes.json, "items")));
		add_account(line, json_object_get(sandboxes.json, "items"));
	}
	rf_client_answer_free(&policies);
	rf_client_answer_free(&sandboxes);
	return status;
}

int rf_verb_status(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_line line = {0};
	int status, printed, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (operands)
		return rf_usage_error(verb, "takes no arguments");
	status = add_version(verb, &line);
	if (!status) {
		int counts;

		status = add_ready(verb, &line);
		counts = add_counts(verb, &line);
		status = status ? status : counts;
	}
	printed = rf_agent_print(verb, &line);
	return status ? status : printed;
}
