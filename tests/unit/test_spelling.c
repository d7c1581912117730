/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Spellings that would never match: each is an error at its place; what only looks like one is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/policy.h"

#define HEAD "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n"

/* What is told about a text, and then about binding it with the values that every run gives. */
static char *told_by(const char *text)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	struct rf_vars vars = {0};
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	assert_int_equal(rf_vars_set(&vars, "HOME", "/home/u"), 0);
	assert_int_equal(rf_vars_set(&vars, "USER", "u"), 0);
	if (!rf_policies_parse(&policies, "f", text, strlen(text), &diags))
		rf_policy_bind(&policies.policy[0], &vars, false, &diags);
	rf_diags_print(&diags, out);
	fclose(out);
	rf_diags_free(&diags);
	rf_policies_free(&policies);
	rf_vars_free(&vars);
	return printed;
}

/* A pattern in a rule of each section that has patterns; `told` begins with the column, and NULL is no error. */
static void expect_pattern(const char *pattern, unsigned column, const char *told)
{
	static const char *const rules[] = {"  files:\n    - deny: read\n", "  unix:\n    - deny: connect\n"};

	for (size_t i = 0; i < 2; i++) {
		char *text = NULL, *got, place[32];

		assert_true(asprintf(&text, HEAD "%s      paths: [\"", rules[i]) > 0);
		char *whole = malloc(strlen(text) + 2 * strlen(pattern) + 8), *c;
		assert_non_null(whole);
		c = stpcpy(whole, text);
		/* As a double-quoted string writes it. */
		for (const char *p = pattern; *p; p++) {
			if (*p == '\\' || *p == '"')
				*c++ = '\\';
			*c++ = *p;
		}
		strcpy(c, "\"]\n");
		got = told_by(whole);
		snprintf(place, sizeof(place), "f:7:%u: ", column + 15);
		if (told ? strncmp(got, place, strlen(place)) || !strstr(got, told) : got[0] != '\0')
			fail_msg("%s: wanted %s%s, got %s", pattern, told ? place : "nothing", told ? told : "", got);
		free(got);
		free(text);
		free(whole);
	}
}

