// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence attach` and `detach`: a policy that is applied, put on a cgroup by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"
#include "verbs/agent.h"

#define CGROUPS "/sys/fs/cgroup"

#define OPTIONS                                                                          \
	{"policy", 'p', "NAME", "the policy; it must have been applied"},                \
		{"cgroup", 0, "PATH", "the cgroup: a path beneath " CGROUPS},            \
		{"pid", 0, "PID", "the cgroup of this process, with all that is in it"}, \
	{                                                                                \
		0                                                                        \
	}

const struct rf_option rf_options_attach[] = {OPTIONS};
const struct rf_option rf_options_detach[] = {OPTIONS};

struct place {
	const char *policy, *cgroup, *pid;
};

static int take_option(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	struct place *place = context;

	(void)verb;
	if (strcmp(option->name, "policy") == 0)
		place->policy = value;
	else if (strcmp(option->name, "cgroup") == 0)
		place->cgroup = value;
	else
		place->pid = value;
	return 0;
}

/* The path of a process's cgroup. NULL after telling that there is none. */
static char *cgroup_of(const struct rf_verb *verb, const char *pid)
{
	char name[64], line[4200];
	FILE *file;

	if (!pid[0] || strspn(pid, "0123456789") != strlen(pid)) {
		rf_usage_error(verb, "--pid takes the number of a process, and not \"%s\"", pid);
		return NULL;
	}
	snprintf(name, sizeof(name), "/proc/%.20s/cgroup", pid);
	file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		fclose(file);
		return strdup(line + 3);
	}
	fprintf(stderr, "ringfence %s: process %s: %s\n", verb->name, pid,
		file ? "it is in no cgroup" : strerror(errno));
	if (file)
		fclose(file);
	return NULL;
}

/* As it is called in the file system, or from the root of all cgroups with its first slash or without. */
static char *absolute(const char *path)
{
	size_t len = strlen(CGROUPS);
	char *text = NULL;

	if (strncmp(path, CGROUPS, len) == 0 && path[len] == '/')
		path += len;
	if (asprintf(&text, "%s%s", path[0] == '/' ? "" : "/", path) < 0)
		return NULL;
	len = strlen(text);
	while (len > 1 && text[len - 1] == '/')
		text[--len] = '\0';
	return text;
}

static int ask(const struct rf_verb *verb, const char *policy, const char *cgroup)
{
	RF_AUTO_FREE char *query = rf_client_path("?cgroup=", cgroup, "");
	RF_AUTO_FREE char *after = NULL;
	RF_AUTO_FREE char *path = NULL;
	struct rf_client_answer answer = {0};
	int status;

	if (query && asprintf(&after, "/%s%s", verb->name, query) < 0)
		after = NULL;
	path = after ? rf_client_path("/v1/policies/", policy, after) : NULL;
	if (!path)
		return rf_usage_error(verb, "out of memory");
	status = rf_agent_ask(verb, &(struct rf_client_request){.method = "POST", .path = path, .body = ""}, &answer);
	if (!status)
		status = rf_agent_applied(verb, answer.json, false);
	rf_client_answer_free(&answer);
	return status;
}

static int put(const struct rf_verb *verb, int argc, char **argv)
{
	struct place place = {.policy = NULL};
	RF_AUTO_FREE char *cgroup = NULL;
	int status, operands = rf_operands(verb, argc, argv, take_option, &place, &status);

	if (operands < 0)
		return status;
	if (operands || !place.policy || !place.cgroup == !place.pid)
		return rf_usage_error(verb, "takes -p NAME, and either --cgroup PATH or --pid PID");
	cgroup = place.pid ? cgroup_of(verb, place.pid) : absolute(place.cgroup);
	return cgroup ? ask(verb, place.policy, cgroup) : RF_EXIT_FAILED;
}

int rf_verb_attach(const struct rf_verb *verb, int argc, char **argv)
{
	return put(verb, argc, argv);
}

int rf_verb_detach(const struct rf_verb *verb, int argc, char **argv)
{
	return put(verb, argc, argv);
}
