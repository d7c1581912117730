/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether the kernel acts on its own behalf in a task that was asked for something else: by what no task can make. */
#ifndef RINGFENCE_ACTS_H
#define RINGFENCE_ACTS_H

#include "subject.h"

/* include/linux/fs.h and sched.h */
#define SB_KERNMOUNT (1 << 22)
#define SB_NOUSER    (1ull << 31)
#define PF_IO_WORKER 0x10

/*
 * That a task acts under other credentials than its own is where to begin, and no proof. It can bring that about with
 * io_uring: a request keeps the credentials of the moment when it was put off, a worker and a polling thread those of
 * their birth, and capset(2) of the very same sets makes new ones (io_issue_sqe in io_uring/io_uring.c). And by
 * access(2), whose credentials nobody else's are marked like (access_override_creds in fs/open.c).
 */
static __always_inline bool credentials_differ(struct task_struct *task)
{
	return task->cred != task->real_cred && !BPF_CORE_READ(task, cred, non_rcu);
}

/* Superblocks that are looked through, and words of what an overlay keeps with its own, which hold its credentials
 * (fs/overlayfs/ovl_entry.h, struct ovl_fs: at byte 128 or so, of 184 and more). */
#define SUPERS_MAX    (1 << 16)
#define OVERLAY_WORDS 23

struct overlay_look {
	u64 super, first, cred;
	u32 found;
};

static long look_at_super(u32 i, void *ctx)
{
	struct overlay_look *look = ctx;
	struct super_block *sb = (void *)look->super;
	u64 word[OVERLAY_WORDS], others = 1;

	if (BPF_CORE_READ(sb, s_magic) == OVERLAYFS_SUPER_MAGIC &&
	    !bpf_probe_read_kernel(word, sizeof(word), BPF_CORE_READ(sb, s_fs_info))) {
		/* By arithmetic: the verifier would follow each branch of a comparison. */
		for (u32 k = 0; k < OVERLAY_WORDS; k++) {
			u64 differs = word[k] ^ look->cred;

			barrier_var(differs);
			others &= (differs | -differs) >> 63;
		}
		look->found = !others;
	}
	look->super = (u64)BPF_CORE_READ(sb, s_list.next) - bpf_core_field_offset(struct super_block, s_list);
	return look->found || look->super == look->first;
}

/* Whether the task acts under the credentials that an overlay keeps for itself: prepared when it was mounted, and never
 * any task's own (ovl_fill_super). Where in its memory they stand is not known, nor needed: there are no others. */
static __always_inline bool overlay_acts(struct task_struct *task)
{
	struct overlay_look look = {.cred = (u64)BPF_CORE_READ(task, cred)};

	/* All superblocks are in one list, with the task's root among them. */
	look.first = look.super = (u64)BPF_CORE_READ(task, fs, root.mnt, mnt_sb);
	bpf_loop(SUPERS_MAX, look_at_super, &look, 0);
	return look.found;
}

/*
 * A file system that lies on others (overlayfs) changes objects beneath it under its own credentials, on behalf of a
 * task that was asked for the name above. A task without a ring has no other way to other credentials.
 */
static __always_inline bool kernel_acts(struct task_struct *task)
{
	if (likely(!credentials_differ(task)))
		return false;
	if (likely(!task->io_uring && !(task->flags & PF_IO_WORKER)))
		return true;
	return overlay_acts(task);
}

/* Whether a mount's superblock is the kernel's own, as kern_mount makes them. */
static __always_inline bool kernel_super(struct super_block *sb)
{
	return BPF_CORE_READ(sb, s_flags) & (SB_KERNMOUNT | SB_NOUSER);
}

/*
 * An open under a mount that a file system cloned for itself (fs/namespace.c, clone_private_mount): it has no name that
 * a task could open it by. Of the kernel's other mounts, whose objects tasks hold, the superblock is the kernel's too
 * (kern_mount). The mark that newer kernels set in f_mode has moved between them, and types don't tell where.
 */
static __always_inline bool private_open(struct task_struct *task, struct vfsmount *mnt)
{
	return credentials_differ(task) && !kernel_super(BPF_CORE_READ(mnt, mnt_sb));
}

/*
 * The kernel looks up names of servers, of owners and of tickets in keyrings of its own (net/dns_resolver/dns_key.c,
 * fs/nfs/nfs4idmap.c, fs/smb/client/cifs_spnego.c), under credentials whose thread's keyring has a name that begins
 * with a dot. A task's is called _tid (security/keys/process_keys.c, install_thread_keyring_to_cred).
 */
static __always_inline bool kernel_resolves(struct task_struct *task)
{
	char first = 0;

	if (likely(task->cred == task->real_cred))
		return false;
	bpf_probe_read_kernel(&first, 1, BPF_CORE_READ(task, cred, thread_keyring, description));
	return first == '.';
}

#endif
