// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one policy allows and another does not: fixed cases, then generated policies. What is found is asked of the
 * naive reference; where nothing is found, no generated path may differ. RF_SEED repeats a run, RF_SCALE multiplies it.
 */
#include "compile/difference.h"
#include "compile_support.h"
#include "reference/generate.h"
#include "reference/reference.h"

enum { POLICIES = 60, PATHS = 400, RULES = 8 };
#define SEED 1795467786

/* The shortest path that `new` allows beyond `old`, or "none". */
static const char *gain(const char *old, const char *new, unsigned access, const char *prefix)
{
	static char text[256];
	struct subject a, b;
	char *path;
	int found, kind = *prefix == '@' ? RF_IMAGE_UNIX : RF_IMAGE_FILES;

	subject_make(&a, old);
	subject_make(&b, new);
	found = rf_image_difference(&a.compiled.image[kind], &b.compiled.image[kind], access, prefix, &path);
	assert_true(found >= 0);
	assert_int_equal(found, path != NULL);
	snprintf(text, sizeof(text), "%s", path ? path : "none");
	free(path);
	subject_free(&a);
	subject_free(&b);
	return text;
}

#define FILES(rules) "  files:\n" rules

static void paths(void **state)
{
	static const char one[] = FILES("    - { allow: [read, write], paths: [\"/srv/**\"] }\n");
	static const char less[] = FILES("    - { allow: [read, write], paths: [\"/srv/**\"] }\n"
					 "    - { deny: write, paths: [\"/srv/**/*.key\"] }\n");
	static const char root[] = FILES("    - { allow: read, paths: [\"/\"] }\n");

	(void)state;
	assert_string_equal(gain(one, one, RF_READ, "/"), "none");
	assert_string_equal(gain(one, less, RF_WRITE, "/"), "none");
	assert_string_equal(gain(less, one, RF_READ, "/"), "none");
	/* A name is one: ".key" is, and the shortest. */
	assert_string_equal(gain(less, one, RF_WRITE, "/"), "/srv/.key");
	assert_string_equal(gain(root, one, RF_WRITE, "/"), "/srv");
	assert_string_equal(gain(one, root, RF_READ, "/"), "/");
	/* Neither "/srv/" nor "/srv/." nor "/srv/.." can occur. */
	assert_string_equal(gain(FILES("    - { allow: read, paths: [\"/srv\"] }\n"),
				 FILES("    - { allow: read, paths: [\"/srv/**\"] }\n"), RF_READ, "/"),
			    "/srv/a");
	assert_string_equal(gain(root, FILES("    - { allow: read, paths: [\"/.*\"] }\n"), RF_READ, "/"), "/.a");
	assert_string_equal(gain(root, FILES("    - { allow: read, paths: [\"/..*\"] }\n"), RF_READ, "/"), "/..a");
	assert_string_equal(gain("  unix:\n    - { allow: connect, paths: [\"/run/a\"] }\n",
				 "  unix:\n    - { allow: connect, paths: [\"/run/a\", \"@b*\"] }\n", RF_CONNECT, "@"),
			    "@b");
}

/* "tcp:192.0.2.0:443" as a number, a protocol's bit and an address's last byte. */
static int dest_gain(const char *old, const char *new, unsigned access, struct rf_difference *found)
{
	struct subject a, b;
	int is;

	subject_make(&a, old);
	subject_make(&b, new);
	is = rf_dest_difference(&a.compiled, &b.compiled, access, found);
	subject_free(&a);
	subject_free(&b);
	return is;
}

#define NETWORK(rules) "  network:\n" rules

static void destinations(void **state)
{
	static const char one[] =
		NETWORK("    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\", \"443\"], protocols: [tcp] }\n");
	static const char hole[] =
		NETWORK("    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\", \"443\"], protocols: [tcp] }\n"
			"    - { deny: connect, to: [192.0.2.0/25], ports: [\"443\"] }\n");
	static const char more[] = NETWORK(
		"    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\", \"443-444\"], protocols: [tcp] }\n");
	static const char udp[] = NETWORK(
		"    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\", \"443\"], protocols: [tcp, udp] }\n");
	static const char rest[] =
		NETWORK("    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\", \"443\"], protocols: [tcp] }\n"
			"    - { deny: connect, to: [192.0.2.128/25], ports: [\"80\"] }\n"
			"    - { deny: connect, to: [192.0.2.0/25], ports: [\"443\"] }\n");
	struct rf_difference found;

	(void)state;
	assert_int_equal(dest_gain(one, one, RF_CONNECT, &found), 0);
	assert_int_equal(dest_gain(one, hole, RF_CONNECT, &found), 0);
	assert_int_equal(dest_gain(hole, one, RF_CONNECT, &found), 1);
	assert_int_equal(found.port, 443);
	assert_int_equal(found.protocol, RF_TCP);
	assert_true(found.addr[15] < 128 && found.addr[12] == 192);
	assert_int_equal(dest_gain(one, more, RF_CONNECT, &found), 1);
	assert_int_equal(found.port, 444);
	assert_int_equal(dest_gain(one, udp, RF_CONNECT, &found), 1);
	assert_int_equal(found.protocol, RF_UDP);
	/* Behind the entry that both have at the same place. */
	assert_int_equal(dest_gain(rest, hole, RF_CONNECT, &found), 1);
	assert_int_equal(found.port, 80);
	assert_true(found.addr[15] >= 128);
	assert_int_equal(dest_gain(one, udp, RF_BIND, &found), 0);
}

