/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What would allow a denial that no rule stands behind. */
#ifndef RINGFENCE_EVENTS_ALLOWING_H
#define RINGFENCE_EVENTS_ALLOWING_H

#include <stdbool.h>

#include "events/print.h"

/*
 * Adds "--allow read:/srv/x", as a shell takes it, with "*" for a process's number below /proc, which is another at
 * each run. False, and nothing is added: the denial has a rule or another reason, or its object can't be written so.
 */
bool rf_print_allowing(struct rf_line *line, const struct rf_report *report);

#endif
