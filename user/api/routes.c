// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one table of paths and methods: requests are answered by it, and the API's document is made of it (openapi.c). */
#include <string.h>

#include "api/internal.h"

#define POLICY	&rf_resources[RF_KIND_POLICY]
#define SANDBOX &rf_resources[RF_KIND_SANDBOX]
#define VERSION &rf_resources[RF_KIND_VERSION]

/* clang-format off */
const struct rf_param rf_params[] = {
	{"labelSelector", RF_PARAM_TEXT, "^[^,]+(,[^,]+)*$", "Only objects with such labels: key=value, key!=value, key and !key, with commas between.", false},
	{"fieldSelector", RF_PARAM_FIELDS, NULL, "Only objects whose fields are so: field=value, field==value and field!=value, with commas between. A list is equal to what is in it.", false},
	{"limit", RF_PARAM_NUMBER, NULL, "No more objects than these at a time; where there are more, the answer says `continue`. Of what happened 1000 where nothing is said, and 10000 at most.", false},
	{"continue", RF_PARAM_TEXT, NULL, "The answer's `continue` of before: what stands behind that.", false},
	{"watch", RF_PARAM_FLAG, NULL, "Go on: each change is a line of JSON (Event), until one of the type END; with Accept: text/event-stream an event, which Last-Event-ID takes up again. Without limit and continue. Sandboxes are looked at once a second: their changes have no revision.", false},
	{"revision", RF_PARAM_NUMBER, NULL, "With watch: tell what changed after that one; where that is not known any more, a line RESET and the whole list. By default the whole list.", false},
	{"cgroup", RF_PARAM_TEXT, "^/[^/].*$", "The path of a cgroup, beneath the root of all: /system.slice/x.service.", true},
	{"after", RF_PARAM_NUMBER, NULL, "What happened after the event of this id, as a list's `continue` says it too; without it, with watch: from now on.", false},
	{"since", RF_PARAM_TEXT, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "What happened from that second on, by the host's clock, in UTC.", false},
	{"tail", RF_PARAM_NUMBER, NULL, "No more than the last ones of that number, up to 100000; with watch: these, and then what happens. With a filter they are looked for in the last 10000; `unsearched` says where that was not enough.", false},
	{"filter", RF_PARAM_TEXT, NULL, "Only what passes a filter, as ringfence-logs(1) has them: field=value, field!=value and words, all of which must hold. What tells of losses always passes.", false},
	{"to", RF_PARAM_NUMBER, NULL, "The revision to go back to; by default the one before.", false},
	{"dryRun", RF_PARAM_FLAG, NULL, "Say what would be done, and do nothing.", false},
	{"force", RF_PARAM_FLAG, NULL, "Apply what is unchanged as well: it is put into the kernel anew, as a new revision (`reapplied`).", false},
	{"probation", RF_PARAM_NUMBER, NULL, "Seconds, up to 86400, after which it is put back unless it is confirmed.", false},
	{"file", RF_PARAM_TEXT, NULL, "What messages call the text.", false},
	{NULL, 0, NULL, NULL, false},
};

