// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists: what is chosen of them, and what of that comes at a time. */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/path.h"
#include "api/selector.h"

/* Whether an object stands behind the one that `after` names, in the order of lists: numbers by size. */
static bool is_behind(const struct rf_resource *resource, const json_t *object, const char *after)
{
	const json_t *id = rf_json_path(object, resource->id);

	if (json_is_integer(id))
		return json_integer_value(id) > strtoll(after, NULL, 10);
	return strcmp(json_is_string(id) ? json_string_value(id) : "", after) > 0;
}

static json_t *id_text(const struct rf_resource *resource, const json_t *object)
{
	json_t *id = rf_json_path(object, resource->id);

	if (json_is_integer(id))
		return json_sprintf("%lld", (long long)json_integer_value(id));
	return json_incref(id);
}

int rf_choice_read(struct rf_request *request, const struct rf_resource *resource, struct rf_choice *choice)
{
	const char *wrong;

	choice->labels = rf_query(request, "labelSelector");
	choice->fields = rf_query(request, "fieldSelector");
	wrong = choice->labels ? rf_selector_wrong(choice->labels) : NULL;
	if (wrong)
		return rf_api_fail(&request->error, 400, "BadQuery", "\"%s\" is no selector: %s", choice->labels,
				   wrong);
	return choice->fields ? rf_field_selector_check(resource, choice->fields, &request->error) : 0;
}

bool rf_choice_fits(const struct rf_choice *choice, const json_t *object)
{
	return (!choice->labels || rf_selector_fits(choice->labels, rf_json_path(object, "metadata.labels"))) &&
	       (!choice->fields || rf_field_selector_fits(choice->fields, object));
}

int rf_list_page(struct rf_request *request, const struct rf_resource *resource, json_t *items, uint64_t revision,
		 json_t **page)
{
	const char *after = rf_query(request, "continue");
	struct rf_choice choice;
	json_t *chosen = json_array(), *object, *last = NULL;
	uint64_t limit = 0;
	size_t i;
	int err = rf_query_number(request, "limit", &limit);

	err = err ? err : rf_choice_read(request, resource, &choice);
	if (err) {
		json_decref(items);
		json_decref(chosen);
		return err;
	}
	json_array_foreach(items, i, object)
	{
		if (!rf_choice_fits(&choice, object))
			continue;
		if (after && !is_behind(resource, object, after))
			continue;
		if (limit && json_array_size(chosen) == limit) {
			last = json_array_get(chosen, limit - 1);
			break;
		}
		json_array_append(chosen, object);
	}
	*page = json_pack("{s:o, s:I, s:o}", "kind", json_sprintf("%sList", resource->name), "revision",
			  (json_int_t)revision, "items", chosen);
	if (*page && last)
		json_object_set_new(*page, "continue", id_text(resource, last));
	json_decref(items);
	return 0;
}
