// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Making a sandbox and taking it away. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "engine/internal.h"

/* Sandboxes that keep their ring buffer for the next one, as slots.c does with images. */
#define WARM_RINGS 32

/* A sandbox on its way. */
struct making {
	struct rf_kernel *kernel;
	struct rf_fence *fence;
	struct rf_slots slots;
	struct rf_chain parent;
};

/* ---------------------------------------------------------------- allocation */

int rf_sandbox_take(struct rf_kernel *kernel, uint32_t *index)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	if (err)
		return err;
	sandbox = window.at;
	while (*index < used && sandbox[*index].state != RF_SANDBOX_FREE)
		++*index;
	if (*index == RF_SANDBOXES_MAX)
		return -ENOSPC;
	if (*index == used)
		kernel->switches->used = used + 1;
	return 0;
}

void rf_sandbox_write(struct rf_kernel *kernel, struct rf_sandbox *sandbox, uint32_t index, enum rf_origin origin)
{
	memset(sandbox, 0, sizeof(*sandbox));
	sandbox->chain = index * 2;
	sandbox->origin = origin;
	sandbox->stamp = rf_engine_next_id(kernel);
	sandbox->id = rf_engine_next_id(kernel);
}

/* The chain of the sandbox that the caller is in; without links where it is in none. */
static int parent_chain(struct rf_kernel *kernel, uint64_t cgroup, struct rf_chain *chain)
{
	int tags = rf_engine_map(kernel, RF_MAP_tags), err;
	struct rf_sandbox sandbox;
	struct rf_tag tag;

	memset(chain, 0, sizeof(*chain));
	if (tags < 0)
		return tags;
	if (bpf_map_lookup_elem(tags, &cgroup, &tag))
		return errno == ENOENT ? 0 : -errno;
	err = rf_engine_sandbox(kernel, tag.sandbox, &sandbox);
	if (err)
		return err;
	if (sandbox.state != RF_SANDBOX_LIVE)
		return -ESTALE;
	return rf_engine_chain(kernel, sandbox.chain, chain);
}

/* ------------------------------------------------------------------ policies */

static bool may_seal(const struct rf_policy *policy)
{
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++)
		if (policy->rule[RF_FILES][i].seal)
			return true;
	return false;
}

bool rf_policy_hides(const struct rf_policy *policy)
{
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++)
		if (policy->rule[RF_FILES][i].hide == RF_HIDE_ALL)
			return true;
	return false;
}

void rf_chain_add(struct rf_chain *chain, const struct rf_policy *policy, uint32_t slot, uint32_t sandbox)
{
	chain->link[chain->links++] =
		(struct rf_link){.policy = slot, .sandbox = sandbox, .guards = policy->guards, .left = policy->left};
	chain->guards |= policy->guards;
	chain->seals |= may_seal(policy);
	chain->hides |= rf_policy_hides(policy);
}

int rf_chain_check(const struct rf_chain *chain, const char *what, struct rf_error *error)
{
	uint32_t left = (1u << RF_SECTIONS) - 1;
	char text[64];

	for (uint32_t i = 0; i < chain->links; i++)
		left &= chain->link[i].left;
	if (!left || !chain->links)
		return 0;
	return rf_error_set(error, EINVAL,
			    "%s: nobody judges %s: each policy leaves that to another one (spec.judges); add a policy "
			    "that has rules for it",
			    what, rf_sections_text(left, text, sizeof(text)));
}

/* Takes slots and writes the chain, own policies first. */
static int plan_policies(struct making *making, struct rf_bound *bound, size_t count, struct rf_error *error)
{
	struct rf_chain *chain = &making->fence->chain;
	const struct rf_chain *parent = &making->parent;
	int err;

	if (count + parent->links > RF_CHAIN_MAX)
		return rf_error_set(error, E2BIG, "%zu policies here and %u around: a sandbox has at most %d", count,
				    parent->links, RF_CHAIN_MAX);
	err = rf_slots_used(making->kernel, &making->slots);
	if (err)
		return rf_error_set(error, err, "the engine's sandboxes: %s", strerror(-err));
	making->fence->own = count;
	for (size_t i = 0; i < count; i++) {
		if (rf_slots_take(&making->slots, &bound[i].slot))
			return rf_error_set(error, ENOSPC, "all %d policy slots are in use", RF_POLICIES_MAX);
		bound[i].generation = rf_engine_next_id(making->kernel);
		rf_chain_add(chain, bound[i].policy, bound[i].slot, making->fence->index);
	}
	for (uint32_t i = 0; i < parent->links; i++)
		chain->link[chain->links++] = parent->link[i];
	chain->seals |= parent->seals;
	chain->hides |= parent->hides;
	chain->guards |= parent->guards;
	return rf_chain_check(chain, "this fence", error);
}

