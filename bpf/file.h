/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Questions about an open file, asked of its folder's state first. Else the path comes from the kernel's bpf_d_path
 * where that means what a policy means, or from our own walk.
 */
#ifndef RINGFENCE_FILE_H
#define RINGFENCE_FILE_H

#include "acts.h"
#include "folder.h"

/* Kinds of mounts, as the task sees them. */
enum mount_kind {
	MOUNT_PLAIN = 1, /* bpf_d_path tells a policy's path */
	MOUNT_WALK,	 /* in the task's namespace, but only a walk tells it */
	MOUNT_FOREIGN,	 /* of another namespace, or detached */
	MOUNT_KERNEL,	 /* the kernel's own, in no namespace */
};

struct mount_look {
	u64 mount, root_mount, root_dentry;
	u32 kind, below_root;
};

/* One mount on the way up. bpf_d_path stops at the task's root, and can't tell a dentry outside its mount's root: so
 * all mounts must show their file system whole, and nothing but roots may lie above the task's root. */
static long look_up(u32 i, void *ctx)
{
	struct mount_look *look = ctx;
	struct mount *m = (void *)look->mount;
	u64 root = (u64)BPF_CORE_READ(m, mnt.mnt_root);
	struct mount_head head;

	if (root != (u64)BPF_CORE_READ(m, mnt.mnt_sb, s_root))
		return 1;
	if (look->below_root && look->mount == look->root_mount) {
		if (look->root_dentry != root)
			return 1;
		look->below_root = 0;
	}
	mount_head(look->mount, &head);
	if (!head.parent)
		return 1;
	if (head.parent == look->mount) {
		if (!look->below_root)
			look->kind = MOUNT_PLAIN;
		return 1;
	}
	m = (void *)head.parent;
	if (!look->below_root && head.mountpoint != (u64)BPF_CORE_READ(m, mnt.mnt_root))
		return 1;
	look->mount = head.parent;
	return 0;
}

/* The kind of a file's mount, from the memo where the same was asked before and no mount has changed since. */
static __always_inline u32 mount_kind(struct scratch *s, u64 vfsmount, struct task_struct *task, u32 mounts)
{
	struct fs_struct *fs = task->fs;
	struct mount_look look = {.mount = MOUNT_OF(vfsmount), .kind = MOUNT_WALK, .below_root = 1};
	struct mount_memo *memo = &s->memo;
	u64 ns, mount = look.mount;
	u32 magic;

	look.root_dentry = (u64)fs->root.dentry;
	look.root_mount = MOUNT_OF(fs->root.mnt);
	if (likely(memo->kind && memo->mount == mount && memo->seq == mounts && memo->ns == s->ns &&
		   memo->root_mount == look.root_mount && memo->root_dentry == look.root_dentry))
		return memo->kind;
	ns = (u64)BPF_CORE_READ((struct mount *)mount, mnt_ns);
	magic = BPF_CORE_READ((struct vfsmount *)vfsmount, mnt_sb, s_magic);
	memo->special = special_fs(magic);
	if (ns == MNT_NS_INTERNAL)
		look.kind = MOUNT_KERNEL;
	else if (ns != s->ns)
		look.kind = MOUNT_FOREIGN;
	else if (magic != PROC_SUPER_MAGIC) /* /proc/self */
		bpf_loop(WALK_STEPS, look_up, &look, 0);
	memo->kind = 0;
	if ((mounts & 1) || path_mounts() != mounts)
		return look.kind == MOUNT_PLAIN ? MOUNT_WALK : look.kind;
	memo->mount = mount;
	memo->ns = s->ns;
	/* What was looked at, which may be the root no longer. */
	memo->root_mount = look.root_mount;
	memo->root_dentry = look.root_dentry;
	memo->seq = mounts;
	memo->kind = look.kind;
	return look.kind;
}

/* The task's own terminal is no path object (drivers/tty/pty.c: a slave's device is its driver's first plus its index).
 */
static __always_inline bool own_terminal(struct inode *inode, struct task_struct *task)
{
	struct tty_struct *tty;
	u32 device;

	if ((inode->i_mode & S_IFMT) != S_IFCHR)
		return false;
	if (BPF_CORE_READ(inode, i_sb, s_magic) != DEVPTS_SUPER_MAGIC)
		return false;
	tty = BPF_CORE_READ(task, signal, tty);
	if (!tty)
		return false;
	device = (u32)BPF_CORE_READ(tty, driver, major) << 20;
	return inode->i_rdev == device + BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
}

/* Raw disks and memory: below and beside every path (Documentation/admin-guide/devices.txt). */
#define DEVICE(major, minor) ((major) << 20 | (minor))
#define SCSI_GENERIC	     21

static __always_inline bool raw_device(struct inode *inode)
{
	u32 type = inode->i_mode & S_IFMT, device = inode->i_rdev;

	if (type == S_IFBLK)
		return true;
	return type == S_IFCHR && (device == DEVICE(1, 1) || device == DEVICE(1, 2) || device == DEVICE(1, 4) ||
				   device >> 20 == SCSI_GENERIC);
}

/* What the guards say besides the rules. True: they had something to say. */
static __always_inline bool ask_guards(struct scratch *s, struct file *file, u32 access)
{
	struct inode *inode = file->f_inode;

	if (unlikely(s->memo.special)) {
		path_walk_from(s, file->f_path.dentry, file->f_path.mnt);
		judge_special(s, s->memo.special, access);
		return true;
	}
	if (likely((inode->i_mode & S_IFMT) == S_IFREG) || !raw_device(inode))
		return false;
	judge_guard(s, RF_GUARD_DEVICES);
	return true;
}

