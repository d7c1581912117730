/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Policy text: what is read, and every kind of error with its place and words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/policy.h"

/* The five lines that every policy begins with; what follows is line 5. */
#define HEAD	    "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n"
#define NAMED(name) "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: " name " }\nspec: { mode: audit }\n"

/* What is printed about a text, as a file called "f". The caller frees it. */
static char *told_len(const char *text, size_t len, int *error)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	*error = rf_policies_parse(&policies, "f", text, len, &diags);
	if (*error)
		assert_int_equal(policies.count, 0);
	rf_diags_print(&diags, out);
	fclose(out);
	rf_diags_free(&diags);
	rf_policies_free(&policies);
	return printed;
}

static void expect(const char *text, const char *printed)
{
	int error;
	char *told = told_len(text, strlen(text), &error);

	assert_string_equal(told, printed);
	assert_int_equal(error, printed[0] ? -EINVAL : 0);
	free(told);
}

struct expected {
	const char *text, *told;
};

static void expect_all(const struct expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(list[i].text, list[i].told);
}
#define EXPECT(list) expect_all(list, sizeof(list) / sizeof((list)[0]))

/* ------------------------------------------------------------------- texts */

static void texts_that_are_none(void **state)
{
	static const struct expected list[] = {
		{"", "f:1:1: there is no policy in this file\n"},
		{"# only this\n---\n...\n", "f:1:1: there is no policy in this file\n"},
		{"a: \x01", "f:1:4: not a policy text: a control character (0x01)\n"},
		{"a:\n b\xff: c", "f:2:3: not a policy text: a byte that is not UTF-8 (0xff)\n"},
		{"\xc0\x80", "f:1:1: not a policy text: a byte that is not UTF-8 (0xc0)\n"},
		{"\xed\xa0\x80", "f:1:1: not a policy text: a byte that is not UTF-8 (0xed)\n"},
		{"a: \xc2\x85", "f:1:4: not a policy text: a control character (0xc2)\n"},
		{"a: \xe2\x80\xa8", "f:1:4: not a policy text: a Unicode line separator (0xe2)\n"},
		{"caf\xc3\xa9: \x7f", "f:1:7: not a policy text: a control character (0x7f)\n"},
		{"a:\n\tb: c\n  \td: e\n", "f:2:1: tab in the indentation: use spaces\n"
					   "f:3:3: tab in the indentation: use spaces\n"},
		{"just words", "f:1:1: the policy must be a mapping, not a single value\n"},
		{"[a]", "f:1:1: the policy must be a mapping, not a list\n"},
		{"a: b: c", "f:1:5: YAML: mapping values are not allowed in this context\n"},
		{"a: [b\nc: d",
		 "f:2:2: YAML: did not find expected ',' or ']' (while parsing a flow sequence from line 1)\n"},
		{"a: \"b", "f:1:6: YAML: found unexpected end of stream (while scanning a quoted scalar)\n"},
		{"a: %",
		 "f:1:4: YAML: found character that cannot start any token (while scanning for the next token)\n"},
	};
	int error;
	char *told = told_len("a: \0", 4, &error);

	(void)state;
	assert_string_equal(told, "f:1:4: not a policy text: a NUL byte (0x00)\n");
	free(told);
	EXPECT(list);
}

static void anchors_aliases_and_tags(void **state)
{
	static const struct expected list[] = {
		{HEAD "  files: &a\n    - { allow: read, paths: [/a] }\n  unix: *a\n",
		 "f:5:10: anchor \"&a\": a policy has no anchors and aliases\n"
		 "f:7:9: alias \"*a\": a policy has no anchors and aliases; a word that begins with \"*\" is written "
		 "in "
		 "quotation marks\n"},
#define STAR \
	"YAML takes a word that begins with \"*\" for an alias: a pattern is written whole and in quotation marks, "
		{HEAD "  files:\n    - { allow: read, paths: [**] }\n", "f:6:30: " STAR "as in \"/**\"\n"},
		{HEAD "  files:\n    - { allow: read, paths: [/\xc3\xa4, **/x/y] }\n",
		 "f:6:34: " STAR "as in \"/**/x/y\"\n"},
		{HEAD "  files:\n    - allow: read\n      paths:\n        - *.c\n",
		 "f:8:11: " STAR "as in \"/**/*.c\"\n"},
#define QUOTE(first, word) \
	"YAML keeps \"" first "\" at the beginning of a word for itself: write it in quotation marks, \"" word "\"\n"
		{HEAD "  network:\n    - { allow: connect, to: [::1] }\n", "f:6:30: " QUOTE(":", "::1")},
		{HEAD "  unix:\n    - allow: connect\n      paths: @/tmp/x\n", "f:7:14: " QUOTE("@", "@/tmp/x")},
		{HEAD "  files:\n    - { allow: read, paths: [/a, %h/b] }\n", "f:6:34: " QUOTE("%", "%h/b")},
		{HEAD "  files:\n    - { allow: read, paths: [!!str /a] }\n",
		 "f:6:30: tag \"tag:yaml.org,2002:str\": a policy has no tags\n"},
		{HEAD "  files: !x []\n", "f:5:10: tag \"!x\": a policy has no tags\n"},
		{HEAD "  <<: {}\n", "f:5:3: unknown key \"<<\" in spec\n"},
		{"%TAG ! tag:x,2000:\n---\n" NAMED("p"), "f:1:1: %TAG: a policy has no tags\n"},
	};

	(void)state;
	EXPECT(list);
}

