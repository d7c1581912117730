/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which folders' rights are contained in which others': what a rename of a folder is judged by.
 *
 * A folder's state is the one behind its path and a '/'. New is contained in old when every access that is allowed
 * after `new` and some continuation is allowed after `old` and the same continuation (pairs.c).
 *
 * Continuations that can't occur ("//", a '/' at the end) change nothing: states do on them what they do on one that
 * can (dfa.c). Rights are the accesses that are allowed. Whether a refusal hides what it refuses is none: what was
 * hidden may be seen after a move, where the new name is refused openly.
 *
 * All is bounded: folders far from the root have no row, and pairs beyond the limit are taken for bad. What is not
 * decided counts as not contained.
 */
#include "compile/pairs.h"

enum { FOLDERS_MAX = 512 };

struct contain {
	struct budget *budget;
	const struct dfa *dfa;
	struct pairs pairs;
	struct vec folder; /* uint32_t: states */
};

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
	int err = slash ? vec_push(w->c->budget, &w->c->folder, s) : 0;
	return err ? err : vec_push(w->c->budget, &w->queue, s << 1 | slash);
}

static int visit_next(struct walk *w, uint32_t s, bool slash)
{
	uint32_t edges;
	const uint32_t *edge = dfa_row_of(w->c->dfa, s, &edges);
	int err = visit(w, dfa_def_of(w->c->dfa, s), false);
	for (uint32_t i = 0; i < edges && !err; i++)
		if (EDGE_BYTE(edge[i]) != '/')
			err = visit(w, EDGE_TARGET(edge[i]), false);
	return err || slash ? err : visit(w, dfa_on_slash(w->c->dfa, s), true);
}

/* Finds the folders, those near the root first. The root itself is none: it has no other name. */
static int find_folders(struct contain *c)
{
	struct walk w = {.c = c, .queue = VEC(uint32_t)};
	w.seen = budget_calloc(c->budget, c->dfa->states, sizeof(*w.seen));
	int err = w.seen ? 0 : -errno;
	if (!err)
		err = visit_next(&w, dfa_on_slash(c->dfa, c->dfa->start), true);
	for (size_t i = 0; i < w.queue.count && c->folder.count < FOLDERS_MAX && !err; i++) {
		uint32_t at = *VEC_AT(&w.queue, uint32_t, i);
		err = visit_next(&w, at >> 1, at & 1);
	}
	budget_free(c->budget, w.seen, c->dfa->states, sizeof(*w.seen));
	vec_free(c->budget, &w.queue);
	return err;
}

/* ----------------------------------------------------------------- relation */

static uint32_t folder_at(const struct contain *c, size_t i)
{
	return *VEC_AT(&c->folder, uint32_t, i);
}

static int decide_pairs(struct contain *c)
{
	size_t n = c->folder.count;
	int err = 0;
	for (size_t i = 1; i < n && !c->pairs.full && !err; i++)
		for (size_t k = 0; k < 2 * i && !c->pairs.full && !err; k++) {
			uint32_t a = folder_at(c, i), b = folder_at(c, k / 2);
			err = state_pairs_ask(&c->pairs, k % 2 ? a : b, k % 2 ? b : a);
		}
	return err ? err : state_pairs_settle(&c->pairs);
}

/* Numbers the folders; those that contain one another have one number. `rep` gets a folder of each. */
static void number_classes(struct contain *c, struct relation *out, uint32_t *rep)
{
	for (size_t i = 0; i < c->folder.count; i++) {
		uint32_t class = 0, folder = folder_at(c, i);
		while (class < out->classes && !(state_pairs_contained(&c->pairs, rep[class], folder) &&
						 state_pairs_contained(&c->pairs, folder, rep[class])))
			class ++;
		if (class == out->classes)
			rep[out->classes++] = folder;
		out->class[folder] = (uint16_t)(class + 1);
	}
}

static void fill_bits(struct contain *c, struct relation *out, const uint32_t *rep)
{
	uint32_t n = out->classes;
	for (uint32_t old = 0; old < n; old++)
		for (uint32_t new = 0; new < n; new ++)
			if (state_pairs_contained(&c->pairs, rep[old], rep[new]))
				out->bits[(old * n + new) / 32] |= 1u << (old * n + new) % 32;
}

static int relate(struct contain *c, struct relation *out)
{
	int err = find_folders(c);
	if (!err)
		err = decide_pairs(c);
	uint32_t *rep = budget_calloc(c->budget, c->folder.count, sizeof(*rep));
	if (!err && !rep)
		err = -errno;
	if (!err) {
		number_classes(c, out, rep);
		out->words = (out->classes * out->classes + 31) / 32;
		out->bits = budget_calloc(c->budget, out->words, sizeof(*out->bits));
		err = out->bits ? 0 : -errno;
		if (!err)
			fill_bits(c, out, rep);
	}
	budget_free(c->budget, rep, c->folder.count, sizeof(*rep));
	return err;
}

int dfa_contain(struct budget *budget, const struct dfa *dfa, const struct outlook *outlook, unsigned lanes,
		struct relation *out)
{
	struct contain c = {.budget = budget, .dfa = dfa, .folder = VEC(uint32_t)};
	*out = (struct relation){.states = dfa->states};
	out->class = budget_calloc(budget, dfa->states, sizeof(*out->class));
	int err = out->class ? 0 : -errno;
	state_pairs_init(&c.pairs, outlook, dfa, lanes);
	if (!err)
		err = relate(&c, out);
	state_pairs_free(&c.pairs);
	vec_free(budget, &c.folder);
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