static int fill_policies(struct making *making, const struct rf_bound *bound, size_t count, struct rf_error *error)
{
	struct rf_chain *chain = &making->fence->chain;
	int err = 0;

	chain->seals = making->parent.seals;
	for (size_t i = 0; i < count && !err; i++) {
		size_t seals = 0;

		rf_compiled_stamp(bound[i].compiled, bound[i].generation, bound[i].policy->mode);
		err = rf_slot_fill(making->kernel, bound[i].slot, bound[i].compiled, error);
		err = err ? err : rf_seals_add(making->kernel, bound[i].slot, bound[i].policy, &seals, error);
		chain->seals |= seals > 0;
	}
	return err ? err : rf_demand_attach(chain, error);
}

/* ---------------------------------------------------------------- ring buffer */

/* A ring that an ended sandbox left: what nobody read of it is skipped. */
static int rewind_ring(int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned long *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned long *producer = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)page);
	int err = consumer == MAP_FAILED || producer == MAP_FAILED ? -errno : 0;

	if (!err)
		__atomic_store_n(consumer, __atomic_load_n(producer, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
	if (consumer != MAP_FAILED)
		munmap(consumer, page);
	if (producer != MAP_FAILED)
		munmap(producer, page);
	return err;
}

static int open_ring(struct making *making, struct rf_error *error)
{
	struct rf_fence *fence = making->fence;
	int err = 0, fd = rf_inner_get(making->kernel, RF_MAP_rings, fence->index);

	if (fd >= 0) {
		err = rewind_ring(fd);
	} else if (fd == -ENOENT) {
		fd = rf_inner_create(RF_MAP_rings);
		err = fd < 0 ? fd : rf_inner_set(making->kernel, RF_MAP_rings, fence->index, fd);
	}
	fence->ring_fd = fd;
	err = fd < 0 ? fd : err;
	return err ? rf_error_set(error, err, "the buffer for denials: %s", strerror(-err)) : 0;
}

/* --------------------------------------------------------------------- making */

static int write_chain(struct making *making, struct rf_error *error)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	int err = rf_window_open(making->kernel, RF_MAP_chains, making->fence->index * 2, 1, &window);

	if (err)
		return rf_error_set(error, err, "the engine's chains: %s", strerror(-err));
	*(struct rf_chain *)window.at = making->fence->chain;
	return 0;
}

static int enter_sandbox(struct making *making, bool audit, struct rf_error *error)
{
	struct rf_fence *fence = making->fence;
	struct rf_window window;
	struct rf_sandbox *sandbox;
	int err = rf_window_open(making->kernel, RF_MAP_sandboxes, fence->index, 1, &window);

	if (err)
		return rf_error_set(error, err, "the engine's sandboxes: %s", strerror(-err));
	fence->window = window.base;
	fence->window_len = window.len;
	sandbox = window.at;
	memset(sandbox, 0, sizeof(*sandbox));
	sandbox->id = fence->id;
	sandbox->chain = fence->index * 2;
	sandbox->stamp = rf_engine_next_id(making->kernel);
	sandbox->audit = audit;
	sandbox->origin = RF_ORIGIN_RUN;
	sandbox->ring = fence->index;
	sandbox->owner = (uint32_t)getpid();
	snprintf(sandbox->tail, sizeof(sandbox->tail), "%s",
		 fence->path + (strlen(fence->path) < RF_CGROUP_TAIL ? 0 : strlen(fence->path) - RF_CGROUP_TAIL + 1));
	err = write_chain(making, error);
	if (err)
		return err;
	/* Last: from here on a sweep knows that there is something to clean up. No cgroup is tagged with it yet. */
	fence->element = sandbox;
	__atomic_store_n(&sandbox->state, RF_SANDBOX_LIVE, __ATOMIC_RELEASE);
	return 0;
}

/* The program of packets goes with the cgroup: whoever ends, it stays until the cgroup is removed. */
static int watch_packets(const struct rf_fence *fence, struct rf_error *error)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int program = -1;

	/* Attached to the root of all cgroups, it sees these packets too. */
	if (rf_program_attached("packet_egress"))
		return 0;
	program = bpf_obj_get(rf_pin_path(path, "progs", "packet_egress"));

	if (program < 0)
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	if (bpf_prog_attach(program, fence->cgroup_fd, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI))
		return rf_error_set(
			error, errno, "cannot watch the packets of the cgroup %s: %s%s", fence->path, strerror(errno),
			errno == EPERM ? " (a cgroup above has a program that allows no other beneath it)" : "");
	return 0;
}

