/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is told of denials: what may stand in notify.d, how denials are gathered by a clock of our own, and what is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/batch.h"
#include "notify/config.h"
#include "notify/message.h"
#include "notify/send.h"

#define SECOND UINT64_C(1000000)
#define MINUTE (60 * SECOND)

/* --------------------------------------------------------------- the folder's text */

static const char good[] =
	"notify:\n"
	"  - name: ops\n"
	"    filter: \"policy=coding-agent verdict=denied\"\n"
	"    every: 5m\n"
	"    webhook: { url: \"https://hooks.example/x\", headers: { Authorization: \"Bearer secret\" } }\n"
	"  - { name: me, desktop: mia }\n"
	"  - { name: script, command: [\"/usr/local/bin/on-denial\", \"-v\"], user: mia, every: 1s }\n";

static void test_good(void **state)
{
	struct rf_notifiers all = {.count = 0};
	struct rf_diags diags = {.diag = NULL};

	(void)state;
	assert_int_equal(rf_notifiers_parse(&all, "a.yaml", good, strlen(good), &diags), 0);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.notifier[0].name, "ops");
	assert_non_null(all.notifier[0].filter);
	assert_int_equal(all.notifier[0].every, 5 * MINUTE);
	assert_int_equal(all.notifier[0].kind, RF_NOTIFY_WEBHOOK);
	assert_string_equal(all.notifier[0].header[0].text, "Authorization: Bearer secret");
	assert_int_equal(all.notifier[1].kind, RF_NOTIFY_DESKTOP);
	assert_string_equal(all.notifier[1].user, "mia");
	assert_int_equal(all.notifier[1].every, MINUTE);
	assert_int_equal(all.notifier[2].kind, RF_NOTIFY_COMMAND);
	assert_int_equal(all.notifier[2].words, 2);
	assert_int_equal(all.notifier[2].every, SECOND);
	assert_int_equal(rf_notifiers_find(&all, "script"), 2);
	assert_int_equal(rf_notifiers_find(&all, "nobody"), -1);
	rf_notifiers_free(&all);
	rf_diags_free(&diags);
}

/* Texts that are refused whole, and the one message. */
static const struct {
	const char *text, *say;
	unsigned line, col;
} bad[] = {
	{"notify:\n  - { name: a, comand: [/x] }\n",
	 "unknown key \"comand\" in an item of notify, did you mean \"command\"?", 2, 16},
	{"notifi: []\n", "unknown key \"notifi\" in the file, did you mean \"notify\"?", 1, 1},
	{"notify: ops\n", "notify must be a list, not a single value", 1, 9},
	{"notify:\n  - { desktop: mia }\n", "an item of notify has no name", 2, 5},
	{"notify:\n  - { name: Ops, desktop: mia }\n",
	 "name \"Ops\" must be 1 to 63 of a-z, 0-9 and \"-\", with no \"-\" at its ends", 2, 13},
	{"notify:\n  - { name: a }\n", "an item of notify has one of webhook, desktop and command", 2, 5},
	{"notify:\n  - { name: a, desktop: mia, command: [/x] }\n",
	 "an item of notify has one of webhook, desktop and command, not more", 2, 5},
	{"notify:\n  - { name: a, desktop: mia, filter: \"polcy=x\" }\n",
	 "a filter has no field \"polcy\"; did you mean \"policy\"?", 2, 38},
	{"notify:\n  - { name: a, desktop: mia, every: 5x }\n",
	 "every: \"5x\" must be a number with s, m or h, as in 1m; from 1s to 24h", 2, 37},
	{"notify:\n  - { name: a, desktop: mia, every: 0m }\n",
	 "every: \"0m\" must be a number with s, m or h, as in 1m; from 1s to 24h", 2, 37},
	{"notify:\n  - { name: a, desktop: mia, every: 25h }\n",
	 "every: \"25h\" must be a number with s, m or h, as in 1m; from 1s to 24h", 2, 37},
	{"notify:\n  - { name: a, webhook: { url: \"file:///etc/shadow\" } }\n",
	 "url \"file:///etc/shadow\" must begin with https:// or http://", 2, 32},
	{"notify:\n  - { name: a, webhook: { headers: { a: b } } }\n", "webhook has no url", 2, 25},
	{"notify:\n  - { name: a, webhook: { url: \"http://x\", headers: { \"a:b\": c } } }\n",
	 "header \"a:b\": letters, digits, \"-\" and \"_\" alone, and 64 headers at most", 2, 55},
	{"notify:\n  - { name: a, webhook: { url: \"http://x\", headers: { a: \"b\\r\\nc: d\" } } }\n",
	 "a header must be one line of up to 4096 bytes", 2, 58},
	{"notify:\n  - { name: a, command: [on-denial] }\n",
	 "command: \"on-denial\" must be a program's whole path: there is no shell that would look for it", 2, 26},
	{"notify:\n  - { name: a, desktop: mia, user: mia }\n", "user stands beside command alone", 2, 30},
	{"notify:\n  - { name: a, desktop: mia }\n  - { name: a, desktop: root }\n",
	 "\"a\" is there already: bad.yaml:2", 3, 13},
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rf_notifiers all = {.count = 0};
		struct rf_diags diags = {.diag = NULL};

		assert_int_equal(rf_notifiers_parse(&all, "bad.yaml", bad[i].text, strlen(bad[i].text), &diags),
				 -EINVAL);
		assert_int_equal(all.count, 0);
		assert_int_equal(diags.count, 1);
		assert_string_equal(diags.diag[0].text, bad[i].say);
		assert_int_equal(diags.diag[0].where.line, bad[i].line);
		assert_int_equal(diags.diag[0].where.col, bad[i].col);
		rf_notifiers_free(&all);
		rf_diags_free(&diags);
	}
}

