/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Minimisation by refining a partition: a state's signature is the block of its default successor and the bytes that
 * lead to another block. A block is split by the signatures of those of its states that are dirty, that is whose
 * successors have changed block; the largest part keeps the block's number, so a state changes its block at most
 * log2(states) times and its predecessors are looked at again only then. Unlike Hopcroft's splitting by byte this
 * needs no row of 256 successors: two states whose sparse rows differ in edges that make no difference are still equal.
 */
#include <string.h>

#include "compile/automaton.h"

/* States of a block stand side by side in `order`: clean from begin, dirty from dirty, up to end. */
struct block {
	uint32_t begin, dirty, end;
};

struct partition {
	struct budget *budget;
	const struct dfa *dfa;
	uint32_t n, blocks, blocks_room;
	uint32_t *of;	 /* block of a state */
	uint32_t *place; /* of a state in `order` */
	uint32_t *order;
	uint32_t *pred, *pred_row, preds;
	struct block *block;
	uint32_t *work; /* blocks with dirty states */
	uint32_t works;
	/* While a block is split: */
	uint32_t *group;   /* of the state at a place: its group */
	uint32_t *scratch; /* states in their new order */
	uint32_t *first;   /* a state of each group */
	uint32_t *size;
	uint64_t *hash;	 /* of each group */
	uint32_t *table; /* group + 1, by hash */
	uint32_t table_size;
};

static uint32_t dfa_row(const struct dfa *dfa, uint32_t s)
{
	return *VEC_AT(&dfa->row, uint32_t, s);
}

static uint32_t dfa_edge(const struct dfa *dfa, uint32_t i)
{
	return *VEC_AT(&dfa->edge, uint32_t, i);
}

/* --------------------------------------------------------------- signatures */