static void spellings_of_others(void **state)
{
	static const struct {
		const char *pattern;
		unsigned column;
		const char *told;
	} list[] = {
		/* shells */
		{"/home/$USER/.ssh/**", 7, "write \"${USER}\""},
		{"$HOME/x", 1, "write \"${HOME}\""},
		{"/run/user/$UID/**", 11, "write \"${UID}\""},
		{"/a/{b,$X}/c", 7, "write \"${X}\""},
		{"/a/$_x", 4, "write \"${_x}\""},
		{"/run/user/$(id -u)/**", 11, "no command is run"},
		{"/run/`id`/**", 6, "no command is run"},
		{"/proc/$$/x", 7, "\"$$\" is a shell's"},
		{"~/.ssh/**", 1, "write \"${HOME}\""},
		{"~", 1, "write \"${HOME}\""},
		{"~dev/.ssh/**", 1, "\"~dev\" is not replaced"},
		{"/x/~/y", 4, "write \"${HOME}\""},
		{"/x/{~,a}/y", 5, "write \"${HOME}\""},
		{"/a/@(b|c)", 4, "\"{a,b}\""},
		{"/a/!(b)", 4, "\"{a,b}\""},
		{"/a/*(b)", 4, "\"{a,b}\""},
		/* AppArmor, systemd, ssh, Windows, templates */
		{"@{HOME}/.ssh/**", 1, "AppArmor"},
		{"/srv/@{HOMEDIRS}/x", 6, "AppArmor"},
		{"%h/.ssh/**", 1, "systemd"},
		{"/srv/%h/**", 6, "systemd"},
		{"/run/user/%U", 11, "systemd"},
		{"/srv/a-%i.sock", 8, "systemd"},
		{"/srv/%{HOME}/x", 6, "systemd"},
		{"/srv/%HOME%/x", 6, "\"%HOME%\" is not replaced"},
		{"/home/{{ user }}/x", 7, "a place to fill in"},
		{"/home/{user}/x", 7, "a place to fill in"},
		{"/home/{HOME}/x", 7, "a place to fill in"},
		{"/home/<name>/x", 7, "a place to fill in"},
		/* what others trim or split */
		{"/srv/key ", 9, "a blank at the end"},
		{"/srv/key\t", 9, "a blank at the end"},
		{"/srv/key\xc2\xa0", 9, "a blank at the end"},
		{" /srv/key", 1, "a blank at the beginning"},
		{"/srv /key", 5, "a blank"},
		{"/srv/ key", 6, "a blank"},
		{"/srv/{a, b}", 9, "a blank"},
		{"/srv/{a ,b}", 8, "a blank"},
		{"/srv/key # mine", 9, "begins no comment"},
		{"/a,/b", 3, "each pattern is an item of its own"},
		{"/a, /b", 3, "each pattern is an item of its own"},
		{"/a r,", 5, "each pattern is an item of its own"},
		{"/a:/b", 3, "each pattern is an item of its own"},
		{"/a:ro", 3, "accesses stand in allow or deny"},
		{"/a:rw", 3, "accesses stand in allow or deny"},
		/* joined without a slash; relative; regular expressions */
		{"${HOME}.ssh/**", 1, "put the \"/\" in"},
		{"${HOME}x", 1, "put the \"/\" in"},
		{"./x", 1, "write \"${WORKSPACE}/\""},
		{"../x", 1, "is relative"},
		{"x/y", 1, "is relative"},
		{"**/.env", 1, "write \"/**/\""},
		{"!/a", 1, "an exception is a rule"},
		{"'/a'", 1, "a quotation mark"},
		{"/a/", 3, "\"/**\""},
		{"${HOME}/", 8, "\"/**\""},
		{"/a//b", 3, "'//'"},
		{"/a/./b", 4, "'.' and '..'"},
		{"/a/../b", 4, "'.' and '..'"},
		{"/a/b|c", 5, "\"{a,b}\""},
		{"/a/...", 4, "\"**\""},
		{"${home}/x", 1, "did you mean ${HOME}?"},
		{"/x/${HOMES}/y", 4, "did you mean ${HOME}?"},
		{"/x/${NONE_OF_THEM}/y", 4, "has no value: --set"},
		/* fine: quoted, or not what it looks like */
		{"/a/\\$USER", 0, NULL},
		{"/a/\\~/b", 0, NULL},
		{"/a/\\@{HOME}", 0, NULL},
		{"/a/\\%h", 0, NULL},
		{"/a\\ ", 0, NULL},
		{"/a\\,/b\\:/c", 0, NULL},
		{"/a/\\<b>", 0, NULL},
		{"/a/\\...", 0, NULL},
		{"${HOME}\\.ssh", 0, NULL},
		{"/a/b$", 0, NULL},
		{"/a/$.x", 0, NULL},
		{"/a/[$x~%]", 0, NULL},
		{"/a/b~", 0, NULL},
		{"/a/b{,~}", 0, NULL},
		{"/a/~lock", 0, NULL},
		{"/a/@x", 0, NULL},
		{"/a/@{b,c}", 0, NULL},
		{"/a%20b/%2f/%41", 0, NULL},
		{"/a/100%", 0, NULL},
		{"/a/%%h", 0, NULL},
		{"/a b/c d", 0, NULL},
		{"/a/{b,c}", 0, NULL},
		{"/a/*.{pem}", 0, NULL},
		{"/a (1)/b", 0, NULL},
		{"/sys/0000:00:1f.2", 0, NULL},
		{"/a/.../b", 4, "\"**\""},
		{"${HOME}-old/**", 0, NULL},
		{"${HOME}*", 0, NULL},
		{"/x/${USER}.d", 0, NULL},
		{"${HOME}", 0, NULL},
		{"/a/**b", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		expect_pattern(list[i].pattern, list[i].column, list[i].told);
}

static void expect(const char *spec, const char *told)
{
	char *text = NULL, *got;

	assert_true(asprintf(&text, HEAD "%s", spec) > 0);
	got = told_by(text);
	if (told[0] ? !strstr(got, told) : got[0] != '\0')
		fail_msg("%s: wanted %s, got %s", spec, told, got);
	free(got);
	free(text);
}

static void defaults_of_variables(void **state)
{
	static const char *const given[] = {RF_VARS_GIVEN};

	(void)state;
	expect("  variables: { A: \"$HOME/x\" }\n", "f:5:20: a variable's default is literal text: \"$HOME\"");
	expect("  variables: { A: \"~/x\" }\n", "f:5:20: a variable's default is literal text: \"~\"");
	expect("  variables: { A: \"@{HOME}/x\" }\n", "f:5:20: a variable's default is literal text: \"@{HOME}\"");
	expect("  variables: { A: \"/x/%h\" }\n", "f:5:23: a variable's default is literal text: \"%h\"");
	expect("  variables: { A: \"/x/*\" }\n", "f:5:23: a variable's default is literal text: \"*\"");
	expect("  variables: { A: \"/x \" }\n", "f:5:22: a blank at the end");
	expect("  variables: { A: \"/x y/z:/w, v\" }\n", "");
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		char *spec = NULL, *told = NULL;

		assert_true(asprintf(&spec, "  variables: { %s: /x }\n", given[i]) > 0);
		assert_true(asprintf(&told, "f:5:16: %s has the value that each run gives it", given[i]) > 0);
		expect(spec, told);
		free(spec);
		/* No run gives it to a policy that chooses its cgroups, and a name alone promises nothing. */
		assert_true(asprintf(&spec, "  variables: { %s: /x }\n  select: [{ cgroup: a.slice }]\n", given[i]) >
			    0);
		expect(spec, "");
		free(spec);
		assert_true(asprintf(&spec, "  variables: { %s: }\n", given[i]) > 0);
		expect(spec, "");
		free(spec);
		free(told);
	}
}

static void cgroups(void **state)
{
	(void)state;
	expect("  select: [{ cgroup: \"user-$UID.slice\" }]\n", "f:5:28: \"$UID\" is not replaced: select has no");
	expect("  select: [{ cgroup: \"user-%U.slice\" }]\n", "f:5:28: \"%U\" is not replaced: select has no");
	expect("  select: [{ cgroup: \"a.slice \" }]\n", "f:5:30: a blank at the end");
	expect("  select: [{ cgroup: \"user@*.service/**\" }]\n", "");
}

static void names_of_values(void **state)
{
	static const char text[] = HEAD "  variables: { CACHE: /c }\n  files:\n    - deny: read\n"
					"      paths: [\"${DATA}/x\", \"/a/\\\\${QUOTED}\", \"${HOME}\"]\n";
	static const struct {
		const char *name, *near;
	} unknown[] = {{"CASHE", "CACHE"}, {"QUOTED", NULL}, {"USER", NULL}, {"HOMES", "HOME"}};
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};

	(void)state;
	assert_int_equal(rf_policies_parse(&policies, "f", text, strlen(text), &diags), 0);
	assert_true(rf_policies_use(&policies, "DATA"));
	assert_true(rf_policies_use(&policies, "HOME"));
	assert_false(rf_policies_use(&policies, "CACHE"));
	assert_false(rf_policies_use(&policies, "WORKSPACE"));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct rf_vars vars = {0};
		const char *near = NULL, *name;

		assert_int_equal(rf_vars_set(&vars, "DATA", "/d"), 0);
		assert_int_equal(rf_vars_set(&vars, "CACHE", "/c"), 0);
		assert_null(rf_vars_unknown(&vars, &policies, &near));
		assert_int_equal(rf_vars_set(&vars, unknown[i].name, "/x"), 0);
		name = rf_vars_unknown(&vars, &policies, &near);
		assert_string_equal(name, unknown[i].name);
		assert_string_equal(near ? near : "", unknown[i].near ? unknown[i].near : "");
		rf_vars_free(&vars);
	}
	rf_policies_free(&policies);
	rf_diags_free(&diags);
}