static void too_large_and_too_deep(void **state)
{
	size_t size = RF_POLICY_FILE_MAX + 1;
	char *text = malloc(size), *told;
	int error;

	(void)state;
	assert_non_null(text);
	memset(text, '[', size);
	told = told_len(text, size, &error);
	assert_int_equal(error, -EINVAL);
	assert_string_equal(told, "f: the file is larger than 4 MiB\n");
	free(told);
	told = told_len(text, size - 1, &error);
	assert_int_equal(error, -EINVAL);
	assert_string_equal(told, "f:1:25: nested more than 24 deep\n");
	free(told);
	free(text);
}

/* A million keys in one mapping are compared in time. */
static void many_keys(void **state)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	char *text = malloc(RF_POLICY_FILE_MAX);
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; len + 16 < RF_POLICY_FILE_MAX; i++)
		len += (size_t)sprintf(text + len, "%x:\n", i % 300000);
	assert_int_equal(rf_policies_parse(&policies, "f", text, len, &diags), -EINVAL);
	assert_int_equal(diags.count, RF_DIAGS_MAX);
	assert_true(diags.dropped > 300000);
	assert_int_equal(diags.errors, diags.count + diags.dropped);
	rf_diags_free(&diags);
	rf_policies_free(&policies);
	free(text);
}

/* -------------------------------------------------------------- the schema */

static void the_document(void **state)
{
	static const struct expected list[] = {
		{"spec: {}\n", "f:1:1: the policy has no apiVersion\n"
			       "f:1:1: the policy has no kind\n"
			       "f:1:1: the policy has no metadata\n"},
		{"apiVersion: ringfence.dev/v2\nkind: policy\nmetadata: {}\nspec:\n",
		 "f:1:13: apiVersion: unknown word \"ringfence.dev/v2\", did you mean \"ringfence.dev/v1\"?\n"
		 "f:2:7: kind: unknown word \"policy\", did you mean \"Policy\"?\n"
		 "f:3:11: metadata has no name\n"
		 "f:4:6: spec has no value: it must be a mapping\n"},
		{"apiversion: ringfence.dev/v1\nkind: Pod\nmetadata: [p]\nspec: x\n",
		 "f:1:1: unknown key \"apiversion\" in the policy, did you mean \"apiVersion\"?\n"
		 "f:2:7: kind: unknown word \"Pod\" (there are: Policy)\n"
		 "f:3:11: metadata must be a mapping, not a list\n"
		 "f:4:7: spec must be a mapping, not a single value\n"},
		{HEAD "  mode: enforced\n", "f:5:9: mode: unknown word \"enforced\", did you mean \"enforce\"?\n"},
		{HEAD "  mode: [audit]\n", "f:5:9: mode must be a string, not a list\n"},
		{HEAD "  mode: audit\n  fiels: []\n  mode: audit\n  ? [x]\n  : y\n",
		 "f:6:3: unknown key \"fiels\" in spec, did you mean \"files\"?\n"
		 "f:7:3: duplicate key \"mode\": it stands in line 5 already\n"
		 "f:8:5: a key must be a string, not a list\n"},
		{HEAD "  guards: { off: [mount, ptrace, ptrace, cows] }\n",
		 "f:5:19: off: unknown word \"mount\", did you mean \"mounts\"?\n"
		 "f:5:34: off names \"ptrace\" twice\n"
		 "f:5:42: off: unknown word \"cows\" (there are: mounts, namespaces, capabilities, ptrace, signals, "
		 "bpf, "
		 "perf, modules, sockets, io_uring, cgroups, fds, terminal, kernel, devices, ipc, keys, engine)\n"},
	};

	(void)state;
	EXPECT(list);
}

