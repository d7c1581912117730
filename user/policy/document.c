/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One document: everything but its rules. */
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/parse.h"
#include "policy/spelling.h"

#define LABEL_KEY_MAX	253
#define LABEL_VALUE_MAX 63

static const char *const version_words[] = {"ringfence.dev/v1", NULL};
static const char *const kind_words[] = {"Policy", NULL};
static const char *const mode_words[] = {[RF_MODE_ENFORCE] = "enforce", [RF_MODE_AUDIT] = "audit", NULL};
/* Guards that can be named in guards.off. */
static const char *const guard_words[] = {
#define X(name, word, what) word,
	RF_GUARDS(X)
#undef X
		NULL};

static void read_api_version(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key, (void)target;
	rf_read_word(p, value, "apiVersion", version_words);
}

static void read_kind(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key, (void)target;
	rf_read_word(p, value, "kind", kind_words);
}

/* ---------------------------------------------------------------- metadata */

static bool is_label_text(const char *text, size_t max)
{
	for (const char *c = text; *c; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');

		if (!letter && !strchr("-_./", *c))
			return false;
	}
	return strlen(text) <= max;
}

static void read_name(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_policy *policy = target;
	const char *text = rf_read_string(p, value, "name");

	(void)key;
	if (!text)
		return;
	if (!rf_is_label(text)) {
		rf_diag_add(p->diags, RF_ERROR, value->where,
			    "name \"%s\" must be 1 to %d of a-z, 0-9 and \"-\", with no \"-\" at its ends",
			    rf_shown(text), RF_LABEL_MAX);
		return;
	}
	policy->name = rf_copy(p, text);
	policy->where = value->where;
}

static void read_label(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value,
		       struct rf_policy *policy)
{
	struct rf_pair *grown;
	const char *text =
		value->kind == RF_NODE_STRING && !value->plain ? value->text : rf_read_string(p, value, "a label");

	if (!text)
		return;
	if (!key->text[0] || !is_label_text(key->text, LABEL_KEY_MAX) || !is_label_text(text, LABEL_VALUE_MAX)) {
		rf_diag_add(p->diags, RF_ERROR, key->where,
			    "label \"%s\": only letters, digits, \"-\", \"_\", \".\" "
			    "and \"/\", a key of 1 to %d and a value of up to %d",
			    rf_shown(key->text), LABEL_KEY_MAX, LABEL_VALUE_MAX);
		return;
	}
	grown = rf_parse_grow(p, policy->label, policy->labels, sizeof(*grown));
	if (!grown)
		return;
	policy->label = grown;
	policy->label[policy->labels++] = (struct rf_pair){rf_copy(p, key->text), rf_copy(p, text)};
}

static void read_labels(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	if (!rf_expect(p, value, RF_NODE_MAP, "labels"))
		return;
	for (const struct rf_node *k = value->child; k && k->next; k = k->next->next) {
		if (!k->repeated && rf_expect(p, k, RF_NODE_STRING, "a label's key"))
			read_label(p, k, k->next, target);
	}
}

static const struct rf_key metadata_keys[] = {
	{"name", RF_KEY_STRING, true, read_name, NULL, NULL,
	 "Its name, which no other policy in force has: a-z, 0-9 and \"-\", up to 63."},
	{"labels", RF_KEY_NAMES, false, read_labels, NULL, NULL, "Words to select policies by."},
	{0},
};

static void read_metadata(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	rf_read_map(p, value, "metadata", metadata_keys, target);
}

/* -------------------------------------------------------------------- spec */

static void read_mode(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	int word = rf_read_word(p, value, "mode", mode_words);

	(void)key;
	if (word >= 0)
		((struct rf_policy *)target)->mode = (enum rf_mode)word;
	((struct rf_policy *)target)->mode_said = true;
}

/* A cgroup pattern is a path beneath the cgroup root; the slash in front may be left out. */
static void read_cgroup(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_policy *policy = target;
	const char *text = rf_read_string(p, value, "cgroup");
	const char *why = NULL;
	size_t at = 0, added = text && text[0] != '/';
	struct rf_misspelt misspelt;
	RF_AUTO_FREE char *rooted = NULL;
	struct rf_text *grown;

	(void)key;
	if (!text)
		return;
	rooted = calloc(1, strlen(text) + 2);
	grown = rf_parse_grow(p, policy->select, policy->selects, sizeof(*grown));
	p->no_memory |= !rooted;
	if (!rooted || !grown)
		return;
	policy->select = grown;
	policy->select[policy->selects++] = rf_text_of(p, value);
	strcpy(rooted, "/");
	strcpy(rooted + added, text);
	if (strstr(text, "${"))
		rf_diag_add(p->diags, RF_ERROR, rf_node_place(value, (size_t)(strstr(text, "${") - text)),
			    "select has no variables");
	else if (rf_misspelt(text, RF_SPELL_CGROUP, &misspelt))
		rf_diag_add(p->diags, RF_ERROR, rf_node_place(value, misspelt.at), "%s", misspelt.say);
	else if (rf_glob_check(rooted, &why, &at))
		rf_diag_add(p->diags, RF_ERROR, rf_node_place(value, at > added ? at - added : 0),
			    "bad pattern \"%s\": %s", rf_shown(text), why);
}

