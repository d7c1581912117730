// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Guards of the host: mounts, namespaces, capabilities, and what programs the kernel. */
#include "acts.h"
#include "guard.h"
#include "ringfence/capabilities.h"

SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char *device, const struct path *path)
{
	return guard_place(RF_GUARD_MOUNTS, path->dentry, path->mnt, RF_HOOK_sb_mount);
}

SEC("lsm/sb_umount")
int BPF_PROG(sb_umount, struct vfsmount *mnt)
{
	return guard_place(RF_GUARD_MOUNTS, mnt->mnt_root, mnt, RF_HOOK_sb_umount);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sb_pivotroot, const struct path *old, const struct path *new)
{
	return guard_place(RF_GUARD_MOUNTS, new->dentry, new->mnt, RF_HOOK_sb_pivotroot);
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path *from, const struct path *to)
{
	return guard_place(RF_GUARD_MOUNTS, to->dentry, to->mnt, RF_HOOK_move_mount);
}

SEC("lsm/userns_create")
int BPF_PROG(userns_create)
{
	return guard_all(RF_GUARD_NAMESPACES, RF_HOOK_userns_create);
}

/* include/linux/security.h: asked on the way, without an attempt behind it. */
#define CAP_OPT_NOAUDIT 2

/* Reached only where the task has the capability (security/commoncap.c comes first). What the kernel does under
 * credentials of its own on the task's behalf (overlayfs) goes on. */
SEC("lsm/capable")
int BPF_PROG(capable, const struct cred *cred, void *ns, int cap, unsigned int opts)
{
	u32 sandbox;

	if (cap < 0 || cap > 63 || !(RF_CAPS_GUARDED >> cap & 1))
		return 0;
	sandbox = guarded(RF_GUARD_CAPABILITIES);
	if (likely(!sandbox) || kernel_acts(bpf_get_current_task_btf()))
		return 0;
	if (opts & CAP_OPT_NOAUDIT)
		return guard_in_silence(sandbox, RF_GUARD_CAPABILITIES);
	return guard_refuses(sandbox, RF_GUARD_CAPABILITIES, RF_HOOK_capable, RF_OBJECT_CAPABILITY, cap);
}

/* include/uapi/linux/prctl.h */
#define PR_SET_MM	   35
#define PR_SET_MM_EXE_FILE 13

/*
 * Another program's name for the one that runs, which denials would tell. PR_SET_MM_MAP sets it too, and wants
 * CHECKPOINT_RESTORE, which is guarded; PR_SET_MM_EXE_FILE wants SYS_RESOURCE alone (kernel/sys.c, prctl_set_mm), so it
 * is refused as the other one is. What this program lets pass goes on: a program of this kind that returns 0 leaves the
 * answer to the kernel's own function, which is that nobody handled the option (kernel/bpf/bpf_lsm.c).
 */
SEC("lsm/task_prctl")
int BPF_PROG(task_prctl, int option, unsigned long arg)
{
	u32 sandbox;

	if (option != PR_SET_MM || arg != PR_SET_MM_EXE_FILE)
		return 0;
	sandbox = guarded(RF_GUARD_CAPABILITIES);
	if (likely(!sandbox))
		return 0;
	return guard_refuses(sandbox, RF_GUARD_CAPABILITIES, RF_HOOK_task_prctl, RF_OBJECT_CAPABILITY,
			     RF_CAP_CHECKPOINT_RESTORE);
}

SEC("lsm/syslog")
int BPF_PROG(syslog)
{
	return guard_all(RF_GUARD_KERNEL, RF_HOOK_syslog);
}

SEC("lsm/bpf")
int BPF_PROG(bpf)
{
	return guard_all(RF_GUARD_BPF, RF_HOOK_bpf);
}

/* perf_event_open(2): what the host does not allow the caller is EACCES. */
SEC("lsm/perf_event_open")
int BPF_PROG(perf_event_open)
{
	u32 sandbox = guarded(RF_GUARD_PERF);
	struct scratch *s;

	if (likely(!sandbox))
		return 0;
	s = question(sandbox, 0);
	if (!s)
		return -EACCES;
	judge_guard(s, RF_GUARD_PERF);
	s->out.error = EACCES;
	return answer(s, RF_HOOK_perf_event_open, RF_OBJECT_NONE);
}

/* include/linux/kernel_read_file.h: firmware is asked for by a driver, not by the task that opens its device. */
#define READING_FIRMWARE 1

SEC("lsm/kernel_read_file")
int BPF_PROG(kernel_read_file, struct file *file, int id)
{
	if (id == READING_FIRMWARE)
		return 0;
	return guard_place(RF_GUARD_MODULES, file->f_path.dentry, file->f_path.mnt, RF_HOOK_kernel_read_file);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(kernel_load_data, int id)
{
	return id == READING_FIRMWARE ? 0 : guard_all(RF_GUARD_MODULES, RF_HOOK_kernel_load_data);
}

/* Requests under registered credentials (io_uring/io_uring.c), which may be another task's. No policy switches this
 * off.
 */
SEC("lsm/uring_override_creds")
int BPF_PROG(uring_override_creds)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox))
		return 0;
	s = question(sandbox, 0);
	if (!s)
		return -EACCES;
	s->guard = RF_GUARD_IO_URING;
	judge_refuse(s, RF_REASON_GUARD, EPERM);
	return answer(s, RF_HOOK_uring_override_creds, RF_OBJECT_NONE);
}

SEC("lsm/uring_cmd")
int BPF_PROG(uring_cmd)
{
	return guard_all(RF_GUARD_IO_URING, RF_HOOK_uring_cmd);
}

/* Keys hang on credentials, which are older than the fence: any that a task can reach may be from outside. What the
 * kernel looks up for itself (a server's name) goes on. */
SEC("lsm/key_alloc")
int BPF_PROG(key_alloc)
{
	return kernel_resolves(bpf_get_current_task_btf()) ? 0 : guard_all(RF_GUARD_KEYS, RF_HOOK_key_alloc);
}

SEC("lsm/key_permission")
int BPF_PROG(key_permission)
{
	return kernel_resolves(bpf_get_current_task_btf()) ? 0 : guard_all(RF_GUARD_KEYS, RF_HOOK_key_permission);
}
