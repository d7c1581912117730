/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The security modules that the kernel asks, in order, and how to add one. */
#ifndef RINGFENCE_HOST_LSM_H
#define RINGFENCE_HOST_LSM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a comma-separated list has a word. */
bool rf_list_has(const char *list, const char *word);
/* The last value of NAME=value on a kernel command line, into `value`; false where there is none or no room. */
bool rf_cmdline_value(const char *cmdline, const char *name, char *value, size_t size);
/*
 * The boot parameter that adds bpf: "lsm=lockdown,yama,bpf", from the list in force, else from the command line, else
 * from CONFIG_LSM (each may be NULL). Returns buf; empty where nothing is known.
 */
const char *rf_lsm_parameter(const char *in_force, const char *cmdline, const char *config, char *buf, size_t size);

/* "6.1.0-18-amd64" as 6 * 1000 + 1; 0 where it is no such thing. */
unsigned rf_release_number(const char *release);

#endif
