// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies in force by name. What is new is written beside what is there: policies into free slots, sets into free
 * sandboxes, the image of selectors into the slot that is not in use. One store gives the kernel side the new image;
 * from then on cgroups that are made get the new sets, and a walk brings those that exist after. What was there before
 * is freed when no hook can be reading it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile/select.h"
#include "engine/internal.h"

struct forcing {
	struct rf_kernel *kernel;
	struct rf_forced *forced;
	size_t count;
	struct rf_error *error;
	struct rf_selection selection;
	struct rf_slots before, taken; /* slots that sets had; all in use, with those taken now */
	uint32_t *set;		       /* sandboxes of the sets, by number */
	uint64_t *old;		       /* bits of sandboxes that were sets before */
};

static bool bit_of(const uint64_t *bits, uint32_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

/* ----------------------------------------------------------------- selectors */

/* The patterns of a policy and those that it is attached by, in one row. */
static int gather_patterns(const struct rf_forced *forced, struct rf_text **row, struct rf_selector *selector)
{
	const struct rf_policy *policy = forced->bound.policy;

	*row = calloc(policy->selects + forced->attachments + 1, sizeof(**row));
	if (!*row)
		return -ENOMEM;
	for (size_t i = 0; i < policy->selects; i++)
		(*row)[i] = policy->select[i];
	for (size_t i = 0; i < forced->attachments; i++)
		(*row)[policy->selects + i] = forced->attached[i];
	*selector = (struct rf_selector){*row, policy->selects + forced->attachments};
	return 0;
}

static int compile_selectors(struct forcing *f)
{
	struct rf_selector *selector = calloc(f->count + 1, sizeof(*selector));
	struct rf_text **row = calloc(f->count + 1, sizeof(*row));
	int err = selector && row ? 0 : -ENOMEM;

	for (size_t i = 0; i < f->count && !err; i++)
		err = gather_patterns(&f->forced[i], &row[i], &selector[i]);
	err = err ? err : rf_select_compile(selector, f->count, &f->selection);
	for (size_t i = 0; row && i < f->count; i++)
		free(row[i]);
	free(row);
	free(selector);
	if (err == -E2BIG)
		return rf_error_set(f->error, EINVAL,
				    "the selectors of all policies tell more than %u kinds of cgroups apart: "
				    "let fewer of them overlap",
				    RF_SELECT_SETS_MAX);
	return err ? rf_error_set(f->error, err, "the selectors: %s", strerror(-err)) : 0;
}

/* Whoever selects these fences what the host is ruled by. */
static int spare_path(const struct forcing *f, const char *path, const char *what)
{
	uint32_t set = rf_image_run(&f->selection.image, path, strlen(path), NULL);

	for (size_t i = 0; set && i < f->count; i++)
		if (rf_selection_has(&f->selection, set, i))
			return rf_error_set(
				f->error, EINVAL,
				"policy %s selects %s, the cgroup of %s: let spec.select name what it is for",
				f->forced[i].bound.policy->name, path, what);
	return 0;
}

static int spare_host(const struct forcing *f)
{
	RF_AUTO_FREE char *self = rf_cgroup_own_path();
	int err = spare_path(f, "/init.scope", "the host's first process");

	return err || !self || !strcmp(self, "/") ? err : spare_path(f, self, "the service itself");
}

/* ------------------------------------------------------------------ policies */

static int fill_slots(struct forcing *f, struct rf_chain *needs)
{
	RF_AUTO_CLOSE int state = rf_kept_service(f->error);
	int err = state < 0 ? state : 0;

	for (size_t i = 0; i < f->count && !err; i++) {
		struct rf_bound *bound = &f->forced[i].bound;
		size_t seals = 0;

		if (f->forced[i].placed)
			continue;
		if (rf_slots_take(&f->taken, &bound->slot))
			return rf_error_set(f->error, ENOSPC, "all %d policy slots are in use", RF_SELECT_SLOT);
		bound->generation = rf_engine_next_id(f->kernel);
		rf_compiled_stamp(bound->compiled, bound->generation, bound->policy->mode);
		err = rf_slot_fill(f->kernel, bound->slot, bound->compiled, f->error);
		err = err ? err : rf_seals_add(f->kernel, bound->slot, bound->policy, &seals, f->error);
		err = err ? err : rf_kept_policy(state, bound, f->error);
		needs->seals |= seals > 0;
		needs->hides |= rf_policy_hides(bound->policy);
	}
	return err ? err : rf_demand_attach(needs, f->error);
}

/* Takes out what fill_slots put in. */
static void empty_slots(struct forcing *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->forced[i].placed || !f->forced[i].bound.generation)
			continue;
		rf_seals_remove(f->kernel, f->forced[i].bound.slot);
		rf_slot_empty(f->kernel, f->forced[i].bound.slot);
		f->forced[i].bound.generation = 0;
	}
}

/* ---------------------------------------------------------------------- sets */

