/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the store promises while all goes well: records, history, compare-and-put, deletions, changes. */
#include "unit/store_support.h"

static void reopen(void)
{
	close_store();
	open_store();
}

static void remembers(void **state)
{
	static const char text[] = "# a comment\nkind: Policy\r\n\n\n\xff\t end";
	static const char program[] = "/opt/a b\n\\x41\xc3\xa9";
	const struct rf_record record = {.uid = 4294967294u,
					 .program = (char *)program,
					 .file = (char *)"web dir/a.yaml",
					 .text = (char *)text,
					 .length = sizeof(text)}; /* a NUL in it */
	struct timespec before, after;
	struct rf_record got;
	uint64_t revision;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	assert_int_equal(rf_store_put(store, "web.front-1", 0, &record, &revision), 0);
	clock_gettime(CLOCK_REALTIME, &after);
	assert_int_equal(revision, 1);
	for (int i = 0; i < 2; i++, reopen()) {
		assert_int_equal(rf_store_revision(store), 1);
		assert_int_equal(rf_store_get(store, "web.front-1", i ? 1 : 0, &got), 0);
		assert_string_equal(got.name, "web.front-1");
		assert_int_equal(got.revision, 1);
		assert_int_equal(got.version, 1);
		assert_int_equal(got.uid, 4294967294u);
		assert_string_equal(got.program, program);
		assert_string_equal(got.file, "web dir/a.yaml");
		assert_int_equal(got.length, sizeof(text));
		assert_memory_equal(got.text, text, sizeof(text));
		assert_false(got.deleted);
		assert_true(got.applied_at.tv_sec >= before.tv_sec && got.applied_at.tv_sec <= after.tv_sec);
		rf_record_free(&got);
		assert_int_equal(asides, 0);
	}
}

static void an_empty_text(void **state)
{
	(void)state;
	put("a", "");
	reopen();
	assert_string_equal(text_of("a"), "");
}

static void lists_in_order(void **state)
{
	char list[256] = "";

	(void)state;
	put("m", "1");
	put("b", "2");
	put("z", "3");
	put("b2", "4");
	put("b", "5");
	for (int i = 0; i < 2; i++, reopen()) {
		list[0] = '\0';
		assert_int_equal(rf_store_list(store, note, list), 0);
		assert_string_equal(list, "b=5 b2=4 m=1 z=3 ");
	}
}

static int stop(void *context, const struct rf_record *record)
{
	(void)record;
	++*(int *)context;
	return -ENOENT;
}

static void a_visit_ends(void **state)
{
	int visits = 0;

	(void)state;
	put("a", "1");
	put("a", "2");
	put("b", "3");
	assert_int_equal(rf_store_list(store, stop, &visits), -ENOENT);
	assert_int_equal(visits, 1);
	assert_int_equal(rf_store_history(store, "a", stop, &visits), -ENOENT);
	assert_int_equal(visits, 2);
}

static void names(void **state)
{
	static const char *const bad[] = {
		"",    "..",  ".",	  ".new",
		".a",  "a/b", "A",	  "a_b",
		"a b", "a\n", "\xc3\xa9", "0123456789012345678901234567890123456789012345678901234567890123"};
	static const char *const good[] = {
		"a", "-", "a.", "0", "a..b", "012345678901234567890123456789012345678901234567890123456789012"};
	struct rf_record got;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(put_if(bad[i], 0, "x"), -EINVAL);
		assert_int_equal(rf_store_delete(store, bad[i], RF_STORE_ANY, &(struct rf_record){0}, NULL), -EINVAL);
		assert_int_equal(rf_store_get(store, bad[i], 0, &got), -ENOENT);
	}
	assert_int_equal(entries("policies"), 0);
	assert_int_equal(rf_store_revision(store), 0);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(put_if(good[i], 0, "x"), 0);
	reopen();
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(text_of(good[i]), "x");
	assert_int_equal(asides, 0);
}

static void compares(void **state)
{
	uint64_t first = put("a", "1"), second;

	(void)state;
	assert_int_equal(put_if("a", 0, "x"), -EEXIST);
	assert_int_equal(put_if("a", first + 1, "x"), -ESTALE);
	assert_int_equal(put_if("b", first, "x"), -ESTALE);
	assert_string_equal(text_of("a"), "1");
	assert_int_equal(rf_store_revision(store), first);
	assert_int_equal(put_if("a", first, "2"), 0);
	second = rf_store_revision(store);
	assert_int_equal(put_if("a", first, "x"), -ESTALE);
	assert_int_equal(rf_store_delete(store, "a", first, &(struct rf_record){0}, NULL), -ESTALE);
	assert_int_equal(rf_store_delete(store, "a", 0, &(struct rf_record){0}, NULL), -EINVAL);
	assert_int_equal(rf_store_delete(store, "b", RF_STORE_ANY, &(struct rf_record){0}, NULL), -ENOENT);
	reopen();
	assert_int_equal(put_if("a", second, "3"), 0);
	assert_string_equal(text_of("a"), "3");
}

