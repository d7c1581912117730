/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* YAML text as a tree of nodes that know their places. What a policy has no use for (anchors, aliases, tags) is
 * refused here, as are texts that are none. */
#ifndef RINGFENCE_POLICY_YAML_H
#define RINGFENCE_POLICY_YAML_H

#include "policy/policy.h"

#define RF_YAML_DEPTH_MAX 24 /* a policy needs eight */

enum rf_node_kind {
	RF_NODE_STRING,
	RF_NODE_LIST,
	RF_NODE_MAP,
	RF_NODE_BAD, /* already told; stands for anything */
};

struct rf_node {
	enum rf_node_kind kind;
	bool plain;    /* string: without quotes */
	bool exact;    /* string: each character stands for itself, on one line */
	bool repeated; /* key: stood before in its mapping (already told) */
	struct rf_where where;
	const char *text;	      /* string */
	struct rf_node *child, *next; /* a mapping's children are key, value, key, value... */
	size_t count;		      /* children */
};

struct rf_chunk;
struct rf_yaml {
	struct rf_node *document; /* the roots of whole documents, by `next`; empty documents are left out */
	struct rf_chunk *chunk;	  /* memory of all nodes */
};

/*
 * Reads a text. Errors go to `diags`; the documents before a syntax error are there. `file` is used in places and must
 * outlive the tree. Returns 0, also after errors; -ENOMEM.
 */
int rf_yaml_read(struct rf_yaml *yaml, const char *file, const char *text, size_t len, struct rf_diags *diags);
void rf_yaml_free(struct rf_yaml *yaml);

/*
 * Looks for what no policy text holds: control characters, NUL, invalid UTF-8, line separators that editors do not
 * count as lines, tabs in the indentation. Returns whether the text is clean; else the errors are in `diags`.
 */
bool rf_source_check(const char *file, const char *text, size_t len, struct rf_diags *diags);

#endif
