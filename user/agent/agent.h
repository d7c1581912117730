/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The host service: one process, one thread, one event loop. Shared among the agent's own files. */
#ifndef RINGFENCE_AGENT_H
#define RINGFENCE_AGENT_H

#include <systemd/sd-event.h>

#include "api/server.h"
#include "engine/engine.h"
#include "events/metrics.h"
#include "store/store.h"
#include "web/web.h"

struct agent_events;
struct agent_notify;
struct agent_told;
struct agent_begun;
struct ring_buffer;
struct rf_sink;
struct rf_report;

/* A policy that was applied. */
struct agent_policy {
	char *name, *file;
	char *text; /* as applied; what stood before it in its file is empty lines, so that lines keep their numbers */
	size_t length;
	uint64_t revision, version; /* the store's */
	struct timespec applied_at;
	uid_t uid;
	char *program;
	struct rf_policies set; /* the one document */
	struct rf_compiled compiled;
	bool is_compiled; /* else `problem` says why not */
	char *problem;
	struct rf_forced forced; /* `placed`: the kernel has it */
	uint64_t denials;	 /* told since the agent runs */
};

/* A cgroup that a policy was put on by name, until it is taken off or the cgroup is removed. */
struct agent_attachment {
	char *policy, *cgroup; /* its path, absolute */
	uint64_t id;	       /* of the cgroup: another of the same path is another */
};

/* Policies by their names, in order. */
struct agent_set {
	struct agent_policy **policy;
	size_t count;
};

/* A policy that is not one of the service's (now), as a sandbox's maker left it. */
#define AGENT_KEPT 16
struct agent_kept {
	uint64_t generation;
	uint32_t slot;
	bool used, known; /* known: there was one */
	struct rf_kept kept;
};

/* What the administrator chose. */
struct agent_settings {
	uint64_t log_bytes, log_seconds; /* of denials: how much, how long; 0 seconds: as long as there is room */
	const char *web;		 /* where the page of the live view listens; NULL: nowhere */
};

struct agent {
	struct agent_settings settings;
	sd_event *event;
	struct rf_kernel *kernel; /* NULL: the engine can't be had, and `problem` says why */
	struct rf_store *store;
	struct rf_api_server *server;
	struct rf_web *web; /* NULL: it is off */
	struct rf_service service;
	struct agent_set set;
	struct agent_attachment *attachment;
	size_t attachments;
	char *problem;
	char *drift; /* what the kernel no longer has and could not be given back; NULL: it has all */
	struct rf_metrics metrics;
	json_t *probation; /* by name: probation.c */
	sd_event_source *probation_timer;
	/* Denials. */
	struct ring_buffer *ring;
	sd_event_source *ring_source, *repeats;
	size_t batch; /* events that may still be taken from the ring in this turn */
	bool since;   /* something was told since repeats were looked for */
	struct rf_sink *sink;
	uint64_t *key; /* merge keys of events told, for what is merged behind them */
	size_t keys, key_next;
	struct agent_told *told; /* in records that are not written yet */
	size_t tolds;
	struct agent_begun *begun; /* sandboxes, in records that are not written yet */
	size_t begins;
	uint32_t ends;	 /* the same of those that ended */
	uint64_t looked; /* for what was lost: when, µs of CLOCK_MONOTONIC */
	struct agent_kept kept[AGENT_KEPT];
	size_t kept_next;
	uint64_t asking; /* the sandbox of the event that is looked at */
	uint32_t asking_box;
	struct agent_events *events;
	struct agent_notify *notify; /* NULL: nobody is told */
};

/* ---- policy.c: one policy */

/* What a text was parsed to, with the name of the file that its places point to. Both owned. */
struct agent_parsed {
	char *file;
	struct rf_policies set;
};
/* A policy from the text of one document; findings go to `diags`. parsed: that text, which is not parsed again where it
 * has but one document (then it is taken, and emptied), or NULL. Errors of the text: -EINVAL. */
int agent_policy_make(const char *file, const char *text, size_t length, struct agent_parsed *parsed,
		      struct rf_diags *diags, struct agent_policy **out);
