/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Selectors, all parts of which must hold: of labels ("a=b,c!=d,e,!f"), and of fields ("id=1,unit!=x"). */
#ifndef RINGFENCE_API_SELECTOR_H
#define RINGFENCE_API_SELECTOR_H

#include <stdbool.h>

#include <jansson.h>

#include "api/service.h"

/* Whether a text is a selector of labels. NULL, or what is wrong with it, a literal. */
const char *rf_selector_wrong(const char *selector);
/* Whether an object's labels (an object of strings, or NULL: none) fit a selector that is not wrong. */
bool rf_selector_fits(const char *selector, const json_t *labels);

/* Whether a field can be selected by: one value, or a list of strings. */
bool rf_field_selects(const struct rf_field *field);
/* Refuses (400) what is no selector of a resource's fields. Returns 0 or -1. */
int rf_field_selector_check(const struct rf_resource *resource, const char *selector, struct rf_api_error *error);
/* Whether an object fits a selector that was checked. A list is equal to what is in it; what an object does not have
 * is equal to nothing ("field="). */
bool rf_field_selector_fits(const char *selector, const json_t *object);

#endif
