/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"
#include "host/inside.h"
#include "host/read.h"
#include "policy/memory.h"
#include "ringfence/abi.h"

/* The end of a `run`'s name where a component begins with it; NULL. */
static const char *name_end(const char *component)
{
	const char *digits = component + strlen(RF_CGROUP_PREFIX);
	size_t len;

	if (strncmp(component, RF_CGROUP_PREFIX, strlen(RF_CGROUP_PREFIX)) != 0)
		return NULL;
	len = strspn(digits, "0123456789");
	return len && strchr("/\n", digits[len]) ? digits + len : NULL;
}

char *rf_inside_cgroup(const char *text)
{
	size_t len = 0;
	const char *path = rf_cgroup_in(text, &len);

	for (size_t at = 0; at < len; at++) {
		const char *end = path[at] == '/' ? name_end(path + at + 1) : NULL;

		if (end)
			return strndup(path, (size_t)(end - path));
	}
	return NULL;
}

/* The pins are root's, and beyond that the guard `engine` keeps them from whoever is fenced. */
static bool pins_refused(void)
{
	int pins = open(RF_PINS_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;

	if (pins >= 0)
		close(pins);
	return pins < 0 && (error == EACCES || error == EPERM);
}

char *rf_inside(bool *shut)
{
	RF_AUTO_FREE char *text = rf_host_read(AT_FDCWD, "/proc/self/cgroup");
	RF_AUTO_FREE char *cgroup = text ? rf_inside_cgroup(text) : NULL;
	char *words = NULL;

	*shut = pins_refused();
	if (cgroup)
		return asprintf(&words, "in a fence already (cgroup %s)", cgroup) < 0 ? NULL : words;
	return !geteuid() && *shut ? strdup("in a fence already: the engine is kept from it") : NULL;
}
