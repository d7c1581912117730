/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the server's parts share. */
#ifndef RINGFENCE_API_INTERNAL_H
#define RINGFENCE_API_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <microhttpd.h>

#include "api/server.h"
#include "filter/filter.h"

#define RF_PATH_NAME_MAX 256 /* bytes of what stands for * in a path */

struct rf_api_server {
	const struct rf_service *service;
	struct rf_api_limits limits;
	const struct rf_api_gate *gate; /* NULL: root alone */
	struct MHD_Daemon *daemon;
	sd_event_source *io, *timer;
	int listen_fd;
	size_t bodies;		  /* bytes that requests hold at the moment */
	unsigned int connections; /* when libmicrohttpd ran last */
	/* Watches. */
	struct watch *watches;
	unsigned watching; /* how many */
	size_t lines;	   /* bytes of lines that they send at the moment */
	uint64_t told;	   /* the revision up to which they were woken */
	json_t *looked;	   /* what watches look at, by id (looks.c); NULL while nobody does */
	sd_event_source *ping, *second, *wake;
	uint64_t woken; /* when watches were last woken by what happened, µs of CLOCK_MONOTONIC */
};

/* What a connection is asked at the moment. */
struct rf_request {
	struct MHD_Connection *connection;
	const struct rf_api_gate *gate; /* the server's */
	bool begun;			/* its headers were looked at */
	bool nul;			/* the address has a NUL in it */
	bool denied;			/* the body gets no place: error says why. What still comes of it is dropped */
	char *body;
	size_t length, room, dropped;
	struct rf_api_error error;
};

/* What it is answered. */
struct rf_answer {
	unsigned status;
	json_t *json;		     /* owned; NULL: `text` */
	const char *text;	     /* a literal */
	char *made;		     /* owned; goes before it */
	struct MHD_Response *stream; /* owned; goes before both */
	const char *type;	     /* of the stream; a literal */
	char etag[32];		     /* "" or with its quotes */
	const char *allow;
};

/* A request that is being answered by a route. */
struct rf_pick;
struct call {
	struct rf_api_server *server;
	const struct rf_service *service;
	struct rf_request *request;
	struct rf_api_error *error;
	const struct rf_resource *resource; /* of the route, or NULL */
	char name[RF_PATH_NAME_MAX];	    /* what stands for * */
	struct rf_answer *answer;
};

/* ---- answers.c: each fills in call->answer, or call->error and returns not 0 */

int answer_get_health(struct call *call);
int answer_get_ready(struct call *call);
int answer_get_openapi(struct call *call);
int answer_get_metrics(struct call *call);
int answer_get_version(struct call *call);
int answer_get_list(struct call *call);
int answer_get_one(struct call *call);
int answer_get_history(struct call *call);
int answer_get_held(struct call *call);
int answer_post_apply(struct call *call);
int answer_post_rollback(struct call *call);
int answer_get_events(struct call *call);
int answer_post_attach(struct call *call);
int answer_post_detach(struct call *call);
int answer_post_confirm(struct call *call);
int answer_delete_one(struct call *call);

/* ---- routes.c */

enum rf_param_type {
	RF_PARAM_TEXT,
	RF_PARAM_NUMBER,
	RF_PARAM_FLAG,
	RF_PARAM_FIELDS /* a selector of the resource's fields */
};
/* A parameter means the same on each path that takes it. */
struct rf_param {
	const char *name;
	enum rf_param_type type;
	const char *pattern; /* of a text: what it must fit, or NULL */
	const char *help;
	bool needed; /* a request without it is wrong */
};
struct rf_route {
	const char *method, *path, *query; /* *: one name; query: parameters, spaces between */
	const struct rf_resource *resource;
	int (*answer)(struct call *call);
	const char *id, *help;
	const char *schema;   /* of what 200 has (openapi.c); NULL: text */
	const char *statuses; /* that come besides those of every route, spaces between */
};
/* Both end with a NULL in front. */
extern const struct rf_param rf_params[];
extern const struct rf_route rf_routes[];
/* Whether a route's request has a body: policies in YAML. */
bool rf_route_has_body(const struct rf_route *route);

