/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each selector becomes an automaton of its own; a state of the image is one state of each. What they accept together
 * is a set of selectors, and sets are numbered in the order in which they are met. The product of minimal automata is
 * not minimised again: patterns of cgroups are short and few, and states that differ in no set cost memory only.
 */
#include <string.h>

#include "compile/automaton.h"
#include "compile/select.h"

struct product {
	struct budget budget;
	const struct dfa *factor;
	size_t count; /* of factors */
	size_t words; /* of a set */
	struct dfa dfa;
	struct vec tuple;  /* uint32_t: `count` of each state */
	struct vec member; /* uint64_t: `words` of each set */
	uint32_t *next;	   /* the tuple that is made */
	uint64_t *set;	   /* the set that is made */
	uint32_t *table;   /* state + 1, by hash */
	uint32_t size;	   /* of the table */
	size_t sets;
};

/* ------------------------------------------------------------------- factors */

/* The pattern as the image has it: absolute, and all beneath what it matches. */
static char *rooted(const char *pattern)
{
	size_t len = strlen(pattern), all = len >= 3 && !strcmp(pattern + len - 3, "/**");
	char *text = malloc(len + sizeof("/"
					 "/**"));
	if (!text)
		return NULL;
	strcpy(text, pattern[0] == '/' ? "" : "/");
	strcat(text, pattern);
	if (!all && strcmp(text, "/**"))
		strcat(text, "/**");
	return text;
}

static int add_patterns(struct nfa *nfa, const struct rf_selector *selector)
{
	const struct rf_policy none = {0};
	const struct rf_rule rule = {.allow = true, .access = RF_READ};
	struct levels levels;
	int err = nfa_lanes(nfa, &none, RF_FILES);
	if (!err)
		err = nfa_levels(nfa, &rule, 0, false, &levels);
	for (size_t i = 0; i < selector->patterns && !err; i++) {
		char *text = rooted(selector->pattern[i].text);
		err = text ? nfa_add(nfa, text, &levels, 0) : -ENOMEM;
		free(text);
	}
	return err ? err : nfa_finish(nfa);
}

static int make_factor(struct budget *budget, const struct rf_selector *selector, struct dfa *dfa)
{
	uint32_t load = 0;
	struct dfa_options options = {.states_max = RF_SELECT_STATES_MAX, .load = &load, .owners = 1};
	struct nfa nfa;
	int err = nfa_init(&nfa, budget);
	if (!err)
		err = add_patterns(&nfa, selector);
	if (!err)
		err = dfa_build(&nfa, dfa, &options);
	nfa_free(&nfa);
	return err ? err : dfa_minimise(budget, dfa);
}

static bool accepts(const struct dfa *dfa, uint32_t state)
{
	uint32_t value = VERDICT_OF(*VEC_AT(&dfa->verdict, uint16_t, state), 0);
	return value == EFFECT_ALLOW || value == VERDICT_SETTLED;
}

static uint32_t step(const struct dfa *dfa, uint32_t state, uint32_t byte)
{
	uint32_t edges;
	const uint32_t *edge = dfa_row_of(dfa, state, &edges);
	for (uint32_t i = 0; i < edges; i++)
		if (EDGE_BYTE(edge[i]) == byte)
			return EDGE_TARGET(edge[i]);
	return dfa_def_of(dfa, state);
}

/* ------------------------------------------------------------------- product */

static uint32_t hash_of(const uint32_t *tuple, size_t count)
{
	uint64_t h = 1;
	for (size_t i = 0; i < count; i++)
		h = (h ^ tuple[i]) * UINT64_C(0x9e3779b97f4a7c15), h ^= h >> 29;
	return (uint32_t)h;
}

