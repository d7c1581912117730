/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a summary says would allow a denial: taken as it is told, by a shell and by --allow, it does, and nothing else.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "compile/compile.h"
#include "events/allowing.h"
#include "policy/policy.h"

#define TEXT                                                                         \
	"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n" \
	"  files: [{ deny: write, paths: \"/protected/**\" }]\n"

/* The word behind "--allow ", as a shell gives it; the caller's to free. */
static char *as_a_shell_has_it(const struct rf_line *line)
{
	char *command = NULL, *word = calloc(1, 4096);
	FILE *out;

	assert_true(asprintf(&command, "printf %%s%.*s", (int)(line->len - strlen("--allow")),
			     line->text + strlen("--allow")) > 0);
	out = popen(command, "r");
	assert_non_null(out);
	assert_true(fread(word, 1, 4095, out) > 0);
	assert_int_equal(pclose(out), 0);
	free(command);
	return word;
}

/* Whether the policy with that option allows the denial; the line has to be `want` where that is given. */
static void allows(const struct rf_denial *denial, const char *want)
{
	struct rf_report report = {.denial = denial, .count = 1, .ruling = {.kind = RF_RULING_DEFAULT}};
	struct rf_policies policies = {0};
	struct rf_diags diags = {0};
	struct rf_vars vars = {0};
	struct rf_line line = {0};
	struct rf_ruling after;
	char *word;

	assert_true(rf_print_allowing(&line, &report));
	if (want && (line.len != strlen(want) || memcmp(line.text, want, line.len) != 0))
		fail_msg("%.*s, not %s", (int)line.len, line.text, want);
	word = as_a_shell_has_it(&line);
	assert_int_equal(rf_policies_parse(&policies, "f", TEXT, strlen(TEXT), &diags), 0);
	if (rf_policies_allow(&policies, word, 1, &diags) || rf_policy_bind(policies.policy, &vars, false, &diags)) {
		rf_diags_print(&diags, stderr);
		fail_msg("--allow %s is not taken", word);
	}
	/* A fault is a denial of what the rules allow. */
	after = rf_event_rule(denial, policies.policy);
	if (after.kind != RF_RULING_FAULT)
		fail_msg("--allow %s does not allow it", word);
	assert_true(after.rule->added);
	rf_policies_free(&policies);
	rf_diags_free(&diags);
	rf_line_free(&line);
	free(word);
}

static void path(unsigned access, enum rf_object object, const char *name, const char *want)
{
	struct rf_denial denial = {.object = name, .object_len = strlen(name)};

	denial.head.reason = RF_REASON_RULE;
	denial.head.access = (uint8_t)access;
	denial.head.object = (uint8_t)object;
	allows(&denial, want);
}

static void net(unsigned access, int type, int protocol, const char *ip, uint16_t port, const char *want)
{
	struct rf_denial denial = {0};
	struct rf_address *a = &denial.head.address;

	denial.head.reason = RF_REASON_RULE;
	denial.head.access = (uint8_t)access;
	denial.head.object = RF_OBJECT_NET;
	a->type = (uint8_t)type;
	a->protocol = (uint16_t)protocol;
	a->port = port;
	a->family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	if (a->family == AF_INET6) {
		assert_int_equal(inet_pton(AF_INET6, ip, a->addr), 1);
	} else {
		a->addr[10] = a->addr[11] = 0xff;
		assert_int_equal(inet_pton(AF_INET, ip, a->addr + 12), 1);
	}
	allows(&denial, want);
}

