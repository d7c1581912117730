/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names at which a symbolic link would stand for a folder with protected names: who follows the link finds beneath it
 * what the fence wrote elsewhere, under a name that it may not write. Such a name is one beneath which writing is
 * denied to something that may be written beneath an ordinary name of the same place.
 *
 * An ordinary name is one that no rule speaks of: bytes that no pattern names at that point lead there. A name is
 * compared with such a sibling, and with what lies deep beneath the place, and deep beneath the name itself, where
 * ordinary names go on without end. The sibling alone would let "/w/u/x" be a link where "/w/u/", any name and "/key"
 * is denied, since all siblings are protected alike; and "/w", whose siblings may not be written at all. But what is
 * protected at any depth, as "/w/", any path and ".pem" is, makes no name a special one: else no link could be made
 * anywhere.
 */
#include "compile/pairs.h"

/* A place: a state right behind a '/', with what ordinary names lead to, behind the '/' that follows them. */
struct place {
	uint32_t state, sibling, deep;
};

/* A name that is asked about. */
struct asked {
	uint32_t name, beneath, ordinary;
};

enum {
	NAME_STEPS = 16,     /* ordinary bytes of a name: what patterns of single characters tell apart */
	DEEP_STEPS = 16,     /* ordinary names */
	WORK_MAX = 16 << 20, /* edges that are looked at */
};

struct guard {
	struct budget *budget;
	struct dfa *dfa;
	struct pairs pairs;
	uint32_t *seen;	  /* by state: the last round that came by */
	uint32_t round;	  /* never 0 */
	struct vec place; /* struct place */
	struct vec queue; /* uint32_t */
	struct vec asked; /* struct asked */
	uint32_t work;
};

static uint32_t ordinary_name(const struct dfa *dfa, uint32_t s)
{
	for (int i = 0; i < NAME_STEPS && dfa_def_of(dfa, s) != s; i++)
		s = dfa_def_of(dfa, s);
	return s;
}

static uint32_t deep_beneath(const struct dfa *dfa, uint32_t s)
{
	for (int i = 0; i < DEEP_STEPS; i++) {
		uint32_t next = dfa_on_slash(dfa, ordinary_name(dfa, s));
		if (next == s)
			break;
		s = next;
	}
	return s;
}

/* ------------------------------------------------------------------- places */

/* Lists a state and notes that this round came by. */
static int come_to(struct guard *g, uint32_t s)
{
	if (g->seen[s] == g->round)
		return 0;
	g->seen[s] = g->round;
	return vec_push(g->budget, &g->queue, s);
}

/* Comes to what follows within a name; with `slash`, to what follows a '/' too. */
static int go_on(struct guard *g, uint32_t s, bool slash)
{
	uint32_t edges;
	const uint32_t *edge = dfa_row_of(g->dfa, s, &edges);
	int err = come_to(g, dfa_def_of(g->dfa, s));
	for (uint32_t i = 0; i < edges && !err; i++)
		if (slash || EDGE_BYTE(edge[i]) != '/')
			err = come_to(g, EDGE_TARGET(edge[i]));
	g->work += edges + 1;
	return err;
}

/* Every state that a '/' leads to. Whether a path can occur that leads there is not asked: more places mean more names
 * that are guarded, never fewer. */
static int find_places(struct guard *g)
{
	int err = come_to(g, g->dfa->start);
	for (size_t i = 0; i < g->queue.count && !err; i++)
		err = go_on(g, *VEC_AT(&g->queue, uint32_t, i), true);
	size_t reached = g->queue.count;
	g->round++;
	for (size_t i = 0; i < reached && !err; i++) {
		uint32_t s = dfa_on_slash(g->dfa, *VEC_AT(&g->queue, uint32_t, i));
		if (g->seen[s] == g->round)
			continue;
		g->seen[s] = g->round;
		err = vec_reserve(g->budget, &g->place, 1);
		if (!err)
			*VEC_AT(&g->place, struct place, g->place.count++) = (struct place){
				s, dfa_on_slash(g->dfa, ordinary_name(g->dfa, s)), deep_beneath(g->dfa, s)};
	}
	return err;
}

