// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of system calls, and whether it is true. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sweep/sweep.h"
#include "vm/lib/report.h"

const struct call calls[] = {
#define X(name, n64, n32, class, args, test) {#name, {n64, n32}, CLASS_##class, args, test},
	CALLS(X)
#undef X
};
const size_t calls_count = COUNT(calls);

static const struct {
	const char *function, *call; /* call NULL: of no call of this machine */
} functions[] = {
#define X(function, call) {#function, #call},
	FUNCTIONS(X)
#undef X
#define X(function) {#function, NULL},
		ELSEWHERE(X)
#undef X
};

/* ------------------------------------------------------------------- in itself */

static void each_number_once(void)
{
	size_t twice = 0;

	for (size_t i = 0; i < calls_count; i++)
		for (size_t j = i + 1; j < calls_count; j++)
			for (int abi = ABI_64; abi <= ABI_32; abi++)
				if (calls[i].number[abi] == calls[j].number[abi] && calls[i].number[abi] >= 0) {
					report_note("%s and %s have one number", calls[i].name, calls[j].name);
					twice++;
				}
	report(!twice, "table/numbers", "%zu are there twice", twice);
}

static bool attempted(const char *test)
{
	static const struct {
		const char *name;
		const struct attempt *attempt;
		const size_t *count;
	} sections[] = {
#define X(name) {#name "/", attempts_##name, &attempts_##name##_count},
		ESCAPE_SECTIONS(X)
#undef X
	};

	for (size_t i = 0; i < COUNT(sections); i++) {
		size_t len = strlen(sections[i].name);

		if (strncmp(test, sections[i].name, len) != 0)
			continue;
		for (size_t j = 0; j < *sections[i].count; j++)
			if (!strcmp(sections[i].attempt[j].name, test + len) && !sections[i].attempt[j].skip)
				return true;
	}
	return false;
}

bool table_has_test(const char *test)
{
	return attempted(test) || access(test, F_OK) == 0;
}

/* What can touch something outside has a test of its own, or says where it is told why not. */
static void each_has_a_test(void)
{
	size_t without = 0;

	for (size_t i = 0; i < calls_count; i++) {
		const struct call *call = &calls[i];

		if (call->class >= CLASS_OPENED || table_has_test(call->test))
			continue;
		report_note("%s: no test \"%s\"", call->name, call->test);
		without++;
	}
	report(!without, "table/tests", "%zu calls have none", without);
}

/* -------------------------------------------------------------- by this kernel */

static bool known(const char *name)
{
	for (size_t i = 0; i < COUNT(functions); i++)
		if (!strcmp(functions[i].function, name))
			return true;
	for (size_t i = 0; i < calls_count; i++)
		if (!strcmp(calls[i].name, name))
			return true;
	return false;
}

/* The same without what tells the width of an id, an offset or a time, and which of several tables it is in. */
static bool known_otherwise(const char *function)
{
	static const char *const before[] = {"new", "old_", "old", "ia32_", "x32_"};
	static const char *const behind[] = {"_time32", "32", "16"};
	char name[64];

	for (size_t i = 0; i < COUNT(before); i++)
		if (!strncmp(function, before[i], strlen(before[i])) && known(function + strlen(before[i])))
			return true;
	for (size_t i = 0; i < COUNT(behind); i++) {
		size_t len = strlen(function), tail = strlen(behind[i]);

		if (len <= tail || strcmp(function + len - tail, behind[i]) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - tail), function);
		if (known(name))
			return true;
	}
	return false;
}

static void each_function_is_known(void)
{
	static const char *const kinds[] = {"__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"};
	FILE *symbols = fopen("/proc/kallsyms", "re");
	size_t seen = 0, unknown = 0;
	char line[512], name[256];

	while (symbols && fgets(line, sizeof(line), symbols)) {
		/* With a '.', it is a part of one that the compiler moved away. */
		if (sscanf(line, "%*s %*c %255s", name) != 1 || strchr(name, '.'))
			continue;
		for (size_t i = 0; i < COUNT(kinds); i++) {
			const char *function = name + strlen(kinds[i]);

			if (strncmp(name, kinds[i], strlen(kinds[i])) != 0)
				continue;
			seen++;
			if (!known(function) && !known_otherwise(function)) {
				report_note("%s is in no row of tests/sweep/calls.h", name);
				unknown++;
			}
		}
	}
	if (symbols)
		fclose(symbols);
	report(seen > 300 && !unknown, "table/kernel", "%zu functions seen, %zu unknown", seen, unknown);
}

void table_check(void)
{
	each_number_once();
	each_has_a_test();
	each_function_is_known();
}