static void too_much(void **state)
{
	struct rf_record record = {.length = RF_STORE_TEXT_MAX}, got;
	char *program = calloc(1, RF_STORE_PROGRAM_MAX + 2);

	(void)state;
	record.text = calloc(1, RF_STORE_TEXT_MAX + 1);
	record.program = memset(program, 1, RF_STORE_PROGRAM_MAX);
	assert_int_equal(rf_store_put(store, "a", 0, &record, NULL), 0);
	reopen();
	assert_int_equal(rf_store_get(store, "a", 0, &got), 0);
	assert_int_equal(got.length, RF_STORE_TEXT_MAX);
	assert_string_equal(got.program, program);
	rf_record_free(&got);
	record.length++;
	assert_int_equal(rf_store_put(store, "b", 0, &record, NULL), -EFBIG);
	record.length = 0;
	program[RF_STORE_PROGRAM_MAX] = 1;
	assert_int_equal(rf_store_put(store, "b", 0, &record, NULL), -EFBIG);
	assert_int_equal(asides, 0);
	free(record.text);
	free(program);
}

static void deletes(void **state)
{
	const struct rf_record by = {.uid = 7, .program = (char *)"rm"};
	struct rf_record got;
	uint64_t revision, first = put("a", "1");
	char list[256] = "";

	(void)state;
	assert_int_equal(rf_store_delete(store, "a", first, &by, &revision), 0);
	assert_int_equal(revision, first + 1);
	for (int i = 0; i < 2; i++, reopen()) {
		assert_null(text_of("a"));
		assert_int_equal(rf_store_revision(store), revision);
		assert_int_equal(rf_store_list(store, note, list), 0);
		assert_string_equal(list, "");
		assert_string_equal(history_of("a"), "a! a=1 ");
		assert_int_equal(rf_store_get(store, "a", revision, &got), 0);
		assert_true(got.deleted && got.uid == 7 && got.version == 2 && strcmp(got.program, "rm") == 0);
		rf_record_free(&got);
		assert_int_equal(rf_store_get(store, "a", first, &got), 0);
		assert_string_equal(got.text, "1");
		rf_record_free(&got);
	}
	assert_int_equal(rf_store_delete(store, "a", RF_STORE_ANY, &by, NULL), -ENOENT);
	/* Who saw the object before it was deleted does not change the one that came after. */
	assert_int_equal(put_if("a", first, "x"), -ESTALE);
	assert_int_equal(put_if("a", revision, "x"), -ESTALE);
	assert_int_equal(put_if("a", 0, "2"), 0);
	assert_int_equal(put_if("a", first, "x"), -ESTALE);
	assert_int_equal(rf_store_get(store, "a", 0, &got), 0);
	assert_int_equal(got.version, 3);
	rf_record_free(&got);
	assert_string_equal(history_of("a"), "a=2 a! a=1 ");
}

static void ten_revisions_stay(void **state)
{
	char text[16];
	struct rf_record got;

	(void)state;
	put("other", "x");
	for (int i = 1; i <= 25; i++) {
		snprintf(text, sizeof(text), "%d", i);
		put("a", text);
		assert_int_equal(entries("policies/a"), i < 10 ? i : 10);
	}
	for (int i = 0; i < 2; i++, reopen()) {
		assert_string_equal(history_of("a"), "a=25 a=24 a=23 a=22 a=21 a=20 a=19 a=18 a=17 a=16 ");
		assert_int_equal(rf_store_get(store, "a", 16, &got), -ENOENT);
		assert_int_equal(rf_store_get(store, "a", 17, &got), 0);
		assert_string_equal(got.text, "16");
		rf_record_free(&got);
	}
	/* One that came back is no eleventh. */
	close_store();
	assert_int_equal(link(file_of("a", 26), at("kept")), 0);
	open_store();
	put("a", "26");
	put("a", "27");
	close_store();
	assert_int_equal(rename(at("kept"), file_of("a", 26)), 0);
	open_store();
	assert_int_equal(entries("policies/a"), 10);
	assert_string_equal(history_of("a"), "a=27 a=26 a=25 a=24 a=23 a=22 a=21 a=20 a=19 a=18 ");
	assert_int_equal(asides, 0);
}

