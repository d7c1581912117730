// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * spec.extends: a policy on top of a base. The last rule that matches decides, so the order does all: what an extension
 * allows stands before the base's rules, what it denies behind them. Whatever the base denies by a rule stays denied,
 * what it leaves to its default gives way, and nothing that the extension denies is opened by the base.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/model.h"
#include "policy/parse.h"

/* --------------------------------------------------------------------- finding */

/* Whether two names are one file: a preset may be reached by more than one. */
static bool is_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!strcmp(a, b))
		return true;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void tell_no_preset(struct rf_parse *p, const struct rf_text *extends)
{
	char **names = rf_presets();
	const char *near = names ? rf_nearest(extends->text, (const char *const *)names) : NULL;

	if (near)
		rf_diag_add(p->diags, RF_ERROR, extends->where,
			    "extends: there is no preset \"%s\", did you mean \"%s\"?", rf_shown(extends->text), near);
	else
		rf_diag_add(p->diags, RF_ERROR, extends->where,
			    "extends: there is no preset \"%s\"; a file's name ends with .yaml or has a slash in it",
			    rf_shown(extends->text));
	rf_presets_free(names);
}

/* The file that a policy of `file` extends; NULL after telling why there is none. */
static char *find_base(struct rf_parse *p, const struct rf_policies *policies, const struct rf_text *extends,
		       const char *file)
{
	const char *slash = strrchr(file, '/');
	char *path = NULL;

	if (rf_preset_is(extends->text)) {
		path = rf_preset_find(extends->text);
		if (!path)
			tell_no_preset(p, extends);
		return path;
	}
	if (policies->presets_only || !strcmp(extends->text, "-")) {
		rf_diag_add(p->diags, RF_ERROR, extends->where,
			    "extends: \"%s\" is a file, and here a policy can extend presets alone: what is in force "
			    "must not hang on a file elsewhere; put the rules of that file into this one",
			    rf_shown(extends->text));
		return NULL;
	}
	if (extends->text[0] == '/' || !slash)
		path = strdup(extends->text);
	else if (asprintf(&path, "%.*s/%s", (int)(slash - file), file, extends->text) < 0)
		path = NULL;
	p->no_memory |= !path;
	return path;
}

/* Whether a file may be the base of what is being read. */
static bool may_read(struct rf_parse *p, const struct rf_text *extends, const char *path,
		     const struct rf_extending *chain)
{
	for (const struct rf_extending *c = chain; c; c = c->by) {
		if (!is_file(c->file, path))
			continue;
		rf_diag_add(p->diags, RF_ERROR, extends->where, "extends: \"%s\" extends itself%s",
			    rf_shown(extends->text), c == chain ? "" : ", by way of others");
		return false;
	}
	if (chain->depth < RF_EXTENDS_MAX)
		return true;
	rf_diag_add(p->diags, RF_ERROR, extends->where, "extends: more than %d policies extend one another",
		    RF_EXTENDS_MAX);
	return false;
}

/* --------------------------------------------------------------------- merging */

/* Moves the rules of `from` that are wanted to the end of a list that has room for them. */
static void move_rules(struct rf_rule *to, size_t *count, struct rf_rule *from, size_t rules, bool allow, bool deny)
{
	for (size_t i = 0; i < rules; i++) {
		if (from[i].implied || (from[i].allow ? !allow : !deny))
			continue;
		to[(*count)++] = from[i];
		from[i] = (struct rf_rule){.implied = true};
	}
}

static void free_rules(struct rf_policy *policy, enum rf_section section)
{
	for (size_t i = 0; i < policy->rules[section]; i++)
		rf_rule_free(&policy->rule[section][i]);
	free(policy->rule[section]);
	policy->rule[section] = NULL;
	policy->rules[section] = 0;
}

/* Those that a guard adds are left behind: they come again, as the last of all. */
static void merge_rules(struct rf_parse *p, struct rf_policy *policy, struct rf_policy *base, enum rf_section section)
{
	size_t own = policy->rules[section], room = 1, count = 0;
	struct rf_rule *merged;

	/* As rf_grow has it, by which more may be added. */
	while (room < own + base->rules[section])
		room *= 2;
	merged = calloc(room, sizeof(*merged));
	p->no_memory |= !merged;
	for (size_t i = 0; i < base->rules[section]; i++) {
		struct rf_rule *rule = &base->rule[section][i];

		if (!rule->of && !rule->implied)
			rule->of = rf_copy(p, base->name);
	}
	if (merged) {
		move_rules(merged, &count, policy->rule[section], own, true, false);
		move_rules(merged, &count, base->rule[section], base->rules[section], true, true);
		move_rules(merged, &count, policy->rule[section], own, false, true);
	}
	free_rules(policy, section);
	free_rules(base, section);
	policy->rule[section] = merged;
	policy->rules[section] = count;
}

