// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tags follow the cgroup tree: a child is tagged at its creation, a removed cgroup's id keeps no tag. */
#include "select.h"

/* Tags a cgroup that has no tag. The place is counted before the tag is there, so that nobody takes it for empty; a
 * hint is written once, by whoever finds its place free, its id last. User space does the same (engine/tags.c). */
static __always_inline long tag_add(u64 id, struct rf_tag *tag)
{
	struct rf_hint *hint = hint_of(id);
	long err;

	if (hint)
		__sync_fetch_and_add(&hint->tagged, 1);
	err = bpf_map_update_elem(&tags, &id, tag, BPF_NOEXIST);
	if (!hint)
		return err;
	if (err)
		__sync_fetch_and_add(&hint->tagged, -1);
	else if (!__sync_val_compare_and_swap(&hint->cgroup, 0, RF_HINT_BUSY)) {
		hint->sandbox = tag->sandbox;
		barrier();
		*(volatile u64 *)&hint->cgroup = id;
	}
	return err;
}

/* The reverse, in reverse order; whoever deletes the tag uncounts it. */
static __always_inline void tag_remove(u64 id)
{
	struct rf_hint *hint = hint_of(id);

	if (hint)
		__sync_val_compare_and_swap(&hint->cgroup, id, 0);
	if (!bpf_map_delete_elem(&tags, &id) && hint)
		__sync_fetch_and_add(&hint->tagged, -1);
}

/* The tracepoints are passed for all hierarchies, and those of version 1 count their ids apart: the same number is
 * another cgroup's there. The default one is made first, as number 0, and stays (kernel/cgroup/cgroup.c, cgroup_init).
 */
static __always_inline bool is_default(struct cgroup *cgroup)
{
	return !BPF_CORE_READ(cgroup, root, hierarchy_id);
}

/* Under cgroup_mutex and before the child can be seen or entered (kernel/cgroup/cgroup.c, cgroup_mkdir). */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *child, const char *path)
{
	struct cgroup *parent = (void *)child->self.parent - bpf_core_field_offset(struct cgroup, self);
	struct rf_engine *e = engine_get();
	u64 id = child->kn->id, parent_id;
	struct rf_tag copy = {};
	struct rf_sandbox *box;
	struct rf_tag *tag;

	if (!child->self.parent || !is_default(child))
		return 0;
	parent_id = BPF_CORE_READ(parent, kn, id);
	tag = bpf_map_lookup_elem(&tags, &parent_id);
	if (tag)
		copy = *tag;
	if (e && e->select)
		copy.sandbox = select_sandbox(copy.sandbox, id, (u64)path);
	/* The parent itself may be one that could not be tagged: then so is the child. */
	if (!copy.sandbox && (!e || !e->untagged))
		return 0;
	if ((!copy.sandbox || tag_add(id, &copy)) && e)
		__sync_fetch_and_add(&e->untagged, 1);
	box = sandbox_at(copy.sandbox);
	if (box && box->state == RF_SANDBOX_SPARE) {
		barrier();
		*(volatile u32 *)&box->state = RF_SANDBOX_LIVE;
	}
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	u64 id = cgroup->kn->id;

	if (is_default(cgroup))
		tag_remove(id);
	return 0;
}
