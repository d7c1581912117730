// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* --allow ACCESS:OBJECT: a rule from the command line, which stands where an extension's would (extend.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/address.h"
#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/model.h"
#include "policy/parse.h"

struct reading {
	struct rf_parse p;
	struct rf_where where; /* "--allow #1" */
	enum rf_section section;
	unsigned access;
	struct rf_range range;
	struct rf_ports ports;
	bool to_all, ports_all;
	unsigned protocols;
	const char *object; /* behind the access */
};

static bool wrong(struct reading *r, const char *text)
{
	rf_diag_add(r->p.diags, RF_ERROR, r->where, "%s", text);
	return false;
}

/* ------------------------------------------------------------------- accesses */

static bool unknown_access(struct reading *r, const char *word)
{
	static const char *const words[] = {
#define X(name, bit, word) word,
		RF_ACCESSES(X)
#undef X
			NULL};
	const char *near = rf_nearest(word, words);

	if (near)
		rf_diag_add(r->p.diags, RF_ERROR, r->where, "there is no access \"%s\", did you mean \"%s\"?",
			    rf_shown(word), near);
	else
		rf_diag_add(r->p.diags, RF_ERROR, r->where,
			    "there is no access \"%s\": write read:, write:, exec:, connect: or bind:, and what for",
			    rf_shown(word));
	return false;
}

/* "read,write" of `len` bytes. */
static bool read_accesses(struct reading *r, const char *text, size_t len)
{
	char words[64], *rest = words, *word;

	if (len >= sizeof(words))
		return unknown_access(r, text);
	memcpy(words, text, len);
	words[len] = '\0';
	while ((word = strsep(&rest, ","))) {
		unsigned bit = rf_access_of(word);

		if (!(bit & (RF_FILE_ACCESSES | RF_SOCKET_ACCESSES)))
			return unknown_access(r, word);
		r->access |= bit;
	}
	if (r->access & RF_FILE_ACCESSES && r->access & RF_SOCKET_ACCESSES)
		return wrong(r, "files and sockets have rules of their own: give an --allow for each");
	return true;
}

/* --------------------------------------------------------------- destinations */

/* "tcp:" in front, as the object of a denial has it. */
static void read_protocol(struct reading *r, const char **text)
{
	static const struct {
		const char *word;
		unsigned bit;
	} protocols[] = {
#define X(name, word) {word ":", RF_##name},
		RF_PROTOCOLS(X)
#undef X
	};

	r->protocols = RF_ALL_PROTOCOLS;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		size_t len = strlen(protocols[i].word);

		if (strncmp(*text, protocols[i].word, len) != 0)
			continue;
		r->protocols = protocols[i].bit;
		*text += len;
		return;
	}
}

/* HOST, [HOST], HOST:PORTS, [HOST]:PORTS, :PORTS; HOST may be a range. More than one ':' without brackets is IPv6. */
static bool read_destination(struct reading *r)
{
	const char *text = r->object, *ports = NULL;
	RF_AUTO_FREE char *host = NULL;
	char why[RF_ADDRESS_WHY], *close;

	read_protocol(r, &text);
	host = rf_copy(&r->p, text);
	if (!host)
		return false;
	close = host[0] == '[' ? strchr(host, ']') : NULL;
	if (close) {
		char *colon = strchr(close, ':');

		ports = colon ? text + (colon - host) + 1 : NULL;
		if (colon)
			*colon = '\0';
		memmove(close, close + 1, strlen(close));
		memmove(host, host + 1, strlen(host));
	} else if (strchr(host, ':') && strchr(host, ':') == strrchr(host, ':')) {
		ports = strchr(text, ':') + 1;
		*strchr(host, ':') = '\0';
	}
	if (host[0] && !ports && strspn(host, "0123456789-") == strlen(host)) {
		rf_diag_add(r->p.diags, RF_ERROR, r->where,
			    "\"%s\" is a port without an address: write \":%s\" for that port of every address",
			    rf_shown(host), rf_shown(host));
		return false;
	}
	if (!strcmp(host, "*"))
		return wrong(r, "\"*\" is no address: leave it out for every address, as in connect::443");
	r->to_all = !host[0];
	r->ports_all = !ports;
	if (r->to_all && r->ports_all)
		return wrong(r, "there is no address: write HOST, HOST:PORT or :PORT");
	if (!r->to_all && !rf_range_read(host, &r->range, why))
		return wrong(r, why);
	if (!r->ports_all && !rf_ports_read(ports, &r->ports, why))
		return wrong(r, why);
	return true;
}