/* The number of the set that the next state accepts; new ones are added. */
static int number_set(struct product *p, uint16_t *number)
{
	memset(p->set, 0, p->words * sizeof(*p->set));
	for (size_t i = 0; i < p->count; i++)
		if (accepts(&p->factor[i], p->next[i]))
			p->set[i / 64] |= UINT64_C(1) << i % 64;
	for (size_t s = 0; s < p->sets; s++)
		if (!memcmp(VEC_AT(&p->member, uint64_t, s * p->words), p->set, p->words * sizeof(*p->set))) {
			*number = (uint16_t)s;
			return 0;
		}
	int err = p->sets > RF_SELECT_SETS_MAX ? -E2BIG : vec_reserve(&p->budget, &p->member, p->words);
	if (err)
		return err;
	memcpy(VEC_AT(&p->member, uint64_t, p->member.count), p->set, p->words * sizeof(*p->set));
	p->member.count += p->words;
	*number = (uint16_t)p->sets++;
	return 0;
}

static int add_state(struct product *p, uint32_t *state)
{
	uint16_t number;
	int err = p->dfa.states == RF_SELECT_STATES_MAX ? -E2BIG : number_set(p, &number);
	if (!err)
		err = vec_reserve(&p->budget, &p->tuple, p->count);
	if (!err)
		err = vec_reserve(&p->budget, &p->dfa.verdict, 1);
	if (err)
		return err;
	memcpy(VEC_AT(&p->tuple, uint32_t, p->tuple.count), p->next, p->count * sizeof(*p->next));
	p->tuple.count += p->count;
	*VEC_AT(&p->dfa.verdict, uint16_t, p->dfa.verdict.count++) = number;
	*state = p->dfa.states++;
	return 0;
}

/* The state of the tuple in `next`. */
static int intern(struct product *p, uint32_t *state)
{
	uint32_t h = hash_of(p->next, p->count);
	for (;; h++) {
		uint32_t *place = &p->table[h & (p->size - 1)];
		if (!*place) {
			int err = add_state(p, state);
			*place = *state + 1;
			return err;
		}
		*state = *place - 1;
		if (!memcmp(VEC_AT(&p->tuple, uint32_t, *state * p->count), p->next, p->count * sizeof(*p->next)))
			return 0;
	}
}

/* The bytes on which some factor goes another way than by default. */
static void name_bytes(const struct product *p, uint32_t state, bool named[256])
{
	memset(named, 0, 256 * sizeof(*named));
	for (size_t i = 0; i < p->count; i++) {
		uint32_t edges, from = *VEC_AT(&p->tuple, uint32_t, state * p->count + i);
		const uint32_t *edge = dfa_row_of(&p->factor[i], from, &edges);
		for (uint32_t e = 0; e < edges; e++)
			named[EDGE_BYTE(edge[e])] = true;
	}
}

/* Byte 0 stands for those that nobody names. */
static int successor(struct product *p, uint32_t state, uint32_t byte, uint32_t *to)
{
	for (size_t i = 0; i < p->count; i++)
		p->next[i] = step(&p->factor[i], *VEC_AT(&p->tuple, uint32_t, state * p->count + i), byte);
	return intern(p, to);
}

static int make_row(struct product *p, uint32_t state)
{
	bool named[256];
	uint32_t def, to;
	int err = successor(p, state, 0, &def);
	if (!err)
		err = vec_push(&p->budget, &p->dfa.def, def);
	if (!err)
		err = vec_push(&p->budget, &p->dfa.row, (uint32_t)p->dfa.edge.count);
	name_bytes(p, state, named);
	for (uint32_t byte = 1; byte < 256 && !err; byte++) {
		if (!named[byte])
			continue;
		err = successor(p, state, byte, &to);
		if (!err && to != def)
			err = vec_push(&p->budget, &p->dfa.edge, EDGE(to, byte));
	}
	return err;
}

