/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef RINGFENCE_CLIENT_YAML_H
#define RINGFENCE_CLIENT_YAML_H

#include <jansson.h>

#include "events/text.h"

/* Adds a JSON value as YAML, in blocks, in ASCII. */
void rf_yaml_add(struct rf_line *line, const json_t *value);

#endif
