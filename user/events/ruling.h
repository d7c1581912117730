/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which rule of a policy stands behind a denial: the kernel reports the verdict, the rules are asked here. */
#ifndef RINGFENCE_EVENTS_RULING_H
#define RINGFENCE_EVENTS_RULING_H

#include <stdbool.h>

#include "events/decode.h"
#include "policy/policy.h"

enum rf_ruling_kind {
	RF_RULING_UNKNOWN, /* the policy's text is not at hand, or it can't be asked for such an object */
	RF_RULING_REASON,  /* the rules had no say: see the event's reason */
	RF_RULING_RULE,	   /* `rule` refuses it */
	RF_RULING_DEFAULT, /* no rule allows it */
	RF_RULING_FAULT,   /* the rules allow it and the kernel refused it: a fault of ours */
};

struct rf_ruling {
	enum rf_ruling_kind kind;
	const struct rf_rule *rule; /* with FAULT: the one that allows, or NULL */
	bool second;		    /* it is about the denial's second name */
};

/* Whether all that was refused there was by rules that say `quiet`. */
static inline bool rf_ruling_is_quiet(const struct rf_ruling *ruling)
{
	return ruling->kind == RF_RULING_RULE && ruling->rule->quiet;
}

/* The ruling on a denial by a bound policy (or NULL). */
struct rf_ruling rf_event_rule(const struct rf_denial *denial, const struct rf_policy *policy);

#endif
