// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A hash table whose entries also stand in one list from the latest used to the longest unused. The first
 * RF_MERGE_EVENTS_MAX entries of the list hold an event; `last_kept` is the last of those.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "events/merge.h"

#define BUCKETS 16384u
#define NONE	UINT32_MAX

struct entry {
	uint64_t key, told, time;
	void *event;
	size_t len;
	uint32_t bucket_next;
	uint32_t newer, older;
};

struct rf_merges {
	struct entry *entry;
	uint32_t count, room;
	uint32_t newest, oldest;
	uint32_t kept, last_kept;
	bool joined;
	uint32_t bucket[BUCKETS];
};

struct rf_merges *rf_merges_new(void)
{
	struct rf_merges *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->newest = m->oldest = m->last_kept = NONE;
	memset(m->bucket, 0xff, sizeof(m->bucket));
	return m;
}

void rf_merges_free(struct rf_merges *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		free(m->entry[i].event);
	free(m->entry);
	free(m);
}

void rf_merges_join(struct rf_merges *m)
{
	m->joined = true;
}

static uint32_t *bucket_of(struct rf_merges *m, uint64_t key)
{
	return &m->bucket[(key * 0x9e3779b97f4a7c15u >> 40) % BUCKETS];
}

static uint32_t find(struct rf_merges *m, uint64_t key)
{
	uint32_t i = *bucket_of(m, key);

	while (i != NONE && m->entry[i].key != key)
		i = m->entry[i].bucket_next;
	return i;
}

static void list_remove(struct rf_merges *m, uint32_t i)
{
	struct entry *e = &m->entry[i];

	*(e->newer == NONE ? &m->newest : &m->entry[e->newer].older) = e->older;
	*(e->older == NONE ? &m->oldest : &m->entry[e->older].newer) = e->newer;
	if (m->last_kept == i)
		m->last_kept = e->newer;
}

static void list_push(struct rf_merges *m, uint32_t i)
{
	struct entry *e = &m->entry[i];

	e->newer = NONE;
	e->older = m->newest;
	*(m->newest == NONE ? &m->oldest : &m->entry[m->newest].newer) = i;
	m->newest = i;
}

static void drop_event(struct rf_merges *m, struct entry *e)
{
	if (!e->event)
		return;
	free(e->event);
	e->event = NULL;
	m->kept--;
}

/* Takes the longest unused entry out, to be used for another key. */
static uint32_t recycle(struct rf_merges *m)
{
	uint32_t i = m->oldest, *at = bucket_of(m, m->entry[i].key);

	while (*at != i)
		at = &m->entry[*at].bucket_next;
	*at = m->entry[i].bucket_next;
	list_remove(m, i);
	drop_event(m, &m->entry[i]);
	return i;
}

static uint32_t grow(struct rf_merges *m)
{
	if (m->count == m->room) {
		uint32_t room = m->room ? 2 * m->room : 64;
		struct entry *entry = realloc(m->entry, room * sizeof(*entry));

		if (!entry)
			return NONE;
		m->entry = entry;
		m->room = room;
	}
	return m->count++;
}

static uint32_t add(struct rf_merges *m, uint64_t key)
{
	uint32_t i = m->count < RF_MERGE_KEYS_MAX ? grow(m) : recycle(m), *bucket = bucket_of(m, key);

	if (i == NONE)
		return NONE;
	m->entry[i] = (struct entry){.key = key, .bucket_next = *bucket, .newer = NONE, .older = NONE};
	*bucket = i;
	return i;
}

/* Keeps a copy with the newest entry; the oldest copy beyond the bound goes. */
static void keep(struct rf_merges *m, uint32_t i, const void *data, size_t len)
{
	struct entry *e = &m->entry[i];

	drop_event(m, e);
	e->event = data ? malloc(len ? len : 1) : NULL;
	if (!e->event)
		return;
	memcpy(e->event, data, len);
	e->len = len;
	m->kept++;
	if (m->last_kept == NONE)
		m->last_kept = i;
	while (m->kept > RF_MERGE_EVENTS_MAX && m->last_kept != NONE) {
		drop_event(m, &m->entry[m->last_kept]);
		m->last_kept = m->entry[m->last_kept].newer;
	}
}

uint64_t rf_merges_event(struct rf_merges *m, uint64_t key, uint64_t total, uint64_t time, const void *data, size_t len)
{
	uint32_t i = find(m, key);
	struct entry *e;
	uint64_t count;

	if (i == NONE) {
		i = add(m, key);
		if (i != NONE && m->joined)
			m->entry[i].told = total - 1;
	} else {
		list_remove(m, i);
	}
	if (i == NONE)
		return 1;
	list_push(m, i);
	e = &m->entry[i];
	/* The element left the kernel's map and came anew: its count began again. */
	if (total == 1 && time > e->time)
		e->told = 0;
	/* Less than was told otherwise means that this event was overtaken by one that counted it. */
	count = total > e->told ? total - e->told : 0;
	e->told += count;
	e->time = time > e->time ? time : e->time;
	keep(m, i, data, len);
	return count;
}

uint64_t rf_merges_rest(struct rf_merges *m, uint64_t key, uint64_t total, const void **data, size_t *len)
{
	uint32_t i = find(m, key);
	struct entry *e;
	uint64_t count;

	*data = NULL;
	*len = 0;
	if (i == NONE)
		return 0;
	e = &m->entry[i];
	if (total <= e->told)
		return 0;
	count = total - e->told;
	e->told = total;
	*data = e->event;
	*len = e->len;
	return count;
}
