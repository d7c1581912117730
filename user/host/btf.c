// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/decode.h"
#include "host/btf.h"

#define HOOK_PREFIX "bpf_lsm_"

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}
#define AUTO_BTF __attribute__((cleanup(free_btf)))

bool rf_btf_has_helper(const char *name)
{
	AUTO_BTF struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	const struct btf_enum *value;
	int id = btf ? btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM) : -1;

	if (id <= 0)
		return false;
	type = btf__type_by_id(btf, (uint32_t)id);
	value = btf_enum(type);
	for (unsigned i = 0; i < btf_vlen(type); i++)
		if (strcmp(btf__name_by_offset(btf, value[i].name_off), name) == 0)
			return true;
	return false;
}

static unsigned hook_of(const char *name)
{
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		if (strcmp(rf_hook_name(hook), name) == 0)
			return hook;
	return RF_HOOK_NONE;
}

/* One pass over all types: a look-up by name is one for each. */
int rf_btf_hooks(uint32_t id[RF_HOOK_COUNT])
{
	AUTO_BTF struct btf *btf = btf__load_vmlinux_btf();

	memset(id, 0, RF_HOOK_COUNT * sizeof(*id));
	if (!btf)
		return -errno;
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *type = btf__type_by_id(btf, i);
		const char *name;

		if (!btf_is_func(type))
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		if (strncmp(name, HOOK_PREFIX, sizeof(HOOK_PREFIX) - 1) == 0)
			id[hook_of(name + sizeof(HOOK_PREFIX) - 1)] = i;
	}
	id[RF_HOOK_NONE] = 0;
	return 0;
}

/* The type of the function that a member points to; NULL where it is no such pointer. */
static const struct btf_type *function_of(const struct btf *btf, const struct btf_member *member)
{
	const struct btf_type *type = btf__type_by_id(btf, member->type);

	type = type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) ? type : NULL;
}

/* include/linux/lsm_hooks.h: the union has a function for each line of lsm_hook_defs.h. Names alone ("bpf_lsm_...")
 * would not do: functions that are no hooks begin so as well. */
int rf_btf_all_hooks(struct rf_btf_hook **list)
{
	AUTO_BTF struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type, *function;
	const struct btf_member *member;
	int id, count = 0;

	*list = NULL;
	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, "security_list_options", BTF_KIND_UNION);
	if (id <= 0)
		return -ENOENT;
	type = btf__type_by_id(btf, (uint32_t)id);
	member = btf_members(type);
	*list = calloc(btf_vlen(type) ? btf_vlen(type) : 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		struct rf_btf_hook *hook = &(*list)[count];

		function = function_of(btf, &member[i]);
		if (!function)
			continue;
		snprintf(hook->name, sizeof(hook->name), "%s", btf__name_by_offset(btf, member[i].name_off));
		hook->decides = function->type != 0;
		count++;
	}
	return count;
}
