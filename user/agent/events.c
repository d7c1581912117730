// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What happened, for those who watch and those who look later: a log of records, each with a number that only grows, on
 * this boot and the next. Whoever comes back with the last one that it saw is told what it missed, or that it is
 * missing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#include <systemd/sd-id128.h>

#include "agent/agent.h"
#include "events/json.h"
#include "log/log.h"

#define FOLDER	RF_STORE "/denials"
#define SYNC_US UINT64_C(1000000)

/* The last ones, as they were made: who watches asks for these, and need not have them read from text again. */
#define RECENT 256

struct agent_events {
	json_t *recent[RECENT]; /* by id; NULL */
	struct rf_log *log;
	char boot[SD_ID128_STRING_MAX];
	sd_event_source *written, *synced;
	bool failing; /* the disk does not take it, and that was said */
};

static void on_damage(void *context, const char *file, const char *what)
{
	(void)context;
	agent_log(LOG_ERR, "%s/%s: %s", FOLDER, file, what);
}

/* ---------------------------------------------------------------- writing */

static void flush(struct agent_events *events, bool sync)
{
	int err = rf_log_flush(events->log, sync);

	if (err && !events->failing)
		agent_log(LOG_ERR, "%s: what happens is not written: %s", FOLDER, strerror(-err));
	if (!err && events->failing)
		agent_log(LOG_NOTICE, "%s: what happens is written again", FOLDER);
	events->failing = err;
}

void agent_events_write(struct agent *agent)
{
	flush(agent->events, false);
	agent_denials_written(agent);
	agent_sandboxes_written(agent);
}

/* After whatever the loop did: one write for all that it brought. */
static int on_turn(sd_event_source *source, void *context)
{
	(void)source;
	agent_events_write(context);
	return 0;
}

static int on_sync(sd_event_source *source, uint64_t now, void *context)
{
	struct agent *agent = context;

	(void)source, (void)now;
	flush(agent->events, true);
	return 0;
}

int agent_events_open(struct agent *agent)
{
	/* What one host makes of a flood in some minutes, and of ordinary days in months. */
	const struct rf_log_limits limits = {.bytes = agent->settings.log_bytes,
					     .seconds = agent->settings.log_seconds};
	struct agent_events *events = calloc(1, sizeof(*events));
	sd_id128_t boot;
	int err;

	if (!events)
		return -ENOMEM;
	agent->events = events;
	if (sd_id128_get_boot(&boot) >= 0)
		sd_id128_to_string(boot, events->boot);
	err = rf_log_open(FOLDER, &limits, on_damage, agent, &events->log);
	if (err)
		agent_log(LOG_ERR, "%s: %s", FOLDER, strerror(-err));
	err = err ? err : sd_event_add_post(agent->event, &events->written, on_turn, agent);
	if (err >= 0)
		err = sd_event_add_time_relative(agent->event, &events->synced, CLOCK_MONOTONIC, SYNC_US, 0, on_sync,
						 agent);
	return err < 0 ? err : 0;
}

struct rf_log *agent_events_log(const struct agent *agent)
{
	return agent->events->log;
}

void agent_events_close(struct agent *agent)
{
	if (!agent->events)
		return;
	if (agent->events->log)
		agent_events_write(agent);
	sd_event_source_disable_unref(agent->events->written);
	sd_event_source_disable_unref(agent->events->synced);
	rf_log_close(agent->events->log);
	for (size_t i = 0; i < RECENT; i++)
		json_decref(agent->events->recent[i]);
	free(agent->events);
	agent->events = NULL;
}

/* Keeps a record that has its number. Takes `event`, or NULL: who asks for it reads the text. */
static void keep(struct agent *agent, uint64_t id, const char *text, size_t length, json_t *event)
{
	struct agent_events *events = agent->events;
	int err = text ? rf_log_add(events->log, id, text, length) : -ENOMEM, enabled;

	/* Its number is passed over, which tells readers that something is missing there. */
	if (err)
		agent_log(LOG_ERR, "%s: something that happened can't be kept: %s", FOLDER, strerror(-err));
	json_decref(events->recent[id % RECENT]);
	events->recent[id % RECENT] = event;
	if (sd_event_source_get_enabled(events->synced, &enabled) == 0) {
		sd_event_source_set_time_relative(events->synced, SYNC_US);
		sd_event_source_set_enabled(events->synced, SD_EVENT_ONESHOT);
	}
	if (agent->server)
		rf_api_server_wake(agent->server);
	rf_web_wake(agent->web);
}

void agent_event(struct agent *agent, json_t *event)
{
	uint64_t id = rf_log_last(agent->events->log) + 1;
	char *text;

	if (!event)
		return;
	json_object_set_new(event, "id", json_integer((json_int_t)id));
	json_object_set_new(event, "boot", json_string(agent->events->boot));
	text = json_dumps(event, JSON_COMPACT);
	keep(agent, id, text, text ? strlen(text) : 0, event);
	free(text);
}

void agent_event_text(struct agent *agent, struct rf_line *event)
{
	struct rf_json json = {.line = event, .comma = true};
	uint64_t id = rf_log_last(agent->events->log) + 1;

	rf_json_number(&json, "id", id);
	rf_json_string(&json, "boot", agent->events->boot);
	rf_json_close(&json, '}');
	keep(agent, id, event->failed ? NULL : event->text, event->len, NULL);
}

void agent_event_policy(struct agent *agent, const char *type, const char *policy, const struct rf_caller *caller,
			uint64_t revision, const char *cgroup)
{
	json_t *event = json_pack("{s:s, s:o, s:s, s:I, s:I, s:o}", "type", type, "time", agent_time(time(NULL)),
				  "policy", policy, "revision", (json_int_t)revision, "uid", (json_int_t)caller->uid,
				  "program", rf_api_string(caller->program));

	if (event && cgroup)
		json_object_set_new(event, "cgroup", rf_api_string(cgroup));
	agent_event(agent, event);
}

void agent_event_service(struct agent *agent, const char *type)
{
	agent_event(agent,
		    json_pack("{s:s, s:o, s:s}", "type", type, "time", agent_time(time(NULL)), "version", RF_VERSION));
}

/* ---------------------------------------------------------------- reading */

/* A record, read from its text by the first of those who ask for it while it is new. */
static json_t *recent_of(struct agent_events *events, uint64_t id, const char *text, size_t length)
{
	json_t **recent = &events->recent[id % RECENT];

	if ((uint64_t)json_integer_value(json_object_get(*recent, "id")) == id)
		return json_incref(*recent);
	if (id + RECENT <= rf_log_last(events->log))
		return json_loadb(text, length, 0, NULL);
	json_decref(*recent);
	*recent = json_loadb(text, length, 0, NULL);
	return json_incref(*recent);
}

int agent_next_event(void *context, uint64_t after, uint64_t *id, json_t **out)
{
	struct agent *agent = context;
	struct rf_log *log = agent->events->log;
	uint64_t first = rf_log_first(log);
	const char *text;
	size_t length;
	int got;

	/* From the first that there is; of another log, whose numbers went further. */
	if (!after && first)
		after = first - 1;
	if (after > rf_log_last(log)) {
		*id = first ? first - 1 : 0;
		return -ESTALE;
	}
	got = rf_log_next(log, after, id, &text, &length);
	if (got != 1)
		return got;
	*out = recent_of(agent->events, *id, text, length);
	return *out ? 1 : -ENOMEM;
}

uint64_t agent_last_event(void *context)
{
	struct agent *agent = context;

	return rf_log_last(agent->events->log);
}
