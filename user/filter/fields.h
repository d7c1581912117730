/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the fields of a filter are in a record. */
#ifndef RINGFENCE_FILTER_FIELDS_H
#define RINGFENCE_FILTER_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Asked of each value of a field; true ends it. The value is lent, `len` bytes. */
typedef bool rf_field_visit(void *context, const char *value, size_t len);

/* Place of a field in rf_filter_fields; -1: there is none of that name, `len` bytes. */
int rf_field_find(const char *name, size_t len);
/* Tells the values that a record has of a field, what people read of it first, until one is answered with true, which
 * this returns as well. */
bool rf_field_each(const json_t *record, int field, rf_field_visit *visit, void *context);

#endif
