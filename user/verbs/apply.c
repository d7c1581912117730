// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence apply`: puts policies in force, or says why not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/path.h"
#include "client/files.h"
#include "verbs/agent.h"

const struct rf_option rf_options_apply[] = {
	{"file", 'f', "FILE", "policy file, folder of such, or - for standard input; may be given again"},
	{"dry-run", 0, NULL, "say what would be done, and do nothing"},
	{"timeout", 0, "TIME", "wait no longer, as in 30s (the default) or 5m"},
	{"probation", 0, "TIME", "put it back after that time, unless \"ringfence confirm\" says that it stays"},
	{"force", 0, NULL, "apply what is unchanged as well: it is put into the kernel anew"},
	{0},
};

struct apply {
	struct rf_files files;
	bool dry_run, force;
	unsigned timeout, probation;
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct apply *apply = context;

	if (!strcmp(option->name, "file"))
		return rf_agent_add_file(verb, &apply->files, value);
	if (!strcmp(option->name, "timeout")) {
		apply->timeout = rf_agent_seconds(verb, option->name, value);
		return apply->timeout ? 0 : RF_EXIT_USAGE;
	}
	if (!strcmp(option->name, "probation")) {
		apply->probation = rf_agent_seconds(verb, option->name, value);
		return apply->probation ? 0 : RF_EXIT_USAGE;
	}
	if (!strcmp(option->name, "dry-run"))
		apply->dry_run = true;
	else
		apply->force = true;
	return 0;
}

/* What is to be said, and until when. */
static void tell_probation(const struct apply *apply, const json_t *items)
{
	struct rf_line line = {0};
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *action = json_string_value(json_object_get(item, "action"));

		if (!name || !action || !strcmp(action, "unchanged"))
			continue;
		rf_line_string(&line, " ");
		rf_line_name(&line, name, strlen(name), 0);
	}
	if (line.len && !line.failed)
		fprintf(stderr, "put back in %u s, unless you say: ringfence confirm%.*s\n", apply->probation,
			(int)line.len, line.text);
	rf_line_free(&line);
}

static int ask(const struct rf_verb *verb, struct apply *apply)
{
	struct rf_client_answer answer = {0};
	char *path, flags[64];
	const json_t *item;
	json_t *items;
	size_t i;
	int status;

	snprintf(flags, sizeof(flags), "%s%s", apply->dry_run ? "&dryRun=1" : "", apply->force ? "&force=1" : "");
	if (apply->probation)
		snprintf(flags + strlen(flags), 32, "&probation=%u", apply->probation);
	path = rf_client_path("/v1/apply?file=", apply->files.file[0].name, flags);
	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_client_ask(&(struct rf_client_request){.method = "POST",
							   .path = path,
							   .body = apply->files.text.len ? apply->files.text.text : "",
							   .length = apply->files.text.len,
							   .timeout = apply->timeout},
			       &answer);
	free(path);
	rf_files_place(&apply->files, answer.details);
	rf_agent_tell(verb, &answer);
	items = json_object_get(answer.json, "items");
	json_array_foreach(items, i, item)
	{
		int one;

		rf_files_place(&apply->files, json_object_get(item, "warnings"));
		one = rf_agent_applied(verb, item, apply->dry_run);
		status = status ? status : one;
	}
	if (apply->probation && !apply->dry_run)
		tell_probation(apply, items);
	rf_client_answer_free(&answer);
	return status;
}

int rf_verb_apply(const struct rf_verb *verb, int argc, char **argv)
{
	struct apply apply = {0};
	int status, operands = rf_operands(verb, argc, argv, take_option, &apply, &status);

	if (operands > 0)
		status = rf_usage_error(verb, "\"%s\" is not expected here: policy files are given with -f", argv[1]);
	else if (operands == 0 && !apply.files.count)
		status = rf_usage_error(verb, "no policy file: give one with -f FILE");
	else if (operands == 0)
		status = ask(verb, &apply);
	rf_files_free(&apply.files);
	return status;
}
