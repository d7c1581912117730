/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A log of short texts, each with a number: kept in segments of some megabytes, of which the oldest go. What was added
 * can be read at once, written or not. One process has it open, and one thread of it. Functions return 0 or -errno.
 */
#ifndef RINGFENCE_LOG_H
#define RINGFENCE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_LOG_SEGMENT	  (4u << 20)  /* bytes after which another segment begins */
#define RF_LOG_RECORD_MAX (64u << 10) /* bytes of a text */

struct rf_log;

struct rf_log_limits {
	uint64_t bytes;	  /* of all segments; at least two are kept, the one that is written included */
	uint64_t seconds; /* since a segment was last written; 0: as long as there is room */
};

/* Told of what is not as it was written, and what became of it; `file` is relative to the log's folder. */
typedef void rf_log_report(void *context, const char *file, const char *what);

/* Opens the log in a folder, which is made (not those above it) where there is none. What a power cut left of the last
 * record is cut off. -EPERM: others may write to the folder. */
int rf_log_open(const char *path, const struct rf_log_limits *limits, rf_log_report *report, void *context,
		struct rf_log **out);
/* Writes what was not yet. NULL is fine. */
void rf_log_close(struct rf_log *log);

/* The number from which on there are records; 0: there are none. */
uint64_t rf_log_first(const struct rf_log *log);
/* The number of the last record, or of the last that there was; 0: there was none. */
uint64_t rf_log_last(const struct rf_log *log);

/*
 * Adds a text, without a newline in it, as the number `id`, which must be above the last one. What lies between them
 * is missing from then on. -EINVAL, -EFBIG, -ENOMEM: nothing is added.
 */
int rf_log_add(struct rf_log *log, uint64_t id, const char *text, size_t length);

/*
 * Writes what was added; `sync`: through to the disk. Where that fails it stays in memory and is tried again, until a
 * segment is full: then that one is missing.
 */
int rf_log_flush(struct rf_log *log, bool sync);

/*
 * The first record behind the number `after`: 1, with its number, and its text, which stays until the next call of any
 * function here. 0: there is none yet. -ESTALE: those up to *id are missing; ask again behind that.
 */
int rf_log_next(struct rf_log *log, uint64_t after, uint64_t *id, const char **text, size_t *length);

#endif
