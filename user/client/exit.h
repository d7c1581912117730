/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The exit statuses of every verb; ringfence(1) says the same. */
#ifndef RINGFENCE_CLIENT_EXIT_H
#define RINGFENCE_CLIENT_EXIT_H

enum rf_exit {
	RF_EXIT_OK = 0,
	RF_EXIT_FAILED = 1,    /* what was asked was looked at, and the answer is no; two things differ */
	RF_EXIT_USAGE = 2,     /* could not be tried: wrong words, or a host that can't */
	RF_EXIT_NO_AGENT = 3,  /* ringfenced is not there to be asked */
	RF_EXIT_TIMEOUT = 4,   /* it did not answer in time: what was asked may still be done */
	RF_EXIT_FORBIDDEN = 5, /* this user may not ask */
	RF_EXIT_FAULT = 6,     /* a fault in ringfence: image and rules disagree (explain) */
};

#endif
