// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Watches: a list that goes on, as lines of JSON, or as server-sent events that have these for data. A watch keeps the
 * number of the last change that it told, the names of a list that is not told yet, and one line: what a client does
 * not read stays in the store. One that falls behind what the store still knows is ended, and asks again. Sandboxes,
 * of which no one tells, are looked at each second.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/path.h"

#define BLOCK	      16384 /* bytes that libmicrohttpd asks for at a time */
#define SKIP_MAX      4096  /* things that no filter lets pass, at a time, after which others have their turn */
#define FAREWELL_MS   500   /* for the last lines of all watches, when the server is closed */
#define FAREWELL_STEP 10

struct watch {
	struct watch *next;
	struct rf_api_server *server;
	struct MHD_Connection *connection;
	const struct rf_resource *resource;
	struct rf_choice choice;  /* its own */
	uint64_t seen;		  /* all changes up to this one were told */
	bool listing;		  /* names[at] and behind are still to be told */
	bool events;		  /* what happened (service.h, next_event), and no resource */
	struct rf_filter *filter; /* of these; owned */
	uint64_t unsearched;	  /* to be said first (happenings.c); 0: nothing */
	bool new;      /* nothing was told yet: a revision that is too old is no fault of the client's pace */
	json_t *names; /* NULL unless listing */
	size_t at;
	json_t *shown;		/* what it was told, by id, where it has to look for changes (looks.c); else NULL */
	json_t *found;		/* events of these that are still to be told, from `at` on */
	bool look;		/* there may be more of them */
	bool reset, sync, ping; /* these lines are due */
	unsigned skipped;	/* since it was asked for lines */
	bool suspended, ended;
	bool frames;	    /* lines are sent as server-sent events */
	const char *ending; /* the reason, a literal; NULL: it goes on */
	char *line;	    /* that is being sent */
	size_t length, sent;
};

/* ---------------------------------------------------------------- lines */

/* The text of an event, with its end. Its number is what a client that comes back sends (Last-Event-ID). */
static int add_text(const struct watch *watch, const json_t *event, char **text)
{
	json_int_t id = json_integer_value(json_object_get(event, "revision"));
	char *json = json_dumps(event, JSON_COMPACT);
	int length = -1;

	if (json && watch->frames && id)
		length = asprintf(text, "id: %lld\ndata: %s\n\n", (long long)id, json);
	else if (json)
		length = asprintf(text, watch->frames ? "data: %s\n\n" : "%s\n", json);
	free(json);
	return length;
}

/* Makes this the line to be sent. Takes the event; NULL ends the watch. */
static void put_line(struct watch *watch, json_t *event)
{
	struct rf_api_server *server = watch->server;
	char *line = NULL;
	int length = event ? add_text(watch, event, &line) : -1;

	json_decref(event);
	if (length >= 0 && server->lines + (size_t)length <= server->limits.bodies) {
		watch->line = line;
		watch->length = (size_t)length;
		watch->sent = 0;
		server->lines += watch->length;
		return;
	}
	if (length >= 0)
		free(line);
	watch->ending = watch->ending ? watch->ending : "busy";
}

static void drop_line(struct watch *watch)
{
	watch->server->lines -= watch->length;
	free(watch->line);
	watch->line = NULL;
	watch->length = watch->sent = 0;
}

static void put_end(struct watch *watch)
{
	static const struct {
		const char *reason, *message;
	} ends[] = {
		{"shutdown", "the agent stops; what is in force stays in force"},
		{"slow", "more has changed than is remembered, faster than it was read"},
		{"busy", "too much is being sent at once"},
		{"error", "the list could not be had"},
	};
	const char *message = "";

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		message = strcmp(watch->ending, ends[i].reason) == 0 ? ends[i].message : message;
	put_line(watch, json_pack("{s:s, s:s, s:s}", "type", "END", "reason", watch->ending, "message", message));
	watch->ended = true;
}

static bool fits(const struct watch *watch, const json_t *object)
{
	return rf_choice_fits(&watch->choice, object);
}

