// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All about one record, with the lines of policy text that decided. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/path.h"
#include "client/client.h"
#include "monitor/view.h"
#include "monitor/words.h"

#define ABOVE 2
#define BELOW 6

char *rf_policy_text(struct rf_view *view, const char *name, json_int_t *first)
{
	struct rf_client_answer answer = {0};
	char *path = rf_client_path("/v1/policies/", name, ""), *text = NULL;
	const json_t *line;

	if (path && !rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path, .timeout = 3}, &answer)) {
		const char *own = json_string_value(json_object_get(answer.json, "text"));

		line = rf_json_path(answer.json, "metadata.line");
		*first = json_is_integer(line) ? json_integer_value(line) : 1;
		text = own ? strdup(own) : NULL;
	} else if (answer.message) {
		rf_view_status(view, true, "%s", answer.message);
	}
	rf_client_answer_free(&answer);
	free(path);
	return text;
}

static void add_text(struct rf_line *out, const char *text, long first, long line)
{
	rf_line_string(out, "\n");
	for (long at = first; *text; at++) {
		size_t len = strcspn(text, "\n"), indent = strspn(text, " ");

		if (at >= line - ABOVE && at <= line + BELOW) {
			indent = indent < len ? indent : len;
			rf_line_format(out, "%s%5ld  %*s", at == line ? ">" : " ", at, (int)indent, "");
			rf_line_name(out, text + indent, len - indent, 0);
			rf_line_string(out, "\n");
		}
		text += len + (text[len] == '\n');
	}
}

static void add_rule(struct rf_view *view, struct rf_line *out, const json_t *record)
{
	const char *policy = json_string_value(json_object_get(record, "policy"));
	char file[PATH_MAX], *text = NULL;
	json_int_t first = 1;
	long line;

	if (!rf_where(json_string_value(json_object_get(record, "where")), file, sizeof(file), &line))
		return;
	/* The agent has the text that is in force; a file may have changed since. */
	if (!view->path && policy)
		text = rf_policy_text(view, policy, &first);
	if (!text) {
		text = rf_file_text(file);
		first = 1;
	}
	if (text)
		add_text(out, text, (long)first, line);
	else
		rf_line_string(out, "\nthe policy's text is not at hand\n");
	free(text);
}

static void add_group(struct rf_line *out, const struct rf_group *group)
{
	rf_line_format(out, "%llu denials, first ", (unsigned long long)group->count);
	rf_words_clock(out, group->first);
	rf_line_string(out, ", last ");
	rf_words_clock(out, group->last);
	rf_line_string(out, ": ");
	rf_line_name(out, group->key, strlen(group->key), 0);
	rf_line_string(out, group->folder ? "/**\n\nthe last of them:\n" : "\n\nthe last of them:\n");
}

void rf_act_details(struct rf_view *view)
{
	json_t *record;

	if (view->page.kind) {
		rf_page_close(view);
		return;
	}
	record = rf_view_record(view);
	if (!record)
		return;
	rf_page_open(view, RF_PAGE_TEXT);
	if (view->grouped)
		add_group(&view->page.text, &view->row[view->row_at]);
	rf_words_details(&view->page.text, record);
	add_rule(view, &view->page.text, record);
	json_decref(record);
}
