// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What happened, for those who watch: the last ones are kept, each with a number that grows. Numbers begin with the
 * microseconds since boot at which the agent started, so that a later agent's are higher: whoever comes back with the
 * last one that it saw is told what it missed, or that something is not known any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"

#define EVENTS 1024u /* that are kept; a power of 2 */

struct agent_events {
	uint64_t first, next; /* numbers: the oldest that is kept, and that of the next */
	json_t *event[EVENTS];
};

static struct agent_events *events_of(struct agent *agent)
{
	struct timespec now;

	if (!agent->events) {
		agent->events = calloc(1, sizeof(*agent->events));
		clock_gettime(CLOCK_BOOTTIME, &now);
		if (agent->events)
			agent->events->first = agent->events->next =
				(uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	}
	return agent->events;
}

void agent_event(struct agent *agent, json_t *event)
{
	struct agent_events *events = events_of(agent);
	json_t **place;

	if (!events || !event) {
		json_decref(event);
		return;
	}
	if (events->next - events->first == EVENTS)
		events->first++;
	place = &events->event[events->next & (EVENTS - 1)];
	json_decref(*place);
	json_object_set_new(event, "id", json_integer((json_int_t)events->next++));
	*place = event;
	if (agent->server)
		rf_api_server_wake(agent->server);
}

void agent_event_policy(struct agent *agent, const char *type, const char *policy, const struct rf_caller *caller,
			uint64_t revision)
{
	agent_event(agent, json_pack("{s:s, s:o, s:s, s:I, s:I, s:o}", "type", type, "time", agent_time(time(NULL)),
				     "policy", policy, "revision", (json_int_t)revision, "uid", (json_int_t)caller->uid,
				     "program", rf_api_string(caller->program)));
}

int agent_next_event(void *context, uint64_t after, uint64_t *id, json_t **out)
{
	struct agent_events *events = events_of(context);

	if (!events)
		return -ENOMEM;
	if (!after)
		after = events->first - 1;
	if (after + 1 < events->first) {
		*id = events->first - 1;
		return -ESTALE;
	}
	if (after + 1 >= events->next)
		return 0;
	*id = after + 1;
	*out = json_incref(events->event[*id & (EVENTS - 1)]);
	return 1;
}

uint64_t agent_last_event(void *context)
{
	struct agent_events *events = events_of(context);

	return events ? events->next - 1 : 0;
}

void agent_events_free(struct agent *agent)
{
	for (size_t i = 0; agent->events && i < EVENTS; i++)
		json_decref(agent->events->event[i]);
	free(agent->events);
}
