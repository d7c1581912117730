/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Variables and symbolic links. The tree that the links are about, in a fresh directory T:
 *
 *   T/usr/bin/tool            T/bin -> usr/bin            relative
 *   T/etc/conf                T/etc/link -> ../usr        relative, up
 *   T/ws/                     T/ws/out -> T/usr           inside what the task may write
 *   T/odd[1]/{a,b}            T/brackets -> odd[1]        glob characters in names
 *   T/chain -> bin            T/root -> /                 two links; the root
 *   T/dangling -> nowhere     T/loop -> loop
 *   T/usr/deep -> dangling    a link to a link that leads nowhere
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

#include "policy/links.h"
#include "policy/policy.h"

static char tree[] = "/tmp/ringfence-bind-XXXXXX";

/* Puts the tree's path in place of every "T/" of a text that begins with T or stands behind a quote or space. */
static char *in_tree(const char *text)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	for (const char *c = text; *c; c++) {
		if (c[0] == 'T' && c[1] == '/' && (c == text || strchr("\"' =", c[-1])))
			fputs(tree, f);
		else
			fputc(*c, f);
	}
	fclose(f);
	return out;
}

static int make_tree(void **state)
{
	static const char *const dirs[] = {"usr", "usr/bin", "etc", "ws", "odd[1]", "odd[1]/{a,b}"};
	static const struct {
		const char *name, *target;
	} links[] = {
		{"bin", "usr/bin"}, {"etc/link", "../usr"},  {"brackets", "odd[1]"}, {"chain", "bin"},
		{"root", "/"},	    {"dangling", "nowhere"}, {"loop", "loop"},	     {"usr/deep", "dangling"},
	};
	char path[256], usr[256];

	(void)state;
	if (!mkdtemp(tree))
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, dirs[i]);
		if (mkdir(path, 0700))
			return -1;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, links[i].name);
		if (symlink(links[i].target, path))
			return -1;
	}
	snprintf(path, sizeof(path), "%s/ws/out", tree);
	snprintf(usr, sizeof(usr), "%s/usr", tree);
	return symlink(usr, path);
}

static int remove_tree(void **state)
{
	static const char *const names[] = {
		"bin",	  "etc/link",	  "brackets", "chain", "root", "dangling", "loop", "usr/deep",
		"ws/out", "odd[1]/{a,b}", "odd[1]",   "ws",    "etc",  "usr/bin",  "usr",  ""};
	char path[256];
	int error = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, names[i]);
		error |= remove(path);
	}
	return error;
}

/* ----------------------------------------------------------------- helpers */

struct bound {
	struct rf_policies policies;
	struct rf_diags diags;
	struct rf_vars vars;
	char *told;
	int error;
};

/* Reads "files:" and what follows, and binds it. */
static struct bound bind_text(const char *spec, bool resolve, const char *const *values)
{
	struct bound b = {0};
	char *text = NULL, *placed = in_tree(spec);
	size_t size = 0;
	FILE *out = open_memstream(&b.told, &size);

	assert_non_null(out);
	assert_true(asprintf(&text, "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n%s",
			     placed) > 0);
	if (rf_policies_parse(&b.policies, "f", text, strlen(text), &b.diags)) {
		rf_diags_print(&b.diags, stderr);
		fail_msg("%s", text);
	}
	for (; values && *values; values += 2)
		assert_int_equal(rf_vars_set(&b.vars, values[0], values[1]), 0);
	b.error = rf_policy_bind(&b.policies.policy[0], &b.vars, resolve, &b.diags);
	assert_int_equal(b.policies.policy[0].bound, !b.error);
	rf_diags_print(&b.diags, out);
	fclose(out);
	free(text);
	free(placed);
	return b;
}

static void done(struct bound *b)
{
	rf_policies_free(&b->policies);
	rf_diags_free(&b->diags);
	rf_vars_free(&b->vars);
	free(b->told);
}

/* What the rules' patterns become: "glob glob+resolved-of | next rule". */
static void expect_patterns(const char *spec, bool resolve, const char *const *values, const char *expected,
			    const char *told)
{
	struct bound b = bind_text(spec, resolve, values);
	char *text = NULL, *wanted = in_tree(expected), *wanted_told = in_tree(told);
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < b.policies.policy[0].rules[section]; i++) {
			const struct rf_rule *rule = &b.policies.policy[0].rule[section][i];

			if (rule->implied)
				continue;
			fputs(i ? " |" : "", out);
			for (size_t k = 0; k < rule->patterns; k++) {
				const struct rf_pattern *p = &rule->pattern[k];

				fprintf(out, " %s", p->glob);
				if (p->resolved)
					fprintf(out, "+%zu", p->of);
				assert_int_equal(p->where.line, rule->path[p->of].where.line);
			}
		}
	}
	fclose(out);
	assert_string_equal(b.told, wanted_told);
	assert_string_equal(text, wanted);
	assert_int_equal(b.error, b.diags.errors ? -EINVAL : 0);
	free(text);
	free(wanted);
	free(wanted_told);
	done(&b);
}

