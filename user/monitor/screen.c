// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The terminal and the loop: records are taken in slices, so that a key never waits for them; what changed is drawn ten
 * times a second at most, and nothing where nothing did. Whatever ends us, the terminal is as it was. */
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/editor.h"
#include "monitor/options.h"
#include "monitor/view.h"
#include "policy/memory.h"

#define FRAMES	 10   /* that are drawn in a second at most */
#define FRAME_MS 300  /* between two that no key asked for: so one is left for a key, at once */
#define SLICE_MS 20   /* of work between two looks at the keys */
#define JUDGED	 200  /* records that are judged at once */
#define TICK_MS	 1000 /* for rates and the like */

static volatile sig_atomic_t ended_by;
static int terminal = -1;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t now_real(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---------------------------------------------------------------- the terminal */

static void on_end(int signal_number)
{
	ended_by = signal_number;
}

/* A fault of ours must not leave a terminal that shows nothing that is typed. */
static void on_fault(int signal_number)
{
	endwin();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void catch_signals(void)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT},
			 faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &(struct sigaction){.sa_handler = on_end}, NULL);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &(struct sigaction){.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND}, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Records may come from standard input: keys come from the terminal itself. */
static int open_terminal(void)
{
	FILE *in, *out;

	terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (terminal < 0)
		return -errno;
	in = fdopen(dup(terminal), "r");
	out = fdopen(dup(terminal), "w");
	setlocale(LC_ALL, "");
	if (!in || !out || !newterm(NULL, out, in))
		return -EINVAL;
	catch_signals();
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* Wheel and click; without waiting for a second one. */
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	return 0;
}

static bool set_colours(void)
{
	const char *off = getenv("NO_COLOR");

	if ((off && off[0]) || !has_colors() || start_color() == ERR)
		return false;
	use_default_colors();
	init_pair(1, COLORS >= 256 ? 203 : COLOR_RED, -1);
	init_pair(2, COLORS >= 256 ? 214 : COLOR_YELLOW, -1);
	init_pair(3, COLORS >= 256 ? 78 : COLOR_GREEN, -1);
	return true;
}

int rf_screen_edit(const char *path, long line)
{
	int err;

	def_prog_mode();
	endwin();
	err = rf_editor(path, line);
	reset_prog_mode();
	clearok(curscr, TRUE);
	refresh();
	return err;
}

void rf_screen_send(const struct rf_line *bytes)
{
	rf_line_write(bytes, terminal);
}

/* ---------------------------------------------------------------- what comes */

static void on_record(void *context, const char *text, size_t len)
{
	struct rf_view *view = context;

	if (rf_model_add(view->model, text, len, view->path ? 0 : now_real()) == -EINVAL)
		rf_view_status(view, true, "a line is no record of JSON, and is passed over");
	view->dirty = view->stale = true;
}

static void take_state(struct rf_view *view, const json_t *news)
{
	const char *state = json_string_value(json_object_get(news, "state"));
	const char *message = json_string_value(json_object_get(news, "message"));

	if (!state)
		return;
	snprintf(view->host.state, sizeof(view->host.state), "%s", state);
	if (message && *message)
		rf_view_status(view, true, "%s", message);
	else if (view->problem)
		rf_view_status(view, false, "%s", "");
}

static void on_agent(void *context, const json_t *news)
{
	struct rf_view *view = context;
	struct rf_host *host = &view->host;
	json_t *policies = json_object_get(news, "policies");

	take_state(view, news);
	view->dirty = true;
	if (!policies)
		return;
	json_decref(host->policies);
	host->policies = json_incref(policies);
}

/* ---------------------------------------------------------------- the loop */

/* True: there were some. */
static bool take_keys(struct rf_view *view)
{
	bool any = false;
	int code;

	while (!view->quit && (code = getch()) != ERR) {
		rf_key_pressed(view, code);
		any = true;
	}
	return any;
}

/* When the next frame may be drawn. */
struct pace {
	int64_t drawn[FRAMES]; /* the last ones; the oldest at `next` */
	size_t next;
	int64_t last;
	bool key; /* one waits for it */
};

static int64_t next_frame(const struct pace *pace)
{
	int64_t second = pace->drawn[pace->next] + 1000, soon = pace->last + (pace->key ? 0 : FRAME_MS);

	return second > soon ? second : soon;
}

static void draw_frame(struct rf_view *view, struct pace *pace, int64_t now)
{
	pace->drawn[pace->next] = pace->last = now;
	pace->next = (pace->next + 1) % FRAMES;
	pace->key = view->dirty = false;
	rf_draw(view);
}

