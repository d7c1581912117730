/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Denials gathered into bundles, one for each who is told and each sandbox; what is started again in the same cgroup is
 * the same. Knows no clock: the caller says when it is.
 */
#ifndef RINGFENCE_NOTIFY_BATCH_H
#define RINGFENCE_NOTIFY_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define RF_BUNDLE_ROWS 16u  /* different denials of a bundle that are named; what is beyond is counted */
#define RF_BUNDLES     256u /* sandboxes that are told apart; for each who is told, the others share one */

/* Denials alike. The strings are as the kernel told them: hostile. */
struct rf_bundle_row {
	char *policy, *rule, *access, *object;
	bool audited; /* would have been denied */
	uint64_t count;
};

struct rf_bundle {
	unsigned notifier;
	uint64_t sandbox; /* the last, where there were several in its cgroup */
	bool others;	  /* of several sandboxes that found no room */
	char *unit, *cgroup;
	uint64_t count, more; /* all; those in no row */
	time_t since, until;  /* of the first and the last */
	uint64_t due, every;  /* µs: not before; from one to the next */
	struct rf_bundle_row row[RF_BUNDLE_ROWS];
	size_t rows;
};

struct rf_batch;

/* NULL: no memory. */
struct rf_batch *rf_batch_open(void);
void rf_batch_close(struct rf_batch *batch);
/*
 * Takes in a denial (a record of /v1/events) for who is told, 0 to 31. The first of a sandbox is due at once, what
 * follows `every` µs behind the bundle before. `now` in µs of any clock that only goes forward. Counts are never lost,
 * rows are where there is no memory.
 */
void rf_batch_add(struct rf_batch *batch, unsigned notifier, uint64_t every, const json_t *record, uint64_t now,
		  time_t at);
/* A bundle that is due, of none of those whose bit is in `busy`; the one that has waited longest. True: it is in *out,
 * the caller's, for rf_bundle_free. */
bool rf_batch_take(struct rf_batch *batch, uint32_t busy, uint64_t now, struct rf_bundle *out);
/* When rf_batch_take has something: µs, or UINT64_MAX. */
uint64_t rf_batch_due(const struct rf_batch *batch, uint32_t busy);
/* Who is told has other numbers now: to[old] is the new one, or -1. Returns the denials of those who are not told any
 * more. */
uint64_t rf_batch_renumber(struct rf_batch *batch, const int *to);
void rf_bundle_free(struct rf_bundle *bundle);

#endif
