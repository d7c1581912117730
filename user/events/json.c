// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "events/json.h"

static void begin(struct rf_json *json, const char *key)
{
	if (json->comma)
		rf_line_string(json->line, ",");
	if (key) {
		rf_line_string(json->line, "\"");
		rf_line_string(json->line, key);
		rf_line_string(json->line, "\":");
	}
	json->comma = true;
}

void rf_json_open(struct rf_json *json, const char *key, char bracket)
{
	begin(json, key);
	rf_line_bytes(json->line, &bracket, 1);
	json->comma = false;
}

void rf_json_close(struct rf_json *json, char bracket)
{
	rf_line_bytes(json->line, &bracket, 1);
	json->comma = true;
}

void rf_json_number(struct rf_json *json, const char *key, uint64_t number)
{
	begin(json, key);
	rf_line_format(json->line, "%llu", (unsigned long long)number);
}

void rf_json_bool(struct rf_json *json, const char *key, bool value)
{
	begin(json, key);
	rf_line_string(json->line, value ? "true" : "false");
}

void rf_json_null(struct rf_json *json, const char *key)
{
	begin(json, key);
	rf_line_string(json->line, "null");
}

/* Adds one character; false where the byte is none and U+FFFD stands for it. */
static bool add_character(struct rf_line *line, const char *at, size_t left, size_t *taken)
{
	uint32_t code;

	*taken = rf_utf8(at, left, &code);
	if (!*taken || !code) {
		*taken = 1;
		rf_line_string(line, "\xef\xbf\xbd");
		return false;
	}
	/* Most of these need no escape in JSON, but a JSON line is also looked at in terminals. */
	if (rf_utf8_deceives(code) && code > 0xffff)
		rf_line_format(line, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
	else if (rf_utf8_deceives(code))
		rf_line_format(line, "\\u%04x", code);
	else if (code == '"' || code == '\\')
		rf_line_format(line, "\\%c", (char)code);
	else
		rf_line_bytes(line, at, *taken);
	return true;
}

void rf_json_bytes(struct rf_json *json, const char *key, const char *bytes, size_t len)
{
	bool whole = true;

	begin(json, key);
	rf_line_string(json->line, "\"");
	for (size_t i = 0, taken; i < len; i += taken) {
		taken = rf_text_plain(bytes + i, len - i);
		if (taken)
			rf_line_bytes(json->line, bytes + i, taken);
		else if (!add_character(json->line, bytes + i, len - i, &taken))
			whole = false;
	}
	rf_line_string(json->line, "\"");
	if (whole || !key)
		return;
	rf_line_format(json->line, ",\"%s_hex\":\"", key);
	for (size_t i = 0; i < len; i++)
		rf_line_format(json->line, "%02x", (unsigned char)bytes[i]);
	rf_line_string(json->line, "\"");
}

void rf_json_string(struct rf_json *json, const char *key, const char *string)
{
	rf_json_bytes(json, key, string, strlen(string));
}
