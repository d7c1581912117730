// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a rename or link gains under the other mounts of its file system. Both names were judged under the mount that
 * the call went by. Where another mount of the task's namespace shows the new name too, as a bind mount of a folder
 * from which programs may be run, what comes there has that name's rights as well: they may be no more than those under
 * the same mount's old name, or, where it does not show that, under the name that was used.
 */
#include "judge.h"
#include "mounts.h"

struct elsewhere {
	u32 slot;
	u32 topped;  /* all dentries above the new name were looked at */
	u32 done;    /* no mount changed meanwhile, or it is refused */
	u32 ended;   /* all mounts were looked at */
	u32 swapped; /* a policy was, between the names: they must be judged again */
};

/* What the names that were walked say. Returns what judge_gain does. */
static __always_inline int gain_under(struct scratch *s, u32 kind)
{
	judge_path(s, 0, kind, 0);
	judge_path(s, 1, kind, 0);
	s->access = RF_WRITE;
	return judge_gain(s, kind, s->pair.move);
}

/* Writes the names to both paths. Returns 0, or enum rf_reason; RF_REASON_NO_PATH: the mount does not show the new one.
 */
static __always_inline u32 names_under(struct scratch *s, u64 vfsmount)
{
	u32 reason;

	path_walk_from(s, (void *)s->pair.new, (void *)vfsmount);
	reason = path_walk(s, 1);
	if (reason)
		return reason;
	path_walk_from(s, (void *)s->pair.old, (void *)vfsmount);
	reason = path_walk(s, 0);
	if (reason != RF_REASON_NO_PATH)
		return reason;
	path_walk_from(s, (void *)s->pair.old, (void *)s->pair.mount);
	reason = path_walk(s, 0);
	return reason == RF_REASON_NO_PATH ? RF_REASON_BUSY : reason;
}

/*
 * Most mounts show another part of the file system, and are told by their root: it is none of the dentries above the
 * new name. Those are kept as a set of 64 kinds of addresses. A folder that comes beneath such a root afterwards is
 * moved there by a call that is judged itself.
 */
static __always_inline u64 kind_of(u64 dentry)
{
	return 1ull << (dentry * 0x9e3779b97f4a7c15ull >> 58);
}

static long note_above(u32 i, void *ctx)
{
	struct elsewhere *e = ctx;
	struct scratch *s = scratch_at(e->slot);
	struct dentry *dentry;
	u64 parent;

	if (!s)
		return 1;
	dentry = (void *)s->pair.above;
	parent = (u64)BPF_CORE_READ(dentry, d_parent);
	s->pair.kinds |= kind_of(s->pair.above);
	if (parent == s->pair.above) {
		e->topped = 1;
		return 1;
	}
	s->pair.above = parent;
	return 0;
}

static __always_inline void note_all_above(struct scratch *s, struct elsewhere *e)
{
	u64 counts = path_counts();

	e->topped = 0;
	s->pair.above = s->pair.new;
	s->pair.kinds = 0;
	bpf_loop(WALK_STEPS, note_above, e, 0);
	if (!e->topped || COUNTS_ODD(counts) || path_counts() != counts)
		s->pair.kinds = ~0ull;
}

static __always_inline bool may_show(struct scratch *s, struct mount *m)
{
	return (u64)m + bpf_core_field_offset(struct mount, mnt) != s->pair.mount &&
	       (u64)BPF_CORE_READ(m, mnt_ns) == s->ns && s->pair.kinds & kind_of((u64)BPF_CORE_READ(m, mnt.mnt_root));
}

static long under_mount(u32 i, void *ctx)
{
	struct elsewhere *e = ctx;
	struct scratch *s = scratch_at(e->slot);
	struct dentry *old;
	struct mount *m;
	u32 reason;

	if (!s || !s->mount_list) {
		e->ended = 1;
		return 1;
	}
	m = (void *)s->mount_list;
	if (may_show(s, m)) {
		reason = names_under(s, s->mount_list + bpf_core_field_offset(struct mount, mnt));
		if (!reason) {
			e->swapped |= gain_under(s, RF_IMAGE_FILES);
			if (s->pair.move & MOVE_SOCKETS && !refused(s))
				e->swapped |= gain_under(s, RF_IMAGE_UNIX);
		} else if (reason != RF_REASON_NO_PATH) {
			judge_refuse(s, reason, EACCES);
		}
		if (e->swapped || refused(s))
			return 1;
	}
	old = (void *)s->pair.old;
	s->mount_list = next_mount(BPF_CORE_READ(old, d_sb), m);
	return 0;
}

static long try_mounts(u32 i, void *ctx)
{
	struct elsewhere *e = ctx;
	struct scratch *s = scratch_at(e->slot);
	u64 counts = path_counts();
	struct dentry *old;

	if (!s)
		return 1;
	if (COUNTS_ODD(counts))
		return 0;
	e->ended = 0;
	note_all_above(s, e);
	old = (void *)s->pair.old;
	s->mount_list = first_mount(BPF_CORE_READ(old, d_sb));
	bpf_loop(MOUNTS_MAX, under_mount, e, 0);
	e->done = e->swapped || refused(s) || path_mounts() == COUNTS_MOUNTS(counts);
	return e->done;
}

int judge_gain_elsewhere(struct scratch *s)
{
	struct elsewhere e = {};

	if (!s)
		return 1;
	e.slot = s->slot;
	bpf_loop(MOUNTS_TRIES, try_mounts, &e, 0);
	if (e.swapped)
		return 1;
	if (!e.done)
		return judge_refuse(s, RF_REASON_BUSY, EACCES);
	return e.ended || refused(s) ? 0 : judge_refuse(s, RF_REASON_NAMES, EACCES);
}
