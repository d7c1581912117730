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
	TABLE_MIN = 1024, /* a power of 2 */
};

enum fate { FATE_GOOD, FATE_BAD, FATE_OPEN };

struct pair {
	uint32_t old, new;
	uint32_t edge, edges; /* pairs that it leads to, in pairs.edge */
	bool known;	      /* its edges are */
	bool bad;
};

/* ------------------------------------------------------------ what follows */

/* The bits of a verdict that say allowed. */
static uint16_t rights_of_lanes(unsigned lanes)
{
	uint16_t rights = 0;
	for (int l = 0; l < LANES; l++)
		if (lanes >> l & 1)
			rights |= (uint16_t)VERDICT_LANE(EFFECT_ALLOW & VERDICT_SETTLED, l);
	return rights;
}

/* Carries what states have or lack back to those that lead there. */
static void gather(struct future *future, uint32_t states, const uint32_t *row, const uint32_t *from, uint32_t *work)
{
	enum { WAITING = 0x8000 };
	uint32_t works = 0;
	for (uint32_t s = 0; s < states; s++) {
		future[s].some |= WAITING;
		work[works++] = s;
	}
	while (works) {
		struct future *f = &future[work[--works]];
		f->some &= (uint16_t)~WAITING;
		for (uint32_t k = row[f - future]; k < row[f - future + 1]; k++) {
			struct future *p = &future[from[k]];
			if (!(f->some & ~p->some) && !(f->lacks & ~p->lacks))
				continue;
			p->some |= f->some;
			p->lacks |= f->lacks;
			if (!(p->some & WAITING)) {
				p->some |= WAITING;
				work[works++] = from[k];
			}
		}
	}
}

static int look_ahead(struct outlook *o, const struct dfa *dfa)
{
	uint32_t n = dfa->states, edges;
	size_t words = (n + 2) + (n + dfa->edge.count) + n;
	uint32_t *row = budget_calloc(o->budget, words, sizeof(*row)), *from = row + n + 2;
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
	gather(o->at, n, row, from, from + n + dfa->edge.count);
	budget_free(o->budget, row, words, sizeof(*row));
	return 0;
}

int outlook_make(struct outlook *o, struct budget *budget, const struct dfa *dfa, unsigned lanes)
{
	const uint16_t *verdict = dfa->verdict.at, rights = rights_of_lanes(lanes);
	*o = (struct outlook){.budget = budget, .states = dfa->states};
	o->at = budget_alloc(budget, o->states, sizeof(*o->at));
	if (!o->at)
		return -errno;
	for (uint32_t s = 0; s < o->states; s++) {
		uint16_t has = verdict[s] & rights;
		o->at[s] = (struct future){has, has, (uint16_t)(rights & ~has)};
	}
	return look_ahead(o, dfa);
}

void outlook_free(struct outlook *o)
{
	budget_free(o->budget, o->at, o->states, sizeof(*o->at));
}

/* -------------------------------------------------------------------- pairs */

static inline enum fate fate_of(const struct pairs *c, uint32_t old, uint32_t new)
{
	const struct future *a = &c->future[old], *b = &c->future[new];
	if (old == new)
		return FATE_GOOD;
	if (((b->has & ~a->has) | (b->some & ~a->some)) & c->rights)
		return FATE_BAD;
	return b->some & a->lacks & c->rights ? FATE_OPEN : FATE_GOOD;
}

static uint32_t place_of(const struct pairs *c, uint32_t old, uint32_t new)
{
	uint64_t hash = ((uint64_t)old << 32 | new) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 40) & (c->table_size - 1);
}

/* Where a pair stands in the table, or the free place that it would take; for a table that is there. */
static uint32_t *find(const struct pairs *c, uint32_t old, uint32_t new)
{
	uint32_t at = place_of(c, old, new);
	for (; c->table[at]; at = (at + 1) & (c->table_size - 1)) {
		const struct pair *p = VEC_AT(&c->pair, struct pair, c->table[at] - 1);
		if (p->old == old && p->new == new)
			break;
	}
	return &c->table[at];
}

