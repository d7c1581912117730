// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Objects that a policy denies under every name. A rule's whole literals that exist are known by device and inode.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "engine/internal.h"

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

		if (rule->allow || !rule->seal)
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
