// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The cgroups of the host and what they should have: one walk from the root, so that each cgroup comes after the one
 * around it. The kernel side does the same for cgroups that are made (select.h); it has the new image before the walk
 * begins, so that a cgroup is either found here or was made by it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/internal.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct walk {
	struct rf_units *units;
	struct rf_sandbox *sandbox; /* all of them, mapped */
	char path[4096];	    /* of the cgroup that is looked at */
	size_t len;
	uint32_t around; /* the sandbox of the cgroup around; 0: none */
};

/* -------------------------------------------------------------------- chains */

static bool chain_has(const struct rf_chain *chain, uint32_t policy)
{
	for (uint32_t i = 0; i < chain->links; i++)
		if (chain->link[i].policy == policy)
			return true;
	return false;
}

static bool chain_within(const struct rf_chain *chain, const struct rf_chain *other)
{
	for (uint32_t i = 0; i < chain->links; i++)
		if (!chain_has(other, chain->link[i].policy))
			return false;
	return true;
}

/* Adds the links of another chain that are not there yet; for the policies of a set, on behalf of `sandbox`. */
static int chain_add(struct rf_chain *chain, const struct rf_chain *more, uint32_t sandbox)
{
	for (uint32_t i = 0; i < more->links; i++) {
		struct rf_link link = more->link[i];

		if (chain_has(chain, link.policy))
			continue;
		if (chain->links == RF_CHAIN_MAX)
			return -E2BIG;
		if (sandbox)
			link.sandbox = sandbox;
		chain->link[chain->links++] = link;
	}
	chain->seals |= more->seals;
	chain->hides |= more->hides;
	chain->guards |= more->guards;
	return 0;
}

/* What a command was started with, without what was around it then. */
static void own_links(const struct rf_chain *chain, uint32_t sandbox, struct rf_chain *own)
{
	*own = (struct rf_chain){.seals = chain->seals, .hides = chain->hides};
	for (uint32_t i = 0; i < chain->links; i++) {
		if (chain->link[i].sandbox != sandbox)
			continue;
		own->link[own->links++] = chain->link[i];
		own->guards |= chain->link[i].guards;
	}
}

static int read_chain(const struct walk *walk, uint32_t sandbox, struct rf_chain *chain)
{
	*chain = (struct rf_chain){.links = 0};
	return sandbox ? rf_engine_chain(walk->units->kernel, walk->sandbox[sandbox].chain, chain) : 0;
}

/* Writes a chain into the place that the sandbox does not use. */
static int write_chain(const struct walk *walk, uint32_t index, const struct rf_chain *chain)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	struct rf_sandbox *sandbox = &walk->sandbox[index];
	uint32_t other = index * 2 + (sandbox->chain == index * 2);
	int err = rf_window_open(walk->units->kernel, RF_MAP_chains, other, 1, &window);

	if (err)
		return err;
	*(struct rf_chain *)window.at = *chain;
	/* The stamp last, as swap.c says. */
	__atomic_store_n(&sandbox->chain, other, __ATOMIC_SEQ_CST);
	__atomic_store_n(&sandbox->stamp, rf_engine_next_id(walk->units->kernel), __ATOMIC_SEQ_CST);
	return 0;
}

static int change_chain(const struct walk *walk, uint32_t index, const struct rf_chain *chain)
{
	struct rf_chain now;
	int err = read_chain(walk, index, &now);

	if (err || memcmp(&now, chain, sizeof(now)) == 0)
		return err;
	return write_chain(walk, index, chain);
}

/* ----------------------------------------------------------------- sandboxes */

static int make_unit(struct walk *walk, uint64_t cgroup, const struct rf_chain *chain, uint32_t *index)
{
	struct rf_kernel *kernel = walk->units->kernel;
	struct rf_sandbox *sandbox;
	struct rf_chain own = *chain;
	int err;

	*index = 1;
	err = rf_sandbox_take(kernel, index);
	if (err)
		return err;
	for (uint32_t i = 0; i < own.links; i++)
		if (!own.link[i].sandbox)
			own.link[i].sandbox = *index;
	sandbox = &walk->sandbox[*index];
	rf_sandbox_write(kernel, sandbox, *index, RF_ORIGIN_UNIT);
	sandbox->cgroup = cgroup;
	snprintf(sandbox->tail, sizeof(sandbox->tail), "%s",
		 walk->path + (walk->len < RF_CGROUP_TAIL ? 0 : walk->len - RF_CGROUP_TAIL + 1));
	err = write_chain(walk, *index, &own);
	if (err)
		return err;
	__atomic_store_n(&sandbox->state, RF_SANDBOX_LIVE, __ATOMIC_SEQ_CST);
	err = rf_tag_set(kernel, cgroup, *index);
	if (err)
		rf_sandbox_free(kernel, *index);
	return err;
}

/* The cgroup gets what is around it, and its own sandbox, if it has one of the service's, ends. */
static int inherit(struct walk *walk, uint64_t cgroup, uint32_t tag)
{
	struct rf_kernel *kernel = walk->units->kernel;
	int err;

	if (tag == walk->around)
		return 0;
	err = walk->around ? rf_tag_set(kernel, cgroup, walk->around) : rf_tag_drop(kernel, cgroup);
	if (err || !tag || walk->sandbox[tag].cgroup != cgroup)
		return err;
	/* Its tasks may still be in a hook of the sandbox that they had. */
	err = rf_wait_for_programs();
	if (!err) {
		walk->sandbox[tag].cgroup = 0;
		rf_sandbox_free(kernel, tag);
	}
	return err;
}

/* ------------------------------------------------------------------ the walk */

