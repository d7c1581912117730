/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The containment relation of images: fixed cases, then generated policies and pairs of folders. What it says to be
 * contained, brute force finds no gain in; where it says no, a walk over the image finds something that does gain,
 * and the reference confirms it. RF_SEED repeats a run, RF_SCALE multiplies its length.
 */
#include "compile/pairs.h"
#include "compile_support.h"
#include "reference/contain.h"
#include "reference/generate.h"
#include "reference/reference.h"

enum { POLICIES = 40, PAIRS = 30, RULES = 10 };
#define SEED 1795467785

static uint32_t folder(const struct rf_compiled *compiled, const char *path)
{
	char text[RF_PATH_MAX + 1];
	uint32_t state;
	size_t len = (size_t)snprintf(text, sizeof(text), "%s/", path);
	rf_image_run(&compiled->image[RF_IMAGE_FILES], text, len, &state);
	return state;
}

static bool contains(const struct rf_compiled *compiled, const char *old, const char *new)
{
	return rf_image_contains(&compiled->image[RF_IMAGE_FILES], folder(compiled, old), folder(compiled, new));
}

static void test_less_is_contained(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\", \"/t/**\"] }\n"
			 "    - { allow: [read], paths: [\"/r/**\", \"/w/x/*/y\"] }\n"
			 "    - { deny: [write], paths: [\"/w/**/.git/hooks/**\"] }\n"
			 "    - { deny: [read], paths: [\"/w/key\"], hide: true }\n");
	/* /t allows all that /w does, and more. */
	assert_true(contains(&s.compiled, "/t", "/w"));
	assert_true(contains(&s.compiled, "/t/a", "/w/a"));
	assert_false(contains(&s.compiled, "/w", "/t"));
	assert_false(contains(&s.compiled, "/w/a", "/t/a"));
	assert_true(contains(&s.compiled, "/w/a", "/w/b"));
	assert_true(contains(&s.compiled, "/w/a", "/w/a/.git"));
	assert_false(contains(&s.compiled, "/w/a/.git", "/w/a"));
	assert_true(contains(&s.compiled, "/t", "/r"));
	assert_false(contains(&s.compiled, "/r", "/t"));
	/* Each has what the other lacks. */
	assert_false(contains(&s.compiled, "/r", "/w"));
	assert_false(contains(&s.compiled, "/w", "/r"));
	assert_true(contains(&s.compiled, "/r", "/none"));
	assert_false(contains(&s.compiled, "/none", "/r"));
	subject_free(&s);
}

/* Rights are what is allowed: to be refused in another way is none. */
static void test_hiding_is_no_right(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/a/**\", \"/b/**\"] }\n"
			 "    - { deny: [read], paths: [\"/a/*/key\"], hide: true }\n"
			 "    - { deny: [read], paths: [\"/b/*/key\"] }\n");
	assert_int_not_equal(folder(&s.compiled, "/a/x"), folder(&s.compiled, "/b/x"));
	assert_true(contains(&s.compiled, "/a/x", "/b/x"));
	assert_true(contains(&s.compiled, "/b/x", "/a/x"));
	subject_free(&s);
}

/* Folders of more kinds than the relation holds: equal ones and those near the root are decided yet. */
static void test_many_kinds_of_folders_are_bounded(void **state)
{
	size_t len;
	struct subject s;
	char *spec = malloc(1 << 20);
	(void)state;
	assert_non_null(spec);
	len = (size_t)sprintf(spec, "  files:\n    - { allow: [read, write], paths: [\"/w/**\", \"/t/**\"] }\n"
				    "    - { deny: [write], paths: [\"/w/key\"] }\n");
	for (int i = 0; i < 3000; i++)
		len += (size_t)sprintf(spec + len, "    - { allow: [read], paths: [\"/srv/d%d/n%d/x%d\"] }\n", i % 7, i,
				       i * 31);
	subject_make(&s, spec);
	const struct rf_image_head *head = (const struct rf_image_head *)s.compiled.image[RF_IMAGE_FILES].tab;
	uint32_t classes = s.compiled.image[RF_IMAGE_FILES].tab[head->relation];
	assert_in_range(classes, 100, 512);
	assert_int_equal(head->relation + 1 + (classes * classes + 31) / 32, head->slots);
	assert_true(contains(&s.compiled, "/t", "/w"));
	assert_false(contains(&s.compiled, "/w", "/t"));
	assert_true(contains(&s.compiled, "/srv/d1/n8", "/srv/d1/n8"));
	assert_false(contains(&s.compiled, "/none", "/srv/d1/n8"));
	assert_false(contains(&s.compiled, "/srv/d6/n2994", "/srv/d6/n2995"));
	free(spec);
	subject_free(&s);
}

