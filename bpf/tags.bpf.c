// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tags follow the cgroup tree: a child is tagged at its creation, a removed cgroup's id keeps no tag. */
#include "subject.h"

/* Under cgroup_mutex and before the child can be seen or entered (kernel/cgroup/cgroup.c, cgroup_mkdir). */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *child, const char *path)
{
	struct cgroup *parent = (void *)child->self.parent - bpf_core_field_offset(struct cgroup, self);
	u64 id = child->kn->id, parent_id;
	struct rf_tag *tag, copy;
	struct rf_engine *e;

	if (!child->self.parent)
		return 0;
	parent_id = BPF_CORE_READ(parent, kn, id);
	tag = bpf_map_lookup_elem(&tags, &parent_id);
	if (!tag) {
		e = engine_get();
		if (!e || !e->untagged)
			return 0;
		/* The parent itself may be one that could not be tagged: then so is the child. */
		__sync_fetch_and_add(&e->untagged, 1);
		return 0;
	}
	copy = *tag;
	if (bpf_map_update_elem(&tags, &id, &copy, BPF_ANY)) {
		e = engine_get();
		if (e)
			__sync_fetch_and_add(&e->untagged, 1);
	}
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	u64 id = cgroup->kn->id;

	bpf_map_delete_elem(&tags, &id);
	return 0;
}
