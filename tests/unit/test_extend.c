/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spec.extends and --allow: what is added opens what the base leaves to its default, and never what a rule of it
 * denies; what is denied is denied whatever the base allows. Files of the tests lie in a folder of their own, presets
 * in its folder presets/.
 */
#include "compile_support.h"
#include "reference/generate.h"
#include "reference/reference.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD(name) "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: " name " }\nspec:\n"

static char folder[] = "/tmp/test_extend.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int setup(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/presets", folder);
	mkdir(path, 0700);
	setenv("RINGFENCE_POLICIES", path, 1);
	put("presets/home.yaml", HEAD("home") "  variables: { ALSO: /nonexistent }\n"
					      "  files:\n"
					      "    - { allow: [read, write], paths: [\"/w/**\", \"${ALSO}/**\"] }\n"
					      "    - { deny: write, paths: /w/.git/** }\n"
					      "    - { allow: write, paths: /w/.git/index }\n"
					      "    - { deny: [read, write], paths: \"/keys/**\", hide: open }\n"
					      "  network:\n"
					      "    - { allow: connect, ports: 443 }\n"
					      "    - { deny: connect, to: 10.0.0.0/8 }\n"
					      "  guards: { off: perf }\n");
	return 0;
}

static int teardown(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

struct set {
	struct rf_policies policies;
	struct rf_diags diags;
	char *told;
};

static void load(struct set *s, const char *text, bool presets_only)
{
	size_t len;
	FILE *out = open_memstream(&s->told, &len);
	char path[256];

	put("own.yaml", text);
	snprintf(path, sizeof(path), "%s/own.yaml", folder);
	s->policies = (struct rf_policies){.presets_only = presets_only};
	s->diags = (struct rf_diags){0};
	rf_policies_load(&s->policies, path, &s->diags);
	rf_diags_print(&s->diags, out);
	fclose(out);
}

static void unload(struct set *s)
{
	rf_policies_free(&s->policies);
	rf_diags_free(&s->diags);
	free(s->told);
}

static void compile(struct set *s, struct rf_compiled *compiled)
{
	assert_int_equal(s->policies.count, 1);
	assert_int_equal(rf_policy_bind(s->policies.policy, &(struct rf_vars){0}, false, &s->diags), 0);
	assert_int_equal(rf_compile(s->policies.policy, 1, compiled, &s->diags), 0);
}

static bool may(const struct rf_compiled *compiled, unsigned access, const char *path)
{
	return rf_image_run(&compiled->image[RF_IMAGE_FILES], path, strlen(path), NULL) & access;
}

static void order(void **state)
{
	struct rf_compiled c;
	struct set s;
	const struct rf_policy *p;
	char name[RF_RULE_NAME];

	(void)state;
	load(&s,
	     HEAD("own") "  extends: home\n"
			 "  variables: { ALSO: /srv }\n"
			 "  files:\n"
			 "    - { allow: [read, write], paths: [\"/data/**\", \"/keys/**\", \"/w/.git/**\"] }\n"
			 "    - { deny: write, paths: \"/w/release/**\" }\n"
			 "  unix: { allow: connect, paths: \"/**\" }\n",
	     true);
	assert_string_equal(s.told, "");
	compile(&s, &c);
	p = s.policies.policy;
	assert_true(may(&c, RF_READ, "/data/x") && may(&c, RF_WRITE, "/data/x")); /* the default gives way */
	assert_true(may(&c, RF_WRITE, "/w/x") && may(&c, RF_READ, "/srv/x"));	  /* the base's rules, its variables */
	assert_false(may(&c, RF_READ, "/keys/x"));				  /* what it protects stays */
	assert_false(may(&c, RF_WRITE, "/w/.git/config"));
	assert_true(may(&c, RF_WRITE, "/w/.git/index"));    /* and its exceptions */
	assert_false(may(&c, RF_WRITE, "/w/release/x"));    /* narrowed */
	assert_false(may(&c, RF_READ, "/run/ringfence/x")); /* the guard comes last */
	assert_false(rf_image_run(&c.image[RF_IMAGE_UNIX], "/run/ringfence/x", 16, NULL) & RF_CONNECT);
	assert_int_equal(p->guards, RF_GUARDS_ALL & ~RF_GUARD_BIT(RF_GUARD_PERF));
	assert_string_equal(p->name, "own");
	/* Each rule knows where it stands. */
	assert_string_equal(rf_rule_name(&p->rule[RF_FILES][0], name, sizeof(name)), "files[0]");
	assert_string_equal(rf_rule_name(&p->rule[RF_FILES][1], name, sizeof(name)), "home files[0]");
	assert_non_null(strstr(p->rule[RF_FILES][1].where.file, "presets/home.yaml"));
	assert_int_equal(p->rule[RF_FILES][1].where.line, 7);
	assert_string_equal(rf_rule_name(&p->rule[RF_FILES][5], name, sizeof(name)), "files[1]");
	assert_non_null(strstr(p->rule[RF_FILES][5].where.file, "own.yaml"));
	assert_true(p->rule[RF_FILES][6].implied && p->rules[RF_FILES] == 7);
	rf_compiled_free(&c);
	unload(&s);
}

/* Names are kept through a base of a base, and files are found beside the file that names them. */
static void chains(void **state)
{
	struct set s;
	char name[RF_RULE_NAME];
	char text[300];

	(void)state;
	put("presets/mid.yaml", HEAD("mid") "  extends: ./home.yaml\n  files: { allow: read, paths: /m }\n");
	load(&s, HEAD("own") "  extends: presets/mid.yaml\n", false);
	assert_string_equal(s.told, "");
	assert_int_equal(s.policies.policy->rules[RF_FILES], 6);
	assert_string_equal(rf_rule_name(&s.policies.policy->rule[RF_FILES][0], name, sizeof(name)), "mid files[0]");
	assert_string_equal(rf_rule_name(&s.policies.policy->rule[RF_FILES][1], name, sizeof(name)), "home files[0]");
	unload(&s);

	put("loop.yaml", HEAD("loop") "  extends: ./own.yaml\n");
	load(&s, HEAD("own") "  extends: ./loop.yaml\n", false);
	assert_non_null(strstr(s.told, "\"./own.yaml\" extends itself, by way of others"));
	unload(&s);
	load(&s, HEAD("own") "  extends: ./own.yaml\n", false);
	assert_non_null(strstr(s.told, "\"./own.yaml\" extends itself\n"));
	unload(&s);

	for (int i = 0; i < RF_EXTENDS_MAX + 1; i++) {
		char file[32];

		snprintf(file, sizeof(file), "c%d.yaml", i);
		snprintf(text, sizeof(text), HEAD("c%d") "  extends: ./c%d.yaml\n", i, i + 1);
		if (i == RF_EXTENDS_MAX)
			snprintf(text, sizeof(text), HEAD("last") "  files: []\n");
		put(file, text);
	}
	load(&s, HEAD("own") "  extends: ./c2.yaml\n", false);
	assert_string_equal(s.told, "");
	unload(&s);
	load(&s, HEAD("own") "  extends: ./c0.yaml\n", false);
	assert_non_null(strstr(s.told, "more than 8 policies extend one another"));
	unload(&s);
}

static void mistakes(void **state)
{
	static const struct {
		const char *spec, *told;
		bool presets_only;
	} list[] = {
		{"  extends: hme\n", "own.yaml:5:12: extends: there is no preset \"hme\", did you mean \"home\"?",
		 false},
		{"  extends: quite-other\n", "there is no preset \"quite-other\"; a file's name ends with", false},
		{"  extends: ./none.yaml\n", "cannot be read: No such file", false},
		{"  extends: ./home.yaml\n", "here a policy can extend presets alone", true},
		{"  extends: [a]\n", "extends must be a string, not a list", false},
		{"  extends: two.yaml\n", "has 2 policies: a base is one", false},
		{"  extends: home\n  guards: { off: [perf, bpf] }\n",
		 "own.yaml:6:18: guards: \"home\" has bpf on, and a policy can't switch its base's guards off", false},
		{"  extends: home\n  judges: files\n", "own.yaml:6:11: judges: \"home\" judges network, unix", false},
		{"  extends: home\n  select: { cgroup: a }\n  files: { allow: read, paths: \"${X}\" }\n",
		 "own.yaml:7:33: ${X} has no value here", false},
	};

	(void)state;
	put("two.yaml", HEAD("a") "  files: []\n---\n" HEAD("b") "  files: []\n");
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char text[512];
		struct set s;

		snprintf(text, sizeof(text), HEAD("own") "%s", list[i].spec);
		load(&s, text, list[i].presets_only);
		if (!strstr(s.told, list[i].told))
			fail_msg("%s: %s", list[i].spec, s.told);
		assert_int_equal(s.policies.count, 0);
		unload(&s);
	}
}