/* ---------------------------------------------------------------- generated */

struct tally {
	size_t equal, contained, gains, missed, needless; /* missed: the walk found what brute force did not */
	size_t guarded, cautious;			  /* names where no link may stand; and for no reason */
};

static size_t from_environment(const char *name, size_t otherwise)
{
	const char *given = getenv(name);
	return given ? strtoul(given, NULL, 0) : otherwise;
}

/* A folder that rules say something about: a question's path, or what lies above it. */
static void make_folder(struct gen *g, const struct gen_policy *policy, char out[RF_PATH_MAX])
{
	struct gen_probe probe;
	do
		gen_probe_make(g, policy, RF_FILES, &probe);
	while (probe.len < 2 || probe.len > 200 || strlen(probe.path) != probe.len);
	strcpy(out, probe.path);
	for (size_t cuts = gen_below(g, 4); cuts; cuts--) {
		char *slash = strrchr(out, '/');
		if (slash > out)
			*slash = '\0';
	}
}

static const char *check_pair(const struct rf_policy *policy, const struct rf_compiled *compiled,
			      const struct ref_rests *rests, const char *old, const char *new, struct tally *tally)
{
	static char rest[RF_PATH_MAX];
	const struct rf_image *image = &compiled->image[RF_IMAGE_FILES];
	bool in = contains(compiled, old, new);
	const char *gain = ref_gain_find(policy, rests, old, new);
	if (in && gain)
		return gain;
	if (in && ref_witness(policy, image, REF_GAINS, old, new, rest))
		return rest;
	/* A name that may not be written itself is refused before. */
	if (ref_path(policy, RF_FILES, RF_WRITE, old, strlen(old)).allow &&
	    ref_path(policy, RF_FILES, RF_WRITE, new, strlen(new)).allow &&
	    rf_image_moves(image, old, strlen(old), new, strlen(new)) == ref_keeps(policy, image, old, new))
		return "that may move, or not, against the reference";
	tally->equal += folder(compiled, old) == folder(compiled, new);
	tally->contained += in && folder(compiled, old) != folder(compiled, new);
	tally->gains += !in && gain;
	if (!in && !gain) {
		bool found = ref_witness(policy, image, REF_GAINS, old, new, rest);
		tally->missed += found;
		tally->needless += !found;
	}
	return NULL;
}

static void check_guarded(const struct rf_policy *policy, const struct rf_compiled *compiled, const char *name,
			  struct tally *tally)
{
	const struct rf_image *image = &compiled->image[RF_IMAGE_FILES];
	bool guarded = rf_image_run(image, name, strlen(name), NULL) & RF_VERDICT_GUARDED;
	bool should = ref_guarded(policy, image, name);
	/* States that two places share are marked for both. */
	if (should && !guarded)
		fail_msg("a link may stand at \"%s\"", name);
	tally->guarded += should;
	tally->cautious += guarded && !should;
}

/* What is allowed but for what later rules say: as policies are that people write. */
static void allow_the_rest(struct gen_rule *rule)
{
	rule->allow = true;
	rule->hide = rule->moves = false;
	rule->access = RF_FILE_ACCESSES;
	free(rule->item[0]);
	rule->item[0] = strdup("/**");
}

