// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON values as YAML. A string that might be read as something else stands in quotes, as in JSON, which YAML takes. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/print.h"
#include "client/yaml.h"

static void add(struct rf_line *line, const json_t *value, int depth, bool in_list);

/* Letters first, then letters, digits and what is harmless within a word. */
static bool is_plain(const char *text)
{
	static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

	if (!isalpha((unsigned char)*text) && *text != '/')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(text, words[i]))
			return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-/@", *text))
			return false;
	return true;
}

static void add_string(struct rf_line *line, const json_t *value)
{
	if (json_is_string(value) && is_plain(json_string_value(value))) {
		rf_line_string(line, json_string_value(value));
		return;
	}
	rf_print_ascii(line, value, 0);
}

static void indent(struct rf_line *line, int depth)
{
	rf_line_format(line, "%*s", depth * 2, "");
}

/* Behind "key:" or "-". */
static void add_member(struct rf_line *line, const json_t *value, int depth, bool in_list)
{
	bool block =
		(json_is_object(value) && json_object_size(value)) || (json_is_array(value) && json_array_size(value));

	if (block && !in_list)
		rf_line_string(line, "\n");
	else
		rf_line_string(line, " ");
	if (block) {
		add(line, value, depth + 1, in_list);
		return;
	}
	add_string(line, value);
	rf_line_string(line, "\n");
}

/* in_list: its first line stands behind a "- ". */
static void add(struct rf_line *line, const json_t *value, int depth, bool in_list)
{
	const json_t *element;
	json_t *member;
	const char *key;
	size_t i;

	json_object_foreach((json_t *)value, key, member)
	{
		json_t *name = json_string(key);

		if (!in_list)
			indent(line, depth);
		in_list = false;
		add_string(line, name);
		rf_line_string(line, ":");
		add_member(line, member, depth, false);
		json_decref(name);
	}
	json_array_foreach(value, i, element)
	{
		if (!in_list)
			indent(line, depth);
		in_list = false;
		rf_line_string(line, "-");
		add_member(line, element, depth, true);
	}
}

void rf_yaml_add(struct rf_line *line, const json_t *value)
{
	if (json_object_size(value) || json_array_size(value)) {
		add(line, value, 0, false);
		return;
	}
	add_string(line, value);
	rf_line_string(line, "\n");
}
