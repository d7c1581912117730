/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packs an automaton into the table of abi.h and runs it there. Rows are laid over one another like combs, the ones
 * with the most teeth first, so that nearly every slot is used.
 *
 * What the kernel may conclude from states and verdict words:
 * - Two paths that lead to equal verdict words and, with one '/' more, to the same state have equal rights, themselves
 *   and in everything beneath: states behind a '/' are minimised over what can follow there, that is names (see
 *   dfa.c). It does not matter to which states the paths themselves lead: those can differ in what more bytes of
 *   the same name would do, as "/w/a" and "/w/z" do where a rule names "/w/ab". Where those states differ, the
 *   relation tells whose rights beneath are contained in whose (contain.c).
 * - SETTLED says: the path and everything beneath it is allowed. In the verdict word of a state behind a '/' it says
 *   that all names there, and everything beneath them, are allowed; so has "/" itself. The other bits of such a
 *   state's word mean nothing, the root's apart.
 * - Byte 0 occurs in abstract socket names only; it goes where a byte goes that no pattern names.
 */
#include <string.h>

#include "compile/automaton.h"

#define WORDS (RF_LARGE_SLOTS / 64)

/* Slots are looked at 64 at a time, in words; a row reaches into the five behind its base's. */
enum { FIRST_WORDS = 128, SPARE = 6, KINDS = 2048 };

struct packer {
	struct budget *budget;
	const struct dfa *dfa;
	const struct relation *relation;
	image_word_of *word; /* a verdict's word, with `data` */
	const void *data;
	uint64_t *taken;    /* a bit for each slot */
	uint32_t words;	    /* in `taken`, the spare ones not counted; none is in use behind them */
	uint32_t *base;	    /* of each state */
	uint16_t *low;	    /* by kind of row: the first word worth a look */
	uint32_t full;	    /* no word before this one has a free slot */
	uint32_t base_high; /* the highest so far */
};

/* 64 taken bits from any slot on. There are spare words behind the last. */
static uint64_t taken_at(const struct packer *p, uint32_t slot)
{
	uint32_t word = slot / 64, shift = slot % 64;
	uint64_t bits = p->taken[word] >> shift;
	return shift ? bits | p->taken[word + 1] << (64 - shift) : bits;
}

