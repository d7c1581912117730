// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "api/path.h"

/* The member that a name at *path says, which ends at a dot or bracket. */
static json_t *member(const json_t *value, const char **path)
{
	const char *at = *path;
	char name[256];
	size_t len = 0;

	for (; *at && *at != '.' && *at != '['; at++) {
		at += *at == '\\' && at[1];
		if (len == sizeof(name) - 1)
			return NULL;
		name[len++] = *at;
	}
	name[len] = '\0';
	*path = at;
	return len ? json_object_get(value, name) : NULL;
}

static json_t *element(const json_t *value, const char **path)
{
	char *end;
	unsigned long index = strtoul(*path + 1, &end, 10);

	if (end == *path + 1 || *end != ']')
		return NULL;
	*path = end + 1;
	return json_array_get(value, index);
}

json_t *rf_json_path(const json_t *value, const char *path)
{
	bool first = true;

	if (!*path || !strcmp(path, "."))
		return *path ? (json_t *)value : NULL;
	for (; value && *path; first = false) {
		if (*path == '[') {
			value = element(value, &path);
			continue;
		}
		if (*path == '.')
			path++;
		else if (!first)
			return NULL;
		value = member(value, &path);
	}
	return (json_t *)value;
}
