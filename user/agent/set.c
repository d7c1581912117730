// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The policies that were applied: in order, from the store, into force. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "agent/agent.h"
#include "policy/memory.h"

struct agent_policy *agent_find(const struct agent_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->policy[i]->name, name) == 0)
			return set->policy[i];
	return NULL;
}

struct agent_policy *agent_find_slot(const struct agent_set *set, uint32_t slot)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->policy[i]->forced.placed && set->policy[i]->forced.bound.slot == slot)
			return set->policy[i];
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct agent_policy *const *)a)->name, (*(struct agent_policy *const *)b)->name);
}

int agent_set_with(const struct agent_set *set, struct agent_policy *const *policy, size_t count, struct agent_set *out)
{
	out->count = 0;
	out->policy = calloc(set->count + count + 1, sizeof(struct agent_policy *));
	if (!out->policy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		out->policy[out->count++] = policy[i];
	for (size_t i = 0; i < set->count; i++)
		if (!agent_find(&(struct agent_set){(struct agent_policy **)policy, count}, set->policy[i]->name))
			out->policy[out->count++] = set->policy[i];
	qsort(out->policy, out->count, sizeof(struct agent_policy *), by_name);
	return 0;
}

int agent_set_without(const struct agent_set *set, const char *name, struct agent_set *out)
{
	out->count = 0;
	out->policy = calloc(set->count + 1, sizeof(struct agent_policy *));
	if (!out->policy)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->policy[i]->name, name) != 0)
			out->policy[out->count++] = set->policy[i];
	return 0;
}

/* ------------------------------------------------------------------ the store */

static void tell_diags(const struct rf_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		if (diags->diag[i].level == RF_ERROR)
			agent_log(LOG_ERR, "%s:%u:%u: %s", diags->diag[i].where.file, diags->diag[i].where.line,
				  diags->diag[i].where.col, diags->diag[i].text);
}

static int load_record(void *context, const struct rf_record *record)
{
	struct agent *agent = context;
	struct rf_diags diags = {.diag = NULL};
	struct agent_policy *policy = NULL;
	struct agent_set more;
	int err = agent_policy_make(record->file, record->text, record->length, NULL, &diags, &policy);

	if (err) {
		tell_diags(&diags);
		agent_log(LOG_CRIT, "policy %s, revision %llu, is not in force: %s", record->name,
			  (unsigned long long)record->revision,
			  err == -EINVAL ? "its text has errors" : strerror(-err));
		rf_diags_free(&diags);
		return err == -ENOMEM ? err : 0;
	}
	rf_diags_free(&diags);
	policy->revision = record->revision;
	policy->version = record->version;
	policy->applied_at = record->applied_at;
	policy->uid = record->uid;
	policy->program = strdup(record->program);
	err = agent_set_with(&agent->set, &policy, 1, &more);
	if (err) {
		agent_policy_free(policy);
		return err;
	}
	free(agent->set.policy);
	agent->set = more;
	return 0;
}

int agent_set_load(struct agent *agent)
{
	return rf_store_list(agent->store, load_record, agent);
}

/* ------------------------------------------------------------------ into force */

/* Those that hold for some cgroup, with what they are attached to. */
static int gather(const struct agent *agent, const struct agent_set *set, struct rf_forced *forced, size_t *count)
{
	for (size_t i = 0; i < set->count; i++) {
		struct agent_policy *policy = set->policy[i];
		struct rf_text *pattern;
		size_t patterns;
		int err = agent_patterns(agent, policy->name, &pattern, &patterns);

		if (err)
			return err;
		if (!policy->is_compiled || (!patterns && !agent_policy_selects(policy))) {
			agent_patterns_free(pattern, patterns);
			continue;
		}
		forced[*count] = policy->forced;
		forced[*count].attached = pattern;
		forced[(*count)++].attachments = patterns;
	}
	return 0;
}

/* What the kernel has now. */
static void copy_back(struct agent_set *set, const struct rf_forced *forced, size_t count)
{
	for (size_t i = 0; i < set->count; i++) {
		struct agent_policy *policy = set->policy[i];

		policy->forced.placed = false;
		for (size_t n = 0; n < count; n++) {
			if (forced[n].bound.policy != policy->forced.bound.policy)
				continue;
			policy->forced.bound = forced[n].bound;
			policy->forced.placed = forced[n].placed;
		}
	}
}

int agent_force(struct agent *agent, struct agent_set *set, struct rf_error *error)
{
	RF_AUTO_FREE struct rf_forced *forced = calloc(set->count + 1, sizeof(*forced));
	size_t count = 0;
	int err;

	if (!forced)
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	if (!agent->kernel)
		return rf_error_set(error, ENODEV, "%s", agent->problem ? agent->problem : "there is no engine");
	err = agent_engine_lock(agent, error);
	if (err)
		return err;
	err = gather(agent, set, forced, &count);
	err = err ? rf_error_set(error, err, "%s", strerror(-err))
		  : rf_engine_force(agent->kernel, forced, count, error);
	rf_engine_unlock(agent->kernel);
	for (size_t i = 0; i < count; i++)
		agent_patterns_free((struct rf_text *)(uintptr_t)forced[i].attached, forced[i].attachments);
	if (!err) {
		copy_back(set, forced, count);
		err = agent_denials_open(agent);
		if (err)
			rf_error_set(error, err, "denials can't be read: %s", strerror(-err));
	}
	return err;
}
