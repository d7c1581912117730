// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Policies and sandboxes as the API has them (resources.c describes the fields). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "policy/memory.h"

#define CGROUPS "/sys/fs/cgroup"

/* --------------------------------------------------------------------- policies */

static json_t *condition(const char *type, const char *holds, const char *reason, const char *message)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "type", type, "status", holds, "reason", reason, "message",
			 rf_api_string(message));
}

static json_t *enforced(const struct agent *agent, const struct agent_policy *policy)
{
	if (policy->forced.placed && !agent->problem)
		return condition("Enforced", "True", "InForce",
				 agent_policy_selects(policy) ? "it holds for all cgroups that it selects"
							      : "it holds for the cgroups that it was put on");
	if (!policy->forced.placed && !agent_policy_selects(policy))
		return condition("Enforced", "Unknown", "NotSelected",
				 "it has no spec.select: it holds for those that are put under it");
	if (policy->forced.placed)
		return condition("Enforced", "True", "Stale", agent->problem);
	if (agent->kernel && !agent->problem && agent_find(&agent->set, policy->name) != policy)
		return condition("Enforced", "Unknown", "DryRun", "it was only tried whether it can be applied");
	return condition("Enforced", "False", agent->kernel ? "Refused" : "NoEngine",
			 agent->problem ? agent->problem : "it has not been put into force");
}

static size_t count_sandboxes(const struct agent *agent, const struct agent_policy *policy)
{
	return agent->kernel && policy->forced.placed ? rf_engine_users(agent->kernel, policy->forced.bound.slot) : 0;
}

json_t *agent_time(time_t at)
{
	struct tm tm;
	char text[40];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
	return json_string(text);
}

json_t *agent_status(const struct agent *agent, const struct agent_policy *policy)
{
	const char *problem = policy->problem ? policy->problem : "its variables get their values from who runs it";

	json_t *status, *in_force = enforced(agent, policy);
	long long until = agent_probation_until(agent, policy->name);

	status = json_pack(
		"{s:I, s:s, s:O, s:[o, o, o, o], s:I, s:I}", "observedGeneration", (json_int_t)policy->version, "mode",
		policy->set.policy[0].mode == RF_MODE_AUDIT ? "audit" : "enforce", "enforced",
		json_object_get(in_force, "status"), "conditions",
		condition("Accepted", "True", "Valid", "its text has no errors"),
		condition("Compiled", policy->is_compiled ? "True" : "Unknown",
			  policy->is_compiled ? "Compiled" : "Unbound",
			  policy->is_compiled ? "it is what the kernel can run" : problem),
		in_force,
		condition("Drifted", agent->drift ? "True" : "False", agent->drift ? "Changed" : "AsApplied",
			  agent->drift ? agent->drift : "what is in force is what was applied"),
		"sandboxes", (json_int_t)count_sandboxes(agent, policy), "denials", (json_int_t)policy->denials);
	if (status && until)
		json_object_set_new(status, "probationUntil", agent_time(until));
	return status;
}

static json_t *labels_of(const struct rf_policy *policy)
{
	json_t *labels = json_object();

	for (size_t i = 0; i < policy->labels; i++)
		json_object_set_new(labels, policy->label[i].key, rf_api_string(policy->label[i].value));
	return labels;
}

static json_t *metadata(const char *name, json_t *labels, uint64_t revision, uint64_t version,
			const struct timespec *at, uid_t uid, const char *program, const char *file, const char *text)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:o}", "name", name, "labels", labels, "file",
			 rf_api_string(file ? file : ""), "line", (json_int_t)(1 + strspn(text ? text : "", "\n")),
			 "revision", (json_int_t)revision, "version", (json_int_t)version, "appliedAt",
			 agent_time(at->tv_sec), "uid", (json_int_t)uid, "program",
			 rf_api_string(program ? program : ""));
}

static json_t *policy_object(const struct agent *agent, const struct agent_policy *policy)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "apiVersion", "ringfence.dev/v1", "kind", "Policy", "metadata",
			 metadata(policy->name, labels_of(&policy->set.policy[0]), policy->revision, policy->version,
				  &policy->applied_at, policy->uid, policy->program, policy->file, policy->text),
			 "text", rf_api_string(policy->text + strspn(policy->text, "\n")), "status",
			 agent_status(agent, policy));
}

static int add_revision(void *context, const struct rf_record *record)
{
	json_t *object =
		json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "ringfence.dev/v1", "kind", "Policy", "metadata",
			  metadata(record->name, json_object(), record->revision, record->version, &record->applied_at,
				   record->uid, record->program, record->file, record->text),
			  "text", rf_api_string(record->text ? record->text + strspn(record->text, "\n") : ""));

	if (record->deleted)
		json_object_set_new(json_object_get(object, "metadata"), "deleted", json_true());
	return json_array_append_new(context, object) ? -ENOMEM : 0;
}

int agent_history(void *context, const char *name, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	int err;

	*out = json_array();
	err = rf_store_history(agent->store, name, add_revision, *out);
	if (!err)
		return 0;
	json_decref(*out);
	*out = NULL;
	return err == -ENOENT ? rf_api_fail(error, 404, "NotFound", "nothing is known of a policy %s", name)
			      : rf_api_fail(error, 500, "Storage", "%s: %s", RF_STORE, strerror(-err));
}

/* -------------------------------------------------------------------- sandboxes */