static int make_set(struct forcing *f, const struct rf_chain *chain, uint32_t *index)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	RF_AUTO_WINDOW struct rf_window place = {.base = NULL};
	struct rf_sandbox *sandbox;
	int err;

	*index = 1;
	err = rf_sandbox_take(f->kernel, index);
	if (err)
		return rf_error_set(f->error, err, "no sandbox is free (at most %d at once)", RF_SANDBOXES_MAX - 1);
	err = rf_window_open(f->kernel, RF_MAP_sandboxes, *index, 1, &window);
	err = err ? err : rf_window_open(f->kernel, RF_MAP_chains, *index * 2, 1, &place);
	if (err)
		return rf_error_set(f->error, err, "the engine's sandboxes: %s", strerror(-err));
	sandbox = window.at;
	*(struct rf_chain *)place.at = *chain;
	rf_sandbox_write(f->kernel, sandbox, *index, RF_ORIGIN_SET);
	__atomic_store_n(&sandbox->state, RF_SANDBOX_LIVE, __ATOMIC_SEQ_CST);
	return 0;
}

/* The sets that cgroups can be in, and behind them one of each policy alone: so its slot is in use. */
static int make_sets(struct forcing *f)
{
	size_t sets = f->selection.sets;
	int err = 0;

	f->set = calloc(sets + f->count + 1, sizeof(*f->set));
	if (!f->set)
		return rf_error_set(f->error, ENOMEM, "%s", strerror(ENOMEM));
	for (size_t s = 1; s <= sets + f->count && !err; s++) {
		struct rf_chain chain = {.links = 0};
		const char *first = "";

		for (size_t i = 0; i < f->count && !err; i++) {
			if (s <= sets ? !rf_selection_has(&f->selection, (uint32_t)s, i) : i != s - sets - 1)
				continue;
			first = chain.links ? first : f->forced[i].bound.policy->name;
			if (chain.links == RF_CHAIN_MAX)
				err = rf_error_set(f->error, EINVAL,
						   "more than %d policies select one cgroup, among them %s",
						   RF_CHAIN_MAX, f->forced[i].bound.policy->name);
			else
				rf_chain_add(&chain, f->forced[i].bound.policy, f->forced[i].bound.slot, 0);
		}
		if (!err && s <= sets) {
			char what[128];

			snprintf(what, sizeof(what), "cgroups that policy %.63s holds for", first);
			err = rf_chain_check(&chain, what, f->error);
		}
		/* Seals may be there that the text does not show: what hides is sealed too. */
		chain.seals |= chain.hides;
		err = err ? err : make_set(f, &chain, &f->set[s]);
	}
	return err;
}

static void free_sets(struct forcing *f)
{
	for (size_t s = 1; f->set && s <= f->selection.sets + f->count; s++)
		if (f->set[s])
			rf_sandbox_free(f->kernel, f->set[s]);
}

/* ----------------------------------------------------------------- the switch */

static int make_closed(struct forcing *f)
{
	const struct rf_chain none = {.links = 0};
	uint32_t index;
	int err = f->kernel->switches->closed ? 0 : make_set(f, &none, &index);

	if (!err && !f->kernel->switches->closed)
		f->kernel->switches->closed = index;
	return err;
}

int rf_engine_ring(struct rf_kernel *kernel)
{
	RF_AUTO_CLOSE int fd = rf_inner_get(kernel, RF_MAP_rings, 0);
	int err;

	if (fd != -ENOENT)
		return fd < 0 ? fd : rf_take_fd(&fd);
	fd = rf_inner_create(RF_MAP_rings);
	err = fd < 0 ? fd : rf_inner_set(kernel, RF_MAP_rings, 0, fd);
	return err ? err : rf_take_fd(&fd);
}

static int make_ring(struct forcing *f)
{
	RF_AUTO_CLOSE int fd = rf_engine_ring(f->kernel);

	return fd < 0 ? rf_error_set(f->error, fd, "the buffer for denials: %s", strerror(-fd)) : 0;
}

/* Packets of cgroups that the kernel side gives a sandbox are seen from the root of all cgroups. */
static int watch_packets(struct forcing *f)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int root = -1;
	RF_AUTO_CLOSE int program = -1;
	RF_AUTO_CLOSE int link = -1;

	if (rf_program_attached("packet_egress"))
		return 0;
	root = rf_cgroup_root(f->error);
	if (root < 0)
		return root;
	program = bpf_obj_get(rf_pin_path(path, "progs", "packet_egress"));
	link = program < 0 ? -1 : bpf_link_create(program, root, BPF_CGROUP_INET_EGRESS, NULL);
	if (link < 0 || bpf_obj_pin(link, rf_pin_path(path, "links", "packet_egress")))
		return rf_error_set(f->error, errno, "cannot watch the packets of the host's cgroups: %s",
				    strerror(errno));
	return 0;
}