/* The object of a name, or NULL where it is gone by now. */
static json_t *object_of(const struct watch *watch, const char *name)
{
	const struct rf_service *service = watch->server->service;
	struct rf_api_error error = {0};
	json_t *object = NULL;

	if (service->get(service->context, watch->resource->kind, name, &object, &error))
		object = NULL;
	rf_api_error_free(&error);
	return object;
}

/* ---------------------------------------------------------------- lists */

/* Takes the names of what is there now. The objects are asked for one by one when they are sent. */
static void begin_list(struct watch *watch)
{
	const struct rf_service *service = watch->server->service;
	struct rf_api_error error = {0};
	json_t *items = NULL, *object;
	size_t i;

	watch->seen = service->revision(service->context);
	watch->names = json_array();
	watch->at = 0;
	watch->listing = true;
	if (service->list(service->context, watch->resource->kind, &items, &error))
		watch->ending = "error";
	rf_api_error_free(&error);
	json_array_foreach(items, i, object) json_array_append(watch->names, rf_json_path(object, watch->resource->id));
	json_decref(items);
}

static bool put_listed(struct watch *watch)
{
	while (watch->at < json_array_size(watch->names)) {
		json_t *object = object_of(watch, json_string_value(json_array_get(watch->names, watch->at++)));

		if (object && fits(watch, object)) {
			/* No revision: whoever breaks off here has not seen all of it. */
			put_line(watch, json_pack("{s:s, s:o}", "type", "ADDED", "object", object));
			return true;
		}
		json_decref(object);
	}
	json_decref(watch->names);
	watch->names = NULL;
	watch->listing = false;
	return false;
}

/* ---------------------------------------------------------------- changes */

static int take_one(void *context, const struct rf_api_change *change)
{
	*(struct rf_api_change *)context = *change;
	return 1;
}

static json_t *deletion_of(const struct watch *watch, const struct rf_api_change *change)
{
	return json_pack("{s:s, s:I, s:{s:s, s:{s:s, s:I}}}", "type", "DELETED", "revision",
			 (json_int_t)change->revision, "object", "kind", watch->resource->name, "metadata", "name",
			 change->name, "revision", (json_int_t)change->revision);
}

static bool put_change(struct watch *watch, const struct rf_api_change *change)
{
	json_t *object = change->kind == RF_API_DELETED ? NULL : object_of(watch, change->name);

	if (object && fits(watch, object)) {
		put_line(watch,
			 json_pack("{s:s, s:I, s:o}", "type", change->kind == RF_API_ADDED ? "ADDED" : "MODIFIED",
				   "revision", (json_int_t)change->revision, "object", object));
		return true;
	}
	/* Of one that was deleted since, that will be told; one that fits no more is gone for this watch. */
	if (change->kind == RF_API_DELETED || (object && change->kind == RF_API_MODIFIED)) {
		json_decref(object);
		put_line(watch, deletion_of(watch, change));
		return true;
	}
	json_decref(object);
	return false;
}

static bool put_changes(struct watch *watch)
{
	const struct rf_service *service = watch->server->service;
	struct rf_api_change change;
	int err;

	while ((err = service->changes(service->context, watch->seen, take_one, &change)) == 1) {
		watch->new = false;
		watch->seen = change.revision;
		if (put_change(watch, &change))
			return true;
	}
	if (!err)
		return false;
	if (watch->new)
		watch->reset = true;
	else
		watch->ending = "slow";
	return true;
}

/* What was found when all was looked at. */
static bool put_found(struct watch *watch)
{
	if (watch->look && watch->at >= json_array_size(watch->found)) {
		json_decref(watch->found);
		watch->found = rf_looks_changes(watch->server, &watch->choice, watch->shown);
		watch->at = 0;
		watch->look = false;
		watch->ending = watch->found ? watch->ending : "busy";
	}
	if (watch->at >= json_array_size(watch->found))
		return watch->ending;
	put_line(watch, json_incref(json_array_get(watch->found, watch->at++)));
	return true;
}

