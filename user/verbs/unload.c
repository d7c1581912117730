// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence unload`: takes the engine out of the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "verbs/verbs.h"

const struct rf_option rf_options_unload[] = {
	{0},
};

/* Tells which sandboxes are in the way. Returns how many. */
static size_t tell_living(struct rf_kernel *kernel)
{
	struct rf_sandbox_info *list;
	size_t count;
	int err = rf_engine_list(kernel, &list, &count);

	if (err)
		fprintf(stderr, "ringfence: the engine's sandboxes: %s\n", strerror(-err));
	for (size_t i = 0; i < count; i++)
		rf_tell(NULL, "sandbox %llu lives: %zu task%s in cgroup %s, started by process %u",
			(unsigned long long)list[i].id, list[i].tasks, list[i].tasks == 1 ? "" : "s",
			list[i].path ? list[i].path : "?", list[i].owner);
	rf_engine_list_free(list, count);
	return err ? 1 : count;
}

static int unload(struct rf_kernel *kernel)
{
	struct rf_error error;
	int err = rf_engine_sweep(kernel, NULL);

	if (err) {
		fprintf(stderr, "ringfence: the engine's sandboxes: %s\n", strerror(-err));
		return RF_EXIT_FAILED;
	}
	if (tell_living(kernel)) {
		fprintf(stderr, "ringfence: the engine stays loaded while a sandbox lives\n");
		return RF_EXIT_FAILED;
	}
	err = rf_engine_unload(kernel, &error);
	if (err)
		rf_tell(NULL, "%s", error.text);
	return err ? RF_EXIT_FAILED : RF_EXIT_OK;
}

int rf_verb_unload(const struct rf_verb *verb, int argc, char **argv)
{
	struct rf_kernel *kernel = NULL;
	struct rf_error error;
	int next = 1, status, err;

	if (rf_option_next(verb, argc, argv, &next, NULL))
		return RF_EXIT_USAGE;
	if (next < argc)
		return rf_usage_error(verb, "\"%s\" is not expected here", argv[next]);
	if (geteuid() != 0) {
		fprintf(stderr, "ringfence: only root can unload the engine; use sudo\n");
		return RF_EXIT_USAGE;
	}
	err = rf_engine_open(&kernel, false, &error);
	if (err == -ENOENT) {
		printf("ringfence: no engine is loaded\n");
		return RF_EXIT_OK;
	}
	if (err) {
		rf_tell(NULL, "%s", error.text);
		return RF_EXIT_USAGE;
	}
	status = unload(kernel);
	rf_engine_close(kernel);
	return status;
}
