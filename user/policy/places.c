// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What patterns name on this host, where that is hardly what was meant. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compile/compile.h"
#include "policy/diag.h"
#include "policy/links.h"
#include "policy/memory.h"
#include "policy/policy.h"
#include "policy/spread.h"

/* ----------------------------------------------------------------------- links */

struct harmless {
	const char *form; /* to which the links of some pattern must lead */
	bool found;
};

/* Whether nobody but root can make the link lead elsewhere. */
static bool is_roots(const char *link)
{
	RF_AUTO_FREE char *folder = strdup(link);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	struct stat own, above;

	if (!slash)
		return false;
	slash[slash == folder] = '\0';
	return !lstat(link, &own) && !stat(folder, &above) && !own.st_uid && !above.st_uid &&
	       (!(above.st_mode & (S_IWGRP | S_IWOTH)) || above.st_mode & S_ISVTX);
}

/* One of the patterns that the written one stands for. */
static int look_at(void *context, const char *plain)
{
	struct harmless *h = context;
	RF_AUTO_FREE char *literal = malloc(strlen(plain) + 1);
	RF_AUTO_FREE char *form = NULL;
	struct rf_links links;
	bool roots = true;
	size_t len;

	if (!literal)
		return -ENOMEM;
	len = rf_glob_literal(plain, literal);
	if (rf_links_follow(literal, &links))
		return -ENOMEM;
	for (size_t i = 0; i < links.links; i++)
		roots = roots && is_roots(links.link[i]);
	if (links.links && asprintf(&form, "%s%s%s", links.path, literal + links.len, plain + len) < 0)
		form = NULL;
	h->found = form && roots && !strcmp(form, h->form);
	rf_links_free(&links);
	return h->found;
}

/* The links of the host's own layout, as /bin and /dev/fd are. What wildcards came upon is not looked at. */
static bool is_harmless(const char *written, const char *form)
{
	struct harmless h = {.form = form};

	return rf_spread(written, look_at, &h) >= 0 && h.found;
}

void rf_policy_warn_links(const struct rf_policy *policy, struct rf_diags *diags)
{
	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < policy->rules[section]; i++) {
			const struct rf_rule *rule = &policy->rule[section][i];

			for (size_t k = 0; k < rule->patterns; k++) {
				const struct rf_pattern *pattern = &rule->pattern[k];
				const char *written = rule->path[pattern->of].text;

				if (pattern->resolved && !is_harmless(written, pattern->glob))
					rf_diag_add(diags, RF_WARNING, pattern->where,
						    "\"%s\" passes through a symbolic link: here it also means \"%s\"",
						    rf_shown(written), rf_shown(pattern->glob));
			}
		}
	}
}

/* --------------------------------------------------------------------- folders */

/* Whether some pattern of the policy's files speaks of what is beneath a folder: by its name, or with the same verdict.
 */
static bool has_beneath(const struct rf_policy *policy, const char *folder, bool allow)
{
	RF_AUTO_FREE char *inside = NULL;
	size_t len = strlen(folder);

	if (asprintf(&inside, "%s/\x01\x02\x03", folder) < 0)
		return true;
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_FILES][i];

		for (size_t k = 0; k < rule->patterns; k++) {
			const char *glob = rule->pattern[k].glob;

			if ((!strncmp(glob, folder, len) && glob[len] == '/') ||
			    (!rule->implied && rule->allow == allow && rf_glob_match(glob, inside, strlen(inside))))
				return true;
		}
	}
	return false;
}

static bool is_folder(const char *glob, char *literal)
{
	struct stat st;

	return !glob[rf_glob_literal(glob, literal)] && literal[0] == '/' && literal[1] && !lstat(literal, &st) &&
	       S_ISDIR(st.st_mode);
}

/* A folder by itself is meant by who wants to list it. So nothing is said where it stands beside more exact patterns.
 */
void rf_policy_warn_folders(const struct rf_policy *policy, struct rf_diags *diags)
{
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_FILES][i];

		for (size_t k = 0; k < rule->patterns; k++) {
			const struct rf_pattern *pattern = &rule->pattern[k];
			RF_AUTO_FREE char *literal = malloc(strlen(pattern->glob) + 1);

			if (!literal || pattern->resolved || rule->implied || !is_folder(pattern->glob, literal) ||
			    has_beneath(policy, literal, rule->allow))
				continue;
			rf_diag_add(
				diags, RF_WARNING, pattern->where,
				"\"%s\" is a folder here, and means the folder alone: nothing in it is %s; with all "
				"beneath it is \"%s/**\"",
				rf_shown(pattern->glob), rule->allow ? "allowed" : "denied", rf_shown(pattern->glob));
		}
	}
}