static void names_and_labels(void **state)
{
	static const struct expected list[] = {
		{NAMED("Agent"),
		 "f:3:19: name \"Agent\" must be 1 to 63 of a-z, 0-9 and \"-\", with no \"-\" at its ends\n"},
		{NAMED("-a"), "f:3:19: name \"-a\" must be 1 to 63 of a-z, 0-9 and \"-\", with no \"-\" at its ends\n"},
		{NAMED("\"\""), "f:3:19: name is empty\n"},
		{NAMED("true"), "f:3:19: name must be a string: put quotes around \"true\"\n"},
		{NAMED("~"), "f:3:19: name has no value: it must be a string\n"},
		{NAMED("\"a\\0b\""), "f:3:19: NUL in a string\n"},
		{NAMED("p, labels: { a b: c }"), "f:3:32: label \"a b\": only letters, digits, \"-\", \"_\", \".\" and "
						 "\"/\", a key of 1 to 253 and a value of up to 63\n"},
		{NAMED("p") "---\n" NAMED("q") "---\n" NAMED("p"), "f:13:19: policy \"p\" is there already: f:3\n"},
	};

	(void)state;
	EXPECT(list);
}

static void rules(void **state)
{
	static const struct expected list[] = {
		{HEAD "  files: { allow: read }\n", "f:5:10: a files rule has no paths\n"},
		{HEAD "  files: /a\n", "f:5:10: files must be a list, not a single value\n"},
		{HEAD "  files:\n", "f:5:9: files has no value: it must be a list\n"},
		{HEAD "  files: [a]\n", "f:5:11: a files rule must be a mapping, not a single value\n"},
		{HEAD "  files:\n    - paths: []\n", "f:6:7: a files rule has neither allow nor deny\n"
						     "f:6:14: paths is empty\n"},
		{HEAD "  files:\n    - allow: []\n      paths: [/a]\n", "f:6:14: allow is empty\n"},
		{HEAD "  files:\n    - alow: read\n      path: [/a]\n",
		 "f:6:7: unknown key \"alow\" in a files rule, did you mean \"allow\"?\n"
		 "f:7:7: unknown key \"path\" in a files rule, did you mean \"paths\"?\n"},
		{HEAD "  files:\n    - allow: read\n      deny: write\n      paths: [/a]\n",
		 "f:7:7: a rule has allow or deny, not both\n"},
		{HEAD "  files:\n    - allow: [raed, connect]\n      paths: /a\n",
		 "f:6:15: allow: unknown word \"raed\", did you mean \"read\"?\n"
		 "f:6:21: allow: unknown word \"connect\" (there are: read, write, exec)\n"},
		{HEAD "  files:\n    - allow: read\n      paths: { a: b }\n",
		 "f:7:14: paths must be a list, not a mapping\n"},
		{HEAD "  files:\n    - allow: read\n      paths:\n", "f:7:13: paths has no value: it must be a list\n"},
		{HEAD "  files:\n    - allow: read\n      paths: [/a]\n      hide: true\n",
		 "f:8:7: hide belongs to deny rules alone\n"},
		{HEAD "  files:\n    - deny: read\n      paths: [/a]\n      hide: yes\n      seal: \"true\"\n",
		 "f:8:13: hide must be true, false or open\n"
		 "f:9:13: seal must be true or false, without quotes\n"},
		{HEAD "  files:\n    - { allow: read, paths: /a, quiet: true }\n    - { deny: read, paths: /a, quiet: "
		      "yes }\n"
		      "  network:\n    - { allow: connect, quiet: true }\n",
		 "f:6:33: quiet belongs to deny rules alone: nothing is told of what is allowed; leave it out, or deny "
		 "in "
		 "a rule of its own what is to be counted only\n"
		 "f:7:39: quiet must be true or false\n"
		 "f:9:25: quiet belongs to deny rules alone: nothing is told of what is allowed; leave it out, or deny "
		 "in "
		 "a rule of its own what is to be counted only\n"},
		{HEAD "  unix:\n    - deny: connect\n      paths: [/a]\n      hide: true\n",
		 "f:8:7: unknown key \"hide\" in a unix rule\n"},
		{HEAD "  files:\n    - deny: read\n      paths: [/a, [b], ~, \"\"]\n      reason: \"a\\nb\"\n",
		 "f:7:19: each item of paths must be a string, not a list\n"
		 "f:7:24: each item of paths has no value: it must be a string\n"
		 "f:7:27: each item of paths is empty\n"
		 "f:8:15: reason holds a control character or a line end\n"},
		{HEAD "  select: []\n", "f:5:11: select is empty\n"},
		{HEAD "  notify: Ops!\n", "f:5:11: notify: \"Ops!\" is no name: 1 to 63 of a-z, 0-9 and \"-\", with no "
					  "\"-\" at its ends\n"},
		{HEAD "  notify: [ops, Ops!]\n",
		 "f:5:17: notify: \"Ops!\" is no name: 1 to 63 of a-z, 0-9 and \"-\", with no "
		 "\"-\" at its ends\n"},
		{HEAD "  notfy: [ops]\n", "f:5:3: unknown key \"notfy\" in spec, did you mean \"notify\"?\n"},
		{HEAD "  select: [{ cgroup: \"a/[\" }, { group: b }]\n",
		 "f:5:25: bad pattern \"a/[\": '[' without ']'\n"
		 "f:5:33: unknown key \"group\" in an item of select, did you mean \"cgroup\"?\n"},
	};

	(void)state;
	EXPECT(list);
}

