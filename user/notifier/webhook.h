/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef RINGFENCE_NOTIFIER_WEBHOOK_H
#define RINGFENCE_NOTIFIER_WEBHOOK_H

#include <jansson.h>
#include <stddef.h>

/* Posts a request's body to its url, again up to three times while the other end can't take it. 0, or -1 and why. */
int post(const json_t *request, char *why, size_t size);

#endif