void agent_policy_free(struct agent_policy *policy);
/* Whether it holds for cgroups by itself. */
bool agent_policy_selects(const struct agent_policy *policy);

/* ---- set.c: all of them */

struct agent_policy *agent_find(const struct agent_set *set, const char *name);
/* The one that the kernel has in a slot, or NULL. */
struct agent_policy *agent_find_slot(const struct agent_set *set, uint32_t slot);
/* What is to be in force: `set` with these in the place of those of their names. The policies stay whose they are. */
int agent_set_with(const struct agent_set *set, struct agent_policy *const *policy, size_t count,
		   struct agent_set *out);
int agent_set_without(const struct agent_set *set, const char *name, struct agent_set *out);
/* Reads the store. What is wrong with a policy now is said, and it is not in force. */
int agent_set_load(struct agent *agent);
/* Brings the kernel to a set. -EINVAL and others with `error`: nothing has changed. */
int agent_force(struct agent *agent, struct agent_set *set, struct rf_error *error);

/* ---- attach.c */

/* Reads which cgroups policies were put on. */
int agent_attachments_load(struct agent *agent);
void agent_attachments_free(struct agent *agent);
/* Patterns of the cgroups that a policy is put on; 0 or -ENOMEM. Free with agent_patterns_free. */
int agent_patterns(const struct agent *agent, const char *policy, struct rf_text **pattern, size_t *count);
void agent_patterns_free(struct rf_text *pattern, size_t count);
/* Forgets those whose cgroup is gone. Returns how many. */
size_t agent_attachments_sweep(struct agent *agent);
int agent_attach(void *context, const struct rf_caller *caller, const char *name, const char *cgroup, bool on,
		 json_t **out, struct rf_api_error *error);

/* ---- apply.c, objects.c, changes.c: what stands behind the API */

int agent_apply(void *context, const struct rf_caller *caller, const char *text, size_t length,
		const struct rf_apply_options *options, json_t **out, struct rf_api_error *error);
int agent_remove(void *context, const struct rf_caller *caller, const char *name, uint64_t expected,
		 struct rf_api_error *error);
int agent_rollback(void *context, const struct rf_caller *caller, const char *name, uint64_t revision, json_t **out,
		   struct rf_api_error *error);
int agent_ready(void *context, struct rf_api_error *error);
int agent_version(void *context, json_t **out, struct rf_api_error *error);
uint64_t agent_revision(void *context);
int agent_list(void *context, enum rf_kind kind, json_t **out, struct rf_api_error *error);
int agent_get(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error);
int agent_history(void *context, const char *name, json_t **out, struct rf_api_error *error);
int agent_changes(void *context, uint64_t revision, rf_api_changed *changed, void *data);
/* Something changed that nobody asked for: who watches is told. */
void agent_changed(struct agent *agent);
/* held.c: what tasks hold that would be denied now. */
int agent_held(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error);
/* "2026-01-31T12:00:00Z". */
json_t *agent_time(time_t at);
/* The names of the policies in a sandbox's chain. */
json_t *agent_policies_of(const struct agent *agent, const struct rf_sandbox *sandbox);
/* A policy's status. */
json_t *agent_status(const struct agent *agent, const struct agent_policy *policy);

/* ---- probation.c */

/* As agent_apply; with options->probation it is put back unless it is confirmed. */
int agent_apply_on_probation(void *context, const struct rf_caller *caller, const char *text, size_t length,
			     const struct rf_apply_options *options, json_t **out, struct rf_api_error *error);
int agent_confirm(void *context, const struct rf_caller *caller, const char *name, json_t **out,
		  struct rf_api_error *error);
/* Takes up what is on probation since before the agent was started. */
void agent_probation_open(struct agent *agent);
void agent_probation_close(struct agent *agent);
/* When a policy will be put back, in seconds of the epoch; 0: it is not on probation. */
long long agent_probation_until(const struct agent *agent, const char *name);

/* ---- metrics.c */

/* As agent_apply_on_probation, timed. */
int agent_apply_timed(void *context, const struct rf_caller *caller, const char *text, size_t length,
		      const struct rf_apply_options *options, json_t **out, struct rf_api_error *error);
