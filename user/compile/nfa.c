/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The patterns of a section as one trie: what patterns have in common at their beginning is there once. */
#include <string.h>

#include "compile/automaton.h"

static struct node *node_at(const struct nfa *nfa, uint32_t i)
{
	return VEC_AT(&nfa->node, struct node, i);
}

int nfa_init(struct nfa *nfa, struct budget *budget)
{
	*nfa = (struct nfa){.budget = budget};
	nfa->node = VEC(struct node);
	nfa->label = VEC(struct levels);
	nfa->set = VEC(struct glob_set);
	nfa->sets = nfa->kid = nfa->list = VEC(uint32_t);
	for (int i = 0; i < LANES; i++) {
		nfa->lane[i].effect = VEC(uint8_t);
		nfa->lane[i].below = VEC(struct below);
	}
	int err = vec_reserve(budget, &nfa->node, 1);
	if (!err)
		err = vec_reserve(budget, &nfa->label, 1);
	if (err)
		return err;
	*node_at(nfa, 0) = (struct node){.kind = NODE_BYTE, .owner = OWNER_SHARED};
	*VEC_AT(&nfa->label, struct levels, 0) = (struct levels){{0}};
	nfa->node.count = nfa->label.count = 1;
	return 0;
}

void nfa_free(struct nfa *nfa)
{
	vec_free(nfa->budget, &nfa->node);
	vec_free(nfa->budget, &nfa->label);
	vec_free(nfa->budget, &nfa->set);
	vec_free(nfa->budget, &nfa->sets);
	vec_free(nfa->budget, &nfa->kid);
	vec_free(nfa->budget, &nfa->list);
	for (int i = 0; i < LANES; i++) {
		vec_free(nfa->budget, &nfa->lane[i].effect);
		vec_free(nfa->budget, &nfa->lane[i].below);
	}
}

/* -------------------------------------------------------------------- lanes */

static enum effect effect_of(const struct rf_rule *rule, unsigned access)
{
	if (access == RF_MOVES)
		return rule->allow || rule->moves ? EFFECT_ALLOW : EFFECT_DENY;
	return rule->allow ? EFFECT_ALLOW : rule->hide ? EFFECT_HIDE : EFFECT_DENY;
}

static int lane_push(struct nfa *nfa, struct lane *lane, enum effect effect, size_t rule)
{
	int err = vec_reserve(nfa->budget, &lane->effect, 1);
	if (!err)
		err = vec_reserve(nfa->budget, &lane->below, 1);
	if (err)
		return err;
	uint32_t level = (uint32_t)lane->effect.count;
	struct below *below = VEC_AT(&lane->below, struct below, level);
	*below = level ? below[-1] : (struct below){0};
	below->rule = (uint32_t)rule;
	below->level[effect] = level;
	*VEC_AT(&lane->effect, uint8_t, level) = (uint8_t)effect;
	lane->effect.count++;
	lane->below.count++;
	return 0;
}

static bool some_move(const struct rf_policy *policy, enum rf_section section)
{
	for (size_t i = 0; i < policy->rules[section]; i++)
		if (policy->rule[section][i].moves)
			return true;
	return false;
}

int nfa_lanes(struct nfa *nfa, const struct rf_policy *policy, enum rf_section section)
{
	static const unsigned access[][LANES] = {
		[RF_FILES] = {RF_READ, RF_WRITE, RF_EXEC, RF_MOVES}, [RF_UNIX] = {RF_CONNECT, RF_BIND}};
	int err = 0;
	for (int l = 0; l < LANES && !err; l++) {
		nfa->lane[l].access =
			access[section][l] == RF_MOVES && !some_move(policy, section) ? 0 : access[section][l];
		err = lane_push(nfa, &nfa->lane[l], EFFECT_DENY, OWNER_SHARED);
	}
	return err;
}

