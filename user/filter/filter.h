/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one language that chooses records of what happened: in the API, in logs, in the monitor. ringfence-logs(1)
 * describes it. */
#ifndef RINGFENCE_FILTER_FILTER_H
#define RINGFENCE_FILTER_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct rf_filter;

/* Parses. NULL or "" matches all. 0, -EINVAL with a message for the user in *problem (malloc'ed, the caller's),
 * -ENOMEM. */
int rf_filter_parse(const char *text, struct rf_filter **out, char **problem);
void rf_filter_free(struct rf_filter *filter);
/* Whether a record (an object of --events / of /v1/events) passes. NULL passes all. */
bool rf_filter_match(const struct rf_filter *filter, const json_t *record);
/* The value of a field as the filter sees it; false: the record has none. Not escaped. */
bool rf_filter_field(const json_t *record, const char *field, char *buf, size_t size);
/* The fields' names and meanings, ended by a NULL name. */
extern const struct rf_filter_field_row {
	const char *name, *help;
} rf_filter_fields[];

#endif
