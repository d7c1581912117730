// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes every system call in a fence, as root and as an ordinary user, by both ways that the machine has, with
 * arguments that name what the policy denies; then looks whether anything outside was touched, and whether the secret
 * came out. The same unfenced, for some calls, must be seen: else the oracle proves nothing. "--seed N" draws anew,
 * "--seconds N" goes on for so long, "--only table" checks the tables alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sweep/sweep.h"
#include "vm/lib/report.h"

struct stage stage;
struct fence fence;

enum {
	DRAWS = 16,
	DRAWS_IOCTL = 300,
	DRAWS_OWN = 2,
	DRAWS_UNFENCED = 400,
	LEAKED = 77,
	BLOCKED_MS = 20,
	LAST = 480,
	TRIAL_MS = 1500
};

/* Shared with all processes. */
static struct {
	uint64_t made, refused;
	unsigned wrong;
	char what[160];
} * seen;

struct trial {
	const struct call *call;
	enum abi abi;
	uint64_t seed;
	int draws;
};

/* ---------------------------------------------------------------------- a trial */

static void interrupted(int signal)
{
	(void)signal;
}

/* Whoever blocks goes on. */
static void interrupt_often(void)
{
	struct sigaction action = {.sa_handler = interrupted};
	struct itimerval often = {{0, BLOCKED_MS * 1000}, {0, BLOCKED_MS * 1000}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static int become(uid_t uid)
{
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		return errno;
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static int act(void *arg)
{
	const struct trial *trial = arg;
	uint64_t seed = trial->seed;
	int error;
	pid_t self;

	error = become(stage.uid);
	error = error ? error : pool_make();
	if (error)
		return error;
	self = getpid();
	for (int i = 0; i < trial->draws; i++) {
		long args[ARGS], result;

		pool_draw(trial->call, &seed, args);
		interrupt_often();
		result = raw_call(trial->abi, trial->call->number[trial->abi == ABI_32], args);
		if (getpid() != self)
			_exit(0);
		__atomic_fetch_add(&seen->made, 1, __ATOMIC_RELAXED);
		if (result == -EACCES || result == -EPERM)
			__atomic_fetch_add(&seen->refused, 1, __ATOMIC_RELAXED);
		if (pool_leaked(result))
			_exit(LEAKED);
	}
	return 0;
}

static bool host_is_the_same(void)
{
	static struct utsname name;
	static time_t ahead;
	struct timespec wall, boot;
	struct utsname now;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	if (uname(&now))
		return false;
	if (!name.nodename[0]) {
		name = now;
		ahead = wall.tv_sec - boot.tv_sec;
	}
	return !strcmp(name.nodename, now.nodename) && !strcmp(name.domainname, now.domainname) &&
	       labs(wall.tv_sec - boot.tv_sec - ahead) < 5;
}

/* ------------------------------------------------------------------- its time limit */

static struct {
	pid_t pid; /* 0: none */
	double since;
} running;

/* A trial that has stopped itself, or blocked its signals, is ended. */
static void *watch(void *arg)
{
	(void)arg;
	for (;;) {
		pid_t pid = __atomic_load_n(&running.pid, __ATOMIC_ACQUIRE);

		if (pid && now() - running.since > TRIAL_MS / 1e3)
			kill(pid, SIGKILL);
		usleep(50000);
	}
	return NULL;
}

static int run_trial(const struct trial *trial)
{
	void *arg = (void *)(uintptr_t)trial;
	int status = 0;
	pid_t pid;

	running.since = now();
	if (stage.fenced) {
		fence_clear(&fence);
		pid = fence_start(&fence, -1, act, arg);
	} else {
		pid = fork();
		if (!pid)
			_exit(act(arg));
	}
	if (pid < 0)
		die("a trial");
	__atomic_store_n(&running.pid, pid, __ATOMIC_RELEASE);
	if (stage.fenced)
		status = fence_wait(&fence, pid);
	else if (waitpid(pid, &status, 0) == pid)
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
	__atomic_store_n(&running.pid, 0, __ATOMIC_RELEASE);
	return status;
}

/* Returns what was wrong, or NULL. */
static const char *attempt_calls(const struct trial *trial)
{
	int status = run_trial(trial);

	if (status == LEAKED)
		return "the secret came out";
	if (!world_intact())
		return "something outside was touched";
	return host_is_the_same() ? NULL : "the host's name or clock was changed";
}

/* ---------------------------------------------------------------------- stages */

static const char *const abis[ABIS] = {[ABI_64] = "x86-64", [ABI_32] = "i386", [ABI_X32] = "x32"};

static void note_wrong(const struct trial *trial, const char *why)
{
	if (!seen->wrong++)
		snprintf(seen->what, sizeof(seen->what), "%s (%s, seed %llu): %s", trial->call->name, abis[trial->abi],
			 (unsigned long long)trial->seed, why);
	report_note("%s (%s, %s, seed %llu): %s", trial->call->name, abis[trial->abi], stage.uid ? "user" : "root",
		    (unsigned long long)trial->seed, why);
}

static void enter_stage(uid_t uid, bool fenced)
{
	pthread_t watcher;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("namespaces of a stage");
	for (size_t i = 0; i < COUNT(stage.fd); i++)
		stage.fd[i] = -1;
	stage.uid = uid;
	stage.fenced = fenced;
	world_make();
	world_note();
	if (pthread_create(&watcher, NULL, watch, NULL))
		die("a thread");
}

static void wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a stage");
	if (status) {
		seen->wrong++;
		snprintf(seen->what, sizeof(seen->what), "the stage ended with status 0x%x", status);
	}
}

/* Numbers that nobody has must do nothing, those of the third way neither. */
static void sweep_numbers(uint64_t seed)
{
	static struct call nobody = {.name = "a number without a call", .args = "xxxxxx"};
	struct trial trial = {.call = &nobody, .seed = seed, .draws = 1};
	const char *why;

	for (int n = 0; n < LAST; n++) {
		bool there = false;

		for (size_t i = 0; i < calls_count; i++)
			there |= calls[i].number[ABI_64] == n;
		nobody.number[0] = n;
		trial.abi = there ? ABI_X32 : ABI_64;
		why = attempt_calls(&trial);
		if (why)
			note_wrong(&trial, why);
	}
}

static void sweep_calls(enum abi abi, uint64_t seed)
{
	for (size_t i = 0; i < calls_count; i++) {
		struct trial trial = {.call = &calls[i], .abi = abi, .seed = seed + i * 2 + 1};
		const char *why;

		trial.draws = calls[i].class < CLASS_OPENED ? DRAWS : DRAWS_OWN;
		if (strchr(calls[i].args, 'I'))
			trial.draws = DRAWS_IOCTL;
		if (calls[i].class == CLASS_ENDS || calls[i].number[abi] < 0)
			continue;
		why = attempt_calls(&trial);
		if (!why)
			continue;
		note_wrong(&trial, why);
		/* What was touched stays so: the rest needs another world. */
		return;
	}
}

/* Whether int 0x80 is there. */
static int by_interrupt(void *arg)
{
	const long none[ARGS] = {0};

	(void)arg;
	return raw_call(ABI_32, 20 /* getpid */, none) == getpid() ? 0 : 1;
}

static bool has_32(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(by_interrupt(NULL));
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Not by cgroup.kill: on Debian's 6.1 whoever is born into the cgroup from outside afterwards is killed too. */
static void kill_left_over(void)
{
	for (int tries = 0; tries < 100; tries++) {
		int fd = openat(fence.fence->cgroup_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC), pid;
		FILE *list = fd < 0 ? NULL : fdopen(fd, "r");
		size_t found = 0;

		if (!list)
			die("cgroup.procs");
		for (; fscanf(list, "%d", &pid) == 1; found++)
			kill(pid, SIGKILL);
		fclose(list);
		if (!found)
			return;
		usleep(10000);
	}
	report_note("what the calls started could not be ended");
}

static void sweep(enum abi abi, uid_t uid, uint64_t seed)
{
	char name[64];
	uint64_t made = seen->made, refused = seen->refused;
	unsigned wrong = seen->wrong;
	pid_t pid;

	snprintf(name, sizeof(name), "sweep/%s/%s", abis[abi], uid ? "user" : "root");
	if (abi == ABI_32 && !has_32()) {
		report_skip(name, "this kernel has no int 0x80");
		return;
	}
	fflush(NULL);
	pid = fork();
	if (!pid) {
		enter_stage(uid, true);
		if (abi == ABI_X32)
			sweep_numbers(seed);
		else
			sweep_calls(abi, seed);
		fflush(NULL);
		_exit(0);
	}
	wait_for(pid);
	kill_left_over();
	fence_clear(&fence);
	made = seen->made - made;
	refused = seen->refused - refused;
	report(seen->wrong == wrong && made > 100 && (abi == ABI_X32 || refused > 100), name,
	       "%s; %llu calls, %llu refused", seen->what, (unsigned long long)made, (unsigned long long)refused);
	report_note("%llu calls, %llu refused, seed %llu", (unsigned long long)made, (unsigned long long)refused,
		    (unsigned long long)seed);
}

/* --------------------------------------------------------------------- the oracle */

static const struct call *call_named(const char *name)
{
	for (size_t i = 0; i < calls_count; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	die("no call %s", name);
}

static void must_be_seen(const char *name)
{
	struct trial trial = {.call = call_named(name), .abi = ABI_64, .seed = 1, .draws = DRAWS_UNFENCED};
	char test[64];
	int status;
	pid_t pid;

	snprintf(test, sizeof(test), "oracle/%s", name);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		enter_stage(0, false);
		_exit(attempt_calls(&trial) ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a stage");
	report(WIFEXITED(status) && !WEXITSTATUS(status), test, "unfenced, nothing was seen");
}

int main(int argc, char **argv)
{
	static const char *const visible[] = {"open",  "openat",  "unlink", "rename",	       "truncate",
					      "chmod", "connect", "sendto", "process_vm_readv"};
	struct options options;
	double start = now();

	options_read(&options, argc, argv);
	seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		die("memory");
	engine();
	host_is_the_same();
	world_found();
	table_check();
	opcodes_check();
	options_check();
	for (size_t i = 0; i < COUNT(visible); i++)
		if (options_want(&options, "oracle"))
			must_be_seen(visible[i]);
	fence_make(&fence, world_policy, false);
	do {
		if (!options_want(&options, "sweep"))
			break;
		for (enum abi abi = ABI_64; abi < ABIS; abi++) {
			sweep(abi, 0, options.seed);
			sweep(abi, USER_ID, options.seed);
		}
		options.seed += 1000003;
	} while (now() - start < options.seconds);
	fence_end(&fence);
	rf_engine_close(engine());
	report_note("%.1f s", now() - start);
	return report_end();
}
