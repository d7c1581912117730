/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any text as a policy file: read, bound, resolved. It may be refused, with places that exist, and in order. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_places(const struct rf_diags *diags, const uint8_t *data, size_t size)
{
	uint32_t lines = 2; /* an end that is missed is missed behind the last line */

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	for (size_t i = 0; i < diags->count; i++) {
		const struct rf_where *where = &diags->diag[i].where, *last = i ? where : NULL;

		if (last)
			last = &diags->diag[i - 1].where;
		require(where->line >= 1 && where->line <= lines && where->col >= 1 && where->col <= size + 1);
		require(!last || last->line < where->line || (last->line == where->line && last->col <= where->col));
	}
}

static void bind_all(struct rf_policies *policies)
{
	static struct rf_pair pairs[] = {
		{(char *)"HOME", (char *)"/root"},
		{(char *)"WORKSPACE", (char *)"/srv/[w]"},
		{(char *)"X", (char *)"x/../{"},
	};
	const struct rf_vars vars = {pairs, sizeof(pairs) / sizeof(pairs[0])};

	for (size_t i = 0; i < policies->count; i++) {
		struct rf_diags diags = {0};
		int error = rf_policy_bind(&policies->policy[i], &vars, true, &diags);

		require(error == -ENOMEM || !error == !diags.errors);
		require(policies->policy[i].bound == !error);
		rf_diags_free(&diags);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	static FILE *null;
	int error = rf_policies_parse(&policies, "f", data, size, &diags);

	if (!null)
		null = fopen("/dev/null", "w");
	require(error == -ENOMEM || !error == !diags.errors);
	require(!error == (policies.count > 0));
	check_places(&diags, data, size);
	rf_diags_print(&diags, null);
	bind_all(&policies);
	rf_diags_free(&diags);
	rf_policies_free(&policies);
	return 0;
}
