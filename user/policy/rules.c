/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules of the three sections. */
#include <errno.h>
#include <string.h>

#include "policy/address.h"
#include "policy/diag.h"
#include "policy/parse.h"
#include "policy/spelling.h"
#include "policy/vars.h"

#define REASON_MAX 200 /* bytes; it stands on one line with the denial */

struct reading {
	struct rf_rule *rule;
	const struct rf_node *verdict;	/* the key `allow` or `deny` */
	const struct rf_node *deny_key; /* a key that only deny rules have */
	const struct rf_node *moves;	/* the key `moves` where it is true */
	const struct rf_node *quiet;	/* the key `quiet` */
};

static const char *const file_words[] = {"read", "write", "exec", NULL};
static const char *const socket_words[] = {"connect", "bind", NULL};
/* Beside true and false. */
static const char hide_open[] = "open";
static const char *const hide_words[] = {hide_open, NULL};
static const char *const protocol_words[] = {
#define X(name, word) word,
	RF_PROTOCOLS(X)
#undef X
		NULL};
static const uint8_t protocol_bits[] = {
#define X(name, word) RF_##name,
	RF_PROTOCOLS(X)
#undef X
};

static void read_verdict(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct reading *r = target;
	const char *const *words = r->rule->section == RF_FILES ? file_words : socket_words;
	unsigned bits;

	if (r->verdict) {
		rf_diag_add(p->diags, RF_ERROR, key->where, "a rule has allow or deny, not both");
		return;
	}
	r->verdict = key;
	r->rule->allow = !strcmp(key->text, "allow");
	bits = rf_read_words(p, value, key->text, words, true);
	for (unsigned i = 0; words[i]; i++) {
		if (bits & 1u << i)
			r->rule->access |= (uint8_t)rf_access_of(words[i]);
	}
}

static void read_paths(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_rule *rule = ((struct reading *)target)->rule;

	(void)key;
	if (!rf_expect_items(p, value, "paths"))
		return;
	for (const struct rf_node *item = value->child; item; item = item->next) {
		struct rf_text *grown;

		if (!rf_read_string(p, item, "each item of paths"))
			continue;
		grown = rf_parse_grow(p, rule->path, rule->paths, sizeof(*grown));
		if (!grown)
			return;
		rule->path = grown;
		rule->path[rule->paths++] = rf_text_of(p, item);
	}
}

static void read_to(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_rule *rule = ((struct reading *)target)->rule;

	(void)key;
	rule->to_all = false;
	if (!rf_expect_items(p, value, "to"))
		return;
	for (const struct rf_node *item = value->child; item; item = item->next) {
		const char *text = rf_read_string(p, item, "each item of to");
		struct rf_range range = {.where = rf_node_place(item, 0)};
		char why[RF_ADDRESS_WHY];
		struct rf_range *grown;

		if (!text)
			continue;
		if (!rf_range_read(text, &range, why)) {
			rf_diag_add(p->diags, RF_ERROR, range.where, "%s", why);
			continue;
		}
		grown = rf_parse_grow(p, rule->to, rule->tos, sizeof(*grown));
		if (!grown)
			return;
		rule->to = grown;
		rule->to[rule->tos++] = range;
	}
}

static void read_ports(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_rule *rule = ((struct reading *)target)->rule;

	(void)key;
	if (!rf_expect_items(p, value, "ports"))
		return;
	for (const struct rf_node *item = value->child; item; item = item->next) {
		const char *text = rf_read_string(p, item, "each item of ports");
		struct rf_ports ports = {.where = rf_node_place(item, 0)};
		char why[RF_ADDRESS_WHY];
		struct rf_ports *grown;

		if (!text)
			continue;
		if (!rf_ports_read(text, &ports, why)) {
			rf_diag_add(p->diags, RF_ERROR, ports.where, "%s", why);
			continue;
		}
		grown = rf_parse_grow(p, rule->port, rule->ports, sizeof(*grown));
		if (!grown)
			return;
		rule->port = grown;
		rule->port[rule->ports++] = ports;
	}
}

static void read_protocols(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_rule *rule = ((struct reading *)target)->rule;
	unsigned bits;

	(void)key;
	if (!rf_expect_items(p, value, "protocols"))
		return;
	bits = rf_read_words(p, value, "protocols", protocol_words, true);
	rule->protocols = 0;
	for (unsigned i = 0; protocol_words[i]; i++) {
		if (bits & 1u << i)
			rule->protocols |= protocol_bits[i];
	}
}

static void read_reason(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_rule *rule = ((struct reading *)target)->rule;
	const char *text = rf_read_string(p, value, "reason");

	(void)key;
	if (!text)
		return;
	if (strlen(text) > REASON_MAX)
		rf_diag_add(p->diags, RF_ERROR, value->where, "reason is longer than %d bytes", REASON_MAX);
	else if (rf_has_control(text))
		rf_diag_add(p->diags, RF_ERROR, value->where, "reason holds a control character or a line end");
	else
		rule->reason = rf_copy(p, text);
}

