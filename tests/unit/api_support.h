/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An API server in a thread, on a socket in a folder of its own, before a backend that keeps policies in memory. */
#ifndef RINGFENCE_TESTS_API_SUPPORT_H
#define RINGFENCE_TESTS_API_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/path.h"
#include "api/server.h"

static struct fake {
	json_t *policies; /* by their names */
	uint64_t revision;
	json_t *changes; /* [revision, kind, name] */
	uint64_t floor;	 /* changes up to it are forgotten */
	bool unready;
	struct rf_caller caller; /* of the last change */
	char program[4096];
	size_t length; /* of the last text */
	unsigned probation;
	unsigned slow;	   /* milliseconds that an apply takes */
	unsigned more;	   /* things that happened besides the first two */
	unsigned looked;   /* how often it was asked for one of them */
	json_t *happened;  /* or these and no others, from 5 on */
	json_t *climb;	   /* of these: one that makes 100 denials whenever they are asked for */
	json_t *sandboxes; /* or NULL: the usual ones */
} fake;

static void fake_note_change(enum rf_api_change_kind kind, const char *name)
{
	fake.changes = fake.changes ? fake.changes : json_array();
	json_array_append_new(fake.changes, json_pack("[I, i, s]", (json_int_t)fake.revision, kind, name));
}

static int fake_changes(void *context, uint64_t revision, rf_api_changed *changed, void *data)
{
	json_t *change;
	size_t i;

	(void)context;
	if (revision < fake.floor || revision > fake.revision)
		return -ESTALE;
	json_array_foreach(fake.changes, i, change)
	{
		struct rf_api_change out = {
			.revision = (uint64_t)json_integer_value(json_array_get(change, 0)),
			.kind = (enum rf_api_change_kind)json_integer_value(json_array_get(change, 1)),
		};
		int err = 0;

		strcpy(out.name, json_string_value(json_array_get(change, 2)));
		if (out.revision > revision)
			err = changed(data, &out);
		if (err)
			return err;
	}
	return 0;
}

static void fake_put(const char *name, const char *text, const char *kind)
{
	bool there = json_object_get(fake.policies, name) != NULL;

	json_object_set_new(
		fake.policies, name,
		json_pack("{s:s, s:s, s:{s:s, s:{s:s}, s:I}, s:s, s:{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}], s:i, s:i}}",
			  "apiVersion", "ringfence.dev/v1", "kind", "Policy", "metadata", "name", name, "labels",
			  "kind", kind, "revision", (json_int_t)++fake.revision, "text", text, "status", "mode",
			  "enforce", "enforced", "True", "conditions", "type", "Accepted", "status", "True", "type",
			  "Enforced", "status", "True", "sandboxes", 2, "denials", 7));
	fake_note_change(there ? RF_API_MODIFIED : RF_API_ADDED, name);
}

static void fake_note(const struct rf_caller *caller)
{
	fake.caller = *caller;
	snprintf(fake.program, sizeof(fake.program), "%s", caller->program);
}

static int fake_ready(void *context, struct rf_api_error *error)
{
	assert_ptr_equal(context, &fake);
	return fake.unready ? rf_api_fail(error, 503, "NotReady", "the engine is not loaded") : 0;
}

static int fake_version(void *context, json_t **out, struct rf_api_error *error)
{
	(void)context;
	(void)error;
	*out = json_pack("{s:s, s:i, s:[s, s]}", "version", RF_VERSION, "abi", 7, "features", "select", "rollback");
	return 0;
}

static int fake_metrics(void *context, char **out, struct rf_api_error *error)
{
	(void)context;
	(void)error;
	*out = strdup("# TYPE x counter\nx 1\n");
	return 0;
}

static uint64_t fake_revision(void *context)
{
	(void)context;
	return fake.revision;
}

static json_t *fake_sandbox(int id)
{
	return json_pack("{s:i, s:s, s:s, s:[s, s], s:i, s:i, s:i, s:i, s:i, s:i}", "id", id, "cgroup",
			 "/system.slice/a.service", "unit", "a\033[31m.service", "policies", "one", "two", "tasks", 3,
			 "made", 6, "told", 1, "merged", 2, "lost", 3, "counted", 6);
}

