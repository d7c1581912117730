/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Images: what their verdict words say, that they are minimal and well-packed, and that limits name the rules. */
#include <errno.h>
#include <time.h>

#include "compile_support.h"
#include "reference/generate.h"

static uint32_t word(const struct subject *s, const char *path)
{
	return rf_image_run(&s->compiled.image[RF_IMAGE_FILES], path, strlen(path), NULL);
}

/* What nothing is hidden of: found, with all beneath. */
#define SHOWN (RF_SHOWN | RF_SHOWN << RF_VERDICT_SETTLED_SHIFT)

static void test_absent_sections_deny(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  network: []\n");
	assert_int_equal(word(&s, "/"), SHOWN);
	assert_int_equal(word(&s, "/a/b"), SHOWN);
	assert_int_equal(rf_image_run(&s.compiled.image[RF_IMAGE_UNIX], "@x", 2, NULL), SHOWN);
	subject_free(&s);
}

static void test_last_match_decides_each_access(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\"] }\n"
			 "    - { deny: [write], paths: [\"/w/**/.git/hooks/**\"] }\n"
			 "    - { deny: [read, write], paths: [\"/w/key\"], hide: true }\n"
			 "    - { deny: [read, write], paths: [\"/w/kept\"] }\n"
			 "    - { deny: [write], paths: [\"/w/kept\"], hide: open }\n"
			 "    - { allow: [write], paths: [\"/w/.git/hooks/ok\"] }\n");
	assert_int_equal(word(&s, "/w") & 7, RF_READ | RF_WRITE);
	assert_int_equal(word(&s, "/w/x/.git/hooks/a") & 7, RF_READ);
	assert_int_equal(word(&s, "/w/.git/hooks/ok") & 7, RF_READ | RF_WRITE);
	assert_int_equal(word(&s, "/w/key"), (RF_READ | RF_WRITE | RF_SHOWN) << RF_VERDICT_HIDE_SHIFT);
	assert_int_equal(word(&s, "/w/kept"), SHOWN | RF_WRITE << RF_VERDICT_HIDE_SHIFT);
	assert_int_equal(word(&s, "/"), SHOWN);
	subject_free(&s);
}

static void test_settled_is_the_path_and_all_beneath(void **state)
{
	struct subject s;
	const unsigned read = RF_READ << RF_VERDICT_SETTLED_SHIFT, write = RF_WRITE << RF_VERDICT_SETTLED_SHIFT;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\"] }\n"
			 "    - { deny: [write], paths: [\"/w/a/b/.git\", \"/w/cd\"] }\n");
	assert_int_equal(word(&s, "/w") & (read | write), read);
	assert_int_equal(word(&s, "/w/a") & (read | write), read);
	assert_int_equal(word(&s, "/w/a/b") & (read | write), read);
	assert_int_equal(word(&s, "/w/a/c") & (read | write), read | write);
	/* What other bytes would make of the name does not matter to the path. */
	assert_int_equal(word(&s, "/w/c") & (read | write), read | write);
	/* Behind a '/': all names there. */
	assert_int_equal(word(&s, "/w/a/b/") & (read | write), read);
	assert_int_equal(word(&s, "/w/a/c/") & (read | write), read | write);
	assert_int_equal(word(&s, "/") & (read | write), 0);
	subject_free(&s);
}

/* What the kernel compares for a rename. */
static bool same_rights(const struct subject *s, const char *a, const char *b)
{
	char path[2][64];
	uint32_t state[2];
	snprintf(path[0], sizeof(path[0]), "%s/", a);
	snprintf(path[1], sizeof(path[1]), "%s/", b);
	for (int i = 0; i < 2; i++)
		rf_image_run(&s->compiled.image[RF_IMAGE_FILES], path[i], strlen(path[i]), &state[i]);
	return word(s, a) == word(s, b) && state[0] == state[1];
}

