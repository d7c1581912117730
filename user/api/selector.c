// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "api/selector.h"

/* One part between commas: [!]key, key=value, key==value, key!=value. */
struct part {
	const char *key, *value; /* value NULL: the key alone */
	size_t key_len, value_len;
	bool negated;
};

/* Takes the part at *text and steps behind it and its comma. False: it is none. */
static bool next_part(const char **text, struct part *part)
{
	const char *at = *text, *end = at + strcspn(at, ","), *equal;

	*part = (struct part){.key = at};
	*text = *end ? end + 1 : end;
	if (*end && !end[1])
		return false; /* a comma, and nothing behind it */
	equal = memchr(at, '=', (size_t)(end - at));
	if (!equal) {
		part->negated = at < end && *at == '!';
		part->key += part->negated;
		part->key_len = (size_t)(end - part->key);
	} else {
		part->key_len = (size_t)(equal - at);
		if (part->key_len && equal[-1] == '!') {
			part->negated = true;
			part->key_len--;
		}
		equal += !part->negated && equal + 1 < end && equal[1] == '=';
		part->value = equal + 1;
		part->value_len = (size_t)(end - part->value);
	}
	return part->key_len && !memchr(part->key, '!', part->key_len) &&
	       !(part->value && memchr(part->value, '=', part->value_len));
}

const char *rf_selector_wrong(const char *selector)
{
	struct part part;

	if (!*selector)
		return "it is empty";
	while (*selector)
		if (!next_part(&selector, &part))
			return "its parts are key=value, key!=value, key or !key, with commas between them";
	return NULL;
}

static bool part_fits(const struct part *part, const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value)
	{
		if (strlen(key) != part->key_len || memcmp(key, part->key, part->key_len) != 0)
			continue;
		if (!part->value)
			return !part->negated;
		return (json_string_length(value) == part->value_len &&
			!memcmp(json_string_value(value), part->value, part->value_len)) != part->negated;
	}
	return part->negated;
}

bool rf_selector_fits(const char *selector, const json_t *labels)
{
	struct part part;

	while (*selector)
		if (!next_part(&selector, &part) || !part_fits(&part, labels))
			return false;
	return true;
}
