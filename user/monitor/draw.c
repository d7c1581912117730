// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Puts the view on the screen. All text that comes from records was escaped before (words.c); what a terminal without
 * UTF-8 can't show is escaped here. */
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "monitor/options.h"
#include "monitor/view.h"
#include "monitor/words.h"

#define HEAD 3 /* lines above what is listed; one is below */

enum pair { PAIR_DENIED = 1, PAIR_WOULD, PAIR_GOOD };

static attr_t paint(const struct rf_view *view, enum pair pair, attr_t other)
{
	return view->colour ? COLOR_PAIR(pair) | other : other;
}

/* ---------------------------------------------------------------- text in cells */

/* Adds escaped text up to a column; what does not fit ends in a mark. Returns the column behind it. */
static int put(const struct rf_view *view, int y, int x, int end, const char *text, size_t len)
{
	const char *more = view->utf8 ? "\xe2\x80\xa6" : "~";
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t code = 0;
		int width;
		char hex[24] = "";

		n = rf_utf8(text + i, len - i, &code);
		width = n ? wcwidth((wchar_t)code) : 0;
		if (!n || width <= 0 || (code >= 0x80 && !view->utf8)) {
			n = n ? n : 1;
			for (size_t k = 0; k < n; k++)
				sprintf(hex + 4 * k, "\\x%02x", (unsigned char)text[i + k]);
			width = (int)strlen(hex);
		}
		if (x + width > end || (x + width == end && i + n < len)) {
			if (x < end)
				mvaddstr(y, x, more);
			return end;
		}
		mvaddnstr(y, x, hex[0] ? hex : text + i, hex[0] ? width : (int)n);
		x += width;
	}
	return x;
}

static int put_line(const struct rf_view *view, int y, int x, int end, const struct rf_line *line)
{
	return line->text ? put(view, y, x, end, line->text, line->len) : x;
}

__attribute__((format(printf, 5, 6))) static int put_format(const struct rf_view *view, int y, int x, int end,
							    const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return put(view, y, x, end, text, strlen(text));
}

/* ---------------------------------------------------------------- above and below */

/* "ENFORCE web, db  AUDIT build" */
static void put_policies(const struct rf_view *view, int x)
{
	static const struct {
		const char *mode, *word;
		enum pair pair;
	} modes[] = {{"enforce", "ENFORCE", PAIR_GOOD}, {"audit", "AUDIT", PAIR_WOULD}};
	const json_t *policy;
	struct rf_line names = {0};
	size_t i;

	for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
		rf_line_reset(&names);
		json_array_foreach(view->host.policies, i, policy)
		{
			const char *mode = json_string_value(json_object_get(policy, "mode"));
			const char *enforced = json_string_value(json_object_get(policy, "enforced"));

			if (!mode || strcmp(mode, modes[m].mode))
				continue;
			rf_line_string(&names, names.len ? ", " : " ");
			rf_words_member(&names, policy, "name");
			if (enforced && !strcmp(enforced, "False"))
				rf_line_string(&names, " (NOT IN FORCE)");
		}
		if (!names.len)
			continue;
		attrset(paint(view, modes[m].pair, A_BOLD));
		x = put_format(view, 0, x + 2, view->columns, "%s", modes[m].word);
		attrset(A_NORMAL);
		x = put_line(view, 0, x, view->columns, &names);
	}
	rf_line_free(&names);
}

static void put_title(const struct rf_view *view)
{
	struct rf_line line = {0};
	int x;

	rf_line_string(&line, "ringfence monitor  ");
	if (view->path)
		rf_line_name(&line, view->path, strlen(view->path), 0);
	else
		rf_line_string(&line, "agent");
	rf_line_string(&line, ": ");
	if (!view->path)
		rf_line_name(&line, view->host.state, strlen(view->host.state), 0);
	else
		rf_line_string(&line, view->ended ? "ended" : "reading");
	attrset(A_BOLD);
	x = put_line(view, 0, 0, view->columns, &line);
	attrset(A_NORMAL);
	rf_line_free(&line);
	put_policies(view, x);
}

