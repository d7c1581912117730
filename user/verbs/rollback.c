// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence rollback`: an earlier text of a policy, applied again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "verbs/agent.h"

const struct rf_option rf_options_rollback[] = {
	{"to-revision", 0, "N", "go back to that one; by default to the one before"},
	{0},
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	unsigned long long *to = context;
	char *end;

	errno = 0;
	*to = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && *to && !errno)
		return 0;
	return rf_usage_error(verb, "--%s takes a revision's number, and not \"%s\"", option->name, value);
}

int rf_verb_rollback(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_client_answer answer = {0};
	unsigned long long to = 0;
	char after[64] = "/rollback", *path;
	int status, operands = rf_operands(verb, argc, argv, take_option, &to, &status);

	if (operands < 0)
		return status;
	if (operands != 1)
		return rf_usage_error(verb, "takes the name of one policy");
	if (to)
		snprintf(after, sizeof(after), "/rollback?to=%llu", to);
	path = rf_client_path("/v1/policies/", argv[1], after);
	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "POST", .path = path, .body = ""}, &answer);
	if (!status)
		status = rf_agent_applied(verb, answer.json, false);
	rf_client_answer_free(&answer);
	free(path);
	return status;
}
