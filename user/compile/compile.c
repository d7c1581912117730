/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A bound policy becomes what the kernel runs: an image for each section of patterns, and the destinations. */
#include <string.h>

#include "compile/automaton.h"
#include "compile/dest.h"
#include "compile/limits.h"
#include "compile/pairs.h"

/* ----------------------------------------------------------------- sections */

/* What a section is compiled with. */
struct section {
	const struct rf_policy *policy;
	enum rf_section section;
	struct budget budget;
	struct nfa nfa;
	struct dfa dfa;
	uint32_t *load; /* by rule */
	const char *limit;
};

static int add_patterns(struct section *s)
{
	const struct rf_rule *rule = s->policy->rule[s->section];
	size_t rules = s->policy->rules[s->section];
	struct levels levels;
	int err = nfa_lanes(&s->nfa, s->policy, s->section);
	if (!err && !rf_policy_judges(s->policy, s->section))
		err = nfa_allow_all(&s->nfa);
	for (size_t i = 0; i < rules && !err; i++) {
		size_t before = s->nfa.node.count;
		err = nfa_levels(&s->nfa, &rule[i], i, false, &levels);
		for (size_t j = 0; j < rule[i].patterns && !err; j++)
			err = nfa_add(&s->nfa, rule[i].pattern[j].glob, &levels, (uint32_t)i);
		s->load[i] = (uint32_t)(s->nfa.node.count - before); /* until there are states to count */
	}
	return err ? err : nfa_finish(&s->nfa);
}

/* The lanes whose rights a new name may not add to. To bind is no right to an object that is there. RF_MOVES is counted
 * with them, so that folders of one class may move to each other's place. */
static unsigned lanes_of_rights(const unsigned access[LANES])
{
	unsigned lanes = 0;
	for (int l = 0; l < LANES; l++)
		if (access[l] & (RF_FILE_ACCESSES | RF_CONNECT | RF_MOVES))
			lanes |= 1u << l;
	return lanes;
}

static unsigned lane_of(const unsigned access[LANES], unsigned bit)
{
	unsigned lane = 0;
	while (access[lane] != bit)
		lane++;
	return lane;
}

/* What renames are judged by. */
static int compare_states(struct section *s, const unsigned access[LANES], struct relation *relation)
{
	struct outlook outlook;
	unsigned lanes = lanes_of_rights(access);
	int err = outlook_make(&outlook, &s->budget, &s->dfa, lanes);
	if (!err && s->section == RF_FILES)
		err = dfa_guard_names(&s->budget, &s->dfa, &outlook, lane_of(access, RF_WRITE));
	if (!err)
		err = dfa_contain(&s->budget, &s->dfa, &outlook, lanes, relation);
	outlook_free(&outlook);
	return err;
}

static int compile_section(struct section *s, struct rf_image *image)
{
	size_t rules = s->policy->rules[s->section];
	struct dfa_options options = {.states_max = RF_DFA_STATES_MAX, .load = s->load, .owners = (uint32_t)rules};
	s->limit = "56 MiB of memory to compile";
	int err = nfa_init(&s->nfa, &s->budget);
	if (!err)
		err = add_patterns(s);
	if (!err) {
		err = dfa_build(&s->nfa, &s->dfa, &options);
		if (err == -E2BIG && options.states >= RF_DFA_STATES_MAX)
			s->limit = "300,000 states";
	}
	struct relation relation = {0};
	unsigned access[LANES];
	for (int l = 0; l < LANES; l++)
		access[l] = s->nfa.lane[l].access;
	nfa_free(&s->nfa);
	if (!err)
		err = dfa_minimise(&s->budget, &s->dfa);
	if (!err)
		err = compare_states(s, access, &relation);
	if (!err) {
		size_t before = s->budget.used;
		err = image_pack(&s->budget, &s->dfa, &relation, image_word, access, image);
		if (err == -E2BIG && s->budget.used == before)
			s->limit = "an image of 1,048,576 slots";
	}
	relation_free(&s->budget, &relation);
	dfa_free(&s->budget, &s->dfa);
	return err;
}

static int compile_patterns(const struct rf_policy *policy, enum rf_section section, struct rf_image *image,
			    struct rf_diags *diags)
{
	struct section s = {.policy = policy, .section = section, .budget = {.max = RF_DFA_MEMORY_MAX}};
	size_t rules = policy->rules[section];
	s.load = calloc(rules ? rules : 1, sizeof(*s.load));
	if (!s.load)
		return -ENOMEM;
	int err = compile_section(&s, image);
	if (err == -E2BIG) {
		char names[512];
		const struct rf_rule *rule = limit_names(policy->rule[section], s.load, rules, names, sizeof(names));
		rf_diag_add(diags, RF_ERROR, rule ? rule->where : policy->where,
			    "%s: these patterns together need more than %s", names, s.limit);
	}
	free(s.load);
	return err;
}

/* -------------------------------------------------------------------- whole */

int rf_compile(const struct rf_policy *policy, uint64_t generation, struct rf_compiled *out, struct rf_diags *diags)
{
	*out = (struct rf_compiled){0};
	int err = compile_patterns(policy, RF_FILES, &out->image[RF_IMAGE_FILES], diags);
	if (!err)
		err = compile_patterns(policy, RF_UNIX, &out->image[RF_IMAGE_UNIX], diags);
	if (!err)
		err = dest_compile(policy, out, diags);
	if (err)
		rf_compiled_free(out);
	else
		rf_compiled_stamp(out, generation, policy->mode);
	return err;
}

void rf_compiled_free(struct rf_compiled *compiled)
{
	for (int i = 0; i < RF_IMAGE_KINDS; i++)
		free(compiled->image[i].tab);
	free(compiled->dest);
	*compiled = (struct rf_compiled){0};
}

void rf_compiled_stamp(struct rf_compiled *compiled, uint64_t generation, enum rf_mode mode)
{
	for (int i = 0; i < RF_IMAGE_KINDS; i++) {
		struct rf_image_head *head = (struct rf_image_head *)compiled->image[i].tab;
		head->generation = generation;
		head->mode = mode;
	}
	for (size_t i = 0; i < compiled->dests; i++) {
		compiled->dest[i].dest.generation = generation;
		compiled->dest[i].dest.mode = mode;
	}
}
