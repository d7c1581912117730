// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence get`: what is there, for people and for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/print.h"
#include "verbs/agent.h"
#include "verbs/watch.h"

const struct rf_option rf_options_get[] = {
	{"selector", 'l', "SELECTOR", "only those with such labels: key=value,key!=value,key,!key"},
	{"field-selector", 0, "SELECTOR", "only those whose fields are so: status.enforced!=True,status.mode=audit"},
	{"output", 'o', "FORMAT", "table, wide, name, yaml, json or jsonpath=.a.b[0]"},
	{"no-headers", 0, NULL, "no titles above a table"},
	{"watch", 'w', NULL, "go on, and show each change as it happens, of sandboxes once a second"},
	{0},
};

struct get {
	struct rf_print print;
	const char *selector, *fields;
	const struct rf_resource *resource;
	char **names; /* that were asked for */
	int count;
	bool watch;
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct get *get = context;

	if (!strcmp(option->name, "no-headers"))
		get->print.no_headers = true;
	else if (!strcmp(option->name, "watch"))
		get->watch = true;
	else if (!strcmp(option->name, "selector"))
		get->selector = value;
	else if (!strcmp(option->name, "field-selector"))
		get->fields = value;
	else if (!rf_print_format(&get->print, value))
		return rf_usage_error(verb,
				      "there is no format \"%s\"; there are table, wide, name, yaml, json and "
				      "jsonpath=PATH",
				      value);
	return 0;
}

static int read_words(const struct rf_verb *verb, int argc, char **argv, struct get *get)
{
	int status;

	get->count = rf_operands(verb, argc, argv, take_option, get, &status) - 1;
	get->names = argv + 2;
	if (get->count < -1)
		return status;
	if (get->count < 0)
		return rf_usage_error(verb, "what? policies or sandboxes");
	get->resource = rf_agent_resource(verb, argv[1]);
	if (!get->resource)
		return RF_EXIT_USAGE;
	if ((get->selector || get->fields) && get->count)
		return rf_usage_error(verb, "names and a selector don't go together");
	return 0;
}

static int get_list(const struct rf_verb *verb, const struct get *get, json_t **objects)
{
	struct rf_client_answer answer = {0};
	char *path = rf_agent_list_path(get->resource, get->selector, get->fields, "");
	int status;

	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = path}, &answer);
	*objects = json_incref(json_object_get(answer.json, "items"));
	rf_client_answer_free(&answer);
	free(path);
	return status;
}

/* Those that are there are shown though another is not. */
static int get_named(const struct rf_verb *verb, const struct get *get, json_t **objects)
{
	int status = 0;

	*objects = json_array();
	for (int i = 0; i < get->count; i++) {
		struct rf_client_answer answer;
		int one = rf_agent_get(verb, get->resource, get->names[i], &answer);

		if (!one)
			json_array_append(*objects, answer.json);
		rf_client_answer_free(&answer);
		status = status ? status : one;
		if (one > RF_EXIT_FAILED)
			break; /* the next would fare no better */
	}
	return status;
}

int rf_verb_get(const struct rf_verb *verb, int argc, char **argv)
{
	struct get get = {0};
	struct rf_line line = {0};
	json_t *objects = NULL;
	int status = read_words(verb, argc, argv, &get), printed;

	/* Help was asked for, or the words are wrong. */
	if (!get.resource || status)
		return status;
	if (get.watch)
		return rf_watch(verb, &(struct rf_watch){.print = get.print,
							 .resource = get.resource,
							 .selector = get.selector,
							 .fields = get.fields,
							 .names = get.names,
							 .count = get.count});
	get.print.single = get.count == 1;
	status = get.count ? get_named(verb, &get, &objects) : get_list(verb, &get, &objects);
	if (!status && !json_array_size(objects))
		fprintf(stderr, "none\n");
	/* Programs get an empty list rather than nothing. */
	if (json_array_size(objects) || (!status && get.print.format >= RF_FORMAT_JSON))
		rf_print_objects(&line, &get.print, get.resource, objects);
	printed = rf_agent_print(verb, &line);
	json_decref(objects);
	return status ? status : printed;
}
