// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A request from its first line to its answer: who may ask, what it may hold, and how errors look. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/internal.h"
#include "api/requests.h"

#define TEXT	"text/plain; charset=utf-8"
#define METRICS "text/plain; version=0.0.4; charset=utf-8" /* as Prometheus asks for */

static void drop_body(struct rf_api_server *server, struct rf_request *request)
{
	server->bodies -= request->room;
	free(request->body);
	request->body = NULL;
	request->room = request->length = 0;
}

void *rf_requests_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct rf_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->connection = connection;
	request->gate = ((struct rf_api_server *)context)->gate;
	/* Unescaped, a path would end there and be another. */
	request->nul = strstr(uri, "%00") != NULL;
	return request;
}

void rf_requests_end(void *context, struct MHD_Connection *connection, void **out, enum MHD_RequestTerminationCode why)
{
	struct rf_api_server *server = context;
	struct rf_request *request = *out;

	(void)connection;
	(void)why;
	if (!request)
		return;
	drop_body(server, request);
	rf_api_error_free(&request->error);
	free(request);
	*out = NULL;
}

/* ---------------------------------------------------------------- answers */

static enum MHD_Result send_response(struct rf_request *request, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result result;

	if (request->gate)
		request->gate->mark(request->gate->context, response);
	result = MHD_queue_response(request->connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_text(struct rf_request *request, const struct rf_answer *answer, char *text, size_t len,
				 const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);

	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (answer->etag[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, answer->etag);
	if (answer->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	return send_response(request, answer->status, response);
}

static enum MHD_Result send_answer(struct rf_request *request, const struct rf_answer *answer)
{
	char *text, *grown;
	size_t len;

	if (answer->stream) {
		MHD_add_response_header(answer->stream, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
		return send_response(request, answer->status, answer->stream);
	}
	if (!answer->json) {
		text = answer->made ? answer->made : strdup(answer->text ? answer->text : "");
		return text ? send_text(request, answer, text, strlen(text), answer->made ? METRICS : TEXT) : MHD_NO;
	}
	text = json_dumps(answer->json, JSON_COMPACT);
	if (!text)
		return MHD_NO;
	len = strlen(text);
	grown = realloc(text, len + 2);
	if (!grown) {
		free(text);
		return MHD_NO;
	}
	strcpy(grown + len, "\n");
	return send_text(request, answer, grown, len + 1, "application/json");
}

static enum MHD_Result send_error(struct rf_request *request, struct rf_answer *answer)
{
	struct rf_api_error *error = &request->error;
	enum MHD_Result result;

	json_decref(answer->json);
	answer->etag[0] = '\0';
	if (!error->details)
		error->details = json_array();
	answer->status = error->status ? error->status : MHD_HTTP_INTERNAL_SERVER_ERROR;
	answer->json =
		json_pack("{s:{s:i, s:s, s:o, s:O}}", "error", "status", (int)answer->status, "reason",
			  error->reason ? error->reason : "Internal", "message",
			  rf_api_string(error->message ? error->message : "out of memory"), "details", error->details);
	result = answer->json ? send_answer(request, answer) : MHD_NO;
	json_decref(answer->json);
	return result;
}

static enum MHD_Result refuse(struct rf_request *request, unsigned status, const char *reason, const char *message)
{
	struct rf_answer answer = {0};

	rf_api_fail(&request->error, status, reason, "%s", message);
	return send_error(request, &answer);
}

/* ---------------------------------------------------------------- requests */

static bool is_root(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return info && getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && len == sizeof(cred) &&
	       cred.uid == 0;
}

/* What the gate says: the API goes on, or it is answered here. */
static enum MHD_Result ask_gate(struct rf_request *request, const char *method, const char *path)
{
	const struct rf_api_gate *gate = request->gate;
	struct MHD_Response *page = NULL;
	struct rf_answer answer = {0};

	if (gate->look(gate->context, request->connection, method, path, &page, &request->error)) {
		answer.allow = request->error.status == MHD_HTTP_METHOD_NOT_ALLOWED ? "GET, HEAD" : NULL;
		return send_error(request, &answer);
	}
	return page ? send_response(request, MHD_HTTP_OK, page) : MHD_YES;
}

/* Looks at the headers. An answer now means that no body is waited for, and the connection ends behind it. */
static enum MHD_Result begin(const struct rf_api_server *server, struct rf_request *request, const char *method,
			     const char *path)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	const char *length =
		MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	request->begun = true;
	if (!request->gate && !is_root(request->connection))
		return refuse(request, MHD_HTTP_FORBIDDEN, "Forbidden", "root alone may ask the agent; use sudo");
	if (info && info->header_size > server->limits.headers)
		return refuse(request, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, "TooLarge",
			      "the request's headers are too large");
	if (request->nul)
		return refuse(request, MHD_HTTP_BAD_REQUEST, "BadPath", "there is a NUL in the address");
	if (length && strtoull(length, NULL, 10) > (rf_route_takes_body(method, path) ? server->limits.body : 0))
		return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "TooLarge",
			      rf_route_takes_body(method, path) ? "the request's body is larger than 4 MiB"
								: "this request takes no body");
	return request->gate ? ask_gate(request, method, path) : MHD_YES;
}

/* Makes room for more of a body. Returns 0, or fills in why it gets none. */
static int make_room(struct rf_api_server *server, struct rf_request *request, size_t more)
{
	size_t room = request->room ? request->room : 4096;
	char *body;

	if (more > server->limits.body - request->length)
		return rf_api_fail(&request->error, MHD_HTTP_CONTENT_TOO_LARGE, "TooLarge",
				   "the request's body is larger than 4 MiB");
	/* One byte more: a NUL behind it. */
	while (room <= request->length + more)
		room *= 2;
	if (room > server->limits.body)
		room = server->limits.body + 1;
	if (server->bodies - request->room + room > server->limits.bodies)
		return rf_api_fail(&request->error, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy",
				   "too much is being sent at once; try again");
	if (room == request->room)
		return 0;
	body = realloc(request->body, room);
	if (!body)
		return rf_api_fail(&request->error, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy", "out of memory");
	server->bodies += room - request->room;
	request->body = body;
	request->room = room;
	return 0;
}

static enum MHD_Result take_piece(struct rf_api_server *server, struct rf_request *request, const char *piece,
				  size_t *size, bool wanted)
{
	if (!request->denied && !wanted)
		rf_api_fail(&request->error, MHD_HTTP_CONTENT_TOO_LARGE, "TooLarge", "this request takes no body");
	if (!request->denied && (!wanted || make_room(server, request, *size)))
		request->denied = true;
	if (request->denied) {
		drop_body(server, request);
		/* An answer can be given only behind the body, so a bit more is read; a client that sends on and on is
		 * hung up on. */
		request->dropped += *size;
		*size = 0;
		return request->dropped <= server->limits.body ? MHD_YES : MHD_NO;
	}
	memcpy(request->body + request->length, piece, *size);
	request->length += *size;
	request->body[request->length] = '\0';
	*size = 0;
	return MHD_YES;
}

enum MHD_Result rf_requests_handle(void *context, struct MHD_Connection *connection, const char *path,
				   const char *method, const char *version, const char *piece, size_t *size, void **out)
{
	struct rf_api_server *server = context;
	struct rf_request *request = *out;
	struct rf_answer answer = {.status = MHD_HTTP_OK};
	enum MHD_Result result;

	(void)connection;
	(void)version;
	if (!request)
		return MHD_NO;
	if (!request->begun)
		return begin(server, request, method, path);
	if (*size)
		return take_piece(server, request, piece, size, rf_route_takes_body(method, path));
	if (request->denied)
		return send_error(request, &answer);
	if (rf_route(server, request, method, path, &answer) ||
	    (!answer.json && !answer.text && !answer.made && !answer.stream))
		return send_error(request, &answer);
	result = send_answer(request, &answer);
	json_decref(answer.json);
	return result;
}
