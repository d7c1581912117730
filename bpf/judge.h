/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one place where verdicts are made (judge.bpf.c) and told (tell.bpf.c); every hook calls these. */
#ifndef RINGFENCE_JUDGE_H
#define RINGFENCE_JUDGE_H

#include "path.h"

/*
 * Asks all policies of the chain for `access` to the path in s->path[which]. A refusal is noted in s->out. kind: enum
 * rf_image_kind. Returns 0.
 */
int judge_path(struct scratch *s, u32 which, u32 kind, u32 access);

/* Feeds the tail to the files image of a policy, from the state that it holds on, which becomes the one behind it; its
 * verdict word goes to tail->word. Returns 0; not 0 where the image is no longer the one that the state is of. */
int judge_tail(struct tail *tail, u32 policy);

/* The same for the dentry and mount of path_walk_from. Objects of the kernel's own mounts are judged by their kind. */
int judge_place(struct scratch *s, u32 which, u32 kind, u32 access);

/* Asks the guards for an access to the dentry of path_walk_from, in a file system that falls under `guard`
 * (special_fs). Returns 0. */
int judge_special(struct scratch *s, u32 guard, u32 access);

/* The guard that watches over a kind of file system: what is written there acts on the host, not on files. */
static __always_inline u32 special_fs(u32 magic)
{
	switch (magic) {
	case MQUEUE_MAGIC:
		return RF_GUARD_IPC;
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
		return RF_GUARD_CGROUPS;
	case BPF_FS_MAGIC:
		return RF_GUARD_ENGINE;
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case CONFIGFS_MAGIC:
	case EFIVARFS_MAGIC:
	case PSTOREFS_MAGIC:
	case BINFMTFS_MAGIC:
	case SELINUX_MAGIC:
	case SMACK_MAGIC:
	case RDTGROUP_SUPER_MAGIC:
	case FUSE_CTL_SUPER_MAGIC:
	case NFSD_MAGIC:
	case XENFS_SUPER_MAGIC:
		return RF_GUARD_KERNEL;
	}
	return 0;
}

/* The same for the dentry s->object under every name that it has in the task's mount namespace, in s->path[0]. */
int judge_names(struct scratch *s, u32 kind, u32 access);

/* Asks the same for RF_SHOWN: refused only if it is hidden under every name, since the task may have used any. */
int judge_shown(struct scratch *s);

/* Objects that have no path anywhere (those of path_walk_from, on a mount of the kernel's own): allowed, but for exec,
 * for which a memfd's name is asked. */
int judge_kernel_object(struct scratch *s, u32 access);

/* Asks for an abstract unix name of `len` bytes in s->path[0]. Each NUL in it is judged as '@'. */
int judge_abstract(struct scratch *s, u32 len, u32 access);

/*
 * Asks the seals of all policies for an access to the object s->inode, whatever its name. To run a folder is to enter
 * it. Returns 0.
 */
int judge_seals(struct scratch *s, u32 access);

/* The same behind the rules, of the object that a dentry names; not for hooks that make or take away names, since a
 * name is its folder's and the object stays. */
static __always_inline void judge_sealed(struct scratch *s, const struct dentry *dentry, u32 access);

/* Notes a refusal that no rule decided, on behalf of the first policy that enforces. Returns 0. */
int judge_refuse(struct scratch *s, u32 reason, u32 error);

/* Notes that a guard (enum rf_guard) refuses, on behalf of the first policy that has it on. Returns 0. */
int judge_guard(struct scratch *s, u32 guard);

/*
 * After judge_path of an old name (path 0) and a new one (path 1) by the same kind of image: notes a refusal with EXDEV
 * where a name would give rights that the other lacked, or where a folder has names beneath it that must stay where
 * they are. move: of what kind it is. Returns 0; not 0 where a policy was swapped since, so that the names must be
 * judged again.
 */
enum {
	MOVE_FOLDER = 1,
	MOVE_SOCKET = 2,
	MOVE_BACK_SHIFT = 4, /* of what goes to the old name: shifted */
	MOVE_EXCHANGE = 0x100,
	MOVE_LINK = 0x200, /* a symbolic link is among what gets another name */
	MOVE_FOLDERS = MOVE_FOLDER * (1 + (1 << MOVE_BACK_SHIFT)),
	MOVE_SOCKETS = (MOVE_FOLDER | MOVE_SOCKET) * (1 + (1 << MOVE_BACK_SHIFT)), /* where the unix rules have a say */
};
int judge_gain(struct scratch *s, u32 kind, u32 move);