static bool put_event(struct watch *watch)
{
	const struct rf_service *service = watch->server->service;
	json_t *event = NULL;
	uint64_t id = 0;
	int got;

	while ((got = service->next_event(service->context, watch->seen, &id, &event)) > 0 &&
	       !rf_filter_match(watch->filter, event)) {
		json_decref(event);
		watch->seen = id;
		if (++watch->skipped == SKIP_MAX) {
			/* Says how far it came, and is asked for more. */
			put_line(watch, json_pack("{s:s, s:I}", "type", "PING", "revision", (json_int_t)watch->seen));
			return true;
		}
	}
	if (!got)
		return false;
	if (got < 0 && got != -ESTALE) {
		watch->ending = "error";
		return true;
	}
	watch->seen = id;
	put_line(watch,
		 got > 0 ? json_pack("{s:s, s:I, s:o}", "type", "EVENT", "revision", (json_int_t)id, "object", event)
			 : json_pack("{s:s, s:I, s:s}", "type", "LOST", "revision", (json_int_t)id, "message",
				     RF_NOT_KNOWN));
	return true;
}

/* The next line, if one is due. */
static void next_line(struct watch *watch)
{
	const char *due;

	if (watch->ending)
		goto end;
	if (watch->reset) {
		watch->reset = watch->new = false;
		begin_list(watch);
		put_line(watch, json_pack("{s:s, s:s, s:s}", "type", "RESET", "reason", "TooOld", "message",
					  "what changed since that revision is not known any more: all follows"));
		return;
	}
	if (watch->unsearched) {
		put_line(watch, json_pack("{s:s, s:I, s:s}", "type", "PING", "revision", (json_int_t)watch->unsearched,
					  "message", "what happened before was not looked through for the last ones"));
		watch->unsearched = 0;
		return;
	}
	if (watch->listing && put_listed(watch))
		return;
	if (watch->events ? put_event(watch) : watch->shown ? put_found(watch) : put_changes(watch)) {
		if (watch->reset)
			next_line(watch);
		else if (watch->ending)
			goto end;
		return;
	}
	watch->new = false;
	due = watch->sync ? "SYNC" : watch->ping ? "PING" : NULL;
	watch->sync = watch->ping = false;
	if (due)
		put_line(watch, watch->shown
					? json_pack("{s:s}", "type", due)
					: json_pack("{s:s, s:I}", "type", due, "revision", (json_int_t)watch->seen));
	return;
end:
	if (!watch->ended)
		put_end(watch);
}

/* ---------------------------------------------------------------- libmicrohttpd */

static bool has_line(struct watch *watch)
{
	if (!watch->line)
		next_line(watch);
	if (!watch->line && watch->ending)
		next_line(watch); /* the end itself, where a line could not be made */
	return watch->line;
}

/* As many lines as there is room for: each call is a write of its own. */
static ssize_t read_watch(void *context, uint64_t at, char *buf, size_t size)
{
	struct watch *watch = context;
	size_t total = 0;

	(void)at;
	watch->skipped = 0;
	while (total < size && watch->skipped < SKIP_MAX && has_line(watch)) {
		size_t n = watch->length - watch->sent;

		n = n < size - total ? n : size - total;
		memcpy(buf + total, watch->line + watch->sent, n);
		watch->sent += n;
		total += n;
		if (watch->sent == watch->length)
			drop_line(watch);
	}
	if (total)
		return (ssize_t)total;
	if (watch->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	MHD_suspend_connection(watch->connection);
	watch->suspended = true;
	return 0;
}

static void drop_watch(struct watch *watch)
{
	free((char *)(uintptr_t)watch->choice.labels);
	free((char *)(uintptr_t)watch->choice.fields);
	rf_filter_free(watch->filter);
	free(watch);
}

static void free_watch(void *context)
{
	struct watch *watch = context, **at = &watch->server->watches;

	while (*at && *at != watch)
		at = &(*at)->next;
	if (*at)
		*at = watch->next;
	watch->server->watching--;
	drop_line(watch);
	json_decref(watch->names);
	json_decref(watch->shown);
	json_decref(watch->found);
	drop_watch(watch);
}

/* Takes the filter where it goes well. */
static int make_watch(struct call *call, const struct rf_choice *choice, uint64_t revision, struct rf_filter **filter)
{
	struct rf_api_server *server = call->server;
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch && choice->labels)
		watch->choice.labels = strdup(choice->labels);
	if (watch && choice->fields)
		watch->choice.fields = strdup(choice->fields);
	if (!watch || !watch->choice.labels != !choice->labels || !watch->choice.fields != !choice->fields) {
		if (watch)
			drop_watch(watch);
		return rf_api_fail(call->error, 503, "Busy", "out of memory");
	}
	if (filter) {
		watch->filter = *filter;
		*filter = NULL;
	}
	watch->server = server;
	watch->connection = call->request->connection;
	watch->resource = call->resource;
	watch->events = !call->resource;
	watch->frames = rf_query_wants_events(call->request);
	call->answer->type = watch->frames ? "text/event-stream" : "application/jsonl";
	watch->seen = revision;
	watch->new = watch->sync = true;
	watch->next = server->watches;
	server->watches = watch;
	server->watching++;
	call->answer->stream =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_watch, watch, free_watch);
	if (!call->answer->stream) {
		free_watch(watch);
		return rf_api_fail(call->error, 503, "Busy", "out of memory");
	}
	return 0;
}

