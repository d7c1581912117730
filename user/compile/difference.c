// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one policy allows and another does not: a walk over the states that both images can be in after the same path,
 * in order of its length, for the first where they differ.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compile/difference.h"
#include "compile/compile.h"

/* ------------------------------------------------------------------- paths */

/* What stands since the last '/': "." and ".." are no names, and nothing is none either. */
enum part { PART_NONE, PART_DOT, PART_DOTS, PART_NAME, PART_FREE /* not a path: all bytes are alike */ };

struct step {
	uint32_t old, new; /* states */
	uint32_t from;	   /* the step before */
	uint8_t byte, part;
};

struct walk {
	const struct rf_image *old, *new;
	struct step *step; /* the queue too: what is reached first is nearest */
	size_t steps, room;
	uint32_t *seen; /* hash table over `step`, index + 1 */
	size_t slots;	/* a power of 2 */
};

static size_t slot_for(const struct walk *w, const struct step *step)
{
	uint64_t key = (uint64_t)step->old << 34 ^ (uint64_t)step->new << 4 ^ step->part;
	size_t slot = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (w->slots - 1);

	while (w->seen[slot]) {
		const struct step *there = &w->step[w->seen[slot] - 1];

		if (there->old == step->old && there->new == step->new && there->part == step->part)
			break;
		slot = (slot + 1) & (w->slots - 1);
	}
	return slot;
}

static int grow(struct walk *w)
{
	size_t room = w->room ? 2 * w->room : 4096;
	struct step *step = realloc(w->step, room * sizeof(*step));
	uint32_t *seen = calloc(2 * room, sizeof(*seen));

	w->step = step ? step : w->step;
	if (!step || !seen) {
		free(seen);
		return -ENOMEM;
	}
	free(w->seen);
	w->seen = seen;
	w->room = room;
	w->slots = 2 * room;
	for (size_t i = 0; i < w->steps; i++)
		w->seen[slot_for(w, &w->step[i])] = (uint32_t)i + 1;
	return 0;
}

static int reach(struct walk *w, const struct step *step)
{
	size_t slot;
	int err;

	if (w->steps == w->room) {
		err = w->steps >= RF_DIFFERENCE_MAX ? -E2BIG : grow(w);
		if (err)
			return err;
	}
	slot = slot_for(w, step);
	if (w->seen[slot])
		return 0;
	w->step[w->steps++] = *step;
	w->seen[slot] = (uint32_t)w->steps;
	return 0;
}

static enum part part_behind(enum part part, uint8_t byte)
{
	if (part == PART_FREE)
		return PART_FREE;
	if (byte == '/')
		return PART_NONE;
	if (byte == '.' && part < PART_DOTS)
		return part == PART_NONE ? PART_DOT : PART_DOTS;
	return PART_NAME;
}

/* Bytes in the order in which people would write them: letters first, and those that a terminal won't show last. */
static uint8_t byte_of(unsigned i)
{
	static const char nice[] = "/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.@+=,:~%";
	static uint8_t order[256];

	if (!order[0]) {
		size_t n = 0;

		for (; nice[n]; n++)
			order[n] = (uint8_t)nice[n];
		for (unsigned b = 255; b >= 1; b--)
			if (!strchr(nice, (int)b))
				order[n++] = (uint8_t)b;
	}
	return order[i];
}

static int step_on(struct walk *w, size_t from)
{
	for (unsigned i = 0; i < 255; i++) {
		const struct step *at = &w->step[from];
		uint8_t byte = byte_of(i);
		struct step next = {.from = (uint32_t)from, .byte = byte, .part = part_behind(at->part, byte)};
		int err;

		if (byte == '/' && at->part < PART_NAME)
			continue;
		next.old = rf_image_step(w->old, at->old, byte);
		next.new = rf_image_step(w->new, at->new, byte);
		err = reach(w, &next);
		if (err)
			return err;
	}
	return 0;
}

