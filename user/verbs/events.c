// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence events`: denials of what is in force on this host, and changes of it; across the agent's end and return.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/path.h"
#include "client/print.h"
#include "verbs/agent.h"

#define PATIENCE 60 /* tries, a second each, without an agent */

const struct rf_option rf_options_events[] = {
	{"watch", 'w', NULL, "go on, and show each as it happens"},
	{"output", 'o', "FORMAT", "line (the default) or json: a line of JSON each"},
	{0},
};

struct events {
	const struct rf_verb *verb;
	bool watch, json;
	long long seen; /* the last one's id; 0: none */
	bool ended;	/* the agent said why it ends */
	int status;
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

static void add_member(struct rf_line *line, const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	rf_line_name(line, text ? text : "?", strlen(text ? text : "?"), 0);
}

/* A denial's line was escaped when it was made (events/print.h); escaping it again would show that twice. */
static void add_line(struct rf_line *line, const json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "line"));

	rf_line_string(line, " ");
	if (text) {
		rf_line_string(line, text);
		rf_line_string(line, "  in ");
		add_member(line, event, "unit");
		return;
	}
	rf_line_string(line, "policy ");
	add_member(line, event, "policy");
	rf_line_string(line, " ");
	add_member(line, event, "type");
	rf_line_format(line, ": revision %lld, by uid %lld with ",
		       (long long)json_integer_value(json_object_get(event, "revision")),
		       (long long)json_integer_value(json_object_get(event, "uid")));
	add_member(line, event, "program");
}

static void show(struct events *events, const json_t *event)
{
	struct rf_line line = {0};
	char *text = events->json ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (events->json) {
		rf_line_string(&line, text ? text : "{}");
	} else {
		add_member(&line, event, "time");
		add_line(&line, event);
	}
	rf_line_string(&line, "\n");
	free(text);
	events->seen = json_integer_value(json_object_get(event, "id"));
	events->status = rf_agent_print(events->verb, &line);
}

static void tell(const struct events *events, const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "ringfence %s: %s: %s\n", events->verb->name, what, why);
}

static bool on_event(void *context, const json_t *event)
{
	struct events *events = context;
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *message = json_string_value(json_object_get(event, "message"));

	type = type ? type : "";
	if (strcmp(type, "EVENT") == 0) {
		show(events, json_object_get(event, "object"));
	} else if (strcmp(type, "LOST") == 0) {
		tell(events, "LOST", message ? message : "?");
	} else if (strcmp(type, "END") == 0) {
		tell(events, "the stream ended", message ? message : "?");
		events->ended = true;
	}
	if (json_object_get(event, "revision"))
		events->seen = json_integer_value(json_object_get(event, "revision"));
	return !events->status;
}

/* Until the stream ends. *answered: there was an agent. */
static int follow(struct events *events, bool first, bool *answered)
{
	struct rf_client_answer answer = {0};
	char path[96] = "/v1/events?watch=1";
	int status;

	events->ended = false;
	if (events->seen)
		snprintf(path, sizeof(path), "/v1/events?watch=1&after=%lld", events->seen);
	status = rf_client_ask(
		&(struct rf_client_request){.method = "GET", .path = path, .event = on_event, .context = events},
		&answer);
	*answered = status != RF_EXIT_NO_AGENT;
	if ((first && !*answered) || (answer.status && answer.status != 200)) {
		rf_agent_tell(events->verb, &answer);
		events->status = status;
	} else if (*answered && !events->ended && !events->status) {
		tell(events, "the stream broke off", status && answer.message ? answer.message : "the agent closed it");
	}
	rf_client_answer_free(&answer);
	return status;
}

static int watch(struct events *events)
{
	bool answered = false;
	int status = follow(events, true, &answered);

	for (int tries = 0; !events->status && tries < PATIENCE; tries++) {
		sleep(1);
		status = follow(events, false, &answered);
		tries = answered ? 0 : tries;
	}
	if (!events->status)
		tell(events, "given up", "there has been no agent for a minute");
	return events->status ? events->status : status;
}

int rf_verb_events(const struct rf_verb *verb, int argc, char **argv)
{
	struct events events = {.verb = verb};
	struct rf_client_answer answer = {0};
	int status, operands = rf_operands(verb, argc, argv, take_option, &events, &status);
	const json_t *items, *event;
	size_t i;

	if (operands < 0)
		return status;
	if (operands)
		return rf_usage_error(verb, "takes no names");
	if (events.watch)
		return watch(&events);
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = "/v1/events"}, &answer);
	items = status ? NULL : json_object_get(answer.json, "items");
	if (!status && !json_array_size(items))
		fprintf(stderr, "none\n");
	json_array_foreach(items, i, event) if (!events.status) show(&events, event);
	rf_client_answer_free(&answer);
	return status ? status : events.status;
}
