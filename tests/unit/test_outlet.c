/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines for people wait while somebody else has the screen, and go to a log at once; who has it is told from the
 * terminal. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <pty.h>
#include <utmp.h>

#include "events/outlet.h"
#include "verbs/run.h"

/* --------------------------------------------------------------------- waiting */

static bool taken;

static bool is_taken(void *context)
{
	(void)context;
	return taken;
}

static struct rf_outlet outlet;
static FILE *screen, *file;

static void setup(bool late)
{
	screen = tmpfile();
	file = tmpfile();
	assert_non_null(screen);
	assert_non_null(file);
	outlet = (struct rf_outlet){.fd = fileno(screen), .log = fileno(file), .late = late, .taken = is_taken};
	taken = false;
}

static void teardown(void)
{
	rf_outlet_free(&outlet);
	fclose(screen);
	fclose(file);
}

static void tell(const char *text)
{
	struct rf_line line = {0};

	rf_line_string(&line, text);
	rf_outlet_show(&outlet, &line);
	rf_outlet_log(&outlet, &line);
	rf_line_free(&line);
}

static void has(FILE *where, const char *want)
{
	char got[4096] = "";
	ssize_t len = pread(fileno(where), got, sizeof(got) - 1, 0);

	assert_true(len >= 0);
	assert_string_equal(got, want);
}

static void lines_wait_for_the_screen(void **state)
{
	(void)state;
	setup(false);
	tell("a\n");
	has(screen, "a\n");
	taken = true;
	tell("b\n");
	tell("c\n");
	has(screen, "a\n");
	has(file, "a\nb\nc\n");
	assert_true(rf_outlet_look(&outlet, false));
	has(screen, "a\n");
	taken = false;
	assert_false(rf_outlet_look(&outlet, false));
	has(screen, "a\nb\nc\n");
	/* In order, also where the next line comes first. */
	taken = true;
	tell("d\n");
	taken = false;
	tell("e\n");
	has(screen, "a\nb\nc\nd\ne\n");
	/* The end waits for nobody. */
	taken = true;
	tell("f\n");
	assert_false(rf_outlet_look(&outlet, true));
	has(screen, "a\nb\nc\nd\ne\nf\n");
	teardown();
}

static void late_lines_come_at_the_end(void **state)
{
	(void)state;
	setup(true);
	tell("a\n");
	assert_false(rf_outlet_look(&outlet, false));
	has(screen, "");
	has(file, "a\n");
	rf_outlet_look(&outlet, true);
	has(screen, "a\n");
	teardown();
}

static void what_waits_is_bounded(void **state)
{
	char line[1025], end[128] = "";
	off_t len;

	(void)state;
	setup(true);
	memset(line, 'x', 1023);
	strcpy(line + 1023, "\n");
	for (size_t i = 0; i < RF_OUTLET_WAITING_MAX / 1024 + 3; i++)
		tell(line);
	assert_true(outlet.waiting.len <= RF_OUTLET_WAITING_MAX);
	rf_outlet_look(&outlet, true);
	len = lseek(fileno(screen), 0, SEEK_END);
	assert_true(pread(fileno(screen), end, sizeof(end) - 1, len - 70) > 0);
	assert_non_null(strstr(end, "3 more lines waited"));
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), RF_OUTLET_WAITING_MAX + 3 * 1024);
	teardown();
}

/* -------------------------------------------------------------------- terminals */

static void set_keys(bool raw)
{
	struct termios modes;

	tcgetattr(0, &modes);
	if (raw)
		modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	else
		modes.c_lflag |= ICANON | ECHO;
	tcsetattr(0, TCSANOW, &modes);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* A child that waits for its end, in a group of its own. */
static pid_t make_job(void)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		pause();
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

/* `run` as a job of the shell that leads the session. */
static void as_a_job(pid_t shell)
{
	pid_t job, within;

	setpgid(0, 0);
	set_keys(true);
	tcsetpgrp(0, shell);
	if (run_screen_taken(0, 0))
		_exit(10); /* the shell is at its prompt */
	tcsetpgrp(0, getpgrp());
	if (!run_screen_taken(0, 0))
		_exit(11); /* a full-screen program in our own group */
	job = make_job();
	tcsetpgrp(0, job);
	if (run_screen_taken(0, job))
		_exit(12); /* the command is a shell at its prompt */
	within = make_job();
	tcsetpgrp(0, within);
	if (!run_screen_taken(0, job))
		_exit(13); /* what that shell started */
	set_keys(false);
	if (run_screen_taken(0, job))
		_exit(14);
	kill(job, SIGKILL);
	kill(within, SIGKILL);
	_exit(0);
}

static int on_a_terminal(void)
{
	pid_t pid;

	signal(SIGTTOU, SIG_IGN);
	if (run_screen_taken(0, 0))
		return 1;
	set_keys(true);
	/* We lead the session ourselves: no shell is there. */
	if (!run_screen_taken(0, 0))
		return 2;
	pid = fork();
	if (!pid)
		as_a_job(getppid());
	return wait_for(pid);
}

static void whose_the_screen_is(void **state)
{
	int master, slave, pipes[2];
	pid_t pid;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	pid = fork();
	if (!pid) {
		close(master);
		if (login_tty(slave))
			_exit(100);
		_exit(on_a_terminal());
	}
	close(slave);
	assert_int_equal(wait_for(pid), 0);
	close(master);
	/* What is no terminal is nobody's. */
	assert_int_equal(pipe(pipes), 0);
	assert_false(run_screen_taken(pipes[1], 0));
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_wait_for_the_screen),
		cmocka_unit_test(late_lines_come_at_the_end),
		cmocka_unit_test(what_waits_is_bounded),
		cmocka_unit_test(whose_the_screen_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