static void names(void **state)
{
	(void)state;
	path(RF_READ, RF_OBJECT_FILE, "/srv/data", "--allow read:/srv/data");
	path(RF_READ | RF_WRITE, RF_OBJECT_FILE, "/x", "--allow read,write:/x");
	path(RF_READ, RF_OBJECT_FILE, "/proc/412/cgroup", "--allow 'read:/proc/*/cgroup'");
	path(RF_READ, RF_OBJECT_FILE, "/proc/412", "--allow 'read:/proc/*'");
	path(RF_READ, RF_OBJECT_FILE, "/proc/412x/a", "--allow read:/proc/412x/a");
	/* Scratch: other names at the next run. */
	path(RF_WRITE, RF_OBJECT_FILE, "/tmp/latexmkbOVa", "--allow 'read,write:/tmp/**'");
	path(RF_READ, RF_OBJECT_FILE, "/dev/shm/x/y", "--allow 'read,write:/dev/shm/**'");
	path(RF_READ, RF_OBJECT_FILE, "/tmp", "--allow read:/tmp");
	path(RF_EXEC, RF_OBJECT_FILE, "/tmp/x", "--allow exec:/tmp/x");
	path(RF_CONNECT, RF_OBJECT_UNIX, "/tmp/x", "--allow connect:/tmp/x");
	path(RF_CONNECT, RF_OBJECT_UNIX, "/run/x.sock", "--allow connect:/run/x.sock");
	path(RF_CONNECT, RF_OBJECT_UNIX, "@dbus-1", "--allow connect:@dbus-1");
	/* Nothing in a name means anything. */
	path(RF_READ, RF_OBJECT_FILE, "/a b/it's/*?[x]{y,z}\\", NULL);
	path(RF_READ, RF_OBJECT_FILE, "/$HOME/${HOME}/~/%h/@{x}/`id`/$(id)/!x/<y>/\"q\"", NULL);
	path(RF_READ, RF_OBJECT_FILE, "/ blanks /:;&|#/\xc3\xa4", NULL);
	path(RF_EXEC, RF_OBJECT_FILE, "/{{x}}/<%=y%>/a:b", NULL);
}

static void destinations(void **state)
{
	(void)state;
	net(RF_CONNECT, SOCK_STREAM, 6, "192.0.2.1", 443, "--allow connect:tcp:192.0.2.1:443");
	net(RF_CONNECT, SOCK_DGRAM, 17, "2001:db8::1", 53, "--allow 'connect:udp:[2001:db8::1]:53'");
	net(RF_BIND, SOCK_STREAM, 6, "0.0.0.0", 8000, "--allow bind:tcp:0.0.0.0:8000");
	net(RF_CONNECT, SOCK_DGRAM, 1, "192.0.2.1", 0, "--allow connect:icmp:192.0.2.1");
	net(RF_CONNECT, SOCK_DGRAM, 1, "2001:db8::1", 0, "--allow connect:icmp:2001:db8::1");
}

static void what_none_would(void **state)
{
	struct rf_denial denial = {.object = "/x", .object_len = 2};
	struct rf_report report = {.denial = &denial, .count = 1};
	struct rf_line line = {0};

	(void)state;
	denial.head.access = RF_READ;
	denial.head.object = RF_OBJECT_FILE;
	for (unsigned kind = RF_RULING_UNKNOWN; kind <= RF_RULING_FAULT; kind++) {
		report.ruling.kind = kind;
		assert_int_equal(rf_print_allowing(&line, &report), kind == RF_RULING_DEFAULT);
		rf_line_reset(&line);
	}
	report.ruling.kind = RF_RULING_DEFAULT;
	for (size_t i = 0; i < 3; i++) {
		static const char *const hidden[] = {"/a\nb", "/\xff", "/a\xe2\x80\xae"};

		denial.object = hidden[i];
		denial.object_len = strlen(hidden[i]);
		assert_false(rf_print_allowing(&line, &report));
	}
	assert_int_equal(line.len, 0);
	/* Of a rename the name that is refused. */
	denial.object = "/x";
	denial.second = "/y";
	denial.object_len = denial.second_len = 2;
	report.ruling.second = true;
	assert_true(rf_print_allowing(&line, &report));
	assert_int_equal(line.text[line.len - 1], 'y');
	rf_line_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(destinations),
		cmocka_unit_test(what_none_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
