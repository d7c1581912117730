/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether what follows one state may more than what follows another. The automaton is deterministic, so that is a
 * simulation: of the pairs that both can come to side by side, none may allow more on new's side. Pairs that do are
 * bad, and so is every pair that leads to a bad one; what remains is the greatest relation.
 */
#include "compile/pairs.h"

enum {
	PAIRS_MAX = 1 << 18,
	EDGES_MAX = 1 << 20,
	TABLE = 2 * PAIRS_MAX, /* a power of 2 */
};

enum fate { FATE_GOOD, FATE_BAD, FATE_OPEN };

struct pair {
	uint32_t old, new;
	uint32_t edge, edges; /* pairs that it leads to, in pairs.edge */
	bool known;	      /* its edges are */
	bool bad;
};

/* ------------------------------------------------------------ what follows */

static uint16_t rights_of(const struct pairs *c, uint32_t s)
{
	return *VEC_AT(&c->dfa->verdict, uint16_t, s) & c->rights;
}

/* Carries what states have or lack back to those that lead there. */
static void gather(const struct pairs *c, const uint32_t *row, const uint32_t *from, uint32_t *work)
{
	enum { WAITING = 0x8000 };
	uint32_t works = 0;
	for (uint32_t s = 0; s < c->dfa->states; s++) {
		c->some[s] = rights_of(c, s) | WAITING;
		c->lacks[s] = (uint16_t)(c->rights & ~rights_of(c, s));
		work[works++] = s;
	}
	while (works) {
		uint32_t s = work[--works];
		c->some[s] &= (uint16_t)~WAITING;
		for (uint32_t k = row[s]; k < row[s + 1]; k++) {
			uint32_t p = from[k];
			if (!(c->some[s] & ~c->some[p]) && !(c->lacks[s] & ~c->lacks[p]))
				continue;
			c->some[p] |= c->some[s];
			c->lacks[p] |= c->lacks[s];
			if (!(c->some[p] & WAITING)) {
				c->some[p] |= WAITING;
				work[works++] = p;
			}
		}
	}
}

/* Fills in `some` and `lacks`: most pairs need no other look. */
static int look_ahead(struct pairs *c)
{
	const struct dfa *dfa = c->dfa;
	uint32_t n = dfa->states, edges;
	size_t words = (n + 2) + (n + dfa->edge.count) + n;
	uint32_t *row = budget_calloc(c->budget, words, sizeof(*row)), *from = row + n + 2;
	if (!row)
		return -errno;
	for (uint32_t s = 0; s < n; s++)
		row[dfa_def_of(dfa, s) + 2]++;
	for (uint32_t i = 0; i < dfa->edge.count; i++)
		row[EDGE_TARGET(*VEC_AT(&dfa->edge, uint32_t, i)) + 2]++;
	for (uint32_t s = 0; s < n; s++)
		row[s + 2] += row[s + 1];
	/* row[s + 1] is where the list of s begins, and where it ends when it is filled. */
	for (uint32_t s = 0; s < n; s++) {
		const uint32_t *edge = dfa_row_of(dfa, s, &edges);
		from[row[dfa_def_of(dfa, s) + 1]++] = s;
		for (uint32_t i = 0; i < edges; i++)
			from[row[EDGE_TARGET(edge[i]) + 1]++] = s;
	}
	gather(c, row, from, from + n + dfa->edge.count);
	budget_free(c->budget, row, words, sizeof(*row));
	return 0;
}

/* -------------------------------------------------------------------- pairs */

static enum fate fate_of(const struct pairs *c, uint32_t old, uint32_t new)
{
	if (old == new)
		return FATE_GOOD;
	if (rights_of(c, new) & ~rights_of(c, old) || c->some[new] & ~c->some[old])
		return FATE_BAD;
	return c->some[new] & c->lacks[old] ? FATE_OPEN : FATE_GOOD;
}

/* The number of an open pair in `number`. c->full: there was no room for it. */
static int intern(struct pairs *c, uint32_t old, uint32_t new, uint32_t *number)
{
	uint64_t hash = ((uint64_t)old << 32 | new) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t at = (uint32_t)(hash >> 40) & (TABLE - 1);
	for (; c->table[at]; at = (at + 1) & (TABLE - 1)) {
		const struct pair *p = VEC_AT(&c->pair, struct pair, c->table[at] - 1);
		if (p->old == old && p->new == new) {
			*number = c->table[at] - 1;
			return 0;
		}
	}
	c->full = c->full || c->pair.count == PAIRS_MAX;
	if (c->full)
		return 0;
	int err = vec_reserve(c->budget, &c->pair, 1);
	if (!err)
		err = vec_push(c->budget, &c->waiting, (uint32_t)c->pair.count);
	if (err)
		return err;
	*number = (uint32_t)c->pair.count++;
	*VEC_AT(&c->pair, struct pair, *number) = (struct pair){.old = old, .new = new};
	c->table[at] = *number + 1;
	return 0;
}

/* Notes that the pair being followed leads to another. c->full: there was no room for it. */
static int lead(struct pairs *c, uint32_t old, uint32_t new)
{
	uint32_t number;
	int err = intern(c, old, new, &number);
	c->full = c->full || c->edge.count == EDGES_MAX;
	return err || c->full ? err : vec_push(c->budget, &c->edge, number);
}

/*
 * What a pair leads to, byte by byte: to a bad pair (`bad`), or nowhere but to good and open ones, and `note` tells
 * whether the open ones are to be noted. To look first and note then keeps half of all pairs away.
 */
