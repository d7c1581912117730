/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Several denials that are one thing to a person have one line; the first is told at once, and all are counted. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "events/events.h"
#include "events/fold.h"

/* ----------------------------------------------------------------------- folding */

static struct rf_folds *folds;
static struct rf_line lines;
static uint64_t now;

static void show(void *context, const struct rf_report *report)
{
	(void)context;
	rf_print_line(&lines, report, false);
}

static int setup(void **state)
{
	(void)state;
	now = 1000000;
	folds = rf_folds_new(show, NULL);
	return !folds;
}

static int teardown(void **state)
{
	(void)state;
	rf_folds_free(folds);
	rf_line_free(&lines);
	return 0;
}

/* What was shown since. */
static void shown(const char *want)
{
	rf_line_bytes(&lines, "", 1);
	assert_string_equal(lines.text, want);
	rf_line_reset(&lines);
}

static struct rf_denial file_denial(const char *path)
{
	struct rf_denial d = {.head = {.tgid = 7,
				       .hook = RF_HOOK_file_open,
				       .reason = RF_REASON_RULE,
				       .access = RF_READ,
				       .verdict = RF_DENIED,
				       .object = RF_OBJECT_FILE},
			      .comm = "ps",
			      .comm_len = 2,
			      .object = path,
			      .object_len = strlen(path)};

	return d;
}

static struct rf_denial net_denial(const char *ip, uint16_t port)
{
	struct rf_denial d = file_denial("");
	struct rf_address *a = &d.head.address;

	d.object = NULL;
	d.head.object = RF_OBJECT_NET;
	d.head.hook = RF_HOOK_socket_connect;
	d.head.access = RF_CONNECT;
	*a = (struct rf_address){.port = port, .protocol = IPPROTO_TCP, .family = AF_INET};
	if (strchr(ip, ':')) {
		assert_int_equal(inet_pton(AF_INET6, ip, a->addr), 1);
		return d;
	}
	a->addr[10] = a->addr[11] = 0xff;
	assert_int_equal(inet_pton(AF_INET, ip, a->addr + 12), 1);
	return d;
}

/* Gives a denial, which is shown at once where it is not folded. */
static void give_times(const struct rf_denial *d, uint64_t count, bool again)
{
	const struct rf_report report = {
		.denial = d, .policy = "p", .ruling = {.kind = RF_RULING_DEFAULT}, .count = count, .again = again};

	if (!rf_folds_take(folds, &report, now))
		show(NULL, &report);
}

static void give(const struct rf_denial *d)
{
	give_times(d, 1, false);
}

static void give_file(const char *path)
{
	struct rf_denial d = file_denial(path);

	give(&d);
}

static void the_first_is_told_at_once_and_the_others_when_they_pause(void **state)
{
	char path[64];

	(void)state;
	for (int i = 1; i <= 66; i++) {
		snprintf(path, sizeof(path), "/proc/%d/cgroup", i);
		give_file(path);
		if (i == 1)
			shown("ringfence: denied read /proc/1/cgroup  ps[7]  by p (no rule allows it)\n");
		now += 20;
	}
	assert_true(rf_folds_look(folds, now, false));
	shown("");
	now += RF_FOLD_PAUSE;
	assert_false(rf_folds_look(folds, now, false));
	shown("ringfence: denied read /proc/*/cgroup, 65 objects  ps[7]  by p (no rule allows it)\n");
	/* It has ended: the next is told at once again. */
	give_file("/proc/3/cgroup");
	shown("ringfence: denied read /proc/3/cgroup  ps[7]  by p (no rule allows it)\n");
	assert_false(rf_folds_look(folds, now, true));
	shown("");
}

static void a_pause_ends_a_group_without_a_look(void **state)
{
	(void)state;
	give_file("/d/a");
	give_file("/d/b");
	now += RF_FOLD_PAUSE;
	give_file("/d/c");
	shown("ringfence: denied read /d/a  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /d/b  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /d/c  ps[7]  by p (no rule allows it)\n");
}

static void what_does_not_pause_is_told_so_far(void **state)
{
	char path[64];
	int i = 0;

	(void)state;
	give_file("/d/first");
	rf_line_reset(&lines);
	while (now < 1000000 + RF_FOLD_LONGEST) {
		snprintf(path, sizeof(path), "/d/%d", i++);
		give_file(path);
		now += 1000;
	}
	shown("");
	assert_false(rf_folds_look(folds, now, false));
	shown("ringfence: denied read /d/*, 10 objects  ps[7]  by p (no rule allows it)\n");
	give_file("/d/x");
	shown("");
	assert_true(rf_folds_look(folds, now, false));
}

