// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks that come with an open file, or with all that makes one's path: open, run, map, stat. */
#include "file.h"
#include "guard.h"

static __always_inline u32 open_access(struct file *file)
{
	u32 flags = file->f_flags, mode = flags & O_ACCMODE;

	/* Asked again by the hooks that run and map; here so that not even a header is read of what may not be run. */
	if (unlikely(flags & FMODE_EXEC_FLAG))
		return RF_EXEC;
	/* 0, 1, 2 ask to read, to write, for both; 3 for neither: it gives a descriptor for ioctls, and needs both. */
	return mode + 1 - (mode >> 1 & mode);
}

SEC("lsm/file_open")
int BPF_PROG(file_open, struct file *file)
{
	u32 access = open_access(file);
	u32 sandbox = unlikely(access == RF_EXEC) ? executing_sandbox(file) : current_sandbox();

	if (likely(!sandbox))
		return 0;
	return judge_file(sandbox, file, access, RF_HOOK_file_open);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(bprm_check_security, struct linux_binprm *bprm)
{
	u32 sandbox = executing_sandbox(bprm->file);

	if (likely(!sandbox))
		return 0;
	return judge_file(sandbox, bprm->file, RF_EXEC, RF_HOOK_bprm_check_security);
}

SEC("lsm/mmap_file")
int BPF_PROG(mmap_file, struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags)
{
	u32 sandbox;

	if (!file || !((reqprot | prot) & PROT_EXEC))
		return 0;
	sandbox = current_sandbox();
	if (likely(!sandbox))
		return 0;
	return judge_file(sandbox, file, RF_EXEC, RF_HOOK_mmap_file);
}

/*
 * The path of what is mapped, as the task opened it. A mapping of an overlay's file holds the file beneath it, under
 * the overlay's private mount (fs/backing-file.c, backing_file_mmap); before 6.8 that has the visible path.
 */
static __always_inline struct dentry *mapped_place(struct scratch *s, struct file *file)
{
	struct backing_file *backing = (void *)file;
	struct dentry *dentry = file->f_path.dentry;
	struct vfsmount *mnt = file->f_path.mnt;

	if (bpf_core_field_exists(backing->user_path) &&
	    (u64)BPF_CORE_READ((struct mount *)MOUNT_OF(mnt), mnt_ns) == MNT_NS_INTERNAL &&
	    !kernel_super(BPF_CORE_READ(mnt, mnt_sb))) {
		dentry = BPF_CORE_READ(backing, user_path.dentry);
		mnt = BPF_CORE_READ(backing, user_path.mnt);
	}
	path_walk_from(s, dentry, mnt);
	return dentry;
}

SEC("lsm/file_mprotect")
int BPF_PROG(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	u32 sandbox;
	struct dentry *dentry;
	struct scratch *s;
	struct file *file;

	if (!((reqprot | prot) & PROT_EXEC) || vma->vm_flags & VM_EXEC)
		return 0;
	file = vma->vm_file;
	if (!file)
		return 0;
	sandbox = current_sandbox();
	if (likely(!sandbox))
		return 0;
	s = question(sandbox, RF_EXEC);
	if (!s)
		return -EACCES;
	dentry = mapped_place(s, file);
	judge_place(s, 0, RF_IMAGE_FILES, RF_EXEC);
	judge_sealed(s, dentry, RF_EXEC);
	return answer(s, RF_HOOK_file_mprotect, RF_OBJECT_FILE);
}

SEC("lsm/file_truncate")
int BPF_PROG(file_truncate, struct file *file)
{
	return ask_file_write(file, RF_HOOK_file_truncate);
}

/* include/linux/fs.h, f_mode: the same bits for what a descriptor can do; none for one of O_PATH. */
#define FMODE_ACCESS (RF_READ | RF_WRITE)

/* A BPF object, or a ring whose polling thread may act outside of the fence. */
static __always_inline bool is_hand_outside(struct dentry *dentry)
{
	char name[8] = "";

	if (BPF_CORE_READ(dentry, d_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return false;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	return (name[0] == 'b' && name[1] == 'p' && name[2] == 'f') ||
	       (name[1] == 'i' && name[2] == 'o' && name[3] == '_');
}

/* A descriptor that arrives was opened by somebody else, who may have been asked nothing (net/core/scm.c). */
SEC("lsm/file_receive")
int BPF_PROG(file_receive, struct file *file)
{
	u32 sandbox = guarded(RF_GUARD_FDS), access = file->f_mode & FMODE_ACCESS;
	struct scratch *s;

	if (likely(!sandbox) || !access)
		return 0;
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	path_walk_from(s, file->f_path.dentry, file->f_path.mnt);
	judge_place(s, 0, RF_IMAGE_FILES, access);
	judge_sealed(s, file->f_path.dentry, access);
	if (!refused(s) && is_hand_outside(file->f_path.dentry))
		judge_guard(s, RF_GUARD_FDS);
	return answer(s, RF_HOOK_file_receive, RF_OBJECT_FILE);
}

/* Refuses what is hidden, and nothing else: what has no path in the task's namespace has none to be hidden under. */
static __always_inline int ask_stat(u32 sandbox, struct path *path)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *s = question(sandbox, RF_SHOWN);
	u32 kind, reason = 0;

	if (!s)
		return -EACCES;
	if (!path_by_kernel(s, path, task, path_mounts(), &kind)) {
		if (kind == MOUNT_KERNEL || kind == MOUNT_FOREIGN)
			return pass_over(s);
		path_walk_from(s, path->dentry, path->mnt);
		reason = path_walk(s, 0);
	}
	if (!reason)
		judge_path(s, 0, RF_IMAGE_FILES, RF_SHOWN);
	else if (reason != RF_REASON_NO_PATH)
		judge_refuse(s, reason, EACCES);
	return answer(s, RF_HOOK_inode_getattr, RF_OBJECT_FILE);
}

/* Attached only while a policy in force hides objects from stat(2) (seals.bpf.c has access(2) and chdir(2)). */
SEC("lsm/inode_getattr")
int BPF_PROG(inode_getattr, struct path *path)
{
	u32 sandbox = current_sandbox();
	struct rf_sandbox *box;
	struct rf_chain *chain;

	if (likely(!sandbox))
		return 0;
	box = sandbox_at(sandbox);
	chain = box ? chain_at(box->chain) : NULL;
	/* What an overlay asks of a file beneath it comes with a mount of its own (ask_stat). */
	if (!chain || !chain->hides)
		return 0;
	return ask_stat(sandbox, path);
}
