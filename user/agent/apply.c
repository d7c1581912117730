// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Changes of what is in force. All of a text is compiled before anything changes; then the kernel goes from the old
 * set to the new one; then the store remembers. Whoever is told that it was done can rely on both. Where the store
 * fails, the kernel goes back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "agent/agent.h"
#include "policy/memory.h"

/* The policies of one request. */
struct batch {
	struct agent_policy **policy; /* made of the text */
	size_t count;
	struct agent_policy **changed; /* of them: those that are not as they were, or are forced */
	size_t changes;
	json_t *warnings; /* of all of them */
	bool force;	  /* those that are as they were are put into the kernel anew */
};

static void batch_free(struct batch *batch, bool taken)
{
	for (size_t i = 0; i < batch->count; i++) {
		bool changed = false;

		for (size_t j = 0; j < batch->changes; j++)
			changed |= batch->changed[j] == batch->policy[i];
		if (!taken || !changed)
			agent_policy_free(batch->policy[i]);
	}
	free(batch->policy);
	free(batch->changed);
	json_decref(batch->warnings);
}

/* --------------------------------------------------------------------- reading */

static void add_details(struct rf_api_error *error, const struct rf_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		rf_api_detail(error, diags->diag[i].where.file, diags->diag[i].where.line, diags->diag[i].where.col,
			      diags->diag[i].level == RF_ERROR ? "error" : "warning", diags->diag[i].text);
}

/* The findings in the form that an error has them. */
static void add_warnings(struct batch *batch, const struct rf_diags *diags)
{
	struct rf_api_error carrier = {.status = 0};

	add_details(&carrier, diags);
	if (carrier.details)
		json_array_extend(batch->warnings, carrier.details);
	rf_api_error_free(&carrier);
}

static int invalid(struct rf_api_error *error, const char *file, const struct rf_diags *diags)
{
	rf_api_fail(error, 400, "Invalid", "%s: %zu error%s: nothing was applied", file, diags->errors,
		    diags->errors == 1 ? "" : "s");
	add_details(error, diags);
	return -1;
}

static bool is_same(const struct agent_policy *old, const struct agent_policy *policy)
{
	return old && old->length == policy->length && !memcmp(old->text, policy->text, policy->length) &&
	       !strcmp(old->file, policy->file);
}

/* Takes in one document. */
static int add_document(const struct agent *agent, struct batch *batch, const char *file, const char *text,
			size_t length, struct agent_parsed *parsed, struct rf_diags *diags)
{
	struct agent_policy *policy = NULL;
	int err = agent_policy_make(file, text, length, parsed, diags, &policy);

	if (err)
		return err;
	for (size_t i = 0; i < batch->count; i++)
		if (strcmp(batch->policy[i]->name, policy->name) == 0) {
			rf_diag_add(diags, RF_ERROR, policy->set.policy[0].where, "a second policy is called \"%s\"",
				    policy->name);
			agent_policy_free(policy);
			return -EINVAL;
		}
	batch->policy[batch->count++] = policy;
	rf_policy_warn(&policy->set.policy[0], diags);
	rf_policy_warn_folders(&policy->set.policy[0], diags);
	if (policy->is_compiled)
		rf_compile_warnings(&policy->set.policy[0], &policy->compiled, diags);
	agent_notify_warn(agent, &policy->set.policy[0], diags);
	if (batch->force || !is_same(agent_find(&agent->set, policy->name), policy))
		batch->changed[batch->changes++] = policy;
	return 0;
}

static int read_batch(const struct agent *agent, struct batch *batch, const char *file, const char *text, size_t length,
		      struct rf_diags *diags)
{
	struct agent_parsed whole = {.file = strdup(file), .set = {.presets_only = true}};
	int err = whole.file ? rf_policies_parse(&whole.set, whole.file, text, length, diags) : -ENOMEM;
	size_t count = whole.set.count;

	batch->policy = calloc(count + 1, sizeof(struct agent_policy *));
	batch->changed = calloc(count + 1, sizeof(struct agent_policy *));
	batch->warnings = json_array();
	if (!batch->policy || !batch->changed || !batch->warnings)
		err = -ENOMEM;
	for (size_t i = 0; i < count && !err; i++) {
		size_t len;
		RF_AUTO_FREE char *own = rf_document_text(text, length, whole.set.policy[i].where.line, &len);

		err = own ? add_document(agent, batch, file, own, len, &whole, diags) : -ENOMEM;
	}
	rf_policies_free(&whole.set);
	free(whole.file);
	return err;
}

/* -------------------------------------------------------------------- changing */

static int fail_force(struct rf_api_error *error, int err, const struct rf_error *why)
{
	if (err == -EINVAL || err == -E2BIG)
		return rf_api_fail(error, 400, "Invalid", "%s", why->text);
	return rf_api_fail(error, 503, "NotEnforced", "%s", why->text);
}