static void check_policy(struct gen *g, struct tally *tally)
{
	struct gen_policy policy;
	struct rf_policies bound = {0};
	struct rf_compiled compiled;
	struct rf_diags diags = {0};
	struct ref_rests rests;
	char old[RF_PATH_MAX], new[RF_PATH_MAX];
	gen_policy_make(g, RF_FILES, 1 + gen_below(g, RULES), &policy);
	if (gen_chance(g, 50))
		allow_the_rest(&policy.rule[0]);
	assert_int_equal(gen_policy_bind(&policy, &bound, stderr), 0);
	assert_int_equal(rf_compile(&bound.policy[0], 1, &compiled, &diags), 0);
	ref_rests_make(&bound.policy[0], &rests);
	for (int i = 0; i < PAIRS; i++) {
		make_folder(g, &policy, old);
		make_folder(g, &policy, new);
		check_guarded(&bound.policy[0], &compiled, old, tally);
		check_guarded(&bound.policy[0], &compiled, new, tally);
		const char *gain = check_pair(&bound.policy[0], &compiled, &rests, old, new, tally);
		if (!gain)
			continue;
		char *text = gen_policy_text(&policy);
		fail_msg("%s\n\"%s\" is said to be contained in \"%s\", but gains \"%s\"", text, new, old, gain);
	}
	ref_rests_free(&rests);
	rf_compiled_free(&compiled);
	rf_diags_free(&diags);
	rf_policies_free(&bound);
	gen_policy_free(&policy);
}

/* Limits can keep a pair from being asked; then nothing is known of it. Here 4 is as 0, and 1 is the other way round.
 */
static void test_what_was_not_asked_is_not_contained(void **state)
{
	uint32_t def[] = {3, 2, 2, 3, 3}, row[] = {0, 1, 2, 2, 2, 3};
	uint32_t edge[] = {EDGE(2, 'x'), EDGE(3, 'x'), EDGE(2, 'x')};
	uint16_t verdict[] = {0, 0, VERDICT_LANE(EFFECT_ALLOW, 0), 0, 0};
	struct dfa dfa = {.states = 5,
			  .def = {.at = def, .count = 5},
			  .row = {.at = row, .count = 6},
			  .edge = {.at = edge, .count = 3},
			  .verdict = {.at = verdict, .count = 5}};
	struct budget budget = {.max = 1 << 20};
	struct outlook outlook;
	struct pairs pairs;
	(void)state;
	assert_int_equal(outlook_make(&outlook, &budget, &dfa, 1), 0);
	state_pairs_init(&pairs, &outlook, &dfa, 1);
	assert_false(state_pairs_contained(&pairs, 0, 4));
	assert_int_equal(state_pairs_ask(&pairs, 0, 1), 0);
	assert_int_equal(state_pairs_settle(&pairs), 0);
	assert_false(state_pairs_contained(&pairs, 0, 1));
	assert_false(state_pairs_contained(&pairs, 1, 0));
	assert_false(state_pairs_contained(&pairs, 0, 4));
	assert_int_equal(state_pairs_ask(&pairs, 0, 4), 0);
	assert_int_equal(state_pairs_settle(&pairs), 0);
	assert_true(state_pairs_contained(&pairs, 0, 4));
	state_pairs_free(&pairs);
	outlook_free(&outlook);
	assert_int_equal(budget.used, 0);
}

static void test_generated_relations_are_exact(void **state)
{
	size_t seed = from_environment("RF_SEED", SEED), scale = from_environment("RF_SCALE", 1);
	struct gen g = {.state = seed, .plain = true};
	struct tally tally = {0};
	(void)state;
	print_message("seed %zu\n", seed);
	for (size_t i = 0; i < POLICIES * scale; i++)
		check_policy(&g, &tally);
	print_message("%zu pairs of equal folders, %zu contained, %zu that gain, %zu that brute force did not "
		      "find to gain, %zu needless refusals\n",
		      tally.equal, tally.contained, tally.gains, tally.missed, tally.needless);
	print_message("%zu names where no link may stand, %zu more that share a state with one\n", tally.guarded,
		      tally.cautious);
	assert_true(tally.guarded >= POLICIES && tally.cautious <= POLICIES * PAIRS / 20);
	assert_true(tally.contained >= POLICIES && tally.gains >= POLICIES);
	assert_int_equal(tally.needless, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_less_is_contained),
		cmocka_unit_test(test_hiding_is_no_right),
		cmocka_unit_test(test_many_kinds_of_folders_are_bounded),
		cmocka_unit_test(test_what_was_not_asked_is_not_contained),
		cmocka_unit_test(test_generated_relations_are_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
