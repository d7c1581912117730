/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The store's files: policies/NAME/REVISION, and what was set aside in aside/. Private to the store. */
#ifndef RINGFENCE_STORE_INTERNAL_H
#define RINGFENCE_STORE_INTERNAL_H

#include "store/changes.h"
#include "store/store.h"

#define REVISION_DIGITS 16
#define REVISION_MAX	9999999999999999ull

/* What is known of a revision without its text: the text stays on disk until it is asked for. */
struct entry {
	uint64_t revision, version;
	bool deleted;
};

struct object {
	char name[RF_STORE_NAME_MAX + 1];
	struct entry entry[RF_STORE_HISTORY]; /* ascending */
	size_t entries;			      /* 0: all were damaged */
};

struct rf_store {
	int root, policies, aside; /* folders; `root` has the lock; `aside` -1 until there is one */
	uint64_t revision;	   /* of the last change */
	uint64_t given;		   /* the last number given, to a put that failed too */
	struct object *object;	   /* in order of their names */
	size_t objects;
	rf_store_report *report;
	void *context;
	struct changes changes;
	uint64_t base; /* with `begun`: what is newer counts when it is committed, all of it or none */
	bool begun;
	bool undo; /* what was begun is to be undone, and could not be yet */
};

/* ---- objects.c */

/* The object of a name, or NULL. */
struct object *object_find(struct rf_store *store, const char *name);
/* The same; makes an empty one where there is none. NULL: no memory. */
struct object *object_make(struct rf_store *store, const char *name);
/* The newest entry; NULL where there is none. */
const struct entry *object_newest(const struct object *object);
/* Adds the newest entry. Where there are too many, the oldest goes: its revision, else 0. */
uint64_t object_push(struct object *object, const struct entry *entry);
void object_drop(struct object *object, size_t index);

/* "0000000000000042" of a revision. */
const char *revision_name(char buf[REVISION_DIGITS + 1], uint64_t revision);
/* The revision of such a name; 0: it is none. */
uint64_t revision_of(const char *name);

/* ---- aside.c */

/*
 * Sets an entry of a folder aside, and tells of it. `object`: the folder's name beneath policies/, NULL for that
 * itself. `move` false: it is left where it is.
 */
void aside_put(struct rf_store *store, int folder, const char *object, const char *name, const char *why, bool move);

/* ---- together.c */

/* Undoes what was begun and not committed, when the store is opened. */
int together_open(struct rf_store *store);

/* ---- scan.c */

/* Looks at all files, and fills in objects and revisions. Returns 0 or -errno. */
int scan(struct rf_store *store);
/* Reads an object's revision into `out`. -EBADMSG, with a sentence in `why`: it is not what was written. */
int revision_read(int folder, const char *object, uint64_t revision, struct rf_record *out, const char **why);

#endif
