// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A live view of denials. What is drawn on a terminal is a program of its own, in libexec: ncurses would cost each
 * start of a fence more than all the rest. Lines and JSON are written here.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "events/text.h"
#include "monitor/model.h"
#include "monitor/options.h"
#include "monitor/source.h"
#include "monitor/words.h"
#include "client/print.h"
#include "verbs/agent.h"
#include "verbs/screen.h"

const struct rf_option rf_options_monitor[] = {
	{"policy", 'p', "NAME", "only what this policy refused"},
	{"group", 'g', "rule|folder|program|destination|sandbox", "count by this instead of telling one by one"},
	{"output", 'o', "auto|lines|json|tui", "auto is tui on a terminal of 60x10 and up, else lines"},
	{"once", 0, NULL, "tell what is there, and end"},
	{0},
};

enum output { AUTO, LINES, JSON, TUI };

struct monitor {
	const struct rf_verb *verb;
	const char *policy, *file;
	int grouping; /* -1: none */
	enum output output;
	bool once;
	struct rf_line filter_text;
	struct rf_filter *filter;
	struct rf_model *model; /* where groups are counted */
	int status;
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	static const char *const outputs[] = {"auto", "lines", "json", "tui"};
	struct monitor *monitor = context;

	if (!strcmp(option->name, "once")) {
		monitor->once = true;
	} else if (!strcmp(option->name, "policy")) {
		monitor->policy = value;
	} else if (!strcmp(option->name, "group")) {
		monitor->grouping = rf_grouping_find(value);
		if (monitor->grouping < 0)
			return rf_usage_error(verb, "can't group by \"%s\"; it can by %s", value, option->argument);
	} else {
		for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
			if (!strcmp(outputs[i], value)) {
				monitor->output = (enum output)i;
				return 0;
			}
		return rf_usage_error(verb, "there is no output \"%s\"; there are %s", value, option->argument);
	}
	return 0;
}

/* ---------------------------------------------------------------- operands */

/* A term is no file, whatever there is in the folder. */
static bool is_file(const char *word)
{
	struct stat st;

	return !strcmp(word, "-") || (!strchr(word, '=') && (strchr(word, '/') || stat(word, &st) == 0));
}

static void add_term(struct monitor *monitor, const char *field, const char *term)
{
	if (monitor->filter_text.len)
		rf_line_string(&monitor->filter_text, " ");
	rf_line_string(&monitor->filter_text, field);
	rf_line_string(&monitor->filter_text, term);
}

static int take_operands(struct monitor *monitor, int count, char **word)
{
	char *problem = NULL;
	int first = 0;

	if (count && is_file(word[count - 1]))
		monitor->file = word[--count];
	if (monitor->policy)
		add_term(monitor, "policy=", monitor->policy);
	else if (count && word[0][0] && !word[0][strspn(word[0], "0123456789")])
		add_term(monitor, "sandbox=", word[first++]);
	for (; first < count; first++)
		add_term(monitor, "", word[first]);
	rf_line_bytes(&monitor->filter_text, "", 1);
	if (monitor->filter_text.failed)
		return rf_usage_error(monitor->verb, "out of memory");
	if (rf_filter_parse(monitor->filter_text.text, &monitor->filter, &problem)) {
		rf_usage_error(monitor->verb, "%s", problem ? problem : "out of memory");
		free(problem);
		return RF_EXIT_USAGE;
	}
	return 0;
}

/* ---------------------------------------------------------------- lines */

static void print(struct monitor *monitor, struct rf_line *line)
{
	rf_line_string(line, "\n");
	monitor->status = rf_agent_print(monitor->verb, line);
}

static void print_record(struct monitor *monitor, const char *text, size_t len)
{
	json_t *record = json_loadb(text, len, 0, NULL);
	struct rf_line line = {0};

	if (!json_is_string(json_object_get(record, "type"))) {
		fprintf(stderr, "ringfence %s: a line is no record of JSON, and is passed over\n", monitor->verb->name);
	} else if (rf_filter_match(monitor->filter, record)) {
		if (monitor->output == JSON) {
			rf_print_ascii(&line, record, JSON_COMPACT);
		} else {
			rf_words_clock(&line, rf_words_time(json_string_value(json_object_get(record, "time"))));
			rf_line_string(&line, " ");
			rf_words_line(&line, record);
		}
		print(monitor, &line);
	}
	json_decref(record);
}

static void on_record(void *context, const char *text, size_t len)
{
	struct monitor *monitor = context;

	if (monitor->status)
		return;
	if (monitor->model)
		rf_model_add(monitor->model, text, len, 0);
	else
		print_record(monitor, text, len);
}

