/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a raw record of the ring buffer to a denial whose every field can be used without looking again. */
#ifndef RINGFENCE_EVENTS_DECODE_H
#define RINGFENCE_EVENTS_DECODE_H

#include <stdint.h>
#include <stddef.h>

#include "ringfence/abi.h"

/* A checked event. The names point into the record that it was made from and are not NUL-terminated. */
struct rf_denial {
	struct rf_event head;
	char comm[RF_COMM_LEN + 1];
	size_t comm_len;
	const char *object; /* path or socket name; NULL where there is none */
	size_t object_len;
	const char *second; /* rename, link: the new name; NULL where there is none */
	size_t second_len;
	const char *exe; /* the task's program; NULL where there is none */
	size_t exe_len;
};

/* Returns 0, or -EBADMSG where lengths or enums are not those of abi.h. `data` need not be aligned; more bytes than the
 * names take are not looked at. */
int rf_event_decode(struct rf_denial *denial, const void *data, size_t len);

/* Words of the tables in abi.h. */
const char *rf_hook_name(enum rf_hook hook);
const char *rf_reason_word(enum rf_reason reason);
const char *rf_reason_text(enum rf_reason reason);
const char *rf_guard_word(enum rf_guard guard);
/* A capability's name, as in capabilities(7). */
const char *rf_capability_word(uint32_t number);

#endif
