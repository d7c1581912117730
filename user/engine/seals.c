// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Objects that a policy denies under every name. A rule's whole literals that exist are known by device and inode;
 * the hook that looks at them costs every task on the host, so it is attached only while something is sealed.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "engine/internal.h"

#define SEAL_PROGRAM "inode_permission"

/* ----------------------------------------------------------------- identity */

/* The superblock's device of a mount: what stat() tells may be a device of the file system's own making. */
static int mount_device(uint64_t mount, uint32_t *device)
{
	RF_AUTO_FREE char *text = rf_read_at(AT_FDCWD, "/proc/self/mountinfo", 16u << 20, NULL);
	char *save = NULL;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long id;
		unsigned int major, minor;

		if (sscanf(line, "%llu %*u %u:%u ", &id, &major, &minor) != 3 || id != mount)
			continue;
		*device = major << 20 | minor;
		return 0;
	}
	return -ENOENT;
}

static int identify(const char *path, struct rf_seal_key *key)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_INO | STATX_MNT_ID, &st))
		return -errno;
	key->inode = st.stx_ino;
	if ((st.stx_mask & STATX_MNT_ID) && mount_device(st.stx_mnt_id, &key->device) == 0)
		return 0;
	key->device = st.stx_dev_major << 20 | st.stx_dev_minor;
	return 0;
}

/* ------------------------------------------------------------------- sealing */

/* What a rule still refuses at one path: later rules may have allowed it again. */
static struct rf_seal seal_of(const struct rf_policy *policy, const struct rf_rule *rule, const char *path)
{
	struct rf_seal seal = {.access = 0};

	for (unsigned bit = 1; bit <= RF_EXEC; bit <<= 1)
		if ((rule->access & bit) &&
		    rf_decide_path(policy, RF_FILES, bit, path, strlen(path), NULL, NULL) == rule)
			seal.access |= bit;
	seal.hide = rule->hide ? seal.access : 0;
	return seal;
}

static int seal_pattern(int map, uint32_t slot, const struct rf_policy *policy, const struct rf_rule *rule,
			const char *glob, size_t *count)
{
	RF_AUTO_FREE char *literal = malloc(strlen(glob) + 1);
	struct rf_seal_key key = {.policy = slot};
	struct rf_seal seal, old = {.access = 0};

	if (!literal)
		return -ENOMEM;
	/* Not a whole literal: patterns are the path hooks' business. */
	if (rf_glob_literal(glob, literal) != strlen(glob) || identify(literal, &key))
		return 0;
	seal = seal_of(policy, rule, literal);
	if (!seal.access)
		return 0;
	/* Two names of one object: what either refuses. */
	if (bpf_map_lookup_elem(map, &key, &old) == 0) {
		seal.access |= old.access;
		seal.hide |= old.hide;
	}
	++*count;
	return bpf_map_update_elem(map, &key, &seal, BPF_ANY) ? -errno : 0;
}

int rf_seals_add(struct rf_kernel *kernel, uint32_t slot, const struct rf_policy *policy, size_t *count,
		 struct rf_error *error)
{
	int err = 0, map;

	*count = 0;
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_FILES][i];

		if (rule->allow || (!rule->seal && !rule->hide))
			continue;
		map = rf_engine_map(kernel, RF_MAP_seals);
		for (size_t j = 0; j < rule->patterns && !err; j++)
			err = map < 0 ? map : seal_pattern(map, slot, policy, rule, rule->pattern[j].glob, count);
		if (err)
			return rf_error_set(error, err, "an object could not be sealed: %s", strerror(-err));
	}
	return 0;
}

void rf_seals_remove(struct rf_kernel *kernel, uint32_t slot)
{
	struct rf_seal_key key, next;
	int map = rf_engine_map(kernel, RF_MAP_seals), more;

	more = map >= 0 && bpf_map_get_next_key(map, NULL, &next) == 0;
	while (more) {
		key = next;
		more = bpf_map_get_next_key(map, &key, &next) == 0;
		if (key.policy == slot)
			bpf_map_delete_elem(map, &key);
	}
}

/* ---------------------------------------------------------------- the hook */

int rf_seals_attach(struct rf_error *error)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int program = -1;
	RF_AUTO_CLOSE int link = -1;

	if (access(rf_pin_path(path, "links", SEAL_PROGRAM), F_OK) == 0)
		return 0;
	program = bpf_obj_get(rf_pin_path(path, "progs", SEAL_PROGRAM));
	link = program < 0 ? -1 : bpf_raw_tracepoint_open(NULL, program);
	if (link < 0 || bpf_obj_pin(link, rf_pin_path(path, "links", SEAL_PROGRAM)))
		return rf_error_set(error, errno, "sealed objects cannot be enforced: %s: %s", SEAL_PROGRAM,
				    strerror(errno));
	return 0;
}

void rf_seals_settle(struct rf_kernel *kernel)
{
	RF_AUTO_WINDOW struct rf_window window = {.base = NULL};
	uint32_t used = kernel->switches->used;
	const struct rf_sandbox *sandbox;
	char path[RF_PIN_LEN];

	if (access(rf_pin_path(path, "links", SEAL_PROGRAM), F_OK) ||
	    rf_window_open(kernel, RF_MAP_sandboxes, 0, used, &window))
		return;
	sandbox = window.at;
	for (uint32_t i = 1; i < used; i++) {
		struct rf_chain chain;

		if (sandbox[i].state == RF_SANDBOX_LIVE &&
		    (rf_engine_chain(kernel, sandbox[i].chain, &chain) || chain.seals))
			return;
	}
	unlink(path);
}
