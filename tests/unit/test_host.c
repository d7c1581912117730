// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The words that doctor takes from the host: lists of security modules, command lines, releases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host/inside.h"
#include "host/lsm.h"

static void a_list_has_whole_words(void **state)
{
	(void)state;
	assert_true(rf_list_has("lockdown,capability,bpf", "bpf"));
	assert_true(rf_list_has("bpf", "bpf"));
	assert_false(rf_list_has("bpfx,xbpf", "bpf"));
	assert_false(rf_list_has("", "bpf"));
	assert_false(rf_list_has(",,", "bpf"));
}

static void the_last_value_of_a_command_line_counts(void **state)
{
	char value[16];

	(void)state;
	assert_true(rf_cmdline_value("quiet lsm=a,b root=/dev/vda lsm=c\n", "lsm", value, sizeof(value)));
	assert_string_equal(value, "c");
	assert_false(rf_cmdline_value("xlsm=a lsm", "lsm", value, sizeof(value)));
	assert_false(rf_cmdline_value("lsm=0123456789abcdef", "lsm", value, sizeof(value)));
}

static const char *parameter(const char *in_force, const char *cmdline, const char *config)
{
	static char buf[64];

	return rf_lsm_parameter(in_force, cmdline, config, buf, sizeof(buf));
}

static void bpf_is_added_to_what_is_in_force(void **state)
{
	(void)state;
	assert_string_equal(parameter("capability,lockdown,yama", "lsm=x", "y"), "lsm=lockdown,yama,bpf");
	assert_string_equal(parameter("lockdown,capability,landlock", NULL, NULL), "lsm=lockdown,landlock,bpf");
	assert_string_equal(parameter("capability", NULL, NULL), "lsm=bpf");
}

static void else_to_the_command_line_or_to_what_was_built_in(void **state)
{
	(void)state;
	assert_string_equal(parameter(NULL, "quiet lsm=yama,bpf,apparmor", "z"), "lsm=yama,apparmor,bpf");
	assert_string_equal(parameter(NULL, "quiet", "lockdown,yama"), "lsm=lockdown,yama,bpf");
	assert_string_equal(parameter(NULL, NULL, NULL), "");
}

static void a_list_that_does_not_fit_is_not_cut(void **state)
{
	(void)state;
	assert_string_equal(parameter("0123456789,0123456789,0123456789,0123456789,0123456789,0123456789", NULL, NULL),
			    "");
}

static void releases_are_numbers(void **state)
{
	(void)state;
	assert_int_equal(rf_release_number("5.10.0-28-amd64"), 5010);
	assert_int_equal(rf_release_number("6.12+rc1"), 6012);
	assert_int_equal(rf_release_number("7.2"), 7002);
	assert_int_equal(rf_release_number("six"), 0);
	assert_int_equal(rf_release_number("6.123456"), 0);
}

static void inside(void **state)
{
	static const struct {
		const char *text, *cgroup;
	} list[] = {
		{"0::/ringfence-7\n", "/ringfence-7"}, {"12:cpu:/ringfence-8\n0::/a/ringfence-7/b\n", "/a/ringfence-7"},
		{"12:cpu:/ringfence-8\n", NULL},       {"0::/ringfence-\n", NULL},
		{"0::/ringfence-7x\n", NULL},	       {"0::/my-ringfence-7\n", NULL},
		{"0::/\n1:x:/ringfence-7\n", NULL},    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char *cgroup = rf_inside_cgroup(list[i].text);

		assert_string_equal(cgroup ? cgroup : "none", list[i].cgroup ? list[i].cgroup : "none");
		free(cgroup);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_whole_words),
		cmocka_unit_test(the_last_value_of_a_command_line_counts),
		cmocka_unit_test(bpf_is_added_to_what_is_in_force),
		cmocka_unit_test(else_to_the_command_line_or_to_what_was_built_in),
		cmocka_unit_test(a_list_that_does_not_fit_is_not_cut),
		cmocka_unit_test(releases_are_numbers),
		cmocka_unit_test(inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
