/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes JSON, one value after the other, always valid: commas and escapes are its business, nesting the caller's. */
#ifndef RINGFENCE_EVENTS_JSON_H
#define RINGFENCE_EVENTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/text.h"

/* Starts zeroed but for `line`, which gets the text. */
struct rf_json {
	struct rf_line *line;
	bool comma; /* something stands before the next value */
};

/* `key` NULL: an element of an array, or the outermost value. Keys are the program's own words, never data. */
void rf_json_open(struct rf_json *json, const char *key, char bracket);
void rf_json_close(struct rf_json *json, char bracket);
void rf_json_number(struct rf_json *json, const char *key, uint64_t number);
void rf_json_bool(struct rf_json *json, const char *key, bool value);
void rf_json_null(struct rf_json *json, const char *key);
void rf_json_string(struct rf_json *json, const char *key, const char *string);
/*
 * A string of any bytes. Bytes that are not UTF-8, and NUL, become U+FFFD each; then (where there is a key) a second
 * member `<key>_hex` carries all bytes in hexadecimal.
 */
void rf_json_bytes(struct rf_json *json, const char *key, const char *bytes, size_t len);

#endif
