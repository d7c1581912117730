// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `ringfence explain policy.spec.files`: what a field means. A policy has the keys of its text (policy/keys.h) and what
 * the agent tells of it (api/resources.h); a sandbox the latter alone.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/resources.h"
#include "events/text.h"
#include "policy/diag.h"
#include "policy/keys.h"
#include "policy/policy.h"
#include "verbs/explain_field.h"

#define WIDTH	  80 /* of what is printed */
#define FIELD_MAX 256
#define NAMES	  32 /* fields in one */

/* A field as one of the tables, or both, have it. */
struct place {
	const struct rf_resource *resource;
	const struct rf_key *key;
	const struct rf_field *field;
};

static const struct rf_resource *resource_of(const char *word)
{
	static const enum rf_kind kinds[] = {RF_KIND_POLICY, RF_KIND_SANDBOX};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct rf_resource *resource = &rf_resources[kinds[i]];
		size_t len = strlen(resource->word);

		if (!strncmp(word, resource->word, len) && (!word[len] || word[len] == '.'))
			return resource;
	}
	return NULL;
}

bool rf_is_field(const char *word)
{
	return resource_of(word);
}

/* The path without its brackets, which say "each" and nothing else. False: too long, or a bracket is left open. */
static bool plain_path(const char *path, char out[FIELD_MAX])
{
	size_t len = 0;

	for (; *path && len < FIELD_MAX - 1; path++) {
		if (*path == '[') {
			path += 1 + strspn(path + 1, "0123456789");
			if (*path != ']')
				return false;
		} else {
			out[len++] = *path;
		}
	}
	out[len] = '\0';
	return !*path;
}

/* ------------------------------------------------------------------ tables */

/* False: neither table has it. */
static bool find(const struct rf_resource *resource, const char *path, struct place *place)
{
	char own[FIELD_MAX];

	*place = (struct place){.resource = resource};
	if (resource->kind == RF_KIND_POLICY)
		place->key = rf_key_at(path);
	for (const struct rf_field *field = resource->fields; field->path && !place->field; field++)
		if (plain_path(field->path, own) && !strcmp(own, path))
			place->field = field;
	return place->key || place->field;
}

/* Names of the fields right beneath a path ("": the object), each once, those of the text first. */
static size_t list(const struct rf_resource *resource, const char *path, const char *names[NAMES + 1])
{
	static char kept[NAMES][64];
	const struct rf_key *at = rf_key_at(path);
	const struct rf_key *keys = resource->kind != RF_KIND_POLICY ? NULL
				    : !*path			     ? rf_policy_keys
				    : at			     ? at->keys
								     : NULL;
	size_t count = 0, len = strlen(path);
	char own[FIELD_MAX];

	for (const struct rf_key *key = keys; key && key->key && count < NAMES; key++)
		names[count++] = key->key;
	for (const struct rf_field *field = resource->fields; field->path && count < NAMES; field++) {
		const char *name = own + len + (len != 0);
		size_t i = 0;

		if (!plain_path(field->path, own) || strlen(own) <= len || strncmp(own, path, len) != 0 ||
		    (len && own[len] != '.') || strchr(name, '.'))
			continue;
		while (i < count && strcmp(names[i], name) != 0)
			i++;
		if (i < count)
			continue;
		snprintf(kept[count], sizeof(kept[0]), "%.63s", name);
		names[count] = kept[count];
		count++;
	}
	names[count] = NULL;
	return count;
}

static const char *type_of(const struct place *place)
{
	static const char *const of_keys[] = {
		[RF_KEY_STRING] = "string",
		[RF_KEY_BOOLEAN] = "boolean",
		[RF_KEY_STRINGS] = "list of strings",
		[RF_KEY_WORDS] = "word or list of words",
		[RF_KEY_NAMES] = "mapping of names to strings",
		[RF_KEY_OBJECT] = "object",
		[RF_KEY_OBJECTS] = "list of objects",
	};
	static const char *const of_fields[] = {
		[RF_FIELD_STRING] = "string", [RF_FIELD_INTEGER] = "integer", [RF_FIELD_BOOLEAN] = "boolean",
		[RF_FIELD_TIME] = "time",     [RF_FIELD_OBJECT] = "object",
	};

	if (place->key)
		return of_keys[place->key->type];
	if (place->field->type != RF_FIELD_ARRAY)
		return of_fields[place->field->type];
	/* What is in it stands behind it in the table. */
	return strstr(place->field[1].path ? place->field[1].path : "", "[].") ? "list of objects" : "list of strings";
}

/* ---------------------------------------------------------------- printing */

