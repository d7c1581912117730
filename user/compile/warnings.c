/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rules and patterns that can never decide anything, because later rules match all that they match. The automaton is
 * built once more, with a level of its own for each pattern, and asked which levels come out on top in any state that
 * a path can end in. That is exact; where it takes too many states nothing is said.
 */
#include <stdio.h>
#include <string.h>

#include "compile/automaton.h"
#include "compile/dest.h"
#include "policy/diag.h"

enum { STATES_MAX = 60000, SECOND_LOOKS_MAX = 16 };

/* A pattern of a rule, in the order in which patterns decide here. */
struct item {
	uint32_t rule, pattern; /* the written pattern; its resolved forms count as it */
};

struct look {
	const struct rf_policy *policy;
	enum rf_section section;
	struct item *item; /* in order */
	size_t items, room;
	uint32_t *at[LANES]; /* the item of each level */
	bool *decides;	     /* by item */
};

static const struct rf_rule *rule_at(const struct look *look, size_t rule)
{
	return &look->policy->rule[look->section][rule];
}

static void note(void *data, const struct levels *levels)
{
	struct look *look = data;
	for (int l = 0; l < LANES; l++)
		if (levels->at[l])
			look->decides[look->at[l][levels->at[l]]] = true;
}

/* Adds an item and all forms of its pattern. */
static int add_item(struct look *look, struct nfa *nfa, size_t i)
{
	const struct rf_rule *rule = rule_at(look, look->item[i].rule);
	struct levels levels;
	int err = nfa_levels(nfa, rule, look->item[i].rule, true, &levels);
	for (int l = 0; l < LANES; l++)
		look->at[l][levels.at[l]] = (uint32_t)i;
	for (size_t p = 0; p < rule->patterns && !err; p++)
		if ((rule->pattern[p].resolved ? rule->pattern[p].of : p) == look->item[i].pattern)
			err = nfa_add(nfa, rule->pattern[p].glob, &levels, (uint32_t)i);
	return err;
}

/* Fills in `decides` for the items in their order. -E2BIG: can't be told. */
static int run(struct look *look)
{
	struct budget budget = {.max = RF_DFA_MEMORY_MAX};
	struct nfa nfa;
	struct dfa dfa = {0};
	struct dfa_options options = {.states_max = STATES_MAX, .visit = note, .data = look};
	memset(look->decides, 0, look->room * sizeof(*look->decides));
	int err = nfa_init(&nfa, &budget);
	if (!err)
		err = nfa_lanes(&nfa, look->policy, look->section);
	for (size_t i = 0; i < look->items && !err; i++)
		err = add_item(look, &nfa, i);
	if (!err)
		err = nfa_finish(&nfa);
	if (!err)
		err = dfa_build(&nfa, &dfa, &options);
	dfa_free(&budget, &dfa);
	nfa_free(&nfa);
	return err;
}

/* The items of rules from `first` on, `last` of the first rule behind its siblings (or UINT32_MAX: as written). */
static void list_items(struct look *look, size_t first, uint32_t last)
{
	look->items = 0;
	for (size_t r = first; r < look->policy->rules[look->section]; r++) {
		const struct rf_rule *rule = rule_at(look, r);
		for (uint32_t p = 0; p < rule->patterns; p++)
			if (!rule->pattern[p].resolved && !(r == first && p == last))
				look->item[look->items++] = (struct item){(uint32_t)r, p};
		if (r == first && last != UINT32_MAX)
			look->item[look->items++] = (struct item){(uint32_t)r, last};
	}
}

/* Whether a pattern decides nothing even where no sibling in its rule gets in its way. */
static bool dead_alone(struct look *look, struct item item)
{
	list_items(look, item.rule, item.pattern);
	if (run(look))
		return false;
	for (size_t i = 0; i < look->items; i++)
		if (look->item[i].rule == item.rule && look->item[i].pattern == item.pattern)
			return !look->decides[i];
	return false;
}

static void warn_rule(const struct rf_rule *rule, struct rf_diags *diags)
{
	char name[RF_RULE_NAME];
	rf_diag_add(diags, RF_WARNING, rule->where,
		    "%s can never decide anything: later rules match all that it matches",
		    rf_rule_name(rule, name, sizeof(name)));
}

/* A base's rule: that it decides nothing is the extension's doing, and nothing to mend in either. */
static bool is_bases(const struct rf_rule *rule)
{
	return rule->of && !rule->added;
}

/* Tells dead rules, and collects patterns that may be dead in rules that are not. */
static size_t tell_rules(struct look *look, struct item suspect[SECOND_LOOKS_MAX], struct rf_diags *diags)
{
	size_t suspects = 0;
	for (size_t i = 0; i < look->items;) {
		uint32_t r = look->item[i].rule;
		size_t end = i;
		bool decides = false, own = !is_bases(rule_at(look, r));
		for (; end < look->items && look->item[end].rule == r; end++)
			decides |= look->decides[end];
		if (!decides && own)
			warn_rule(rule_at(look, r), diags);
		for (; i < end; i++)
			if (decides && own && !look->decides[i] && suspects < SECOND_LOOKS_MAX)
				suspect[suspects++] = look->item[i];
	}
	return suspects;
}

