/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Label selectors: "a=b,c!=d,e,!f", all of which must hold. */
#ifndef RINGFENCE_API_SELECTOR_H
#define RINGFENCE_API_SELECTOR_H

#include <stdbool.h>

#include <jansson.h>

/* Whether a text is a selector. NULL, or what is wrong with it, a literal. */
const char *rf_selector_wrong(const char *selector);
/* Whether an object's labels (an object of strings, or NULL: none) fit a selector that is not wrong. */
bool rf_selector_fits(const char *selector, const json_t *labels);

#endif
