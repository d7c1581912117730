/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where lines for people go: to a screen, at once or when nobody else draws on it, and to a log. */
#ifndef RINGFENCE_EVENTS_OUTLET_H
#define RINGFENCE_EVENTS_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "events/events.h"
#include "events/text.h"

#define RF_OUTLET_WAITING_MAX (1u << 20) /* bytes of lines that wait; what is beyond is counted */

struct rf_outlet {
	int fd;		      /* of the screen; -1: none */
	int log;	      /* 0: none */
	bool late;	      /* nothing to the screen before the end */
	rf_sink_taken *taken; /* or NULL */
	void *context;
	bool terminal; /* what `fd` is */
	struct rf_line waiting;
	size_t dropped; /* lines that did not fit into `waiting` */
};

/* A whole line to the screen, or to what waits for it. That a terminal has gone is no reason to end the command. */
void rf_outlet_show(struct rf_outlet *outlet, const struct rf_line *line);
/* A whole line to the log. */
void rf_outlet_log(struct rf_outlet *outlet, const struct rf_line *line);
/* Shows what waited, if the screen is free, or it is the end. Returns whether to ask again some time: lines wait. */
bool rf_outlet_look(struct rf_outlet *outlet, bool end);
void rf_outlet_free(struct rf_outlet *outlet);

#endif
