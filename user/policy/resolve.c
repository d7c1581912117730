/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Resolved forms. The kernel judges the path behind all links, a policy is written with the names that people use: so a
 * pattern that passes through a link is compiled under both: through one in its literal part, through one that its
 * braces name, and through one that a component with wildcards matches here and now. What lies behind "**" is not gone
 * through.
 */
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "policy/diag.h"
#include "policy/entries.h"
#include "policy/links.h"
#include "policy/memory.h"
#include "policy/model.h"
#include "policy/resolve.h"
#include "policy/spread.h"

/* What a policy's wildcards may have looked at, and the forms that may come of it. */
#define SEEN_MAX  200000
#define FORMS_MAX 1000

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
	struct rf_folders folders;
	size_t entries; /* looked at for wildcards */
};

/* A pattern that is looked at. */
struct look {
	struct resolver *r;
	struct rf_rule *rule;
	const struct rf_pattern *pattern;
	bool told; /* that a link is not followed */
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
	grown->writable = rf_policy_allows(r->policy, RF_FILES, rule);
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
static int may_follow(struct look *look, const struct rf_links *links)
{
	for (size_t i = 0; i < links->links && look->rule->allow; i++) {
		int writable = link_writable(look->r, links->link[i]);

		if (writable < 0)
			return writable;
		if (writable) {
			if (!look->told)
				rf_diag_add(look->r->diags, RF_WARNING, look->pattern->where,
					    "\"%s\" passes through the link \"%s\", which the policy lets the task "
					    "change: it is not followed",
					    rf_shown(look->pattern->glob), rf_shown(links->link[i]));
			look->told = true;
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

static int add_form(struct look *look, const char *glob)
{
	const struct rf_pattern *pattern = look->pattern;
	struct resolver *r = look->r;
	struct form *grown = NULL;
	const char *why = NULL;
	char *copy;
	size_t at;

	if (rf_glob_check(glob, &why, &at)) {
		rf_diag_add(r->diags, RF_ERROR, pattern->where,
			    "behind symbolic links, \"%s\" becomes a bad pattern: %s", rf_shown(pattern->glob),
			    why ? why : "it cannot be read");
		return -EINVAL;
	}
	copy = strdup(glob);
	grown = copy ? rf_grow(r->form, r->forms, sizeof(*grown)) : NULL;
	if (!grown) {
		free(copy);
		return -ENOMEM;
	}
	r->form = grown;
	r->form[r->forms++] = (struct form){look->rule, &look->rule->path[pattern->of], copy};
	return 0;
}

/* Whether the rule says the same of a form without it: of "/usr/lib" with all beneath, where "/usr" with all beneath is
 * there. */
static bool is_covered(const struct look *look, const struct rf_links *links, const char *literal, const char *rest)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s%s", links->path, literal + links->len);

	if (len <= 0 || (size_t)len >= sizeof(path))
		return false;
	for (size_t i = 0; i < look->rule->patterns; i++) {
		const char *glob = look->rule->pattern[i].glob;
		size_t end = strlen(glob);
		bool all = end > 3 && !strcmp(glob + end - 3, "/**");

		if ((all || !*rest) && rf_glob_match(glob, path, (size_t)len))
			return true;
	}
	return false;
}

static int too_many(struct look *look)
{
	if (look->told)
		return 0;
	look->told = true;
	rf_diag_add(look->r->diags, look->rule->allow ? RF_WARNING : RF_ERROR, look->pattern->where,
		    "\"%s\" matches too many names and links to follow them all: name the folders, or use \"**\"",
		    rf_shown(look->pattern->glob));
	return look->rule->allow ? 0 : -EINVAL;
}

static int walk(struct look *look, const char *glob);

/* Goes on beneath a folder by each entry that the next component ("/name*" of length `len`) matches. */
static int walk_entries(struct look *look, const char *dir, const char *rest, size_t len)
{
	RF_AUTO_FREE char *component = strndup(rest + 1, len - 1);
	RF_AUTO_FREE char *head = rf_glob_quote(dir, strlen(dir));
	struct rf_entries entries;
	/* A folder is a way to further links; with "/ **" or nothing behind it, to none. */
	bool folders = rest[len] && strcmp(rest + len, "/**") != 0;
	int error = component && head ? rf_entries_find(&look->r->folders, dir, component, folders, &entries) : -ENOMEM;

	if (error)
		return error;
	look->r->entries += entries.seen;
	for (size_t i = 0; i < entries.count && !error; i++) {
		RF_AUTO_FREE char *name = rf_glob_quote(entries.name[i], strlen(entries.name[i]));
		RF_AUTO_FREE char *next = NULL;

		if (look->r->entries > SEEN_MAX || look->r->forms > FORMS_MAX)
			error = too_many(look);
		else if (!name || asprintf(&next, "%s/%s%s", head, name, rest + len) < 0)
			error = -ENOMEM;
		else
			error = walk(look, next);
	}
	rf_entries_free(&entries);
	return error;
}

/* Length of the component, with its slash in front, that wildcards stand in; 0 where "**" does. */
static size_t wild_component(const char *rest)
{
	size_t len = 1;

	for (; rest[len] && rest[len] != '/'; len++) {
		if (rest[len] == '*' && rest[len + 1] == '*')
			return 0;
		len += rest[len] == '\\' && rest[len + 1];
	}
	return len;
}

/* Adds what a pattern without braces means behind the links on its way. */
static int walk(struct look *look, const char *glob)
{
	RF_AUTO_FREE char *literal = malloc(strlen(glob) + 1);
	struct rf_links links;
	size_t len;
	int error;

	if (!literal)
		return -ENOMEM;
	len = rf_glob_literal(glob, literal);
	error = rf_links_follow_seen(literal, &look->r->seen, &links);
	if (error)
		return error;
	error = links.links ? may_follow(look, &links) : 1;
	if (error > 0) {
		bool exists = links.len == strlen(literal);
		size_t component = glob[len] && exists ? wild_component(glob + len) : 0;

		error = 0;
		if (links.links && !is_covered(look, &links, literal, glob + len)) {
			RF_AUTO_FREE char *form = make_form(&links, literal, glob + len);

			error = form ? add_form(look, form) : -ENOMEM;
		}
		/* The folders of /proc are tasks: other ones at each look. */
		if (!error && component && strcmp(links.path, "/proc") != 0 && strncmp(links.path, "/proc/", 6) != 0)
			error = walk_entries(look, links.path, glob + len, component);
	}
	rf_links_free(&links);
	return error;
}

static int walk_plain(void *look, const char *plain)
{
	return walk(look, plain);
}

/* First what the literal part means, in one form; then what wildcards and braces find behind it. */
static int resolve_pattern(struct resolver *r, struct rf_rule *rule, const struct rf_pattern *pattern)
{
	struct look look = {r, rule, pattern, false};
	RF_AUTO_FREE char *literal = malloc(strlen(pattern->glob) + 1);
	RF_AUTO_FREE char *form = NULL;
	struct rf_links links;
	size_t len;
	int error;

	if (!literal)
		return -ENOMEM;
	if (pattern->glob[0] != '/')
		return 0;
	len = rf_glob_literal(pattern->glob, literal);
	error = rf_links_follow_seen(literal, &r->seen, &links);
	if (error)
		return error;
	error = 1;
	if (links.links)
		error = may_follow(&look, &links);
	if (error > 0 && links.links) {
		form = make_form(&links, literal, pattern->glob + len);
		error = form ? add_form(&look, form) : -ENOMEM;
		error = error ? error : 1;
	}
	rf_links_free(&links);
	if (error <= 0 || !pattern->glob[len])
		return error < 0 ? error : 0;
	return rf_spread(form ? form : pattern->glob, walk_plain, &look);
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
	rf_folders_forget(&r->folders);
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
