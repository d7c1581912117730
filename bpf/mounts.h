/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All mounts of a superblock, of whatever namespace. */
#ifndef RINGFENCE_MOUNTS_H
#define RINGFENCE_MOUNTS_H

#include "path.h"

/* Mounts of one superblock that are looked through, and how often, until none changes meanwhile. */
#define MOUNTS_MAX   1024
#define MOUNTS_TRIES 16

/* From 6.17 on the superblock's mounts hang together by pointers of their own (kernel.h). */
static __always_inline bool mounts_chained(void)
{
	return bpf_core_field_exists(struct mount___chained, mnt_next_for_sb);
}

static __always_inline u64 first_mount(struct super_block *sb)
{
	u64 first;

	if (mounts_chained())
		return (u64)BPF_CORE_READ((struct super_block___chained *)sb, s_mounts);
	first = (u64)BPF_CORE_READ(sb, s_mounts.next);
	if (first == (u64)sb + bpf_core_field_offset(struct super_block, s_mounts))
		return 0;
	return first - bpf_core_field_offset(struct mount, mnt_instance);
}

static __always_inline u64 next_mount(struct super_block *sb, struct mount *m)
{
	u64 next;

	if (mounts_chained())
		return (u64)BPF_CORE_READ((struct mount___chained *)m, mnt_next_for_sb);
	next = (u64)BPF_CORE_READ(m, mnt_instance.next);
	if (next == (u64)sb + bpf_core_field_offset(struct super_block, s_mounts))
		return 0;
	return next - bpf_core_field_offset(struct mount, mnt_instance);
}

/* Whether a superblock has one mount only. A mount that comes now is none of this task's, or comes later. By plain
 * loads, from a hook's argument: of a list of one, both ends are the same. */
static __always_inline bool only_mount_of(struct super_block *sb)
{
	struct mount___chained *first;

	if (!mounts_chained())
		return sb->s_mounts.next == sb->s_mounts.prev;
	first = (void *)((struct super_block___chained *)sb)->s_mounts;
	return first && !first->mnt_next_for_sb;
}

#endif
