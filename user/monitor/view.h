/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is looked at, and what keys do to it. Drawing (draw.c) changes nothing but what it says here. */
#ifndef RINGFENCE_MONITOR_VIEW_H
#define RINGFENCE_MONITOR_VIEW_H

#include "client/exit.h"
#include "events/text.h"
#include "monitor/model.h"
#include "monitor/source.h"

#define RF_PROMPT_MAX 1000
#define RF_VIEW_ROWS  1000 /* of a terminal that are used */

enum rf_page_kind { RF_PAGE_NONE, RF_PAGE_TEXT, RF_PAGE_BASKET };
enum rf_prompt_kind { RF_PROMPT_NONE, RF_PROMPT_FILTER, RF_PROMPT_SEARCH, RF_PROMPT_WRITE, RF_PROMPT_APPLY };
enum rf_sort { RF_SORT_COUNT, RF_SORT_LAST, RF_SORT_NAME, RF_SORTS };

struct rf_page {
	enum rf_page_kind kind;
	struct rf_line text; /* escaped, lines with their ends */
	size_t top;	     /* the first line that is shown */
};

struct rf_prompt {
	enum rf_prompt_kind kind;
	char text[RF_PROMPT_MAX]; /* as it was typed */
	size_t len;
	char problem[256]; /* with it as it stands; "" */
};

/* What the agent said of the host. */
struct rf_host {
	char state[32], message[256]; /* as it came */
	json_t *policies;
};

/* What would be allowed: one policy's rules to add. */
struct rf_basket {
	char *policy, *where;		      /* where: "file:line" of a rule of it, or NULL */
	struct rf_line files, network, unix_; /* items of these sections, in YAML, without indents */
	size_t count;
	char *old, *new; /* texts, while the page shows them */
};

struct rf_view {
	struct rf_model *model;
	const char *path; /* of the file; NULL: the agent */
	struct rf_host host;
	bool ended; /* of the source */

	bool grouped, context, paused, follow;
	uint64_t end;	 /* where paused: the number behind the last record that is shown */
	uint64_t at;	 /* the record that is selected */
	uint64_t bottom; /* the last that is drawn */
	uint64_t looked; /* all before it was drawn, or stood above what was */

	struct rf_group *row; /* of groups, in order; keys are copies */
	size_t rows, row_at, row_top;
	bool row_chosen; /* by the user: it stays the same one when the order changes */
	bool stale;	 /* groups changed since */
	enum rf_sort sort;

	struct rf_page page;
	struct rf_prompt prompt;
	char filter[RF_PROMPT_MAX], search[RF_PROMPT_MAX];
	struct rf_basket basket;
	struct rf_line status; /* escaped */
	bool problem;	       /* the status is one */

	int lines, columns, body; /* of the terminal; rows for what is listed */
	bool utf8, colour;
	uint64_t line_number[RF_VIEW_ROWS]; /* the record of each row of the body; UINT64_MAX: none */
	bool dirty, quit;
};

/* view.c */
void rf_view_status(struct rf_view *view, bool problem, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Whether a record is listed. */
bool rf_view_lists(const struct rf_view *view, uint64_t number);
/* The next record that is listed, up or down; `number` itself where there is none. */
uint64_t rf_view_step(const struct rf_view *view, uint64_t number, int direction);
/* The number behind the last record that may be shown. */
uint64_t rf_view_end(const struct rf_view *view);
/* Moves the selection by so many rows, or scrolls the page. */
void rf_view_move(struct rf_view *view, long rows);
void rf_view_home(struct rf_view *view);
void rf_view_follow(struct rf_view *view);
/* Puts groups in order anew, where they changed. */
void rf_view_arrange(struct rf_view *view);
/* The selected record, parsed (of a group: its example); NULL: there is none, which is said. The caller's. */
json_t *rf_view_record(struct rf_view *view);
/* How many listed records came since the user last saw the end. */
uint64_t rf_view_new(const struct rf_view *view);
bool rf_view_search(struct rf_view *view, int direction);
void rf_view_free(struct rf_view *view);

/* keys.c: the one table of keys. */
struct rf_key {
	const char *name, *help;
	int code[4]; /* of curses; 0: none */
	void (*act)(struct rf_view *view);
};
extern const struct rf_key rf_keys[]; /* ends with a NULL name */
void rf_key_pressed(struct rf_view *view, int code);
void rf_prompt_open(struct rf_view *view, enum rf_prompt_kind kind, const char *text);
void rf_page_open(struct rf_view *view, enum rf_page_kind kind);
void rf_page_close(struct rf_view *view);

/* actions.c, details.c, basket.c: what keys do beyond moving about. */
void rf_act_details(struct rf_view *view);
void rf_act_copy(struct rf_view *view);
void rf_act_command(struct rf_view *view);
void rf_act_mute(struct rf_view *view);
void rf_act_unmute(struct rf_view *view);
void rf_act_write(struct rf_view *view, const char *path);
void rf_act_editor(struct rf_view *view);
void rf_act_allow(struct rf_view *view);
void rf_act_basket(struct rf_view *view);
void rf_act_apply(struct rf_view *view, bool yes);
void rf_basket_free(struct rf_basket *basket);
/* The text of a policy from the agent; NULL, said in the status. The caller's. *first: the line of its file on which it
 * begins. */
char *rf_policy_text(struct rf_view *view, const char *name, json_int_t *first);
/* A regular file's text, 1 MiB at most; NULL with errno set. The caller's. */
char *rf_file_text(const char *path);
/* Parts "file:line"; false: it is none. */
bool rf_where(const char *where, char *file, size_t size, long *line);

/* draw.c */
void rf_draw(struct rf_view *view);
/* screen.c: ends curses for a while, runs the editor, comes back. Returns what rf_editor did. */
int rf_screen_edit(const char *path, long line);
/* Writes bytes to the terminal itself. */
void rf_screen_send(const struct rf_line *bytes);

#endif
