// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tags of cgroups, and the hints that spare most tasks a look-up in them. The kernel side does the same (tags.bpf.c).
 */
#include <bpf/bpf.h>
#include <errno.h>

#include "engine/internal.h"

static int hint_open(struct rf_kernel *kernel, uint64_t cgroup, struct rf_window *window)
{
	return rf_window_open(kernel, RF_MAP_hints, cgroup & (RF_HINTS_MAX - 1), 1, window);
}

/* A hint that is this cgroup's changes by one store; one that is free is taken first. */
static void hint_write(struct rf_hint *hint, uint64_t cgroup, uint32_t sandbox)
{
	__u64 none = 0;

	if (__atomic_load_n(&hint->cgroup, __ATOMIC_SEQ_CST) == cgroup) {
		__atomic_store_n(&hint->sandbox, sandbox, __ATOMIC_SEQ_CST);
	} else if (__atomic_compare_exchange_n(&hint->cgroup, &none, RF_HINT_BUSY, false, __ATOMIC_SEQ_CST,
					       __ATOMIC_SEQ_CST)) {
		__atomic_store_n(&hint->sandbox, sandbox, __ATOMIC_SEQ_CST);
		__atomic_store_n(&hint->cgroup, cgroup, __ATOMIC_SEQ_CST);
	}
}

int rf_tag_set(struct rf_kernel *kernel, uint64_t cgroup, uint32_t sandbox)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	int tags = rf_engine_map(kernel, RF_MAP_tags), err;
	struct rf_tag tag = {.sandbox = sandbox};
	struct rf_hint *hint;

	err = tags < 0 ? tags : hint_open(kernel, cgroup, &window);
	if (err)
		return err;
	hint = window.at;
	/* Counted before the tag is there: nobody takes the place for empty. */
	__atomic_add_fetch(&hint->tagged, 1, __ATOMIC_SEQ_CST);
	if (bpf_map_update_elem(tags, &cgroup, &tag, BPF_NOEXIST)) {
		err = errno;
		__atomic_sub_fetch(&hint->tagged, 1, __ATOMIC_SEQ_CST);
		/* Born with its parent's tag, which is counted already. */
		if (err != EEXIST || bpf_map_update_elem(tags, &cgroup, &tag, BPF_EXIST))
			return err == EEXIST ? -errno : -err;
	}
	hint_write(hint, cgroup, sandbox);
	return 0;
}

int64_t rf_tag_get(struct rf_kernel *kernel, uint64_t cgroup)
{
	int tags = rf_engine_map(kernel, RF_MAP_tags);
	struct rf_tag tag;

	if (tags < 0)
		return tags;
	if (bpf_map_lookup_elem(tags, &cgroup, &tag))
		return errno == ENOENT ? 0 : -errno;
	return tag.sandbox;
}

int rf_tag_drop(struct rf_kernel *kernel, uint64_t cgroup)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	int tags = rf_engine_map(kernel, RF_MAP_tags), err;
	struct rf_hint *hint;

	err = tags < 0 ? tags : hint_open(kernel, cgroup, &window);
	if (err)
		return err;
	hint = window.at;
	/* Tasks may be reading the hint: it stays this cgroup's, and says that there is no fence. */
	if (__atomic_load_n(&hint->cgroup, __ATOMIC_SEQ_CST) == cgroup)
		__atomic_store_n(&hint->sandbox, 0, __ATOMIC_SEQ_CST);
	if (bpf_map_delete_elem(tags, &cgroup))
		return errno == ENOENT ? 0 : -errno;
	__atomic_sub_fetch(&hint->tagged, 1, __ATOMIC_SEQ_CST);
	return 0;
}

void rf_tag_remove(struct rf_kernel *kernel, uint64_t cgroup)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	int tags = rf_engine_map(kernel, RF_MAP_tags);
	struct rf_hint *hint;
	__u64 id = cgroup;

	if (tags < 0 || hint_open(kernel, cgroup, &window))
		return;
	hint = window.at;
	__atomic_compare_exchange_n(&hint->cgroup, &id, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	/* Whoever deletes the tag uncounts it. */
	if (bpf_map_delete_elem(tags, &cgroup) == 0)
		__atomic_sub_fetch(&hint->tagged, 1, __ATOMIC_SEQ_CST);
}