/* Answers a request that is whole: fills in `answer`, or error and returns not 0. */
int rf_route(struct rf_api_server *server, struct rf_request *request, const char *method, const char *path,
	     struct rf_answer *answer);
/* Whether a request may have a body. */
bool rf_route_takes_body(const char *method, const char *path);

/* ---- watch.c */

/* Answers a list's request with watch=1. */
int rf_watch_begin(struct call *call);
/* Begins to tell what happened. Takes the filter out of the pick. Returns not 0 with the call's error. */
int rf_watch_events(struct call *call, struct rf_pick *pick);
/* Lets all watches look for what they have to tell, and say that they live. */
void rf_watch_wake(struct rf_api_server *server, bool ping);
/* Lets those look that no one tells of changes. False where there are none. */
bool rf_watch_look(struct rf_api_server *server);
/* Ends all watches: those that are read are told. */
void rf_watch_end_all(struct rf_api_server *server);

/* ---- happenings.c */

#define RF_NOT_KNOWN	  "what happened before is not known any more"
#define RF_SECONDS_LENGTH 19 /* of a time's text up to its seconds */

/* Which of what happened is asked for. */
struct rf_pick {
	uint64_t after;		  /* what stands behind this number */
	struct rf_filter *filter; /* owned; NULL: all */
	unsigned limit;		  /* of a list: no more at a time */
	uint64_t unsearched;	  /* up to this number nobody looked for the last ones; 0: all was looked at */
};
/* Of a request's after, since, tail, filter and limit; a watch with none of the first three begins now. 400 where one
 * is wrong. */
int rf_pick_read(struct call *call, bool watch, struct rf_pick *pick);

/* ---- openapi.c */

/* The OpenAPI document of both tables; NULL without memory. */
json_t *rf_openapi(void);

/* ---- query.c */

/* Whether a word stands in a list with spaces between. */
bool rf_in_list(const char *list, const char *word);

/* A parameter's value; NULL where it is not there. */
const char *rf_query(const struct rf_request *request, const char *name);
/* Refuses (400) parameters that are not in a list "one two", those that come twice, and those without a value. */
int rf_query_check(struct rf_request *request, const char *known);
/* Whether the client asks for server-sent events (text/event-stream), rather than lines. */
bool rf_query_wants_events(const struct rf_request *request);
/* The id of the last of these that it had, when it comes back; 0: it has had none. */
uint64_t rf_query_last_id(const struct rf_request *request);
/* 1, true, 0, false; false where it is not there. Anything else: 400. */
int rf_query_flag(struct rf_request *request, const char *name, bool *out);
/* From 1 on; 0 where it is not there. */
int rf_query_number(struct rf_request *request, const char *name, uint64_t *out);

/* ---- lists.c */

/* Which objects of a list or a watch are wanted. */
struct rf_choice {
	const char *labels, *fields; /* selectors, or NULL */
};
/* Of a request, whose the selectors stay: 400 where one is wrong. */
int rf_choice_read(struct rf_request *request, const struct rf_resource *resource, struct rf_choice *choice);
bool rf_choice_fits(const struct rf_choice *choice, const json_t *object);

/* What is left of an array of objects behind its selectors, continue and limit: *page is the object to answer. Takes
 * the array. */
int rf_list_page(struct rf_request *request, const struct rf_resource *resource, json_t *items, uint64_t revision,
		 json_t **page);

/* ---- server.c */

/* Lets rf_watch_look be called in a second, unless that is due already. */
void rf_api_server_second(struct rf_api_server *server);

/* ---- looks.c */

/* Looks at all objects of a resource, for watches of what nobody tells of. Returns not 0 where they can't be had. */
int rf_looks_take(struct rf_api_server *server, const struct rf_resource *resource);
/* An array of events that lead from what was shown (id -> object), which is changed, to what was looked at last. NULL
 * without memory. */
json_t *rf_looks_changes(const struct rf_api_server *server, const struct rf_choice *choice, json_t *shown);

#endif
