/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Folder states: what is kept of a folder is the state that its path leads each policy of a chain to, and what is
 * settled beneath. Of an entry only its own name is read then, or nothing. "Allowed" alone is answered from here; what
 * is not kept, not allowed or not plain is judged with its whole path, and told, as if nothing were kept.
 *
 * A state is kept by the address of the folder's dentry, one place for each. docs/architecture.md lists what makes it
 * valid. A rename anywhere moves rename_lock's count; what is kept outlives that if none of the path's own dentries
 * has changed: each counts its changes (d_seq), and holds its parent while its count stands.
 */
#ifndef RINGFENCE_FOLDER_H
#define RINGFENCE_FOLDER_H

#include "judge.h"
#include "mounts.h"
#include "seal.h"

#define FOLDERS	     4096
#define FOLDER_LINKS 4 /* longer chains are judged with the whole path */

struct folder {
	u32 turn;    /* odd while it is written: it is taken whole or not at all */
	u32 settled; /* accesses that all policies allow for all that lies beneath */
	u64 dentry, mount, ns, stamp;
	u64 counts; /* path_counts(): with these it was valid last */
	u32 links;
	u32 room;		      /* bytes that the path has left */
	u32 name_max;		      /* of them: for an entry's name. A longer one is refused by the walk */
	u32 sealed;		      /* not 0: policies have seals, which are asked besides */
	u64 generation[FOLDER_LINKS]; /* of the images that the states are of */
	u32 state[FOLDER_LINKS];      /* behind the path and a '/' */
	struct trail trail;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FOLDERS);
	__type(key, u32);
	__type(value, struct folder);
} folders __weak SEC(".maps");

/* A kernel's pointer is no number to the verifier, but its distance from here is one. */
extern const unsigned int folder_origin;

static __always_inline u32 folder_index(const struct dentry *dentry)
{
	u64 distance;

	asm volatile("%0 = %1; %0 -= %2" : "=&r"(distance) : "r"(dentry), "r"(&folder_origin));
	return ((u32)(distance >> 6) ^ (u32)(distance >> 18)) & (FOLDERS - 1);
}

static __always_inline struct folder *folder_at(u32 index)
{
	return bpf_map_lookup_elem(&folders, &index);
}

static __always_inline bool folder_begin(struct folder *f, u32 turn)
{
	return !(turn & 1) && __sync_val_compare_and_swap(&f->turn, turn, turn + 1) == turn;
}

static __always_inline void folder_end(struct folder *f, u32 turn)
{
	barrier();
	*(volatile u32 *)&f->turn = turn + 2;
}

static __always_inline bool folder_still(struct folder *f, u32 turn)
{
	barrier();
	return !(turn & 1) && *(volatile u32 *)&f->turn == turn;
}

/*
 * A name has changed somewhere since: none of this path? Counts only grow: where each is what it was, all were when the
 * first was read. Then the folder is good until the next name changes. d: the folder's dentry.
 */
static __noinline int folder_stands(struct folder *f, struct dentry *d, u64 counts, u32 turn)
{
	u32 n, own;

	if (!f)
		return 0;
	n = f->trail.dentries;
	own = f->trail.own;
	if (COUNTS_MOUNTS(f->counts) != COUNTS_MOUNTS(counts) || COUNTS_ODD(counts) || n > TRAIL_MAX)
		return 0;
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < TRAIL_MAX; i++) {
		if (i >= n)
			break;
		if (i < own) {
			/* One that was moved meanwhile has another parent, whose count says nothing. */
			if ((u64)d != f->trail.dentry[i] || dentry_seq(d) != f->trail.seq[i])
				return 0;
			d = d->d_parent;
		} else if (dentry_seq_at(f->trail.dentry[i]) != f->trail.seq[i]) {
			return 0;
		}
	}
	if (!folder_begin(f, turn))
		return 0;
	f->counts = counts;
	folder_end(f, turn);
	return 1;
}

/* Who asks, and where. */
struct folder_key {
	u64 mount, ns, stamp, counts;
};

/* False: nothing is kept for this sandbox's questions. The stamp is read before the chain: a state of a new chain may
 * be kept under the old stamp, never the other way round. */
static __always_inline bool folder_key(struct folder_key *key, struct rf_sandbox *box, struct vfsmount *mnt)
{
	key->stamp = *(volatile u64 *)&box->stamp;
	barrier();
	key->mount = (u64)mnt;
	key->ns = (u64)current_mnt_ns(bpf_get_current_task_btf());
	key->counts = path_counts();
	return key->stamp;
}

/* What is kept of the folder `dir`, if it is good for the key; NULL: nothing. *turn: for folder_still. */
static __always_inline struct folder *folder_kept(const struct folder_key *key, struct dentry *dir, u32 *turn)
{
	struct folder *f = folder_at(folder_index(dir));

	if (!f)
		return NULL;
	*turn = *(volatile u32 *)&f->turn;
	barrier();
	if (f->dentry != (u64)dir || f->stamp != key->stamp || f->mount != key->mount || f->ns != key->ns)
		return NULL;
	if (unlikely(f->counts != key->counts)) {
		if (!folder_stands(f, dir, key->counts, *turn))
			return NULL;
		*turn += 2;
	}
	return f;
}

/* Whether an entry's name is one that a folder's state speaks of. */
static __always_inline bool folder_speaks_of(struct folder *f, struct dentry *dentry)
{
	return likely(!(dentry->d_flags & (DCACHE_OP_HASH | DCACHE_OP_COMPARE)) && dentry->d_name.len <= f->name_max);
}