static int table_grow(struct pairs *c)
{
	uint32_t size = c->table_size ? 2 * c->table_size : TABLE_MIN, *old = c->table, old_size = c->table_size;
	uint32_t *table = budget_calloc(c->budget, size, sizeof(*table));
	if (!table)
		return -errno;
	c->table = table;
	c->table_size = size;
	for (uint32_t i = 0; i < c->pair.count; i++) {
		const struct pair *p = VEC_AT(&c->pair, struct pair, i);
		*find(c, p->old, p->new) = i + 1;
	}
	budget_free(c->budget, old, old_size, sizeof(*old));
	return 0;
}

/* The number of an open pair in `number`. c->full: there was no room for it. */
static int intern(struct pairs *c, uint32_t old, uint32_t new, uint32_t *number)
{
	int err = 2 * (c->pair.count + 1) > c->table_size ? table_grow(c) : 0;
	if (err)
		return err;
	uint32_t *place = find(c, old, new);
	if (*place) {
		*number = *place - 1;
		return 0;
	}
	c->full = c->full || c->pair.count == PAIRS_MAX;
	if (c->full)
		return 0;
	err = vec_reserve(c->budget, &c->pair, 1);
	if (!err)
		err = vec_push(c->budget, &c->waiting, (uint32_t)c->pair.count);
	if (err)
		return err;
	*number = (uint32_t)c->pair.count++;
	*VEC_AT(&c->pair, struct pair, *number) = (struct pair){.old = old, .new = new};
	*place = *number + 1;
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

/* What a pair leads to, byte by byte, as the two rows are gone along. */
struct side {
	const uint32_t *edge, *end;
	uint32_t def, to;
};

static struct side side_of(const struct pairs *c, uint32_t s)
{
	uint32_t edges, def = dfa_def_of(c->dfa, s);
	const uint32_t *edge = dfa_row_of(c->dfa, s, &edges);
	return (struct side){edge, edges ? edge + edges : edge, def, def};
}

/* Goes on to the next byte that either row names; it begins at what all others lead to. False at the end. */
static inline bool next_byte(struct side *a, struct side *b)
{
	uint32_t x = a->edge != a->end ? EDGE_BYTE(*a->edge) : 256, y = b->edge != b->end ? EDGE_BYTE(*b->edge) : 256;
	if (x == y && x == 256)
		return false;
	a->to = x <= y ? EDGE_TARGET(*a->edge++) : a->def;
	b->to = y <= x ? EDGE_TARGET(*b->edge++) : b->def;
	return true;
}

static bool leads_to_bad(const struct pairs *c, struct side a, struct side b)
{
	do
		if (fate_of(c, a.to, b.to) == FATE_BAD)
			return true;
	while (next_byte(&a, &b));
	return false;
}

static int note_open(struct pairs *c, struct side a, struct side b)
{
	int err = 0;
	do
		if (fate_of(c, a.to, b.to) == FATE_OPEN)
			err = lead(c, a.to, b.to);
	while (!err && !c->full && next_byte(&a, &b));
	return err;
}

/* Follows what waits. Last in, first out: what a pair of folders leads to is known before the next one is looked at. */
static int follow(struct pairs *c)
{
	int err = 0;
	while (c->waiting.count && !c->full && !err) {
		uint32_t number = *VEC_AT(&c->waiting, uint32_t, --c->waiting.count);
		struct pair p = *VEC_AT(&c->pair, struct pair, number);
		p.edge = (uint32_t)c->edge.count;
		/* To look first and note then keeps half of all pairs away. */
		struct side old = side_of(c, p.old), new = side_of(c, p.new);
		p.bad = leads_to_bad(c, old, new);
		if (!p.bad)
			err = note_open(c, old, new);
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

void state_pairs_init(struct pairs *c, const struct outlook *outlook, const struct dfa *dfa, unsigned lanes)
{
	*c = (struct pairs){.budget = outlook->budget, .dfa = dfa, .future = outlook->at, .pair = VEC(struct pair)};
	c->edge = c->waiting = VEC(uint32_t);
	c->rights = rights_of_lanes(lanes);
}

void state_pairs_free(struct pairs *c)
{
	budget_free(c->budget, c->table, c->table_size, sizeof(*c->table));
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

bool state_pairs_contained(const struct pairs *c, uint32_t old, uint32_t new)
{
	enum fate fate = fate_of(c, old, new);
	if (fate != FATE_OPEN || !c->table)
		return fate == FATE_GOOD;
	uint32_t number = *find(c, old, new);
	return number && !VEC_AT(&c->pair, struct pair, number - 1)->bad;
}
