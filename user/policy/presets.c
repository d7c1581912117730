// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Presets: policies that come with the program, called by their names. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/memory.h"
#include "policy/policy.h"

#define PLACES 4

/* The folders in which presets are looked up, in this order. Free with free_places. */
static void find_places(char *place[PLACES])
{
	char exe[PATH_MAX] = "", *slash;
	const char *given = getenv("RINGFENCE_POLICIES");
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[len > 0 ? len : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	if (given && given[0])
		place[0] = strdup(given);
	/* Installed elsewhere than was thought at build time; installed; in a source tree's build/bin. */
	if (slash && asprintf(&place[1], "%s/../share/ringfence/policies", exe) < 0)
		place[1] = NULL;
	place[2] = strdup(RF_PREFIX "/share/ringfence/policies");
	if (slash && asprintf(&place[3], "%s/../../policies", exe) < 0)
		place[3] = NULL;
}

static void free_places(char *(*place)[PLACES])
{
	for (size_t i = 0; i < PLACES; i++)
		free((*place)[i]);
}

bool rf_preset_is(const char *word)
{
	const char *dot = strrchr(word, '.');

	return !strchr(word, '/') && strcmp(word, "-") != 0 &&
	       (!dot || (strcmp(dot, ".yaml") != 0 && strcmp(dot, ".yml") != 0));
}

char *rf_preset_find(const char *name)
{
	__attribute__((cleanup(free_places))) char *place[PLACES] = {NULL};

	find_places(place);
	for (size_t i = 0; i < PLACES; i++) {
		char *path = NULL;

		if (!place[i] || asprintf(&path, "%s/%s.yaml", place[i], name) < 0)
			continue;
		if (access(path, F_OK) == 0) {
			char *plain = realpath(path, NULL);

			free(plain ? path : NULL);
			return plain ? plain : path;
		}
		free(path);
	}
	return NULL;
}

struct names {
	char **name; /* with room for a NULL behind them */
	size_t count;
};

static bool has(const struct names *names, const char *name, size_t len)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strncmp(names->name[i], name, len) && !names->name[i][len])
			return true;
	return false;
}

/* Adds the names of the presets in a folder. False: no memory. */
static bool add_folder(struct names *names, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool fine = true;

	while (dir && fine && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		size_t len = dot ? (size_t)(dot - entry->d_name) : 0;
		char **grown;

		if (!len || strcmp(dot, ".yaml") != 0 || has(names, entry->d_name, len))
			continue;
		grown = realloc(names->name, (names->count + 2) * sizeof(*grown));
		fine = grown != NULL;
		if (!fine)
			continue;
		names->name = grown;
		names->name[names->count] = strndup(entry->d_name, len);
		fine = names->name[names->count] != NULL;
		names->count += fine;
		names->name[names->count] = NULL;
	}
	if (dir)
		closedir(dir);
	return fine;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **rf_presets(void)
{
	__attribute__((cleanup(free_places))) char *place[PLACES] = {NULL};
	struct names names = {.name = calloc(1, sizeof(char *))};
	bool fine = names.name != NULL;

	find_places(place);
	for (size_t i = 0; i < PLACES && fine; i++)
		if (place[i])
			fine = add_folder(&names, place[i]);
	if (!fine) {
		rf_presets_free(names.name);
		return NULL;
	}
	qsort(names.name, names.count, sizeof(*names.name), by_text);
	return names.name;
}

void rf_presets_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
