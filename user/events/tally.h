/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Denials counted by who refused them, or by what would allow them, for the summary. */
#ifndef RINGFENCE_EVENTS_TALLY_H
#define RINGFENCE_EVENTS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/text.h"

#define RF_TALLY_MAX   1024 /* distinct rows; what is beyond is counted together */
#define RF_TALLY_SHOWN 20   /* lines of a summary */

struct rf_tally_row {
	char *by; /* "coding-agent files[3] ..." as in the denial's line */
	size_t len;
	bool would;
	uint64_t count;
};

/* Starts zeroed. */
struct rf_tally {
	struct rf_tally_row *row;
	size_t rows;
	uint64_t others; /* beyond RF_TALLY_MAX, or for want of memory */
};

void rf_tally_add(struct rf_tally *tally, const struct rf_line *by, bool would, uint64_t count);
/* Sorts the rows, most denials first, and adds a line for each of the first RF_TALLY_SHOWN, behind `before`; what all
 * others together are is `others`. */
void rf_tally_print(struct rf_tally *tally, struct rf_line *line, const char *before, const char *others);
void rf_tally_free(struct rf_tally *tally);

#endif