int nfa_levels(struct nfa *nfa, const struct rf_rule *rule, size_t number, bool exact, struct levels *levels)
{
	int err = 0;
	for (int l = 0; l < LANES && !err; l++) {
		struct lane *lane = &nfa->lane[l];
		levels->at[l] = 0;
		if (!(rule->access & (lane->access == RF_MOVES ? RF_WRITE : lane->access)))
			continue;
		enum effect effect = effect_of(rule, lane->access);
		if (exact || *VEC_AT(&lane->effect, uint8_t, lane->effect.count - 1) != effect)
			err = lane_push(nfa, lane, effect, number);
		levels->at[l] = (uint32_t)lane->effect.count - 1;
	}
	return err;
}

/* --------------------------------------------------------------------- trie */

static uint32_t set_hash(const struct glob_set *set)
{
	uint64_t h = 0;
	for (int i = 0; i < 4; i++)
		h = (h ^ set->bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static int sets_rehash(struct nfa *nfa)
{
	size_t size = nfa->sets.count ? 2 * nfa->sets.count : 64;
	struct vec table = VEC(uint32_t);
	int err = vec_reserve(nfa->budget, &table, size);
	if (err)
		return err;
	memset(table.at, 0, size * sizeof(uint32_t));
	table.count = size;
	for (size_t i = 0; i < nfa->set.count; i++) {
		size_t h = set_hash(VEC_AT(&nfa->set, struct glob_set, i));
		while (*VEC_AT(&table, uint32_t, h & (size - 1)))
			h++;
		*VEC_AT(&table, uint32_t, h & (size - 1)) = (uint32_t)i + 1;
	}
	vec_free(nfa->budget, &nfa->sets);
	nfa->sets = table;
	return 0;
}

/* The index of a set among those of all patterns. */
static int set_intern(struct nfa *nfa, const struct glob_set *set, uint32_t *index)
{
	if (2 * (nfa->set.count + 1) > nfa->sets.count) {
		int err = sets_rehash(nfa);
		if (err)
			return err;
	}
	uint32_t *slot;
	for (size_t h = set_hash(set);; h++) {
		slot = VEC_AT(&nfa->sets, uint32_t, h & (nfa->sets.count - 1));
		if (!*slot)
			break;
		*index = *slot - 1;
		if (!memcmp(VEC_AT(&nfa->set, struct glob_set, *index), set, sizeof(*set)))
			return 0;
	}
	int err = vec_reserve(nfa->budget, &nfa->set, 1);
	if (err)
		return err;
	*index = (uint32_t)nfa->set.count;
	*VEC_AT(&nfa->set, struct glob_set, nfa->set.count++) = *set;
	*slot = *index + 1;
	return 0;
}

/* The child of `parent` that is like `want`, made if there is none. */
static int child_of(struct nfa *nfa, uint32_t parent, const struct node *want, uint32_t *child)
{
	for (uint32_t c = node_at(nfa, parent)->child; c; c = node_at(nfa, c)->sibling) {
		struct node *node = node_at(nfa, c);
		if (node->kind == want->kind && node->byte == want->byte && node->set == want->set) {
			if (node->owner != want->owner) {
				node->owner = OWNER_SHARED;
				if (node->kind == NODE_COMPS)
					node[1].owner = OWNER_SHARED;
			}
			*child = c;
			return 0;
		}
	}
	size_t count = want->kind == NODE_COMPS ? 2 : 1;
	int err = vec_reserve(nfa->budget, &nfa->node, count);
	if (err)
		return err;
	*child = (uint32_t)nfa->node.count;
	nfa->node.count += count;
	struct node *node = node_at(nfa, *child), *above = node_at(nfa, parent);
	*node = *want;
	node->sibling = above->child;
	above->child = *child;
	above->epsilon |= want->kind >= NODE_EPSILON;
	if (count == 2)
		node[1] = (struct node){.kind = NODE_INSIDE, .owner = want->owner};
	return 0;
}

/* Raises the label of a node, made if there is none. */
static int label_raise(struct nfa *nfa, uint32_t *label, const struct levels *levels)
{
	if (!*label) {
		int err = vec_reserve(nfa->budget, &nfa->label, 1);
		if (err)
			return err;
		*label = (uint32_t)nfa->label.count++;
		*VEC_AT(&nfa->label, struct levels, *label) = *levels;
	}
	levels_raise(VEC_AT(&nfa->label, struct levels, *label), levels);
	return 0;
}

/* Goes down from *at by one token. */
static int add_token(struct nfa *nfa, const struct glob *glob, const struct glob_token *token, uint32_t owner,
		     uint32_t *at)
{
	static const uint8_t kind[] = {[GLOB_BYTE] = NODE_BYTE, [GLOB_SET] = NODE_SET,	   [GLOB_STAR] = NODE_STAR,
				       [GLOB_RUN] = NODE_RUN,	[GLOB_COMPS] = NODE_COMPS, [GLOB_REST] = NODE_BYTE};
	struct node want = {.kind = kind[token->kind], .owner = owner};
	if (token->kind == GLOB_BYTE)
		want.byte = token->byte;
	if (token->kind == GLOB_REST)
		want.byte = '/';
	if (token->kind == GLOB_SET) {
		int err = set_intern(nfa, &glob->set[token->set], &want.set);
		if (err)
			return err;
	}
	return child_of(nfa, *at, &want, at);
}

/* The nodes that the alternative before went through: the next mostly begins as it did. */
enum { TRACK = 256 };
struct track {
	uint32_t node[TRACK];
};

/* How many tokens an alternative has in common with the one before it, its last one not counted. */
static size_t in_common(const struct glob *glob, size_t alternative)
{
	if (!alternative)
		return 0;
	const size_t *start = &glob->start[alternative];
	const struct glob_token *now = &glob->token[start[0]], *before = &glob->token[start[-1]];
	size_t same = 0, max = start[1] - start[0] - 1;
	if (max > start[0] - start[-1])
		max = start[0] - start[-1];
	if (max > TRACK)
		max = TRACK;
	while (same < max && !memcmp(&now[same], &before[same], sizeof(*now)))
		same++;
	return same;
}

static int add_alternative(struct nfa *nfa, const struct glob *glob, size_t alternative, const struct levels *levels,
			   uint32_t owner, struct track *track)
{
	size_t first = glob->start[alternative], same = in_common(glob, alternative);
	uint32_t at = same ? track->node[same - 1] : 0;
	for (size_t i = first + same; i < glob->start[alternative + 1]; i++) {
		const struct glob_token *token = &glob->token[i];
		if (token->kind == GLOB_ALL)
			return label_raise(nfa, &node_at(nfa, at)->tail, levels);
		int err = 0;
		if (token->kind == GLOB_REST)
			err = label_raise(nfa, &node_at(nfa, at)->accept, levels);
		if (!err)
			err = add_token(nfa, glob, token, owner, &at);
		if (err)
			return err;
		if (token->kind == GLOB_REST)
			return label_raise(nfa, &node_at(nfa, at)->tail, levels);
		if (i - first < TRACK)
			track->node[i - first] = at;
	}
	return label_raise(nfa, &node_at(nfa, at)->accept, levels);
}

int nfa_allow_all(struct nfa *nfa)
{
	struct levels levels = {{0}};
	int err = 0;
	for (int l = 0; l < LANES && !err; l++) {
		if (!nfa->lane[l].access)
			continue;
		err = lane_push(nfa, &nfa->lane[l], EFFECT_ALLOW, OWNER_SHARED);
		levels.at[l] = (uint32_t)nfa->lane[l].effect.count - 1;
	}
	return err ? err : label_raise(nfa, &node_at(nfa, 0)->tail, &levels);
}

int nfa_add(struct nfa *nfa, const char *text, const struct levels *levels, uint32_t owner)
{
	bool decides = false;
	for (int i = 0; i < LANES; i++)
		decides |= levels->at[i] != 0;
	if (!decides) /* denies what is denied anyway */
		return 0;
	struct glob glob;
	struct track track;
	const char *why;
	size_t at;
	int err = glob_parse(text, &glob, &why, &at);
	for (size_t i = 0; i < glob.alternatives && !err; i++)
		err = add_alternative(nfa, &glob, i, levels, owner, &track);
	glob_free(&glob);
	return err;
}
