// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Changes that would allow what was denied: rules that are added behind those that a policy has, since the last one
 * that matches decides. Nothing is applied but after a question; without an agent a file is written beside the
 * policy's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "client/lines.h"
#include "monitor/view.h"
#include "policy/policy.h"

void rf_basket_free(struct rf_basket *basket)
{
	free(basket->policy);
	free(basket->where);
	free(basket->old);
	free(basket->new);
	rf_line_free(&basket->files);
	rf_line_free(&basket->network);
	rf_line_free(&basket->unix_);
	*basket = (struct rf_basket){.count = 0};
}

/* ---------------------------------------------------------------- a */

/* A name as a pattern that means it alone, in a YAML string. False: no pattern can have it. */
static bool add_pattern(struct rf_line *line, const char *name)
{
	rf_line_string(line, "\"");
	for (; *name; name++) {
		if ((unsigned char)*name < ' ' || *name == 127 || *name == '$')
			return false;
		if (strchr("*?[]{}\\", *name))
			rf_line_string(line, "\\\\");
		if (*name == '"')
			rf_line_string(line, "\\");
		rf_line_bytes(line, name, 1);
	}
	rf_line_string(line, "\"");
	return true;
}

static bool add_item(struct rf_line *line, const json_t *record, const char *name)
{
	rf_line_format(line, "- allow: [%s]\n  paths: [", json_string_value(json_object_get(record, "access")));
	if (!add_pattern(line, name))
		return false;
	rf_line_string(line, "]\n");
	return true;
}

static bool add_net(struct rf_line *line, const json_t *record)
{
	const char *address = json_string_value(json_object_get(record, "address"));
	const char *protocol = json_string_value(json_object_get(record, "protocol"));
	const char *access = json_string_value(json_object_get(record, "access"));

	if (!address || !protocol || (strcmp(protocol, "tcp") && strcmp(protocol, "udp")) ||
	    address[strspn(address, "0123456789abcdef.:")])
		return false;
	rf_line_format(line, "- allow: %s\n  to: [\"%s\"]\n  ports: [\"%lld\"]\n  protocols: [%s]\n", access, address,
		       (long long)json_integer_value(json_object_get(record, "port")), protocol);
	return true;
}

/* The smallest change. False: there is none that could be written for it. */
static bool add_change(struct rf_basket *basket, const json_t *record)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	const char *object = json_string_value(json_object_get(record, "object"));
	const char *access = json_string_value(json_object_get(record, "access"));
	const char *second = json_string_value(json_object_get(record, "second"));
	struct rf_line item = {0}, *to;
	bool good;

	if (!kind || !object || !access || !*access || access[strspn(access, "abcdefghijklmnopqrstuvwxyz,")] ||
	    json_object_get(record, "guard") || json_object_get(record, "object_hex"))
		return false;
	to = !strcmp(kind, "file") ? &basket->files : !strcmp(kind, "net") ? &basket->network : &basket->unix_;
	good = to == &basket->network
		       ? add_net(&item, record)
		       : (!strcmp(kind, "file") || !strcmp(kind, "unix")) && add_item(&item, record, object);
	if (good && second)
		good = add_item(&item, record, second);
	if (good && !(to->text && memmem(to->text, to->len, item.text, item.len))) {
		rf_line_bytes(to, item.text, item.len);
		basket->count++;
	}
	rf_line_free(&item);
	return good;
}

void rf_act_allow(struct rf_view *view)
{
	struct rf_basket *basket = &view->basket;
	json_t *record = rf_view_record(view);
	const char *policy = json_string_value(json_object_get(record, "policy"));
	const char *where = json_string_value(json_object_get(record, "where"));

	if (!record)
		return;
	if (!policy)
		rf_view_status(view, true, "no policy refused it: nothing in one would allow it");
	else if (basket->policy && strcmp(basket->policy, policy))
		rf_view_status(view, true, "the basket is for policy %s: apply it first (A)", basket->policy);
	else if (!add_change(basket, record))
		rf_view_status(view, true, "no rule would allow it alone: see its guard and hook with Enter");
	else {
		basket->policy = basket->policy ? basket->policy : strdup(policy);
		basket->where = basket->where || !where ? basket->where : strdup(where);
		rf_view_status(view, false, "%zu in the basket for policy %s; A shows them", basket->count, policy);
	}
	json_decref(record);
}

/* ---------------------------------------------------------------- A */

/* Adds items with an indent. */
static void add_items(struct rf_line *out, const struct rf_line *items, int indent)
{
	for (size_t i = 0, n; i < items->len; i += n) {
		n = (size_t)((char *)memchr(items->text + i, '\n', items->len - i) - items->text) - i + 1;
		rf_line_format(out, "%*s", indent, "");
		rf_line_bytes(out, items->text + i, n);
	}
}

static size_t line_length(const char *at)
{
	size_t len = strcspn(at, "\n");

	return len + (at[len] == '\n');
}

/* The section's block in a text of blocks: where it ends, and its items' indent. NULL: it is not there, or is not
 * written so. */
static const char *section_end(const char *text, const char *section, int *indent)
{
	size_t own = SIZE_MAX, spaces;
	const char *end = NULL;

	*indent = -1;
	for (const char *at = text; *at; at += line_length(at)) {
		const char *word = at + (spaces = strspn(at, " "));
		size_t len = strlen(section);

		if (*word == '\n' || *word == '#' || !*word)
			continue;
		if (own == SIZE_MAX) {
			if (!strncmp(word, section, len) && word[len] == ':' &&
			    word[len + 1 + strspn(word + len + 1, " ")] == '\n')
				own = spaces;
			continue;
		}
		if (spaces < own || (spaces == own && *word != '-'))
			break;
		if (*indent < 0)
			*indent = (int)spaces;
		end = at + line_length(at);
	}
	return end;
}

