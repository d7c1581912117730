/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts that are cut off: by a kill at any moment, by a disk that fails; and what is written through before what. */
#include "unit/store_support.h"

#include <signal.h>
#include <sys/wait.h>

#define KILLS 200

/* ------------------------------------------------------------------ killed */

/* Texts are numbers that count up, over three objects, and each tenth is a deletion instead. */
static void writer(int acknowledge)
{
	uint64_t number;

	if (rf_store_open(root, told, &store, &store))
		_exit(1);
	for (number = rf_store_revision(store) + 1;; number++) {
		char name[] = {(char)('a' + number % 3), '\0'}, text[32];
		struct rf_record record = {.text = text, .program = (char *)"writer"};
		uint64_t revision = 0;
		int err;

		record.length = (size_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
		err = number % 10 ? rf_store_put(store, name, RF_STORE_ANY, &record, &revision)
				  : rf_store_delete(store, name, RF_STORE_ANY, &record, &revision);
		if (err || asides || revision != number ||
		    write(acknowledge, &revision, sizeof(revision)) != sizeof(revision))
			_exit(2);
	}
}

/* Starts a writer, kills it, and gives the last number that it acknowledged; `last` where it came to none. */
static uint64_t kill_writer(uint64_t last, unsigned wait)
{
	uint64_t number;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		writer(ends[1]);
	close(ends[1]);
	/* From its first put on, most of the time. */
	if (wait % 8 && read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	usleep(wait);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	close(ends[0]);
	return last;
}

/* The newest record of all has the number of the store, and is whole. */
static void expect_newest(uint64_t revision)
{
	char name[] = {(char)('a' + revision % 3), '\0'}, text[32];
	struct rf_record record;

	assert_int_equal(rf_store_get(store, name, revision, &record), 0);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)revision);
	assert_int_equal(record.deleted, revision % 10 == 0);
	assert_string_equal(record.text, record.deleted ? "" : text);
	rf_record_free(&record);
	if (revision % 10)
		assert_string_equal(text_of(name), text);
	else
		assert_null(text_of(name));
}

static void killed(void **state)
{
	uint64_t acknowledged = 0, before = 0;
	unsigned seed = 4711, ahead = 0;

	(void)state;
	close_store();
	for (int i = 0; i < KILLS; i++) {
		seed = seed * 1103515245 + 12345;
		acknowledged = kill_writer(before, seed >> 16 & 16383);
		open_store();
		assert_int_equal(asides, 0);
		before = rf_store_revision(store);
		/* The last one that was acknowledged, or the one that was about to be. */
		if (before != acknowledged && before != acknowledged + 1)
			fail_msg("after kill %d: %llu was acknowledged, %llu is there", i,
				 (unsigned long long)acknowledged, (unsigned long long)before);
		ahead += before != acknowledged;
		if (before)
			expect_newest(before);
		for (int name = 'a'; name <= 'c'; name++) {
			char path[32];

			snprintf(path, sizeof(path), "policies/%c/.new", name);
			assert_int_equal(access(at(path), F_OK), -1);
		}
		close_store();
	}
	open_store();
	print_message("%llu puts, %d kills, %u of them between a put and its acknowledgement\n",
		      (unsigned long long)before, KILLS, ahead);
	assert_true(before > KILLS);
}

/* ---------------------------------------------------------- written through */

/* Each call of disk_sync: what it was for, and whether the revision that is being put had its name by then. */
static char trace[1024];
static uint64_t coming;
static int fails_at; /* the call that fails; 0: none */
static bool dies;    /* it ends the process instead */
static int calls;

/* The file is read here and now: what is written later would not be written through. */
static const char *state_of(int fd)
{
	struct stat st;
	char head[18] = "";

	assert_int_equal(fstat(fd, &st), 0);
	if (S_ISREG(st.st_mode)) {
		char path[64];
		int again;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		again = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(read(again, head, sizeof(head)) == sizeof(head) || !head[0]);
		close(again);
		return memcmp(head, "ringfence-state 1\n", sizeof(head)) == 0 && st.st_size > 100 ? ":whole" : ":begun";
	}
	if (!coming)
		return "";
	return access(file_of("a", coming), F_OK) ? ":before" : ":after";
}

static int traced_sync(int fd)
{
	char link[64], path[256] = "";
	size_t len = strlen(trace), begin = strlen(root);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, path, sizeof(path) - 1) > 0);
	/* "~": the store's folder */
	if (strncmp(path, root, begin) == 0)
		path[--begin] = '~';
	else
		begin = 0;
	snprintf(trace + len, sizeof(trace) - len, "%s%s ", path + begin, state_of(fd));
	if (++calls == fails_at && dies)
		_exit(0);
	if (calls == fails_at) {
		errno = EIO;
		return -1;
	}
	return fsync(fd);
}

