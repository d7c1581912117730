// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A filter on the first line, a record behind it: whatever they are, field=x and field!=x differ, and a loss passes. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The opposite of a filter of one field: 0 where there is none. */
static int opposite(const char *text, struct rf_filter **out)
{
	size_t len = strcspn(text, "=\" ,\\!"), room = strlen(text) + 2;
	char *other, *problem;
	int err;

	if (strpbrk(text, " \t\n\v\f\r") || text[len] != '=' || !len)
		return 0;
	other = malloc(room);
	if (!other)
		return 0;
	memcpy(other, text, len);
	other[len] = '!';
	strcpy(other + len + 1, text + len);
	err = rf_filter_parse(other, out, &problem);
	free(problem);
	free(other);
	return !err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *problem, *rest;
	struct rf_filter *filter, *other;
	json_t *record;
	char buf[64];
	int err;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rest = text + strcspn(text, "\n");
	rest += *rest ? 1 : 0;
	record = json_loads(rest, JSON_ALLOW_NUL, NULL);
	text[strcspn(text, "\n")] = '\0';
	err = rf_filter_parse(text, &filter, &problem);
	if ((err == -EINVAL) != (problem != NULL) || !err != (filter != NULL))
		abort();
	if (!err && record) {
		const char *type = json_string_value(json_object_get(record, "type"));
		bool loss = type && (!strcasecmp(type, "lost") || !strcasecmp(type, "more"));
		bool match = rf_filter_match(filter, record);

		if (loss && !match)
			abort();
		if (opposite(text, &other)) {
			if (!loss && rf_filter_match(other, record) == match)
				abort();
			rf_filter_free(other);
		}
	}
	for (size_t i = 0; record && rf_filter_fields[i].name; i++)
		rf_filter_field(record, rf_filter_fields[i].name, buf, sizeof(buf));
	json_decref(record);
	rf_filter_free(filter);
	free(problem);
	free(text);
	return 0;
}
