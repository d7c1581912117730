/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts that stay together or not at all: where the writer is killed, where it undoes them, where the disk fails. */
#include "unit/store_support.h"

#include <signal.h>
#include <sys/wait.h>

#define KILLS 100

static void reopen(void)
{
	close_store();
	open_store();
}

static void expect(const char *name, const char *text)
{
	const char *there = text_of(name);

	if (!text)
		assert_null(there);
	else
		assert_string_equal(there ? there : "(gone)", text);
}

static void expect_as_before(void)
{
	expect("a", "1");
	expect("b", NULL);
	expect("c", "1");
	expect("d", NULL);
}

/* One is changed, one made, one deleted, one made again. */
static void begin(void)
{
	put("a", "1");
	put("c", "1");
	put("d", "1");
	rf_store_delete(store, "d", RF_STORE_ANY, &(struct rf_record){0}, NULL);
	assert_int_equal(rf_store_begin(store), 0);
	put("a", "2");
	put("b", "1");
	rf_store_delete(store, "c", RF_STORE_ANY, &(struct rf_record){0}, NULL);
	put("d", "2");
}

static void committed(void **state)
{
	(void)state;
	begin();
	assert_int_equal(rf_store_commit(store), 0);
	for (int i = 0; i < 2; i++, reopen()) {
		expect("a", "2");
		expect("b", "1");
		expect("c", NULL);
		expect("d", "2");
		assert_int_equal(asides, 0);
	}
}

static void not_committed(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 2; i++) {
		reopen();
		expect_as_before();
		assert_int_equal(asides, 0);
	}
	put("a", "3");
	reopen();
	expect("a", "3");
}

static void undone(void **state)
{
	uint64_t last;
	char text[256];

	(void)state;
	begin();
	last = rf_store_revision(store);
	assert_int_equal(rf_store_undo(store), 0);
	expect_as_before();
	/* Who watches is told of each once more, by a number that nothing had. */
	assert_int_equal(watch(last, text), 0);
	assert_string_equal(text, "~a@9 -b@10 +c@11 -d@12 ");
	put("b", "5");
	assert_int_equal(rf_store_revision(store), 13);
	reopen();
	expect("b", "5");
	expect("a", "1");
}

static bool fails;

static int failing_sync(int fd)
{
	errno = EIO;
	return fails ? -1 : fsync(fd);
}

/* What is put later must not be undone with it. */
static void undone_later(void **state)
{
	(void)state;
	begin();
	disk_sync = failing_sync;
	fails = true;
	assert_int_equal(rf_store_undo(store), -EIO);
	assert_int_equal(put_if("e", RF_STORE_ANY, "1"), -EIO);
	assert_int_equal(rf_store_begin(store), -EIO);
	fails = false;
	put("e", "1");
	reopen();
	disk_sync = fsync;
	expect_as_before();
	expect("e", "1");
}

static void foreign(void **state)
{
	int fd;

	(void)state;
	put("a", "1");
	close_store();
	fd = open(at("begun"), O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "000000000000000x", 16), 16);
	close(fd);
	open_store();
	assert_int_equal(asides, 1);
	assert_string_equal(aside_path, "begun");
	expect("a", "1");
	reopen();
	assert_int_equal(asides, 0);
}

/* ------------------------------------------------------------------ killed */

static void writer(int acknowledge, uint64_t number)
{
	if (rf_store_open(root, told, &store, &store))
		_exit(1);
	for (;; number++) {
		char text[32];
		struct rf_record record = {.text = text, .program = (char *)"writer"};
		int err = rf_store_begin(store);

		record.length = (size_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
		for (const char *name = "a\0b\0c\0"; *name && !err; name += 2)
			err = rf_store_put(store, name, RF_STORE_ANY, &record, NULL);
		err = err ? err : rf_store_commit(store);
		if (err || write(acknowledge, &number, sizeof(number)) != sizeof(number))
			_exit(2);
	}
}

static void killed(void **state)
{
	uint64_t there = 0, last, read_back;
	unsigned seed = 12, torn = 0;

	(void)state;
	close_store();
	for (int i = 0; i < KILLS; i++) {
		int ends[2];
		pid_t pid;

		seed = seed * 1103515245 + 12345;
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid = fork();
		if (!pid)
			writer(ends[1], there + 1);
		close(ends[1]);
		last = there;
		if (i % 8 && read(ends[0], &read_back, sizeof(read_back)) == sizeof(read_back))
			last = read_back;
		usleep(seed >> 16 & 16383);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (read(ends[0], &read_back, sizeof(read_back)) == sizeof(read_back))
			last = read_back;
		close(ends[0]);
		torn += !access(at("begun"), F_OK);
		open_store();
		there = text_of("a") ? strtoull(text_of("a"), NULL, 10) : 0;
		if (there != last && there != last + 1)
			fail_msg("after kill %d: %llu was acknowledged, %llu is there", i, (unsigned long long)last,
				 (unsigned long long)there);
		for (const char *name = "b\0c\0"; there && *name; name += 2)
			assert_int_equal(strtoull(text_of(name), NULL, 10), there);
		close_store();
	}
	open_store();
	print_message("%llu batches, %d kills, %u of them within one\n", (unsigned long long)there, KILLS, torn);
	assert_true(torn > KILLS / 4);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(committed), TEST(not_committed), TEST(undone), TEST(undone_later), TEST(foreign), TEST(killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
