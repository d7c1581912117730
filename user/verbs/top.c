// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence top`: the sandboxes of what is in force, those in which most is refused at the moment first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/path.h"
#include "client/print.h"
#include "verbs/agent.h"
#include "verbs/screen.h"

#define DELAY	  2u /* seconds, where nothing else is said */
#define DELAY_MAX 3600u
#define PATIENCE  5u /* seconds for an answer, so that keys are not kept waiting for long */

const struct rf_option rf_options_top[] = {
	{"batch", 'b', NULL, "lines for a pipe or a file, and no screen"},
	{"samples", 'n', "N", "end after N samples"},
	{"delay", 'd', "SECONDS", "between two samples (2)"},
	{0},
};

/* Counters of a sandbox, by the API's names. */
static const struct {
	const char *member, *title;
} counters[] = {{"tasks", "TASKS"}, {"made", "DENIALS"}, {"told", "TOLD"}, {"merged", "MERGED"}, {"lost", "LOST"}};
enum { TASKS, MADE, TOLD, MERGED, LOST, COUNTERS };
#define NARROW 100u /* columns, below which names need the place of the counters that matter least */

struct row {
	json_t *object; /* owned */
	long long id, count[COUNTERS];
	double rate; /* denials a second since the last sample; below 0: not known */
};

struct sample {
	struct row *row;
	size_t count;
	struct timespec at;
	char *problem; /* NULL: it was answered */
};

struct top {
	const struct rf_verb *verb;
	bool batch, colour;
	unsigned width; /* of the screen; 0: there is none */
	unsigned delay;
	unsigned long samples; /* 0: without end */
	struct sample now;
	int status;
};

/* ---------------------------------------------------------------- words */

static bool read_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *out && *out <= max;
}

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct top *top = context;
	unsigned long number;

	if (option->letter == 'b') {
		top->batch = true;
	} else if (option->letter == 'n') {
		if (!read_number(value, 1000000000, &top->samples))
			return rf_usage_error(verb, "--samples takes a number from 1 on, and not \"%s\"", value);
	} else {
		if (!read_number(value, DELAY_MAX, &number))
			return rf_usage_error(verb, "--delay takes seconds from 1 to %u, and not \"%s\"", DELAY_MAX,
					      value);
		top->delay = (unsigned)number;
	}
	return 0;
}

/* ---------------------------------------------------------------- samples */

static void free_sample(struct sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		json_decref(sample->row[i].object);
	free(sample->row);
	free(sample->problem);
	*sample = (struct sample){0};
}

