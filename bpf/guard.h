/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Guards: what a sandbox may not do whatever its rules say, unless a policy switches the guard off. */
#ifndef RINGFENCE_GUARD_H
#define RINGFENCE_GUARD_H

#include "judge.h"

/* The current task's sandbox if it has this guard on; 0: it may go on. */
static __always_inline u32 guarded(u32 guard)
{
	u32 sandbox = current_sandbox();
	struct rf_sandbox *box;
	struct rf_chain *chain;

	if (likely(!sandbox))
		return 0;
	box = sandbox_at(sandbox);
	chain = box ? chain_at(box->chain) : NULL;
	/* Without a chain the question that follows refuses. */
	return !chain || chain->guards & RF_GUARD_BIT(guard) ? sandbox : 0;
}

/* Refuses, and tells it of `target` (rf_event.target). */
static __always_inline int guard_refuses(u32 sandbox, u32 guard, u32 hook, u32 object, u32 target)
{
	struct scratch *s = question(sandbox, 0);

	if (!s)
		return -EACCES;
	s->target = target;
	judge_guard(s, guard);
	return answer(s, hook, object);
}

/* Refuses in silence: nothing was attempted, the kernel only looks what the task might do. */
static __always_inline int guard_in_silence(u32 sandbox, u32 guard)
{
	struct scratch *s = question(sandbox, 0);

	if (!s)
		return -EPERM;
	judge_guard(s, guard);
	return pass_over(s);
}

static __always_inline int guard_all(u32 guard, u32 hook)
{
	u32 sandbox = guarded(guard);

	return likely(!sandbox) ? 0 : guard_refuses(sandbox, guard, hook, RF_OBJECT_NONE, 0);
}

/* The same for an object with a place, whose path is told. */
static __always_inline int guard_place(u32 guard, const struct dentry *dentry, const struct vfsmount *mnt, u32 hook)
{
	u32 sandbox = guarded(guard);
	struct scratch *s;

	if (likely(!sandbox))
		return 0;
	s = question(sandbox, 0);
	if (!s)
		return -EACCES;
	path_walk_from(s, dentry, mnt);
	if (path_walk(s, 0))
		s->path[0].len = 0;
	judge_guard(s, guard);
	return answer(s, hook, RF_OBJECT_FILE);
}

/* Whether a sandbox is `sandbox` or lies within it. */
static __always_inline bool sandbox_within(u32 other, u32 sandbox)
{
	struct rf_sandbox *box;
	struct rf_chain *chain;

	if (other == sandbox)
		return true;
	box = other ? sandbox_at(other) : NULL;
	chain = box ? chain_at(box->chain) : NULL;
	if (!chain)
		return false;
	for (u32 i = 0; i < RF_CHAIN_MAX; i++)
		if (i < chain->links && chain->link[i].sandbox == sandbox)
			return true;
	return false;
}

/* Whether a cgroup belongs to the sandbox or to one within it. */
static __always_inline bool cgroup_within(u64 id, u32 sandbox)
{
	struct rf_tag *tag = bpf_map_lookup_elem(&tags, &id);

	return tag && sandbox_within(tag->sandbox, sandbox);
}

/* Whether a socket was made in the sandbox or in one within it: by who made it, not by who has it now. A sandbox that
 * stands for several cgroups has none of its own, and makes none of them one with another. */
static __always_inline bool socket_within(struct sock *sk, u32 sandbox)
{
	struct rf_sandbox *box = sandbox_at(sandbox);

	return box && box->cgroup && cgroup_within(sk->sk_cgrp_data.cgroup->kn->id, sandbox);
}

/* A launcher is outside, whichever cgroup it is in. */
static __always_inline bool task_within(struct task_struct *task, u32 sandbox)
{
	if (launchers_live() && launcher_or_helper(task))
		return false;
	return cgroup_within(BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id), sandbox);
}

/* The text of s->path[0] becomes the name that a task gave itself. */
static __always_inline void task_name(struct scratch *s, struct task_struct *task)
{
	struct pathbuf *p = &s->path[0];
	u32 len = 0;

	bpf_probe_read_kernel(p->data, RF_COMM_LEN, task->comm);
	while (len < RF_COMM_LEN && p->data[len & (RF_COMM_LEN - 1)])
		len++;
	p->off = 0;
	p->len = len;
}

/* Asks for an act on another task: free within the sandbox. quiet: refused, but not told. */
static __always_inline int guard_task(u32 guard, struct task_struct *task, u32 hook, bool quiet)
{
	u32 sandbox = guarded(guard);
	struct scratch *s;

	if (likely(!sandbox) || task->tgid == bpf_get_current_pid_tgid() >> 32 || task_within(task, sandbox))
		return 0;
	s = question(sandbox, 0);
	if (!s)
		return -EACCES;
	s->target = task->tgid;
	task_name(s, task);
	judge_guard(s, guard);
	if (quiet)
		return pass_over(s);
	return answer(s, hook, RF_OBJECT_TASK);
}

#endif
