/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which sandbox a new cgroup is born into (select.bpf.c). */
#ifndef RINGFENCE_SELECT_H
#define RINGFENCE_SELECT_H

#include "subject.h"

/* The sandbox of a new cgroup with this path (an address in the kernel), beneath one of sandbox `around` (0: none),
 * while engine.select is not 0. What can't be told is closed. */
u32 select_sandbox(u32 around, u64 cgroup, u64 path);

#endif
