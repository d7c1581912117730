// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence logs`: denials of what is in force on this host, those that are wanted. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "filter/filter.h"
#include "verbs/happened.h"

#define FOLLOW_TAIL 10	  /* that are shown before what happens, where nothing else is said */
#define VALUE_MAX   16384 /* bytes of a value: a path in which each byte became U+FFFD */

const struct rf_option rf_options_logs[] = {
	{"policy", 'p', "NAME", "only what that policy refused"},
	{"follow", 'f', NULL, "go on, and show each as it happens"},
	{"since", 0, "TIME", "10m, 2h, 1d: from then on; boot: since the host started; an ID: what is behind it"},
	{"tail", 'n', "N", "only the last N (10 with -f)"},
	{"output", 'o', "FORMAT", "line (the default), wide: all that people ask for, or json: a line of JSON each"},
	{0},
};

struct logs {
	const struct rf_verb *verb;
	const char *policy;
	bool follow, wide, json, titled;
	char since[32]; /* "" or as the API takes it */
	unsigned long long after, tail;
};

/* ---------------------------------------------------------------- words */

static bool read_number(const char *text, unsigned long long *out, char **end)
{
	*out = strtoull(text, end, 10);
	return isdigit((unsigned char)text[0]) && *out && *out < INT64_MAX;
}

