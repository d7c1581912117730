// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "events/address.h"
#include "events/print.h"

#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"

/* Whether a folded line's denials differ there. */
#define DIFFER(report, part) ((report)->common && (report)->common->part)

static void add_net(struct rf_line *line, const struct rf_report *report)
{
	char word[RF_ADDRESS_TEXT], type[RF_ADDRESS_TEXT];
	const struct rf_event *head = &report->denial->head;
	const struct rf_address *address = &head->address;

	if (!rf_event_has_address(head)) {
		rf_line_format(line, " %s", rf_socket_text(address, word));
		return;
	}
	rf_line_format(line, " %s ", rf_protocol_text(address, word));
	if (report->common)
		rf_common_endpoint(line, report->common, address);
	else
		rf_line_string(line, rf_endpoint_text(address, type));
}

static void add_name(struct rf_line *line, const struct rf_report *report, bool second)
{
	const struct rf_denial *denial = report->denial;

	if (report->common)
		rf_common_name(line, report->common, denial, second);
	else if (second)
		rf_line_name(line, denial->second, denial->second_len, 0);
	else
		rf_line_name(line, denial->object, denial->object_len, 0);
}

/* "[412]" */
static void add_number(struct rf_line *line, uint32_t number, bool differs)
{
	if (differs)
		rf_line_string(line, "[*]");
	else
		rf_line_format(line, "[%u]", number);
}

static void add_object(struct rf_line *line, const struct rf_report *report)
{
	const struct rf_denial *denial = report->denial;

	if (denial->head.object == RF_OBJECT_NET) {
		add_net(line, report);
		return;
	}
	if (denial->head.object == RF_OBJECT_CAPABILITY) {
		rf_line_format(line, " %s", rf_capability_word(denial->head.target));
		return;
	}
	if (!denial->object) {
		if (denial->head.object != RF_OBJECT_NONE)
			rf_line_string(line, " (no name)");
		return;
	}
	rf_line_string(line, " ");
	add_name(line, report, false);
	if (denial->head.object == RF_OBJECT_TASK)
		add_number(line, denial->head.target, DIFFER(report, target));
	if (denial->second) {
		rf_line_string(line, " -> ");
		add_name(line, report, true);
	}
}

static void add_rule(struct rf_line *line, const struct rf_rule *rule)
{
	char name[RF_RULE_NAME];

	if (rule->implied) {
		rf_line_string(line, ": guard engine");
		return;
	}
	rf_line_format(line, " %s", rf_rule_name(rule, name, sizeof(name)));
	if (rule->reason) {
		rf_line_string(line, " \"");
		rf_line_name(line, rule->reason, strlen(rule->reason), '"');
		rf_line_string(line, "\"");
	}
}

void rf_print_by(struct rf_line *line, const struct rf_report *report)
{
	const struct rf_event *head = &report->denial->head;

	if (report->by) {
		rf_line_bytes(line, report->by->text, report->by->len);
		return;
	}
	if (report->policy)
		rf_line_name(line, report->policy, strlen(report->policy), 0);
	else if (report->ruling.kind == RF_RULING_REASON)
		rf_line_string(line, "ringfence");
	else
		rf_line_format(line, "policy in slot %u", head->policy);
	switch (report->ruling.kind) {
	case RF_RULING_UNKNOWN:
		rf_line_string(line, " (its text is not at hand)");
		break;
	case RF_RULING_REASON:
		if (head->guard)
			rf_line_format(line, ": guard %s", rf_guard_word(head->guard));
		else
			rf_line_format(line, ": %s", rf_reason_text(head->reason));
		break;
	case RF_RULING_RULE:
		add_rule(line, report->ruling.rule);
		break;
	case RF_RULING_DEFAULT:
		rf_line_string(line, " (no rule allows it)");
		break;
	case RF_RULING_FAULT:
		if (report->ruling.rule)
			add_rule(line, report->ruling.rule);
		rf_line_string(line, " (a fault in ringfence: the rules allow it)");
		break;
	}
}

static void add_count(struct rf_line *line, const struct rf_report *report)
{
	unsigned long long count = report->count;

	/* Each object once. */
	if (report->common && report->common->objects > 1 && report->common->objects == count)
		return;
	if (report->again)
		rf_line_format(line, " (%llu more time%s)", count, count == 1 ? "" : "s");
	else if (count > 1)
		rf_line_format(line, " (%llu times)", count);
}

void rf_print_line(struct rf_line *line, const struct rf_report *report, bool colour)
{
	const struct rf_denial *denial = report->denial;
	bool would = denial->head.verdict == RF_WOULD_DENY;
	char access[64];

	rf_line_string(line, "ringfence: ");
	if (colour)
		rf_line_string(line, would ? YELLOW : RED);
	rf_line_string(line, would ? "would deny" : "denied");
	if (colour)
		rf_line_string(line, PLAIN);
	/* What is refused whole, whatever it would access, is called by its hook. */
	rf_line_format(line, " %s",
		       denial->head.access ? rf_access_words(denial->head.access, access, sizeof(access))
					   : rf_hook_name(denial->head.hook));
	add_object(line, report);
	if (report->common && report->common->objects > 1)
		rf_line_format(line, ", %llu objects", (unsigned long long)report->common->objects);
	if (colour)
		rf_line_string(line, DIM);
	rf_line_string(line, "  ");
	rf_line_name(line, denial->comm, denial->comm_len, 0);
	add_number(line, denial->head.tgid, DIFFER(report, process));
	rf_line_string(line, "  by ");
	rf_print_by(line, report);
	add_count(line, report);
	if (colour)
		rf_line_string(line, PLAIN);
	rf_line_string(line, "\n");
}