#define ALLOW(list) "  files:\n    - allow: read\n      paths: [" list "]\n"
#define DENY(list)  "  files:\n    - deny: read\n      paths: [" list "]\n"

static void values_of(const char *list, const char *value, const char *expected, const char *told)
{
	const char *const values[] = {"V", value, NULL};
	char *spec = NULL;

	assert_true(asprintf(&spec, ALLOW("%s"), list) > 0);
	expect_patterns(spec, false, values, expected, told);
	free(spec);
}

/* --------------------------------------------------------------- variables */

static void values_are_put_in(void **state)
{
	(void)state;
	values_of("'${V}/**', '${V}/.ssh/{a,b}'", "/home/u", " /home/u/** /home/u/.ssh/{a,b}", "");
	values_of("'/x/${V}'", "/a", "", "f:7:18: bad pattern \"/x/${V}\": '//' can't be part of a path\n");
}

static void a_value_in_the_middle(void **state)
{
	(void)state;
	values_of("'/a/${V}/b', '/a-${V}-b', '/${V}${V}'", "u", " /a/u/b /a-u-b /uu", "");
	values_of("'/a/${V}/b'", "x/y", " /a/x/y/b", "");
	values_of("'/a/${V}/b'", "..", "",
		  "f:7:19: bad pattern \"/a/${V}/b\": '.' and '..' can't be components of a path that is matched\n");
	values_of("'/a/${V}/b'", "", "", "f:7:18: bad pattern \"/a/${V}/b\": '//' can't be part of a path\n");
}

static void a_value_is_literal(void **state)
{
	(void)state;
	values_of("'/a/${V}', '/{x,${V}}'", "*?[a]{b,c}\\",
		  " /a/\\*\\?\\[a\\]\\{b\\,c\\}\\\\ /{x,\\*\\?\\[a\\]\\{b\\,c\\}\\\\}", "");
	values_of("'/a/${V}'", "${V}", " /a/$\\{V\\}", "");
	values_of("'/a/\\${V}'", "x", " /a/\\${V}", "");
	values_of("'/a/${V}'", "\xff\n", " /a/\xff\n", "");
}

static void a_value_at_the_start(void **state)
{
	(void)state;
	values_of("'${V}/**', '${V}', '${V}-x'", "/home/u/", " /home/u/** /home/u /home/u-x", "");
	values_of("'${V}/**', '${V}', '${V}-x'", "/", " /** / /-x", "");
	values_of("'${V}/**'", "//", " /**", "");
	static const char *const bad[] = {"", "home", "/a//b", "/a/./b", "/a/../b", "/..", "~"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *told = NULL;

		assert_true(asprintf(&told,
				     "f:7:16: ${V} is \"%s\": a pattern can begin only with an absolute path without "
				     "\"//\", \".\" and \"..\"\n",
				     bad[i]) > 0);
		values_of("'${V}/**'", bad[i], "", told);
		free(told);
	}
}

static void unbound_variables(void **state)
{
	static const char hint[] = ": --set or spec.variables can give it one\n";
	char told[256];

	(void)state;
	unsetenv("RINGFENCE_TEST_NONE");
	snprintf(told, sizeof(told),
		 "f:7:18: ${A} has no value%sf:7:23: ${B} has no value%sf:7:31: ${ENV:RINGFENCE_TEST_NONE} has no "
		 "value%s",
		 hint, hint, hint);
	values_of("'/a${A}/${B}', '${ENV:RINGFENCE_TEST_NONE}', '${V}'", "/v", "", told);
}

static void who_gives_the_value(void **state)
{
	static const char spec[] = "  variables: { V: /default, W: }\n" ALLOW("'${V}', '${ENV:RINGFENCE_TEST_ENV}'");
	static const char *const first[] = {"V", "/first", "V", "/second", NULL};

	(void)state;
	setenv("RINGFENCE_TEST_ENV", "/env/*", 1);
	expect_patterns(spec, false, NULL, " /default /env/\\*", "");
	expect_patterns(spec, false, first, " /first /env/\\*", "");
	unsetenv("RINGFENCE_TEST_ENV");
}

