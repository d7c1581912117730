/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From network rules to the entries of addresses (dest.c). Private to the compiler. */
#ifndef RINGFENCE_COMPILE_DEST_H
#define RINGFENCE_COMPILE_DEST_H

#include "compile/image.h"
#include "policy/policy.h"

/* Makes out->dest of a policy's network rules. Returns 0; -E2BIG where a limit is hit (told in `diags`); -ENOMEM. The
 * caller frees `out` in each case. */
int dest_compile(const struct rf_policy *policy, struct rf_compiled *out, struct rf_diags *diags);
/* Sets decides[i] for each network rule that decides for some address, port and protocol. Returns 0 or -ENOMEM. */
int dest_deciders(const struct rf_policy *policy, bool *decides);

#endif
