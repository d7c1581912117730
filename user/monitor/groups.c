// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "monitor/groups.h"

#define SLOTS (RF_GROUPS_MAX * 2)

const char *const rf_grouping_words[] = {
#define X(name, word) word,
	RF_GROUPINGS(X)
#undef X
};

int rf_grouping_find(const char *word)
{
	for (int i = 0; i < RF_GROUPING_COUNT; i++)
		if (!strcmp(rf_grouping_words[i], word))
			return i;
	return -1;
}

void rf_group_add(struct rf_group *group, const struct rf_share *share)
{
	group->count += share->count;
	group->would += share->would ? share->count : 0;
	if (share->time && (!group->first || share->time < group->first))
		group->first = share->time;
	if (share->time > group->last)
		group->last = share->time;
	if (share->number > group->example)
		group->example = share->number;
}

void rf_group_join(struct rf_group *group, const struct rf_group *other)
{
	const struct rf_share ends[] = {
		{.count = other->count - other->would, .number = other->example, .time = other->first},
		{.count = other->would, .number = other->example, .time = other->last, .would = true},
	};

	rf_group_add(group, &ends[0]);
	rf_group_add(group, &ends[1]);
}

static size_t hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3u;
	return (size_t)(h ^ h >> 29) % SLOTS;
}

/* The group of a key, made where there is room; NULL where there is none. */
static struct rf_group *find(struct rf_groups *groups, const char *key)
{
	size_t at = hash(key);
	struct rf_group *group;

	if (!groups->slot)
		groups->slot = calloc(SLOTS, sizeof(struct rf_group *));
	if (!groups->slot)
		return NULL;
	for (; groups->slot[at]; at = (at + 1) % SLOTS)
		if (!strcmp(groups->slot[at]->key, key))
			return groups->slot[at];
	if (groups->count == RF_GROUPS_MAX)
		return NULL;
	group = calloc(1, sizeof(*group));
	if (group && !(group->key = strdup(key))) {
		free(group);
		return NULL;
	}
	groups->count += group != NULL;
	return groups->slot[at] = group;
}

void rf_groups_add(struct rf_groups *groups, const char *key, const struct rf_share *share)
{
	struct rf_group *group;

	if (groups->grouping == RF_BY_FOLDER && key[0] == '/') {
		if (!rf_folders_add(&groups->root, &groups->count, key, share))
			groups->others += share->count;
		return;
	}
	group = find(groups, key);
	if (group)
		rf_group_add(group, share);
	else
		groups->others += share->count;
}

void rf_groups_reset(struct rf_groups *groups, enum rf_grouping grouping)
{
	for (size_t i = 0; groups->slot && i < SLOTS; i++) {
		if (groups->slot[i])
			free(groups->slot[i]->key);
		free(groups->slot[i]);
	}
	free(groups->slot);
	rf_folders_free(groups->root);
	*groups = (struct rf_groups){.grouping = grouping};
}

void rf_groups_each(const struct rf_groups *groups, void (*visit)(void *context, const struct rf_group *group),
		    void *context)
{
	for (size_t i = 0; groups->slot && i < SLOTS; i++)
		if (groups->slot[i])
			visit(context, groups->slot[i]);
	rf_folders_each(groups->root, visit, context);
}
