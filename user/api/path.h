/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Members of JSON values by their paths. */
#ifndef RINGFENCE_API_PATH_H
#define RINGFENCE_API_PATH_H

#include <jansson.h>

/* The value at a path ("a.b[0].c", a dot in front allowed, a dot in a name as "\."), or NULL where there is none or
 * the path is none. It belongs to `value`. */
json_t *rf_json_path(const json_t *value, const char *path);

#endif
