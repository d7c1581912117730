/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Generated policies and questions: the naive reference, the rules asked one by one, and the compiled image agree on
 * the verdict, and the first two on the rule that decides. RF_SEED repeats a run, RF_SCALE multiplies its length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "compile/compile.h"
#include "reference/generate.h"
#include "reference/reference.h"

enum { FILE_PROBES = 17000, UNIX_PROBES = 3000, DEST_PROBES = 5000, PROBES_PER_POLICY = 50, RULES = 12 };

/* Always the same questions, so that a change alone can make it fail; RF_SEED asks others. */
#define SEED 1795467785

static uint64_t seed_of_run(void)
{
	static uint64_t seed;
	const char *given = getenv("RF_SEED");
	if (!seed)
		seed = given ? strtoull(given, NULL, 0) : SEED;
	return seed;
}

static size_t scale(void)
{
	const char *given = getenv("RF_SCALE");
	return given ? strtoul(given, NULL, 0) : 1;
}

/* What the three say. */
struct answers {
	struct ref_verdict reference;
	const struct rf_rule *rule;
	bool allow, hide; /* of the image */
};

static void ask(const struct rf_policy *policy, const struct rf_compiled *compiled, const struct gen_probe *probe,
		struct answers *a)
{
	if (probe->section == RF_NETWORK) {
		a->reference = ref_dest(policy, probe->access, probe->protocol, probe->addr, probe->port);
		a->rule = rf_decide_dest(policy, probe->access, probe->protocol, probe->addr, probe->port, NULL, NULL);
		a->allow = rf_dest_allows(rf_dest_find(compiled, probe->addr), probe->access, probe->protocol,
					  probe->port);
		a->hide = a->reference.hide;
		return;
	}
	int kind = probe->section == RF_FILES ? RF_IMAGE_FILES : RF_IMAGE_UNIX;
	uint32_t word = rf_image_run(&compiled->image[kind], probe->path, probe->len, NULL);
	a->reference = ref_path(policy, probe->section, probe->access, probe->path, probe->len);
	a->rule = rf_decide_path(policy, probe->section, probe->access, probe->path, probe->len, NULL, NULL);
	a->allow = RF_VERDICT_ALLOW(word, probe->access);
	a->hide = word >> RF_VERDICT_HIDE_SHIFT & probe->access;
}

static bool differ(const struct answers *a)
{
	return a->reference.allow != a->allow || a->reference.hide != a->hide || a->reference.rule != a->rule;
}

static bool fails(const struct rf_policy *policy, const struct gen_probe *probe, void *context)
{
	(void)context;
	struct rf_compiled compiled;
	struct rf_diags diags = {0};
	struct answers a;
	bool bad = true;
	if (!rf_compile(policy, 1, &compiled, &diags)) {
		ask(policy, &compiled, probe, &a);
		bad = differ(&a);
		rf_compiled_free(&compiled);
	}
	rf_diags_free(&diags);
	return bad;
}

static void check_policy(struct gen *g, enum rf_section section, size_t probes)
{
	struct gen_policy policy;
	struct rf_policies bound = {0};
	struct rf_compiled compiled;
	struct rf_diags diags = {0};
	gen_policy_make(g, section, 1 + gen_below(g, RULES), &policy);
	policy.judges = gen_chance(g, 30);
	assert_int_equal(gen_policy_bind(&policy, &bound, stderr), 0);
	int err = rf_compile(&bound.policy[0], 1, &compiled, &diags);
	if (err)
		rf_diags_print(&diags, stderr);
	assert_int_equal(err, 0);
	for (size_t i = 0; i < probes; i++) {
		struct gen_probe probe;
		struct answers a;
		gen_probe_make(g, &policy,
			       policy.judges && gen_chance(g, 50) ? (enum rf_section)gen_below(g, RF_SECTIONS)
								  : section,
			       &probe);
		ask(&bound.policy[0], &compiled, &probe, &a);
		if (!differ(&a))
			continue;
		gen_shrink(g, &policy, &probe, fails, NULL);
		gen_report(stderr, seed_of_run(), &policy, &probe);
		fail_msg("reference, rules and image disagree: run again with RF_SEED=%llu",
			 (unsigned long long)seed_of_run());
	}
	rf_compiled_free(&compiled);
	rf_diags_free(&diags);
	rf_policies_free(&bound);
	gen_policy_free(&policy);
}

static void check_section(enum rf_section section, size_t probes)
{
	struct gen g = {.state = seed_of_run() + section};
	print_message("seed %llu, %zu questions\n", (unsigned long long)seed_of_run(), probes * scale());
	for (size_t done = 0; done < probes * scale(); done += PROBES_PER_POLICY)
		check_policy(&g, section, PROBES_PER_POLICY);
}

static void test_paths_agree(void **state)
{
	(void)state;
	check_section(RF_FILES, FILE_PROBES);
}

static void test_socket_names_agree(void **state)
{
	(void)state;
	check_section(RF_UNIX, UNIX_PROBES);
}

static void test_destinations_agree(void **state)
{
	(void)state;
	check_section(RF_NETWORK, DEST_PROBES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_agree),
		cmocka_unit_test(test_socket_names_agree),
		cmocka_unit_test(test_destinations_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
