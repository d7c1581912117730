/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many denials each told line stands for. The kernel counts denials by merge key and sends an event now and then
 * with the total so far; here stands how much of that total was told, so that the counts of all lines add up exactly.
 */
#ifndef RINGFENCE_EVENTS_MERGE_H
#define RINGFENCE_EVENTS_MERGE_H

#include <stddef.h>
#include <stdint.h>

#define RF_MERGE_KEYS_MAX   65536 /* keys remembered, four times what the kernel holds at once */
#define RF_MERGE_EVENTS_MAX 4096  /* of them, the latest: with their last event, to be told again */

struct rf_merges;

struct rf_merges *rf_merges_new(void); /* NULL: no memory */
void rf_merges_free(struct rf_merges *merges);
/* Another may have told of what comes: the first event of a key stands for one denial, whatever its total. */
void rf_merges_join(struct rf_merges *merges);

/*
 * Takes an event with a key (not 0), its total and its time. Returns how many denials its line stands for; 0: they were
 * all told (the event of another CPU overtook this one). Keeps a copy of the event where `data` is not NULL.
 */
uint64_t rf_merges_event(struct rf_merges *merges, uint64_t key, uint64_t total, uint64_t time, const void *data,
			 size_t len);

/*
 * Takes what the kernel's merge map says of a key now. Returns how many denials were not told, and holds them told. 0
 * for a key of which no event came. The key's last event comes in *data, valid until the next call; NULL: kept no
 * longer.
 */
uint64_t rf_merges_rest(struct rf_merges *merges, uint64_t key, uint64_t total, const void **data, size_t *len);

#endif
