// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence api`: the API, as it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "client/print.h"
#include "verbs/agent.h"

const struct rf_option rf_options_api[] = {
	{"file", 'f', "FILE", "what to send as the request's body, or - for standard input"},
	{0},
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	char *bad = NULL;
	int err = rf_files_add(context, value, &bad);

	(void)option;
	if (err)
		fprintf(stderr, "ringfence %s: %s: %s\n", verb->name, bad ? bad : value, strerror(-err));
	free(bad);
	return err ? RF_EXIT_USAGE : 0;
}

/* The words in one of the methods there are, which a socket's bytes could not be made of otherwise. */
static bool is_method(const char *word)
{
	return *word && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(word) && strlen(word) < 16;
}

/* Whether a path asks for a stream of lines. */
static bool is_watch(const char *path)
{
	const char *at = strchr(path, '?');

	for (; at; at = strchr(at + 1, '&')) {
		size_t len = strcspn(at + 1, "&");

		if ((len == 7 && !strncmp(at + 1, "watch=1", len)) ||
		    (len == 10 && !strncmp(at + 1, "watch=true", len)))
			return true;
	}
	return false;
}

struct stream {
	const struct rf_verb *verb;
	int status;
};

/* Each line as it comes. */
static bool on_event(void *context, const json_t *event)
{
	struct stream *stream = context;
	struct rf_line line = {0};

	rf_print_ascii(&line, event, JSON_COMPACT);
	rf_line_string(&line, "\n");
	stream->status = rf_agent_print(stream->verb, &line);
	return !stream->status;
}

static int ask(const struct rf_verb *verb, char **argv, const struct rf_files *files)
{
	struct stream stream = {.verb = verb};
	const struct rf_client_request request = {
		.method = argv[1],
		.path = argv[2],
		.body = files->count ? files->text.text ? files->text.text : "" : NULL,
		.length = files->text.len,
		.event = !strcmp(argv[1], "GET") && is_watch(argv[2]) ? on_event : NULL,
		.context = &stream,
	};
	const struct rf_resource *none = &rf_resources[RF_KIND_VERSION];
	const struct rf_print json = {.format = RF_FORMAT_JSON, .single = true};
	struct rf_client_answer answer;
	struct rf_line line = {0};
	int status = rf_agent_ask(verb, &request, &answer), printed;

	if (answer.json) {
		json_t *objects = json_pack("[O]", answer.json);

		rf_print_objects(&line, &json, none, objects);
		json_decref(objects);
	} else if (answer.text) {
		rf_print_lines(&line, "", answer.text);
	}
	printed = rf_agent_print(verb, &line);
	rf_client_answer_free(&answer);
	status = status ? status : stream.status;
	return status ? status : printed;
}

int rf_verb_api(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_files files = {0};
	int status, operands = rf_operands(verb, argc, argv, take_option, &files, &status);

	if (operands >= 0 && operands != 2)
		status = rf_usage_error(verb, "takes a method and a path, as in GET /v1/policies");
	else if (operands == 2 && !is_method(argv[1]))
		status = rf_usage_error(verb, "\"%s\" is no method: GET, POST or DELETE", argv[1]);
	else if (operands == 2 && argv[2][0] != '/')
		status = rf_usage_error(verb, "\"%s\" is no path: it begins with /, as in /v1/policies", argv[2]);
	else if (operands == 2)
		status = ask(verb, argv, &files);
	rf_files_free(&files);
	return status;
}