/* Takes a set for the one that is in force; what is in neither `set` nor kept is freed. */
static void adopt(struct agent *agent, struct agent_set *set)
{
	struct agent_set old = agent->set;

	agent->set = *set;
	for (size_t i = 0; i < old.count; i++)
		if (agent_find(set, old.policy[i]->name) != old.policy[i])
			agent_policy_free(old.policy[i]);
	free(old.policy);
}

/* Back to what was in force, as far as it goes: a failure here is told loudly and tried again when the agent tends. */
static void go_back(struct agent *agent)
{
	struct rf_error why = {.text = ""};

	if (!agent_force(agent, &agent->set, &why))
		return;
	agent_log(LOG_CRIT, "what was in force could not be put back: %s", why.text);
	free(agent->problem);
	agent->problem = strdup(why.text);
}

static int remember(struct agent *agent, const struct rf_caller *caller, struct agent_policy *policy,
		    struct rf_api_error *error)
{
	struct rf_record record = {
		.text = policy->text,
		.length = policy->length,
		.uid = caller->uid,
		.program = (char *)caller->program,
		.file = policy->file,
	};
	const struct agent_policy *old = agent_find(&agent->set, policy->name);
	struct rf_record now;
	int err = rf_store_put(agent->store, policy->name, RF_STORE_ANY, &record, &policy->revision);

	if (!err)
		err = rf_store_get(agent->store, policy->name, policy->revision, &now);
	if (err)
		return rf_api_fail(error, 500, "Storage", "%s: policy %s could not be kept: %s", RF_STORE, policy->name,
				   strerror(-err));
	policy->version = now.version;
	policy->applied_at = now.applied_at;
	policy->uid = now.uid;
	policy->program = strdup(now.program);
	policy->denials = old ? old->denials : 0;
	rf_record_free(&now);
	return 0;
}

/* All of a batch, or none: what is put in part is undone, here or when the service is next started. */
static int remember_all(struct agent *agent, const struct rf_caller *caller, struct batch *batch,
			struct rf_api_error *error)
{
	bool together = batch->changes > 1;
	int failed = together ? rf_store_begin(agent->store) : 0, err = 0;

	for (size_t i = 0; i < batch->changes && !failed && !err; i++)
		err = remember(agent, caller, batch->changed[i], error);
	if (together && !failed && !err)
		failed = rf_store_commit(agent->store);
	if (failed)
		err = rf_api_fail(error, 500, "Storage", "%s: %s", RF_STORE, strerror(-failed));
	failed = together && err ? rf_store_undo(agent->store) : 0;
	if (failed)
		agent_log(LOG_CRIT, "%s: what was put in part can't be undone yet: %s", RF_STORE, strerror(-failed));
	return err;
}

/* Whether the kernel has a part in a set: what nobody is under needs none. */
static bool some_hold(const struct agent *agent, const struct agent_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (agent_policy_selects(set->policy[i]))
			return true;
	return agent->attachments;
}

static int change(struct agent *agent, const struct rf_caller *caller, struct batch *batch, struct rf_api_error *error)
{
	struct rf_error why = {.text = ""};
	struct agent_set next;
	int err = agent_set_with(&agent->set, batch->changed, batch->changes, &next);

	if (err)
		return rf_api_fail(error, 500, "Memory", "%s", strerror(-err));
	if (some_hold(agent, &next) || some_hold(agent, &agent->set))
		err = agent_force(agent, &next, &why);
	if (err) {
		free(next.policy);
		return fail_force(error, err, &why);
	}
	err = remember_all(agent, caller, batch, error);
	if (err) {
		free(next.policy);
		go_back(agent);
		return err;
	}
	adopt(agent, &next);
	return 0;
}

/* --------------------------------------------------------------------- answers */

/* What became of a policy that was there before. */
enum was { NOT_THERE, OTHER, SAME };

static json_t *result_of(const struct agent *agent, const struct batch *batch, size_t i, enum was was)
{
	const struct agent_policy *policy = batch->policy[i], *now = agent_find(&agent->set, policy->name);
	bool changed = false;

	for (size_t j = 0; j < batch->changes; j++)
		changed |= batch->changed[j] == policy;
	return json_pack("{s:s, s:s, s:s, s:I, s:o, s:O}", "kind", "Policy", "name", policy->name, "action",
			 !changed	    ? "unchanged"
			 : was == NOT_THERE ? "created"
			 : was == SAME	    ? "reapplied"
					    : "configured",
			 "revision", (json_int_t)(now ? now->revision : 0), "status",
			 agent_status(agent, now ? now : policy), "warnings", batch->warnings);
}

static json_t *results(const struct agent *agent, const struct batch *batch, const enum was *was)
{
	json_t *array = json_array();

	for (size_t i = 0; i < batch->count; i++)
		json_array_append_new(array, result_of(agent, batch, i, was[i]));
	return array;
}

