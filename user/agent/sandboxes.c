// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sandboxes that began and ended, as records. The kernel gives and takes them in silence: those that live are looked
 * through, and who frees one leaves word in a queue, so that one that lived a moment is told of as well. What was told
 * is noted in the kernel once its record is written, for the service that comes after this one.
 */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "agent/agent.h"
#include "policy/memory.h"

/* Told in a record that is not written yet. */
struct agent_begun {
	uint64_t id;
	uint32_t box;
};

static bool is_begun(const struct agent *agent, uint64_t id)
{
	for (size_t i = 0; i < agent->begins; i++)
		if (agent->begun[i].id == id)
			return true;
	return false;
}

static json_t *record(const char *type, uint64_t id, const char *unit, const char *tail)
{
	return json_pack("{s:s, s:o, s:I, s:o, s:o}", "type", type, "time", agent_time(time(NULL)), "sandbox",
			 (json_int_t)id, "unit", rf_api_string(unit), "cgroup", rf_api_string(tail));
}

void agent_sandbox_began(struct agent *agent, struct rf_sandbox *box)
{
	struct agent_begun *grown;
	char tail[RF_CGROUP_TAIL];
	const char *unit;
	json_t *event;

	if (box->noted || is_begun(agent, box->id))
		return;
	grown = rf_grow(agent->begun, agent->begins, sizeof(*grown));
	if (!grown)
		return;
	agent->begun = grown;
	agent->begun[agent->begins++] =
		(struct agent_begun){.id = box->id, .box = rf_engine_box_index(agent->kernel, box)};
	unit = agent_unit(box, tail);
	event = record("began", box->id, unit, tail);
	if (event)
		json_object_set_new(event, "policies", agent_policies_of(agent, box));
	agent_event(agent, event);
}

static void look_at(void *context, struct rf_sandbox *box)
{
	agent_sandbox_began(context, box);
}

static void tell_ended(struct agent *agent, const struct rf_ended *ended)
{
	struct rf_sandbox box = {.id = ended->id};
	char tail[RF_CGROUP_TAIL];
	const char *unit;
	json_t *event;

	memcpy(box.tail, ended->tail, sizeof(box.tail));
	unit = agent_unit(&box, tail);
	/* It lived a moment. Which policies it had nobody knows any more. */
	if (!ended->noted && !is_begun(agent, ended->id))
		agent_event(agent, record("began", ended->id, unit, tail));
	event = record("ended", ended->id, unit, tail);
	if (event)
		json_object_set_new(event, "made", json_integer((json_int_t)ended->made));
	agent_event(agent, event);
	agent->ends++;
}

/* Those that found no room in the queue, or were in the hands of a service that died. */
static void tell_missing(struct agent *agent)
{
	const struct rf_engine *switches = rf_engine_switches(agent->kernel);
	uint32_t missing = switches->ended - switches->ended_told - agent->ends;

	if (!missing)
		return;
	agent_event(agent, json_pack("{s:s, s:o, s:o}", "type", "lost", "time", agent_time(time(NULL)), "message",
				     json_sprintf("the ends of %u sandbox%s: the service was away", missing,
						  missing == 1 ? "" : "es")));
	agent->ends += missing;
}

void agent_sandboxes_look(struct agent *agent)
{
	struct rf_ended ended;

	if (!agent->ring)
		return;
	rf_engine_boxes(agent->kernel, look_at, agent);
	while (rf_engine_next_ended(agent->kernel, &ended) == 1)
		tell_ended(agent, &ended);
	tell_missing(agent);
}

void agent_sandboxes_written(struct agent *agent)
{
	struct rf_engine *switches = agent->kernel ? rf_engine_switches(agent->kernel) : NULL;

	for (size_t i = 0; switches && i < agent->begins; i++) {
		struct rf_sandbox *box = rf_engine_box(agent->kernel, agent->begun[i].box, agent->begun[i].id);

		if (box)
			box->noted = 1;
	}
	if (switches)
		switches->ended_told += agent->ends;
	agent->ends = 0;
	agent->begins = 0;
	free(agent->begun);
	agent->begun = NULL;
}
