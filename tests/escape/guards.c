// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each guard off, and each guard alone. With one off, no attempt is refused by it any more; with all others off, it
 * refuses as before: so its own name alone switches it off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape/trials.h"

#define TRIALS 6 /* of each guard, at most */

/* What a guard refuses whatever a policy switches off. */
static const struct {
	const char *attempt, *why;
} always[] = {
	{"uring/personality/", "requests under other credentials would pass for the kernel's own acts"},
};

static struct row {
	unsigned guard;
	size_t tried, free, by_other;
	char attempt[160], how[80];
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
		if (!strncmp(t->name, always[i].attempt, strlen(always[i].attempt)))
			return true;
	return false;
}

/* The attempts that the guard refuses, the cheapest first. */
static size_t of_guard(unsigned guard, const struct trial *list[TRIALS])
{
	size_t count = 0;

	for (size_t i = 0; i < trials && count < TRIALS; i++)
		if (trial[i].guards & RF_GUARD_BIT(guard) && !is_always(&trial[i]))
			list[count++] = &trial[i];
	return count;
}

/* The guard alone is off: none of them may be refused by it. */
static bool run_off(struct row *r, const struct trial *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* A user may be allowed what root is kept from by other guards, over powers that root has. */
		bool both = list[i]->attempt->who == BOTH;

		for (uid_t uid = list[i]->uid;; uid = USER_ID) {
			trial_run(list[i], uid);
			if (outcome->prepared)
				break;
			r->tried++;
			if (told_by_guard(r->guard)) {
				snprintf(r->attempt, sizeof(r->attempt), "%s", list[i]->name);
				snprintf(r->how, sizeof(r->how), "STILL REFUSED BY IT");
				return false;
			}
			r->by_other += outcome->made > 0;
			if (!outcome->act) {
				if (!r->free++)
					snprintf(r->attempt, sizeof(r->attempt), "%.100s%s", list[i]->name,
						 uid == list[i]->uid ? "" : " (as a user)");
			} else if (both && uid != USER_ID) {
				continue;
			}
			break;
		}
	}
	return true;
}

/* All others are off: it still refuses them. */
static bool run_alone(struct row *r, const struct trial *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		trial_run(list[i], list[i]->uid);
		if (!outcome->ended || !outcome->act || !told_by_guard(r->guard)) {
			snprintf(r->attempt, sizeof(r->attempt), "%s", list[i]->name);
			snprintf(r->how, sizeof(r->how), "NOT REFUSED BY IT WHEN ALL OTHERS ARE OFF");
			return false;
		}
	}
	return true;
}

/* All are off. */
static bool run_none(struct row *r, const struct trial *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		trial_run(list[i], list[i]->uid);
		if (!outcome->ended || outcome->act)
			continue;
		snprintf(r->attempt, sizeof(r->attempt), "%s", list[i]->name);
		return true;
	}
	return false;
}

static bool try_guard(struct row *r)
{
	const struct trial *list[TRIALS];
	size_t count = of_guard(r->guard, list);
	bool good;

	if (!count) {
		snprintf(r->how, sizeof(r->how), "NO ATTEMPT is refused by it");
		return false;
	}
	fence_without(RF_GUARD_BIT(r->guard));
	good = run_off(r, list, count);
	fence_end(&fence);
	if (!good)
		return false;
	fence_without(RF_GUARDS_ALL & ~RF_GUARD_BIT(r->guard));
	good = run_alone(r, list, count);
	fence_end(&fence);
	if (!good || r->free) {
		if (good)
			snprintf(r->how, sizeof(r->how), "succeeds with it off, refused with all others off");
		return good;
	}
	fence_without(RF_GUARDS_ALL);
	good = run_none(r, list, count);
	fence_end(&fence);
	snprintf(r->how, sizeof(r->how), good ? "succeeds with all off, refused with all others off" : "NONE SUCCEEDS");
	return good;
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
	report_note("%-14s %5s %7s %8s  %-40s %s", "guard off", "tried", "succeed", "by other", "attempt", "how");
	for (size_t i = 0; i < rows; i++)
		report_note("%-14s %5zu %7zu %8zu  %-40s %s", rf_guard_word(row[i].guard), row[i].tried, row[i].free,
			    row[i].by_other, row[i].attempt, row[i].how);
	report_note("guards: %.1f s", now() - start);
}
