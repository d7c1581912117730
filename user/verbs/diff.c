// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence diff`: files against what is in force, as text and as what is allowed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/path.h"
#include "client/lines.h"
#include "client/print.h"
#include "verbs/agent.h"
#include "verbs/diff.h"

#define EXIT_ERROR RF_EXIT_USAGE /* as diff(1): 0 the same, 1 they differ, 2 it can't be told */

const struct rf_option rf_options_diff[] = {
	{"file", 'f', "FILE", "policy file, folder of such, or - for standard input; may be given again"},
	{0},
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	(void)option;
	return rf_agent_add_file(verb, context, value);
}

/* A text from its first line that says something: what stands before it in its file is of no account. */
static const char *first_line(const char *text)
{
	while (*text == '\n' || (!strncmp(text, "---", 3) && text[3 + strspn(text + 3, " \t\r")] == '\n'))
		text += strcspn(text, "\n") + 1;
	return text;
}

static int no_memory(const struct rf_verb *verb)
{
	return rf_usage_error(verb, "out of memory");
}

/* A file that was given. */
struct given {
	const char *name, *text;
	size_t length;
};

static struct given given_of(const struct rf_files *files, size_t i)
{
	const char *text = files->text.text ? files->text.text : "", *end = text + files->text.len;
	struct given given = {.name = files->file[i].name};

	for (unsigned line = 1; line < files->file[i].first && text < end; line++)
		text += strcspn(text, "\n") + 1;
	given.text = text;
	/* Up to the line that was put between it and the next. */
	for (unsigned line = files->file[i].first; i + 1 < files->count && line + 1 < files->file[i + 1].first; line++)
		text += strcspn(text, "\n") + 1;
	given.length = (size_t)((i + 1 < files->count ? text : end) - given.text);
	return given;
}

/* One policy of a file, and what is in force. */
struct pair {
	const struct rf_verb *verb;
	struct rf_line *line;
	const char *name;
	const char *old_name, *old; /* old NULL: it is not there */
	const char *new_name, *new;
};

static int add_rights(const struct pair *pair)
{
	struct rf_side a = {.policy = NULL}, b = {.policy = NULL};
	struct rf_line *line = pair->line;
	int err = rf_side_make(&a, pair->old_name, first_line(pair->old));

	if (!err)
		err = rf_side_make(&b, pair->new_name, pair->new);
	if (!err) {
		err = rf_print_rights(line, &a, &b);
	} else if (err != -ENOMEM) {
		/* Not bound here, or too large: the text can be compared all the same. */
		const struct rf_diags *diags = b.diags.errors ? &b.diags : &a.diags;

		rf_line_string(line, "  what is allowed more or less can't be told: ");
		rf_print_lines(line, "", diags->count ? diags->diag[0].text : strerror(-err));
		err = 0;
	}
	rf_side_free(&a);
	rf_side_free(&b);
	return err ? no_memory(pair->verb) : 0;
}

static int compare(const struct pair *pair)
{
	int differ = rf_print_diff(pair->line, pair->old_name, first_line(pair->old ? pair->old : ""), pair->new_name,
				   first_line(pair->new));

	if (differ < 0)
		return no_memory(pair->verb);
	if (!differ)
		return RF_EXIT_OK;
	rf_line_string(pair->line, "policy/");
	rf_line_name(pair->line, pair->name, strlen(pair->name), 0);
	rf_line_string(pair->line, ":\n");
	if (!pair->old)
		rf_line_string(pair->line, "  is not there: apply would create it\n");
	else if (add_rights(pair))
		return EXIT_ERROR;
	return RF_EXIT_FAILED;
}

static int diff_one(const struct rf_verb *verb, struct rf_line *line, const struct given *given,
		    const struct rf_policy *policy)
{
	struct pair pair = {.verb = verb, .line = line, .name = policy->name, .new_name = given->name};
	struct rf_client_answer answer = {0};
	size_t len;
	char *own = rf_document_text(given->text, given->length, policy->where.line, &len);
	char *path = rf_client_path("/v1/policies/", policy->name, ""), old_name[128] = "/dev/null";
	int status = own && path ? RF_EXIT_OK : no_memory(verb);

	if (!status)
		status = rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path}, &answer);
	if (answer.status == 200 || answer.status == 404) {
		pair.old = json_string_value(json_object_get(answer.json, "text"));
		if (pair.old)
			snprintf(old_name, sizeof(old_name), "policy/%s@%lld", policy->name,
				 (long long)json_integer_value(rf_json_path(answer.json, "metadata.revision")));
		pair.old_name = old_name;
		pair.new = own;
		status = compare(&pair);
	} else if (own && path) {
		rf_agent_tell(verb, &answer);
		/* What went wrong is not to be taken for a difference. */
		status = status == RF_EXIT_FAILED ? EXIT_ERROR : status;
	}
	rf_client_answer_free(&answer);
	free(path);
	free(own);
	return status;
}

static int diff_file(const struct rf_verb *verb, struct rf_line *line, const struct given *given)
{
	struct rf_policies set = {.policy = NULL};
	struct rf_diags diags = {.diag = NULL};
	int status = RF_EXIT_OK;

	if (rf_policies_parse(&set, given->name, given->text, given->length, &diags)) {
		rf_diags_print(&diags, stderr);
		status = diags.errors ? EXIT_ERROR : no_memory(verb);
	}
	for (size_t i = 0; status <= RF_EXIT_FAILED && i < set.count; i++) {
		int one = diff_one(verb, line, given, &set.policy[i]);

		status = one > status ? one : status;
	}
	rf_diags_free(&diags);
	rf_policies_free(&set);
	return status;
}

static int diff_all(const struct rf_verb *verb, const struct rf_files *files)
{
	struct rf_line line = {0};
	int status = RF_EXIT_OK, printed;

	for (size_t i = 0; status <= RF_EXIT_FAILED && i < files->count; i++) {
		struct given given = given_of(files, i);
		int one = diff_file(verb, &line, &given);

		status = one > status ? one : status;
	}
	printed = rf_agent_print(verb, &line) ? EXIT_ERROR : 0;
	return status > printed ? status : printed;
}

int rf_verb_diff(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_files files = {0};
	int status, operands = rf_operands(verb, argc, argv, take_option, &files, &status);

	if (operands > 0)
		status = rf_usage_error(verb, "\"%s\" is not expected here: policy files are given with -f", argv[1]);
	else if (operands == 0 && !files.count)
		status = rf_usage_error(verb, "no policy file: give one with -f FILE");
	else if (operands == 0)
		status = diff_all(verb, &files);
	rf_files_free(&files);
	return status;
}
