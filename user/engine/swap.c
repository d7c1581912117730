// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A new generation in the place of an old one. It is written into a slot that nobody uses; then each chain that has the
 * old slot is written anew in its sandbox's other place, and one store of its index makes hooks take it. So no hook
 * sees half a policy, and a cached verdict of the old chain carries a stamp that no sandbox has any more.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include "engine/internal.h"

static bool chain_has(const struct rf_chain *chain, uint32_t slot)
{
	for (uint32_t i = 0; i < chain->links && i < RF_CHAIN_MAX; i++)
		if (chain->link[i].policy == slot)
			return true;
	return false;
}

static int swap_in_chain(struct rf_kernel *kernel, struct rf_sandbox *sandbox, uint32_t index, uint32_t old,
			 const struct rf_link *now, const struct rf_chain *needs)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t other = index * 2 + (sandbox->chain == index * 2);
	struct rf_chain chain;
	int err = rf_engine_chain(kernel, sandbox->chain, &chain);

	if (err || !chain_has(&chain, old))
		return err;
	err = rf_window_open(kernel, RF_MAP_chains, other, 1, &window);
	if (err)
		return err;
	chain.guards = 0;
	for (uint32_t i = 0; i < chain.links && i < RF_CHAIN_MAX; i++) {
		if (chain.link[i].policy == old) {
			chain.link[i].policy = now->policy;
			chain.link[i].guards = now->guards;
			chain.link[i].left = now->left;
		}
		chain.guards |= chain.link[i].guards;
	}
	chain.seals |= needs->seals;
	chain.hides |= needs->hides;
	*(struct rf_chain *)window.at = chain;
	/* The stamp last: a verdict of the new chain may be cached under the old stamp, never the other way round. */
	__atomic_store_n(&sandbox->chain, other, __ATOMIC_SEQ_CST);
	__atomic_store_n(&sandbox->stamp, rf_engine_next_id(kernel), __ATOMIC_SEQ_CST);
	return 0;
}

static int swap_in_chains(struct rf_kernel *kernel, uint32_t old, const struct rf_link *now,
			  const struct rf_chain *needs)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = kernel->switches->used;
	struct rf_sandbox *sandbox;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	sandbox = window.at;
	for (uint32_t i = 1; !err && i < used; i++)
		if (sandbox[i].state == RF_SANDBOX_LIVE)
			err = swap_in_chain(kernel, &sandbox[i], i, old, now, needs);
	return err;
}

int rf_wait_for_programs(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

int rf_engine_swap(struct rf_kernel *kernel, uint32_t slot, const struct rf_policy *policy,
		   struct rf_compiled *compiled, uint32_t *now, struct rf_error *error)
{
	struct rf_slots slots;
	struct rf_chain needs = {.hides = rf_policy_hides(policy)};
	size_t seals;
	int err = rf_slots_used(kernel, &slots);

	err = err ? err : rf_slots_take(&slots, now);
	if (err)
		return rf_error_set(error, err, "no policy slot is free: %s", strerror(-err));
	rf_compiled_stamp(compiled, rf_engine_next_id(kernel), policy->mode);
	err = rf_slot_fill(kernel, *now, compiled, error);
	err = err ? err : rf_seals_add(kernel, *now, policy, &seals, error);
	needs.seals = !err && seals > 0;
	err = err ? err : rf_demand_attach(&needs, error);
	if (err)
		return err;
	err = swap_in_chains(kernel, slot,
			     &(struct rf_link){.policy = *now, .guards = policy->guards, .left = policy->left}, &needs);
	err = err ? err : rf_wait_for_programs();
	if (err)
		return rf_error_set(error, err, "the policy could not be swapped: %s", strerror(-err));
	rf_seals_remove(kernel, slot);
	rf_slot_empty(kernel, slot);
	return 0;
}
