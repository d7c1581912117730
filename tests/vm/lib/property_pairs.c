// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two names of one object: allowed only if no name would gain a right. For a file that is what the two names may; for a
 * folder also what everything beneath may, of which the reference tries many.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reference/random.h"
#include "vm/lib/property.h"
#include "vm/lib/world.h"

#define CONTINUATIONS 150

/* The new name: of another question's kind, or the old one's neighbour. */
static bool second_name(struct round *round, struct question *question)
{
	struct gen_probe other;

	if (gen_chance(round->gen, 40)) {
		struct gen_buf buf = {0};
		size_t parent = question->probe.len;

		while (question->probe.path[parent - 1] != '/')
			parent--;
		gen_put(&buf, question->probe.path, parent);
		gen_name(round->gen, &buf);
		question->second_len = buf.len < RF_PATH_MAX ? buf.len : 0;
		memcpy(question->second, buf.text, question->second_len);
		free(buf.text);
		/* Names that mean something else. */
		if (!strcmp(question->second + parent, ".") || !strcmp(question->second + parent, ".."))
			return false;
		return question->second_len && !memchr(question->second + parent, '/', question->second_len - parent);
	}
	gen_probe_make(round->gen, &round->policy, RF_FILES, &other);
	memcpy(question->second, other.path, other.len);
	question->second_len = other.len;
	return true;
}

bool pairs_prepare(struct round *round, struct question *question)
{
	static const enum way ways[] = {WAY_RENAME, WAY_LINK, WAY_RENAME_DIR};
	struct stat st;
	size_t least = strlen(round->gen->prefix) + 2;

	question->way = ways[gen_below(round->gen, 3)];
	if (question->probe.len < least || !second_name(round, question) || question->second_len < least ||
	    strlen(question->probe.path) != question->probe.len || strlen(question->second) != question->second_len)
		return false;
	if (!name_is_free(round, question->probe.path, question->probe.len) ||
	    !name_is_free(round, question->second, question->second_len) ||
	    !name_is_steady(round, question->probe.path, question->probe.len) ||
	    !name_is_steady(round, question->second, question->second_len) ||
	    !strncmp(question->probe.path, question->second,
		     question->probe.len < question->second_len ? question->probe.len : question->second_len))
		return false;
	if (!make_parents(question->probe.path) || !make_parents(question->second) ||
	    !lstat(question->probe.path, &st) || errno != ENOENT || !lstat(question->second, &st) || errno != ENOENT)
		return false;
	if (question->way == WAY_RENAME_DIR)
		return !mkdir(question->probe.path, 0755);
	make_tool(question->probe.path);
	return true;
}

int pairs_ask(const struct question *question)
{
	if (question->way == WAY_LINK)
		return ERRNO(link(question->probe.path, question->second));
	return ERRNO(rename(question->probe.path, question->second));
}

struct names {
	const struct rf_policy *policy;
	const char *old, *new;
	size_t old_len, new_len;
};

/* Whether the new name with a continuation may what the old one with it may not. */
static bool gains(const struct names *names, const char *rest, size_t len)
{
	char old[2 * RF_PATH_MAX], new[2 * RF_PATH_MAX];

	memcpy(old, names->old, names->old_len);
	memcpy(old + names->old_len, rest, len);
	memcpy(new, names->new, names->new_len);
	memcpy(new + names->new_len, rest, len);
	for (unsigned access = RF_READ; access <= RF_EXEC; access <<= 1)
		if (ref_path(names->policy, RF_FILES, access, new, names->new_len + len).allow &&
		    !ref_path(names->policy, RF_FILES, access, old, names->old_len + len).allow)
			return true;
	return false;
}

/* Continuations: names by chance, and what rules' own paths have beneath folders. */
static bool gains_beneath(const struct round *round, const struct names *names)
{
	struct gen gen = {.state = names->old_len * 131 + names->new_len, .prefix = round->gen->prefix};

	for (int i = 0; i < CONTINUATIONS; i++) {
		struct gen_buf rest = {0};
		bool gain;

		if (gen_chance(&gen, 40)) {
			struct gen_probe probe;
			size_t at;

			gen_probe_make(&gen, &round->policy, RF_FILES, &probe);
			at = gen_below(&gen, probe.len);
			while (at < probe.len && probe.path[at] != '/')
				at++;
			gen_put(&rest, probe.path + at, probe.len - at);
		} else {
			for (size_t n = 1 + gen_below(&gen, 3); n; n--) {
				gen_puts(&rest, "/");
				gen_name(&gen, &rest);
			}
		}
		gain = rest.len > 1 && rest.len < RF_PATH_MAX && gains(names, rest.text, rest.len);
		free(rest.text);
		if (gain)
			return true;
	}
	return false;
}

static bool is_hidden(const struct rf_policy *policy, const char *path, size_t len)
{
	bool hidden = false;

	for (unsigned access = RF_READ; access <= RF_EXEC; access <<= 1)
		hidden |= ref_path(policy, RF_FILES, access, path, len).hide;
	return hidden;
}

struct expected pairs_expect(const struct round *round, const struct question *question)
{
	const struct rf_policy *policy = round->fence.set.policy;
	struct names names = {policy, question->probe.path, question->second, question->probe.len,
			      question->second_len};
	struct ref_verdict old = ref_path(policy, RF_FILES, RF_WRITE, names.old, names.old_len);
	struct ref_verdict new = ref_path(policy, RF_FILES, RF_WRITE, names.new, names.new_len);
	struct expected expected = {.access = RF_WRITE};

	if (question->way != WAY_LINK && !old.allow) {
		expected.error = old.hide ? ENOENT : EACCES;
		expected.rule = old.rule;
	} else if (!new.allow) {
		expected.error = new.hide ? ENOENT : EACCES;
		expected.rule = new.rule;
	} else if (gains(&names, "", 0) || (question->way == WAY_RENAME_DIR && gains_beneath(round, &names))) {
		/* What is hidden is not found under its old name. */
		expected.error = is_hidden(policy, names.old, names.old_len) ? ENOENT : EXDEV;
		expected.reason = RF_REASON_GAIN;
	} else {
		expected.may_refuse = question->way == WAY_RENAME_DIR;
	}
	return expected;
}
