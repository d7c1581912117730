/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared among the engine's own files. */
#ifndef RINGFENCE_ENGINE_INTERNAL_H
#define RINGFENCE_ENGINE_INTERNAL_H

#include "engine/auto.h"
#include "engine/engine.h"

#define RF_PINS RF_PINS_ROOT

/* A mapped part of an array (window.c). */
struct rf_window {
	void *base; /* of the mapping */
	size_t len;
	void *at; /* the first element */
};

struct rf_kernel {
	int lock;  /* fd of the lock's file */
	bool held; /* whether the lock is held */
	int map[RF_MAP_COUNT];
	struct rf_engine *switches;
	struct rf_window boxes; /* all sandboxes, once they were needed */
};

/* ---- lock.c */

/* The engine's folder under /run, made where it is not there. Returns an fd. */
int rf_state_folder(struct rf_error *error);
/* Waits for the lock. Returns its fd. */
int rf_lock_take(struct rf_error *error);
/* Checks that a folder is root's and that nobody else can change what is in it. */
int rf_folder_is_ours(int fd, const char *path, struct rf_error *error);

/* ---- pins.c */

extern const char *const rf_map_names[RF_MAP_COUNT];
/* "…/ringfence/KIND/NAME" into buf. kind: "maps", "links", "progs", "inner". */
#define RF_PIN_LEN 160
const char *rf_pin_path(char buf[RF_PIN_LEN], const char *kind, const char *name);
int rf_pins_make(struct rf_error *error);
/* Whether the engine's own map is pinned: 0, -ENOENT, or another error. */
int rf_pins_check(struct rf_error *error);
/* Takes all pins out, those that enforce first and the engine's own map last. */
int rf_pins_remove(void);

/* ---- load.c */

/* Loads, attaches and pins all. On error nothing is left. */
int rf_load(struct rf_error *error);

/* ---- window.c: parts of memory-mapped arrays */

/* Maps `count` elements of a map from `first` on, and no page more. */
int rf_window_open(struct rf_kernel *kernel, enum rf_map map, uint32_t first, uint32_t count, struct rf_window *window);
void rf_window_close(struct rf_window *window);
#define RF_AUTO_WINDOW __attribute__((cleanup(rf_window_close)))
/* Size of an element of one of the mapped arrays. */
size_t rf_element_size(enum rf_map map);

/* ---- maps.c: inner maps */

/* A new inner map for an outer one; an fd. */
int rf_inner_create(enum rf_map outer);
/* The inner map in a place: an fd, or -ENOENT. */
int rf_inner_get(struct rf_kernel *kernel, enum rf_map outer, uint32_t index);
int rf_inner_set(struct rf_kernel *kernel, enum rf_map outer, uint32_t index, int fd);
/* No error where there is none. */
int rf_inner_delete(struct rf_kernel *kernel, enum rf_map outer, uint32_t index);

/* ---- slots.c: policies in slots */

/* Writes an image into its place, in a map of the size that it needs. */
int rf_slot_set_image(struct rf_kernel *kernel, uint32_t index, const struct rf_image *image);

/* Bits of policy slots that chains of living sandboxes use. */
struct rf_slots {
	uint64_t bit[RF_POLICIES_MAX / 64];
};
int rf_slots_used(struct rf_kernel *kernel, struct rf_slots *slots);
/* Takes a free one; -ENOSPC. */
int rf_slots_take(struct rf_slots *slots, uint32_t *slot);
/* Writes images and destinations of a slot that no living chain uses. */
int rf_slot_fill(struct rf_kernel *kernel, uint32_t slot, const struct rf_compiled *compiled, struct rf_error *error);
/* The generation of the image of files in a slot; 0: there is none. */
uint64_t rf_slot_generation(struct rf_kernel *kernel, uint32_t slot);
/* Empties a slot that no living chain uses any more. */
void rf_slot_empty(struct rf_kernel *kernel, uint32_t slot);

/* ---- sandbox.c */

/* Whether a policy hides objects from stat(2) and its like. */
bool rf_policy_hides(const struct rf_policy *policy);

/* The index of the first free sandbox from *index on; nothing is written to it. -ENOSPC. */
int rf_sandbox_take(struct rf_kernel *kernel, uint32_t *index);
/* Writes a sandbox of the service into a free place, of which nobody knows yet: its state is for the caller to set. */
void rf_sandbox_write(struct rf_kernel *kernel, struct rf_sandbox *sandbox, uint32_t index, enum rf_origin origin);
/* What a chain must know of a policy before its seals are in place. */
void rf_chain_add(struct rf_chain *chain, const struct rf_policy *policy, uint32_t slot, uint32_t sandbox);
/* Refuses (-EINVAL) a chain in which nobody judges a section. `what` of it is meant: how the message begins. */
int rf_chain_check(const struct rf_chain *chain, const char *what, struct rf_error *error);

/* ---- swap.c */

/* Returns when no program runs that may have read an old chain: then its place and its slots can be written again. */
int rf_wait_for_programs(void);

/* ---- units.c: cgroups that policies select */

