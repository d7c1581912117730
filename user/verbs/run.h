/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of `ringfence run`. */
#ifndef RINGFENCE_RUN_H
#define RINGFENCE_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "engine/engine.h"
#include "events/events.h"
#include "policy/policy.h"
#include "verbs/verbs.h"

/* ---- run_policies.c: from the words after -p to what the engine takes */

struct run_source {
	char *path; /* as messages call it */
	char *text;
	size_t len;
	size_t first, count; /* its policies */
};

struct run_policies {
	struct rf_policies set;
	struct rf_vars vars;
	struct rf_diags diags, warnings;
	struct run_source *source;
	size_t sources;
	struct rf_compiled *compiled;
	struct rf_bound *bound; /* one for each policy of the set */
};

/* Reads a file or preset. What is wrong with its text is left in `diags`; another error is told, and makes it false. */
bool run_policies_add(struct run_policies *policies, const char *word);
/* Binds and compiles them all, with the values in `vars`. Tells what is wrong; false: something is. */
bool run_policies_compile(struct run_policies *policies);
void run_policies_free(struct run_policies *policies);

/* ---- run_user.c: --user */

struct run_user {
	char *name, *home, *shell;
	uid_t uid;
	gid_t gid;
	gid_t *group;
	int groups;
};

/* Finds a user and the groups; tells and gives false where there is none. */
bool run_user_find(struct run_user *user, const char *name);
/* Becomes that user, for good. Returns 0 or -errno. In the child: nothing here reads a file. */
int run_user_become(const struct run_user *user);
void run_user_free(struct run_user *user);

/* ---- run_tell.c: from the ring buffer to the screen */

struct run_tell;
struct run_job;

struct run_tell_options {
	struct rf_kernel *kernel;
	const struct rf_fence *fence;
	const struct rf_bound *bound;
	const struct run_job *job;
	bool quiet, late;
	int log;  /* or 0 */
	int json; /* or -1 */
};
/* NULL with the reason in `error`. */
struct run_tell *run_tell_open(const struct run_tell_options *options, struct rf_error *error);
void run_tell_close(struct run_tell *tell);
/* An fd that can be read when there is something to tell. */
int run_tell_fd(const struct run_tell *tell);
/* An fd that can be read when repeats are due. */
int run_tell_timer(const struct run_tell *tell);
/* Tells what waits, at most some hundred events. True: there is more. */
bool run_tell_some(struct run_tell *tell);
/* Tells repeats, and what waited for a screen; call when the timer's fd can be read. */
void run_tell_repeats(struct run_tell *tell);
/* Tells all that had happened when it was called. */
void run_tell_all(struct run_tell *tell);
/* The account at the end. `alone`: nothing runs in the fence any more, so the counts must agree. */
int run_tell_summary(struct run_tell *tell, bool alone);

/* ---- run_monitor.c: --monitor */

struct run_job;
struct run_monitor {
	pid_t pid;   /* of what draws; 0: there is none */
	int pipe;    /* what it reads, until it is started, or -1 */
	int records; /* the other end, or -1 */
	int output;  /* what the command writes, or -1 */
	char *path;  /* the same */
};

/* All that it needs. Tells what is wrong; returns the exit status then. */
int run_monitor_open(const struct rf_verb *verb, struct run_monitor *monitor);
/* Starts what draws, with the signals that the job was started with. */
int run_monitor_start(struct run_monitor *monitor, const struct run_job *job, struct rf_error *error);
/* In the child: leaves the terminal to it. */
void run_monitor_redirect(const struct run_monitor *monitor);
/* Says so where it was closed while the command goes on. */
void run_monitor_look(struct run_monitor *monitor);
/* Ends it, where something is to be said on the terminal. */
void run_monitor_stop(struct run_monitor *monitor);
/* Waits until it is closed: it is told that nothing more comes, and stays until somebody has seen it. */
void run_monitor_wait(struct run_monitor *monitor);
/* The same; and tells where the command's output is. */
void run_monitor_close(struct run_monitor *monitor);

/* ---- run_screen.c: whose the screen is */

/* Whether a program has the terminal for itself and draws on it: full screens, of which a shell's prompt is none. `job`
 * is the command's process, or 0. */
bool run_screen_taken(int fd, pid_t job);

/* ---- run_job.c: the command */

struct run_job {
	char **argv;
	const struct run_user *user; /* NULL: whoever we are */
	struct run_monitor *monitor; /* that has the terminal, or NULL */
	unsigned closed;	     /* bits of 0, 1 and 2 that we were started without */
	const struct rf_fence *fence;
	pid_t pid;
	sigset_t signals, old_mask; /* that we take care of; that we were started with */
	struct sigaction old_child, old_pipe;
	int signal_fd, exec_fd;
};

/* From here on signals wait for the job. Returns 0 or -errno. */
int run_job_prepare(struct run_job *job);
/* A signal that would have ended us meanwhile, or 0. */
int run_job_interrupted(const struct run_job *job);
/* Starts the command in the fence. */
int run_job_start(struct run_job *job, const struct rf_fence *fence, struct rf_error *error);
/* Waits for its end; meanwhile passes signals on and tells denials. Returns the exit status. */
int run_job_wait(struct run_job *job, struct run_tell *tell);
void run_job_close(struct run_job *job);

#endif
