// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `ringfence run`: the command, as if it ran alone. It stays in our process group: what the terminal sends to its
 * foreground (Ctrl-C, Ctrl-Z, a new size) reaches it without us, and a pipeline stays one job of the shell. We
 * take no such signal for ourselves; those that somebody sends to us are passed on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verbs/run.h"

/* Not found, not executable: as a shell says it. */
#define STATUS_NOT_RUN	 126
#define STATUS_NOT_FOUND 127

/* ------------------------------------------------------------------- signals */

/* All that can be passed on: not what is meant for this process alone (faults, its children, its writes). */
static void signals_to_pass(sigset_t *set)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPIPE, SIGTTIN};

	sigfillset(set);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(set, own[i]);
}

int run_job_prepare(struct run_job *job)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};

	/* Blocked, no signal changes what we do; SIGTTOU too, so that a denial is written from the background. */
	signals_to_pass(&job->signals);
	if (sigprocmask(SIG_BLOCK, &job->signals, &job->old_mask) ||
	    /* Were it ignored, as some parents leave it, the kernel would not keep the exit status. */
	    sigaction(SIGCHLD, &standard, &job->old_child) ||
	    /* A reader of our stderr that has gone is no reason to leave the command alone. */
	    sigaction(SIGPIPE, &ignore, &job->old_pipe))
		return -errno;
	job->signal_fd = signalfd(-1, &job->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return job->signal_fd < 0 ? -errno : 0;
}

int run_job_interrupted(const struct run_job *job)
{
	static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action;
	sigset_t pending;

	if (sigpending(&pending))
		return 0;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigismember(&pending, deadly[i]) && !sigismember(&job->old_mask, deadly[i]) &&
		    sigaction(deadly[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			return deadly[i];
	return 0;
}

/* Whether a process is in the fence. */
static bool is_fenced(const struct rf_fence *fence, uint32_t pid)
{
	char path[64], text[4096], name[64];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	file = fopen(path, "re");
	len = file ? fread(text, 1, sizeof(text) - 2, file) : 0;
	if (file)
		fclose(file);
	while (len && text[len - 1] == '\n')
		len--;
	/* So that the last component of the path ends with a slash too. */
	memcpy(text + len, "/", 2);
	snprintf(name, sizeof(name), "/ringfence-%llu/", (unsigned long long)fence->id);
	return strstr(text, name);
}

/* Whether the command did not get a signal that we got. */
static bool ours_alone(const struct rf_fence *fence, const struct signalfd_siginfo *info)
{
	/* The kernel's own come from the terminal and go to the whole foreground group, except that only the
	 * session's leader is told that the terminal has gone. */
	if (info->ssi_code > 0)
		return (info->ssi_signo == SIGHUP || info->ssi_signo == SIGCONT) && getsid(0) == getpid();
	/* `kill 0` from inside has reached the command already; and nothing in there has a say over us. */
	return !is_fenced(fence, info->ssi_pid);
}

/* The command has stopped: so do we, so that the shell notices, until somebody lets us go on. */
static void stop_as_well(const struct run_job *job, int signo)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	if (signo != SIGSTOP && sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
		raise(signo);
		sigprocmask(SIG_UNBLOCK, &set, NULL); /* here it stops us */
		sigprocmask(SIG_BLOCK, &set, NULL);
		/* It may not have been delivered, or have left a second one behind. */
	} else {
		raise(SIGSTOP);
	}
	kill(job->pid, SIGCONT);
}

/* ---------------------------------------------------------------------- start */

static void child(const struct run_job *job, const struct rf_fence *fence, int report) __attribute__((noreturn));

/* Rings of io_uring: with IORING_SETUP_SQPOLL a thread outside of the fence does what is asked there. */
static void close_rings(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char target[64] = "";

		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) > 0 &&
		    !strcmp(target, "anon_inode:[io_uring]"))
			close(atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
}

/* In the fence already. */
static void child(const struct run_job *job, const struct rf_fence *fence, int report)
{
	char id[32];
	int err = 0;

	snprintf(id, sizeof(id), "%llu", (unsigned long long)fence->id);
	if (setenv("RINGFENCE_SANDBOX", id, 1))
		err = -errno;
	if (!err && job->user)
		err = run_user_become(job->user);
	if (job->monitor)
		run_monitor_redirect(job->monitor);
	for (int fd = 0; fd < 3; fd++)
		if (job->closed & 1u << fd)
			close(fd);
	sigaction(SIGCHLD, &job->old_child, NULL);
	sigaction(SIGPIPE, &job->old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &job->old_mask, NULL);
	if (!err) {
		execvp(job->argv[0], job->argv);
		err = -errno;
	}
	/* If nobody reads it, the status alone tells. */
	if (write(report, &err, sizeof(err)) != sizeof(err))
		_exit(STATUS_NOT_RUN);
	_exit(err == -ENOENT || err == -ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

int run_job_start(struct run_job *job, const struct rf_fence *fence, struct rf_error *error)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)fence->cgroup_fd};
	int report[2];
	long pid;

	if (pipe2(report, O_CLOEXEC))
		return rf_error_set(error, errno, "pipe: %s", strerror(errno));
	fflush(NULL);
	close_rings();
	/* Born in its cgroup: not one instruction of it runs outside of the fence. */
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		child(job, fence, report[1]);
	close(report[1]);
	if (pid < 0) {
		int code = errno;

		close(report[0]);
		return rf_sandbox_clone_error(fence, code, error);
	}
	job->fence = fence;
	job->pid = (pid_t)pid;
	job->exec_fd = report[0];
	return 0;
}