/* Adds text in lines, each behind the indent. */
static void add_wrapped(struct rf_line *out, size_t indent, const char *text)
{
	while (*text) {
		size_t len = strlen(text), room = WIDTH - indent;

		if (len > room) {
			len = room;
			while (len && text[len] != ' ')
				len--;
			len = len ? len : strcspn(text, " ");
		}
		rf_line_format(out, "%*s%.*s\n", (int)indent, "", (int)len, text);
		text += len + strspn(text + len, " ");
	}
}

static void add_words(struct rf_line *out, size_t indent, const struct rf_key *key)
{
	char text[512];
	size_t len = 0;

	if (!key || !key->words)
		return;
	len = (size_t)snprintf(text, sizeof(text), "%s",
			       key->type == RF_KEY_BOOLEAN ? "Words: true, false" : "Words: ");
	for (size_t i = 0; key->words[i] && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i || key->type == RF_KEY_BOOLEAN ? ", " : "", key->words[i]);
	add_wrapped(out, indent, text);
}

static const char *help_of(const struct place *place)
{
	return place->key ? place->key->help : rf_field_help(place->field);
}

static void add_inner(struct rf_line *out, const struct rf_resource *resource, const char *path)
{
	const char *names[NAMES + 1];
	size_t count = list(resource, path, names);

	if (count)
		rf_line_string(out, "\nFIELDS:\n");
	for (size_t i = 0; i < count; i++) {
		char inner[FIELD_MAX + 64];
		struct place place;

		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", names[i]);
		if (!find(resource, inner, &place))
			continue;
		rf_line_format(out, "    %s <%s>%s\n", names[i], type_of(&place),
			       place.key && place.key->needed			? ", needed"
			       : !place.key && resource->kind == RF_KIND_POLICY ? ", told by the agent"
										: "");
		add_wrapped(out, 8, help_of(&place));
		add_words(out, 8, place.key);
	}
}

static void add_place(struct rf_line *out, const struct place *place, const char *path)
{
	rf_line_format(out, "KIND:   %s\n", place->resource->name);
	if (*path)
		rf_line_format(out, "FIELD:  %s <%s>\n", path, type_of(place));
	rf_line_string(out, "\nDESCRIPTION:\n");
	add_wrapped(out, 4, *path ? help_of(place) : place->resource->help);
	if (*path)
		add_words(out, 4, place->key);
	add_inner(out, place->resource, path);
}

/* Says what is wrong with a path: the first name in it that nothing has. */
static int refuse(const struct rf_verb *verb, const struct rf_resource *resource, const char *word, char *path)
{
	char *end = path, *name, shown[FIELD_MAX];
	const char *names[NAMES + 1], *near;
	struct place place;

	/* As far as it goes. */
	do {
		char after;

		name = end + (end != path);
		end = name + strcspn(name, ".");
		after = *end;
		*end = '\0';
		if (!find(resource, path, &place) || !after)
			break;
		*end = after;
	} while (true);
	snprintf(shown, sizeof(shown), "%s", name);
	if (name > path)
		name[-1] = '\0';
	else
		path = "";
	list(resource, path, names);
	near = rf_nearest(shown, names);
	if (near)
		return rf_usage_error(verb, "%s%s%s has no field \"%s\": did you mean \"%s\"?", resource->word,
				      *path ? "." : "", path, rf_shown(shown), near);
	if (*names)
		return rf_usage_error(verb,
				      "%s%s%s has no field \"%s\": \"ringfence explain %s%s%s\" tells which it has; a "
				      "path is written ./%s",
				      resource->word, *path ? "." : "", path, rf_shown(shown), resource->word,
				      *path ? "." : "", path, rf_shown(word));
	return rf_usage_error(verb, "%s%s%s has no fields in it", resource->word, *path ? "." : "", path);
}

int rf_explain_field(const struct rf_verb *verb, const char *word)
{
	const struct rf_resource *resource = resource_of(word);
	const char *given = word + strlen(resource->word);
	struct place place = {.resource = resource};
	struct rf_line out = {0};
	char path[FIELD_MAX];
	int status = 0;

	given += *given == '.';
	if (!plain_path(given, path))
		return rf_usage_error(verb, "%s is no field's path: it is names with dots between", rf_shown(word));
	if (*path && !find(resource, path, &place))
		return refuse(verb, resource, word, path);
	add_place(&out, &place, path);
	if (rf_line_write(&out, STDOUT_FILENO))
		status = rf_usage_error(verb, "the answer can't be written");
	rf_line_free(&out);
	return status;
}
