/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Has what is to be told sent, by a helper that is another process: the service itself never waits, has no network, and
 * keeps its confinement. systemd starts the helper, by its socket, with a confinement of its own; where systemd does
 * not listen there, it is started from here. Either way it reads a request (message.h) and answers one line.
 */
#ifndef RINGFENCE_NOTIFY_SEND_H
#define RINGFENCE_NOTIFY_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#define RF_NOTIFY_SOCKET  "/run/ringfence/notify.sock"
#define RF_NOTIFY_SECONDS 10 /* that the helper has */
#define RF_NOTIFY_OK	  "ok"
#define RF_NOTIFY_NONE_OF "none: " /* and what is not there: nobody is at that desktop */

/* One that is on its way. `problem`: NULL, or why it was not sent, one line, escaped. */
typedef void rf_sent(void *context, const char *problem);
struct rf_sending;

/*
 * Begins to send a request, which is lent. `done` is called once, later, from the loop; after it *out is gone.
 * `socket`: where systemd listens; `program`: the helper. 0 or -errno, without a call.
 */
int rf_send(sd_event *event, const char *socket, const char *program, const char *request, rf_sent *done, void *context,
	    struct rf_sending **out);
/* Ends it, without a call. NULL is none. */
void rf_send_cancel(struct rf_sending *sending);

#endif
