// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sandboxes begin, change and end without anyone telling the service. While somebody watches them, all are looked at
 * once a second; one that did not change is the same json_t as before, for all watches together, so that a change is
 * told by its address and many watches cost no more memory than one.
 */
#include <stdio.h>

#include "api/internal.h"
#include "api/path.h"

static int id_of(const json_t *object, const struct rf_resource *resource, char id[RF_PATH_NAME_MAX])
{
	const json_t *value = rf_json_path(object, resource->id);

	if (!json_is_integer(value))
		return -1;
	snprintf(id, RF_PATH_NAME_MAX, "%lld", (long long)json_integer_value(value));
	return 0;
}

/* The one of before where it is as it was. */
static json_t *same_or_new(const json_t *before, const char *id, json_t *object)
{
	json_t *old = json_object_get(before, id);

	return old && json_equal(old, object) ? old : object;
}

int rf_looks_take(struct rf_api_server *server, const struct rf_resource *resource)
{
	const struct rf_service *service = server->service;
	json_t *items = NULL, *now = json_object(), *object;
	struct rf_api_error error = {0};
	char id[RF_PATH_NAME_MAX];
	size_t i;
	int err = service->list(service->context, resource->kind, &items, &error);

	rf_api_error_free(&error);
	json_array_foreach(items, i, object)
	{
		if (!err && !id_of(object, resource, id))
			err = json_object_set(now, id, same_or_new(server->looked, id, object));
	}
	json_decref(items);
	if (!err && now) {
		json_decref(server->looked);
		server->looked = now;
		return 0;
	}
	json_decref(now);
	return -1;
}

static int add(json_t *events, const char *type, json_t *object)
{
	return json_array_append_new(events, json_pack("{s:s, s:O}", "type", type, "object", object));
}

json_t *rf_looks_changes(const struct rf_api_server *server, const struct rf_choice *choice, json_t *shown)
{
	json_t *events = json_array(), *object, *old;
	const char *id;
	void *next;
	int err = events ? 0 : -1;

	json_object_foreach_safe(shown, next, id, object)
	{
		json_t *now = json_object_get(server->looked, id);

		if (now == object || (now && rf_choice_fits(choice, now)))
			continue;
		err |= add(events, "DELETED", object);
		json_object_del(shown, id);
	}
	json_object_foreach(server->looked, id, object)
	{
		old = json_object_get(shown, id);
		if (old == object || !rf_choice_fits(choice, object))
			continue;
		err |= add(events, old ? "MODIFIED" : "ADDED", object);
		err |= json_object_set(shown, id, object);
	}
	if (!err)
		return events;
	json_decref(events);
	return NULL;
}
