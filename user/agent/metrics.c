// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the service counts, for /metrics. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "events/decode.h"
#include "events/events.h"
#include "events/print.h"

void agent_metrics_denied(struct agent *agent, const struct rf_report *report)
{
	const struct rf_event *event = &report->denial->head;
	char rule[RF_RULE_NAME], access[64];

	if (report->ruling.kind == RF_RULING_RULE && report->ruling.rule)
		rf_rule_name(report->ruling.rule, rule, sizeof(rule));
	else
		snprintf(rule, sizeof(rule), "%s", rf_reason_word(event->reason));
	rf_metrics_denied(&agent->metrics, report->policy ? report->policy : "", rule,
			  rf_access_words(event->access, access, sizeof(access)), report->count);
}

static double seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int agent_apply_timed(void *context, const struct rf_caller *caller, const char *text, size_t length,
		      const struct rf_apply_options *options, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	double start = seconds_now();
	int err = agent_apply_on_probation(agent, caller, text, length, options, out, error);

	if (!options->dry_run)
		rf_metrics_applied(&agent->metrics, seconds_now() - start);
	return err;
}

/* Of the sandboxes that live: what they made goes with them, so these are no counters. */
static void add_sandboxes(struct agent *agent, struct rf_line *line)
{
	struct rf_sandbox sum = {.id = 0}, sandbox;
	uint64_t live = 0;

	for (uint32_t i = 1; agent->kernel && i < rf_engine_switches(agent->kernel)->used; i++) {
		if (rf_engine_sandbox(agent->kernel, i, &sandbox) || sandbox.state != RF_SANDBOX_LIVE ||
		    sandbox.origin == RF_ORIGIN_SET)
			continue;
		live++;
		sum.made += sandbox.made;
		sum.told += sandbox.told;
		sum.merged += sandbox.merged;
		sum.lost += sandbox.lost;
	}
	rf_metrics_head(line, "ringfence_sandboxes", "gauge", "Sandboxes that live.");
	rf_metrics_value(line, "ringfence_sandboxes", NULL, NULL, live);
	rf_metrics_head(line, "ringfence_sandbox_denials", "gauge",
			"Denials of the sandboxes that live: made = told + merged + lost.");
	rf_metrics_value(line, "ringfence_sandbox_denials", "outcome", "made", sum.made);
	rf_metrics_value(line, "ringfence_sandbox_denials", "outcome", "told", sum.told);
	rf_metrics_value(line, "ringfence_sandbox_denials", "outcome", "merged", sum.merged);
	rf_metrics_value(line, "ringfence_sandbox_denials", "outcome", "lost", sum.lost);
}

int agent_metrics(void *context, char **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	struct rf_line line = {.text = NULL};
	uint64_t placed = 0;

	for (size_t i = 0; i < agent->set.count; i++)
		placed += agent->set.policy[i]->forced.placed;
	rf_metrics_print(&agent->metrics, &line);
	rf_metrics_head(&line, "ringfence_policies", "gauge", "Policies that are applied.");
	rf_metrics_value(&line, "ringfence_policies", NULL, NULL, agent->set.count);
	rf_metrics_head(&line, "ringfence_policies_enforced", "gauge", "Policies that the kernel has.");
	rf_metrics_value(&line, "ringfence_policies_enforced", NULL, NULL, placed);
	add_sandboxes(agent, &line);
	rf_line_bytes(&line, "", 1);
	*out = line.failed ? NULL : line.text;
	if (*out)
		return 0;
	rf_line_free(&line);
	return rf_api_fail(error, 503, "Busy", "out of memory");
}