#define PATHS(section, word, list) HEAD "  " section ":\n    - allow: " word "\n      paths: [" list "]\n"

static void patterns(void **state)
{
	static const struct expected list[] = {
		{PATHS("files", "read", "/a, b/c"),
		 "f:7:19: \"b/c\" is relative: a pattern begins with \"/\" or \"${\"\n"},
		{PATHS("files", "read", "'@a'"), "f:7:16: \"@a\" is relative: a pattern begins with \"/\" or \"${\"\n"},
		{PATHS("unix", "bind", "a, '@a', /b"),
		 "f:7:15: \"a\" is relative: a pattern begins with \"/\", \"@\" or \"${\"\n"},
		{PATHS("files", "exec", "'memfd:*'"), ""},
		{PATHS("files", "[exec, read]", "'memfd:*'"),
		 "f:7:16: \"memfd:\" is for exec alone: give it a rule of its own\n"},
		/* plain, quoted, with a character of two bytes before the fault; with escapes: the string's place */
		{PATHS("files", "read", "'/a/{b'"), "f:7:19: bad pattern \"/a/{b\": '{' without '}'\n"},
		{PATHS("files", "read", "\"/a/[b\""), "f:7:19: bad pattern \"/a/[b\": '[' without ']'\n"},
		{PATHS("files", "read", "\"/\xc3\xa9/[b\""), "f:7:19: bad pattern \"/\xc3\xa9/[b\": '[' without ']'\n"},
		{PATHS("files", "read", "\"/a\\x2d/[b\""), "f:7:15: bad pattern \"/a-/[b\": '[' without ']'\n"},
		{HEAD "  files:\n    - allow: read\n      paths:\n      - /a/[z-a]\n",
		 "f:8:13: bad pattern \"/a/[z-a]\": the range in brackets is reversed\n"},
		{PATHS("files", "read", "/a/, /a//b, /a/../b"),
		 "f:7:17: the pattern ends in \"/\": a folder is written without it, with all in it as \"/**\" at the "
		 "end\n"
		 "f:7:22: bad pattern \"/a//b\": '//' can't be part of a path\n"
		 "f:7:30: bad pattern \"/a/../b\": '.' and '..' can't be components of a path that is matched\n"},
		/* variables count as what they are written with */
		{PATHS("files", "read", "'${HOME}/[b'"), "f:7:24: bad pattern \"${HOME}/[b\": '[' without ']'\n"},
		{PATHS("files", "read", "'${HOME', '${1}', '/a/${ENV:}', '/[${A}]'"),
		 "f:7:16: \"${\" without \"}\" (\"\\$\" is a dollar sign)\n"
		 "f:7:26: \"1\" is no variable name\n"
		 "f:7:37: \"ENV:\" is no variable name\n"
		 "f:7:50: ${A} stands inside [...]\n"},
		{PATHS("files", "read", "'/a/\\${HOME}', '/\\\\\\${b'"),
		 "f:7:36: bad pattern \"/\\\\\\${b\": '{' without '}'\n"},
	};

	(void)state;
	EXPECT(list);
}

