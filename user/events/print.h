/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A denial in words: a line for people, and a JSON line. Neither writes anything; see rf_line_write. */
#ifndef RINGFENCE_EVENTS_PRINT_H
#define RINGFENCE_EVENTS_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "events/common.h"
#include "events/decode.h"
#include "events/ruling.h"
#include "events/text.h"

/* All that is known of a denial when it is told. */
struct rf_report {
	const struct rf_denial *denial;
	const char *policy; /* its name; NULL: not known */
	struct rf_ruling ruling;
	uint64_t count;	     /* denials that this line stands for */
	bool again;	     /* it repeats an event that was told, for what was merged since */
	int64_t boot_offset; /* ns from CLOCK_BOOTTIME to CLOCK_REALTIME */
	/* Of a line that stands for several denials (fold.h): what `denial`, one of them, shares with the others; and
	 * who refused them, instead of `policy` and `ruling`. Else NULL. */
	const struct rf_common *common;
	const struct rf_line *by;
};

/* "ringfence: denied read /root/.ssh/id_ed25519  cat[412]  by coding-agent files[3] "private keys stay outside"\n" */
void rf_print_line(struct rf_line *line, const struct rf_report *report, bool colour);
/* Of that the part after "by ": who refused and why. */
void rf_print_by(struct rf_line *line, const struct rf_report *report);
/* {"type":"denial",...}\n; ringfence-run(1) describes the members. */
void rf_print_json(struct rf_line *line, const struct rf_report *report);

/* CLOCK_REALTIME less CLOCK_BOOTTIME now, ns. */
int64_t rf_boot_offset(void);

#endif
