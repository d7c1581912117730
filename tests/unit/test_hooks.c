// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of hooks: each hook once, and what a row leans on is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/hook_table.h"
#include "ringfence/abi.h"

static const char *const guards[] = {
#ifdef RF_GUARDS
#define X(name, word, what) word,
	RF_GUARDS(X)
#undef X
#endif
		NULL,
};

static unsigned program_of(const char *name, size_t len)
{
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++) {
		const char *program = rf_hook_program(hook).name;

		if (strlen(program) == len && strncmp(program, name, len) == 0)
			return hook;
	}
	return RF_HOOK_NONE;
}

static bool is_guard(const char *word, size_t len)
{
	for (size_t i = 0; guards[i]; i++)
		if (strlen(guards[i]) == len && strncmp(guards[i], word, len) == 0)
			return true;
	return !guards[0];
}

static void rows_are_sorted_and_single(void **state)
{
	(void)state;
	for (size_t i = 1; i < rf_hook_row_count; i++)
		if (strcmp(rf_hook_rows[i - 1].name, rf_hook_rows[i].name) >= 0)
			fail_msg("%s stands before %s", rf_hook_rows[i - 1].name, rf_hook_rows[i].name);
}

static void a_hook_with_a_program_has_no_row_but_an_open_end(void **state)
{
	unsigned both = 0;

	(void)state;
	for (size_t i = 0; i < rf_hook_row_count; i++) {
		const struct rf_hook_row *row = &rf_hook_rows[i];

		if (row->class == RF_CLASS_OPEN || !program_of(row->name, strlen(row->name)))
			continue;
		print_error("%s has a program (RF_HOOKS) and a row (hook_rows.c)\n", row->name);
		both++;
	}
	assert_int_equal(both, 0);
}

/* "one, two": each has a program that judges. */
static void check_judges(const struct rf_hook_row *row)
{
	for (const char *by = row->by; *by; by += strspn(by, ", ")) {
		size_t len = strcspn(by, ",");
		unsigned hook = program_of(by, len);

		if (!hook || rf_hook_program(hook).class != RF_CLASS_JUDGED)
			fail_msg("%s: \"%.*s\" does not judge", row->name, (int)len, by);
		by += len;
	}
}

/* A test is a file of the tree; the kernel's file and function is "file.c, function". */
static void check_shown(const struct rf_hook_row *row)
{
	if (strncmp(row->by, "tests/", 6) == 0) {
		if (access(row->by, R_OK))
			fail_msg("%s: there is no %s", row->name, row->by);
	} else if (strcmp(row->by, RF_SHOWN_VOID) != 0 && !strstr(row->by, ".c, ")) {
		fail_msg("%s: \"%s\" shows nothing", row->name, row->by);
	}
}

static void what_a_row_leans_on_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < rf_hook_row_count; i++) {
		const struct rf_hook_row *row = &rf_hook_rows[i];

		assert_true(row->by[0] && row->why[0]);
		if (row->class == RF_CLASS_JUDGED)
			check_judges(row);
		else if (row->class == RF_CLASS_GUARDED && !is_guard(row->by, strlen(row->by)))
			fail_msg("%s: there is no guard \"%s\"", row->name, row->by);
		else if (row->class == RF_CLASS_HARMLESS || row->class == RF_CLASS_UNREACHABLE)
			check_shown(row);
	}
}

static void the_words_of_a_program_name_its_guard(void **state)
{
	(void)state;
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++) {
		struct rf_hook_row row = rf_hook_program(hook);
		const char *word = row.why + strlen("guard ");

		if (row.class == RF_CLASS_GUARDED && !is_guard(word, strcspn(word, ":")))
			fail_msg("%s: \"%s\" names no guard", row.name, row.why);
	}
}

static void a_hook_is_found_by_its_name(void **state)
{
	struct rf_hook_row row;

	(void)state;
	assert_true(rf_hook_find("file_open", &row));
	assert_int_equal(row.class, RF_CLASS_JUDGED);
	assert_string_equal(row.by, RF_BY_PROGRAM);
	assert_true(rf_hook_find("vm_enough_memory", &row));
	assert_int_equal(row.class, RF_CLASS_HARMLESS);
	/* One with a program and an open end: the program. */
	assert_true(rf_hook_find("file_ioctl", &row));
	assert_int_equal(row.class, RF_CLASS_JUDGED);
	assert_false(rf_hook_find("file_opens", &row));
	assert_false(rf_hook_find("file_ope", &row));
	assert_false(rf_hook_find("", &row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted_and_single),
		cmocka_unit_test(a_hook_with_a_program_has_no_row_but_an_open_end),
		cmocka_unit_test(what_a_row_leans_on_is_there),
		cmocka_unit_test(the_words_of_a_program_name_its_guard),
		cmocka_unit_test(a_hook_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
