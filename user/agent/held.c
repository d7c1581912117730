// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the tasks of sandboxes hold though a policy in force would deny it now: they had it before the policy came, or
 * were handed it. It is looked for only when it is asked for, and no longer than the loop can do without.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/agent.h"
#include "engine/auto.h"
#include "held/held.h"
#include "policy/memory.h"

#define PROCESSES_MAX 1024		  /* that are looked at for one question */
#define TIME_MAX      INT64_C(1000000000) /* ns */
#define DEPTH_MAX     64		  /* of cgroups in one another */
#define FOLDER_FLAGS  (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct question {
	struct rf_held held;
	struct rf_open_reader *reader;
	const struct rf_policy *policy[RF_CHAIN_MAX]; /* all that are asked */
	size_t policies;
	struct rf_kept kept[RF_CHAIN_MAX]; /* of them: those that are not the service's */
	size_t kepts, unknown;		   /* unknown: policies whose text is not at hand */
	struct rf_sandbox_info *list;	   /* all sandboxes, by id */
	size_t count;
	size_t processes, unread;
	bool many, late;
	/* Of the process that is read. */
	pid_t pid;
	char process[RF_HELD_PROCESS];
};

static void question_free(struct question *q)
{
	rf_held_free(&q->held);
	rf_open_reader_free(q->reader);
	for (size_t i = 0; i < q->kepts; i++)
		rf_kept_free(&q->kept[i]);
	rf_engine_list_free(q->list, q->count);
	free(q);
}

/* ------------------------------------------------------------------- processes */

static int judge(void *context, const struct rf_open *open)
{
	struct question *q = context;
	int err = 0;

	for (size_t i = 0; i < q->policies && !err; i++)
		err = rf_held_add(&q->held, q->pid, q->process, q->policy[i], open);
	return err;
}

static void read_name(struct question *q)
{
	char path[40];
	FILE *file;

	strcpy(q->process, "?");
	snprintf(path, sizeof(path), "/proc/%d/comm", q->pid);
	file = fopen(path, "re");
	if (file && fgets(q->process, sizeof(q->process), file))
		q->process[strcspn(q->process, "\n")] = '\0';
	if (file)
		fclose(file);
}

static int look_at(struct question *q, pid_t pid)
{
	int err;

	if (q->processes == PROCESSES_MAX) {
		q->many = true;
		return -ETIME;
	}
	q->processes++;
	q->pid = pid;
	read_name(q);
	err = rf_open_read(q->reader, pid, judge, q);
	if (err == -EACCES || err == -EPERM) {
		q->unread++;
		err = 0;
	}
	return err;
}

/* --------------------------------------------------------------------- cgroups */

static bool is_sandbox(const struct question *q, uint64_t cgroup)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->list[i].cgroup == cgroup)
			return true;
	return false;
}

static int look_at_tasks(struct question *q, int cgroup)
{
	int fd = openat(cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC), pid, err = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	/* 0 is a process of a namespace that we can't see into. In a threaded cgroup none can be read: they stand in
	 * the one around it. */
	while (file && !err && fscanf(file, "%d", &pid) == 1)
		err = pid > 0 ? look_at(q, pid) : 0;
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return err;
}

