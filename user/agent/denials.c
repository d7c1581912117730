// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Denials of what is in force by name: from the service's ring to the journal. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "agent/agent.h"
#include "events/events.h"
#include "events/json.h"
#include "events/print.h"
#include "policy/memory.h"

#define REPEATS_US  UINT64_C(1000000)
#define RING_EVENTS (RF_RING_BYTES / sizeof(struct rf_event)) /* all that a ring can hold */
#define BATCH	    256					      /* events between two looks at who else is to be served */
#define KEYS	    4096 /* merge keys that are looked at for repeats; a power of 2 */

/* ------------------------------------------------------------------ who it was */

static struct agent_policy *policy_in(const struct agent *agent, uint32_t slot, uint64_t generation)
{
	struct agent_policy *policy = agent_find_slot(&agent->set, slot);

	return policy && (!generation || generation == policy->forced.bound.generation) ? policy : NULL;
}

static int read_kept(struct agent *agent, uint32_t slot, struct rf_kept *out)
{
	struct rf_sandbox box = {.chain = 0};
	struct rf_chain chain = {.links = 0};
	int err = rf_kept_find(agent->kernel, agent->asking, slot, out);

	/* The policy may be one of a sandbox around. */
	if (!err || rf_engine_sandbox(agent->kernel, agent->asking_box, &box) ||
	    rf_engine_chain(agent->kernel, box.chain, &chain))
		return err;
	for (uint32_t i = 0; err && i < chain.links && i < RF_CHAIN_MAX; i++)
		if (chain.link[i].policy == slot && !rf_engine_sandbox(agent->kernel, chain.link[i].sandbox, &box))
			err = rf_kept_find(agent->kernel, box.id, slot, out);
	return err;
}

static void forget_kept(struct agent_kept *kept)
{
	if (kept->known)
		rf_kept_free(&kept->kept);
	*kept = (struct agent_kept){.known = false};
}

/* A policy that was in force before, or is a command's, or one's around whom the unit is: from what was left when it
 * was put into the kernel. What was read last is kept, also that nothing was there. */
static int find_kept(struct agent *agent, uint32_t slot, uint64_t generation, struct rf_slot *out)
{
	struct agent_kept *kept = NULL;

	for (size_t i = 0; i < AGENT_KEPT && !kept; i++)
		if (agent->kept[i].generation == generation && agent->kept[i].slot == slot && agent->kept[i].used)
			kept = &agent->kept[i];
	if (!kept) {
		kept = &agent->kept[agent->kept_next++ % AGENT_KEPT];
		forget_kept(kept);
		kept->known = read_kept(agent, slot, &kept->kept) == 0;
		kept->used = true;
		kept->slot = slot;
		kept->generation = generation;
	}
	if (!kept->known || (generation && kept->kept.generation != generation))
		return -ENOENT;
	out->policy = &kept->kept.policies.policy[kept->kept.document];
	out->name = out->policy->name;
	return 0;
}

static int find_slot(void *context, uint32_t slot, uint64_t generation, struct rf_slot *out)
{
	const struct agent_policy *policy = policy_in(context, slot, generation);

	if (!policy)
		return find_kept(context, slot, generation, out);
	out->name = policy->name;
	out->policy = policy->forced.bound.policy;
	return 0;
}

const char *agent_unit(const struct rf_sandbox *box, char tail[RF_CGROUP_TAIL])
{
	const char *unit;

	memcpy(tail, box ? box->tail : "", box ? RF_CGROUP_TAIL : 1);
	tail[RF_CGROUP_TAIL - 1] = '\0';
	unit = strrchr(tail, '/');
	return unit ? unit + 1 : tail;
}

/* -------------------------------------------------------------------- one line */

/* The line that `run` prints, without the program's name. The caller's; NULL without memory. */
static char *line_of(const struct rf_report *report)
{
	static const char program[] = "ringfence: ";
	struct rf_line line = {.text = NULL};
	const char *text;
	char *own = NULL;

	rf_print_line(&line, report, false);
	rf_line_bytes(&line, "", 1);
	if (!line.failed) {
		text = line.text + (strncmp(line.text, program, sizeof(program) - 1) == 0 ? sizeof(program) - 1 : 0);
		own = strndup(text, strcspn(text, "\n"));
	}
	rf_line_free(&line);
	return own;
}

