/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who asks: the tag of the current task's cgroup, and the policies behind it. */
#ifndef RINGFENCE_SUBJECT_H
#define RINGFENCE_SUBJECT_H

#include "scratch.h"
#include "launchers.h"

/* Levels of cgroups that are looked through where a child could not be tagged at its creation. */
#define CGROUP_DEPTH_MAX 64

static __always_inline struct rf_engine *engine_get(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&engine, &zero);
}

/* The sandbox of the nearest tagged cgroup around the task; 0: none. */
static __noinline u32 sandbox_of_ancestor(void)
{
	for (int level = 0; level < CGROUP_DEPTH_MAX; level++) {
		/* The task's own level is not known; levels below it have no id. From the deepest up, the first tag
		 * found is the innermost. */
		u64 id = bpf_get_current_ancestor_cgroup_id(CGROUP_DEPTH_MAX - 1 - level);
		struct rf_tag *tag = id ? bpf_map_lookup_elem(&tags, &id) : NULL;

		if (tag)
			return tag->sandbox;
	}
	return 0;
}

static __always_inline struct rf_hint *hint_of(u64 cgroup)
{
	u32 index = cgroup & (RF_HINTS_MAX - 1);

	return bpf_map_lookup_elem(&hints, &index);
}

/*
 * The sandbox of the current task's cgroup; 0: it has none. A child cgroup inherits its tag at creation
 * (tags.bpf.c); only when that once failed, because the map was full, are ancestors asked. Hints spare most tasks the
 * look-up in the tags: a hint with this very id is right while a task is in the cgroup, and where no tagged cgroup
 * shares its place there is no tag.
 */
static __always_inline u32 cgroup_sandbox(void)
{
	u64 id = bpf_get_current_cgroup_id();
	struct rf_hint *hint = hint_of(id);
	struct rf_engine *e;
	struct rf_tag *tag;

	if (hint && *(volatile u64 *)&hint->cgroup == id)
		return *(volatile u32 *)&hint->sandbox;
	if (!hint || hint->tagged) {
		tag = bpf_map_lookup_elem(&tags, &id);
		if (tag)
			return tag->sandbox;
	}
	e = engine_get();
	return unlikely(e && e->untagged) ? sandbox_of_ancestor() : 0;
}

/* Whether there are launchers at all: then it is worth a look who somebody is. */
static __always_inline bool launchers_live(void)
{
	struct rf_engine *e = engine_get();

	return unlikely(e && e->launchers);
}

static __always_inline bool launcher_asks(void)
{
	return launchers_live() && launcher_or_helper(bpf_get_current_task_btf());
}

/* The sandbox that the current task is fenced by; 0: none. */
static __always_inline u32 current_sandbox(void)
{
	u32 sandbox = cgroup_sandbox();

	return likely(!sandbox) || unlikely(launcher_asks()) ? 0 : sandbox;
}

/* The same where the task executes a file: a launcher's program is judged as all that comes after it. */
static __always_inline u32 executing_sandbox(struct file *file)
{
	u32 sandbox = cgroup_sandbox();
	struct rf_launcher *launcher;

	if (likely(!sandbox) || likely(!launcher_asks()))
		return sandbox;
	launcher = launcher_of(bpf_get_current_task_btf());
	return launcher && executes_executor(launcher, file) ? 0 : sandbox;
}

static __always_inline struct rf_sandbox *sandbox_at(u32 index)
{
	return bpf_map_lookup_elem(&sandboxes, &index);
}

static __always_inline struct rf_chain *chain_at(u32 index)
{
	return bpf_map_lookup_elem(&chains, &index);
}

static __always_inline struct mnt_namespace *current_mnt_ns(struct task_struct *task)
{
	return task->nsproxy->mnt_ns;
}

/* The task of a directory /proc/<number>; NULL: it has ended. */
static __always_inline struct task_struct *proc_task(struct dentry *dir)
{
	struct inode *inode = BPF_CORE_READ(dir, d_inode);
	struct proc_inode *proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	struct pid *pid = inode ? BPF_CORE_READ(proc, pid) : NULL;
	/* Index 0 is PIDTYPE_PID; we are within an RCU read section, which keeps a linked task. */
	struct hlist_node *first = pid ? BPF_CORE_READ(pid, tasks[0].first) : NULL;

	return first ? (void *)first - bpf_core_field_offset(struct task_struct, pid_links[0]) : NULL;
}

#endif
