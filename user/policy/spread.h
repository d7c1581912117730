/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A pattern as the plain ones that its braces stand for. */
#ifndef RINGFENCE_POLICY_SPREAD_H
#define RINGFENCE_POLICY_SPREAD_H

/* Calls `each` for every pattern that the braces of a sound one stand for, until one call gives other than 0: that is
 * what is returned. -ENOMEM. */
int rf_spread(const char *glob, int (*each)(void *context, const char *plain), void *context);

#endif