/* Seconds since the host started. */
static long long uptime(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

static int take_since(struct logs *logs, const char *value)
{
	static const struct {
		const char *word;
		long long seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	unsigned long long number = 0;
	long long ago = strcmp(value, "boot") == 0 ? uptime() : -1;
	char *end = NULL;
	time_t at;
	struct tm tm;

	logs->after = 0;
	logs->since[0] = '\0';
	if (ago < 0 && read_number(value, &number, &end)) {
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strcmp(end, units[i].word) == 0 && number < 100000)
				ago = (long long)number * units[i].seconds;
		if (!*end) {
			logs->after = number;
			return 0;
		}
	}
	at = time(NULL) - ago;
	if (ago < 0 || at < 0 || !gmtime_r(&at, &tm))
		return rf_usage_error(logs->verb,
				      "--since takes a time as 30s, 10m, 2h or 1d, boot, or the id of an "
				      "event, and not \"%s\"",
				      value);
	strftime(logs->since, sizeof(logs->since), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return 0;
}

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct logs *logs = context;
	char *end;

	if (strcmp(option->name, "policy") == 0) {
		logs->policy = value;
	} else if (strcmp(option->name, "follow") == 0) {
		logs->follow = true;
	} else if (strcmp(option->name, "since") == 0) {
		return take_since(logs, value);
	} else if (strcmp(option->name, "tail") == 0) {
		if (!read_number(value, &logs->tail, &end) || *end)
			return rf_usage_error(verb, "--tail takes a number from 1 on, and not \"%s\"", value);
	} else if (strcmp(value, "line") == 0 || strcmp(value, "wide") == 0 || strcmp(value, "json") == 0) {
		logs->wide = value[0] == 'w';
		logs->json = value[0] == 'j';
	} else {
		return rf_usage_error(verb, "there is no format \"%s\"; there are line, wide and json", value);
	}
	return 0;
}

/* A sandbox is named by its number or its unit, with its suffix; any other word is one of the filter. */
static const char *sandbox_field(const char *word)
{
	static const char *const suffixes[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
	size_t len = strlen(word);

	if (len && strspn(word, "0123456789") == len)
		return "sandbox";
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (len > suffix && !strcmp(word + len - suffix, suffixes[i]) && !strpbrk(word, "=*?\""))
			return "unit";
	}
	return NULL;
}

static int make_filter(const struct logs *logs, int operands, char **argv, char **out)
{
	const char *field = operands ? sandbox_field(argv[1]) : NULL;
	struct rf_line line = {0};
	int status;

	rf_happened_term(&line, "type", "denial");
	if (field)
		rf_happened_term(&line, field, argv[1]);
	if (logs->policy)
		rf_happened_term(&line, "policy", logs->policy);
	rf_line_bytes(&line, "", 1);
	status = line.failed ? rf_usage_error(logs->verb, "out of memory")
			     : rf_happened_filter(logs->verb, line.text, operands - !!field, argv + !!field, out);
	rf_line_free(&line);
	return status;
}

/* ---------------------------------------------------------------- wide lines */

/* `width`: of the column, in bytes, where what it holds is not longer. */
static const struct {
	const char *title, *field;
	int width;
} columns[] = {
	{"TIME", NULL, 30},	{"SANDBOX", "sandbox", 7}, {"UNIT", "unit", 16},     {"PROGRAM", "comm", 16},
	{"FROM", NULL, 16},	{"ACCESS", "access", 10},  {"OBJECT", "object", 32}, {"RULE", "rule", 10},
	{"WHERE", "where", 20}, {"REASON", "reason", 0},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void pad(struct rf_line *line, size_t from, int width, bool last)
{
	int room = width - (int)(line->len - from);

	if (!last)
		rf_line_format(line, "%*s", room > 0 ? room + 2 : 2, "");
}

static void add_text(struct rf_line *line, const char *text)
{
	rf_line_name(line, text, strlen(text), 0);
}

static void add_parents(struct rf_line *line, const json_t *event)
{
	const json_t *parents = json_object_get(event, "parents"), *parent;
	size_t i;

	json_array_foreach(parents, i, parent)
	{
		const char *comm = json_string_value(json_object_get(parent, "comm"));

		rf_line_string(line, i ? "<" : "");
		add_text(line, comm ? comm : "?");
		rf_line_format(line, "[%lld]", (long long)json_integer_value(json_object_get(parent, "tgid")));
	}
}

static void add_column(struct rf_line *line, const json_t *event, size_t column)
{
	static char value[VALUE_MAX];
	const char *title = columns[column].title, *field = columns[column].field;

	if (!strcmp(title, "TIME")) {
		const char *time = json_string_value(json_object_get(event, "time"));

		add_text(line, time ? time : "");
	} else if (!strcmp(title, "FROM")) {
		add_parents(line, event);
	} else if (rf_filter_field(event, field, value, sizeof(value))) {
		add_text(line, value);
		if (!strcmp(title, "PROGRAM") && rf_filter_field(event, "pid", value, sizeof(value)))
			rf_line_format(line, "[%s]", value);
	} else if (!strcmp(title, "RULE") && rf_filter_field(event, "guard", value, sizeof(value))) {
		rf_line_string(line, "guard ");
		add_text(line, value);
	}
}

static void add_wide(struct logs *logs, struct rf_line *line, const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));

	for (size_t i = 0; i < COLUMNS && !logs->titled; i++) {
		size_t from = line->len;

		rf_line_string(line, columns[i].title);
		pad(line, from, columns[i].width, i + 1 == COLUMNS);
	}
	rf_line_string(line, logs->titled ? "" : "\n");
	logs->titled = true;
	if (!type || strcmp(type, "denial") != 0) {
		rf_happened_line(line, event);
		return;
	}
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t from = line->len;

		add_column(line, event, i);
		if (line->len == from)
			rf_line_string(line, "-");
		pad(line, from, columns[i].width, i + 1 == COLUMNS);
	}
	rf_line_string(line, "\n");
}

static int show(void *context, const json_t *event)
{
	struct logs *logs = context;
	struct rf_line line = {0};

	if (logs->json)
		rf_happened_json(&line, event);
	else if (logs->wide)
		add_wide(logs, &line, event);
	else
		rf_happened_line(&line, event);
	return rf_agent_print(logs->verb, &line);
}

int rf_verb_logs(const struct rf_verb *verb, int argc, char **argv)
{
	struct logs logs = {.verb = verb};
	struct rf_happened asked = {.verb = verb, .show = show, .context = &logs};
	int status, operands = rf_operands(verb, argc, argv, take_option, &logs, &status);
	char *filter;

	if (operands < 0)
		return status;
	status = make_filter(&logs, operands, argv, &filter);
	if (status)
		return status;
	asked.filter = filter;
	asked.since = logs.since[0] ? logs.since : NULL;
	asked.after = logs.after;
	asked.tail = logs.tail;
	if (logs.follow && !asked.since && !asked.after && !asked.tail)
		asked.tail = FOLLOW_TAIL;
	status = logs.follow ? rf_happened_follow(&asked) : rf_happened_list(&asked);
	free(filter);
	return status;
}
