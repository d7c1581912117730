/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two folders by brute force: whether something beneath one may what the same beneath another may not, whether they may
 * move to each other's place, whether a link may stand for one. For tests of what the compiler puts into images about
 * that. A program that runs out of memory here aborts.
 */
#ifndef RINGFENCE_TESTS_CONTAIN_H
#define RINGFENCE_TESTS_CONTAIN_H

#include "policy/policy.h"

struct rf_image;

/* Continuations of a folder's path, each with its leading '/'. */
struct ref_rests {
	char **text;
	size_t count;
};

/* Those that a policy's files rules can tell apart, as far as they are tried: every one and two of the names that its
 * patterns are made of, and the tails of the patterns themselves. */
void ref_rests_make(const struct rf_policy *policy, struct ref_rests *rests);
void ref_rests_free(struct ref_rests *rests);

/* How two folders can differ. */
enum ref_difference {
	REF_GAINS,	 /* `new` may what `old` may not */
	REF_GAINS_WRITE, /* `new` may be written, and `old` not */
	REF_DENIED,	 /* one of them may not be written */
	REF_STAYS,	 /* one of them may not be written, by a rule that does not say `moves: true` */
};
/* Whether they do, both with this continuation. */
bool ref_differ(const struct rf_policy *policy, enum ref_difference how, const char *old, const char *new,
		const char *rest);
/* The first continuation that gains; NULL: none does. */
const char *ref_gain_find(const struct rf_policy *policy, const struct ref_rests *rests, const char *old,
			  const char *new);

/*
 * The other way round: walks the image of a policy's files from both folders, byte by byte, for a continuation in which
 * they differ, writes it to `rest` (RF_PATH_MAX bytes) and asks the reference whether it is true. The walk is
 * exhaustive, so a refusal without such a witness is needless. Returns whether there is one.
 */
bool ref_witness(const struct rf_policy *policy, const struct rf_image *image, enum ref_difference how, const char *old,
		 const char *new, char *rest);

/* Whether a folder must not go from one place to the other, because names beneath it that may not be written would come
 * to be, change or go: all of them may be written, or those that may not move with it and both have equal rights. */
bool ref_keeps(const struct rf_policy *policy, const struct rf_image *image, const char *old, const char *new);
/* Whether no symbolic link may be made of a name: beneath it something may not be written that may be beneath a name
 * that no rule speaks of, beside it, deep in its folder or deep beneath itself. */
bool ref_guarded(const struct rf_policy *policy, const struct rf_image *image, const char *name);

#endif
