/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a call on a name above protected names may do: folders that may be renamed, and names at which a link may stand.
 */
#include <errno.h>

#include "compile_support.h"

static uint32_t run(const struct subject *s, const char *path, uint32_t *state)
{
	return rf_image_run(&s->compiled.image[RF_IMAGE_FILES], path, strlen(path), state);
}

static bool moves(const struct subject *s, const char *old, const char *new)
{
	return rf_image_moves(&s->compiled.image[RF_IMAGE_FILES], old, strlen(old), new, strlen(new));
}

static bool guarded(const struct subject *s, const char *name)
{
	return run(s, name, NULL) & RF_VERDICT_GUARDED;
}

/* /w/conf/settings.json and /w/u/ * /key are protected. */
static void test_what_lies_beneath_stays(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write, exec], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/conf/settings.json\", \"/w/u/*/key\"] }\n");
	assert_true(moves(&s, "/w/a", "/w/b"));
	assert_true(moves(&s, "/w/a/b/c", "/w/conf/x"));
	assert_false(moves(&s, "/w/n", "/w/conf"));
	assert_false(moves(&s, "/w/conf", "/w/n"));
	assert_false(moves(&s, "/w/u/a", "/w/u/b"));
	assert_false(moves(&s, "/w/u/a", "/w/x"));
	assert_false(moves(&s, "/w/x", "/w/u/a"));
	assert_false(moves(&s, "/w/u", "/w/v"));
	assert_true(moves(&s, "/w/u/a/b", "/w/u/c/d"));
	subject_free(&s);
}

static void test_moves_lets_folders_go_between_equals(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write, exec], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/**/*.pem\"], moves: true }\n"
			 "    - { deny: write, paths: [\"/w/conf/settings.json\"] }\n"
			 "    - { deny: exec, paths: [\"/w/noexec/**\"] }\n");
	assert_true(moves(&s, "/w/a", "/w/b"));
	assert_true(moves(&s, "/w/a/b", "/w/c"));
	assert_false(moves(&s, "/w/n", "/w/conf"));
	assert_false(moves(&s, "/w/conf", "/w/n"));
	/* Of rights that differ: what moves there loses some, but what is protected goes from its name. */
	assert_false(moves(&s, "/w/a", "/w/noexec/a"));
	assert_true(moves(&s, "/w/noexec/a", "/w/noexec/b"));
	subject_free(&s);
	/* Without the word nothing moves. */
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write, exec], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/**/*.pem\"] }\n");
	assert_false(moves(&s, "/w/a", "/w/b"));
	subject_free(&s);
}

/* A rule without the word holds where a later one with it does not match, and the last that matches decides. */
static void test_the_last_rule_says_whether_it_moves(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/**/*.pem\", \"/w/**/id\"], moves: true }\n"
			 "    - { deny: write, paths: [\"/w/k/**/id\"] }\n");
	assert_true(moves(&s, "/w/a", "/w/b"));
	assert_false(moves(&s, "/w/k/a", "/w/k/b"));
	assert_false(moves(&s, "/w/a", "/w/k/b"));
	subject_free(&s);
}

static void test_links_that_would_stand_for_a_folder(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write, exec], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/.claude/{settings.json,hooks/**}\", \"/w/u/*/key\"] }\n"
			 "    - { deny: write, paths: [\"/w/**/*.pem\", \"/w/**/.git/hooks/**\"], moves: true }\n");
	assert_true(guarded(&s, "/w/.claude"));
	assert_false(guarded(&s, "/w/.claud"));
	assert_false(guarded(&s, "/w/.claude2"));
	assert_true(guarded(&s, "/w/.claude/hooks"));
	assert_false(guarded(&s, "/w/.claude/x"));
	assert_true(guarded(&s, "/w/u"));
	assert_true(guarded(&s, "/w/u/a"));
	assert_false(guarded(&s, "/w/u/a/b"));
	assert_false(guarded(&s, "/w/a"));
	assert_false(guarded(&s, "/w/a/node_modules/.bin/x"));
	assert_true(guarded(&s, "/w/.git"));
	assert_true(guarded(&s, "/w/a/b/.git"));
	assert_false(guarded(&s, "/w/a/b/.gi"));
	assert_false(guarded(&s, "/w/x.pem"));
	assert_true(guarded(&s, "/w"));
	subject_free(&s);
}

static void test_names_of_single_characters(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/[!.]?/key\", \"/w/[a-c]/key\"] }\n");
	assert_true(guarded(&s, "/w/xy"));
	assert_true(guarded(&s, "/w/b"));
	assert_false(guarded(&s, "/w/d"));
	assert_false(guarded(&s, "/w/xyz"));
	subject_free(&s);
}

/* What a rule without the word costs is told, where it costs something. */
static void test_folders_that_stay_are_told(void **state)
{
	struct subject s;
	(void)state;
	subject_make(
		&s, "  files:\n"
		    "    - { allow: [read, write], paths: [\"/w/**\", \"/v/**\"] }\n"
		    "    - { deny: write, paths: [\"/w/x.pem\", \"/w/*.pem\", \"/v/{a,b}/key\", \"/none/**/*.pem\"] }\n"
		    "    - { deny: write, paths: [\"/v/**/*.pem\"], moves: true }\n");
	assert_int_equal(rf_compile_warnings(s.policy, &s.compiled, &s.diags), 0);
	rf_diags_print(&s.diags, stderr);
	assert_int_equal(s.diags.warnings, 0);
	subject_free(&s);
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\"] }\n"
			 "    - { deny: write, paths: [\"/w/**/*.pem\"] }\n"
			 "    - { deny: [read, write], paths: [\"/w/*/key\"] }\n");
	assert_int_equal(rf_compile_warnings(s.policy, &s.compiled, &s.diags), 0);
	assert_int_equal(s.diags.warnings, 2);
	assert_non_null(strstr(s.diags.diag[0].text, "\"/w/**/*.pem\" keeps folders in \"/w\" from being renamed"));
	assert_non_null(strstr(s.diags.diag[1].text, "\"/w/*/key\""));
	subject_free(&s);
}

static void test_moves_belongs_to_what_is_not_written(void **state)
{
	static const char head[] =
		"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: t }\nspec:\n  files:\n";
	static const struct {
		const char *rule, *says;
	} list[] = {
		{"    - { allow: write, paths: [/w/**], moves: true }\n", "belongs to deny rules alone"},
		{"    - { deny: read, paths: [/w/**], moves: true }\n", "does not deny write"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct rf_policies policies = {0};
		struct rf_diags diags = {0};
		char text[512];
		snprintf(text, sizeof(text), "%s%s", head, list[i].rule);
		assert_int_equal(rf_policies_parse(&policies, "t", text, strlen(text), &diags), -EINVAL);
		assert_non_null(strstr(diags.diag[0].text, list[i].says));
		rf_diags_free(&diags);
		rf_policies_free(&policies);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_lies_beneath_stays),
		cmocka_unit_test(test_moves_lets_folders_go_between_equals),
		cmocka_unit_test(test_the_last_rule_says_whether_it_moves),
		cmocka_unit_test(test_links_that_would_stand_for_a_folder),
		cmocka_unit_test(test_names_of_single_characters),
		cmocka_unit_test(test_folders_that_stay_are_told),
		cmocka_unit_test(test_moves_belongs_to_what_is_not_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
