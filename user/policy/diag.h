/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the messages of the policy model share. */
#ifndef RINGFENCE_POLICY_DIAG_H
#define RINGFENCE_POLICY_DIAG_H

#include "policy/policy.h"

/* A text as messages show it: cut at a whole character where it is long. */
#define RF_SHOWN_SIZE 84
const char *rf_shown_in(char buf[RF_SHOWN_SIZE], const char *text, size_t len);
#define rf_shown(text) rf_shown_in((char[RF_SHOWN_SIZE]){0}, text, strlen(text))

/* Sorts what was added since there were `from` messages by line and column; of equal places, by time. */
void rf_diags_sort(struct rf_diags *diags, size_t from);
/* The place of byte `at` of a text; the text's own place where it was written with escapes or over several lines. */
struct rf_where rf_text_place(const struct rf_text *text, size_t at);
/* Characters (not bytes) in the first `len` bytes of UTF-8. */
uint32_t rf_characters(const char *text, size_t len);

#endif