/* The denial as `run --events` has it, and where it was. Written as text, since a flood is made of these. */
static void event_of(struct agent *agent, struct rf_line *event, const char *line, const char *tail, const char *unit,
		     bool quiet)
{
	struct rf_json json = {.line = event, .comma = true};

	rf_json_string(&json, "unit", unit);
	rf_json_string(&json, "cgroup", tail);
	rf_json_string(&json, "line", line);
	/* It is there for who asks; nobody is called for it. */
	if (!quiet && agent_notifies(agent)) {
		json_t *record;

		rf_line_bytes(event, "}", 1);
		record = event->failed ? NULL : json_loadb(event->text, event->len, 0, NULL);
		agent_notify(agent, record);
		json_decref(record);
		event->len -= !event->failed;
	}
	agent_event_text(agent, event);
}

/* MESSAGE is the line and the unit. */
static void tell(void *context, const struct rf_report *report)
{
	struct agent *agent = context;
	const struct rf_event *event = &report->denial->head;
	struct agent_policy *policy = report->policy ? agent_find(&agent->set, report->policy) : NULL;
	RF_AUTO_FREE char *line = line_of(report);
	struct rf_line json = {.text = NULL};
	char tail[RF_CGROUP_TAIL];
	struct rf_sandbox *box = rf_engine_box(agent->kernel, event->box, event->sandbox);
	const char *unit = agent_unit(box, tail);
	int plain;

	if (policy)
		policy->denials += report->count;
	agent_metrics_denied(agent, report);
	if (box)
		agent_sandbox_began(agent, box);
	agent_count(agent, event->sandbox, event->box, report->count);
	rf_print_json(&json, report);
	if (!line || json.failed) {
		rf_line_free(&json);
		return;
	}
	json.len -= 2; /* it goes on */
	plain = (int)json.len;
	event_of(agent, &json, line, tail, unit, rf_ruling_is_quiet(&report->ruling));
	/* A ring of its own has a reader there, who has told it. */
	if (json.failed || (box && box->ring)) {
		rf_line_free(&json);
		return;
	}
	sd_journal_send("MESSAGE=%s  in %s", line, unit[0] ? unit : "a cgroup that is gone", "PRIORITY=%d", LOG_WARNING,
			"RINGFENCE_TYPE=denial", "RINGFENCE_POLICY=%s", report->policy ? report->policy : "",
			"RINGFENCE_CGROUP=%s", tail, "OBJECT_SYSTEMD_UNIT=%s", unit, "RINGFENCE_SANDBOX=%llu",
			(unsigned long long)event->sandbox, "RINGFENCE_COUNT=%llu", (unsigned long long)report->count,
			"RINGFENCE_RULE=%s",
			report->ruling.kind == RF_RULING_RULE && report->ruling.rule
				? rf_rule_name(report->ruling.rule, (char[RF_RULE_NAME]){0}, RF_RULE_NAME)
				: "",
			"RINGFENCE_REASON=%s", rf_reason_word(event->reason), "RINGFENCE_EVENT=%.*s}", plain, json.text,
			"OBJECT_PID=%u", event->tgid, "SYSLOG_IDENTIFIER=ringfenced", NULL);
	rf_line_free(&json);
}

/* --------------------------------------------------------------------- the ring */

/* While denials come, losses are looked for this often, so that they stand near the place where they were. */
#define LOSSES_US UINT64_C(100000)

static int take(void *context, void *data, size_t len)
{
	struct agent *agent = context;
	struct rf_sandbox *box;
	struct rf_event head;

	if (len >= sizeof(head)) {
		memcpy(&head, data, sizeof(head));
		agent->asking = head.sandbox;
		agent->asking_box = head.box;
		if (head.merge && agent->key[agent->keys & (KEYS - 1)] != head.merge)
			agent->key[agent->keys++ & (KEYS - 1)] = head.merge;
		box = rf_engine_box(agent->kernel, head.box, head.sandbox);
		if (box)
			box->taken += len;
	}
	rf_sink_event(agent->sink, data, len);
	return --agent->batch ? 0 : -EAGAIN;
}

