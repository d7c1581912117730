// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who may ask what of the page's server: a gate before the API (api/server.h). */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "web/files.h"
#include "web/token.h"
#include "web/web.h"

const struct rf_api_limits rf_web_limits = {
	.body = 0,
	.bodies = RF_WEB_LINES_MAX,
	.headers = RF_WEB_HEADERS_MAX,
	.connections = RF_WEB_CONNECTIONS,
	.idle = RF_API_IDLE,
	.ping = RF_API_PING,
};

#define HOSTS 3
struct rf_web {
	struct rf_api_server *server;
	struct rf_api_gate gate;
	char host[HOSTS][32]; /* that the page may be called by: another is a name that was bent to loopback */
	char token[RF_TOKEN_DIGITS + 1];
};

/* Of the API, by GET: nothing is applied from here. */
static const char *const open_paths[] = {"/readyz", "/v1/version", "/v1/policies", "/v1/sandboxes", "/v1/events"};

static const char *const headers[][2] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
	 "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cache-Control", "no-store"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Embedder-Policy", "require-corp"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void mark(void *context, struct MHD_Response *answer)
{
	(void)context;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(answer, headers[i][0], headers[i][1]);
}

static bool is_our_name(const struct rf_web *web, const char *host)
{
	for (size_t i = 0; host && i < HOSTS; i++)
		if (!strcasecmp(web->host[i], host))
			return true;
	return false;
}

/* Whether the page itself asks, or no browser does. Another port of the same host is another site, whatever
 * Sec-Fetch-Site calls it. */
static bool is_from_here(struct MHD_Connection *connection, const char *host)
{
	const char *origin = header_of(connection, "Origin"), *site = header_of(connection, "Sec-Fetch-Site");

	if (origin && (strncasecmp(origin, "http://", 7) != 0 || strcasecmp(origin + 7, host) != 0))
		return false;
	return !site || !strcmp(site, "same-origin") || !strcmp(site, "none");
}

static bool has_token(const struct rf_web *web, struct MHD_Connection *connection)
{
	const char *offered = header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION);

	return offered && !strncasecmp(offered, "Bearer ", 7) && rf_token_is(web->token, offered + 7);
}

static bool is_open(const char *path)
{
	for (size_t i = 0; i < sizeof(open_paths) / sizeof(open_paths[0]); i++)
		if (!strcmp(open_paths[i], path))
			return true;
	return false;
}

static int look(void *context, struct MHD_Connection *connection, const char *method, const char *path,
		struct MHD_Response **page, struct rf_api_error *error)
{
	const struct rf_web *web = context;
	const char *host = header_of(connection, MHD_HTTP_HEADER_HOST);
	const struct rf_web_file *file = rf_web_file(path);

	if (!is_our_name(web, host))
		return rf_api_fail(error, 403, "Forbidden", "this page is called %s and by no other name",
				   web->host[0]);
	if (!is_from_here(connection, host))
		return rf_api_fail(error, 403, "Forbidden",
				   "other sites can't ask here: open the address that \"ringfence web\" prints");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return rf_api_fail(error, 405, "MethodNotAllowed", "nothing can be changed from here: GET and HEAD");
	/* The page tells nothing by itself. */
	if (file) {
		*page = MHD_create_response_from_buffer((size_t)(file->end - file->begin),
							(void *)(uintptr_t)file->begin, MHD_RESPMEM_PERSISTENT);
		if (!*page)
			return rf_api_fail(error, 503, "Busy", "out of memory");
		MHD_add_response_header(*page, MHD_HTTP_HEADER_CONTENT_TYPE, file->type);
		return 0;
	}
	if (!has_token(web, connection))
		return rf_api_fail(error, 401, "NoToken",
				   "this wants the token: \"ringfence web\" prints the address that has it");
	return is_open(path) ? 0 : rf_api_fail(error, 404, "NoSuchPath", "there is nothing at %s", path);
}

/* ---------------------------------------------------------------- opening */

static int name_hosts(struct rf_web *web, int fd)
{
	static const char *const names[HOSTS] = {"127.0.0.1", "localhost", "[::1]"};
	struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof(at);
	unsigned port;
	size_t first;

	if (getsockname(fd, (struct sockaddr *)&at, &length) < 0)
		return -errno;
	if (!rf_web_is_loopback(&at))
		return -EADDRNOTAVAIL;
	first = at.ss_family == AF_INET6 ? 2 : 0;
	port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
					      : ((struct sockaddr_in *)&at)->sin_port);
	for (size_t i = 0; i < HOSTS; i++) {
		const char *name = names[(first + i) % HOSTS];

		/* A browser leaves out what is usual. */
		if (port == 80)
			snprintf(web->host[i], sizeof(web->host[i]), "%s", name);
		else
			snprintf(web->host[i], sizeof(web->host[i]), "%s:%u", name, port);
	}
	return 0;
}

int rf_web_open_with(sd_event *event, int listen_fd, const struct rf_service *service, const char *path,
		     const struct rf_api_limits *limits, struct rf_web **out)
{
	struct rf_web *web = calloc(1, sizeof(*web));
	int err = web ? name_hosts(web, listen_fd) : -ENOMEM;

	*out = NULL;
	err = err ? err : rf_token_take(path, web->token);
	err = err ? err : rf_token_keep(path, web->host[0], web->token);
	if (err) {
		close(listen_fd);
		free(web);
		return err;
	}
	web->gate = (struct rf_api_gate){.context = web, .look = look, .mark = mark};
	err = rf_api_server_open_gated(event, listen_fd, service, limits, &web->gate, &web->server);
	if (err) {
		free(web);
		return err;
	}
	*out = web;
	return 0;
}

int rf_web_open(sd_event *event, int listen_fd, const struct rf_service *service, const char *path, struct rf_web **out)
{
	return rf_web_open_with(event, listen_fd, service, path, &rf_web_limits, out);
}

void rf_web_close(struct rf_web *web)
{
	if (!web)
		return;
	rf_api_server_close(web->server);
	free(web);
}

void rf_web_wake(struct rf_web *web)
{
	if (web)
		rf_api_server_wake(web->server);
}

void rf_web_changed(struct rf_web *web)
{
	if (web)
		rf_api_server_changed(web->server);
}
