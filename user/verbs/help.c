// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All help is printed from the tables of verbs and options. */
#include <stdio.h>
#include <string.h>

#include "verbs/verbs.h"

const struct rf_option rf_options_help[] = {{NULL, 0, NULL, NULL}};

static void print_option(const struct rf_option *option, int width, FILE *to)
{
	char left[80];

	snprintf(left, sizeof(left), "--%s%s%s", option->name, option->argument ? " " : "",
		 option->argument ? option->argument : "");
	if (option->letter)
		fprintf(to, "  -%c, %-*s  %s\n", option->letter, width, left, option->help);
	else
		fprintf(to, "      %-*s  %s\n", width, left, option->help);
}

static int option_width(const struct rf_option *option)
{
	return (int)(2 + strlen(option->name) + (option->argument ? 1 + strlen(option->argument) : 0));
}

void rf_help_verb(const struct rf_verb *verb, void *stream)
{
	FILE *to = stream;
	int width = option_width(&rf_option_help);

	for (const struct rf_option *option = verb->options; option->name; option++)
		if (option_width(option) > width)
			width = option_width(option);
	fprintf(to, "usage: ringfence %s%s%s\n\n%s\n\n", verb->name, verb->synopsis[0] ? " " : "", verb->synopsis,
		verb->help);
	for (const struct rf_option *option = verb->options; option->name; option++)
		print_option(option, width, to);
	print_option(&rf_option_help, width, to);
}

static void help_all(const struct rf_verb *table, FILE *to)
{
	fprintf(to, "usage: ringfence VERB [OPTION]... [ARGUMENT]...\n\n"
		    "Fences process trees: a policy says which paths and destinations a tree may use,\n"
		    "and the kernel refuses the rest.\n\n");
	for (const struct rf_verb *verb = table; verb->name; verb++)
		fprintf(to, "  %-10s  %s\n", verb->name, verb->help);
	fprintf(to, "\n\"ringfence help VERB\" tells a verb's options.\n");
}

int rf_verb_help(const struct rf_verb *verb, int argc, char **argv)
{
	const struct rf_verb *about;
	int next = 1;

	if (rf_option_next(verb, argc, argv, &next, NULL))
		return RF_EXIT_USAGE;
	if (argc - next > 1)
		return rf_usage_error(verb, "explains one verb at a time");
	if (next == argc) {
		help_all(verb->table, stdout);
		return RF_EXIT_OK;
	}
	about = rf_verb_find(verb->table, argv[next]);
	if (!about)
		return RF_EXIT_USAGE;
	rf_help_verb(about, stdout);
	return RF_EXIT_OK;
}
