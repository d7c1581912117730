// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ringfence: finds the verb in the table and runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verbs/verbs.h"

static int dispatch(int argc, char **argv)
{
	const struct rf_verb *verb;
	char *word = argc > 1 ? argv[1] : "help";

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		word = "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		word = "version";
	verb = rf_verb_find(rf_verbs, word);
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
