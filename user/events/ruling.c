// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "compile/compile.h"
#include "events/address.h"
#include "events/ruling.h"

static struct rf_ruling ruling_of(const struct rf_policy *policy, enum rf_section section, const struct rf_rule *rule)
{
	if (!rule)
		return (struct rf_ruling){rf_policy_judges(policy, section) ? RF_RULING_DEFAULT : RF_RULING_FAULT, NULL,
					  false};
	return (struct rf_ruling){rule->allow ? RF_RULING_FAULT : RF_RULING_RULE, rule, false};
}

static bool refuses(const struct rf_ruling *ruling)
{
	return ruling->kind == RF_RULING_RULE || ruling->kind == RF_RULING_DEFAULT;
}

static struct rf_ruling rule_name(const struct rf_policy *policy, enum rf_section section, unsigned access,
				  const char *name, size_t len)
{
	return ruling_of(policy, section, rf_decide_path(policy, section, access, name, len, NULL, NULL));
}

static struct rf_ruling rule_dest(const struct rf_policy *policy, unsigned access, const struct rf_address *address)
{
	unsigned protocol = rf_address_protocol(address);

	if (!protocol)
		return (struct rf_ruling){RF_RULING_UNKNOWN, NULL, false};
	return ruling_of(policy, RF_NETWORK,
			 rf_decide_dest(policy, access, protocol, address->addr, address->port, NULL, NULL));
}

/* The ruling on one access bit: of a rename's or a link's two names, the first that is refused; but one that is refused
 * quietly keeps nobody from hearing of the other. */
static struct rf_ruling rule_access(const struct rf_denial *denial, const struct rf_policy *policy, unsigned access)
{
	enum rf_section section = denial->head.object == RF_OBJECT_UNIX ? RF_UNIX : RF_FILES;
	struct rf_ruling ruling = {0}, second;

	if (denial->head.object == RF_OBJECT_NET)
		return rule_dest(policy, access, &denial->head.address);
	if (!denial->object)
		return (struct rf_ruling){RF_RULING_UNKNOWN, NULL, false};
	/* A link changes its new name alone: the rules have no say over the old one. */
	if (denial->head.hook != RF_HOOK_path_link || !denial->second) {
		ruling = rule_name(policy, section, access, denial->object, denial->object_len);
		if ((refuses(&ruling) && !rf_ruling_is_quiet(&ruling)) || !denial->second)
			return ruling;
	}
	second = rule_name(policy, section, access, denial->second, denial->second_len);
	second.second = true;
	return rf_ruling_is_quiet(&ruling) && (!refuses(&second) || rf_ruling_is_quiet(&second)) ? ruling : second;
}

struct rf_ruling rf_event_rule(const struct rf_denial *denial, const struct rf_policy *policy)
{
	struct rf_ruling first = {RF_RULING_UNKNOWN, NULL, false};

	if (denial->head.reason != RF_REASON_RULE)
		return (struct rf_ruling){RF_RULING_REASON, NULL, false};
	if (!policy || !policy->bound)
		return first;
	/* Each bit was refused. One that the rules allow is told even where another is rightly refused. */
	for (unsigned bit = 0; bit < RF_ACCESS_COUNT; bit++) {
		struct rf_ruling ruling;

		if (!(denial->head.access & 1u << bit))
			continue;
		ruling = rule_access(denial, policy, 1u << bit);
		/* What is refused quietly gives way to what is not. */
		if (first.kind == RF_RULING_UNKNOWN || ruling.kind == RF_RULING_FAULT ||
		    (rf_ruling_is_quiet(&first) && !rf_ruling_is_quiet(&ruling)))
			first = ruling;
	}
	return first;
}
