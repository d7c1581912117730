/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keys of a policy's text: one table a mapping. Texts are read by these tables (schema.h); `explain policy.spec`
 * and the API's document follow from them.
 */
#ifndef RINGFENCE_POLICY_KEYS_H
#define RINGFENCE_POLICY_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct rf_parse;
struct rf_node;

enum rf_key_type {
	RF_KEY_STRING,	/* one of `words`, where there are any */
	RF_KEY_BOOLEAN, /* or one of `words` */
	RF_KEY_STRINGS, /* a list; each one of `words`, where there are any */
	RF_KEY_WORDS,	/* one of `words`, or a list of them */
	RF_KEY_NAMES,	/* a mapping of names that the writer chooses to strings */
	RF_KEY_OBJECT,	/* a mapping of `keys` */
	RF_KEY_OBJECTS, /* a list of such */
};

struct rf_key {
	const char *key;
	enum rf_key_type type;
	bool needed;
	void (*read)(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target);
	const char *const *words;  /* ends with NULL; or NULL */
	const struct rf_key *keys; /* ends with a NULL key; or NULL */
	const char *help;	   /* a sentence or two */
};

/* Of a document. */
extern const struct rf_key rf_policy_keys[];

/* The key of a name (`len` bytes) in a table, which may be NULL; or NULL. */
const struct rf_key *rf_key_find(const struct rf_key *keys, const char *name, size_t len);
/* The key of a path as the table of resources has it, "metadata.name" or "spec.files[].paths", from the document; or
 * NULL. The brackets may be left out, or have a number in them. */
const struct rf_key *rf_key_at(const char *path);

#endif
