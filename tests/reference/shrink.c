/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Smaller cases that still fail. */
#include <stdlib.h>
#include <string.h>

#include "reference/random.h"

struct shrinking {
	const struct gen *g;
	struct gen_policy *policy;
	struct gen_probe *probe;
	gen_fails *fails;
	void *context;
};

/* A candidate that is no policy any more does not count as failing. */
static bool still_fails(const struct shrinking *s)
{
	struct rf_policies policies = {0};
	bool fails =
		!gen_policy_bind(s->policy, &policies, NULL) && s->fails(&policies.policy[0], s->probe, s->context);

	rf_policies_free(&policies);
	return fails;
}

/* Tries a list of texts without one of them. The last may only go where none means all. */
static bool drop_texts(const struct shrinking *s, char **text, size_t *count, size_t least)
{
	bool any = false;

	for (size_t i = *count; i-- > 0 && *count > least;) {
		char *dropped = text[i];

		memmove(text + i, text + i + 1, (*count - i - 1) * sizeof(*text));
		--*count;
		if (still_fails(s)) {
			free(dropped);
			any = true;
			continue;
		}
		memmove(text + i + 1, text + i, (*count - i) * sizeof(*text));
		text[i] = dropped;
		++*count;
	}
	return any;
}

static void free_texts(char **text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(text[i]);
	free(text);
}

static bool drop_rules(const struct shrinking *s)
{
	struct gen_policy *policy = s->policy;
	bool any = false;

	for (size_t i = policy->rules; i-- > 0;) {
		struct gen_rule dropped = policy->rule[i];

		memmove(policy->rule + i, policy->rule + i + 1, (policy->rules - i - 1) * sizeof(dropped));
		policy->rules--;
		if (still_fails(s)) {
			free_texts(dropped.item, dropped.items);
			free_texts(dropped.port, dropped.ports);
			any = true;
			continue;
		}
		memmove(policy->rule + i + 1, policy->rule + i, (policy->rules - i) * sizeof(dropped));
		policy->rule[i] = dropped;
		policy->rules++;
	}
	return any;
}

/* Tries a text with runs of bytes left out, halving their length. It shrinks in place. */
static bool cut_text(const struct shrinking *s, char *text, size_t keep)
{
	size_t len = strlen(text);
	char *saved = strdup(text);
	bool any = false;

	if (!saved)
		abort();
	for (size_t run = len / 2; run; run /= 2) {
		for (size_t at = keep; at + run <= len;) {
			memmove(text + at, text + at + run, len - at - run + 1);
			if (still_fails(s)) {
				len -= run;
				memcpy(saved, text, len + 1);
				any = true;
			} else {
				memcpy(text, saved, len + 1);
				at++;
			}
		}
	}
	free(saved);
	return any;
}

static bool shrink_rules(const struct shrinking *s)
{
	bool any = false;

	for (size_t i = 0; i < s->policy->rules; i++) {
		struct gen_rule *rule = &s->policy->rule[i];
		bool network = rule->section == RF_NETWORK;
		unsigned access = rule->access, protocols = rule->protocols;

		any |= drop_texts(s, rule->item, &rule->items, !network);
		any |= drop_texts(s, rule->port, &rule->ports, 0);
		for (size_t k = 0; k < rule->items && !network; k++)
			any |= cut_text(s, rule->item[k], 1);
		rule->access &= s->probe->access;
		if (rule->access && rule->access != access && still_fails(s))
			any = true;
		else
			rule->access = access;
		rule->protocols = 0;
		if (protocols && still_fails(s))
			any = true;
		else
			rule->protocols = protocols;
		if (rule->hide) {
			rule->hide = false;
			if (still_fails(s))
				any = true;
			else
				rule->hide = true;
		}
	}
	return any;
}

/* Whether what is left of a path is one. */
static bool is_path(const struct gen_probe *probe, size_t prefix)
{
	const char *path = probe->path;

	if (path[0] == '@')
		return true;
	if (path[0] != '/' || (probe->len > 1 && path[probe->len - 1] == '/') || strstr(path, "//"))
		return false;
	for (const char *name = path; name; name = strchr(name, '/')) {
		size_t len = strcspn(++name, "/");

		if (len && len <= 2 && strspn(name, ".") >= len)
			return false;
	}
	return !prefix || (path[prefix] == '/' && path[prefix + 1]);
}

static bool shrink_path(const struct shrinking *s)
{
	struct gen_probe *probe = s->probe, saved = *probe;
	size_t prefix = probe->path[0] == '/' && s->g->prefix ? strlen(s->g->prefix) : 0;
	bool any = false;

	for (size_t run = probe->len / 2; run; run /= 2) {
		for (size_t at = prefix; at + run <= probe->len;) {
			memmove(probe->path + at, probe->path + at + run, probe->len - at - run + 1);
			probe->len -= run;
			if (probe->len && is_path(probe, prefix) && still_fails(s)) {
				saved = *probe;
				any = true;
			} else {
				*probe = saved;
				at++;
			}
		}
	}
	return any;
}

void gen_shrink(const struct gen *g, struct gen_policy *policy, struct gen_probe *probe, gen_fails *fails,
		void *context)
{
	const struct shrinking s = {g, policy, probe, fails, context};
	bool any = still_fails(&s);

	while (any) {
		any = drop_rules(&s);
		any |= shrink_rules(&s);
		if (probe->section != RF_NETWORK)
			any |= shrink_path(&s);
	}
}

static void print_escaped(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20 || byte >= 0x7f || byte == '\\' || byte == '"')
			fprintf(out, "\\x%02x", byte);
		else
			fputc(byte, out);
	}
}

void gen_report(FILE *out, uint64_t seed, const struct gen_policy *policy, const struct gen_probe *probe)
{
	char *text = gen_policy_text(policy), words[64];

	fprintf(out, "seed: %llu\n%squestion: %s ", (unsigned long long)seed, text,
		rf_access_words(probe->access, words, sizeof(words)));
	if (probe->section == RF_NETWORK) {
		fprintf(out, "protocol bit 0x%x, address ", probe->protocol);
		for (size_t i = 0; i < sizeof(probe->addr); i++)
			fprintf(out, "%02x%s", probe->addr[i], i % 2 && i < 15 ? ":" : "");
		fprintf(out, ", port %u\n", probe->port);
	} else {
		fputc('"', out);
		print_escaped(out, probe->path, probe->len);
		fprintf(out, "\" (%zu bytes)\n", probe->len);
	}
	free(text);
}
