/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Network rules as disjoint entries: the longest prefix alone gives what the last matching rule says. */
#include <arpa/inet.h>
#include <errno.h>
#include <time.h>

#include "compile_support.h"

static void address(const char *text, uint8_t addr[16])
{
	memset(addr, 0, 10);
	memset(addr + 10, 0xff, 2);
	if (inet_pton(AF_INET, text, addr + 12) != 1)
		assert_int_equal(inet_pton(AF_INET6, text, addr), 1);
}

static bool allows(const struct subject *s, unsigned access, unsigned protocol, const char *text, uint16_t port)
{
	uint8_t addr[16];
	address(text, addr);
	const struct rf_dest *dest = rf_dest_find(&s->compiled, addr);
	assert_non_null(dest);
	const struct rf_rule *rule = rf_decide_dest(s->policy, access, protocol, addr, port, NULL, NULL);
	bool allow = rf_dest_allows(dest, access, protocol, port);
	assert_int_equal(allow, rule && rule->allow);
	return allow;
}

static void test_without_rules_all_is_denied(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  files: []\n");
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.0.0.1", 80));
	assert_false(allows(&s, RF_BIND, RF_UDP, "::1", 80));
	assert_int_equal(s.compiled.dests, 2);
	subject_free(&s);
}

/* A later rule of a wider range overrides an earlier one of a narrower range. */
static void test_order_beats_prefix_length(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  network:\n"
			 "    - { allow: connect, to: [\"10.1.0.0/16\"], ports: [\"1-100\"] }\n"
			 "    - { deny: connect, to: [\"10.0.0.0/8\"], ports: [\"50-60\"], protocols: [tcp] }\n"
			 "    - { allow: connect, to: [\"10.1.2.3\"], ports: [\"55\"] }\n");
	assert_true(allows(&s, RF_CONNECT, RF_TCP, "10.1.0.1", 49));
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.1.0.1", 50));
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.1.0.1", 60));
	assert_true(allows(&s, RF_CONNECT, RF_UDP, "10.1.0.1", 60));
	assert_true(allows(&s, RF_CONNECT, RF_TCP, "10.1.2.3", 55));
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.1.2.3", 54));
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.2.0.1", 49));
	assert_false(allows(&s, RF_BIND, RF_TCP, "10.1.0.1", 49));
	subject_free(&s);
}

static void test_ipv6_ranges_say_nothing_about_ipv4(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  network:\n"
			 "    - { allow: connect, to: [\"::/0\"] }\n"
			 "    - { allow: bind, to: [\"0.0.0.0/0\"] }\n"
			 "    - { allow: connect, ports: [\"53\"] }\n");
	assert_true(allows(&s, RF_CONNECT, RF_TCP, "2001:db8::1", 1));
	assert_false(allows(&s, RF_CONNECT, RF_TCP, "10.0.0.1", 1));
	assert_true(allows(&s, RF_CONNECT, RF_TCP, "10.0.0.1", 53));
	assert_true(allows(&s, RF_BIND, RF_TCP, "10.0.0.1", 1));
	assert_false(allows(&s, RF_BIND, RF_TCP, "::1", 1));
	subject_free(&s);
}

static void test_equal_entries_and_ranges_are_merged(void **state)
{
	struct subject s;
	uint8_t addr[16];
	(void)state;
	subject_make(&s, "  network:\n"
			 "    - { allow: connect, to: [\"10.0.0.0/8\"], ports: [\"1-9\", \"10-19\", \"5-30\"] }\n"
			 "    - { allow: connect, to: [\"10.1.0.0/16\"], ports: [\"7\"] }\n");
	assert_int_equal(s.compiled.dests, 3);
	address("10.1.2.3", addr);
	const struct rf_dest *dest = rf_dest_find(&s.compiled, addr);
	assert_int_equal(dest->ranges, 1);
	assert_int_equal(dest->range[0].lo, 1);
	assert_int_equal(dest->range[0].hi, 30);
	subject_free(&s);
}

