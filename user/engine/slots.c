// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies in their slots. What a slot holds is written while no living chain refers to it, and never changed while
 * one does. The first slots keep their small images when they fall free, and the next policy is written into those: on
 * some kernels each change of a map of maps waits for a grace period, longer than all the rest of a start takes.
 * Writing in place is safe because a slot falls free only when no task is left that could be reading it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/internal.h"

/* Slots that keep their maps: what as many sandboxes at once have needed is held, 200 KiB each. */
#define WARM_SLOTS 64
/* Entries that are deleted one by one before a new trie is cheaper. */
#define WARM_DESTS 256

static const struct size {
	enum rf_map map;
	uint32_t slots;
} sizes[] = {
	{RF_MAP_images_small, RF_SMALL_SLOTS},
	{RF_MAP_images_medium, RF_MEDIUM_SLOTS},
	{RF_MAP_images_large, RF_LARGE_SLOTS},
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* --------------------------------------------------------------- allocation */

static int add_chain(struct rf_kernel *kernel, uint32_t index, struct rf_slots *slots)
{
	struct rf_chain chain;
	int err = rf_engine_chain(kernel, index, &chain);

	if (err)
		return err;
	for (uint32_t i = 0; i < chain.links && i < RF_CHAIN_MAX; i++) {
		uint32_t policy = chain.link[i].policy % RF_POLICIES_MAX;

		slots->bit[policy / 64] |= 1ull << policy % 64;
	}
	return 0;
}

int rf_slots_used(struct rf_kernel *kernel, struct rf_slots *slots)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	const struct rf_sandbox *sandbox;
	uint32_t used = kernel->switches->used;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	memset(slots, 0, sizeof(*slots));
	sandbox = window.at;
	for (uint32_t i = 1; !err && i < used; i++)
		if (sandbox[i].state == RF_SANDBOX_LIVE)
			err = add_chain(kernel, sandbox[i].chain, slots);
	return err;
}

int rf_slots_take(struct rf_slots *slots, uint32_t *slot)
{
	for (uint32_t i = 0; i < RF_SELECT_SLOT; i++) {
		if (slots->bit[i / 64] & 1ull << i % 64)
			continue;
		slots->bit[i / 64] |= 1ull << i % 64;
		*slot = i;
		return 0;
	}
	return -ENOSPC;
}

/* ------------------------------------------------------------------ images */

static int write_image(int fd, const struct rf_image *image)
{
	size_t len = image->slots * sizeof(*image->tab);
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	memcpy(at, image->tab, len);
	munmap(at, len);
	return 0;
}

int rf_slot_set_image(struct rf_kernel *kernel, uint32_t index, const struct rf_image *image)
{
	RF_AUTO_CLOSE int fd = -1;
	size_t size = 0;
	int err = 0, old;

	while (size < SIZES && image->slots > sizes[size].slots)
		size++;
	if (size == SIZES)
		return -E2BIG;
	/* The kernel side takes the smallest size that is there: no other may be. */
	for (size_t i = 0; i < SIZES && !err; i++)
		if (i != size)
			err = rf_inner_delete(kernel, sizes[i].map, index);
	if (err)
		return err;
	old = rf_inner_get(kernel, sizes[size].map, index);
	fd = old == -ENOENT ? rf_inner_create(sizes[size].map) : old;
	if (fd < 0)
		return fd;
	err = write_image(fd, image);
	if (!err && old == -ENOENT)
		err = rf_inner_set(kernel, sizes[size].map, index, fd);
	return err;
}

uint64_t rf_slot_generation(struct rf_kernel *kernel, uint32_t slot)
{
	uint64_t generation = 0;

	for (size_t i = 0; !generation && i < SIZES; i++) {
		RF_AUTO_CLOSE int fd = rf_inner_get(kernel, sizes[i].map, RF_IMAGE_INDEX(slot, RF_IMAGE_FILES));
		const struct rf_image_head *head =
			fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*head), PROT_READ, MAP_SHARED, fd, 0);

		if (head == MAP_FAILED)
			continue;
		generation = head->generation;
		munmap((void *)(uintptr_t)head, sizeof(*head));
	}
	return generation;
}

/* ------------------------------------------------------------ destinations */

/* Empties a trie that is small enough for it; -E2BIG. */
static int clear_dests(int fd)
{
	struct rf_dest_key key;

	for (size_t i = 0; i <= WARM_DESTS; i++) {
		if (bpf_map_get_next_key(fd, NULL, &key))
			return errno == ENOENT ? 0 : -errno;
		if (bpf_map_delete_elem(fd, &key))
			return -errno;
	}
	return -E2BIG;
}

static int add_dests(int fd, const struct rf_compiled *compiled)
{
	struct rf_dest_entry anywhere;

	for (size_t i = 0; i < compiled->dests; i++)
		if (bpf_map_update_elem(fd, &compiled->dest[i].key, &compiled->dest[i].dest, BPF_ANY))
			return -errno;
	/* In the place of the rules' own, where they name that address. */
	rf_dest_anywhere(compiled, &anywhere);
	return bpf_map_update_elem(fd, &anywhere.key, &anywhere.dest, BPF_ANY) ? -errno : 0;
}

static int set_dests(struct rf_kernel *kernel, uint32_t slot, const struct rf_compiled *compiled)
{
	RF_AUTO_CLOSE int old = rf_inner_get(kernel, RF_MAP_dests, slot);
	RF_AUTO_CLOSE int new = -1;
	int err;

	if (old >= 0 && clear_dests(old) == 0)
		return add_dests(old, compiled);
	new = rf_inner_create(RF_MAP_dests);
	if (new < 0)
		return new;
	err = add_dests(new, compiled);
	return err ? err : rf_inner_set(kernel, RF_MAP_dests, slot, new);
}

/* -------------------------------------------------------------------- slots */

int rf_slot_fill(struct rf_kernel *kernel, uint32_t slot, const struct rf_compiled *compiled, struct rf_error *error)
{
	int err = 0;

	for (uint32_t kind = 0; kind < RF_IMAGE_KINDS && !err; kind++)
		err = rf_slot_set_image(kernel, RF_IMAGE_INDEX(slot, kind), &compiled->image[kind]);
	err = err ? err : set_dests(kernel, slot, compiled);
	return err ? rf_error_set(error, err, "a policy could not be put into the kernel: %s", strerror(-err)) : 0;
}

void rf_slot_empty(struct rf_kernel *kernel, uint32_t slot)
{
	size_t first = slot < WARM_SLOTS ? 1 : 0;

	for (uint32_t kind = 0; kind < RF_IMAGE_KINDS; kind++)
		for (size_t i = first; i < SIZES; i++)
			rf_inner_delete(kernel, sizes[i].map, RF_IMAGE_INDEX(slot, kind));
	if (slot >= WARM_SLOTS)
		rf_inner_delete(kernel, RF_MAP_dests, slot);
}
