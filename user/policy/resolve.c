/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Resolved forms. The kernel judges the path behind all links, a policy is written with the names that people use: so a
 * pattern whose literal part passes through a link is compiled under both.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "policy/bind.h"
#include "policy/diag.h"
#include "policy/links.h"
#include "policy/memory.h"

struct form {
	struct rf_rule *rule;
	const struct rf_text *of;
	char *glob;
};

struct resolver {
	struct rf_policy *policy;
	struct rf_diags *diags;
	struct form *form; /* added when all are known: they must not decide about each other */
	size_t forms;
	struct verdict {
		char *link;
		bool writable;
	} * verdict; /* links judged so far: there are few, and each costs a look at every rule */
	size_t verdicts;
	struct rf_links_seen seen;
};

char *rf_glob_quote(const char *text, size_t len)
{
	char *quoted = malloc(len * 2 + 1);
	size_t out = 0;

	for (size_t i = 0; quoted && i < len; i++) {
		if (strchr("*?[]{},\\", text[i]))
			quoted[out++] = '\\';
		quoted[out++] = text[i];
	}
	if (quoted)
		quoted[out] = '\0';
	return quoted;
}

/* Whether the policy as written lets the task replace a link; < 0: no memory. */
static int link_writable(struct resolver *r, const char *link)
{
	const struct rf_rule *rule;
	struct verdict *grown;

	for (size_t i = 0; i < r->verdicts; i++) {
		if (!strcmp(r->verdict[i].link, link))
			return r->verdict[i].writable;
	}
	grown = rf_grow(r->verdict, r->verdicts, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->verdict = grown;
	grown += r->verdicts;
	rule = rf_decide_path(r->policy, RF_FILES, RF_WRITE, link, strlen(link), NULL, NULL);
	grown->writable = rule && rule->allow;
	grown->link = strdup(link);
	if (!grown->link)
		return -ENOMEM;
	r->verdicts++;
	return grown->writable;
}

/*
 * An allow rule is not led by a link that the fenced task may write: what it makes of it in this run would be what
 * the next run allows. A deny rule may be led anywhere, it takes rights away.
 */
static int may_follow(struct resolver *r, const struct rf_rule *rule, const struct rf_pattern *pattern,
		      const struct rf_links *links)
{
	for (size_t i = 0; i < links->links && rule->allow; i++) {
		int writable = link_writable(r, links->link[i]);

		if (writable < 0)
			return writable;
		if (writable) {
			rf_diag_add(r->diags, RF_WARNING, pattern->where,
				    "\"%s\" passes through the link \"%s\", which the policy lets the task change: it "
				    "is not followed",
				    rf_shown(pattern->glob), rf_shown(links->link[i]));
			return 0;
		}
	}
	return 1;
}

/* Where the links lead, then what of the literal part does not exist yet, then the rest of the pattern. */
static char *make_form(const struct rf_links *links, const char *literal, const char *rest)
{
	RF_AUTO_FREE char *head = rf_glob_quote(links->path, strlen(links->path));
	RF_AUTO_FREE char *tail = rf_glob_quote(literal + links->len, strlen(literal + links->len));
	size_t size;
	char *form;

	if (!head || !tail)
		return NULL;
	size = strlen(head) + strlen(tail) + strlen(rest) + 2;
	form = malloc(size);
	if (!form)
		return NULL;
	strcpy(form, head);
	strcat(form, tail);
	strcat(form, rest);
	if (!form[0])
		strcpy(form, "/");
	return form;
}

static int add_form(struct resolver *r, struct rf_rule *rule, const struct rf_pattern *pattern, char *glob)
{
	struct form *grown = NULL;
	const char *why = NULL;
	size_t at;

	if (rf_glob_check(glob, &why, &at)) {
		rf_diag_add(r->diags, RF_ERROR, pattern->where,
			    "behind symbolic links, \"%s\" becomes a bad pattern: %s", rf_shown(pattern->glob),
			    why ? why : "it cannot be read");
		free(glob);
		return -EINVAL;
	}
	grown = rf_grow(r->form, r->forms, sizeof(*grown));
	if (!grown) {
		free(glob);
		return -ENOMEM;
	}
	r->form = grown;
	r->form[r->forms++] = (struct form){rule, &rule->path[pattern->of], glob};
	return 0;
}

static int resolve_pattern(struct resolver *r, struct rf_rule *rule, const struct rf_pattern *pattern)
{
	RF_AUTO_FREE char *literal = malloc(strlen(pattern->glob) + 1);
	struct rf_links links;
	size_t len;
	char *glob = NULL;
	int error;

	if (!literal)
		return -ENOMEM;
	if (pattern->glob[0] != '/')
		return 0;
	len = rf_glob_literal(pattern->glob, literal);
	error = rf_links_follow_seen(literal, &r->seen, &links);
	if (error)
		return error;
	if (links.links)
		error = may_follow(r, rule, pattern, &links);
	if (error > 0) {
		glob = make_form(&links, literal, pattern->glob + len);
		error = glob ? add_form(r, rule, pattern, glob) : -ENOMEM;
	}
	rf_links_free(&links);
	return error;
}

static int resolve_rule(struct resolver *r, struct rf_rule *rule)
{
	int told = 0;

	for (size_t i = 0; i < rule->patterns; i++) {
		int error = resolve_pattern(r, rule, &rule->pattern[i]);

		if (error == -ENOMEM)
			return error;
		told = error ? error : told;
	}
	return told;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep(void *key)
{
	(void)key;
}

/* Whether a text is new to a set; -ENOMEM. The set does not own it. */
static int add_new(void **set, const char *text)
{
	void *found = tsearch(text, set, compare);

	return found ? *(const char **)found == text : -ENOMEM;
}

/* Adds a rule's forms, each once. `*form` moves on. */
static int add_forms(struct rf_rule *rule, struct form **form, const struct form *end)
{
	void *set = NULL;
	int error = 0;

	for (size_t i = 0; i < rule->patterns && error >= 0; i++)
		error = add_new(&set, rule->pattern[i].glob);
	for (; *form < end && (*form)->rule == rule && error >= 0; (*form)++) {
		char *glob = (*form)->glob;

		error = add_new(&set, glob);
		if (error <= 0)
			continue;
		(*form)->glob = NULL;
		/* A failure frees the text that the set still names: it is not looked at again. */
		error = rf_rule_add_pattern(rule, glob, (*form)->of, true);
	}
	tdestroy(set, keep);
	return error < 0 ? error : 0;
}

static void resolver_free(struct resolver *r)
{
	for (size_t i = 0; i < r->forms; i++)
		free(r->form[i].glob);
	free(r->form);
	for (size_t i = 0; i < r->verdicts; i++)
		free(r->verdict[i].link);
	free(r->verdict);
	rf_links_forget(&r->seen);
}

int rf_resolve(struct rf_policy *policy, struct rf_diags *diags)
{
	struct resolver r = {.policy = policy, .diags = diags};
	struct form *form, *end;
	int error = 0;

	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < policy->rules[section] && error != -ENOMEM; i++) {
			int told = resolve_rule(&r, &policy->rule[section][i]);

			error = told ? told : error;
		}
	}
	form = r.form;
	end = form ? form + r.forms : NULL;
	while (!error && form != end)
		error = add_forms(form->rule, &form, end);
	resolver_free(&r);
	return error;
}