/* The entry must be that of the longest prefix for every address: asked of a straightforward search. */
static void test_look_up_is_the_longest_prefix(void **state)
{
	struct subject s;
	(void)state;
	subject_make(
		&s,
		"  network:\n"
		"    - { allow: connect, to: [\"10.0.0.0/8\", \"10.128.0.0/9\", \"10.128.0.0/10\"], ports: [\"1\"] }\n"
		"    - { allow: connect, to: [\"10.128.1.0/24\", \"10.200.0.0/16\"], ports: [\"2\"] }\n"
		"    - { allow: connect, to: [\"10.128.1.7\", \"2001:db8::/32\", \"2001:db8:1::/48\"], ports: [\"3\"] "
		"}\n");
	static const char *const probes[] = {
		"10.0.0.0",   "10.127.255.255", "10.128.0.255",	 "10.128.1.6",	 "10.128.1.7", "10.128.1.8",
		"10.128.2.0", "10.199.1.1",	"10.200.3.3",	 "10.255.1.1",	 "11.0.0.0",   "9.9.9.9",
		"::",	      "2001:db8::",	"2001:db8:1::9", "2001:db8:2::", "ffff::"};
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++)
		for (uint16_t port = 0; port < 5; port++)
			allows(&s, RF_CONNECT, RF_TCP, probes[i], port);
	subject_free(&s);
}

static char *many(size_t count, const char *format);

static bool anywhere(const struct subject *s, unsigned access, unsigned protocol, uint16_t port)
{
	struct rf_dest_entry entry;
	rf_dest_anywhere(&s->compiled, &entry);
	assert_int_equal(entry.key.prefix, 128);
	return rf_dest_allows(&entry.dest, access, protocol, port);
}

/* 0.0.0.0 may mean any IPv4 address: connect is allowed where all of them are, bind as the rules say. */
static void test_anywhere_is_what_every_ipv4_address_allows(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  network:\n"
			 "    - { allow: connect, ports: [\"20-90\", \"100-200\"] }\n"
			 "    - { deny: connect, to: [\"10.0.0.0/8\"], ports: [\"30-40\"], protocols: [tcp] }\n"
			 "    - { allow: connect, to: [\"10.1.0.0/16\"], ports: [\"35\"] }\n"
			 "    - { allow: connect, to: [\"127.0.0.1\"], ports: [\"95\"] }\n"
			 "    - { deny: connect, to: [\"::/0\"], ports: [\"20-90\"] }\n"
			 "    - { allow: bind, to: [\"0.0.0.0\"], ports: [\"33-50\"] }\n");
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 19));
	assert_true(anywhere(&s, RF_CONNECT, RF_TCP, 20));
	assert_true(anywhere(&s, RF_CONNECT, RF_TCP, 29));
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 30));
	assert_true(anywhere(&s, RF_CONNECT, RF_UDP, 30));
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 35));
	assert_true(anywhere(&s, RF_CONNECT, RF_TCP, 41));
	assert_true(anywhere(&s, RF_CONNECT, RF_TCP, 90));
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 95));
	assert_true(anywhere(&s, RF_CONNECT, RF_SCTP, 200));
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 65535));
	assert_false(anywhere(&s, RF_BIND, RF_TCP, 32));
	assert_true(anywhere(&s, RF_BIND, RF_TCP, 33));
	assert_true(anywhere(&s, RF_BIND, RF_TCP, 50));
	assert_false(anywhere(&s, RF_BIND, RF_TCP, 51));
	subject_free(&s);
	subject_make(&s, "  network:\n    - { allow: [connect, bind] }\n");
	assert_true(anywhere(&s, RF_CONNECT, RF_ICMP, 0));
	assert_true(anywhere(&s, RF_BIND, RF_TCP, 65535));
	subject_free(&s);
}

