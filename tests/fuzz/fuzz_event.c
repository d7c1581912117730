// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a record of the ring buffer: no crash, and what is printed is one line of clean UTF-8. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "events/events.h"
#include "events/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char text[] = "apiVersion: ringfence.dev/v1\n"
			   "kind: Policy\n"
			   "metadata: { name: fuzz }\n"
			   "spec:\n"
			   "  files:\n"
			   "    - { allow: [read, exec], paths: [\"/usr/**\", \"/**/a*b\"] }\n"
			   "    - { deny: [write], paths: [\"/usr/[a-m]*\"], reason: \"a reason\" }\n"
			   "  network:\n"
			   "    - { allow: connect, to: [\"192.0.2.0/24\", \"2001:db8::/32\"], ports: [\"443\"] }\n"
			   "  unix:\n"
			   "    - { allow: connect, paths: [\"@/tmp/**\"] }\n";

static const struct rf_policy *policy(void)
{
	static struct rf_policies policies;
	struct rf_diags diags = {0};
	struct rf_vars vars = {0};

	if (policies.count)
		return &policies.policy[0];
	if (rf_policies_parse(&policies, "fuzz.yaml", text, sizeof(text) - 1, &diags) ||
	    rf_policy_bind(&policies.policy[0], &vars, false, &diags))
		abort();
	rf_diags_free(&diags);
	return &policies.policy[0];
}

static void check_line(const struct rf_line *line)
{
	if (line->failed || !line->len || line->text[line->len - 1] != '\n')
		abort();
	for (size_t i = 0, n; i < line->len - 1; i += n) {
		uint32_t code;

		n = rf_utf8(line->text + i, line->len - 1 - i, &code);
		if (!n || code < 0x20 || (code >= 0x7f && code < 0xa0))
			abort();
	}
}

/* Quotes pair up and brackets outside them balance. */
static void check_json(const struct rf_line *line)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < line->len; i++) {
		char c = line->text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (c == '{') - (c == '}');
	}
	if (quoted || depth)
		abort();
}

static void print_both(const uint8_t *data, size_t len)
{
	struct rf_denial denial;
	struct rf_line line = {0};
	struct rf_report report = {.denial = &denial, .policy = "fuzz", .count = 1};

	if (rf_event_decode(&denial, data, len))
		return;
	report.ruling = rf_event_rule(&denial, policy());
	report.count = denial.head.total;
	report.boot_offset = (int64_t)denial.head.merge;
	rf_print_line(&line, &report, false);
	check_line(&line);
	rf_line_reset(&line);
	rf_print_json(&line, &report);
	check_line(&line);
	check_json(&line);
	rf_line_free(&line);
}

/* One sink sees the records of all inputs, so that its accounts fill up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct rf_sink *sink;

	if (!sink)
		sink = rf_sink_open(&(struct rf_sink_options){.fd = -1, .json = -1});
	if (!sink)
		abort();
	print_both(data, len);
	rf_sink_event(sink, data, len);
	if (len >= 8 + sizeof(struct rf_merge)) {
		struct rf_merge merge;
		uint64_t key;

		memcpy(&key, data, sizeof(key));
		memcpy(&merge, data + 8, sizeof(merge));
		rf_sink_merged(sink, key, &merge);
	}
	return 0;
}
