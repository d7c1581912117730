// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/happening.h"
#include "filter/filter.h"
#include "monitor/words.h"

#define SECOND INT64_C(1000000000)

int64_t rf_words_time(const char *text)
{
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t ns = 0, seconds;

	if (!end || tm.tm_year < 70 || tm.tm_year > 300)
		return 0;
	seconds = timegm(&tm);
	if (*end == '.')
		for (int64_t unit = SECOND / 10; *++end >= '0' && *end <= '9'; unit /= 10)
			ns += unit * (*end - '0');
	return seconds * SECOND + ns;
}

void rf_words_clock(struct rf_line *line, int64_t at)
{
	time_t seconds = (time_t)(at / SECOND);
	char text[16];
	struct tm tm;

	if (!at || !localtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%H:%M:%S", &tm))
		strcpy(text, "        ");
	rf_line_string(line, text);
}

/* ---------------------------------------------------------------- members */

static const char *string_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of hexadecimal digits; false where they are none. */
static bool add_hex(struct rf_line *line, const char *hex)
{
	struct rf_line bytes = {0};
	bool good = true;

	for (; good && hex[0] && hex[1]; hex += 2) {
		int hi = nibble(hex[0]), lo = nibble(hex[1]);
		char byte = (char)(hi << 4 | lo);

		good = hi >= 0 && lo >= 0;
		rf_line_bytes(&bytes, &byte, 1);
	}
	good = good && !hex[0] && !bytes.failed;
	if (good)
		rf_line_name(line, bytes.text ? bytes.text : "", bytes.len, 0);
	rf_line_free(&bytes);
	return good;
}

bool rf_words_member(struct rf_line *line, const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);
	const char *hex;
	char name[64];

	snprintf(name, sizeof(name), "%s_hex", key);
	hex = string_of(record, name);
	if (hex && add_hex(line, hex))
		return true;
	if (json_is_string(value))
		rf_line_name(line, json_string_value(value), json_string_length(value), 0);
	else if (json_is_integer(value))
		rf_line_format(line, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		rf_line_string(line, json_is_true(value) ? "yes" : "no");
	else
		return false;
	return true;
}

/* ---------------------------------------------------------------- groups */

/* "policy rule", "policy: guard G", "policy (no rule allows it)". */
static void rule_key(const json_t *record, char key[RF_KEY_MAX])
{
	const char *policy = string_of(record, "policy"), *rule = string_of(record, "rule");
	const char *guard = string_of(record, "guard"), *why = string_of(record, "why");

	policy = policy ? policy : "ringfence";
	if (rule)
		snprintf(key, RF_KEY_MAX, "%.256s %.256s", policy, rule);
	else if (guard)
		snprintf(key, RF_KEY_MAX, "%.256s: guard %.256s", policy, guard);
	else if (!why || !strcmp(why, "rule"))
		snprintf(key, RF_KEY_MAX, "%.256s (no rule allows it)", policy);
	else
		snprintf(key, RF_KEY_MAX, "%.256s: %.256s", policy, why);
}

static void kind_key(const json_t *record, char key[RF_KEY_MAX])
{
	const char *kind = string_of(record, "kind");

	snprintf(key, RF_KEY_MAX, "(%.64s)", kind ? kind : "no name");
}

static void sandbox_key(const json_t *record, char key[RF_KEY_MAX])
{
	const char *unit = string_of(record, "unit");
	json_int_t id = json_integer_value(json_object_get(record, "sandbox"));

	if (unit && unit[0])
		snprintf(key, RF_KEY_MAX, "%lld %.1024s", (long long)id, unit);
	else
		snprintf(key, RF_KEY_MAX, "%lld", (long long)id);
}

void rf_words_key(const json_t *record, enum rf_grouping grouping, char key[RF_KEY_MAX])
{
	const char *type = string_of(record, "type");

	key[0] = '\0';
	if (grouping == RF_BY_SANDBOX) {
		sandbox_key(record, key);
		return;
	}
	if (type && !strcmp(type, "more")) {
		strcpy(key, "(more of what was told earlier)");
		return;
	}
	switch (grouping) {
	case RF_BY_RULE:
		rule_key(record, key);
		break;
	case RF_BY_FOLDER:
		if (!rf_filter_field(record, "path", key, RF_KEY_MAX) || key[0] != '/')
			kind_key(record, key);
		break;
	case RF_BY_PROGRAM:
		if (!rf_filter_field(record, "exe", key, RF_KEY_MAX))
			rf_filter_field(record, "comm", key, RF_KEY_MAX);
		break;
	case RF_BY_DESTINATION:
		if (!rf_filter_field(record, "dest", key, RF_KEY_MAX))
			kind_key(record, key);
		break;
	default:
		break;
	}
	if (!key[0])
		strcpy(key, "(none)");
}

bool rf_words_in_group(const json_t *record, enum rf_grouping grouping, const char *key)
{
	char own[RF_KEY_MAX];
	size_t len = strlen(key);

	rf_words_key(record, grouping, own);
	if (strncmp(own, key, len))
		return false;
	return !own[len] || (grouping == RF_BY_FOLDER && key[0] == '/' && (own[len] == '/' || len == 1));
}

/* ---------------------------------------------------------------- one line */

static bool is_type(const json_t *record, const char *type)
{
	const char *own = string_of(record, "type");

	return own && !strcmp(own, type);
}

void rf_words_verdict(struct rf_line *line, const json_t *record)
{
	const char *verdict = string_of(record, "verdict"), *access = string_of(record, "access");

	rf_line_string(line, verdict && !strcmp(verdict, "would-deny") ? "would deny " : "denied ");
	/* What is refused whole, whatever it would access, is called by its hook. */
	if (!rf_words_member(line, record, access && access[0] ? "access" : "hook"))
		rf_line_string(line, "?");
}

void rf_words_object(struct rf_line *line, const json_t *record)
{
	if (!rf_words_member(line, record, "object"))
		rf_line_string(line, "(no name)");
	if (json_is_string(json_object_get(record, "second"))) {
		rf_line_string(line, " -> ");
		rf_words_member(line, record, "second");
	}
}

void rf_words_by(struct rf_line *line, const json_t *record)
{
	const char *reason = string_of(record, "reason");
	char key[RF_KEY_MAX];

	rule_key(record, key);
	rf_line_name(line, key, strlen(key), 0);
	if (reason) {
		rf_line_string(line, " \"");
		rf_line_name(line, reason, strlen(reason), '"');
		rf_line_string(line, "\"");
	}
	if (json_is_true(json_object_get(record, "fault")))
		rf_line_string(line, " (a fault in ringfence: the rules allow it)");
}

static void add_count(struct rf_line *line, const json_t *record)
{
	long long count = json_integer_value(json_object_get(record, "count"));

	if (json_is_true(json_object_get(record, "again")))
		rf_line_format(line, " (%lld more time%s)", count, count == 1 ? "" : "s");
	else if (count > 1)
		rf_line_format(line, " (%lld times)", count);
}

void rf_words_line(struct rf_line *line, const json_t *record)
{
	if (!is_type(record, "denial")) {
		rf_happening_words(line, record);
		return;
	}
	rf_words_verdict(line, record);
	rf_line_string(line, " ");
	rf_words_object(line, record);
	rf_line_string(line, "  ");
	rf_words_member(line, record, "comm");
	rf_line_string(line, "[");
	rf_words_member(line, record, "tgid");
	rf_line_string(line, "]  by ");
	rf_words_by(line, record);
	add_count(line, record);
}

/* ---------------------------------------------------------------- all of it */

static void add_parents(struct rf_line *line, const json_t *record)
{
	const json_t *parents = json_object_get(record, "parents"), *parent;
	size_t i;

	if (!json_array_size(parents))
		return;
	rf_line_string(line, "parents    ");
	json_array_foreach(parents, i, parent)
	{
		rf_line_string(line, i ? " < " : "");
		rf_words_member(line, parent, "comm");
		rf_line_string(line, "[");
		rf_words_member(line, parent, "tgid");
		rf_line_string(line, "]");
	}
	rf_line_string(line, "\n");
}

/* What is said of a denial, in this order; NULL: the parents. */
static const struct {
	const char *label, *key;
} detail[] = {
	{"object", "object"},
	{"new name", "second"},
	{"kind", "kind"},
	{"target", "target"},
	{"protocol", "protocol"},
	{"socket", "socket"},
	{"policy", "policy"},
	{"rule", "rule"},
	{"where", "where"},
	{"reason", "reason"},
	{"why", "why"},
	{"guard", "guard"},
	{"quiet", "quiet"},
	{"fault", "fault"},
	{"program", "exe"},
	{"process", "comm"},
	{"pid", "tgid"},
	{"thread", "pid"},
	{"user", "uid"},
	{"", NULL},
	{"unit", "unit"},
	{"cgroup", "cgroup"},
	{"sandbox", "sandbox"},
	{"hook", "hook"},
	{"errno", "errno"},
	{"generation", "generation"},
	{"count", "count"},
	{"repeats", "again"},
	{"time", "time"},
	{"message", "message"},
	{"revision", "revision"},
	{"malformed", "malformed"},
	{"id", "id"},
};

void rf_words_details(struct rf_line *line, const json_t *record)
{
	struct rf_line value = {0};

	if (is_type(record, "denial"))
		rf_words_verdict(line, record);
	else
		rf_happening_words(line, record);
	rf_line_string(line, "\n");
	for (size_t i = 0; i < sizeof(detail) / sizeof(detail[0]); i++) {
		if (!detail[i].key) {
			add_parents(line, record);
			continue;
		}
		rf_line_reset(&value);
		if (!rf_words_member(&value, record, detail[i].key))
			continue;
		rf_line_format(line, "%-10s ", detail[i].label);
		rf_line_bytes(line, value.text, value.len);
		rf_line_string(line, "\n");
	}
	rf_line_free(&value);
}