static void only_what_is_alike_is_folded(void **state)
{
	struct rf_denial other;

	(void)state;
	give_file("/d/a");
	give_file("/e/a");
	give_file("/top");
	give_file("/top2");
	other = file_denial("/d/b");
	other.head.access = RF_WRITE;
	give(&other);
	other = file_denial("/d/b");
	memcpy(other.comm, "sh", 2);
	give(&other);
	other = file_denial("/d/b");
	other.head.verdict = RF_WOULD_DENY;
	give(&other);
	other = file_denial("/d/b");
	give_times(&other, 1, false);
	shown("ringfence: denied read /d/a  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /e/a  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /top  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /top2  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied write /d/b  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /d/b  sh[7]  by p (no rule allows it)\n"
	      "ringfence: would deny read /d/b  ps[7]  by p (no rule allows it)\n");
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/b  ps[7]  by p (no rule allows it)\n");
}

static void rules_are_told_apart(void **state)
{
	struct rf_rule rule = {.section = RF_FILES, .index = 3, .reason = (char *)"keys"};
	struct rf_denial d = file_denial("/d/b");
	const struct rf_report report = {
		.denial = &d, .policy = "p", .ruling = {.kind = RF_RULING_RULE, .rule = &rule}, .count = 1};

	(void)state;
	give_file("/d/a");
	assert_false(rf_folds_take(folds, &report, now));
	d = file_denial("/d/c");
	assert_true(rf_folds_take(folds, &report, now));
	rf_line_reset(&lines);
	/* The rule is not looked at any more. */
	rule.reason = NULL;
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/c  ps[7]  by p files[3] \"keys\"\n");
}