static void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void read_folder(const char *folder, size_t count, const char *say)
{
	struct rf_notifiers all;
	struct rf_diags diags = {.diag = NULL};
	int err = rf_notifiers_read(&all, folder, geteuid(), &diags);

	assert_int_equal(err, say ? -EINVAL : 0);
	assert_int_equal(all.count, count);
	assert_int_equal(diags.count, say ? 1 : 0);
	if (say)
		assert_string_equal(diags.diag[0].text, say);
	rf_notifiers_free(&all);
	rf_diags_free(&diags);
}

/* Whoever could write there could have programs run. One file that is wrong, and nothing of the folder counts. */
static void test_folder(void **state)
{
	char folder[] = "/tmp/notify-XXXXXX", command[64];
	uint64_t stamp;

	(void)state;
	assert_non_null(mkdtemp(folder));
	chmod(folder, 0755);
	read_folder("/tmp/there-is-no-such-folder", 0, NULL);
	read_folder(folder, 0, NULL);
	stamp = rf_notifiers_stamp(folder);
	write_file(folder, "b.yaml", good, 0644);
	write_file(folder, "a.yaml", "notify: [{ name: first, desktop: mia }]\n", 0600);
	write_file(folder, "a.yaml~", "what an editor leaves", 0666);
	read_folder(folder, 4, NULL);
	assert_true(stamp != rf_notifiers_stamp(folder));
	stamp = rf_notifiers_stamp(folder);
	assert_true(stamp == rf_notifiers_stamp(folder));
	write_file(folder, "a.yaml", "notify: [{ name: first, desktop: mi }]\n", 0600);
	assert_true(stamp != rf_notifiers_stamp(folder));
	write_file(folder, "a.yaml", "notify: [{ name: first, desktop: mia }]\n", 0620);
	read_folder(folder, 0, "others than its owner can write it: chmod go-w");
	write_file(folder, "a.yaml", "notify: [{ name: ops, desktop: mia }]\n", 0600);
	write_file(folder, "b.yaml", "notify: [{ name: ops, desktop: mia }]\n", 0600);
	snprintf(command, sizeof(command), "\"ops\" is there already: %s/a.yaml:1", folder);
	read_folder(folder, 0, command);
	write_file(folder, "b.yaml", "notify: []\n", 0644);
	chmod(folder, 0777);
	read_folder(folder, 0, "others than its owner can write it: chmod go-w");
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* ------------------------------------------------------------------- bundles */

static json_t *denial(unsigned sandbox, const char *access, const char *object, unsigned count)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "type", "denial", "sandbox", sandbox, "unit",
			 "agent-x.service", "policy", "web", "rule", "files[1]", "access", access, "object", object,
			 "verdict", "denied", "count", count);
}

static void add(struct rf_batch *batch, unsigned notifier, unsigned sandbox, const char *access, const char *object,
		unsigned count, uint64_t now)
{
	json_t *record = denial(sandbox, access, object, count);

	rf_batch_add(batch, notifier, MINUTE, record, now, (time_t)(1000000 + now / SECOND));
	json_decref(record);
}

