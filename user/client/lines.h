/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two texts, line by line. */
#ifndef RINGFENCE_CLIENT_LINES_H
#define RINGFENCE_CLIENT_LINES_H

#include <stddef.h>

#include "events/text.h"

/* Adds a unified diff of two texts, three lines of context around each change; nothing where they are the same. Texts
 * that are very different are shown as one change. Lines are escaped as rf_print_lines does. Returns 0, 1 where they
 * differ, or -ENOMEM. */
int rf_print_diff(struct rf_line *line, const char *old_name, const char *old, const char *new_name, const char *new);

#endif
