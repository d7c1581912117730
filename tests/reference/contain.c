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

bool ref_gains(const struct rf_policy *policy, const char *old, const char *new, const char *rest)
{
	char from[3 * RF_PATH_MAX], to[3 * RF_PATH_MAX];
	size_t from_len = (size_t)snprintf(from, sizeof(from), "%s%s", old, rest);
	size_t to_len = (size_t)snprintf(to, sizeof(to), "%s%s", new, rest);

	for (unsigned access = RF_READ; access <= RF_EXEC; access <<= 1)
		if (ref_path(policy, RF_FILES, access, to, to_len).allow &&
		    !ref_path(policy, RF_FILES, access, from, from_len).allow)
			return true;
	return false;
}

const char *ref_gain_find(const struct rf_policy *policy, const struct ref_rests *rests, const char *old,
			  const char *new)
{
	for (size_t i = 0; i < rests->count; i++)
		if (ref_gains(policy, old, new, rests->text[i]))
			return rests->text[i];
	return NULL;
}
