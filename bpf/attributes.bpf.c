// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks of an object's attributes, which come with a dentry alone: asked under every name that it has. */
#include "acts.h"
#include "judge.h"

/* include/linux/fs.h, struct iattr */
#define ATTR_MODE 1
#define ATTR_UID  2
#define ATTR_GID  4
#define ATTR_SIZE 8

static __always_inline int ask_dentry(struct dentry *dentry, u32 access, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox) || kernel_acts(bpf_get_current_task_btf()))
		return 0;
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	s->object = (u64)dentry;
	judge_names(s, RF_IMAGE_FILES, access);
	judge_sealed(s, dentry, access);
	return answer(s, hook, RF_OBJECT_FILE);
}

/* Mode, owner and size have hooks that come with a path (names.bpf.c); what is left is utimensat(2) and its like.
 * The dentry is the last but one argument: since 6.9 an id map comes before it. */
SEC("lsm/inode_setattr")
int inode_setattr(unsigned long long *ctx)
{
	u32 last = bpf_get_func_arg_cnt(ctx) - 1;
	u64 dentry = 0, attr = 0;

	bpf_get_func_arg(ctx, last - 1, &dentry);
	bpf_get_func_arg(ctx, last, &attr);
	if (BPF_CORE_READ((struct iattr *)attr, ia_valid) & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE))
		return 0;
	return ask_dentry((void *)dentry, RF_WRITE, RF_HOOK_inode_setattr);
}

/* The first argument is a user namespace before 6.3 and an id map since. */
#define HOOK_MAPPED(name, access)                                  \
	SEC("lsm/" #name)                                          \
	int BPF_PROG(name, void *idmap, struct dentry *dentry)     \
	{                                                          \
		return ask_dentry(dentry, access, RF_HOOK_##name); \
	}
HOOK_MAPPED(inode_setxattr, RF_WRITE)
HOOK_MAPPED(inode_removexattr, RF_WRITE)
HOOK_MAPPED(inode_set_acl, RF_WRITE)
HOOK_MAPPED(inode_remove_acl, RF_WRITE)

#define HOOK_DENTRY(name, access)                                  \
	SEC("lsm/" #name)                                          \
	int BPF_PROG(name, struct dentry *dentry)                  \
	{                                                          \
		return ask_dentry(dentry, access, RF_HOOK_##name); \
	}
HOOK_DENTRY(inode_file_setattr, RF_WRITE)
HOOK_DENTRY(inode_readlink, RF_READ)

/* Attributes that hold data. The others, labels and ACLs, say who may do what, as the mode does: `ls -l` asks for them
 * of everything that it lists. */
SEC("lsm/inode_getxattr")
int BPF_PROG(inode_getxattr, struct dentry *dentry, const char *name)
{
	char kind[9] = "";
	bool data;

	bpf_probe_read_kernel_str(kind, sizeof(kind), name);
	data = (kind[0] == 'u' && kind[4] == '.') || (kind[0] == 't' && kind[7] == '.');
	return data ? ask_dentry(dentry, RF_READ, RF_HOOK_inode_getxattr) : 0;
}
