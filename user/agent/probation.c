// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies that are put back unless somebody confirms them in time: a select that locks the administrator out ends by
 * itself. It outlives the agent. A note says so on disk before anything is applied (of all that changes behind a
 * revision), and again, by name, when it was. A policy that is changed or deleted meanwhile is no longer on probation.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "agent/agent.h"

#define NOTE	"probation"
#define PENDING "" /* no policy is called so */
#define AGAIN	5  /* seconds until a policy that could not be put back is tried again */

static long long now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec;
}

static long long member(const json_t *entry, const char *name)
{
	return json_integer_value(json_object_get(entry, name));
}

/* before: the revision to go back to; 0: it was not there. For PENDING: the store's. */
static json_t *entry_of(uint64_t before, uint64_t revision, unsigned seconds)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "before", (json_int_t)before, "revision", (json_int_t)revision,
			 "until", (json_int_t)(now(CLOCK_REALTIME) + seconds), "seconds", (json_int_t)seconds, "due",
			 (json_int_t)(now(CLOCK_BOOTTIME) + seconds));
}

static int save(const struct agent *agent)
{
	char *text = json_dumps(agent->probation, JSON_COMPACT);
	int err = text ? rf_store_note_put(agent->store, NOTE, text, strlen(text)) : -ENOMEM;

	free(text);
	if (err)
		agent_log(LOG_ERR, "%s: what is on probation could not be noted: %s", RF_STORE, strerror(-err));
	return err;
}

/* The entry of a policy that is as it was when it came on probation, or NULL. */
static json_t *find(const struct agent *agent, const char *name)
{
	json_t *entry = *name ? json_object_get(agent->probation, name) : NULL;
	const struct agent_policy *policy = agent_find(&agent->set, name);

	return entry && policy && policy->revision == (uint64_t)member(entry, "revision") ? entry : NULL;
}

static void forget_changed(struct agent *agent)
{
	const char *name;
	json_t *entry;
	void *next;

	json_object_foreach_safe(agent->probation, next, name, entry)
	{
		if (!find(agent, name))
			json_object_del(agent->probation, name);
	}
}

long long agent_probation_until(const struct agent *agent, const char *name)
{
	const json_t *entry = find(agent, name);

	return entry ? member(entry, "until") : 0;
}

/* ---------------------------------------------------------------- putting back */

static int put_back(struct agent *agent, const char *name, const json_t *entry, struct rf_api_error *error)
{
	const struct rf_caller self = {.program = "ringfenced, which nobody told to keep it"};
	long long before = member(entry, "before");
	json_t *out = NULL;
	int err = before ? agent_rollback(agent, &self, name, (uint64_t)before, &out, error)
			 : agent_remove(agent, &self, name, RF_API_ANY, error);

	json_decref(out);
	return err;
}

static void end_one(struct agent *agent, const char *name, json_t *entry)
{
	struct rf_api_error error = {.status = 0};
	int err = put_back(agent, name, entry, &error);

	if (!err) {
		agent_log(LOG_WARNING, "policy %s was not confirmed in time: it is %s again", name,
			  member(entry, "before") ? "what it was before" : "not there");
		json_object_del(agent->probation, name);
	} else if (error.status == 404) {
		/* More was applied since than is remembered: what is there is better than nothing. */
		agent_log(LOG_CRIT, "policy %s was not confirmed in time, but it stays: %s", name,
			  error.message ? error.message : "?");
		json_object_del(agent->probation, name);
	} else {
		agent_log(LOG_CRIT, "policy %s was not confirmed in time and can't be put back yet: %s", name,
			  error.message ? error.message : "?");
		json_object_set_new(entry, "due", json_integer(now(CLOCK_BOOTTIME) + AGAIN));
	}
	rf_api_error_free(&error);
}

static void arm(struct agent *agent);

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct agent *agent = context;
	const char *name;
	json_t *entry;
	void *next;

	(void)source, (void)usec;
	forget_changed(agent);
	json_object_foreach_safe(agent->probation, next, name, entry)
	{
		if (member(entry, "due") <= now(CLOCK_BOOTTIME))
			end_one(agent, name, entry);
	}
	save(agent);
	arm(agent);
	agent_changed(agent);
	return 0;
}

/* For the first that is due. */
static void arm(struct agent *agent)
{
	long long first = -1, left;
	const char *name;
	json_t *entry;
	int err;

	json_object_foreach(agent->probation, name, entry)
	{
		if (first < 0 || member(entry, "due") < first)
			first = member(entry, "due");
	}
	agent->probation_timer = sd_event_source_disable_unref(agent->probation_timer);
	if (first < 0)
		return;
	left = first - now(CLOCK_BOOTTIME);
	err = sd_event_add_time_relative(agent->event, &agent->probation_timer, CLOCK_BOOTTIME,
					 (uint64_t)(left > 0 ? left : 0) * 1000000, 1000, on_time, agent);
	if (err < 0)
		agent_log(LOG_CRIT, "policies on probation will stay: %s", strerror(-err));
}

/* ---------------------------------------------------------------- requests */

/* Which revisions there are now, by name. */
static json_t *revisions(const struct agent *agent)
{
	json_t *all = json_object();

	for (size_t i = 0; i < agent->set.count; i++)
		json_object_set_new(all, agent->set.policy[i]->name,
				    json_integer((json_int_t)agent->set.policy[i]->revision));
	return all;
}