static int lead_all(struct pairs *c, uint32_t old, uint32_t new, bool note, bool *bad)
{
	uint32_t olds, news, old_def = dfa_def_of(c->dfa, old), new_def = dfa_def_of(c->dfa, new);
	const uint32_t *a = dfa_row_of(c->dfa, old, &olds), *b = dfa_row_of(c->dfa, new, &news);
	uint32_t to_old = old_def, to_new = new_def, i = 0, j = 0;
	int err = 0;
	for (;;) {
		enum fate fate = fate_of(c, to_old, to_new);
		if (fate == FATE_OPEN && note)
			err = lead(c, to_old, to_new);
		*bad = fate == FATE_BAD;
		if (*bad || err || c->full || (i == olds && j == news))
			return err;
		uint32_t x = i < olds ? EDGE_BYTE(a[i]) : 256, y = j < news ? EDGE_BYTE(b[j]) : 256;
		to_old = x <= y ? EDGE_TARGET(a[i++]) : old_def;
		to_new = y <= x ? EDGE_TARGET(b[j++]) : new_def;
	}
}

/* Follows what waits. Last in, first out: what a pair of folders leads to is known before the next one is looked at. */
static int follow(struct pairs *c)
{
	int err = 0;
	while (c->waiting.count && !c->full && !err) {
		uint32_t number = *VEC_AT(&c->waiting, uint32_t, --c->waiting.count);
		struct pair p = *VEC_AT(&c->pair, struct pair, number);
		p.edge = (uint32_t)c->edge.count;
		err = lead_all(c, p.old, p.new, false, &p.bad);
		if (!err && !p.bad)
			err = lead_all(c, p.old, p.new, true, &p.bad);
		p.bad = p.bad || c->full;
		p.edges = (uint32_t)c->edge.count - p.edge;
		p.known = true;
		*VEC_AT(&c->pair, struct pair, number) = p;
	}
	return err;
}

/* Carries what is bad back to the pairs that lead there. `row` and `from` are their lists, `work` what is to be done.
 */
static void carry_back(struct pairs *c, uint32_t *row, uint32_t *from, uint32_t *work)
{
	uint32_t pairs = (uint32_t)c->pair.count, works = 0;
	struct pair *pair = c->pair.at;
	const uint32_t *edge = c->edge.at;
	for (uint32_t i = 0; i < c->edge.count; i++)
		row[edge[i] + 2]++;
	for (uint32_t i = 0; i < pairs; i++)
		row[i + 2] += row[i + 1];
	/* As in look_ahead. */
	for (uint32_t i = 0; i < pairs; i++)
		for (uint32_t k = 0; k < pair[i].edges; k++)
			from[row[edge[pair[i].edge + k] + 1]++] = i;
	for (uint32_t i = 0; i < pairs; i++) {
		pair[i].bad = pair[i].bad || !pair[i].known;
		if (pair[i].bad)
			work[works++] = i;
	}
	while (works) {
		uint32_t i = work[--works];
		for (uint32_t k = row[i]; k < row[i + 1]; k++)
			if (!pair[from[k]].bad) {
				pair[from[k]].bad = true;
				work[works++] = from[k];
			}
	}
}

int state_pairs_settle(struct pairs *c)
{
	size_t pairs = c->pair.count, edges = c->edge.count, words = (pairs + 2) + edges + pairs;
	uint32_t *row = budget_calloc(c->budget, words, sizeof(*row));
	if (!row)
		return -errno;
	carry_back(c, row, row + pairs + 2, row + pairs + 2 + edges);
	budget_free(c->budget, row, words, sizeof(*row));
	return 0;
}

/* -------------------------------------------------------------------- whole */

int state_pairs_init(struct pairs *c, struct budget *budget, const struct dfa *dfa, unsigned lanes)
{
	*c = (struct pairs){.budget = budget, .dfa = dfa, .pair = VEC(struct pair)};
	c->edge = c->waiting = VEC(uint32_t);
	for (int l = 0; l < LANES; l++)
		if (lanes >> l & 1)
			c->rights |= (uint16_t)VERDICT_LANE(EFFECT_ALLOW & VERDICT_SETTLED, l);
	c->table = budget_calloc(budget, TABLE, sizeof(*c->table));
	c->some = budget_calloc(budget, dfa->states, sizeof(*c->some));
	c->lacks = budget_calloc(budget, dfa->states, sizeof(*c->lacks));
	return c->table && c->some && c->lacks ? look_ahead(c) : -errno;
}

void state_pairs_free(struct pairs *c)
{
	budget_free(c->budget, c->table, TABLE, sizeof(*c->table));
	budget_free(c->budget, c->some, c->dfa->states, sizeof(*c->some));
	budget_free(c->budget, c->lacks, c->dfa->states, sizeof(*c->lacks));
	vec_free(c->budget, &c->pair);
	vec_free(c->budget, &c->edge);
	vec_free(c->budget, &c->waiting);
}

int state_pairs_ask(struct pairs *c, uint32_t old, uint32_t new)
{
	uint32_t number;
	int err = 0;
	if (fate_of(c, old, new) == FATE_OPEN)
		err = intern(c, old, new, &number);
	return err ? err : follow(c);
}

int state_pairs_contained(struct pairs *c, uint32_t old, uint32_t new, bool *yes)
{
	enum fate fate = fate_of(c, old, new);
	uint32_t number = 0;
	*yes = fate == FATE_GOOD;
	if (fate != FATE_OPEN)
		return 0;
	c->full = false;
	int err = intern(c, old, new, &number);
	*yes = !err && !c->full && !VEC_AT(&c->pair, struct pair, number)->bad;
	return err;
}
