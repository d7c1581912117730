// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/view.h"
#include "monitor/words.h"
#include "policy/memory.h"

void rf_view_status(struct rf_view *view, bool problem, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rf_line_reset(&view->status);
	rf_line_name(&view->status, text, strlen(text), 0);
	view->problem = problem;
	view->dirty = true;
}

/* ---------------------------------------------------------------- the stream */

uint64_t rf_view_end(const struct rf_view *view)
{
	return view->paused && view->end < view->model->next ? view->end : view->model->next;
}

bool rf_view_lists(const struct rf_view *view, uint64_t number)
{
	const struct rf_seen *seen = number < rf_view_end(view) ? rf_model_at(view->model, number) : NULL;

	return seen && (seen->fate == RF_FATE_SHOWN || (view->context && seen->fate == RF_FATE_HIDDEN));
}

uint64_t rf_view_step(const struct rf_view *view, uint64_t number, int direction)
{
	uint64_t end = rf_view_end(view);

	if (direction < 0) {
		for (uint64_t n = number < end ? number : end; n > view->model->first; n--)
			if (rf_view_lists(view, n - 1))
				return n - 1;
	} else {
		for (uint64_t n = number < view->model->first ? view->model->first : number + 1; n < end; n++)
			if (rf_view_lists(view, n))
				return n;
	}
	return number;
}

void rf_view_follow(struct rf_view *view)
{
	if (view->page.kind) {
		view->page.top = SIZE_MAX / 2;
		return;
	}
	view->row_at = view->rows ? view->rows - 1 : 0;
	view->row_chosen = true;
	if (!view->grouped)
		view->follow = true;
}

void rf_view_home(struct rf_view *view)
{
	if (view->page.kind) {
		view->page.top = 0;
	} else if (view->grouped) {
		view->row_at = 0;
		view->row_chosen = false;
	} else {
		view->follow = false;
		view->at = rf_view_lists(view, view->model->first) ? view->model->first
								   : rf_view_step(view, view->model->first, 1);
	}
}

static void move_group(struct rf_view *view, long rows)
{
	long at = (long)view->row_at + rows;

	at = at < 0 ? 0 : at;
	view->row_at = (size_t)at < view->rows ? (size_t)at : view->rows ? view->rows - 1 : 0;
	view->row_chosen = true;
}

void rf_view_move(struct rf_view *view, long rows)
{
	if (view->page.kind) {
		long top = (long)view->page.top + rows;

		view->page.top = top < 0 ? 0 : (size_t)top;
		return;
	}
	if (view->grouped) {
		move_group(view, rows);
		return;
	}
	if (rows < 0)
		view->follow = false;
	for (; rows < 0; rows++)
		view->at = rf_view_step(view, view->at, -1);
	for (; rows > 0; rows--)
		view->at = rf_view_step(view, view->at, 1);
}

uint64_t rf_view_new(const struct rf_view *view)
{
	uint64_t count = 0, from = view->looked > view->model->first ? view->looked : view->model->first;

	if (view->follow && !view->paused)
		return 0;
	for (uint64_t n = from; n < view->model->next; n++) {
		const struct rf_seen *seen = rf_model_at(view->model, n);

		count += seen && seen->fate == RF_FATE_SHOWN;
	}
	return count;
}

/* ---------------------------------------------------------------- groups */

static void free_rows(struct rf_view *view)
{
	for (size_t i = 0; i < view->rows; i++)
		free(view->row[i].key);
	free(view->row);
	view->row = NULL;
	view->rows = 0;
}

static void add_row(void *context, const struct rf_group *group)
{
	struct rf_view *view = context;
	struct rf_group *row = rf_grow(view->row, view->rows, sizeof(*row));

	if (!row)
		return;
	view->row = row;
	row[view->rows] = *group;
	row[view->rows].key = strdup(group->key);
	view->rows += row[view->rows].key != NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct rf_group *)a)->key, ((const struct rf_group *)b)->key);
}

static int by_last(const void *a, const void *b)
{
	const struct rf_group *x = a, *y = b;

	return x->last != y->last ? (x->last < y->last ? 1 : -1) : by_name(a, b);
}

static int by_count(const void *a, const void *b)
{
	const struct rf_group *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : by_name(a, b);
}

void rf_view_arrange(struct rf_view *view)
{
	static int (*const order[RF_SORTS])(const void *, const void *) = {by_count, by_last, by_name};
	char *chosen = view->row_chosen && view->row_at < view->rows ? strdup(view->row[view->row_at].key) : NULL;

	if (!view->stale || (view->paused && view->rows)) {
		free(chosen);
		return;
	}
	view->stale = false;
	free_rows(view);
	rf_groups_each(&view->model->groups, add_row, view);
	if (view->rows)
		qsort(view->row, view->rows, sizeof(*view->row), order[view->sort]);
	for (size_t i = 0; chosen && i < view->rows; i++)
		if (!strcmp(view->row[i].key, chosen))
			view->row_at = i;
	if (view->row_at >= view->rows)
		view->row_at = view->rows ? view->rows - 1 : 0;
	free(chosen);
}

/* ---------------------------------------------------------------- the selected one */

json_t *rf_view_record(struct rf_view *view)
{
	const struct rf_seen *seen;
	json_t *record;

	if (view->grouped)
		seen = view->row_at < view->rows ? rf_model_at(view->model, view->row[view->row_at].example) : NULL;
	else
		seen = rf_model_at(view->model, view->at);
	record = seen ? json_loadb(seen->text, seen->len, 0, NULL) : NULL;
	if (!record)
		rf_view_status(view, true, "nothing is selected, or it is no longer kept");
	return record;
}

static bool has(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

bool rf_view_search(struct rf_view *view, int direction)
{
	uint64_t n = view->at, next;

	if (!view->search[0])
		return false;
	if (view->grouped) {
		for (size_t i = 1; i <= view->rows; i++) {
			size_t at = (view->row_at + (direction > 0 ? i : view->rows - i)) % view->rows;

			if (strstr(view->row[at].key, view->search)) {
				view->row_at = at;
				return view->row_chosen = true;
			}
		}
		return false;
	}
	while ((next = rf_view_step(view, n, direction)) != n) {
		const struct rf_seen *seen = rf_model_at(view->model, next);
		struct rf_line line = {0};
		json_t *record = json_loadb(seen->text, seen->len, 0, NULL);
		bool found;

		n = next;
		rf_words_line(&line, record);
		json_decref(record);
		found = line.text && has(line.text, line.len, view->search);
		rf_line_free(&line);
		if (found) {
			view->at = n;
			view->follow = false;
			return true;
		}
	}
	return false;
}

void rf_view_free(struct rf_view *view)
{
	free_rows(view);
	rf_line_free(&view->status);
	rf_line_free(&view->page.text);
	json_decref(view->host.policies);
	rf_basket_free(&view->basket);
	rf_model_free(view->model);
}
