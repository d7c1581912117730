/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy becomes. */
#ifndef RINGFENCE_COMPILE_IMAGE_H
#define RINGFENCE_COMPILE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringfence/abi.h"

struct rf_image {
	uint32_t *tab;	/* begins with struct rf_image_head */
	uint32_t slots; /* in use */
};

struct rf_dest_entry {
	struct rf_dest_key key;
	struct rf_dest dest;
};

/* What one policy becomes. Owns its memory. */
struct rf_compiled {
	struct rf_image image[RF_IMAGE_KINDS];
	struct rf_dest_entry *dest; /* sorted; a look-up of any address finds an entry */
	size_t dests;
};

/* The longest-prefix entry for an address (16 bytes, IPv4-mapped), as the kernel's trie gives it. */
const struct rf_dest *rf_dest_find(const struct rf_compiled *compiled, const uint8_t addr[16]);
/* Whether one access (RF_CONNECT or RF_BIND) by one protocol bit to a port is allowed by an entry. */
bool rf_dest_allows(const struct rf_dest *dest, unsigned access, unsigned protocol, uint16_t port);

#endif
