// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The API's document (OpenAPI 3.1), made of the tables of routes and resources. What a request may get that no route
 * answers (a path that is none, a method that a path does not have) is said in its description.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/selector.h"
#include "policy/keys.h"

#define REF	 "#/components/schemas/"
#define STATUSES "200 400 403 413 431 500 503" /* of every route */

static const struct {
	const char *status, *help;
} meanings[] = {
	{"200", "It is so, or was done."},
	{"304", "The object is of a revision that If-None-Match names."},
	{"400", "The request can't be understood: a parameter, a header or the text is wrong."},
	{"403", "Whoever asks is not root."},
	{"404", "There is no such object."},
	{"409", "It would break what is there."},
	{"412", "The object is of another revision than If-Match says."},
	{"413", "The body is larger than 4 MiB, or there should be none."},
	{"431", "First line and headers are larger than 16 KiB."},
	{"500", "The agent failed."},
	{"503", "Not now: the engine is not there, or too much is being asked at once."},
};

static json_t *ref(const char *schema)
{
	return json_pack("{s:o}", "$ref", json_sprintf(REF "%s", schema));
}

/* ---------------------------------------------------------------- schemas */

static json_t *schema_of(const struct rf_field *field)
{
	static const char *const types[] = {"string", "integer", "boolean", "string", "object", "array"};
	json_t *schema = json_pack("{s:s, s:s}", "type", types[field->type], "description", rf_field_help(field));

	if (field->type == RF_FIELD_TIME)
		json_object_set_new(schema, "format", json_string("date-time"));
	/* Until the table says what is in it. */
	if (field->type == RF_FIELD_OBJECT)
		json_object_set_new(schema, "additionalProperties", json_pack("{s:s}", "type", "string"));
	if (field->type == RF_FIELD_ARRAY)
		json_object_set_new(schema, "items", json_object());
	return schema;
}

/* A schema's member for a name, or an empty one that is made. */
static json_t *member_of(json_t *schema, const char *name)
{
	json_t *properties = json_object_get(schema, "properties"), *member;

	if (!properties) {
		properties = json_object();
		json_object_set_new(schema, "type", json_string("object"));
		json_object_set_new(schema, "properties", properties);
		json_object_set_new(schema, "additionalProperties", json_false());
	}
	member = json_object_get(properties, name);
	if (!member) {
		member = json_object();
		json_object_set_new(properties, name, member);
	}
	return member;
}

/* The (empty) schema at a field's path, within that of its resource. */
static json_t *schema_at(json_t *schema, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, ".[");
		char name[64];

		if (len) {
			snprintf(name, sizeof(name), "%.*s", (int)len, path);
			schema = member_of(schema, name);
		} else if (*path == '[') {
			len = 2;
			schema = json_object_get(schema, "items");
		} else {
			len = 1;
		}
		path += len;
	}
	return schema;
}

static json_t *resource_schema(const struct rf_resource *resource)
{
	json_t *schema = json_pack("{s:s, s:s}", "type", "object", "description", resource->help);

	for (const struct rf_field *field = resource->fields; field->path; field++) {
		json_t *own = schema_of(field);

		json_object_update(schema_at(schema, field->path), own);
		json_decref(own);
	}
	return schema;
}

static json_t *string_schema(void)
{
	return json_pack("{s:s}", "type", "string");
}

static json_t *integer_schema(void)
{
	return json_pack("{s:s}", "type", "integer");
}

/* What the keys of a policy's text take (policy/keys.h). */
static json_t *keys_schema(const struct rf_key *keys);

static json_t *words_schema(const struct rf_key *key)
{
	json_t *words;

	if (!key->words)
		return string_schema();
	words = key->type == RF_KEY_BOOLEAN ? json_pack("[b, b]", 1, 0) : json_array();
	for (size_t i = 0; key->words[i]; i++)
		json_array_append_new(words, json_string(key->words[i]));
	return json_pack("{s:o}", "enum", words);
}