static const struct rf_key select_keys[] = {
	{"cgroup", RF_KEY_STRING, true, read_cgroup, NULL, NULL,
	 "A pattern of paths beneath the root of the cgroups, as in system.slice/agent-*.service; what it matches is "
	 "selected with all beneath it."},
	{0},
};

static void read_select(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	if (!rf_expect_items(p, value, "select"))
		return;
	for (const struct rf_node *item = value->child; item; item = item->next)
		rf_read_map(p, item, "an item of select", select_keys, target);
}

static void read_variable(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value,
			  struct rf_policy *policy)
{
	bool without = value->kind == RF_NODE_STRING && value->plain && !value->text[0];
	struct rf_variable *grown;
	struct rf_misspelt misspelt;
	const char *text = NULL;

	if (!rf_is_name(key->text, strlen(key->text))) {
		rf_diag_add(p->diags, RF_ERROR, key->where, "\"%s\" is no variable name: letters, digits and \"_\"",
			    rf_shown(key->text));
		return;
	}
	if (!without && !(text = rf_read_string(p, value, "a variable's default")))
		return;
	if (text && strstr(text, "${")) {
		rf_diag_add(p->diags, RF_ERROR, rf_node_place(value, (size_t)(strstr(text, "${") - text)),
			    "a variable's default is literal text: it can't take in another variable");
		return;
	}
	if (text && rf_misspelt(text, RF_SPELL_VALUE, &misspelt)) {
		rf_diag_add(p->diags, RF_ERROR, rf_node_place(value, misspelt.at), "%s", misspelt.say);
		return;
	}
	grown = rf_parse_grow(p, policy->variable, policy->variables, sizeof(*grown));
	if (!grown)
		return;
	policy->variable = grown;
	policy->variable[policy->variables++] =
		(struct rf_variable){rf_copy(p, key->text), text ? rf_copy(p, text) : NULL, key->where};
}

static void read_variables(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	if (!rf_expect(p, value, RF_NODE_MAP, "variables"))
		return;
	for (const struct rf_node *k = value->child; k && k->next; k = k->next->next) {
		if (!k->repeated && rf_expect(p, k, RF_NODE_STRING, "a variable's name"))
			read_variable(p, k, k->next, target);
	}
}

static void read_files(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	((struct rf_policy *)target)->files_said = true;
	rf_read_rules(p, value, target, RF_FILES);
}

static void read_network(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	rf_read_rules(p, value, target, RF_NETWORK);
}

static void read_unix(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	rf_read_rules(p, value, target, RF_UNIX);
}

static void read_judges(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	size_t errors = p->diags->errors;
	unsigned sections = rf_read_words(p, value, "judges", rf_section_words, true);

	(void)key;
	((struct rf_policy *)target)->judges_said = true;
	((struct rf_policy *)target)->judges_at = value->where;
	/* Of a word that is none nothing follows. */
	if (p->diags->errors == errors)
		((struct rf_policy *)target)->left = (uint8_t)(~sections & ((1u << RF_SECTIONS) - 1));
}

static void read_extends(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	if (rf_read_string(p, value, "extends"))
		((struct rf_policy *)target)->extends = rf_text_of(p, value);
}

/* Rules that would have no effect. */
static void check_judges(struct rf_parse *p, const struct rf_policy *policy)
{
	for (unsigned section = 0; section < RF_SECTIONS; section++)
		if (policy->rules[section] && !rf_policy_judges(policy, section))
			rf_diag_add(p->diags, RF_ERROR, policy->rule[section][0].where,
				    "judges does not name %s: it leaves that to other policies, so a rule here has no "
				    "effect",
				    rf_section_words[section]);
}