int agent_apply(void *context, const struct rf_caller *caller, const char *text, size_t length,
		const struct rf_apply_options *options, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	struct batch batch = {.force = options->force};
	struct rf_diags diags = {.diag = NULL};
	enum was *was = NULL;
	bool taken = false;
	int err = read_batch(agent, &batch, options->file, text, length, &diags);

	if (err && diags.errors)
		err = invalid(error, options->file, &diags);
	else if (err)
		err = rf_api_fail(error, 500, "Memory", "%s", strerror(-err));
	was = calloc(batch.count + 1, sizeof(*was));
	if (!err && !was)
		err = rf_api_fail(error, 500, "Memory", "%s", strerror(ENOMEM));
	for (size_t i = 0; !err && i < batch.count; i++) {
		const struct agent_policy *old = agent_find(&agent->set, batch.policy[i]->name);

		was[i] = !old ? NOT_THERE : is_same(old, batch.policy[i]) ? SAME : OTHER;
	}
	if (!err) {
		add_warnings(&batch, &diags);
		if (!options->dry_run && batch.changes)
			err = change(agent, caller, &batch, error);
		taken = !err && !options->dry_run;
	}
	if (!err)
		*out = results(agent, &batch, was);
	for (size_t i = 0; taken && i < batch.changes; i++)
		agent_log(LOG_NOTICE, "policy %s: revision %llu applied by uid %u with %s", batch.changed[i]->name,
			  (unsigned long long)batch.changed[i]->revision, (unsigned)caller->uid, caller->program);
	for (size_t i = 0; taken && i < batch.changes; i++)
		agent_event_policy(agent, "applied", batch.changed[i]->name, caller, batch.changed[i]->revision, NULL);
	rf_diags_free(&diags);
	free(was);
	batch_free(&batch, taken);
	return err;
}

int agent_remove(void *context, const struct rf_caller *caller, const char *name, uint64_t expected,
		 struct rf_api_error *error)
{
	struct agent *agent = context;
	const struct rf_record by = {.uid = caller->uid, .program = (char *)caller->program};
	const struct agent_policy *policy = agent_find(&agent->set, name);
	struct rf_error why = {.text = ""};
	struct agent_set next;
	uint64_t revision;
	int err;

	if (!policy)
		return rf_api_fail(error, 404, "NotFound", "there is no policy %s", name);
	if (expected != RF_API_ANY && expected != policy->revision)
		return rf_api_fail(error, 412, "Stale", "policy %s is at revision %llu", name,
				   (unsigned long long)policy->revision);
	if (agent_set_without(&agent->set, name, &next))
		return rf_api_fail(error, 500, "Memory", "%s", strerror(ENOMEM));
	err = some_hold(agent, &agent->set) ? agent_force(agent, &next, &why) : 0;
	if (err) {
		free(next.policy);
		return fail_force(error, err, &why);
	}
	err = rf_store_delete(agent->store, name, RF_STORE_ANY, &by, &revision);
	if (err) {
		free(next.policy);
		go_back(agent);
		return rf_api_fail(error, 500, "Storage", "%s: %s", RF_STORE, strerror(-err));
	}
	agent_event_policy(agent, "deleted", name, caller, revision, NULL);
	agent_log(LOG_NOTICE, "policy %s: deleted by uid %u with %s", name, (unsigned)caller->uid, caller->program);
	adopt(agent, &next);
	return 0;
}

/* ------------------------------------------------------------------- rolling back */

/* The newest revision before the one that is there; or before the deletion. */
struct before {
	uint64_t now, found;
};

static int look_before(void *context, const struct rf_record *record)
{
	struct before *before = context;

	if (record->deleted || record->revision == before->now)
		return 0;
	before->found = record->revision;
	return 1;
}

int agent_rollback(void *context, const struct rf_caller *caller, const char *name, uint64_t revision, json_t **out,
		   struct rf_api_error *error)
{
	struct agent *agent = context;
	const struct agent_policy *policy = agent_find(&agent->set, name);
	struct before before = {.now = policy ? policy->revision : 0};
	struct rf_record record;
	json_t *all = NULL;
	int err;

	if (!revision && rf_store_history(agent->store, name, look_before, &before) < 0)
		return rf_api_fail(error, 404, "NotFound", "nothing is known of a policy %s", name);
	revision = revision ? revision : before.found;
	if (!revision || rf_store_get(agent->store, name, revision, &record) || record.deleted)
		return rf_api_fail(error, 404, "NotFound", "policy %s has no %s", name,
				   revision ? "such revision" : "revision before this one");
	err = agent_apply(agent, caller, record.text, record.length, &(struct rf_apply_options){.file = record.file},
			  &all, error);
	rf_record_free(&record);
	if (err)
		return err;
	*out = json_incref(json_array_get(all, 0));
	json_decref(all);
	return 0;
}
