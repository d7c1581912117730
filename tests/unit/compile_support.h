/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Policies of the compiler's tests: written as the lines beneath `spec:`, read by the real parser. */
#ifndef RINGFENCE_TESTS_COMPILE_SUPPORT_H
#define RINGFENCE_TESTS_COMPILE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile/compile.h"

struct subject {
	struct rf_policies policies;
	struct rf_policy *policy;
	struct rf_compiled compiled;
	struct rf_diags diags;
};

static inline void subject_bind(struct subject *s, const char *spec)
{
	static const char head[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: test }\nspec:\n";
	struct rf_vars vars = {0};
	char *text = malloc(sizeof(head) + strlen(spec));
	assert_non_null(text);
	strcpy(text, head);
	strcat(text, spec);
	memset(s, 0, sizeof(*s));
	int err = rf_policies_parse(&s->policies, "test.yaml", text, strlen(text), &s->diags);
	if (!err)
		err = rf_policy_bind(&s->policies.policy[0], &vars, false, &s->diags);
	rf_diags_print(&s->diags, stderr);
	assert_int_equal(err, 0);
	s->policy = &s->policies.policy[0];
	free(text);
}

static inline void subject_make(struct subject *s, const char *spec)
{
	subject_bind(s, spec);
	int err = rf_compile(s->policy, 1, &s->compiled, &s->diags);
	rf_diags_print(&s->diags, stderr);
	assert_int_equal(err, 0);
}

static inline void subject_free(struct subject *s)
{
	rf_compiled_free(&s->compiled);
	rf_diags_free(&s->diags);
	rf_policies_free(&s->policies);
}

#endif
