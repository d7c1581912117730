// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The API against its own document: requests that are made of it, right and wrong, and what is answered. */
#include "api_support.h"

#include "client/client.h"

static json_t *document;

/* ---------------------------------------------------------------- schemas */

static const json_t *follow(const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));

	if (!ref)
		return schema;
	assert_int_equal(strncmp(ref, "#/components/schemas/", 21), 0);
	schema = json_object_get(rf_json_path(document, "components.schemas"), ref + 21);
	assert_non_null(schema);
	return schema;
}

static bool is_type(const json_t *value, const char *type)
{
	return !strcmp(type, "string")	  ? json_is_string(value)
	       : !strcmp(type, "integer") ? json_is_integer(value)
	       : !strcmp(type, "boolean") ? json_is_boolean(value)
	       : !strcmp(type, "array")	  ? json_is_array(value)
					  : json_is_object(value);
}

/* Whether a value is what a schema says, as far as the document's schemas go. */
static void check_value(const json_t *value, const json_t *schema, const char *what)
{
	const json_t *properties, *additional, *member;
	const char *type, *key;
	json_t *of;
	size_t i;

	schema = follow(schema);
	type = json_string_value(json_object_get(schema, "type"));
	properties = json_object_get(schema, "properties");
	additional = json_object_get(schema, "additionalProperties");
	if (type && !is_type(value, type))
		fail_msg("%s: %s is no %s", what, json_dumps(value, JSON_ENCODE_ANY), type);
	json_array_foreach(value, i, of) check_value(of, json_object_get(schema, "items"), what);
	json_array_foreach(json_object_get(schema, "required"), i, of)
	{
		if (!json_object_get(value, json_string_value(of)))
			fail_msg("%s: there is no %s", what, json_string_value(of));
	}
	json_object_foreach((json_t *)value, key, of)
	{
		member = json_object_get(properties, key);
		if (member || json_is_object(additional))
			check_value(of, member ? member : additional, what);
		else if (json_is_false(additional))
			fail_msg("%s: the document has no %s", what, key);
	}
}

/* ---------------------------------------------------------------- asking */

static char *upper(const char *method)
{
	static char text[16];
	size_t i;

	for (i = 0; method[i] && i < sizeof(text) - 1; i++)
		text[i] = (char)(method[i] & ~0x20);
	text[i] = '\0';
	return text;
}

/* Asks one request; its status and answer must be among those of the operation. */
static long ask(const json_t *operation, const char *method, const char *path, const char *body)
{
	const struct rf_client_request request = {
		.method = upper(method), .path = path, .body = body, .length = body ? strlen(body) : 0};
	struct rf_client_answer answer;
	const json_t *response, *schema;
	char status[16], what[600];
	long got;

	rf_client_ask(&request, &answer);
	got = answer.status;
	snprintf(status, sizeof(status), "%ld", got);
	snprintf(what, sizeof(what), "%s %s: %ld", method, path, got);
	response = json_object_get(json_object_get(operation, "responses"), status);
	if (!response)
		fail_msg("%s: not in the document", what);
	schema = json_object_get(json_object_get(json_object_get(response, "content"), "application/json"), "schema");
	if (schema && !answer.json)
		fail_msg("%s: no JSON", what);
	if (schema)
		check_value(answer.json, schema, what);
	rf_client_answer_free(&answer);
	return got;
}

/* A path with a name in it, and a query. */
static const char *path_of(const char *pattern, const char *name, const char *query)
{
	static char path[600];
	const char *brace = strchr(pattern, '{');

	if (brace)
		snprintf(path, sizeof(path), "%.*s%s%s%s%s", (int)(brace - pattern), pattern, name,
			 strchr(brace, '}') + 1, *query ? "?" : "", query);
	else
		snprintf(path, sizeof(path), "%s%s%s", pattern, *query ? "?" : "", query);
	return path;
}

static const char *a_name(const char *pattern)
{
	return strstr(pattern, "sandboxes") ? "9" : "one";
}

static const char *a_body(const json_t *operation)
{
	return json_object_get(operation, "requestBody") ? "new text\n" : NULL;
}

