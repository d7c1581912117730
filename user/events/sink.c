// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "events/allowing.h"
#include "events/events.h"
#include "events/fold.h"
#include "events/json.h"
#include "events/merge.h"
#include "events/outlet.h"
#include "events/print.h"
#include "events/tally.h"

#define MILLISECOND 1000000

struct rf_sink {
	struct rf_sink_options options;
	struct rf_sink_counts counts;
	struct rf_merges *merges;
	struct rf_tally tally;	  /* by who refused it */
	struct rf_tally allowing; /* by what would allow it */
	struct rf_line line;	  /* used again for each line */
	int64_t boot_offset;
	struct rf_outlet outlet;
	struct rf_folds *folds; /* NULL: each denial has a line */
	int error;		/* -errno of the first JSON write that failed */
};

bool rf_colour_wanted(int fd)
{
	const char *off = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(off && off[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

static void show_on_screen(struct rf_sink *sink, const struct rf_report *report)
{
	rf_line_reset(&sink->line);
	rf_print_line(&sink->line, report, sink->options.colour);
	rf_outlet_show(&sink->outlet, &sink->line);
}

static void show_fold(void *context, const struct rf_report *report)
{
	show_on_screen(context, report);
}

struct rf_sink *rf_sink_open(const struct rf_sink_options *options)
{
	struct rf_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return NULL;
	sink->options = *options;
	sink->merges = rf_merges_new();
	if (!sink->merges) {
		free(sink);
		return NULL;
	}
	if (options->fold && !options->quiet && options->fd >= 0)
		sink->folds = rf_folds_new(show_fold, sink);
	if (options->joined)
		rf_merges_join(sink->merges);
	sink->outlet = (struct rf_outlet){
		.fd = options->quiet ? -1 : options->fd,
		.log = options->log,
		.late = options->late,
		.taken = options->taken,
		.context = options->context,
	};
	sink->outlet.terminal = sink->outlet.fd >= 0 && isatty(sink->outlet.fd);
	return sink;
}

void rf_sink_close(struct rf_sink *sink)
{
	if (!sink)
		return;
	rf_merges_free(sink->merges);
	rf_folds_free(sink->folds);
	rf_tally_free(&sink->tally);
	rf_tally_free(&sink->allowing);
	rf_line_free(&sink->line);
	rf_outlet_free(&sink->outlet);
	free(sink);
}

struct rf_sink_counts rf_sink_counts(const struct rf_sink *sink)
{
	return sink->counts;
}

/* Writes what sink->line holds for people. */
static void show(struct rf_sink *sink)
{
	rf_outlet_log(&sink->outlet, &sink->line);
	rf_outlet_show(&sink->outlet, &sink->line);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / MILLISECOND;
}

static void show_line(struct rf_sink *sink, const struct rf_report *report)
{
	if (sink->outlet.log > 0) {
		rf_line_reset(&sink->line);
		rf_print_line(&sink->line, report, false);
		rf_outlet_log(&sink->outlet, &sink->line);
	}
	if (sink->outlet.fd >= 0 && !(sink->folds && rf_folds_take(sink->folds, report, now_ms())))
		show_on_screen(sink, report);
}

static void show_json(struct rf_sink *sink)
{
	int err = rf_line_write(&sink->line, sink->options.json);

	if (err && !sink->error)
		sink->error = err;
}

/* Two readings of two clocks are never taken at once: only a clock that was set changes the offset, so that an event
 * that is told again keeps its time. */
static int64_t boot_offset(struct rf_sink *sink)
{
	int64_t now = rf_boot_offset(), change = now - sink->boot_offset;

	if (change > MILLISECOND || change < -MILLISECOND)
		sink->boot_offset = now;
	return sink->boot_offset;
}

/* Whether there will be a summary for people. */
static bool has_readers(const struct rf_sink *sink)
{
	return sink->outlet.fd >= 0 || sink->outlet.log > 0;
}

static void tally(struct rf_sink *sink, const struct rf_report *report, bool fixed)
{
	bool would = report->denial->head.verdict == RF_WOULD_DENY;

	rf_line_reset(&sink->line);
	rf_print_by(&sink->line, report);
	rf_tally_add(&sink->tally, &sink->line, would, report->count);
	rf_line_reset(&sink->line);
	if (!fixed && rf_print_allowing(&sink->line, report))
		rf_tally_add(&sink->allowing, &sink->line, false, report->count);
}

/* Tells one event, for `count` denials. */
static void tell(struct rf_sink *sink, const struct rf_denial *denial, uint64_t count, bool again)
{
	struct rf_report report = {.denial = denial, .count = count, .again = again};
	bool would = denial->head.verdict == RF_WOULD_DENY;
	struct rf_slot slot = {0};

	if (sink->options.find &&
	    sink->options.find(sink->options.context, denial->head.policy, denial->head.generation, &slot) == 0)
		report.policy = slot.name;
	report.ruling = rf_event_rule(denial, slot.policy);
	report.boot_offset = boot_offset(sink);
	sink->counts.lines++;
	sink->counts.denials += count;
	sink->counts.would += would ? count : 0;
	sink->counts.faults += report.ruling.kind == RF_RULING_FAULT;
	if (sink->options.report)
		sink->options.report(sink->options.context, &report);

	if (has_readers(sink))
		tally(sink, &report, slot.fixed);
	if (!rf_ruling_is_quiet(&report.ruling))
		show_line(sink, &report);
	if (sink->options.json >= 0) {
		rf_line_reset(&sink->line);
		rf_print_json(&sink->line, &report);
		show_json(sink);
	}
}

static void tell_malformed(struct rf_sink *sink, size_t len)
{
	sink->counts.malformed++;
	rf_line_reset(&sink->line);
	rf_line_format(&sink->line, "ringfence: FAULT: a denial came in a form that can't be read (%zu bytes)\n", len);
	show(sink);
}

int rf_sink_event(struct rf_sink *sink, const void *data, size_t len)
{
	struct rf_denial denial;
	uint64_t count;

	if (rf_event_decode(&denial, data, len)) {
		tell_malformed(sink, len);
		return 0;
	}
	count = 1;
	if (denial.head.merge)
		count = rf_merges_event(sink->merges, denial.head.merge, denial.head.total, denial.head.time, data,
					len);
	if (count)
		tell(sink, &denial, count, false);
	return 0;
}

/* The key's last event is kept no longer; its denials are counted all the same. */
static void tell_nameless(struct rf_sink *sink, uint64_t sandbox, uint64_t count)
{
	struct rf_json json = {.line = &sink->line};

	sink->counts.lines++;
	sink->counts.denials += count;
	sink->tally.others += count;
	rf_line_reset(&sink->line);
	rf_line_format(&sink->line, "ringfence: denied %llu more times what was told earlier\n",
		       (unsigned long long)count);
	show(sink);
	if (sink->options.json < 0)
		return;
	rf_line_reset(&sink->line);
	rf_json_open(&json, NULL, '{');
	rf_json_string(&json, "type", "more");
	rf_json_number(&json, "sandbox", sandbox);
	rf_json_number(&json, "count", count);
	rf_json_close(&json, '}');
	rf_line_string(&sink->line, "\n");
	show_json(sink);
}

void rf_sink_merged(struct rf_sink *sink, uint64_t key, const struct rf_merge *merge)
{
	const void *data;
	size_t len;
	uint64_t count = rf_merges_rest(sink->merges, key, merge->total, &data, &len);
	struct rf_denial denial;

	if (!count)
		return;
	if (data && rf_event_decode(&denial, data, len) == 0)
		tell(sink, &denial, count, true);
	else
		tell_nameless(sink, merge->sandbox, count);
}

int rf_sink_flush(struct rf_sink *sink, rf_merge_next *next, void *context)
{
	struct rf_merge merge;
	uint64_t key;
	int got;

	while ((got = next(context, &key, &merge)) == 1)
		rf_sink_merged(sink, key, &merge);
	return got;
}

bool rf_sink_look(struct rf_sink *sink)
{
	bool waits = sink->folds && rf_folds_look(sink->folds, now_ms(), false);

	return rf_outlet_look(&sink->outlet, false) || waits;
}

static void summarise(struct rf_sink *sink, uint64_t untold)
{
	const struct rf_sink_counts *c = &sink->counts;
	unsigned long long denied = c->denials - c->would, would = c->would;
	struct rf_line *line = &sink->line;

	rf_line_reset(line);
	if (denied || !would)
		rf_line_format(line, "ringfence: %llu denial%s", denied, denied == 1 ? "" : "s");
	if (would)
		rf_line_format(line, "%s%llu would be denied (audit)", denied ? ", " : "ringfence: ", would);
	rf_line_string(line, "\n");
	rf_tally_print(&sink->tally, line, "by ", "by other rules");
	if (sink->allowing.rows) {
		rf_line_string(line, "ringfence: what no rule allows, and the option that would:\n");
		rf_tally_print(&sink->allowing, line, "", "of other objects");
	}
	if (untold)
		rf_line_format(
			line, "ringfence: LOST: %llu more denied than told: they came faster than they could be read\n",
			(unsigned long long)untold);
	if (c->malformed)
		rf_line_format(line, "ringfence: FAULT: %llu denials could not be read\n",
			       (unsigned long long)c->malformed);
	if (c->faults)
		rf_line_format(line,
			       "ringfence: FAULT: %llu denials are not what the policy says; please report them\n",
			       (unsigned long long)c->faults);
	show(sink);
}

/* What a reader of the JSON lines can't know from them. */
static void summarise_json(struct rf_sink *sink, uint64_t untold)
{
	struct rf_json json = {.line = &sink->line};

	rf_line_reset(&sink->line);
	rf_json_open(&json, NULL, '{');
	rf_json_string(&json, "type", "lost");
	rf_json_number(&json, "count", untold);
	rf_json_number(&json, "malformed", sink->counts.malformed);
	rf_json_close(&json, '}');
	rf_line_string(&sink->line, "\n");
	show_json(sink);
}

int rf_sink_summary(struct rf_sink *sink, const struct rf_sandbox *counters)
{
	uint64_t read = sink->counts.denials + sink->counts.malformed;
	uint64_t untold = counters && counters->made > read ? counters->made - read : 0;

	if (sink->folds)
		rf_folds_look(sink->folds, now_ms(), true);
	rf_outlet_look(&sink->outlet, true);
	sink->outlet.late = false;
	sink->outlet.taken = NULL;
	if (!read && !untold)
		return sink->error;
	if (has_readers(sink))
		summarise(sink, untold);
	if (sink->options.json >= 0 && (untold || sink->counts.malformed))
		summarise_json(sink, untold);
	return sink->error;
}