static void variables(void **state)
{
	static const struct expected list[] = {
		{HEAD
		 "  variables: { DATA: /data, LOG: }\n  files:\n    - { allow: read, paths: [\"${DATA}/${LOG}\"] }\n",
		 ""},
		{HEAD "  variables: { 1A: /data, B: [x], C: \"${D}\" }\n",
		 "f:5:16: \"1A\" is no variable name: letters, digits and \"_\"\n"
		 "f:5:30: a variable's default must be a string, not a list\n"
		 "f:5:39: a variable's default is literal text: it can't take in another variable\n"},
		{HEAD
		 "  variables: { DATA: data }\n  files:\n    - { allow: read, paths: [\"/x/${DATA}\", \"${DATA}\"] }\n",
		 "f:7:45: ${DATA} is \"data\": a pattern can begin only with an absolute path without \"//\", \".\" "
		 "and "
		 "\"..\"\n"},
		{HEAD "  select: [{ cgroup: a.slice }]\n  variables: { DATA: /data, LOG: }\n  files:\n"
		      "    - { allow: read, paths: [\"${DATA}/**\", \"/l/${LOG}/${HOME}\", \"${ENV:X}/*\"] }\n",
		 "f:8:48: ${LOG} has no value here: a policy with select gives its variables in spec.variables\n"
		 "f:8:55: ${HOME} has no value here: a policy with select gives its variables in spec.variables\n"
		 "f:8:66: ${ENV:X} has no value here: a policy with select gives its variables in spec.variables\n"},
		{HEAD "  select: [{ cgroup: \"a/${X}\" }]\n", "f:5:25: select has no variables\n"},
	};

	(void)state;
	EXPECT(list);
}

#define NET(rest) HEAD "  network:\n    - allow: connect\n      " rest "\n"

static void addresses_and_ports(void **state)
{
	static const struct expected list[] = {
		{NET("to: [10.0.0.1/8, 10.0.0.0/33, ten, 10.0.0.0/08, \"1.2.3.4/\"]"),
		 "f:7:12: \"10.0.0.1/8\" has host bits set: write \"10.0.0.0/8\"\n"
		 "f:7:24: \"10.0.0.0/33\": the prefix length must be a number from 0 to 32\n"
		 "f:7:37: \"ten\" is no IP address or range\n"
		 "f:7:42: \"10.0.0.0/08\": the prefix length must be a number from 0 to 32\n"
		 "f:7:56: \"1.2.3.4/\": the prefix length must be a number from 0 to 32\n"},
		{NET("to: [\"::1/64\", \"fe80::1%eth0\", \"::/129\", \"::ffff:10.0.0.1/104\", 010.0.0.1]"),
		 "f:7:13: \"::1/64\" has host bits set: write \"::/64\"\n"
		 "f:7:23: \"fe80::1%eth0\" is no IP address or range\n"
		 "f:7:39: \"::/129\": the prefix length must be a number from 0 to 128\n"
		 "f:7:49: \"::ffff:10.0.0.1/104\" has host bits set: write \"::ffff:10.0.0.0/104\"\n"
		 "f:7:71: \"010.0.0.1\" is no IP address or range\n"},
		{NET("to: [localhost, \"127.0.0.1:5432\", \"*\", \"[::1]:80-90\", \"*:443\", a.example.org, "
		     "\"localhost:1\"]"),
		 "f:7:12: \"localhost\" is a name, and a rule takes addresses: write \"127.0.0.1\" and \"::1\"\n"
		 "f:7:24: \"127.0.0.1:5432\" has a port in it: write to: [\"127.0.0.1\"], ports: [5432]\n"
		 "f:7:42: \"*\" is no address: without \"to\", a rule is for every address\n"
		 "f:7:47: \"[::1]:80-90\" has a port in it: write to: [\"::1\"], ports: [80-90]\n"
		 "f:7:62: \"*:443\": leave \"to\" out for every address, and write the port beside it, ports: [443]\n"
		 "f:7:70: \"a.example.org\" is no IP address or range: a rule takes no names, what they stand for can "
		 "change\n"
		 "f:7:86: \"localhost:1\" has a port in it: write to: [\"127.0.0.1\"], ports: [1]\n"},
		{NET("ports: [0, 65536, 90-80, http, 1-70000, -1, 080, 99999999999]"),
		 "f:7:15: port 0 is out of range (1 to 65535)\n"
		 "f:7:18: port 65536 is out of range (1 to 65535)\n"
		 "f:7:25: \"90-80\" is reversed: write \"80-90\"\n"
		 "f:7:32: \"http\" is no port: write \"443\" or \"8000-8099\", from 1 to 65535\n"
		 "f:7:38: port 70000 is out of range (1 to 65535)\n"
		 "f:7:47: \"-1\" is no port: write \"443\" or \"8000-8099\", from 1 to 65535\n"
		 "f:7:51: \"080\" is no port: write \"443\" or \"8000-8099\", from 1 to 65535\n"
		 "f:7:56: \"99999999999\" is out of range: write \"443\" or \"8000-8099\", from 1 to 65535\n"},
		{NET("to: []\n      ports: []\n      protocols: []"), "f:7:11: to is empty\n"
								      "f:8:14: ports is empty\n"
								      "f:9:18: protocols is empty\n"},
		{NET("protocols: [tpc, tcp, tcp]"), "f:7:19: protocols: unknown word \"tpc\", did you mean \"tcp\"?\n"
						    "f:7:29: protocols names \"tcp\" twice\n"},
		{NET("protocols: tpc"), "f:7:18: protocols: unknown word \"tpc\", did you mean \"tcp\"?\n"},
		{NET("protocols: tcp\n      ports: 443\n      to: 192.0.2.1"), ""},
	};

	(void)state;
	EXPECT(list);
}

