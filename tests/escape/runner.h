/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One attempt, once: what escape.c does with each, and what the mutation tests (mutate.c, guards.c) do again. */
#ifndef RINGFENCE_TESTS_ESCAPE_RUNNER_H
#define RINGFENCE_TESTS_ESCAPE_RUNNER_H

#include "escape/escape.h"
#include "vm/lib/report.h"

#define KEPT  8	   /* denials that a stage hands over */
#define FLOOD 1000 /* denials that a buffer need not hold */

/* A denial, as a stage hands it to the runner. */
struct told {
	char hook[40], reason[24], guard[24], object[200];
	int error, verdict;
};

/* What a stage found. Shared with the runner. */
struct outcome {
	bool ended;	   /* the stage came to its end */
	int prepared, act; /* errno; 1000 + signal */
	bool intact;
	unsigned long long made, merged, lost;
	size_t events;
	struct told told[KEPT];
};
extern struct outcome *outcome;

/* Makes the attempt in a stage of its own; what came of it is in `outcome`. */
void run_stage(const struct attempt *attempt, uid_t uid, bool fenced);
/* What is wrong with the fenced run just made, or NULL. */
const char *fault(const struct attempt *attempt);
/* Whether a word is one of those between '|'. */
bool among(const char *words, const char *word);

/* The tables of attempts, in the order in which they are made. */
struct section {
	const char *name;
	const struct attempt *attempt;
	const size_t *count;
};
#define X(name) +1
enum { SECTIONS = 0 ESCAPE_SECTIONS(X) };
#undef X
extern const struct section sections[SECTIONS];

/* mutate.c: with the program of each hook left out, an attempt gets out. */
void mutate_hooks(const struct options *options);
/* guards.c: with each guard off, and with all others off. Makes its own fences. */
void mutate_guards(const struct options *options);

#endif
