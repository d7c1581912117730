// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence describe`: all about one object. */
#include <stdio.h>
#include <stdlib.h>

#include "client/print.h"
#include "verbs/agent.h"

const struct rf_option rf_options_describe[] = {
	{0},
};

/* What its tasks hold that would be denied now. An object that went meanwhile was told all the same. */
static int tell_held(const struct rf_verb *verb, const struct rf_resource *resource, const char *name,
		     struct rf_line *line)
{
	struct rf_client_answer answer = {0};
	char before[64], *path;
	int status;

	snprintf(before, sizeof(before), "/v1/%s/", resource->plural);
	path = rf_client_path(before, name, "/held");
	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = path}, &answer);
	if (!status)
		rf_print_held(line, answer.json);
	rf_client_answer_free(&answer);
	free(path);
	return status;
}

int rf_verb_describe(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_client_answer answer;
	const struct rf_resource *resource;
	struct rf_line line = {0};
	int status, printed, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

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
		status = tell_held(verb, resource, argv[2], &line);
		printed = rf_agent_print(verb, &line);
		status = status ? status : printed;
	}
	rf_client_answer_free(&answer);
	return status;
}
