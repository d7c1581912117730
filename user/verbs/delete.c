// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence delete`: takes policies out of force. */
#include <stdlib.h>

#include "verbs/agent.h"

const struct rf_option rf_options_delete[] = {
	{0},
};

static int delete_one(const struct rf_verb *verb, const char *name)
{
	struct rf_client_answer answer = {0};
	char *path = rf_client_path("/v1/policies/", name, "");
	int status;

	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "DELETE", .path = path}, &answer);
	if (!status)
		status = rf_agent_applied(verb, answer.json, false);
	rf_client_answer_free(&answer);
	free(path);
	return status;
}

int rf_verb_delete(const struct rf_verb *verb, int argc, char **argv)
{
	const struct rf_resource *resource;
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (operands < 2)
		return rf_usage_error(verb, "takes a kind and names, as in policy NAME");
	resource = rf_agent_resource(verb, argv[1]);
	if (!resource)
		return RF_EXIT_USAGE;
	if (resource->kind != RF_KIND_POLICY)
		return rf_usage_error(verb, "only policies can be deleted");
	for (int i = 2; i <= operands && status <= RF_EXIT_FAILED; i++) {
		int one = delete_one(verb, argv[i]);

		status = status > one ? status : one;
	}
	return status;
}