static int fake_list(void *context, enum rf_kind kind, json_t **out, struct rf_api_error *error)
{
	const char *name;
	json_t *policy;

	(void)context;
	(void)error;
	*out = json_array();
	if (kind == RF_KIND_SANDBOX && fake.sandboxes) {
		if (fake.climb)
			json_integer_set(json_object_get(fake.climb, "made"),
					 json_integer_value(json_object_get(fake.climb, "made")) + 100);
		json_decref(*out);
		*out = json_deep_copy(fake.sandboxes);
		return 0;
	}
	if (kind == RF_KIND_SANDBOX) {
		json_array_append_new(*out, fake_sandbox(9));
		json_array_append_new(*out, fake_sandbox(10));
		return 0;
	}
	json_object_foreach(fake.policies, name, policy) json_array_append(*out, policy);
	return 0;
}

static int fake_get(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error)
{
	(void)context;
	if (kind == RF_KIND_SANDBOX && (!strcmp(name, "9") || !strcmp(name, "10")))
		*out = fake_sandbox(atoi(name));
	else
		*out = kind == RF_KIND_POLICY ? json_incref(json_object_get(fake.policies, name)) : NULL;
	return *out ? 0 : rf_api_fail(error, 404, "NotFound", "there is no %s \"%s\"", rf_resources[kind].word, name);
}

static int fake_held(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error)
{
	json_t *object;

	if (fake_get(context, kind, name, &object, error))
		return -1;
	json_decref(object);
	if (kind == RF_KIND_POLICY) {
		*out = json_pack("{s:s, s:[], s:i, s:i, s:[]}", "kind", "HeldList", "items", "more", 0, "processes", 0,
				 "missed");
		return 0;
	}
	*out = json_pack("{s:s, s:[{s:s, s:i, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:s}, {s:s, s:i, s:s, s:s, s:s, "
			 "s:i, s:s}], s:i, s:i, s:[s]}",
			 "kind", "HeldList", "items", "process", "a\033[31m", "pid", 12, "what", "open", "access",
			 "read,write", "object", "/srv/secret\n", "count", 3, "policy", "one", "rule", "files[1]",
			 "file", "one.yaml", "line", 7, "reason", "it is secret", "process", "b", "pid", 13, "what",
			 "connected", "access", "connect", "object", "tcp:192.0.2.1:443", "count", 1, "policy", "two",
			 "more", 5, "processes", 2, "missed", "two\033[31m processes could not be read");
	return 0;
}

static int fake_history(void *context, const char *name, json_t **out, struct rf_api_error *error)
{
	json_t *policy;

	if (fake_get(context, RF_KIND_POLICY, name, &policy, error))
		return -1;
	*out = json_pack("[o]", policy);
	return 0;
}

/* "NAME text": a text that begins with "bad" is refused; one with "conflict" would break another policy. */
static int fake_apply(void *context, const struct rf_caller *caller, const char *text, size_t length,
		      const struct rf_apply_options *options, json_t **out, struct rf_api_error *error)
{
	char name[64] = "";
	const json_t *old;
	bool same;

	(void)context;
	fake_note(caller);
	fake.length = length;
	fake.probation = options->probation;
	assert_int_equal(text[length], '\0');
	usleep(fake.slow * 1000);
	if (!strncmp(text, "bad", 3)) {
		rf_api_detail(error, options->file, 3, 7, "error", "there is no field \"fiels\"\033[2J");
		return rf_api_fail(error, 400, "Invalid", "the text is no policy");
	}
	if (!strncmp(text, "conflict", 8))
		return rf_api_fail(error, 409, "Conflict", "two lines:\nand this is the second");
	sscanf(text, "%63[a-z0-9]", name);
	old = json_object_get(fake.policies, name);
	same = old && !strcmp(json_string_value(rf_json_path(old, "text")), text);
	if (!same && !options->dry_run)
		fake_put(name, text, "new");
	*out = json_pack("[{s:s, s:s, s:s, s:I, s:{s:[{s:s, s:s, s:s, s:s}]}, s:[]}]", "kind", "Policy", "name", name,
			 "action",
			 same && options->force ? "reapplied"
			 : same			? "unchanged"
			 : old			? "configured"
						: "created",
			 "revision", (json_int_t)fake.revision, "status", "conditions", "type", "Enforced", "status",
			 strstr(text, "unenforced") ? "False" : "True", "reason", "NoHook", "message",
			 "this kernel has no hook for it", "warnings");
	return 0;
}

