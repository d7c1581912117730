/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory for one question: too much for the stack. */
#ifndef RINGFENCE_SCRATCH_H
#define RINGFENCE_SCRATCH_H

#include "maps.h"

/* A path. Text that was walked is written from the end of `data` backwards, text from bpf_d_path from its start. */
struct pathbuf {
	u32 off, len; /* the text */
	u32 fed;      /* bytes of it that rules are asked about: less than len where names have aliases */
	u32 aliased;  /* not 0: allowed only if every continuation of the fed part is */
	u8 data[RF_PATH_MAX + 256];
};

/* The dentries that make a path, the object's first, each with the count of its own changes. */
#define TRAIL_MAX 24
struct trail {
	u32 dentries; /* all there are: those beyond the first TRAIL_MAX are only counted */
	u32 own;      /* of them: beneath the root of the object's own mount */
	u64 dentry[TRAIL_MAX];
	u32 seq[TRAIL_MAX];
};

/* The rest of a path, fed to one policy's image from a state on (judge_tail). */
#define TAIL_MAX 48
struct tail {
	u64 generation; /* of the image that the state is of */
	u32 state, len;
	u32 word; /* the verdict */
	u8 text[64];
};

/* One step of a walk from a dentry to the root of its mount namespace. */
struct walk {
	u64 from_dentry, from_mount;
	u64 dentry, mount, root; /* root: the mount's */
	u32 pos;		 /* where the text begins so far */
	u32 alias;		 /* end of the part above the outermost file system with aliases; 0: none */
	u32 aliasing;		 /* within such a file system now */
	u32 proc;		 /* the object is in procfs */
	u32 reason;		 /* enum rf_reason where it failed */
	u32 done, stable;
	u32 which;  /* index in scratch.path */
	u32 steps;  /* dentries and mounts */
	u64 counts; /* path_counts() of what was walked */
	u32 room;   /* bytes that a name beneath may have (folder.bpf.c) */
	struct trail trail;
};

/* What is known of the last mount that was asked for, so that its chain of mounts is not looked at each time. */
struct mount_memo {
	u64 mount, ns, root_mount, root_dentry;
	u32 seq, kind;
	u32 special; /* enum rf_guard that its file system falls under besides rules */
};

/* The verdict as it builds up over policies and names: the first policy that refuses, an enforcing one first. */
struct outcome {
	u32 refused, audit;
	u32 link, policy;
	u64 generation;
	u32 access; /* what was refused of what was asked */
	u32 reason, error;
};

struct scratch {
	u32 busy, slot;
	u32 sandbox, chain;
	u64 stamp;  /* the sandbox's, from before the chain was read */
	u64 ns;	    /* the task's mount namespace */
	u32 access; /* asked now */
	struct outcome out;
	u32 guard, target; /* of a guard's refusal: rf_event's */
	u64 inode;	   /* whose seals are asked */
	u32 seals;	   /* not 0: the chain that judge_path asked has seals */
	struct walk walk;
	struct mount_memo memo;
	struct {
		u32 which, kind; /* path and enum rf_image_kind that are asked about */
		u32 off, left;	 /* bytes to feed yet */
		u32 state;
		u32 header;  /* of the last state: its verdict's index */
		u32 beneath; /* of the state after a '/' behind it, likewise */
	} feed;
	u32 below;		    /* not 0: two names are compared, what lies beneath them too */
	u32 word[2][RF_CHAIN_MAX];  /* then: verdict words by path and link; with aliases: what all of them allow */
	u32 state[2][RF_CHAIN_MAX]; /* states after the paths and a '/' */
	u32 beneath[RF_CHAIN_MAX];  /* verdict words of these states, of the path asked last */
	struct tail tail;
	u64 generation[2][RF_CHAIN_MAX]; /* of the images that said so */
	u32 names;			 /* names judged of an object that came without one */
	u64 mount_list;			 /* next mount of the superblock to look at */
	u64 object;			 /* dentry whose names are judged */
	struct {
		u64 old, new, mount; /* dentries and the mount that the call went by */
		u32 move;	     /* as judge_gain takes it */
		u64 above, kinds;    /* the next dentry above the new name; those seen (elsewhere.bpf.c) */
	} pair;			     /* what is renamed or linked */
	u64 hash;		     /* of a merge key */
	u32 hashed;		     /* bytes that go into it */
	struct pathbuf path[2];
	struct pathbuf exe;
	struct {
		struct rf_event head;
		u8 tail[3 * RF_PATH_MAX + 256];
	} event;
};

/* Several a CPU: a program can be preempted by another task's, and migration alone is disabled
 * (bpf_trampoline_enter). Who finds all taken is refused with RF_REASON_SCRATCH. */
#define SCRATCHES 8
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCHES);
	__type(key, u32);
	__type(value, struct scratch);
} scratches __weak SEC(".maps");

static __always_inline struct scratch *scratch_at(u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

static __always_inline struct scratch *scratch_get(void)
{
	for (u32 i = 0; i < SCRATCHES; i++) {
		struct scratch *s = scratch_at(i);

		if (s && !__sync_val_compare_and_swap(&s->busy, 0, 1)) {
			s->slot = i;
			return s;
		}
	}
	return NULL;
}

static __always_inline void scratch_put(struct scratch *s)
{
	barrier();
	s->busy = 0;
}

#endif