const struct rf_route rf_routes[] = {
	{"GET", "/healthz", "", NULL, answer_get_health, "isAlive", "Whether the agent answers", NULL, ""},
	{"GET", "/readyz", "", NULL, answer_get_ready, "isReady", "Whether policies are enforced and changes are taken", NULL, ""},
	{"GET", "/metrics", "", NULL, answer_get_metrics, "getMetrics", "Counters in Prometheus' text format", NULL, ""},
	{"GET", "/v1/openapi.json", "", NULL, answer_get_openapi, "describeApi", "This document", "OpenApi", ""},
	{"GET", "/v1/version", "", VERSION, answer_get_version, "getVersion", "The agent that answers", "Version", ""},
	{"GET", "/v1/policies", "labelSelector fieldSelector limit continue watch revision", POLICY, answer_get_list, "listPolicies", "The policies that were applied", "PolicyList", ""},
	{"GET", "/v1/policies/*", "", POLICY, answer_get_one, "getPolicy", "One policy", "Policy", "304 404"},
	{"DELETE", "/v1/policies/*", "", POLICY, answer_delete_one, "deletePolicy", "Takes a policy out of force", "Deleted", "404 412"},
	{"GET", "/v1/policies/*/revisions", "", POLICY, answer_get_history, "listRevisions", "A policy's revisions, newest first", "PolicyRevisionList", "404"},
	{"GET", "/v1/policies/*/held", "", POLICY, answer_get_held, "listHeldOfPolicy", "What tasks hold that the policy would deny now", "HeldList", "404"},
	{"POST", "/v1/policies/*/rollback", "to", POLICY, answer_post_rollback, "rollBack", "Applies an earlier text of a policy again", "Result", "404 409"},
	{"POST", "/v1/policies/*/attach", "cgroup", POLICY, answer_post_attach, "attach", "Puts a policy on a cgroup", "Result", "404"},
	{"POST", "/v1/policies/*/detach", "cgroup", POLICY, answer_post_detach, "detach", "Takes a policy off a cgroup", "Result", "404"},
	{"POST", "/v1/policies/*/confirm", "", POLICY, answer_post_confirm, "confirmPolicy", "Ends a policy's probation: it stays", "Result", "404"},
	{"POST", "/v1/apply", "dryRun force probation file", NULL, answer_post_apply, "apply", "Applies all policies of a text, or none", "Applied", "409"},
	{"GET", "/v1/sandboxes", "fieldSelector limit continue watch", SANDBOX, answer_get_list, "listSandboxes", "The sandboxes that there are", "SandboxList", ""},
	{"GET", "/v1/sandboxes/*", "", SANDBOX, answer_get_one, "getSandbox", "One sandbox", "Sandbox", "404"},
	{"GET", "/v1/sandboxes/*/held", "", SANDBOX, answer_get_held, "listHeldOfSandbox", "What its tasks hold that its policies would deny now", "HeldList", "404"},
	{"GET", "/v1/events", "watch after since tail filter limit", NULL, answer_get_events, "listEvents", "What happened lately: denials, changes of policies, sandboxes that began and ended", "EventList", ""},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
/* clang-format on */

/* Whether a path is of a pattern, in which * is one name; that goes to `name` (or NULL). */
static bool path_fits(const char *pattern, const char *path, char name[RF_PATH_NAME_MAX])
{
	const char *star = strchr(pattern, '*');
	size_t before = star ? (size_t)(star - pattern) : 0, len;

	if (!star)
		return !strcmp(pattern, path);
	if (strncmp(pattern, path, before) != 0)
		return false;
	len = strcspn(path + before, "/");
	if (!len || len >= RF_PATH_NAME_MAX || strcmp(path + before + len, star + 1) != 0)
		return false;
	if (name) {
		memcpy(name, path + before, len);
		name[len] = '\0';
	}
	return true;
}

static const struct rf_route *find_route(const char *method, const char *path, bool *other)
{
	/* What HEAD answers is GET's answer, of which libmicrohttpd sends the head. */
	const char *as = !strcmp(method, "HEAD") ? "GET" : method;

	*other = false;
	for (const struct rf_route *route = rf_routes; route->method; route++) {
		if (!path_fits(route->path, path, NULL))
			continue;
		if (!strcmp(route->method, as))
			return route;
		*other = true;
	}
	return NULL;
}

bool rf_route_has_body(const struct rf_route *route)
{
	return !strcmp(route->method, "POST") && !strchr(route->path, '*');
}

bool rf_route_takes_body(const char *method, const char *path)
{
	bool other;
	const struct rf_route *route = find_route(method, path, &other);

	return route && rf_route_has_body(route);
}

static const char *methods_of(const char *path)
{
	bool get, post, del, other;

	get = find_route("GET", path, &other);
	post = find_route("POST", path, &other);
	del = find_route("DELETE", path, &other);
	return get && del ? "GET, HEAD, DELETE" : get ? "GET, HEAD" : post ? "POST" : "DELETE";
}

int rf_route(struct rf_api_server *server, struct rf_request *request, const char *method, const char *path,
	     struct rf_answer *answer)
{
	bool other;
	const struct rf_route *route = find_route(method, path, &other);
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
