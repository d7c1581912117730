// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence run`: a command inside a fence. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "host/inside.h"
#include "policy/memory.h"
#include "verbs/run.h"
#include "verbs/values.h"

const struct rf_option rf_options_run[] = {
	{"policy", 'p', "FILE|PRESET", "a policy that must allow; may be given again: then all must"},
	{"allow", 0, "ACCESS:OBJECT",
	 "let the policies allow this too, where none of their rules denies it; may be given again"},
	{"workspace", 0, "DIR", "value of ${WORKSPACE}; the current directory by default"},
	{"wide", 0, NULL, "take the workspace even where it is a home folder, / or a folder of the system"},
	{"set", 0, "NAME=VALUE", "give a variable of the policies a value; may be given again"},
	{"user", 0, "NAME", "run the command as this user"},
	{"audit", 0, NULL, "refuse nothing; tell what would be"},
	{"events", 0, "FILE|-", "add each denial to FILE as a line of JSON; - is standard output"},
	{"monitor", 0, NULL, "show denials in the live view; what the command writes goes to a file"},
	{"denials", 0, "live|end|off",
	 "when denials are told on standard error: as they happen, but never into a full-screen program (live, the "
	 "default), when the command has ended, or not at all"},
	{"log", 0, "FILE", "add the lines about denials to FILE, each at once"},
	{"quiet", 'q', NULL, "the same as --denials=off"},
	{0},
};

struct run {
	struct run_policies policies;
	struct rf_allowed allowed;
	struct run_user user;
	struct run_job job;
	struct run_monitor monitor;
	const char *workspace, *user_name, *events, *log_name;
	bool audit, quiet, late, wide, monitored;
	int json; /* or -1 */
	int log;  /* or 0 */
	struct rf_kernel *kernel;
	struct rf_fence *fence;
	struct run_tell *tell;
};

/* The command may go on in the fence; what we know of it ends here. */
static void run_free(struct run *run)
{
	run_tell_close(run->tell);
	rf_sandbox_close(run->fence);
	rf_engine_close(run->kernel);
	run_job_close(&run->job);
	run_policies_free(&run->policies);
	free(run->allowed.spec);
	run_user_free(&run->user);
	if (run->json > STDERR_FILENO && !run->monitored)
		close(run->json);
	run_monitor_close(&run->monitor);
	if (run->log)
		close(run->log);
}

static int fail(const char *text)
{
	rf_tell(NULL, "%s", text);
	return RF_EXIT_USAGE;
}

/* Whether this is in a fence that lets none be made; then it is told what follows. */
static bool is_shut_in(void)
{
	bool shut;
	RF_AUTO_FREE char *inside = rf_inside(&shut);

	if (inside && shut)
		rf_tell(NULL,
			"this runs %s, which holds for all that is started here: leave \"ringfence run\" out, or "
			"start it outside with both policies, -p A -p B",
			inside);
	return inside && shut;
}

/* -------------------------------------------------------------------- options */

static int take_denials(const struct rf_verb *verb, struct run *run, const char *word)
{
	static const char *const words[] = {"live", "end", "off", NULL};
	const char *near = rf_nearest(word, words);

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		run->late = i == 1;
		run->quiet = i == 2;
		return 0;
	}
	return rf_usage_error(
		verb, near ? "--denials %s: did you mean \"%s\"?" : "--denials %s: it is live, end or off", word, near);
}

static int take_option(const struct rf_verb *verb, struct run *run, const struct rf_option *option, char *value)
{
	if (strcmp(option->name, "policy") == 0)
		return run_policies_add(&run->policies, value) ? 0 : RF_EXIT_USAGE;
	if (strcmp(option->name, "allow") == 0)
		return rf_allowed_add(&run->allowed, value) ? 0 : RF_EXIT_USAGE;
	if (strcmp(option->name, "set") == 0)
		return rf_values_set(verb, &run->policies.vars, value);
	if (strcmp(option->name, "denials") == 0)
		return take_denials(verb, run, value);
	if (strcmp(option->name, "workspace") == 0)
		run->workspace = value;
	else if (strcmp(option->name, "user") == 0)
		run->user_name = value;
	else if (strcmp(option->name, "events") == 0)
		run->events = value;
	else if (strcmp(option->name, "log") == 0)
		run->log_name = value;
	else if (strcmp(option->name, "audit") == 0)
		run->audit = true;
	else if (strcmp(option->name, "wide") == 0)
		run->wide = true;
	else if (strcmp(option->name, "monitor") == 0)
		run->monitored = run->quiet = true;
	else
		run->quiet = true;
	return 0;
}

static int read_options(const struct rf_verb *verb, int argc, char **argv, struct run *run)
{
	const struct rf_option *option;
	char *value = NULL;
	int next = 1, status = 0;

	while (!status && (option = rf_option_next(verb, argc, argv, &next, &value)))
		status = option == &rf_option_bad ? RF_EXIT_USAGE : take_option(verb, run, option, value);
	if (status)
		return status;
	if (!run->policies.sources)
		return rf_usage_error(verb, "no policy: give one with -p FILE or -p PRESET");
	if (next >= argc)
		return rf_usage_error(verb, "no command: give one after --");
	if (run->monitored && run->events)
		return rf_usage_error(verb, "--monitor takes what --events would; its key w writes a file");
	run->job.argv = argv + next;
	return 0;
}

static int open_file(const char *option, const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0600);

	if (fd < 0)
		rf_tell(NULL, "--%s %s: %s", option, name, strerror(errno));
	return fd;
}

