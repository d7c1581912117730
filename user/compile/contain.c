/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which folders' rights are contained in which others': what a rename of a folder is judged by.
 *
 * A folder's state is the one behind its path and a '/'. New is contained in old when every access that is allowed
 * after `new` and some continuation is allowed after `old` and the same continuation. The automaton is deterministic,
 * so that is a simulation: of the pairs that both can come to side by side, none may allow more on new's side. Pairs
 * that do are bad, and so is every pair that leads to a bad one; what remains is the greatest relation.
 *
 * Continuations that can't occur ("//", a '/' at the end) change nothing: states do on them what they do on one that
 * can (dfa.c). Rights are the accesses that are allowed. Whether a refusal hides what it refuses is none: what was
 * hidden may be seen after a move, where the new name is refused openly.
 *
 * All is bounded: folders far from the root have no row, and pairs beyond the limit are taken for bad. What is not
 * decided counts as not contained.
 */
#include "compile/automaton.h"

enum {
	FOLDERS_MAX = 512,
	PAIRS_MAX = 1 << 18,
	EDGES_MAX = 1 << 20,
	TABLE = 2 * PAIRS_MAX, /* a power of 2 */
};

enum fate { FATE_GOOD, FATE_BAD, FATE_OPEN };

struct pair {
	uint32_t old, new;
	uint32_t edge, edges; /* pairs that it leads to, in contain.edge */
	bool known;	      /* its edges are */
	bool bad;
};

struct contain {
	struct budget *budget;
	const struct dfa *dfa;
	uint8_t rights;	    /* the bits of a verdict that say allowed, of the lanes that count */
	uint8_t *some;	    /* by state: rights that it or what follows has somewhere */
	uint8_t *lacks;	    /* by state: rights that it or what follows lacks somewhere */
	struct vec folder;  /* uint32_t: states */
	struct vec pair;    /* struct pair */
	struct vec edge;    /* uint32_t */
	struct vec waiting; /* uint32_t: pairs whose edges are not known yet */
	uint32_t *table;    /* pair + 1, by hash */
	bool full;
};

static uint32_t def_of(const struct dfa *dfa, uint32_t s)
{
	return *VEC_AT(&dfa->def, uint32_t, s);
}

/* Edges of a state, and how many. */
static const uint32_t *row_of(const struct dfa *dfa, uint32_t s, uint32_t *edges)
{
	const uint32_t *row = dfa->row.at;
	*edges = row[s + 1] - row[s];
	return *edges ? VEC_AT(&dfa->edge, uint32_t, row[s]) : NULL;
}

static int push(struct budget *budget, struct vec *vec, uint32_t value)
{
	int err = vec_reserve(budget, vec, 1);
	if (!err)
		*VEC_AT(vec, uint32_t, vec->count++) = value;
	return err;
}

/* ------------------------------------------------------------------ folders */

/* A walk over the automaton by paths that can occur. */
enum { SEEN_NAME = 1, SEEN_SLASH = 2 };
struct walk {
	struct contain *c;
	uint8_t *seen;	  /* by state */
	struct vec queue; /* uint32_t: state << 1 | whether it stands right behind a '/' */
};

static int visit(struct walk *w, uint32_t s, bool slash)
{
	uint8_t bit = slash ? SEEN_SLASH : SEEN_NAME;
	if (w->seen[s] & bit)
		return 0;
	w->seen[s] |= bit;
	int err = slash ? push(w->c->budget, &w->c->folder, s) : 0;
	return err ? err : push(w->c->budget, &w->queue, s << 1 | slash);
}

static int visit_next(struct walk *w, uint32_t s, bool slash)
{
	uint32_t edges, on_slash = def_of(w->c->dfa, s);
	const uint32_t *edge = row_of(w->c->dfa, s, &edges);
	int err = visit(w, def_of(w->c->dfa, s), false);
	for (uint32_t i = 0; i < edges && !err; i++)
		if (EDGE_BYTE(edge[i]) == '/')
			on_slash = EDGE_TARGET(edge[i]);
		else
			err = visit(w, EDGE_TARGET(edge[i]), false);
	return err || slash ? err : visit(w, on_slash, true);
}

/* Finds the folders, those near the root first. The root itself is none: it has no other name. */
static int find_folders(struct contain *c)
{
	struct walk w = {.c = c, .queue = VEC(uint32_t)};
	w.seen = budget_calloc(c->budget, c->dfa->states, sizeof(*w.seen));
	int err = w.seen ? 0 : -errno;
	uint32_t edges, root = def_of(c->dfa, c->dfa->start);
	const uint32_t *edge = row_of(c->dfa, c->dfa->start, &edges);
	for (uint32_t i = 0; i < edges; i++)
		if (EDGE_BYTE(edge[i]) == '/')
			root = EDGE_TARGET(edge[i]);
	if (!err)
		err = visit_next(&w, root, true);
	for (size_t i = 0; i < w.queue.count && c->folder.count < FOLDERS_MAX && !err; i++) {
		uint32_t at = *VEC_AT(&w.queue, uint32_t, i);
		err = visit_next(&w, at >> 1, at & 1);
	}
	budget_free(c->budget, w.seen, c->dfa->states, sizeof(*w.seen));
	vec_free(c->budget, &w.queue);
	return err;
}

