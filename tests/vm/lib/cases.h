/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fixed cases: one thing that a fenced process tries, and the one denial that follows or does not. */
#ifndef RINGFENCE_TESTS_VM_CASES_H
#define RINGFENCE_TESTS_VM_CASES_H

#include "vm/lib/fence.h"
#include "vm/lib/report.h"

struct kase {
	const char *name;
	int (*act)(void); /* in the fence; the errno that it got, 0: none */
	int error;	  /* the errno that it shall get */
	/* Of the denial that shall be told; RF_HOOK_NONE: none shall. */
	enum rf_hook hook, or_hook; /* or_hook: on other kernels */
	enum rf_reason reason;
	unsigned access;	     /* as asked and refused */
	const char *object, *second; /* NULL: whatever it is; "...": what is before it */
	enum rf_verdict verdict;     /* RF_ALLOWED means RF_DENIED */
	bool (*wanted)(void);	     /* NULL: always; false: this guest can't show it */
};

/* Runs the cases in a fence, one process each. */
void cases_run(struct fence *fence, const struct options *options, const char *prefix, const struct kase *kase,
	       size_t count);

/* A move that is refused for what the new name would gain. */
#define GAIN(by, from, to)                                                                                    \
	.error = EXDEV, .hook = RF_HOOK_##by, .reason = RF_REASON_GAIN, .access = RF_WRITE, .object = (from), \
	.second = (to)

/* One that is refused because something beneath the folder may not be written. */
#define BENEATH(by, from, to)                                                                                    \
	.error = EXDEV, .hook = RF_HOOK_##by, .reason = RF_REASON_BENEATH, .access = RF_WRITE, .object = (from), \
	.second = (to)

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#endif
