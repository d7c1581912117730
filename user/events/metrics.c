// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "events/metrics.h"

static const double bounds[RF_METRICS_BUCKETS] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};

static struct rf_metrics_row *find(struct rf_metrics *metrics, const char *policy, const char *rule, const char *access)
{
	for (size_t i = 0; i < metrics->rows; i++) {
		struct rf_metrics_row *row = &metrics->row[i];

		if (!strcmp(row->policy, policy) && !strcmp(row->rule, rule) && !strcmp(row->access, access))
			return row;
	}
	return NULL;
}

static struct rf_metrics_row *add(struct rf_metrics *metrics, const char *policy, const char *rule, const char *access)
{
	struct rf_metrics_row row = {.policy = NULL}, *grown;

	if (metrics->rows == RF_METRICS_ROWS)
		return NULL;
	grown = realloc(metrics->row, (metrics->rows + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	metrics->row = grown;
	row.policy = strdup(policy);
	row.rule = strdup(rule);
	row.access = strdup(access);
	if (row.policy && row.rule && row.access) {
		grown[metrics->rows] = row;
		return &grown[metrics->rows++];
	}
	free(row.policy);
	free(row.rule);
	free(row.access);
	return NULL;
}

void rf_metrics_denied(struct rf_metrics *metrics, const char *policy, const char *rule, const char *access,
		       uint64_t count)
{
	struct rf_metrics_row *row = find(metrics, policy, rule, access);

	row = row ? row : add(metrics, policy, rule, access);
	if (row)
		row->count += count;
	else
		metrics->others += count;
}

void rf_metrics_applied(struct rf_metrics *metrics, double seconds)
{
	size_t i = 0;

	while (i < RF_METRICS_BUCKETS && seconds > bounds[i])
		i++;
	metrics->bucket[i]++;
	metrics->applies++;
	metrics->seconds += seconds;
}

void rf_metrics_free(struct rf_metrics *metrics)
{
	for (size_t i = 0; i < metrics->rows; i++) {
		free(metrics->row[i].policy);
		free(metrics->row[i].rule);
		free(metrics->row[i].access);
	}
	free(metrics->row);
	memset(metrics, 0, sizeof(*metrics));
}

/* ---------------------------------------------------------------- printing */

/* A label's value: what would end it is escaped. */
static void add_label(struct rf_line *line, const char *name, const char *value)
{
	rf_line_format(line, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			rf_line_string(line, "\\n");
		else if (*value == '"' || *value == '\\')
			rf_line_format(line, "\\%c", *value);
		else
			rf_line_bytes(line, value, 1);
	}
	rf_line_string(line, "\"");
}

void rf_metrics_head(struct rf_line *line, const char *name, const char *type, const char *help)
{
	rf_line_format(line, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void rf_metrics_value(struct rf_line *line, const char *name, const char *label, const char *value, uint64_t number)
{
	rf_line_string(line, name);
	if (label) {
		rf_line_string(line, "{");
		add_label(line, label, value);
		rf_line_string(line, "}");
	}
	rf_line_format(line, " %" PRIu64 "\n", number);
}

static void add_denials(struct rf_line *line, const char *policy, const char *rule, const char *access, uint64_t count)
{
	rf_line_string(line, "ringfence_denials_total{");
	add_label(line, "policy", policy);
	rf_line_string(line, ",");
	add_label(line, "rule", rule);
	rf_line_string(line, ",");
	add_label(line, "access", access);
	rf_line_format(line, "} %" PRIu64 "\n", count);
}

void rf_metrics_print(const struct rf_metrics *metrics, struct rf_line *line)
{
	uint64_t sum = 0;

	rf_metrics_head(line, "ringfence_denials_total", "counter",
			"Denials since the agent was started, by policy, rule (or why, where no rule did) and access.");
	for (size_t i = 0; i < metrics->rows; i++)
		add_denials(line, metrics->row[i].policy, metrics->row[i].rule, metrics->row[i].access,
			    metrics->row[i].count);
	if (metrics->others)
		add_denials(line, "", "others", "", metrics->others);
	rf_metrics_head(line, "ringfence_apply_seconds", "histogram", "How long applies took, failed ones too.");
	for (size_t i = 0; i < RF_METRICS_BUCKETS; i++) {
		sum += metrics->bucket[i];
		rf_line_format(line, "ringfence_apply_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", bounds[i], sum);
	}
	rf_line_format(line, "ringfence_apply_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", metrics->applies);
	rf_line_format(line, "ringfence_apply_seconds_sum %g\nringfence_apply_seconds_count %" PRIu64 "\n",
		       metrics->seconds, metrics->applies);
}
