// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `ringfence edit`: a policy's text in the user's editor, applied when it was changed. What is wrong with it comes back
 * as comments on top. The file is removed only when nothing would be lost with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/path.h"
#include "client/editor.h"
#include "client/print.h"
#include "policy/policy.h"
#include "verbs/agent.h"

#define MARK "#! " /* in front of our comments, which are taken out before the text is applied */

const struct rf_option rf_options_edit[] = {
	{0},
};

struct edit {
	const struct rf_verb *verb;
	const char *name;
	char path[512]; /* of the file that is edited */
	char *from;	/* the text in force */
	long long revision;
	char *text; /* as it was edited, without our comments */
	char *last; /* what was refused */
};

/* ---------------------------------------------------------------- the file */

static int fail(const struct edit *edit, const char *what)
{
	fprintf(stderr, "ringfence %s: %s: %s\n", edit->verb->name, what, strerror(errno));
	return RF_EXIT_FAILED;
}

static int make_file(struct edit *edit)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	snprintf(edit->path, sizeof(edit->path), "%s/ringfence-%.64s-XXXXXX.yaml",
		 folder && *folder == '/' && strlen(folder) < 256 ? folder : "/tmp", edit->name);
	fd = mkstemps(edit->path, (int)strlen(".yaml"));
	if (fd < 0)
		return fail(edit, edit->path);
	close(fd);
	return 0;
}

/* Writes comments and a text. */
static int write_file(const struct edit *edit, const struct rf_line *comments, const char *text)
{
	FILE *f = fopen(edit->path, "we");
	bool good = f;

	good = good && fwrite(comments->text ? comments->text : "", 1, comments->len, f) == comments->len;
	good = good && fputs(text, f) >= 0;
	good = (!f || fclose(f) == 0) && good;
	return good ? 0 : fail(edit, edit->path);
}

/* Reads it back, without the comments on top. */
static int read_file(struct edit *edit)
{
	struct rf_files files = {0};
	char *bad = NULL;
	const char *at;
	int err = rf_files_add(&files, edit->path, &bad);

	free(bad);
	free(edit->text);
	rf_line_bytes(&files.text, "", 1);
	at = files.text.text ? files.text.text : "";
	while (!strncmp(at, MARK, strlen(MARK)))
		at += strcspn(at, "\n") + (strchr(at, '\n') != NULL);
	edit->text = err || files.text.failed ? NULL : strdup(at);
	rf_files_free(&files);
	errno = -err;
	return edit->text ? 0 : fail(edit, edit->path);
}

static int run_editor(const struct edit *edit)
{
	if (!rf_editor(edit->path, 0))
		return 0;
	fprintf(stderr, "ringfence %s: the editor failed: %s\n", edit->verb->name, rf_editor_name());
	return RF_EXIT_FAILED;
}

/* ---------------------------------------------------------------- applying */

/* Says where the text is, unless it is the one in force. */
static int keep(const struct edit *edit, int status)
{
	if (edit->text && strcmp(edit->text, edit->from) != 0)
		fprintf(stderr, "ringfence %s: nothing was applied; your text is kept in %s\n", edit->verb->name,
			edit->path);
	else
		unlink(edit->path);
	return status;
}

/* Whether it is one policy of that name still; what is wrong else, a literal. Errors are the agent's to tell. */
static const char *wrong_name(const struct edit *edit)
{
	struct rf_policies set = {.policy = NULL};
	struct rf_diags diags = {.diag = NULL};
	const char *wrong = NULL;

	if (!rf_policies_parse(&set, edit->path, edit->text, strlen(edit->text), &diags))
		wrong = set.count != 1				 ? "it must be one policy"
			: strcmp(set.policy[0].name, edit->name) ? "its name can't be changed"
								 : NULL;
	rf_policies_free(&set);
	rf_diags_free(&diags);
	return wrong;
}

static size_t lines_of(const struct rf_line *line)
{
	size_t lines = 0;

	for (size_t i = 0; i < line->len; i++)
		lines += line->text[i] == '\n';
	return lines;
}

/* The agent's findings as comments. Lines count in the file with these on top. */
static void add_comments(struct rf_line *out, const struct edit *edit, const struct rf_client_answer *answer)
{
	struct rf_line plain = {0};
	json_t *detail;
	size_t i, above;

	rf_print_details(&plain, answer->details);
	rf_print_lines(&plain, "", answer->message ? answer->message : "it was refused");
	above = lines_of(&plain) + 2;
	json_array_foreach(answer->details, i, detail)
	{
		json_int_t line = json_integer_value(json_object_get(detail, "line"));

		json_object_set_new(detail, "file", json_string(edit->path));
		if (line)
			json_object_set_new(detail, "line", json_integer(line + (json_int_t)above));
	}
	rf_line_reset(&plain);
	rf_print_details(&plain, answer->details);
	rf_print_lines(&plain, "", answer->message ? answer->message : "it was refused");
	rf_line_bytes(&plain, "", 1);
	rf_line_string(out, MARK "Not applied. Leave the text as it is to give up: it is kept.\n");
	rf_print_lines(out, MARK, plain.text ? plain.text : "");
	rf_line_string(out, MARK "\n");
	rf_line_free(&plain);
}

