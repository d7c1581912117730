/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small files of /proc and /sys. */
#ifndef RINGFENCE_HOST_READ_H
#define RINGFENCE_HOST_READ_H

#include <stddef.h>

/* A whole file beneath `dir` (AT_FDCWD: as usual), NUL behind it, a trailing newline taken off. Up to 1 MiB. NULL and
 * errno. The caller's to free. */
char *rf_host_read(int dir, const char *path);

/* One setting of the kernel's build ("CONFIG_BPF_LSM") from /proc/config.gz or /boot/config-<release>: "y", "m", a
 * string without its quotes, or "n" where it is not set. NULL: no such file can be read. The caller's to free. */
char *rf_host_config(const char *name);

#endif