/* Gives the kernel side the image whose words are the sets' sandboxes. */
static int switch_image(struct forcing *f)
{
	uint32_t slot = f->kernel->switches->select == RF_SELECT_SLOT ? RF_SELECT_SLOT + 1 : RF_SELECT_SLOT;
	struct rf_image image = {.slots = f->selection.image.slots};
	struct rf_image_head *head;
	int err;

	image.tab = malloc(image.slots * sizeof(*image.tab));
	if (!image.tab)
		return rf_error_set(f->error, ENOMEM, "%s", strerror(ENOMEM));
	memcpy(image.tab, f->selection.image.tab, image.slots * sizeof(*image.tab));
	head = (struct rf_image_head *)image.tab;
	for (uint32_t i = 0; i < head->verdicts; i++)
		head->verdict[i] = f->set[head->verdict[i]];
	err = rf_slot_set_image(f->kernel, RF_IMAGE_INDEX(slot, RF_IMAGE_FILES), &image);
	free(image.tab);
	if (err)
		return rf_error_set(f->error, err, "the selectors could not be put into the kernel: %s",
				    strerror(-err));
	__atomic_store_n(&f->kernel->switches->select, f->selection.sets ? slot : 0, __ATOMIC_SEQ_CST);
	err = rf_wait_for_programs();
	return err ? rf_error_set(f->error, err, "membarrier: %s", strerror(-err)) : 0;
}

/* ------------------------------------------------------------------- the old */

/* Notes the sets that are there, and the slots of their policies. */
static int note_old(struct forcing *f)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = f->kernel->switches->used;
	const struct rf_sandbox *sandbox;
	int err = rf_window_open(f->kernel, RF_MAP_sandboxes, 0, used, &window);

	f->old = calloc(RF_SANDBOXES_MAX / 64, sizeof(*f->old));
	err = err ? err : f->old ? rf_slots_used(f->kernel, &f->taken) : -ENOMEM;
	sandbox = window.at;
	for (uint32_t i = 1; !err && i < used; i++) {
		struct rf_chain chain;

		if (sandbox[i].state != RF_SANDBOX_LIVE || sandbox[i].origin != RF_ORIGIN_SET ||
		    i == f->kernel->switches->closed)
			continue;
		f->old[i / 64] |= UINT64_C(1) << i % 64;
		err = rf_engine_chain(f->kernel, sandbox[i].chain, &chain);
		for (uint32_t l = 0; !err && l < chain.links; l++)
			f->before.bit[chain.link[l].policy / 64] |= UINT64_C(1) << chain.link[l].policy % 64;
	}
	return err ? rf_error_set(f->error, err, "the engine's sandboxes: %s", strerror(-err)) : 0;
}

/* Frees the sets of before, and the policies that nobody has any more. */
static int free_old(struct forcing *f)
{
	struct rf_slots now;
	int err = rf_wait_for_programs();

	for (uint32_t i = 1; !err && i < RF_SANDBOXES_MAX; i++)
		if (bit_of(f->old, i))
			rf_sandbox_free(f->kernel, i);
	err = err ? err : rf_slots_used(f->kernel, &now);
	for (uint32_t i = 0; !err && i < RF_SELECT_SLOT; i++) {
		if (!bit_of(f->before.bit, i) || bit_of(now.bit, i))
			continue;
		rf_seals_remove(f->kernel, i);
		rf_slot_empty(f->kernel, i);
	}
	return err ? rf_error_set(f->error, err, "what was in force before: %s", strerror(-err)) : 0;
}

static int settle(struct forcing *f)
{
	struct rf_units units = {.kernel = f->kernel, .image = &f->selection.image, .set = f->set, .error = f->error};

	return rf_units_settle(&units);
}

static int prepare(struct forcing *f)
{
	struct rf_chain needs = {.links = 0};
	int err = compile_selectors(f);

	err = err ? err : spare_host(f);
	err = err ? err : note_old(f);
	err = err ? err : fill_slots(f, &needs);
	err = err ? err : make_sets(f);
	err = err ? err : make_closed(f);
	err = err ? err : make_ring(f);
	err = err || !f->selection.sets ? err : watch_packets(f);
	if (!err && f->selection.sets && rf_spares_fill(f->kernel, !f->kernel->switches->select))
		err = rf_error_set(f->error, ENOSPC, "no sandboxes could be made ready");
	return err;
}

int rf_engine_force(struct rf_kernel *kernel, struct rf_forced *forced, size_t count, struct rf_error *error)
{
	struct forcing *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	*f = (struct forcing){.kernel = kernel, .forced = forced, .count = count, .error = error};
	for (size_t i = 0; i < count; i++)
		if (!forced[i].placed)
			forced[i].bound.generation = 0;
	rf_engine_sweep(kernel, NULL);
	err = prepare(f);
	if (err) {
		free_sets(f);
		empty_slots(f);
	} else {
		err = switch_image(f);
		err = err ? err : settle(f);
		err = err ? err : free_old(f);
		for (size_t i = 0; !err && i < count; i++)
			forced[i].placed = true;
	}
	rf_selection_free(&f->selection);
	free(f->set);
	free(f->old);
	free(f);
	return err;
}

int rf_engine_refill(struct rf_kernel *kernel)
{
	return kernel->switches->select ? rf_spares_fill(kernel, false) : 0;
}
