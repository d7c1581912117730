/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A walk over pairs of an image's states, for a continuation in which two folders differ. */
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "reference/contain.h"

/* A pair, how the walk came to it, and whether it stands right behind a '/'. */
struct stop {
	uint32_t old, new, from;
	uint8_t byte;
	bool slash;
};

struct walk {
	const uint32_t *tab;
	struct stop *stop;
	size_t count, room;
	uint32_t *table; /* stop + 1, by hash */
	size_t size;
};

static uint32_t step(const uint32_t *tab, uint32_t s, uint32_t byte)
{
	uint32_t slot = tab[s + byte];

	return ((slot & RF_DFA_TAG_MASK) == byte ? slot : tab[s]) >> RF_DFA_SHIFT;
}

static bool has_own(const uint32_t *tab, uint32_t s, uint32_t byte)
{
	return (tab[s + byte] & RF_DFA_TAG_MASK) == byte;
}

static uint32_t *place_of(struct walk *w, const struct stop *stop)
{
	uint64_t hash = ((uint64_t)stop->old << 32 | stop->new << 1 | stop->slash) * 0x9e3779b97f4a7c15u;

	for (size_t at = hash >> 32 & (w->size - 1);; at = (at + 1) & (w->size - 1)) {
		const struct stop *there = w->table[at] ? &w->stop[w->table[at] - 1] : NULL;

		if (!there || (there->old == stop->old && there->new == stop->new && there->slash == stop->slash))
			return &w->table[at];
	}
}

static void grow(struct walk *w)
{
	w->room = w->room ? 2 * w->room : 1024;
	w->size = 2 * w->room;
	w->stop = realloc(w->stop, w->room * sizeof(*w->stop));
	free(w->table);
	w->table = calloc(w->size, sizeof(*w->table));
	if (!w->stop || !w->table)
		abort();
	for (size_t i = 0; i < w->count; i++)
		*place_of(w, &w->stop[i]) = (uint32_t)i + 1;
}

static void come_to(struct walk *w, struct stop stop)
{
	if (w->count == w->room)
		grow(w);
	uint32_t *place = place_of(w, &stop);
	if (*place)
		return;
	w->stop[w->count++] = stop;
	*place = (uint32_t)w->count;
}

/* Goes on from a stop by each byte that a path can go on by; of those that neither state names, one is enough. */
static void go_on(struct walk *w, uint32_t at)
{
	bool other = false;

	for (uint32_t byte = 1; byte < 256; byte++) {
		struct stop stop = w->stop[at];
		bool own = has_own(w->tab, stop.old, byte) || has_own(w->tab, stop.new, byte);

		if (byte == '/' ? stop.slash : !own && other)
			continue;
		other |= byte != '/' && !own;
		come_to(w, (struct stop){step(w->tab, stop.old, byte), step(w->tab, stop.new, byte), at, (uint8_t)byte,
					 byte == '/'});
	}
}

static bool differ_at(const struct walk *w, enum ref_difference how, const struct stop *stop)
{
	const struct rf_image_head *head = (const struct rf_image_head *)w->tab;
	uint32_t old = head->verdict[w->tab[stop->old] & RF_DFA_VERDICT_MASK];
	uint32_t new = head->verdict[w->tab[stop->new] & RF_DFA_VERDICT_MASK];

	if (stop->slash)
		return false;
	switch (how) {
	case REF_GAINS:
		return new & ~old &(RF_FILE_ACCESSES | RF_MOVES);
	case REF_GAINS_WRITE:
		return new & ~old &RF_WRITE;
	default:
		return ~(old & new) & RF_WRITE;
	}
}

/* The bytes from the folders on, the '/' first. */
static bool spell(const struct walk *w, uint32_t at, char *rest)
{
	size_t len = 1;

	for (uint32_t i = at; i; i = w->stop[i].from)
		len++;
	if (len >= RF_PATH_MAX)
		return false;
	rest[len] = '\0';
	for (; at; at = w->stop[at].from)
		rest[--len] = (char)w->stop[at].byte;
	rest[0] = '/';
	return true;
}

static uint32_t folder_of(const struct rf_image *image, const char *path)
{
	uint32_t state;

	rf_image_run(image, path, strlen(path), &state);
	return step(image->tab, state, '/');
}

bool ref_witness(const struct rf_policy *policy, const struct rf_image *image, enum ref_difference how, const char *old,
		 const char *new, char *rest)
{
	struct walk w = {.tab = image->tab};
	bool found = false;

	come_to(&w, (struct stop){.old = folder_of(image, old), .new = folder_of(image, new), .slash = true});
	for (uint32_t at = 0; at < w.count && !found; at++) {
		found = differ_at(&w, how, &w.stop[at]) && spell(&w, at, rest) &&
			ref_differ(policy, how, old, new, rest);
		if (!found)
			go_on(&w, at);
	}
	free(w.stop);
	free(w.table);
	return found;
}