static json_t *key_schema(const struct rf_key *key)
{
	json_t *schema;

	switch (key->type) {
	case RF_KEY_BOOLEAN:
		schema = key->words ? words_schema(key) : json_pack("{s:s}", "type", "boolean");
		break;
	case RF_KEY_STRINGS:
		schema = json_pack("{s:s, s:o}", "type", "array", "items", words_schema(key));
		break;
	case RF_KEY_WORDS:
		schema = json_pack("{s:[o, {s:s, s:o}]}", "anyOf", words_schema(key), "type", "array", "items",
				   words_schema(key));
		break;
	case RF_KEY_NAMES:
		schema = json_pack("{s:s, s:{s:[s, s, s]}}", "type", "object", "additionalProperties", "type", "string",
				   "number", "null");
		break;
	case RF_KEY_OBJECT:
		schema = keys_schema(key->keys);
		break;
	case RF_KEY_OBJECTS:
		schema = json_pack("{s:s, s:o}", "type", "array", "items", keys_schema(key->keys));
		break;
	default:
		schema = words_schema(key);
	}
	json_object_set_new(schema, "description", json_string(key->help));
	return schema;
}

static json_t *keys_schema(const struct rf_key *keys)
{
	json_t *properties = json_object(), *required = json_array();

	for (const struct rf_key *key = keys; key->key; key++) {
		json_object_set_new(properties, key->key, key_schema(key));
		if (key->needed)
			json_array_append_new(required, json_string(key->key));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
			 "additionalProperties", 0);
}

static json_t *array_of(const char *schema)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", ref(schema));
}

