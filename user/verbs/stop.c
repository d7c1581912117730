// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence list` and `stop`: the sandboxes of this host, from the kernel itself, agent or none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "policy/memory.h"
#include "verbs/agent.h"

const struct rf_option rf_options_list[] = {
	{"no-headers", 0, NULL, "leave out the line of titles"},
	{0},
};
const struct rf_option rf_options_stop[] = {
	{0},
};

/* All sandboxes; `count` 0 and RF_EXIT_OK where the engine is not loaded. */
static int read_list(const struct rf_verb *verb, struct rf_kernel **kernel, struct rf_sandbox_info **list,
		     size_t *count)
{
	struct rf_error error = {.text = ""};
	int err = rf_engine_open(kernel, false, &error);

	*list = NULL;
	*count = 0;
	if (err == -ENOENT)
		return RF_EXIT_OK;
	if (!err) {
		err = rf_engine_list(*kernel, list, count);
		rf_engine_unlock(*kernel);
		if (err)
			rf_error_set(&error, err, "the engine's sandboxes: %s", strerror(-err));
	}
	if (!err)
		return RF_EXIT_OK;
	rf_tell(verb, "%s", error.text);
	return err == -EPERM || err == -EACCES ? RF_EXIT_FORBIDDEN : RF_EXIT_FAILED;
}

static void add_row(struct rf_line *line, const struct rf_sandbox_info *info)
{
	const char *path = info->path ? info->path : "?";

	rf_line_format(line, "%-8llu  %-5zu  %-7u  ", (unsigned long long)info->id, info->tasks, info->owner);
	rf_line_name(line, path, strlen(path), 0);
	rf_line_string(line, "\n");
}

static int take_list(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value)
{
	(void)verb, (void)option, (void)value;
	*(bool *)context = true;
	return 0;
}

int rf_verb_list(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_kernel *kernel = NULL;
	struct rf_sandbox_info *list;
	struct rf_line line = {.text = NULL};
	bool bare = false;
	size_t count;
	int status, operands = rf_operands(verb, argc, argv, take_list, &bare, &status);

	if (operands < 0)
		return status;
	if (operands)
		return rf_usage_error(verb, "takes no names");
	status = read_list(verb, &kernel, &list, &count);
	if (!status && !count)
		fprintf(stderr, "none\n");
	if (count && !bare)
		rf_line_string(&line, "ID        TASKS  STARTER  CGROUP\n");
	for (size_t i = 0; i < count; i++)
		add_row(&line, &list[i]);
	rf_engine_list_free(list, count);
	rf_engine_close(kernel);
	return count ? rf_agent_print(verb, &line) : status;
}

/* ------------------------------------------------------------------------ stop */

/* By its number, or by the last part of its cgroup's path. */
static bool is_called(const struct rf_sandbox_info *info, const char *name)
{
	const char *slash = info->path ? strrchr(info->path, '/') : NULL;
	char id[32];

	snprintf(id, sizeof(id), "%llu", (unsigned long long)info->id);
	return strcmp(id, name) == 0 || (slash && strcmp(slash + 1, name) == 0);
}

/* Kills all tasks in it and beneath (cgroup.kill, since 5.14). */
static int stop_one(const struct rf_verb *verb, const struct rf_sandbox_info *info)
{
	RF_AUTO_FREE char *path = NULL;
	int fd = -1, error;

	if (info->path && asprintf(&path, "%s/cgroup.kill", info->path) >= 0)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	error = fd >= 0 && write(fd, "1", 1) == 1 ? 0 : errno;
	if (fd >= 0)
		close(fd);
	if (error) {
		rf_tell(verb, "%s: %s", path ? path : "a cgroup that is not to be found", strerror(error));
		return RF_EXIT_FAILED;
	}
	printf("sandbox/%llu stopped\n", (unsigned long long)info->id);
	return RF_EXIT_OK;
}

int rf_verb_stop(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_kernel *kernel = NULL;
	struct rf_sandbox_info *list;
	size_t count;
	int status, operands = rf_operands(verb, argc, argv, NULL, NULL, &status);

	if (operands < 0)
		return status;
	if (!operands)
		return rf_usage_error(verb, "takes sandboxes: their numbers, or the last part of their cgroups' paths");
	status = read_list(verb, &kernel, &list, &count);
	for (int n = 1; n <= operands && !status; n++) {
		size_t i = 0;

		while (i < count && !is_called(&list[i], argv[n]))
			i++;
		if (i < count) {
			status = stop_one(verb, &list[i]);
			continue;
		}
		rf_tell(verb, "there is no sandbox %s; see \"ringfence list\"", argv[n]);
		status = RF_EXIT_FAILED;
	}
	rf_engine_list_free(list, count);
	rf_engine_close(kernel);
	return status;
}
