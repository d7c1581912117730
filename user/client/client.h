/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Asks the agent. What goes wrong becomes an exit status and a message that says what to do next. */
#ifndef RINGFENCE_CLIENT_H
#define RINGFENCE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "client/exit.h"

#define RF_CLIENT_TIMEOUT 30u /* seconds, where nothing else is said */
#define RF_CLIENT_SILENCE 45  /* seconds after which a stream is given up: the agent says something every 15 */

/* Told of each line of a stream; the event is lent. False: that is enough, which is no error. */
typedef bool rf_client_event(void *context, const json_t *event);

/* Starts zeroed but for method and path. All is lent. */
struct rf_client_request {
	const char *method; /* "GET" */
	const char *path;   /* with its query, escaped */
	const char *body;   /* or NULL */
	size_t length;
	const char *if_match; /* a revision's tag with its quotes, or NULL */
	unsigned timeout;     /* seconds; 0: RF_CLIENT_TIMEOUT */
	/* Or NULL. The answer is a stream of JSON lines, without a timeout as long as something comes. */
	rf_client_event *event;
	void *context;
};

struct rf_client_answer {
	enum rf_exit exit; /* what the answer means for whoever asked */
	long status;	   /* HTTP's; 0: there was no answer */
	char *text;	   /* the body, a NUL behind it; may be NULL */
	size_t length;
	json_t *json;	 /* the body where it is JSON, or NULL */
	char *message;	 /* where exit is not 0: what went wrong, several lines perhaps */
	json_t *details; /* and where in a text: {file, line, column, severity, message}; belongs to `json`, may be NULL
			  */
};

/* Asks, and waits for the answer; returns its `exit`. Free the answer, whatever it is. */
enum rf_exit rf_client_ask(const struct rf_client_request *request, struct rf_client_answer *answer);
void rf_client_answer_free(struct rf_client_answer *answer);

/* The socket: of the environment's RINGFENCE_SOCKET, or the usual one. */
const char *rf_client_socket(void);
/* "before" + a name as a path or query has it + "after". NULL without memory; the caller's to free. */
char *rf_client_path(const char *before, const char *name, const char *after);

#endif
