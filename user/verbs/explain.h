/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of `ringfence explain`. */
#ifndef RINGFENCE_VERBS_EXPLAIN_H
#define RINGFENCE_VERBS_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "events/text.h"
#include "policy/policy.h"
#include "verbs/values.h"

struct question {
	enum rf_section section;
	unsigned access;  /* bits; each is asked for by itself */
	const char *name; /* as given */
	char *path;	  /* files, unix: what is judged */
	unsigned protocol;
	uint8_t addr[16];
	uint16_t port;
};

struct explain {
	const struct rf_verb *verb;
	struct rf_policies policies;
	struct rf_vars vars;
	struct rf_diags diags;
	const char *workspace;
	const char **word; /* behind -p, as they came */
	size_t words;
	const char *only; /* of the files' policies the one that is asked, or NULL */
	size_t filed;	  /* policies of files, the first of all */
	struct rf_allowed allowed;
	bool set;      /* a variable was given a value */
	size_t others; /* policies that are not the agent's */
	bool wide;
	size_t files;
	const char *field; /* that is asked for, and nothing else */
	struct question question;
	struct rf_line out;
};

/* ---- explain_load.c: the policies that are asked */

/* Takes in what the words behind -p stand for, when all files are read, and what --allow adds; gives the variables
 * their values. Returns 0 or an exit status. What is wrong with a text is left in `diags`. */
int rf_explain_load(struct explain *e);

#endif
