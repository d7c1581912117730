/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Single questions to the host, shared by `doctor` and by the check before a run. */
#ifndef RINGFENCE_HOST_PROBE_H
#define RINGFENCE_HOST_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#define RF_BTF_PATH "/sys/kernel/btf/vmlinux"

/* Words about whatever is wrong. `remedy` may stay empty. */
struct rf_problem {
	char text[512];
	char remedy[512];
};

/* Each returns 0 where all is well, or -1 with the words. */

/* Root, with the capabilities that loading needs, and not only in a user namespace. */
int rf_probe_root(struct rf_problem *problem);
/* Not too old: has bpf_loop. */
int rf_probe_kernel(struct rf_problem *problem);
int rf_probe_btf(struct rf_problem *problem);
/* A cgroup2 mount that shows the caller's cgroup, which can be written. Its place in `mount`. */
int rf_probe_cgroup(char *mount, size_t size, struct rf_problem *problem);
/* `bpf` among the modules in force; the list in `list`. 1: can't be found out (words as well). */
int rf_probe_lsm(char *list, size_t size, struct rf_problem *problem);

/* The security modules in force: the caller's to free. NULL and errno. */
char *rf_lsm_in_force(void);
/* A file of securityfs ("lsm", "lockdown"), wherever that is mounted or nowhere. The caller's to free. NULL, errno. */
char *rf_securityfs_read(const char *name);

#endif