/* Takes in and judges for a while. True: there is more to do at once. */
static bool work(struct rf_view *view, struct rf_source *source)
{
	const struct rf_source_taker taker = {on_record, on_agent, view};
	int64_t until = now_ms() + SLICE_MS;
	bool judging, some;
	int got = 0;

	do {
		judging = view->model->judged > view->model->first;
		if (judging) {
			judging = rf_model_judge(view->model, JUDGED);
			view->dirty = view->stale = true;
		}
		got = view->ended ? 0 : rf_source_read(source, &taker);
		if (got < 0) {
			view->ended = view->dirty = true;
			if (got != -ENODATA)
				rf_view_status(view, true, "reading ended: %s", strerror(-got));
		}
		some = got > 0 || judging;
	} while (some && now_ms() < until);
	return some;
}

static void wait_for(const struct rf_source *source, const struct rf_view *view, int timeout)
{
	struct pollfd ready[RF_SOURCE_FDS + 1];
	int fd[RF_SOURCE_FDS];

	rf_source_fds(source, fd);
	for (int i = 0; i < RF_SOURCE_FDS; i++)
		ready[i] = (struct pollfd){.fd = view->ended ? -1 : fd[i], .events = POLLIN};
	ready[RF_SOURCE_FDS] = (struct pollfd){.fd = terminal, .events = POLLIN};
	/* The terminal is gone. */
	if (poll(ready, RF_SOURCE_FDS + 1, timeout) > 0 && ready[RF_SOURCE_FDS].revents & (POLLHUP | POLLERR))
		ended_by = SIGHUP;
}

static void loop(struct rf_view *view, struct rf_source *source)
{
	struct pace pace = {.drawn = {0}};
	int64_t ticked = 0, now;
	bool more;

	while (!view->quit && !ended_by) {
		uint64_t rate = rf_model_minute(view->model);

		pace.key |= take_keys(view);
		if (view->quit)
			break;
		more = work(view, source);
		now = now_ms();
		if (!view->path && now - ticked >= TICK_MS) {
			rf_model_tick(view->model, now_real());
			/* The sparkline moves while it has anything. */
			view->dirty |= rate != 0;
			ticked = now;
		}
		if (view->dirty && now >= next_frame(&pace))
			draw_frame(view, &pace, now);
		if (!more)
			wait_for(source, view,
				 view->dirty  ? (int)(next_frame(&pace) - now)
				 : view->path ? -1
					      : TICK_MS);
	}
}

static void print_keys(void)
{
	for (const struct rf_key *key = rf_keys; key->name; key++)
		printf("%s\t%s\n", key->name, key->help);
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "ringfence monitor: %s: %s\n", what, strerror(error));
	return RF_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct rf_view view = {.follow = true, .dirty = true, .stale = true, .host.state = "connecting"};
	struct rf_filter *filter = NULL;
	struct rf_source *source;
	char *problem = NULL;
	int err;

	if (argc == 2 && !strcmp(argv[1], "--keys")) {
		print_keys();
		return 0;
	}
	if (argc != RF_MONITOR_ARGS || strlen(argv[3]) >= sizeof(view.filter)) {
		fprintf(stderr, "this belongs to ringfence monitor: start that\n");
		return RF_EXIT_USAGE;
	}
	view.path = strcmp(argv[1], "file") ? NULL : argv[2];
	view.model = rf_model_new();
	if (!view.model)
		return fail("memory", ENOMEM);
	if (rf_filter_parse(argv[3], &filter, &problem))
		return fail(problem ? problem : "filter", EINVAL);
	strcpy(view.filter, argv[3]);
	rf_model_filter(view.model, filter);
	if (argv[4][0] && rf_grouping_find(argv[4]) >= 0) {
		view.grouped = true;
		rf_model_group(view.model, (enum rf_grouping)rf_grouping_find(argv[4]));
	}
	source = view.path ? rf_source_file(view.path) : rf_source_agent(true);
	if (!source)
		return fail(view.path ? view.path : "agent", errno);
	err = open_terminal();
	if (err)
		return fail("terminal", -err);
	view.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	view.colour = set_colours();
	loop(&view, source);
	endwin();
	rf_source_close(source);
	if (view.problem && view.status.len)
		fprintf(stderr, "ringfence monitor: %.*s\n", (int)view.status.len, view.status.text);
	rf_view_free(&view);
	if (ended_by) {
		signal((int)ended_by, SIG_DFL);
		raise((int)ended_by);
	}
	return 0;
}
