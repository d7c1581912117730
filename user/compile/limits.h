/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which rules are too much where a limit is exceeded. Private to the compiler. */
#ifndef RINGFENCE_COMPILE_LIMITS_H
#define RINGFENCE_COMPILE_LIMITS_H

#include "policy/policy.h"

/* "files[3], files[7] and 2 more" of the rules with the greatest loads, into `buf`. Gives the greatest of them, NULL
 * where none has any. */
const struct rf_rule *limit_names(const struct rf_rule *rule, const uint32_t *load, size_t rules, char *buf,
				  size_t size);

#endif
