/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The engine that is pinned on this host, looked at without its lock. */
#ifndef RINGFENCE_HOST_LOADED_H
#define RINGFENCE_HOST_LOADED_H

#include <stdbool.h>
#include <stdint.h>

#include "ringfence/abi.h"

struct rf_loaded {
	bool loaded;
	int error; /* -errno where it can't be seen */
	uint32_t abi;
	char version[32];
	bool no_cache;	 /* the cache is switched off */
	uint64_t living; /* sandboxes */
	uint64_t bytes;	 /* its programs and maps take, those of single policies and sandboxes apart */
	bool attached[RF_HOOK_COUNT];
};

void rf_loaded_find(struct rf_loaded *loaded);

/* Tries to load a program that does nothing for the hook whose function has this BTF id. Returns 0 or -errno. */
int rf_trial_load(uint32_t btf_id);

#endif
