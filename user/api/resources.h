/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one table of the API's resources and their fields. Documents of the API, `explain`, and the columns that the
 * client prints follow from it; what a policy's text says is in the tables that it is read by (policy/keys.h).
 */
#ifndef RINGFENCE_API_RESOURCES_H
#define RINGFENCE_API_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>

enum rf_kind { RF_KIND_POLICY, RF_KIND_SANDBOX, RF_KIND_VERSION, RF_KIND_HELD, RF_KINDS };

enum rf_field_type {
	RF_FIELD_STRING,
	RF_FIELD_INTEGER,
	RF_FIELD_BOOLEAN,
	RF_FIELD_TIME,
	RF_FIELD_OBJECT,
	RF_FIELD_ARRAY
};
/* Where a field is a column. */
enum rf_field_shown { RF_SHOWN_NEVER, RF_SHOWN_WIDE, RF_SHOWN_ALWAYS };

struct rf_field {
	const char *path; /* from the object, names between dots; "[]" behind a name: each element of an array */
	enum rf_field_type type;
	enum rf_field_shown shown;
	const char *column; /* title; NULL where it is never shown */
	const char *help;   /* one sentence; NULL: what a policy's text says there as well (policy/keys.h) */
};

struct rf_resource {
	enum rf_kind kind;
	const char *name;   /* "Policy" */
	const char *word;   /* "policy", as on a command line */
	const char *plural; /* "policies", as in paths; NULL: none can be asked for by its name */
	const char *id;	    /* path of the field that tells objects apart */
	const char *help;
	const struct rf_field *fields; /* ends with a NULL path; what contains a field stands before it */
};

/* In order of the kinds. */
extern const struct rf_resource rf_resources[RF_KINDS];

/* What a field means. */
const char *rf_field_help(const struct rf_field *field);
/* The resource of a word or plural, or NULL. */
const struct rf_resource *rf_resource_find(const char *word);

#endif
