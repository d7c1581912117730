/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether this process is in a fence itself, as far as that can be seen from inside. */
#ifndef RINGFENCE_HOST_INSIDE_H
#define RINGFENCE_HOST_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

/* The cgroup of a `run` in the text of /proc/self/cgroup: the path as far as its name, "/a/ringfence-7". NULL: none, or
 * no memory. The caller's to free. */
char *rf_inside_cgroup(const char *text);

/* Half a sentence: "in a fence already (cgroup /ringfence-7)". By the name that `run` gives a cgroup; of units that the
 * service fences root alone learns it, by the engine's pins, which a fence keeps from it. NULL: in none, as far as can
 * be seen. *shut: none can be made within it. The caller's to free. */
char *rf_inside(bool *shut);

#endif