/* ---------------------------------------------------------------- generated */

struct pair {
	struct gen_policy text[2];
	struct rf_policies policies[2];
	struct rf_compiled compiled[2];
	struct rf_diags diags;
};

/* A policy, and the same without its last rule: often they differ in one direction alone, or not at all. */
static void pair_make(struct pair *pair, struct gen *g, enum rf_section section)
{
	memset(pair, 0, sizeof(*pair));
	gen_policy_make(g, section, RULES, &pair->text[0]);
	pair->text[1] = pair->text[0];
	pair->text[1].rules--;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(gen_policy_bind(&pair->text[i], &pair->policies[i], stderr), 0);
		assert_int_equal(rf_compile(pair->policies[i].policy, 1, &pair->compiled[i], &pair->diags), 0);
	}
}

static void pair_free(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		rf_policies_free(&pair->policies[i]);
		rf_compiled_free(&pair->compiled[i]);
	}
	gen_policy_free(&pair->text[0]);
	rf_diags_free(&pair->diags);
}

static bool allowed(const struct pair *pair, int which, const struct gen_probe *p)
{
	const struct rf_policy *policy = pair->policies[which].policy;

	return p->section == RF_NETWORK ? ref_dest(policy, p->access, p->protocol, p->addr, p->port).allow
					: ref_path(policy, p->section, p->access, p->path, p->len).allow;
}

/* 1: found, and it is one. 0: there is none. */
static int find(const struct pair *pair, int old, struct gen_probe *p, const char *prefix)
{
	int new = !old, kind = p->section == RF_UNIX ? RF_IMAGE_UNIX : RF_IMAGE_FILES, found;
	struct rf_difference dest;
	char *path = NULL;

	if (p->section == RF_NETWORK) {
		found = rf_dest_difference(&pair->compiled[old], &pair->compiled[new], p->access, &dest);
		if (found) {
			memcpy(p->addr, dest.addr, 16);
			p->port = dest.port;
			p->protocol = dest.protocol;
		}
	} else {
		found = rf_image_difference(&pair->compiled[old].image[kind], &pair->compiled[new].image[kind],
					    p->access, prefix, &path);
		snprintf(p->path, sizeof(p->path), "%s", path ? path : "");
		p->len = strlen(p->path);
		free(path);
	}
	assert_true(found >= 0);
	if (found && (!allowed(pair, new, p) || allowed(pair, old, p))) {
		gen_report(stderr, 0, &pair->text[0], p);
		fail_msg("this is no difference");
	}
	return found;
}

/* Questions near the edges of the rules: none may differ where nothing was found. */
static void look_for_more(struct gen *g, const struct pair *pair, int old, const struct gen_probe *asked,
			  const char *prefix)
{
	for (int i = 0; i < PATHS; i++) {
		struct gen_probe p;

		gen_probe_make(g, &pair->text[0], asked->section, &p);
		if (p.access != asked->access || (p.section == RF_NETWORK ? !p.port : p.path[0] != prefix[0]))
			continue;
		if (allowed(pair, !old, &p) && !allowed(pair, old, &p)) {
			gen_report(stderr, 0, &pair->text[0], &p);
			fail_msg("it was not found");
		}
	}
}

static void generated(void **state)
{
	const char *seed = getenv("RF_SEED"), *scale = getenv("RF_SCALE");
	struct gen g = {.state = seed ? strtoull(seed, NULL, 0) : SEED, .plain = true};
	int policies = POLICIES * (scale ? atoi(scale) : 1);
	size_t is[2] = {0};

	(void)state;
	for (int i = 0; i < policies; i++) {
		enum rf_section section = i % 3 == 0 ? RF_FILES : i % 3 == 1 ? RF_NETWORK : RF_UNIX;
		unsigned access = section == RF_FILES ? 1u << i / 3 % 3 : RF_CONNECT;
		struct pair pair;

		pair_make(&pair, &g, section);
		for (int old = 0; old < 2; old++) {
			for (const char *prefix = section == RF_UNIX ? "@/" : "/"; *prefix; prefix++) {
				struct gen_probe p = {.section = section, .access = access};
				int found = find(&pair, old, &p, (char[]){*prefix, '\0'});

				is[found]++;
				if (!found)
					look_for_more(&g, &pair, old, &p, prefix);
			}
		}
		pair_free(&pair);
	}
	/* Both happen. */
	assert_true(is[0] > 20 && is[1] > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(destinations),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
