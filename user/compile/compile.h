/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a bound policy to the images that the kernel runs, and the questions that user space asks of both. */
#ifndef RINGFENCE_COMPILE_H
#define RINGFENCE_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "compile/image.h"
#include "policy/policy.h"

/* ------------------------------------------------------------------- globs */

/* Checks one pattern. Returns 0, or -EINVAL with a sentence in `why` and the byte offset of the fault in `at`. */
int rf_glob_check(const char *glob, const char **why, size_t *at);
/* Whether a pattern (already checked) matches a whole path of `len` bytes. */
bool rf_glob_match(const char *glob, const char *path, size_t len);
/* Length of the leading part of a pattern that is literal, up to the last whole component: "/usr/lib*" gives 4;
 * whole literals give all. Unquotes into `literal` (size at least strlen(glob) + 1) where that is not NULL. */
size_t rf_glob_literal(const char *glob, char *literal);

/* ------------------------------------------------------------------ images */

/* Named limits of the compiler (docs say what they are for). Exceeding one is an error that names the rules. */
#define RF_DFA_STATES_MAX 300000u /* while subsets are built */
#define RF_DFA_MEMORY_MAX (56u << 20)

/*
 * Compiles a bound policy. generation and mode go into the images' heads. Returns 0; -E2BIG where a named limit is
 * hit (which one, and which rules, in `diags`); -ENOMEM. On error nothing is left in `out`.
 */
int rf_compile(const struct rf_policy *policy, uint64_t generation, struct rf_compiled *out, struct rf_diags *diags);
void rf_compiled_free(struct rf_compiled *compiled);
/* Writes generation and mode into already compiled images. */
void rf_compiled_stamp(struct rf_compiled *compiled, uint64_t generation, enum rf_mode mode);

/* Runs an image as the kernel does. Gives the verdict word; the state reached in `state` where not NULL. */
uint32_t rf_image_run(const struct rf_image *image, const char *path, size_t len, uint32_t *state);
/* One byte of that: the state it leads to. */
uint32_t rf_image_step(const struct rf_image *image, uint32_t state, uint8_t byte);
/* The verdict word of a state. */
uint32_t rf_image_word(const struct rf_image *image, uint32_t state);
/*
 * Whether everything beneath `new` may no more than the same beneath `old`; both are states behind a folder's path and
 * a '/'. False also where that is not decided. As the kernel asks it before a folder is renamed.
 */
bool rf_image_contains(const struct rf_image *image, uint32_t old, uint32_t new);
/*
 * Whether a folder may leave one place for the other as far as names beneath it go that may not be written: writing is
 * denied to none beneath either, or by rules with `moves: true` alone and the two have equal rights. As the kernel
 * asks.
 */
bool rf_image_moves(const struct rf_image *image, const char *old, size_t old_len, const char *new, size_t new_len);
/* The entry that the kernel's trie has for 0.0.0.0: bind as the rules say, connect as far as every IPv4 address allows
 * it. */
void rf_dest_anywhere(const struct rf_compiled *compiled, struct rf_dest_entry *entry);

/* ---------------------------------------------------------------- deciding */

/*
 * The rule that decides, by evaluating the rules themselves (never the image): the last that matches and names the
 * access. NULL where nothing matches (denied). `over` (or NULL) gets, in ascending order, the rules that matched and
 * were overridden; *overs is its capacity on entry and how many there are on return.
 */
const struct rf_rule *rf_decide_path(const struct rf_policy *policy, enum rf_section section, unsigned access,
				     const char *path, size_t len, const struct rf_rule **over, size_t *overs);
const struct rf_rule *rf_decide_dest(const struct rf_policy *policy, unsigned access, unsigned protocol,
				     const uint8_t addr[16], uint16_t port, const struct rf_rule **over, size_t *overs);

/* Warnings that need the compiler: rules or single patterns that can never decide anything, rules that keep every
 * folder of a place from being renamed. `compiled`: the same policy. Returns 0 or -ENOMEM. */
int rf_compile_warnings(const struct rf_policy *policy, const struct rf_compiled *compiled, struct rf_diags *diags);

#endif
