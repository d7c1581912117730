// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The running kernel's own list of security hooks against the table: each hook of the kernel is in it, what the table
 * calls unable to refuse returns nothing, and each program's hook that a fence needs is a hook of this kernel.
 */
#include <stdlib.h>
#include <string.h>

#include "host/btf.h"
#include "host/hook_table.h"
#include "host/host.h"
#include "vm/lib/report.h"

static struct rf_btf_hook *hooks;
static size_t count;

static bool has(const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(hooks[i].name, name) == 0)
			return true;
	return false;
}

static void each_hook_is_in_the_table(void)
{
	struct rf_hook_row row;
	size_t unknown = 0;

	for (size_t i = 0; i < count; i++)
		if (!rf_hook_find(hooks[i].name, &row)) {
			report_note("not in the table: %s", hooks[i].name);
			unknown++;
		}
	report(unknown == 0, "each hook is in the table", "%zu of %zu are not", unknown, count);
}

static void what_cannot_refuse_returns_nothing(void)
{
	struct rf_hook_row row;
	size_t wrong = 0, looked = 0;

	for (size_t i = 0; i < count; i++) {
		if (!rf_hook_find(hooks[i].name, &row) || strcmp(row.by, RF_SHOWN_VOID) != 0)
			continue;
		looked++;
		if (hooks[i].decides) {
			report_note("can refuse: %s", hooks[i].name);
			wrong++;
		}
	}
	report(wrong == 0 && looked > 30, "what can't refuse returns nothing", "%zu of %zu return something", wrong,
	       looked);
}

/* Else the list would be another one than that which programs are attached by. */
static void the_list_has_what_programs_are_attached_to(void)
{
	uint32_t id[RF_HOOK_COUNT];
	size_t wrong = 0;

	if (rf_btf_hooks(id))
		die("the kernel's types can't be read");
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++) {
		const char *name = rf_hook_program(hook).name;

		if (has(name) == (id[hook] != 0))
			continue;
		report_note("%s: %s", name, id[hook] ? "attached to, and not in the list" : "in the list alone");
		wrong++;
	}
	report(wrong == 0, "the list has what programs are attached to", "%zu hooks differ", wrong);
}

static void doctor_says_the_same(void)
{
	struct rf_facts facts;
	struct rf_hook_row row;
	const struct rf_fact *table = NULL;
	size_t unknown = 0;

	if (rf_facts_find(&facts))
		die("no memory");
	for (size_t i = 0; i < count; i++)
		unknown += !rf_hook_find(hooks[i].name, &row);
	for (size_t i = 0; i < facts.facts; i++)
		if (strcmp(facts.fact[i].id, "table") == 0)
			table = &facts.fact[i];
	report(table && facts.unknowns == unknown && table->state == (unknown ? RF_FACT_WARN : RF_FACT_OK),
	       "doctor says the same", "%s", table ? table->text : "nothing");
	rf_facts_free(&facts);
}

int main(int argc, char **argv)
{
	struct options options;
	int found;

	options_read(&options, argc, argv);
	found = rf_btf_all_hooks(&hooks);
	if (found <= 0)
		die("the kernel's hooks can't be read");
	count = (size_t)found;
	report_note("%zu hooks", count);
	each_hook_is_in_the_table();
	what_cannot_refuse_returns_nothing();
	the_list_has_what_programs_are_attached_to();
	doctor_says_the_same();
	free(hooks);
	return report_end();
}
