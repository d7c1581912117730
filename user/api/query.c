// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parameters behind a path's "?". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

const char *rf_query(const struct rf_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool rf_in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, " ");

		if (n == len && !memcmp(list, word, len))
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

struct look {
	const char *known, *unknown, *twice, *bare;
	const char *seen[16];
	size_t count;
};

static enum MHD_Result look_at(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct look *look = context;

	(void)kind;
	if (!value)
		look->bare = name;
	if (!rf_in_list(look->known, name) || look->count == sizeof(look->seen) / sizeof(look->seen[0])) {
		look->unknown = name;
		return MHD_NO;
	}
	for (size_t i = 0; i < look->count; i++)
		if (!strcmp(look->seen[i], name))
			look->twice = name;
	look->seen[look->count++] = name;
	return look->twice || look->bare ? MHD_NO : MHD_YES;
}

int rf_query_check(struct rf_request *request, const char *known)
{
	struct look look = {.known = known};

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, look_at, &look);
	if (look.twice)
		return rf_api_fail(&request->error, 400, "BadQuery", "the parameter \"%s\" is given twice", look.twice);
	if (look.unknown)
		return rf_api_fail(&request->error, 400, "BadQuery", "there is no parameter \"%s\" here; there are %s",
				   look.unknown, *known ? known : "none");
	if (look.bare)
		return rf_api_fail(&request->error, 400, "BadQuery", "the parameter \"%s\" has no value", look.bare);
	return 0;
}

int rf_query_flag(struct rf_request *request, const char *name, bool *out)
{
	const char *value = rf_query(request, name);

	*out = false;
	if (!value)
		return 0;
	if (!strcmp(value, "1") || !strcmp(value, "true"))
		*out = true;
	else if (strcmp(value, "0") != 0 && strcmp(value, "false") != 0)
		return rf_api_fail(&request->error, 400, "BadQuery", "\"%s\" is 1 or 0, and not \"%s\"", name, value);
	return 0;
}

int rf_query_number(struct rf_request *request, const char *name, uint64_t *out)
{
	const char *value = rf_query(request, name);
	char *end;

	*out = 0;
	if (!value)
		return 0;
	errno = 0;
	*out = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || !*out)
		return rf_api_fail(&request->error, 400, "BadQuery", "\"%s\" is a number from 1 on, and not \"%s\"",
				   name, value);
	return 0;
}

static const char *header_of(const struct rf_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool rf_query_wants_events(const struct rf_request *request)
{
	const char *accept = header_of(request, MHD_HTTP_HEADER_ACCEPT);

	return accept && strstr(accept, "text/event-stream");
}

uint64_t rf_query_last_id(const struct rf_request *request)
{
	const char *id = rf_query_wants_events(request) ? header_of(request, "Last-Event-ID") : NULL;

	return id && *id >= '0' && *id <= '9' ? strtoull(id, NULL, 10) : 0;
}