static void take(struct packer *p, uint32_t slot)
{
	p->taken[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* Rows that are likely to fit or to fail in the same places. */
static uint32_t kind_of(const uint32_t *edge, uint32_t teeth, bool folder)
{
	uint32_t kind = folder ? KINDS / 2 : 0;
	if (teeth < 2)
		return kind + (teeth ? EDGE_BYTE(edge[0]) : 0);
	if (teeth == 2)
		return kind + 256 + ((EDGE_BYTE(edge[0]) * 37 + EDGE_BYTE(edge[1])) & 255);
	return kind + (teeth < 255 ? 512 + teeth : 1023);
}

static int more_words(struct packer *p)
{
	uint32_t words = p->words ? 2 * p->words : FIRST_WORDS;
	uint64_t *taken = budget_calloc(p->budget, words + SPARE, sizeof(*taken));
	if (!taken)
		return -errno;
	if (p->taken)
		memcpy(taken, p->taken, (p->words + SPARE) * sizeof(*taken));
	budget_free(p->budget, p->taken, p->words + SPARE, sizeof(*taken));
	p->taken = taken;
	p->words = words;
	return 0;
}

/* Places a row at the first base where neither its header nor a tooth meets a slot in use. */
static int place_row(struct packer *p, uint32_t s)
{
	enum { TRIES = 2 }; /* words in vain until what lies before counts as full for such rows */
	uint32_t teeth;
	const uint32_t *edge = dfa_row_of(p->dfa, s, &teeth);
	bool folder = p->relation->class[s];
	uint16_t *low = &p->low[kind_of(edge, teeth, folder)];
	while (p->full < p->words && !~p->taken[p->full])
		p->full++;
	uint32_t word = *low > p->full ? *low : p->full;
	for (uint32_t tries = 0; word < WORDS - 5; word++, tries++) {
		if (word == p->words && more_words(p))
			return -errno;
		uint64_t free_bases = ~p->taken[word];
		if (folder)
			free_bases &= ~taken_at(p, 64 * word + RF_DFA_FOLDER);
		for (uint32_t i = 0; i < teeth && free_bases; i++)
			free_bases &= ~taken_at(p, 64 * word + EDGE_BYTE(edge[i]));
		if (!free_bases)
			continue;
		uint32_t base = 64 * word + (uint32_t)__builtin_ctzll(free_bases);
		if (tries >= TRIES)
			*low = (uint16_t)(word - TRIES / 2);
		p->base[s] = base;
		take(p, base);
		if (folder)
			take(p, base + RF_DFA_FOLDER);
		for (uint32_t i = 0; i < teeth; i++)
			take(p, base + EDGE_BYTE(edge[i]));
		if (p->base_high < base)
			p->base_high = base;
		return 0;
	}
	return -E2BIG;
}

/* States by falling number of teeth. */
static void order_states(const struct dfa *dfa, uint32_t *order)
{
	uint32_t at[257] = {0}, teeth;
	for (uint32_t s = 0; s < dfa->states; s++) {
		dfa_row_of(dfa, s, &teeth);
		at[255 - teeth + 1]++;
	}
	for (int i = 1; i < 257; i++)
		at[i] += at[i - 1];
	for (uint32_t s = 0; s < dfa->states; s++) {
		dfa_row_of(dfa, s, &teeth);
		order[at[255 - teeth]++] = s;
	}
}

uint32_t image_word(const void *data, uint32_t verdict)
{
	const unsigned *access = data;
	uint32_t word = RF_SHOWN | RF_SHOWN << RF_VERDICT_SETTLED_SHIFT;
	for (int l = 0; l < LANES; l++) {
		uint32_t value = VERDICT_OF(verdict, l);
		if (value == EFFECT_ALLOW || value == VERDICT_SETTLED)
			word |= access[l];
		if (value == EFFECT_HIDE)
			word |= access[l] << RF_VERDICT_HIDE_SHIFT;
		if (value == EFFECT_HIDE && access[l] == RF_READ)
			word ^= RF_SHOWN | RF_SHOWN << RF_VERDICT_HIDE_SHIFT | RF_SHOWN << RF_VERDICT_SETTLED_SHIFT;
		if (value == VERDICT_SETTLED)
			word |= access[l] << RF_VERDICT_SETTLED_SHIFT;
	}
	return verdict & VERDICT_GUARDED ? word | RF_VERDICT_GUARDED : word;
}

/* The verdict words in use, and the index of each state's. */
static int fill_verdicts(const struct packer *p, struct rf_image_head *head, uint8_t index[VERDICT_COUNT])
{
	bool used[VERDICT_COUNT] = {false};
	for (uint32_t s = 0; s < p->dfa->states; s++)
		used[*VEC_AT(&p->dfa->verdict, uint16_t, s)] = true;
	for (uint32_t v = 0; v < VERDICT_COUNT; v++) {
		if (!used[v])
			continue;
		if (head->verdicts == RF_VERDICTS_MAX)
			return -E2BIG;
		index[v] = (uint8_t)head->verdicts;
		head->verdict[head->verdicts++] = p->word(p->data, v);
	}
	return 0;
}

static uint32_t size_of_class(uint32_t slots)
{
	return slots <= RF_SMALL_SLOTS ? RF_SMALL_SLOTS : slots <= RF_MEDIUM_SLOTS ? RF_MEDIUM_SLOTS : RF_LARGE_SLOTS;
}

/* As many classes as there is room for behind `slots` slots, in an image no larger than it must be. */
static uint32_t classes_that_fit(uint32_t classes, uint32_t slots)
{
	uint32_t room = size_of_class(slots) - slots;
	while (classes && (classes * classes + 31) / 32 > room)
		classes--;
	return classes;
}

/* Writes the relation of the first `n` classes. */
static void write_relation(const struct packer *p, uint32_t n, uint32_t *tab, uint32_t at)
{
	const struct relation *r = p->relation;
	tab[at++] = n;
	for (uint32_t old = 0; old < n; old++)
		for (uint32_t new = 0; new < n; new ++) {
			uint32_t from = old * r->classes + new, to = old *n + new;
			tab[at + to / 32] |= (r->bits[from / 32] >> from % 32 & 1) << to % 32;
		}
	for (uint32_t s = 0; s < p->dfa->states; s++)
		if (r->class[s] && r->class[s] <= n)
			tab[p->base[s] + RF_DFA_FOLDER] = (r->class[s] - 1u) << RF_DFA_SHIFT | RF_DFA_CLASS;
}

static void write_rows(const struct packer *p, const uint8_t index[VERDICT_COUNT], uint32_t *tab)
{
	const struct dfa *dfa = p->dfa;
	for (uint32_t s = 0; s < dfa->states; s++) {
		uint32_t teeth, base = p->base[s];
		const uint32_t *edge = dfa_row_of(dfa, s, &teeth);
		uint32_t def = *VEC_AT(&dfa->def, uint32_t, s);
		tab[base] = p->base[def] << RF_DFA_SHIFT | RF_DFA_HEADER | (def == s && !teeth ? RF_DFA_FINAL : 0) |
			    index[*VEC_AT(&dfa->verdict, uint16_t, s)];
		for (uint32_t i = 0; i < teeth; i++)
			tab[base + EDGE_BYTE(edge[i])] =
				p->base[EDGE_TARGET(edge[i])] << RF_DFA_SHIFT | EDGE_BYTE(edge[i]);
	}
}

static int write_table(const struct packer *p, struct rf_image *image)
{
	/* The kernel masks indices with the size of the table's class, so what belongs to a row lies within the slots
	 * in use. */
	struct rf_image_head head = {.start = p->base[p->dfa->start], .relation = p->base_high + RF_DFA_FOLDER + 1};
	uint8_t index[VERDICT_COUNT] = {0};
	uint32_t classes = classes_that_fit(p->relation->classes, head.relation + 1);
	image->slots = head.slots = head.relation + 1 + (classes * classes + 31) / 32;
	head.states = p->dfa->states;
	int err = fill_verdicts(p, &head, index);
	if (err)
		return err;
	image->tab = calloc(image->slots, sizeof(*image->tab));
	if (!image->tab)
		return -ENOMEM;
	memcpy(image->tab, &head, sizeof(head));
	write_rows(p, index, image->tab);
	write_relation(p, classes, image->tab, head.relation);
	return 0;
}

int image_pack(struct budget *budget, const struct dfa *dfa, const struct relation *relation, image_word_of *word,
	       const void *data, struct rf_image *image)
{
	struct packer p = {.budget = budget, .dfa = dfa, .relation = relation, .word = word, .data = data};
	*image = (struct rf_image){0};
	if (dfa->states + dfa->edge.count + RF_IMAGE_HEAD_SLOTS > RF_LARGE_SLOTS)
		return -E2BIG;
	uint32_t *order = budget_calloc(budget, dfa->states, sizeof(*order));
	p.base = budget_calloc(budget, dfa->states, sizeof(*p.base));
	p.low = budget_calloc(budget, KINDS, sizeof(*p.low));
	int err = order && p.base && p.low ? more_words(&p) : -errno;
	if (!err) {
		for (uint32_t slot = 0; slot < RF_IMAGE_HEAD_SLOTS; slot++)
			take(&p, slot);
		order_states(dfa, order);
	}
	for (uint32_t i = 0; i < dfa->states && !err; i++)
		err = place_row(&p, order[i]);
	if (!err)
		err = write_table(&p, image);
	budget_free(budget, order, dfa->states, sizeof(*order));
	budget_free(budget, p.base, dfa->states, sizeof(*p.base));
	budget_free(budget, p.low, KINDS, sizeof(*p.low));
	budget_free(budget, p.taken, p.words + SPARE, sizeof(*p.taken));
	return err;
}

/* The slot that a byte leads by from a state: its own, or the state's header with the default successor. */
static uint32_t slot_of(const uint32_t *tab, uint32_t s, uint32_t byte)
{
	uint32_t slot = tab[s + byte];
	return (slot & RF_DFA_TAG_MASK) == byte ? slot : tab[s];
}

uint32_t rf_image_run(const struct rf_image *image, const char *path, size_t len, uint32_t *state)
{
	const struct rf_image_head *head = (const struct rf_image_head *)image->tab;
	const uint32_t *tab = image->tab;
	uint32_t s = head->start;
	for (size_t i = 0; i < len; i++) {
		uint32_t slot = slot_of(tab, s, (unsigned char)path[i]);
		s = slot >> RF_DFA_SHIFT;
		if (slot & RF_DFA_HEADER && slot & RF_DFA_FINAL)
			break;
	}
	if (state)
		*state = s;
	return head->verdict[tab[s] & RF_DFA_VERDICT_MASK];
}

uint32_t rf_image_step(const struct rf_image *image, uint32_t state, uint8_t byte)
{
	return slot_of(image->tab, state, byte) >> RF_DFA_SHIFT;
}

uint32_t rf_image_word(const struct rf_image *image, uint32_t state)
{
	return ((const struct rf_image_head *)image->tab)->verdict[image->tab[state] & RF_DFA_VERDICT_MASK];
}

bool rf_image_contains(const struct rf_image *image, uint32_t old, uint32_t new)
{
	const uint32_t *tab = image->tab;
	uint32_t relation = ((const struct rf_image_head *)tab)->relation;
	uint32_t a = tab[old + RF_DFA_FOLDER], b = tab[new + RF_DFA_FOLDER];
	if (old == new)
		return true;
	if ((a & RF_DFA_TAG_MASK) != RF_DFA_CLASS || (b & RF_DFA_TAG_MASK) != RF_DFA_CLASS)
		return false;
	uint32_t bit = (a >> RF_DFA_SHIFT) * tab[relation] + (b >> RF_DFA_SHIFT);
	return tab[relation + 1 + bit / 32] >> bit % 32 & 1;
}

bool rf_image_moves(const struct rf_image *image, const char *old, size_t old_len, const char *new, size_t new_len)
{
	uint32_t from, to;
	uint32_t word = rf_image_run(image, old, old_len, &from) & rf_image_run(image, new, new_len, &to);
	if (word >> RF_VERDICT_SETTLED_SHIFT & RF_WRITE)
		return true;
	from = slot_of(image->tab, from, '/') >> RF_DFA_SHIFT;
	to = slot_of(image->tab, to, '/') >> RF_DFA_SHIFT;
	return word >> RF_VERDICT_SETTLED_SHIFT & RF_MOVES && rf_image_contains(image, from, to) &&
	       rf_image_contains(image, to, from);
}
