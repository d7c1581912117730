/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths by our own walk, and the sequence counts that tell when one may have changed (path.bpf.c, counts.bpf.c). */
#ifndef RINGFENCE_PATH_H
#define RINGFENCE_PATH_H

#include "subject.h"

#define WALK_TRIES 64
#define NAME_MAX   255			/* include/uapi/linux/limits.h */
#define WALK_STEPS (RF_DEPTH_MAX + 256) /* components and mounts crossed */

/*
 * Writes the path of a dentry under a mount (path_walk_from) into a path buffer of the scratch. Returns 0 or an enum
 * rf_reason. That the mount belongs to the task's namespace is for the caller to ask.
 */
u32 path_walk(struct scratch *s, u32 which);

/* Sets where the next walk begins. By way of memory: a function of its own is given numbers, never kernel pointers. */
static __always_inline void path_walk_from(struct scratch *s, const void *dentry, const void *vfsmount)
{
	s->walk.from_dentry = (u64)dentry;
	s->walk.from_mount = (u64)vfsmount;
}

/* The counts of renames (high half) and of changes of the mount tree (low half); an odd one: a change is in progress.
 */
u64 path_counts(void);
/* The latter alone, for less. */
u32 path_mounts(void);
/* The count of a dentry's own changes, odd during one: while it stands, so do its name and its parent. */
static __always_inline u32 dentry_seq(struct dentry *dentry)
{
	u32 seq = *(volatile u32 *)&dentry->d_seq.seqcount.sequence;

	barrier();
	return seq;
}

/* The same of the dentry at an address. */
u32 dentry_seq_at(u64 dentry);

#define COUNTS_RENAMES(counts) ((u32)((counts) >> 32))
#define COUNTS_MOUNTS(counts)  ((u32)(counts))
#define COUNTS_ODD(counts)     ((counts)&0x0000000100000001ull)

static __always_inline struct pathbuf *pathbuf_at(struct scratch *s, u32 which)
{
	return which ? (which == 1 ? &s->path[1] : &s->exe) : &s->path[0];
}

#define MOUNT_OF(vfsmount) ((u64)(vfsmount)-bpf_core_field_offset(struct mount, mnt))

/* fs/mount.h, MNT_NS_INTERNAL: the kernel's own mounts have ERR_PTR(-EINVAL) for a namespace. */
#define MNT_NS_INTERNAL ((u64)-22)

struct mount_head {
	u64 parent, mountpoint;
};

/* One read for two neighbours (struct mount begins with its hash node, then these, since 3.13). */
static __always_inline void mount_head(u64 mount, struct mount_head *head)
{
	struct mount *m = (void *)mount;

	head->parent = (u64)BPF_CORE_READ(m, mnt_parent);
	head->mountpoint = (u64)BPF_CORE_READ(m, mnt_mountpoint);
}

/* What a step needs of a dentry. One read of its head brings all of it; the name follows by a second one. */
#define DENTRY_HEAD 64
struct step {
	u64 parent, name;
	u32 flags, len, seq;
};

static __always_inline bool step_read(struct step *step, u64 dentry)
{
	u8 head[DENTRY_HEAD] __attribute__((aligned(8)));
	struct qstr *name = (void *)(head + (bpf_core_field_offset(struct dentry, d_name) & 0x30));

	if (bpf_probe_read_kernel(head, sizeof(head), (void *)dentry))
		return false;
	step->parent = *(u64 *)(head + (bpf_core_field_offset(struct dentry, d_parent) & 0x38));
	step->flags = *(u32 *)(head + (bpf_core_field_offset(struct dentry, d_flags) & 0x3c));
	step->seq = *(u32 *)(head + (bpf_core_field_offset(struct dentry, d_seq) & 0x3c));
	step->name = (u64)name->name;
	step->len = name->len;
	return true;
}

#endif