static void names_of_variables(void **state)
{
	struct rf_vars vars = {0};

	(void)state;
	assert_int_equal(rf_vars_set(&vars, "1A", "x"), -EINVAL);
	assert_int_equal(rf_vars_set(&vars, "", "x"), -EINVAL);
	assert_int_equal(rf_vars_set(&vars, "ENV:A", "x"), -EINVAL);
	assert_int_equal(rf_vars_set(&vars, "A_1", "x"), 0);
	assert_string_equal(rf_vars_get(&vars, "A_1"), "x");
	assert_null(rf_vars_get(&vars, "A"));
	rf_vars_free(&vars);
}

static void defaults(void **state)
{
	struct rf_vars vars = {0};

	(void)state;
	assert_int_equal(rf_vars_set(&vars, "WORKSPACE", "/mine"), 0);
	assert_int_equal(rf_vars_defaults(&vars, geteuid(), "/usr/.."), 0);
	assert_string_equal(rf_vars_get(&vars, "WORKSPACE"), "/mine");
	assert_non_null(rf_vars_get(&vars, "UID"));
	assert_int_equal(rf_vars_defaults(&vars, geteuid(), "/nonexistent"), -ENOENT);
	rf_vars_free(&vars);
	assert_int_equal(rf_vars_defaults(&vars, 0, "/usr/.."), 0);
	assert_string_equal(rf_vars_get(&vars, "WORKSPACE"), "/");
	assert_string_equal(rf_vars_get(&vars, "UID"), "0");
	rf_vars_free(&vars);
}

static void texts_are_bound_once(void **state)
{
	static const char *const values[] = {"V", "/v", NULL};
	struct bound b = bind_text(ALLOW("'${V}/*'"), false, values);

	(void)state;
	assert_string_equal(b.policies.policy[0].rule[RF_FILES][0].path[0].text, "/v/*");
	assert_int_equal(rf_policy_bind(&b.policies.policy[0], &b.vars, false, &b.diags), -EINVAL);
	done(&b);
	/* A failed binding leaves the policy to be bound with other values. */
	b = bind_text(ALLOW("'/a', '${V}/*'"), false, NULL);
	assert_int_equal(b.error, -EINVAL);
	assert_int_equal(b.policies.policy[0].rule[RF_FILES][0].patterns, 0);
	assert_int_equal(rf_vars_set(&b.vars, "V", "/w"), 0);
	assert_int_equal(rf_policy_bind(&b.policies.policy[0], &b.vars, false, &b.diags), 0);
	assert_string_equal(b.policies.policy[0].rule[RF_FILES][0].pattern[1].glob, "/w/*");
	done(&b);
}

/* ------------------------------------------------------------------- links */

static void links_on_the_way(void **state)
{
	(void)state;
	expect_patterns(ALLOW("'T/usr/**', 'T/bin/*', 'T/bin', 'T/b*/x'"), true, NULL,
			" T/usr/** T/bin/* T/bin T/b*/x T/usr/bin/*+1 T/usr/bin+2 T/odd\\[1\\]/x+3", "");
	expect_patterns(DENY("'T/chain/tool', 'T/etc/link/bin/**', 'T/etc/link/not/there/*'"), true, NULL,
			" T/chain/tool T/etc/link/bin/** T/etc/link/not/there/* T/usr/bin/tool+0 T/usr/bin/**+1 "
			"T/usr/not/there/*+2",
			"");
	expect_patterns(ALLOW("'T/bin/*'"), false, NULL, " T/bin/*", "");
}

static void links_to_the_root(void **state)
{
	(void)state;
	expect_patterns(DENY("'T/root', 'T/root/**', 'T/root/nonexistent/a'"), true, NULL,
			" T/root T/root/** T/root/nonexistent/a /+0 /**+1 /nonexistent/a+2", "");
}

static void links_that_lead_nowhere(void **state)
{
	(void)state;
	expect_patterns(DENY("'T/dangling/**', 'T/loop/**', 'T/usr/deep', 'T/bin/none/x', 'T/etc/link/deep/x'"), true,
			NULL,
			" T/dangling/** T/loop/** T/usr/deep T/bin/none/x T/etc/link/deep/x T/usr/bin/none/x+3 "
			"T/usr/deep/x+4",
			"");
}