/* A cgroup and those in it, but for those that are another sandbox, which is asked by itself. */
static int look_into(struct question *q, int parent, const char *name, unsigned depth)
{
	RF_AUTO_CLOSEDIR DIR *dir = NULL;
	int fd = openat(parent, name, FOLDER_FLAGS), err;
	struct dirent *entry;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (fstat(fd, &st) || (depth && is_sandbox(q, st.st_ino)) || !(dir = fdopendir(fd))) {
		close(fd);
		return 0;
	}
	err = look_at_tasks(q, fd);
	while (!err && depth < DEPTH_MAX && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			err = look_into(q, fd, entry->d_name, depth + 1);
	return err;
}

/* ------------------------------------------------------------------- questions */

static int add_policy(struct agent *agent, struct question *q, const struct rf_link *link)
{
	const struct agent_policy *policy = agent_find_slot(&agent->set, link->policy);
	struct rf_kept *kept = &q->kept[q->kepts];
	struct rf_sandbox by;

	if (policy) {
		q->policy[q->policies++] = &policy->set.policy[0];
		return 0;
	}
	if (rf_engine_sandbox(agent->kernel, link->sandbox, &by) ||
	    rf_kept_find(agent->kernel, by.id, link->policy, kept)) {
		q->unknown++;
		return 0;
	}
	q->kepts++;
	q->policy[q->policies++] = &kept->policies.policy[kept->document];
	return 0;
}

static int read_chain(struct agent *agent, const struct rf_sandbox_info *info, struct rf_chain *chain)
{
	struct rf_sandbox sandbox;
	int err = rf_engine_sandbox(agent->kernel, info->index, &sandbox);

	return err ? err : rf_engine_chain(agent->kernel, sandbox.chain, chain);
}

/* Of one sandbox: all policies of its chain. Of a policy: it alone, in all sandboxes that have it. The others are left
 * out of the list's order, with index 0. */
static int choose(struct agent *agent, struct question *q, const struct agent_policy *policy, uint64_t id)
{
	if (policy)
		q->policy[q->policies++] = &policy->set.policy[0];
	for (size_t i = 0; i < q->count; i++) {
		struct rf_chain chain;
		bool wanted = false;

		if ((!policy && q->list[i].id != id) || read_chain(agent, &q->list[i], &chain)) {
			q->list[i].index = 0;
			continue;
		}
		for (uint32_t k = 0; k < chain.links && k < RF_CHAIN_MAX; k++) {
			wanted |= !policy || chain.link[k].policy == policy->forced.bound.slot;
			if (!policy)
				add_policy(agent, q, &chain.link[k]);
		}
		if (!wanted)
			q->list[i].index = 0;
	}
	return 0;
}

static int look(struct question *q)
{
	int err = 0;

	for (size_t i = 0; i < q->count && !err; i++)
		if (q->list[i].index && q->list[i].path)
			err = look_into(q, AT_FDCWD, q->list[i].path, 0);
	q->late = err == -ETIME && !q->many;
	return err == -ETIME ? 0 : err;
}

/* --------------------------------------------------------------------- answers */

static json_t *item_object(const struct rf_held_item *item)
{
	char text[RF_RULE_NAME];
	json_t *object = json_pack(
		"{s:o, s:i, s:s, s:s, s:o, s:I, s:o}", "process", rf_api_string(item->process), "pid", (int)item->pid,
		"what", rf_open_word(item->what), "access", rf_access_words(item->access, text, sizeof(text)), "object",
		rf_api_string(item->object), "count", (json_int_t)item->count, "policy", rf_api_string(item->policy));

	if (!object || !item->rule)
		return object;
	json_object_set_new(object, "rule", json_string(rf_rule_name(item->rule, text, sizeof(text))));
	if (item->rule->where.file) {
		json_object_set_new(object, "file", rf_api_string(item->rule->where.file));
		json_object_set_new(object, "line", json_integer(item->rule->where.line));
	}
	if (item->rule->reason)
		json_object_set_new(object, "reason", rf_api_string(item->rule->reason));
	return object;
}

/* What was not looked at: nobody shall take an answer for the whole that is not. */
static json_t *missed_of(const struct question *q)
{
	json_t *missed = json_array();

	if (q->many)
		json_array_append_new(missed, json_sprintf("more than %u processes are in it: the others were not "
							   "looked at",
							   PROCESSES_MAX));
	if (q->late)
		json_array_append_new(missed, json_sprintf("it would have taken longer than %lld ms: the rest was not "
							   "looked at",
							   (long long)(TIME_MAX / 1000000)));
	if (q->unread)
		json_array_append_new(missed, json_sprintf("%zu processes could not be read", q->unread));
	if (q->unknown)
		json_array_append_new(missed, json_sprintf("%zu policies of a run were not asked: their text is not at "
							   "hand",
							   q->unknown));
	if (rf_open_misses_unix(q->reader))
		json_array_append_new(missed, json_string("the kernel does not tell who unix sockets are connected to "
							  "(CONFIG_UNIX_DIAG)"));
	return missed;
}

static json_t *answer_of(const struct question *q)
{
	json_t *items = json_array();

	for (size_t i = 0; i < q->held.count; i++)
		json_array_append_new(items, item_object(&q->held.item[i]));
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "kind", "HeldList", "items", items, "more",
			 (json_int_t)q->held.more, "processes", (json_int_t)q->processes, "missed", missed_of(q));
}

static int ask(struct agent *agent, struct question *q, const struct agent_policy *policy, uint64_t id,
	       struct rf_api_error *error)
{
	struct rf_error why = {.text = ""};
	struct timespec now;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &now);
	q->reader = rf_open_reader_new((int64_t)now.tv_sec * 1000000000 + now.tv_nsec + TIME_MAX);
	if (!q->reader)
		return rf_api_fail(error, 500, "Memory", "%s", strerror(ENOMEM));
	if (!agent->kernel || (policy && !policy->forced.placed))
		return 0;
	err = rf_engine_lock(agent->kernel, &why);
	if (err)
		return rf_api_fail(error, 503, "NoEngine", "%s", why.text);
	err = rf_engine_list(agent->kernel, &q->list, &q->count);
	err = err ? err : choose(agent, q, policy, id);
	rf_engine_unlock(agent->kernel);
	/* The engine is not needed for what can take long. */
	err = err ? err : look(q);
	return err ? rf_api_fail(error, 500, "Held", "what is held: %s", strerror(-err)) : 0;
}

int agent_held(void *context, enum rf_kind kind, const char *name, json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	const struct agent_policy *policy = kind == RF_KIND_POLICY ? agent_find(&agent->set, name) : NULL;
	struct question *q;
	json_t *sandbox;
	uint64_t id = 0;
	int err;

	if (kind == RF_KIND_POLICY && !policy)
		return rf_api_fail(error, 404, "NotFound", "there is no policy %s", name);
	if (kind == RF_KIND_SANDBOX) {
		err = agent_get(agent, kind, name, &sandbox, error);
		if (err)
			return err;
		id = (uint64_t)json_integer_value(json_object_get(sandbox, "id"));
		json_decref(sandbox);
	}
	q = calloc(1, sizeof(*q));
	if (!q)
		return rf_api_fail(error, 500, "Memory", "%s", strerror(ENOMEM));
	err = ask(agent, q, policy, id, error);
	if (!err)
		*out = answer_of(q);
	question_free(q);
	return err;
}
