// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "api/path.h"
#include "api/selector.h"
#include "policy/diag.h"

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

/* ------------------------------------------------------------------ fields */

bool rf_field_selects(const struct rf_field *field)
{
	if (strchr(field->path, '[') || field->type == RF_FIELD_OBJECT || !strcmp(field->path, "text"))
		return false;
	/* What is in a list stands behind it in the table. */
	return field->type != RF_FIELD_ARRAY ||
	       (field[1].path && strlen(field[1].path) == strlen(field->path) + 2 && field[1].type == RF_FIELD_STRING);
}

/* As JSON's paths are written: names of fields have nothing in them that means something else there. */
#define FIELD_MAX 64

static const struct rf_field *find_field(const struct rf_resource *resource, const struct part *part)
{
	for (const struct rf_field *field = resource->fields; field->path; field++)
		if (strlen(field->path) == part->key_len && !memcmp(field->path, part->key, part->key_len) &&
		    rf_field_selects(field))
			return field;
	return NULL;
}

static int refuse_field(const struct rf_resource *resource, const struct part *part, struct rf_api_error *error)
{
	const char *name = rf_shown_in((char[RF_SHOWN_SIZE]){0}, part->key, part->key_len);
	char known[1024] = "";
	size_t len = 0;

	for (const struct rf_field *field = resource->fields; field->path && len < sizeof(known); field++)
		if (rf_field_selects(field))
			len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "", field->path);
	return rf_api_fail(error, 400, "BadQuery", "%s can't be selected by a field \"%s\"; there are %s",
			   resource->plural, name, known);
}

int rf_field_selector_check(const struct rf_resource *resource, const char *selector, struct rf_api_error *error)
{
	const char *rest = selector;
	struct part part;

	do {
		if (!next_part(&rest, &part) || !part.value)
			return rf_api_fail(
				error, 400, "BadQuery",
				"\"%s\" is no selector of fields: its parts are field=value and field!=value, "
				"with commas between them",
				selector);
		if (!find_field(resource, &part))
			return refuse_field(resource, &part, error);
	} while (*rest);
	return 0;
}

static bool value_is(const json_t *value, const char *text, size_t len)
{
	char number[32];
	json_t *element;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_length(value) == len && !memcmp(json_string_value(value), text, len);
	case JSON_INTEGER:
		return (size_t)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value)) == len &&
		       !memcmp(number, text, len);
	case JSON_ARRAY:
		json_array_foreach(value, i, element) if (value_is(element, text, len)) return true;
		return !len && !json_array_size(value);
	case JSON_TRUE:
		return len == 4 && !memcmp(text, "true", 4);
	case JSON_FALSE:
		return len == 5 && !memcmp(text, "false", 5);
	default:
		return !len;
	}
}

bool rf_field_selector_fits(const char *selector, const json_t *object)
{
	struct part part;

	while (*selector) {
		char path[FIELD_MAX];
		const json_t *value;

		if (!next_part(&selector, &part) || part.key_len >= sizeof(path))
			return false;
		memcpy(path, part.key, part.key_len);
		path[part.key_len] = '\0';
		value = rf_json_path(object, path);
		if ((value ? value_is(value, part.value, part.value_len) : !part.value_len) == part.negated)
			return false;
	}
	return true;
}
