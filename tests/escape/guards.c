// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each guard off, and each guard alone. With one off, no attempt is refused by it any more, and one succeeds as it does
 * unfenced; with all others off, it refuses as before: its own name alone switches it off.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape/trials.h"

#define TRIALS 16 /* of each guard, at most */
#define ENOUGH 4  /* once one of them succeeds */

/* What a guard refuses whatever a policy switches off. */
static const char *const always[] = {
	"uring/personality/", /* requests under other credentials would pass for the kernel's own acts */
	"uring/ring-before/",
};

/* Where another guard refuses, for reasons of its own, all that this one does: both are off. */
static const struct {
	unsigned guard, other;
	const char *why;
} backed[] = {
	{RF_GUARD_MOUNTS, RF_GUARD_CAPABILITIES, "whoever mounts needs SYS_ADMIN"},
	{RF_GUARD_MODULES, RF_GUARD_CAPABILITIES, "whoever loads modules needs SYS_MODULE or SYS_BOOT"},
};

struct list {
	const struct trial *trial[TRIALS];
	size_t count;
};

static struct row {
	unsigned guard;
	size_t tried, free, other;
	char attempt[160], how[120];
} row[RF_GUARD_COUNT];

/* The policy of the world with these guards off. */
static void fence_without(uint32_t off)
{
	static char text[8192];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s  guards: { off: [", world_policy);
	const char *comma = "";

	for (unsigned guard = RF_GUARD_NONE + 1; guard < RF_GUARD_COUNT; guard++)
		if (off & RF_GUARD_BIT(guard)) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", comma, rf_guard_word(guard));
			comma = ", ";
		}
	snprintf(text + len, sizeof(text) - len, "] }\n");
	fence_make(&fence, text, false);
}

static bool is_always(const struct trial *t)
{
	for (size_t i = 0; i < COUNT(always); i++)
		if (!strncmp(t->name, always[i], strlen(always[i])))
			return true;
	return false;
}

/* How well an attempt shows a guard: it alone refuses, it and others do, it is named behind others. -1: not at all. */
static int rank(const struct trial *t, unsigned guard)
{
	const char *words = t->attempt->guard;

	if (is_always(t))
		return -1;
	if (t->guards & RF_GUARD_BIT(guard))
		return t->guards == RF_GUARD_BIT(guard) ? 0 : 1;
	return words && among(words, rf_guard_word(guard)) ? 2 : -1;
}

/* The attempts to make: of the best rank that there is, in order. */
static void of_guard(unsigned guard, struct list *list)
{
	for (int wanted = 0; wanted <= 2 && !list->count; wanted++)
		for (size_t i = 0; i < trials && list->count < TRIALS; i++)
			if (rank(&trial[i], guard) == wanted)
				list->trial[list->count++] = &trial[i];
}

static bool failed(struct row *r, const struct trial *t, uid_t uid, const char *how)
{
	snprintf(r->attempt, sizeof(r->attempt), "%.120s%s", t->name, uid == t->uid ? "" : " (as a user)");
	snprintf(r->how, sizeof(r->how), "%s: errno %d, %llu denials", how, outcome->act, outcome->made);
	return false;
}

/* The run just made was with the guard off: as unfenced, or refused by somebody else who says so. */
static bool run_was_free(struct row *r, const struct trial *t, uid_t uid)
{
	int error = outcome->act;

	if (!outcome->ended || told_by_guard(r->guard))
		return failed(r, t, uid, "STILL REFUSED BY IT");
	if (!error) {
		if (!r->free++)
			snprintf(r->attempt, sizeof(r->attempt), "%.120s%s", t->name,
				 uid == t->uid ? "" : " (as a user)");
		return true;
	}
	if (outcome->made) {
		r->other++;
		return true;
	}
	/* In a cgroup of its own some things are not possible at all; a guard says EPERM or EACCES. */
	if (error != EPERM && error != EACCES)
		return true;
	run_stage(t->attempt, uid, false);
	return outcome->act == error || failed(r, t, uid, "NOT AS UNFENCED, and nobody told");
}

/* A user may be allowed what root is kept from by the guard of powers that root has: so both try. */
static bool run_off(struct row *r, const struct list *list)
{
	for (size_t i = 0; i < list->count && (i < ENOUGH || !r->free); i++) {
		const struct trial *t = list->trial[i];

		for (unsigned who = ROOT; who <= USER; who <<= 1) {
			uid_t uid = who == ROOT ? 0 : USER_ID;

			if (!(t->attempt->who & who))
				continue;
			trial_run(t, uid);
			if (outcome->prepared)
				continue;
			r->tried++;
			if (!run_was_free(r, t, uid))
				return false;
		}
	}
	return true;
}

/* All others are off: it still refuses what it refused, and where another came first, at least one. */
static bool run_alone(struct row *r, const struct list *list)
{
	bool one = false;

	for (size_t i = 0; i < list->count && (i < ENOUGH || !one); i++) {
		const struct trial *t = list->trial[i];
		bool told;

		trial_run(t, t->uid);
		told = outcome->ended && outcome->act && told_by_guard(r->guard);
		one |= told;
		/* A guard that others refused with may be asked only after they did. */
		if (!told && rank(t, r->guard) == 0)
			return failed(r, t, t->uid, "NOT REFUSED BY IT with all others off");
	}
	return one || failed(r, list->trial[0], list->trial[0]->uid, "IT REFUSES NONE with all others off");
}

/* Runs the attempts in a fence with these guards off. */
static bool in_fence(uint32_t off, bool (*run)(struct row *, const struct list *), struct row *r,
		     const struct list *list)
{
	bool good;

	fence_without(off);
	good = run(r, list);
	fence_end(&fence);
	return good;
}

static bool try_guard(struct row *r)
{
	struct list list = {.count = 0};
	uint32_t bit = RF_GUARD_BIT(r->guard);

	of_guard(r->guard, &list);
	if (!list.count) {
		snprintf(r->how, sizeof(r->how), "NO ATTEMPT is refused by it");
		return false;
	}
	if (!in_fence(bit, run_off, r, &list) || !in_fence(RF_GUARDS_ALL & ~bit, run_alone, r, &list))
		return false;
	snprintf(r->how, sizeof(r->how), "refused when all but it are off");
	if (r->free)
		return true;
	for (size_t i = 0; i < COUNT(backed); i++)
		if (backed[i].guard == r->guard) {
			if (!in_fence(bit | RF_GUARD_BIT(backed[i].other), run_off, r, &list))
				return false;
			snprintf(r->how, sizeof(r->how), "the same; succeeds with %s off too: %s",
				 rf_guard_word(backed[i].other), backed[i].why);
		}
	return r->free || failed(r, list.trial[0], list.trial[0]->uid, "NONE SUCCEEDS");
}

void mutate_guards(const struct options *options)
{
	double start = now();
	size_t rows = 0;

	for (unsigned guard = RF_GUARD_NONE + 1; guard < RF_GUARD_COUNT; guard++) {
		struct row *r = &row[rows];
		char name[64];
		bool good;

		snprintf(name, sizeof(name), "guards/%s", rf_guard_word(guard));
		if (!options_want(options, name))
			continue;
		rows++;
		r->guard = guard;
		good = try_guard(r);
		report(good, name, "%s: %s", r->attempt, r->how);
	}
	report_note("%-13s %5s %7s %5s  %-34s %s", "guard off", "tried", "succeed", "other", "such as", "how");
	for (size_t i = 0; i < rows; i++)
		report_note("%-13s %5zu %7zu %5zu  %-34s %s", rf_guard_word(row[i].guard), row[i].tried, row[i].free,
			    row[i].other, row[i].attempt, row[i].how);
	report_note("guards: %.1f s", now() - start);
}