/* After judge_gain: asks the same for both names under every other mount of the task's namespace (s->pair). Returns as
 * judge_gain does. */
int judge_gain_elsewhere(struct scratch *s);

/*
 * After judge_path of the name of a symbolic link with s->below set: notes a refusal where the link would stand for a
 * folder beneath which names are protected that are not protected elsewhere. What the fence may not write there would
 * come to be, for whoever follows the link, by one call on a name above it. Returns 0.
 */
int judge_stand_in(struct scratch *s, u32 which);

/* Asks all policies for an access (RF_CONNECT or RF_BIND) to s->event.head.address. protocol: enum rf_protocol bit.
 * every: 1 where the port is not known and all must be allowed. Returns 0. */
int judge_dest(struct scratch *s, u32 access, u32 protocol, u32 every);

/* The sandbox of a cgroup whose path is s->path[0], as the image in a slot selects it; 0: nobody does. */
u32 judge_selected(struct scratch *s, u32 slot);
#define RF_UNSELECTABLE (~0u) /* there is no image */

/* Tells the refusal noted in s->out. Returns the errno that the task shall get; 0 in audit mode. object: enum
 * rf_object. */
int tell(struct scratch *s, u32 hook, u32 object);

/* A question of which nothing has been asked yet: what it is about stays. */
static __always_inline void question_begin(struct scratch *s, u32 access)
{
	s->access = access;
	s->out.refused = 0;
	s->walk.proc = 0;
	s->below = 0;
	s->guard = s->target = 0;
	s->seals = 0;
	s->path[0].len = 0;
	s->path[1].len = 0;
}

/* Begins a question for a task of this sandbox; NULL: refuse, no scratch is free (told by the counters alone). */
static __always_inline struct scratch *question_of(u32 sandbox, struct rf_sandbox *box, u64 ns, u32 access)
{
	struct scratch *s = scratch_get();

	if (!box || !s) {
		if (s)
			scratch_put(s);
		if (box) {
			__sync_fetch_and_add(&box->made, 1);
			__sync_fetch_and_add(&box->lost, 1);
			__sync_fetch_and_add(&box->reason[RF_REASON_SCRATCH], 1);
		}
		return NULL;
	}
	s->sandbox = sandbox;
	s->stamp = *(volatile u64 *)&box->stamp;
	barrier();
	s->chain = box->chain;
	s->ns = ns;
	question_begin(s, access);
	return s;
}

static __always_inline struct scratch *question(u32 sandbox, u32 access)
{
	return question_of(sandbox, sandbox_at(sandbox), (u64)current_mnt_ns(bpf_get_current_task_btf()), access);
}

/* Whether a mount is in the task's mount namespace. */
static __always_inline bool path_is_in(struct scratch *s, const void *vfsmount)
{
	struct mount *m = (void *)MOUNT_OF(vfsmount);

	return (u64)BPF_CORE_READ(m, mnt_ns) == s->ns;
}

/* Whether a refusal stands already: one that is only told spares no further question, another policy may refuse. */
static __always_inline bool refused(struct scratch *s)
{
	return s->out.refused && !s->out.audit;
}

static __always_inline void judge_sealed(struct scratch *s, const struct dentry *dentry, u32 access)
{
	if (likely(!s->seals) || refused(s))
		return;
	s->inode = (u64)BPF_CORE_READ(dentry, d_inode);
	judge_seals(s, access);
}

/* Ends a question of which nothing is told: the hook's return value. */
static __always_inline int pass_over(struct scratch *s)
{
	bool stands = refused(s);

	scratch_put(s);
	return stands ? -EPERM : 0;
}

/* Ends a question: the hook's return value. */
static __always_inline int answer(struct scratch *s, u32 hook, u32 object)
{
	int error = 0;

	if (unlikely(s->out.refused))
		error = tell(s, hook, object);
	scratch_put(s);
	/* Constants, kept apart, so that the verifier sees a hook's return value within bounds. */
	if (likely(!error))
		return 0;
	if (error == EPERM) {
		barrier();
		return -EPERM;
	}
	if (error == EPROTONOSUPPORT) {
		barrier();
		return -EPROTONOSUPPORT;
	}
	if (error == EAFNOSUPPORT) {
		barrier();
		return -EAFNOSUPPORT;
	}
	return error == ENOENT ? -ENOENT : error == EXDEV ? -EXDEV : -EACCES;
}

#endif
