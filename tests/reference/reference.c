/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last rule that matches and names the access decides. */
#include <string.h>

#include "reference/reference.h"

static bool path_matches(const struct rf_rule *rule, const char *path, size_t len)
{
	for (size_t i = 0; i < rule->patterns; i++) {
		if (ref_glob_match(rule->pattern[i].glob, path, len))
			return true;
	}
	return false;
}

/* Where no rule matches, the answer is no; of a section that the policy leaves to others, it is not the policy's to
 * say no. */
static struct ref_verdict verdict_of(const struct rf_policy *policy, enum rf_section section,
				     const struct rf_rule *rule)
{
	bool allow = rule ? rule->allow : policy->left & 1u << section;

	return (struct ref_verdict){allow, rule && !rule->allow && rule->hide, rule};
}

struct ref_verdict ref_path(const struct rf_policy *policy, enum rf_section section, unsigned access, const char *path,
			    size_t len)
{
	const struct rf_rule *last = NULL;

	for (size_t i = 0; i < policy->rules[section]; i++) {
		const struct rf_rule *rule = &policy->rule[section][i];

		if ((rule->access & access) && path_matches(rule, path, len))
			last = rule;
	}
	return verdict_of(policy, section, last);
}

static bool is_v4(const uint8_t addr[16])
{
	static const uint8_t head[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(addr, head, sizeof(head));
}

/* An IPv6 range never holds an IPv4 address, even where its bits would. */
static bool in_range(const struct rf_range *range, const uint8_t addr[16])
{
	if (is_v4(addr) && range->prefix < 96)
		return false;
	for (unsigned bit = 0; bit < range->prefix; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		if ((range->addr[bit / 8] & mask) != (addr[bit / 8] & mask))
			return false;
	}
	return true;
}

static bool dest_matches(const struct rf_rule *rule, unsigned protocol, const uint8_t addr[16], uint16_t port)
{
	bool to = rule->to_all, ports = !rule->ports;

	for (size_t i = 0; i < rule->tos; i++)
		to |= in_range(&rule->to[i], addr);
	for (size_t i = 0; i < rule->ports; i++)
		ports |= port >= rule->port[i].lo && port <= rule->port[i].hi;
	return to && ports && (rule->protocols & protocol);
}

struct ref_verdict ref_dest(const struct rf_policy *policy, unsigned access, unsigned protocol, const uint8_t addr[16],
			    uint16_t port)
{
	const struct rf_rule *last = NULL;

	for (size_t i = 0; i < policy->rules[RF_NETWORK]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_NETWORK][i];

		if ((rule->access & access) && dest_matches(rule, protocol, addr, port))
			last = rule;
	}
	return verdict_of(policy, RF_NETWORK, last);
}
