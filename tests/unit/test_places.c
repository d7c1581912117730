/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is said of the places that patterns name on this host. The tree ("T" stands for it, and as the root user it is
 * root's):
 *
 *   T/usr/bin/  T/bin -> usr/bin       the host's layout
 *   T/home/a/   T/home/a/data -> T/usr  in a folder of another user
 *   T/own -> T/usr                      a link of another user
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/policy.h"

#define USER 12345

static char tree[] = "/tmp/ringfence-places-XXXXXX";
static const char *const folders[] = {"usr", "usr/bin", "home", "home/a"};
static const char *const links[][2] = {{"bin", "usr/bin"}, {"home/a/data", "../../usr"}, {"own", "usr"}};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int make_tree(void **state)
{
	(void)state;
	if (!mkdtemp(tree) || chdir(tree))
		return -1;
	for (size_t i = 0; i < COUNT(folders); i++)
		if (mkdir(folders[i], 0755))
			return -1;
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlink(links[i][1], links[i][0]))
			return -1;
	return geteuid() ? 0 : chown("home/a", USER, USER) | lchown("own", USER, USER);
}

static int remove_tree(void **state)
{
	int error = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(links); i++)
		error |= unlink(links[i][0]);
	for (size_t i = COUNT(folders); i-- > 0;)
		error |= rmdir(folders[i]);
	return error | rmdir(tree);
}

/* What is said of a policy with these rules: `want` NULL is nothing, else the one warning has it. */
static void says(const char *rules, const char *want)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	struct rf_vars vars = {0};
	char *text = NULL;

	assert_true(asprintf(&text,
			     "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n"
			     "  variables: { T: %s }\n  files:\n%s",
			     tree, rules) > 0);
	assert_int_equal(rf_policies_parse(&policies, "f", text, strlen(text), &diags), 0);
	assert_int_equal(rf_policy_bind(policies.policy, &vars, true, &diags), 0);
	rf_policy_warn_links(policies.policy, &diags);
	rf_policy_warn_folders(policies.policy, &diags);
	if (diags.errors || diags.warnings != (want != NULL) || (want && !strstr(diags.diag[0].text, want))) {
		rf_diags_print(&diags, stderr);
		fail_msg("%s: %zu warnings, wanted: %s", rules, diags.warnings, want ? want : "none");
	}
	rf_policies_free(&policies);
	rf_diags_free(&diags);
	free(text);
}

#define ALLOW(paths) "    - { allow: read, paths: " paths " }\n"
#define DENY(paths)  "    - { deny: read, paths: " paths " }\n"

static void harmless_links(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	says(ALLOW("\"${T}/bin/**\""), NULL);
	says(ALLOW("\"${T}/{bin,lib}/*\""), NULL);
	/* Who owns the folder can put another link there; so can the link's owner. */
	says(ALLOW("\"${T}/home/a/data/**\""), "here it also means");
	says(ALLOW("\"${T}/own/bin/**\""), "here it also means");
	/* What a wildcard comes upon is for nobody to know. */
	says(ALLOW("\"${T}/b*/**\""), "here it also means");
}

static void folders_alone(void **state)
{
	(void)state;
	says(ALLOW("\"${T}/usr\""), "/usr\" is a folder here, and means the folder alone: nothing in it is allowed; ");
	says(DENY("\"${T}/usr\""), "nothing in it is denied; with all beneath it is \"/tmp/");
	says(ALLOW("\"${T}/usr/**\""), NULL);
	/* Whoever says more of what is in it knows. */
	says(ALLOW("[\"${T}/usr\", \"${T}/usr/bin/*\"]"), NULL);
	says(DENY("\"${T}/**\"") ALLOW("[\"${T}/usr\", \"${T}/usr/*/x\"]"), NULL);
	says(ALLOW("\"${T}/**\"") DENY("\"${T}/usr\""), "nothing in it is denied");
	says(ALLOW("/") ALLOW("\"${T}/none\"") ALLOW("\"${T}/u?r\""), NULL);
	/* By the guard's own patterns nothing is said. */
	says(ALLOW("[\"/\", \"${T}/usr/bin\"]"), "usr/bin\" is a folder here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless_links),
		cmocka_unit_test(folders_alone),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
