/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One file of a log: a line for each record, "<crc32> <text>", numbered from the number in the file's name on. Private.
 */
#ifndef RINGFENCE_LOG_SEGMENT_H
#define RINGFENCE_LOG_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_NAME 24

/* The content is in memory (`data`) while it is written to or was read not long ago. */
struct segment {
	uint64_t first;	  /* the number of its first record */
	uint64_t written; /* when it was last, seconds of the epoch */
	uint64_t size;	  /* bytes, as far as they are sound once it was loaded */
	size_t flushed;	  /* of them: in the file */
	char *data;	  /* NULL: not in memory */
	size_t room;
	uint32_t *at; /* where each record begins */
	size_t count, places;
	uint64_t used; /* a turn: which was read last */
};

/* "00000000000000000042.log" of a number. */
const char *segment_name(char buf[SEGMENT_NAME + 1], uint64_t first);
/* The number of such a name; 0: it is none. */
uint64_t segment_of(const char *name);

/* Reads the file, as far as its records are whole; *torn: bytes behind them. */
int segment_load(struct segment *segment, int folder, size_t *torn);
/* Forgets the content; what is not in the file is gone. */
void segment_drop(struct segment *segment);
int segment_add(struct segment *segment, const char *text, size_t length);
/* The text of a record. */
const char *segment_text(const struct segment *segment, size_t index, size_t *length);

#endif
