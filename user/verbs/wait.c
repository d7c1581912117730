// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence wait`: until a policy is what it is to be, or there no more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/print.h"
#include "verbs/agent.h"

#define STEP_MS 200 /* between questions: conditions change without a change of the policy, so a watch does not tell \
		     */

const struct rf_option rf_options_wait[] = {
	{"for", 0, "WHAT", "condition=TYPE, condition=TYPE=STATUS, or delete"},
	{"timeout", 0, "TIME", "wait no longer, as in 30s (the default) or 5m"},
	{0},
};

struct wait {
	char type[64];
	const char *status; /* that the condition is to have; NULL: the policy is to be gone */
	bool given;
	unsigned timeout;
	long long deadline; /* ms */
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int take_for(struct wait *wait, const struct rf_verb *verb, const char *value)
{
	const char *type = value + strlen("condition="), *equal;

	wait->given = true;
	if (!strcmp(value, "delete"))
		return 0;
	equal = !strncmp(value, "condition=", strlen("condition=")) ? strchrnul(type, '=') : type;
	if (equal == type || (size_t)(equal - type) >= sizeof(wait->type) || (*equal && !equal[1]))
		return rf_usage_error(
			verb, "--for takes condition=TYPE, condition=TYPE=STATUS or delete, and not \"%s\"", value);
	snprintf(wait->type, sizeof(wait->type), "%.*s", (int)(equal - type), type);
	wait->status = *equal ? equal + 1 : "True";
	return 0;
}

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct wait *wait = context;

	if (!strcmp(option->name, "for"))
		return take_for(wait, verb, value);
	wait->timeout = rf_agent_seconds(verb, option->name, value);
	return wait->timeout ? 0 : RF_EXIT_USAGE;
}

/* Whether it is so; else `line` says how it is instead. */
static bool is_so(const struct wait *wait, const struct rf_client_answer *answer, struct rf_line *line)
{
	const json_t *condition;
	const char *status, *message;

	rf_line_reset(line);
	if (answer->status == 404) {
		rf_line_string(line, "there is none");
		return !wait->status;
	}
	if (!wait->status) {
		rf_line_string(line, "it is still there");
		return false;
	}
	condition = rf_agent_condition(answer->json, wait->type);
	status = json_string_value(json_object_get(condition, "status"));
	message = json_string_value(json_object_get(condition, "message"));
	status = status ? status : "not known";
	rf_line_format(line, "%s is ", wait->type);
	rf_line_name(line, status, strlen(status), 0);
	if (message && *message) {
		rf_line_string(line, ": ");
		rf_line_name(line, message, strlen(message), 0);
	}
	return !strcmp(status, wait->status);
}

static int tell_timeout(const struct rf_verb *verb, const struct wait *wait, const char *name, struct rf_line *line)
{
	fprintf(stderr, "ringfence %s: policy/%s after %u s: %.*s\n", verb->name, name, wait->timeout, (int)line->len,
		line->text ? line->text : "");
	return RF_EXIT_TIMEOUT;
}

static int tell_met(const struct rf_verb *verb, const struct wait *wait, const char *name)
{
	struct rf_line line = {0};

	rf_line_string(&line, "policy/");
	rf_line_name(&line, name, strlen(name), 0);
	rf_line_string(&line, wait->status ? " condition met\n" : " deleted\n");
	return rf_agent_print(verb, &line);
}

static int wait_for(const struct rf_verb *verb, const struct wait *wait, const char *name)
{
	char *path = rf_client_path("/v1/policies/", name, "");
	struct rf_line line = {0};
	int status = -1;

	if (!path)
		return rf_usage_error(verb, "out of memory");
	while (status < 0) {
		struct rf_client_answer answer;

		rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path, .timeout = wait->timeout},
			      &answer);
		if (answer.exit && answer.status != 404) {
			rf_agent_tell(verb, &answer);
			status = answer.exit;
		} else if (is_so(wait, &answer, &line)) {
			status = tell_met(verb, wait, name);
		} else if (now_ms() >= wait->deadline) {
			status = tell_timeout(verb, wait, name, &line);
		} else {
			usleep(STEP_MS * 1000);
		}
		rf_client_answer_free(&answer);
	}
	rf_line_free(&line);
	free(path);
	return status;
}

int rf_verb_wait(const struct rf_verb *verb, int argc, char **argv)
{
	struct wait wait = {.timeout = RF_CLIENT_TIMEOUT};
	int status, operands = rf_operands(verb, argc, argv, take_option, &wait, &status);

	if (operands < 0)
		return status;
	if (!wait.given)
		return rf_usage_error(verb, "for what? as in --for=condition=Enforced");
	if (!operands)
		return rf_usage_error(verb, "takes policies, as in policy/NAME");
	for (int i = 1; i <= operands; i++)
		if (strncmp(argv[i], "policy/", 7) != 0 || !argv[i][7])
			return rf_usage_error(verb, "\"%s\" is no policy: it is policy/NAME", argv[i]);
	wait.deadline = now_ms() + wait.timeout * 1000LL;
	for (int i = 1; i <= operands && !status; i++)
		status = wait_for(verb, &wait, argv[i] + 7);
	return status;
}
