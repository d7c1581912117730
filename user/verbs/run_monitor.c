// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `ringfence run --monitor`: the terminal is the monitor's while the command runs, which is shown its own fence's
 * denials. What of the command's input and output is the terminal becomes nothing and a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor/options.h"
#include "verbs/run.h"
#include "verbs/screen.h"

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_output(struct run_monitor *monitor)
{
	const char *folder = getenv("TMPDIR");

	if (asprintf(&monitor->path, "%s/ringfence-run.XXXXXX", folder && *folder ? folder : "/tmp") < 0) {
		monitor->path = NULL;
		return -ENOMEM;
	}
	monitor->output = mkostemp(monitor->path, O_CLOEXEC | O_APPEND);
	return monitor->output < 0 ? -errno : 0;
}

static void draw(const struct run_monitor *monitor, const struct run_job *job) __attribute__((noreturn));
static void draw(const struct run_monitor *monitor, const struct run_job *job)
{
	dup2(monitor->pipe, STDIN_FILENO);
	sigaction(SIGCHLD, &job->old_child, NULL);
	sigaction(SIGPIPE, &job->old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &job->old_mask, NULL);
	execl("/proc/self/exe", "ringfence", "monitor", "-o", "tui", "-", (char *)NULL);
	fprintf(stderr, "ringfence: the monitor: %s\n", strerror(errno));
	_exit(RF_EXIT_USAGE);
}

int run_monitor_open(const struct rf_verb *verb, struct run_monitor *monitor)
{
	int records[2], err;

	if (!rf_screen_fits(RF_MONITOR_COLUMNS, RF_MONITOR_LINES))
		return rf_usage_error(verb, "--monitor needs a terminal of %dx%d and up on standard output",
				      RF_MONITOR_COLUMNS, RF_MONITOR_LINES);
	err = open_output(monitor);
	if (err) {
		rf_tell(NULL, "--monitor: %s: %s", monitor->path ? monitor->path : "a file", strerror(-err));
		return RF_EXIT_USAGE;
	}
	if (pipe2(records, O_CLOEXEC)) {
		rf_tell(NULL, "--monitor: %s", strerror(errno));
		return RF_EXIT_USAGE;
	}
	monitor->pipe = records[0];
	monitor->records = records[1];
	return 0;
}

int run_monitor_start(struct run_monitor *monitor, const struct run_job *job, struct rf_error *error)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		draw(monitor, job);
	if (pid < 0)
		return rf_error_set(error, errno, "--monitor: %s", strerror(errno));
	shut(&monitor->pipe);
	monitor->pid = pid;
	return 0;
}

void run_monitor_redirect(const struct run_monitor *monitor)
{
	int nothing = isatty(STDIN_FILENO) ? open("/dev/null", O_RDONLY) : -1;

	if (nothing > STDIN_FILENO) {
		dup2(nothing, STDIN_FILENO);
		close(nothing);
	}
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			dup2(monitor->output, fd);
}

void run_monitor_wait(struct run_monitor *monitor)
{
	shut(&monitor->records);
	while (monitor->pid > 0 && waitpid(monitor->pid, NULL, 0) < 0 && errno == EINTR)
		;
	monitor->pid = 0;
}

void run_monitor_look(struct run_monitor *monitor)
{
	if (monitor->pid <= 0 || waitpid(monitor->pid, NULL, WNOHANG) != monitor->pid)
		return;
	monitor->pid = 0;
	rf_tell(NULL, "the monitor was closed; the command goes on");
}

void run_monitor_stop(struct run_monitor *monitor)
{
	if (monitor->pid > 0)
		kill(monitor->pid, SIGTERM);
	run_monitor_wait(monitor);
}

void run_monitor_close(struct run_monitor *monitor)
{
	bool empty = monitor->output >= 0 && lseek(monitor->output, 0, SEEK_END) == 0;

	run_monitor_wait(monitor);
	if (monitor->output >= 0 && empty)
		unlink(monitor->path);
	else if (monitor->output >= 0)
		rf_tell(NULL, "what the command wrote is in %s", monitor->path);
	shut(&monitor->pipe);
	shut(&monitor->output);
	free(monitor->path);
}
