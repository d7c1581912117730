/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Address ranges and ports as text. */
#ifndef RINGFENCE_POLICY_ADDRESS_H
#define RINGFENCE_POLICY_ADDRESS_H

#include "policy/policy.h"

#define RF_ADDRESS_WHY 160

/* "10.0.0.0/8", "::1": fills addr and prefix. Returns whether it is one; else a sentence in `why`. */
bool rf_range_read(const char *text, struct rf_range *range, char why[RF_ADDRESS_WHY]);
/* "443", "8000-8099": fills lo and hi. */
bool rf_ports_read(const char *text, struct rf_ports *ports, char why[RF_ADDRESS_WHY]);

#endif