static void on_agent(void *context, const json_t *news)
{
	struct monitor *monitor = context;
	const char *state = json_string_value(json_object_get(news, "state"));
	const char *message = json_string_value(json_object_get(news, "message"));

	if (!state || !strcmp(state, "connected"))
		return;
	fflush(stdout);
	fprintf(stderr, "ringfence %s: %s\n", monitor->verb->name, message && *message ? message : state);
	if (monitor->once)
		monitor->status = RF_EXIT_NO_AGENT;
}

static void print_group(void *context, const struct rf_group *group)
{
	struct monitor *monitor = context;
	struct rf_line line = {0};

	rf_line_format(&line, "%10llu  ", (unsigned long long)group->count);
	rf_line_name(&line, group->key, strlen(group->key), 0);
	rf_line_string(&line, group->folder ? "/**" : "");
	print(monitor, &line);
}

static void print_groups(struct monitor *monitor)
{
	const struct rf_model *model = monitor->model;

	rf_groups_each(&model->groups, print_group, monitor);
	if (model->groups.others)
		printf("%10llu  (others)\n", (unsigned long long)model->groups.others);
	printf("%10llu  made, %llu of these hidden by the filter\n", (unsigned long long)model->sums.made,
	       (unsigned long long)model->sums.hidden);
	if (model->lost)
		printf("%10llu  LOST\n", (unsigned long long)model->lost);
}

static int write_lines(struct monitor *monitor)
{
	const struct rf_source_taker taker = {on_record, on_agent, monitor};
	struct rf_source *source = monitor->file ? rf_source_file(monitor->file) : rf_source_agent(!monitor->once);
	struct pollfd ready[RF_SOURCE_FDS];
	int fd[RF_SOURCE_FDS], got = 0;

	if (!source) {
		fprintf(stderr, "ringfence %s: %s: %s\n", monitor->verb->name, monitor->file ? monitor->file : "agent",
			strerror(errno));
		return RF_EXIT_USAGE;
	}
	while (!monitor->status && (got = rf_source_read(source, &taker)) >= 0) {
		rf_source_fds(source, fd);
		for (int i = 0; i < RF_SOURCE_FDS; i++)
			ready[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
		if (!got)
			poll(ready, RF_SOURCE_FDS, -1);
	}
	rf_source_close(source);
	if (!monitor->status && got != -ENODATA) {
		fprintf(stderr, "ringfence %s: %s: %s\n", monitor->verb->name, monitor->file, strerror(-got));
		monitor->status = RF_EXIT_FAILED;
	}
	if (monitor->model && !monitor->status)
		print_groups(monitor);
	return monitor->status;
}

/* ---------------------------------------------------------------- a terminal */

static int draw(const struct monitor *monitor)
{
	char path[PATH_MAX], own[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[len > 0 ? len : 0] = '\0';
	slash = strrchr(own, '/');
	if (!slash ||
	    snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - own), own, RF_MONITOR_PROGRAM) >= (int)sizeof(path))
		return rf_usage_error(monitor->verb, "can't tell where this program is");
	fflush(stdout);
	execl(path, "ringfence-monitor", monitor->file ? "file" : "agent", monitor->file ? monitor->file : "",
	      monitor->filter_text.text, monitor->grouping < 0 ? "" : rf_grouping_words[monitor->grouping],
	      (char *)NULL);
	fprintf(stderr, "ringfence %s: %s: %s; install it, or use -o lines\n", monitor->verb->name, path,
		strerror(errno));
	return RF_EXIT_USAGE;
}

int rf_verb_monitor(const struct rf_verb *verb, int argc, char **argv)
{
	struct monitor monitor = {.verb = verb, .grouping = -1};
	int status, operands = rf_operands(verb, argc, argv, take_option, &monitor, &status);

	if (operands < 0)
		return status;
	status = take_operands(&monitor, operands, argv + 1);
	if (!status && monitor.output == AUTO)
		monitor.output = !monitor.once && rf_screen_fits(RF_MONITOR_COLUMNS, RF_MONITOR_LINES) ? TUI : LINES;
	if (!status && monitor.output == TUI && !isatty(STDOUT_FILENO))
		status = rf_usage_error(verb, "standard output is no terminal; use -o lines");
	if (!status && monitor.output == TUI && monitor.once)
		status = rf_usage_error(verb, "--once writes lines; leave out -o tui");
	if (!status && monitor.output == TUI)
		status = draw(&monitor);
	else if (!status && monitor.grouping >= 0 && !monitor.once && !monitor.file)
		status = rf_usage_error(verb, "groups are told at the end: --group needs --once, a file or a terminal");
	else if (!status) {
		if (monitor.grouping >= 0 && (monitor.model = rf_model_new())) {
			rf_model_filter(monitor.model, monitor.filter);
			monitor.filter = NULL;
			rf_model_group(monitor.model, (enum rf_grouping)monitor.grouping);
		}
		status = write_lines(&monitor);
		rf_model_free(monitor.model);
	}
	rf_filter_free(monitor.filter);
	rf_line_free(&monitor.filter_text);
	return status;
}
