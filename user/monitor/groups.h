/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Denials by what they have in common. Bounded: what finds no group of its own is counted together with its like. */
#ifndef RINGFENCE_MONITOR_GROUPS_H
#define RINGFENCE_MONITOR_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_GROUPS_MAX	4096u
#define RF_FOLDER_NAMES 8u   /* a folder with more names than that becomes one group */
#define RF_ROOT_NAMES	128u /* beneath "/", which stays open: more are counted with the others */

/* X(name, word) */
#define RF_GROUPINGS(X)               \
	X(RULE, "rule")               \
	X(FOLDER, "folder")           \
	X(PROGRAM, "program")         \
	X(DESTINATION, "destination") \
	X(SANDBOX, "sandbox")

enum rf_grouping {
#define X(name, word) RF_BY_##name,
	RF_GROUPINGS(X)
#undef X
		RF_GROUPING_COUNT
};
extern const char *const rf_grouping_words[RF_GROUPING_COUNT];
/* The grouping of a word; -1: there is none. */
int rf_grouping_find(const char *word);

struct rf_group {
	uint64_t count;	     /* denials */
	uint64_t would;	     /* of these, in audit mode: not refused */
	int64_t first, last; /* nanoseconds since the epoch */
	uint64_t example;    /* number of the record that came last */
	char *key;	     /* as the records have it, not escaped */
	bool folder;	     /* stands for all beneath key */
};

/* What one record adds to its group. */
struct rf_share {
	uint64_t count, number;
	int64_t time;
	bool would;
};

struct rf_folder; /* one name of a path (folders.c) */

/* Starts zeroed. */
struct rf_groups {
	enum rf_grouping grouping;
	struct rf_group **slot; /* a hash table of RF_GROUPS_MAX * 2, or NULL */
	size_t count;
	uint64_t others;
	struct rf_folder *root;
};

/* Adds to the group of a key. Folders are grouped by path where the key begins with "/". */
void rf_groups_add(struct rf_groups *groups, const char *key, const struct rf_share *share);
/* Empties it; `grouping` is the next. */
void rf_groups_reset(struct rf_groups *groups, enum rf_grouping grouping);
void rf_groups_each(const struct rf_groups *groups, void (*visit)(void *context, const struct rf_group *group),
		    void *context);
/* Adds one share, or a whole group, to a group. */
void rf_group_add(struct rf_group *group, const struct rf_share *share);
void rf_group_join(struct rf_group *group, const struct rf_group *other);

/* folders.c: false, and nothing done: there is no room. */
bool rf_folders_add(struct rf_folder **root, size_t *count, const char *path, const struct rf_share *share);
void rf_folders_each(const struct rf_folder *root, void (*visit)(void *context, const struct rf_group *group),
		     void *context);
void rf_folders_free(struct rf_folder *root);

#endif
