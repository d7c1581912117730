// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Swaps a policy's generations while fenced tasks open files: swap [SWAPS]
 *
 *   $PWD/both      both policies allow it: an open must never fail
 *   $PWD/neither   neither does: an open must always be refused
 *   $PWD/first     only the first does: each open is one or the other, and both come
 *
 * Prints "ok NAME" or "not ok NAME".
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"

#define TASKS 2

static const char *const names[] = {"both", "neither", "first"};
enum probe { BOTH, NEITHER, FIRST, PROBES };

/* Shared with the tasks in the fence. */
static struct tally {
	unsigned long allowed, denied, other;
} (*tallies)[PROBES];

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(2);
}

static int failures, results;

static void result(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "not ok", name);
	failures += !good;
	results++;
}

/* ------------------------------------------------------------------ policies */

static void load(struct rf_policies *set, const char *name, bool first)
{
	struct rf_diags diags = {.diag = NULL};
	struct rf_vars vars = {.pair = NULL};
	char text[2048];
	int len = snprintf(text, sizeof(text),
			   "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: %s }\nspec:\n  files:\n"
			   "    - { allow: [read, write, exec], paths: [\"/**\"] }\n"
			   "    - { deny: [read], paths: [\"${WORKSPACE}/neither\"%s] }\n",
			   name, first ? "" : ", \"${WORKSPACE}/first\"");

	if (rf_policies_parse(set, name, text, (size_t)len, &diags) || rf_vars_defaults(&vars, 0, NULL) ||
	    rf_policy_bind(&set->policy[0], &vars, true, &diags)) {
		rf_diags_print(&diags, stderr);
		die(name, "no policy");
	}
	rf_vars_free(&vars);
	rf_diags_free(&diags);
}

static void compile(const struct rf_policies *set, struct rf_compiled *compiled)
{
	struct rf_diags diags = {.diag = NULL};

	if (rf_compile(&set->policy[0], 0, compiled, &diags))
		die("compile", "failed");
	rf_diags_free(&diags);
}

/* --------------------------------------------------------------------- tasks */

static void probe_for_ever(struct tally *tally) __attribute__((noreturn));

/* Until it is killed, or its parent is. */
static void probe_for_ever(struct tally *tally)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		for (int i = 0; i < PROBES; i++) {
			int fd = open(names[i], O_RDONLY | O_CLOEXEC);

			if (fd >= 0) {
				tally[i].allowed++;
				close(fd);
			} else if (errno == EACCES || errno == EPERM) {
				tally[i].denied++;
			} else {
				tally[i].other++;
			}
		}
	}
}

static pid_t start(const struct rf_fence *fence, struct tally *tally)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)fence->cgroup_fd};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		die("clone3", strerror(errno));
	if (!pid)
		probe_for_ever(tally);
	return (pid_t)pid;
}

/* ---------------------------------------------------------------------- swaps */

static double swap_all(struct rf_kernel *kernel, uint32_t *slot, const struct rf_policies set[2],
		       struct rf_compiled compiled[2], long swaps)
{
	struct timespec from, to;
	struct rf_error error;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (long i = 1; i <= swaps; i++)
		if (rf_engine_swap(kernel, *slot, &set[i % 2].policy[0], &compiled[i % 2], slot, &error))
			die("swap", error.text);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* A swap waits for programs that may still run: not longer than needed, so that there are many. */
static void expedite(void)
{
	int fd = open("/sys/kernel/rcu_expedited", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) != 1)
		perror("rcu_expedited");
	close(fd);
}

/* What a swap could leave behind: descriptors of this process, and maps of the kernel. */
struct held {
	unsigned long fds, maps;
};

static struct held count_held(void)
{
	struct held held = {0, 0};
	DIR *dir = opendir("/proc/self/fd");
	__u32 id = 0;

	while (dir && readdir(dir))
		held.fds++;
	if (dir)
		closedir(dir);
	while (!bpf_map_get_next_id(id, &id))
		held.maps++;
	return held;
}

static void judge(void)
{
	struct tally sum[PROBES] = {{0, 0, 0}};

	for (int task = 0; task < TASKS; task++) {
		for (int i = 0; i < PROBES; i++) {
			sum[i].allowed += tallies[task][i].allowed;
			sum[i].denied += tallies[task][i].denied;
			sum[i].other += tallies[task][i].other;
		}
	}
	for (int i = 0; i < PROBES; i++)
		printf("# %s: %lu allowed, %lu denied, %lu other\n", names[i], sum[i].allowed, sum[i].denied,
		       sum[i].other);
	result(sum[BOTH].allowed && !sum[BOTH].denied && !sum[BOTH].other, "what both allow is never refused");
	result(sum[NEITHER].denied && !sum[NEITHER].allowed && !sum[NEITHER].other, "what neither allows never opens");
	result(sum[FIRST].allowed && sum[FIRST].denied && !sum[FIRST].other, "what differs is one or the other");
}

int main(int argc, char **argv)
{
	long swaps = argc > 1 ? atol(argv[1]) : 1000;
	struct rf_policies set[2] = {{.policy = NULL}};
	struct rf_compiled compiled[2] = {{.dest = NULL}};
	struct rf_bound bound = {.file = "swap", .text = "", .compiled = &compiled[0]};
	struct rf_kernel *kernel;
	struct rf_fence *fence;
	struct rf_error error;
	struct held before, after;
	pid_t pid[TASKS];

	expedite();
	tallies = mmap(NULL, sizeof(*tallies) * TASKS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < PROBES; i++)
		close(open(names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	for (int i = 0; i < 2; i++) {
		load(&set[i], i ? "second" : "first", !i);
		compile(&set[i], &compiled[i]);
	}
	bound.policy = &set[0].policy[0];
	if (rf_engine_open(&kernel, true, &error) || rf_sandbox_create(kernel, &bound, 1, false, &fence, &error))
		die("engine", error.text);
	for (int i = 0; i < TASKS; i++)
		pid[i] = start(fence, tallies[i]);
	usleep(200000);
	/* The first ones fill what is kept for the next: slots, and fds of maps. */
	swap_all(kernel, &bound.slot, set, compiled, 10);
	before = count_held();
	printf("# %ld swaps in %.1f s\n", swaps, swap_all(kernel, &bound.slot, set, compiled, swaps));
	after = count_held();
	for (int i = 0; i < TASKS; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	judge();
	printf("# %lu descriptors and %lu maps, before %lu and %lu\n", after.fds, after.maps, before.fds, before.maps);
	result(after.fds == before.fds && after.maps <= before.maps, "nothing is left behind");
	result(rf_sandbox_remove(kernel, fence) == 0, "the fence goes");
	rf_sandbox_close(fence);
	rf_engine_close(kernel);
	for (int i = 0; i < 2; i++) {
		rf_compiled_free(&compiled[i]);
		rf_policies_free(&set[i]);
	}
	printf("%d passed, %d failed, 0 skipped\n", results - failures, failures);
	return failures ? 1 : 0;
}
