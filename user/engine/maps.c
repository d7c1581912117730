// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps inside maps. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
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
			  RF_DESTS_MAX + 1, BPF_F_NO_PREALLOC},
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

/* ----------------------------------------------------------------- in place */

/*
 * Each inner map in its place is pinned as well, as MAP-INDEX. Asking the outer map would do, but before 6.7 or so
 * even a look-up from user space waits for a grace period, ten times what all the rest of a start costs. While
 * a place changes, the pin is called MAP-INDEX-new: whoever finds that name knows that the change was cut off.
 */
static const char *place(char buf[RF_PIN_LEN], enum rf_map outer, uint32_t index, bool changing)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%u%s", rf_map_names[outer], index, changing ? "-new" : "");
	return rf_pin_path(buf, "inner", name);
}

/* Empties a place whose pin has the name for changes. */
static int finish_delete(struct rf_kernel *kernel, enum rf_map outer, uint32_t index, const char *changing)
{
	int map = rf_engine_map(kernel, outer);

	if (map < 0)
		return map;
	if (bpf_map_delete_elem(map, &index) && errno != ENOENT)
		return -errno;
	return unlink(changing) ? -errno : 0;
}

int rf_inner_delete(struct rf_kernel *kernel, enum rf_map outer, uint32_t index)
{
	char settled[RF_PIN_LEN], changing[RF_PIN_LEN];

	place(settled, outer, index, false);
	place(changing, outer, index, true);
	if (rename(settled, changing) && errno != ENOENT)
		return -errno;
	return access(changing, F_OK) ? 0 : finish_delete(kernel, outer, index, changing);
}

int rf_inner_get(struct rf_kernel *kernel, enum rf_map outer, uint32_t index)
{
	char path[RF_PIN_LEN];
	int fd = bpf_obj_get(place(path, outer, index, false)), err;

	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	err = rf_inner_delete(kernel, outer, index);
	return err ? err : -ENOENT;
}

int rf_inner_set(struct rf_kernel *kernel, enum rf_map outer, uint32_t index, int fd)
{
	char settled[RF_PIN_LEN], changing[RF_PIN_LEN];
	int map = rf_engine_map(kernel, outer), err = rf_inner_delete(kernel, outer, index);

	if (err || map < 0)
		return err ? err : map;
	place(settled, outer, index, false);
	if (bpf_obj_pin(fd, place(changing, outer, index, true)))
		return -errno;
	if (bpf_map_update_elem(map, &index, &fd, BPF_ANY))
		return -errno;
	return rename(changing, settled) ? -errno : 0;
}
