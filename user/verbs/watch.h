/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `ringfence get -w`. */
#ifndef RINGFENCE_VERBS_WATCH_H
#define RINGFENCE_VERBS_WATCH_H

#include "client/print.h"
#include "verbs/verbs.h"

struct rf_watch {
	struct rf_print print;
	const struct rf_resource *resource;
	const char *selector, *fields; /* of labels and fields, or NULL */
	char **names;		       /* alone, where count is not 0 */
	int count;
};

/* Shows what is there and then each change, until it is killed or there is no agent any more. Returns the exit status.
 */
int rf_watch(const struct rf_verb *verb, const struct rf_watch *watch);

#endif
