// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is kept of folders, and when it goes (folder.h). */
#include "folder.h"

const unsigned int folder_origin = 0;

/* Writes down what s holds of the folder of path_walk_from. */
static __always_inline int folder_keep(struct scratch *s, struct folder *f, struct rf_chain *chain)
{
	u32 turn = *(volatile u32 *)&f->turn, settled = ~0u;

	if (!folder_begin(f, turn))
		return 1;
	barrier();
	f->dentry = s->walk.from_dentry;
	f->mount = s->walk.from_mount;
	f->ns = s->ns;
	f->stamp = s->stamp;
	f->counts = s->walk.counts;
	f->links = chain->links;
	f->room = s->walk.room;
	f->name_max = f->room < NAME_MAX ? f->room : NAME_MAX;
	f->sealed = chain->seals;
	for (u32 i = 0; i < FOLDER_LINKS; i++) {
		if (i >= chain->links)
			break;
		f->generation[i] = s->generation[0][i];
		f->state[i] = s->state[0][i];
		settled &= s->beneath[i] >> RF_VERDICT_SETTLED_SHIFT;
	}
	f->settled = settled & RF_VERDICT_ALLOWED;
	/* Whole: 7.2's verifier refuses what clang makes of a loop that may end early. */
	__builtin_memcpy(&f->trail, &s->walk.trail, sizeof(f->trail));
	folder_end(f, turn);
	return 0;
}

/* In a frame of its own. */
static __noinline int read_step(struct step *step, u64 dentry)
{
	return step_read(step, dentry);
}

/* By what is kept of the folder that it lies in, at `parent`: its own name is run. Returns 0; not 0: that is not to be
 * had. */
static __noinline int learn_from_parent(struct scratch *s, struct rf_chain *chain, u32 parent)
{
	struct folder *f = folder_at(parent);
	u64 counts = path_counts();
	struct step step;
	struct tail *tail;
	u32 turn, n, len;

	if (!s || !chain || !f || COUNTS_ODD(counts) || !read_step(&step, s->walk.from_dentry))
		return 1;
	tail = &s->tail;
	turn = *(volatile u32 *)&f->turn;
	barrier();
	n = f->trail.dentries;
	if ((turn & 1) || f->dentry != step.parent || f->mount != s->walk.from_mount || f->ns != s->ns ||
	    f->stamp != s->stamp || COUNTS_MOUNTS(f->counts) != COUNTS_MOUNTS(counts) || f->links != chain->links ||
	    n >= TRAIL_MAX || (step.seq & 1) || step.len >= TAIL_MAX || f->room < step.len + 1 ||
	    (step.flags & (DCACHE_OP_HASH | DCACHE_OP_COMPARE)))
		return 1;
	s->walk.trail.dentry[0] = s->walk.from_dentry;
	s->walk.trail.seq[0] = step.seq;
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < TRAIL_MAX - 1; i++) {
		if (i >= n)
			break;
		s->walk.trail.dentry[i + 1] = f->trail.dentry[i];
		s->walk.trail.seq[i + 1] = f->trail.seq[i];
		if (dentry_seq_at(f->trail.dentry[i]) != f->trail.seq[i])
			return 1;
	}
	s->walk.trail.dentries = n + 1;
	s->walk.trail.own = f->trail.own + 1;
	s->walk.room = f->room - (step.len + 1);
	s->walk.counts = counts;
	len = step.len;
	asm volatile("%0 &= 63" : "+r"(len)); /* 6.1's verifier has lost the bound by here */
	if (bpf_probe_read_kernel(tail->text, len, (void *)step.name))
		return 1;
	tail->text[len & 63] = '/';
	tail->len = step.len + 1;
	for (u32 i = 0; i < FOLDER_LINKS; i++) {
		if (i >= chain->links)
			break;
		tail->generation = f->generation[i];
		tail->state = f->state[i];
		tail->word = 0;
		if (judge_tail(tail, chain->link[i].policy))
			return 1;
		s->generation[0][i] = tail->generation;
		s->state[0][i] = tail->state;
		s->beneath[i] = tail->word;
	}
	return !folder_still(f, turn) || dentry_seq_at(s->walk.from_dentry) != step.seq;
}

/* By its whole path. What a walk refuses by itself is kept with the folder, or the folder is not: names with aliases,
 * paths that an entry's name makes too long or too deep. */
static __noinline int learn_by_path(struct scratch *s)
{
	struct pathbuf *p;

	if (!s || path_walk(s, 0))
		return 1;
	p = &s->path[0];
	if (p->aliased || s->walk.proc || s->walk.steps > WALK_STEPS - 2 * TRAIL_MAX)
		return 1;
	for (u32 i = 0; i < TRAIL_MAX; i++)
		if (i < s->walk.trail.dentries && (s->walk.trail.seq[i] & 1))
			return 1;
	s->walk.room = RF_PATH_MAX - 2 - p->len;
	if (p->len == 1) {
		/* The root's own '/' is the one that is fed behind a path. */
		s->walk.room++;
		p->fed = 0;
	}
	s->below = 1;
	judge_path(s, 0, RF_IMAGE_FILES, 0);
	return s->out.refused; /* a policy without an image */
}

/* Whether states of folders under the mount of path_walk_from are kept. What a guard says of a special file system
 * hangs on who asks, and /proc/self is everybody's own. */
static __always_inline bool keeps_of_mount(struct scratch *s)
{
	struct mount *m = (void *)MOUNT_OF(s->walk.from_mount);

	return s->ns && (u64)BPF_CORE_READ(m, mnt_ns) == s->ns && !special_fs(BPF_CORE_READ(m, mnt.mnt_sb, s_magic));
}

static __always_inline int learn(struct scratch *s, struct folder *f, u32 parent)
{
	struct mount *m = (void *)MOUNT_OF(s->walk.from_mount);
	struct rf_chain *chain = chain_at(s->chain);
	struct rf_engine *e = engine_get();

	if (!f || !s->stamp || !e || e->no_cache || !chain || !chain->links || chain->links > FOLDER_LINKS ||
	    !keeps_of_mount(s))
		return 1;
	if (((u64)BPF_CORE_READ(m, mnt.mnt_root) == s->walk.from_dentry || learn_from_parent(s, chain, parent)) &&
	    learn_by_path(s))
		return 1;
	return folder_keep(s, f, chain);
}

int folder_learn(struct scratch *s, u32 index, u32 parent)
{
	u32 access;
	int err;

	if (!s)
		return 1;
	access = s->access;
	err = learn(s, folder_at(index), parent);
	question_begin(s, access);
	return err ? 1 : 0;
}

/*
 * A name is bound to an object: where that is a folder, what is kept by its dentry's address may be another folder's,
 * whose dentry was freed. A program runs within an RCU read section, and a dentry is freed behind one: so who keeps a
 * state has ended before the address can come back, and nothing stale is kept for it after this.
 */
SEC("lsm/d_instantiate")
int BPF_PROG(d_instantiate, struct dentry *dentry, struct inode *inode)
{
	struct folder *f;

	if (!inode || (inode->i_mode & S_IFMT) != S_IFDIR)
		return 0;
	f = folder_at(folder_index(dentry));
	if (f && f->dentry == (u64)dentry)
		f->dentry = 0;
	return 0;
}
