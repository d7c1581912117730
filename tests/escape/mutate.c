// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each program of the engine is left out once: an attempt that its hook refuses must then get out, or be refused by
 * another hook, whose name the adversary's test would not take. What keeps books has a check (books.c) instead.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escape/books.h"
#include "escape/program.h"
#include "escape/trials.h"
#include "host/btf.h"
#include "host/hook_table.h"

#define TRIALS 16 /* of each hook, at most: the first that gets out is enough */
#define LEFT   4  /* programs left out at once, at most */

/*
 * Defence in depth: without these nothing gets out, as long as another hook is there. Each must refuse where that one
 * is left out, and with both left out the attempt must get out.
 */
static const struct {
	const char *hook, *other, *why;
} backed[] = {
	{"bprm_check_security", "file_open", "a program is opened to be run, and judged so"},
#define ADMIN "it wants CAP_SYS_ADMIN (guard capabilities)"
	{"sb_mount", "capable", ADMIN},
	{"sb_umount", "capable", ADMIN},
	{"sb_pivotroot", "capable", ADMIN},
	{"move_mount", "capable", ADMIN},
	{"kernel_read_file", "capable", "it wants CAP_SYS_MODULE (guard capabilities)"},
	{"kernel_load_data", "capable", "it wants CAP_SYS_MODULE or CAP_SYS_BOOT (guard capabilities)"},
	{"task_movememory", "ptrace_access_check", "it wants to look into the task (guard ptrace)"},
};

/* One line of the table. */
static struct row {
	const char *name;
	char asks[40], result[64], attempt[160], how[120];
} row[RF_HOOK_COUNT + 16];
static size_t rows;

/* --------------------------------------------------------- the words of a row */

/* What asks there: "judged", "guard sockets", "books". */
static void asks(struct row *r, unsigned hook)
{
	struct rf_hook_row of = rf_hook_program(hook);

	if (of.class == RF_CLASS_GUARDED)
		snprintf(r->asks, sizeof(r->asks), "%.*s", (int)strcspn(of.why, ":"), of.why);
	else
		snprintf(r->asks, sizeof(r->asks), "%s", of.class == RF_CLASS_JUDGED ? "judged" : "books");
}

static struct row *new_row(const char *name)
{
	struct row *r = &row[rows++];

	if (rows > COUNT(row))
		die("more programs than rows");
	r->name = name;
	return r;
}

static void finish(const struct row *r, bool good)
{
	char name[64];

	snprintf(name, sizeof(name), "mutate/%s", r->name);
	report(good, name, "%s; %s %s", r->result, r->attempt, r->how);
}

static void print_table(void)
{
	report_note("%-22s %-19s %-32s %-38s %s", "hook", "question or guard", "kernel result without it", "attempt",
		    "how");
	for (size_t i = 0; i < rows; i++)
		report_note("%-22s %-19s %-32s %-38s %s", row[i].name, row[i].asks, row[i].result, row[i].attempt,
			    row[i].how);
}

static const char *errno_word(int error)
{
	return error ? strerrorname_np(error) : "success";
}

/* ------------------------------------------------------------- leaving out */

static struct left_out left[LEFT];
static size_t lefts;

static void leave_out(unsigned hook)
{
	if (lefts == LEFT)
		die("too many programs left out");
	left[lefts++] = program_leave_out(rf_hook_name(hook));
}

static void put_all_back(void)
{
	while (lefts)
		program_put_back(&left[--lefts]);
}

/* Makes an attempt with something left out. A link is detached a moment after it ended, seconds on a busy host: what it
 * told was too early. */
static enum how run_without(const struct trial *t, unsigned hook)
{
	for (int i = 0; i < 1000; i++) {
		trial_run(t, t->uid);
		if (!told_by_hook(hook))
			return how_out();
		usleep(10000);
	}
	return HOW_NOT;
}

/* ------------------------------------------------------------------ a hook */

static void out_words(struct row *r)
{
	if (!outcome->act)
		snprintf(r->result, sizeof(r->result), "success, NOT REFUSED");
	else
		snprintf(r->result, sizeof(r->result), "%s, TOUCHED", errno_word(outcome->act));
}