static void test_equal_rights_are_equal_states(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read, write], paths: [\"/w/**\", \"/v\", \"/v/*\", \"/v/*/**\"] }\n"
			 "    - { deny: [write], paths: [\"/w/ab\", \"/w/dir/**/secret\", \"/w/two/**/secret\"] }\n"
			 "    - { deny: [write], paths: [\"/w/one/x\"] }\n");
	assert_true(same_rights(&s, "/w/a", "/w/zz"));
	assert_true(same_rights(&s, "/w/dir", "/w/two"));
	assert_true(same_rights(&s, "/w/dir/x/y", "/w/two/z"));
	assert_true(same_rights(&s, "/v/x", "/w/zz"));
	assert_true(same_rights(&s, "/w/one/y", "/w/zz/y"));
	assert_false(same_rights(&s, "/w/ab", "/w/zz"));
	assert_false(same_rights(&s, "/w/dir", "/w/zz"));
	assert_false(same_rights(&s, "/w/one", "/w/zz"));
	assert_false(same_rights(&s, "/w/two/secret", "/w/zz"));
	subject_free(&s);
}

/* ------------------------------------------------------------------- tables */

static uint32_t step(const uint32_t *tab, uint32_t s, uint32_t byte)
{
	uint32_t slot = tab[s + byte];
	return ((slot & RF_DFA_TAG_MASK) == byte ? slot : tab[s]) >> RF_DFA_SHIFT;
}

static uint32_t class_size(uint32_t slots)
{
	return slots <= RF_SMALL_SLOTS ? RF_SMALL_SLOTS : slots <= RF_MEDIUM_SLOTS ? RF_MEDIUM_SLOTS : RF_LARGE_SLOTS;
}

/* All states that the start leads to; `number` (by slot) gets their place in the list + 1. Returns how many. */
static uint32_t walk_states(const struct rf_image *image, uint32_t *list, uint32_t *number)
{
	const struct rf_image_head *head = (const struct rf_image_head *)image->tab;
	uint32_t count = 0;
	list[count++] = head->start;
	number[head->start] = count;
	for (uint32_t i = 0; i < count; i++) {
		assert_true(list[i] >= RF_IMAGE_HEAD_SLOTS);
		assert_true(list[i] + RF_DFA_FOLDER < image->slots);
		assert_true(list[i] + RF_DFA_FOLDER < class_size(image->slots));
		assert_true(image->tab[list[i]] & RF_DFA_HEADER);
		assert_true((image->tab[list[i]] & RF_DFA_VERDICT_MASK) < head->verdicts);
		bool final = true;
		for (uint32_t byte = 0; byte < 256; byte++) {
			uint32_t next = step(image->tab, list[i], byte);
			final = final && next == list[i];
			if (!number[next]) {
				list[count++] = next;
				number[next] = count;
			}
		}
		assert_int_equal(!!(image->tab[list[i]] & RF_DFA_FINAL), final);
	}
	assert_int_equal(count, head->states);
	assert_int_equal(image->slots, head->slots);
	return count;
}

/* Naive refinement: two states that no input tells apart would stay in one class. */
static void check_minimal(const struct rf_image *image)
{
	uint32_t *list = calloc(image->slots, sizeof(*list)), *number = calloc(image->slots, sizeof(*number));
	assert_true(list && number);
	uint32_t count = walk_states(image, list, number), classes = 0, before;
	uint32_t *class = calloc(count, sizeof(*class)), *next = calloc(count, sizeof(*next));
	assert_true(class && next);
	for (uint32_t i = 0; i < count; i++)
		class[i] = image->tab[list[i]] & RF_DFA_VERDICT_MASK;
	do {
		before = classes;
		classes = 0;
		for (uint32_t i = 0; i < count; i++) {
			uint32_t j = 0;
			for (; j < i; j++) {
				bool same = class[i] == class[j];
				for (uint32_t b = 0; b < 256 && same; b++)
					same = class[number[step(image->tab, list[i], b)] - 1] ==
					       class[number[step(image->tab, list[j], b)] - 1];
				if (same)
					break;
			}
			next[i] = j < i ? next[j] : classes++;
		}
		memcpy(class, next, count * sizeof(*class));
	} while (classes != before);
	assert_int_equal(classes, count);
	free(list);
	free(number);
	free(class);
	free(next);
}

