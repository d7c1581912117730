/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Links that a component with wildcards or braces meets. The tree, in a fresh directory that is entered as the root of
 * all patterns here ("T" stands for it):
 *
 *   T/usr/lib/x  T/usr/lib64/  T/lib -> usr/lib  T/lib64 -> usr/lib64
 *   T/home/a/.ssh -> T/keys    T/home/b -> T/data/b      T/data/b/.ssh/  T/keys/
 *   T/ws/link -> T/keys        inside what the task may write
 *   T/tmp/ (sticky) mine -> T/keys
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/entries.h"
#include "policy/policy.h"
#include "policy/spread.h"

static char tree[] = "/tmp/ringfence-wild-XXXXXX";

static const char *const folders[] = {"usr",	"usr/lib",     "usr/lib64", "home", "home/a", "data",
				      "data/b", "data/b/.ssh", "keys",	    "ws",   "tmp"};
static const char *const links[][2] = {
	{"lib", "usr/lib"},	 {"lib64", "usr/lib64"}, {"home/a/.ssh", "../../keys"},
	{"home/b", "../data/b"}, {"ws/link", "../keys"}, {"tmp/mine", "../keys"},
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int make_tree(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(tree))
		return -1;
	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, folders[i]);
		if (mkdir(path, 0700))
			return -1;
	}
	for (size_t i = 0; i < COUNT(links); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, links[i][0]);
		if (symlink(links[i][1], path))
			return -1;
	}
	snprintf(path, sizeof(path), "%s/tmp", tree);
	return chmod(path, 01777);
}

static int remove_tree(void **state)
{
	char path[256];
	int error = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, links[i][0]);
		error |= unlink(path);
	}
	for (size_t i = COUNT(folders); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", tree, folders[i]);
		error |= rmdir(path);
	}
	return error | rmdir(tree);
}

/* Replaces each "T/" by the tree. */
static char *in_tree(const char *text)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	for (const char *c = text; *c; c++) {
		if (c[0] == 'T' && c[1] == '/')
			fputs(tree, f);
		else
			fputc(*c, f);
	}
	fclose(f);
	return out;
}

/* The resolved forms of the last files or unix rule, each with a blank in front; what is told has to hold `told`. */
static void expect(const char *spec, const char *forms, const char *told)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	char *placed = in_tree(spec), *wanted = in_tree(forms), *text = NULL, *got = NULL, *said = NULL;
	size_t size = 0, said_size = 0;
	FILE *out = open_memstream(&got, &size), *say = open_memstream(&said, &said_size);

	assert_non_null(out);
	assert_non_null(say);
	assert_true(asprintf(&text,
			     "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n"
			     "  guards: { off: [engine] }\n%s",
			     placed) > 0);
	assert_int_equal(rf_policies_parse(&policies, "f", text, strlen(text), &diags), 0);
	assert_int_equal(rf_policy_bind(&policies.policy[0], &(struct rf_vars){0}, true, &diags), 0);
	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		size_t rules = policies.policy[0].rules[section];

		for (size_t k = 0; rules && k < policies.policy[0].rule[section][rules - 1].patterns; k++) {
			const struct rf_pattern *pattern = &policies.policy[0].rule[section][rules - 1].pattern[k];

			if (pattern->resolved)
				fprintf(out, " %s", pattern->glob);
		}
	}
	fclose(out);
	rf_diags_print(&diags, say);
	fclose(say);
	if (strcmp(got, wanted) != 0 || (told[0] ? !strstr(said, told) : said[0] != '\0'))
		fail_msg("%s: wanted%s, got%s; told: %s", spec, wanted, got, said);
	rf_policies_free(&policies);
	rf_diags_free(&diags);
	free(placed);
	free(wanted);
	free(text);
	free(got);
	free(said);
}

#define DENY(list)  "  files:\n    - deny: read\n      paths: [" list "]\n"
#define ALLOW(list) "  files:\n    - allow: read\n      paths: [" list "]\n"

