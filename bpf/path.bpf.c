// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The path of a dentry under a mount, from the root of the mount namespace: our own walk. It is bracketed by the
 * sequence counts that every rename and every change of the mount tree bumps, and made again when one moved meanwhile.
 * All its state lies in the scratch: what a callback loads from a map is an unknown number to the verifier, so that
 * each callback is looked at once.
 */
#include "path.h"

/* Whether the task of a directory /proc/<number> belongs to a sandbox. */
static __always_inline bool proc_dir_is_of(struct dentry *dir, u32 sandbox)
{
	struct task_struct *task = proc_task(dir);
	struct rf_tag *tag;
	u64 id;

	if (!task)
		return false;
	id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	tag = bpf_map_lookup_elem(&tags, &id);
	return tag && tag->sandbox == sandbox;
}

static __always_inline long walk_fail(struct walk *w, u32 reason)
{
	w->reason = reason;
	w->done = 1;
	return 1;
}

static __always_inline long walk_cross_mount(struct walk *w)
{
	struct mount_head head;
	struct mount *parent;

	mount_head(w->mount, &head);
	if (!head.parent)
		return walk_fail(w, RF_REASON_FAULT);
	if (w->trail.own > w->trail.dentries)
		w->trail.own = w->trail.dentries;
	if (w->aliasing) {
		w->aliasing = 0;
		w->alias = w->pos;
	}
	if (head.parent == w->mount) {
		w->done = 1;
		return 1;
	}
	parent = (void *)head.parent;
	w->mount = head.parent;
	w->dentry = head.mountpoint;
	w->root = (u64)BPF_CORE_READ(parent, mnt.mnt_root);
	return 0;
}

/* Whether the step is a directory /proc/<number> of a task of the same sandbox, which a policy calls /proc/self. */
static __always_inline bool step_is_self(struct scratch *s, struct step *step)
{
	u8 first = 0;

	if (step->parent != s->walk.root)
		return false;
	bpf_probe_read_kernel(&first, 1, (void *)step->name);
	return first >= '0' && first <= '9' && proc_dir_is_of((void *)s->walk.dentry, s->sandbox);
}

static __always_inline void walk_note(struct walk *w, struct step *step)
{
	u32 n = w->trail.dentries++;

	if (n >= TRAIL_MAX)
		return;
	w->trail.dentry[n] = w->dentry;
	w->trail.seq[n] = step->seq;
}

static long walk_up(u32 i, void *ctx)
{
	struct scratch *s = scratch_at(*(u32 *)ctx);
	struct pathbuf *p;
	struct step step;
	struct walk *w;
	u32 pos;

	if (!s)
		return 1;
	w = &s->walk;
	w->steps = i;
	p = pathbuf_at(s, w->which);
	if (w->dentry == w->root)
		return walk_cross_mount(w);
	if (!step_read(&step, w->dentry))
		return walk_fail(w, RF_REASON_FAULT);
	if (step.parent == w->dentry)
		return walk_fail(w, RF_REASON_NO_PATH); /* outside its mount's root */
	if (unlikely(step.flags & (DCACHE_OP_HASH | DCACHE_OP_COMPARE)))
		w->aliasing = !w->proc;
	pos = w->pos;
	if (step.len > NAME_MAX)
		return walk_fail(w, RF_REASON_FAULT);
	if (unlikely(w->proc && pos > sizeof("/self") && step_is_self(s, &step))) {
		pos -= sizeof("/self") - 1;
		__builtin_memcpy(&p->data[pos & (RF_PATH_MAX - 1)], "/self", sizeof("/self") - 1);
	} else {
		if (pos < step.len + 2)
			return walk_fail(w, RF_REASON_LENGTH);
		pos -= step.len + 1;
		p->data[pos & (RF_PATH_MAX - 1)] = '/';
		if (bpf_probe_read_kernel(&p->data[(pos + 1) & (RF_PATH_MAX - 1)], step.len & 255, (void *)step.name))
			return walk_fail(w, RF_REASON_FAULT);
	}
	w->pos = pos;
	walk_note(w, &step);
	w->dentry = step.parent;
	return 0;
}

static long walk_try(u32 i, void *ctx)
{
	u32 slot = *(u32 *)ctx;
	u64 counts = path_counts();
	struct scratch *s = scratch_at(slot);
	struct vfsmount *mnt;
	struct walk *w;

	if (!s)
		return 1;
	if (COUNTS_ODD(counts))
		return 0;
	w = &s->walk;
	mnt = (void *)w->from_mount;
	w->dentry = w->from_dentry;
	w->mount = MOUNT_OF(mnt);
	w->root = (u64)BPF_CORE_READ(mnt, mnt_root);
	w->pos = RF_PATH_MAX;
	w->alias = w->aliasing = w->reason = w->done = w->trail.dentries = 0;
	w->trail.own = ~0u; /* until its mount's root is met */
	w->counts = counts;
	bpf_loop(WALK_STEPS, walk_up, &slot, 0);
	if (path_counts() != counts)
		return 0;
	w->stable = 1;
	return 1;
}

/* The text of what was walked, and how much of it may be asked about. */
static __always_inline void walk_result(struct walk *w, struct pathbuf *p)
{
	if (w->pos == RF_PATH_MAX)
		p->data[--w->pos & (RF_PATH_MAX - 1)] = '/';
	p->off = w->pos;
	p->len = p->fed = RF_PATH_MAX - w->pos;
	p->aliased = 0;
	if (w->alias) {
		/* What lies above the file system with aliases, and the '/' that begins the names in it. */
		p->fed = w->alias - w->pos + 1;
		p->aliased = 1;
	}
}

u32 path_walk(struct scratch *s, u32 which)
{
	struct vfsmount *mnt;
	struct walk *w;
	u32 slot;

	if (!s)
		return RF_REASON_SCRATCH;
	slot = s->slot;
	w = &s->walk;
	mnt = (void *)w->from_mount;
	w->which = which;
	w->proc = BPF_CORE_READ(mnt, mnt_sb, s_magic) == PROC_SUPER_MAGIC;
	w->stable = 0;
	w->done = 0;
	bpf_loop(WALK_TRIES, walk_try, &slot, 0);
	if (!w->stable)
		return RF_REASON_BUSY;
	if (!w->done)
		return RF_REASON_DEPTH;
	if (w->reason)
		return w->reason;
	walk_result(w, pathbuf_at(s, which));
	return 0;
}
