/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The engine's maps. Every object of the kernel side defines them weakly; linking leaves one of each. */
#ifndef RINGFENCE_MAPS_H
#define RINGFENCE_MAPS_H

#include "kernel.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_engine);
} engine __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_TAGS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct rf_tag);
} tags __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_HINTS_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_hint);
} hints __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_SANDBOXES_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_sandbox);
} sandboxes __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_CHAINS_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_chain);
} chains __weak SEC(".maps");

/* Inner maps give sizes, not types: a type that is named only there is left incomplete in an object's BTF, and two
 * objects with it can't be linked.
 * An image is one array element. Three sizes, because the elements of a map of maps are all of one size, and what
 * most policies need is a sixty-fourth of what the largest may have. */
#define IMAGES(name, slots)                                                      \
	struct image_##name {                                                    \
		u32 tab[slots];                                                  \
	};                                                                       \
	struct {                                                                 \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                        \
		__uint(max_entries, RF_POLICIES_MAX *RF_IMAGE_KINDS);            \
		__type(key, u32);                                                \
		__array(                                                         \
			values, struct {                                         \
				__uint(type, BPF_MAP_TYPE_ARRAY);                \
				__uint(max_entries, 1);                          \
				__uint(map_flags, BPF_F_MMAPABLE);               \
				__uint(key_size, sizeof(u32));                   \
				__uint(value_size, sizeof(struct image_##name)); \
			});                                                      \
	} images_##name __weak SEC(".maps");

IMAGES(small, RF_SMALL_SLOTS)
IMAGES(medium, RF_MEDIUM_SLOTS)
IMAGES(large, RF_LARGE_SLOTS)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RF_POLICIES_MAX);
	__type(key, u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_LPM_TRIE);
			__uint(max_entries, RF_DESTS_MAX + 1); /* rf_dest_anywhere's */
			__uint(map_flags, BPF_F_NO_PREALLOC);
			__uint(key_size, sizeof(struct rf_dest_key));
			__uint(value_size, sizeof(struct rf_dest));
		});
} dests __weak SEC(".maps");

/* One ring a `run`: whoever started it reads its denials, and a flood in one does not push out another's. Ring 0 is the
 * service's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RF_SANDBOXES_MAX);
	__type(key, u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, RF_RING_BYTES);
		});
} rings __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_MERGE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct rf_merge);
} merges __weak SEC(".maps");

/* Sandboxes that are ready to be given to a cgroup. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, RF_SPARES_MAX);
	__uint(key_size, 0);
	__uint(value_size, sizeof(u32));
} spares __weak SEC(".maps");

/* Filled and emptied by user space alone. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, RF_ENDED_MAX);
	__uint(key_size, 0);
	__uint(value_size, sizeof(struct rf_ended));
} ended __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_LAUNCHERS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct rf_launcher);
} launchers __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_SEALS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct rf_seal_key);
	__type(value, struct rf_seal);
} seals __weak SEC(".maps");

#endif
