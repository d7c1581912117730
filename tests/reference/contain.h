/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Containment by brute force: whether something beneath one folder may what the same beneath another may not. For
 * tests of the relation that the compiler puts into images. A program that runs out of memory here aborts.
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

/* Whether `new` with a continuation may what `old` with it may not. */
bool ref_gains(const struct rf_policy *policy, const char *old, const char *new, const char *rest);
/* The first continuation that gains; NULL: none does. */
const char *ref_gain_find(const struct rf_policy *policy, const struct ref_rests *rests, const char *old,
			  const char *new);

/*
 * The other way round: walks the image of a policy's files from both folders, byte by byte, for a continuation that
 * gains, writes it to `rest` (RF_PATH_MAX bytes) and asks the reference whether it is true. The walk is exhaustive, so
 * a refusal without such a witness is needless. Returns whether there is one.
 */
bool ref_gain_witness(const struct rf_policy *policy, const struct rf_image *image, const char *old, const char *new,
		      char *rest);

#endif