static void read_hide(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	static const char *const words[] = {[RF_HIDE_NO] = "false", [RF_HIDE_OPEN] = hide_open, [RF_HIDE_ALL] = "true"};
	struct reading *r = target;

	r->deny_key = key;
	if (!rf_expect(p, value, RF_NODE_STRING, "hide"))
		return;
	for (enum rf_hide i = RF_HIDE_NO; i <= RF_HIDE_ALL; i++) {
		if (!strcmp(value->text, words[i])) {
			r->rule->hide = i;
			return;
		}
	}
	rf_diag_add(p->diags, RF_ERROR, value->where, "hide must be true, false or open");
}

static void read_moves(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct reading *r = target;

	r->deny_key = key;
	rf_read_bool(p, value, "moves", &r->rule->moves);
	r->moves = r->rule->moves ? key : NULL;
}

static void read_seal(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct reading *r = target;

	r->deny_key = key;
	rf_read_bool(p, value, "seal", &r->rule->seal);
}

static void read_quiet(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct reading *r = target;

	rf_read_bool(p, value, "quiet", &r->rule->quiet);
	r->quiet = key;
}

#define QUIET                                                                                                   \
	{                                                                                                       \
		"quiet", RF_KEY_BOOLEAN, false, read_quiet, NULL, NULL,                                         \
			"Of a deny rule: what it denies is counted, and told in run's summary alone, for what " \
			"tools try by habit."                                                                   \
	}
#define REASON                                                                                                    \
	{                                                                                                         \
		"reason", RF_KEY_STRING, false, read_reason, NULL, NULL, "Is told with each denial by this rule." \
	}

/* clang-format off */
const struct rf_key rf_rule_keys[RF_SECTIONS][9] = {
	[RF_FILES] = {
		{"allow", RF_KEY_WORDS, false, read_verdict, file_words, NULL,
			"Allows these accesses. A rule has allow or deny."},
		{"deny", RF_KEY_WORDS, false, read_verdict, file_words, NULL,
			"Denies these accesses."},
		{"paths", RF_KEY_STRINGS, true, read_paths, NULL, NULL,
			"Patterns of whole paths: * stays within a component, ** does not, /d/** is /d and all beneath it."},
		REASON,
		QUIET,
		{"hide", RF_KEY_BOOLEAN, false, read_hide, hide_words, NULL,
			"Of a deny rule: the object answers ENOENT, as if it were not there; with open, where it is opened, "
			"run, changed or linked, and with true to stat, access and chdir as well."},
		{"seal", RF_KEY_BOOLEAN, false, read_seal, NULL, NULL,
			"Of a deny rule: what a path names literally is denied under every name it has."},
		{"moves", RF_KEY_BOOLEAN, false, read_moves, NULL, NULL,
			"Of a rule that denies write: what it protects may be renamed with a folder above it, between places "
			"of equal rights."},
		{0},
	},
	[RF_NETWORK] = {
		{"allow", RF_KEY_WORDS, false, read_verdict, socket_words, NULL,
			"Allows these accesses. A rule has allow or deny."},
		{"deny", RF_KEY_WORDS, false, read_verdict, socket_words, NULL,
			"Denies these accesses."},
		{"to", RF_KEY_STRINGS, false, read_to, NULL, NULL,
			"Addresses or ranges of IPv4 and IPv6, as in 192.0.2.0/24; every address without it."},
		{"ports", RF_KEY_STRINGS, false, read_ports, NULL, NULL,
			"Ports or ranges, as in 8000-8099; every port without it."},
		{"protocols", RF_KEY_STRINGS, false, read_protocols, protocol_words, NULL,
			"Protocols; all without it."},
		REASON,
		QUIET,
		{0},
	},
	[RF_UNIX] = {
		{"allow", RF_KEY_WORDS, false, read_verdict, socket_words, NULL,
			"Allows these accesses. A rule has allow or deny."},
		{"deny", RF_KEY_WORDS, false, read_verdict, socket_words, NULL,
			"Denies these accesses."},
		{"paths", RF_KEY_STRINGS, true, read_paths, NULL, NULL,
			"Patterns of the sockets' paths; @ begins an abstract name."},
		REASON,
		QUIET,
		{0},
	},
};
/* clang-format on */

static const char *const rule_words[RF_SECTIONS] = {"a files rule", "a network rule", "a unix rule"};

static void read_rule(struct rf_parse *p, const struct rf_node *node, struct rf_rule *rule)
{
	struct reading r = {.rule = rule};
	enum rf_map read = rf_read_map(p, node, rule_words[rule->section], rf_rule_keys[rule->section], &r);

	if (read == RF_MAP_NONE)
		return;
	if (!r.verdict && read == RF_MAP_READ)
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s has neither allow nor deny",
			    rule_words[rule->section]);
	if (r.deny_key && r.verdict && rule->allow)
		rf_diag_add(p->diags, RF_ERROR, r.deny_key->where, "%s belongs to deny rules alone", r.deny_key->text);
	if (r.quiet && r.verdict && rule->allow)
		rf_diag_add(
			p->diags, RF_ERROR, r.quiet->where,
			"quiet belongs to deny rules alone: nothing is told of what is allowed; leave it out, or deny "
			"in a rule of its own what is to be counted only");
	if (r.moves && r.verdict && !rule->allow && !(rule->access & RF_WRITE))
		rf_diag_add(p->diags, RF_ERROR, r.moves->where,
			    "moves: true is about names that may not be written, and this rule does not deny write");
	rule->seal |= rule->hide == RF_HIDE_ALL;
}

