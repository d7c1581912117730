// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <string.h>

#include "client/happening.h"

static void add_text(struct rf_line *line, const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);

	rf_line_name(line, json_is_string(value) ? json_string_value(value) : "?",
		     json_is_string(value) ? json_string_length(value) : 1, 0);
}

static long long number_of(const json_t *record, const char *key)
{
	return (long long)json_integer_value(json_object_get(record, key));
}

static bool has(const json_t *record, const char *key)
{
	return json_object_get(record, key) != NULL;
}

/* ---------------------------------------------------------------- what kinds there are */

static void add_more(struct rf_line *line, const json_t *record)
{
	rf_line_format(line, "denied %lld more times what was told earlier", number_of(record, "count"));
}

static void add_lost(struct rf_line *line, const json_t *record)
{
	rf_line_string(line, "LOST: ");
	if (has(record, "count"))
		rf_line_format(line, "%lld more denied than told%s",
			       number_of(record, "count") + number_of(record, "malformed"),
			       has(record, "message") ? ": " : "");
	if (has(record, "message"))
		add_text(line, record, "message");
}

static void add_began(struct rf_line *line, const json_t *record)
{
	const json_t *policies = json_object_get(record, "policies"), *policy;
	size_t i;

	rf_line_format(line, "sandbox %lld began", number_of(record, "sandbox"));
	json_array_foreach(policies, i, policy)
	{
		rf_line_string(line, i ? "," : ": ");
		rf_line_name(line, json_is_string(policy) ? json_string_value(policy) : "?",
			     json_is_string(policy) ? json_string_length(policy) : 1, 0);
	}
}

static void add_ended(struct rf_line *line, const json_t *record)
{
	long long made = number_of(record, "made");

	rf_line_format(line, "sandbox %lld ended: %lld denial%s", number_of(record, "sandbox"), made,
		       made == 1 ? "" : "s");
}

static void add_drifted(struct rf_line *line, const json_t *record)
{
	rf_line_string(line, "DRIFTED: ");
	add_text(line, record, "message");
	rf_line_string(line, json_is_true(json_object_get(record, "mended")) ? "; it was put back"
									     : "; it could not be put back");
}

static void add_service(struct rf_line *line, const json_t *record)
{
	rf_line_string(line, "the service ");
	add_text(line, record, "type");
	if (has(record, "version")) {
		rf_line_string(line, ": version ");
		add_text(line, record, "version");
	}
}

static void add_change(struct rf_line *line, const json_t *record)
{
	rf_line_string(line, "policy ");
	add_text(line, record, "policy");
	rf_line_string(line, " ");
	add_text(line, record, "type");
	if (has(record, "revision"))
		rf_line_format(line, ": revision %lld", number_of(record, "revision"));
	if (has(record, "uid"))
		rf_line_format(line, ", by uid %lld with ", number_of(record, "uid"));
	if (has(record, "program"))
		add_text(line, record, "program");
}

static void add_unknown(struct rf_line *line, const json_t *record)
{
	add_text(line, record, "type");
	if (has(record, "message")) {
		rf_line_string(line, ": ");
		add_text(line, record, "message");
	}
}

void rf_happening_words(struct rf_line *line, const json_t *record)
{
	static const struct {
		const char *type;
		void (*add)(struct rf_line *line, const json_t *record);
		bool numbered; /* the sandbox's number is among the words */
	} kinds[] = {
		{"more", add_more, false},	 {"lost", add_lost, false},	  {"began", add_began, true},
		{"ended", add_ended, true},	 {"drifted", add_drifted, false}, {"started", add_service, false},
		{"stopped", add_service, false},
	};
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *unit = json_string_value(json_object_get(record, "unit"));
	size_t i = 0, count = sizeof(kinds) / sizeof(kinds[0]);

	while (i < count && strcmp(kinds[i].type, type ? type : "") != 0)
		i++;
	if (i < count)
		kinds[i].add(line, record);
	else if (has(record, "policy"))
		add_change(line, record);
	else
		add_unknown(line, record);
	if (unit && *unit) {
		rf_line_string(line, "  in ");
		add_text(line, record, "unit");
	} else if (has(record, "cgroup")) {
		rf_line_string(line, "  on ");
		add_text(line, record, "cgroup");
	} else if (has(record, "sandbox") && !(i < count && kinds[i].numbered)) {
		rf_line_format(line, "  in sandbox %lld", number_of(record, "sandbox"));
	}
}