static void test_generated_images_are_minimal(void **state)
{
	struct gen g = {.state = 7, .plain = true};
	(void)state;
	for (int i = 0; i < 60; i++) {
		struct gen_policy policy;
		struct rf_policies bound = {0};
		struct rf_compiled compiled;
		struct rf_diags diags = {0};
		gen_policy_make(&g, RF_FILES, 4, &policy);
		assert_int_equal(gen_policy_bind(&policy, &bound, stderr), 0);
		assert_int_equal(rf_compile(&bound.policy[0], 1, &compiled, &diags), 0);
		const struct rf_image_head *head = (const struct rf_image_head *)compiled.image[RF_IMAGE_FILES].tab;
		if (head->states < 400)
			check_minimal(&compiled.image[RF_IMAGE_FILES]);
		rf_compiled_free(&compiled);
		rf_policies_free(&bound);
		gen_policy_free(&policy);
	}
}

/* -------------------------------------------------------------------- sizes */

static const char *const words[] = {"node_modules", ".git",   "target", "build",   ".cache", "venv",	"dist", ".ssh",
				    ".aws",	    "vendor", ".idea",	"secrets", "keys",   "private", "tmp",	"log"};

static void name(struct gen *g, char out[10])
{
	size_t len = 3 + gen_below(g, 6);
	for (size_t i = 0; i < len; i++)
		out[i] = (char)('a' + gen_below(g, 26));
	out[len] = '\0';
}

/* One pattern of the kinds that people write. */
static size_t put_pattern(struct gen *g, char *out)
{
	static const char *const top[] = {"/usr/lib", "/home", "/var/lib", "/etc", "/opt", "/srv", "/data/sets"};
	char a[10], b[10], c[10], dir[64];
	const char *word_ = words[gen_below(g, 16)];
	size_t kind = gen_below(g, 100);
	name(g, a);
	name(g, b);
	name(g, c);
	sprintf(dir, "%s/%s/%s", top[gen_below(g, 7)], a, b);
	if (kind < 25)
		return (size_t)sprintf(out, "%s/%s.conf", dir, c);
	if (kind < 55)
		return (size_t)sprintf(out, "%s/**", dir);
	if (kind < 65)
		return (size_t)sprintf(out, "%s/**/%s/**", dir, word_);
	if (kind < 77)
		return (size_t)sprintf(out, "%s/*.%.3s", dir, c);
	if (kind < 87)
		return (size_t)sprintf(out, "%s/{%s,%s}/**", dir, c, word_);
	if (kind < 97)
		return (size_t)sprintf(out, "%s[0-9]/%s?", dir, c);
	return (size_t)sprintf(out, kind == 97 ? "/**/*.%.3s" : "/**/%s/**", word_);
}

static char *ten_thousand_rules(void)
{
	static const char *const does[] = {"allow: [read]", "allow: [read, write]", "deny: [write]",
					   "allow: [read, exec]", "deny: [read, write]"};
	struct gen g = {.state = 11};
	char *spec = malloc(10000 * 160);
	assert_non_null(spec);
	size_t len = (size_t)sprintf(spec, "  files:\n");
	for (size_t i = 0; i < 10000; i++) {
		len += (size_t)sprintf(spec + len, "    - { %s, paths: [\"", does[i / 2000]);
		len += put_pattern(&g, spec + len);
		len += (size_t)sprintf(spec + len, "\"] }\n");
	}
	return spec;
}

/* Sanitizers make it some ten times slower; `docs/` has the figures of an optimised build. */
static void test_ten_thousand_rules_are_quick(void **state)
{
	struct subject s;
	char *spec = ten_thousand_rules();
	(void)state;
	subject_bind(&s, spec);
	clock_t start = clock();
	assert_int_equal(rf_compile(s.policy, 1, &s.compiled, &s.diags), 0);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	const struct rf_image_head *head = (const struct rf_image_head *)s.compiled.image[RF_IMAGE_FILES].tab;
	print_message("10,000 rules: %.2f s, %u states, %u slots\n", seconds, head->states, head->slots);
	assert_true(seconds < 9);
	subject_free(&s);
	free(spec);
}

static void expect_limit(const char *spec, const char *limit, const char *rule)
{
	struct subject s;
	subject_bind(&s, spec);
	clock_t start = clock();
	assert_int_equal(rf_compile(s.policy, 1, &s.compiled, &s.diags), -E2BIG);
	assert_true(clock() - start < 9 * CLOCKS_PER_SEC);
	assert_int_equal(s.diags.errors, 1);
	assert_non_null(strstr(s.diags.diag[0].text, limit));
	assert_non_null(strstr(s.diags.diag[0].text, rule));
	assert_null(s.compiled.image[RF_IMAGE_FILES].tab);
	subject_free(&s);
}