static bool differs(const struct walk *w, const struct step *at, unsigned access, bool first)
{
	/* A path may end behind a name, and the root behind its '/'. */
	if (at->part < PART_NAME && !first)
		return false;
	return RF_VERDICT_ALLOW(rf_image_word(w->new, at->new), access) &&
	       !RF_VERDICT_ALLOW(rf_image_word(w->old, at->old), access);
}

static char *path_to(const struct walk *w, size_t at, const char *prefix)
{
	size_t before = strlen(prefix), len = before;
	char *path;

	for (size_t i = at; i; i = w->step[i].from)
		len++;
	path = malloc(len + 1);
	if (!path)
		return NULL;
	path[len] = '\0';
	for (size_t i = at; i; i = w->step[i].from)
		path[--len] = (char)w->step[i].byte;
	memcpy(path, prefix, before);
	return path;
}

int rf_image_difference(const struct rf_image *old, const struct rf_image *new, unsigned access, const char *prefix,
			char **witness)
{
	struct walk w = {.old = old, .new = new};
	struct step first = {.part = *prefix == '/' ? PART_NONE : PART_FREE};
	int err;

	*witness = NULL;
	rf_image_run(old, prefix, strlen(prefix), &first.old);
	rf_image_run(new, prefix, strlen(prefix), &first.new);
	err = reach(&w, &first);
	for (size_t i = 0; i < w.steps && !err; i++) {
		if (differs(&w, &w.step[i], access, i == 0 && *prefix == '/')) {
			*witness = path_to(&w, i, prefix);
			err = *witness ? 1 : -ENOMEM;
			break;
		}
		err = step_on(&w, i);
	}
	free(w.step);
	free(w.seen);
	return err;
}

/* ------------------------------------------------------------ destinations */

/* The first address behind an entry's; false where it has the last one. */
static bool behind(const struct rf_dest_key *key, uint8_t addr[16])
{
	int bit = (int)key->prefix - 1;

	memcpy(addr, key->addr, 16);
	for (; bit >= 0; bit--) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		addr[bit / 8] ^= mask;
		if (addr[bit / 8] & mask)
			return true;
	}
	return false;
}

static int find_port(const struct rf_dest *old, const struct rf_dest *new, unsigned access, struct rf_difference *found)
{
	const struct rf_dest *by[] = {old, new};

	/* What is allowed changes where a range begins, or behind its end. Port 0 is what the kernel picks. */
	for (size_t d = 0; d < 2; d++)
		for (uint32_t i = 0; i < by[d]->ranges && i < RF_PORTS_MAX; i++)
			for (uint32_t end = 0; end < 2; end++) {
				uint32_t port = end ? by[d]->range[i].hi + 1u : by[d]->range[i].lo;

				port = port ? port : 1;
				for (unsigned protocol = RF_TCP; protocol <= RF_ICMP && port <= UINT16_MAX;
				     protocol <<= 1) {
					if (!rf_dest_allows(new, access, protocol, (uint16_t)port) ||
					    rf_dest_allows(old, access, protocol, (uint16_t)port))
						continue;
					found->port = (uint16_t)port;
					found->protocol = protocol;
					return 1;
				}
			}
	return 0;
}

static int look_at(const struct rf_compiled *old, const struct rf_compiled *new, unsigned access,
		   const uint8_t addr[16], struct rf_difference *found)
{
	const struct rf_dest *a = rf_dest_find(old, addr), *b = rf_dest_find(new, addr);

	if (!a || !b || !find_port(a, b, access, found))
		return 0;
	memcpy(found->addr, addr, 16);
	return 1;
}

int rf_dest_difference(const struct rf_compiled *old, const struct rf_compiled *new, unsigned access,
		       struct rf_difference *found)
{
	const struct rf_compiled *by[] = {new, old};

	/* Between the ends of entries all addresses are alike. */
	for (size_t c = 0; c < 2; c++)
		for (size_t i = 0; i < by[c]->dests; i++) {
			const struct rf_dest_key *key = &by[c]->dest[i].key;
			uint8_t addr[16];

			if (look_at(old, new, access, key->addr, found) ||
			    (behind(key, addr) && look_at(old, new, access, addr, found)))
				return 1;
		}
	return 0;
}