/* Where a list is taken, one value means a list of it: for each key of the table that takes one. */
static void one_value(void **state)
{
	static const char *const pairs[][2] = {
		{"  files: { allow: [read], paths: [/a] }\n", "  files: { allow: read, paths: /a }\n"},
		{"  network: [{ allow: [bind], to: [\"::1\"], ports: [443], protocols: [tcp] }]\n",
		 "  network: { allow: bind, to: \"::1\", ports: 443, protocols: tcp }\n"},
		{"  unix: [{ deny: [bind, connect], paths: [\"@x\"] }]\n",
		 "  unix: { deny: [bind, connect], paths: \"@x\" }\n"},
		{"  select: [{ cgroup: a.slice }]\n", "  select: { cgroup: a.slice }\n"},
		{"  judges: [files]\n", "  judges: files\n"},
		{"  guards: { off: [perf] }\n", "  guards: { off: perf }\n"},
		{"  notify: [ops]\n", "  notify: ops\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct rf_policies set = {0};
		struct rf_diags diags = {0};
		const struct rf_policy *a, *b;

		for (int k = 0; k < 2; k++) {
			char text[512];
			int len = snprintf(text, sizeof(text),
					   "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p%d }\n"
					   "spec:\n%s",
					   k, pairs[i][k]);

			rf_policies_parse(&set, "f", text, (size_t)len, &diags);
		}
		rf_diags_print(&diags, stderr);
		assert_int_equal(set.count, 2);
		a = &set.policy[0];
		b = &set.policy[1];
		assert_true(a->guards == b->guards && a->left == b->left && a->selects == b->selects &&
			    a->notifies == b->notifies);
		for (unsigned section = 0; section < RF_SECTIONS; section++) {
			const struct rf_rule *x = a->rule[section], *y = b->rule[section];

			assert_int_equal(a->rules[section], b->rules[section]);
			for (size_t r = 0; r < a->rules[section]; r++, x++, y++) {
				assert_true(x->access == y->access && x->paths == y->paths && x->tos == y->tos &&
					    x->ports == y->ports && x->protocols == y->protocols);
				assert_true(!x->paths || !strcmp(x->path[0].text, y->path[0].text));
			}
		}
		rf_diags_free(&diags);
		rf_policies_free(&set);
	}
}

/* After a syntax error the documents before it are still looked at. */
static void errors_before_a_syntax_error(void **state)
{
	(void)state;
	expect(NAMED("A") "---\n" NAMED("b") "  x: [\n",
	       "f:3:19: name \"A\" must be 1 to 63 of a-z, 0-9 and \"-\", with no \"-\" at its ends\n"
	       "f:10:3: YAML: did not find expected key (while parsing a block mapping from line 6)\n");
}

/* -------------------------------------------------------- what is read well */

static const char whole[] = "\xef\xbb\xbf# a comment\n" HEAD "  mode: audit\n"
			    "  select: [{ cgroup: \"system.slice/agent-*.service\" }]\n"
			    "  variables: { DATA: \"/data\" }\n"
			    "  files:\n"
			    "    - allow: [read, exec]\n"
			    "      paths: [\"/usr/**\", '${DATA}/*']\n"
			    "    - deny: write\n"
			    "      paths: [ /etc/** ]\n"
			    "      reason: no\tway\n"
			    "      hide: true\n"
			    "  network:\n"
			    "    - allow: connect\n"
			    "      to: [140.82.112.0/20, \"2606:50c0::/32\", \"::ffff:1.2.3.4\", 127.0.0.1]\n"
			    "      ports: [443, \"8000-8099\"]\n"
			    "      protocols: [tcp]\n"
			    "    - deny: [bind]\n"
			    "  unix:\n"
			    "    - allow: connect\n"
			    "      paths: [\"/run/user/*/bus\", \"@/tmp/.X11-unix/*\"]\n"
			    "  guards: { off: [perf] }\n"
			    "  notify: [ops, me]\n"
			    "---\n" NAMED("second");

static void check_network(const struct rf_rule *rule)
{
	static const uint8_t v4[16] = {[10] = 0xff, 0xff, 140, 82, 112, 0};
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 1, 2, 3, 4};

	assert_int_equal(rule->tos, 4);
	assert_false(rule->to_all);
	assert_memory_equal(rule->to[0].addr, v4, 16);
	assert_int_equal(rule->to[0].prefix, 96 + 20);
	assert_int_equal(rule->to[1].prefix, 32);
	assert_memory_equal(rule->to[2].addr, mapped, 16);
	assert_int_equal(rule->to[2].prefix, 128);
	assert_int_equal(rule->to[3].prefix, 128);
	assert_int_equal(rule->ports, 2);
	assert_int_equal(rule->port[0].lo, 443);
	assert_int_equal(rule->port[0].hi, 443);
	assert_int_equal(rule->port[1].lo, 8000);
	assert_int_equal(rule->port[1].hi, 8099);
	assert_int_equal(rule->protocols, RF_TCP);
	assert_true(rule[1].to_all);
	assert_int_equal(rule[1].ports, 0);
	assert_int_equal(rule[1].protocols, RF_ALL_PROTOCOLS);
	assert_int_equal(rule[1].access, RF_BIND);
}

