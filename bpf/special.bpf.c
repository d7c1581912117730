// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files that are not files: what is written there steers the host, whatever path they have. */
#include "guard.h"
#include "name.h"

/* Of a cgroup of the sandbox's own everything may be written but who is in it: that would draw in tasks from outside,
 * or let go its own. */
static __always_inline bool cgroup_is_own(struct scratch *s, struct dentry *dentry)
{
	char name[NAME_BYTES] = "";

	if (BPF_CORE_READ(dentry, d_sb, s_magic) != CGROUP2_SUPER_MAGIC)
		return false;
	read_name(dentry, name);
	if (BEGINS(name, "cgroup.procs") || BEGINS(name, "cgroup.threads"))
		return false;
	return cgroup_within(BPF_CORE_READ(dentry, d_parent, d_inode, i_ino), s->sandbox);
}

struct climb {
	u64 dentry;
};

/* To the entry right beneath the root of the file system. */
static long climb_up(u32 i, void *ctx)
{
	struct climb *climb = ctx;
	struct dentry *dentry = (void *)climb->dentry, *parent = BPF_CORE_READ(dentry, d_parent);

	if (BPF_CORE_READ(parent, d_parent) == parent)
		return 1;
	climb->dentry = (u64)parent;
	return 0;
}

/* The guard of a file of procfs; 0: none. What is read of a task is a matter of rules and of the guard ptrace; what is
 * written there changes how it runs. The rest is the kernel's. */
static __always_inline u32 proc_guard(struct scratch *s, struct dentry *dentry, u32 access)
{
	struct climb climb = {(u64)dentry};
	char name[NAME_BYTES] = "";
	struct task_struct *task;

	bpf_loop(RF_DEPTH_MAX, climb_up, &climb, 0);
	read_name((void *)climb.dentry, name);
	if (!(access & RF_WRITE))
		return BEGINS(name, "kcore") ? RF_GUARD_KERNEL : 0;
	if (name[0] < '0' || name[0] > '9')
		return RF_GUARD_KERNEL;
	task = proc_task((void *)climb.dentry);
	return task && task_within(task, s->sandbox) ? 0 : RF_GUARD_SIGNALS;
}

int judge_special(struct scratch *s, u32 guard, u32 access)
{
	struct dentry *dentry;

	if (!s)
		return 1;
	dentry = (void *)s->walk.from_dentry;
	if (BPF_CORE_READ(dentry, d_sb, s_magic) == PROC_SUPER_MAGIC) {
		guard = proc_guard(s, dentry, access);
		if (!guard)
			return 0;
	} else if (guard == RF_GUARD_IPC) {
		return judge_guard(s, guard);
	} else if (!(access & RF_WRITE) || (guard == RF_GUARD_CGROUPS && cgroup_is_own(s, dentry))) {
		return 0;
	}
	return judge_guard(s, guard);
}
