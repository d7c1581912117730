/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A fence around functions of the test program: made from a policy's text, its denials read from its ring. */
#ifndef RINGFENCE_TESTS_VM_FENCE_H
#define RINGFENCE_TESTS_VM_FENCE_H

#include <sys/types.h>

#include "engine/engine.h"
#include "events/decode.h"

struct ring_buffer;

#define FENCE_POLICIES 4

/* A denial with its own copy of the names. */
struct event {
	struct rf_event head;
	char comm[RF_COMM_LEN + 1];
	char *object, *second, *exe; /* NUL-terminated; "" where there is none */
	size_t object_len, second_len;
};

struct fence {
	struct rf_policies set;
	struct rf_compiled compiled[FENCE_POLICIES];
	struct rf_bound bound[FENCE_POLICIES];
	struct rf_fence *fence;
	struct ring_buffer *ring;
	struct event *event;
	size_t events, room;
	size_t malformed;
};

/* The engine, loaded where it was not; its lock is held. Ends the program where it can't be had. */
struct rf_kernel *engine(void);
/* Takes note that fork made this process: its engine is to be opened anew. */
void engine_forget(void);

/* Whose children are launchers from now on (RF_MANAGER: as it was), and how many there are. */
void engine_manager(pid_t pid);
unsigned engine_launchers(void);

/* Makes a fence of all documents in `text`. Ends the program with the errors where that fails. */
void fence_make(struct fence *fence, const char *text, bool audit);
/* The same of policies already bound (at most FENCE_POLICIES), which become the fence's. */
void fence_make_bound(struct fence *fence, struct rf_policies *set, const char *text);
/* Waits until nobody is in it and takes it away. */
void fence_end(struct fence *fence);

typedef int fence_act(void *arg);
/* Starts a process in the fence (or in the cgroup beneath it, where cgroup_fd is not -1) that exits with act's result.
 */
pid_t fence_start(struct fence *fence, int cgroup_fd, fence_act *act, void *arg);
/* Reads denials until it ends. Returns its exit status, or 1000 + the signal that ended it. */
int fence_wait(struct fence *fence, pid_t pid);
int fence_run(struct fence *fence, fence_act *act, void *arg);
/* Reads what is in the ring now. */
void fence_drain(struct fence *fence);
/* Forgets the denials read so far. */
void fence_clear(struct fence *fence);
/* The policy of the fence that an event is about; NULL: none of its own. */
const struct rf_policy *fence_policy(const struct fence *fence, const struct event *event);
/* Prints the denials read so far as notes. */
void fence_show(const struct fence *fence);

#endif