/* Sandboxes, as they are now and at each look. There is no revision from which one could go on. */
static int begin_looking(struct call *call, const struct rf_choice *choice)
{
	struct rf_api_server *server = call->server;

	if (!server->looked && rf_looks_take(server, call->resource))
		return rf_api_fail(call->error, 503, "Busy", "the %s can't be listed", call->resource->plural);
	if (make_watch(call, choice, 0, NULL))
		return -1;
	server->watches->shown = json_object();
	server->watches->look = true;
	rf_api_server_second(server);
	return 0;
}

int rf_watch_events(struct call *call, struct rf_pick *pick)
{
	if (call->server->watching >= call->server->limits.connections / 2)
		return rf_api_fail(call->error, 503, "Busy", "there are %u watches already: no more are served",
				   call->server->watching);
	if (make_watch(call, &(struct rf_choice){.labels = NULL}, pick->after, &pick->filter))
		return -1;
	call->server->watches->unsearched = pick->unsearched;
	return 0;
}

int rf_watch_begin(struct call *call)
{
	struct rf_choice choice;
	uint64_t revision;

	if (rf_query_number(call->request, "revision", &revision) ||
	    rf_choice_read(call->request, call->resource, &choice))
		return -1;
	if (rf_query(call->request, "limit") || rf_query(call->request, "continue"))
		return rf_api_fail(call->error, 400, "BadQuery",
				   "a watch is not cut into pages: no limit, no continue");
	revision = rf_query_last_id(call->request) ? rf_query_last_id(call->request) : revision;
	/* Others must still be able to ask. */
	if (call->server->watching >= call->server->limits.connections / 2)
		return rf_api_fail(call->error, 503, "Busy", "there are %u watches already: no more are served",
				   call->server->watching);
	if (call->resource->kind == RF_KIND_SANDBOX)
		return begin_looking(call, &choice);
	if (make_watch(call, &choice, revision, NULL))
		return -1;
	if (!revision)
		begin_list(call->server->watches);
	return 0;
}

bool rf_watch_look(struct rf_api_server *server)
{
	bool failed = false, any = false;

	for (struct watch *watch = server->watches; watch; watch = watch->next) {
		if (!watch->shown)
			continue;
		failed = !any ? rf_looks_take(server, watch->resource) != 0 : failed;
		any = watch->look = true;
		watch->ending = watch->ending || !failed ? watch->ending : "error";
	}
	if (any)
		rf_watch_wake(server, false);
	return any;
}

void rf_watch_wake(struct rf_api_server *server, bool ping)
{
	for (struct watch *watch = server->watches; watch; watch = watch->next) {
		watch->ping = watch->ping || ping;
		if (!watch->suspended)
			continue;
		watch->suspended = false;
		MHD_resume_connection(watch->connection);
	}
}

void rf_watch_end_all(struct rf_api_server *server)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	for (struct watch *watch = server->watches; watch; watch = watch->next)
		watch->ending = watch->ending ? watch->ending : "shutdown";
	rf_watch_wake(server, false);
	for (int i = 0; i < FAREWELL_MS / FAREWELL_STEP && server->watches && info; i++) {
		poll(&(struct pollfd){.fd = info->epoll_fd, .events = POLLIN}, 1, i ? FAREWELL_STEP : 0);
		MHD_run(server->daemon);
	}
}