static void test_batch(void **state)
{
	struct rf_batch *batch = rf_batch_open();
	struct rf_bundle bundle;
	uint64_t now = 5 * SECOND;
	char *text;

	(void)state;
	assert_true(rf_batch_due(batch, 0) == UINT64_MAX);
	/* The first at once. */
	add(batch, 0, 7, "read", "/etc/shadow", 1, now);
	assert_true(rf_batch_due(batch, 0) == now);
	assert_true(rf_batch_take(batch, 0, now, &bundle));
	text = rf_message_text(&bundle);
	assert_string_equal(text, "1 denial in agent-x.service: read /etc/shadow (1)");
	free(text);
	rf_bundle_free(&bundle);
	assert_false(rf_batch_take(batch, 0, now, &bundle));
	/* What follows waits for its minute, and is one. */
	add(batch, 0, 7, "read", "/etc/shadow", 5, now + SECOND);
	add(batch, 0, 7, "connect", "10.0.0.1:443", 4, now + 2 * SECOND);
	add(batch, 0, 7, "read", "/etc/shadow", 3, now + 59 * SECOND);
	assert_true(rf_batch_due(batch, 0) == now + MINUTE);
	assert_false(rf_batch_take(batch, 0, now + MINUTE - 1, &bundle));
	/* Another sandbox does not wait for it, nor who else is told. */
	add(batch, 0, 8, "write", "/x", 1, now + SECOND);
	add(batch, 1, 7, "write", "/x", 1, now + SECOND);
	assert_true(rf_batch_take(batch, 0, now + SECOND, &bundle));
	assert_int_equal(bundle.sandbox + bundle.notifier, 8);
	rf_bundle_free(&bundle);
	assert_true(rf_batch_take(batch, 0, now + SECOND, &bundle));
	rf_bundle_free(&bundle);
	assert_false(rf_batch_take(batch, 0, now + SECOND, &bundle));
	/* While one is on its way, its like waits. */
	assert_false(rf_batch_take(batch, 1, now + MINUTE, &bundle));
	assert_true(rf_batch_due(batch, 1) == UINT64_MAX);
	assert_true(rf_batch_take(batch, 0, now + MINUTE, &bundle));
	text = rf_message_text(&bundle);
	assert_string_equal(
		text,
		"12 denials in agent-x.service in the last minute: read /etc/shadow (8), connect 10.0.0.1:443 (4)");
	free(text);
	rf_bundle_free(&bundle);
	/* A quiet minute later it is told at once again. */
	add(batch, 0, 7, "read", "/y", 1, now + 3 * MINUTE);
	assert_true(rf_batch_take(batch, 0, now + 3 * MINUTE, &bundle));
	rf_bundle_free(&bundle);
	rf_batch_close(batch);
}

/* A unit that is started again and again is one, whatever its sandbox's number. */
static void test_again(void **state)
{
	struct rf_batch *batch = rf_batch_open();
	struct rf_bundle bundle;

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		json_t *record = denial(i, "read", "/x", 1);

		json_object_set_new(record, "cgroup", json_string("/system.slice/agent-x.service"));
		rf_batch_add(batch, 0, MINUTE, record, i * SECOND, 5);
		json_decref(record);
		assert_int_equal(rf_batch_take(batch, 0, i * SECOND, &bundle), i == 1);
		if (i == 1)
			rf_bundle_free(&bundle);
	}
	assert_true(rf_batch_take(batch, 0, SECOND + MINUTE, &bundle));
	assert_int_equal(bundle.count, 2);
	assert_int_equal(bundle.sandbox, 3);
	rf_bundle_free(&bundle);
	rf_batch_close(batch);
}

/* However many sandboxes and objects there are, all are counted. */
static void test_bounds(void **state)
{
	struct rf_batch *batch = rf_batch_open();
	struct rf_bundle bundle;
	uint64_t count = 0, bundles = 0, others = 0, more = 0;
	int to[RF_NOTIFIERS_MAX];

	(void)state;
	for (unsigned i = 0; i < RF_BUNDLES + 50; i++)
		add(batch, 3, i, "read", "/x", 2, SECOND);
	for (unsigned i = 0; i < RF_BUNDLE_ROWS + 10; i++) {
		char object[32];

		snprintf(object, sizeof(object), "/file-%u", i);
		add(batch, 3, 0, "read", object, 1, SECOND);
	}
	for (unsigned i = 0; i < RF_NOTIFIERS_MAX; i++)
		to[i] = i == 3 ? 1 : -1;
	assert_int_equal(rf_batch_renumber(batch, to), 0);
	while (rf_batch_take(batch, 0, SECOND, &bundle)) {
		assert_int_equal(bundle.notifier, 1);
		count += bundle.count;
		others += bundle.others ? bundle.count : 0;
		more += bundle.more;
		bundles++;
		rf_bundle_free(&bundle);
	}
	assert_int_equal(bundles, RF_BUNDLES + 1);
	assert_int_equal(others, 100);
	assert_int_equal(more, 11);
	assert_int_equal(count, 2 * (RF_BUNDLES + 50) + RF_BUNDLE_ROWS + 10);
	/* Whose place is gone is counted. */
	add(batch, 1, 5, "read", "/x", 4, 2 * MINUTE);
	to[1] = -1;
	assert_int_equal(rf_batch_renumber(batch, to), 4);
	rf_batch_close(batch);
}