static int fake_remove(void *context, const struct rf_caller *caller, const char *name, uint64_t expected,
		       struct rf_api_error *error)
{
	json_t *policy;
	uint64_t revision;

	fake_note(caller);
	if (fake_get(context, RF_KIND_POLICY, name, &policy, error))
		return -1;
	revision = (uint64_t)json_integer_value(rf_json_path(policy, "metadata.revision"));
	json_decref(policy);
	if (expected != RF_API_ANY && expected != revision)
		return rf_api_fail(error, 412, "Stale", "policy \"%s\" is of revision %llu", name,
				   (unsigned long long)revision);
	fake.revision++;
	fake_note_change(RF_API_DELETED, name);
	return json_object_del(fake.policies, name);
}

static int fake_confirm(void *context, const struct rf_caller *caller, const char *name, json_t **out,
			struct rf_api_error *error)
{
	json_t *policy;

	fake_note(caller);
	if (fake_get(context, RF_KIND_POLICY, name, &policy, error))
		return -1;
	json_decref(policy);
	if (!strcmp(name, "two"))
		return rf_api_fail(error, 404, "NotOnProbation", "policy \"two\" is not on probation");
	*out = json_pack("{s:s, s:s, s:s, s:I}", "kind", "Policy", "name", name, "action", "confirmed", "revision",
			 (json_int_t)fake.revision);
	return 0;
}

static int fake_rollback(void *context, const struct rf_caller *caller, const char *name, uint64_t revision,
			 json_t **out, struct rf_api_error *error)
{
	json_t *policy;

	fake_note(caller);
	if (fake_get(context, RF_KIND_POLICY, name, &policy, error))
		return -1;
	json_decref(policy);
	if (revision > fake.revision)
		return rf_api_fail(error, 404, "NotFound", "there is no revision %llu", (unsigned long long)revision);
	*out = json_pack("{s:s, s:s, s:s, s:I}", "kind", "Policy", "name", name, "action", "configured", "revision",
			 (json_int_t)++fake.revision);
	return 0;
}

static int fake_attach(void *context, const struct rf_caller *caller, const char *name, const char *cgroup, bool on,
		       json_t **out, struct rf_api_error *error)
{
	json_t *policy;

	fake_note(caller);
	(void)cgroup;
	if (fake_get(context, RF_KIND_POLICY, name, &policy, error))
		return -1;
	json_decref(policy);
	*out = json_pack("{s:s, s:s, s:s, s:I}", "kind", "Policy", "name", name, "action", on ? "attached" : "detached",
			 "revision", (json_int_t)fake.revision);
	return 0;
}

/* Two things happened, 5 and 6, a second between them, to policy "one" and "two"; more if so wanted, to "two" all.
 * What was before is not known any more. */
static int fake_next_event(void *context, uint64_t after, uint64_t *id, json_t **out)
{
	char time[64];

	(void)context;
	fake.looked++;
	if (after && after < 4) {
		*id = 4;
		return -ESTALE;
	}
	*id = after < 5 ? 5 : after + 1;
	if (fake.happened) {
		*out = json_deep_copy(json_array_get(fake.happened, *id - 5));
		json_object_set_new(*out, "id", json_integer((json_int_t)*id));
		return *out ? 1 : 0;
	}
	if (*id > 6 + fake.more)
		return 0;
	snprintf(time, sizeof(time), "2026-01-%02uT%02u:%02u:%02uZ", 2 + (unsigned)(*id + 11040) / 86400,
		 (unsigned)(*id + 11040) / 3600 % 24, (unsigned)(*id + 11040) / 60 % 60, (unsigned)*id % 60);
	*out = json_pack("{s:s, s:I, s:s, s:s}", "type", "applied", "id", (json_int_t)*id, "time", time, "policy",
			 *id == 5 ? "one" : "two");
	return 1;
}