/* A home folder is taken as it is meant, and one that can't be taken is told once. */
static void homes(void **state)
{
	static const char *const list[][2] = {
		{"/home//dev", "/home/dev"},
		{"/home/./dev/.", "/home/dev"},
		{"//home/dev//", "/home/dev"},
		{"/", "/"},
		{"//", "/"},
		{"/usr/../usr/bin", NULL},
		{"/nonexistent/../x", NULL},
	};
	char *saved = getenv("HOME") ? strdup(getenv("HOME")) : NULL, *real = realpath("/usr/bin", NULL), *got;

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct rf_vars vars = {0};
		const char *wanted = list[i][1] ? list[i][1] : i == 5 ? real : "/nonexistent/../x";

		setenv("HOME", list[i][0], 1);
		assert_int_equal(rf_vars_defaults(&vars, geteuid(), "/"), 0);
		assert_string_equal(rf_vars_get(&vars, "HOME"), wanted);
		rf_vars_free(&vars);
	}
	if (saved)
		setenv("HOME", saved, 1);
	got = told_by(
		HEAD
		"  variables: { A: /a/../b }\n  files:\n    - deny: read\n      paths: [\"${A}/1\", \"${A}/2\"]\n");
	assert_non_null(strstr(got, "f:8:16: ${A} is \"/a/../b\""));
	assert_null(strstr(strchr(got, '\n') + 1, "f:"));
	free(got);
	free(saved);
	free(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_of_others),
		cmocka_unit_test(defaults_of_variables),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(names_of_values),
		cmocka_unit_test(homes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
