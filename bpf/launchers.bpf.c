// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keeps the book of launchers (launchers.h): written at the manager's fork, crossed out when the program runs. */
#include "subject.h"

/* Before the child runs (kernel/fork.c, kernel_clone). */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct rf_engine *e = engine_get();
	struct rf_launcher launcher = {.executes = 1};
	u64 key = (u64)child;

	if (likely(!e || (u32)parent->tgid != e->manager) || child->tgid == parent->tgid || cgroup_sandbox())
		return 0;
	launcher.born = child->start_boottime;
	if (child->mm == parent->mm) /* as posix_spawn(3) forks */
		launcher.executes = 2;
	if (!bpf_map_update_elem(&launchers, &key, &launcher, BPF_ANY))
		__sync_fetch_and_add(&e->launchers, 1);
	return 0;
}

static __always_inline void cross_out(struct rf_engine *e, struct task_struct *task)
{
	u64 key = (u64)task;

	if (!bpf_map_delete_elem(&launchers, &key))
		__sync_fetch_and_add(&e->launchers, -1);
}

/* Behind the point of no return and before the program's first instruction (fs/exec.c, exec_binprm). */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct rf_engine *e = engine_get();
	struct rf_launcher *launcher;

	if (likely(!e || !e->launchers))
		return 0;
	launcher = launcher_of(task);
	if (launcher && executes_executor(launcher, bprm->file))
		launcher->executes = 1;
	else
		cross_out(e, task);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct rf_engine *e = engine_get();

	if (unlikely(e && e->launchers))
		cross_out(e, task);
	return 0;
}
