/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pairs of states of a minimised automaton: whether what follows one is contained in what follows the other. */
#ifndef RINGFENCE_PAIRS_H
#define RINGFENCE_PAIRS_H

#include "compile/automaton.h"

/* Of a state, bits of a verdict that say allowed: its own, those that it or what follows has somewhere, and those that
 * it or what follows lacks somewhere. */
struct future {
	uint16_t has, some, lacks;
};

/* What most pairs are told by without another look; one for all questions about an automaton. */
struct outlook {
	struct budget *budget;
	struct future *at; /* by state */
	uint32_t states;
};

/* Of these lanes (a bit each). Returns 0, -E2BIG where the budget is spent, or -ENOMEM. Freed in each case. */
int outlook_make(struct outlook *outlook, struct budget *budget, const struct dfa *dfa, unsigned lanes);
void outlook_free(struct outlook *outlook);

struct pairs {
	struct budget *budget;
	const struct dfa *dfa;
	const struct future *future;
	uint16_t rights;    /* the bits of a verdict that say allowed, of the lanes that count */
	struct vec pair;    /* struct pair */
	struct vec edge;    /* uint32_t */
	struct vec waiting; /* uint32_t: pairs whose edges are not known yet */
	uint32_t *table;    /* pair + 1, by hash */
	uint32_t table_size;
	bool full; /* no room for more pairs: what was not asked before is not contained */
};

/* For these lanes, which are some of the outlook's. */
void state_pairs_init(struct pairs *pairs, const struct outlook *outlook, const struct dfa *dfa, unsigned lanes);
void state_pairs_free(struct pairs *pairs);

/* First every pair is asked; then all are settled; then the answers can be had. Returns 0, -E2BIG where the budget is
 * spent, or -ENOMEM. */
int state_pairs_ask(struct pairs *pairs, uint32_t old, uint32_t new);
int state_pairs_settle(struct pairs *pairs);
/* Whether the rights of `new` and all that follows it are contained in those of `old`. False too where that was not
 * asked or not decided. */
bool state_pairs_contained(const struct pairs *pairs, uint32_t old, uint32_t new);

#endif