static char *with_items(char *text, const char *section, const struct rf_line *items)
{
	struct rf_line out = {0};
	const char *end;
	bool is_new;
	int indent;

	if (!text || !items->len)
		return text;
	end = section_end(text, section, &indent);
	is_new = !end;
	/* One that is there but not as a block comes twice then, which is no policy (is_policy). */
	if (is_new)
		end = section_end(text, "spec", &indent);
	if (end) {
		rf_line_bytes(&out, text, (size_t)(end - text));
		if (end > text && end[-1] != '\n')
			rf_line_string(&out, "\n");
		if (is_new)
			rf_line_format(&out, "%*s%s:\n", indent, "", section);
		add_items(&out, items, indent + (is_new ? 2 : 0));
		rf_line_string(&out, end);
	}
	rf_line_bytes(&out, "", 1);
	free(text);
	if (!end || out.failed) {
		rf_line_free(&out);
		return NULL;
	}
	return out.text;
}

/* Whether it is still a policy, so that nothing is shown that could not be applied. */
static bool is_policy(const char *text)
{
	struct rf_policies set = {.policy = NULL};
	struct rf_diags diags = {.diag = NULL};
	bool good = !rf_policies_parse(&set, "proposed", text, strlen(text), &diags);

	rf_policies_free(&set);
	rf_diags_free(&diags);
	return good;
}

static char *text_of(struct rf_view *view)
{
	char file[PATH_MAX];
	json_int_t first;
	long line;

	if (!view->path)
		return rf_policy_text(view, view->basket.policy, &first);
	return rf_where(view->basket.where, file, sizeof(file), &line) ? rf_file_text(file) : NULL;
}

static void show_items(struct rf_view *view)
{
	struct rf_line *out = &view->page.text;

	rf_page_open(view, RF_PAGE_TEXT);
	rf_line_string(
		out,
		"The policy's text is not at hand, or not one that rules can be added to here. Add these to it:\n\n");
	rf_line_string(out, view->basket.files.len ? "files:\n" : "");
	add_items(out, &view->basket.files, 2);
	rf_line_string(out, view->basket.network.len ? "network:\n" : "");
	add_items(out, &view->basket.network, 2);
	rf_line_string(out, view->basket.unix_.len ? "unix:\n" : "");
	add_items(out, &view->basket.unix_, 2);
}

void rf_act_basket(struct rf_view *view)
{
	struct rf_basket *basket = &view->basket;

	if (!basket->count) {
		rf_view_status(view, true, "the basket is empty: a puts in what would allow the selected one");
		return;
	}
	free(basket->old);
	free(basket->new);
	basket->old = text_of(view);
	basket->new = basket->old ? strdup(basket->old) : NULL;
	basket->new = with_items(basket->new, "files", &basket->files);
	basket->new = with_items(basket->new, "network", &basket->network);
	basket->new = with_items(basket->new, "unix", &basket->unix_);
	if (!basket->new || !is_policy(basket->new)) {
		show_items(view);
		return;
	}
	rf_page_open(view, RF_PAGE_BASKET);
	rf_print_diff(&view->page.text, basket->policy, basket->old, "proposed", basket->new);
	rf_prompt_open(view, RF_PROMPT_APPLY, "");
	if (view->path)
		rf_view_status(view, false, "%s", "");
}

/* ---------------------------------------------------------------- the answer */

static void write_proposed(struct rf_view *view)
{
	char file[PATH_MAX], path[PATH_MAX + 16];
	long line;
	int fd;
	bool good;

	if (!rf_where(view->basket.where, file, sizeof(file), &line))
		return;
	snprintf(path, sizeof(path), "%s.proposed.yaml", file);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		rf_view_status(view, true, "%s: %s", path, strerror(errno));
		return;
	}
	good = write(fd, view->basket.new, strlen(view->basket.new)) == (ssize_t)strlen(view->basket.new);
	good = close(fd) == 0 && good;
	rf_view_status(view, !good, good ? "wrote %s" : "could not write all of %s", path);
	if (good)
		rf_basket_free(&view->basket);
}

static void apply(struct rf_view *view)
{
	struct rf_client_answer answer = {0};
	char *path, file[300], *now = text_of(view);
	bool same = now && !strcmp(now, view->basket.old);

	free(now);
	if (!same) {
		rf_view_status(view, true, "not applied: the policy was changed meanwhile; look again with A");
		return;
	}
	snprintf(file, sizeof(file), "policy/%.256s", view->basket.policy);
	path = rf_client_path("/v1/apply?file=", file, "");
	if (path && !rf_client_ask(&(struct rf_client_request){.method = "POST",
							       .path = path,
							       .body = view->basket.new,
							       .length = strlen(view->basket.new)},
				   &answer)) {
		rf_view_status(view, false, "policy/%s was applied; \"ringfence rollback\" takes it back",
			       view->basket.policy);
		rf_basket_free(&view->basket);
	} else {
		rf_view_status(view, true, "not applied: %s", answer.message ? answer.message : "out of memory");
	}
	rf_client_answer_free(&answer);
	free(path);
}

void rf_act_apply(struct rf_view *view, bool yes)
{
	rf_page_close(view);
	if (!yes || !view->basket.new)
		rf_view_status(view, false, "nothing was changed; the basket is kept");
	else if (view->path)
		write_proposed(view);
	else
		apply(view);
}