/* Refused by other hooks: so these go as well, until nothing refuses. Their names are added to the row's `how`. */
static enum how leave_out_all(struct row *r, const struct trial *t, enum how how)
{
	size_t len = strlen(r->how);

	while (how == HOW_OTHER && lefts < LEFT) {
		unsigned other = first_hook();

		if (other == RF_HOOK_NONE || !program_attached(rf_hook_name(other)))
			break;
		leave_out(other);
		len += (size_t)snprintf(r->how + len, sizeof(r->how) - len, " %s", rf_hook_name(other));
		how = run_without(t, other);
	}
	return how;
}

static void beyond(struct row *r, const struct trial *t)
{
	enum how how;
	size_t len;

	snprintf(r->how, sizeof(r->how), "without");
	snprintf(r->result, sizeof(r->result), "%s, told by %s", errno_word(outcome->act), outcome->told[0].hook);
	how = leave_out_all(r, t, HOW_OTHER);
	len = strlen(r->how);
	snprintf(r->how + len, sizeof(r->how) - len, " as well: %s",
		 how == HOW_OUT ? "not refused" : errno_word(outcome->act));
}

/* The attempts in question, with the program left out: the first that gets out, else the first that another hook
 * refuses. */
static const struct trial *best_without(unsigned hook, const struct trial *const list[], size_t count, enum how *best)
{
	const struct trial *found = NULL;

	*best = HOW_NOT;
	for (size_t i = 0; i < count && *best != HOW_OUT; i++) {
		enum how how = run_without(list[i], hook);

		if (how == HOW_NOT || (how == HOW_OTHER && (found || !fault(list[i]->attempt))))
			continue;
		found = list[i];
		*best = how;
	}
	return found;
}

/* With the program back, the attempt must be refused as before. */
static bool as_before(struct row *r, const struct trial *t, unsigned hook)
{
	trial_run(t, t->uid);
	if (!fault(t->attempt) && told_by_hook(hook))
		return true;
	snprintf(r->how, sizeof(r->how), "STILL SO WITH THE PROGRAM BACK: %s", fault(t->attempt));
	return false;
}

static bool mutate(struct row *r, unsigned hook, const struct trial *const list[], size_t count)
{
	const struct trial *t;
	enum how how;

	leave_out(hook);
	t = best_without(hook, list, count, &how);
	if (!t) {
		put_all_back();
		snprintf(r->result, sizeof(r->result), "REFUSED AS BEFORE");
		snprintf(r->attempt, sizeof(r->attempt), "%s%s", list[0]->name, count > 1 ? " and others" : "");
		return false;
	}
	snprintf(r->attempt, sizeof(r->attempt), "%s", t->name);
	if (how == HOW_OTHER) {
		/* The run of the best may not be the last. */
		run_without(t, hook);
		beyond(r, t);
	} else {
		out_words(r);
	}
	put_all_back();
	return as_before(r, t, hook);
}

/* One of backed[]: the other is left out, then this one too. */
static bool mutate_backed(struct row *r, unsigned hook, unsigned other, const char *why)
{
	const struct trial *t = NULL;
	bool good = false;

	snprintf(r->how, sizeof(r->how), "(%s) without %s", why, rf_hook_name(other));
	snprintf(r->result, sizeof(r->result), "IT REFUSES NOTHING without %s", rf_hook_name(other));
	leave_out(other);
	for (size_t i = 0; i < trials && !t; i++) {
		if (!(trial[i].hook[other] || trial[i].hook[hook]) ||
		    !among(trial[i].attempt->hook, rf_hook_name(hook)))
			continue;
		run_without(&trial[i], other);
		if (told_by_hook(hook))
			t = &trial[i];
	}
	if (t) {
		leave_out(hook);
		snprintf(r->attempt, sizeof(r->attempt), "%s", t->name);
		good = leave_out_all(r, t, run_without(t, hook)) == HOW_OUT;
		if (good)
			out_words(r);
		else
			snprintf(r->result, sizeof(r->result), "%s ALL THE SAME, told by %.30s",
				 errno_word(outcome->act), outcome->told[0].hook);
	}
	put_all_back();
	if (t && good) {
		trial_run(t, t->uid);
		good = !fault(t->attempt);
		if (!good)
			snprintf(r->result, sizeof(r->result), "WITH BOTH BACK: %s", fault(t->attempt));
	}
	return good;
}

