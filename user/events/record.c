// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A denial as one line of JSON. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "events/address.h"
#include "events/json.h"
#include "events/print.h"

#define SECOND 1000000000LL

int64_t rf_boot_offset(void)
{
	struct timespec real = {0}, boot = {0};

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return ((int64_t)real.tv_sec - boot.tv_sec) * SECOND + (real.tv_nsec - boot.tv_nsec);
}

/* RFC 3339 in UTC. A time that no calendar holds (the record is not trusted) is the epoch. */
static void add_time(struct rf_json *json, uint64_t boottime, int64_t offset)
{
	char date[64], text[96];
	uint64_t ns = boottime + (uint64_t)offset;
	time_t seconds = (time_t)(ns / SECOND);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || tm.tm_year > 9999 - 1900) {
		ns = 0;
		seconds = 0;
		gmtime_r(&seconds, &tm);
	}
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%09lluZ", date, (unsigned long long)(ns % SECOND));
	rf_json_string(json, "time", text);
}

static void add_task(struct rf_json *json, const struct rf_denial *denial)
{
	rf_json_number(json, "pid", denial->head.pid);
	rf_json_number(json, "tgid", denial->head.tgid);
	rf_json_number(json, "uid", denial->head.uid);
	rf_json_bytes(json, "comm", denial->comm, denial->comm_len);
	if (denial->exe)
		rf_json_bytes(json, "exe", denial->exe, denial->exe_len);
	else
		rf_json_null(json, "exe");
	rf_json_open(json, "parents", '[');
	for (size_t i = 0; i < RF_PARENTS && denial->head.parent[i].tgid; i++) {
		const struct rf_parent *parent = &denial->head.parent[i];

		rf_json_open(json, NULL, '{');
		rf_json_number(json, "tgid", parent->tgid);
		rf_json_bytes(json, "comm", parent->comm, strnlen(parent->comm, sizeof(parent->comm)));
		rf_json_close(json, '}');
	}
	rf_json_close(json, ']');
}

/* A socket that was refused for itself: its protocol's number means another thing in each family, and there is no
 * address. */
static void add_socket(struct rf_json *json, const struct rf_address *address)
{
	char text[RF_ADDRESS_TEXT];

	rf_json_string(json, "object", rf_socket_text(address, text));
	rf_json_string(json, "family", rf_family_text(address, text));
	rf_json_string(json, "socket", rf_type_text(address, text));
	rf_json_null(json, "protocol");
	rf_json_number(json, "protocol_number", address->protocol);
	rf_json_null(json, "address");
	rf_json_null(json, "port");
}

static void add_net(struct rf_json *json, const struct rf_event *head)
{
	const struct rf_address *address = &head->address;
	char text[RF_ADDRESS_TEXT], protocol[RF_ADDRESS_TEXT];
	char object[2 * RF_ADDRESS_TEXT];

	if (!rf_event_has_address(head)) {
		add_socket(json, address);
		return;
	}
	/* The form that `explain --connect` takes. */
	snprintf(object, sizeof(object), "%s:%s", rf_protocol_text(address, protocol), rf_endpoint_text(address, text));
	rf_json_string(json, "object", object);
	rf_json_string(json, "family", rf_family_text(address, text));
	rf_json_string(json, "socket", rf_type_text(address, text));
	rf_json_string(json, "protocol", protocol);
	rf_json_string(json, "address", rf_ip_text(address, text));
	rf_json_number(json, "port", address->port);
}

static void add_object(struct rf_json *json, const struct rf_denial *denial)
{
	static const char *const kind[] = {"none", "file", "net", "unix", "task", "capability"};

	rf_json_string(json, "kind", kind[denial->head.object]);
	if (denial->head.object == RF_OBJECT_NET) {
		add_net(json, &denial->head);
		return;
	}
	if (denial->head.object == RF_OBJECT_TASK || denial->head.object == RF_OBJECT_CAPABILITY)
		rf_json_number(json, "target", denial->head.target);
	if (denial->head.object == RF_OBJECT_CAPABILITY)
		rf_json_string(json, "object", rf_capability_word(denial->head.target));
	else if (denial->object)
		rf_json_bytes(json, "object", denial->object, denial->object_len);
	else
		rf_json_null(json, "object");
	if (denial->second)
		rf_json_bytes(json, "second", denial->second, denial->second_len);
}

static void add_rule(struct rf_json *json, const struct rf_rule *rule)
{
	char text[RF_RULE_NAME];

	if (!rule) {
		rf_json_null(json, "rule");
		rf_json_null(json, "where");
		rf_json_null(json, "reason");
		return;
	}
	rf_json_string(json, "rule", rf_rule_name(rule, text, sizeof(text)));
	if (rule->where.file && !rule->added) {
		struct rf_line where = {0};

		rf_line_format(&where, "%s:%u", rule->where.file, rule->where.line);
		rf_json_bytes(json, "where", where.text ? where.text : "", where.len);
		rf_line_free(&where);
	} else {
		rf_json_null(json, "where");
	}
	if (rule->reason)
		rf_json_string(json, "reason", rule->reason);
	else
		rf_json_null(json, "reason");
}

static void add_error(struct rf_json *json, unsigned error)
{
	const char *name = error ? strerrorname_np((int)error) : NULL;

	if (name)
		rf_json_string(json, "errno", name);
	else
		rf_json_null(json, "errno");
}

void rf_print_json(struct rf_line *line, const struct rf_report *report)
{
	const struct rf_event *head = &report->denial->head;
	struct rf_json json = {.line = line};
	char access[64];

	rf_json_open(&json, NULL, '{');
	rf_json_string(&json, "type", "denial");
	add_time(&json, head->time, report->boot_offset);
	rf_json_number(&json, "sandbox", head->sandbox);
	add_task(&json, report->denial);
	rf_json_string(&json, "hook", rf_hook_name(head->hook));
	rf_json_string(&json, "access", rf_access_words(head->access, access, sizeof(access)));
	add_object(&json, report->denial);
	rf_json_string(&json, "verdict", head->verdict == RF_WOULD_DENY ? "would-deny" : "denied");
	if (report->policy)
		rf_json_string(&json, "policy", report->policy);
	else
		rf_json_null(&json, "policy");
	add_rule(&json, report->ruling.rule);
	rf_json_string(&json, "why", rf_reason_word(head->reason));
	if (head->guard)
		rf_json_string(&json, "guard", rf_guard_word(head->guard));
	else if (report->ruling.rule && report->ruling.rule->implied)
		rf_json_string(&json, "guard", rf_guard_word(RF_GUARD_ENGINE));
	if (rf_ruling_is_quiet(&report->ruling))
		rf_json_bool(&json, "quiet", true);
	if (report->ruling.kind == RF_RULING_FAULT)
		rf_json_bool(&json, "fault", true);
	add_error(&json, head->error);
	rf_json_number(&json, "generation", head->generation);
	rf_json_number(&json, "count", report->count);
	rf_json_bool(&json, "again", report->again);
	rf_json_close(&json, '}');
	rf_line_string(line, "\n");
}
