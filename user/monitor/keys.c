// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one table of keys, and the line in which a filter or a name is typed. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/view.h"

#define CONTROL(letter) ((letter)&0x1f)
#define ESCAPE		27
#define BACKSPACE	127

/* ---------------------------------------------------------------- what keys do */

static void quit(struct rf_view *view)
{
	view->quit = true;
}

static void up(struct rf_view *view)
{
	rf_view_move(view, -1);
}

static void down(struct rf_view *view)
{
	rf_view_move(view, 1);
}

static void page_up(struct rf_view *view)
{
	rf_view_move(view, -(view->body > 1 ? view->body - 1 : 1));
}

static void page_down(struct rf_view *view)
{
	rf_view_move(view, view->body > 1 ? view->body - 1 : 1);
}

static void go_back(struct rf_view *view)
{
	if (view->page.kind)
		rf_page_close(view);
	else
		rf_view_status(view, false, "%s", "");
}

/* The stream, then each grouping, then the stream. */
static void group(struct rf_view *view)
{
	enum rf_grouping now = view->model->groups.grouping;

	rf_page_close(view);
	if (!view->grouped || now + 1 < RF_GROUPING_COUNT)
		rf_model_group(view->model, view->grouped ? now + 1 : RF_BY_RULE);
	view->grouped = !view->grouped || now + 1 < RF_GROUPING_COUNT;
	view->stale = true;
	view->row_at = view->row_top = 0;
	view->row_chosen = false;
}

static void context(struct rf_view *view)
{
	view->context = !view->context;
	rf_view_status(view, false,
		       view->context ? "what the filter hides is shown dim" : "only what the filter passes");
}

static void hold(struct rf_view *view)
{
	view->paused = !view->paused;
	view->end = view->model->next;
	view->stale = true;
}

static void sort(struct rf_view *view)
{
	static const char *const word[RF_SORTS] = {"how many", "the last time", "name"};

	view->sort = (view->sort + 1) % RF_SORTS;
	view->stale = true;
	rf_view_status(view, false, "groups by %s%s", word[view->sort], view->grouped ? "" : ", once there are any: g");
}

static void edit_filter(struct rf_view *view)
{
	rf_prompt_open(view, RF_PROMPT_FILTER, view->filter);
}

static void search(struct rf_view *view)
{
	rf_prompt_open(view, RF_PROMPT_SEARCH, view->search);
}

static void find(struct rf_view *view, int direction)
{
	if (!rf_view_search(view, direction))
		rf_view_status(view, true, "%s: not found", view->search[0] ? view->search : "nothing to search for");
}

static void next(struct rf_view *view)
{
	find(view, 1);
}

static void before(struct rf_view *view)
{
	find(view, -1);
}

static void save(struct rf_view *view)
{
	rf_prompt_open(view, RF_PROMPT_WRITE, "denials.json");
}

static void redraw(struct rf_view *view)
{
	(void)view;
	clearok(curscr, TRUE);
}

static void help(struct rf_view *view)
{
	rf_page_open(view, RF_PAGE_TEXT);
	for (const struct rf_key *key = rf_keys; key->name; key++)
		rf_line_format(&view->page.text, "%-16s %s\n", key->name, key->help);
}

const struct rf_key rf_keys[] = {
	{"q, Ctrl-C", "quit", {'q', CONTROL('C')}, quit},
	{"?, F1", "every key", {'?', KEY_F(1)}, help},
	{"Up, k", "up; scrolling up stops following", {KEY_UP, 'k'}, up},
	{"Down, j", "down", {KEY_DOWN, 'j'}, down},
	{"PgUp, b", "a screen up", {KEY_PPAGE, 'b'}, page_up},
	{"PgDn", "a screen down", {KEY_NPAGE}, page_down},
	{"Home", "the first", {KEY_HOME}, rf_view_home},
	{"End, f", "the last, and follow what is new", {KEY_END, 'f'}, rf_view_follow},
	{"Enter", "all about the selected one", {'\n', '\r', KEY_ENTER}, rf_act_details},
	{"Esc", "back", {ESCAPE}, go_back},
	{"g", "group by rule, folder, program, destination, sandbox, or not", {'g'}, group},
	{"s", "sort groups: by count, last time, name", {'s'}, sort},
	{"/", "filter what is shown", {'/'}, edit_filter},
	{"F", "show what the filter hides too, dim", {'F'}, context},
	{"\\, Ctrl-F", "search a text", {'\\', CONTROL('F')}, search},
	{"n", "search on", {'n'}, next},
	{"N", "search backwards", {'N'}, before},
	{"Space", "pause, and go on; all is counted meanwhile", {' '}, hold},
	{"m", "mute the selected group, or the record's rule, until the end", {'m'}, rf_act_mute},
	{"M", "mute nothing any more", {'M'}, rf_act_unmute},
	{"y", "copy the object, or the group's name, to the clipboard", {'y'}, rf_act_copy},
	{"w", "write what the filter passes to a file", {'w'}, save},
	{"c", "the command line that gives the same list", {'c'}, rf_act_command},
	{"e", "open the editor at the rule", {'e'}, rf_act_editor},
	{"a", "put the smallest change that would allow it in the basket", {'a'}, rf_act_allow},
	{"A", "the basket as a diff, to apply or write it", {'A'}, rf_act_basket},
	{"Ctrl-L", "draw the screen anew", {CONTROL('L')}, redraw},
	{NULL, NULL, {0}, NULL},
};

