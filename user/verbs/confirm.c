// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence confirm`: what was applied on probation stays. */
#include <stdlib.h>

#include "verbs/agent.h"

const struct rf_option rf_options_confirm[] = {
	{0},
};

int rf_verb_confirm(const struct rf_verb *verb, int argc, char **argv)
{
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (!operands)
		return rf_usage_error(verb, "takes the names of policies");
	for (int i = 1; i <= operands; i++) {
		struct rf_client_answer answer = {0};
		char *path = rf_client_path("/v1/policies/", argv[i], "/confirm");
		int one;

		if (!path)
			return rf_usage_error(verb, "out of memory");
		one = rf_agent_ask(verb, &(struct rf_client_request){.method = "POST", .path = path, .body = ""},
				   &answer);
		if (!one)
			one = rf_agent_applied(verb, answer.json, false);
		status = one > status ? one : status;
		rf_client_answer_free(&answer);
		free(path);
	}
	return status;
}
