// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libmicrohttpd in the caller's loop: its epoll fd is one of the loop's, and a timer does what it wants done later.
 * What comes in requests is requests.c's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/requests.h"

#define WAKES_US UINT64_C(10000)

const struct rf_api_limits rf_api_limits = {
	.body = RF_API_BODY_MAX,
	.bodies = RF_API_BODIES_MAX,
	.headers = RF_API_HEADERS_MAX,
	.connections = RF_API_CONNECTIONS,
	.idle = RF_API_IDLE,
	.ping = RF_API_PING,
};

/* When libmicrohttpd wants to be called next though nothing came. */
static int set_timer(struct rf_api_server *server)
{
	unsigned long long ms;
	uint64_t now;
	int err;

	if (MHD_get_timeout(server->daemon, &ms) != MHD_YES)
		return sd_event_source_set_enabled(server->timer, SD_EVENT_OFF);
	err = sd_event_now(sd_event_source_get_event(server->timer), CLOCK_MONOTONIC, &now);
	if (err >= 0)
		err = sd_event_source_set_time(server->timer, now + ms * 1000);
	return err < 0 ? err : sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
}

/* At its bound, libmicrohttpd stops listening when a run begins, and listens again when the one after a connection's
 * end does: what waits to be accepted wakes nobody in between. */
static bool has_room_again(struct rf_api_server *server)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
	unsigned int before = server->connections;

	server->connections = info ? info->num_connections : 0;
	return server->connections < before;
}

static int run(struct rf_api_server *server)
{
	MHD_run(server->daemon);
	rf_api_server_changed(server);
	if (has_room_again(server)) {
		sd_event_source_set_time(server->timer, 0);
		return sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
	}
	return set_timer(server);
}

static int on_ping(sd_event_source *source, uint64_t now, void *context)
{
	struct rf_api_server *server = context;

	rf_watch_wake(server, true);
	sd_event_source_set_time(source, now + server->limits.ping * UINT64_C(1000000));
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return run(server);
}

void rf_api_server_second(struct rf_api_server *server)
{
	if (sd_event_source_get_enabled(server->second, NULL) != 0)
		return;
	sd_event_source_set_time_relative(server->second, UINT64_C(1000000));
	sd_event_source_set_enabled(server->second, SD_EVENT_ONESHOT);
}

static int on_second(sd_event_source *source, uint64_t now, void *context)
{
	struct rf_api_server *server = context;

	(void)source, (void)now;
	if (rf_watch_look(server)) {
		rf_api_server_second(server);
	} else {
		json_decref(server->looked);
		server->looked = NULL;
	}
	return run(server);
}

void rf_api_server_changed(struct rf_api_server *server)
{
	uint64_t revision = server->service->revision(server->service->context);

	if (revision == server->told)
		return;
	server->told = revision;
	rf_watch_wake(server, false); /* which makes the epoll fd readable */
}

/* Not at once: it may be called from within MHD_run. In a flood not for each thing that happened: who waits is told of
 * all that came within some milliseconds together, which is far cheaper. */
void rf_api_server_wake(struct rf_api_server *server)
{
	if (sd_event_source_get_enabled(server->wake, NULL) != 0)
		return;
	sd_event_source_set_time(server->wake, server->woken + WAKES_US);
	sd_event_source_set_enabled(server->wake, SD_EVENT_ONESHOT);
}

static int on_wake(sd_event_source *source, uint64_t usec, void *context)
{
	struct rf_api_server *server = context;

	(void)usec;
	sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &server->woken);
	rf_watch_wake(server, false);
	return run(server);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	return run(context);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	return run(context);
}

static int start_daemon(struct rf_api_server *server)
{
	const struct rf_api_limits *limits = &server->limits;
	int flags = fcntl(server->listen_fd, F_GETFL);

	if (flags < 0 || fcntl(server->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	/* A connection's memory holds the headers, what they are parsed into, and those of the answer. How large the
	 * headers may be is looked at again once they are there. */
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, rf_requests_handle, server,
		MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_CONNECTION_LIMIT, limits->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, limits->idle, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		2 * limits->headers + 8192, MHD_OPTION_URI_LOG_CALLBACK, rf_requests_begin, server,
		MHD_OPTION_NOTIFY_COMPLETED, rf_requests_end, server, MHD_OPTION_END);
	if (!server->daemon)
		return errno ? -errno : -EIO;
	server->listen_fd = -1; /* the daemon's */
	return 0;
}

/* A timer that is off until somebody needs it. */
static int add_sleeping(sd_event *event, sd_event_source **source, uint64_t accuracy, sd_event_time_handler_t handler,
			struct rf_api_server *server)
{
	int err = sd_event_add_time(event, source, CLOCK_MONOTONIC, 0, accuracy, handler, server);

	return err < 0 ? err : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

static int attach(struct rf_api_server *server, sd_event *event)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int err;

	if (!info)
		return -EIO;
	err = sd_event_add_io(event, &server->io, info->epoll_fd, EPOLLIN, on_io, server);
	if (err >= 0)
		err = sd_event_add_time(event, &server->timer, CLOCK_MONOTONIC, 0, 1, on_timer, server);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &server->ping, CLOCK_MONOTONIC,
						 server->limits.ping * UINT64_C(1000000), 0, on_ping, server);
	if (err >= 0)
		err = add_sleeping(event, &server->wake, 1, on_wake, server);
	if (err >= 0)
		err = add_sleeping(event, &server->second, 1000, on_second, server);
	if (err >= 0)
		sd_event_source_set_description(server->io, "api");
	return err < 0 ? err : 0;
}

int rf_api_server_open_gated(sd_event *event, int listen_fd, const struct rf_service *service,
			     const struct rf_api_limits *limits, const struct rf_api_gate *gate,
			     struct rf_api_server **out)
{
	struct rf_api_server *server = calloc(1, sizeof(*server));
	int err;

	*out = NULL;
	if (!server) {
		close(listen_fd);
		return -ENOMEM;
	}
	server->service = service;
	server->limits = *limits;
	server->gate = gate;
	server->listen_fd = listen_fd;
	err = start_daemon(server);
	if (!err)
		err = attach(server, event);
	if (err) {
		rf_api_server_close(server);
		return err;
	}
	*out = server;
	return 0;
}

int rf_api_server_open_with(sd_event *event, int listen_fd, const struct rf_service *service,
			    const struct rf_api_limits *limits, struct rf_api_server **out)
{
	return rf_api_server_open_gated(event, listen_fd, service, limits, NULL, out);
}

int rf_api_server_open(sd_event *event, int listen_fd, const struct rf_service *service, struct rf_api_server **out)
{
	return rf_api_server_open_with(event, listen_fd, service, &rf_api_limits, out);
}

void rf_api_server_close(struct rf_api_server *server)
{
	if (!server)
		return;
	sd_event_source_disable_unref(server->io);
	sd_event_source_disable_unref(server->timer);
	sd_event_source_disable_unref(server->ping);
	sd_event_source_disable_unref(server->second);
	sd_event_source_disable_unref(server->wake);
	if (server->daemon)
		rf_watch_end_all(server);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	json_decref(server->looked);
	free(server);
}
