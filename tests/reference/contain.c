/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Continuations are spelled out, and each is asked of the rules. */
#include "reference/contain.h"

#include <stdlib.h>
#include <string.h>

#include "reference/generate.h"
#include "reference/random.h"
#include "reference/reference.h"

#define NAME_MAX_ 255

static char *copy(const char *text)
{
	char *copied = strdup(text);

	if (!copied)
		abort();
	return copied;
}

static void add(struct ref_rests *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->text[i], text))
			return;
	list->text = realloc(list->text, (list->count + 1) * sizeof(*list->text));
	if (!list->text)
		abort();
	list->text[list->count++] = copy(text);
}

void ref_rests_free(struct ref_rests *rests)
{
	for (size_t i = 0; i < rests->count; i++)
		free(rests->text[i]);
	free(rests->text);
	*rests = (struct ref_rests){0};
}

/* The parts of a path: its names, and its tails from each '/' on. */
static void add_parts(const char *path, struct ref_rests *names, struct ref_rests *tails)
{
	char name[NAME_MAX_ + 1];

	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		size_t len = strcspn(at + 1, "/");

		if (!len || len > NAME_MAX_)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, at + 1);
		add(names, name);
		if (!strstr(at, "//") && at[strlen(at) - 1] != '/')
			add(tails, at);
	}
}

void ref_rests_make(const struct rf_policy *policy, struct ref_rests *rests)
{
	enum { PATHS = 6, NAMES = 24 }; /* of each pattern; that are put together */
	struct gen gen = {.state = 1, .plain = true, .prefix = ""};
	struct ref_rests names = {0};
	struct gen_probe probe;
	char text[2 * NAME_MAX_ + 3];

	*rests = (struct ref_rests){0};
	add(&names, "z");
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++)
		for (size_t k = 0; k < PATHS * policy->rule[RF_FILES][i].patterns; k++) {
			gen_path(&gen, policy->rule[RF_FILES][i].pattern[k / PATHS].glob, &probe);
			if (probe.len == strlen(probe.path))
				add_parts(probe.path, &names, rests);
		}
	for (size_t i = 0; i < names.count && i < NAMES; i++) {
		snprintf(text, sizeof(text), "/%s", names.text[i]);
		add(rests, text);
		for (size_t k = 0; k < names.count && k < NAMES; k++) {
			snprintf(text, sizeof(text), "/%s/%s", names.text[i], names.text[k]);
			add(rests, text);
		}
	}
	ref_rests_free(&names);
}

/* -------------------------------------------------------------------- asking */

static bool some_move(const struct rf_policy *policy)
{
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++)
		if (policy->rule[RF_FILES][i].moves)
			return true;
	return false;
}

static bool stays(struct ref_verdict write)
{
	return !write.allow && !(write.rule && write.rule->moves);
}

bool ref_differ(const struct rf_policy *policy, enum ref_difference how, const char *old, const char *new,
		const char *rest)
{
	char from[3 * RF_PATH_MAX], to[3 * RF_PATH_MAX];
	size_t from_len = (size_t)snprintf(from, sizeof(from), "%s%s", old, rest);
	size_t to_len = (size_t)snprintf(to, sizeof(to), "%s%s", new, rest);
	struct ref_verdict old_write = ref_path(policy, RF_FILES, RF_WRITE, from, from_len);
	struct ref_verdict new_write = ref_path(policy, RF_FILES, RF_WRITE, to, to_len);

	switch (how) {
	case REF_GAINS_WRITE:
		return new_write.allow && !old_write.allow;
	case REF_DENIED:
		return !old_write.allow || !new_write.allow;
	case REF_STAYS:
		return stays(old_write) || stays(new_write);
	case REF_GAINS:
		break;
	}
	for (unsigned access = RF_READ; access <= RF_EXEC; access <<= 1)
		if (ref_path(policy, RF_FILES, access, to, to_len).allow &&
		    !ref_path(policy, RF_FILES, access, from, from_len).allow)
			return true;
	/* That it may move counts as a right, where rules say so: folders of equal rights may move. */
	return some_move(policy) && stays(old_write) && !stays(new_write);
}

const char *ref_gain_find(const struct rf_policy *policy, const struct ref_rests *rests, const char *old,
			  const char *new)
{
	for (size_t i = 0; i < rests->count; i++)
		if (ref_differ(policy, REF_GAINS, old, new, rests->text[i]))
			return rests->text[i];
	return NULL;
}

bool ref_keeps(const struct rf_policy *policy, const struct rf_image *image, const char *old, const char *new)
{
	char rest[RF_PATH_MAX];

	return ref_witness(policy, image, REF_STAYS, old, new, rest) ||
	       (ref_witness(policy, image, REF_DENIED, old, new, rest) &&
		(ref_witness(policy, image, REF_GAINS, old, new, rest) ||
		 ref_witness(policy, image, REF_GAINS, new, old, rest)));
}

/* A name of its own in a folder, and how deep such names go on. */
#define ORDINARY "/\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08"
#define DEPTH	 16

bool ref_guarded(const struct rf_policy *policy, const struct rf_image *image, const char *name)
{
	char beside[2 * RF_PATH_MAX], beneath[2 * RF_PATH_MAX], rest[RF_PATH_MAX];

	snprintf(beneath, sizeof(beneath), "%s", name);
	snprintf(beside, sizeof(beside), "%.*s" ORDINARY, (int)(strrchr(name, '/') - name), name);
	if (ref_witness(policy, image, REF_GAINS_WRITE, name, beside, rest))
		return true;
	for (int i = 0; i < DEPTH; i++) {
		strcat(beside, ORDINARY);
		strcat(beneath, ORDINARY);
	}
	return ref_witness(policy, image, REF_GAINS_WRITE, name, beside, rest) ||
	       ref_witness(policy, image, REF_GAINS_WRITE, name, beneath, rest);
}
