// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Seals: objects that a policy denies under every name; and access(2), chdir(2) and chroot(2) of what a policy hides.
 * Attached only while a policy in force has such, since this hook runs once for each component of each path of each
 * task of the host.
 */
#include "acts.h"
#include "judge.h"
#include "seal.h"

/* include/linux/fs.h */
#define MAY_EXEC   1
#define MAY_WRITE  2
#define MAY_READ   4
#define MAY_ACCESS 0x10
#define MAY_CHDIR  0x40

static __always_inline u64 dentry_of(struct hlist_node *alias)
{
	return (u64)alias - (bpf_core_field_exists(struct dentry___plain, d_alias)
				     ? bpf_core_field_offset(struct dentry___plain, d_alias)
				     : bpf_core_field_offset(struct dentry, d_u.d_alias));
}

/* The name that is told: that of the inode's first dentry. The verdict stands. */
static __always_inline void seal_name(struct scratch *s, struct inode *inode)
{
	struct hlist_node *alias = BPF_CORE_READ(inode, i_dentry.first);
	struct outcome out = s->out;

	if (!alias)
		return;
	s->object = dentry_of(alias);
	judge_names(s, RF_IMAGE_FILES, 0);
	s->out = out;
}

/* Nothing but an inode comes with these questions: where it has several names, nobody can tell which one was used. */
static __always_inline int ask_shown(u32 sandbox, struct inode *inode)
{
	struct hlist_node *alias = BPF_CORE_READ(inode, i_dentry.first);
	struct scratch *s;

	if (!alias || BPF_CORE_READ(alias, next) || kernel_acts(bpf_get_current_task_btf()))
		return 0;
	s = question(sandbox, RF_SHOWN);
	if (!s)
		return -EACCES;
	s->object = dentry_of(alias);
	judge_shown(s);
	return answer(s, RF_HOOK_inode_permission, RF_OBJECT_FILE);
}

/*
 * Whether the kernel asks on its own behalf: execve looks whether the task might read the program that it runs, and if
 * not makes the process undumpable (would_dump in fs/exec.c, the only caller within an execve that asks for MAY_READ
 * alone). Nobody tried to read, so nothing is told.
 */
static __always_inline bool asked_by_execve(u32 mask)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return mask == MAY_READ && BPF_CORE_READ_BITFIELD(task, in_execve);
}

SEC("lsm/inode_permission")
int BPF_PROG(inode_permission, struct inode *inode, int mask)
{
	u32 sandbox, access;
	struct rf_sandbox *box;
	struct rf_chain *chain;
	struct scratch *s;
	int error;

	if (!(mask & (MAY_EXEC | MAY_WRITE | MAY_READ | MAY_ACCESS)))
		return 0;
	sandbox = current_sandbox();
	if (likely(!sandbox))
		return 0;
	box = sandbox_at(sandbox);
	chain = box ? chain_at(box->chain) : NULL;
	if (!chain)
		return 0;
	if (unlikely(chain->hides && mask & (MAY_ACCESS | MAY_CHDIR))) {
		error = ask_shown(sandbox, inode);
		if (error)
			return error;
	}
	if (!chain->seals)
		return 0;
	access = (mask & MAY_READ ? RF_READ : 0) | (mask & MAY_WRITE ? RF_WRITE : 0) | (mask & MAY_EXEC ? RF_EXEC : 0);
	if (likely(!seals_refuse(chain, inode, access)))
		return 0;
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	s->inode = (u64)inode;
	judge_seals(s, access);
	if (asked_by_execve(mask))
		return pass_over(s);
	seal_name(s, inode);
	return answer(s, RF_HOOK_inode_permission, RF_OBJECT_FILE);
}
