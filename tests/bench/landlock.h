/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Landlock with everything that the running kernel's version of it can handle. */
#ifndef RINGFENCE_BENCH_LANDLOCK_H
#define RINGFENCE_BENCH_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Fences this process: everything is allowed beneath the folders, TCP connections to the port (where the kernel's
 * Landlock knows ports). Returns 0 or -1 with errno. */
int landlock_fence(char **dir, size_t dirs, uint16_t port);

#endif
