/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What tasks hold though a policy would deny it now: a fence that comes over a task takes nothing away that it has.
 * Rules are asked by name; that a seal denies a file under another one is not looked for.
 */
#ifndef RINGFENCE_HELD_HELD_H
#define RINGFENCE_HELD_HELD_H

#include "held/open.h"

#define RF_HELD_MAX	64 /* that are told one by one */
#define RF_HELD_PROCESS 16 /* bytes of a program's name, its NUL included */

/* One sort of object that one program holds. */
struct rf_held_item {
	pid_t pid; /* the first of the processes */
	char process[RF_HELD_PROCESS];
	enum rf_open_what what;
	unsigned access;
	char *object;		    /* a path, "@NAME", "tcp:192.0.2.1:443" */
	const char *policy;	    /* the one that denies it; the caller's */
	const struct rf_rule *rule; /* NULL: none of its rules allows it. The policy's */
	size_t count;		    /* descriptors and mappings that are alike */
};

/* Starts zeroed. */
struct rf_held {
	struct rf_held_item item[RF_HELD_MAX];
	size_t count;
	size_t more;	/* that are like none of these */
	size_t objects; /* that were looked at */
};

/* Adds an object of a process if a bound policy denies it, once for each rule that does. 0 or -ENOMEM. */
int rf_held_add(struct rf_held *held, pid_t pid, const char *process, const struct rf_policy *policy,
		const struct rf_open *open);
void rf_held_free(struct rf_held *held);

#endif
