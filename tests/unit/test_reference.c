/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What patterns and rules mean, said twice by hand: here and in the reference. And that the generator does its work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile/compile.h"
#include "reference/generate.h"
#include "reference/reference.h"

static void what_patterns_match(void **state)
{
	static const struct {
		const char *glob, *path;
		bool matches;
	} list[] = {
		{"/a", "/a", true},
		{"/a", "/a/b", false},
		{"/a", "/", false},
		{"/", "/", true},
		{"/**", "/", true},
		{"/**", "/a/b", true},
		{"/a/**", "/a", true},
		{"/a/**", "/a/b/c", true},
		{"/a/**", "/ab", false},
		{"/a/**/b", "/a/b", true},
		{"/a/**/b", "/a/x/y/b", true},
		{"/a/**/b", "/a/xb", false},
		{"/**/b", "/b", true},
		{"/**/b", "/x/b", true},
		{"/a/**b", "/a/x/yb", true},
		{"/a/**b", "/a/b", true},
		{"/a/x**y", "/a/x/1/y", true},
		{"/a/x**y", "/a/xy", true},
		{"/a/***", "/a", false},
		{"/a/***", "/a/b/c", true},
		{"/a/*", "/a/.b", true},
		{"/a/*", "/a/b/c", false},
		{"/a/*b", "/a/b", true},
		{"/a/?", "/a/\xff", true},
		{"/a?b", "/a/b", false},
		{"/[a-c]", "/b", true},
		{"/[!a-c]", "/b", false},
		{"/[!a-c]", "/\xff", true},
		{"/a[!b]c", "/a/c", false},
		{"/[-a]", "/-", true},
		{"/[{,}]", "/,", true},
		{"/{a,b}/c", "/b/c", true},
		{"/{a,b}/c", "/c", false},
		{"/a{,b}", "/a", true},
		{"/a{/**,}", "/a/x/y", true},
		{"/{a,b/{c,d/**}}", "/b/d", true},
		{"/{a,b/{c,d/**}}", "/b", false},
		{"/x/{**,y}/z", "/x/z", true},
		{"/x/*{*,}/z", "/x/z", true},
		{"/a,b", "/a,b", true},
		{"/a}", "/a}", true},
		{"/\\*", "/*", true},
		{"/\\*", "/a", false},
		{"/\\{a,b\\}", "/{a,b}", true},
		{"/a\\b", "/ab", true},
		{"memfd:*", "memfd:x", true},
		{"@a/*", "@a/b", true},
		{"/a/**/**", "/a", true},
		{"/a\n*", "/a\nb", true},
		{"/*/**", "/", true},
		{"/a/*/**", "/a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		size_t len = strlen(list[i].path);

		if (ref_glob_match(list[i].glob, list[i].path, len) != list[i].matches)
			fail_msg("reference: %s %s", list[i].glob, list[i].path);
		if (rf_glob_match(list[i].glob, list[i].path, len) != list[i].matches)
			fail_msg("compiler: %s %s", list[i].glob, list[i].path);
	}
}

static void the_last_rule_decides(void **state)
{
	static const char text[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n"
				   "  files:\n"
				   "    - { allow: [read, write], paths: [/a/**] }\n"
				   "    - { deny: write, paths: [/a/b/**], hide: true }\n"
				   "    - { allow: write, paths: [/a/b/c] }\n"
				   "  network:\n"
				   "    - { allow: connect, ports: [443], protocols: [tcp] }\n"
				   "    - { deny: connect, to: [\"::/0\", 10.0.0.0/8] }\n";
	static const uint8_t v4[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1}, ten[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};
	static const uint8_t v6[16] = {0xfd, [15] = 1};
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	struct ref_verdict v;

	(void)state;
	assert_int_equal(rf_policies_parse(&policies, "f", text, strlen(text), &diags), 0);
	const struct rf_policy *p = policies.policy;
	assert_int_equal(rf_policy_bind(policies.policy, &(struct rf_vars){0}, false, &diags), 0);
	assert_null(ref_path(p, RF_FILES, RF_EXEC, "/a", 2).rule);
	assert_true(ref_path(p, RF_FILES, RF_WRITE, "/a", 2).allow);
	v = ref_path(p, RF_FILES, RF_WRITE, "/a/b", 4);
	assert_true(!v.allow && v.hide && v.rule == &p->rule[RF_FILES][1]);
	v = ref_path(p, RF_FILES, RF_WRITE, "/a/b/c", 6);
	assert_true(v.allow && !v.hide && v.rule == &p->rule[RF_FILES][2]);
	assert_true(ref_path(p, RF_FILES, RF_READ, "/a/b/c", 6).rule == &p->rule[RF_FILES][0]);
	/* An IPv6 range, ::/0 included, says nothing about IPv4. */
	assert_true(ref_dest(p, RF_CONNECT, RF_TCP, v4, 443).allow);
	assert_false(ref_dest(p, RF_CONNECT, RF_UDP, v4, 443).allow);
	assert_null(ref_dest(p, RF_CONNECT, RF_TCP, v4, 80).rule);
	assert_null(ref_dest(p, RF_BIND, RF_TCP, v4, 443).rule);
	assert_true(ref_dest(p, RF_CONNECT, RF_TCP, ten, 443).rule == &p->rule[RF_NETWORK][1]);
	assert_false(ref_dest(p, RF_CONNECT, RF_TCP, v6, 443).allow);
	rf_policies_free(&policies);
}

/* --------------------------------------------------------------- generator */

static bool patterns_differ(const struct rf_policy *policy, const struct gen_probe *probe, void *context)
{
	(void)context;
	for (size_t i = 0; i < policy->rules[probe->section]; i++) {
		const struct rf_rule *rule = &policy->rule[probe->section][i];

		for (size_t k = 0; k < rule->patterns; k++) {
			if (ref_glob_match(rule->pattern[k].glob, probe->path, probe->len) !=
			    rf_glob_match(rule->pattern[k].glob, probe->path, probe->len))
				return true;
		}
	}
	return false;
}

static void check_probe(const struct gen *g, const struct gen_probe *probe)
{
	assert_true(probe->len && probe->len < RF_PATH_MAX && !probe->path[probe->len]);
	assert_null(strstr(probe->path, "//"));
	if (probe->path[0] == '@')
		return;
	assert_int_equal(probe->path[0], '/');
	if (g->prefix)
		assert_memory_equal(probe->path, g->prefix, strlen(g->prefix));
	for (const char *name = strchr(probe->path, '/'); name; name = strchr(name, '/')) {
		size_t len = strcspn(++name, "/");

		assert_true(len <= 255 && (len || probe->len == 1));
		assert_false((len == 1 && name[0] == '.') || (len == 2 && !strncmp(name, "..", 2)));
	}
}

static void one_seed(uint64_t seed, const char *prefix, size_t answers[2])
{
	enum rf_section section = seed % 4 ? RF_FILES : RF_UNIX;
	struct gen g = {.state = seed, .prefix = prefix, .inside = seed & 1};
	struct gen_policy policy;
	struct rf_policies policies = {0};
	struct gen_probe probe;

	gen_policy_make(&g, section, 8, &policy);
	assert_int_equal(gen_policy_bind(&policy, &policies, stderr), 0);
	for (unsigned i = 0; i < 20; i++) {
		gen_probe_make(&g, &policy, section, &probe);
		check_probe(&g, &probe);
		answers[ref_path(policies.policy, section, probe.access, probe.path, probe.len).allow]++;
		if (patterns_differ(policies.policy, &probe, NULL)) {
			gen_shrink(&g, &policy, &probe, patterns_differ, NULL);
			gen_report(stderr, seed, &policy, &probe);
			fail();
		}
	}
	gen_policy_free(&policy);
	rf_policies_free(&policies);
}

/* Paths are real ones, both answers are common, and the compiler's matcher agrees. */
static void random_policies(void **state)
{
	size_t answers[2] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		one_seed(seed, seed % 3 ? NULL : "/tmp/x", answers);
	assert_true(answers[0] > 400 && answers[1] > 400);
}

static bool names_git(const struct rf_policy *policy, const struct gen_probe *probe, void *context)
{
	++*(size_t *)context;
	for (size_t i = 0; i < policy->rules[RF_FILES]; i++) {
		const struct rf_rule *rule = &policy->rule[RF_FILES][i];

		for (size_t k = 0; k < rule->patterns; k++) {
			if (strstr(rule->pattern[k].glob, "git") && memchr(probe->path, 'a', probe->len))
				return true;
		}
	}
	return false;
}

static void failures_shrink(void **state)
{
	struct gen g = {.state = 7};
	struct gen_policy policy;
	struct gen_probe probe;
	size_t calls = 0;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	do {
		struct rf_policies policies = {0};
		bool found;

		gen_policy_make(&g, RF_FILES, 12, &policy);
		gen_probe_make(&g, &policy, RF_FILES, &probe);
		assert_int_equal(gen_policy_bind(&policy, &policies, stderr), 0);
		found = names_git(policies.policy, &probe, &calls) && policy.rules > 3;
		rf_policies_free(&policies);
		if (found)
			break;
		gen_policy_free(&policy);
	} while (true);
	gen_shrink(&g, &policy, &probe, names_git, &calls);
	assert_int_equal(policy.rules, 1);
	assert_int_equal(policy.rule[0].items, 1);
	assert_string_equal(policy.rule[0].item[0], "/git");
	assert_string_equal(probe.path, "/a");
	gen_report(out, 7, &policy, &probe);
	fclose(out);
	assert_non_null(strstr(text, "seed: 7\n"));
	assert_non_null(strstr(text, "paths: [\"/git\"]"));
	free(text);
	gen_policy_free(&policy);
}

static void random_destinations(void **state)
{
	size_t answers[2] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct gen g = {.state = seed, .local = seed & 1};
		struct gen_policy policy;
		struct rf_policies policies = {0};
		struct gen_probe probe;

		gen_policy_make(&g, RF_NETWORK, 8, &policy);
		assert_int_equal(gen_policy_bind(&policy, &policies, stderr), 0);
		for (unsigned i = 0; i < 20; i++) {
			struct ref_verdict v;
			const struct rf_rule *rule;

			gen_probe_make(&g, &policy, RF_NETWORK, &probe);
			v = ref_dest(policies.policy, probe.access, probe.protocol, probe.addr, probe.port);
			rule = rf_decide_dest(policies.policy, probe.access, probe.protocol, probe.addr, probe.port,
					      NULL, NULL);
			answers[v.allow]++;
			if (v.rule != rule) {
				gen_report(stderr, seed, &policy, &probe);
				fail();
			}
		}
		gen_policy_free(&policy);
		rf_policies_free(&policies);
	}
	assert_true(answers[0] > 400 && answers[1] > 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_patterns_match), cmocka_unit_test(the_last_rule_decides),
		cmocka_unit_test(random_policies),     cmocka_unit_test(failures_shrink),
		cmocka_unit_test(random_destinations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
