/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What one compiled policy allows and another does not, with an example of it. */
#ifndef RINGFENCE_COMPILE_DIFFERENCE_H
#define RINGFENCE_COMPILE_DIFFERENCE_H

#include "compile/image.h"

#define RF_DIFFERENCE_MAX (1u << 20) /* pairs of states that are looked at */

/*
 * Finds the shortest path that begins with `prefix` ("/", "@", "memfd:"), can occur, and is allowed by `new` for an
 * access and not by `old`. Returns 1 with the path in *witness, which is the caller's to free; 0: there is none;
 * -E2BIG: not decided; -ENOMEM.
 */
int rf_image_difference(const struct rf_image *old, const struct rf_image *new, unsigned access, const char *prefix,
			char **witness);

struct rf_difference {
	uint8_t addr[16];
	uint16_t port;
	unsigned protocol;
};
/* Finds a destination that `new` allows for an access (RF_CONNECT or RF_BIND) and `old` does not. 1: it is in `found`;
 * 0: there is none. */
int rf_dest_difference(const struct rf_compiled *old, const struct rf_compiled *new, unsigned access,
		       struct rf_difference *found);

#endif