/* ----------------------------------------------------------------------- wait */

/* True: it has ended, with *status for our exit. `how` is WNOHANG or 0. */
static bool look_at_child(const struct run_job *job, int *status, int how)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)job->pid, &info, WEXITED | WSTOPPED | how) || !info.si_pid)
			return false;
		if (info.si_code == CLD_EXITED)
			*status = info.si_status;
		else if (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
			*status = 128 + info.si_status;
		else if (info.si_code == CLD_STOPPED) {
			stop_as_well(job, info.si_status);
			continue;
		} else {
			continue;
		}
		return true;
	}
}

static bool take_signals(const struct run_job *job, int *status)
{
	bool child_ended = false;
	struct signalfd_siginfo info;
	bool over = false;

	while (!over && read(job->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			over = look_at_child(job, status, WNOHANG), child_ended = true;
		else if (ours_alone(job->fence, &info))
			kill(job->pid, (int)info.ssi_signo);
	}
	if (child_ended && !over && job->monitor)
		run_monitor_look(job->monitor);
	return over;
}

static void tell_not_run(const struct run_job *job)
{
	int err = 0;

	if (read(job->exec_fd, &err, sizeof(err)) != sizeof(err) || !err)
		return;
	if (job->monitor)
		run_monitor_stop(job->monitor);
	fprintf(stderr, "ringfence: cannot run %s: %s\n", job->argv[0],
		err == -ENOENT && !strchr(job->argv[0], '/') ? "not found" : strerror(-err));
}

/*
 * What the loop listens to. A denial is told HOLD_MS after it came: by then the command has mostly written all of its
 * own complaint about it, which tools write in pieces, and ours does not land in the middle of its line.
 */
#define HOLD_MS 20
struct ears {
	int epoll;
	bool held;	/* denials wait */
	uint64_t until; /* for this time, ms */
	bool more;	/* not all that waited was told in one go */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int listen_to(const struct ears *ears, int operation, int fd, bool on)
{
	struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.fd = fd};

	return epoll_ctl(ears->epoll, operation, fd, &event);
}

static int open_ears(struct ears *ears, const struct run_job *job, const struct run_tell *tell)
{
	*ears = (struct ears){.epoll = epoll_create1(EPOLL_CLOEXEC)};
	return ears->epoll < 0 || listen_to(ears, EPOLL_CTL_ADD, job->signal_fd, true) ||
			       listen_to(ears, EPOLL_CTL_ADD, run_tell_fd(tell), true) ||
			       listen_to(ears, EPOLL_CTL_ADD, run_tell_timer(tell), true)
		       ? -errno
		       : 0;
}

static void hold(struct ears *ears, const struct run_tell *tell)
{
	listen_to(ears, EPOLL_CTL_MOD, run_tell_fd(tell), false);
	ears->held = true;
	ears->until = now_ms() + HOLD_MS;
}

static void tell_what_waited(struct ears *ears, struct run_tell *tell)
{
	ears->more = run_tell_some(tell);
	if (ears->more)
		return;
	listen_to(ears, EPOLL_CTL_MOD, run_tell_fd(tell), true);
	ears->held = false;
}

static int patience(const struct ears *ears)
{
	uint64_t now;

	if (!ears->held)
		return -1;
	now = now_ms();
	return ears->more || now >= ears->until ? 0 : (int)(ears->until - now);
}

int run_job_wait(struct run_job *job, struct run_tell *tell)
{
	struct ears ears;
	int status = STATUS_NOT_RUN;
	bool over = false;

	if (open_ears(&ears, job, tell)) {
		fprintf(stderr, "ringfence: denials are told late: %s\n", strerror(errno));
		while (!look_at_child(job, &status, 0))
			;
		over = true;
	}
	while (!over) {
		struct epoll_event event[4];
		int got = epoll_wait(ears.epoll, event, 4, patience(&ears));

		for (int i = 0; i < got; i++) {
			if (event[i].data.fd == job->signal_fd)
				over = take_signals(job, &status);
			else if (event[i].data.fd == run_tell_timer(tell))
				run_tell_repeats(tell);
			else if (!ears.held)
				hold(&ears, tell);
		}
		if (ears.held && patience(&ears) == 0)
			tell_what_waited(&ears, tell);
	}
	if (ears.epoll >= 0)
		close(ears.epoll);
	run_tell_all(tell);
	tell_not_run(job);
	return status;
}

void run_job_close(struct run_job *job)
{
	if (job->signal_fd >= 0)
		close(job->signal_fd);
	if (job->exec_fd >= 0)
		close(job->exec_fd);
}