/* Where the port ranges are too many for one entry, connect is refused; bind stays. */
static void test_anywhere_with_too_many_ranges_is_narrower(void **state)
{
	struct subject s;
	char *spec = many(55, "    - { deny: connect, to: [\"10.0.0.0/8\"], ports: [\"$2\"] }\n");
	char *more = malloc(strlen(spec) + 8192);
	(void)state;
	assert_non_null(more);
	strcpy(more, "  network:\n    - { allow: connect }\n");
	strcat(more, spec + strlen("  network:\n"));
	subject_make(&s, more);
	assert_true(anywhere(&s, RF_CONNECT, RF_TCP, 150));
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 109));
	subject_free(&s);
	for (int i = 1; i <= 20; i++)
		sprintf(more + strlen(more), "    - { allow: bind, to: [\"0.0.0.0\"], ports: [\"%d\"] }\n",
			200 + 2 * i);
	subject_make(&s, more);
	assert_false(anywhere(&s, RF_CONNECT, RF_TCP, 150));
	assert_true(anywhere(&s, RF_BIND, RF_TCP, 240));
	assert_false(anywhere(&s, RF_BIND, RF_TCP, 239));
	subject_free(&s);
	free(spec);
	free(more);
}

/* `count` rules, each made by a format of its number. */
static char *many(size_t count, const char *format)
{
	char *spec = malloc(count * 120 + 64);
	assert_non_null(spec);
	size_t len = (size_t)sprintf(spec, "  network:\n");
	for (size_t i = 0; i < count; i++) {
		char numbers[3][16];
		snprintf(numbers[0], 16, "%zu", i / 256 % 256);
		snprintf(numbers[1], 16, "%zu", i % 256);
		snprintf(numbers[2], 16, "%zu", 2 * i + 1);
		for (const char *f = format; *f; f++)
			if (*f >= '0' && *f <= '2' && f[-1] == '$')
				len += (size_t)sprintf(spec + len, "%s", numbers[*f - '0']);
			else if (*f != '$')
				spec[len++] = *f;
	}
	spec[len] = '\0';
	return spec;
}

static void test_too_many_port_ranges_name_the_rules(void **state)
{
	struct subject s;
	char *spec = many(65, "    - { allow: connect, ports: [\"$2\"] }\n");
	(void)state;
	subject_bind(&s, spec);
	assert_int_equal(rf_compile(s.policy, 1, &s.compiled, &s.diags), -E2BIG);
	assert_int_equal(s.diags.errors, 1);
	assert_non_null(strstr(s.diags.diag[0].text, "network["));
	assert_non_null(strstr(s.diags.diag[0].text, "64 port ranges"));
	subject_free(&s);
	free(spec);
}

static void test_ten_thousand_rules_are_quick(void **state)
{
	struct subject s;
	char *spec = many(10000, "    - { allow: connect, to: [\"10.$0.$1.0/24\"], ports: [\"$2\"] }\n");
	(void)state;
	subject_bind(&s, spec);
	clock_t start = clock();
	assert_int_equal(rf_compile(s.policy, 1, &s.compiled, &s.diags), 0);
	assert_true(clock() - start < 3 * CLOCKS_PER_SEC);
	assert_true(s.compiled.dests > 9000);
	subject_free(&s);
	free(spec);
}

static void test_rules_without_say_are_told(void **state)
{
	struct subject s;
	(void)state;
	subject_make(&s, "  network:\n"
			 "    - { allow: connect, to: [\"10.0.0.0/8\"] }\n"
			 "    - { deny: connect, to: [\"10.0.0.0/9\"] }\n"
			 "    - { deny: connect, to: [\"10.128.0.0/9\"] }\n"
			 "    - { allow: connect, to: [\"0.0.0.0/0\"], ports: [\"443\"] }\n");
	assert_int_equal(rf_compile_warnings(s.policy, &s.compiled, &s.diags), 0);
	assert_int_equal(s.diags.warnings, 1);
	assert_non_null(strstr(s.diags.diag[0].text, "network[0]"));
	subject_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_rules_all_is_denied),
		cmocka_unit_test(test_order_beats_prefix_length),
		cmocka_unit_test(test_ipv6_ranges_say_nothing_about_ipv4),
		cmocka_unit_test(test_equal_entries_and_ranges_are_merged),
		cmocka_unit_test(test_look_up_is_the_longest_prefix),
		cmocka_unit_test(test_anywhere_is_what_every_ipv4_address_allows),
		cmocka_unit_test(test_anywhere_with_too_many_ranges_is_narrower),
		cmocka_unit_test(test_too_many_port_ranges_name_the_rules),
		cmocka_unit_test(test_ten_thousand_rules_are_quick),
		cmocka_unit_test(test_rules_without_say_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
