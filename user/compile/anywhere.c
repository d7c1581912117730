// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What every IPv4 address allows for connect: the intersection of the entries for IPv4. 0.0.0.0 as a destination may
 * mean any address of this host (bpf/source.h), which nobody knows before. Where it has too many port ranges those at
 * the end are left out, which refuses more.
 */
#include <string.h>

#include "compile/automaton.h"

static void add_range(struct rf_dest *dest, uint32_t lo, uint32_t hi, unsigned connect)
{
	struct rf_port_range *last = dest->ranges ? &dest->range[dest->ranges - 1] : NULL;

	if (!connect || lo > hi)
		return;
	if (last && last->connect == connect && last->hi + 1u == lo)
		last->hi = (uint16_t)hi;
	else if (dest->ranges < RF_PORTS_MAX)
		dest->range[dest->ranges++] =
			(struct rf_port_range){.lo = (uint16_t)lo, .hi = (uint16_t)hi, .connect = (uint8_t)connect};
}

/* Both are ascending: the one that ends first is done. */
static void intersect(struct rf_dest *dest, const struct rf_dest *other)
{
	struct rf_dest both = {.generation = dest->generation, .mode = dest->mode};

	for (uint32_t i = 0, j = 0; i < dest->ranges && j < other->ranges;) {
		const struct rf_port_range *a = &dest->range[i], *b = &other->range[j];

		add_range(&both, a->lo > b->lo ? a->lo : b->lo, a->hi < b->hi ? a->hi : b->hi, a->connect & b->connect);
		if (a->hi < b->hi)
			i++;
		else
			j++;
	}
	*dest = both;
}

/* Adds what `bound` allows for bind. False where there are too many ranges. */
static bool add_bind(struct rf_dest *dest, const struct rf_dest *bound)
{
	struct rf_dest sum = {.generation = dest->generation, .mode = dest->mode};

	/* Ports from `lo` on behave alike up to where the next range of either begins or ends. */
	for (uint32_t lo = 0; lo <= UINT16_MAX;) {
		struct rf_port_range next = {.lo = (uint16_t)lo, .hi = UINT16_MAX};

		for (int side = 0; side < 2; side++) {
			const struct rf_dest *from = side ? bound : dest;

			for (uint32_t i = 0; i < from->ranges; i++) {
				const struct rf_port_range *range = &from->range[i];
				bool inside = lo >= range->lo && lo <= range->hi;

				if (inside && side)
					next.bind = range->bind;
				else if (inside)
					next.connect = range->connect;
				if (inside && range->hi < next.hi)
					next.hi = range->hi;
				else if (range->lo > lo && range->lo - 1u < next.hi)
					next.hi = (uint16_t)(range->lo - 1);
			}
		}
		lo = next.hi + 1u;
		if (!next.connect && !next.bind)
			continue;
		if (sum.ranges == RF_PORTS_MAX)
			return false;
		sum.range[sum.ranges++] = next;
	}
	*dest = sum;
	return true;
}

static bool is_v4(const struct rf_dest_key *key)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return key->prefix >= 96 && !memcmp(key->addr, mapped, sizeof(mapped));
}

void rf_dest_anywhere(const struct rf_compiled *compiled, struct rf_dest_entry *entry)
{
	struct rf_dest *dest = &entry->dest;
	const struct rf_dest *bound;

	memset(entry, 0, sizeof(*entry));
	entry->key.prefix = 128;
	entry->key.addr[10] = entry->key.addr[11] = 0xff;
	bound = rf_dest_find(compiled, entry->key.addr);
	dest->generation = bound->generation;
	dest->mode = bound->mode;
	add_range(dest, 0, UINT16_MAX, RF_ALL_PROTOCOLS);
	for (size_t i = 0; i < compiled->dests && dest->ranges; i++)
		if (is_v4(&compiled->dest[i].key))
			intersect(dest, &compiled->dest[i].dest);
	if (add_bind(dest, bound))
		return;
	dest->ranges = 0;
	add_bind(dest, bound);
}
