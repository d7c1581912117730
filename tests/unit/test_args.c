// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A verb's options, long and short, and what is said about wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "verbs/verbs.h"

static const struct rf_option options[] = {
	{"policy", 'p', "FILE", "a policy"},
	{"quiet", 'q', NULL, "no lines"},
	{"port", 0, "N", "a port"},
	{NULL, 0, NULL, NULL},
};

static const struct rf_verb verb = {"test", "", "", options, NULL, NULL};

#define ARGS(...)                                                \
	char *argv[] = {"test", __VA_ARGS__};                    \
	int argc = sizeof(argv) / sizeof(argv[0]) - 1, next = 1; \
	char *value = NULL

#define OPTION(at, with)                                                                          \
	do {                                                                                      \
		assert_ptr_equal(rf_option_next(&verb, argc, argv, &next, &value), &options[at]); \
		if (with)                                                                         \
			assert_string_equal(value, with);                                         \
		else                                                                              \
			assert_null(value);                                                       \
	} while (0)

#define END(at)                                                                \
	do {                                                                   \
		assert_null(rf_option_next(&verb, argc, argv, &next, &value)); \
		assert_int_equal(next, at);                                    \
	} while (0)

/* Runs one step that must fail, and checks what was said on stderr. */
static void refused(int argc, char **argv, int steps, const char *says)
{
	FILE *said = tmpfile();
	int err = dup(2), next = 1;
	const struct rf_option *option = NULL;
	char *value, text[512] = "";

	assert_non_null(said);
	dup2(fileno(said), 2);
	while (steps--)
		option = rf_option_next(&verb, argc, argv, &next, &value);
	fflush(stderr);
	dup2(err, 2);
	close(err);
	rewind(said);
	assert_non_null(fgets(text, sizeof(text), said));
	fclose(said);
	assert_ptr_equal(option, &rf_option_bad);
	assert_non_null(strstr(text, says));
	assert_non_null(strstr(text, "ringfence test: "));
}

#define REFUSED(steps, says, ...)                                                  \
	do {                                                                       \
		char *words[] = {"test", __VA_ARGS__, NULL};                       \
		refused(sizeof(words) / sizeof(words[0]) - 1, words, steps, says); \
	} while (0)

static void takes_long_and_short_forms(void **state)
{
	ARGS("-p", "a", "-pb", "--policy", "c", "--policy=d", "--policy=", "-q", "--quiet", "--port=1", NULL);

	(void)state;
	OPTION(0, "a");
	OPTION(0, "b");
	OPTION(0, "c");
	OPTION(0, "d");
	OPTION(0, "");
	OPTION(1, NULL);
	OPTION(1, NULL);
	OPTION(2, "1");
	END(argc);
}

static void stops_at_the_first_operand(void **state)
{
	ARGS("-q", "ls", "-p", NULL);

	(void)state;
	OPTION(1, NULL);
	END(2);
}

static void stops_behind_two_dashes(void **state)
{
	ARGS("-q", "--", "-p", "x", NULL);

	(void)state;
	OPTION(1, NULL);
	END(3);
}

static void takes_a_dash_as_operand_and_as_value(void **state)
{
	ARGS("-p", "-", "-", NULL);

	(void)state;
	OPTION(0, "-");
	END(3);
}

static void ends_without_arguments(void **state)
{
	ARGS(NULL);

	(void)state;
	END(1);
}

static void a_prefix_is_no_option(void **state)
{
	(void)state;
	REFUSED(1, "there is no option --po", "--po", "x");
	REFUSED(1, "there is no option --policyx", "--policyx=y");
}

static void tells_what_is_wrong(void **state)
{
	(void)state;
	REFUSED(1, "did you mean \"--policy\"?", "--polcy", "x");
	REFUSED(1, "did you mean \"--policy\"?", "--polcy=x");
	REFUSED(1, "there is no option -x", "-x");
	REFUSED(1, "--policy needs FILE after it", "-p");
	REFUSED(2, "--policy needs FILE after it", "-q", "--policy");
	REFUSED(1, "--quiet takes no value", "--quiet=yes");
	REFUSED(1, "-q takes no value", "-qp");
}

static void finds_help_among_the_options_only(void **state)
{
	char *asked[] = {"test", "-p", "x", "--help", NULL};
	char *value[] = {"test", "-p", "--help", NULL};
	char *command[] = {"test", "-q", "ls", "--help", NULL};
	char *behind[] = {"test", "--", "-h", NULL};

	(void)state;
	assert_true(rf_help_asked(&verb, 4, asked));
	assert_false(rf_help_asked(&verb, 3, value));
	assert_false(rf_help_asked(&verb, 4, command));
	assert_false(rf_help_asked(&verb, 3, behind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_long_and_short_forms), cmocka_unit_test(stops_at_the_first_operand),
		cmocka_unit_test(stops_behind_two_dashes),    cmocka_unit_test(takes_a_dash_as_operand_and_as_value),
		cmocka_unit_test(ends_without_arguments),     cmocka_unit_test(a_prefix_is_no_option),
		cmocka_unit_test(tells_what_is_wrong),	      cmocka_unit_test(finds_help_among_the_options_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
