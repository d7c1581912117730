// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/happening.h"
#include "client/print.h"
#include "filter/filter.h"
#include "verbs/happened.h"

#define PATIENCE 60 /* tries, a second each, without an agent */

/* ---------------------------------------------------------------- filters */

void rf_happened_term(struct rf_line *line, const char *field, const char *value)
{
	rf_line_format(line, "%s=\"", field);
	for (; *value; value++) {
		if (strchr("*?\"\\", *value))
			rf_line_string(line, "\\");
		rf_line_bytes(line, value, 1);
	}
	rf_line_string(line, "\" ");
}

int rf_happened_filter(const struct rf_verb *verb, const char *before, int count, char **argv, char **out)
{
	struct rf_line line = {0};
	struct rf_filter *filter;
	char *problem = NULL;
	int err;

	rf_line_string(&line, before);
	for (int i = 1; i <= count; i++)
		rf_line_format(&line, "%s ", argv[i]);
	*out = line.failed ? NULL : strndup(line.text ? line.text : "", line.len);
	rf_line_free(&line);
	err = *out ? rf_filter_parse(*out, &filter, &problem) : -ENOMEM;
	if (!err) {
		rf_filter_free(filter);
		return 0;
	}
	err = rf_usage_error(verb, "%s", problem ? problem : "out of memory");
	free(problem);
	free(*out);
	*out = NULL;
	return err;
}

/* ---------------------------------------------------------------- lines */

static void add_member(struct rf_line *line, const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	rf_line_name(line, text ? text : "?", text ? strlen(text) : 1, 0);
}

void rf_happened_line(struct rf_line *line, const json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "line"));

	if (json_object_get(event, "time")) {
		add_member(line, event, "time");
		rf_line_string(line, " ");
	}
	if (text) {
		/* A denial's line was escaped when it was made (events/print.h). */
		rf_line_text(line, text, strlen(text));
		rf_line_string(line, "  in ");
		add_member(line, event, "unit");
	} else {
		rf_happening_words(line, event);
	}
	rf_line_string(line, "\n");
}

void rf_happened_json(struct rf_line *line, const json_t *event)
{
	rf_print_ascii(line, event, JSON_COMPACT);
	rf_line_string(line, "\n");
}

/* ---------------------------------------------------------------- asking */

struct stream {
	const struct rf_happened *asked;
	unsigned long long seen; /* up to which all was shown; 0: nothing was told yet */
	bool ended;		 /* the agent said why it ends */
	int status;
};

static char *with_number(char *path, const char *name, unsigned long long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", number);
	return number ? rf_agent_with(path, name, text) : path;
}

/* What is behind `seen`, or (0) all that was asked for. */
static char *path_of(const struct rf_happened *asked, bool watch, unsigned long long seen)
{
	char *path = strdup(watch ? "/v1/events?watch=1" : "/v1/events");

	path = with_number(path, "after", seen ? seen : asked->after);
	path = with_number(path, "tail", seen ? 0 : asked->tail);
	if (asked->since && !seen)
		path = rf_agent_with(path, "since", asked->since);
	return asked->filter && *asked->filter ? rf_agent_with(path, "filter", asked->filter) : path;
}

static void tell(const struct rf_happened *asked, const char *what, const char *why)
{
	struct rf_line line = {0};

	rf_line_format(&line, "ringfence %s: %s: ", asked->verb->name, what);
	rf_print_lines(&line, "", why ? why : "?");
	fflush(stdout);
	rf_line_write(&line, STDERR_FILENO);
	rf_line_free(&line);
}

/* One page of what is behind `seen`, or (0) of all. *more: the number behind which the next one begins, or 0. Returns
 * the exit status. */
static int list_page(const struct rf_happened *asked, unsigned long long seen, unsigned long long *more, size_t *count)
{
	char *path = path_of(asked, false, seen);
	struct rf_client_answer answer = {0};
	const json_t *items, *event;
	int status, shown = 0;
	size_t i;

	if (!path)
		return rf_usage_error(asked->verb, "out of memory");
	status = rf_agent_ask(asked->verb, &(struct rf_client_request){.method = "GET", .path = path}, &answer);
	items = status ? NULL : json_object_get(answer.json, "items");
	*count += json_array_size(items);
	*more = (unsigned long long)json_integer_value(json_object_get(answer.json, "continue"));
	*more = *more > seen ? *more : 0;
	if (json_object_get(answer.json, "unsearched"))
		tell(asked, "not all was looked through",
		     "only the last 10000 events; --since TIME without -n goes further back");
	json_array_foreach(items, i, event) if (!shown) shown = asked->show(asked->context, event);
	rf_client_answer_free(&answer);
	free(path);
	return status ? status : shown;
}

int rf_happened_list(const struct rf_happened *asked)
{
	unsigned long long more = 0;
	size_t count = 0;
	int status;

	do
		status = list_page(asked, more, &more, &count);
	while (!status && more);
	if (!status && !count)
		fprintf(stderr, "none\n");
	return status;
}

static bool on_event(void *context, const json_t *event)
{
	struct stream *stream = context;
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *message = json_string_value(json_object_get(event, "message"));
	const json_t *revision = json_object_get(event, "revision");

	type = type ? type : "";
	if (!strcmp(type, "EVENT")) {
		stream->status = stream->asked->show(stream->asked->context, json_object_get(event, "object"));
	} else if (!strcmp(type, "LOST")) {
		tell(stream->asked, "LOST", message);
	} else if (!strcmp(type, "PING") && message) {
		tell(stream->asked, "not all was looked through", message);
	} else if (!strcmp(type, "END")) {
		tell(stream->asked, "the stream ended", message);
		stream->ended = true;
	}
	if (revision)
		stream->seen = (unsigned long long)json_integer_value(revision);
	return !stream->status;
}

/* Until the stream ends. Returns the exit status; *answered: there was an agent. */
static int follow(struct stream *stream, bool first, bool *answered)
{
	char *path = path_of(stream->asked, true, stream->seen);
	struct rf_client_answer answer = {0};
	int status;

	stream->ended = false;
	if (!path)
		return stream->status = rf_usage_error(stream->asked->verb, "out of memory");
	status = rf_client_ask(
		&(struct rf_client_request){.method = "GET", .path = path, .event = on_event, .context = stream},
		&answer);
	*answered = status != RF_EXIT_NO_AGENT;
	if ((first && !*answered) || (answer.status && answer.status != 200)) {
		rf_agent_tell(stream->asked->verb, &answer);
		stream->status = status;
	} else if (*answered && !stream->ended && !stream->status) {
		tell(stream->asked, "the stream broke off",
		     status && answer.message ? answer.message : "the agent closed it");
	}
	rf_client_answer_free(&answer);
	free(path);
	return status;
}

int rf_happened_follow(const struct rf_happened *asked)
{
	struct stream stream = {.asked = asked};
	bool answered = false;
	int status = follow(&stream, true, &answered);

	for (int tries = 0; !stream.status && tries < PATIENCE; tries++) {
		sleep(1);
		status = follow(&stream, false, &answered);
		tries = answered ? 0 : tries;
	}
	if (!stream.status)
		tell(stream.asked, "given up", "there has been no agent for a minute");
	return stream.status ? stream.status : status;
}