void agent_metrics_denied(struct agent *agent, const struct rf_report *report);
int agent_metrics(void *context, char **out, struct rf_api_error *error);

/* ---- denials.c */

/* Reads the service's ring from here on, into the journal. Does nothing where it is read already. */
int agent_denials_open(struct agent *agent);
void agent_denials_close(struct agent *agent);

/* The end of the path of a sandbox's cgroup, into `tail`, and the last name of it; "" where the sandbox is gone (NULL).
 */
const char *agent_unit(const struct rf_sandbox *box, char tail[RF_CGROUP_TAIL]);
/* Reads what there is, and tells of what is missing: to be called now and then, and before ended sandboxes are freed.
 */
void agent_denials_settle(struct agent *agent);

/* ---- accounts.c: made = told + lost */

/* A record was made that tells of so many denials. */
void agent_count(struct agent *agent, uint64_t sandbox, uint32_t box, uint64_t denials);
/* Before the ring is read, which may have had another reader until now: from here on all sandboxes tell there. */
void agent_accounts_open(struct agent *agent);
/* What was told is written: it counts as such from here on. */
void agent_denials_written(struct agent *agent);
/* Whether a sandbox's cgroup is gone. */
bool agent_has_ended(const struct agent *agent, const struct rf_sandbox *box);
/* Tells of what the kernel lost since it was last asked. */
void agent_look_lost(struct agent *agent);
/* The same, and of what is missing. To be called when all that there is was read and written. */
void agent_settle(struct agent *agent);

/* ---- sandboxes.c: those that began and ended, as records */

/* Tells of those that began, and of those that ended and were freed. Needs the engine's lock. */
void agent_sandboxes_look(struct agent *agent);
/* Tells that one began, if that was not told. */
void agent_sandbox_began(struct agent *agent, struct rf_sandbox *box);
/* What was told is written. */
void agent_sandboxes_written(struct agent *agent);

/* ---- events.c: what happened, for those who watch and those who look later */

int agent_events_open(struct agent *agent);
void agent_events_close(struct agent *agent);
struct rf_log *agent_events_log(const struct agent *agent);
/* Writes what happened, but not through to the disk. */
void agent_events_write(struct agent *agent);
/* Takes a JSON object, gives it the next id and keeps it. */
void agent_event(struct agent *agent, json_t *event);
/* The same of one that is text, without its closing bracket, to which more is added. */
struct rf_line;
void agent_event_text(struct agent *agent, struct rf_line *event);
/* "applied", "deleted", "confirmed"; "attached" and "detached" have a cgroup, else NULL. */
void agent_event_policy(struct agent *agent, const char *type, const char *policy, const struct rf_caller *caller,
			uint64_t revision, const char *cgroup);
/* "started" or "stopped". */
void agent_event_service(struct agent *agent, const char *type);
int agent_next_event(void *context, uint64_t after, uint64_t *id, json_t **out);
uint64_t agent_last_event(void *context);

/* ---- notify.c: who is told */

/* Reads who is. That some can't be told is said, and is no reason not to serve. */
void agent_notify_open(struct agent *agent);
void agent_notify_close(struct agent *agent);
/* Reads it again where it has changed. */
void agent_notify_tend(struct agent *agent);
/* Whether anyone is told of anything. */
bool agent_notifies(const struct agent *agent);
/* A denial, as it is kept in the log: lent. */
void agent_notify(struct agent *agent, const json_t *record);
/* Warns of names in a policy's spec.notify that nobody has. */
void agent_notify_warn(const struct agent *agent, const struct rf_policy *policy, struct rf_diags *diags);

/* ---- engine.c */

/* Takes the engine, loading it where it is not there, and brings it to what was applied. */
int agent_engine_open(struct agent *agent);
/* Takes the engine's lock; where it was taken out meanwhile, loads it again. Unlock it afterwards. */
int agent_engine_lock(struct agent *agent, struct rf_error *error);
/* What is to be done now and then: spare sandboxes, those that ended, an engine that could not be had. */
void agent_engine_tend(struct agent *agent);

/* A line for the journal, at one of syslog's priorities. */
void agent_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
