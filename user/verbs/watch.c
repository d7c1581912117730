// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is there, and each change of it as it happens; across the agent's end and return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/path.h"
#include "verbs/agent.h"
#include "verbs/watch.h"

#define PATIENCE 60 /* seconds without an agent */

struct watching {
	const struct rf_verb *verb;
	const struct rf_watch *watch;
	struct rf_print print; /* titles once */
	json_t *listed;	       /* until all that is there was told; NULL then */
	long long revision;    /* up to which all was told; 0: not known */
	bool ended;	       /* the agent said why it ends */
	int status;
};

static void tell(const struct watching *w, const char *what, const char *reason)
{
	struct rf_line line = {0};
	char now[32];
	time_t at = time(NULL);
	struct tm tm;

	strftime(now, sizeof(now), "%H:%M:%S", localtime_r(&at, &tm));
	rf_line_format(&line, "ringfence %s: %s at %s: ", w->verb->name, what, now);
	rf_print_lines(&line, "", reason);
	fflush(stdout);
	rf_line_write(&line, STDERR_FILENO);
	rf_line_free(&line);
}

/* An object's name, or number. */
static void add_id(struct rf_line *line, const struct watching *w, const json_t *object)
{
	const json_t *id = rf_json_path(object, w->watch->resource->id);

	if (json_is_integer(id))
		rf_line_format(line, "%lld", (long long)json_integer_value(id));
	else
		rf_line_name(line, json_is_string(id) ? json_string_value(id) : "?",
			     json_is_string(id) ? json_string_length(id) : 1, 0);
}

/* By its name, or as `get` finds a sandbox: by its number or its unit. */
static bool is_wanted(const struct watching *w, const json_t *object)
{
	const char *unit = json_string_value(json_object_get(object, "unit"));
	struct rf_line id = {0};
	bool wanted = !w->watch->count;

	add_id(&id, w, object);
	rf_line_bytes(&id, "", 1);
	for (int i = 0; i < w->watch->count && !id.failed; i++)
		wanted = wanted || !strcmp(id.text, w->watch->names[i]) || (unit && !strcmp(unit, w->watch->names[i]));
	rf_line_free(&id);
	return wanted;
}

/* ---------------------------------------------------------------- printing */

static void print_objects(struct watching *w, json_t *objects)
{
	struct rf_line line = {0};

	rf_print_objects(&line, &w->print, w->watch->resource, objects);
	w->print.no_headers = true;
	w->status = rf_agent_print(w->verb, &line);
}

/* One JSON line a change, for programs. */
static void print_event(struct watching *w, const json_t *event)
{
	struct rf_line line = {0};

	rf_print_ascii(&line, event, JSON_COMPACT);
	rf_line_string(&line, "\n");
	w->status = rf_agent_print(w->verb, &line);
}

static void print_deleted(struct watching *w, const json_t *object)
{
	const char *unit = json_string_value(json_object_get(object, "unit"));
	struct rf_line line = {0};

	rf_line_format(&line, "%s/", w->watch->resource->word);
	add_id(&line, w, object);
	if (w->watch->resource->kind == RF_KIND_SANDBOX) {
		rf_line_string(&line, " ended: ");
		rf_line_name(&line, unit ? unit : "?", unit ? strlen(unit) : 1, 0);
	} else {
		rf_line_string(&line, " deleted");
	}
	rf_line_string(&line, "\n");
	w->status = rf_agent_print(w->verb, &line);
}

static void print_change(struct watching *w, const json_t *event, bool deleted)
{
	json_t *object = json_object_get(event, "object"), *objects;

	if (!is_wanted(w, object))
		return;
	if (w->listed) {
		json_array_append(w->listed, object);
	} else if (w->print.format == RF_FORMAT_JSON) {
		print_event(w, event);
	} else if (deleted) {
		print_deleted(w, object);
	} else {
		objects = json_pack("[O]", object);
		if (w->print.format == RF_FORMAT_YAML)
			printf("---\n");
		print_objects(w, objects);
		json_decref(objects);
	}
}

/* All that is there, in one table; each as an event for programs. */
static void print_listed(struct watching *w)
{
	json_t *objects = w->listed, *object;
	size_t i;

	w->listed = NULL;
	if (w->print.format == RF_FORMAT_JSON) {
		json_array_foreach(objects, i, object)
		{
			json_t *event = json_pack("{s:s, s:O}", "type", "ADDED", "object", object);

			print_event(w, event);
			json_decref(event);
		}
	} else if (json_array_size(objects)) {
		print_objects(w, objects);
	} else {
		fprintf(stderr, "none yet\n");
	}
	json_decref(objects);
}

/* ---------------------------------------------------------------- the stream */

static bool on_event(void *context, const json_t *event)
{
	struct watching *w = context;
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *message = json_string_value(json_object_get(event, "message"));
	const json_t *revision = json_object_get(event, "revision");

	type = type ? type : "";
	if (!strcmp(type, "ADDED") || !strcmp(type, "MODIFIED") || !strcmp(type, "DELETED")) {
		/* What changes behind the list, before its SYNC, is no part of it. */
		if (w->listed && revision)
			print_listed(w);
		print_change(w, event, !strcmp(type, "DELETED"));
	} else if (!strcmp(type, "RESET")) {
		tell(w, "all is told again", message ? message : "?");
		json_decref(w->listed);
		w->listed = json_array();
	} else if (!strcmp(type, "END")) {
		tell(w, "the stream ended", message ? message : "?");
		w->ended = true;
	} else if (!strcmp(type, "SYNC") && w->listed) {
		print_listed(w);
	}
	if (revision)
		w->revision = json_integer_value(revision);
	return !w->status;
}

static char *path_of(const struct watching *w)
{
	char query[64] = "watch=1";

	if (w->revision)
		snprintf(query, sizeof(query), "watch=1&revision=%lld", w->revision);
	return rf_agent_list_path(w->watch->resource, w->watch->selector, w->watch->fields, query);
}

/* Asks once, until the stream ends. Returns the exit status; *answered: there was an agent. */
static int follow(struct watching *w, bool first, bool *answered)
{
	struct rf_client_answer answer = {0};
	char *path = path_of(w);
	int status;

	w->ended = false;
	if (!w->revision) {
		json_decref(w->listed);
		w->listed = json_array();
	}
	if (!path)
		return w->status = rf_usage_error(w->verb, "out of memory");
	status = rf_client_ask(
		&(struct rf_client_request){.method = "GET", .path = path, .event = on_event, .context = w}, &answer);
	*answered = status != RF_EXIT_NO_AGENT;
	/* What the agent refuses it will refuse again; that it is not there may change. */
	if ((first && !*answered) || (answer.status && answer.status != 200))
		rf_agent_tell(w->verb, &answer);
	else if (!w->ended && !w->status && *answered)
		tell(w, "the stream broke off", status ? answer.message : "the agent closed it");
	if (answer.status && answer.status != 200)
		w->status = status;
	rf_client_answer_free(&answer);
	free(path);
	return status;
}

int rf_watch(const struct rf_verb *verb, const struct rf_watch *watch)
{
	struct watching w = {.verb = verb, .watch = watch, .print = watch->print};
	time_t since = time(NULL);
	bool first = true;
	int status;

	for (;;) {
		bool answered = false;

		status = follow(&w, first, &answered);
		if (w.status || (first && !answered))
			break;
		since = answered ? time(NULL) : since;
		if (time(NULL) - since >= PATIENCE) {
			tell(&w, "given up", "there has been no agent for a minute");
			break;
		}
		first = false;
		sleep(1);
	}
	json_decref(w.listed);
	return w.status ? w.status : status;
}
