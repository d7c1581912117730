/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `ringfence explain policy.spec.files`: what a field means. */
#ifndef RINGFENCE_VERBS_EXPLAIN_FIELD_H
#define RINGFENCE_VERBS_EXPLAIN_FIELD_H

#include "verbs/verbs.h"

/* Whether a word is a field: "policy" or "sandbox", at its end or before a dot. */
bool rf_is_field(const char *word);
/* Prints what it means. Returns the exit status; what is no field is told with what may be meant. */
int rf_explain_field(const struct rf_verb *verb, const char *word);

#endif
