/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resolved forms of patterns (resolve.c). */
#ifndef RINGFENCE_POLICY_RESOLVE_H
#define RINGFENCE_POLICY_RESOLVE_H

#include "policy/policy.h"

/* Adds the resolved forms to a policy that has all its written patterns. Returns 0, -EINVAL with what is wrong in
 * `diags`, or -ENOMEM. */
int rf_resolve(struct rf_policy *policy, struct rf_diags *diags);

/* A text of `len` bytes with its glob characters quoted. Free it; NULL: no memory. */
char *rf_glob_quote(const char *text, size_t len);

#endif
