// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/fence.h"
#include "vm/lib/report.h"

/* A process in a fence that takes longer hangs. */
#define ACT_SECONDS 300

static struct rf_kernel *kernel;

struct rf_kernel *engine(void)
{
	struct rf_error error = {.text = ""};

	if (!kernel && rf_engine_open(&kernel, true, &error))
		die("the engine: %s", error.text);
	return kernel;
}

void engine_forget(void)
{
	/* Not closed: the lock is the parent's. */
	kernel = NULL;
}

static void engine_element(struct rf_engine *value)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(rf_engine_map(engine(), RF_MAP_engine), &zero, value))
		die("the engine's element");
}

void engine_manager(pid_t pid)
{
	struct rf_engine value;
	uint32_t zero = 0;

	engine_element(&value);
	value.manager = (uint32_t)pid;
	if (bpf_map_update_elem(rf_engine_map(engine(), RF_MAP_engine), &zero, &value, BPF_ANY))
		die("the engine's element");
}

unsigned engine_launchers(void)
{
	struct rf_engine value;

	engine_element(&value);
	return value.launchers;
}

/* ------------------------------------------------------------------- events */

static char *copy(const char *name, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		die("memory");
	memcpy(text, name ? name : "", len);
	text[len] = '\0';
	return text;
}

static int take_event(void *context, void *data, size_t len)
{
	struct fence *fence = context;
	struct rf_denial denial;
	struct event *event;

	if (rf_event_decode(&denial, data, len)) {
		fence->malformed++;
		return 0;
	}
	if (fence->events == fence->room) {
		fence->room = fence->room ? fence->room * 2 : 64;
		fence->event = realloc(fence->event, fence->room * sizeof(*fence->event));
		if (!fence->event)
			die("memory");
	}
	event = &fence->event[fence->events++];
	event->head = denial.head;
	memcpy(event->comm, denial.comm, sizeof(event->comm));
	event->object = copy(denial.object, denial.object_len);
	event->second = copy(denial.second, denial.second_len);
	event->exe = copy(denial.exe, denial.exe_len);
	event->object_len = denial.object_len;
	event->second_len = denial.second_len;
	return 0;
}

void fence_drain(struct fence *fence)
{
	ring_buffer__consume(fence->ring);
}

void fence_clear(struct fence *fence)
{
	fence_drain(fence);
	for (size_t i = 0; i < fence->events; i++) {
		free(fence->event[i].object);
		free(fence->event[i].second);
		free(fence->event[i].exe);
	}
	fence->events = 0;
}

void fence_show(const struct fence *fence)
{
	for (size_t i = 0; i < fence->events; i++) {
		const struct event *e = &fence->event[i];
		char words[64], hook[64];

		snprintf(hook, sizeof(hook), "%s", rf_hook_name(e->head.hook));
		report_note("  %s %s by %s, errno %d, %s: \"%.300s\"%s%.300s port %u", rf_reason_word(e->head.reason),
			    rf_access_words(e->head.access, words, sizeof(words)), hook, e->head.error, e->comm,
			    e->object, e->second_len ? " to " : "", e->second, e->head.address.port);
	}
}

const struct rf_policy *fence_policy(const struct fence *fence, const struct event *event)
{
	for (size_t i = 0; i < fence->set.count; i++)
		if (fence->bound[i].slot == event->head.policy)
			return &fence->set.policy[i];
	return NULL;
}

/* ------------------------------------------------------------------- making */

static void compile(struct fence *fence, const char *text)
{
	struct rf_diags diags = {0};

	for (size_t i = 0; i < fence->set.count; i++) {
		struct rf_policy *policy = &fence->set.policy[i];

		if (i == FENCE_POLICIES ||
		    (!policy->bound && rf_policy_bind(policy, &(struct rf_vars){0}, true, &diags)) ||
		    rf_compile(policy, 0, &fence->compiled[i], &diags)) {
			rf_diags_print(&diags, stdout);
			die("a policy of the test is wrong");
		}
		fence->bound[i] = (struct rf_bound){
			.policy = policy,
			.compiled = &fence->compiled[i],
			.file = "test.yaml",
			.text = text,
			.text_len = strlen(text),
			.document = i,
		};
	}
	rf_diags_free(&diags);
}

static void make(struct fence *fence, const char *text, bool audit)
{
	static const struct rf_vars none;
	struct rf_error error = {.text = ""};
	struct rf_kernel *k = engine();

	compile(fence, text);
	for (size_t i = 0; i < fence->set.count; i++)
		fence->bound[i].vars = &none;
	if (rf_sandbox_create(k, fence->bound, fence->set.count, audit, &fence->fence, &error))
		die("a fence: %s", error.text);
	fence->ring = ring_buffer__new(fence->fence->ring_fd, take_event, fence, NULL);
	if (!fence->ring)
		die("the ring of a fence");
}

void fence_make(struct fence *fence, const char *text, bool audit)
{
	struct rf_diags diags = {0};

	memset(fence, 0, sizeof(*fence));
	if (rf_policies_parse(&fence->set, "test.yaml", text, strlen(text), &diags)) {
		rf_diags_print(&diags, stdout);
		die("a policy of the test is wrong");
	}
	rf_diags_free(&diags);
	make(fence, text, audit);
}

void fence_make_bound(struct fence *fence, struct rf_policies *set, const char *text)
{
	memset(fence, 0, sizeof(*fence));
	fence->set = *set;
	memset(set, 0, sizeof(*set));
	make(fence, text, false);
}

void fence_end(struct fence *fence)
{
	int err = -EBUSY;

	ring_buffer__free(fence->ring);
	fence->ring = NULL;
	for (int i = 0; i < 500 && err == -EBUSY; i++) {
		err = rf_sandbox_remove(engine(), fence->fence);
		if (err == -EBUSY)
			usleep(10000);
	}
	if (err)
		report_note("a fence could not be removed: %s", strerror(-err));
	rf_sandbox_close(fence->fence);
	for (size_t i = 0; i < fence->events; i++) {
		free(fence->event[i].object);
		free(fence->event[i].second);
		free(fence->event[i].exe);
	}
	free(fence->event);
	for (size_t i = 0; i < fence->set.count; i++)
		rf_compiled_free(&fence->compiled[i]);
	rf_policies_free(&fence->set);
	memset(fence, 0, sizeof(*fence));
}

/* ------------------------------------------------------------------ running */

pid_t fence_start(struct fence *fence, int cgroup_fd, fence_act *act, void *arg)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	long pid;

	args.cgroup = (__u64)(cgroup_fd < 0 ? fence->fence->cgroup_fd : cgroup_fd);
	fflush(NULL);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		die("clone3 into a fence");
	if (pid)
		return (pid_t)pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(ACT_SECONDS);
	_exit(act(arg));
}

int fence_wait(struct fence *fence, pid_t pid)
{
	int status = 0;
	pid_t ended;

	do {
		ended = waitpid(pid, &status, WNOHANG);
		if (!ended)
			ring_buffer__poll(fence->ring, 2);
	} while (!ended);
	fence_drain(fence);
	if (ended < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int fence_run(struct fence *fence, fence_act *act, void *arg)
{
	return fence_wait(fence, fence_start(fence, -1, act, arg));
}