/* Values that a parameter's schema takes or not, spaces between. */
static const char *values_of(const json_t *parameter, bool right)
{
	const json_t *schema = json_object_get(parameter, "schema");

	if (json_object_get(schema, "minimum"))
		return right ? "1 2" : "0 -1 x 1x 99999999999999999999";
	if (json_object_get(schema, "enum"))
		return right ? "0 1 false true" : "2 yes TRUE";
	if (!strcmp(json_string_value(json_object_get(parameter, "name")), "cgroup"))
		return right ? "/x /x.slice/y" : "x /";
	if (!strcmp(json_string_value(json_object_get(parameter, "name")), "fieldSelector")) {
		static char values[256];
		/* Those of the resource stand in it: "^(apiVersion|kind|...". */
		const char *fields = json_string_value(json_object_get(schema, "pattern")) + 2;
		int len = (int)strcspn(fields, "|");

		snprintf(values, sizeof(values),
			 right ? "%1$.*2$s=x %1$.*2$s==x,%1$.*2$s!=y %1$.*2$s="
			       : "nosuch=x %1$.*2$s !%1$.*2$s , %1$.*2$s=x,",
			 fields, len);
		return values;
	}
	if (!strcmp(json_string_value(json_object_get(parameter, "name")), "since"))
		return right ? "2026-01-02T03:04:05Z" : "10m 2026-01-02 2026-01-02T03:04:05 2026-01-02T03:04:05Zx";
	if (json_object_get(schema, "pattern"))
		return right ? "kind kind%3Dpreset,%21x" : ", a,";
	return right ? "one 9" : "";
}

/* Everything is what it was before. */
static void again(void)
{
	json_object_clear(fake.policies);
	json_decref(fake.changes);
	fake.changes = NULL;
	fake.revision = 0;
	fake_put("one", "one # as it was applied\n", "preset");
	fake_put("three", "three\n", "own");
	fake_put("two", "two\n", "preset");
}

/* What a right request must have. */
static const char *needed_of(const json_t *operation)
{
	json_t *parameter;
	size_t i;

	json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
	{
		if (strcmp(json_string_value(json_object_get(parameter, "in")), "query") == 0 &&
		    json_is_true(json_object_get(parameter, "required")))
			return "cgroup=/x";
	}
	return "";
}

static unsigned asked;

static void try_values(const char *pattern, const char *method, const json_t *operation, const json_t *parameter,
		       bool right)
{
	const char *name = json_string_value(json_object_get(parameter, "name"));
	char values[256], query[300], *rest = values, *value;

	/* A watch does not end (test_watch.c), and the other is for a watch. */
	if (right && (!strcmp(name, "watch") || !strcmp(name, "revision")))
		return;
	snprintf(values, sizeof(values), "%s", values_of(parameter, right));
	while ((value = strsep(&rest, " ")) && *value) {
		long got;

		again();
		snprintf(query, sizeof(query), "%s=%s", name, value);
		got = ask(operation, method, path_of(pattern, a_name(pattern), query), a_body(operation));
		asked++;
		if (got != (right ? 200 : 400))
			fail_msg("%s %s?%s: %ld", method, pattern, query, got);
	}
}

static void try_operation(const char *pattern, const char *method, const json_t *operation)
{
	bool named = strchr(pattern, '{') != NULL;
	json_t *parameter;
	const char *needed = needed_of(operation);
	char query[256];
	size_t i;

	again();
	assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), needed), a_body(operation)), 200);
	if (*needed)
		assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), ""), a_body(operation)), 400);
	again();
	assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), "nosuch=1"), a_body(operation)), 400);
	if (named) {
		again();
		assert_int_equal(ask(operation, method, path_of(pattern, "nosuch", needed), NULL), 404);
	}
	/* curl sends none with HEAD. */
	if (!a_body(operation) && strcmp(method, "head") != 0) {
		again();
		assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), ""), "a body"), 413);
	}
	json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
	{
		const char *name = json_string_value(json_object_get(parameter, "name"));

		if (strcmp(json_string_value(json_object_get(parameter, "in")), "query") != 0)
			continue;
		try_values(pattern, method, operation, parameter, true);
		try_values(pattern, method, operation, parameter, false);
		snprintf(query, sizeof(query), "%s=1&%s=1", name, name);
		assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), query), a_body(operation)),
				 400);
		assert_int_equal(ask(operation, method, path_of(pattern, a_name(pattern), name), a_body(operation)),
				 400);
	}
	asked += 3;
}

static void every_operation_is_as_it_says(void **state)
{
	json_t *item, *operation;
	const char *pattern, *method;
	size_t operations = 0;

	(void)state;
	json_object_foreach(json_object_get(document, "paths"), pattern, item)
	{
		json_object_foreach(item, method, operation)
		{
			try_operation(pattern, method, operation);
			operations++;
		}
	}
	/* A document that lost its routes would be in order as well. */
	assert_true(operations >= 20 && asked > 100);
}

