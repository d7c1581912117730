// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A new cgroup that policies select. The image that engine.select names gives a path's set: a sandbox without a cgroup,
 * in whose chain are the policies that select it. The cgroup gets a spare sandbox with a chain of its own, in which are
 * the set's policies and those of the sandbox around. User space does the same for cgroups that exist (engine/units.c).
 * Functions are given indices, never pointers, so that the verifier looks at each once.
 */
#include "judge.h"
#include "select.h"

/* kernel/cgroup/cgroup.c, TRACE_CGROUP_PATH_LEN: what does not fit is cut off. */
#define CGROUP_PATH_LEN 1024

int chain_has(u32 index, u32 policy)
{
	struct rf_chain *chain = chain_at(index);
	u32 links = chain ? chain->links : 0;

	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		if (i >= links)
			break;
		if (chain && chain->link[i].policy == policy)
			return 1;
	}
	return 0;
}

/* Whether all policies of one chain are in the other. */
int chain_within(u32 index, u32 other)
{
	struct rf_chain *chain = chain_at(index);

	for (u32 i = 0; chain && i < RF_CHAIN_MAX; i++) {
		if (i >= chain->links)
			break;
		if (!chain_has(other, chain->link[i].policy))
			return 0;
	}
	return 1;
}

/* Writes a set's policies, on behalf of `sandbox`, and then those around it (chain 0: nothing is). 0: they are too
 * many. */
int chain_join(u32 to, u32 sandbox, u32 from, u32 outer)
{
	struct rf_chain *chain = chain_at(to), *set = chain_at(from), *around = outer ? chain_at(outer) : NULL;
	u32 links;

	if (!chain || !set)
		return 0;
	*chain = *set;
	for (u32 i = 0; i < RF_CHAIN_MAX; i++)
		chain->link[i].sandbox = sandbox;
	links = set->links;
	for (u32 i = 0; around && i < RF_CHAIN_MAX; i++) {
		if (i >= around->links)
			break;
		if (chain_has(from, around->link[i].policy))
			continue;
		if (links >= RF_CHAIN_MAX)
			return 0;
		chain->link[links & (RF_CHAIN_MAX - 1)] = around->link[i];
		links++;
	}
	if (around) {
		chain->links = links;
		chain->seals |= around->seals;
		chain->hides |= around->hides;
		chain->guards |= around->guards;
	}
	return 1;
}

/* Gives a spare sandbox to the cgroup whose path is in the scratch. Returns its index; 0: there is none. It lives when
 * the cgroup is tagged: a sweep takes one that lives without a tag for one whose cgroup is gone. */
static __always_inline u32 give_spare(struct rf_engine *e, struct scratch *s, u32 set, u32 around, u64 cgroup)
{
	u32 index = 0, len = s->path[0].len, off;
	struct rf_sandbox *box;

	if (bpf_map_pop_elem(&spares, &index)) {
		__sync_fetch_and_add(&e->unready, 1);
		return 0;
	}
	box = sandbox_at(index);
	if (!box || box->state != RF_SANDBOX_SPARE)
		return 0;
	if (!chain_join(index * 2, index, set, around)) {
		bpf_map_push_elem(&spares, &index, 0);
		return e->closed;
	}
	box->id = __sync_fetch_and_add(&e->next_id, 1) + 1;
	box->stamp = __sync_fetch_and_add(&e->next_id, 1) + 1;
	box->cgroup = cgroup;
	box->chain = index * 2;
	off = len < RF_CGROUP_TAIL ? 0 : len - (RF_CGROUP_TAIL - 1);
	bpf_probe_read_kernel_str(box->tail, sizeof(box->tail), &s->path[0].data[off & (RF_PATH_MAX - 1)]);
	return index;
}

/* The sandbox of a set, for the path in the scratch. */
static __always_inline u32 select_by(struct rf_engine *e, struct scratch *s, u32 index, u32 around, u64 cgroup)
{
	struct rf_sandbox *box = sandbox_at(index), *outer = around ? sandbox_at(around) : NULL;
	u32 set, chain, given;

	if (!box || (around && !outer))
		return e->closed;
	set = box->chain;
	chain = outer ? outer->chain : 0;
	if (outer && (around == e->closed || chain_within(set, chain)))
		return around;
	given = give_spare(e, s, set, chain, cgroup);
	if (given)
		return given;
	/* Then all cgroups of the set that come now are one sandbox, unless something around has more to say. */
	return !outer || chain_within(chain, set) ? index : e->closed;
}

u32 select_sandbox(u32 around, u64 cgroup, u64 path)
{
	struct rf_engine *e = engine_get();
	struct scratch *s = scratch_get();
	u32 index, sandbox = around;
	long len;

	if (!e || !s) {
		if (s)
			scratch_put(s);
		return e ? e->closed : around;
	}
	len = bpf_probe_read_kernel_str(s->path[0].data, CGROUP_PATH_LEN, (void *)path);
	if (len < 2 || len >= CGROUP_PATH_LEN) {
		sandbox = e->closed;
	} else {
		s->path[0].off = s->path[0].aliased = 0;
		s->path[0].len = s->path[0].fed = (u32)len - 1;
		index = judge_selected(s, e->select);
		if (index)
			sandbox = index == RF_UNSELECTABLE ? e->closed : select_by(e, s, index, around, cgroup);
	}
	scratch_put(s);
	return sandbox;
}
