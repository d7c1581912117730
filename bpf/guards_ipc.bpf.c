// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The guard of System V objects and POSIX message queues: those that a sandbox made are its own, all others are not. */
#include "guard.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_IPCS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);   /* address of its struct kern_ipc_perm */
	__type(value, u64); /* rf_sandbox.id */
} ipcs SEC(".maps");

static __always_inline int ask_ipc(struct kern_ipc_perm *ipc, u32 hook)
{
	u32 sandbox = guarded(RF_GUARD_IPC);
	struct rf_sandbox *box;
	u64 key = (u64)ipc, *owner;

	if (likely(!sandbox) || !ipc) /* without one it is a question about limits */
		return 0;
	box = sandbox_at(sandbox);
	owner = bpf_map_lookup_elem(&ipcs, &key);
	if (owner && box && *owner == box->id)
		return 0;
	return guard_refuses(sandbox, RF_GUARD_IPC, hook, RF_OBJECT_NONE, 0);
}

#define HOOK_IPC(name)                                \
	SEC("lsm/" #name)                             \
	int BPF_PROG(name, struct kern_ipc_perm *ipc) \
	{                                             \
		return ask_ipc(ipc, RF_HOOK_##name);  \
	}
HOOK_IPC(ipc_permission)
HOOK_IPC(shm_shmctl)
HOOK_IPC(msg_queue_msgctl)
HOOK_IPC(sem_semctl)

/* An object that can't be noted is a stranger's to its own maker: refused there, with this guard's reason. */
static __always_inline int note_ipc(struct kern_ipc_perm *ipc)
{
	u32 sandbox = current_sandbox();
	struct rf_sandbox *box = sandbox ? sandbox_at(sandbox) : NULL;
	u64 key = (u64)ipc, id;

	if (likely(!box))
		return 0;
	id = box->id;
	bpf_map_update_elem(&ipcs, &key, &id, BPF_ANY);
	return 0;
}

/* The address can be another object's next (ipc/util.c frees by RCU after this). */
static __always_inline int forget_ipc(struct kern_ipc_perm *ipc)
{
	u64 key = (u64)ipc;

	bpf_map_delete_elem(&ipcs, &key);
	return 0;
}

#define HOOKS_IPC_LIFE(kind)                                           \
	SEC("lsm/" #kind "_alloc_security")                            \
	int BPF_PROG(kind##_alloc_security, struct kern_ipc_perm *ipc) \
	{                                                              \
		return note_ipc(ipc);                                  \
	}                                                              \
	SEC("lsm/" #kind "_free_security")                             \
	int BPF_PROG(kind##_free_security, struct kern_ipc_perm *ipc)  \
	{                                                              \
		return forget_ipc(ipc);                                \
	}
HOOKS_IPC_LIFE(shm)
HOOKS_IPC_LIFE(msg_queue)
HOOKS_IPC_LIFE(sem)

/* mq_open makes and mq_unlink takes away without a path hook (ipc/mqueue.c); opening is asked in judge_kernel_object.
 */
static __always_inline int ask_mqueue(struct inode *dir, u32 hook)
{
	return likely(dir->i_sb->s_magic != MQUEUE_MAGIC) ? 0 : guard_all(RF_GUARD_IPC, hook);
}

SEC("lsm/inode_create")
int BPF_PROG(inode_create, struct inode *dir)
{
	return ask_mqueue(dir, RF_HOOK_inode_create);
}

SEC("lsm/inode_unlink")
int BPF_PROG(inode_unlink, struct inode *dir)
{
	return ask_mqueue(dir, RF_HOOK_inode_unlink);
}
