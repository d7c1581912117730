/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The image of selectors against their patterns, asked one by one for a path and everything above it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile/select.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct rf_selection compile(const char *const *pattern, size_t count)
{
	struct rf_text text[64];
	struct rf_selector selector[64];
	struct rf_selection selection;

	for (size_t i = 0; i < count; i++) {
		text[i] = (struct rf_text){.text = (char *)pattern[i]};
		selector[i] = (struct rf_selector){&text[i], 1};
	}
	assert_int_equal(rf_select_compile(selector, count, &selection), 0);
	return selection;
}

/* By the meaning: the pattern matches the path or something above it. */
static bool selects(const char *pattern, const char *path)
{
	char rooted[256];

	snprintf(rooted, sizeof(rooted), "%s%s", pattern[0] == '/' ? "" : "/", pattern);
	for (size_t len = strlen(path); len; len--)
		if ((!path[len] || path[len] == '/') && rf_glob_match(rooted, path, len))
			return true;
	return false;
}

static void expect(const char *const *pattern, size_t count, const struct rf_selection *selection, const char *path)
{
	uint32_t set = rf_image_run(&selection->image, path, strlen(path), NULL);
	bool any = false;

	assert_true(set <= selection->sets);
	for (size_t i = 0; i < count; i++) {
		if (rf_selection_has(selection, set, i) != selects(pattern[i], path))
			fail_msg("%s on %s: %d", pattern[i], path, !selects(pattern[i], path));
		any |= selects(pattern[i], path);
	}
	assert_int_equal(set != 0, any);
}

static const char *const patterns[] = {
	"system.slice/agent-*.service",	     "/system.slice", "**/agent-?.service",  "user.slice/user-*.slice/**",
	"user.slice/user-{1000,1001}.slice", "**/*.scope",    "machine.slice/[ab]*", "a"};

static void every_path_has_its_set(void **state)
{
	static const char *const words[] = {"system.slice",
					    "agent-1.service",
					    "agent-10.service",
					    "user.slice",
					    "user-1000.slice",
					    "user-1002.slice",
					    "x.scope",
					    "machine.slice",
					    "a",
					    "ab",
					    "c"};
	struct rf_selection selection = compile(patterns, COUNT(patterns));
	char path[256];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		snprintf(path, sizeof(path), "/%s", words[i]);
		expect(patterns, COUNT(patterns), &selection, path);
		for (size_t j = 0; j < COUNT(words); j++) {
			snprintf(path, sizeof(path), "/%s/%s", words[i], words[j]);
			expect(patterns, COUNT(patterns), &selection, path);
			for (size_t k = 0; k < COUNT(words); k++) {
				snprintf(path, sizeof(path), "/%s/%s/%s", words[i], words[j], words[k]);
				expect(patterns, COUNT(patterns), &selection, path);
			}
		}
	}
	rf_selection_free(&selection);
}

static void nobody_selects(void **state)
{
	struct rf_selection selection = compile(NULL, 0);

	(void)state;
	assert_int_equal(rf_image_run(&selection.image, "/a", 2, NULL), 0);
	assert_int_equal(selection.sets, 0);
	rf_selection_free(&selection);
}

static void everything_beneath_the_root(void **state)
{
	const char *const all[] = {"**", "/x/**"};
	struct rf_selection selection = compile(all, 2);

	(void)state;
	expect(all, 2, &selection, "/x");
	expect(all, 2, &selection, "/y/x");
	expect(all, 2, &selection, "/x/y");
	rf_selection_free(&selection);
}

/* Eight patterns that meet in every combination: 255 sets fit, 511 do not. */
static void sets_are_bounded(void **state)
{
	char letters[9][8];
	const char *each[9];
	struct rf_text text[9];
	struct rf_selector selector[9];
	struct rf_selection selection;

	(void)state;
	for (int i = 0; i < 9; i++) {
		snprintf(letters[i], sizeof(letters[i]), "**/%c", 'a' + i);
		each[i] = letters[i];
		text[i] = (struct rf_text){.text = letters[i]};
		selector[i] = (struct rf_selector){&text[i], 1};
	}
	selection = compile(each, 8);
	assert_int_equal(selection.sets, 255);
	expect(each, 8, &selection, "/a/b/c/d/e/f/g/h");
	rf_selection_free(&selection);
	assert_int_equal(rf_select_compile(selector, 9, &selection), -E2BIG);
	assert_null(selection.image.tab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_has_its_set),
		cmocka_unit_test(nobody_selects),
		cmocka_unit_test(everything_beneath_the_root),
		cmocka_unit_test(sets_are_bounded),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
