// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/path.h"
#include "client/print.h"
#include "client/yaml.h"

bool rf_print_format(struct rf_print *print, const char *word)
{
	static const char *const words[] = {"table", "wide", "name", "yaml", "json"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i])) {
			print->format = (enum rf_format)i;
			return true;
		}
	}
	if (strncmp(word, "jsonpath=", 9) != 0 || !word[9])
		return false;
	print->format = RF_FORMAT_PATH;
	print->path = word + 9;
	return true;
}

void rf_print_lines(struct rf_line *line, const char *indent, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		rf_line_string(line, indent);
		/* Escaped from its first letter on, so that an indented line stays one. */
		for (; len && (*text == ' ' || *text == '\t'); text++, len--)
			rf_line_bytes(line, text, 1);
		rf_line_name(line, text, len, 0);
		rf_line_string(line, "\n");
		text += len;
		text += *text == '\n';
	}
}

void rf_print_details(struct rf_line *line, const json_t *details)
{
	const json_t *detail;
	size_t i;

	json_array_foreach(details, i, detail)
	{
		const char *file = json_string_value(rf_json_path(detail, "file"));
		const char *severity = json_string_value(rf_json_path(detail, "severity"));
		const char *message = json_string_value(rf_json_path(detail, "message"));
		long long row = json_integer_value(rf_json_path(detail, "line"));

		if (file)
			rf_line_name(line, file, strlen(file), 0);
		if (row)
			rf_line_format(line, ":%lld:%lld", row,
				       (long long)json_integer_value(rf_json_path(detail, "column")));
		rf_line_string(line, file ? ": " : "");
		if (severity) {
			rf_line_name(line, severity, strlen(severity), 0);
			rf_line_string(line, ": ");
		}
		message = message ? message : "?";
		rf_line_name(line, message, strlen(message), 0);
		rf_line_string(line, "\n");
	}
}

/* ---------------------------------------------------------------- cells */

static void add_value(struct rf_line *line, const json_t *value);

/* A condition is its type where it is true, "type=False" where not. That nothing drifted is not worth a word. */
static bool add_condition(struct rf_line *line, const json_t *condition, bool first)
{
	const char *type = json_string_value(json_object_get(condition, "type"));
	const char *status = json_string_value(json_object_get(condition, "status"));
	bool is = status && !strcmp(status, "True");

	if (!type || !status || (!is && !strcmp(type, "Drifted")))
		return false;
	rf_line_string(line, first ? "" : ",");
	rf_line_name(line, type, strlen(type), 0);
	if (!is) {
		rf_line_string(line, "=");
		rf_line_name(line, status, strlen(status), 0);
	}
	return true;
}

static void add_array(struct rf_line *line, const json_t *array)
{
	const json_t *value;
	bool first = true;
	size_t i;

	json_array_foreach(array, i, value)
	{
		if (json_is_object(value)) {
			first = !add_condition(line, value, first) && first;
			continue;
		}
		rf_line_string(line, first ? "" : ",");
		add_value(line, value);
		first = false;
	}
}

static void add_object(struct rf_line *line, const json_t *object)
{
	const char *key;
	json_t *value;
	bool first = true;

	json_object_foreach((json_t *)object, key, value)
	{
		rf_line_string(line, first ? "" : ",");
		rf_line_name(line, key, strlen(key), 0);
		rf_line_string(line, "=");
		add_value(line, value);
		first = false;
	}
}