/* ------------------------------------------------------------------------ rule */

static bool read_spec(struct reading *r, const char *spec)
{
	const char *colon = strchr(spec, ':');

	if (!colon) {
		rf_diag_add(r->p.diags, RF_ERROR, r->where,
			    "\"%s\" must be ACCESS:OBJECT, as in read:/srv/data/** or connect:127.0.0.1:5432",
			    rf_shown(spec));
		return false;
	}
	r->object = colon + 1;
	if (!read_accesses(r, spec, (size_t)(colon - spec)))
		return false;
	if (!*r->object)
		return wrong(r, "there is nothing behind the access that could be allowed");
	r->section = r->access & RF_FILE_ACCESSES				    ? RF_FILES
		     : strchr("/@$~", r->object[0]) || !strncmp(r->object, "./", 2) ? RF_UNIX
										    : RF_NETWORK;
	return r->section != RF_NETWORK || read_destination(r);
}

static bool fill(struct reading *r, struct rf_rule *rule)
{
	rule->section = r->section;
	rule->allow = rule->added = true;
	rule->access = (uint8_t)r->access;
	rule->of = rf_copy(&r->p, r->where.file);
	rule->where = r->where;
	if (r->section != RF_NETWORK) {
		rule->path = rf_parse_grow(&r->p, NULL, 0, sizeof(*rule->path));
		if (rule->path)
			rule->path[rule->paths++] = (struct rf_text){rf_copy(&r->p, r->object), r->where, false};
		return !r->p.no_memory;
	}
	rule->protocols = (uint8_t)r->protocols;
	rule->to_all = r->to_all;
	if (!r->to_all && (rule->to = rf_parse_grow(&r->p, NULL, 0, sizeof(*rule->to))))
		rule->to[rule->tos++] = r->range;
	if (!r->ports_all && (rule->port = rf_parse_grow(&r->p, NULL, 0, sizeof(*rule->port))))
		rule->port[rule->ports++] = r->ports;
	return !r->p.no_memory;
}

static void add(struct reading *r, struct rf_policy *policy)
{
	size_t rules = policy->rules[r->section];
	struct rf_rule *grown = rf_parse_grow(&r->p, policy->rule[r->section], rules, sizeof(*grown));

	if (!grown)
		return;
	policy->rule[r->section] = grown;
	memmove(grown + 1, grown, rules * sizeof(*grown));
	policy->rules[r->section]++;
	grown[0] = (struct rf_rule){.section = r->section};
	if (fill(r, &grown[0]))
		rf_check_rule(&r->p, policy, &grown[0]);
	/* Without rules nothing could be connected to, so the guard had none to add. */
	if (!rules && r->section == RF_UNIX && policy->guards & RF_GUARD_BIT(RF_GUARD_ENGINE))
		rf_add_engine_rule(&r->p, policy, RF_UNIX);
}

int rf_policies_allow(struct rf_policies *policies, const char *spec, unsigned number, struct rf_diags *diags)
{
	struct reading r = {.p = {.diags = diags}};
	size_t errors = diags->errors, judged = 0;
	char **grown = rf_grow(policies->file, policies->files, sizeof(*grown));
	char *file = NULL;

	if (!grown)
		return -ENOMEM;
	policies->file = grown;
	if (asprintf(&file, "--allow #%u", number) < 0)
		return -ENOMEM;
	policies->file[policies->files++] = file;
	r.where = (struct rf_where){file, 0, 0};
	if (!read_spec(&r, spec))
		return r.p.no_memory ? -ENOMEM : -EINVAL;
	for (size_t i = 0; i < policies->count && !r.p.no_memory && diags->errors == errors; i++) {
		if (!rf_policy_judges(&policies->policy[i], r.section))
			continue;
		judged++;
		add(&r, &policies->policy[i]);
	}
	if (policies->count && !judged && !r.p.no_memory && diags->errors == errors)
		rf_diag_add(diags, RF_ERROR, r.where, "none of the policies judges %s", rf_section_words[r.section]);
	return r.p.no_memory ? -ENOMEM : diags->errors != errors ? -EINVAL : 0;
}
