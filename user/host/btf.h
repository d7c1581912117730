/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Questions to the kernel's description of its own types. */
#ifndef RINGFENCE_HOST_BTF_H
#define RINGFENCE_HOST_BTF_H

#include <stdbool.h>
#include <stdint.h>

#include "ringfence/abi.h"

/* Whether enum bpf_func_id names a helper ("BPF_FUNC_loop"). */
bool rf_btf_has_helper(const char *name);

/* Which hooks the kernel has, by enum rf_hook; their functions' type ids, 0 where it has none. Returns 0 or -errno. */
int rf_btf_hooks(uint32_t id[RF_HOOK_COUNT]);

struct rf_btf_hook {
	char name[40];
	bool decides; /* it returns something */
};

/* All security hooks of the kernel, with a program of ours or not. *list is the caller's to free. Returns how many, or
 * -errno. */
int rf_btf_all_hooks(struct rf_btf_hook **list);

#endif
