/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened on this host, for the verbs that show it. */
#ifndef RINGFENCE_VERBS_HAPPENED_H
#define RINGFENCE_VERBS_HAPPENED_H

#include "verbs/agent.h"

/* What is asked for. All is lent. */
struct rf_happened {
	const struct rf_verb *verb;
	const char *filter;	  /* NULL: all */
	const char *since;	  /* a time as the API takes it, or NULL */
	unsigned long long after; /* what is behind that id; 0: not said */
	unsigned long long tail;  /* the last ones alone; 0: all */
	/* Shows one, which is lent. An exit status that is not 0 ends it. */
	int (*show)(void *context, const json_t *event);
	void *context;
};

/* Shows what is known. Returns the exit status. */
int rf_happened_list(const struct rf_happened *asked);
/* Shows it and what happens then (from now on, where neither since, after nor tail is said), across the agent's end and
 * return, until it is killed or there is no agent for a minute. Returns the exit status. */
int rf_happened_follow(const struct rf_happened *asked);

/* The operands argv[1] to argv[count] as one filter behind `before` (or ""): 0 with *out, which is the caller's to
 * free; or the exit status after telling what is wrong with it. */
int rf_happened_filter(const struct rf_verb *verb, const char *before, int count, char **argv, char **out);
/* Adds "field=value" for that value alone, whatever is in it, and a space. */
void rf_happened_term(struct rf_line *line, const char *field, const char *value);

/* Adds what happened as a line of text or of JSON, with its newline. */
void rf_happened_line(struct rf_line *line, const json_t *event);
void rf_happened_json(struct rf_line *line, const json_t *event);

#endif
