/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the verb hands to the program that draws: argv = {PROGRAM, "agent" or "file", PATH, FILTER, GROUPING or ""}. */
#ifndef RINGFENCE_MONITOR_OPTIONS_H
#define RINGFENCE_MONITOR_OPTIONS_H

#define RF_MONITOR_ARGS	   5
#define RF_MONITOR_PROGRAM "../libexec/ringfence/monitor" /* beside the folder of ringfence */
#define RF_MONITOR_LINES   10				  /* of a terminal that is large enough */
#define RF_MONITOR_COLUMNS 60

#endif
