// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ioctls: most descriptors are judged when they are opened, and many ioctls ask for less than they do. What each is
 * stands in one table, ringfence/ioctls.h. */
#include "file.h"
#include "guard.h"
#include "ringfence/ioctls.h"

#define MEANING(kind, guard) ((kind) << 8 | (guard))

static __always_inline u32 meaning(u32 command)
{
	switch (command & RF_IOC_KEY_MASK) {
#define X(direction, type, number, name, kind, guard, source) \
	case RF_IOC_KEY(direction, type, number):             \
		return MEANING(RF_IOCTL_##kind, RF_GUARD_##guard);
		RF_IOCTLS(X)
#undef X
	}
	return MEANING(RF_IOCTL_UNKNOWN, RF_GUARD_NONE);
}

static __always_inline bool type_of_file_systems(u32 type)
{
	switch (type) {
#define X(number, whose) case number:
		RF_IOCTL_TYPES(X)
#undef X
		return true;
	}
	return false;
}

/*
 * An ioctl that is in no table. A number whose type belongs to file systems is refused on files and folders: it would
 * be one of a newer kernel's. Of other types no file system knows one, and the kernel says so to isatty(3) and its
 * like. What the server of a file system in user space makes of a number nobody knows, so that all but terminals' ask
 * for write there.
 */
static __always_inline int ask_unknown(struct file *file, u32 type, u32 hook)
{
	struct inode *inode = file->f_inode;
	u32 format = inode->i_mode & S_IFMT, magic;

	if (type == 'T' || (format != S_IFREG && format != S_IFDIR))
		return 0;
	magic = BPF_CORE_READ(inode, i_sb, s_magic);
	if (magic == FUSE_SUPER_MAGIC || magic == CODA_SUPER_MAGIC)
		return ask_file_write(file, hook);
	if (likely(!type_of_file_systems(type)) || magic == PROC_SUPER_MAGIC)
		return 0;
	return guard_place(RF_GUARD_DEVICES, file->f_path.dentry, file->f_path.mnt, hook);
}

#define PIDTYPE_TGID 1 /* include/linux/pid_types.h */

/* Whether a terminal has a session that began outside: its leader, which lives as long as the terminal has it, is not
 * in the sandbox. Then tasks outside may be in its foreground group; else all of the session are descendants of a
 * fenced task. */
static __always_inline bool session_outside(struct tty_struct *tty, u32 sandbox)
{
	struct pid *session = BPF_CORE_READ(tty, ctrl.session);
	struct hlist_node *leader = session ? BPF_CORE_READ(session, tasks[PIDTYPE_TGID].first) : NULL;

	if (!leader)
		return false;
	return !task_within((void *)leader - bpf_core_field_offset(struct task_struct, pid_links[PIDTYPE_TGID]),
			    sandbox);
}

/* A size that the terminal has already signals nobody (drivers/tty/tty_io.c, tty_do_resize). */
static __always_inline bool same_size(struct tty_struct *tty, unsigned long arg)
{
	u64 wanted, is;

	return !bpf_probe_read_user(&wanted, sizeof(wanted), (void *)arg) &&
	       !bpf_probe_read_kernel(&is, sizeof(is), &tty->winsize) && wanted == is;
}

#define TIOCSWINSZ 0x5414

/* The guard `guard`, for a terminal whose session began outside, at either end. Setting the size that it has is refused
 * in silence, and refused all the same: it can change between our look and the kernel's. */
static __always_inline int ask_terminal(struct file *file, u32 guard, u32 cmd, unsigned long arg, u32 hook)
{
	u32 sandbox = guarded(guard);
	struct tty_file_private *private;
	struct tty_struct *tty;

	if (!sandbox || (file->f_inode->i_mode & S_IFMT) != S_IFCHR)
		return 0;
	private = file->private_data;
	tty = private ? BPF_CORE_READ(private, tty) : NULL;
	if (!tty || (!session_outside(tty, sandbox) && !session_outside(BPF_CORE_READ(tty, link), sandbox)))
		return 0;
	if (cmd == TIOCSWINSZ && same_size(tty, arg))
		return guard_in_silence(sandbox, guard);
	return guard_place(guard, file->f_path.dentry, file->f_path.mnt, hook);
}

static __always_inline int ask_ioctl(struct file *file, u32 cmd, unsigned long arg, u32 hook)
{
	u32 found, guard;

	if (likely(!current_sandbox()))
		return 0;
	found = meaning(cmd);
	guard = found & 0xff;
	switch (found >> 8) {
	case RF_IOCTL_UNKNOWN:
		return ask_unknown(file, RF_IOC_TYPE(cmd), hook);
	case RF_IOCTL_CHANGES:
		return ask_file_write(file, hook);
	case RF_IOCTL_GUARD:
		return guard_place(guard, file->f_path.dentry, file->f_path.mnt, hook);
	case RF_IOCTL_TERMINAL:
		return ask_terminal(file, guard, cmd, arg, hook);
	}
	return 0;
}

SEC("lsm/file_ioctl")
int BPF_PROG(file_ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	return ask_ioctl(file, cmd, arg, RF_HOOK_file_ioctl);
}

SEC("lsm/file_ioctl_compat")
int BPF_PROG(file_ioctl_compat, struct file *file, unsigned int cmd, unsigned long arg)
{
	return ask_ioctl(file, cmd, arg, RF_HOOK_file_ioctl_compat);
}