static int put_spark(const struct rf_view *view, int y, int x, int cells)
{
	static const char *const utf8[] = {" ",
					   "\xe2\x96\x81",
					   "\xe2\x96\x82",
					   "\xe2\x96\x83",
					   "\xe2\x96\x84",
					   "\xe2\x96\x85",
					   "\xe2\x96\x86",
					   "\xe2\x96\x87",
					   "\xe2\x96\x88"};
	static const char *const plain[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
	const struct rf_model *model = view->model;
	uint64_t most = 1;

	for (size_t i = 0; i < RF_MODEL_SECONDS; i++)
		most = model->rate[i] > most ? model->rate[i] : most;
	for (int i = 0; i < cells; i++) {
		int64_t second = model->second - cells + 1 + i;
		uint64_t rate = second < 0 ? 0 : model->rate[second % RF_MODEL_SECONDS];
		size_t level = rate ? 1 + (size_t)(rate * 7 / most) : 0;

		mvaddstr(y, x + i, view->utf8 ? utf8[level] : plain[level]);
	}
	return x + cells;
}

static void put_counts(const struct rf_view *view)
{
	const struct rf_model *model = view->model;
	/* Of what came: records say what is lost as well, of sandboxes that have ended too. */
	uint64_t lost = model->lost, told = model->told, merged = model->merged;
	int x, length, cells = view->columns >= 100 ? 60 : 12;
	char word[40];

	x = put_format(view, 1, 0, view->columns, "%llu/min ", (unsigned long long)rf_model_minute(model));
	x = put_spark(view, 1, x, cells);
	x = put_format(view, 1, x, view->columns, " made %llu = told %llu + merged %llu + ",
		       (unsigned long long)(told + merged + lost), (unsigned long long)told,
		       (unsigned long long)merged);
	/* Never pushed out by the rest. */
	length = snprintf(word, sizeof(word), lost ? "LOST %llu" : "lost %llu", (unsigned long long)lost);
	x = x > view->columns - length ? view->columns - length : x;
	if (lost)
		attrset(paint(view, PAIR_DENIED, A_BOLD | A_REVERSE));
	put(view, 1, x, view->columns, word, (size_t)length);
	attrset(A_NORMAL);
}

static void put_view(const struct rf_view *view)
{
	const struct rf_sums *sums = &view->model->sums;
	struct rf_line line = {0};
	uint64_t more = rf_view_new(view);

	if (view->paused)
		rf_line_string(&line, "PAUSED  ");
	if (more)
		rf_line_format(&line, "%llu new  ", (unsigned long long)more);
	if (view->grouped)
		rf_line_format(&line, "by %s  ", rf_grouping_words[view->model->groups.grouping]);
	if (view->filter[0]) {
		rf_line_string(&line, "filter: ");
		rf_line_name(&line, view->filter, strlen(view->filter), 0);
		rf_line_format(&line, " (%llu hidden)  ", (unsigned long long)sums->hidden);
	}
	if (view->model->mutes)
		rf_line_format(&line, "muted %llu in %zu groups  ", (unsigned long long)sums->muted,
			       view->model->mutes);
	if (view->basket.count)
		rf_line_format(&line, "basket %zu  ", view->basket.count);
	if (view->model->judged > view->model->first)
		rf_line_string(&line, "looking...  ");
	if (view->model->unreadable)
		rf_line_format(&line, "unreadable %llu  ", (unsigned long long)view->model->unreadable);
	if (!line.len)
		rf_line_string(&line, "all that came; ? shows every key");
	put_line(view, 2, 0, view->columns, &line);
	rf_line_free(&line);
}

static void put_status(const struct rf_view *view)
{
	static const char *const label[] = {"", "filter: ", "search: ", "write to: ", "apply this? yes or no: "};
	const struct rf_prompt *prompt = &view->prompt;
	struct rf_line line = {0};
	int y = view->lines - 1, x;

	if (!prompt->kind) {
		attrset(view->problem ? paint(view, PAIR_DENIED, A_BOLD) : A_NORMAL);
		put_line(view, y, 0, view->columns, &view->status);
		attrset(A_NORMAL);
		return;
	}
	/* Nothing is applied but by the agent. */
	rf_line_string(&line, prompt->kind == RF_PROMPT_APPLY && view->path
				      ? "write this beside the policy's file? yes or no: "
				      : label[prompt->kind]);
	for (size_t i = 0; i < prompt->len; i++)
		if (prompt->text[i] == ' ')
			rf_line_string(&line, " ");
		else {
			size_t n = strcspn(prompt->text + i, " ");

			rf_line_name(&line, prompt->text + i, n, 0);
			i += n - 1;
		}
	x = put_line(view, y, 0, view->columns - 1, &line);
	if (prompt->problem[0]) {
		rf_line_reset(&line);
		rf_line_name(&line, prompt->problem, strlen(prompt->problem), 0);
		attrset(paint(view, PAIR_DENIED, A_BOLD));
		put_line(view, y, x + 3, view->columns, &line);
		attrset(A_NORMAL);
	}
	rf_line_free(&line);
	move(y, x < view->columns ? x : view->columns - 1);
}

/* ---------------------------------------------------------------- what is listed */

static void put_record(struct rf_view *view, int y, uint64_t number)
{
	const struct rf_seen *seen = rf_model_at(view->model, number);
	json_t *record = json_loadb(seen->text, seen->len, 0, NULL);
	const char *verdict = json_string_value(json_object_get(record, "verdict"));
	bool would = verdict && !strcmp(verdict, "would-deny");
	attr_t base = number == view->at ? A_REVERSE : A_NORMAL;
	attr_t verdict_attr = paint(view, would ? PAIR_WOULD : PAIR_DENIED, 0);
	struct rf_line line = {0};
	size_t skip;
	int x;

	if (seen->fate == RF_FATE_HIDDEN)
		base |= A_DIM;
	attrset(base);
	mvhline(y, 0, ' ', view->columns);
	rf_words_clock(&line, seen->time);
	rf_line_string(&line, " ");
	x = put_line(view, y, 0, view->columns, &line);
	rf_line_reset(&line);
	if (seen->kind == RF_SEEN_LOST)
		attrset(base | paint(view, PAIR_DENIED, A_BOLD));
	else if (seen->kind == RF_SEEN_DENIAL && !(base & A_REVERSE) && seen->fate != RF_FATE_HIDDEN)
		attrset(base | verdict_attr);
	if (seen->kind == RF_SEEN_DENIAL) {
		rf_words_verdict(&line, record);
		rf_line_string(&line, " ");
		skip = line.len;
		x = put_line(view, y, x, view->columns, &line);
		attrset(base);
		rf_line_reset(&line);
		/* The verdict's words stand in front of it. */
		rf_words_line(&line, record);
		if (line.len > skip)
			put(view, y, x, view->columns, line.text + skip, line.len - skip);
	} else {
		rf_words_line(&line, record);
		put_line(view, y, x, view->columns, &line);
	}
	attrset(A_NORMAL);
	rf_line_free(&line);
	json_decref(record);
}

/* Keeps the selected record within the rows. */
static void place_bottom(struct rf_view *view)
{
	uint64_t n, last = rf_view_step(view, rf_view_end(view), -1);
	int above = 0;

	if (view->follow && !(view->paused && view->at)) {
		view->at = view->bottom = last;
		return;
	}
	if (!rf_view_lists(view, view->at)) {
		n = rf_view_step(view, view->at, 1);
		view->at = n != view->at ? n : rf_view_step(view, view->at, -1);
	}
	if (!rf_view_lists(view, view->bottom))
		view->bottom = rf_view_step(view, view->bottom, -1);
	if (view->at > view->bottom)
		view->bottom = view->at;
	for (n = view->bottom; n > view->at && above < view->body; above++)
		n = rf_view_step(view, n, -1);
	if (n > view->at || above >= view->body)
		for (n = view->at, view->bottom = n, above = 1; above < view->body; above++)
			n = view->bottom = rf_view_step(view, n, 1);
}

static void put_stream(struct rf_view *view)
{
	uint64_t number[RF_VIEW_ROWS], n, before;
	int rows = 0;

	place_bottom(view);
	n = view->bottom;
	if (rf_view_lists(view, n))
		number[rows++] = n;
	while (rows < view->body && (before = rf_view_step(view, n, -1)) != n)
		number[rows++] = n = before;
	/* What is above the first would leave rows empty: so more below. */
	while (rows && rows < view->body && (n = rf_view_step(view, view->bottom, 1)) != view->bottom) {
		memmove(number + 1, number, (size_t)rows * sizeof(*number));
		number[0] = view->bottom = n;
		rows++;
	}
	for (int i = 0; i < view->body; i++) {
		view->line_number[i] = i < rows ? number[rows - 1 - i] : UINT64_MAX;
		if (i < rows)
			put_record(view, HEAD + i, number[rows - 1 - i]);
	}
	if (rows && view->bottom + 1 > view->looked)
		view->looked = view->bottom + 1;
}

static void put_group(const struct rf_view *view, int y, const struct rf_group *group, bool selected)
{
	attr_t base = selected ? A_REVERSE : A_NORMAL;
	int64_t span = group->last - group->first;
	/* A minute, for what took less. */
	uint64_t minutes = (uint64_t)(span < 60000000000 ? 1 : span / 60000000000);
	struct rf_line line = {0};
	int x;

	attrset(base);
	mvhline(y, 0, ' ', view->columns);
	rf_line_format(&line, "%9llu ", (unsigned long long)group->count);
	if (view->columns >= 80)
		rf_line_format(&line, "%7llu/min ", (unsigned long long)(group->count / minutes));
	if (view->columns >= 100)
		rf_words_clock(&line, group->first), rf_line_string(&line, " ");
	rf_words_clock(&line, group->last);
	rf_line_string(&line, "  ");
	x = put_line(view, y, 0, view->columns, &line);
	rf_line_reset(&line);
	if (group->would) {
		attrset(base | (selected ? 0 : paint(view, PAIR_WOULD, 0)));
		x = put_format(view, y, x, view->columns, group->would == group->count ? "audit " : "(audit) ");
		attrset(base);
	}
	rf_line_name(&line, group->key, strlen(group->key), 0);
	if (group->folder)
		rf_line_string(&line, "/**");
	put_line(view, y, x, view->columns, &line);
	attrset(A_NORMAL);
	rf_line_free(&line);
}

/* The last row says what is in none of those above, so that all of them together are what was made. */
static void put_groups(struct rf_view *view)
{
	const struct rf_sums *sums = &view->model->sums;
	size_t rows = (size_t)(view->body - 1), below = 0;
	uint64_t others = sums->made, past = 0;

	rf_view_arrange(view);
	if (view->row_at < view->row_top)
		view->row_top = view->row_at;
	if (view->row_at >= view->row_top + rows)
		view->row_top = view->row_at - rows + 1;
	for (size_t i = 0; i < view->rows; i++) {
		others -= view->row[i].count;
		if (i >= view->row_top && i < view->row_top + rows) {
			put_group(view, HEAD + (int)(i - view->row_top), &view->row[i], i == view->row_at);
			continue;
		}
		past += view->row[i].count;
		below++;
	}
	attrset(A_BOLD);
	put_format(view, HEAD + view->body - 1, 0, view->columns,
		   "%9llu  made; %zu groups off the screen have %llu, (others) %llu: filter %llu, muted %llu",
		   (unsigned long long)sums->made, below, (unsigned long long)past, (unsigned long long)others,
		   (unsigned long long)sums->hidden, (unsigned long long)sums->muted);
	attrset(A_NORMAL);
	view->looked = view->paused ? view->looked : view->model->next;
}

static void put_page(struct rf_view *view)
{
	const struct rf_line *text = &view->page.text;
	size_t line = 0, lines = 0;

	for (size_t i = 0; i < text->len; i++)
		lines += text->text[i] == '\n';
	if (view->page.top + (size_t)view->body > lines)
		view->page.top = lines > (size_t)view->body ? lines - (size_t)view->body : 0;
	for (size_t i = 0, n; i < text->len; i += n + 1, line++) {
		const char *end = memchr(text->text + i, '\n', text->len - i);

		n = end ? (size_t)(end - text->text) - i : text->len - i;
		if (line >= view->page.top && line < view->page.top + (size_t)view->body)
			put(view, HEAD + (int)(line - view->page.top), 0, view->columns, text->text + i, n);
	}
}

void rf_draw(struct rf_view *view)
{
	getmaxyx(stdscr, view->lines, view->columns);
	view->body = view->lines - HEAD - 1;
	if (view->body > RF_VIEW_ROWS)
		view->body = RF_VIEW_ROWS;
	erase();
	if (view->lines < RF_MONITOR_LINES || view->columns < RF_MONITOR_COLUMNS) {
		view->body = 1;
		put_format(view, 0, 0, view->columns, "at least %dx%d is needed,", RF_MONITOR_COLUMNS,
			   RF_MONITOR_LINES);
		if (view->lines > 1)
			put_format(view, 1, 0, view->columns, "this is %dx%d; q quits", view->columns, view->lines);
		refresh();
		return;
	}
	put_title(view);
	put_counts(view);
	put_view(view);
	if (view->page.kind)
		put_page(view);
	else if (view->grouped)
		put_groups(view);
	else
		put_stream(view);
	curs_set(view->prompt.kind ? 1 : 0);
	put_status(view);
	refresh();
}
