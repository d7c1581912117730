/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The word behind -p, as run, check and explain take it. */
#ifndef RINGFENCE_VERBS_POLICY_WORD_H
#define RINGFENCE_VERBS_POLICY_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* What a word stands for. Both strings are the caller's to free. */
struct rf_policy_word {
	char *path; /* of its file, as messages call it; of an applied policy the file that it was applied from */
	char *text; /* of an applied policy; NULL: it is to be read from the file */
	size_t len;
};

/* Whether a policy was applied to this host under this name, as far as the caller may see. Asks no agent. */
bool rf_policy_word_kept(const char *word);
/* The file of a word that is a preset's name or a file's; NULL after telling that there is none. */
char *rf_policy_word_file(const char *word);
/* A policy that was applied under this name, if the agent answers, or else the word's file. False after telling that
 * there is neither. */
bool rf_policy_word_find(const char *word, struct rf_policy_word *found);

#endif