/* ------------------------------------------------------------ what follows */

static uint8_t rights_of(const struct contain *c, uint32_t s)
{
	return *VEC_AT(&c->dfa->verdict, uint8_t, s) & c->rights;
}

/* Carries what states have or lack back to those that lead there. */
static void gather(const struct contain *c, const uint32_t *row, const uint32_t *from, uint32_t *work)
{
	enum { WAITING = 0x80 };
	uint32_t works = 0;
	for (uint32_t s = 0; s < c->dfa->states; s++) {
		c->some[s] = rights_of(c, s) | WAITING;
		c->lacks[s] = c->rights & ~rights_of(c, s);
		work[works++] = s;
	}
	while (works) {
		uint32_t s = work[--works];
		c->some[s] &= (uint8_t)~WAITING;
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
static int look_ahead(struct contain *c)
{
	const struct dfa *dfa = c->dfa;
	uint32_t n = dfa->states, edges;
	size_t words = (n + 2) + (n + dfa->edge.count) + n;
	uint32_t *row = budget_calloc(c->budget, words, sizeof(*row)), *from = row + n + 2;
	if (!row)
		return -errno;
	for (uint32_t s = 0; s < n; s++)
		row[def_of(dfa, s) + 2]++;
	for (uint32_t i = 0; i < dfa->edge.count; i++)
		row[EDGE_TARGET(*VEC_AT(&dfa->edge, uint32_t, i)) + 2]++;
	for (uint32_t s = 0; s < n; s++)
		row[s + 2] += row[s + 1];
	/* row[s + 1] is where the list of s begins, and where it ends when it is filled. */
	for (uint32_t s = 0; s < n; s++) {
		const uint32_t *edge = row_of(dfa, s, &edges);
		from[row[def_of(dfa, s) + 1]++] = s;
		for (uint32_t i = 0; i < edges; i++)
			from[row[EDGE_TARGET(edge[i]) + 1]++] = s;
	}
	gather(c, row, from, from + n + dfa->edge.count);
	budget_free(c->budget, row, words, sizeof(*row));
	return 0;
}

/* -------------------------------------------------------------------- pairs */

static enum fate fate_of(const struct contain *c, uint32_t old, uint32_t new)
{
	if (old == new)
		return FATE_GOOD;
	if (rights_of(c, new) & ~rights_of(c, old) || c->some[new] & ~c->some[old])
		return FATE_BAD;
	return c->some[new] & c->lacks[old] ? FATE_OPEN : FATE_GOOD;
}

/* The number of an open pair in `number`. c->full: there was no room for it. */
static int intern(struct contain *c, uint32_t old, uint32_t new, uint32_t *number)
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
		err = push(c->budget, &c->waiting, (uint32_t)c->pair.count);
	if (err)
		return err;
	*number = (uint32_t)c->pair.count++;
	*VEC_AT(&c->pair, struct pair, *number) = (struct pair){.old = old, .new = new};
	c->table[at] = *number + 1;
	return 0;
}

/* Notes that the pair being followed leads to another. c->full: there was no room for it. */
static int lead(struct contain *c, uint32_t old, uint32_t new)
{
	uint32_t number;
	int err = intern(c, old, new, &number);
	c->full = c->full || c->edge.count == EDGES_MAX;
	return err || c->full ? err : push(c->budget, &c->edge, number);
}

/*
 * What a pair leads to, byte by byte: to a bad pair (`bad`), or nowhere but to good and open ones, and `note` tells
 * whether the open ones are to be noted. To look first and note then keeps half of all pairs away.
 */
static int lead_all(struct contain *c, uint32_t old, uint32_t new, bool note, bool *bad)
{
	uint32_t olds, news, old_def = def_of(c->dfa, old), new_def = def_of(c->dfa, new);
	const uint32_t *a = row_of(c->dfa, old, &olds), *b = row_of(c->dfa, new, &news);
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
static int follow(struct contain *c)
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
static void carry_back(struct contain *c, uint32_t *row, uint32_t *from, uint32_t *work)
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

static int settle_pairs(struct contain *c)
{
	size_t pairs = c->pair.count, edges = c->edge.count, words = (pairs + 2) + edges + pairs;
	uint32_t *row = budget_calloc(c->budget, words, sizeof(*row));
	if (!row)
		return -errno;
	carry_back(c, row, row + pairs + 2, row + pairs + 2 + edges);
	budget_free(c->budget, row, words, sizeof(*row));
	return 0;
}

/* ----------------------------------------------------------------- relation */

/* Whether the rights of one folder are contained in another's, as far as that is decided. */
static int contained(struct contain *c, uint32_t old, uint32_t new, bool *yes)
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

static uint32_t folder_at(const struct contain *c, size_t i)
{
	return *VEC_AT(&c->folder, uint32_t, i);
}

static int decide_pairs(struct contain *c)
{
	size_t n = c->folder.count;
	uint32_t number;
	int err = 0;
	for (size_t i = 1; i < n && !c->full && !err; i++)
		for (size_t k = 0; k < 2 * i && !c->full && !err; k++) {
			uint32_t a = folder_at(c, i), b = folder_at(c, k / 2);
			uint32_t old = k % 2 ? a : b, new = k % 2 ? b : a;
			if (fate_of(c, old, new) == FATE_OPEN)
				err = intern(c, old, new, &number);
			if (!err)
				err = follow(c);
		}
	return err ? err : settle_pairs(c);
}

/* Numbers the folders; those that contain one another have one number. `rep` gets a folder of each. */
static int number_classes(struct contain *c, struct relation *out, uint32_t *rep)
{
	size_t n = c->folder.count;
	int err = 0;
	for (size_t i = 0; i < n && !err; i++) {
		uint32_t class = 0;
		bool in = false, holds = false;
		for (; class < out->classes && !err; class ++) {
			err = contained(c, rep[class], folder_at(c, i), &in);
			if (!err && in)
				err = contained(c, folder_at(c, i), rep[class], &holds);
			if (in && holds)
				break;
		}
		if (class == out->classes)
			rep[out->classes++] = folder_at(c, i);
		out->class[folder_at(c, i)] = (uint16_t)(class + 1);
	}
	return err;
}

static int fill_bits(struct contain *c, struct relation *out, const uint32_t *rep)
{
	uint32_t n = out->classes;
	int err = 0;
	for (uint32_t old = 0; old < n && !err; old++)
		for (uint32_t new = 0; new < n && !err; new ++) {
			bool yes;
			err = contained(c, rep[old], rep[new], &yes);
			if (yes)
				out->bits[(old * n + new) / 32] |= 1u << (old * n + new) % 32;
		}
	return err;
}

static int relate(struct contain *c, struct relation *out)
{
	int err = look_ahead(c);
	if (!err)
		err = find_folders(c);
	if (!err)
		err = decide_pairs(c);
	uint32_t *rep = budget_calloc(c->budget, c->folder.count, sizeof(*rep));
	if (!err && !rep)
		err = -errno;
	if (!err)
		err = number_classes(c, out, rep);
	if (!err) {
		out->words = (out->classes * out->classes + 31) / 32;
		out->bits = budget_calloc(c->budget, out->words, sizeof(*out->bits));
		err = out->bits ? fill_bits(c, out, rep) : -errno;
	}
	budget_free(c->budget, rep, c->folder.count, sizeof(*rep));
	return err;
}

int dfa_contain(struct budget *budget, const struct dfa *dfa, unsigned lanes, struct relation *out)
{
	struct contain c = {.budget = budget, .dfa = dfa, .pair = VEC(struct pair)};
	c.folder = c.edge = c.waiting = VEC(uint32_t);
	for (int l = 0; l < LANES; l++)
		if (lanes >> l & 1)
			c.rights |= (uint8_t)VERDICT_LANE(EFFECT_ALLOW & VERDICT_SETTLED, l);
	*out = (struct relation){.states = dfa->states};
	out->class = budget_calloc(budget, dfa->states, sizeof(*out->class));
	c.table = budget_calloc(budget, TABLE, sizeof(*c.table));
	c.some = budget_calloc(budget, dfa->states, sizeof(*c.some));
	c.lacks = budget_calloc(budget, dfa->states, sizeof(*c.lacks));
	int err = out->class && c.table && c.some && c.lacks ? relate(&c, out) : -errno;
	budget_free(budget, c.table, TABLE, sizeof(*c.table));
	budget_free(budget, c.some, dfa->states, sizeof(*c.some));
	budget_free(budget, c.lacks, dfa->states, sizeof(*c.lacks));
	vec_free(budget, &c.folder);
	vec_free(budget, &c.pair);
	vec_free(budget, &c.edge);
	vec_free(budget, &c.waiting);
	if (err)
		relation_free(budget, out);
	return err;
}

void relation_free(struct budget *budget, struct relation *relation)
{
	budget_free(budget, relation->class, relation->states, sizeof(*relation->class));
	budget_free(budget, relation->bits, relation->words, sizeof(*relation->bits));
	*relation = (struct relation){0};
}
