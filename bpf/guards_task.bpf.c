// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Guards of tasks outside the sandbox. */
#include "guard.h"

/* include/linux/ptrace.h: asked by a reader of /proc that leaves out what is refused. */
#define PTRACE_MODE_NOAUDIT 4

SEC("lsm/ptrace_access_check")
int BPF_PROG(ptrace_access_check, struct task_struct *child, unsigned int mode)
{
	return guard_task(RF_GUARD_PTRACE, child, RF_HOOK_ptrace_access_check, mode & PTRACE_MODE_NOAUDIT);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(ptrace_traceme, struct task_struct *parent)
{
	return guard_task(RF_GUARD_PTRACE, parent, RF_HOOK_ptrace_traceme, false);
}

/* Signal 0 only asks whether the task is there. */
SEC("lsm/task_kill")
int BPF_PROG(task_kill, struct task_struct *task, void *info, int sig)
{
	return sig ? guard_task(RF_GUARD_SIGNALS, task, RF_HOOK_task_kill, false) : 0;
}

#define HOOK_TASK(name)                                                           \
	SEC("lsm/" #name)                                                         \
	int BPF_PROG(name, struct task_struct *task)                              \
	{                                                                         \
		return guard_task(RF_GUARD_SIGNALS, task, RF_HOOK_##name, false); \
	}
HOOK_TASK(task_setnice)
HOOK_TASK(task_setscheduler)
HOOK_TASK(task_setioprio)
HOOK_TASK(task_movememory)
HOOK_TASK(task_setrlimit)

/* include/uapi/asm-generic/fcntl.h */
#define F_SETOWN    8
#define F_SETOWN_EX 15

/* The process' number in its own process namespace (include/linux/pid.h: one for each level, the last is its own). */
static __always_inline u32 own_number(void)
{
	struct pid *pid = BPF_CORE_READ(bpf_get_current_task_btf(), group_leader, thread_pid);
	u64 upid = (u64)pid + bpf_core_field_offset(struct pid, numbers);

	upid += BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
	return BPF_CORE_READ((struct upid *)upid, nr);
}

/* The kernel sends any signal that F_SETSIG names to the owner of a file, on its own behalf and from anywhere. So only
 * the task itself may be one; what F_SETOWN_EX points at could change after we have looked. */
SEC("lsm/file_fcntl")
int BPF_PROG(file_fcntl, struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 sandbox;

	if (cmd != F_SETOWN && cmd != F_SETOWN_EX)
		return 0;
	if (cmd == F_SETOWN && (!(u32)arg || (u32)arg == own_number()))
		return 0;
	sandbox = guarded(RF_GUARD_SIGNALS);
	if (likely(!sandbox))
		return 0;
	return guard_refuses(sandbox, RF_GUARD_SIGNALS, RF_HOOK_file_fcntl, RF_OBJECT_TASK,
			     cmd == F_SETOWN && (s32)arg > 0 ? (u32)arg : 0); /* below 0: a group */
}

/* include/uapi/linux/sched.h */
#define CLONE_INTO_CGROUP 0x200000000ull

/* The cgroup that is meant can't be seen here (kernel/fork.c asks before it looks), so none may be. */
SEC("lsm/task_alloc")
int BPF_PROG(task_alloc, struct task_struct *task, unsigned long flags)
{
	return likely(!(flags & CLONE_INTO_CGROUP)) ? 0 : guard_all(RF_GUARD_CGROUPS, RF_HOOK_task_alloc);
}
