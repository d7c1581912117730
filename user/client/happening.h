/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened besides denials, in words: the same in `events`, in the monitor, and wherever else a record is shown.
 */
#ifndef RINGFENCE_CLIENT_HAPPENING_H
#define RINGFENCE_CLIENT_HAPPENING_H

#include <jansson.h>

#include "events/text.h"

/* Adds a record of any type but "denial", escaped, without time and without a line's end. One of a type that is not
 * known here is called by it. */
void rf_happening_words(struct rf_line *line, const json_t *record);

#endif
