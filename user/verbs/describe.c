// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence describe`: all about one object. */
#include "client/print.h"
#include "verbs/agent.h"

const struct rf_option rf_options_describe[] = {
	{0},
};

int rf_verb_describe(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_client_answer answer;
	const struct rf_resource *resource;
	struct rf_line line = {0};
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (operands != 2)
		return rf_usage_error(verb, "takes a kind and a name, as in policy NAME");
	resource = rf_agent_resource(verb, argv[1]);
	if (!resource)
		return RF_EXIT_USAGE;
	status = rf_agent_get(verb, resource, argv[2], &answer);
	if (!status) {
		rf_print_described(&line, resource, answer.json);
		status = rf_agent_print(verb, &line);
	}
	rf_client_answer_free(&answer);
	return status;
}