/* Whether there are such is the service's to say, which knows them. */
static void read_notify(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_policy *policy = target;

	(void)key;
	if (!rf_expect(p, value, RF_NODE_LIST, "notify"))
		return;
	policy->notify_said = true;
	for (const struct rf_node *item = value->child; item; item = item->next) {
		const char *text = rf_read_string(p, item, "each item of notify");
		struct rf_text *grown;

		if (!text)
			continue;
		if (!rf_is_label(text)) {
			rf_diag_add(
				p->diags, RF_ERROR, item->where,
				"notify: \"%s\" is no name: 1 to %d of a-z, 0-9 and \"-\", with no \"-\" at its ends",
				rf_shown(text), RF_LABEL_MAX);
			continue;
		}
		grown = rf_parse_grow(p, policy->notify, policy->notifies, sizeof(*grown));
		if (!grown)
			return;
		policy->notify = grown;
		policy->notify[policy->notifies++] = rf_text_of(p, item);
	}
}

static void read_off(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_policy *policy = target;

	(void)key;
	if (!rf_expect(p, value, RF_NODE_LIST, "off"))
		return;
	policy->off_at = value->where;
	rf_read_words(p, value, "off", guard_words, false);
	for (const struct rf_node *item = value->child; item; item = item->next)
		for (unsigned i = 0; item->kind == RF_NODE_STRING && guard_words[i]; i++)
			if (!strcmp(guard_words[i], item->text))
				policy->guards &= ~RF_GUARD_BIT(i + 1);
}

static const struct rf_key guard_keys[] = {
	{"off", RF_KEY_STRINGS, false, read_off, guard_words, NULL, "The guards that the policy switches off."},
	{0},
};

static void read_guards(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	rf_read_map(p, value, "guards", guard_keys, target);
}

/* clang-format off */
static const struct rf_key spec_keys[] = {
	{"mode", RF_KEY_STRING, false, read_mode, mode_words, NULL,
		"enforce by default; with audit nothing is refused, and what would be is told."},
	{"extends", RF_KEY_STRING, false, read_extends, NULL, NULL,
		"A preset's name, or the path of a file from this one's folder, whose policy this one adds to: its allow rules "
		"open what that one does not speak of, its deny rules narrow it."},
	{"select", RF_KEY_OBJECTS, false, read_select, NULL, select_keys,
		"Cgroups that the policy holds for by itself once it is applied, those that will be made as well."},
	{"variables", RF_KEY_NAMES, false, read_variables, NULL, NULL,
		"Names of variables, written ${NAME} in paths, with their defaults; one without a default gets its value "
		"from who runs it."},
	{"judges", RF_KEY_WORDS, false, read_judges, rf_section_words, NULL,
		"The sections that the policy speaks of, all by default; the others are left to the other policies of the "
		"fence, one of which must judge them."},
	{"files", RF_KEY_OBJECTS, false, read_files, NULL, rf_rule_keys[RF_FILES],
		"Rules for paths. The last rule that matches and names the access decides; without one it is denied."},
	{"network", RF_KEY_OBJECTS, false, read_network, NULL, rf_rule_keys[RF_NETWORK],
		"Rules for addresses of IPv4 and IPv6. The last rule that matches and names the access decides; without one "
		"it is denied."},
	{"unix", RF_KEY_OBJECTS, false, read_unix, NULL, rf_rule_keys[RF_UNIX],
		"Rules for unix sockets. The last rule that matches and names the access decides; without one it is denied."},
	{"guards", RF_KEY_OBJECT, false, read_guards, NULL, guard_keys,
		"What leads around the rules is closed by guards: all are on but for those that are switched off."},
	{"notify", RF_KEY_STRINGS, false, read_notify, NULL, NULL,
		"Who is told of its denials: names of entries in /etc/ringfence/notify.d. Without it, all whose filter lets "
		"them pass."},
	{0},
};

static void read_spec(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	rf_read_map(p, value, "spec", spec_keys, target);
}

const struct rf_key rf_policy_keys[] = {
	{"apiVersion", RF_KEY_STRING, true, read_api_version, version_words, NULL,
		"The version of this description."},
	{"kind", RF_KEY_STRING, true, read_kind, kind_words, NULL, "What is described."},
	{"metadata", RF_KEY_OBJECT, true, read_metadata, NULL, metadata_keys,
		"What the policy is called, and where it comes from."},
	{"spec", RF_KEY_OBJECT, true, read_spec, NULL, spec_keys, "What may be used, and by whom."},
	{0},
};
/* clang-format on */

void rf_read_document(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy)
{
	policy->where = node->where;
	policy->guards = RF_GUARDS_ALL;
	rf_read_map(p, node, "the policy", rf_policy_keys, policy);
}

void rf_finish_document(struct rf_parse *p, struct rf_policy *policy)
{
	check_judges(p, policy);
	rf_check_patterns(p, policy);
	if (!(policy->guards & RF_GUARD_BIT(RF_GUARD_ENGINE)))
		return;
	rf_add_engine_rule(p, policy, RF_FILES);
	rf_add_engine_rule(p, policy, RF_UNIX);
}