/* Settles one cgroup; `now` gets the sandbox that holds for what is beneath it. */
static int settle(struct walk *walk, uint64_t cgroup, uint32_t *now)
{
	uint32_t number = rf_image_run(walk->units->image, walk->path, walk->len, NULL);
	int64_t tag = rf_tag_get(walk->units->kernel, cgroup);
	bool own = tag > 0 && walk->sandbox[tag].cgroup == cgroup;
	struct rf_chain set, around, chain = {.links = 0};
	uint32_t index = tag > 0 ? (uint32_t)tag : 0;
	int err = tag < 0 ? (int)tag : read_chain(walk, walk->units->set[number], &set);

	err = err ? err : read_chain(walk, walk->around, &around);
	if (err)
		return err;
	*now = walk->around;
	if (own && walk->sandbox[index].origin == RF_ORIGIN_RUN) {
		err = read_chain(walk, index, &around);
		own_links(&around, index, &chain);
		err = err ? err : read_chain(walk, walk->around, &around);
	} else if (chain_within(&set, &around)) {
		return inherit(walk, cgroup, index);
	}
	err = err ? err : chain_add(&chain, &set, own ? index : 0);
	if (!own && !err) /* make_unit puts its own index there */
		for (uint32_t i = 0; i < chain.links; i++)
			chain.link[i].sandbox = 0;
	err = err ? err : chain_add(&chain, &around, 0);
	if (err)
		return rf_error_set(walk->units->error, EINVAL,
				    "the cgroup %s would be under more than %d policies at once", walk->path,
				    RF_CHAIN_MAX);
	if (!own)
		return make_unit(walk, cgroup, &chain, now);
	*now = index;
	return change_chain(walk, index, &chain);
}

static int visit(int parent, const char *name, void *context)
{
	struct walk *walk = context;
	RF_AUTO_CLOSE int fd = openat(parent, name, FOLDER_FLAGS);
	size_t len = walk->len, added = strlen(name) + 1;
	uint32_t around = walk->around;
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return errno == ENOENT ? 0 : -errno;
	if (len + added >= sizeof(walk->path))
		return -ENAMETOOLONG;
	walk->path[len] = '/';
	memcpy(walk->path + len + 1, name, added);
	walk->len = len + added;
	err = settle(walk, st.st_ino, &walk->around);
	err = err ? err : rf_cgroup_each(fd, visit, walk);
	walk->path[walk->len = len] = '\0';
	walk->around = around;
	/* It was removed meanwhile: the kernel side took its tag. */
	return err == -ENODEV ? 0 : err;
}

int rf_units_settle(struct rf_units *units)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	RF_AUTO_CLOSE int root = rf_cgroup_root(units->error);
	struct walk walk = {.units = units};
	int err;

	if (root < 0)
		return root;
	err = rf_window_open(units->kernel, RF_MAP_sandboxes, 0, RF_SANDBOXES_MAX, &window);
	if (err)
		return rf_error_set(units->error, err, "the engine's sandboxes: %s", strerror(-err));
	walk.sandbox = window.at;
	units->error->text[0] = '\0';
	err = rf_cgroup_each(root, visit, &walk);
	if (err && !units->error->text[0])
		rf_error_set(units->error, err, "the cgroups of the host: %s", strerror(-err));
	return err;
}

/* -------------------------------------------------------------------- spares */

/* What the queue does not know of any more, because whoever made it ready was cut off. */
static int forget_spares(struct rf_kernel *kernel, int queue, struct rf_sandbox *sandbox)
{
	uint32_t index;
	int err;

	while (bpf_map_lookup_and_delete_elem(queue, NULL, &index) == 0)
		if (index < RF_SANDBOXES_MAX && sandbox[index].state == RF_SANDBOX_SPARE)
			sandbox[index].state = RF_SANDBOX_FREE;
	/* One that was taken from the queue right now lives afterwards. */
	err = rf_wait_for_programs();
	for (uint32_t i = 1; !err && i < kernel->switches->used; i++)
		if (sandbox[i].state == RF_SANDBOX_SPARE)
			sandbox[i].state = RF_SANDBOX_FREE;
	return err;
}

static size_t count_spares(const struct rf_kernel *kernel, const struct rf_sandbox *sandbox)
{
	size_t count = 0;

	for (uint32_t i = 1; i < kernel->switches->used; i++)
		count += sandbox[i].state == RF_SANDBOX_SPARE;
	return count;
}

int rf_spares_fill(struct rf_kernel *kernel, bool all)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	int queue = rf_engine_map(kernel, RF_MAP_spares), err;
	struct rf_sandbox *sandbox;
	uint32_t index = 1;

	err = queue < 0 ? queue : rf_window_open(kernel, RF_MAP_sandboxes, 0, RF_SANDBOXES_MAX, &window);
	if (err)
		return err;
	sandbox = window.at;
	err = all ? forget_spares(kernel, queue, sandbox) : 0;
	for (size_t count = count_spares(kernel, sandbox); !err && count < RF_SPARES_MAX; count++) {
		err = rf_sandbox_take(kernel, &index);
		if (err)
			return err == -ENOSPC ? 0 : err;
		rf_sandbox_write(kernel, &sandbox[index], index, RF_ORIGIN_UNIT);
		__atomic_store_n(&sandbox[index].state, RF_SANDBOX_SPARE, __ATOMIC_SEQ_CST);
		if (bpf_map_update_elem(queue, NULL, &index, BPF_ANY)) {
			err = -errno;
			sandbox[index].state = RF_SANDBOX_FREE;
		}
	}
	return err;
}