/* What is to be in force. Sets are numbered as in `selection`; their sandboxes and chains are there. */
struct rf_units {
	struct rf_kernel *kernel;
	const struct rf_image *image; /* a path's word is the number of its set */
	const uint32_t *set;	      /* the sandbox of each set, by number; 0: none */
	struct rf_error *error;
};
/* Gives each cgroup of the host the sandbox that it should have, and each sandbox the chain. */
int rf_units_settle(struct rf_units *units);
/* Makes sandboxes ready for cgroups to come. `all`: those that seem ready are looked through as well. */
int rf_spares_fill(struct rf_kernel *kernel, bool all);

/* ---- seals.c */

/* Seals the objects that a policy's rules name literally; how many in `count`. */
int rf_seals_add(struct rf_kernel *kernel, uint32_t slot, const struct rf_policy *policy, size_t *count,
		 struct rf_error *error);
void rf_seals_remove(struct rf_kernel *kernel, uint32_t slot);

/* ---- demand.c */

/* Attaches the programs that a chain needs beyond those that always are. */
int rf_demand_attach(const struct rf_chain *chain, struct rf_error *error);
/* Whether it is one of those. */
bool rf_demand_knows(const char *name);
/* Whether a program hangs where it is attached by a link that is pinned. */
bool rf_program_attached(const char *name);
/* Attaches a program that is pinned and not attached. */
int rf_program_attach(const char *name);
/* Detaches those that no living chain needs. */
void rf_demand_settle(struct rf_kernel *kernel);

/* ---- cgroup.c */

struct rf_cgroup {
	int fd;
	char *path;
	uint64_t id;
};
#define RF_CGROUP_NONE     \
	(struct rf_cgroup) \
	{                  \
		.fd = -1   \
	}
void rf_cgroup_free(struct rf_cgroup *cgroup);
#define RF_AUTO_CGROUP __attribute__((cleanup(rf_cgroup_free)))
/* The cgroup of this process. */
int rf_cgroup_self(struct rf_cgroup *self, struct rf_error *error);
/* Calls for each child cgroup; stops at an error. */
int rf_cgroup_each(int fd, int (*call)(int parent, const char *name, void *context), void *context);
/* The path of this process's cgroup, as its namespace shows it; NULL: it has none. Free it. */
char *rf_cgroup_own_path(void);
/* The root of the hierarchy, whatever namespace this process is in. An fd. */
int rf_cgroup_root(struct rf_error *error);
/* A cgroup of any namespace by its id; `any` is an fd in the same hierarchy. -ENOENT where it is gone. An fd. */
int rf_cgroup_by_id(int any, uint64_t id);
/* 1: tasks live in it or beneath. 0, -errno. */
int rf_cgroup_populated(int fd);
/* Removes `name` in `parent` with all beneath it. -EBUSY where tasks live. Nothing there is no error. */
int rf_cgroup_remove(int parent, const char *name);
/* Tasks in it and beneath. */
size_t rf_cgroup_tasks(int fd);

/* ---- cgroup_text.c */

/* What `run` calls a sandbox's cgroup: this and the sandbox's number. Bytes of it, NUL included. */
#define RF_CGROUP_PREFIX "ringfence-"
#define RF_CGROUP_NAME	 40
const char *rf_cgroup_name(char buf[RF_CGROUP_NAME], uint64_t id);
/* The path in the hierarchy of version 2 in the text of /proc/PID/cgroup, into which it points: *len bytes. NULL: it
 * has none. */
const char *rf_cgroup_in(const char *text, size_t *len);

/* ---- tags.c */

/* Tags a cgroup, whether or not it has a tag. -E2BIG: too many are tagged. */
int rf_tag_set(struct rf_kernel *kernel, uint64_t cgroup, uint32_t sandbox);
/* The sandbox that a cgroup is tagged with; 0: none. Or -errno. */
int64_t rf_tag_get(struct rf_kernel *kernel, uint64_t cgroup);
/* Takes the tag of a cgroup in which tasks may run. */
int rf_tag_drop(struct rf_kernel *kernel, uint64_t cgroup);
/* Takes the tag of a cgroup that is gone, if it has one yet. */
void rf_tag_remove(struct rf_kernel *kernel, uint64_t cgroup);

/* ---- state.c: what is left for others under /run */

/* Makes the folder of a sandbox and takes its owner's lock, which lasts as long as the fd. Returns the fd. */
int rf_kept_make(uint64_t id, const char *cgroup, struct rf_error *error);
/* The folder of policies that are in force by name; an fd. */
int rf_kept_service(struct rf_error *error);
int rf_kept_policy(int state, const struct rf_bound *bound, struct rf_error *error);
/* Whether the process that made a sandbox still holds its folder: 1, 0; -ENOENT where there is no folder. */
int rf_kept_owned(uint64_t id);
void rf_kept_remove(uint64_t id);
/* The cgroup's path as its maker wrote it, or NULL. */
char *rf_kept_cgroup(uint64_t id);

/* ---- cache.c */

/* Removes what is kept. `state`: the engine's folder under /run. */
void rf_cache_remove(int state);

/* ---- sandbox.c */

/* Frees all that belongs to a sandbox whose cgroup is gone. */
void rf_sandbox_free(struct rf_kernel *kernel, uint32_t index);

/* Whole file beneath a folder into memory, with a NUL behind it; NULL and errno. */
char *rf_read_at(int dir, const char *path, size_t max, size_t *len);

#endif
