// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "verbs/screen.h"

/* The other page, no cursor, no line goes on in the next row; and back. */
#define TAKE "\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
#define GIVE "\033[?7h\033[?25h\033[?1049l"

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

static struct {
	struct sigaction action[CAUGHT];
	struct termios keys;
	sigset_t mask; /* outside of ppoll; these signals come within it alone */
	bool has_keys;
} before;
static volatile sig_atomic_t ended_by, stopped, changed;

static void on_signal(int number)
{
	if (number == SIGTSTP)
		stopped = 1;
	else if (number == SIGWINCH || number == SIGCONT)
		changed = 1;
	else
		ended_by = number;
}

bool rf_screen_can(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

bool rf_screen_fits(unsigned columns, unsigned lines)
{
	struct winsize size = {0};

	return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row >= lines &&
	       size.ws_col >= columns;
}

static int write_text(const char *text)
{
	const struct rf_line line = {.text = (char *)(uintptr_t)text, .len = strlen(text)};

	return rf_line_write(&line, STDOUT_FILENO);
}

static struct winsize size_of_screen(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	return size;
}

unsigned rf_screen_width(void)
{
	return size_of_screen().ws_col;
}

static int take(void)
{
	struct termios keys = before.keys;

	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	if (before.has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
	return write_text(TAKE);
}

static void give(void)
{
	write_text(GIVE);
	if (before.has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before.keys);
}

int rf_screen_open(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t mask;

	ended_by = stopped = changed = 0;
	before.has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before.keys) == 0;
	sigemptyset(&mask);
	for (size_t i = 0; i < CAUGHT; i++) {
		sigaction(caught[i], &action, &before.action[i]);
		sigaddset(&mask, caught[i]);
	}
	sigprocmask(SIG_BLOCK, &mask, &before.mask);
	return take();
}

int rf_screen_draw(const struct rf_line *text)
{
	const unsigned rows = size_of_screen().ws_row;
	struct rf_line frame = {0};
	size_t at = 0;
	int err;

	rf_line_string(&frame, "\033[H");
	for (unsigned row = 0; row < rows && at < text->len; row++) {
		const char *end = memchr(text->text + at, '\n', text->len - at);
		size_t len = end ? (size_t)(end - (text->text + at)) : text->len - at;

		rf_line_string(&frame, row ? "\r\n" : "");
		rf_line_bytes(&frame, text->text + at, len);
		rf_line_string(&frame, "\033[K");
		at += len + 1;
	}
	rf_line_string(&frame, "\033[J");
	err = text->failed ? -ENOMEM : rf_line_write(&frame, STDOUT_FILENO);
	rf_line_free(&frame);
	return err;
}

/* As a program that catches nothing: the shell sees it stopped. */
static void stop_until_continued(void)
{
	sigset_t mask;

	give();
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &mask, NULL); /* stops here */
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigaction(SIGTSTP, &(struct sigaction){.sa_handler = on_signal}, NULL);
	stopped = 0;
	take();
}

int rf_screen_wait(unsigned milliseconds)
{
	const struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
	struct pollfd keys = {.fd = before.has_keys ? STDIN_FILENO : -1, .events = POLLIN};
	int got = ppoll(&keys, 1, &time, &before.mask);
	unsigned char key;

	if (ended_by)
		return -2;
	if (stopped) {
		stop_until_continued();
		return -1;
	}
	if (changed) {
		changed = 0;
		return -1;
	}
	if (got <= 0)
		return got && errno != EINTR ? -2 : 0;
	/* A terminal that is gone is always readable, and has no key. */
	return read(STDIN_FILENO, &key, 1) == 1 ? key : -2;
}

void rf_screen_close(void)
{
	give();
	for (size_t i = 0; i < CAUGHT; i++)
		sigaction(caught[i], &before.action[i], NULL);
	if (ended_by)
		raise(ended_by);
	sigprocmask(SIG_SETMASK, &before.mask, NULL);
}
