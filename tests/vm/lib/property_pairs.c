// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two names of one object: allowed exactly if no name would gain a right. For a file that is what the two names may;
 * for a folder also what everything beneath may, of which the reference tries many, and asks a walk over the image for
 * what it did not try.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reference/contain.h"
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

/* Folders above what rules name: what rules say beneath them differs more often. */
static size_t cut(struct gen *gen, char *path, size_t len)
{
	for (size_t cuts = gen_below(gen, 3); cuts; cuts--) {
		size_t at = len;

		while (at && path[at - 1] != '/')
			at--;
		if (at > strlen(gen->prefix) + 2)
			len = at - 1;
	}
	path[len] = '\0';
	return len;
}

static bool link_prepare(struct round *round, struct question *question)
{
	struct stat st;

	question->probe.access = RF_WRITE;
	question->probe.len = cut(round->gen, question->probe.path, question->probe.len);
	return question->probe.len >= strlen(round->gen->prefix) + 2 &&
	       strlen(question->probe.path) == question->probe.len &&
	       name_is_free(round, question->probe.path, question->probe.len) &&
	       name_is_steady(round, question->probe.path, question->probe.len) && make_parents(question->probe.path) &&
	       lstat(question->probe.path, &st) && errno == ENOENT;
}

bool pairs_prepare(struct round *round, struct question *question)
{
	static const enum way ways[] = {WAY_RENAME, WAY_LINK, WAY_RENAME_DIR, WAY_SYMLINK};
	struct stat st;
	size_t least = strlen(round->gen->prefix) + 2;

	question->way = ways[gen_below(round->gen, sizeof(ways) / sizeof(ways[0]))];
	if (question->way == WAY_SYMLINK)
		return link_prepare(round, question);
	if (question->probe.len < least || !second_name(round, question) || question->second_len < least)
		return false;
	if (question->way == WAY_RENAME_DIR) {
		question->probe.len = cut(round->gen, question->probe.path, question->probe.len);
		question->second_len = cut(round->gen, question->second, question->second_len);
	}
	if (strlen(question->probe.path) != question->probe.len || strlen(question->second) != question->second_len)
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
	if (question->way == WAY_SYMLINK)
		return ERRNO(symlink("/nonexistent", question->probe.path));
	if (question->way == WAY_LINK)
		return ERRNO(link(question->probe.path, question->second));
	return ERRNO(rename(question->probe.path, question->second));
}

/* Continuations: names by chance, and what rules' own paths have beneath folders. */
static bool gains_beneath(const struct round *round, const struct question *question)
{
	struct gen gen = {.state = question->probe.len * 131 + question->second_len, .prefix = round->gen->prefix};
	const struct rf_policy *policy = round->fence.set.policy;
	char found[RF_PATH_MAX];

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
		gain = rest.len > 1 && rest.len < RF_PATH_MAX && rest.len == strlen(rest.text) &&
		       ref_differ(policy, REF_GAINS, question->probe.path, question->second, rest.text);
		free(rest.text);
		if (gain)
			return true;
	}
	return ref_witness(policy, &round->fence.compiled[0].image[RF_IMAGE_FILES], REF_GAINS, question->probe.path,
			   question->second, found);
}

static bool is_hidden(const struct rf_policy *policy, const char *path, size_t len)
{
	bool hidden = false;

	for (unsigned access = RF_READ; access <= RF_EXEC; access <<= 1)
		hidden |= ref_path(policy, RF_FILES, access, path, len).hide;
	return hidden;
}

static struct expected link_expect(const struct round *round, const struct question *question)
{
	struct expected expected = files_expect(round, question);

	if (!expected.error && ref_guarded(round->fence.set.policy, &round->fence.compiled[0].image[RF_IMAGE_FILES],
					   question->probe.path)) {
		expected.error = EACCES;
		expected.reason = RF_REASON_STANDIN;
	}
	return expected;
}

struct expected pairs_expect(const struct round *round, const struct question *question)
{
	const struct rf_policy *policy = round->fence.set.policy;
	const struct rf_image *image = &round->fence.compiled[0].image[RF_IMAGE_FILES];
	const char *from = question->probe.path, *to = question->second;
	struct ref_verdict old = ref_path(policy, RF_FILES, RF_WRITE, from, question->probe.len);
	struct ref_verdict new = ref_path(policy, RF_FILES, RF_WRITE, to, question->second_len);
	struct expected expected = {.access = RF_WRITE};

	if (question->way == WAY_SYMLINK)
		return link_expect(round, question);
	if (question->way != WAY_LINK && !old.allow) {
		expected.error = old.hide ? ENOENT : EACCES;
		expected.rule = old.rule;
	} else if (!new.allow) {
		expected.error = new.hide ? ENOENT : EACCES;
		expected.rule = new.rule;
	} else if (question->way == WAY_RENAME_DIR && ref_keeps(policy, image, from, to)) {
		expected.error = is_hidden(policy, from, question->probe.len) ? ENOENT : EXDEV;
		expected.reason = RF_REASON_BENEATH;
	} else if (ref_differ(policy, REF_GAINS, from, to, "") ||
		   (question->way == WAY_RENAME_DIR && gains_beneath(round, question))) {
		/* What is hidden is not found under its old name. */
		expected.error = is_hidden(policy, from, question->probe.len) ? ENOENT : EXDEV;
		expected.reason = RF_REASON_GAIN;
	}
	return expected;
}