static int make_cgroup(struct making *making, struct rf_error *error)
{
	struct rf_fence *fence = making->fence;
	char name[RF_CGROUP_NAME];
	struct stat st;
	int err;

	if (mkdirat(fence->parent_fd, rf_cgroup_name(name, fence->id), 0755))
		return rf_error_set(error, errno, "cannot make the cgroup %s: %s%s", fence->path, strerror(errno),
				    errno == EAGAIN ? " (cgroup.max.depth or cgroup.max.descendants)" : "");
	fence->cgroup_fd = openat(fence->parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fence->cgroup_fd < 0 || fstat(fence->cgroup_fd, &st))
		return rf_error_set(error, errno, "%s: %s", fence->path, strerror(errno));
	/* The id of a cgroup is the number of its folder's inode. */
	fence->cgroup = st.st_ino;
	((struct rf_sandbox *)(uintptr_t)fence->element)->cgroup = fence->cgroup;
	/* Beneath a fence, it was born with the parent's tag; nothing runs in it yet. */
	err = rf_tag_set(making->kernel, fence->cgroup, fence->index);
	if (err)
		return rf_error_set(error, err, "cannot tag the cgroup %s: %s%s", fence->path, strerror(-err),
				    err == -E2BIG ? " (too many tagged cgroups)" : "");
	return watch_packets(fence, error);
}

static int leave_word(struct making *making, const struct rf_bound *bound, size_t count, struct rf_error *error)
{
	struct rf_fence *fence = making->fence;
	int err = 0;

	fence->state_fd = rf_kept_make(fence->id, fence->path, error);
	if (fence->state_fd < 0)
		return fence->state_fd;
	for (size_t i = 0; i < count && !err; i++)
		err = rf_kept_policy(fence->state_fd, &bound[i], error);
	return err;
}

static int make(struct making *making, struct rf_bound *bound, size_t count, bool audit, struct rf_error *error)
{
	struct rf_fence *fence = making->fence;
	RF_AUTO_CGROUP struct rf_cgroup self = RF_CGROUP_NONE;
	char name[RF_CGROUP_NAME];
	int err = rf_cgroup_self(&self, error);

	if (err)
		return err;
	err = parent_chain(making->kernel, self.id, &making->parent);
	if (err)
		return rf_error_set(error, err, "the sandbox around this one: %s", strerror(-err));
	fence->index = 1;
	err = rf_sandbox_take(making->kernel, &fence->index);
	if (err)
		return rf_error_set(error, err, "no sandbox is free (at most %d at once)", RF_SANDBOXES_MAX - 1);
	fence->id = rf_engine_next_id(making->kernel);
	fence->parent_fd = rf_take_fd(&self.fd);
	if (asprintf(&fence->path, "%s/%s", strcmp(self.path, "/") ? self.path : "", rf_cgroup_name(name, fence->id)) <
	    0) {
		fence->path = NULL;
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	}
	err = plan_policies(making, bound, count, error);
	/* Alive before it takes anything: if we are killed in between, a sweep finds what we took. */
	err = err ? err : enter_sandbox(making, audit, error);
	err = err ? err : leave_word(making, bound, count, error);
	err = err ? err : fill_policies(making, bound, count, error);
	err = err ? err : open_ring(making, error);
	err = err ? err : write_chain(making, error);
	return err ? err : make_cgroup(making, error);
}

static void unmake(struct making *making)
{
	struct rf_fence *fence = making->fence;
	char name[RF_CGROUP_NAME];

	if (fence->parent_fd >= 0)
		rf_cgroup_remove(fence->parent_fd, rf_cgroup_name(name, fence->id));
	if (fence->element)
		rf_sandbox_free(making->kernel, fence->index);
}

int rf_sandbox_create(struct rf_kernel *kernel, struct rf_bound *bound, size_t count, bool audit, struct rf_fence **out,
		      struct rf_error *error)
{
	RF_AUTO_FREE struct making *making = calloc(1, sizeof(*making));
	struct rf_fence *fence = calloc(1, sizeof(*fence));
	int err;

	if (!making || !fence) {
		free(fence);
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	}
	fence->cgroup_fd = fence->ring_fd = fence->parent_fd = fence->state_fd = -1;
	making->kernel = kernel;
	making->fence = fence;
	err = make(making, bound, count, audit, error);
	if (err) {
		unmake(making);
		rf_sandbox_close(fence);
		return err;
	}
	*out = fence;
	return 0;
}

