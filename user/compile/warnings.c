/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules that can never decide anything. */
#include "compile/automaton.h"

int rf_compile_warnings(const struct rf_policy *policy, struct rf_diags *diags)
{
	(void)policy;
	(void)diags;
	return 0;
}
