/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The live view in a browser: the page's files, and what the API can be asked by GET, on a loopback address for whoever
 * has the token. Every user of the host reaches loopback, and so does every site that a browser shows: hence the token,
 * which no cookie carries (a browser sends cookies to all ports of a host), and the looks at Host and Origin.
 */
#ifndef RINGFENCE_WEB_WEB_H
#define RINGFENCE_WEB_WEB_H

#include <sys/socket.h>

#include <systemd/sd-event.h>

#include "api/server.h"
#include "web/address.h"

/* Each user of the host can hold connections; the API's socket has its own. */
#define RF_WEB_CONNECTIONS 32u
#define RF_WEB_HEADERS_MAX (8u << 10)
#define RF_WEB_LINES_MAX   (4u << 20) /* bytes of lines on their way to all that watch */

struct rf_web;

/* Whether a text is "PORT", "127.0.0.1:PORT" or "[::1]:PORT": 0, -EINVAL, or -EADDRNOTAVAIL where its address is not
 * the loopback's. */
int rf_web_check(const char *address);
/* A listening socket of such a text: the fd or -errno. */
int rf_web_listen(const char *address);
/* Whether no other host reaches an address. */
bool rf_web_is_loopback(const struct sockaddr_storage *at);

/*
 * Serves a listening TCP socket, which is the page's from here on, also when this fails. The token is the one in the
 * file at `path`, or a new one; the file then has the address to open, for its owner alone. -EADDRNOTAVAIL: the socket
 * listens on more than loopback. `service` must outlive it.
 */
int rf_web_open(sd_event *event, int listen_fd, const struct rf_service *service, const char *path,
		struct rf_web **out);
/* As above, with other limits. */
int rf_web_open_with(sd_event *event, int listen_fd, const struct rf_service *service, const char *path,
		     const struct rf_api_limits *limits, struct rf_web **out);
extern const struct rf_api_limits rf_web_limits;
/* NULL is fine for all of these. */
void rf_web_close(struct rf_web *web);
/* As rf_api_server_wake and rf_api_server_changed. */
void rf_web_wake(struct rf_web *web);
void rf_web_changed(struct rf_web *web);

#endif
