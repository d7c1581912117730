// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that cost every task on the host, and so are attached only while a living chain has something for them to
 * decide: their links are pinned only then.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"

/* Of the programs that abi.h calls ON_DEMAND, which of a chain's needs each meets. */
static const struct {
	const char *name;
	bool seals, hides;
} programs[] = {{"inode_permission", true, true}, {"inode_getattr", false, true}};
enum { PROGRAMS = sizeof(programs) / sizeof(*programs) };

bool rf_demand_knows(const char *name)
{
	for (size_t i = 0; i < PROGRAMS; i++)
		if (!strcmp(programs[i].name, name))
			return true;
	return false;
}

static bool wanted(size_t i, const struct rf_chain *chain)
{
	return (programs[i].seals && chain->seals) || (programs[i].hides && chain->hides);
}

/* A link whose pin is gone ends later, when the kernel has freed its inode (kernel/bpf/inode.c, bpf_free_inode) and a
 * worker has run: until then the program is busy, and about to let go. */
#define BUSY_TRIES 5000
static int attach_when_free(int program)
{
	int link = bpf_raw_tracepoint_open(NULL, program);

	for (int i = 0; link < 0 && errno == EBUSY && i < BUSY_TRIES; i++) {
		usleep(1000);
		link = bpf_raw_tracepoint_open(NULL, program);
	}
	return link;
}

bool rf_program_attached(const char *name)
{
	char path[RF_PIN_LEN];

	return access(rf_pin_path(path, "links", name), F_OK) == 0;
}

int rf_program_attach(const char *name)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int program = -1;
	RF_AUTO_CLOSE int link = -1;

	if (rf_program_attached(name))
		return 0;
	program = bpf_obj_get(rf_pin_path(path, "progs", name));
	link = program < 0 ? -1 : attach_when_free(program);
	return link < 0 || bpf_obj_pin(link, rf_pin_path(path, "links", name)) ? -errno : 0;
}

int rf_demand_attach(const struct rf_chain *chain, struct rf_error *error)
{
	for (size_t i = 0; i < PROGRAMS; i++) {
		int err = wanted(i, chain) ? rf_program_attach(programs[i].name) : 0;

		if (err)
			return rf_error_set(error, err, "seal and hide cannot be enforced: %s: %s", programs[i].name,
					    strerror(-err));
	}
	return 0;
}

/* What living chains need, all together. A chain that can't be read may need anything. */
static int all_needs(struct rf_kernel *kernel, struct rf_chain *needs)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	int err = rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window);

	sandbox = window.at;
	for (uint32_t i = 1; !err && i < used; i++) {
		struct rf_chain chain = {.links = 0};

		if (sandbox[i].state != RF_SANDBOX_LIVE)
			continue;
		err = rf_engine_chain(kernel, sandbox[i].chain, &chain);
		needs->seals |= chain.seals;
		needs->hides |= chain.hides;
	}
	return err;
}

void rf_demand_settle(struct rf_kernel *kernel)
{
	struct rf_chain needs = {.links = 0};
	char path[RF_PIN_LEN];
	bool attached = false;

	for (size_t i = 0; i < PROGRAMS; i++)
		attached |= rf_program_attached(programs[i].name);
	if (!attached || all_needs(kernel, &needs))
		return;
	for (size_t i = 0; i < PROGRAMS; i++)
		if (!wanted(i, &needs))
			unlink(rf_pin_path(path, "links", programs[i].name));
}
