/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands behind the API: the agent, or a stand-in of a test. The server asks these functions and knows nothing of
 * who answers. They are called from the event loop, one at a time.
 *
 * Each returns 0, or another number with `error` filled in, which is what the client is answered (rf_api_fail).
 * Strings are only lent in both directions; a json_t that is given out is the server's to drop.
 */
#ifndef RINGFENCE_API_SERVICE_H
#define RINGFENCE_API_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "api/resources.h"

/* For `expected`: whatever is there. */
#define RF_API_ANY	UINT64_MAX
#define RF_API_NAME_MAX 63u /* bytes of a policy's name */

/* Who asks, as the kernel says of the other end of the socket. */
struct rf_caller {
	uid_t uid;
	pid_t pid;
	const char *program; /* its executable, or "" where that is not known */
};

/* Starts zeroed. */
struct rf_api_error {
	unsigned status;    /* HTTP's: 400 invalid, 404, 409, 412, 403, 503…; 0 is answered as 500 */
	const char *reason; /* one word for programs, a literal: "Invalid", "NotFound", "Conflict"… */
	char *message;	    /* for people; lines "file:line:col: what" are welcome. Owned */
	json_t *details;    /* an array of {file, line, column, severity, message}, or NULL. Owned */
};

/* Fills in an error and returns -1. What stood there goes. */
int rf_api_fail(struct rf_api_error *error, unsigned status, const char *reason, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Adds a finding to the error's details. line 0: of the whole file. */
void rf_api_detail(struct rf_api_error *error, const char *file, unsigned line, unsigned column, const char *severity,
		   const char *message);
/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD. NULL without memory. */
json_t *rf_api_string(const char *text);
/* Frees what an error owns, and empties it. */
void rf_api_error_free(struct rf_api_error *error);

struct rf_apply_options {
	bool dry_run;	    /* say what would be done, and do nothing */
	bool force;	    /* also what is unchanged is put into force anew, as "reapplied" */
	unsigned probation; /* seconds after which it is put back unless it is confirmed; 0: it stays */
	const char *file;   /* what messages call the text; never NULL */
};

enum rf_api_change_kind { RF_API_ADDED, RF_API_MODIFIED, RF_API_DELETED };
/* A change of a policy. */
struct rf_api_change {
	uint64_t revision;
	enum rf_api_change_kind kind;
	char name[RF_API_NAME_MAX + 1];
};
typedef int rf_api_changed(void *data, const struct rf_api_change *change);

struct rf_service {
	void *context; /* each function's first argument */

	/* 0: policies are enforced and changes are taken; else what is missing (503). */
	int (*ready)(void *context, struct rf_api_error *error);
	/* A Version object (resources.h). */
	int (*version)(void *context, json_t **out, struct rf_api_error *error);
	/* Counters in Prometheus' text format; the server frees the text. */
	int (*metrics)(void *context, char **out, struct rf_api_error *error);
	/* The number of the last change. */
	uint64_t (*revision)(void *context);

	/* Tells the policies' changes behind a revision, in order, until `changed` returns not 0, which this returns as
	 * well. 0: that was all. -ESTALE: they are not known any more. */
	int (*changes)(void *context, uint64_t revision, rf_api_changed *changed, void *data);

	/* An array of whole objects of a kind, by their names in order. */
	int (*list)(void *context, enum rf_kind kind, json_t **out, struct rf_api_error *error);
	/* One object; 404 "NotFound". */
	int (*get)(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error);
	/* What tasks in the sandbox, or in all sandboxes with the policy, have open, mapped, connected or bound though
	 * it would be denied now: *out is a HeldList (openapi.c) of Held objects. 404. */
	int (*held)(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error);
	/* A policy's revisions, newest first: an array of Policy objects without status, `metadata.deleted` true where
	 * one is a deletion. 404 where nothing is known of it. */
	int (*history)(void *context, const char *name, json_t **out, struct rf_api_error *error);

	/*
	 * Applies all policies of a YAML text, or none. `text` has a NUL behind its `length` bytes. *out: an array in
	 * the order of the text of
	 *   {"kind": "Policy", "name", "action": "created"|"configured"|"unchanged"|"reapplied", "revision",
	 *    "status": as in Policy, "warnings": [as in error.details]}.
	 * 400 "Invalid" with details: the text. 409 "Conflict", 503…
	 */
	int (*apply)(void *context, const struct rf_caller *caller, const char *text, size_t length,
		     const struct rf_apply_options *options, json_t **out, struct rf_api_error *error);
	/* Ends a policy's probation: it stays. *out: the object of apply's array, the action "confirmed". 404: no such
	 * policy, or it is not on probation. */
	int (*confirm)(void *context, const struct rf_caller *caller, const char *name, json_t **out,
		       struct rf_api_error *error);
	/* Takes a policy out of force and forgets it but for its history. 404; 412 "Stale" where its revision is not
	 * `expected` (or RF_API_ANY). */
	int (*remove)(void *context, const struct rf_caller *caller, const char *name, uint64_t expected,
		      struct rf_api_error *error);
	/* Applies the text of an older revision again, as a new one. revision 0: the one before. *out: the object of
	 * apply's array. 404: no such policy or revision. */
	int (*rollback)(void *context, const struct rf_caller *caller, const char *name, uint64_t revision,
			json_t **out, struct rf_api_error *error);
	/* Puts a policy on a cgroup (its path, absolute) and all beneath it, or takes it off (`on` false), until the
	 * cgroup is removed. *out: the object of apply's array, its action "attached" or "detached". 404: no such
	 * policy, no such cgroup, or (off) it was not put there. */
	int (*attach)(void *context, const struct rf_caller *caller, const char *name, const char *cgroup, bool on,
		      json_t **out, struct rf_api_error *error);

	/* The first thing that happened after number `after` (0: the oldest that is known): 1, with its number and an
	 * object. 0: nothing yet. -ESTALE: what happened up to *id is not known any more. */
	int (*next_event)(void *context, uint64_t after, uint64_t *id, json_t **out);
	/* The number of the last one. */
	uint64_t (*last_event)(void *context);
};

#endif