static bool mutate_hook(struct row *r, unsigned hook)
{
	const struct trial *list[TRIALS];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(backed); i++)
		for (unsigned other = RF_HOOK_NONE + 1; other < RF_HOOK_COUNT; other++)
			if (!strcmp(backed[i].hook, r->name) && !strcmp(backed[i].other, rf_hook_name(other)))
				return mutate_backed(r, hook, other, backed[i].why);
	/* Those first that no other hook refuses as well. */
	for (int alone = 1; alone >= 0; alone--)
		for (size_t i = 0; i < trials && count < TRIALS; i++)
			if (trial[i].hook[hook] && (trial[i].hooks == 1) == alone)
				list[count++] = &trial[i];
	if (count)
		return mutate(r, hook, list, count);
	snprintf(r->result, sizeof(r->result), "NO ATTEMPT is refused by it");
	return false;
}

/* ------------------------------------------------------------------- books */

/* The same for what no attempt can show at once. */
static bool mutate_book(struct row *r, const struct book *book)
{
	struct left_out out;
	bool before = book->good(), without, after;

	out = program_leave_out(book->program);
	without = book->good();
	for (int i = 0; i < 10 && without; i++) {
		usleep(10000);
		without = book->good();
	}
	program_put_back(&out);
	after = book->good();
	snprintf(r->attempt, sizeof(r->attempt), "books/%s", book->program);
	snprintf(r->result, sizeof(r->result), "%s", without ? "NOTHING IS SEEN" : "seen");
	snprintf(r->how, sizeof(r->how), "%s%s", before ? book->without : "IT FAILS WITH THE PROGRAM",
		 after ? "" : ", AND WITH THE PROGRAM BACK");
	return before && !without && after;
}

static const struct book *book_of(const char *name)
{
	for (size_t i = 0; i < books_count; i++)
		if (!strcmp(books[i].program, name))
			return &books[i];
	return NULL;
}

/* ------------------------------------------------------------------ the table */

static void mutate_one(const struct options *options, const char *name, unsigned hook, bool there)
{
	const struct book *book = book_of(name);
	struct row *r;
	bool good;

	if (!options_want(options, name))
		return;
	r = new_row(name);
	if (hook)
		asks(r, hook);
	else
		snprintf(r->asks, sizeof(r->asks), "tags");
	if (!there) {
		snprintf(r->result, sizeof(r->result), "this kernel has no such hook");
		return;
	}
	if (!program_attached(name)) {
		snprintf(r->result, sizeof(r->result), "NOT ATTACHED");
		good = false;
	} else {
		good = book ? mutate_book(r, book) : mutate_hook(r, hook);
	}
	finish(r, good);
}

/* What is attached and no hook of the table: tracepoints. */
static void mutate_others(const struct options *options)
{
	static char name[16][64];
	size_t names = 0;
	struct dirent *entry;
	DIR *dir = opendir(RF_PINS_ROOT "/links");

	if (!dir)
		die("the engine's links");
	while ((entry = readdir(dir)) && names < COUNT(name)) {
		struct rf_hook_row found;

		if (entry->d_name[0] == '.' ||
		    (rf_hook_find(entry->d_name, &found) && !strcmp(found.by, RF_BY_PROGRAM)))
			continue;
		snprintf(name[names++], sizeof(name[0]), "%.60s", entry->d_name);
	}
	closedir(dir);
	for (size_t i = 0; i < names; i++) {
		if (book_of(name[i]))
			mutate_one(options, name[i], RF_HOOK_NONE, true);
		else
			report_fail(name[i], "no test leaves it out");
	}
}

void mutate_hooks(const struct options *options)
{
	uint32_t id[RF_HOOK_COUNT];
	double start = now();

	if (rf_btf_hooks(id))
		die("the kernel's types");
	trials_make();
	report_note("%zu attempts are refused as they say: %.1f s", trials, now() - start);
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		mutate_one(options, rf_hook_name(hook), hook, id[hook]);
	mutate_others(options);
	print_table();
	report_note("hooks: %.1f s", now() - start);
}