static void glob_characters_behind_links(void **state)
{
	(void)state;
	expect_patterns(DENY("'T/brackets/\\{a\\,b\\}/x/*.[ch]'"), true, NULL,
			" T/brackets/\\{a\\,b\\}/x/*.[ch] T/odd\\[1\\]/\\{a\\,b\\}/x/*.[ch]+0", "");
}

static void a_form_is_added_once(void **state)
{
	(void)state;
	expect_patterns(DENY("'T/bin/*', 'T/chain/*', 'T/usr/bin/*', 'T/bin/*'"), true, NULL,
			" T/bin/* T/chain/* T/usr/bin/* T/bin/*", "");
	expect_patterns(DENY("'T/bin/*', 'T/chain/*'"), true, NULL, " T/bin/* T/chain/* T/usr/bin/*+0", "");
}

/* An allow rule stays off links that the task may write; a deny rule does not care. */
static void links_that_the_task_may_write(void **state)
{
	static const char writable[] = "  files:\n"
				       "    - { allow: write, paths: ['T/ws/**'] }\n"
				       "    - { allow: read, paths: ['T/ws/out/x'] }\n"
				       "    - { deny: read, paths: ['T/ws/out/y'] }\n";
	static const char kept[] = "  files:\n"
				   "    - { allow: write, paths: ['T/ws/**'] }\n"
				   "    - { deny: write, paths: ['T/ws/out'] }\n"
				   "    - { allow: read, paths: ['T/ws/out/x'] }\n";
	char *told = NULL, *shown = in_tree("T/ws/out/x"), *link = in_tree("T/ws/out");

	(void)state;
	assert_true(asprintf(&told,
			     "f:7:31: warning: \"%s\" passes through the link \"%s\", which the policy lets the task "
			     "change: it is not followed\n",
			     shown, link) > 0);
	expect_patterns(writable, true, NULL, " T/ws/** | T/ws/out/x | T/ws/out/y T/usr/y+0", told);
	expect_patterns(kept, true, NULL, " T/ws/** | T/ws/out T/usr+0 | T/ws/out/x T/usr/x+0", "");
	free(told);
	free(shown);
	free(link);
}

/* Sockets as well: whether a link may be written is a question to the files rules. */
static void links_to_sockets(void **state)
{
	(void)state;
	expect_patterns("  unix:\n    - allow: connect\n      paths: ['T/bin/sock', '@/a/b', '@T/bin']\n", true, NULL,
			" T/bin/sock @/a/b @T/bin T/usr/bin/sock+0", "");
}

static void the_proc_of_a_task_is_not_followed(void **state)
{
	(void)state;
	expect_patterns(DENY("'/proc/self/**', '/proc/thread-self/fd/1', '/proc/1/root/etc/*', '/proc/self/cwd/x'"),
			true, NULL, " /proc/self/** /proc/thread-self/fd/1 /proc/1/root/etc/* /proc/self/cwd/x", "");
	if (access("/proc/self/mounts", F_OK))
		skip();
	expect_patterns(DENY("'/proc/mounts'"), true, NULL, " /proc/mounts /proc/self/mounts+0", "");
}

static void which_links_were_followed(void **state)
{
	struct rf_links links;
	char *path = in_tree("T/chain/none"), *chain = in_tree("T/chain"), *bin = in_tree("T/bin");
	char *target = in_tree("T/usr/bin");

	(void)state;
	assert_int_equal(rf_links_follow(path, &links), 0);
	assert_int_equal(links.links, 2);
	assert_string_equal(links.link[0], chain);
	assert_string_equal(links.link[1], bin);
	assert_string_equal(links.path, target);
	assert_string_equal(path + links.len, "/none");
	rf_links_free(&links);
	free(path);
	free(chain);
	free(bin);
	free(target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_put_in),
		cmocka_unit_test(a_value_in_the_middle),
		cmocka_unit_test(a_value_is_literal),
		cmocka_unit_test(a_value_at_the_start),
		cmocka_unit_test(unbound_variables),
		cmocka_unit_test(who_gives_the_value),
		cmocka_unit_test(names_of_variables),
		cmocka_unit_test(defaults),
		cmocka_unit_test(texts_are_bound_once),
		cmocka_unit_test(links_on_the_way),
		cmocka_unit_test(links_to_the_root),
		cmocka_unit_test(links_that_lead_nowhere),
		cmocka_unit_test(glob_characters_behind_links),
		cmocka_unit_test(a_form_is_added_once),
		cmocka_unit_test(links_that_the_task_may_write),
		cmocka_unit_test(links_to_sockets),
		cmocka_unit_test(the_proc_of_a_task_is_not_followed),
		cmocka_unit_test(which_links_were_followed),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
