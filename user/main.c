// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ringfence: finds the verb in the table and runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "verbs/verbs.h"

const struct rf_verb rf_verbs[] = {
#define X(name, synopsis, help) {#name, synopsis, help, rf_options_##name, rf_verb_##name},
	RF_VERBS(X)
#undef X
		{NULL, NULL, NULL, NULL, NULL},
};

const struct rf_verb *rf_verb_find(const char *name)
{
	const char *names[sizeof(rf_verbs) / sizeof(rf_verbs[0])] = {NULL};
	const char *near;

	for (const struct rf_verb *verb = rf_verbs; verb->name; verb++) {
		if (strcmp(verb->name, name) == 0)
			return verb;
		names[verb - rf_verbs] = verb->name;
	}
	near = rf_nearest(name, names);
	if (near)
		fprintf(stderr, "ringfence: there is no verb \"%s\"; did you mean \"%s\"?\n", name, near);
	else
		fprintf(stderr, "ringfence: there is no verb \"%s\"; see \"ringfence help\"\n", name);
	return NULL;
}

static int dispatch(int argc, char **argv)
{
	const struct rf_verb *verb;
	char *word = argc > 1 ? argv[1] : "help";

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		word = "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		word = "version";
	verb = rf_verb_find(word);
	if (!verb)
		return RF_EXIT_USAGE;
	if (argc > 1 && rf_help_asked(verb, argc - 1, argv + 1)) {
		rf_help_verb(verb, stdout);
		return RF_EXIT_OK;
	}
	return argc > 1 ? verb->run(verb, argc - 1, argv + 1) : verb->run(verb, 1, (char *[]){word, NULL});
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	/* What was asked for and could not be written was not done. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "ringfence: standard output: %s\n", strerror(errno));
		return status == RF_EXIT_OK ? RF_EXIT_FAILED : status;
	}
	return status;
}
