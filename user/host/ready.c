// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>

#include "host/host.h"
#include "host/probe.h"

bool rf_host_ready(char **why)
{
	struct rf_problem problem = {"", ""};
	char list[512], mount[PATH_MAX];

	*why = NULL;
	/* A list that can't be read is no reason to hope: programs attach and are never called where bpf is not in it.
	 */
	if (rf_probe_root(&problem) == 0 && rf_probe_kernel(&problem) == 0 && rf_probe_btf(&problem) == 0 &&
	    rf_probe_lsm(list, sizeof(list), &problem) == 0 && rf_probe_cgroup(mount, sizeof(mount), &problem) == 0)
		return true;
	if (asprintf(why, "%s%s%s", problem.text, problem.remedy[0] ? "; " : "", problem.remedy) < 0)
		*why = NULL;
	return false;
}