static int warn_section(struct look *look, struct rf_diags *diags)
{
	struct item suspect[SECOND_LOOKS_MAX];
	list_items(look, 0, UINT32_MAX);
	int err = run(look);
	if (err)
		return err == -E2BIG ? 0 : err;
	size_t suspects = tell_rules(look, suspect, diags);
	for (size_t i = 0; i < suspects; i++) {
		const struct rf_rule *rule = rule_at(look, suspect[i].rule);
		const struct rf_pattern *pattern = &rule->pattern[suspect[i].pattern];
		if (dead_alone(look, suspect[i]))
			rf_diag_add(diags, RF_WARNING, pattern->where,
				    "\"%s\" can never decide anything: later rules match all that it matches",
				    rf_shown(pattern->glob));
	}
	return 0;
}

static int warn_patterns(const struct rf_policy *policy, enum rf_section section, struct rf_diags *diags)
{
	struct look look = {.policy = policy, .section = section};
	for (size_t r = 0; r < policy->rules[section]; r++)
		look.room += policy->rule[section][r].patterns;
	bool memory = true;
	look.item = calloc(look.room + 1, sizeof(*look.item));
	look.decides = calloc(look.room + 1, sizeof(*look.decides));
	for (int l = 0; l < LANES; l++) {
		look.at[l] = calloc(look.room + 1, sizeof(*look.at[l]));
		memory = memory && look.at[l];
	}
	int err = memory && look.item && look.decides ? warn_section(&look, diags) : -ENOMEM;
	for (int l = 0; l < LANES; l++)
		free(look.at[l]);
	free(look.item);
	free(look.decides);
	return err;
}

static int warn_network(const struct rf_policy *policy, struct rf_diags *diags)
{
	size_t rules = policy->rules[RF_NETWORK];
	bool *decides = calloc(rules + 1, sizeof(*decides));
	int err = decides ? dest_deciders(policy, decides) : -ENOMEM;
	for (size_t i = 0; i < rules && !err; i++)
		if (!decides[i])
			warn_rule(&policy->rule[RF_NETWORK][i], diags);
	free(decides);
	return err;
}

/* ------------------------------------------------------------ folders that stay */

/* Whether a pattern goes on with components behind its literal part, so that it speaks of folders without their names.
 */
static bool goes_on(const char *glob, size_t literal)
{
	const char *rest = strchr(glob + literal, '/');
	return rest && strchr(rest + 1, '/');
}

/* Whether an ordinary folder right in `place` may be written and yet not be renamed. */
static bool keeps_folders(const struct rf_image *image, const char *place)
{
	char *name = NULL;
	int len = asprintf(&name, "%s/\x01\x02\x03\x04", strcmp(place, "/") ? place : "");
	bool keeps = len > 0 && rf_image_run(image, name, (size_t)len, NULL) & RF_WRITE &&
		     !rf_image_moves(image, name, (size_t)len, name, (size_t)len);
	if (len > 0)
		free(name);
	return keeps;
}

static int warn_folders(const struct rf_policy *policy, const struct rf_image *image, struct rf_diags *diags)
{
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_FILES][i];
		bool warned = rule->allow || rule->moves || rule->implied || !(rule->access & RF_WRITE);
		for (size_t k = 0; k < rule->patterns && !warned; k++) {
			const struct rf_pattern *pattern = &rule->pattern[k];
			char *place = malloc(strlen(pattern->glob) + 2);
			if (!place)
				return -ENOMEM;
			size_t literal = rf_glob_literal(pattern->glob, place);
			warned = !pattern->resolved && goes_on(pattern->glob, literal) && keeps_folders(image, place);
			if (warned)
				rf_diag_add(diags, RF_WARNING, pattern->where,
					    "\"%s\" keeps folders in \"%s\" from being renamed: what it protects "
					    "could lie beneath any of them; if that may move with its folder, say "
					    "moves: true",
					    rf_shown(pattern->glob), rf_shown(*place ? place : "/"));
			free(place);
		}
	}
	return 0;
}

int rf_compile_warnings(const struct rf_policy *policy, const struct rf_compiled *compiled, struct rf_diags *diags)
{
	int err = warn_patterns(policy, RF_FILES, diags);
	if (!err)
		err = warn_folders(policy, &compiled->image[RF_IMAGE_FILES], diags);
	if (!err)
		err = warn_patterns(policy, RF_UNIX, diags);
	return err ? err : warn_network(policy, diags);
}
