/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What came of each attempt in the whole fence: who refused it. */
#ifndef RINGFENCE_TESTS_ESCAPE_TRIALS_H
#define RINGFENCE_TESTS_ESCAPE_TRIALS_H

#include <stdint.h>

#include "escape/runner.h"

struct trial {
	const struct attempt *attempt;
	char name[128]; /* SECTION/ATTEMPT/root or SECTION/ATTEMPT/user */
	uid_t uid;
	bool slow;
	size_t number;		  /* in the order of the tables */
	bool hook[RF_HOOK_COUNT]; /* which told it */
	unsigned hooks;		  /* how many */
	uint32_t guards;	  /* RF_GUARD_BITs of those that did */
};

/* How an attempt ended that was made with something left out. */
enum how {
	HOW_NOT,   /* as before, or for a reason of its own: shows nothing */
	HOW_OTHER, /* refused, by another hook or guard */
	HOW_OUT,   /* not refused, or something outside was touched */
};

/* Those that the whole fence refuses as they say, the slow ones last. Each is made once, by root where it can be. */
extern struct trial *trial;
extern size_t trials;
void trials_make(void);

/* Makes the attempt again in the fence. */
void trial_run(const struct trial *trial, uid_t uid);
/* Of the run just made. */
bool told_by_hook(unsigned hook);
bool told_by_guard(unsigned guard);
enum how how_out(void);
/* The hook that told first; RF_HOOK_NONE: none. */
unsigned first_hook(void);

#endif
