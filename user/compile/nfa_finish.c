/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The trie becomes a graph: nodes from which the same follows, with the same levels, become one, from the leaves up.
 * So what alternatives of one pair of braces, or the patterns of many rules, have in common at their end is there
 * once, and a subset can't tell by which of them it got there.
 */
#include <string.h>

#include "compile/automaton.h"

struct finisher {
	struct nfa *nfa;
	struct node *node;
	uint32_t *same;	 /* of a node: the one that stands for it */
	uint32_t *table; /* those that stand for others, by hash */
	uint32_t mask;
	struct vec merged; /* uint32_t: a list while it is made */
};

enum { LISTS_MAX = 1 << 20 }; /* levels in all lists together */

static const uint32_t *kids(const struct finisher *f, uint32_t i)
{
	return VEC_AT(&f->nfa->kid, uint32_t, f->node[i].child);
}

static const struct levels *label(const struct finisher *f, uint32_t i)
{
	return VEC_AT(&f->nfa->label, struct levels, i);
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Turns a list of siblings into a row of `kid`, ascending. Room has been reserved. */
static void lay_kids(struct finisher *f, struct node *node)
{
	struct vec *kid = &f->nfa->kid;
	uint32_t first = (uint32_t)kid->count, *at = VEC_AT(kid, uint32_t, first), count = 0;
	/* A child's own list was turned before: its sibling stands in `reach` meanwhile, see nfa_finish. */
	for (uint32_t c = node->child; c; c = f->node[c].reach.at[0])
		at[count++] = f->same[c];
	if (count > 1)
		qsort(at, count, sizeof(*at), ascending);
	kid->count += count;
	node->child = first;
	node->sibling = count;
}

static uint32_t hash_levels(uint32_t h, const struct levels *levels)
{
	for (int i = 0; i < LANES; i++)
		h = (h ^ levels->at[i]) * 0x85ebca6bu;
	return h;
}

static uint32_t hash_node(const struct finisher *f, uint32_t i)
{
	const struct node *n = &f->node[i];
	uint32_t h = (n->set * 0x9e3779b1u) ^ ((uint32_t)n->kind << 8 | n->byte);
	if (n->accept)
		h = hash_levels(h * 3, label(f, n->accept));
	if (n->tail)
		h = hash_levels(h * 5, label(f, n->tail));
	for (uint32_t k = 0; k < n->sibling; k++) {
		h = (h ^ kids(f, i)[k]) * 0x9e3779b1u;
		h ^= h >> 15;
	}
	return h ^ h >> 16;
}

static bool same_label(const struct finisher *f, uint32_t a, uint32_t b)
{
	return a == b || !memcmp(label(f, a), label(f, b), sizeof(struct levels));
}

static bool same_node(const struct finisher *f, uint32_t a, uint32_t b)
{
	const struct node *x = &f->node[a], *y = &f->node[b];
	return x->kind == y->kind && x->byte == y->byte && x->set == y->set && x->sibling == y->sibling &&
	       same_label(f, x->accept, y->accept) && same_label(f, x->tail, y->tail) &&
	       !memcmp(kids(f, a), kids(f, b), x->sibling * sizeof(uint32_t));
}

/* The node that stands for this one: an earlier one that is the same, or itself. */
static uint32_t unify(struct finisher *f, uint32_t i)
{
	uint32_t h = hash_node(f, i) & f->mask;
	for (; f->table[h]; h = (h + 1) & f->mask)
		if (same_node(f, f->table[h], i)) {
			f->nfa->kid.count = f->node[i].child; /* its row is not needed */
			return f->table[h];
		}
	f->table[h] = i;
	return i;
}

/* Puts the levels that one lane has in a node's own label, in its children's tails and in their lists together. */
static int merge_lists(struct finisher *f, const struct node *n, uint32_t i, int lane)
{
	struct vec *merged = &f->merged;
	merged->count = 0;
	int err = vec_reserve(f->nfa->budget, merged, 1);
	if (!err && label(f, n->accept)->at[lane])
		*VEC_AT(merged, uint32_t, merged->count++) = label(f, n->accept)->at[lane];
	for (uint32_t k = 0; k < n->sibling && !err; k++) {
		const struct node *child = &f->node[kids(f, i)[k]];
		if (child->list.at[lane] == LIST_LONG)
			return -E2BIG;
		const uint32_t *list = VEC_AT(&f->nfa->list, uint32_t, child->list.at[lane]);
		if (merged->count + list[0] > LISTS_MAX)
			return -E2BIG;
		err = vec_reserve(f->nfa->budget, merged, list[0] + 1);
		if (err)
			return err;
		if (label(f, child->tail)->at[lane])
			*VEC_AT(merged, uint32_t, merged->count++) = label(f, child->tail)->at[lane];
		memcpy(VEC_AT(merged, uint32_t, merged->count), list + 1, list[0] * sizeof(*list));
		merged->count += list[0];
	}
	return err;
}

/* All levels that can still be come to in one lane. Where keeping them is too dear, the node says so. */
static uint32_t make_list(struct finisher *f, const struct node *n, uint32_t i, int lane)
{
	struct vec *list = &f->nfa->list;
	if (n->sibling == 1 && !n->accept && !f->node[kids(f, i)[0]].tail) /* what the one child has */
		return f->node[kids(f, i)[0]].list.at[lane];
	if (merge_lists(f, n, i, lane))
		return LIST_LONG;
	uint32_t *at = f->merged.at, count = 0;
	if (f->merged.count > 1)
		qsort(at, f->merged.count, sizeof(*at), ascending);
	for (uint32_t k = 0; k < f->merged.count; k++)
		if (!count || at[count - 1] != at[k])
			at[count++] = at[k];
	if (!count)
		return 0;
	if (list->count + count + 1 > LISTS_MAX || vec_reserve(f->nfa->budget, list, count + 1))
		return LIST_LONG;
	uint32_t place = (uint32_t)list->count;
	*VEC_AT(list, uint32_t, place) = count;
	memcpy(VEC_AT(list, uint32_t, place + 1), at, count * sizeof(*at));
	list->count += count + 1;
	return place;
}

static void fill_reach(struct finisher *f, uint32_t i)
{
	struct node *n = &f->node[i];
	struct levels reach = *label(f, n->accept);
	for (uint32_t k = 0; k < n->sibling; k++) {
		const struct node *child = &f->node[kids(f, i)[k]];
		levels_raise(&reach, &child->reach);
		levels_raise(&reach, label(f, child->tail));
	}
	n->reach = reach;
	for (int l = 0; l < LANES; l++)
		n->list.at[l] = reach.at[l] ? make_list(f, n, i, l) : 0;
	if (n->kind == NODE_COMPS) {
		n[1].reach = reach;
		n[1].list = n->list;
	}
}

static void finish(struct finisher *f, uint32_t count)
{
	/* Children stand behind their parents. A node's sibling must outlast the node's own list. */
	for (uint32_t i = count; i-- > 0;) {
		struct node *n = &f->node[i];
		uint32_t sibling = n->sibling;
		if (n->kind == NODE_INSIDE)
			continue;
		lay_kids(f, n);
		f->same[i] = unify(f, i);
		n->reach.at[0] = sibling;
	}
	for (uint32_t i = count; i-- > 0;)
		if (f->node[i].kind != NODE_INSIDE && f->same[i] == i)
			fill_reach(f, i);
}

int nfa_finish(struct nfa *nfa)
{
	uint32_t count = (uint32_t)nfa->node.count, size = 64;
	while (size < 2 * count)
		size *= 2;
	struct finisher f = {.nfa = nfa, .node = nfa->node.at, .mask = size - 1};
	f.merged = VEC(uint32_t);
	int err = vec_reserve(nfa->budget, &nfa->kid, count);
	if (!err)
		err = vec_reserve(nfa->budget, &nfa->list, 1);
	if (!err)
		*VEC_AT(&nfa->list, uint32_t, nfa->list.count++) = 0;
	f.same = budget_calloc(nfa->budget, count, sizeof(*f.same));
	f.table = budget_calloc(nfa->budget, size, sizeof(*f.table));
	if (!err && (!f.same || !f.table))
		err = -errno;
	if (!err)
		finish(&f, count);
	vec_free(nfa->budget, &f.merged);
	budget_free(nfa->budget, f.same, count, sizeof(*f.same));
	budget_free(nfa->budget, f.table, size, sizeof(*f.table));
	return err;
}