static void test_a_blow_up_names_its_rules(void **state)
{
	(void)state;
	expect_limit("  files:\n"
		     "    - { allow: [read], paths: [\"/usr/**\"] }\n"
		     "    - { allow: [read], paths: [\"/**a?????????????????????????\"] }\n",
		     "300,000 states", "files[1]");
}

/* Alternating rules that each can still be overridden by the next. */
static void test_alternating_rules_meet_a_limit(void **state)
{
	char spec[8192];
	size_t len = (size_t)sprintf(spec, "  files:\n");
	(void)state;
	for (int i = 0; i < 40; i++)
		len += (size_t)sprintf(spec + len, "    - { %s: [read], paths: [\"/**%c%c*%c%c*%c**x\"] }\n",
				       i % 2 ? "deny" : "allow", 'a' + i % 26, 'a' + i * 7 % 26, 'a' + i * 5 % 26,
				       'a' + i * 3 % 26, 'a' + i * 11 % 26);
	expect_limit(spec, "need more than", "files[");
}

/* Twenty of these made 2^20 subsets where every match was remembered. */
static void test_matches_for_good_do_not_multiply(void **state)
{
	char spec[4096];
	size_t len = (size_t)sprintf(spec, "  files:\n    - { allow: [read], paths: [\"/**\"] }\n");
	struct subject s;
	(void)state;
	for (int i = 0; i < 20; i++)
		len += (size_t)sprintf(spec + len, "    - { %s: [read], paths: [\"/**/%c/**\"] }\n",
				       i % 2 ? "allow" : "deny", 'a' + i);
	subject_make(&s, spec);
	const struct rf_image_head *head = (const struct rf_image_head *)s.compiled.image[RF_IMAGE_FILES].tab;
	assert_true(head->states < 2000);
	assert_false(word(&s, "/x/a/y") & RF_READ);
	assert_true(word(&s, "/x/a/b/y") & RF_READ);
	assert_false(word(&s, "/x/b/a/c") & RF_READ);
	subject_free(&s);
}

static void test_rules_that_never_decide_are_told(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files:\n"
			 "    - { allow: [read], paths: [\"/usr/lib/**\"] }\n"
			 "    - { deny: [read], paths: [\"/usr/lib/x\", \"/usr/**\", \"/var/y\"] }\n"
			 "    - { allow: [read, write], paths: [\"/var/**\"] }\n"
			 "    - { allow: [exec], paths: [\"/a/{b,c}\"] }\n"
			 "    - { deny: [exec], paths: [\"/a/b\"] }\n"
			 "    - { deny: [exec], paths: [\"/a/[c]\"] }\n"
			 "    - { deny: [exec], paths: [\"/a/b/**\"] }\n");
	assert_int_equal(rf_compile_warnings(s.policy, &s.compiled, &s.diags), 0);
	rf_diags_print(&s.diags, stderr);
	assert_int_equal(s.diags.warnings, 4);
	assert_non_null(strstr(s.diags.diag[0].text, "files[0]"));
	assert_non_null(strstr(s.diags.diag[1].text, "files[3]"));
	assert_non_null(strstr(s.diags.diag[2].text, "files[4]"));
	assert_non_null(strstr(s.diags.diag[3].text, "\"/var/y\""));
	subject_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_sections_deny),
		cmocka_unit_test(test_last_match_decides_each_access),
		cmocka_unit_test(test_settled_is_the_path_and_all_beneath),
		cmocka_unit_test(test_equal_rights_are_equal_states),
		cmocka_unit_test(test_generated_images_are_minimal),
		cmocka_unit_test(test_ten_thousand_rules_are_quick),
		cmocka_unit_test(test_a_blow_up_names_its_rules),
		cmocka_unit_test(test_alternating_rules_meet_a_limit),
		cmocka_unit_test(test_matches_for_good_do_not_multiply),
		cmocka_unit_test(test_rules_that_never_decide_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