static void repeats_are_counted_with_their_group(void **state)
{
	struct rf_denial d = file_denial("/d/a");

	(void)state;
	give_file("/d/a");
	rf_line_reset(&lines);
	give_times(&d, 5, true);
	give(&d);
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/a  ps[7]  by p (no rule allows it) (6 more times)\n");

	give_file("/d/a");
	give_file("/d/b");
	give_file("/d/c");
	give_times(&d, 5, true);
	rf_line_reset(&lines);
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/*, 3 objects  ps[7]  by p (no rule allows it) (7 times)\n");
}

static void processes_of_one_program_are_one(void **state)
{
	struct rf_denial a = file_denial("/d/a"), b = a;

	(void)state;
	give(&a);
	b.head.tgid = 8;
	give(&b);
	b.head.tgid = 9;
	give(&b);
	rf_line_reset(&lines);
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/a  ps[*]  by p (no rule allows it) (2 more times)\n");
}

/* The line of what comes behind the first. */
static void folded(const struct rf_denial *denial, size_t count, const char *want)
{
	for (size_t i = 0; i < count; i++)
		give(&denial[i]);
	rf_line_reset(&lines);
	rf_folds_look(folds, now, true);
	shown(want);
}

static void objects_are_told_by_what_they_share(void **state)
{
	struct rf_denial deep[] = {file_denial("/proc/1/fd"), file_denial("/proc/2/task/9/stat"),
				   file_denial("/proc/2/fd"), file_denial("/proc/3/fd")};
	struct rf_denial ends[] = {file_denial("/proc/1/fd"), file_denial("/proc/2"), file_denial("/proc/3/fd")};
	struct rf_denial longer[] = {file_denial("/proc/1/fd"), file_denial("/proc/3/fd"), file_denial("/proc/3/fd/4")};
	struct rf_denial ports[] = {net_denial("192.0.2.1", 1), net_denial("192.0.2.1", 2), net_denial("192.0.2.1", 3)};
	struct rf_denial hosts[] = {net_denial("192.0.2.1", 80), net_denial("192.0.2.2", 80),
				    net_denial("192.0.2.3", 80)};
	struct rf_denial six[] = {net_denial("2001:db8::1", 80), net_denial("2001:db8::2", 80),
				  net_denial("2001:db8::3", 81)};
	struct rf_denial nets[] = {net_denial("192.0.2.1", 80), net_denial("192.0.3.1", 80)};
	struct rf_denial task[] = {file_denial("sh"), file_denial("sh"), file_denial("sh"), file_denial("cat")};
	struct rf_denial move[] = {file_denial("/a/1"), file_denial("/a/2"), file_denial("/a/3")};

	(void)state;
	folded(deep, 4, "ringfence: denied read /proc/*/*/**, 3 objects  ps[7]  by p (no rule allows it)\n");
	folded(ends, 3, "ringfence: denied read /proc/*/**, 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(longer, 3, "ringfence: denied read /proc/3/fd/**, 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(ports, 3, "ringfence: denied connect tcp 192.0.2.1:*, 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(hosts, 3, "ringfence: denied connect tcp 192.0.2.0/24:80, 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(six, 3, "ringfence: denied connect tcp [2001:db8::/64]:*, 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(nets, 2, "");
	for (uint32_t i = 0; i < 4; i++) {
		task[i].head.object = RF_OBJECT_TASK;
		task[i].head.target = i;
		task[i].head.hook = RF_HOOK_task_kill;
		task[i].head.access = 0;
	}
	folded(task, 3, "ringfence: denied task_kill sh[*], 2 objects  ps[7]  by p (no rule allows it)\n");
	folded(task, 4, "ringfence: denied task_kill *[*], 3 objects  ps[7]  by p (no rule allows it)\n");
	for (size_t i = 0; i < 3; i++) {
		move[i].second = i == 2 ? "/b/y" : "/b/x";
		move[i].second_len = 4;
	}
	folded(move, 3, "ringfence: denied read /a/* -> /b/*, 2 objects  ps[7]  by p (no rule allows it)\n");
}

static void names_are_safe_to_show(void **state)
{
	struct rf_denial d[] = {file_denial("/d\033[2J\n/a"), file_denial("/d\033[2J\n/b\033"),
				file_denial("/d\033[2J\n/c  ps[1]  by p")};

	(void)state;
	folded(d, 2, "ringfence: denied read /d\\x1b[2J\\n/b\\x1b  ps[7]  by p (no rule allows it)\n");
	folded(d, 3, "ringfence: denied read /d\\x1b[2J\\n/*, 2 objects  ps[7]  by p (no rule allows it)\n");
}

static void many_groups_and_many_objects_lose_nothing(void **state)
{
	uint64_t count = 0;
	char path[64];

	(void)state;
	for (int i = 0; i < 3 * RF_FOLD_GROUPS; i++) {
		for (int k = 0; k < 3; k++) {
			snprintf(path, sizeof(path), "/%d/%d", i, k);
			give_file(path);
		}
		now++;
	}
	rf_folds_look(folds, now, true);
	rf_line_bytes(&lines, "", 1);
	for (const char *at = lines.text; (at = strstr(at, "ringfence: ")); at++)
		count++;
	assert_int_equal(count, 2 * 3 * RF_FOLD_GROUPS);
	rf_line_reset(&lines);

	for (int i = 0; i < RF_FOLD_OBJECTS + 3; i++) {
		snprintf(path, sizeof(path), "/d/%d", i);
		give_file(path);
	}
	rf_folds_look(folds, now, true);
	shown("ringfence: denied read /d/0  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /d/*, 65536 objects  ps[7]  by p (no rule allows it)\n"
	      "ringfence: denied read /d/*, 2 objects  ps[7]  by p (no rule allows it)\n");
}

/* ---------------------------------------------------------------------- the sink */

static FILE *screen, *json, *file;

/* Gives a sink the denials of a tool that walks /proc, and ends the account. */
static void walk(bool fold, bool quiet)
{
	struct rf_sink *sink;

	screen = tmpfile();
	json = tmpfile();
	file = tmpfile();
	sink = rf_sink_open(&(struct rf_sink_options){
		.fd = fileno(screen), .json = fileno(json), .log = fileno(file), .fold = fold, .quiet = quiet});
	assert_non_null(sink);
	for (int i = 1; i <= 60; i++) {
		struct {
			struct rf_event head;
			char tail[64];
		} record = {0};
		struct rf_denial d = file_denial("");

		record.head = d.head;
		record.head.total = 1;
		record.head.object_len = (__u16)snprintf(record.tail, sizeof(record.tail), "/proc/%d/exe", i);
		memcpy(record.head.comm, "ps", 2);
		rf_sink_event(sink, &record, sizeof(record.head) + record.head.object_len);
	}
	assert_true(rf_sink_look(sink) == (fold && !quiet));
	assert_int_equal(rf_sink_counts(sink).denials, 60);
	rf_sink_summary(sink, NULL);
	rf_sink_close(sink);
}

static unsigned lines_with(FILE *where, const char *part)
{
	char line[1024];
	unsigned count = 0;

	rewind(where);
	while (fgets(line, sizeof(line), where))
		count += strstr(line, part) != NULL;
	return count;
}

static void closed(void)
{
	fclose(screen);
	fclose(json);
	fclose(file);
}

static void the_screen_is_folded_and_nothing_else(void **state)
{
	(void)state;
	walk(true, false);
	assert_int_equal(lines_with(screen, "ringfence: denied"), 2);
	assert_int_equal(lines_with(screen, "denied read /proc/*/exe, 59 objects  ps[7]  by "), 1);
	assert_int_equal(lines_with(screen, "ringfence: 60 denials"), 1);
	assert_int_equal(lines_with(json, "\"type\":\"denial\""), 60);
	assert_int_equal(lines_with(file, "ringfence: denied"), 60);
	closed();
	walk(false, false);
	assert_int_equal(lines_with(screen, "ringfence: denied"), 60);
	closed();
	walk(true, true);
	assert_int_equal(lines_with(screen, "ringfence"), 0);
	assert_int_equal(lines_with(file, "ringfence: denied"), 60);
	closed();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_first_is_told_at_once_and_the_others_when_they_pause),
		TEST(a_pause_ends_a_group_without_a_look),
		TEST(what_does_not_pause_is_told_so_far),
		TEST(only_what_is_alike_is_folded),
		TEST(rules_are_told_apart),
		TEST(repeats_are_counted_with_their_group),
		TEST(processes_of_one_program_are_one),
		TEST(objects_are_told_by_what_they_share),
		TEST(names_are_safe_to_show),
		TEST(many_groups_and_many_objects_lose_nothing),
		cmocka_unit_test(the_screen_is_folded_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
