// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks that change what a path names, or the attributes of what it names. They come with a mount. */
#include "folder.h"
#include "guard.h"

#define RENAME_EXCHANGE 2

/* Asks for the entry `dentry` in the directory `dir`, or for `dir` itself: then for the object as well (judge_sealed).
 */
static __always_inline int ask_path(const struct path *dir, struct dentry *dentry, u32 access, bool object, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox) || likely(folder_allows(sandbox, dir->mnt, dentry, access, object)))
		return 0;
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	if (folder_learn_and_ask(s, dir->mnt, dentry, object))
		return pass_over(s);
	path_walk_from(s, dentry, dir->mnt);
	judge_place(s, 0, RF_IMAGE_FILES, access);
	if (object)
		judge_sealed(s, dentry, access);
	return answer(s, hook, RF_OBJECT_FILE);
}

static __always_inline int ask_write(const struct path *dir, struct dentry *dentry, u32 hook)
{
	return ask_path(dir, dentry, RF_WRITE, false, hook);
}

#define HOOK_ENTRY(name, ...)                                                            \
	SEC("lsm/" #name)                                                                \
	int BPF_PROG(name, const struct path *dir, struct dentry *dentry, ##__VA_ARGS__) \
	{                                                                                \
		return ask_write(dir, dentry, RF_HOOK_##name);                           \
	}
HOOK_ENTRY(path_mkdir)
HOOK_ENTRY(path_rmdir)

static __always_inline u32 type_of(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;

	return inode ? inode->i_mode & S_IFMT : 0;
}

/* Asks for the name of a symbolic link that comes to be or goes. */
static __always_inline int ask_link(const struct path *dir, struct dentry *dentry, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox))
		return 0;
	s = question(sandbox, RF_WRITE);
	if (!s)
		return -EACCES;
	s->below = 1;
	path_walk_from(s, dentry, dir->mnt);
	judge_place(s, 0, RF_IMAGE_FILES, RF_WRITE);
	if (!refused(s))
		judge_stand_in(s, 0);
	return answer(s, hook, RF_OBJECT_FILE);
}

SEC("lsm/path_symlink")
int BPF_PROG(path_symlink, const struct path *dir, struct dentry *dentry)
{
	return ask_link(dir, dentry, RF_HOOK_path_symlink);
}

SEC("lsm/path_unlink")
int BPF_PROG(path_unlink, const struct path *dir, struct dentry *dentry)
{
	return likely(type_of(dentry) != S_IFLNK) ? ask_write(dir, dentry, RF_HOOK_path_unlink)
						  : ask_link(dir, dentry, RF_HOOK_path_unlink);
}

/* A device is a way to a disk or to memory by any name. A whiteout (0, 0) is not. */
SEC("lsm/path_mknod")
int BPF_PROG(path_mknod, const struct path *dir, struct dentry *dentry, unsigned short mode, unsigned int device)
{
	u32 type = mode & S_IFMT;
	int err = ask_write(dir, dentry, RF_HOOK_path_mknod);

	if (err || (type != S_IFBLK && (type != S_IFCHR || !device)))
		return err;
	return guard_place(RF_GUARD_DEVICES, dentry, dir->mnt, RF_HOOK_path_mknod);
}

#define HOOK_PATH(name)                                                              \
	SEC("lsm/" #name)                                                            \
	int BPF_PROG(name, const struct path *path)                                  \
	{                                                                            \
		return ask_path(path, path->dentry, RF_WRITE, true, RF_HOOK_##name); \
	}
HOOK_PATH(path_truncate)
HOOK_PATH(path_chmod)
HOOK_PATH(path_chown)

/* inotify, fanotify, dnotify: a watch tells what happens to an object, as reading it would. */
SEC("lsm/path_notify")
int BPF_PROG(path_notify, const struct path *path)
{
	return ask_path(path, path->dentry, RF_READ, true, RF_HOOK_path_notify);
}

static __always_inline u32 move_of(struct dentry *dentry)
{
	u32 type = type_of(dentry);

	return type == S_IFDIR ? MOVE_FOLDER : type == S_IFSOCK ? MOVE_SOCKET : 0;
}

/* One image judges both names and what they gain: where a policy is swapped between, they are judged again. */
#define SWAPS_MAX 3

/* An old and a new name under one mount (fs/namei.c: another mount gives EXDEV before any hook). A refusal that is only
 * told does not spare the other questions: another policy may refuse what is asked there. A socket's rules go by the
 * name that it was bound to has now, so where a socket moves, or what may hold some, nor may connecting be gained. */
static __always_inline int judge_names_of(struct scratch *s, const struct path *dir, struct dentry *old,
					  struct dentry *new, u32 old_access, u32 move)
{
	path_walk_from(s, old, dir->mnt);
	judge_place(s, 0, RF_IMAGE_FILES, old_access);
	path_walk_from(s, new, dir->mnt);
	judge_place(s, 1, RF_IMAGE_FILES, RF_WRITE);
	if (!refused(s) && move & MOVE_LINK) {
		if (old_access)
			judge_stand_in(s, 0);
		judge_stand_in(s, 1);
	}
	if (refused(s))
		return 0;
	if (judge_gain(s, RF_IMAGE_FILES, move))
		return 1;
	if (move & MOVE_SOCKETS && !refused(s)) {
		judge_path(s, 0, RF_IMAGE_UNIX, 0);
		judge_path(s, 1, RF_IMAGE_UNIX, 0);
		s->access = RF_WRITE;
		if (judge_gain(s, RF_IMAGE_UNIX, move))
			return 1;
	}
	if (refused(s) || likely(only_mount_of(dir->mnt->mnt_sb)))
		return 0;
	s->pair.old = (u64)old;
	s->pair.new = (u64) new;
	s->pair.mount = (u64)dir->mnt;
	s->pair.move = move;
	return judge_gain_elsewhere(s);
}

static __always_inline int ask_names(u32 sandbox, const struct path *dir, struct dentry *old, struct dentry *new,
				     u32 old_access, u32 move, u32 hook)
{
	struct scratch *s;
	u32 i;

	if (likely(!move && folder_allows_move(sandbox, dir->mnt, old, new, old_access)))
		return 0;
	s = question(sandbox, RF_WRITE);
	if (!s)
		return -EACCES;
	if (!move) {
		folder_learn_of(s, dir->mnt, old);
		folder_learn_of(s, dir->mnt, new);
	}
	s->below = 1;
	for (i = 0; i < SWAPS_MAX; i++)
		if (!judge_names_of(s, dir, old, new, old_access, move))
			break;
	if (i == SWAPS_MAX)
		judge_refuse(s, RF_REASON_BUSY, EACCES);
	return answer(s, hook, RF_OBJECT_FILE);
}

/* A link needs write access to the old name too: that follows from the new name's, which may not have more rights. A
 * socket stays bound to its old name, and who connects by the new one is asked for that (unix_find_bsd). */
SEC("lsm/path_link")
int BPF_PROG(path_link, struct dentry *old, const struct path *dir, struct dentry *new)
{
	u32 sandbox = current_sandbox();

	if (likely(!sandbox))
		return 0;
	return ask_names(sandbox, dir, old, new, 0, type_of(old) == S_IFLNK ? MOVE_LINK : 0, RF_HOOK_path_link);
}

SEC("lsm/path_rename")
int BPF_PROG(path_rename, const struct path *old_dir, struct dentry *old, const struct path *new_dir,
	     struct dentry *new, unsigned int flags)
{
	u32 sandbox = current_sandbox(), move;

	if (likely(!sandbox))
		return 0;
	move = move_of(old);
	if (flags & RENAME_EXCHANGE)
		move |= MOVE_EXCHANGE | move_of(new) << MOVE_BACK_SHIFT;
	if (type_of(old) == S_IFLNK || type_of(new) == S_IFLNK)
		move |= MOVE_LINK;
	return ask_names(sandbox, new_dir, old, new, RF_WRITE, move, RF_HOOK_path_rename);
}