void rf_read_rules(struct rf_parse *p, const struct rf_node *node, struct rf_policy *policy, enum rf_section section)
{
	if (!rf_expect(p, node, RF_NODE_LIST, rf_section_words[section]))
		return;
	for (const struct rf_node *item = node->child; item; item = item->next) {
		struct rf_rule *grown = rf_parse_grow(p, policy->rule[section], policy->rules[section], sizeof(*grown));

		if (!grown)
			return;
		policy->rule[section] = grown;
		grown += policy->rules[section];
		grown->section = section;
		grown->index = policy->rules[section]++;
		grown->where = item->where;
		grown->to_all = section == RF_NETWORK;
		grown->protocols = section == RF_NETWORK ? RF_ALL_PROTOCOLS : 0;
		read_rule(p, item, grown);
	}
}

/* The guard `engine`, where it is a matter of paths: the last rule of all, so that no other can open them. */
static void add_engine_rule(struct rf_parse *p, struct rf_policy *policy, enum rf_section section, unsigned access,
			    const char *const *paths)
{
	struct rf_rule *rule = rf_parse_grow(p, policy->rule[section], policy->rules[section], sizeof(*rule));

	if (!rule)
		return;
	policy->rule[section] = rule;
	rule += policy->rules[section];
	rule->section = section;
	rule->index = policy->rules[section]++;
	rule->where = policy->where;
	rule->access = (uint8_t)access;
	rule->implied = true;
	rule->reason = rf_copy(p, "guard engine");
	for (size_t i = 0; paths[i]; i++) {
		struct rf_text *grown = rf_parse_grow(p, rule->path, rule->paths, sizeof(*grown));

		if (!grown)
			return;
		rule->path = grown;
		rule->path[rule->paths++] = (struct rf_text){rf_copy(p, paths[i]), policy->where, false};
	}
}

void rf_add_engine_rule(struct rf_parse *p, struct rf_policy *policy, enum rf_section section)
{
	static const char *const files[] = {RF_STATE "/**", RF_STORE "/**", RF_PINS_ROOT "/**", NULL};
	static const char *const sockets[] = {RF_STATE "/**", NULL};

	if (section == RF_FILES)
		add_engine_rule(p, policy, RF_FILES, RF_FILE_ACCESSES, files);
	/* Without rules nothing may be connected to anyway, unless it is left to other policies. */
	else if (policy->rules[RF_UNIX] || !rf_policy_judges(policy, RF_UNIX))
		add_engine_rule(p, policy, RF_UNIX, RF_SOCKET_ACCESSES, sockets);
}

static const char *default_of(void *context, const char *name)
{
	const struct rf_policy *policy = context;

	for (size_t i = 0; i < policy->variables; i++) {
		if (policy->variable[i].name && !strcmp(policy->variable[i].name, name))
			return policy->variable[i].value;
	}
	return NULL;
}

static void check_pattern(struct rf_parse *p, const struct rf_rule *rule, const struct rf_text *text,
			  const struct rf_lookup *lookup)
{
	struct rf_misspelt misspelt;

	if (rf_misspelt(text->text, RF_SPELL_PATTERN, &misspelt))
		rf_diag_add(p->diags, RF_ERROR, rf_text_place(text, misspelt.at), "%s", misspelt.say);
	else if (rf_path_expand(rule, text, lookup, p->diags, NULL) == -ENOMEM)
		p->no_memory = true;
}

/* Who runs a command gives these, and the first value of a name counts. */
static void check_variables(struct rf_parse *p, const struct rf_policy *policy)
{
	for (size_t i = 0; i < policy->variables && !policy->selects; i++) {
		const struct rf_variable *v = &policy->variable[i];

		if (v->name && v->value && rf_vars_given(v->name))
			rf_diag_add(p->diags, RF_ERROR, v->where,
				    "%s has the value that each run gives it: a default has no effect (another value "
				    "is given by --set)",
				    v->name);
	}
}

void rf_check_rule(struct rf_parse *p, struct rf_policy *policy, const struct rf_rule *rule)
{
	/* Who selects cgroups of the host is bound by no caller: only its own defaults can count. */
	const struct rf_lookup lookup = {
		default_of,
		policy,
		policy->selects ? RF_UNBOUND_ERROR : RF_UNBOUND_ACCEPT,
		" here: a policy with select gives its variables in spec.variables",
		NULL,
	};

	for (size_t k = 0; k < rule->paths && !p->no_memory; k++)
		check_pattern(p, rule, &rule->path[k], &lookup);
}

void rf_check_patterns(struct rf_parse *p, struct rf_policy *policy)
{
	check_variables(p, policy);
	for (unsigned section = 0; section < RF_SECTIONS; section++)
		for (size_t i = 0; i < policy->rules[section]; i++)
			rf_check_rule(p, policy, &policy->rule[section][i]);
}