static int by_id(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_rate(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	if (x->count[MADE] != y->count[MADE])
		return x->count[MADE] < y->count[MADE] ? 1 : -1;
	return by_id(a, b);
}

/* A sandbox that is new made all of its denials since. `old` is in the order of ids. */
static void find_rates(struct sample *sample, const struct sample *old)
{
	double seconds =
		(double)(sample->at.tv_sec - old->at.tv_sec) + (double)(sample->at.tv_nsec - old->at.tv_nsec) / 1e9;

	for (size_t i = 0; i < sample->count; i++) {
		struct row *row = &sample->row[i];
		const struct row *was = old->count ? bsearch(row, old->row, old->count, sizeof(*row), by_id) : NULL;
		long long made = row->count[MADE] - (was ? was->count[MADE] : 0);

		row->rate = old->at.tv_sec && seconds > 0 ? (double)(made > 0 ? made : 0) / seconds : -1;
	}
}

/* Takes the place of the last one, which stays where nothing is answered. Returns the exit status. */
static int take_sample(struct top *top)
{
	struct rf_client_answer answer = {0};
	struct sample new = {0};
	const json_t *items, *item;
	size_t i;
	int status = rf_client_ask(
		&(struct rf_client_request){.method = "GET", .path = "/v1/sandboxes", .timeout = PATIENCE}, &answer);

	free(top->now.problem);
	top->now.problem = NULL;
	items = json_object_get(answer.json, "items");
	new.row = calloc(json_array_size(items) + 1, sizeof(*new.row));
	if (status || !new.row) {
		top->now.problem = strdup(status && answer.message ? answer.message : "out of memory");
		free(new.row);
		rf_client_answer_free(&answer);
		return status ? status : RF_EXIT_USAGE;
	}
	clock_gettime(CLOCK_MONOTONIC, &new.at);
	json_array_foreach(items, i, item)
	{
		struct row *row = &new.row[new.count++];

		row->object = json_incref((json_t *)(uintptr_t)item);
		row->id = (long long)json_integer_value(json_object_get(item, "id"));
		for (size_t k = 0; k < COUNTERS; k++)
			row->count[k] = (long long)json_integer_value(json_object_get(item, counters[k].member));
	}
	if (top->now.row) /* the first sample has none before it */
		qsort(top->now.row, top->now.count, sizeof(*top->now.row), by_id);
	find_rates(&new, &top->now);
	qsort(new.row, new.count, sizeof(*new.row), by_rate);
	free_sample(&top->now);
	top->now = new;
	rf_client_answer_free(&answer);
	return 0;
}

/* ---------------------------------------------------------------- the table */

static void add_rate(struct rf_line *line, double rate)
{
	if (rate < 0)
		rf_line_format(line, "%9s", "-");
	else
		rf_line_format(line, "%9.1f", rate);
}

/* What was lost is red, where there are colours; and it is said in words where there are none. */
static void add_lost(const struct top *top, struct rf_line *line, long long lost, const char *format)
{
	bool red = top->colour && lost > 0;

	rf_line_string(line, red ? "\033[31m" : "");
	rf_line_format(line, format[0] == 'w' ? "LOST %lld" : "%8lld", lost);
	rf_line_string(line, red ? "\033[0m" : "");
}

static void add_head(const struct top *top, struct rf_line *line)
{
	long long sum[COUNTERS] = {0};
	char clock[16];
	double rate = 0;
	time_t now = time(NULL);
	struct tm tm;

	for (size_t i = 0; i < top->now.count; i++) {
		for (size_t k = 0; k < COUNTERS; k++)
			sum[k] += top->now.row[i].count[k];
		rate = top->now.row[i].rate < 0 ? -1 : rate + top->now.row[i].rate;
	}
	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	/* What was lost stands first, where no screen is too narrow for it. */
	rf_line_format(line, "%s  ", clock);
	add_lost(top, line, sum[LOST], "words");
	rf_line_format(line, ", %zu sandbox%s, %lld task%s, %lld denial%s", top->now.count,
		       top->now.count == 1 ? "" : "es", sum[TASKS], sum[TASKS] == 1 ? "" : "s", sum[MADE],
		       sum[MADE] == 1 ? "" : "s");
	if (rate >= 0 && top->now.count)
		rf_line_format(line, " (%.1f a second)", rate);
	rf_line_string(line, "\n");
	if (top->now.problem) {
		rf_line_string(line, "NOT UP TO DATE: ");
		rf_line_name(line, top->now.problem, strcspn(top->now.problem, "\n"), 0);
		rf_line_string(line, "\n");
	}
}

static bool has_room(const struct top *top, size_t counter)
{
	return !top->width || top->width >= NARROW || (counter != TOLD && counter != MERGED);
}

static void add_row(const struct top *top, struct rf_line *line, const struct row *row)
{
	const json_t *policies = json_object_get(row->object, "policies"), *policy;
	const char *unit = json_string_value(json_object_get(row->object, "unit"));
	size_t i;

	rf_line_format(line, "%8lld", row->id);
	add_rate(line, row->rate);
	for (size_t k = 0; k < LOST; k++)
		if (has_room(top, k))
			rf_line_format(line, " %8lld", row->count[k]);
	rf_line_string(line, " ");
	add_lost(top, line, row->count[LOST], "column");
	rf_line_string(line, "  ");
	rf_line_name(line, unit && *unit ? unit : "-", unit && *unit ? strlen(unit) : 1, 0);
	rf_line_string(line, "  ");
	json_array_foreach(policies, i, policy)
	{
		rf_line_string(line, i ? "," : "");
		rf_line_name(line, json_is_string(policy) ? json_string_value(policy) : "?",
			     json_is_string(policy) ? json_string_length(policy) : 1, 0);
	}
	rf_line_string(line, "\n");
}

static void add_table(const struct top *top, struct rf_line *line)
{
	add_head(top, line);
	rf_line_format(line, "%8s%9s", "ID", "RATE/S");
	for (size_t k = 0; k < COUNTERS; k++)
		if (has_room(top, k))
			rf_line_format(line, " %8s", counters[k].title);
	rf_line_string(line, "  UNIT  POLICIES\n");
	for (size_t i = 0; i < top->now.count; i++)
		add_row(top, line, &top->now.row[i]);
}

/* ---------------------------------------------------------------- two ways to show it */

static int print_samples(struct top *top)
{
	for (unsigned long n = 1; !top->status; n++) {
		struct rf_line line = {0};

		rf_line_string(&line, n > 1 ? "\n" : "");
		add_table(top, &line);
		top->status = rf_agent_print(top->verb, &line);
		if (top->status || n == top->samples)
			break;
		sleep(top->delay);
		top->status = take_sample(top);
	}
	return top->status;
}

/* Seconds are kept in the presence of keys and changes of size. */
static unsigned milliseconds_until(const struct timespec *due)
{
	struct timespec now;
	long long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (long long)(due->tv_sec - now.tv_sec) * 1000 + (due->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (unsigned)left : 0;
}

static int draw_samples(struct top *top)
{
	struct timespec due;
	unsigned long n = 1;
	int err = rf_screen_open(), key = -1;

	clock_gettime(CLOCK_MONOTONIC, &due);
	due.tv_sec += top->delay;
	while (!err && key != 'q' && key != -2) {
		struct rf_line line = {0};

		top->width = rf_screen_width();
		add_table(top, &line);
		err = rf_screen_draw(&line);
		rf_line_free(&line);
		key = rf_screen_wait(milliseconds_until(&due));
		if (milliseconds_until(&due))
			continue;
		if (n++ == top->samples)
			break;
		take_sample(top);
		clock_gettime(CLOCK_MONOTONIC, &due);
		due.tv_sec += top->delay;
	}
	rf_screen_close();
	return err ? RF_EXIT_USAGE : 0;
}

int rf_verb_top(const struct rf_verb *verb, int argc, char **argv)
{
	struct top top = {.verb = verb, .delay = DELAY};
	int status, operands = rf_operands(verb, argc, argv, take_option, &top, &status);
	const char *no_colour = getenv("NO_COLOR");

	if (operands < 0)
		return status;
	if (operands)
		return rf_usage_error(verb, "takes no names");
	top.batch = top.batch || !rf_screen_can();
	top.colour = !top.batch && !(no_colour && *no_colour);
	top.status = take_sample(&top);
	if (!top.status)
		top.status = top.batch ? print_samples(&top) : draw_samples(&top);
	/* On a screen it stood above the table. */
	if (top.status && top.now.problem) {
		struct rf_line line = {0};

		rf_line_format(&line, "ringfence %s: ", verb->name);
		rf_print_lines(&line, "", top.now.problem);
		fflush(stdout);
		rf_line_write(&line, STDERR_FILENO);
		rf_line_free(&line);
	}
	free_sample(&top.now);
	return top.status;
}