static void keys(void **state)
{
	struct set s;

	(void)state;
	put("audit.yaml", HEAD("audit") "  mode: audit\n  judges: network\n  network: { allow: connect }\n");
	load(&s, HEAD("own") "  extends: ./audit.yaml\n", false);
	assert_string_equal(s.told, "");
	assert_true(s.policies.policy->mode == RF_MODE_AUDIT && !rf_policy_judges(s.policies.policy, RF_FILES));
	unload(&s);
	load(&s, HEAD("own") "  extends: ./audit.yaml\n  mode: enforce\n  judges: [files, network]\n", false);
	assert_string_equal(s.told, "");
	assert_true(s.policies.policy->mode == RF_MODE_ENFORCE && rf_policy_judges(s.policies.policy, RF_FILES));
	unload(&s);
}

/* ------------------------------------------------------------------- --allow */

static void allow(void **state)
{
	static const struct {
		const char *spec, *told; /* NULL: fine */
	} list[] = {
		{"read:/data/**", NULL},
		{"read,exec:${HOME}/bin/**", NULL},
		{"connect:127.0.0.1:5432", NULL},
		{"connect:[::1]:5432", NULL},
		{"connect:fd00::/8", NULL},
		{"connect:10.0.0.0/8:8000-8099", NULL},
		{"connect:tcp:192.0.2.1:443", NULL},
		{"bind::3000", NULL},
		{"connect:/run/x.sock", NULL},
		{"connect:@name", NULL},
		{"raed:/x", "--allow #1: there is no access \"raed\", did you mean \"read\"?"},
		{"/srv/data", "must be ACCESS:OBJECT"},
		{"read,connect:/x", "files and sockets have rules of their own"},
		{"read:", "nothing behind the access"},
		{"read:srv", "--allow #1: "},
		{"read:~/x", "--allow #1: "},
		{"connect:localhost:80", "localhost"},
		{"connect:*:443", "leave it out for every address"},
		{"connect:443", "write \":443\""},
		{"connect:127.0.0.1:http", "is no port"},
		{"connect:10.1.2.3/8", "write \"10.0.0.0/8\""},
		{"connect::", "no port"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct set s;
		int err;

		load(&s, HEAD("own") "  extends: home\n", false);
		err = rf_policies_allow(&s.policies, list[i].spec, 1, &s.diags);
		if (!list[i].told) {
			rf_diags_print(&s.diags, stderr);
			assert_int_equal(err, 0);
		} else {
			size_t len;
			char *told;
			FILE *out = open_memstream(&told, &len);

			rf_diags_print(&s.diags, out);
			fclose(out);
			if (!strstr(told, list[i].told))
				fail_msg("%s: %s", list[i].spec, told);
			free(told);
			assert_int_equal(err, -EINVAL);
		}
		unload(&s);
	}
}

static void allow_opens(void **state)
{
	static const uint8_t ten[16] = {[10] = 0xff, 0xff, 10, [15] = 1},
			     other[16] = {[10] = 0xff, 0xff, 127, [15] = 1};
	struct rf_compiled c;
	struct set s;
	char name[RF_RULE_NAME];

	(void)state;
	load(&s, HEAD("own") "  extends: home\n", false);
	assert_int_equal(rf_policies_allow(&s.policies, "read:/data/**", 1, &s.diags), 0);
	assert_int_equal(rf_policies_allow(&s.policies, "read:/keys/**", 2, &s.diags), 0);
	assert_int_equal(rf_policies_allow(&s.policies, "connect:127.0.0.1:5432", 3, &s.diags), 0);
	assert_int_equal(rf_policies_allow(&s.policies, "connect:10.0.0.1:5432", 4, &s.diags), 0);
	assert_int_equal(rf_policies_allow(&s.policies, "connect:/run/**", 5, &s.diags), 0);
	compile(&s, &c);
	assert_true(may(&c, RF_READ, "/data/x"));
	assert_false(may(&c, RF_WRITE, "/data/x") || may(&c, RF_READ, "/keys/x"));
	assert_true(rf_dest_allows(rf_dest_find(&c, other), RF_CONNECT, RF_TCP, 5432));
	assert_false(rf_dest_allows(rf_dest_find(&c, other), RF_CONNECT, RF_TCP, 5433));
	assert_false(rf_dest_allows(rf_dest_find(&c, ten), RF_CONNECT, RF_TCP, 5432));
	assert_true(rf_image_run(&c.image[RF_IMAGE_UNIX], "/run/x", 6, NULL) & RF_CONNECT);
	/* The engine's rule comes with the first rule for sockets, and stays last. */
	assert_false(rf_image_run(&c.image[RF_IMAGE_UNIX], "/run/ringfence/x", 16, NULL) & RF_CONNECT);
	assert_string_equal(rf_rule_name(&s.policies.policy->rule[RF_FILES][0], name, sizeof(name)), "--allow #2");
	rf_compiled_free(&c);
	unload(&s);
	/* Of a policy that leaves the section to others there is nothing to open. */
	load(&s, HEAD("own") "  judges: files\n", false);
	assert_int_equal(rf_policies_allow(&s.policies, "connect:127.0.0.1", 1, &s.diags), -EINVAL);
	assert_non_null(strstr(s.diags.diag[0].text, "none of the policies judges network"));
	unload(&s);
}

/* ----------------------------------------------------------------- generated */

static struct gen_policy of_verdict(const struct gen_policy *policy, bool allow)
{
	struct gen_policy some = {.rule = calloc(policy->rules, sizeof(*policy->rule))};

	for (size_t i = 0; i < policy->rules; i++)
		if (policy->rule[i].allow == allow)
			some.rule[some.rules++] = policy->rule[i];
	return some;
}

/* Against the reference: denied where the base's rules deny, or the extension's; else allowed where either allows. */
static void generated(void **state)
{
	const char *seed = getenv("RF_SEED");
	struct gen g = {.state = seed ? strtoull(seed, NULL, 0) : 1795467785};
	size_t opened = 0, kept = 0, narrowed = 0;

	(void)state;
	for (int i = 0; i < 90; i++) {
		enum rf_section section = (enum rf_section)(i % RF_SECTIONS);
		struct gen_policy base, own, parts[2];
		struct rf_policies bases = {0}, part[2] = {{0}, {0}};
		struct rf_compiled c;
		struct set s;
		char *text, *with, *rest;

		gen_policy_make(&g, section, 8, &base);
		gen_policy_make(&g, section, 4, &own);
		text = gen_policy_text(&base);
		put("base.yaml", text);
		free(text);
		text = gen_policy_text(&own);
		with = malloc(strlen(text) + 64);
		rest = strstr(text, "spec:\n") + strlen("spec:\n");
		sprintf(with, "%.*s  extends: ./base.yaml\n%s", (int)(rest - text), text, rest);
		load(&s, with, false);
		assert_string_equal(s.told, "");
		compile(&s, &c);
		assert_int_equal(gen_policy_bind(&base, &bases, stderr), 0);
		for (int k = 0; k < 2; k++) {
			parts[k] = of_verdict(&own, k);
			assert_int_equal(gen_policy_bind(&parts[k], &part[k], stderr), 0);
		}
		for (int k = 0; k < 200; k++) {
			struct gen_probe q;
			struct ref_verdict b, v[2];
			bool allowed, wanted;

			gen_probe_make(&g, k % 2 ? &base : &own, section, &q);
#define ASK(policy)                                                                     \
	(section == RF_NETWORK ? ref_dest(policy, q.access, q.protocol, q.addr, q.port) \
			       : ref_path(policy, section, q.access, q.path, q.len))
			b = ASK(bases.policy);
			v[0] = ASK(part[0].policy);
			v[1] = ASK(part[1].policy);
			wanted = !v[0].rule && (b.rule ? b.allow : v[1].allow);
			allowed = section == RF_NETWORK
					  ? rf_dest_allows(rf_dest_find(&c, q.addr), q.access, q.protocol, q.port)
					  : rf_image_run(&c.image[section == RF_UNIX ? RF_IMAGE_UNIX : RF_IMAGE_FILES],
							 q.path, q.len, NULL) &
						    q.access;
			if (allowed != wanted) {
				gen_report(stderr, 0, &base, &q);
				fail_msg("extended by %s", with);
			}
			opened += wanted && !b.allow;
			kept += b.rule && !b.allow && v[1].allow;
			narrowed += b.allow && !wanted;
		}
		for (int k = 0; k < 2; k++) {
			rf_policies_free(&part[k]);
			free(parts[k].rule);
		}
		free(text);
		free(with);
		rf_compiled_free(&c);
		unload(&s);
		rf_policies_free(&bases);
		gen_policy_free(&base);
		gen_policy_free(&own);
	}
	assert_true(opened > 100 && kept > 100 && narrowed > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),     cmocka_unit_test(chains), cmocka_unit_test(mistakes),
		cmocka_unit_test(keys),	     cmocka_unit_test(allow),  cmocka_unit_test(allow_opens),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
