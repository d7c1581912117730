/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The look-up of an object's seals: by what it is, not by what it is called. */
#ifndef RINGFENCE_SEAL_H
#define RINGFENCE_SEAL_H

#include "maps.h"

static __always_inline void seal_key(struct inode *inode, struct rf_seal_key *key)
{
	key->inode = BPF_CORE_READ(inode, i_ino);
	key->device = BPF_CORE_READ(inode, i_sb, s_dev);
}

/* The seal of the policy at place `link` of the chain; NULL: none. */
static __always_inline struct rf_seal *seal_of(struct rf_chain *chain, u32 link, struct rf_seal_key *key)
{
	key->policy = chain->link[link & (RF_CHAIN_MAX - 1)].policy;
	return bpf_map_lookup_elem(&seals, key);
}

static __always_inline u32 seal_refuses(struct rf_seal *seal, struct inode *inode, u32 access)
{
	if (access & RF_EXEC && (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFDIR)
		access = (access & ~(u32)RF_EXEC) | (seal->tree ? RF_READ : 0);
	return access & seal->access;
}

/* Whether any policy of the chain may refuse: most objects have no seal, and need no scratch. */
static __always_inline bool seals_refuse(struct rf_chain *chain, struct inode *inode, u32 access)
{
	struct rf_seal_key key = {};

	seal_key(inode, &key);
	for (u32 i = 0; i < RF_CHAIN_MAX; i++) {
		struct rf_seal *seal;

		if (i >= chain->links)
			break;
		seal = seal_of(chain, i, &key);
		if (seal && seal_refuses(seal, inode, access))
			return true;
	}
	return false;
}

#endif
