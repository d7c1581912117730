/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strict reading of nodes: tables of keys, types, words. Every function tells what is wrong and goes on. */
#ifndef RINGFENCE_POLICY_SCHEMA_H
#define RINGFENCE_POLICY_SCHEMA_H

#include "policy/keys.h"
#include "policy/policy.h"
#include "policy/yaml.h"

struct rf_parse {
	struct rf_diags *diags;
	bool no_memory; /* nothing that was read counts any more */
};

enum rf_map {
	RF_MAP_NONE,	 /* it is no mapping */
	RF_MAP_MISSPELT, /* a key was a near miss: what seems to be missing may be meant by it */
	RF_MAP_READ,
};

/* Reads a mapping by a table that ends with a NULL key. `what` is how messages call it. */
enum rf_map rf_read_map(struct rf_parse *p, const struct rf_node *node, const char *what, const struct rf_key *keys,
			void *target);
/* Whether a node is of a kind; else told, as far as it was not before. */
bool rf_expect(struct rf_parse *p, const struct rf_node *node, enum rf_node_kind kind, const char *what);
/* The text of a string that is not empty, or NULL. Words that YAML takes for other types must be quoted. */
const char *rf_read_string(struct rf_parse *p, const struct rf_node *node, const char *what);
/* The same as the caller's own copy. */
char *rf_copy_string(struct rf_parse *p, const struct rf_node *node, const char *what);
char *rf_copy(struct rf_parse *p, const char *text);
void rf_read_bool(struct rf_parse *p, const struct rf_node *node, const char *what, bool *out);
/* Index of the string in `words` (NULL-terminated); -1 after telling what was wrong. */
int rf_read_word(struct rf_parse *p, const struct rf_node *node, const char *what, const char *const *words);
/* The same for one word or a list of them: bits by index in `words`. An empty list is an error where `some`. */
unsigned rf_read_words(struct rf_parse *p, const struct rf_node *node, const char *what, const char *const *words,
		       bool some);
/* Whether a node is a list that is not empty; else told. */
bool rf_expect_items(struct rf_parse *p, const struct rf_node *node, const char *what);
/* rf_grow, with a failure noted in `p`. */
void *rf_parse_grow(struct rf_parse *p, void *array, size_t count, size_t size);
/* A node's text as the model keeps it. */
struct rf_text rf_text_of(struct rf_parse *p, const struct rf_node *node);
/* The place of byte `at` of a string. */
struct rf_where rf_node_place(const struct rf_node *node, size_t at);
bool rf_has_control(const char *text);
/* Letters, digits and '_', no digit first; up to 64. */
bool rf_is_name(const char *text, size_t len);
/* Whether a text is what policies and their like are called by: a-z, digits and '-', no '-' at an end. */
#define RF_LABEL_MAX 63
bool rf_is_label(const char *text);

#endif
