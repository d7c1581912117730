// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What cgroups are called: by the kernel's text of a process's, and ours by their sandbox. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"

const char *rf_cgroup_name(char buf[RF_CGROUP_NAME], uint64_t id)
{
	snprintf(buf, RF_CGROUP_NAME, RF_CGROUP_PREFIX "%llu", (unsigned long long)id);
	return buf;
}

const char *rf_cgroup_in(const char *text, size_t *len)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "0::/", 4) == 0) {
			line += strlen("0::");
			*len = strcspn(line, "\n");
			return line;
		}
	}
	return NULL;
}
