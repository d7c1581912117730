/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spec.judges: what a policy leaves to others it narrows by nothing: no path, name or address is refused, no folder is
 * kept from moving, no link from standing anywhere, and no rename is a gain. The guard `engine` stays.
 */
#include "compile_support.h"
#include "reference/contain.h"
#include "reference/reference.h"

#define HEAD "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: t }\nspec:\n"

static uint32_t word(const struct rf_image *image, const char *path)
{
	return rf_image_run(image, path, strlen(path), NULL);
}

static uint32_t beneath(const struct rf_image *image, const char *folder)
{
	uint32_t state;

	rf_image_run(image, folder, strlen(folder), &state);
	return rf_image_step(image, state, '/');
}

#define NETWORK "  judges: [network]\n  network:\n    - { allow: connect, to: [127.0.0.0/8] }\n"

static const char *const names[] = {"/", "/a", "/a/b/c", "/proc/self/mem", "memfd:x", "@name", "/\xff\xfe", "", "x"};

static void all_is_allowed(void **state)
{
	static const char *const guards[] = {"", "  guards: { off: [engine] }\n"};

	(void)state;
	for (int off = 0; off < 2; off++) {
		struct subject s;
		const struct rf_image *files = &s.compiled.image[RF_IMAGE_FILES],
				      *sockets = &s.compiled.image[RF_IMAGE_UNIX];
		char spec[1024];

		snprintf(spec, sizeof(spec), NETWORK "%s", guards[off]);
		subject_make(&s, spec);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			assert_int_equal(word(files, names[i]) & RF_FILE_ACCESSES, RF_FILE_ACCESSES);
			assert_int_equal(word(sockets, names[i]) & RF_SOCKET_ACCESSES, RF_SOCKET_ACCESSES);
		}
		/* What the guard protects stays: beneath both sections. */
		assert_int_equal(!!(word(files, "/run/ringfence/x") & RF_WRITE), off);
		assert_int_equal(!!(word(sockets, "/run/ringfence/x") & RF_CONNECT), off);
		subject_free(&s);
	}
}

/* Folders go anywhere, links stand anywhere, and each folder's rights contain each other's. */
static void nothing_stays(void **state)
{
	static const char *const folders[] = {"/home/u/w", "/tmp/x", "/srv", "/var/tmp", "/home/u/w/.git"};
	struct subject s;
	const struct rf_image *files = &s.compiled.image[RF_IMAGE_FILES];

	(void)state;
	subject_make(&s, NETWORK);
	for (size_t i = 0; i < 5; i++) {
		assert_false(word(files, folders[i]) & RF_VERDICT_GUARDED);
		assert_int_equal(word(files, folders[i]) >> RF_VERDICT_SETTLED_SHIFT & RF_FILE_ACCESSES,
				 RF_FILE_ACCESSES);
		for (size_t k = 0; k < 5; k++) {
			assert_true(
				rf_image_moves(files, folders[i], strlen(folders[i]), folders[k], strlen(folders[k])));
			assert_true(rf_image_contains(files, beneath(files, folders[i]), beneath(files, folders[k])));
			assert_true(rf_image_contains(&s.compiled.image[RF_IMAGE_UNIX],
						      beneath(&s.compiled.image[RF_IMAGE_UNIX], folders[i]),
						      beneath(&s.compiled.image[RF_IMAGE_UNIX], folders[k])));
		}
	}
	/* But for what the guard keeps in its place, as each policy does that has it on. */
	assert_false(rf_image_moves(files, "/run", 4, "/srv", 4));
	subject_free(&s);
}

