// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Steps through a verb's arguments by its option table, and says what is wrong with them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/text.h"
#include "policy/policy.h"
#include "verbs/verbs.h"

const struct rf_option rf_option_bad = {"", 0, NULL, NULL};
/* Every verb has it, without a line in its table. */
const struct rf_option rf_option_help = {"help", 'h', NULL, "print this help"};

enum fault { FINE, UNKNOWN, NO_VALUE, EXTRA_VALUE, JOINED };

/* Options of a verb and, last, --help. NULL after that. */
static const struct rf_option *option_at(const struct rf_verb *verb, size_t i)
{
	size_t count = 0;

	while (verb->options[count].name)
		count++;
	return i < count ? &verb->options[i] : i == count ? &rf_option_help : NULL;
}

/* The option that a word ("--name", "--name=value", "-x", "-xvalue") stands for; what is joined to it in `rest`. */
static const struct rf_option *option_of(const struct rf_verb *verb, char *word, char **rest)
{
	const struct rf_option *option;

	for (size_t i = 0; (option = option_at(verb, i)); i++) {
		size_t len = strlen(option->name);

		if (word[1] != '-' && option->letter && word[1] == option->letter) {
			*rest = word[2] ? word + 2 : NULL;
			return option;
		}
		if (word[1] == '-' && strncmp(word + 2, option->name, len) == 0 &&
		    (!word[2 + len] || word[2 + len] == '=')) {
			*rest = word[2 + len] ? word + 2 + len + 1 : NULL;
			return option;
		}
	}
	return NULL;
}

/* One step, silently. NULL with FINE: no option is left. With a fault, *next stays at the word that has it. */
static const struct rf_option *step(const struct rf_verb *verb, int argc, char **argv, int *next, char **value,
				    enum fault *fault)
{
	const struct rf_option *option;
	char *rest = NULL, *word = *next < argc ? argv[*next] : NULL;

	*value = NULL;
	*fault = FINE;
	/* "-" alone is an operand: standard input or output. */
	if (!word || word[0] != '-' || !word[1])
		return NULL;
	if (strcmp(word, "--") == 0) {
		++*next;
		return NULL;
	}
	option = option_of(verb, word, &rest);
	if (!option)
		*fault = UNKNOWN;
	else if (!option->argument && rest)
		*fault = word[1] == '-' ? EXTRA_VALUE : JOINED;
	else if (option->argument && !rest && *next + 1 >= argc)
		*fault = NO_VALUE;
	if (*fault != FINE)
		return option;
	if (option->argument)
		*value = rest ? rest : argv[++*next];
	++*next;
	return option;
}

static void tell_unknown(const struct rf_verb *verb, const char *word)
{
	const char *names[64] = {NULL}, *near;
	const struct rf_option *option;
	char name[64];

	for (size_t i = 0; i < 63 && (option = option_at(verb, i)); i++)
		names[i] = option->name;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	near = word[1] == '-' ? rf_nearest(name + 2, names) : NULL;
	if (near)
		rf_usage_error(verb, "there is no option %s; did you mean \"--%s\"?", name, near);
	else
		rf_usage_error(verb, "there is no option %s", name);
}

const struct rf_option *rf_option_next(const struct rf_verb *verb, int argc, char **argv, int *next, char **value)
{
	char *unused;
	enum fault fault;
	const struct rf_option *option = step(verb, argc, argv, next, value ? value : &unused, &fault);

	switch (fault) {
	case FINE:
		return option;
	case UNKNOWN:
		tell_unknown(verb, argv[*next]);
		break;
	case NO_VALUE:
		rf_usage_error(verb, "--%s needs %s after it", option->name, option->argument);
		break;
	case EXTRA_VALUE:
		rf_usage_error(verb, "--%s takes no value", option->name);
		break;
	case JOINED:
		rf_usage_error(verb, "-%c takes no value; write each option by itself", option->letter);
		break;
	}
	return &rf_option_bad;
}

bool rf_help_asked(const struct rf_verb *verb, int argc, char **argv)
{
	const struct rf_option *option;
	enum fault fault;
	char *value;
	int next = 1;

	while ((option = step(verb, argc, argv, &next, &value, &fault)) && fault == FINE)
		if (option == &rf_option_help)
			return true;
	return false;
}

static void tell(const struct rf_verb *verb, bool help, const char *format, va_list args)
{
	struct rf_line line = {0};
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	rf_line_format(&line, "ringfence%s%s: ", verb ? " " : "", verb ? verb->name : "");
	rf_line_text(&line, text ? text : "out of memory", strlen(text ? text : "out of memory"));
	if (help)
		rf_line_format(&line, " (see \"ringfence help %s\")", verb->name);
	rf_line_string(&line, "\n");
	rf_line_write(&line, STDERR_FILENO);
	rf_line_free(&line);
	free(text);
}

void rf_tell(const struct rf_verb *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(verb, false, format, args);
	va_end(args);
}

int rf_usage_error(const struct rf_verb *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(verb, true, format, args);
	va_end(args);
	return RF_EXIT_USAGE;
}