static int open_files(struct run *run)
{
	if (run->events && strcmp(run->events, "-") == 0)
		run->json = STDOUT_FILENO;
	else if (run->events && (run->json = open_file("events", run->events)) < 0)
		return RF_EXIT_USAGE;
	if (run->log_name)
		run->log = open_file("log", run->log_name);
	if (run->log >= 0)
		return 0;
	run->log = 0;
	return RF_EXIT_USAGE;
}

/* ------------------------------------------------------------------- starting */

/* A descriptor that we were started without must not become something else's; the command gets it as it was. */
static unsigned fill_standard_fds(void)
{
	unsigned closed = 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) == fd)
			closed |= 1u << fd;
	return closed;
}

/* All that can be wrong before the kernel is asked for anything. */
static int prepare(const struct rf_verb *verb, struct run *run)
{
	struct rf_values_given given = {.workspace = run->workspace, .wide = run->wide};
	uid_t uid = geteuid();
	char *problem = NULL;
	int status;

	if (is_shut_in())
		return RF_EXIT_USAGE;
	if (!rf_host_ready(&problem)) {
		fail(problem ? problem : strerror(ENOMEM));
		free(problem);
		return RF_EXIT_USAGE;
	}
	if (run->user_name) {
		if (!run_user_find(&run->user, run->user_name))
			return RF_EXIT_USAGE;
		run->job.user = &run->user;
		uid = run->user.uid;
	}
	given.uid = uid;
	rf_allowed_apply(&run->allowed, &run->policies.set, &run->policies.diags);
	given.faulty = run->policies.diags.errors != 0;
	if (rf_values_fill(verb, &run->policies.set, &run->policies.vars, &given))
		return RF_EXIT_USAGE;
	if (!run_policies_compile(&run->policies))
		return RF_EXIT_USAGE;
	status = open_files(run);
	if (status || !run->monitored)
		return status;
	run->job.monitor = &run->monitor;
	status = run_monitor_open(verb, &run->monitor);
	run->json = run->monitor.records;
	return status;
}

/* Under the engine's lock: so nobody takes the engine out before the sandbox lives. */
static int make_fence(struct run *run, struct rf_error *error)
{
	struct run_tell_options options = {
		.bound = run->policies.bound,
		.job = &run->job,
		.quiet = run->quiet,
		.late = run->late,
		.log = run->log,
		.json = run->json,
	};
	int err = rf_engine_open(&run->kernel, true, error);

	if (err)
		return err;
	err = rf_engine_sweep(run->kernel, NULL);
	if (err)
		return rf_error_set(error, err, "the engine's sandboxes: %s", strerror(-err));
	err = rf_sandbox_create(run->kernel, run->policies.bound, run->policies.set.count, run->audit, &run->fence,
				error);
	if (err)
		return err;
	options.kernel = run->kernel;
	options.fence = run->fence;
	run->tell = run_tell_open(&options, error);
	return run->tell ? 0 : -ENOMEM;
}

/* --------------------------------------------------------------------- ending */

/* Tasks in the fence; those that are on their way out with the command are waited for a little. */
static size_t survivors(struct run *run)
{
	size_t left = rf_sandbox_tasks(run->fence);

	for (int tries = 0; left && tries < 5; tries++) {
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		left = rf_sandbox_tasks(run->fence);
	}
	return left;
}

/* Removes the fence, unless somebody lives in it. Returns how many do. */
static size_t take_down(struct run *run)
{
	struct rf_error error;
	int err = rf_engine_lock(run->kernel, &error);

	if (err) {
		fail(error.text);
		return 0;
	}
	err = rf_sandbox_remove(run->kernel, run->fence);
	rf_engine_unlock(run->kernel);
	return err == -EBUSY ? rf_sandbox_tasks(run->fence) : 0;
}

static int finish(struct run *run, int status)
{
	size_t left = survivors(run);
	int err;

	/* Before the fence is down: then its counters are the next one's. */
	run_tell_all(run->tell);
	err = run_tell_summary(run->tell, left == 0);
	/* Whoever closed the monitor has seen enough. */
	if (err && !run->monitored)
		fprintf(stderr, "ringfence: --events %s: %s: lines are missing\n", run->events, strerror(-err));
	left = take_down(run);
	run_monitor_wait(&run->monitor);
	if (left)
		rf_tell(NULL, "%zu process%s still run%s in the fence (cgroup %s)", left, left == 1 ? "" : "es",
			left == 1 ? "s" : "", run->fence->path);
	return status;
}

static int run_command(struct run *run)
{
	struct rf_error error = {.text = ""};
	int status, interrupted, err = run_job_prepare(&run->job);

	if (err)
		return fail(strerror(-err));
	if (make_fence(run, &error)) {
		if (run->fence)
			rf_sandbox_remove(run->kernel, run->fence);
		return fail(error.text);
	}
	interrupted = run_job_interrupted(&run->job);
	if (interrupted || (run->monitored && run_monitor_start(&run->monitor, &run->job, &error)) ||
	    run_job_start(&run->job, run->fence, &error)) {
		run_monitor_stop(&run->monitor);
		rf_sandbox_remove(run->kernel, run->fence);
		return interrupted ? 128 + interrupted : fail(error.text);
	}
	rf_engine_unlock(run->kernel);
	status = run_job_wait(&run->job, run->tell);
	return finish(run, status);
}

int rf_verb_run(const struct rf_verb *verb, int argc, char **argv)
{
	__attribute__((cleanup(run_free))) struct run run = {.json = -1,
							     .monitor = {.pipe = -1, .records = -1, .output = -1}};
	int status;

	run.job.signal_fd = run.job.exec_fd = -1;
	run.job.closed = fill_standard_fds();
	status = read_options(verb, argc, argv, &run);
	status = status ? status : prepare(verb, &run);
	return status ? status : run_command(&run);
}
