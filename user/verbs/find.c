// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds a verb by its name, and says which was meant where there is none. */
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "verbs/verbs.h"

enum {
#define X(name, synopsis, help) +1
	VERBS = RF_VERBS(X),
#undef X
};

const struct rf_verb *rf_verb_find(const struct rf_verb *table, const char *name)
{
	const char *names[VERBS + 1] = {NULL};
	const char *near;

	for (const struct rf_verb *verb = table; verb->name; verb++) {
		if (strcmp(verb->name, name) == 0)
			return verb;
		if (verb - table < VERBS)
			names[verb - table] = verb->name;
	}
	near = rf_nearest(name, names);
	if (near)
		fprintf(stderr, "ringfence: there is no verb \"%s\"; did you mean \"%s\"?\n", name, near);
	else
		fprintf(stderr, "ringfence: there is no verb \"%s\"; see \"ringfence help\"\n", name);
	return NULL;
}
