// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one table of paths and methods, and what answers each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/path.h"

#define NAME_MAX_BYTES 256 /* of what stands for * in a path */

struct call {
	const struct rf_api_server *server;
	const struct rf_service *service;
	struct rf_request *request;
	struct rf_api_error *error;
	const struct rf_resource *resource; /* of the route, or NULL */
	char name[NAME_MAX_BYTES];	    /* what stands for * */
	struct rf_answer *answer;
};

static int get_health(struct call *call)
{
	call->answer->text = "ok\n";
	return 0;
}

static int get_ready(struct call *call)
{
	call->answer->text = "ok\n";
	return call->service->ready(call->service->context, call->error);
}

static int get_version(struct call *call)
{
	return call->service->version(call->service->context, &call->answer->json, call->error);
}

static int get_list(struct call *call)
{
	json_t *items = NULL;
	int err = call->service->list(call->service->context, call->resource->kind, &items, call->error);

	if (err)
		return err;
	return rf_list_page(call->request, call->resource, items, call->service->revision(call->service->context),
			    &call->answer->json);
}

/* Whether one of the tags of a header ("*", or tags with commas between) is this one. "W/" in front says that no byte
 * is promised, which for a revision is the same. */
static bool tag_in(const char *header, const char *tag)
{
	size_t len = strlen(tag);

	while (*header) {
		header += strspn(header, " \t,");
		header += !strncmp(header, "W/", 2) ? 2 : 0;
		size_t n = strcspn(header, " \t,");

		if ((n == 1 && *header == '*') || (n == len && n && !memcmp(header, tag, n)))
			return true;
		header += n;
	}
	return false;
}

static const char *header(const struct call *call, const char *name)
{
	return MHD_lookup_connection_value(call->request->connection, MHD_HEADER_KIND, name);
}

static int get_one(struct call *call)
{
	struct rf_answer *answer = call->answer;
	const char *known = header(call, "If-None-Match");
	const json_t *revision;
	int err = call->service->get(call->service->context, call->resource->kind, call->name, &answer->json,
				     call->error);

	if (err)
		return err;
	revision = rf_json_path(answer->json, "metadata.revision");
	if (json_is_integer(revision))
		snprintf(answer->etag, sizeof(answer->etag), "\"%lld\"", (long long)json_integer_value(revision));
	if (known && answer->etag[0] && tag_in(known, answer->etag)) {
		json_decref(answer->json);
		answer->json = NULL;
		answer->text = "";
		answer->status = MHD_HTTP_NOT_MODIFIED;
	}
	return 0;
}

static int get_history(struct call *call)
{
	json_t *items = NULL;
	int err = call->service->history(call->service->context, call->name, &items, call->error);

	if (!err)
		call->answer->json =
			json_pack("{s:s, s:s, s:o}", "kind", "PolicyRevisionList", "name", call->name, "items", items);
	return err;
}

/* Who is at the other end. The program is for people to read: by the time we look, the process may be another. */
static void find_caller(const struct call *call, struct rf_caller *caller, char program[], size_t size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(call->request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);
	char link[64];
	ssize_t n;

	if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		cred = (struct ucred){.uid = (uid_t)-1};
	snprintf(link, sizeof(link), "/proc/%d/exe", cred.pid);
	n = cred.pid > 0 ? readlink(link, program, size - 1) : -1;
	program[n > 0 ? n : 0] = '\0';
	*caller = (struct rf_caller){.uid = cred.uid, .pid = cred.pid, .program = program};
}

static int post_apply(struct call *call)
{
	const struct rf_request *request = call->request;
	struct rf_apply_options options = {.file = rf_query(request, "file")};
	struct rf_caller caller;
	char program[4096];
	json_t *items = NULL;
	int err;

	if (rf_query_flag(call->request, "dryRun", &options.dry_run) ||
	    rf_query_flag(call->request, "force", &options.force))
		return -1;
	if (!options.file)
		options.file = "<request>";
	if (!request->length)
		return rf_api_fail(call->error, 400, "Invalid",
				   "the request has no text: its body is policies in YAML");
	find_caller(call, &caller, program, sizeof(program));
	err = call->service->apply(call->service->context, &caller, request->body, request->length, &options, &items,
				   call->error);
	if (!err)
		call->answer->json = json_pack("{s:s, s:I, s:b, s:o}", "kind", "Applied", "revision",
					       (json_int_t)call->service->revision(call->service->context), "dryRun",
					       options.dry_run, "items", items);
	return err;
}

/* The revision that If-Match asks for: RF_API_ANY where it asks for none. */
static int match_of(const struct call *call, uint64_t *revision)
{
	const char *match = header(call, "If-Match");
	char *end;

	*revision = RF_API_ANY;
	if (!match || !strcmp(match, "*"))
		return 0;
	if (*match == '"' && match[1] >= '0' && match[1] <= '9') {
		*revision = strtoull(match + 1, &end, 10);
		if (!strcmp(end, "\"") && *revision != RF_API_ANY)
			return 0;
	}
	return rf_api_fail(call->error, 400, "BadHeader", "If-Match: %s is no revision: it is one ETag, as in \"17\"",
			   match);
}

