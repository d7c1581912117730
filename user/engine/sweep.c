// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finding what ended, listing what lives, taking the engine out. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"

static bool cgroup_is_gone(struct rf_kernel *kernel, uint64_t cgroup)
{
	int tags = rf_engine_map(kernel, RF_MAP_tags);
	struct rf_tag tag;

	/* The kernel side untags a cgroup when it is removed. */
	return cgroup && tags >= 0 && bpf_map_lookup_elem(tags, &cgroup, &tag) && errno == ENOENT;
}

static bool owner_lives(const struct rf_sandbox *sandbox)
{
	int owned = rf_kept_owned(sandbox->id);

	if (owned >= 0)
		return owned;
	/* No folder: cut off before there was one, or another /run than ours. */
	return kill((pid_t)sandbox->owner, 0) == 0 || errno != ESRCH;
}

/* Removes the cgroup of a sandbox that nobody owns. 0: it is gone. */
static int remove_cgroup(const struct rf_sandbox *sandbox, int any)
{
	RF_AUTO_CLOSE int parent = -1;
	RF_AUTO_CLOSE int fd = -1;
	char name[RF_CGROUP_NAME];

	rf_cgroup_name(name, sandbox->id);
	if (!sandbox->cgroup) {
		/* Cut off before its number was noted, so nothing was ever started in it. */
		RF_AUTO_FREE char *path = rf_kept_cgroup(sandbox->id);

		return path && rmdir(path) && errno != ENOENT && errno != ENOTDIR ? -errno : 0;
	}
	fd = rf_cgroup_by_id(any, sandbox->cgroup);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	if (rf_cgroup_populated(fd))
		return -EBUSY;
	parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -errno; /* outside of what our mount shows: left to a sweep that sees it */
	return rf_cgroup_remove(parent, name);
}

static bool ended(struct rf_kernel *kernel, const struct rf_sandbox *sandbox, struct rf_cgroup *self)
{
	struct rf_error ignored;

	if (cgroup_is_gone(kernel, sandbox->cgroup))
		return true;
	if (sandbox->origin != RF_ORIGIN_RUN || owner_lives(sandbox))
		return false;
	if (self->fd < 0 && rf_cgroup_self(self, &ignored))
		return false;
	return remove_cgroup(sandbox, self->fd) == 0;
}

int rf_engine_sweep(struct rf_kernel *kernel, size_t *freed)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	RF_AUTO_CGROUP struct rf_cgroup self = RF_CGROUP_NONE;
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	size_t count = 0, before;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	if (err)
		return err;
	sandbox = window.at;
	/* Again after each success: with a parent's cgroup, those of nested sandboxes went. */
	do {
		before = count;
		for (uint32_t i = 1; i < used; i++) {
			if (sandbox[i].state != RF_SANDBOX_LIVE || !ended(kernel, &sandbox[i], &self))
				continue;
			rf_sandbox_free(kernel, i);
			count++;
		}
	} while (count > before);
	if (freed)
		*freed = count;
	return 0;
}

/* --------------------------------------------------------------------- lists */

/* All sandboxes, mapped for as long as the engine is open; NULL: they can't be. */
static struct rf_sandbox *boxes(struct rf_kernel *kernel)
{
	if (!kernel->boxes.base && rf_window_open(kernel, RF_MAP_sandboxes, 0, RF_SANDBOXES_MAX, &kernel->boxes))
		return NULL;
	return kernel->boxes.at;
}

int rf_engine_boxes(struct rf_kernel *kernel, rf_box *visit, void *context)
{
	struct rf_sandbox *sandbox = boxes(kernel);

	for (uint32_t i = 1; sandbox && i < kernel->switches->used; i++)
		if (sandbox[i].state == RF_SANDBOX_LIVE && sandbox[i].origin != RF_ORIGIN_SET)
			visit(context, &sandbox[i]);
	return sandbox ? 0 : -ENOMEM;
}

int rf_engine_next_ended(struct rf_kernel *kernel, struct rf_ended *out)
{
	int queue = rf_engine_map(kernel, RF_MAP_ended);

	if (queue < 0)
		return queue;
	if (bpf_map_lookup_and_delete_elem(queue, NULL, out))
		return errno == ENOENT ? 0 : -errno;
	return 1;
}

uint32_t rf_engine_box_index(struct rf_kernel *kernel, const struct rf_sandbox *sandbox)
{
	return (uint32_t)(sandbox - boxes(kernel));
}

