/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The API's server: HTTP and JSON on a unix socket, in the caller's event loop, without threads. What a client can make
 * it keep is bounded: connections, a request's size and headers, and how long it idles.
 */
#ifndef RINGFENCE_API_SERVER_H
#define RINGFENCE_API_SERVER_H

#include <stddef.h>

#include <systemd/sd-event.h>

#include "api/service.h"

#define RF_API_SOCKET	   "/run/ringfence/api.sock"
#define RF_API_BODY_MAX	   (4u << 20)  /* bytes of a request's body: 413 */
#define RF_API_BODIES_MAX  (32u << 20) /* bytes of all bodies that are being received: 503 */
#define RF_API_HEADERS_MAX (16u << 10) /* bytes of its first line and headers: 431 */
#define RF_API_CONNECTIONS 256u
#define RF_API_IDLE	   60u /* seconds until a connection that says nothing is closed */
#define RF_API_PING	   15u /* seconds between lines of a watch that has nothing else to say */

struct rf_api_server;

/*
 * Serves a listening unix socket, which is the server's from here on, also when this fails: it is closed. `service`
 * must outlive the server. Root alone is answered, others get 403. Returns 0 or -errno.
 */
int rf_api_server_open(sd_event *event, int listen_fd, const struct rf_service *service, struct rf_api_server **out);
/* To be called when something changed that no request asked for: watches tell it. */
void rf_api_server_changed(struct rf_api_server *server);
/* Ends all connections; watches are told. NULL is fine. */
void rf_api_server_close(struct rf_api_server *server);

/* What bounds a server; rf_api_server_open takes the values above. */
struct rf_api_limits {
	size_t body, bodies; /* bytes of one body; of all that are being received: 503 beyond */
	size_t headers;
	unsigned connections, idle, ping; /* half of the connections may be watches */
};
extern const struct rf_api_limits rf_api_limits;
/* As rf_api_server_open, with other limits, which are copied. */
int rf_api_server_open_with(sd_event *event, int listen_fd, const struct rf_service *service,
			    const struct rf_api_limits *limits, struct rf_api_server **out);

/*
 * Who may ask what, where it is not root on a unix socket. `look` is called for each request before the API sees it: 0,
 * and the API answers, or *page does where it was made (owned by the server from then on). Not 0: `error` is the
 * answer.
 */
struct MHD_Connection;
struct MHD_Response;
struct rf_api_gate {
	void *context;
	int (*look)(void *context, struct MHD_Connection *connection, const char *method, const char *path,
		    struct MHD_Response **page, struct rf_api_error *error);
	/* Adds headers to every answer. */
	void (*mark)(void *context, struct MHD_Response *answer);
};
/* As rf_api_server_open_with, behind a gate, which must outlive the server; the socket may be of any family. */
int rf_api_server_open_gated(sd_event *event, int listen_fd, const struct rf_service *service,
			     const struct rf_api_limits *limits, const struct rf_api_gate *gate,
			     struct rf_api_server **out);

/* Something happened that watches may tell (service.h, next_event). */
void rf_api_server_wake(struct rf_api_server *server);

/* Makes a listening socket at a path, mode 0600 (a socket that nobody listens on any more is replaced; its folder is
 * made where it is missing). Returns the fd or -errno: -EADDRINUSE where somebody listens there. */
int rf_api_listen(const char *path);

#endif
