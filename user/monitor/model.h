/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the monitor knows: the last records as they came, and what they add up to. No terminal here. Nothing that came
 * is ever left uncounted: made = shown + hidden + muted + rest holds at any time (struct rf_sums).
 */
#ifndef RINGFENCE_MONITOR_MODEL_H
#define RINGFENCE_MONITOR_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/filter.h"
#include "monitor/groups.h"

#define RF_MODEL_RECORDS 100000u     /* that are kept at most */
#define RF_MODEL_BYTES	 (64u << 20) /* of these, as they came */
#define RF_MODEL_SECONDS 60u	     /* for which rates are known */

enum rf_seen_kind { RF_SEEN_DENIAL, RF_SEEN_MORE, RF_SEEN_LOST, RF_SEEN_OTHER };
enum rf_seen_fate { RF_FATE_UNKNOWN, RF_FATE_SHOWN, RF_FATE_HIDDEN, RF_FATE_MUTED };

/* A record that is kept: its numbers, and its text as it came. */
struct rf_seen {
	uint64_t number; /* from 0; each has the next */
	int64_t time;	 /* nanoseconds since the epoch; 0: it says none */
	uint64_t count;	 /* denials that it stands for */
	uint8_t kind, fate;
	uint32_t len;
	char text[]; /* one JSON object, a NUL behind it */
};

/* Denials by what became of them. */
struct rf_sums {
	uint64_t made;	 /* all that came */
	uint64_t shown;	 /* of those that the filter passes; all groups together, and groups' others */
	uint64_t hidden; /* by the filter */
	uint64_t muted;
	uint64_t rest; /* not looked at yet with this filter, or no longer kept */
};

struct rf_mute {
	enum rf_grouping grouping;
	char *key;
};

struct rf_model {
	struct rf_seen **ring; /* record N stands at N % RF_MODEL_RECORDS */
	uint64_t first, next;  /* numbers: the oldest that is kept, and that of the next */
	uint64_t judged;       /* records before it, from `first` on, are not judged yet */
	size_t bytes;

	uint64_t told, merged, lost; /* by what came: a line each; repeats of such; known by their number alone */
	uint64_t unreadable;	     /* lines that are no records */
	struct rf_sums sums;

	struct rf_filter *filter;
	struct rf_mute *mute;
	size_t mutes;
	struct rf_groups groups;

	uint32_t rate[RF_MODEL_SECONDS]; /* denials a second; that of `second` at second % RF_MODEL_SECONDS */
	int64_t second;			 /* the newest that is known */
};

/* NULL without memory. */
struct rf_model *rf_model_new(void);
void rf_model_free(struct rf_model *model);

/* Takes one line of JSON. `now` (nanoseconds since the epoch) is for what says no time; 0: it has that of
 * the record before it. Returns 0; -EINVAL: it is no record,
 * and is counted; -ENOMEM: it is counted as lost. */
int rf_model_add(struct rf_model *model, const char *text, size_t len, int64_t now);
/* Counts denials that are known by their number alone. */
void rf_model_lost(struct rf_model *model, uint64_t count);
/* The record of a number, or NULL where it is not kept. Lent until the next rf_model_add. */
const struct rf_seen *rf_model_at(const struct rf_model *model, uint64_t number);

/* Takes the filter (NULL: all pass) and has all that is kept judged anew, by rf_model_judge. */
void rf_model_filter(struct rf_model *model, struct rf_filter *filter);
/* Groups by something else from now on. */
void rf_model_group(struct rf_model *model, enum rf_grouping grouping);
/* Hides a group until rf_model_unmute; 0 or -ENOMEM. */
int rf_model_mute(struct rf_model *model, enum rf_grouping grouping, const char *key);
void rf_model_unmute(struct rf_model *model);
/* Judges so many records, the newest first. True: there are more. */
bool rf_model_judge(struct rf_model *model, size_t most);

/* Lets time go on, so that rates fall while nothing comes. */
void rf_model_tick(struct rf_model *model, int64_t now);
/* Denials of the last minute. */
uint64_t rf_model_minute(const struct rf_model *model);

#endif
