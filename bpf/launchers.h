/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Launchers: what the service manager forked and what has not executed its program yet. It is the manager's own code,
 * which makes the unit's namespaces, users and limits ready, from inside the unit's cgroup: systemd puts a unit's
 * process there before all that (src/core/execute.c, exec_child), twice, and newer ones have it born there. A launcher
 * is not fenced, is outside of every sandbox for those who are, and what it executes is judged.
 */
#ifndef RINGFENCE_LAUNCHERS_H
#define RINGFENCE_LAUNCHERS_H

#include "maps.h"
#include "name.h"

/* include/linux/sched.h: forked, and nothing executed since. */
#define PF_FORKNOEXEC 0x40

/* From 254 on systemd does this work in a program of its own, which it starts as posix_spawn(3) does. */
#define EXECUTOR "systemd-executor"

/* `task` is looked up by its address alone. An address comes back, a time does not. */
static __always_inline struct rf_launcher *launcher_of(struct task_struct *task)
{
	u64 key = (u64)task;
	struct rf_launcher *launcher = bpf_map_lookup_elem(&launchers, &key);

	return launcher && launcher->born == BPF_CORE_READ(task, start_boottime) ? launcher : NULL;
}

static __always_inline bool executes_executor(struct rf_launcher *launcher, struct file *file)
{
	char name[NAME_BYTES] = "";

	return launcher->executes == 2 && read_name(file->f_path.dentry, name) == sizeof(EXECUTOR) - 1 &&
	       BEGINS(name, EXECUTOR);
}

/* Whether a task is a launcher, or was forked by one to help it and lives no longer as such than that one. */
static __noinline bool launcher_or_helper(struct task_struct *task)
{
	if (launcher_of(task))
		return true;
	return BPF_CORE_READ(task, flags) & PF_FORKNOEXEC && launcher_of(BPF_CORE_READ(task, real_parent));
}

#endif
