// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine as the service has it: taken or loaded at the start, never taken out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "agent/agent.h"

static int set_problem(struct agent *agent, const char *text)
{
	if (!agent->problem || strcmp(agent->problem, text) != 0)
		agent_log(LOG_CRIT, "nothing new can be enforced: %s", text);
	free(agent->problem);
	agent->problem = strdup(text);
	return -ENODEV;
}

int agent_engine_lock(struct agent *agent, struct rf_error *error)
{
	int err = agent->kernel ? rf_engine_lock(agent->kernel, error) : 0;

	if (err || (agent->kernel && rf_engine_is_current(agent->kernel)))
		return err;
	if (agent->kernel)
		agent_log(LOG_CRIT, "the engine was taken out of the kernel: it is loaded again");
	agent_denials_close(agent);
	rf_engine_close(agent->kernel);
	agent->kernel = NULL;
	for (size_t i = 0; i < agent->set.count; i++)
		agent->set.policy[i]->forced.placed = false;
	return rf_engine_open(&agent->kernel, true, error);
}

int agent_engine_open(struct agent *agent)
{
	struct rf_error error = {.text = ""};
	int err = agent_engine_lock(agent, &error);

	if (err) {
		agent->kernel = NULL;
		return set_problem(agent, error.text);
	}
	rf_engine_unlock(agent->kernel);
	err = agent_force(agent, &agent->set, &error);
	if (err)
		return set_problem(agent, error.text);
	free(agent->problem);
	agent->problem = NULL;
	return 0;
}

/* What the kernel no longer has is put back. */
static void mend(struct agent *agent, const char *why)
{
	bool told = agent->drift && !strncmp(agent->drift, why, strlen(why));
	struct rf_error error = {.text = ""};
	int err = rf_engine_lock(agent->kernel, &error);

	if (!told)
		agent_log(LOG_CRIT, "what was applied was not all in force: %s", why);
	if (!err) {
		err = rf_engine_reattach();
		rf_engine_unlock(agent->kernel);
		if (err)
			rf_error_set(&error, err, "it can't be attached again: %s", strerror(-err));
	}
	for (size_t i = 0; i < agent->set.count; i++)
		agent->set.policy[i]->forced.placed = false;
	err = err ? err : agent_force(agent, &agent->set, &error);
	free(agent->drift);
	agent->drift = NULL;
	if (err && asprintf(&agent->drift, "%s; %s", why, error.text) < 0)
		agent->drift = NULL;
	if (err && told)
		return;
	agent_log(err ? LOG_CRIT : LOG_NOTICE, err ? "it could not be put back: %s" : "it was put back%s", error.text);
	agent_event(agent, json_pack("{s:s, s:o, s:s, s:b}", "type", "drifted", "time", agent_time(time(NULL)),
				     "message", why, "mended", !err));
	agent_changed(agent);
}

/* Whether there is something to mend, and what. Needs the engine's lock. */
static bool has_drifted(struct agent *agent, char why[RF_DRIFT_TEXT])
{
	const struct rf_bound **bound = calloc(agent->set.count + 1, sizeof(*bound));
	size_t count = 0;
	int got;

	for (size_t i = 0; bound && i < agent->set.count; i++)
		if (agent->set.policy[i]->forced.placed)
			bound[count++] = &agent->set.policy[i]->forced.bound;
	got = bound ? rf_engine_drifted(agent->kernel, bound, count, why) : 0;
	free(bound);
	return got > 0;
}

void agent_engine_tend(struct agent *agent)
{
	struct rf_error error = {.text = ""};
	char why[RF_DRIFT_TEXT] = "";
	bool drifted;

	if (!agent->kernel || agent->problem) {
		if (agent->kernel && !agent_force(agent, &agent->set, &error)) {
			free(agent->problem);
			agent->problem = NULL;
		} else if (!agent->kernel) {
			agent_engine_open(agent);
		}
		return;
	}
	if (!rf_engine_is_current(agent->kernel)) {
		agent_engine_open(agent);
		return;
	}
	if (rf_engine_lock(agent->kernel, &error)) {
		set_problem(agent, error.text);
		return;
	}
	agent_denials_settle(agent);
	rf_engine_sweep(agent->kernel, NULL);
	agent_sandboxes_look(agent);
	rf_engine_refill(agent->kernel);
	drifted = has_drifted(agent, why);
	rf_engine_unlock(agent->kernel);
	if (drifted)
		mend(agent, why);
	if (agent_attachments_sweep(agent) && agent_force(agent, &agent->set, &error))
		set_problem(agent, error.text);
}
