// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence run`: reads the fence's ring buffer and tells its denials. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "policy/memory.h"
#include "verbs/run.h"

#define BATCH 256 /* events between two looks at signals */

/* The merge keys that events carried: those alone can have repeats of ours. */
struct keys {
	uint64_t *slot; /* 0: free */
	size_t room, count;
};

/* A policy of a sandbox around ours. */
struct outer {
	uint32_t slot;
	bool known;
	struct rf_kept kept;
};

struct run_tell {
	struct run_tell_options options;
	struct rf_sink *sink;
	struct ring_buffer *ring;
	int timer;
	bool armed, since; /* the timer runs; something came since it was set */
	struct keys keys;
	struct outer outer[RF_CHAIN_MAX];
	size_t outers;
	size_t batch; /* events that may still be told in this round */
	size_t bytes; /* taken from the ring so far */
	size_t next;  /* while repeats are looked for: place in the keys */
};

/* ---------------------------------------------------------------------- keys */

static size_t key_place(const struct keys *keys, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (keys->room - 1);

	while (keys->slot[at] && keys->slot[at] != key)
		at = (at + 1) & (keys->room - 1);
	return at;
}

static bool keys_grow(struct keys *keys)
{
	struct keys bigger = {.room = keys->room ? keys->room * 2 : 256};

	bigger.slot = calloc(bigger.room, sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < keys->room; i++)
		if (keys->slot[i])
			bigger.slot[key_place(&bigger, keys->slot[i])] = keys->slot[i];
	bigger.count = keys->count;
	free(keys->slot);
	*keys = bigger;
	return true;
}

/* Without memory a key is left out: the summary then counts its repeats as not told. */
static void keys_add(struct keys *keys, uint64_t key)
{
	size_t at;

	if (!key || (keys->count * 2 >= keys->room && !keys_grow(keys)))
		return;
	at = key_place(keys, key);
	keys->count += !keys->slot[at];
	keys->slot[at] = key;
}

/* ------------------------------------------------------------------ policies */

/* A policy of a sandbox around ours, from what its maker left. */
static const struct outer *find_outer(struct run_tell *tell, uint32_t slot)
{
	const struct rf_chain *chain = &tell->options.fence->chain;
	struct outer *outer = tell->outer;
	struct rf_sandbox sandbox;

	for (; outer < tell->outer + tell->outers; outer++)
		if (outer->slot == slot)
			return outer;
	if (tell->outers == RF_CHAIN_MAX)
		return NULL;
	for (uint32_t i = (uint32_t)tell->options.fence->own; i < chain->links; i++) {
		if (chain->link[i].policy != slot ||
		    rf_engine_sandbox(tell->options.kernel, chain->link[i].sandbox, &sandbox))
			continue;
		*outer = (struct outer){.slot = slot};
		outer->known = rf_kept_find(tell->options.kernel, sandbox.id, slot, &outer->kept) == 0;
		tell->outers++;
		return outer;
	}
	return NULL;
}

static int find_slot(void *context, uint32_t slot, uint64_t generation, struct rf_slot *out)
{
	struct run_tell *tell = context;
	const struct outer *outer;

	for (size_t i = 0; i < tell->options.fence->own; i++) {
		const struct rf_bound *bound = &tell->options.bound[i];

		if (bound->slot != slot)
			continue;
		out->name = bound->policy->name;
		out->policy = !generation || generation == bound->generation ? bound->policy : NULL;
		return 0;
	}
	outer = find_outer(tell, slot);
	if (!outer || !outer->known)
		return -ENOENT;
	out->policy = &outer->kept.policies.policy[outer->kept.document];
	out->name = out->policy->name;
	out->fixed = true;
	if (generation && generation != outer->kept.generation)
		out->policy = NULL;
	return 0;
}

/* -------------------------------------------------------------------- events */

static void set_timer(struct run_tell *tell)
{
	struct itimerspec in = {.it_value = {.tv_sec = 1}};

	tell->since = tell->armed;
	if (!tell->armed)
		tell->armed = timerfd_settime(tell->timer, 0, &in, NULL) == 0;
}

