// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence doctor`: what this host can enforce, and what to do where it can't. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "events/events.h"
#include "events/json.h"
#include "host/btf.h"
#include "host/host.h"
#include "verbs/verbs.h"

const struct rf_option rf_options_doctor[] = {
	{"json", 0, NULL, "print the facts as one JSON object"},
	{NULL, 0, NULL, NULL},
};

static const char *state_word(enum rf_fact_state state)
{
	static const char *const word[] = {"ok", "warn", "FAIL"};

	return word[state];
}

static void add_fact(struct rf_line *line, const struct rf_fact *fact, bool colour)
{
	static const char *const paint[] = {"\033[32m", "\033[33m", "\033[31m"};

	rf_line_format(line, "%s%-4s%s  %-8s  ", colour ? paint[fact->state] : "", state_word(fact->state),
		       colour ? "\033[0m" : "", fact->id);
	rf_line_name(line, fact->text, strlen(fact->text), 0);
	rf_line_string(line, "\n");
	if (!fact->remedy)
		return;
	rf_line_format(line, "%16s-> ", "");
	rf_line_name(line, fact->remedy, strlen(fact->remedy), 0);
	rf_line_string(line, "\n");
}

static void add_table(struct rf_line *line, const struct rf_facts *facts, bool colour)
{
	struct utsname system = {.release = ""};

	uname(&system);
	rf_line_format(line, "ringfence %s on Linux %s\n\n", RF_VERSION, system.release);
	for (size_t i = 0; i < facts->facts; i++)
		add_fact(line, &facts->fact[i], colour);
	if (facts->hooks)
		rf_line_string(line, "\nhooks:\n");
	for (size_t i = 0; i < facts->hooks; i++)
		rf_line_format(line, "  %-12s  %-9s  %-20s  %s\n", rf_hook_state_word(facts->hook[i].state),
			       facts->hook[i].need, facts->hook[i].name, facts->hook[i].what);
	if (facts->fails)
		rf_line_format(line, "\nNo fence can stand here: see the %zu line%s with FAIL.\n", facts->fails,
			       facts->fails == 1 ? "" : "s");
	else
		rf_line_string(line, "\nA fence can stand here.\n");
}

static void add_json(struct rf_line *line, const struct rf_facts *facts)
{
	struct rf_json json = {.line = line};
	struct utsname system = {.release = ""};

	uname(&system);
	rf_json_open(&json, NULL, '{');
	rf_json_bool(&json, "ready", facts->fails == 0);
	rf_json_string(&json, "version", RF_VERSION);
	rf_json_string(&json, "kernel", system.release);
	rf_json_open(&json, "facts", '[');
	for (size_t i = 0; i < facts->facts; i++) {
		const struct rf_fact *fact = &facts->fact[i];

		rf_json_open(&json, NULL, '{');
		rf_json_string(&json, "id", fact->id);
		rf_json_string(&json, "state", state_word(fact->state));
		rf_json_string(&json, "fact", fact->text);
		if (fact->remedy)
			rf_json_string(&json, "remedy", fact->remedy);
		else
			rf_json_null(&json, "remedy");
		rf_json_close(&json, '}');
	}
	rf_json_close(&json, ']');
	rf_json_open(&json, "hooks", '[');
	for (size_t i = 0; i < facts->hooks; i++) {
		rf_json_open(&json, NULL, '{');
		rf_json_string(&json, "name", facts->hook[i].name);
		rf_json_string(&json, "state", rf_hook_state_word(facts->hook[i].state));
		rf_json_string(&json, "need", facts->hook[i].need);
		rf_json_string(&json, "what", facts->hook[i].what);
		rf_json_close(&json, '}');
	}
	rf_json_close(&json, ']');
	rf_json_open(&json, "unknown_hooks", '[');
	for (size_t i = 0; i < facts->unknowns; i++)
		rf_json_string(&json, NULL, facts->unknown[i].name);
	rf_json_close(&json, ']');
	rf_json_close(&json, '}');
	rf_line_string(line, "\n");
}

int rf_verb_doctor(const struct rf_verb *verb, int argc, char **argv)
{
	const struct rf_option *option;
	struct rf_line line = {0};
	struct rf_facts facts;
	bool json = false;
	int next = 1, err;

	while ((option = rf_option_next(verb, argc, argv, &next, NULL))) {
		if (option == &rf_option_bad)
			return RF_EXIT_USAGE;
		json = true;
	}
	if (next < argc)
		return rf_usage_error(verb, "takes no arguments");
	err = rf_facts_find(&facts);
	if (json)
		add_json(&line, &facts);
	else
		add_table(&line, &facts, rf_colour_wanted(STDOUT_FILENO));
	err = err ? err : rf_line_write(&line, STDOUT_FILENO);
	if (err)
		fprintf(stderr, "ringfence doctor: %s\n", strerror(-err));
	err = err || facts.fails ? RF_EXIT_FAILED : RF_EXIT_OK;
	rf_line_free(&line);
	rf_facts_free(&facts);
	return err;
}