static void links_that_wildcards_match(void **state)
{
	(void)state;
	expect(ALLOW("'T/lib*/**'"), " T/usr/lib/** T/usr/lib64/**", "");
	expect(ALLOW("'T/{bin,lib*}/**'"), " T/usr/lib/** T/usr/lib64/**", "");
	expect(ALLOW("'T/l[i]?/x'"), " T/usr/lib/x", "");
	expect(ALLOW("'T/{lib,lib64}/*.so'"), " T/usr/lib/*.so T/usr/lib64/*.so", "");
	expect(ALLOW("'T/lib*'"), " T/usr/lib T/usr/lib64", "");
	/* Behind a folder that a wildcard matches, and behind a link that one does. */
	expect(DENY("'T/home/*/.ssh/**'"), " T/keys/** T/data/b/.ssh/**", "");
	expect(DENY("'T/{h,x}*/?/{.ssh,.gnupg}/**'"), " T/keys/** T/data/b/.ssh/** T/data/b/.gnupg/**", "");
	/* What lies behind two stars is not gone through; what is not there has no links. */
	expect(DENY("'T/**/.ssh/x', 'T/none/*/x', 'T/h**/a'"), "", "");
	expect("  unix:\n    - deny: connect\n      paths: ['T/home/*/.ssh/agent', '@T/lib*']\n",
	       " T/keys/agent T/data/b/.ssh/agent", "");
}

/* A form that the rule has already costs states, and says nothing. */
static void forms_that_are_covered(void **state)
{
	(void)state;
	expect(ALLOW("'T/{usr,lib*}/**'"), "", "");
	expect(ALLOW("'T/usr/**', 'T/lib*/x'"), "", "");
	expect(ALLOW("'T/usr/*', 'T/lib*/**'"), " T/usr/lib/** T/usr/lib64/**", "");
}

static void links_that_the_task_may_write(void **state)
{
	(void)state;
	expect("  files:\n    - { allow: write, paths: ['T/ws/**'] }\n    - { allow: read, paths: ['T/ws/l*/x'] }\n",
	       "", "which the policy lets the task change: it is not followed");
	expect("  files:\n    - { allow: write, paths: ['T/ws/**'] }\n    - { deny: read, paths: ['T/ws/l*/x'] }\n",
	       " T/keys/x", "");
}

/* Of a folder that all may write, links of others are left alone; one's own is followed. */
static void links_in_sticky_folders(void **state)
{
	char path[256];

	(void)state;
	expect(DENY("'T/tmp/m*/**'"), " T/keys/**", "");
	if (geteuid())
		skip();
	snprintf(path, sizeof(path), "%s/tmp/mine", tree);
	assert_int_equal(lchown(path, 1234, 1234), 0);
	expect(DENY("'T/tmp/m*/**'"), "", "");
}

static void the_tasks_of_proc(void **state)
{
	(void)state;
	expect(DENY("'/proc/*/root/x', '/proc/self/*/x'"), "", "");
}

/* Many patterns name one folder: it is read for the first of them, and the others get what was there then. */
static void folders_are_read_once(void **state)
{
	struct rf_folders seen = {0};
	struct rf_entries entries;
	char path[256];

	(void)state;
	assert_int_equal(rf_entries_find(&seen, tree, "l*", false, &entries), 0);
	assert_int_equal(entries.count, 2);
	assert_string_equal(entries.name[1], "lib64");
	rf_entries_free(&entries);
	snprintf(path, sizeof(path), "%s/late", tree);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(rf_entries_find(&seen, tree, "{la,h}*", true, &entries), 0);
	assert_int_equal(entries.count, 1);
	assert_string_equal(entries.name[0], "home");
	rf_entries_free(&entries);
	rf_folders_forget(&seen);
	assert_int_equal(rf_entries_find(&seen, tree, "la*", true, &entries), 0);
	assert_int_equal(entries.count, 1);
	rf_entries_free(&entries);
	rf_folders_forget(&seen);
	assert_int_equal(rmdir(path), 0);
}

static int note(void *context, const char *plain)
{
	FILE *out = context;

	fprintf(out, " %s", plain);
	return 0;
}

static void braces(void **state)
{
	static const char *const list[][2] = {
		{"/a", " /a"},
		{"/{a,b}/c", " /a/c /b/c"},
		{"/{a,{b,c}d}{,/e}", " /a /a/e /bd /bd/e /cd /cd/e"},
		{"/\\{a,b\\}/[{,]/{x}", " /\\{a,b\\}/[{,]/x"},
		{"/{a\\,b,[},]c}", " /a\\,b /[},]c"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		char *got = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&got, &size);

		assert_non_null(out);
		assert_int_equal(rf_spread(list[i][0], note, out), 0);
		fclose(out);
		assert_string_equal(got, list[i][1]);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_that_wildcards_match),
		cmocka_unit_test(forms_that_are_covered),
		cmocka_unit_test(links_that_the_task_may_write),
		cmocka_unit_test(links_in_sticky_folders),
		cmocka_unit_test(the_tasks_of_proc),
		cmocka_unit_test(folders_are_read_once),
		cmocka_unit_test(braces),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