/* An object of the properties given, all of which are there unless `optional` names them. Takes them. */
static json_t *object_schema(json_t *properties, const char *optional)
{
	json_t *required = json_array();
	const char *name;
	json_t *value;

	json_object_foreach(properties, name, value)
	{
		if (!rf_in_list(optional, name))
			json_array_append_new(required, json_string(name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
			 "additionalProperties", 0);
}

/* Takes the schema. */
static json_t *described(json_t *schema, const char *description)
{
	json_object_set_new(schema, "description", json_string(description));
	return schema;
}

static void add_list(json_t *schemas, const struct rf_resource *resource)
{
	json_t *list =
		object_schema(json_pack("{s:o, s:o, s:o, s:o}", "kind", string_schema(), "revision", integer_schema(),
					"items", array_of(resource->name), "continue", string_schema()),
			      "continue");
	char name[64];

	json_object_set_new(json_object_get(json_object_get(list, "properties"), "continue"), "description",
			    json_string("Where the next page begins; not there on the last one."));
	snprintf(name, sizeof(name), "%sList", resource->name);
	json_object_set_new(schemas, name, list);
}

static json_t *schemas(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < RF_KINDS; i++) {
		json_object_set_new(all, rf_resources[i].name, resource_schema(&rf_resources[i]));
		if (rf_resources[i].plural)
			add_list(all, &rf_resources[i]);
	}
	json_object_set_new(all, "PolicyRevisionList",
			    object_schema(json_pack("{s:o, s:o, s:o}", "kind", string_schema(), "name", string_schema(),
						    "items", array_of("Policy")),
					  ""));
	json_object_set_new(
		all, "HeldList",
		object_schema(json_pack("{s:o, s:o, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:o, s:s}}", "kind",
					string_schema(), "items", array_of("Held"), "more", "type", "integer",
					"description", "How many are held besides, that are like none of the items.",
					"processes", "type", "integer", "description",
					"How many processes were looked at.", "missed", "type", "array", "items",
					string_schema(), "description",
					"What was not looked at and why, a sentence each. Empty: this is all."),
			      ""));
	json_object_set_new(all, "Finding",
			    object_schema(json_pack("{s:o, s:o, s:o, s:o, s:o}", "file", string_schema(), "line",
						    integer_schema(), "column", integer_schema(), "severity",
						    string_schema(), "message", string_schema()),
					  ""));
	json_object_set_new(all, "Result",
			    object_schema(json_pack("{s:o, s:o, s:{s:s, s:[s, s, s, s, s, s, s]}, s:o, s:O, s:o}",
						    "kind", string_schema(), "name", string_schema(), "action", "type",
						    "string", "enum", "confirmed", "created", "configured", "unchanged",
						    "reapplied", "attached", "detached", "revision", integer_schema(),
						    "status", schema_at(json_object_get(all, "Policy"), "status"),
						    "warnings", array_of("Finding")),
					  "status warnings"));
	json_object_set_new(
		all, "Applied",
		object_schema(json_pack("{s:o, s:o, s:{s:s}, s:o}", "kind", string_schema(), "revision",
					integer_schema(), "dryRun", "type", "boolean", "items", array_of("Result")),
			      ""));
	json_object_set_new(
		all, "Deleted",
		object_schema(json_pack("{s:o, s:o, s:o, s:o}", "kind", string_schema(), "name", string_schema(),
					"action", string_schema(), "revision", integer_schema()),
			      ""));
	json_object_set_new(
		all, "Error",
		object_schema(json_pack("{s:o}", "error",
					object_schema(json_pack("{s:o, s:o, s:o, s:o}", "status", integer_schema(),
								"reason", string_schema(), "message", string_schema(),
								"details", array_of("Finding")),
						      "")),
			      ""));
	json_object_set_new(all, "Event",
			    object_schema(json_pack("{s:{s:s, s:[s, s, s, s, s, s, s, s, s]}, s:o, s:o, s:o, s:o}",
						    "type", "type", "string", "enum", "ADDED", "MODIFIED", "DELETED",
						    "SYNC", "RESET", "PING", "END", "EVENT", "LOST", "revision",
						    integer_schema(), "object", json_pack("{s:s}", "type", "object"),
						    "reason", string_schema(), "message", string_schema()),
					  "revision object reason message"));
	json_object_set_new(all, "Happening",
			    json_pack("{s:s, s:s, s:{s:o, s:o}, s:[s, s]}", "type", "object", "description",
				      "A denial, as ringfence-run(1) describes it for --events, or what "
				      "ringfence-events(1) has besides.",
				      "properties", "id", integer_schema(), "type", string_schema(), "required", "id",
				      "type"));
	json_object_set_new(
		all, "EventList",
		object_schema(json_pack("{s:o, s:o, s:o, s:o}", "kind", string_schema(), "items", array_of("Happening"),
					"continue",
					described(integer_schema(), "There is more: ask again with this as `after`."),
					"unsearched",
					described(integer_schema(),
						  "Up to this id nobody looked for the last ones that pass.")),
			      "continue unsearched"));
	json_object_set_new(all, "OpenApi", json_pack("{s:s}", "type", "object"));
	json_object_set_new(all, "PolicyText", keys_schema(rf_policy_keys));
	return all;
}

/* ---------------------------------------------------------------- paths */

/* A selector of a resource's fields, as a pattern. */
static json_t *fields_schema(const struct rf_resource *resource)
{
	json_t *names = json_string(""), *longer, *schema;

	for (const struct rf_field *field = resource->fields; field->path; field++) {
		if (!rf_field_selects(field))
			continue;
		longer = json_sprintf("%s%s%s", json_string_value(names), json_string_length(names) ? "|" : "",
				      field->path);
		json_decref(names);
		names = longer;
	}
	schema = json_pack("{s:s, s:o}", "type", "string", "pattern",
			   json_sprintf("^(%s)(=|==|!=)[^,=]*(,(%s)(=|==|!=)[^,=]*)*$", json_string_value(names),
					json_string_value(names)));
	json_decref(names);
	return schema;
}

static json_t *param_schema(const struct rf_param *param, const struct rf_resource *resource)
{
	switch (param->type) {
	case RF_PARAM_NUMBER:
		return json_pack("{s:s, s:i}", "type", "integer", "minimum", 1);
	case RF_PARAM_FIELDS:
		return fields_schema(resource);
	case RF_PARAM_FLAG:
		return json_pack("{s:s, s:[s, s, s, s]}", "type", "string", "enum", "1", "true", "0", "false");
	default:
		return param->pattern ? json_pack("{s:s, s:s}", "type", "string", "pattern", param->pattern)
				      : string_schema();
	}
}

static void add_header(json_t *parameters, const char *name, const char *help)
{
	json_array_append_new(parameters, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "in", "header", "description",
						    help, "schema", string_schema()));
}

static json_t *parameters_of(const struct rf_route *route)
{
	json_t *parameters = json_array();

	if (strchr(route->path, '*'))
		json_array_append_new(parameters, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", "name", "in", "path",
							    "required", 1, "description",
							    route->resource->kind == RF_KIND_POLICY
								    ? "The policy's name."
								    : "The sandbox's number, or its unit.",
							    "schema", string_schema()));
	for (const struct rf_param *param = rf_params; param->name; param++)
		if (rf_in_list(route->query, param->name))
			json_array_append_new(parameters,
					      json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", param->name, "in", "query",
							"required", param->needed, "description", param->help, "schema",
							param_schema(param, route->resource)));
	if (rf_in_list(route->statuses, "304"))
		add_header(parameters, "If-None-Match", "ETags of which nothing is sent again.");
	if (rf_in_list(route->statuses, "412"))
		add_header(parameters, "If-Match", "The ETag that the object must have.");
	return parameters;
}

