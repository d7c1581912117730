/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Objects as people and programs read them. Whatever an object holds, it can't drive a terminal. */
#ifndef RINGFENCE_CLIENT_PRINT_H
#define RINGFENCE_CLIENT_PRINT_H

#include <stdbool.h>

#include <jansson.h>

#include "api/resources.h"
#include "events/text.h"

enum rf_format { RF_FORMAT_TABLE, RF_FORMAT_WIDE, RF_FORMAT_NAME, RF_FORMAT_YAML, RF_FORMAT_JSON, RF_FORMAT_PATH };

struct rf_print {
	enum rf_format format;
	const char *path; /* of RF_FORMAT_PATH */
	bool no_headers;
	bool single; /* one object was asked for by name: JSON and paths are of it, and not of a list */
};

/* Reads "table", "wide", "name", "yaml", "json" or "jsonpath=PATH" (braces around a path are fine). False: none of
 * these. */
bool rf_print_format(struct rf_print *print, const char *word);

/* Adds an array of objects of a kind. */
void rf_print_objects(struct rf_line *line, const struct rf_print *print, const struct rf_resource *resource,
		      json_t *objects);
/* Adds one object with all its fields, a line each, as the table of resources has them. */
void rf_print_described(struct rf_line *line, const struct rf_resource *resource, const json_t *object);
/* Adds what tasks hold that would be denied now (a HeldList), a line each; "none" where it is nothing. */
void rf_print_held(struct rf_line *line, const json_t *held);
/* Adds JSON in ASCII, in which nothing is that a terminal would act on; `flags` are jansson's besides. */
void rf_print_ascii(struct rf_line *line, const json_t *value, size_t flags);
/* Adds text of several lines, each escaped by itself, with `indent` in front. */
void rf_print_lines(struct rf_line *line, const char *indent, const char *text);
/* Adds the findings in a text, as {file, line, column, severity, message}: "file:line:col: severity: message". */
void rf_print_details(struct rf_line *line, const json_t *details);

#endif