static int multiply(struct product *p)
{
	uint32_t start;
	p->size = 2 * RF_SELECT_STATES_MAX;
	p->next = budget_calloc(&p->budget, p->count + 1, sizeof(*p->next));
	p->set = budget_calloc(&p->budget, p->words, sizeof(*p->set));
	p->table = budget_calloc(&p->budget, p->size, sizeof(*p->table));
	if (!p->next || !p->set || !p->table)
		return -errno;
	/* The empty set is number 0, whatever state comes first. */
	int err = vec_reserve(&p->budget, &p->member, p->words);
	if (!err)
		err = vec_reserve(&p->budget, &p->tuple, 1); /* without factors there is nothing in it */
	if (err)
		return err;
	memset(p->member.at, 0, p->words * sizeof(*p->set));
	p->member.count = p->words;
	p->sets = 1;
	for (size_t i = 0; i < p->count; i++)
		p->next[i] = p->factor[i].start;
	err = intern(p, &start);
	p->dfa.start = start;
	for (uint32_t s = 0; s < p->dfa.states && !err; s++)
		err = make_row(p, s);
	return err ? err : vec_push(&p->budget, &p->dfa.row, (uint32_t)p->dfa.edge.count);
}

/* ---------------------------------------------------------------------- image */

static uint32_t word_of_set(const void *data, uint32_t verdict)
{
	(void)data;
	return verdict;
}

static int pack(struct product *p, struct rf_selection *out)
{
	struct relation none = {.states = p->dfa.states};
	none.class = budget_calloc(&p->budget, p->dfa.states, sizeof(*none.class));
	int err = none.class ? image_pack(&p->budget, &p->dfa, &none, word_of_set, NULL, &out->image) : -errno;
	budget_free(&p->budget, none.class, p->dfa.states, sizeof(*none.class));
	if (err)
		return err;
	out->sets = p->sets - 1;
	out->count = p->count;
	out->member = malloc(p->sets * p->words * sizeof(*out->member));
	if (!out->member)
		return -ENOMEM;
	memcpy(out->member, p->member.at, p->sets * p->words * sizeof(*out->member));
	return 0;
}

static void free_product(struct product *p)
{
	vec_free(&p->budget, &p->tuple);
	vec_free(&p->budget, &p->member);
	budget_free(&p->budget, p->next, p->count + 1, sizeof(*p->next));
	budget_free(&p->budget, p->set, p->words, sizeof(*p->set));
	budget_free(&p->budget, p->table, p->size, sizeof(*p->table));
	dfa_free(&p->budget, &p->dfa);
}

int rf_select_compile(const struct rf_selector *selector, size_t count, struct rf_selection *out)
{
	struct product p = {.budget = {.max = RF_DFA_MEMORY_MAX}, .count = count, .words = count / 64 + 1};
	struct dfa *factor = calloc(count + 1, sizeof(*factor));
	int err = factor ? 0 : -ENOMEM;
	*out = (struct rf_selection){.sets = 0};
	p.tuple = p.dfa.def = p.dfa.row = p.dfa.edge = VEC(uint32_t);
	p.dfa.verdict = VEC(uint16_t);
	p.member = VEC(uint64_t);
	p.factor = factor;
	for (size_t i = 0; i < count && !err; i++)
		err = make_factor(&p.budget, &selector[i], &factor[i]);
	err = err ? err : multiply(&p);
	err = err ? err : pack(&p, out);
	free_product(&p);
	for (size_t i = 0; factor && i < count; i++)
		dfa_free(&p.budget, &factor[i]);
	free(factor);
	if (err)
		rf_selection_free(out);
	return err;
}

void rf_selection_free(struct rf_selection *selection)
{
	free(selection->image.tab);
	free(selection->member);
	*selection = (struct rf_selection){.sets = 0};
}

bool rf_selection_has(const struct rf_selection *selection, uint32_t set, size_t selector)
{
	size_t words = selection->count / 64 + 1;
	return set <= selection->sets && selector < selection->count &&
	       selection->member[set * words + selector / 64] >> selector % 64 & 1;
}