/* The accesses that all policies allow for an entry of the folder, by its name. A function of its own for the stack. */
static __noinline u32 folder_entry(struct folder *f, struct rf_chain *chain, struct dentry *dentry)
{
	u32 allow = ~0u, links, len = dentry->d_name.len;
	struct tail tail;

	if (!f || !chain)
		return 0;
	links = chain->links;
	if (links > FOLDER_LINKS || links != f->links || len > TAIL_MAX)
		return 0;
	tail.len = len;
	asm volatile("%0 &= 63" : "+r"(len)); /* 6.1's verifier has lost the bound by here */
	if (bpf_probe_read_kernel(tail.text, len, dentry->d_name.name))
		return 0;
	for (u32 i = 0; i < FOLDER_LINKS; i++) {
		if (i >= links)
			break;
		tail.generation = f->generation[i];
		tail.state = f->state[i];
		tail.word = 0;
		if (judge_tail(&tail, chain->link[i].policy))
			return 0;
		allow &= tail.word;
	}
	return allow & RF_VERDICT_ALLOWED;
}

/*
 * Whether an access to `dentry` under a mount is allowed by what is kept of its folder; false: it is not, or that is
 * not known here. object: the object behind the name is asked for too. The entry's own count is looked at before and
 * after: so its name and its folder were these when the folder was found good.
 */
static __always_inline bool folder_allows(u32 sandbox, struct vfsmount *mnt, struct dentry *dentry, u32 access,
					  bool object)
{
	struct rf_sandbox *box = sandbox_at(sandbox);
	struct rf_chain *chain = NULL;
	struct folder_key key;
	struct folder *f;
	struct dentry *dir;
	u32 turn, seq;

	if (!box || dentry == mnt->mnt_root)
		return false;
	seq = dentry_seq(dentry);
	dir = dentry->d_parent;
	barrier();
	if (!folder_key(&key, box, mnt))
		return false;
	f = folder_kept(&key, dir, &turn);
	if (unlikely(!f || !folder_speaks_of(f, dentry)))
		return false;
	if (unlikely(!RF_VERDICT_ALLOW(f->settled, access))) {
		chain = chain_at(box->chain);
		if (!chain || !RF_VERDICT_ALLOW(folder_entry(f, chain, dentry), access))
			return false;
	}
	if (object && unlikely(f->sealed)) {
		chain = chain_at(box->chain);
		if (!chain || seals_refuse(chain, dentry->d_inode, access))
			return false;
	}
	return folder_still(f, turn) && !(seq & 1) && dentry_seq(dentry) == seq;
}

/*
 * The same for a link (`moves` 0) or a rename to another name, of what is no folder, no socket and no symbolic link:
 * the new name may be written, the old one too if it moves, and the new one allows nothing more. The file system has no
 * other mount under which something could be gained.
 */
static __always_inline bool folder_allows_move(u32 sandbox, struct vfsmount *mnt, struct dentry *old,
					       struct dentry *new, bool moves)
{
	struct rf_sandbox *box = sandbox_at(sandbox);
	u32 turn, new_turn, seq, new_seq, had, has;
	struct dentry *dir, *new_dir;
	struct folder *f, *g;
	struct folder_key key;
	struct rf_chain *chain;

	if (!box || old == mnt->mnt_root || !only_mount_of(mnt->mnt_sb))
		return false;
	seq = dentry_seq(old);
	dir = old->d_parent;
	new_seq = dentry_seq(new);
	new_dir = new->d_parent;
	barrier();
	if (!folder_key(&key, box, mnt))
		return false;
	f = folder_kept(&key, dir, &turn);
	if (unlikely(!f || !folder_speaks_of(f, old)))
		return false;
	g = f;
	new_turn = turn;
	if (new_dir != dir) {
		g = folder_kept(&key, new_dir, &new_turn);
		if (!g)
			return false;
	}
	if (unlikely(!folder_speaks_of(g, new)))
		return false;
	if (unlikely(!RF_VERDICT_ALLOW(f->settled & g->settled, RF_FILE_ACCESSES))) {
		/* Policy by policy, of which there is one: together they say less. */
		chain = chain_at(box->chain);
		if (!chain || chain->links != 1)
			return false;
		had = folder_entry(f, chain, old);
		has = folder_entry(g, chain, new);
		if (!(has & RF_WRITE) || (moves && !(had & RF_WRITE)) || has & RF_FILE_ACCESSES & ~had)
			return false;
	}
	return folder_still(f, turn) && folder_still(g, new_turn) && !((seq | new_seq) & 1) && dentry_seq(old) == seq &&
	       dentry_seq(new) == new_seq;
}

/*
 * Finds out the states of the folder of path_walk_from and keeps them. index, parent: of the folder and of the one that
 * it lies in. Leaves the question as it began. Returns 0; not 0 where nothing could be kept.
 */
int folder_learn(struct scratch *s, u32 index, u32 parent);

static __always_inline int folder_learn_of(struct scratch *s, struct vfsmount *mnt, struct dentry *entry)
{
	struct dentry *dir = entry->d_parent;

	path_walk_from(s, dir, mnt);
	return folder_learn(s, folder_index(dir), folder_index(dir->d_parent));
}

static __noinline int folder_allows_now(u32 sandbox, struct vfsmount *mnt, struct dentry *dentry, u32 access,
					u32 object)
{
	return folder_allows(sandbox, mnt, dentry, access, object);
}

/* Learns what is missing of an entry's folder and asks it again: a folder that is new costs one judgement. Not one
 * within the other: their stacks add up. */
static __always_inline bool folder_learn_and_ask(struct scratch *s, struct vfsmount *mnt, struct dentry *dentry,
						 bool object)
{
	if (dentry == mnt->mnt_root || folder_learn_of(s, mnt, dentry))
		return false;
	return folder_allows_now(s->sandbox, mnt, dentry, s->access, object);
}

#endif