static int by_ordinary(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->sibling != y->sibling)
		return x->sibling < y->sibling ? -1 : 1;
	return x->deep == y->deep ? 0 : x->deep < y->deep ? -1 : 1;
}

/* -------------------------------------------------------------------- names */

/* Whether a state, or what follows, lacks the right. */
static bool lacks_some(const struct guard *g, uint32_t s)
{
	return g->pairs.future[s].lacks & g->pairs.rights;
}

static int ask(struct guard *g, uint32_t name, uint32_t beneath, uint32_t ordinary)
{
	if (beneath == ordinary)
		return 0;
	int err = state_pairs_ask(&g->pairs, beneath, ordinary);
	if (!err)
		err = vec_reserve(g->budget, &g->asked, 1);
	if (!err)
		*VEC_AT(&g->asked, struct asked, g->asked.count++) = (struct asked){name, beneath, ordinary};
	return err;
}

/* Asks about the names of places of which the same names are ordinary. */
static int ask_names(struct guard *g, const struct place *place, size_t places)
{
	g->queue.count = 0;
	g->round++;
	int err = 0;
	for (size_t i = 0; i < places && !err; i++)
		err = go_on(g, place[i].state, false);
	for (size_t i = 0; i < g->queue.count && !err && g->work < WORK_MAX; i++) {
		uint32_t s = *VEC_AT(&g->queue, uint32_t, i), beneath = dfa_on_slash(g->dfa, s);
		err = go_on(g, s, false);
		if (!lacks_some(g, beneath))
			continue;
		if (!err)
			err = ask(g, s, beneath, place->sibling);
		if (!err)
			err = ask(g, s, beneath, place->deep);
		if (!err)
			err = ask(g, s, beneath, deep_beneath(g->dfa, beneath));
	}
	return err;
}

static int ask_all(struct guard *g)
{
	struct place *place = g->place.at;
	int err = 0;
	qsort(place, g->place.count, sizeof(*place), by_ordinary);
	for (size_t i = 0, end; i < g->place.count && !err && g->work < WORK_MAX; i = end) {
		for (end = i + 1; end < g->place.count && !by_ordinary(&place[i], &place[end]);)
			end++;
		err = ask_names(g, &place[i], end - i);
	}
	return err ? err : state_pairs_settle(&g->pairs);
}

static void mark(struct guard *g)
{
	uint16_t *verdict = g->dfa->verdict.at;
	for (size_t i = 0; i < g->asked.count; i++) {
		const struct asked *a = VEC_AT(&g->asked, struct asked, i);
		if (!state_pairs_contained(&g->pairs, a->beneath, a->ordinary))
			verdict[a->name] |= VERDICT_GUARDED;
	}
	/* Not all could be looked at. */
	for (uint32_t s = 0; s < g->dfa->states && g->work >= WORK_MAX; s++)
		if (lacks_some(g, dfa_on_slash(g->dfa, s)))
			verdict[s] |= VERDICT_GUARDED;
}

int dfa_guard_names(struct budget *budget, struct dfa *dfa, const struct outlook *outlook, unsigned lane)
{
	struct guard g = {.budget = budget, .dfa = dfa, .round = 1};
	g.place = VEC(struct place);
	g.queue = VEC(uint32_t);
	g.asked = VEC(struct asked);
	g.seen = budget_calloc(budget, dfa->states, sizeof(*g.seen));
	int err = g.seen ? 0 : -errno;
	state_pairs_init(&g.pairs, outlook, dfa, 1u << lane);
	if (!err)
		err = find_places(&g);
	if (!err)
		err = ask_all(&g);
	if (!err)
		mark(&g);
	state_pairs_free(&g.pairs);
	vec_free(budget, &g.place);
	vec_free(budget, &g.queue);
	vec_free(budget, &g.asked);
	budget_free(budget, g.seen, dfa->states, sizeof(*g.seen));
	return err;
}
