// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "events/ruling.h"
#include "vm/lib/cases.h"

static int act(void *arg)
{
	const struct kase *kase = arg;

	return kase->act();
}

static bool same_name(const char *wanted, const char *got)
{
	size_t len = wanted ? strlen(wanted) : 0;

	if (!wanted)
		return true;
	if (len > 3 && !strcmp(wanted + len - 3, "..."))
		return !strncmp(wanted, got, len - 3);
	return !strcmp(wanted, got);
}

/* What is wrong with the denial, or NULL. */
static const char *denial_fault(const struct fence *fence, const struct kase *kase, const struct event *e)
{
	struct rf_denial denial = {.head = e->head,
				   .object = e->object_len ? e->object : NULL,
				   .object_len = e->object_len,
				   .second = e->second_len ? e->second : NULL,
				   .second_len = e->second_len};

	if (e->head.hook != kase->hook && (!kase->or_hook || e->head.hook != kase->or_hook))
		return "the denial names another hook";
	if (e->head.reason != kase->reason)
		return "the denial names another reason";
	if (kase->access && e->head.access != kase->access)
		return "the denial names other accesses";
	if (!same_name(kase->object, e->object))
		return "the denial names another object";
	if (!same_name(kase->second, e->second))
		return "the denial names another second object";
	if (e->head.verdict != (kase->verdict ? kase->verdict : RF_DENIED))
		return "the denial names another verdict";
	if (kase->error && !kase->verdict && e->head.error != kase->error)
		return "the denial names another errno";
	if (e->head.sandbox != fence->fence->id)
		return "the denial names another sandbox";
	if (rf_event_rule(&denial, fence_policy(fence, e)).kind == RF_RULING_FAULT)
		return "the rules allow what the denial says was refused";
	return NULL;
}

static void run(struct fence *fence, const struct options *options, const char *prefix, const struct kase *kase)
{
	char name[128];
	uint64_t made = fence->fence->element->made;
	const char *fault = NULL;
	int status;

	snprintf(name, sizeof(name), "%s/%s", prefix, kase->name);
	if (!options_want(options, name))
		return;
	if (kase->wanted && !kase->wanted()) {
		report_skip(name, "this guest cannot show it");
		return;
	}
	fence_clear(fence);
	status = fence_run(fence, act, (void *)(uintptr_t)kase);
	made = fence->fence->element->made - made;
	if (status != kase->error) {
		report_fail(name, "errno %d (%s), not %d (%s)", status, status < 1000 ? strerror(status) : "a signal",
			    kase->error, strerror(kase->error));
		fence_show(fence);
		return;
	}
	if (made != (kase->hook != RF_HOOK_NONE) || fence->events != made)
		fault = "not the right number of denials";
	else if (made)
		fault = denial_fault(fence, kase, &fence->event[0]);
	if (!report(!fault, name, "%s: %llu denials, %zu told", fault ? fault : "", (unsigned long long)made,
		    fence->events))
		fence_show(fence);
}

void cases_run(struct fence *fence, const struct options *options, const char *prefix, const struct kase *kase,
	       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* Another program's name: denials of two cases are never alike, and so never merged. */
		char comm[16];

		snprintf(comm, sizeof(comm), "%.6s%u", prefix, (unsigned)i % 1000000);
		prctl(PR_SET_NAME, comm);
		run(fence, options, prefix, &kase[i]);
	}
}