/* Takes so many events from the ring, and leaves the rest: while a flood lasts, there is always one more. */
static void take_some(struct agent *agent, size_t events)
{
	agent->batch = events;
	ring_buffer__consume(agent->ring);
}

/* In a second from now, if it is not on its way. */
static void arm(struct agent *agent)
{
	int enabled;

	if (sd_event_source_get_enabled(agent->repeats, &enabled) > 0)
		return;
	sd_event_source_set_time_relative(agent->repeats, REPEATS_US);
	sd_event_source_set_enabled(agent->repeats, SD_EVENT_ONESHOT);
}

static int on_ring(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct agent *agent = context;
	uint64_t now = 0;

	(void)source, (void)fd, (void)events;
	/* A flood must not keep the loop, which has others to serve: what is left makes the ring readable again. */
	take_some(agent, BATCH);
	sd_event_now(agent->event, CLOCK_MONOTONIC, &now);
	if (now >= agent->looked + LOSSES_US) {
		agent->looked = now;
		agent_look_lost(agent);
	}
	agent->since = true;
	arm(agent);
	return 0;
}

static int next_merge(void *context, uint64_t *key, struct rf_merge *merge)
{
	struct agent *agent = context;
	int map = rf_engine_map(agent->kernel, RF_MAP_merges);

	while (map >= 0 && agent->key_next < KEYS) {
		*key = agent->key[agent->key_next++];
		if (*key && bpf_map_lookup_elem(map, key, merge) == 0)
			return 1;
	}
	return map < 0 ? map : 0;
}

void agent_denials_settle(struct agent *agent)
{
	if (!agent->ring)
		return;
	take_some(agent, RING_EVENTS);
	agent->key_next = 0;
	rf_sink_flush(agent->sink, next_merge, agent);
	agent_events_write(agent);
	agent_settle(agent);
}

static int on_repeats(sd_event_source *source, uint64_t now, void *context)
{
	struct agent *agent = context;

	(void)source, (void)now;
	agent_denials_settle(agent);
	/* A denial is merged with one that was told less than a second ago: so once more after the last event. */
	if (agent->since)
		arm(agent);
	agent->since = false;
	return 0;
}

int agent_denials_open(struct agent *agent)
{
	const struct rf_sink_options options = {
		.fd = -1, .json = -1, .find = find_slot, .report = tell, .joined = true, .context = agent};
	int ring, err;

	if (agent->ring)
		return 0;
	ring = rf_engine_ring(agent->kernel);
	if (ring < 0)
		return ring;
	agent_accounts_open(agent);
	agent->key = agent->key ? agent->key : calloc(KEYS, sizeof(*agent->key));
	agent->sink = rf_sink_open(&options);
	agent->ring = ring_buffer__new(ring, take, agent, NULL);
	close(ring);
	if (!agent->key || !agent->sink || !agent->ring) {
		agent_denials_close(agent);
		return -ENOMEM;
	}
	err = sd_event_add_time_relative(agent->event, &agent->repeats, CLOCK_MONOTONIC, REPEATS_US, 0, on_repeats,
					 agent);
	if (err >= 0)
		err = sd_event_add_io(agent->event, &agent->ring_source, ring_buffer__epoll_fd(agent->ring), EPOLLIN,
				      on_ring, agent);
	if (err < 0)
		agent_denials_close(agent);
	return err < 0 ? err : 0;
}

void agent_denials_close(struct agent *agent)
{
	agent->ring_source = sd_event_source_unref(agent->ring_source);
	agent->repeats = sd_event_source_unref(agent->repeats);
	if (agent->ring && agent->kernel)
		rf_engine_switches(agent->kernel)->service = 0;
	ring_buffer__free(agent->ring);
	rf_sink_close(agent->sink);
	for (size_t i = 0; i < AGENT_KEPT; i++)
		forget_kept(&agent->kept[i]);
	agent->ring = NULL;
	agent->sink = NULL;
}
