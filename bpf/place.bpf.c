// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verdicts on objects by where they lie: a dentry under a mount, a dentry under every mount, or in no namespace. */
#include "acts.h"
#include "judge.h"
#include "mounts.h"

static const char memfd[] = "memfd:";

/* The name that such an object was given at its making. */
static __always_inline void object_name(struct scratch *s, struct dentry *dentry)
{
	struct pathbuf *p = &s->path[0];
	u32 len = BPF_CORE_READ(dentry, d_name.len) & 255;

	if (bpf_probe_read_kernel(p->data, len, BPF_CORE_READ(dentry, d_name.name)))
		len = 0;
	p->off = 0;
	p->aliased = 0;
	p->len = p->fed = len;
}

static __always_inline bool is_memfd(struct pathbuf *p)
{
	for (u32 i = 0; i < sizeof(memfd) - 1; i++)
		if (i >= p->len || p->data[i] != memfd[i])
			return false;
	return true;
}

int judge_kernel_object(struct scratch *s, u32 access)
{
	struct dentry *dentry;

	if (!s)
		return 1;
	dentry = (void *)s->walk.from_dentry;
	/* What lies beneath an overlay is a file like others, whatever its file system and its name: one on a tmpfs can
	 * be called as a memfd is. */
	if (!kernel_super(BPF_CORE_READ(dentry, d_sb))) {
		object_name(s, dentry);
		return judge_refuse(s, RF_REASON_NO_PATH, EACCES);
	}
	switch (BPF_CORE_READ(dentry, d_sb, s_magic)) {
	case PIPEFS_MAGIC:
	case SOCKFS_MAGIC:
	case ANON_INODE_FS_MAGIC:
	case PID_FS_MAGIC:
	case TMPFS_MAGIC:
	case HUGETLBFS_MAGIC:
	case SECRETMEM_MAGIC:
	case DMA_BUF_MAGIC:
		break;
	case MQUEUE_MAGIC:
		object_name(s, dentry);
		return judge_guard(s, RF_GUARD_IPC);
	default:
		object_name(s, dentry);
		return judge_refuse(s, RF_REASON_NO_PATH, EACCES);
	}
	if (!(access & RF_EXEC))
		return 0;
	object_name(s, dentry);
	return is_memfd(&s->path[0]) ? judge_path(s, 0, RF_IMAGE_FILES, access)
				     : judge_refuse(s, RF_REASON_NO_PATH, EACCES);
}

int judge_place(struct scratch *s, u32 which, u32 kind, u32 access)
{
	struct mount *m;
	u32 reason, guard;
	u64 ns;

	if (!s)
		return 1;
	m = (void *)MOUNT_OF(s->walk.from_mount);
	ns = (u64)BPF_CORE_READ(m, mnt_ns);
	if (ns == MNT_NS_INTERNAL)
		return judge_kernel_object(s, access);
	reason = path_walk(s, which); /* also in another namespace: the name there is told */
	if (ns != s->ns)
		reason = RF_REASON_NO_PATH;
	if (reason)
		return judge_refuse(s, reason, EACCES);
	judge_path(s, which, kind, access);
	guard = special_fs(BPF_CORE_READ(m, mnt.mnt_sb, s_magic));
	return guard && !refused(s) && kind == RF_IMAGE_FILES ? judge_special(s, guard, access) : 0;
}

struct names {
	u32 slot, kind, access;
	u32 any;    /* allowed if one name is */
	u32 mounts; /* enum below: seen so far */
	u32 state;  /* enum below */
	u32 done;
};
enum { NAMES_GO, NAMES_END, NAMES_REFUSED };
enum { MOUNTS_KERNEL = 1, MOUNTS_OTHER = 2 };

static long each_mount(u32 i, void *ctx)
{
	struct names *names = ctx;
	struct scratch *s = scratch_at(names->slot);
	struct super_block *sb;
	struct dentry *dentry;
	struct mount *m;
	u32 reason;
	u64 ns;

	if (!s || !s->mount_list) {
		names->state = NAMES_END;
		return 1;
	}
	dentry = (void *)s->object;
	m = (void *)s->mount_list;
	sb = BPF_CORE_READ(dentry, d_sb);
	ns = (u64)BPF_CORE_READ(m, mnt_ns);
	names->mounts |= ns == MNT_NS_INTERNAL ? MOUNTS_KERNEL : MOUNTS_OTHER;
	if (ns == s->ns) {
		s->walk.from_dentry = s->object;
		s->walk.from_mount = s->mount_list + bpf_core_field_offset(struct mount, mnt);
		reason = path_walk(s, 0);
		if (!reason) {
			s->names++;
			if (names->any)
				s->out.refused = 0;
			judge_path(s, 0, names->kind, names->access);
			if (names->any && !s->out.refused) {
				names->state = NAMES_END;
				return 1;
			}
		} else if (reason != RF_REASON_NO_PATH) { /* NO_PATH: this mount does not show the object */
			judge_refuse(s, reason, EACCES);
		}
		if (!names->any && refused(s)) {
			names->state = NAMES_REFUSED;
			return 1;
		}
	}
	s->mount_list = next_mount(sb, m);
	return 0;
}

/* One look through all mounts, good only if none changed meanwhile. */
static long try_names(u32 i, void *ctx)
{
	struct names *names = ctx;
	struct scratch *s = scratch_at(names->slot);
	u64 counts = path_counts();
	struct dentry *dentry;

	if (!s)
		return 1;
	if (COUNTS_ODD(counts))
		return 0;
	dentry = (void *)s->object;
	s->names = 0;
	names->state = NAMES_GO;
	names->mounts = 0;
	s->mount_list = first_mount(BPF_CORE_READ(dentry, d_sb));
	bpf_loop(MOUNTS_MAX, each_mount, names, 0);
	names->done = names->state == NAMES_REFUSED || path_mounts() == COUNTS_MOUNTS(counts);
	return names->done;
}

static __always_inline int judge_names_of(struct scratch *s, u32 kind, u32 access, u32 any)
{
	struct names names = {.kind = kind, .access = access, .any = any};

	if (!s)
		return 1;
	names.slot = s->slot;
	s->access = access;
	s->walk.from_dentry = s->object;
	bpf_loop(MOUNTS_TRIES, try_names, &names, 0);
	if (!names.done)
		return judge_refuse(s, RF_REASON_BUSY, EACCES);
	if (names.state == NAMES_REFUSED)
		return 0;
	if (names.state == NAMES_GO)
		return judge_refuse(s, RF_REASON_NAMES, EACCES);
	if (s->names || any)
		return 0;
	/* A pipe, a memfd: of a file system with no other mounts. An overlay's own one of what lies beneath it is in no
	 * namespace either, beside those that are. */
	s->walk.from_dentry = s->object;
	return names.mounts == MOUNTS_KERNEL ? judge_kernel_object(s, access)
					     : judge_refuse(s, RF_REASON_NO_PATH, EACCES);
}

int judge_names(struct scratch *s, u32 kind, u32 access)
{
	return judge_names_of(s, kind, access, 0);
}

int judge_shown(struct scratch *s)
{
	return judge_names_of(s, RF_IMAGE_FILES, RF_SHOWN, 1);
}