static void note_applied(struct agent *agent, const json_t *items, const json_t *before, unsigned seconds)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *action = json_string_value(json_object_get(item, "action"));
		const json_t *old = name ? json_object_get(agent->probation, name) : NULL;

		if (!name || !action || !strcmp(action, "unchanged"))
			continue;
		/* One that was on probation already goes back to what was before that. */
		json_object_set_new(agent->probation, name,
				    entry_of((uint64_t)(old ? member(old, "before") : member(before, name)),
					     (uint64_t)member(item, "revision"), seconds));
	}
}

int agent_apply_on_probation(void *context, const struct rf_caller *caller, const char *text, size_t length,
			     const struct rf_apply_options *options, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	json_t *before;
	int err;

	if (!options->probation || options->dry_run)
		return agent_apply(agent, caller, text, length, options, out, error);
	forget_changed(agent);
	before = revisions(agent);
	json_object_set_new(agent->probation, PENDING,
			    entry_of(rf_store_revision(agent->store), 0, options->probation));
	err = save(agent);
	if (err)
		err = rf_api_fail(error, 500, "Storage", "%s: the probation could not be noted: %s", RF_STORE,
				  strerror(-err));
	else
		err = agent_apply(agent, caller, text, length, options, out, error);
	json_object_del(agent->probation, PENDING);
	if (!err)
		note_applied(agent, *out, before, options->probation);
	/* Where that fails, the note of before says the same. */
	save(agent);
	arm(agent);
	json_decref(before);
	return err;
}

int agent_confirm(void *context, const struct rf_caller *caller, const char *name, json_t **out,
		  struct rf_api_error *error)
{
	struct agent *agent = context;
	const json_t *entry = find(agent, name);
	json_int_t revision = entry ? member(entry, "revision") : 0;
	json_t *kept;
	int err;

	if (!agent_find(&agent->set, name))
		return rf_api_fail(error, 404, "NotFound",
				   "there is no policy %s; one that was not confirmed in time is put back", name);
	if (!entry)
		return rf_api_fail(error, 404, "NotOnProbation",
				   "policy %s is not on probation: it was confirmed, put back or changed since", name);
	kept = json_deep_copy(entry);
	json_object_del(agent->probation, name);
	err = save(agent);
	if (err) {
		json_object_set_new(agent->probation, name, kept);
		return rf_api_fail(error, 500, "Storage", "%s: %s", RF_STORE, strerror(-err));
	}
	json_decref(kept);
	arm(agent);
	agent_log(LOG_NOTICE, "policy %s: confirmed by uid %u with %s", name, (unsigned)caller->uid, caller->program);
	agent_event_policy(agent, "confirmed", name, caller, (uint64_t)revision, NULL);
	*out = json_pack("{s:s, s:s, s:s, s:I}", "kind", "Policy", "name", name, "action", "confirmed", "revision",
			 revision);
	return 0;
}

/* ---------------------------------------------------------------- starting */

struct before {
	uint64_t base, found;
};

static int look_before(void *context, const struct rf_record *record)
{
	struct before *before = context;

	if (record->revision > before->base)
		return 0;
	before->found = record->deleted ? 0 : record->revision;
	return 1;
}

/* An apply that was cut off: whatever it has changed is on probation. */
static void take_pending(struct agent *agent, const json_t *pending)
{
	uint64_t base = (uint64_t)member(pending, "before");

	for (size_t i = 0; i < agent->set.count; i++) {
		const struct agent_policy *policy = agent->set.policy[i];
		struct before before = {.base = base};

		if (policy->revision <= base || json_object_get(agent->probation, policy->name))
			continue;
		rf_store_history(agent->store, policy->name, look_before, &before);
		json_object_set_new(agent->probation, policy->name,
				    entry_of(before.found, policy->revision, (unsigned)member(pending, "seconds")));
	}
}

/* The host's clock may have been set, a boot may lie between: nobody waits longer than he said. */
static void set_due(json_t *entry)
{
	long long left = member(entry, "until") - now(CLOCK_REALTIME), seconds = member(entry, "seconds");

	left = left < 0 ? 0 : left > seconds ? seconds : left;
	json_object_set_new(entry, "due", json_integer(now(CLOCK_BOOTTIME) + left));
}

void agent_probation_open(struct agent *agent)
{
	char *text = NULL;
	size_t length = 0;
	const char *name;
	json_t *entry, *pending;
	int err = rf_store_note_get(agent->store, NOTE, &text, &length);

	agent->probation = err ? NULL : json_loadb(text, length, 0, NULL);
	free(text);
	if (err != -ENOENT && !json_is_object(agent->probation))
		agent_log(LOG_CRIT, "%s/%s can't be read: what was on probation stays in force", RF_STORE, NOTE);
	if (!json_is_object(agent->probation)) {
		json_decref(agent->probation);
		agent->probation = json_object();
		return;
	}
	pending = json_incref(json_object_get(agent->probation, PENDING));
	json_object_del(agent->probation, PENDING);
	json_object_foreach(agent->probation, name, entry) set_due(entry);
	if (pending)
		take_pending(agent, pending);
	json_decref(pending);
	forget_changed(agent);
	arm(agent);
}

void agent_probation_close(struct agent *agent)
{
	sd_event_source_disable_unref(agent->probation_timer);
	json_decref(agent->probation);
}
