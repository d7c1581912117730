// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What answers each of the routes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/path.h"

int answer_get_health(struct call *call)
{
	call->answer->text = "ok\n";
	return 0;
}

int answer_get_ready(struct call *call)
{
	call->answer->text = "ok\n";
	return call->service->ready(call->service->context, call->error);
}

int answer_get_openapi(struct call *call)
{
	call->answer->json = rf_openapi();
	return 0;
}

int answer_get_metrics(struct call *call)
{
	return call->service->metrics(call->service->context, &call->answer->made, call->error);
}

int answer_get_version(struct call *call)
{
	return call->service->version(call->service->context, &call->answer->json, call->error);
}

int answer_get_list(struct call *call)
{
	json_t *items = NULL;
	bool watch;
	int err = rf_query_flag(call->request, "watch", &watch);

	if (!err && watch)
		return rf_watch_begin(call);
	if (!err && rf_query(call->request, "revision"))
		err = rf_api_fail(call->error, 400, "BadQuery", "\"revision\" is for a watch: it goes with watch=1");
	if (!err)
		err = call->service->list(call->service->context, call->resource->kind, &items, call->error);
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

int answer_get_one(struct call *call)
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

int answer_get_history(struct call *call)
{
	json_t *items = NULL;
	int err = call->service->history(call->service->context, call->name, &items, call->error);

	if (!err)
		call->answer->json =
			json_pack("{s:s, s:s, s:o}", "kind", "PolicyRevisionList", "name", call->name, "items", items);
	return err;
}

int answer_get_held(struct call *call)
{
	return call->service->held(call->service->context, call->resource->kind, call->name, &call->answer->json,
				   call->error);
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

int answer_post_apply(struct call *call)
{
	const struct rf_request *request = call->request;
	struct rf_apply_options options = {.file = rf_query(request, "file")};
	struct rf_caller caller;
	char program[4096];
	uint64_t probation;
	json_t *items = NULL;
	int err;

	if (rf_query_flag(call->request, "dryRun", &options.dry_run) ||
	    rf_query_flag(call->request, "force", &options.force) ||
	    rf_query_number(call->request, "probation", &probation))
		return -1;
	if (probation > 86400)
		return rf_api_fail(call->error, 400, "BadQuery", "a probation lasts a day at most");
	options.probation = (unsigned)probation;
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

int answer_delete_one(struct call *call)
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

int answer_post_rollback(struct call *call)
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

static int put_on(struct call *call, bool on)
{
	const char *cgroup = rf_query(call->request, "cgroup");
	struct rf_caller caller;
	char program[4096];

	if (!cgroup || cgroup[0] != '/' || !cgroup[1])
		return rf_api_fail(call->error, 400, "BadQuery",
				   "cgroup is the path of a cgroup, beneath the root of all: /system.slice/x.service");
	find_caller(call, &caller, program, sizeof(program));
	return call->service->attach(call->service->context, &caller, call->name, cgroup, on, &call->answer->json,
				     call->error);
}

int answer_post_attach(struct call *call)
{
	return put_on(call, true);
}

int answer_post_detach(struct call *call)
{
	return put_on(call, false);
}

int answer_post_confirm(struct call *call)
{
	struct rf_caller caller;
	char program[4096];

	find_caller(call, &caller, program, sizeof(program));
	return call->service->confirm(call->service->context, &caller, call->name, &call->answer->json, call->error);
}
