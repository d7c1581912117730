/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Spellings of other tools, which would be taken as literal text here and so match nothing. */
#ifndef RINGFENCE_POLICY_SPELLING_H
#define RINGFENCE_POLICY_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

enum rf_spelling {
	RF_SPELL_PATTERN, /* a path of a rule */
	RF_SPELL_CGROUP,  /* a pattern of select: no variables */
	RF_SPELL_VALUE,	  /* a variable's default: literal text, with nothing that quotes */
};

struct rf_misspelt {
	size_t at;     /* byte of the text */
	char say[320]; /* what it is taken for, and the cure */
};

/* Whether a text holds a spelling that is hardly meant as it is read; the first one goes to `out`. What is quoted by a
 * backslash is meant. */
bool rf_misspelt(const char *text, enum rf_spelling kind, struct rf_misspelt *out);

#endif