/*
 * By the kernel's own function. Not for an unlinked file (its dentry is unhashed), to whose path that adds "
 * (deleted)", which could also be a name; it may be unlinked just now, so that is asked again behind. Nor where names
 * have aliases.
 */
static __always_inline bool plain_path(struct scratch *s, struct path *path, struct dentry *dentry)
{
	struct pathbuf *p = &s->path[0];
	long n;

	if (!dentry->d_hash.pprev || dentry->d_flags & (DCACHE_OP_HASH | DCACHE_OP_COMPARE))
		return false;
	n = bpf_d_path(path, (char *)p->data, RF_PATH_MAX);
	if (n <= 1 || n > RF_PATH_MAX || !*(struct hlist_bl_node * *volatile *)&dentry->d_hash.pprev)
		return false;
	p->off = 0;
	p->len = p->fed = n - 1;
	p->aliased = 0;
	return true;
}

/* Odd while another thread's chroot(2) changes the root, and never twice the same (fs/fs_struct.c, set_fs_root). */
static __always_inline u32 root_turn(struct fs_struct *fs)
{
	struct fs_struct___locked *locked = (void *)fs;

	if (bpf_core_field_exists(locked->seq.seqcount.seqcount.sequence))
		return *(volatile u32 *)&locked->seq.seqcount.seqcount.sequence;
	return *(volatile u32 *)&fs->seq.seqcount.sequence;
}

/* Writes the path into s->path[0] where the kernel's function tells it. That goes by the task's root at that moment, so
 * it must be the one that the mount was looked at with. kind: the mount's. */
static __always_inline bool path_by_kernel(struct scratch *s, struct path *path, struct task_struct *task, u32 mounts,
					   u32 *kind)
{
	struct fs_struct *fs = task->fs;
	u32 turn = root_turn(fs);

	barrier();
	*kind = mount_kind(s, (u64)path->mnt, task, mounts);
	if (unlikely(*kind != MOUNT_PLAIN || turn & 1) || !plain_path(s, path, path->dentry))
		return false;
	barrier();
	return likely(root_turn(fs) == turn);
}

/* Writes the file's path into s->path[0]. Returns 0 where rules are to be asked, 1 where the verdict is made. */
static __always_inline u32 file_path(struct scratch *s, struct file *file, struct task_struct *task, u32 mounts,
				     u32 access)
{
	struct dentry *dentry = file->f_path.dentry;
	struct vfsmount *mnt = file->f_path.mnt;
	u32 kind, reason;

	if (likely(path_by_kernel(s, &file->f_path, task, mounts, &kind)))
		return 0;
	path_walk_from(s, dentry, mnt);
	if (kind == MOUNT_KERNEL) {
		/* An overlay's own open of a file or directory beneath; the name above was judged. */
		if (!private_open(task, mnt))
			judge_kernel_object(s, access);
		return 1;
	}
	reason = path_walk(s, 0); /* also of a foreign mount: its name there is told */
	if (kind == MOUNT_FOREIGN)
		reason = RF_REASON_NO_PATH;
	if (reason) {
		judge_refuse(s, reason, EACCES);
		return 1;
	}
	return 0;
}

/* Judges a file whose folder's state does not allow it or is not kept. plain: it may be answered from there. */
static __always_inline int judge_file_anew(u32 sandbox, struct rf_sandbox *box, struct task_struct *task,
					   struct file *file, u32 access, u32 hook, bool plain)
{
	struct scratch *s = question_of(sandbox, box, (u64)current_mnt_ns(task), access);
	bool guards;

	if (!s)
		return -EACCES;
	if (plain && folder_learn_and_ask(s, file->f_path.mnt, file->f_path.dentry, true))
		return pass_over(s);
	if (!file_path(s, file, task, path_mounts(), access)) {
		judge_path(s, 0, RF_IMAGE_FILES, access);
		guards = !refused(s) && ask_guards(s, file, access);
		if (unlikely(s->out.refused) && !guards && own_terminal(file->f_inode, task))
			s->out.refused = 0;
		judge_sealed(s, file->f_path.dentry, access);
	}
	return answer(s, hook, RF_OBJECT_FILE);
}

static __always_inline int judge_file(u32 sandbox, struct file *file, u32 access, u32 hook)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_sandbox *box = sandbox_at(sandbox);
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = file->f_inode;
	bool plain;

	if (!box)
		return -EACCES;
	plain = likely((inode->i_mode & S_IFMT) == S_IFREG) || !raw_device(inode);
	if (likely(plain && folder_allows(sandbox, file->f_path.mnt, dentry, access, true)))
		return 0;
	/* 6.1's overlayfs opens the file beneath under the visible name, which was judged a moment ago with the
	 * overlay's inode (fs/overlayfs/file.c, ovl_open_realfile). Nothing else makes a file of another inode than its
	 * dentry's (fs/open.c, open_with_fake_path), and no task can, under whatever credentials. */
	if (dentry->d_inode != inode)
		return 0;
	return judge_file_anew(sandbox, box, task, file, access, hook, plain);
}

/* Asks for write access to an open file, whatever it was opened for. */
static __always_inline int ask_file_write(struct file *file, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox))
		return 0;
	s = question(sandbox, RF_WRITE);
	if (!s)
		return -EACCES;
	path_walk_from(s, file->f_path.dentry, file->f_path.mnt);
	judge_place(s, 0, RF_IMAGE_FILES, RF_WRITE);
	judge_sealed(s, file->f_path.dentry, RF_WRITE);
	return answer(s, hook, RF_OBJECT_FILE);
}

#endif
