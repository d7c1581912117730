// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies that were put on single cgroups. They are selectors like those of the policies' texts, of which the kernel
 * knows no difference; which they are stands in a file that lasts as long as the boot, as the cgroups do.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "agent/agent.h"
#include "policy/memory.h"
#include "policy/resolve.h"

#define FILE_NAME RF_STATE "/attached"
#define CGROUPS	  "/sys/fs/cgroup"

static void drop(struct agent *agent, size_t i)
{
	free(agent->attachment[i].policy);
	free(agent->attachment[i].cgroup);
	agent->attachment[i] = agent->attachment[--agent->attachments];
}

static int add(struct agent *agent, const char *policy, const char *cgroup, uint64_t id)
{
	struct agent_attachment *more =
		realloc(agent->attachment, (agent->attachments + 1) * sizeof(*agent->attachment));

	if (!more)
		return -ENOMEM;
	agent->attachment = more;
	more += agent->attachments;
	*more = (struct agent_attachment){.policy = strdup(policy), .cgroup = strdup(cgroup), .id = id};
	agent->attachments++;
	if (more->policy && more->cgroup)
		return 0;
	drop(agent, agent->attachments - 1);
	return -ENOMEM;
}

static size_t find(const struct agent *agent, const char *policy, const char *cgroup)
{
	size_t i = 0;

	while (i < agent->attachments &&
	       (strcmp(agent->attachment[i].policy, policy) != 0 || strcmp(agent->attachment[i].cgroup, cgroup) != 0))
		i++;
	return i;
}

/* The number of the cgroup with a path; 0: there is none. */
static uint64_t id_of(const char *cgroup)
{
	RF_AUTO_FREE char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s", CGROUPS, cgroup) < 0)
		path = NULL;
	return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? st.st_ino : 0;
}

/* -------------------------------------------------------------------- the file */

/* Beside the old one first. A path has no line break that systemd would make; one that has is not taken (attach). */
static int save(const struct agent *agent)
{
	FILE *file = fopen(FILE_NAME ".new", "we");

	if (!file)
		return -errno;
	for (size_t i = 0; i < agent->attachments; i++)
		fprintf(file, "%" PRIu64 " %s %s\n", agent->attachment[i].id, agent->attachment[i].policy,
			agent->attachment[i].cgroup);
	if (fclose(file) || rename(FILE_NAME ".new", FILE_NAME))
		return -errno;
	return 0;
}

int agent_attachments_load(struct agent *agent)
{
	FILE *file = fopen(FILE_NAME, "re");
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (!err && getline(&line, &room, file) > 0) {
		char policy[RF_STORE_NAME_MAX + 1];
		uint64_t id;
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNu64 " %63s %n", &id, policy, &at) == 2 && at && line[at] == '/' &&
		    id_of(line + at) == id)
			err = add(agent, policy, line + at, id);
	}
	free(line);
	fclose(file);
	return err;
}

void agent_attachments_free(struct agent *agent)
{
	while (agent->attachments)
		drop(agent, agent->attachments - 1);
	free(agent->attachment);
	agent->attachment = NULL;
}

/* -------------------------------------------------------------------- patterns */

int agent_patterns(const struct agent *agent, const char *policy, struct rf_text **pattern, size_t *count)
{
	*count = 0;
	*pattern = calloc(agent->attachments + 1, sizeof(**pattern));
	if (!*pattern)
		return -ENOMEM;
	for (size_t i = 0; i < agent->attachments; i++) {
		const struct agent_attachment *attachment = &agent->attachment[i];

		if (strcmp(attachment->policy, policy) != 0)
			continue;
		(*pattern)[*count].text = rf_glob_quote(attachment->cgroup, strlen(attachment->cgroup));
		if (!(*pattern)[(*count)++].text) {
			agent_patterns_free(*pattern, *count);
			return -ENOMEM;
		}
	}
	return 0;
}

void agent_patterns_free(struct rf_text *pattern, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(pattern[i].text);
	free(pattern);
}

size_t agent_attachments_sweep(struct agent *agent)
{
	size_t before = agent->attachments;

	for (size_t i = agent->attachments; i-- > 0;)
		if (id_of(agent->attachment[i].cgroup) != agent->attachment[i].id)
			drop(agent, i);
	if (before != agent->attachments)
		save(agent);
	return before - agent->attachments;
}

/* ------------------------------------------------------------------ on and off */

/* What stood there before stands there again. */
static int undo(struct agent *agent, const char *name, const char *cgroup, uint64_t id, bool on)
{
	if (!on)
		return add(agent, name, cgroup, id);
	drop(agent, find(agent, name, cgroup));
	return 0;
}

static int change(struct agent *agent, const char *name, const char *cgroup, uint64_t id, bool on,
		  struct rf_api_error *error)
{
	struct rf_error why = {.text = ""};
	size_t at = find(agent, name, cgroup);
	int err = 0;

	if (on && at < agent->attachments)
		agent->attachment[at].id = id;
	else if (on)
		err = add(agent, name, cgroup, id);
	else
		drop(agent, at);
	if (err)
		return rf_api_fail(error, 500, "Memory", "%s", strerror(-err));
	err = agent_force(agent, &agent->set, &why);
	if (err) {
		undo(agent, name, cgroup, id, on);
		return rf_api_fail(error, err == -EINVAL ? 400 : 503, err == -EINVAL ? "Invalid" : "NotEnforced", "%s",
				   why.text);
	}
	err = save(agent);
	if (err)
		agent_log(LOG_ERR, "%s: %s: when the service starts again, policy %s will not be as it is now on %s",
			  FILE_NAME, strerror(-err), name, cgroup);
	return 0;
}

int agent_attach(void *context, const struct rf_caller *caller, const char *name, const char *cgroup, bool on,
		 json_t **out, struct rf_api_error *error)
{
	struct agent *agent = context;
	const struct agent_policy *policy = agent_find(&agent->set, name);
	uint64_t id = id_of(cgroup);
	int err;

	if (!policy)
		return rf_api_fail(error, 404, "NotFound", "there is no policy %s", name);
	if (!policy->is_compiled)
		return rf_api_fail(error, 400, "Invalid", "policy %s can't be put on a cgroup: %s", name,
				   policy->problem);
	if (!on && find(agent, name, cgroup) == agent->attachments)
		return rf_api_fail(error, 404, "NotFound", "policy %s was not put on %s", name, cgroup);
	if (on && (!id || strchr(cgroup, '\n') || strcmp(cgroup, "/") == 0))
		return rf_api_fail(error, 404, "NotFound", "there is no cgroup %s beneath the root of all", cgroup);
	err = change(agent, name, cgroup, id, on, error);
	if (err)
		return err;
	agent_log(LOG_NOTICE, "policy %s: %s %s by uid %u with %s", name, on ? "put on" : "taken off", cgroup,
		  (unsigned)caller->uid, caller->program);
	agent_event_policy(agent, on ? "attached" : "detached", name, caller, policy->revision, cgroup);
	*out = json_pack("{s:s, s:s, s:s, s:I, s:o, s:[]}", "kind", "Policy", "name", name, "action",
			 on ? "attached" : "detached", "revision", (json_int_t)policy->revision, "status",
			 agent_status(agent, policy), "warnings");
	return 0;
}