/* ---------------------------------------------------------------- pages */

void rf_page_close(struct rf_view *view)
{
	view->page.kind = RF_PAGE_NONE;
	rf_line_reset(&view->page.text);
	view->page.top = 0;
}

void rf_page_open(struct rf_view *view, enum rf_page_kind kind)
{
	rf_page_close(view);
	view->page.kind = kind;
}

/* ---------------------------------------------------------------- the line that is typed */

void rf_prompt_open(struct rf_view *view, enum rf_prompt_kind kind, const char *text)
{
	struct rf_prompt *prompt = &view->prompt;

	prompt->kind = kind;
	prompt->len = strlen(text);
	memcpy(prompt->text, text, prompt->len + 1);
	prompt->problem[0] = '\0';
}

/* The filter as it stands, while it is typed: a wrong one changes nothing. */
static bool try_filter(struct rf_view *view, const char *text)
{
	struct rf_filter *parsed = NULL;
	char *problem = NULL;
	int err = rf_filter_parse(text, &parsed, &problem);

	view->prompt.problem[0] = '\0';
	if (err)
		snprintf(view->prompt.problem, sizeof(view->prompt.problem), "%s", problem ? problem : "out of memory");
	else
		rf_model_filter(view->model, parsed);
	view->stale = true;
	free(problem);
	return !err;
}

static void accept(struct rf_view *view)
{
	struct rf_prompt *prompt = &view->prompt;
	enum rf_prompt_kind kind = prompt->kind;

	if (kind == RF_PROMPT_FILTER) {
		if (prompt->problem[0])
			return;
		strcpy(view->filter, prompt->text);
	}
	prompt->kind = RF_PROMPT_NONE;
	if (kind == RF_PROMPT_SEARCH) {
		strcpy(view->search, prompt->text);
		before(view);
	} else if (kind == RF_PROMPT_WRITE) {
		rf_act_write(view, prompt->text);
	} else if (kind == RF_PROMPT_APPLY) {
		rf_act_apply(view, !strcmp(prompt->text, "yes") || !strcmp(prompt->text, "y"));
	}
}

static void give_up(struct rf_view *view)
{
	bool filtered = view->prompt.kind == RF_PROMPT_FILTER;

	if (view->prompt.kind == RF_PROMPT_APPLY)
		rf_act_apply(view, false);
	view->prompt.kind = RF_PROMPT_NONE;
	if (filtered)
		try_filter(view, view->filter);
}

/* Takes a character or a word off the end. */
static void erase_end(struct rf_prompt *prompt, bool word)
{
	while (word && prompt->len && prompt->text[prompt->len - 1] == ' ')
		prompt->len--;
	do {
		while (prompt->len && ((unsigned char)prompt->text[--prompt->len] & 0xc0) == 0x80)
			;
	} while (word && prompt->len && prompt->text[prompt->len - 1] != ' ');
	prompt->text[prompt->len] = '\0';
}

static void type(struct rf_view *view, int code)
{
	struct rf_prompt *prompt = &view->prompt;

	if (code == '\n' || code == '\r' || code == KEY_ENTER) {
		accept(view);
		return;
	}
	if (code == ESCAPE || code == CONTROL('C')) {
		give_up(view);
		return;
	}
	if (code == KEY_BACKSPACE || code == BACKSPACE || code == '\b')
		erase_end(prompt, false);
	else if (code == CONTROL('W'))
		erase_end(prompt, true);
	else if (code == CONTROL('U'))
		prompt->len = 0;
	else if (code >= ' ' && code < 256 && prompt->len + 1 < RF_PROMPT_MAX)
		prompt->text[prompt->len++] = (char)code;
	prompt->text[prompt->len] = '\0';
	if (prompt->kind == RF_PROMPT_FILTER)
		try_filter(view, prompt->text);
}

/* ---------------------------------------------------------------- a key */

static void mouse(struct rf_view *view)
{
	MEVENT event;
	int row;

	if (getmouse(&event) != OK)
		return;
	row = event.y - 3;
	if (event.bstate & BUTTON4_PRESSED) {
		rf_view_move(view, -3);
	} else if (event.bstate & BUTTON5_PRESSED) {
		rf_view_move(view, 3);
	} else if (view->page.kind || row < 0 || row >= view->body) {
		return;
	} else if (view->grouped) {
		if (view->row_top + (size_t)row < view->rows)
			view->row_at = view->row_top + (size_t)row;
		view->row_chosen = true;
	} else if (view->line_number[row] != UINT64_MAX) {
		view->at = view->line_number[row];
		view->follow = false;
	}
}

void rf_key_pressed(struct rf_view *view, int code)
{
	view->dirty = true;
	if (code == KEY_RESIZE)
		return;
	if (code == KEY_MOUSE) {
		mouse(view);
		return;
	}
	if (view->prompt.kind) {
		type(view, code);
		return;
	}
	rf_line_reset(&view->status);
	for (const struct rf_key *key = rf_keys; key->name; key++)
		for (size_t i = 0; i < sizeof(key->code) / sizeof(key->code[0]); i++)
			if (key->code[i] && key->code[i] == code) {
				key->act(view);
				return;
			}
	rf_view_status(view, false, "that key does nothing; ? shows every key");
}