static void destinations_are_allowed(void **state)
{
	static const uint8_t any4[16] = {[10] = 0xff, 0xff}, any6[16] = {0}, some[16] = {0xfd, [15] = 1};
	const uint8_t *addrs[] = {any4, any6, some};
	struct subject s;
	struct rf_dest_entry anywhere;

	(void)state;
	subject_make(&s, "  judges: files\n  files:\n    - { allow: read, paths: [/usr/**] }\n");
	for (int i = 0; i < 3; i++) {
		const struct rf_dest *dest = rf_dest_find(&s.compiled, addrs[i]);

		/* One range, so that all ports can be asked for at once: the kernel wants that of sockets whose port
		 * it does not know yet. */
		assert_int_equal(dest->ranges, 1);
		assert_true(dest->range[0].lo <= 1 && dest->range[0].hi == 65535);
		for (unsigned protocol = RF_TCP; protocol <= RF_ICMP; protocol <<= 1)
			for (unsigned access = RF_CONNECT; access <= RF_BIND; access <<= 1)
				assert_true(rf_dest_allows(dest, access, protocol, 1));
	}
	rf_dest_anywhere(&s.compiled, &anywhere);
	assert_true(rf_dest_allows(&anywhere.dest, RF_CONNECT, RF_TCP, 80));
	assert_true(rf_dest_allows(&anywhere.dest, RF_BIND, RF_UDP, 80));
	/* What it judges stays judged. */
	assert_int_equal(word(&s.compiled.image[RF_IMAGE_FILES], "/etc") & RF_FILE_ACCESSES, 0);
	subject_free(&s);
}

static void deciding(void **state)
{
	struct subject s;
	const struct rf_policy *p;

	(void)state;
	subject_make(&s, NETWORK);
	p = s.policy;
	assert_true(ref_path(p, RF_FILES, RF_READ, "/x", 2).allow);
	assert_false(ref_path(p, RF_FILES, RF_READ, "/run/ringfence", 14).allow);
	assert_true(ref_path(p, RF_UNIX, RF_CONNECT, "/x", 2).allow);
	assert_true(rf_policy_allows(p, RF_FILES, rf_decide_path(p, RF_FILES, RF_READ, "/x", 2, NULL, NULL)));
	assert_false(
		rf_policy_allows(p, RF_FILES, rf_decide_path(p, RF_FILES, RF_READ, "/run/ringfence", 14, NULL, NULL)));
	assert_false(rf_policy_allows(p, RF_NETWORK, NULL));
	subject_free(&s);
}

/* The text's own mistakes. */
static void says(const char *spec, int errors, int warnings, const char *text)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	char whole[2048];

	snprintf(whole, sizeof(whole), HEAD "%s", spec);
	rf_policies_parse(&policies, "t.yaml", whole, strlen(whole), &diags);
	if (policies.count)
		rf_policy_warn(policies.policy, &diags);
	assert_int_equal(diags.errors, errors);
	assert_int_equal(diags.warnings, warnings);
	if (text) {
		assert_true(diags.count > 0);
		assert_non_null(strstr(diags.diag[0].text, text));
	}
	rf_diags_free(&diags);
	rf_policies_free(&policies);
}

static void texts(void **state)
{
	(void)state;
	says("  network: [{ allow: connect }]\n", 0, 1, "judges: [network]");
	says("  network: [{ allow: connect }]\n  unix: [{ allow: connect, paths: [/x] }]\n", 0, 1,
	     "judges: [network, unix]");
	says(NETWORK, 0, 0, NULL);
	says("  judges: network\n  network: [{ allow: connect }]\n", 0, 0, NULL);
	says("  files: []\n  network: [{ allow: connect }]\n", 0, 0, NULL);
	says("  files: [{ allow: read, paths: [/x] }]\n", 0, 0, NULL);
	says("  judges: []\n", 1, 0, "judges is empty");
	says("  judges: [filez]\n  files: [{ allow: read, paths: [/x] }]\n", 1, 0, "did you mean \"files\"");
	says("  judges: [unix]\n  network: [{ allow: connect }]\n", 1, 0, "judges does not name network");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_allowed),
		cmocka_unit_test(nothing_stays),
		cmocka_unit_test(destinations_are_allowed),
		cmocka_unit_test(deciding),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
