// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the store knows of its objects without reading a file. */
#include <stdio.h>
#include <string.h>

#include "policy/memory.h"
#include "store/internal.h"

bool rf_store_name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	/* Also a folder's name: no dot in front, so neither "." nor ".." nor DISK_TEMPORARY. */
	return !name[len] && len >= 1 && len <= RF_STORE_NAME_MAX && name[0] != '.';
}

/* Where an object of this name is, or belongs. */
static size_t place_of(const struct rf_store *store, const char *name, bool *found)
{
	size_t low = 0, high = store->objects;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(store->object[mid].name, name);

		*found |= !order;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct object *object_find(struct rf_store *store, const char *name)
{
	bool found;
	size_t at = place_of(store, name, &found);

	return found ? &store->object[at] : NULL;
}

struct object *object_make(struct rf_store *store, const char *name)
{
	bool found;
	size_t at = place_of(store, name, &found);
	struct object *object;

	if (found)
		return &store->object[at];
	object = rf_grow(store->object, store->objects, sizeof(*object));
	if (!object)
		return NULL;
	store->object = object;
	object += at;
	memmove(object + 1, object, (store->objects++ - at) * sizeof(*object));
	*object = (struct object){.entries = 0};
	memcpy(object->name, name, strnlen(name, RF_STORE_NAME_MAX));
	return object;
}

const struct entry *object_newest(const struct object *object)
{
	return object && object->entries ? &object->entry[object->entries - 1] : NULL;
}

uint64_t object_push(struct object *object, const struct entry *entry)
{
	uint64_t oldest = 0;

	if (object->entries == RF_STORE_HISTORY) {
		oldest = object->entry[0].revision;
		object_drop(object, 0);
	}
	object->entry[object->entries++] = *entry;
	return oldest;
}

void object_drop(struct object *object, size_t index)
{
	object->entries--;
	memmove(&object->entry[index], &object->entry[index + 1], (object->entries - index) * sizeof(object->entry[0]));
}

const char *revision_name(char buf[REVISION_DIGITS + 1], uint64_t revision)
{
	snprintf(buf, REVISION_DIGITS + 1, "%0*llu", REVISION_DIGITS, (unsigned long long)revision);
	return buf;
}

uint64_t revision_of(const char *name)
{
	uint64_t revision = 0;

	if (strlen(name) != REVISION_DIGITS || strspn(name, "0123456789") != REVISION_DIGITS)
		return 0;
	for (; *name; name++)
		revision = 10 * revision + (uint64_t)(*name - '0');
	return revision;
}
