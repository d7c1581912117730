// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counters as Prometheus reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "events/metrics.h"

static const char *printed(const struct rf_metrics *metrics)
{
	static char text[256 << 10];
	struct rf_line line = {.text = NULL};

	rf_metrics_print(metrics, &line);
	assert_false(line.failed);
	snprintf(text, sizeof(text), "%.*s", (int)line.len, line.text);
	rf_line_free(&line);
	return text;
}

static void denials(void **state)
{
	struct rf_metrics metrics = {.rows = 0};

	(void)state;
	rf_metrics_denied(&metrics, "web", "files[3]", "read", 2);
	rf_metrics_denied(&metrics, "web", "files[3]", "write", 1);
	rf_metrics_denied(&metrics, "web", "files[3]", "read", 3);
	rf_metrics_denied(&metrics, "a\"b\\c\nd", "guard", "", 1);
	assert_non_null(strstr(printed(&metrics),
			       "# TYPE ringfence_denials_total counter\n"
			       "ringfence_denials_total{policy=\"web\",rule=\"files[3]\",access=\"read\"} 5\n"
			       "ringfence_denials_total{policy=\"web\",rule=\"files[3]\",access=\"write\"} 1\n"
			       "ringfence_denials_total{policy=\"a\\\"b\\\\c\\nd\",rule=\"guard\",access=\"\"} 1\n"
			       "# HELP"));
	/* What many policies make of it is bounded, and still counted. */
	for (int i = 0; i < 2 * RF_METRICS_ROWS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%d", i);
		rf_metrics_denied(&metrics, name, "r", "read", 1);
	}
	assert_int_equal(metrics.rows, RF_METRICS_ROWS);
	assert_int_equal(metrics.others, RF_METRICS_ROWS + 3);
	assert_non_null(strstr(printed(&metrics), "{policy=\"\",rule=\"others\",access=\"\"} 1027\n"));
	rf_metrics_free(&metrics);
}

static void applies(void **state)
{
	struct rf_metrics metrics = {.rows = 0};

	(void)state;
	rf_metrics_applied(&metrics, 0.01);
	rf_metrics_applied(&metrics, 0.03);
	rf_metrics_applied(&metrics, 60);
	assert_non_null(strstr(printed(&metrics), "# TYPE ringfence_apply_seconds histogram\n"
						  "ringfence_apply_seconds_bucket{le=\"0.005\"} 0\n"
						  "ringfence_apply_seconds_bucket{le=\"0.01\"} 1\n"
						  "ringfence_apply_seconds_bucket{le=\"0.025\"} 1\n"
						  "ringfence_apply_seconds_bucket{le=\"0.05\"} 2\n"));
	assert_non_null(strstr(printed(&metrics),
			       "{le=\"5\"} 2\nringfence_apply_seconds_bucket{le=\"+Inf\"} 3\n"
			       "ringfence_apply_seconds_sum 60.04\nringfence_apply_seconds_count 3\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(denials),
		cmocka_unit_test(applies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
