// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options and operands in any order. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "verbs/verbs.h"

int rf_operands(const struct rf_verb *verb, int argc, char **argv, rf_option_take *take, void *context, int *status)
{
	const struct rf_option *option;
	int from = 0, count = 0; /* argv[from] plays the verb for rf_option_next */
	char *value;

	*status = RF_EXIT_OK;
	for (;;) {
		int next = 1;

		while ((option = rf_option_next(verb, argc - from, argv + from, &next, &value))) {
			if (option == &rf_option_help) {
				/* Behind an operand, where main() does not look. */
				rf_help_verb(verb, stdout);
				return -1;
			}
			*status = option == &rf_option_bad ? RF_EXIT_USAGE : take(context, verb, option, value);
			if (*status)
				return -1;
		}
		/* Whatever is behind "--" is an operand. */
		if (next > 1 && !strcmp(argv[from + next - 1], "--")) {
			for (int i = from + next; i < argc; i++)
				argv[++count] = argv[i];
			return count;
		}
		if (from + next >= argc)
			return count;
		argv[++count] = argv[from + next];
		from += next;
	}
}