static void add_value(struct rf_line *line, const json_t *value)
{
	if (json_is_string(value))
		rf_line_name(line, json_string_value(value), json_string_length(value), 0);
	else if (json_is_integer(value))
		rf_line_format(line, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		rf_line_format(line, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		rf_line_string(line, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		add_array(line, value);
	else if (json_is_object(value))
		add_object(line, value);
}

/* A cell's text in `cell`; "-" where there is nothing to say. */
static void fill_cell(struct rf_line *cell, const struct rf_field *field, const json_t *object)
{
	rf_line_reset(cell);
	if (object)
		add_value(cell, rf_json_path(object, field->path));
	else
		rf_line_string(cell, field->column);
	if (!cell->len)
		rf_line_string(cell, "-");
}

/* Characters, for columns to stand beneath one another. */
static size_t width_of(const struct rf_line *cell)
{
	size_t width = 0;

	for (size_t i = 0; i < cell->len; i++)
		width += ((unsigned char)cell->text[i] & 0xc0) != 0x80;
	return width;
}

/* ---------------------------------------------------------------- tables */

#define COLUMNS_MAX 32

struct columns {
	const struct rf_field *field[COLUMNS_MAX];
	size_t width[COLUMNS_MAX], count;
};

static void find_columns(struct columns *columns, const struct rf_resource *resource, bool wide)
{
	enum rf_field_shown least = wide ? RF_SHOWN_WIDE : RF_SHOWN_ALWAYS;

	for (const struct rf_field *field = resource->fields; field->path && columns->count < COLUMNS_MAX; field++)
		if (field->shown >= least)
			columns->field[columns->count++] = field;
}

/* object NULL: the titles. */
static void measure_row(struct columns *columns, struct rf_line *cell, const json_t *object)
{
	for (size_t i = 0; i < columns->count; i++) {
		fill_cell(cell, columns->field[i], object);
		if (width_of(cell) > columns->width[i])
			columns->width[i] = width_of(cell);
	}
}

static void add_row(struct rf_line *line, const struct columns *columns, struct rf_line *cell, const json_t *object)
{
	for (size_t i = 0; i < columns->count; i++) {
		fill_cell(cell, columns->field[i], object);
		rf_line_bytes(line, cell->text, cell->len);
		/* Nothing behind the last. */
		for (size_t w = width_of(cell); i + 1 < columns->count && w < columns->width[i] + 2; w++)
			rf_line_string(line, " ");
	}
	rf_line_string(line, "\n");
}

static void add_table(struct rf_line *line, const struct rf_print *print, const struct rf_resource *resource,
		      const json_t *objects)
{
	struct columns columns = {0};
	struct rf_line cell = {0};
	const json_t *object;
	size_t i;

	find_columns(&columns, resource, print->format == RF_FORMAT_WIDE);
	if (!print->no_headers)
		measure_row(&columns, &cell, NULL);
	json_array_foreach(objects, i, object) measure_row(&columns, &cell, object);
	if (!print->no_headers)
		add_row(line, &columns, &cell, NULL);
	json_array_foreach(objects, i, object) add_row(line, &columns, &cell, object);
	line->failed = line->failed || cell.failed;
	rf_line_free(&cell);
}

/* ---------------------------------------------------------------- for programs */

static void add_names(struct rf_line *line, const struct rf_resource *resource, const json_t *objects)
{
	const json_t *object;
	size_t i;

	json_array_foreach(objects, i, object)
	{
		rf_line_format(line, "%s/", resource->word);
		add_value(line, rf_json_path(object, resource->id));
		rf_line_string(line, "\n");
	}
}

void rf_print_ascii(struct rf_line *line, const json_t *value, size_t flags)
{
	char *text = json_dumps(value, flags | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	if (!text) {
		line->failed = true;
		return;
	}
	/* All but DEL is escaped by then. */
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\x7f");

		rf_line_bytes(line, at, len);
		at += len;
		if (*at) {
			rf_line_string(line, "\\u007f");
			at++;
		}
	}
	free(text);
}

static void add_json(struct rf_line *line, const json_t *value)
{
	rf_print_ascii(line, value, JSON_INDENT(2));
	rf_line_string(line, "\n");
}

static void add_yaml(struct rf_line *line, const json_t *objects)
{
	const json_t *object;
	size_t i;

	json_array_foreach(objects, i, object)
	{
		const char *text = json_string_value(json_object_get(object, "text"));
		size_t len = text ? strlen(text) : 0;

		if (i)
			rf_line_string(line, "---\n");
		/* A policy is what was applied, to the byte: it can be applied again. That no control character is in
		 * it was looked at then. */
		if (!text)
			rf_yaml_add(line, object);
		rf_line_bytes(line, text, len);
		if (len && text[len - 1] != '\n')
			rf_line_string(line, "\n");
	}
}

static void add_path(struct rf_line *line, const char *path, const json_t *from)
{
	size_t len = strlen(path);
	bool braces = len > 2 && path[0] == '{' && path[len - 1] == '}';
	char *bare = strndup(path + braces, len - 2 * braces);
	const json_t *value = bare ? rf_json_path(from, bare) : NULL;

	if (json_is_object(value) || json_is_array(value)) {
		add_json(line, value);
	} else if (value) {
		add_value(line, value);
		rf_line_string(line, "\n");
	}
	free(bare);
}

void rf_print_objects(struct rf_line *line, const struct rf_print *print, const struct rf_resource *resource,
		      json_t *objects)
{
	json_t *list = json_pack("{s:o, s:O}", "kind", json_sprintf("%sList", resource->name), "items", objects);
	const json_t *whole = print->single && json_array_size(objects) == 1 ? json_array_get(objects, 0) : list;

	switch (print->format) {
	case RF_FORMAT_TABLE:
	case RF_FORMAT_WIDE:
		add_table(line, print, resource, objects);
		break;
	case RF_FORMAT_NAME:
		add_names(line, resource, objects);
		break;
	case RF_FORMAT_YAML:
		add_yaml(line, objects);
		break;
	case RF_FORMAT_JSON:
		add_json(line, whole);
		break;
	case RF_FORMAT_PATH:
		add_path(line, print->path, whole);
		break;
	}
	json_decref(list);
}

/* ---------------------------------------------------------------- described */

static void add_conditions(struct rf_line *line, const json_t *conditions)
{
	const json_t *condition;
	size_t i;

	json_array_foreach(conditions, i, condition)
	{
		const char *type = json_string_value(json_object_get(condition, "type"));
		const char *status = json_string_value(json_object_get(condition, "status"));
		const char *message = json_string_value(json_object_get(condition, "message"));

		rf_line_string(line, "  ");
		rf_line_name(line, type ? type : "?", strlen(type ? type : "?"), 0);
		rf_line_string(line, ": ");
		rf_line_name(line, status ? status : "?", strlen(status ? status : "?"), 0);
		if (message && *message) {
			rf_line_string(line, ", ");
			rf_line_name(line, message, strlen(message), 0);
		}
		rf_line_string(line, "\n");
	}
}

void rf_print_described(struct rf_line *line, const struct rf_resource *resource, const json_t *object)
{
	for (const struct rf_field *field = resource->fields; field->path; field++) {
		const char *dot = strrchr(field->path, '.');
		const char *name = dot ? dot + 1 : field->path;
		const json_t *value = rf_json_path(object, field->path);
		bool conditions = json_is_array(value) && json_is_object(json_array_get(value, 0));

		/* What the sort of object says, and what only holds others. */
		if (!value || json_is_null(value) || (!field->column && field->type == RF_FIELD_OBJECT) ||
		    !strcmp(name, "apiVersion") || !strcmp(name, "kind") || !strcmp(name, "text"))
			continue;
		rf_line_format(line, "%s:", name);
		if (conditions) {
			rf_line_string(line, "\n");
			add_conditions(line, value);
			continue;
		}
		for (size_t w = strlen(name); w < 20; w++)
			rf_line_string(line, " ");
		add_value(line, value);
		rf_line_string(line, "\n");
	}
	if (json_string_value(json_object_get(object, "text"))) {
		rf_line_string(line, "text:\n");
		rf_print_lines(line, "  ", json_string_value(json_object_get(object, "text")));
	}
}

/* ---------------------------------------------------------------- held */

static void add_member(struct rf_line *line, const char *before, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!value)
		return;
	rf_line_string(line, before);
	add_value(line, value);
}

/* As denials are told: "read /srv/x  cat[12]  open, by web files[1] "reason" (web.yaml:7)". */
static void add_held(struct rf_line *line, const json_t *item)
{
	const char *reason = json_string_value(json_object_get(item, "reason"));
	long long count = json_integer_value(json_object_get(item, "count"));

	add_member(line, "  ", item, "access");
	add_member(line, " ", item, "object");
	add_member(line, "  ", item, "process");
	add_member(line, "[", item, "pid");
	add_member(line, "]  ", item, "what");
	if (count > 1)
		rf_line_format(line, " %lld times", count);
	add_member(line, ", by ", item, "policy");
	add_member(line, " ", item, "rule");
	if (!json_object_get(item, "rule"))
		rf_line_string(line, ", of which no rule allows it");
	if (reason) {
		rf_line_string(line, " \"");
		rf_line_name(line, reason, strlen(reason), '"');
		rf_line_string(line, "\"");
	}
	if (json_object_get(item, "file")) {
		add_member(line, " (", item, "file");
		add_member(line, ":", item, "line");
		rf_line_string(line, ")");
	}
	rf_line_string(line, "\n");
}

void rf_print_held(struct rf_line *line, const json_t *held)
{
	const json_t *items = json_object_get(held, "items"), *item, *missed = json_object_get(held, "missed");
	long long more = json_integer_value(json_object_get(held, "more"));
	size_t i;

	rf_line_string(line, json_array_size(items) ? "held open:\n" : "held open:           none\n");
	json_array_foreach(items, i, item) add_held(line, item);
	if (more)
		rf_line_format(line, "  and %lld more\n", more);
	json_array_foreach(missed, i, item)
	{
		rf_line_string(line, "  not all: ");
		add_value(line, item);
		rf_line_string(line, "\n");
	}
}