json_t *agent_policies_of(const struct agent *agent, const struct rf_sandbox *sandbox)
{
	json_t *array = json_array();
	struct rf_chain chain;

	if (rf_engine_chain(agent->kernel, sandbox->chain, &chain))
		return array;
	for (uint32_t i = 0; i < chain.links && i < RF_CHAIN_MAX; i++) {
		const struct agent_policy *policy = agent_find_slot(&agent->set, chain.link[i].policy);
		struct rf_sandbox by;
		struct rf_kept kept;

		if (policy) {
			json_array_append_new(array, json_string(policy->name));
		} else if (rf_engine_sandbox(agent->kernel, chain.link[i].sandbox, &by) == 0 &&
			   rf_kept_find(agent->kernel, by.id, chain.link[i].policy, &kept) == 0) {
			json_array_append_new(array, rf_api_string(kept.policies.policy[kept.document].name));
			rf_kept_free(&kept);
		}
	}
	return array;
}

/* null: it has ended, and is not freed yet. */
static json_t *sandbox_object(const struct agent *agent, const struct rf_sandbox_info *info)
{
	const char *path = info->path ? info->path : "", *unit;
	struct rf_sandbox sandbox;

	if (rf_engine_sandbox(agent->kernel, info->index, &sandbox))
		return NULL;
	if (agent_has_ended(agent, &sandbox))
		return json_null();
	path += strncmp(path, CGROUPS "/", sizeof(CGROUPS)) == 0 ? sizeof(CGROUPS) - 1 : 0;
	unit = strrchr(path, '/');
	return json_pack("{s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "id", (json_int_t)info->id, "unit",
			 rf_api_string(unit ? unit + 1 : path), "cgroup", rf_api_string(path), "policies",
			 agent_policies_of(agent, &sandbox), "tasks", (json_int_t)info->tasks, "made",
			 (json_int_t)sandbox.made, "told", (json_int_t)sandbox.told, "merged",
			 (json_int_t)sandbox.merged, "lost", (json_int_t)sandbox.lost, "counted",
			 (json_int_t)sandbox.counted);
}

static int by_id(const void *a, const void *b)
{
	const struct rf_sandbox_info *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int list_sandboxes(struct agent *agent, json_t *array, struct rf_api_error *error)
{
	struct rf_sandbox_info *list;
	struct rf_error why = {.text = ""};
	size_t count;
	int err;

	if (!agent->kernel)
		return 0;
	err = rf_engine_lock(agent->kernel, &why);
	if (err)
		return rf_api_fail(error, 503, "NoEngine", "%s", why.text);
	agent_sandboxes_look(agent);
	err = rf_engine_list(agent->kernel, &list, &count);
	qsort(list, count, sizeof(*list), by_id);
	for (size_t i = 0; i < count && !err; i++) {
		json_t *object = sandbox_object(agent, &list[i]);

		if (!json_is_null(object))
			err = object && json_array_append_new(array, object) == 0 ? 0 : -ENOMEM;
	}
	rf_engine_unlock(agent->kernel);
	rf_engine_list_free(list, count);
	return err ? rf_api_fail(error, 500, "Engine", "the engine's sandboxes: %s", strerror(-err)) : 0;
}

/* -------------------------------------------------------------------- questions */

int agent_list(void *context, enum rf_kind kind, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	int err = 0;

	*out = json_array();
	if (kind == RF_KIND_SANDBOX)
		err = list_sandboxes(agent, *out, error);
	for (size_t i = 0; kind == RF_KIND_POLICY && i < agent->set.count; i++)
		json_array_append_new(*out, policy_object(agent, agent->set.policy[i]));
	if (err) {
		json_decref(*out);
		*out = NULL;
	}
	return err;
}

static int get_sandbox(struct agent *agent, const char *name, json_t **out, struct rf_api_error *error)
{
	json_t *all, *object;
	size_t i;
	int err = agent_list(agent, RF_KIND_SANDBOX, &all, error);

	if (err)
		return err;
	json_array_foreach(all, i, object)
	{
		char id[32];

		snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(json_object_get(object, "id")));
		if (strcmp(id, name) == 0 || strcmp(json_string_value(json_object_get(object, "unit")), name) == 0) {
			*out = json_incref(object);
			json_decref(all);
			return 0;
		}
	}
	json_decref(all);
	return rf_api_fail(error, 404, "NotFound", "there is no sandbox %s", name);
}

int agent_get(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	const struct agent_policy *policy;

	if (kind == RF_KIND_SANDBOX)
		return get_sandbox(agent, name, out, error);
	policy = agent_find(&agent->set, name);
	if (!policy)
		return rf_api_fail(error, 404, "NotFound", "there is no policy %s", name);
	*out = policy_object(agent, policy);
	return 0;
}

int agent_ready(void *context, struct rf_api_error *error)
{
	const struct agent *agent = context;

	return agent->problem ? rf_api_fail(error, 503, "NotEnforced", "%s", agent->problem) : 0;
}

int agent_version(void *context, json_t **out, struct rf_api_error *error)
{
	(void)context, (void)error;
	*out = json_pack("{s:s, s:i, s:[s, s]}", "version", RF_VERSION, "abi", RF_ABI, "features", "select",
			 "rollback");
	return 0;
}

uint64_t agent_revision(void *context)
{
	const struct agent *agent = context;

	return rf_store_revision(agent->store);
}
