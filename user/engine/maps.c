// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps inside maps. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "engine/internal.h"

/* The kernel takes an inner map only where it is exactly as the object declares them. */
static const struct inner {
	const char *name;
	uint32_t type, key, value, entries, flags;
} inners[RF_MAP_COUNT] = {
	[RF_MAP_images_small] = {"image_small", BPF_MAP_TYPE_ARRAY, 4, RF_SMALL_SLOTS * 4, 1, BPF_F_MMAPABLE},
	[RF_MAP_images_medium] = {"image_medium", BPF_MAP_TYPE_ARRAY, 4, RF_MEDIUM_SLOTS * 4, 1, BPF_F_MMAPABLE},
	[RF_MAP_images_large] = {"image_large", BPF_MAP_TYPE_ARRAY, 4, RF_LARGE_SLOTS * 4, 1, BPF_F_MMAPABLE},
	[RF_MAP_dests] = {"dests", BPF_MAP_TYPE_LPM_TRIE, sizeof(struct rf_dest_key), sizeof(struct rf_dest),
			  RF_DESTS_MAX, BPF_F_NO_PREALLOC},
	[RF_MAP_rings] = {"ring", BPF_MAP_TYPE_RINGBUF, 0, 0, RF_RING_BYTES, 0},
};

static int create(const struct inner *inner)
{
	union bpf_attr attr;
	long fd;

	/* Not by libbpf, which would first load programs to learn what the kernel can do: we know. */
	memset(&attr, 0, sizeof(attr));
	attr.map_type = inner->type;
	attr.key_size = inner->key;
	attr.value_size = inner->value;
	attr.max_entries = inner->entries;
	attr.map_flags = inner->flags;
	strncpy(attr.map_name, inner->name, sizeof(attr.map_name) - 1);
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : (int)fd;
}

int rf_inner_create(enum rf_map outer)
{
	struct rlimit old, high = {RLIM_INFINITY, RLIM_INFINITY};
	int fd = create(&inners[outer]);

	/* Kernels before 5.11 count maps by this limit. */
	if (fd == -EPERM && getrlimit(RLIMIT_MEMLOCK, &old) == 0 && setrlimit(RLIMIT_MEMLOCK, &high) == 0) {
		fd = create(&inners[outer]);
		setrlimit(RLIMIT_MEMLOCK, &old);
	}
	return fd;
}

int rf_inner_get(struct rf_kernel *kernel, enum rf_map outer, uint32_t index)
{
	uint32_t id;
	int map = rf_engine_map(kernel, outer), fd;

	if (map < 0)
		return map;
	if (bpf_map_lookup_elem(map, &index, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

int rf_inner_set(struct rf_kernel *kernel, enum rf_map outer, uint32_t index, int fd)
{
	int map = rf_engine_map(kernel, outer);

	if (map < 0)
		return map;
	return bpf_map_update_elem(map, &index, &fd, BPF_ANY) ? -errno : 0;
}

int rf_inner_delete(struct rf_kernel *kernel, enum rf_map outer, uint32_t index)
{
	uint32_t id;
	int map = rf_engine_map(kernel, outer);

	if (map < 0)
		return map;
	/* Asked first: a delete waits for all running programs, even where there is nothing to delete. */
	if (bpf_map_lookup_elem(map, &index, &id))
		return errno == ENOENT ? 0 : -errno;
	return bpf_map_delete_elem(map, &index) && errno != ENOENT ? -errno : 0;
}
