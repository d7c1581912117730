// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether the kernel still has what was put there: somebody with root's rights may have taken a program out, or written
 * into the engine's maps.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"

/* Programs of packets hang on a cgroup, and only while policies select. */
#define OF_CGROUPS "packet_egress"

/* Calls `each` with the name of every program that is to be attached always. Not 0 of `each` ends it. */
static int all_programs(int (*each)(void *context, const char *name), void *context)
{
	RF_AUTO_CLOSEDIR DIR *dir = opendir(RF_PINS "/progs");
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, OF_CGROUPS) != 0 &&
		    !rf_demand_knows(entry->d_name))
			err = each(context, entry->d_name);
	return err;
}

static int note_missing(void *context, const char *name)
{
	if (rf_program_attached(name))
		return 0;
	snprintf(context, RF_DRIFT_TEXT, "the program of %.60s was taken out of the kernel", name);
	return 1;
}

static int attach_missing(void *context, const char *name)
{
	(void)context;
	return rf_program_attach(name);
}

int rf_engine_drifted(struct rf_kernel *kernel, const struct rf_bound *const *bound, size_t count,
		      char why[RF_DRIFT_TEXT])
{
	int err = all_programs(note_missing, why);

	if (err)
		return err;
	if (count && !kernel->switches->select) {
		snprintf(why, RF_DRIFT_TEXT, "new cgroups were no longer looked at");
		return 1;
	}
	if (count && !rf_program_attached(OF_CGROUPS)) {
		snprintf(why, RF_DRIFT_TEXT, "the program of packets was taken out of the kernel");
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (rf_slot_generation(kernel, bound[i]->slot) == bound[i]->generation)
			continue;
		snprintf(why, RF_DRIFT_TEXT, "policy %.60s was not in its slot", bound[i]->policy->name);
		return 1;
	}
	return 0;
}

int rf_engine_reattach(void)
{
	return all_programs(attach_missing, NULL);
}
