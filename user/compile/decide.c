/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rule that decides, found by asking the rules one by one: the check on the images, and the words of a denial. */
#include <string.h>

#include "compile/compile.h"

/* Collects the overridden rules, found from the last to the first, into a buffer that is to be ascending. */
struct overridden {
	const struct rf_rule **over;
	size_t room, count;
};

static void override(struct overridden *o, const struct rf_rule *rule)
{
	if (o->count < o->room)
		o->over[o->count] = rule;
	o->count++;
}

static void finish(struct overridden *o, size_t *overs)
{
	size_t kept = o->count < o->room ? o->count : o->room;
	for (size_t i = 0; i < kept / 2; i++) {
		const struct rf_rule *rule = o->over[i];
		o->over[i] = o->over[kept - 1 - i];
		o->over[kept - 1 - i] = rule;
	}
	if (overs)
		*overs = o->count;
}

static bool path_matches(const struct rf_rule *rule, const char *path, size_t len)
{
	for (size_t i = 0; i < rule->patterns; i++)
		if (rf_glob_match(rule->pattern[i].glob, path, len))
			return true;
	return false;
}

const struct rf_rule *rf_decide_path(const struct rf_policy *policy, enum rf_section section, unsigned access,
				     const char *path, size_t len, const struct rf_rule **over, size_t *overs)
{
	const struct rf_rule *decides = NULL;
	struct overridden o = {over, over && overs ? *overs : 0, 0};
	for (size_t i = policy->rules[section]; i-- > 0;) {
		const struct rf_rule *rule = &policy->rule[section][i];
		if (!(rule->access & access) || !path_matches(rule, path, len))
			continue;
		if (decides)
			override(&o, rule);
		else
			decides = rule;
		if (!overs)
			break;
	}
	finish(&o, overs);
	return decides;
}

/* ------------------------------------------------------------- destinations */

static bool in_range(const struct rf_range *range, const uint8_t addr[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (!memcmp(addr, mapped, sizeof(mapped)) && range->prefix < 96)
		return false; /* an IPv6 range says nothing about IPv4 */
	for (unsigned bit = 0; bit < range->prefix; bit++)
		if ((range->addr[bit / 8] ^ addr[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static bool dest_matches(const struct rf_rule *rule, const uint8_t addr[16], uint16_t port)
{
	bool to = rule->to_all || !rule->tos, ports = !rule->ports;
	for (size_t i = 0; i < rule->tos && !to; i++)
		to = in_range(&rule->to[i], addr);
	for (size_t i = 0; i < rule->ports && !ports; i++)
		ports = port >= rule->port[i].lo && port <= rule->port[i].hi;
	return to && ports;
}

const struct rf_rule *rf_decide_dest(const struct rf_policy *policy, unsigned access, unsigned protocol,
				     const uint8_t addr[16], uint16_t port, const struct rf_rule **over, size_t *overs)
{
	const struct rf_rule *decides = NULL;
	struct overridden o = {over, over && overs ? *overs : 0, 0};
	for (size_t i = policy->rules[RF_NETWORK]; i-- > 0;) {
		const struct rf_rule *rule = &policy->rule[RF_NETWORK][i];
		if (!(rule->access & access) || !(rule->protocols & protocol) || !dest_matches(rule, addr, port))
			continue;
		if (decides)
			override(&o, rule);
		else
			decides = rule;
		if (!overs)
			break;
	}
	finish(&o, overs);
	return decides;
}