static uint64_t fake_last_event(void *context)
{
	(void)context;
	return fake.happened ? 4 + json_array_size(fake.happened) : 6 + fake.more;
}

static const struct rf_service fake_service = {
	.context = &fake,
	.ready = fake_ready,
	.version = fake_version,
	.metrics = fake_metrics,
	.revision = fake_revision,
	.changes = fake_changes,
	.list = fake_list,
	.get = fake_get,
	.history = fake_history,
	.held = fake_held,
	.apply = fake_apply,
	.confirm = fake_confirm,
	.remove = fake_remove,
	.rollback = fake_rollback,
	.attach = fake_attach,
	.next_event = fake_next_event,
	.last_event = fake_last_event,
};

/* ---------------------------------------------------------------- the server */

static char folder[64], socket_path[96];
static int stop_pipe[2], listening;
static pthread_t thread;
static struct rf_api_limits limits;
static unsigned idle_seconds = 30, ping_seconds = 15;

static int on_stop(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	(void)context;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void *serve(void *context)
{
	struct rf_api_server *server;
	sd_event_source *source;
	sd_event *event;

	(void)context;
	assert_true(sd_event_new(&event) >= 0);
	assert_true(sd_event_add_io(event, &source, stop_pipe[0], EPOLLIN | EPOLLHUP, on_stop, NULL) >= 0);
	assert_int_equal(rf_api_server_open_with(event, listening, &fake_service, &limits, &server), 0);
	assert_int_equal(sd_event_loop(event), 0);
	rf_api_server_close(server);
	sd_event_source_unref(source);
	sd_event_unref(event);
	return NULL;
}

static inline int start_server(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(&fake, 0, sizeof(fake));
	fake.policies = json_object();
	fake_put("one", "one # as it was applied\n", "preset");
	fake_put("three", "three\n", "own");
	fake_put("two", "two\n", "preset");
	strcpy(folder, "/tmp/ringfence-api-XXXXXX");
	if (!mkdtemp(folder) || pipe(stop_pipe) < 0)
		return -1;
	snprintf(socket_path, sizeof(socket_path), "%s/run/api.sock", folder);
	listening = rf_api_listen(socket_path);
	if (listening < 0)
		return -1;
	limits = rf_api_limits;
	limits.idle = idle_seconds;
	limits.ping = ping_seconds;
	return pthread_create(&thread, NULL, serve, NULL);
}

static void end_thread(void)
{
	close(stop_pipe[1]);
	pthread_join(thread, NULL);
	close(stop_pipe[0]);
}

/* Ends the server, and begins another one at the same place. What it serves stays. */
static inline void restart_server(unsigned pause)
{
	end_thread();
	sleep(pause);
	assert_int_equal(pipe(stop_pipe), 0);
	listening = rf_api_listen(socket_path);
	assert_true(listening >= 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
}

static inline int stop_server(void **state)
{
	char path[128];

	(void)state;
	end_thread();
	json_decref(fake.policies);
	json_decref(fake.changes);
	json_decref(fake.happened);
	json_decref(fake.sandboxes);
	unlink(socket_path);
	snprintf(path, sizeof(path), "%s/run", folder);
	rmdir(path);
	return rmdir(folder);
}

/* Of an answer in raw bytes; 0: there is none. */
static inline int raw_status(const char *text)
{
	int status = 0;

	sscanf(text, "HTTP/1.%*d %d", &status);
	return status;
}

/* What this process takes. */
static inline long memory_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif
