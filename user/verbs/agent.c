// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/path.h"
#include "client/print.h"
#include "policy/policy.h"
#include "verbs/agent.h"

/* What has been printed comes first. */
static void tell(struct rf_line *line)
{
	fflush(stdout);
	rf_line_write(line, STDERR_FILENO);
	rf_line_free(line);
}

void rf_agent_tell(const struct rf_verb *verb, const struct rf_client_answer *answer)
{
	struct rf_line line = {0};

	if (answer->exit == RF_EXIT_OK)
		return;
	rf_print_details(&line, answer->details);
	rf_line_format(&line, "ringfence %s: ", verb->name);
	rf_print_lines(&line, "", answer->message ? answer->message : "out of memory");
	tell(&line);
}

int rf_agent_ask(const struct rf_verb *verb, const struct rf_client_request *request, struct rf_client_answer *answer)
{
	int status = rf_client_ask(request, answer);

	rf_agent_tell(verb, answer);
	return status;
}

int rf_agent_get(const struct rf_verb *verb, const struct rf_resource *resource, const char *name,
		 struct rf_client_answer *answer)
{
	char before[64], *path;
	int status;

	snprintf(before, sizeof(before), "/v1/%s/", resource->plural);
	path = rf_client_path(before, name, "");
	*answer = (struct rf_client_answer){0};
	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "GET", .path = path}, answer);
	free(path);
	return status;
}

char *rf_agent_with(char *path, const char *name, const char *value)
{
	char *before = NULL, *longer = NULL;

	if (path && asprintf(&before, "%s%s%s=", path, strchr(path, '?') ? "&" : "?", name) < 0)
		before = NULL;
	if (before)
		longer = rf_client_path(before, value, "");
	free(before);
	free(path);
	return longer;
}

char *rf_agent_list_path(const struct rf_resource *resource, const char *labels, const char *fields, const char *more)
{
	char *path = NULL;

	if (asprintf(&path, "/v1/%s%s%s", resource->plural, *more ? "?" : "", more) < 0)
		path = NULL;
	if (labels)
		path = rf_agent_with(path, "labelSelector", labels);
	return fields ? rf_agent_with(path, "fieldSelector", fields) : path;
}

const struct rf_resource *rf_agent_resource(const struct rf_verb *verb, const char *word)
{
	const struct rf_resource *resource = rf_resource_find(word);
	const char *names[2 * RF_KINDS + 1] = {NULL}, *near;
	size_t count = 0;

	if (resource && resource->plural)
		return resource;
	for (size_t i = 0; i < RF_KINDS; i++) {
		if (!rf_resources[i].plural)
			continue;
		names[count++] = rf_resources[i].plural;
		names[count++] = rf_resources[i].word;
	}
	near = rf_nearest(word, names);
	if (near)
		rf_usage_error(verb, "there is nothing called \"%s\"; did you mean \"%s\"?", word, near);
	else
		rf_usage_error(verb, "there is nothing called \"%s\": there are policies and sandboxes", word);
	return NULL;
}

unsigned rf_agent_seconds(const struct rf_verb *verb, const char *option, const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	unsigned long unit = !*end || !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : 0;

	if (*text >= '0' && *text <= '9' && unit && number && number <= 86400)
		return (unsigned)(number * unit);
	rf_usage_error(verb, "--%s takes a time as 30s or 5m, and not \"%s\"", option, text);
	return 0;
}

int rf_agent_add_file(const struct rf_verb *verb, struct rf_files *files, const char *path)
{
	char *bad = NULL;
	int err = rf_files_add(files, path, &bad);

	if (err == -ENODATA)
		fprintf(stderr, "ringfence %s: %s: there is no *.yaml and no *.yml in this folder\n", verb->name, path);
	else if (err == -EFBIG)
		fprintf(stderr, "ringfence %s: %s: the text is larger than 4 MiB; apply in parts\n", verb->name,
			bad ? bad : path);
	else if (err)
		fprintf(stderr, "ringfence %s: %s: %s\n", verb->name, bad ? bad : path, strerror(-err));
	free(bad);
	return err ? RF_EXIT_USAGE : 0;
}

const json_t *rf_agent_condition(const json_t *object, const char *type)
{
	const json_t *condition;
	size_t i;

	json_array_foreach(rf_json_path(object, "status.conditions"), i, condition)
	{
		const char *is = json_string_value(json_object_get(condition, "type"));

		if (is && !strcmp(is, type))
			return condition;
	}
	return NULL;
}

static void add_name(struct rf_line *line, const json_t *item)
{
	const char *name = json_string_value(json_object_get(item, "name"));

	rf_line_string(line, "policy/");
	rf_line_name(line, name ? name : "?", strlen(name ? name : "?"), 0);
}

int rf_agent_applied(const struct rf_verb *verb, const json_t *item, bool dry_run)
{
	const char *action = json_string_value(json_object_get(item, "action"));
	const json_t *enforced = rf_agent_condition(item, "Enforced");
	const char *is = json_string_value(json_object_get(enforced, "status"));
	const char *why = json_string_value(json_object_get(enforced, "message"));
	struct rf_line line = {0};
	int status;

	rf_print_details(&line, json_object_get(item, "warnings"));
	tell(&line);
	add_name(&line, item);
	rf_line_string(&line, " ");
	rf_line_name(&line, action ? action : "?", strlen(action ? action : "?"), 0);
	rf_line_string(&line, dry_run ? " (dry run)\n" : "\n");
	status = rf_agent_print(verb, &line);
	/* "Unknown": it selects nothing, and holds for those that are put under it by name. */
	if (status || !is || strcmp(is, "False"))
		return status;
	rf_line_format(&line, "ringfence %s: ", verb->name);
	add_name(&line, item);
	rf_line_string(&line, dry_run ? " would not be enforced: " : " is not enforced: ");
	rf_print_lines(&line, "", why && *why ? why : "the agent does not say why");
	tell(&line);
	return RF_EXIT_FAILED;
}

int rf_agent_print(const struct rf_verb *verb, struct rf_line *line)
{
	int err;

	fflush(stdout);
	err = rf_line_write(line, STDOUT_FILENO);
	rf_line_free(line);
	if (!err)
		return RF_EXIT_OK;
	fprintf(stderr, "ringfence %s: standard output: %s\n", verb->name, strerror(-err));
	return RF_EXIT_FAILED;
}
