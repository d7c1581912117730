/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "compile/limits.h"

const struct rf_rule *limit_names(const struct rf_rule *rule, const uint32_t *load, size_t rules, char *buf,
				  size_t size)
{
	enum { NAMED = 8 };
	size_t top[NAMED], count = 0, all = 0;
	for (size_t i = 0; i < rules; i++) {
		if (!load[i])
			continue;
		all++;
		size_t at = count < NAMED ? count++ : NAMED;
		for (; at > 0 && load[top[at - 1]] < load[i]; at--)
			if (at < NAMED)
				top[at] = top[at - 1];
		if (at < NAMED)
			top[at] = i;
	}
	buf[0] = '\0';
	if (!count)
		return NULL;
	/* Told in the order of the text; those that weigh little beside the heaviest are not named. */
	size_t used = 0, named = 0;
	const struct rf_rule *heaviest = &rule[top[0]];
	uint32_t least = load[top[0]] / 16, last = load[top[count - 1]] > least ? load[top[count - 1]] : least;
	for (size_t i = 0; i < rules && named < count && used < size; i++) {
		char name[RF_RULE_NAME];
		if (!load[i] || load[i] < last)
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s", named ? ", " : "",
					 rf_rule_name(&rule[i], name, sizeof(name)));
		named++;
	}
	if (all > named && named == NAMED && used < size)
		snprintf(buf + used, size - used, " and %zu more", all - named);
	return heaviest;
}
