/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The naive reference: what a policy means, written for clarity and sharing no code with the compiler. Slow: a path of
 * 4,000 bytes against a pattern of 50 costs some 200,000 steps. A program that runs out of memory here aborts.
 */
#ifndef RINGFENCE_TESTS_REFERENCE_H
#define RINGFENCE_TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

struct ref_verdict {
	bool allow;
	bool hide;		    /* refused with ENOENT */
	const struct rf_rule *rule; /* the rule that decided; NULL: none matched */
};

/* Whether a pattern matches a whole path. */
bool ref_glob_match(const char *glob, const char *path, size_t len);
/* One access bit to a path; section RF_FILES or RF_UNIX of a bound policy. */
struct ref_verdict ref_path(const struct rf_policy *policy, enum rf_section section, unsigned access, const char *path,
			    size_t len);
/* One access bit by one protocol bit to an address (IPv4 as ::ffff:a.b.c.d) and port. */
struct ref_verdict ref_dest(const struct rf_policy *policy, unsigned access, unsigned protocol, const uint8_t addr[16],
			    uint16_t port);

#endif