/* Numbers of the store: over all objects, deletions and what is removed. */
static void revision_never_goes_back(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		char name[] = {(char)('a' + i % 3), '\0'};
		uint64_t now;

		if (i % 7 == 6 && text_of(name))
			assert_int_equal(rf_store_delete(store, name, RF_STORE_ANY, &(struct rf_record){0}, &now), 0);
		else
			now = put(name, "x");
		assert_true(now > last);
		last = now;
		reopen();
		assert_int_equal(rf_store_revision(store), last);
	}
}

/* ------------------------------------------------------------------- changes */

static void watches(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(watch(0, text), 0);
	assert_string_equal(text, "");
	put("a", "1");
	put("b", "1");
	put("a", "2");
	rf_store_delete(store, "a", RF_STORE_ANY, &(struct rf_record){0}, NULL);
	put("a", "3");
	assert_int_equal(put_if("a", 1, "x"), -ESTALE);
	assert_int_equal(watch(0, text), 0);
	assert_string_equal(text, "+a@1 +b@2 ~a@3 -a@4 +a@5 ");
	assert_int_equal(watch(3, text), 0);
	assert_string_equal(text, "-a@4 +a@5 ");
	assert_int_equal(watch(5, text), 0);
	assert_string_equal(text, "");
	assert_int_equal(watch(6, text), -ESTALE);
	reopen();
	assert_int_equal(watch(4, text), -ESTALE);
	assert_int_equal(watch(5, text), 0);
	put("a", "4");
	assert_int_equal(watch(5, text), 0);
	assert_string_equal(text, "~a@6 ");
}

static int count_change(void *context, const struct rf_change *change)
{
	uint64_t *last = context;

	assert_int_equal(change->revision, *last + 1);
	*last = change->revision;
	return 0;
}

static void the_last_changes(void **state)
{
	uint64_t last;

	(void)state;
	for (uint64_t i = 1; i <= RF_STORE_CHANGES + 100; i++)
		put("a", "x");
	for (uint64_t from = 99; from <= RF_STORE_CHANGES + 100; from++) {
		last = from;
		assert_int_equal(rf_store_watch_from(store, from, count_change, &last), from < 100 ? -ESTALE : 0);
		assert_int_equal(last, from < 100 ? from : RF_STORE_CHANGES + 100);
	}
}

/* -------------------------------------------------------------------- others */

static void one_at_a_time(void **state)
{
	struct rf_store *second;

	(void)state;
	assert_int_equal(rf_store_open(root, NULL, NULL, &second), -EWOULDBLOCK);
	close_store();
	assert_int_equal(rf_store_open(root, NULL, NULL, &second), 0);
	rf_store_close(second);
	open_store();
}

static void not_of_others(void **state)
{
	struct rf_store *second;
	struct stat st;

	(void)state;
	put("a", "x");
	assert_int_equal(stat(file_of("a", 1), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(stat(at("policies/a"), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(stat(at("policies"), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	close_store();
	assert_int_equal(chmod(root, 0720), 0);
	assert_int_equal(rf_store_open(root, NULL, NULL, &second), -EPERM);
	assert_int_equal(chmod(root, 0702), 0);
	assert_int_equal(rf_store_open(root, NULL, NULL, &second), -EPERM);
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(symlink(root, at("link")), 0);
	assert_int_equal(rf_store_open(at("link"), NULL, NULL, &second), -ENOTDIR);
	assert_int_equal(rf_store_open(at("no/folder"), NULL, NULL, &second), -ENOENT);
	assert_int_equal(rf_store_open(at("new"), NULL, NULL, &second), 0);
	rf_store_close(second);
	open_store();
}

static void notes(void **state)
{
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(rf_store_note_get(store, "note", &text, &length), -ENOENT);
	assert_int_equal(rf_store_note_put(store, "note", "one", 3), 0);
	assert_int_equal(rf_store_note_put(store, "note", "three", 5), 0);
	put("a", "text");
	reopen();
	/* No object, no revision, and nothing that is set aside. */
	assert_int_equal(asides, 0);
	assert_int_equal(rf_store_revision(store), 1);
	assert_int_equal(rf_store_note_get(store, "note", &text, &length), 0);
	assert_int_equal(length, 5);
	assert_memory_equal(text, "three", 5);
	free(text);
	assert_int_equal(rf_store_note_put(store, "policies", "", 0), -EINVAL);
	assert_int_equal(rf_store_note_put(store, ".new", "", 0), -EINVAL);
	assert_int_equal(rf_store_note_put(store, "../x", "", 0), -EINVAL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(remembers),	TEST(an_empty_text),	  TEST(notes),
		TEST(lists_in_order),	TEST(a_visit_ends),	  TEST(names),
		TEST(compares),		TEST(too_much),		  TEST(deletes),
		TEST(watches),		TEST(ten_revisions_stay), TEST(revision_never_goes_back),
		TEST(the_last_changes), TEST(one_at_a_time),	  TEST(not_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