static int delete_one(struct call *call)
{
	struct rf_caller caller;
	char program[4096];
	uint64_t expected;
	int err = match_of(call, &expected);

	find_caller(call, &caller, program, sizeof(program));
	if (!err)
		err = call->service->remove(call->service->context, &caller, call->name, expected, call->error);
	if (!err)
		call->answer->json =
			json_pack("{s:s, s:s, s:s, s:I}", "kind", call->resource->name, "name", call->name, "action",
				  "deleted", "revision", (json_int_t)call->service->revision(call->service->context));
	return err;
}

static int post_rollback(struct call *call)
{
	struct rf_caller caller;
	char program[4096];
	uint64_t to;

	if (rf_query_number(call->request, "to", &to))
		return -1;
	find_caller(call, &caller, program, sizeof(program));
	return call->service->rollback(call->service->context, &caller, call->name, to, &call->answer->json,
				       call->error);
}

#define POLICY	&rf_resources[RF_KIND_POLICY]
#define SANDBOX &rf_resources[RF_KIND_SANDBOX]

/* clang-format off */
static const struct route {
	const char *method, *path, *query; /* query: parameters, spaces between */
	bool body;
	const struct rf_resource *resource;
	int (*answer)(struct call *call);
} routes[] = {
	{"GET", "/healthz", "", false, NULL, get_health},
	{"GET", "/readyz", "", false, NULL, get_ready},
	{"GET", "/v1/version", "", false, NULL, get_version},
	{"GET", "/v1/policies", "labelSelector limit continue", false, POLICY, get_list},
	{"GET", "/v1/policies/*", "", false, POLICY, get_one},
	{"DELETE", "/v1/policies/*", "", false, POLICY, delete_one},
	{"GET", "/v1/policies/*/revisions", "", false, POLICY, get_history},
	{"POST", "/v1/policies/*/rollback", "to", false, POLICY, post_rollback},
	{"POST", "/v1/apply", "dryRun force file", true, NULL, post_apply},
	{"GET", "/v1/sandboxes", "limit continue", false, SANDBOX, get_list},
	{"GET", "/v1/sandboxes/*", "", false, SANDBOX, get_one},
};
/* clang-format on */

/* Whether a path is of a pattern, in which * is one name; that goes to `name` (or NULL). */
static bool path_fits(const char *pattern, const char *path, char name[NAME_MAX_BYTES])
{
	const char *star = strchr(pattern, '*');
	size_t before = star ? (size_t)(star - pattern) : 0, len;

	if (!star)
		return !strcmp(pattern, path);
	if (strncmp(pattern, path, before) != 0)
		return false;
	len = strcspn(path + before, "/");
	if (!len || len >= NAME_MAX_BYTES || strcmp(path + before + len, star + 1) != 0)
		return false;
	if (name) {
		memcpy(name, path + before, len);
		name[len] = '\0';
	}
	return true;
}

static const struct route *find_route(const char *method, const char *path, bool *other)
{
	/* What HEAD answers is GET's answer, of which libmicrohttpd sends the head. */
	const char *as = !strcmp(method, "HEAD") ? "GET" : method;

	*other = false;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!path_fits(routes[i].path, path, NULL))
			continue;
		if (!strcmp(routes[i].method, as))
			return &routes[i];
		*other = true;
	}
	return NULL;
}

bool rf_route_takes_body(const char *method, const char *path)
{
	bool other;
	const struct route *route = find_route(method, path, &other);

	return route && route->body;
}

static const char *methods_of(const char *path)
{
	bool get, post, del, other;

	get = find_route("GET", path, &other);
	post = find_route("POST", path, &other);
	del = find_route("DELETE", path, &other);
	return get && del ? "GET, HEAD, DELETE" : get ? "GET, HEAD" : post ? "POST" : "DELETE";
}

int rf_route(const struct rf_api_server *server, struct rf_request *request, const char *method, const char *path,
	     struct rf_answer *answer)
{
	bool other;
	const struct route *route = find_route(method, path, &other);
	struct call call = {.server = server,
			    .service = server->service,
			    .request = request,
			    .error = &request->error,
			    .answer = answer};

	if (!route && other) {
		answer->allow = methods_of(path);
		return rf_api_fail(&request->error, 405, "MethodNotAllowed", "%s can't be asked of %s, but %s", method,
				   path, answer->allow);
	}
	if (!route)
		return rf_api_fail(&request->error, 404, "NoSuchPath", "there is nothing at %s", path);
	if (rf_query_check(request, route->query))
		return -1;
	call.resource = route->resource;
	path_fits(route->path, path, call.name);
	return route->answer(&call);
}
