// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "host/lsm.h"

bool rf_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t item = strcspn(list, ",");

		if (item == len && strncmp(list, word, len) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

bool rf_cmdline_value(const char *cmdline, const char *name, char *value, size_t size)
{
	size_t len = strlen(name);
	bool found = false;

	while (*cmdline) {
		size_t word;

		cmdline += strspn(cmdline, " \t\n");
		word = strcspn(cmdline, " \t\n");
		if (word > len && strncmp(cmdline, name, len) == 0 && cmdline[len] == '=' && word - len - 1 < size) {
			snprintf(value, size, "%.*s", (int)(word - len - 1), cmdline + len + 1);
			found = true;
		}
		cmdline += word;
	}
	return found;
}

const char *rf_lsm_parameter(const char *in_force, const char *cmdline, const char *config, char *buf, size_t size)
{
	static const char always[] = "capability";
	char given[512], *at = buf;
	const char *list = in_force;

	buf[0] = '\0';
	if (!list && cmdline && rf_cmdline_value(cmdline, "lsm", given, sizeof(given)))
		list = given;
	if (!list)
		list = config;
	/* What does not fit whole would, taken over, switch modules off. */
	if (!list || strlen(list) + sizeof("lsm=,bpf") > size)
		return buf;
	/* The kernel puts `capability` first by itself. */
	if (strncmp(list, always, sizeof(always) - 1) == 0 && strchr(",", list[sizeof(always) - 1]))
		list += sizeof(always) - 1 + (list[sizeof(always) - 1] == ',');
	at += snprintf(at, size, "lsm=%s", list);
	if (!rf_list_has(list, "bpf"))
		snprintf(at, size - (size_t)(at - buf), "%sbpf", *list ? "," : "");
	return buf;
}

unsigned rf_release_number(const char *release)
{
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2 || minor > 999 || major > 999)
		return 0;
	return major * 1000 + minor;
}
