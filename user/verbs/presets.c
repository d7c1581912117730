// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence presets`: what -p and spec.extends know by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "verbs/verbs.h"

const struct rf_option rf_options_presets[] = {{0}};

/* The first sentence of the comment that a preset begins with, behind the licence; it may go over several lines. */
static void list_one(const char *name, FILE *file)
{
	char line[512] = "", *end = NULL;

	printf("%-16s", name);
	while (!end && fgets(line, sizeof(line), file) && line[0] == '#') {
		if (strstr(line, "SPDX"))
			continue;
		line[strcspn(line, "\n")] = '\0';
		end = strstr(line, ". ");
		if (!end && line[strlen(line) - 1] == '.')
			end = line + strlen(line) - 1;
		if (end)
			end[1] = '\0';
		printf(" %s", line + 1 + strspn(line + 1, " "));
	}
	printf("\n");
}

static void print_one(FILE *file)
{
	char buf[4096];
	size_t got;

	while ((got = fread(buf, 1, sizeof(buf), file)))
		fwrite(buf, 1, got, stdout);
}

static int show(const struct rf_verb *verb, const char *name, bool whole)
{
	char *path = rf_preset_find(name);
	FILE *file = path ? fopen(path, "re") : NULL;

	if (!file)
		rf_tell(verb, "%s: cannot be read", path ? path : name);
	else if (whole)
		print_one(file);
	else
		list_one(name, file);
	if (file)
		fclose(file);
	free(path);
	return file ? RF_EXIT_OK : RF_EXIT_FAILED;
}

int rf_verb_presets(const struct rf_verb *verb, int argc, char **argv)
{
	char *value = NULL, **names, **name;
	const char *near;
	int next = 1, status = RF_EXIT_OK;

	if (rf_option_next(verb, argc, argv, &next, &value))
		return RF_EXIT_USAGE;
	if (argc - next > 1)
		return rf_usage_error(verb, "one name at a time: \"%s\" is one too many", argv[next + 1]);
	names = rf_presets();
	if (!names)
		return rf_usage_error(verb, "out of memory");
	for (name = names; *name && (next == argc || strcmp(*name, argv[next]) != 0); name++)
		if (next == argc && show(verb, *name, false))
			status = RF_EXIT_FAILED;
	if (next < argc && *name) {
		status = show(verb, *name, true);
	} else if (next < argc) {
		near = rf_nearest(argv[next], (const char *const *)names);
		rf_tell(verb, near ? "there is no preset \"%s\"; did you mean \"%s\"?" : "there is no preset \"%s\"",
			argv[next], near);
		status = RF_EXIT_FAILED;
	}
	rf_presets_free(names);
	return status;
}