static int take(void *context, void *data, size_t len)
{
	struct run_tell *tell = context;
	struct rf_event head;

	if (len >= sizeof(head)) {
		memcpy(&head, data, sizeof(head));
		keys_add(&tell->keys, head.merge);
	}
	rf_sink_event(tell->sink, data, len);
	set_timer(tell);
	tell->bytes += len;
	return --tell->batch ? 0 : -EAGAIN;
}

bool run_tell_some(struct run_tell *tell)
{
	tell->batch = BATCH;
	return ring_buffer__consume(tell->ring) == -EAGAIN;
}

/* Gives the sink the merge map's element of the next key. */
static int next_merge(void *context, uint64_t *key, struct rf_merge *merge)
{
	struct run_tell *tell = context;
	int map = rf_engine_map(tell->options.kernel, RF_MAP_merges);

	while (map >= 0 && tell->next < tell->keys.room) {
		*key = tell->keys.slot[tell->next++];
		if (*key && bpf_map_lookup_elem(map, key, merge) == 0 && merge->sandbox == tell->options.fence->id)
			return 1;
	}
	return map < 0 ? map : 0;
}

void run_tell_repeats(struct run_tell *tell)
{
	uint64_t times;

	if (read(tell->timer, &times, sizeof(times)) == sizeof(times))
		tell->armed = false;
	tell->next = 0;
	rf_sink_flush(tell->sink, next_merge, tell);
	if (rf_sink_look(tell->sink) || tell->since)
		set_timer(tell);
	tell->since = false;
}

void run_tell_all(struct run_tell *tell)
{
	/* What background tasks add meanwhile must not keep us here for good. */
	size_t end = tell->bytes + RF_RING_BYTES;

	while (run_tell_some(tell) && tell->bytes < end)
		;
	run_tell_repeats(tell);
}

/* --------------------------------------------------------------------- account */

int run_tell_summary(struct run_tell *tell, bool alone)
{
	struct rf_sandbox counters;

	memcpy(&counters, (const void *)(uintptr_t)tell->options.fence->element, sizeof(counters));
	if (alone && !tell->options.quiet && counters.made != counters.told + counters.merged + counters.lost)
		fprintf(stderr, "ringfence: FAULT: %llu denials, but %llu told, %llu merged and %llu lost\n",
			(unsigned long long)counters.made, (unsigned long long)counters.told,
			(unsigned long long)counters.merged, (unsigned long long)counters.lost);
	return rf_sink_summary(tell->sink, &counters);
}

/* --------------------------------------------------------------------- opening */

static bool screen_taken(void *context)
{
	const struct run_tell *tell = context;

	return run_screen_taken(STDERR_FILENO, tell->options.job->pid);
}

int run_tell_fd(const struct run_tell *tell)
{
	return ring_buffer__epoll_fd(tell->ring);
}

int run_tell_timer(const struct run_tell *tell)
{
	return tell->timer;
}

struct run_tell *run_tell_open(const struct run_tell_options *options, struct rf_error *error)
{
	struct run_tell *tell = calloc(1, sizeof(*tell));
	struct rf_sink_options sink = {
		.fd = STDERR_FILENO,
		.colour = rf_colour_wanted(STDERR_FILENO),
		.quiet = options->quiet,
		.late = options->late,
		.fold = true,
		.log = options->log,
		.taken = screen_taken,
		.json = options->json,
		.find = find_slot,
		.context = tell,
	};

	if (!tell) {
		rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	tell->options = *options;
	tell->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	tell->sink = rf_sink_open(&sink);
	tell->ring = ring_buffer__new(options->fence->ring_fd, take, tell, NULL);
	if (tell->timer < 0 || !tell->sink || !tell->ring) {
		rf_error_set(error, errno, "denials cannot be read: %s", strerror(errno));
		run_tell_close(tell);
		return NULL;
	}
	return tell;
}

void run_tell_close(struct run_tell *tell)
{
	if (!tell)
		return;
	ring_buffer__free(tell->ring);
	rf_sink_close(tell->sink);
	if (tell->timer >= 0)
		close(tell->timer);
	for (size_t i = 0; i < tell->outers; i++)
		if (tell->outer[i].known)
			rf_kept_free(&tell->outer[i].kept);
	free(tell->keys.slot);
	free(tell);
}