struct rf_sandbox *rf_engine_box(struct rf_kernel *kernel, uint32_t index, uint64_t id)
{
	struct rf_sandbox *sandbox = index < RF_SANDBOXES_MAX ? boxes(kernel) : NULL;

	/* What another sandbox of this place left in the ring is not this one's. */
	return sandbox && sandbox[index].id == id ? &sandbox[index] : NULL;
}

size_t rf_engine_users(struct rf_kernel *kernel, uint32_t slot)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	struct rf_chain chain;
	size_t count = 0;

	if (rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window))
		return 0;
	sandbox = window.at;
	for (uint32_t i = 1; i < used; i++) {
		if (sandbox[i].state != RF_SANDBOX_LIVE || sandbox[i].origin == RF_ORIGIN_SET ||
		    rf_engine_chain(kernel, sandbox[i].chain, &chain))
			continue;
		for (uint32_t l = 0; l < chain.links && l < RF_CHAIN_MAX; l++)
			count += chain.link[l].policy == slot;
	}
	return count;
}

static void describe(const struct rf_sandbox *sandbox, uint32_t index, int any, struct rf_sandbox_info *info)
{
	RF_AUTO_CLOSE int fd = any < 0 ? -1 : rf_cgroup_by_id(any, sandbox->cgroup);
	char link[64], path[4096];
	ssize_t len;

	*info = (struct rf_sandbox_info){
		.index = index, .id = sandbox->id, .cgroup = sandbox->cgroup, .owner = sandbox->owner};
	if (fd >= 0) {
		info->tasks = rf_cgroup_tasks(fd);
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = readlink(link, path, sizeof(path) - 1);
		if (len > 0) {
			path[len] = '\0';
			info->path = strdup(path);
		}
	}
	if (!info->path)
		info->path = rf_kept_cgroup(sandbox->id);
}

int rf_engine_list(struct rf_kernel *kernel, struct rf_sandbox_info **list, size_t *count)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	RF_AUTO_CGROUP struct rf_cgroup self = RF_CGROUP_NONE;
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	struct rf_error ignored;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	*list = NULL;
	*count = 0;
	if (err)
		return err;
	rf_cgroup_self(&self, &ignored);
	sandbox = window.at;
	for (uint32_t i = 1; i < used; i++) {
		struct rf_sandbox_info *more;

		if (sandbox[i].state != RF_SANDBOX_LIVE || sandbox[i].origin == RF_ORIGIN_SET)
			continue;
		more = rf_grow(*list, *count, sizeof(**list));
		if (!more)
			return -ENOMEM;
		*list = more;
		describe(&sandbox[i], i, self.fd, &more[(*count)++]);
	}
	return 0;
}

void rf_engine_list_free(struct rf_sandbox_info *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].path);
	free(list);
}

/* -------------------------------------------------------------------- unload */

static void remove_state(void)
{
	RF_AUTO_CLOSEDIR DIR *dir = opendir(RF_STATE);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		unsigned long long id;

		if (sscanf(entry->d_name, "sandbox-%llu", &id) == 1)
			rf_kept_remove(id);
	}
	if (dir)
		rf_cache_remove(dirfd(dir));
	/* The lock's file last: whoever waits for it notices that it is another's then. */
	if (dir && unlinkat(dirfd(dir), "lock", 0) == 0)
		rmdir(RF_STATE);
}

int rf_engine_unload(struct rf_kernel *kernel, struct rf_error *error)
{
	struct rf_sandbox_info *list;
	size_t count;
	int err = rf_engine_list(kernel, &list, &count);

	rf_engine_list_free(list, count);
	if (err)
		return rf_error_set(error, err, "the engine's sandboxes: %s", strerror(-err));
	/* Cgroups to come are counted on being fenced. */
	if (kernel->switches->select)
		return rf_error_set(error, EBUSY,
				    "policies are in force that select cgroups: \"ringfence delete policy NAME\" first "
				    "(\"ringfence get policies\" lists them)");
	if (count)
		return rf_error_set(error, EBUSY, "%zu sandbox%s still alive", count, count == 1 ? " is" : "es are");
	/* Whoever comes after a crash from here on knows that this is to be taken out. */
	__atomic_store_n(&kernel->switches->abi, 0, __ATOMIC_SEQ_CST);
	err = rf_pins_remove();
	if (err)
		return rf_error_set(error, err, "%s: %s", RF_PINS, strerror(-err));
	remove_state();
	return 0;
}