static bool has_variable(const struct rf_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->variables; i++)
		if (policy->variable[i].name && !strcmp(policy->variable[i].name, name))
			return true;
	return false;
}

static void merge_variables(struct rf_parse *p, struct rf_policy *policy, struct rf_policy *base)
{
	for (size_t i = 0; i < base->variables; i++) {
		struct rf_variable *from = &base->variable[i], *grown;

		if (has_variable(policy, from->name))
			continue;
		grown = rf_parse_grow(p, policy->variable, policy->variables, sizeof(*grown));
		if (!grown)
			return;
		policy->variable = grown;
		policy->variable[policy->variables++] = *from;
		*from = (struct rf_variable){0};
	}
}

static const char *guard_word(unsigned guard)
{
	static const char *const words[] = {
#define X(name, word, what) [RF_GUARD_##name] = word,
		RF_GUARDS(X)
#undef X
	};

	return words[guard];
}

/* What would take away from the base is refused, where it was written. */
static void merge_keys(struct rf_parse *p, struct rf_policy *policy, const struct rf_policy *base)
{
	char text[64];

	for (unsigned guard = 1; guard < 32; guard++)
		if (base->guards & ~policy->guards & RF_GUARD_BIT(guard))
			rf_diag_add(p->diags, RF_ERROR, policy->off_at,
				    "guards: \"%s\" has %s on, and a policy can't switch its base's guards off: take a "
				    "copy of the base",
				    base->name, guard_word(guard));
	policy->guards = base->guards;
	if (!policy->judges_said)
		policy->left = base->left;
	else if (policy->left & ~base->left)
		rf_diag_add(p->diags, RF_ERROR, policy->judges_at,
			    "judges: \"%s\" judges %s, which a policy that extends it can't leave to others",
			    base->name, rf_sections_text(policy->left & ~(unsigned)base->left, text, sizeof(text)));
	if (!policy->mode_said)
		policy->mode = base->mode;
	policy->files_said |= base->files_said;
}

static int take_files(struct rf_policies *policies, struct rf_policies *from)
{
	while (from->files) {
		char **grown = rf_grow(policies->file, policies->files, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		policies->file = grown;
		policies->file[policies->files++] = from->file[--from->files];
	}
	return 0;
}

static void merge(struct rf_parse *p, struct rf_policies *policies, struct rf_policy *policy, struct rf_policies *bases)
{
	struct rf_policy *base = &bases->policy[0];

	if (bases->count != 1) {
		rf_diag_add(p->diags, RF_ERROR, policy->extends.where,
			    "extends: the file of \"%s\" has %zu policies: a base is one",
			    rf_shown(policy->extends.text), bases->count);
		return;
	}
	for (unsigned section = 0; section < RF_SECTIONS; section++)
		merge_rules(p, policy, base, (enum rf_section)section);
	merge_variables(p, policy, base);
	merge_keys(p, policy, base);
	if (take_files(policies, bases))
		p->no_memory = true;
}

void rf_extend(struct rf_parse *p, struct rf_policies *policies, size_t index, const struct rf_extending *chain)
{
	struct rf_policy *policy = &policies->policy[index];
	struct rf_policies bases = {.presets_only = policies->presets_only};
	RF_AUTO_FREE char *path = find_base(p, policies, &policy->extends, chain->file);
	int error;

	if (!path || !may_read(p, &policy->extends, path, chain))
		return;
	error = rf_policies_load_base(&bases, path, chain, p->diags);
	if (error == -ENOMEM)
		p->no_memory = true;
	else if (error)
		rf_diag_add(p->diags, RF_ERROR, policy->extends.where, "extends: \"%s\" can't be used: see there",
			    rf_shown(policy->extends.text));
	else
		merge(p, policies, policy, &bases);
	rf_policies_free(&bases);
}
