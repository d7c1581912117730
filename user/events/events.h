/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where denials become lines: raw records of the ring buffer go in, lines for people and JSON lines come out.
 * What a rule denies that says `quiet` has no line for people: it is in the summary and in JSON.
 * A sink belongs to one thread. Nothing here makes a bpf() call: maps are read by the caller.
 */
#ifndef RINGFENCE_EVENTS_H
#define RINGFENCE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"
#include "ringfence/abi.h"

struct rf_sink;

/* What a policy slot held in one generation. */
struct rf_slot {
	const char *name; /* the policy's name */
	const struct rf_policy
		*policy; /* bound, as it was compiled into that generation; NULL: the text is not at hand */
	bool fixed;	 /* whoever reads the lines can't add to it: it is a sandbox's around theirs */
};

/*
 * Finds the policy of a slot in a generation (an event's `policy` and `generation`; generation 0 where no image
 * decided: then any generation of the slot will do). Returns 0, or -ENOENT. What `out` points at must last until
 * the next call of a sink function.
 */
typedef int rf_slot_find(void *context, uint32_t slot, uint64_t generation, struct rf_slot *out);

struct rf_report;
/* Told of each line that is made (print.h), before it is written. */
typedef void rf_sink_report(void *context, const struct rf_report *report);

/* Whether somebody else draws on the screen that lines go to, so that they wait. Asked before each of them. */
typedef bool rf_sink_taken(void *context);

struct rf_sink_options {
	int fd;			/* lines for people; -1: none */
	bool colour;		/* on that fd; see rf_colour_wanted */
	bool quiet;		/* no lines and no summary for people, whatever `fd` */
	bool late;		/* lines for people come at the end, with the summary */
	bool fold;		/* on `fd`, several denials that are one thing have one line (fold.h) */
	int log;		/* the same lines, each at once and without colour, whatever `quiet`; 0: none */
	rf_sink_taken *taken;	/* or NULL: nobody does */
	int json;		/* JSON lines; -1: none */
	rf_slot_find *find;	/* NULL: policies are called by their slot's number */
	rf_sink_report *report; /* or NULL */
	bool joined;		/* another reader may have told of some of it before (merge.h) */
	void *context;		/* passed to `find`, `report` and `taken` */
};

/* NULL: no memory. The fds stay the caller's, and open until rf_sink_close. */
struct rf_sink *rf_sink_open(const struct rf_sink_options *options);
void rf_sink_close(struct rf_sink *sink);

/*
 * Takes one record of the ring buffer and writes its lines, one write(2) each. A record that can't be read is counted
 * and told. Returns 0 always, so that a ring buffer's callback can end with it.
 */
int rf_sink_event(struct rf_sink *sink, const void *data, size_t len);

/*
 * Tells what was merged since: `key` and `merge` are one element of the kernel's merge map (the caller leaves out those
 * of sandboxes that are not its own, by merge->sandbox). Writes a line "(N more times)" where the total is beyond
 * what was told. Call it for every element at the end, and now and then (each second with denials) for a live picture.
 */
void rf_sink_merged(struct rf_sink *sink, uint64_t key, const struct rf_merge *merge);

/* The next element of a merge map; 1: given, 0: the end, -errno. */
typedef int rf_merge_next(void *context, uint64_t *key, struct rf_merge *merge);
/* rf_sink_merged for all that `next` gives. Returns 0 or what `next` returned. */
int rf_sink_flush(struct rf_sink *sink, rf_merge_next *next, void *context);

/* Shows the lines that wait, and what was folded, if the screen is free by now. Returns whether lines wait on: call it
 * again, some time. */
bool rf_sink_look(struct rf_sink *sink);

/*
 * Ends the account: a block by policy and rule, only if something was denied, and loudly what was not told.
 * `counters` is the sandbox's element of the sandboxes map (its `made` is the truth that the told counts are compared
 * with); NULL: not to be had. Call rf_sink_flush first. Returns 0, or -errno of the first JSON write that failed.
 */
int rf_sink_summary(struct rf_sink *sink, const struct rf_sandbox *counters);

/* What was told so far. */
struct rf_sink_counts {
	uint64_t denials;   /* denials that lines stand for, merged ones included, would-denials too */
	uint64_t would;	    /* of them: would-denials */
	uint64_t lines;	    /* events told */
	uint64_t malformed; /* records that could not be read */
	uint64_t faults;    /* events whose verdict the rules contradict */
};
struct rf_sink_counts rf_sink_counts(const struct rf_sink *sink);

/* Whether colour is wanted on a fd: a terminal that is not "dumb", and NO_COLOR empty or unset. */
bool rf_colour_wanted(int fd);

#endif
