/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side as user space handles it: loading and pinning it, policies in slots, sandboxes, clean-up.
 * Functions that can fail return 0 or -errno and say why in `error`; nothing is printed here.
 */
#ifndef RINGFENCE_ENGINE_H
#define RINGFENCE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "compile/compile.h"
#include "policy/policy.h"
#include "ringfence/abi.h"

/* One or more lines for people, without a newline at the end. */
struct rf_error {
	char text[1024];
};
/* Sets the text; returns -code, whatever its sign was. */
int rf_error_set(struct rf_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ------------------------------------------------------------------ engine */

/* The maps that user space works with; X(name in the object and in the pins' folder). */
#define RF_MAPS(X)       \
	X(engine)        \
	X(tags)          \
	X(hints)         \
	X(sandboxes)     \
	X(chains)        \
	X(images_small)  \
	X(images_medium) \
	X(images_large)  \
	X(dests)         \
	X(rings)         \
	X(merges)        \
	X(spares)        \
	X(ended)         \
	X(seals)

enum rf_map {
#define X(name) RF_MAP_##name,
	RF_MAPS(X)
#undef X
		RF_MAP_COUNT
};

/* The loaded engine as this process holds it. */
struct rf_kernel;

/*
 * Finds the pinned engine, checks that it is root's and of this ABI, and with `load` loads it where there is none
 * (what a crashed loader left is taken out first). Without: -ENOENT. On success the engine's lock is held: no
 * other process can load, unload, add or remove until rf_engine_unlock. Not usable from several threads.
 */
int rf_engine_open(struct rf_kernel **kernel, bool load, struct rf_error *error);

void rf_engine_unlock(struct rf_kernel *kernel);
int rf_engine_lock(struct rf_kernel *kernel, struct rf_error *error);
/* Whether what this process holds is what is pinned: it may have been taken out and loaded again since. */
bool rf_engine_is_current(struct rf_kernel *kernel);
/* Gives the lock back too. NULL is fine. */
void rf_engine_close(struct rf_kernel *kernel);

/* fd of a map, opened when first asked for; stays the kernel's. Or -errno. */
int rf_engine_map(struct rf_kernel *kernel, enum rf_map map);
/* The switches, mapped; writes take effect at once. */
struct rf_engine *rf_engine_switches(struct rf_kernel *kernel);
/* A number never given before on this boot: an id, a generation, a stamp. */
uint64_t rf_engine_next_id(struct rf_kernel *kernel);
/* Copies one element. -EINVAL beyond the end. */
int rf_engine_sandbox(struct rf_kernel *kernel, uint32_t index, struct rf_sandbox *out);
/* How many living sandboxes have the policy in a slot, sets not counted. */
size_t rf_engine_users(struct rf_kernel *kernel, uint32_t slot);
int rf_engine_chain(struct rf_kernel *kernel, uint32_t index, struct rf_chain *out);

/*
 * Frees what ended: sandboxes whose cgroup is gone, or that are empty and whose maker no longer lives. Needs the lock.
 * `freed` (or NULL) gets how many.
 */
int rf_engine_sweep(struct rf_kernel *kernel, size_t *freed);

/* A living sandbox, for lists. */
struct rf_sandbox_info {
	uint32_t index, owner;
	uint64_t id, cgroup;
	size_t tasks;
	char *path; /* of its cgroup as seen from here, or how it was called when made */
};
/* Living sandboxes; free with rf_engine_list_free. Needs the lock. */
int rf_engine_list(struct rf_kernel *kernel, struct rf_sandbox_info **list, size_t *count);
void rf_engine_list_free(struct rf_sandbox_info *list, size_t count);

/* Takes the engine out: -EBUSY while a sandbox lives (sweep first). Needs the lock; close the kernel afterwards. */
int rf_engine_unload(struct rf_kernel *kernel, struct rf_error *error);

/* --------------------------------------------------------------- sandboxes */

/* A policy that is bound and compiled, with what others need to know its rules. The caller keeps it all. */
struct rf_bound {
	const struct rf_policy *policy;
	struct rf_compiled *compiled;
	const char *file, *text; /* name and whole text of the file that it was read from */
	size_t text_len;
	size_t document; /* its index in that file */
	const struct rf_vars *vars;
	uint32_t slot;	     /* set by rf_sandbox_create */
	uint64_t generation; /* set by rf_sandbox_create */
};

/* A sandbox that this process made. */
struct rf_fence {
	uint32_t index;
	uint64_t id;
	uint64_t cgroup;
	int cgroup_fd;				   /* for clone3 */
	int ring_fd;				   /* the ring buffer of its denials */
	char *path;				   /* of its cgroup, as seen from here */
	const volatile struct rf_sandbox *element; /* mapped: counters are live */
	struct rf_chain chain;			   /* as it was made: own policies first, then those of its ancestors */
	size_t own;				   /* how many of them are its own */
	/* Private to the engine. */
	int parent_fd, state_fd;
	void *window;
	size_t window_len;
};

/*
 * Makes a sandbox beneath the caller's cgroup with these policies and those of the sandbox that the caller is in, if
 * any. Needs the lock. On error nothing is left. While the process lives, or a task in the fence, sweeps spare it.
 */
int rf_sandbox_create(struct rf_kernel *kernel, struct rf_bound *bound, size_t count, bool audit,
		      struct rf_fence **fence, struct rf_error *error);
/* Removes the cgroup and frees the rest. Needs the lock. -EBUSY while tasks live in it: then nothing is removed. */
int rf_sandbox_remove(struct rf_kernel *kernel, struct rf_fence *fence);
/* Tasks in the fence now. */
size_t rf_sandbox_tasks(const struct rf_fence *fence);
/* Closes this process's view of it; the fence stays. */
void rf_sandbox_close(struct rf_fence *fence);
/* Says in `error` why a clone3 into the fence's cgroup failed with `code`; returns -code. */
int rf_sandbox_clone_error(const struct rf_fence *fence, int code, struct rf_error *error);

/* ----------------------------------------------------------------- policies */

/*
 * Puts a new generation of a policy in the place of the one in `slot`, in every chain that has it: a hook sees the old
 * one or the new one, whole. The new one lives in another slot, given in `now`; the old slot is free afterwards.
 * Stamps `compiled` with a new generation. Needs the lock.
 */
int rf_engine_swap(struct rf_kernel *kernel, uint32_t slot, const struct rf_policy *policy,
		   struct rf_compiled *compiled, uint32_t *now, struct rf_error *error);

/* A policy that is to be in force by name. */
struct rf_forced {
	struct rf_bound bound; /* `slot` and `generation` as rf_engine_force set them */
	bool placed;	       /* it is in its slot already, and unchanged */
	/* Patterns of cgroups that it holds for besides those of its spec.select. The caller's. */
	const struct rf_text *attached;
	size_t attachments;
};

/*
 * Brings what is in force by name on this host to what `forced` says: policies that are new or changed are put into
 * the kernel; cgroups are selected by their spec.select; sandboxes of policies that are gone get on without them.
 * Each cgroup passes from what it had to what it shall have by one store; where this is cut off, another call ends it,
 * which may be another process's (then nothing is `placed`). Policies that are placed stay in their slots; others' get
 * one. On error all is as before, with -EINVAL where the policies themselves can't be in force together. Needs the
 * lock.
 */
int rf_engine_force(struct rf_kernel *kernel, struct rf_forced *forced, size_t count, struct rf_error *error);

/*
 * Whether the kernel no longer has what rf_engine_force put there: `bound` are those that are placed. 1, and a sentence
 * in `why`: it has not. Needs the lock.
 */
#define RF_DRIFT_TEXT 128
int rf_engine_drifted(struct rf_kernel *kernel, const struct rf_bound *const *bound, size_t count,
		      char why[RF_DRIFT_TEXT]);
/* Attaches the programs that were taken out. What was in maps is rf_engine_force's, with nothing `placed`. Needs the
 * lock. */
int rf_engine_reattach(void);

/* Keeps enough sandboxes ready for cgroups to come. Needs the lock. */
int rf_engine_refill(struct rf_kernel *kernel);

/* The service's ring, for its one reader, made where it is not there; an fd. While the switch `service` is on, denials
 * of all sandboxes come there. */
int rf_engine_ring(struct rf_kernel *kernel);
/* For that ring's reader: the sandboxes on it that live, as the kernel has them, to note in them what was read (abi.h).
 */
typedef void rf_box(void *context, struct rf_sandbox *sandbox);
int rf_engine_boxes(struct rf_kernel *kernel, rf_box *visit, void *context);
uint32_t rf_engine_box_index(struct rf_kernel *kernel, const struct rf_sandbox *sandbox);
/* Takes the next sandbox that ended from the queue: 1, 0 where there is none, or -errno. For that ring's reader. */
int rf_engine_next_ended(struct rf_kernel *kernel, struct rf_ended *out);
/* The one of an event (rf_event.box, .sandbox), or NULL where it has ended. Good until the engine is closed. */
struct rf_sandbox *rf_engine_box(struct rf_kernel *kernel, uint32_t index, uint64_t id);

/*
 * As rf_compile with generation 0, for root: what this program has compiled from the same rules on this boot is taken
 * from where it was kept. A warning that compiling might give is not given again.
 */
int rf_compile_cached(const struct rf_policy *policy, struct rf_compiled *out, struct rf_diags *diags);

/* A policy of any sandbox as it was bound when the sandbox was made, read from what its maker left. */
struct rf_kept {
	struct rf_policies policies;
	size_t document;
	uint64_t generation;
};
/* -ENOENT where nothing is known of that slot. Free with rf_kept_free. */
int rf_kept_find(struct rf_kernel *kernel, uint64_t sandbox, uint32_t slot, struct rf_kept *kept);
void rf_kept_free(struct rf_kept *kept);

#endif