static uint64_t mix(uint64_t h, uint32_t value)
{
	h = (h ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t signature(const struct partition *p, uint32_t s)
{
	uint32_t other = p->of[dfa_def_of(p->dfa, s)];
	uint64_t h = mix(1, other);
	for (uint32_t i = dfa_row(p->dfa, s); i < dfa_row(p->dfa, s + 1); i++) {
		uint32_t edge = dfa_edge(p->dfa, i), block = p->of[EDGE_TARGET(edge)];
		if (block != other)
			h = mix(mix(h, block), EDGE_BYTE(edge));
	}
	return h;
}

/* The next edge of a row, from *i on, that leads to another block than `other`; 0 at the end (no edge is on byte 0). */
static uint64_t next_edge(const struct partition *p, uint32_t *i, uint32_t end, uint32_t other)
{
	while (*i < end) {
		uint32_t edge = dfa_edge(p->dfa, (*i)++), block = p->of[EDGE_TARGET(edge)];
		if (block != other)
			return (uint64_t)block << 8 | EDGE_BYTE(edge);
	}
	return 0;
}

/* A hash alone would let two states with different rights become one, once in 2^64; this makes it never. */
static bool same_signature(const struct partition *p, uint32_t s, uint32_t t)
{
	uint32_t other = p->of[dfa_def_of(p->dfa, s)];
	if (other != p->of[dfa_def_of(p->dfa, t)])
		return false;
	uint32_t i = dfa_row(p->dfa, s), i_end = dfa_row(p->dfa, s + 1);
	uint32_t j = dfa_row(p->dfa, t), j_end = dfa_row(p->dfa, t + 1);
	for (;;) {
		uint64_t a = next_edge(p, &i, i_end, other), b = next_edge(p, &j, j_end, other);
		if (a != b)
			return false;
		if (!a)
			return true;
	}
}

/* ------------------------------------------------------------------- blocks */

static void put(struct partition *p, uint32_t place, uint32_t s)
{
	p->order[place] = s;
	p->place[s] = place;
}

static void mark_dirty(struct partition *p, uint32_t s)
{
	struct block *block = &p->block[p->of[s]];
	uint32_t at = p->place[s];
	if (at >= block->dirty || block->end - block->begin == 1)
		return;
	if (block->dirty == block->end)
		p->work[p->works++] = p->of[s];
	uint32_t other = p->order[--block->dirty];
	put(p, at, other);
	put(p, block->dirty, s);
}

/* The group of a state among `groups`, a new one if there is none like it. */
static uint32_t group_of(struct partition *p, uint32_t s, uint32_t mask, uint32_t *groups)
{
	uint64_t hash = signature(p, s);
	uint32_t h = (uint32_t)(hash >> 32) & mask;
	for (; p->table[h]; h = (h + 1) & mask) {
		uint32_t g = p->table[h] - 1;
		if (p->hash[g] == hash && same_signature(p, p->first[g], s))
			return g;
	}
	uint32_t g = (*groups)++;
	p->hash[g] = hash;
	p->first[g] = s;
	p->size[g] = 0;
	p->table[h] = g + 1;
	return g;
}

/* Moves the groups' states together, the largest group first. `from`: the place from which on `group` is known;
 * states before it are of group 0. */
static void gather(struct partition *p, struct block block, uint32_t groups, uint32_t largest)
{
	uint32_t from = block.dirty, to = block.begin;
	uint32_t *next = p->first; /* no longer needed: the place of each group's next state */
	if (largest == 0 && from > block.begin)
		to = from; /* the clean ones can stay where they are */
	uint32_t clean = from - to, at = to;
	next[largest] = at;
	at += p->size[largest] - (largest == 0 ? from - block.begin - clean : 0);
	for (uint32_t g = 0; g < groups; g++)
		if (g != largest) {
			next[g] = at;
			at += p->size[g];
		}
	memcpy(p->scratch, p->order + to, (block.end - to) * sizeof(uint32_t));
	for (uint32_t i = to; i < block.end; i++)
		put(p, next[i < from ? 0 : p->group[i]]++, p->scratch[i - to]);
}

/* Gives the places from `begin` on to a new block; their predecessors' signatures have changed. */
static void new_block(struct partition *p, uint32_t begin, uint32_t size)
{
	uint32_t b = p->blocks++;
	p->block[b] = (struct block){begin, begin + size, begin + size};
	for (uint32_t i = begin; i < begin + size; i++)
		p->of[p->order[i]] = b;
}

static void split(struct partition *p, uint32_t b)
{
	struct block block = p->block[b];
	uint32_t clean = block.dirty - block.begin, dirty = block.end - block.dirty, groups = 0, mask = 4;
	while (mask < 2 * (dirty + 1))
		mask *= 2;
	memset(p->table, 0, mask * sizeof(uint32_t));
	mask--;
	if (clean) {
		group_of(p, p->order[block.begin], mask, &groups);
		p->size[0] = clean;
	}
	for (uint32_t i = block.dirty; i < block.end; i++) {
		p->group[i] = group_of(p, p->order[i], mask, &groups);
		p->size[p->group[i]]++;
	}
	p->block[b].dirty = block.end;
	if (groups == 1)
		return;
	uint32_t largest = 0;
	for (uint32_t g = 1; g < groups; g++)
		if (p->size[g] > p->size[largest])
			largest = g;
	gather(p, block, groups, largest);
	uint32_t at = block.begin + p->size[largest];
	p->block[b] = (struct block){block.begin, at, at};
	for (uint32_t g = 0; g < groups; g++)
		if (g != largest) {
			new_block(p, at, p->size[g]);
			at += p->size[g];
		}
	/* Marking moves states about within their blocks: what is walked over is a copy. */
	uint32_t from = block.begin + p->size[largest], moved = block.end - from;
	memcpy(p->scratch, p->order + from, moved * sizeof(uint32_t));
	for (uint32_t i = 0; i < moved; i++)
		for (uint32_t j = p->pred_row[p->scratch[i]]; j < p->pred_row[p->scratch[i] + 1]; j++)
			mark_dirty(p, p->pred[j]);
}

/* -------------------------------------------------------------------- whole */

static void count_preds(struct partition *p)
{
	memset(p->pred_row, 0, (p->n + 1) * sizeof(*p->pred_row));
	for (uint32_t s = 0; s < p->n; s++)
		p->pred_row[dfa_def_of(p->dfa, s) + 1]++;
	for (uint32_t i = 0; i < p->dfa->edge.count; i++)
		p->pred_row[EDGE_TARGET(dfa_edge(p->dfa, i)) + 1]++;
	for (uint32_t s = 0; s < p->n; s++)
		p->pred_row[s + 1] += p->pred_row[s];
	uint32_t *next = p->scratch;
	memcpy(next, p->pred_row, p->n * sizeof(uint32_t));
	for (uint32_t s = 0; s < p->n; s++) {
		p->pred[next[dfa_def_of(p->dfa, s)]++] = s;
		for (uint32_t i = dfa_row(p->dfa, s); i < dfa_row(p->dfa, s + 1); i++)
			p->pred[next[EDGE_TARGET(dfa_edge(p->dfa, i))]++] = s;
	}
}

/* The first blocks: one for each verdict; all states dirty. */
static void first_blocks(struct partition *p)
{
	const uint16_t *verdict = p->dfa->verdict.at;
	uint32_t count[VERDICT_COUNT] = {0};
	for (uint32_t s = 0; s < p->n; s++)
		count[verdict[s]]++;
	uint32_t at = 0;
	for (uint32_t v = 0; v < VERDICT_COUNT; v++) {
		if (!count[v])
			continue;
		uint32_t b = p->blocks++;
		p->block[b] = (struct block){at, at, at + count[v]};
		p->work[p->works++] = b;
		at += count[v];
		count[v] = b + 1;
	}
	for (uint32_t s = 0; s < p->n; s++) {
		p->of[s] = count[verdict[s]] - 1;
		struct block *block = &p->block[p->of[s]];
		put(p, block->dirty++, s);
	}
	for (uint32_t b = 0; b < p->blocks; b++)
		p->block[b].dirty = p->block[b].begin;
}

/* Writes the blocks as a new automaton; without edges that go where any other byte goes. */
static int quotient(struct partition *p, struct dfa *out)
{
	*out = (struct dfa){.states = p->blocks, .start = p->of[p->dfa->start]};
	out->def = out->row = out->edge = VEC(uint32_t);
	out->verdict = VEC(uint16_t);
	int err = vec_reserve(p->budget, &out->def, p->blocks);
	if (!err)
		err = vec_reserve(p->budget, &out->row, p->blocks + 1);
	if (!err)
		err = vec_reserve(p->budget, &out->verdict, p->blocks);
	for (uint32_t b = 0; b < p->blocks && !err; b++) {
		uint32_t s = p->order[p->block[b].begin], other = p->of[dfa_def_of(p->dfa, s)];
		*VEC_AT(&out->def, uint32_t, b) = other;
		*VEC_AT(&out->row, uint32_t, b) = (uint32_t)out->edge.count;
		*VEC_AT(&out->verdict, uint16_t, b) = *VEC_AT(&p->dfa->verdict, uint16_t, s);
		err = vec_reserve(p->budget, &out->edge, dfa_row(p->dfa, s + 1) - dfa_row(p->dfa, s));
		for (uint32_t i = dfa_row(p->dfa, s); i < dfa_row(p->dfa, s + 1) && !err; i++) {
			uint32_t edge = dfa_edge(p->dfa, i), block = p->of[EDGE_TARGET(edge)];
			if (block != other)
				*VEC_AT(&out->edge, uint32_t, out->edge.count++) = EDGE(block, EDGE_BYTE(edge));
		}
	}
	if (!err)
		*VEC_AT(&out->row, uint32_t, p->blocks) = (uint32_t)out->edge.count;
	out->def.count = out->verdict.count = p->blocks;
	out->row.count = p->blocks + 1;
	return err;
}

/* The arrays of a partition are cut from one piece. */
static void lay_out(struct partition *p, uint64_t *piece)
{
	uint32_t n = p->n;
	p->hash = piece;
	uint32_t *at = (uint32_t *)(piece + n + 1);
	p->block = (struct block *)at;
	at += 3 * (size_t)n;
	uint32_t **part[] = {&p->of, &p->place, &p->order, &p->work, &p->group, &p->scratch};
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++, at += n)
		*part[i] = at;
	p->first = at;
	p->size = at + n + 1;
	p->pred_row = at + 2 * ((size_t)n + 1);
	p->pred = p->pred_row + n + 1;
	p->table = p->pred + p->preds;
}

int dfa_minimise(struct budget *budget, struct dfa *dfa)
{
	struct partition p = {.budget = budget, .dfa = dfa, .n = dfa->states};
	p.preds = p.n + (uint32_t)dfa->edge.count;
	uint32_t table = 4;
	while (table < 2 * (p.n + 1))
		table *= 2;
	size_t words = 2 * ((size_t)p.n + 1) + 9 * (size_t)p.n + 3 * ((size_t)p.n + 1) + p.preds + table;
	size_t piece_words = words / 2 + 1;
	uint64_t *piece = budget_alloc(budget, piece_words, sizeof(*piece));
	if (!piece)
		return -errno;
	lay_out(&p, piece);
	count_preds(&p);
	dfa_settle(dfa, p.pred_row, p.pred, p.work, (uint8_t *)p.scratch);
	first_blocks(&p);
	while (p.works)
		split(&p, p.work[--p.works]);
	struct dfa out;
	int err = quotient(&p, &out);
	budget_free(budget, piece, piece_words, sizeof(*piece));
	if (err) {
		dfa_free(budget, &out);
		return err;
	}
	dfa_free(budget, dfa);
	*dfa = out;
	return 0;
}