static void a_whole_policy(void **state)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	char name[32];
	char *text = strdup(whole), *tab = strchr(text, '\t');

	(void)state;
	*tab = ' ';
	assert_int_equal(rf_policies_parse(&policies, "f", text, strlen(text), &diags), 0);
	assert_int_equal(diags.count, 0);
	free(text);
	assert_int_equal(policies.count, 2);
	assert_string_equal(policies.policy[1].name, "second");
	const struct rf_policy *policy = &policies.policy[0];
	assert_string_equal(policy->name, "p");
	assert_int_equal(policy->mode, RF_MODE_AUDIT);
	assert_int_equal(policy->selects, 1);
	assert_true(policy->notify_said);
	assert_int_equal(policy->notifies, 2);
	assert_string_equal(policy->notify[1].text, "me");
	assert_string_equal(policy->variable[0].value, "/data");
	assert_int_equal(policy->guards, RF_GUARDS_ALL & ~RF_GUARD_BIT(RF_GUARD_PERF));
	assert_int_equal(policy->rules[RF_FILES], 3);
	const struct rf_rule *rule = policy->rule[RF_FILES];
	assert_true(rule[2].implied && !rule[2].allow);
	assert_string_equal(rule[2].path[0].text, RF_STATE "/**");
	assert_true(rule[0].allow && !rule[0].hide && !rule[0].seal);
	assert_int_equal(rule[0].access, RF_READ | RF_EXEC);
	assert_string_equal(rule[0].path[1].text, "${DATA}/*");
	assert_int_equal(rule[0].path[1].where.line, 11);
	assert_int_equal(rule[0].path[1].where.col, 27);
	assert_string_equal(rule[0].path[1].where.file, "f");
	assert_true(!rule[1].allow && rule[1].hide && rule[1].seal);
	assert_string_equal(rule[1].reason, "no way");
	assert_string_equal(rf_rule_name(&rule[1], name, sizeof(name)), "files[1]");
	assert_int_equal(rule[1].where.line, 12);
	assert_int_equal(rule[1].where.col, 7);
	check_network(policy->rule[RF_NETWORK]);
	assert_int_equal(policy->rule[RF_UNIX][0].paths, 2);
	rf_policies_free(&policies);
}