static long status_of(const char *method, const char *path)
{
	struct rf_client_answer answer;
	long status;

	rf_client_ask(&(struct rf_client_request){.method = method, .path = path}, &answer);
	status = answer.status;
	if (strcmp(method, "HEAD") != 0)
		check_value(answer.json, rf_json_path(document, "components.schemas.Error"), path);
	rf_client_answer_free(&answer);
	return status;
}

static void other_methods_and_paths(void **state)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"};
	json_t *item;
	const char *pattern;

	(void)state;
	json_object_foreach(json_object_get(document, "paths"), pattern, item)
	{
		char longer[256];

		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
			char lower[16];

			for (size_t c = 0; c <= strlen(methods[i]); c++)
				lower[c] = (char)(methods[i][c] | (methods[i][c] ? 0x20 : 0));
			if (!json_object_get(item, lower))
				assert_int_equal(status_of(methods[i], path_of(pattern, a_name(pattern), "")), 405);
		}
		snprintf(longer, sizeof(longer), "%s/nosuch/nosuch", pattern);
		assert_int_equal(status_of("GET", path_of(longer, "one", "")), 404);
	}
	assert_int_equal(status_of("GET", "/v2/policies"), 404);
}

/* What texts can get besides, and what headers can. */
static void the_rest_of_the_statuses(void **state)
{
	const json_t *apply = json_object_get(json_object_get(json_object_get(document, "paths"), "/v1/apply"), "post");
	const json_t *ready = json_object_get(json_object_get(json_object_get(document, "paths"), "/readyz"), "get");
	const json_t *policy =
		json_object_get(json_object_get(json_object_get(document, "paths"), "/v1/policies/{name}"), "delete");
	struct rf_client_answer answer;

	(void)state;
	assert_int_equal(ask(apply, "post", "/v1/apply", "bad"), 400);
	assert_int_equal(ask(apply, "post", "/v1/apply", ""), 400);
	assert_int_equal(ask(apply, "post", "/v1/apply", "conflict"), 409);
	fake.unready = true;
	assert_int_equal(ask(ready, "get", "/readyz", NULL), 503);
	rf_client_ask(&(struct rf_client_request){.method = "DELETE", .path = "/v1/policies/one", .if_match = "\"77\""},
		      &answer);
	assert_int_equal(answer.status, 412);
	assert_non_null(json_object_get(json_object_get(policy, "responses"), "412"));
	rf_client_answer_free(&answer);
}

/* What a generator of clients stumbles over. */
static void the_document_is_whole(void **state)
{
	json_t *item, *operation, *parameter, *ids = json_object();
	const char *pattern, *method;
	size_t i;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(document, "openapi")), "3.1.0");
	assert_non_null(rf_json_path(document, "info.license.name"));
	json_object_foreach(json_object_get(document, "paths"), pattern, item)
	{
		json_object_foreach(item, method, operation)
		{
			const char *id = json_string_value(json_object_get(operation, "operationId"));
			bool in_path = false;

			assert_null(json_object_get(ids, id));
			json_object_set_new(ids, id, json_true());
			json_array_foreach(json_object_get(operation, "parameters"), i, parameter) in_path |=
				!strcmp(json_string_value(json_object_get(parameter, "in")), "path") &&
				json_is_true(json_object_get(parameter, "required"));
			assert_int_equal(in_path, strchr(pattern, '{') != NULL);
		}
	}
	json_decref(ids);
	assert_string_equal(json_string_value(rf_json_path(document, "components.schemas.Policy.properties.status."
								     "properties.conditions.items.properties.reason."
								     "type")),
			    "string");
	/* What a text may say, by the tables that it is read by. */
	operation = rf_json_path(document, "components.schemas.PolicyText.properties.spec.properties");
	assert_string_equal(json_string_value(rf_json_path(operation, "files.items.properties.hide.enum[2]")), "open");
	assert_string_equal(json_string_value(rf_json_path(operation, "files.items.required[0]")), "paths");
	assert_string_equal(json_string_value(rf_json_path(operation, "network.items.properties.quiet.type")),
			    "boolean");
}

static int start(void **state)
{
	struct rf_client_answer answer;
	int status = start_server(state);

	setenv("RINGFENCE_SOCKET", socket_path, 1);
	if (status)
		return status;
	status = rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/openapi.json"}, &answer);
	document = json_incref(answer.json);
	rf_client_answer_free(&answer);
	return status;
}

static int stop(void **state)
{
	json_decref(document);
	return stop_server(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_document_is_whole),
		TEST(every_operation_is_as_it_says),
		TEST(other_methods_and_paths),
		TEST(the_rest_of_the_statuses),
	};

	if (geteuid() != 0) {
		printf("skipped: the API answers root alone\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
