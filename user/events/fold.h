/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines for people that are one thing to them. A tool that walks /proc is refused once for each task: the first of such
 * denials is told at once, the others are counted while they last, and told in one line. A group is who refused it
 * (policy and rule), what for, the program, and what the objects have in common (common.h). Repeats of one object
 * are the kernel's to merge (merge.h); those that come here for the objects of a group are counted with it.
 */
#ifndef RINGFENCE_EVENTS_FOLD_H
#define RINGFENCE_EVENTS_FOLD_H

#include "events/print.h"

#define RF_FOLD_PAUSE	2000	  /* ms without a denial that end a group */
#define RF_FOLD_LONGEST 10000	  /* ms after which a group that does not pause is told so far */
#define RF_FOLD_GROUPS	64	  /* at once; of more, the one that paused longest ends */
#define RF_FOLD_OBJECTS (1 << 16) /* of a line; a group goes on in another */

struct rf_folds;

/* Shows the line of a group; the report lasts for the call alone. */
typedef void rf_fold_show(void *context, const struct rf_report *report);

/* NULL: no memory. */
struct rf_folds *rf_folds_new(rf_fold_show *show, void *context);
void rf_folds_free(struct rf_folds *folds);

/* Takes a denial at a time (ms, of a clock that only goes on). False: it is the first of its group, or of none, and to
 * be shown as it is. True: it is counted, and will be shown. */
bool rf_folds_take(struct rf_folds *folds, const struct rf_report *report, uint64_t now);
/* Shows the groups that have paused by now, or all at the end. Returns whether there are more: call it again, some
 * time. */
bool rf_folds_look(struct rf_folds *folds, uint64_t now, bool end);

#endif
