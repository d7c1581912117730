/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What those who are told get: JSON, and a sentence. */
#ifndef RINGFENCE_NOTIFY_MESSAGE_H
#define RINGFENCE_NOTIFY_MESSAGE_H

#include "notify/batch.h"
#include "notify/config.h"

/* {host, sandbox, unit, policy, count, since, until, denials, more, text} as text, malloc'ed; NULL: no memory. `text`
 * in it is escaped (events/text.h), all else is JSON's own. */
char *rf_message_json(const struct rf_bundle *bundle, const char *host);
/* "12 denials in agent-x.service in the last minute: read /etc/shadow (8), connect 10.0.0.1:443 (4)", escaped,
 * malloc'ed; NULL: no memory. */
char *rf_message_text(const struct rf_bundle *bundle);
/* What the helper is asked to do with it: one object of JSON, malloc'ed; NULL: no memory. */
char *rf_message_request(const struct rf_notifier *notifier, const struct rf_bundle *bundle, const char *host);

#endif
