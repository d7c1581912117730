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

/* Adds the words of a list to `buf`, but for those that need no mention. */
static void add_words(const char *list, char *buf, size_t size)
{
	size_t used = strlen(buf);

	while (*list) {
		int item = (int)strcspn(list, ",");
		/* The kernel puts `capability` in by itself, and bpf goes to the end. */
		bool known = (item == 10 && strncmp(list, "capability", 10) == 0) ||
			     (item == 3 && strncmp(list, "bpf", 3) == 0);

		if (item && !known)
			used += (size_t)snprintf(buf + used, size - used, "%.*s,", item, list);
		list += item + (list[item] == ',');
	}
}

const char *rf_lsm_parameter(const char *in_force, const char *cmdline, const char *config, char *buf, size_t size)
{
	char given[512];
	const char *list = in_force;

	buf[0] = '\0';
	if (!list && cmdline && rf_cmdline_value(cmdline, "lsm", given, sizeof(given)))
		list = given;
	if (!list)
		list = config;
	/* What does not fit whole would, taken over, switch modules off. */
	if (!list || strlen(list) + sizeof("lsm=,bpf") > size)
		return buf;
	snprintf(buf, size, "lsm=");
	add_words(list, buf, size);
	snprintf(buf + strlen(buf), size - strlen(buf), "bpf");
	return buf;
}

unsigned rf_release_number(const char *release)
{
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2 || minor > 999 || major > 999)
		return 0;
	return major * 1000 + minor;
}