/* The policy may have been changed by others meanwhile: theirs would be lost. */
static int check_revision(const struct edit *edit, struct rf_client_answer *answer)
{
	int status = rf_agent_get(edit->verb, &rf_resources[RF_KIND_POLICY], edit->name, answer);
	long long revision = json_integer_value(rf_json_path(answer->json, "metadata.revision"));

	if (!status && revision != edit->revision) {
		fprintf(stderr, "ringfence %s: policy/%s was changed meanwhile: it is of revision %lld\n",
			edit->verb->name, edit->name, revision);
		status = RF_EXIT_FAILED;
	}
	rf_client_answer_free(answer);
	return status;
}

static int ask_apply(const struct edit *edit, struct rf_client_answer *answer)
{
	char file[128], *path;
	const char *wrong = wrong_name(edit);
	int status;

	*answer = (struct rf_client_answer){0};
	if (wrong) {
		answer->exit = RF_EXIT_FAILED;
		answer->message = strdup(wrong);
		answer->status = 400;
		return answer->exit;
	}
	snprintf(file, sizeof(file), "policy/%s", edit->name);
	path = rf_client_path("/v1/apply?file=", file, "");
	if (!path)
		return rf_usage_error(edit->verb, "out of memory");
	status = rf_client_ask(
		&(struct rf_client_request){
			.method = "POST", .path = path, .body = edit->text, .length = strlen(edit->text)},
		answer);
	free(path);
	return status;
}

/* One round: edited, and applied if it was changed. -1: once more. */
static int edit_once(struct edit *edit)
{
	struct rf_client_answer answer;
	struct rf_line comments = {0};
	int status = run_editor(edit);

	if (read_file(edit) || status)
		return keep(edit, RF_EXIT_FAILED);
	if (!strcmp(edit->text, edit->from)) {
		fprintf(stderr, "policy/%s unchanged: nothing to apply\n", edit->name);
		return keep(edit, RF_EXIT_OK);
	}
	if (edit->last && !strcmp(edit->text, edit->last))
		return keep(edit, RF_EXIT_FAILED);
	status = check_revision(edit, &answer);
	if (status)
		return keep(edit, status);
	status = ask_apply(edit, &answer);
	if (!status) {
		status = rf_agent_applied(edit->verb, json_array_get(json_object_get(answer.json, "items"), 0), false);
		unlink(edit->path);
	} else if (answer.status == 400) {
		add_comments(&comments, edit, &answer);
		free(edit->last);
		edit->last = strdup(edit->text);
		status = write_file(edit, &comments, edit->text) ? keep(edit, RF_EXIT_FAILED) : -1;
	} else {
		rf_agent_tell(edit->verb, &answer);
		status = keep(edit, status);
	}
	rf_line_free(&comments);
	rf_client_answer_free(&answer);
	return status;
}

static int edit_policy(struct edit *edit)
{
	struct rf_client_answer answer;
	const struct rf_line nothing = {0};
	int status = rf_agent_get(edit->verb, &rf_resources[RF_KIND_POLICY], edit->name, &answer);
	const char *text = json_string_value(json_object_get(answer.json, "text"));

	edit->from = strdup(text ? text : "");
	edit->revision = json_integer_value(rf_json_path(answer.json, "metadata.revision"));
	rf_client_answer_free(&answer);
	if (!status && !edit->from)
		status = rf_usage_error(edit->verb, "out of memory");
	if (!status)
		status = make_file(edit);
	if (!status)
		status = write_file(edit, &nothing, edit->from);
	if (!status)
		while ((status = edit_once(edit)) < 0)
			;
	free(edit->from);
	free(edit->text);
	free(edit->last);
	return status;
}

int rf_verb_edit(const struct rf_verb *verb, int argc, char **argv)
{
	const struct rf_resource *resource;
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (operands != 2)
		return rf_usage_error(verb, "takes a kind and a name, as in policy NAME");
	resource = rf_agent_resource(verb, argv[1]);
	if (!resource)
		return RF_EXIT_USAGE;
	if (resource->kind != RF_KIND_POLICY)
		return rf_usage_error(verb, "only policies can be edited");
	return edit_policy(&(struct edit){.verb = verb, .name = argv[2]});
}
