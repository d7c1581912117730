// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The counts of renames and mounts, and a dentry's. In an object of its own, beneath all that ask: a link can name a
 * void extern in one object only, and what reads paths (path.bpf.c) asks for them as well as what judges them
 * (files.bpf.c). */
#include "path.h"

/* fs/dcache.c and fs/mount.h: seqlock_t, whose first member is the count; odd while somebody writes. Where they are not
 * to be had, the engine does not load: without them a path could be read while it changes. */
extern const void rename_lock __ksym;
extern const void mount_lock __ksym;

/* Since 6.2: a pointer that plain loads may follow, instead of a helper's call for each. */
extern void *bpf_rdonly_cast(void *object, u32 type) __ksym __weak;

static __always_inline u32 count_read(const void *lock)
{
	u32 count = 1;

	if (bpf_rdonly_cast) {
		struct seqcount *seq = bpf_rdonly_cast((void *)lock, bpf_core_type_id_kernel(struct seqcount));

		return *(volatile u32 *)&seq->sequence;
	}
	bpf_probe_read_kernel(&count, sizeof(count), lock);
	return count;
}

u64 path_counts(void)
{
	return (u64)count_read(&rename_lock) << 32 | count_read(&mount_lock);
}

u32 path_mounts(void)
{
	return count_read(&mount_lock);
}

u32 dentry_seq_at(u64 dentry)
{
	u32 seq = 1;

	if (bpf_rdonly_cast)
		return dentry_seq(bpf_rdonly_cast((void *)dentry, bpf_core_type_id_kernel(struct dentry)));
	bpf_probe_read_kernel(&seq, sizeof(seq), (void *)(dentry + bpf_core_field_offset(struct dentry, d_seq)));
	return seq;
}
