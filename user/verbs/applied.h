/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An applied policy's text, as the agent tells it. */
#ifndef RINGFENCE_VERBS_APPLIED_H
#define RINGFENCE_VERBS_APPLIED_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/*
 * Takes the text out of a Policy object of the API, with the file that it was applied from. Empty lines stand in front,
 * so that its lines have the numbers that they have in that file. Both are the caller's to free; false, and neither is
 * set: the object has none, or there is no memory.
 */
bool rf_applied_text(const json_t *object, char **file, char **text, size_t *length);

#endif
