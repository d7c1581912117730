/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the service remembers: the text of each policy as it was applied, and who applied it. Every change has a number,
 * the store's revision, which only ever grows; all that is asked for is asked by these numbers, so that a store which
 * several hosts share could stand behind the same functions (etcd's mod_revision, compare-and-put, watch). Now it is
 * files on this host.
 *
 * One process at a time has a store open, and one thread of it. All functions return 0 or -errno.
 */
#ifndef RINGFENCE_STORE_H
#define RINGFENCE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define RF_STORE_NAME_MAX    63u	/* bytes of an object's name */
#define RF_STORE_TEXT_MAX    (4u << 20) /* bytes of its text */
#define RF_STORE_PROGRAM_MAX 4096u	/* bytes of the name of the program that applied it, or of the file */
#define RF_STORE_HISTORY     10u	/* revisions that stay of each object, the newest included */
#define RF_STORE_CHANGES     1024u	/* changes that can be watched after the fact */

/* For `expected`: whatever is there, or nothing. */
#define RF_STORE_ANY UINT64_MAX

/* One revision of an object. */
struct rf_record {
	char *name;
	uint64_t revision;	    /* of the store, when this was put: never given twice */
	uint64_t version;	    /* of the object: 1, 2, 3…; goes on behind a deletion */
	struct timespec applied_at; /* by the host's clock */
	uid_t uid;		    /* who asked for it */
	char *program;		    /* and with which program */
	char *file;		    /* what messages call the text: where it was read from */
	bool deleted;		    /* a deletion: no text */
	char *text;		    /* byte for byte, a NUL behind it */
	size_t length;
};
/* Frees what a record owns, and empties it. */
void rf_record_free(struct rf_record *record);

/* A file that is not what the store wrote. `path` and `to` are relative to the store's folder. */
struct rf_store_aside {
	const char *path, *why;
	const char *to; /* where it is now; NULL: it could not be moved, and is ignored where it is */
};
typedef void rf_store_report(void *context, const struct rf_store_aside *aside);

struct rf_store;

/*
 * Opens the store in a folder, which is made (not those above it) where there is none. It must be this user's alone.
 * Every file is looked at: what is torn or foreign is set aside, and `report` (or NULL) told of it, then and whenever
 * it happens later. -EWOULDBLOCK: another process has the store open. -EPERM: others may write to the folder.
 */
int rf_store_open(const char *path, rf_store_report *report, void *context, struct rf_store **out);
/* NULL is fine. */
void rf_store_close(struct rf_store *store);

/* The number of the last change; 0: there was none. */
uint64_t rf_store_revision(const struct rf_store *store);

/* Whether an object may have this name: [a-z0-9.-]{1,63}, no dot in front. */
bool rf_store_name_ok(const char *name);

/* Told of records one by one; the record is the store's. Not 0: no more, and that is what the caller gets. */
typedef int rf_store_visit(void *context, const struct rf_record *record);

/* Visits the newest revision of each object that is there, in order of their names. `visit` must not change the store.
 * -EIO: a file could not be read (which is no reason to take it for damaged). */
int rf_store_list(struct rf_store *store, rf_store_visit *visit, void *context);
/* The newest revision of an object (`revision` 0), or a certain one: also that of an object which is gone. A deletion
 * is only given by its number. -ENOENT: there is none. Free with rf_record_free. */
int rf_store_get(struct rf_store *store, const char *name, uint64_t revision, struct rf_record *out);
/* Visits what is known of an object, deletions too, newest first. -ENOENT: nothing is. */
int rf_store_history(struct rf_store *store, const char *name, rf_store_visit *visit, void *context);

/*
 * Puts a new revision of an object, of which it takes (and copies) text, length, uid, program and file. expected: the
 * revision that the caller has seen; 0: the object must not be there; RF_STORE_ANY. *revision (or NULL) gets the new
 * number. It returns when the revision would outlive a power cut. -EEXIST: the object is there; -ESTALE: it has another
 * revision, or is gone; -EINVAL: no name; -EFBIG; -errno of the disk, and then the object is as it was.
 */
int rf_store_put(struct rf_store *store, const char *name, uint64_t expected, const struct rf_record *record,
		 uint64_t *revision);
/* Deletes an object; what is known of it stays in its history. `by`: uid and program. As rf_store_put, and -ENOENT
 * where it is not there. */
int rf_store_delete(struct rf_store *store, const char *name, uint64_t expected, const struct rf_record *by,
		    uint64_t *revision);

/*
 * All that is put and deleted from here to the commit stays together or, where the commit is not reached, not at all:
 * then the store is as it was when it is opened again, or at once by an undo, whose numbers go on all the same. One
 * that can't be undone (-errno of the disk) is tried again before anything else is changed.
 */
int rf_store_begin(struct rf_store *store);
int rf_store_commit(struct rf_store *store);
int rf_store_undo(struct rf_store *store);

/* A small text (up to 1 MiB) that is kept beside the objects, for whoever has the store open: it has no revisions. A
 * put replaces it whole or not at all, and outlives a power cut. Names as of objects, without dots. */
int rf_store_note_put(struct rf_store *store, const char *name, const char *text, size_t length);
/* -ENOENT: there is none. *text is the caller's to free. */
int rf_store_note_get(struct rf_store *store, const char *name, char **text, size_t *length);

enum rf_change_kind { RF_CHANGE_ADDED, RF_CHANGE_MODIFIED, RF_CHANGE_DELETED };
struct rf_change {
	uint64_t revision, version;
	enum rf_change_kind kind;
	char name[RF_STORE_NAME_MAX + 1];
};
typedef int rf_store_changed(void *context, const struct rf_change *change);

/* Visits the changes after a revision, in their order. -ESTALE: it is too old (of before the store was opened, or more
 * than RF_STORE_CHANGES ago) or the store never had it: begin again with a list. Not 0 of `changed` ends it. */
int rf_store_watch_from(const struct rf_store *store, uint64_t revision, rf_store_changed *changed, void *context);

#endif
