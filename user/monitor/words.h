/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records in words. All that is added to a line is escaped; keys of groups are not. */
#ifndef RINGFENCE_MONITOR_WORDS_H
#define RINGFENCE_MONITOR_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "events/text.h"
#include "monitor/groups.h"

#define RF_KEY_MAX 4200 /* bytes of a group's key: a path, and what a rule is called */

/* A time of RFC 3339 in nanoseconds since the epoch; 0 where it is none. */
int64_t rf_words_time(const char *text);
/* Adds the time of day here; spaces where there is none. */
void rf_words_clock(struct rf_line *line, int64_t time);
/* What a record's group is called; "(none)" and the like where it has no such thing. */
void rf_words_key(const json_t *record, enum rf_grouping grouping, char key[RF_KEY_MAX]);
/* Whether a record's group is `key`, or beneath it where that is a folder. */
bool rf_words_in_group(const json_t *record, enum rf_grouping grouping, const char *key);

/* Adds a member's value; all its bytes where these are no UTF-8. False: there is none. */
bool rf_words_member(struct rf_line *line, const json_t *record, const char *key);
/* Adds "denied write", "would deny read". */
void rf_words_verdict(struct rf_line *line, const json_t *record);
/* Adds what was refused, and a rename's second name. */
void rf_words_object(struct rf_line *line, const json_t *record);
/* Adds who refused: policy, rule or guard, reason. */
void rf_words_by(struct rf_line *line, const json_t *record);
/* Adds the whole record in one line, as `run` prints it, without a line's end. */
void rf_words_line(struct rf_line *line, const json_t *record);
/* Adds all of it, a line each. */
void rf_words_details(struct rf_line *line, const json_t *record);

#endif
