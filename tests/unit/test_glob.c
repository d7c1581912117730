/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pattern syntax: what is refused and where, what matches, what is literal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile/compile.h"
#include "reference/reference.h"

static void test_matches(void **state)
{
	static const struct {
		const char *glob, *path;
		bool match;
	} cases[] = {
		{"/", "/", true},
		{"/a", "/a", true},
		{"/a", "/a/b", false},
		/* within a component */
		{"/*", "/a", true},
		{"/*", "/a/b", false},
		{"/*", "/.hidden", true},
		{"/a*", "/a", true},
		{"/*.c", "/.c", true},
		{"/a?", "/a", false},
		{"/a?", "/ab", true},
		{"/a?b", "/a/b", false},
		{"/a?", "/a\xff", true},
		{"/[a-c]x", "/bx", true},
		{"/[!a-c]x", "/bx", false},
		{"/[^a-c]x", "/zx", true},
		{"/[!a]b", "//b", false},
		{"/[a-]", "/-", true},
		{"/[\\]]", "/]", true},
		{"/[*?{]", "/{", true},
		{"/\\*", "/*", true},
		{"/\\*", "/a", false},
		/* across components */
		{"/a/**/b", "/a/b", true},
		{"/a/**/b", "/a/x/y/b", true},
		{"/a/**/b", "/a/xb", false},
		{"/a/**", "/a", true},
		{"/a/**", "/a/x/y", true},
		{"/a/**", "/ab", false},
		{"/**", "/", true},
		{"/**", "/a/b", true},
		{"/**/b", "/b", true},
		{"/**/b", "/ab", false},
		{"/a/**/**/b", "/a/b", true},
		{"/a/**/*", "/a", false},
		{"/a/**/*", "/a/b/c", true},
		{"/a/*/**", "/a", false},
		{"/a/*/**/*", "/a/b", false},
		{"/a/*/**/*", "/a/b/c", true},
		{"/**/*/b", "/b", false},
		{"/**/*/b", "/x/y/b", true},
		/* part of a component */
		{"/a**b", "/ab", true},
		{"/a**b", "/a/x/b", true},
		{"/a**", "/a/x", true},
		{"/a**/b", "/a/b", true},
		{"/***/b", "/x/y/b", true},
		/* braces */
		{"/{a,b}/c", "/b/c", true},
		{"/{a,b/**}/c", "/b/x/y/c", true},
		{"/a{,b}", "/a", true},
		{"/a{/**,b}", "/a/x", true},
		{"/{a,{b,c}d}", "/cd", true},
		{"/{*,a}*", "/x/y", true},
		{"/a,b}", "/a,b}", true},
		{"/{a\\,b,c}", "/a,b", true},
		/* other names */
		{"@/tmp/*", "@/tmp/x", true},
		{"@bus", "/bus", false},
		{"memfd:*", "memfd:jit", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *why;
		size_t at, len = strlen(cases[i].path);
		if (rf_glob_check(cases[i].glob, &why, &at)) {
			assert_false(cases[i].match);
			continue;
		}
		bool match = rf_glob_match(cases[i].glob, cases[i].path, len);
		if (match != cases[i].match || match != ref_glob_match(cases[i].glob, cases[i].path, len))
			fail_msg("\"%s\" and \"%s\": got %d", cases[i].glob, cases[i].path, match);
	}
}

static void test_refusals_name_the_place(void **state)
{
	static const struct {
		const char *glob;
		size_t at;
	} cases[] = {
		{"", 0},
		{"a/b", 0},
		{"*", 0},
		{"/a/", 2},
		{"//a", 0},
		{"/a//b", 2},
		{"/./a", 1},
		{"/a/..", 3},
		{"/a/{.,b}", 4},
		{"/[a", 1},
		{"/x{a,b", 2},
		{"/a\\", 2},
		{"/a[]", 2},
		{"/a[!]", 2},
		{"/[z-a]", 2},
		{"/[a/b]", 3},
		{"/[\xc3\xa9]", 2},
		{"/{a,b", 1},
		{"/{{{{{{{{{a}}}}}}}}}", 9},
		{"/a/{b,}", 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *why = NULL;
		size_t at = 999;
		if (!rf_glob_check(cases[i].glob, &why, &at) || !why || at != cases[i].at)
			fail_msg("\"%s\": %s at %zu", cases[i].glob, why ? why : "accepted", at);
	}
}

static void test_length_is_limited(void **state)
{
	char glob[4098];
	const char *why;
	size_t at;
	(void)state;
	memset(glob, 'a', sizeof(glob));
	glob[0] = '/';
	glob[4096] = '\0';
	assert_int_equal(rf_glob_check(glob, &why, &at), 0);
	glob[4096] = 'a';
	glob[4097] = '\0';
	assert_int_not_equal(rf_glob_check(glob, &why, &at), 0);
}

static void test_alternatives_are_limited(void **state)
{
	const char *why;
	size_t at;
	(void)state;
	assert_int_equal(rf_glob_check("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", &why, &at), 0);
	assert_int_not_equal(rf_glob_check("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", &why, &at), 0);
}

static void test_literal_part(void **state)
{
	static const struct {
		const char *glob, *literal;
		size_t len;
	} cases[] = {
		{"/usr/lib*", "/usr", 4}, {"/usr/lib", "/usr/lib", 8}, {"/**", "", 0},
		{"/a\\*b/c?", "/a*b", 5}, {"/a/{b,c}", "/a", 2},       {"/", "/", 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char literal[64];
		assert_int_equal(rf_glob_literal(cases[i].glob, literal), cases[i].len);
		assert_string_equal(literal, cases[i].literal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),		  cmocka_unit_test(test_refusals_name_the_place),
		cmocka_unit_test(test_length_is_limited), cmocka_unit_test(test_alternatives_are_limited),
		cmocka_unit_test(test_literal_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