int rf_sandbox_clone_error(const struct rf_fence *fence, int code, struct rf_error *error)
{
	RF_AUTO_FREE char *type = rf_read_at(fence->cgroup_fd, "cgroup.type", 256, NULL);

	code = code < 0 ? -code : code;
	if (type && strncmp(type, "domain invalid", 14) == 0)
		return rf_error_set(error, code,
				    "the cgroup around %s is threaded, and a fence holds whole processes; "
				    "start from another cgroup (systemd-run --scope)",
				    fence->path);
	return rf_error_set(error, code, "cannot start a process in %s: %s%s", fence->path, strerror(code),
			    code == EAGAIN ? " (pids.max, or the user's limit of processes)" : "");
}

/* -------------------------------------------------------------------- removing */

static void remove_merges(struct rf_kernel *kernel, uint64_t id)
{
	int map = rf_engine_map(kernel, RF_MAP_merges), more;
	struct rf_merge merge;
	uint64_t key, next;

	more = map >= 0 && bpf_map_get_next_key(map, NULL, &next) == 0;
	while (more) {
		key = next;
		more = bpf_map_get_next_key(map, &key, &next) == 0;
		if (bpf_map_lookup_elem(map, &key, &merge) == 0 && merge.sandbox == id)
			bpf_map_delete_elem(map, &key);
	}
}

/* Whoever reads denials is told that it ended, or finds it so later. What finds no room is counted. */
static void tell_ended(struct rf_kernel *kernel, const struct rf_sandbox *sandbox)
{
	struct rf_ended ended = {.id = sandbox->id, .made = sandbox->made, .noted = sandbox->noted};
	int queue = rf_engine_map(kernel, RF_MAP_ended);

	/* Without a cgroup it was not finished. */
	if (sandbox->origin == RF_ORIGIN_SET || (!sandbox->noted && !(kernel->switches->service && sandbox->cgroup)))
		return;
	memcpy(ended.tail, sandbox->tail, sizeof(ended.tail));
	kernel->switches->ended++;
	bpf_map_update_elem(queue, NULL, &ended, BPF_ANY);
}

void rf_sandbox_free(struct rf_kernel *kernel, uint32_t index)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	struct rf_sandbox *sandbox;
	struct rf_chain chain;

	if (rf_window_open(kernel, RF_MAP_sandboxes, index, 1, &window))
		return;
	sandbox = window.at;
	/* The kernel side has done so when the cgroup went; not if this sandbox never had one. */
	if (sandbox->cgroup)
		rf_tag_remove(kernel, sandbox->cgroup);
	if (rf_engine_chain(kernel, sandbox->chain, &chain))
		memset(&chain, 0, sizeof(chain));
	for (uint32_t i = 0; i < chain.links && i < RF_CHAIN_MAX; i++) {
		/* Policies that are in force by name outlive whom they are in force for. */
		if (chain.link[i].sandbox != index || sandbox->origin != RF_ORIGIN_RUN)
			continue;
		rf_slot_empty(kernel, chain.link[i].policy);
		if (chain.seals)
			rf_seals_remove(kernel, chain.link[i].policy);
	}
	if (index >= WARM_RINGS && sandbox->ring == index)
		rf_inner_delete(kernel, RF_MAP_rings, index);
	if (sandbox->made)
		remove_merges(kernel, sandbox->id);
	rf_kept_remove(sandbox->id);
	tell_ended(kernel, sandbox);
	__atomic_store_n(&sandbox->state, RF_SANDBOX_FREE, __ATOMIC_RELEASE);
	if (chain.seals || chain.hides)
		rf_demand_settle(kernel);
}

int rf_sandbox_remove(struct rf_kernel *kernel, struct rf_fence *fence)
{
	char name[RF_CGROUP_NAME];
	int err = rf_cgroup_remove(fence->parent_fd, rf_cgroup_name(name, fence->id));

	if (!err)
		rf_sandbox_free(kernel, fence->index);
	return err;
}

size_t rf_sandbox_tasks(const struct rf_fence *fence)
{
	return rf_cgroup_tasks(fence->cgroup_fd);
}

void rf_sandbox_close(struct rf_fence *fence)
{
	if (!fence)
		return;
	if (fence->window)
		munmap(fence->window, fence->window_len);
	rf_auto_close(&fence->cgroup_fd);
	rf_auto_close(&fence->ring_fd);
	rf_auto_close(&fence->parent_fd);
	rf_auto_close(&fence->state_fd);
	free(fence->path);
	free(fence);
}
