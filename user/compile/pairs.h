/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pairs of states of a minimised automaton: whether what follows one is contained in what follows the other. */
#ifndef RINGFENCE_PAIRS_H
#define RINGFENCE_PAIRS_H

#include "compile/automaton.h"

struct pairs {
	struct budget *budget;
	const struct dfa *dfa;
	uint16_t rights;    /* the bits of a verdict that say allowed, of the lanes that count */
	uint16_t *some;	    /* by state: rights that it or what follows has somewhere */
	uint16_t *lacks;    /* by state: rights that it or what follows lacks somewhere */
	struct vec pair;    /* struct pair */
	struct vec edge;    /* uint32_t */
	struct vec waiting; /* uint32_t: pairs whose edges are not known yet */
	uint32_t *table;    /* pair + 1, by hash */
	bool full;	    /* no room for more pairs: what was not asked before is not contained */
};

/* For these lanes (a bit each). Returns 0, -E2BIG where the budget is spent, or -ENOMEM. Freed in each case. */
int state_pairs_init(struct pairs *pairs, struct budget *budget, const struct dfa *dfa, unsigned lanes);
void state_pairs_free(struct pairs *pairs);

/* First every pair is asked; then all are settled; then the answers can be had. Errors as above. */
int state_pairs_ask(struct pairs *pairs, uint32_t old, uint32_t new);
int state_pairs_settle(struct pairs *pairs);
/* `yes`: the rights of `new` and all that follows it are contained in those of `old`, as far as that is decided. */
int state_pairs_contained(struct pairs *pairs, uint32_t old, uint32_t new, bool *yes);

#endif