static void a_tab_in_a_reason(void **state)
{
	(void)state;
	expect(whole, "f:14:15: reason holds a control character or a line end\n");
}

/* Nothing of a faulty file stays, what was there before does; names count over files. */
static void several_files(void **state)
{
	static const char good[] = NAMED("p"), bad[] = NAMED("q") "---\n" NAMED("p");
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};

	(void)state;
	assert_int_equal(rf_policies_parse(&policies, "a", good, strlen(good), &diags), 0);
	assert_int_equal(rf_policies_parse(&policies, "b", bad, strlen(bad), &diags), -EINVAL);
	assert_int_equal(policies.count, 1);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.diag[0].where.file, "b");
	assert_string_equal(diags.diag[0].text, "policy \"p\" is there already: a:3");
	rf_policies_free(&policies);
	rf_diags_free(&diags);
}

static void files_that_cannot_be_read(void **state)
{
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};

	(void)state;
	assert_int_equal(rf_policies_load(&policies, "/nonexistent/policy", &diags), -EINVAL);
	assert_string_equal(diags.diag[0].text, "cannot be read: No such file or directory");
	assert_int_equal(rf_policies_load(&policies, "/", &diags), -EINVAL);
	assert_string_equal(diags.diag[1].text, "cannot be read: Is a directory");
	assert_int_equal(rf_policies_load(&policies, "/dev/zero", &diags), -EINVAL);
	assert_string_equal(diags.diag[2].text, "the file is larger than 4 MiB");
	rf_policies_free(&policies);
	rf_diags_free(&diags);
}

static void near_words(void **state)
{
	static const char *const words[] = {"read", "write", "exec", NULL};

	(void)state;
	assert_string_equal(rf_nearest("raed", words), "read");
	assert_string_equal(rf_nearest("WRITE", words), "write");
	assert_string_equal(rf_nearest("writes", words), "write");
	assert_string_equal(rf_nearest("execute", (const char *const[]){"execut", NULL}), "execut");
	assert_null(rf_nearest("network", words));
	assert_null(rf_nearest("", words));
	assert_null(rf_nearest("rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr", words));
}

/* Where there are more messages than are kept, no warning keeps an error out. */
static void errors_before_warnings(void **state)
{
	struct rf_diags diags = {0};
	struct rf_where where = {"f", 1, 1};

	(void)state;
	for (unsigned i = 0; i < RF_DIAGS_MAX + 10; i++)
		rf_diag_add(&diags, RF_WARNING, where, "w%u", i);
	rf_diag_add(&diags, RF_ERROR, where, "e");
	assert_int_equal(diags.count, RF_DIAGS_MAX);
	assert_int_equal(diags.dropped, 11);
	assert_int_equal(diags.errors, 1);
	assert_string_equal(diags.diag[RF_DIAGS_MAX - 1].text, "e");
	assert_string_equal(diags.diag[RF_DIAGS_MAX - 2].text, "w198");
	rf_diags_free(&diags);
}

static void access_words(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(rf_access_words(RF_READ | RF_EXEC, buf, sizeof(buf)), "read,exec");
	assert_string_equal(rf_access_words(0, buf, sizeof(buf)), "");
	assert_string_equal(rf_access_words(RF_CONNECT | RF_BIND, buf, 10), "connect,b");
	assert_int_equal(rf_access_of("bind"), RF_BIND);
	assert_int_equal(rf_access_of("binds"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_are_none),
		cmocka_unit_test(anchors_aliases_and_tags),
		cmocka_unit_test(too_large_and_too_deep),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(the_document),
		cmocka_unit_test(names_and_labels),
		cmocka_unit_test(rules),
		cmocka_unit_test(patterns),
		cmocka_unit_test(variables),
		cmocka_unit_test(addresses_and_ports),
		cmocka_unit_test(errors_before_a_syntax_error),
		cmocka_unit_test(a_whole_policy),
		cmocka_unit_test(a_tab_in_a_reason),
		cmocka_unit_test(several_files),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(near_words),
		cmocka_unit_test(errors_before_warnings),
		cmocka_unit_test(one_value),
		cmocka_unit_test(access_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
