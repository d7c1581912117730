// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of verbs. It names every verb, so no verb names it: one that needs it (help) has it from its row. */
#include <stddef.h>

#include "verbs/verbs.h"

const struct rf_verb rf_verbs[] = {
#define X(name, synopsis, help) {#name, synopsis, help, rf_options_##name, rf_verb_##name, rf_verbs},
	RF_VERBS(X)
#undef X
		{NULL, NULL, NULL, NULL, NULL, NULL},
};
