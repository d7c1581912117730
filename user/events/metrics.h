/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters in Prometheus' text format. */
#ifndef RINGFENCE_EVENTS_METRICS_H
#define RINGFENCE_EVENTS_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "events/text.h"

#define RF_METRICS_ROWS	   1024 /* distinct denials; what is beyond is counted together */
#define RF_METRICS_BUCKETS 8

/* Starts zeroed. */
struct rf_metrics {
	struct rf_metrics_row {
		char *policy, *rule, *access;
		uint64_t count;
	} * row;
	size_t rows;
	uint64_t others; /* denials beyond RF_METRICS_ROWS, or for want of memory */
	uint64_t bucket[RF_METRICS_BUCKETS + 1], applies;
	double seconds; /* of all applies */
};

/* Counts denials of one sort; all strings are copied. rule: "files[3]", or why it was refused where no rule did. */
void rf_metrics_denied(struct rf_metrics *metrics, const char *policy, const char *rule, const char *access,
		       uint64_t count);
/* Counts an apply that took so long. */
void rf_metrics_applied(struct rf_metrics *metrics, double seconds);
/* Adds all of it. */
void rf_metrics_print(const struct rf_metrics *metrics, struct rf_line *line);
/* Adds the two lines above a metric, and one of it with a label or (NULL) none. */
void rf_metrics_head(struct rf_line *line, const char *name, const char *type, const char *help);
void rf_metrics_value(struct rf_line *line, const char *name, const char *label, const char *value, uint64_t number);
void rf_metrics_free(struct rf_metrics *metrics);

#endif
