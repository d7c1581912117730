/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attempts that are no single refused call. */
#ifndef RINGFENCE_TESTS_ESCAPE_SPECIAL_H
#define RINGFENCE_TESTS_ESCAPE_SPECIAL_H

#include <stdbool.h>

#include "vm/lib/report.h"

/* Swaps generations while `attempts` makes attempts until it is told to stop; it returns how many were wrong. */
void special_swaps(const struct options *options, unsigned (*attempts)(const volatile bool *stop));
void special_cgroups(const struct options *options);
void special_version_1(const struct options *options);
void special_policy_file(const struct options *options);

#endif