static json_t *response_of(const struct rf_route *route, const char *status, const char *help, bool head)
{
	json_t *response = json_pack("{s:s}", "description", help), *content = NULL;
	bool good = !strcmp(status, "200");

	if (!head && good)
		content = route->schema ? json_pack("{s:{s:o}}", "application/json", "schema", ref(route->schema))
					: json_pack("{s:{s:o}}", "text/plain", "schema", string_schema());
	if (content && good && rf_in_list(route->query, "watch")) {
		json_object_set_new(content, "application/jsonl", json_pack("{s:o}", "schema", ref("Event")));
		json_object_set_new(content, "text/event-stream", json_pack("{s:o}", "schema", string_schema()));
	}
	if (!head && !good && strcmp(status, "304") != 0)
		content = json_pack("{s:{s:o}}", "application/json", "schema", ref("Error"));
	if (content)
		json_object_set_new(response, "content", content);
	if (good && rf_in_list(route->statuses, "304"))
		json_object_set_new(response, "headers",
				    json_pack("{s:{s:s, s:o}}", "ETag", "description", "The object's revision.",
					      "schema", string_schema()));
	return response;
}

/* Text, of which each document is such an object. */
static json_t *text_schema(void)
{
	return json_pack("{s:s, s:s, s:o}", "type", "string", "contentMediaType", "application/yaml", "contentSchema",
			 ref("PolicyText"));
}

static json_t *operation_of(const struct rf_route *route, bool head)
{
	json_t *responses = json_object(), *operation;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (rf_in_list(STATUSES, meanings[i].status) || rf_in_list(route->statuses, meanings[i].status))
			json_object_set_new(responses, meanings[i].status,
					    response_of(route, meanings[i].status, meanings[i].help, head));
	operation =
		json_pack("{s:o, s:s, s:o, s:o}", "operationId", json_sprintf("%s%s", route->id, head ? "Head" : ""),
			  "summary", route->help, "parameters", parameters_of(route), "responses", responses);
	if (rf_route_has_body(route))
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:b, s:s, s:{s:{s:o}}}", "required", 1, "description",
					      "Policies in YAML, as ringfence-policy(5) says.", "content",
					      "application/yaml", "schema", text_schema()));
	return operation;
}

/* "/v1/policies/{name}" of "/v1/policies/ *". */
static json_t *paths(void)
{
	json_t *all = json_object();

	for (const struct rf_route *route = rf_routes; route->method; route++) {
		const char *star = strchr(route->path, '*'), *method = !strcmp(route->method, "GET")	? "get"
								       : !strcmp(route->method, "POST") ? "post"
													: "delete";
		char path[128];
		json_t *item;

		snprintf(path, sizeof(path), "%.*s%s%s", star ? (int)(star - route->path) : (int)sizeof(path),
			 route->path, star ? "{name}" : "", star ? star + 1 : "");
		item = json_object_get(all, path);
		if (!item) {
			item = json_object();
			json_object_set_new(all, path, item);
		}
		json_object_set_new(item, method, operation_of(route, false));
		if (!strcmp(method, "get"))
			json_object_set_new(item, "head", operation_of(route, true));
	}
	return all;
}

json_t *rf_openapi(void)
{
	return json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s, s:s}], s:o, s:{s:o}}", "openapi", "3.1.0",
			 "info", "title", "ringfence", "version", RF_VERSION, "description",
			 "The host service: which policies are in force on this host. It listens on " RF_API_SOCKET
			 ". A path that is not here gets 404, a method that a path does not have 405 with Allow; both "
			 "have an Error.",
			 "license", "name", "GPL-2.0-only or BSD-2-Clause", "identifier",
			 "GPL-2.0-only OR BSD-2-Clause", "servers", "url", "http://localhost", "description",
			 "The unix socket, whatever the host is called.", "paths", paths(), "components", "schemas",
			 schemas());
}
