// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The account of denials: made = told + lost for each sandbox, through floods, and through the end of whoever read
 * them. What was told is noted with the sandbox in the kernel, so that the next reader knows what the one before has
 * told of.
 */
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "agent/agent.h"
#include "log/log.h"
#include "policy/memory.h"

/* What a record tells of counts when the record is written: who dies in between has told nobody of it. */
struct agent_told {
	uint64_t sandbox, count;
	uint32_t box;
};

void agent_count(struct agent *agent, uint64_t sandbox, uint32_t box, uint64_t denials)
{
	struct agent_told *grown = rf_grow(agent->told, agent->tolds, sizeof(*grown));

	if (!grown)
		return;
	agent->told = grown;
	agent->told[agent->tolds++] = (struct agent_told){sandbox, denials, box};
}

void agent_denials_written(struct agent *agent)
{
	for (size_t i = 0; i < agent->tolds; i++) {
		const struct agent_told *told = &agent->told[i];
		struct rf_sandbox *box = agent->kernel ? rf_engine_box(agent->kernel, told->box, told->sandbox) : NULL;

		if (box)
			box->counted += told->count;
	}
	/* From here on they are not counted again. What lies between the two is some instructions long. */
	if (agent->kernel)
		rf_engine_switches(agent->kernel)->logged = rf_log_last(agent_events_log(agent));
	agent->tolds = 0;
	free(agent->told);
	agent->told = NULL;
}

/* where: "ring", they came faster than they were read; "service", read and not written, or merged while nobody read. */
static void tell_lost(struct agent *agent, const struct rf_sandbox *sandbox, uint64_t denials, const char *where)
{
	char tail[RF_CGROUP_TAIL];
	const char *unit = agent_unit(sandbox, tail);

	agent_count(agent, sandbox->id, rf_engine_box_index(agent->kernel, sandbox), denials);
	agent_event(agent,
		    json_pack("{s:s, s:o, s:I, s:s, s:I, s:o, s:o}", "type", "lost", "time", agent_time(time(NULL)),
			      "count", (json_int_t)denials, "where", where, "sandbox", (json_int_t)sandbox->id, "unit",
			      rf_api_string(unit), "cgroup", rf_api_string(tail)));
	agent_log(LOG_ERR, "%llu denials in %s are not told one by one: %s", (unsigned long long)denials,
		  unit[0] ? unit : "a cgroup",
		  where[0] == 'r' ? "they came faster than they were read" : "the service was away");
}

static void look_lost(void *context, struct rf_sandbox *box)
{
	uint64_t lost = __atomic_load_n(&box->lost, __ATOMIC_RELAXED), missed = lost - box->missed;

	/* With a ring of its own: what is lost there may be told here. */
	if (!missed || box->ring)
		return;
	tell_lost(context, box, missed, "ring");
	box->missed = lost;
}

bool agent_has_ended(const struct agent *agent, const struct rf_sandbox *box)
{
	struct rf_tag tag;

	return bpf_map_lookup_elem(rf_engine_map(agent->kernel, RF_MAP_tags), &box->cgroup, &tag) != 0;
}

/* All that was made is told or lost, once nothing is on its way: what is missing then was in the hands of a reader that
 * died. */
static void settle(void *context, struct rf_sandbox *box)
{
	struct agent *agent = context;
	uint64_t made = __atomic_load_n(&box->made, __ATOMIC_RELAXED);

	look_lost(agent, box);
	if (box->counted < made && (box->seen == made || agent_has_ended(agent, box)))
		tell_lost(agent, box, made - box->counted, "service");
	/* What a reader read and did not live to note is room all the same. */
	if (box->seen == made)
		box->taken = box->queued;
	box->seen = made;
}

/* The box of a sandbox by its number. */
struct search {
	uint64_t sandbox;
	struct rf_sandbox *found;
};

static void look_for(void *context, struct rf_sandbox *box)
{
	struct search *search = context;

	if (box->id == search->sandbox)
		search->found = box;
}

/* What sandboxes with rings of their own made so far, others were told. */
static void begin(void *context, struct rf_sandbox *box)
{
	(void)context;
	if (box->ring)
		box->counted = box->seen = box->made;
}

void agent_accounts_open(struct agent *agent)
{
	struct rf_engine *switches = rf_engine_switches(agent->kernel);
	struct rf_log *log = agent_events_log(agent);
	uint64_t id = switches->logged;
	bool others = switches->service;
	const char *text;
	size_t length;

	if (!others)
		rf_engine_boxes(agent->kernel, begin, NULL);
	/* Records that the reader before wrote, and did not live to count. */
	while (others && rf_log_next(log, id, &id, &text, &length) == 1) {
		json_t *event = json_loadb(text, length, 0, NULL);
		struct search search = {.sandbox = (uint64_t)json_integer_value(json_object_get(event, "sandbox"))};

		if (search.sandbox)
			rf_engine_boxes(agent->kernel, look_for, &search);
		if (search.found)
			search.found->counted += (uint64_t)json_integer_value(json_object_get(event, "count"));
		json_decref(event);
	}
	switches->logged = rf_log_last(log);
	switches->service = 1;
}

void agent_look_lost(struct agent *agent)
{
	rf_engine_boxes(agent->kernel, look_lost, agent);
}

void agent_settle(struct agent *agent)
{
	rf_engine_boxes(agent->kernel, settle, agent);
}
