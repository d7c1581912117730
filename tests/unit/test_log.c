/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The log: what was added is read, in order and once, through a new start, a torn end, a full disk and its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/log.h"

static char root[64];
static struct rf_log *logs;
static struct rf_log_limits limits;
static int reports;
static char reported[256];

static void told(void *context, const char *file, const char *what)
{
	assert_ptr_equal(context, &logs);
	reports++;
	snprintf(reported, sizeof(reported), "%s: %s", file, what);
}

static void open_log(void)
{
	reports = 0;
	assert_int_equal(rf_log_open(root, &limits, told, &logs, &logs), 0);
}

static void reopen(void)
{
	rf_log_close(logs);
	open_log();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/ringfence-log-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	limits = (struct rf_log_limits){.bytes = 64u << 20};
	open_log();
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	rf_log_close(logs);
	logs = NULL;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A record says its own number, and is `size` bytes long where that is more. */
static void add(uint64_t id, size_t size)
{
	static char text[RF_LOG_RECORD_MAX + 2];
	size_t length = (size_t)snprintf(text, sizeof(text), "%llu ", (unsigned long long)id);

	if (length < size)
		memset(text + length, 'x', size - length);
	assert_int_equal(rf_log_add(logs, id, text, size > length ? size : length), 0);
}

/* Reads on from `after`: "1-3 !7 8-9 " for records 1 to 3, those up to 7 missing, 8 to 9. */
static const char *read_all(uint64_t after)
{
	static char said[512];
	uint64_t first = 0, last = 0, id;
	const char *text;
	size_t length;
	int got;

	said[0] = '\0';
	while ((got = rf_log_next(logs, after, &id, &text, &length))) {
		if (got == -ESTALE || (first && id != last + 1)) {
			if (first)
				snprintf(said + strlen(said), 64, "%llu-%llu ", (unsigned long long)first,
					 (unsigned long long)last);
			first = 0;
		}
		if (got == -ESTALE) {
			assert_true(id > after);
			snprintf(said + strlen(said), 64, "!%llu ", (unsigned long long)id);
		} else {
			assert_int_equal(got, 1);
			assert_int_equal(strtoull(text, NULL, 10), id);
			assert_true(length >= 2 && text[length] == '\n');
			first = first ? first : id;
			last = id;
		}
		after = id;
	}
	if (first)
		snprintf(said + strlen(said), 64, "%llu-%llu ", (unsigned long long)first, (unsigned long long)last);
	return said;
}

static const char *at(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static int files(void)
{
	DIR *dir = opendir(root);
	int count = -2;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

#define FIRST "00000000000000000001.log"

static void keeps(void **state)
{
	uint64_t id;
	const char *text;
	size_t length;

	(void)state;
	assert_int_equal(rf_log_last(logs), 0);
	assert_string_equal(read_all(0), "");
	add(1, 0);
	add(2, 500);
	add(3, 0);
	/* Before it is written, and after. */
	for (int i = 0; i < 3; i++) {
		assert_string_equal(read_all(0), "1-3 ");
		assert_string_equal(read_all(2), "3-3 ");
		assert_string_equal(read_all(3), "");
		assert_int_equal(rf_log_last(logs), 3);
		if (i)
			reopen();
		else
			assert_int_equal(rf_log_flush(logs, true), 0);
	}
	add(4, 0);
	reopen();
	assert_string_equal(read_all(0), "1-4 ");
	assert_int_equal(rf_log_next(logs, 1, &id, &text, &length), 1);
	assert_int_equal(length, 500);
	assert_int_equal(files(), 1);
	assert_int_equal(reports, 0);
}

static void refuses(void **state)
{
	static char big[RF_LOG_RECORD_MAX + 1];

	(void)state;
	add(5, 0);
	assert_int_equal(rf_log_add(logs, 5, "x", 1), -EINVAL);
	assert_int_equal(rf_log_add(logs, 6, "a\nb", 3), -EINVAL);
	memset(big, 'x', sizeof(big));
	assert_int_equal(rf_log_add(logs, 6, big, sizeof(big)), -EFBIG);
	assert_int_equal(rf_log_last(logs), 5);
	assert_string_equal(read_all(4), "5-5 ");
}

static void gaps(void **state)
{
	(void)state;
	add(1, 0);
	add(2, 0);
	add(5, 0);
	add(6, 0);
	for (int i = 0; i < 2; i++, reopen()) {
		assert_string_equal(read_all(0), "1-2 !4 5-6 ");
		assert_string_equal(read_all(3), "!4 5-6 ");
		assert_string_equal(read_all(4), "5-6 ");
	}
}

static void segments_go(void **state)
{
	uint64_t id = 0;

	(void)state;
	limits.bytes = 3 * RF_LOG_SEGMENT;
	reopen();
	while (id < 9 * RF_LOG_SEGMENT / 1000)
		add(++id, 1000);
	assert_int_equal(rf_log_flush(logs, true), 0);
	assert_true(files() == 3 || files() == 2);
	for (int i = 0; i < 2; i++, reopen()) {
		char want[64];

		assert_true(rf_log_first(logs) > id / 2);
		snprintf(want, sizeof(want), "!%llu %llu-%llu ", (unsigned long long)rf_log_first(logs) - 1,
			 (unsigned long long)rf_log_first(logs), (unsigned long long)id);
		assert_string_equal(read_all(0), want);
	}
}

static void old_ones_go(void **state)
{
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	(void)state;
	limits.seconds = 3600;
	add(1, 0);
	reopen();
	assert_int_equal(utimensat(AT_FDCWD, at(FIRST), old, 0), 0);
	reopen();
	add(5, 0);
	add(9, 0);
	assert_string_equal(read_all(0), "!4 5-5 !8 9-9 ");
}

/* Cut off at every byte: the last whole record is the end, said once; and what is added next is whole. */
static void torn(void **state)
{
	struct stat st;

	(void)state;
	add(1, 0);
	add(2, 40);
	reopen();
	assert_int_equal(stat(at(FIRST), &st), 0);
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		bool one = size >= 12; /* "crc32 1 \n" */

		assert_int_equal(truncate(at(FIRST), size), 0);
		reopen();
		assert_int_equal(reports, size != 0 && size != 12);
		assert_string_equal(read_all(0), one ? "1-1 " : "");
		reopen();
		assert_int_equal(reports, 0);
		add(one ? 2 : 1, 0);
		if (!one)
			add(2, 40);
		reopen();
		assert_string_equal(read_all(0), "1-2 ");
		rf_log_close(logs);
		unlink(at(FIRST));
		open_log();
		add(1, 0);
		add(2, 40);
		reopen();
	}
}

/* One bit of an older segment: what stands before is read, what is missing is said. */
static void damaged(void **state)
{
	int fd;
	char c;

	(void)state;
	add(1, 100);
	add(2, 100);
	add(3, 100);
	add(7, 0);
	reopen();
	fd = open(at(FIRST), O_RDWR);
	assert_int_equal(pread(fd, &c, 1, 170), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, 170), 1);
	close(fd);
	assert_string_equal(read_all(0), "1-1 !6 7-7 ");
	assert_int_equal(reports, 1);
	assert_string_equal(read_all(0), "1-1 !6 7-7 ");
	assert_int_equal(reports, 1);
	assert_int_equal(unlink(at(FIRST)), 0);
	reopen();
	assert_string_equal(read_all(0), "!6 7-7 ");
}

static void foreign(void **state)
{
	(void)state;
	add(1, 0);
	close(open(at("notes.txt"), O_CREAT | O_WRONLY, 0600));
	assert_int_equal(mkdir(at("00000000000000000009.log"), 0700), 0);
	reopen();
	assert_int_equal(reports, 2);
	assert_string_equal(read_all(0), "1-1 ");
	assert_int_equal(chmod(root, 0777), 0);
	rf_log_close(logs);
	logs = NULL;
	assert_int_equal(rf_log_open(root, &limits, told, &logs, &logs), -EPERM);
}

/* The file can't grow: who reads now misses nothing, and later it is known what is missing. */
static void full(void **state)
{
	struct rlimit before, none;
	uint64_t id = 0;
	char want[64];

	(void)state;
	while (id < 10)
		add(++id, 1000);
	assert_int_equal(rf_log_flush(logs, false), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = (struct rlimit){.rlim_cur = 5500, .rlim_max = before.rlim_max};
	add(++id, 1000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_true(rf_log_flush(logs, false) < 0);
	assert_string_equal(read_all(0), "1-11 ");
	while (id < 1000)
		add(++id, 1000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	add(++id, 0);
	assert_int_equal(rf_log_flush(logs, true), 0);
	snprintf(want, sizeof(want), "1-%llu ", (unsigned long long)id);
	/* There was room again in time. */
	assert_string_equal(read_all(0), want);
	reopen();
	assert_string_equal(read_all(0), want);
	/* And where there is not. */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	while (id < 2 * RF_LOG_SEGMENT / 1000 + 20)
		add(++id, 1000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	reopen();
	assert_true(strchr(read_all(0), '!') != NULL);
	assert_int_equal(rf_log_last(logs), id);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		TEST(keeps), TEST(refuses), TEST(gaps),	   TEST(segments_go), TEST(old_ones_go),
		TEST(torn),  TEST(damaged), TEST(foreign), TEST(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
