// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Launchers: what the service manager forks into a fenced cgroup is its own code until it executes the unit's program.
 * This program plays the manager.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

#define SECRET	 "/tmp/launcher-secret"
#define PROGRAM	 "/tmp/launcher-program"
#define EXECUTOR "/tmp/systemd-executor"
#define OTHER	 "/tmp/other-executor"

/* What a program of ours exits with: this, and what came of the secret. */
#define RAN	 100
#define EXECUTED 200

static struct fence fence;

static int reads_secret(void)
{
	int fd = open(SECRET, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Whether the fence's cgroup can be told who is in it: what a launcher does with its own number. */
static int enters(void)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", fence.fence->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	return write(fd, "0", 1) == 1 ? 0 : errno;
}

/* As systemd does before it executes: cgroup, namespaces, a user. */
static int makes_ready(void *arg)
{
	(void)arg;
	if (enters() || reads_secret() || unshare(CLONE_NEWNS))
		return errno;
	return 0;
}

static int executes(void *arg)
{
	int err = makes_ready(NULL);

	if (err)
		return err;
	execl(arg, arg, "--read", NULL);
	return errno;
}

/* A helper goes on after the launcher it belongs to has executed its program: then it is fenced as that is. */
static int leaves_helper(void *arg)
{
	int pipes[2], status;
	char c;

	(void)arg;
	if (pipe2(pipes, O_CLOEXEC))
		return 250;
	if (!fork()) {
		int before = reads_secret();

		close(pipes[1]);
		if (read(pipes[0], &c, 1)) /* ends when the launcher executes */
			_exit(251);
		/* Descriptors are closed before the new program counts as run. */
		for (int i = 0; i < 100 && !reads_secret(); i++)
			usleep(10000);
		_exit(!before && reads_secret() == EACCES ? 0 : 252);
	}
	status = makes_ready(NULL);
	if (status)
		return status;
	execl(PROGRAM, PROGRAM, "--wait", NULL);
	return errno;
}

static int waits(void *arg)
{
	int *pipes = arg;
	char c = 'r';

	if (write(pipes[1], &c, 1) != 1)
		return 250;
	pause();
	return 0;
}

/* From inside of the fence, by somebody who has been there before: each act on a launcher is one on a stranger. */
static int acts_on(void *arg)
{
	pid_t pid = *(pid_t *)arg;
	char path[64];
	int fd;

	if (!kill(pid, SIGKILL) || errno != EPERM)
		return 1;
	if (!ptrace(PTRACE_ATTACH, pid, 0, 0) || errno != EPERM)
		return 2;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return 3;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 ? 4 : 0;
}

static void outside(void)
{
	int pipes[2], status;
	pid_t launcher;
	char c;

	if (pipe2(pipes, O_CLOEXEC))
		die("a pipe");
	engine_manager(getpid());
	launcher = fence_start(&fence, -1, waits, pipes);
	engine_manager(RF_MANAGER);
	if (read(pipes[0], &c, 1) != 1)
		die("a launcher");
	status = fence_run(&fence, acts_on, &launcher);
	report(!status, "launcher/outside", "%d", status);
	kill(launcher, SIGKILL);
	waitpid(launcher, NULL, 0);
	report(!engine_launchers(), "launcher/ends", "%u are left in the book", engine_launchers());
	close(pipes[0]);
	close(pipes[1]);
}

static int runs(fence_act *act, void *arg)
{
	int status;

	engine_manager(getpid());
	status = fence_run(&fence, act, arg);
	engine_manager(RF_MANAGER);
	return status;
}

/* posix_spawn(3), which shares memory until the program is executed, into the fence. */
static int spawns(const char *executor)
{
	int status;
	pid_t pid;

	engine_manager(getpid());
	pid = vfork();
	if (!pid) {
		if (!enters())
			execl(executor, executor, "--executor", NULL);
		_exit(errno ? errno : 250);
	}
	engine_manager(RF_MANAGER);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static int reads_as_before(void *arg)
{
	(void)arg;
	return reads_secret();
}

static void copy_self(const char *to)
{
	char command[128];

	snprintf(command, sizeof(command), "cp /proc/%d/exe %s && chmod 755 %s", getpid(), to, to);
	if (system(command)) /* NOLINT */
		die("a copy of this program");
}

static void cases(void)
{
	int got;

	got = fence_run(&fence, reads_as_before, NULL);
	report(got == EACCES, "launcher/others", "%d", got);
	got = runs(makes_ready, NULL);
	report(!got, "launcher/free", "%s", strerror(got));
	got = runs(executes, PROGRAM);
	report(got == RAN + EACCES, "launcher/program", "%d", got);
	fence_clear(&fence);
	got = runs(executes, "/usr/bin/id");
	report(got == EACCES && fence.events == 1 && !strcmp(fence.event[0].object, "/usr/bin/id"), "launcher/judged",
	       "%d, %zu told", got, fence.events);
	got = runs(leaves_helper, NULL);
	report(!got, "launcher/helper", "%d", got);
	got = spawns(EXECUTOR);
	report(got == RAN + EACCES, "launcher/executor", "%d", got);
	got = spawns(OTHER);
	report(got == EXECUTED + EACCES, "launcher/executor-by-name", "%d", got);
	got = runs(executes, EXECUTOR);
	report(got == RAN + EACCES, "launcher/executor-forked", "%d", got);
	outside();
}

/* As the executor of systemd: what it does before it executes the program is not fenced. */
static int as_executor(void)
{
	int err = reads_secret();

	if (err)
		return EXECUTED + err;
	execl(PROGRAM, PROGRAM, "--read", NULL);
	return 250;
}

/* The program of a unit whose helper is still there. */
static int as_waiter(void)
{
	int status;

	return wait(&status) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 253;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--read"))
		return RAN + reads_secret();
	if (argc > 1 && !strcmp(argv[1], "--executor"))
		return as_executor();
	if (argc > 1 && !strcmp(argv[1], "--wait"))
		return as_waiter();
	make_file(SECRET, "secret\n");
	copy_self(PROGRAM);
	copy_self(EXECUTOR);
	copy_self(OTHER);
	fence_make(&fence,
		   "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: launcher }\nspec:\n  files:\n"
		   "    - { allow: [read, write, exec], paths: [\"/**\"] }\n    - { deny: read, paths: [\"" SECRET
		   "\"] }\n"
		   "    - { deny: exec, paths: [\"/usr/bin/id\"] }\n",
		   false);
	cases();
	fence_end(&fence);
	report(!engine_launchers(), "launcher/book", "%u are left", engine_launchers());
	return report_end();
}
