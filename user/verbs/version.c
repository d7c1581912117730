// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "verbs/verbs.h"

const struct rf_option rf_options_version[] = {{NULL, 0, NULL, NULL}};

int rf_verb_version(const struct rf_verb *verb, int argc, char **argv)
{
	int next = 1;

	if (rf_option_next(verb, argc, argv, &next, NULL))
		return RF_EXIT_USAGE;
	if (next < argc)
		return rf_usage_error(verb, "takes no arguments");
	printf("ringfence %s\n", RF_VERSION);
	return RF_EXIT_OK;
}