static void trace_from(uint64_t revision, int fail)
{
	trace[0] = '\0';
	coming = revision;
	fails_at = fail;
	calls = 0;
	disk_sync = traced_sync;
}

static void written_through(void **state)
{
	(void)state;
	trace_from(1, 0);
	put("a", "1");
	assert_string_equal(trace, "~/policies:before ~/policies/a/.new:whole ~/policies/a:after ");
	trace_from(2, 0);
	put("a", "2");
	assert_string_equal(trace, "~/policies/a/.new:whole ~/policies/a:after ");
	trace_from(3, 0);
	assert_int_equal(rf_store_delete(store, "a", 2, &(struct rf_record){0}, NULL), 0);
	assert_string_equal(trace, "~/policies/a/.new:whole ~/policies/a:after ");
	trace_from(4, 0);
	assert_int_equal(put_if("a", 2, "x"), -ESTALE);
	assert_string_equal(trace, "");
	/* What a killed writer left is written through before anybody is told of it. */
	close_store();
	trace_from(0, 0);
	open_store();
	assert_string_equal(trace, "~/policies/a ~/policies ~ ");
}

static void a_new_store_is_written_through(void **state)
{
	char folder[sizeof(root) + 8], wanted[64];
	struct rf_store *second;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/second", root);
	trace_from(0, 0);
	assert_int_equal(rf_store_open(folder, NULL, NULL, &second), 0);
	rf_store_close(second);
	snprintf(wanted, sizeof(wanted), "~ ~/second ~/second/policies ~/second ");
	assert_string_equal(trace, wanted);
}

/* A disk that fails: the put does, and all is as it was. */
static void fails(void **state)
{
	char text[128] = "";

	(void)state;
	put("b", "1");
	/* A new object: its folder's name, the file, the file's name. */
	for (int fail = 1; fail <= 3; fail++) {
		trace_from(1 + (uint64_t)fail, fail);
		assert_int_equal(put_if("a", 0, "x"), -EIO);
		assert_int_equal(calls, fail);
		disk_sync = fsync;
		assert_null(text_of("a"));
		/* Made in vain, the folder was written through by the first put that could. */
		if (fail == 1)
			assert_int_equal(entries("policies"), 1);
		else
			assert_int_equal(entries("policies/a"), 0);
		if (fail == 2)
			assert_int_equal(rmdir(at("policies/a")), 0);
	}
	assert_int_equal(rf_store_revision(store), 1);
	assert_int_equal(put("a", "1"), 5);
	for (int fail = 1; fail <= 2; fail++) {
		trace_from(5 + (uint64_t)fail, fail);
		assert_int_equal(put_if("a", 5, "x"), -EIO);
		assert_int_equal(rf_store_delete(store, "a", 4, &(struct rf_record){0}, NULL), -ESTALE);
		disk_sync = fsync;
		assert_string_equal(text_of("a"), "1");
		assert_int_equal(entries("policies/a"), 1);
	}
	/* No number is given twice, not even one that was not kept. */
	assert_int_equal(put("a", "2"), 8);
	close_store();
	open_store();
	assert_string_equal(history_of("a"), "a=2 a=1 ");
	assert_int_equal(rf_store_list(store, note, text), 0);
	assert_string_equal(text, "a=2 b=1 ");
}

/* Ends right before each thing is written through. */
static void ends_at_each_step(void **state)
{
	(void)state;
	put("a", "old");
	close_store();
	for (int at_call = 1; at_call <= 2; at_call++) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			const struct rf_record record = {.text = (char *)"new", .length = 3};

			if (rf_store_open(root, NULL, NULL, &store))
				_exit(1);
			trace_from(2, at_call);
			dies = true;
			rf_store_put(store, "a", 1, &record, NULL);
			_exit(2);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		open_store();
		assert_int_equal(asides, 0);
		assert_string_equal(text_of("a"), at_call == 1 ? "old" : "new");
		assert_int_equal(entries("policies/a"), at_call);
		close_store();
	}
	open_store();
}

static int fsync_again(void **state)
{
	disk_sync = fsync;
	return remove_root(state);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, fsync_again)
	const struct CMUnitTest tests[] = {
		TEST(killed), TEST(written_through),   TEST(a_new_store_is_written_through),
		TEST(fails),  TEST(ends_at_each_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
