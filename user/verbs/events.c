// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence events`: denials of what is in force on this host, and changes of it; across the agent's end and return.
 */
#include <stdlib.h>
#include <string.h>

#include "verbs/happened.h"

const struct rf_option rf_options_events[] = {
	{"watch", 'w', NULL, "go on, and show each as it happens"},
	{"output", 'o', "FORMAT", "line (the default) or json: a line of JSON each"},
	{0},
};

struct events {
	const struct rf_verb *verb;
	bool watch, json;
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct events *events = context;

	if (strcmp(option->name, "watch") == 0)
		events->watch = true;
	else if (strcmp(value, "json") == 0 || strcmp(value, "line") == 0)
		events->json = value[0] == 'j';
	else
		return rf_usage_error(verb, "there is no format \"%s\"; there are line and json", value);
	return 0;
}

static int show(void *context, const json_t *event)
{
	const struct events *events = context;
	struct rf_line line = {0};

	if (events->json)
		rf_happened_json(&line, event);
	else
		rf_happened_line(&line, event);
	return rf_agent_print(events->verb, &line);
}

int rf_verb_events(const struct rf_verb *verb, int argc, char **argv)
{
	struct events events = {.verb = verb};
	struct rf_happened asked = {.verb = verb, .show = show, .context = &events};
	int status, operands = rf_operands(verb, argc, argv, take_option, &events, &status);
	char *filter;

	if (operands < 0)
		return status;
	status = rf_happened_filter(verb, "", operands, argv, &filter);
	if (status)
		return status;
	asked.filter = filter;
	status = events.watch ? rf_happened_follow(&asked) : rf_happened_list(&asked);
	free(filter);
	return status;
}
