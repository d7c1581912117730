// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape/trials.h"
#include "host/hook_table.h"

#define SLOW 1 /* seconds */

struct trial *trial;
size_t trials;

static unsigned hook_of(const char *name)
{
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		if (!strcmp(rf_hook_name(hook), name))
			return hook;
	return RF_HOOK_NONE;
}

static size_t kept(void)
{
	return outcome->events < KEPT ? outcome->events : KEPT;
}

bool told_by_hook(unsigned hook)
{
	for (size_t i = 0; i < kept(); i++)
		if (hook_of(outcome->told[i].hook) == hook)
			return true;
	return false;
}

static bool beneath(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

/* Two guards ask the rules as well, and then a rule is told: `fds` does so of what arrives, and `engine` is a rule of
 * its own about the engine's places (user/policy/model.c, rf_add_engine_rule). */
static bool told_for(const struct told *told, unsigned guard)
{
	if (guard == RF_GUARD_FDS && !strcmp(told->hook, "file_receive"))
		return true;
	if (guard == RF_GUARD_ENGINE && !*told->guard &&
	    (beneath(told->object, RF_PINS_ROOT) || beneath(told->object, RF_STATE)))
		return true;
	return !strcmp(told->guard, rf_guard_word(guard));
}

bool told_by_guard(unsigned guard)
{
	for (size_t i = 0; i < kept(); i++)
		if (told_for(&outcome->told[i], guard))
			return true;
	return false;
}

unsigned first_hook(void)
{
	return outcome->events ? hook_of(outcome->told[0].hook) : RF_HOOK_NONE;
}

enum how how_out(void)
{
	if (!outcome->ended || outcome->prepared)
		return HOW_NOT;
	if (!outcome->act || !outcome->intact)
		return HOW_OUT;
	return outcome->made ? HOW_OTHER : HOW_NOT;
}

void trial_run(const struct trial *t, uid_t uid)
{
	run_stage(t->attempt, uid, true);
	/* A program that the attempt runs tells under a name of its own: within a second of the run before, alike. */
	if (outcome->merged && !outcome->events) {
		usleep(1200000);
		run_stage(t->attempt, uid, true);
	}
}

static void try_one(const char *section, const struct attempt *attempt)
{
	struct trial *t = &trial[trials];
	double start = now();

	memset(t, 0, sizeof(*t));
	t->attempt = attempt;
	t->uid = attempt->who & ROOT ? 0 : USER_ID;
	snprintf(t->name, sizeof(t->name), "%s/%s/%s", section, attempt->name, t->uid ? "user" : "root");
	trial_run(t, t->uid);
	t->number = trials;
	t->slow = now() - start > SLOW;
	if (fault(attempt))
		return;
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		t->hooks += t->hook[hook] = told_by_hook(hook);
	for (unsigned guard = RF_GUARD_NONE + 1; guard < RF_GUARD_COUNT; guard++)
		if (told_by_guard(guard))
			t->guards |= RF_GUARD_BIT(guard);
	trials++;
}

/* The slow ones last, else in the order of the tables: the same attempts on each run. */
static int by_cost(const void *a, const void *b)
{
	const struct trial *x = a, *y = b;

	if (x->slow != y->slow)
		return x->slow ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

void trials_make(void)
{
	size_t all = 0;

	for (size_t i = 0; i < SECTIONS; i++)
		all += *sections[i].count;
	trial = calloc(all, sizeof(*trial));
	if (!trial)
		die("memory");
	for (size_t i = 0; i < SECTIONS; i++)
		for (size_t j = 0; j < *sections[i].count; j++)
			if (!sections[i].attempt[j].skip && sections[i].attempt[j].most < FLOOD)
				try_one(sections[i].name, &sections[i].attempt[j]);
	qsort(trial, trials, sizeof(*trial), by_cost);
}
