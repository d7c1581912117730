/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the objects of several denials have in common: which of them a person would call one thing, and its words. */
#ifndef RINGFENCE_EVENTS_COMMON_H
#define RINGFENCE_EVENTS_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/decode.h"
#include "events/text.h"

/* Which parts of a denial's object differ in the others. Starts zeroed. */
struct rf_common {
	uint64_t objects; /* how many there are; the rest does not count them */
	uint64_t
		differs[2]; /* bits of the components of a name, the last one's for all behind it; of the second name */
	unsigned deep[2];   /* not 0: so many components, behind which some names end and others go on */
	bool address, port; /* of a destination */
	bool name, target;  /* of a task */
	bool process;	    /* who was refused */
};

/* "/proc/412" of a name: its length, or 0. */
size_t rf_task_folder(const char *name, size_t len);

/*
 * Adds what an object has in common with those that are one thing with it: the folder that it is in, all that is below
 * /proc/NUMBER, a destination's protocol and network (/24, /64), tasks. False: it is one thing with none (what has no
 * name, or is in no folder).
 */
bool rf_common_kind(struct rf_line *line, const struct rf_denial *denial);
/* Notes where `other`, of the same kind, differs from `denial`. */
void rf_common_add(struct rf_common *common, const struct rf_denial *denial, const struct rf_denial *other);

/* Adds a name of a denial (`second`: the new one), safe to show, with "*" for components that differ. */
void rf_common_name(struct rf_line *line, const struct rf_common *common, const struct rf_denial *denial, bool second);
/* Adds "192.0.2.1:*", "192.0.2.0/24:443". */
void rf_common_endpoint(struct rf_line *line, const struct rf_common *common, const struct rf_address *address);

#endif
