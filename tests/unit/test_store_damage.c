/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files that are not what the store wrote: each is set aside and told once, and the last good revision is what counts.
 *
 *   policies/a/1   "good"
 *   policies/a/2   "newest", or what is made of it
 *   policies/b/3   "other"
 */
#include "unit/store_support.h"

#include <sys/socket.h>
#include <sys/un.h>

static char newest[1024];
static size_t size;

static void write_file(const char *path, const char *data, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int make_world(void **state)
{
	FILE *file;

	if (make_root(state))
		return -1;
	put("a", "good");
	put("a", "newest");
	put("b", "other");
	file = fopen(file_of("a", 2), "re");
	if (!file)
		return -1;
	size = fread(newest, 1, sizeof(newest), file);
	fclose(file);
	close_store();
	/* A test that waits for something has failed. */
	alarm(300);
	return size && size < sizeof(newest) ? 0 : -1;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Opens the store with a newest revision of these bytes, which are not whole; then all is as before. */
static void expect_damage(const char *data, size_t len)
{
	write_file(file_of("a", 2), data, len);
	open_store();
	assert_int_equal(asides, 1);
	assert_string_equal(aside_path, "policies/a/0000000000000002");
	assert_string_equal(text_of("a"), "good");
	assert_string_equal(text_of("b"), "other");
	assert_string_equal(history_of("a"), "a=good ");
	assert_int_equal(asides, 1);
	assert_false(is_there(file_of("a", 2)));
	assert_true(is_there(at(aside_to)));
	assert_int_equal(unlink(at(aside_to)), 0);
	close_store();
}

static void cut_off_anywhere(void **state)
{
	(void)state;
	for (size_t len = 0; len < size; len++)
		expect_damage(newest, len);
}

static void each_bit(void **state)
{
	char data[sizeof(newest)];

	(void)state;
	for (size_t i = 0; i < 8 * size; i++) {
		memcpy(data, newest, size);
		data[i / 8] ^= (char)(1 << i % 8);
		expect_damage(data, size);
	}
}

/* As a file system leaves one whose length it wrote, and whose blocks it did not. */
static void zeroes(void **state)
{
	char data[sizeof(newest)] = "";

	(void)state;
	for (size_t len = 0; len < size; len += 16) {
		memcpy(data, newest, len);
		expect_damage(data, size);
	}
	memcpy(data, newest, size);
	expect_damage(data, size + 1);
}

static void damaged_while_open(void **state)
{
	char list[128] = "";

	(void)state;
	open_store();
	assert_string_equal(text_of("a"), "newest");
	assert_int_equal(truncate(file_of("a", 2), 30), 0);
	assert_int_equal(rf_store_list(store, note, list), 0);
	assert_string_equal(list, "a=good b=other ");
	assert_int_equal(asides, 1);
	assert_string_equal(aside_path, "policies/a/0000000000000002");
	assert_true(is_there(at(aside_to)));
	assert_int_equal(unlink(file_of("a", 1)), 0);
	assert_null(text_of("a"));
	assert_int_equal(asides, 2);
	assert_string_equal(aside_why, "it is gone");
	assert_string_equal(aside_to, "");
	assert_null(text_of("a"));
	assert_int_equal(asides, 2);
	assert_int_equal(put_if("a", 0, "again"), 0);
	assert_string_equal(text_of("a"), "again");
}

/* A number that was given is not given again, though its file is damaged, and wherever that is. */
static void numbers_stay_given(void **state)
{
	(void)state;
	open_store();
	put("a", "4");
	close_store();
	assert_int_equal(truncate(file_of("a", 4), 30), 0);
	for (int i = 0; i < 2; i++) {
		open_store();
		assert_int_equal(asides, !i);
		assert_int_equal(rf_store_revision(store), 4);
		close_store();
	}
	open_store();
	assert_int_equal(put("b", "5"), 5);
	close_store();
	/* Nor can a stranger's use them up. */
	write_file(file_of("b", 9999999999999999), "", 0);
	open_store();
	assert_int_equal(asides, 1);
	assert_int_equal(put("b", "6"), 6);
}

static void set_aside_twice(void **state)
{
	char first[sizeof(aside_to)];

	(void)state;
	/* Within a second, most of the time: then the names would be the same. */
	for (int i = 0; i < 3; i++) {
		write_file(file_of("a", 2), "torn", 4);
		strcpy(first, aside_to);
		open_store();
		assert_int_equal(asides, 1);
		assert_string_not_equal(first, aside_to);
		close_store();
	}
	assert_int_equal(entries("aside"), 3);
}

static void cannot_be_moved(void **state)
{
	(void)state;
	write_file(at("aside"), "", 0);
	write_file(file_of("a", 2), "torn", 4);
	for (int i = 0; i < 2; i++) {
		open_store();
		assert_int_equal(asides, 1);
		assert_string_equal(aside_to, "");
		assert_string_equal(text_of("a"), "good");
		assert_true(is_there(file_of("a", 2)));
		assert_int_equal(rf_store_revision(store), 3);
		close_store();
	}
}

static void cut_off_puts_are_removed(void **state)
{
	(void)state;
	write_file(at("policies/a/.new"), newest, size);
	open_store();
	assert_int_equal(asides, 0);
	assert_false(is_there(at("policies/a/.new")));
	assert_string_equal(text_of("a"), "newest");
	/* Also one that comes while it is open. */
	write_file(at("policies/a/.new"), newest, size);
	put("a", "4");
	assert_string_equal(text_of("a"), "4");
	assert_int_equal(entries("policies/a"), 3);
}

/* ------------------------------------------------------------------- foreign */

static void a_folder(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static void a_full_folder(const char *path)
{
	char file[700];

	a_folder(path);
	snprintf(file, sizeof(file), "%s/file", path);
	write_file(file, "x", 1);
}

static void a_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void a_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void a_link(const char *path)
{
	assert_int_equal(symlink("../a/0000000000000002", path), 0);
}

static void a_link_to_nothing(const char *path)
{
	assert_int_equal(symlink("nothing", path), 0);
}

static void a_link_to_a_folder(const char *path)
{
	assert_int_equal(symlink("a", path), 0);
}

static void a_copy(const char *path)
{
	write_file(path, newest, size);
}

static void a_huge_file(const char *path)
{
	write_file(path, newest, size);
	assert_int_equal(truncate(path, 1ll << 40), 0);
}

static void foreign(void **state)
{
	static const struct {
		void (*make)(const char *path);
		const char *path;
	} list[] = {
		{a_folder, "policies/a/0000000000000007"},
		{a_full_folder, "policies/a/0000000000000007"},
		{a_fifo, "policies/a/0000000000000007"},
		{a_socket, "policies/a/0000000000000007"},
		{a_link, "policies/a/0000000000000007"},
		{a_link_to_nothing, "policies/a/0000000000000007"},
		{a_huge_file, "policies/a/0000000000000007"},
		{a_copy, "policies/a/0000000000000007"}, /* another revision */
		{a_copy, "policies/b/0000000000000002"}, /* another object */
		{a_copy, "policies/a/0000000000000000"},
		{a_copy, "policies/a/000000000000007"},
		{a_copy, "policies/a/+000000000000007"},
		{a_copy, "policies/a/notes.txt"},
		{a_copy, "policies/a/line\nfeed \xff"},
		{a_folder, "policies/a/.new"},
		{a_copy, "policies/a/.new2"},
		{a_copy, "policies/file"},
		{a_fifo, "policies/fifo"},
		{a_link_to_a_folder, "policies/link"},
		{a_link_to_nothing, "policies/link"},
		{a_full_folder, "policies/UPPER"},
		{a_full_folder, "policies/.hidden"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		list[i].make(at(list[i].path));
		for (int again = 0; again < 2; again++) {
			open_store();
			if (asides != !again || (!again && strcmp(aside_path, list[i].path) != 0))
				fail_msg("%s (%zu): told %d times, of \"%s\"", list[i].path, i, asides, aside_path);
			assert_string_equal(text_of("a"), "newest");
			assert_string_equal(text_of("b"), "other");
			assert_true(again || is_there(at(aside_to)));
			assert_false(is_there(at(list[i].path)));
			assert_int_equal(strspn(aside_to, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
							  "0123456789.-_/"),
					 strlen(aside_to));
			close_store();
		}
	}
	assert_int_equal(entries("aside"), sizeof(list) / sizeof(list[0]));
}

static void the_longest_names(void **state)
{
	char path[512], object[RF_STORE_NAME_MAX + 1];

	(void)state;
	memset(object, 'o', RF_STORE_NAME_MAX);
	object[RF_STORE_NAME_MAX] = '\0';
	open_store();
	put(object, "x");
	close_store();
	snprintf(path, sizeof(path), "policies/%s/%0255d", object, 0);
	write_file(at(path), "", 0);
	open_store();
	assert_int_equal(asides, 1);
	assert_string_equal(aside_path, path);
	assert_true(is_there(at(aside_to)));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_world, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(cut_off_anywhere),
		TEST(each_bit),
		TEST(zeroes),
		TEST(damaged_while_open),
		TEST(numbers_stay_given),
		TEST(set_aside_twice),
		TEST(cannot_be_moved),
		TEST(cut_off_puts_are_removed),
		TEST(foreign),
		TEST(the_longest_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