/* -------------------------------------------------------------------- what is said */

static void test_hostile(void **state)
{
	const struct rf_notifier notifier = {.kind = RF_NOTIFY_WEBHOOK, .url = (char *)"https://x"};
	struct rf_batch *batch = rf_batch_open();
	struct rf_bundle bundle;
	const char *body, *text;
	json_t *request, *json, *row;
	char *said;

	(void)state;
	add(batch, 0, 7, "read", "/tmp/\033[2J\n\"; rm -rf / #\u202e", 2, SECOND);
	assert_true(rf_batch_take(batch, 0, SECOND, &bundle));
	/* As the kernel may tell them: no UTF-8. */
	free(bundle.row[0].rule);
	bundle.row[0].rule = strdup("\xff\xfe");
	bundle.row[0].audited = true;
	said = rf_message_request(&notifier, &bundle, "host");
	assert_non_null(said);
	request = json_loads(said, 0, NULL);
	assert_non_null(request);
	assert_string_equal(json_string_value(json_object_get(request, "kind")), "webhook");
	body = json_string_value(json_object_get(request, "body"));
	json = json_loads(body, 0, NULL);
	assert_non_null(json);
	text = json_string_value(json_object_get(json, "text"));
	assert_string_equal(text,
			    "2 denials in agent-x.service: read /tmp/\\x1b[2J\\n\"; rm -rf / #\\xe2\\x80\\xae (2, "
			    "not refused: audit)");
	row = json_array_get(json_object_get(json, "denials"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "object")), "/tmp/\033[2J\n\"; rm -rf / #\u202e");
	assert_string_equal(json_string_value(json_object_get(row, "rule")), "\\xff\\xfe");
	assert_string_equal(json_string_value(json_object_get(row, "verdict")), "would-deny");
	assert_string_equal(json_string_value(json_object_get(json, "policy")), "web");
	assert_string_equal(json_string_value(json_object_get(json, "since")), "1970-01-12T13:46:41Z");
	assert_int_equal(json_integer_value(json_object_get(json, "count")), 2);
	json_decref(json);
	json_decref(request);
	free(said);
	rf_bundle_free(&bundle);
	rf_batch_close(batch);
}

/* ------------------------------------------------------------------------ sending */

static char answered[1200];

static void on_sent(void *context, const char *problem)
{
	snprintf(answered, sizeof(answered), "%s", problem ? problem : "sent");
	sd_event_exit(context, 0);
}

/* A helper that is started from here: its answer, its silence, and that it is not there. */
static void ask(const char *script, const char *expected)
{
	char path[] = "/tmp/notify-helper-XXXXXX";
	int fd = mkstemp(path);
	struct rf_sending *sending = NULL;
	sd_event *event = NULL;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, strlen(script)), strlen(script));
	fchmod(fd, 0700);
	close(fd);
	assert_true(sd_event_new(&event) >= 0);
	answered[0] = '\0';
	assert_int_equal(rf_send(event, "/tmp/no-such-socket", path, "{\"a\": 1}", on_sent, event, &sending), 0);
	assert_true(sd_event_loop(event) >= 0);
	assert_string_equal(answered, expected);
	sd_event_unref(event);
	unlink(path);
}

static void test_send(void **state)
{
	struct rf_sending *sending = NULL;
	sd_event *event = NULL;

	(void)state;
	ask("#!/bin/sh\n[ \"$(cat)\" = '{\"a\": 1}' ] && echo ok >&0\n", "sent");
	ask("#!/bin/sh\nprintf 'no\\033[2J\\n' >&0\n", "no\\x1b[2J");
	ask("#!/bin/sh\nexit 3\n", "the helper ended without an answer");
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(rf_send(event, "/tmp/no-such-socket", "/tmp/no-such-program", "{}", on_sent, event, &sending),
			 -ENOENT);
	sd_event_unref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	cmocka_unit_test(test_bad),   cmocka_unit_test(test_folder),
		cmocka_unit_test(test_batch),	cmocka_unit_test(test_again), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
