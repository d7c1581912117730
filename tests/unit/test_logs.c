// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The verbs that show what happens (events, logs, top), before a server with a backend of the test; and that no text of
 * a fence drives a terminal, whatever shows it. */
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "api_support.h"

/* It is not linked to others: they have no engine. */
#include "verbs/stop.c"

#include "client/client.h"
#include "client/happening.h"
#include "events/print.h"
#include "events/text.h"
#include "verb_support.h"

/* ---------------------------------------------------------------- what is asked for */

static json_t *denial(int sandbox, const char *unit, const char *policy, const char *object)
{
	return json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:[{s:i, s:s}, {s:i, s:s}], s:s, s:s, s:s, s:s, s:s, "
		"s:s, s:s, s:s, s:s, s:s, s:o}",
		"type", "denial", "time", "2026-01-02T03:04:05.000000006Z", "sandbox", sandbox, "pid", 41, "tgid", 40,
		"uid", 1000, "comm", "cat", "exe", "/bin/cat", "parents", "tgid", 30, "comm", "bash", "tgid", 20,
		"comm", "make", "access", "read", "kind", "file", "object", object, "verdict", "denied", "policy",
		policy, "rule", "files[3]", "where", "web.yaml:12", "reason", "it is secret", "unit", unit, "cgroup",
		"/x", "line", json_sprintf("denied read %s", object));
}

static void happen(void)
{
	fake.happened = json_array();
	json_array_append_new(fake.happened, denial(1, "web.service", "web", "/srv/one"));
	json_array_append_new(fake.happened, json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}", "type", "applied", "time",
						       "2026-01-02T03:04:05Z", "policy", "db", "revision", 7, "uid", 0,
						       "program", "/bin/ringfence"));
	json_array_append_new(fake.happened, denial(2, "db.service", "db", "/srv/two"));
	json_array_append_new(fake.happened, json_pack("{s:s, s:i}", "type", "lost", "count", 3));
}

#define ONE  "2026-01-02T03:04:05.000000006Z denied read /srv/one  in web.service\n"
#define TWO  "2026-01-02T03:04:05.000000006Z denied read /srv/two  in db.service\n"
#define LOST "LOST: 3 more denied than told\n"

static void logs_are_what_is_wanted(void **state)
{
	(void)state;
	happen();
	WANT(0, ONE TWO LOST, "", logs);
	WANT(0, ONE LOST, "", logs, "1");
	WANT(0, TWO LOST, "", logs, "db.service");
	WANT(0, ONE LOST, "", logs, "-p", "web");
	WANT(0, TWO LOST, "", logs, "object=*two");
	WANT(0, TWO LOST, "", logs, "ONE,two", "policy!=web");
	WANT(0, LOST, "", logs, "-p", "*");
	WANT(0, TWO LOST, "", logs, "-n", "2");
	WANT(0, TWO LOST, "", logs, "--since", "5");
	WANT(0, "", "none", logs, "--since", "8");
	WANT(2, "", "did you mean \"policy\"", logs, "polcy=web");
	WANT(2, "", "--since takes", logs, "--since", "10w");
	WANT(2, "", "--since takes", logs, "--since", "yesterday");
	WANT(2, "", "--tail takes", logs, "-n", "0");
	/* The times lie behind: nothing is of the last minutes, all is of the time since 1970. */
	WANT(0, ONE TWO LOST, "", logs, "--since", "20000d");
}

static void logs_can_be_wide(void **state)
{
	(void)state;
	happen();
	assert_int_equal(RUN(logs, "-o", "wide", "-p", "web"), 0);
	assert_non_null(strstr(out, "TIME  "));
	assert_non_null(strstr(out, "2026-01-02T03:04:05.000000006Z  1        web.service"));
	assert_non_null(strstr(out, "cat[40]"));
	assert_non_null(strstr(out, "bash[30]<make[20]"));
	assert_non_null(strstr(out, "web.yaml:12"));
	assert_non_null(strstr(out, "it is secret\n"));
	assert_non_null(strstr(out, LOST));
	assert_null(strstr(out, "/srv/two"));
	assert_int_equal(RUN(logs, "-o", "json", "-p", "web"), 0);
	assert_non_null(strstr(out, "\"object\":\"/srv/one\""));
}

static void events_are_filtered(void **state)
{
	(void)state;
	happen();
	WANT(0, ONE LOST, "", events, "policy=web");
	WANT(0, "2026-01-02T03:04:05Z policy db applied: revision 7, by uid 0 with /bin/ringfence\n" LOST, "", events,
	     "type=applied");
	WANT(2, "", "not closed", events, "comm=\"a");
}

/* Each type of record in words, the same as in the monitor. */
static void events_in_words(void **state)
{
	static const struct {
		const char *record, *words;
	} rows[] = {
		{"{'type': 'more', 'count': 4, 'sandbox': 7}",
		 "denied 4 more times what was told earlier  in sandbox 7"},
		{"{'type': 'lost', 'count': 4, 'malformed': 1, 'message': 'too fast', 'unit': 'a.service'}",
		 "LOST: 5 more denied than told: too fast  in a.service"},
		{"{'type': 'lost', 'message': 'the ends of 2 sandboxes'}", "LOST: the ends of 2 sandboxes"},
		{"{'type': 'began', 'sandbox': 7, 'unit': 'a\\u001b[2J', 'policies': ['one', 'tw\\u001bo']}",
		 "sandbox 7 began: one,tw\\x1bo  in a\\x1b[2J"},
		{"{'type': 'ended', 'sandbox': 7, 'unit': 'a.service', 'made': 1}",
		 "sandbox 7 ended: 1 denial  in a.service"},
		{"{'type': 'drifted', 'message': 'a program', 'mended': true}", "DRIFTED: a program; it was put back"},
		{"{'type': 'drifted', 'message': 'a program', 'mended': false}",
		 "DRIFTED: a program; it could not be put back"},
		{"{'type': 'started', 'version': '1.2'}", "the service started: version 1.2"},
		{"{'type': 'stopped', 'version': '1.2'}", "the service stopped: version 1.2"},
		{"{'type': 'deleted', 'policy': 'web', 'revision': 3, 'uid': 1, 'program': '/bin/x'}",
		 "policy web deleted: revision 3, by uid 1 with /bin/x"},
		{"{'type': 'attached', 'policy': 'web', 'revision': 3, 'uid': 1, 'program': '/bin/x', 'cgroup': "
		 "'/a\\n'}",
		 "policy web attached: revision 3, by uid 1 with /bin/x  on /a\\n"},
		{"{'type': 'of a newer one\\u009b', 'message': 'what'}", "of a newer one\\xc2\\x9b: what"},
	};
	struct rf_line line = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		json_t *record;

		snprintf(text, sizeof(text), "%s", rows[i].record);
		for (char *at = text; *at; at++)
			*at = *at == '\'' ? '"' : *at;
		record = json_loads(text, 0, NULL);
		assert_non_null(record);
		rf_line_reset(&line);
		rf_happening_words(&line, record);
		rf_line_bytes(&line, "", 1);
		assert_string_equal(line.text, rows[i].words);
		json_decref(record);
	}
	rf_line_free(&line);
}

static unsigned lines_of(const char *text)
{
	unsigned count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* The API answers page after page, and does not look everywhere for the last ones, which is said. */
static void more_than_a_page(void **state)
{
	(void)state;
	fake.more = 2498;
	assert_int_equal(RUN(events), 0);
	assert_int_equal(lines_of(out), 2500);
	fake.more = 20000;
	WANT(0, "", "only the last 10000 events", logs, "-n", "1");
}

/* Across the end of the server: nothing twice, and why it ended is said each time. */
static void logs_follow(void **state)
{
	pid_t child;
	int to[2], told[2], status;

	(void)state;
	happen();
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(told), 0);
	child = fork();
	if (!child) {
		struct rf_verb row = {"logs", "", "", rf_options_logs, rf_verb_logs, NULL};

		/* What the server hears of its end by. */
		close(stop_pipe[1]);
		close(listening);
		dup2(to[1], 1);
		dup2(told[1], 2);
		_exit(rf_verb_logs(&row, 4, (char *[]){"logs", "-f", "-n2", "/srv", NULL}));
	}
	close(to[1]);
	close(told[1]);
	usleep(500000);
	end_thread();
	json_array_append_new(fake.happened, denial(3, "x.service", "web", "/srv/three"));
	assert_int_equal(pipe(stop_pipe), 0);
	listening = rf_api_listen(socket_path);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	sleep(2);
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	out[read(to[0], out, sizeof(out) - 1)] = '\0';
	err[read(told[0], err, sizeof(err) - 1)] = '\0';
	close(to[0]);
	close(told[0]);
	assert_string_equal(out, TWO LOST "2026-01-02T03:04:05.000000006Z denied read /srv/three  in x.service\n");
	assert_non_null(strstr(err, "the stream ended: the agent stops"));
}

/* ---------------------------------------------------------------- top */

static json_t *sandbox(int id, const char *unit, const char *policy, int made, int lost)
{
	return json_pack("{s:i, s:s, s:s, s:[s], s:i, s:i, s:i, s:i, s:i}", "id", id, "cgroup", "/x", "unit", unit,
			 "policies", policy, "tasks", 3, "made", made, "told", made - lost, "merged", 0, "lost", lost);
}

/* Those in which most is refused come first, and a sample has no rates that it can't know. */
static void top_has_rates(void **state)
{
	char *second;

	(void)state;
	fake.sandboxes =
		json_pack("[o, o]", sandbox(1, "web.service", "web", 6, 0), sandbox(2, "db.service", "db", 8, 3));
	assert_int_equal(RUN(top, "-b", "-n", "2", "-d", "1"), 0);
	second = strstr(out, "\n\n");
	assert_non_null(second);
	assert_int_equal(lines_of(out), 4 + 1 + 4);
	assert_non_null(strstr(out, "  LOST 3, 2 sandboxes, 6 tasks, 14 denials\n"));
	assert_non_null(strstr(second, "  LOST 3, 2 sandboxes, 6 tasks, 14 denials (0.0 a second)\n"));
	assert_true(strstr(out, "       2        -        3        8        5        0        3  db.service  db\n") <
		    strstr(out, "       1        -        3        6        6        0        0  web.service  web\n"));
	assert_non_null(strstr(second, "       2      0.0        3 "));
	assert_string_equal(err, "");
	assert_int_equal(RUN(top, "web"), 2);
	assert_int_equal(RUN(top, "-n", "0"), 2);
	assert_int_equal(RUN(top, "-d", "3601"), 2);
}

/* Reads what a terminal is sent until that is in it. */
static void read_until(int terminal, const char *text)
{
	size_t len = 0;
	struct pollfd in = {.fd = terminal, .events = POLLIN};

	out[0] = '\0';
	while (!strstr(out, text)) {
		ssize_t n = poll(&in, 1, 10000) == 1 ? read(terminal, out + len, sizeof(out) - 1 - len) : -1;

		if (n <= 0)
			fail_msg("no %s in %s", text, out);
		len += (size_t)n;
		out[len] = '\0';
	}
}

/* A terminal of 60 columns, then of 120; what was lost is seen on both. It is given back as it was: `key` or `number`
 * ends it. */
static void on_a_terminal(char key, int number, const char *no_colour)
{
	struct winsize narrow = {.ws_row = 8, .ws_col = 60}, wide = {.ws_row = 20, .ws_col = 120};
	struct termios keys;
	int terminal, status;
	pid_t child = forkpty(&terminal, NULL, NULL, &narrow);

	if (!child) {
		struct rf_verb row = {"top", "", "", rf_options_top, rf_verb_top, NULL};

		close(stop_pipe[1]);
		close(listening);
		setenv("TERM", "xterm", 1);
		setenv("NO_COLOR", no_colour, 1);
		_exit(rf_verb_top(&row, 3, (char *[]){"top", "-d", "3600", NULL}));
	}
	read_until(terminal, "web.service");
	assert_non_null(strstr(out, "\033[?1049h"));
	assert_non_null(strstr(out, *no_colour ? "  LOST 3, " : "\033[31mLOST 3"));
	assert_null(strstr(out, *no_colour ? "\033[31m" : "MERGED"));
	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &wide), 0);
	read_until(terminal, "MERGED");
	if (key)
		assert_int_equal(write(terminal, &key, 1), 1);
	else
		kill(child, number);
	read_until(terminal, "\033[?7h\033[?25h\033[?1049l");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(key ? status : WTERMSIG(status), key ? 0 : number);
	assert_int_equal(tcgetattr(terminal, &keys), 0);
	assert_int_equal(keys.c_lflag & (ICANON | ECHO), ICANON | ECHO);
	close(terminal);
}

static void top_gives_the_terminal_back(void **state)
{
	(void)state;
	fake.sandboxes =
		json_pack("[o, o]", sandbox(1, "web.service", "web", 6, 0), sandbox(2, "db.service", "db", 8, 3));
	on_a_terminal('q', 0, "");
	on_a_terminal(0, SIGTERM, "1");
}

/* ---------------------------------------------------------------- hostile text */

/* Bytes that no terminal may get, and what is shown for them. */
static const struct {
	const char *raw, *shown;
} hostile[] = {
	{"a\033[31mb", "a\\x1b[31mb"}, /* C0 */
	{"a\rb", "a\\rb"},	       /* overwrites the line */
	{"a\nb", "a\\nb"},	       /* begins another one */
	{"a\x7f"
	 "b",
	 "a\\x7fb"},
	{"a\xc2\x9b"
	 "31mb",
	 "a\\xc2\\x9b31mb"}, /* C1: CSI */
	{"a\xc2\x85"
	 "b",
	 "a\\xc2\\x85b"}, /* C1: next line */
	{"a\xe2\x80\xae"
	 "b",
	 "a\\xe2\\x80\\xaeb"}, /* U+202E, right to left */
	{"a\xe2\x80\xaa"
	 "b",
	 "a\\xe2\\x80\\xaab"}, /* U+202A */
	{"a\xe2\x81\xa6"
	 "b",
	 "a\\xe2\\x81\\xa6b"}, /* U+2066 */
	{"a\xe2\x81\xa9"
	 "b",
	 "a\\xe2\\x81\\xa9b"}, /* U+2069 */
	{"a\xe2\x80\x8e"
	 "b",
	 "a\\xe2\\x80\\x8eb"}, /* U+200E */
	{"a\xe2\x80\x8f"
	 "b",
	 "a\\xe2\\x80\\x8fb"}, /* U+200F */
	{"a  b", "a \\x20b"},  /* would make a column */
};

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

/* No byte of a control, no bidirectional one, no invalid UTF-8; newlines are the program's own. */
static void is_harmless(const char *what, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code = 0;

		n = rf_utf8(text + i, len - i, &code);
		if (!n || (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) || code == 0x200e ||
		    code == 0x200f || code >= 0xe0000 || (code >= 0x202a && code <= 0x202e) ||
		    (code >= 0x2066 && code <= 0x2069))
			fail_msg("%s: byte %zu of %s", what, i, text);
	}
}

/* A verb shows it escaped, in that many lines; json: another way to escape. */
#define SHOWS(shown, lines, ...)                                                                   \
	do {                                                                                       \
		assert_int_equal(RUN(__VA_ARGS__), 0);                                             \
		is_harmless(#__VA_ARGS__, out);                                                    \
		is_harmless(#__VA_ARGS__, err);                                                    \
		if (!strstr(out, shown) || ((lines) && lines_of(out) != (lines)))                  \
			fail_msg("%s: %s is not in %s", #__VA_ARGS__, (const char *)(shown), out); \
	} while (0)

static json_t *hostile_denial(const char *raw)
{
	json_t *event = denial(1, raw, raw, raw);
	static const char *const keys[] = {"comm", "exe", "rule", "where", "reason", "time", "cgroup", "access"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(event, keys[i], json_string(raw));
	json_object_set_new(event, "parents", json_pack("[{s:i, s:s}]", "tgid", 3, "comm", raw));
	return event;
}

static void text_of_a_fence_is_escaped(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < HOSTILE; i++) {
		const char *raw = hostile[i].raw, *shown = hostile[i].shown;

		json_decref(fake.happened);
		fake.happened = json_array();
		json_array_append_new(fake.happened, hostile_denial(raw));
		SHOWS(shown, 1, logs);
		SHOWS(shown, 2, logs, "-o", "wide");
		SHOWS("", 1, logs, "-o", "json");
		SHOWS(shown, 1, events);
		json_array_clear(fake.happened);
		json_array_append_new(fake.happened,
				      json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}", "type", "applied", "time", raw,
						"policy", raw, "revision", 7, "uid", 0, "program", raw));
		json_array_append_new(fake.happened, json_pack("{s:s, s:s}", "type", "lost", "message", raw));
		SHOWS(shown, 2, events);
		json_decref(fake.sandboxes);
		fake.sandboxes =
			json_pack("[{s:i, s:s, s:s, s:[s], s:i, s:i, s:i, s:i, s:i}]", "id", 1, "cgroup", raw, "unit",
				  raw, "policies", raw, "tasks", 3, "made", 6, "told", 1, "merged", 2, "lost", 3);
		SHOWS(shown, 2, get, "sandboxes");
		SHOWS(shown, 2, get, "sandboxes", "-o", "wide");
		SHOWS("\"unit\": \"a", 0, get, "sandboxes", "-o", "json");
		SHOWS("unit: \"a", 0, get, "sandboxes", "-o", "yaml");
		SHOWS(shown, 3, top, "-b", "-n", "1");
		SHOWS(shown, 0, get, "sandboxes", "-o", "jsonpath=.items[0].unit");
		snprintf(name, sizeof(name), "one # %s", raw);
		json_object_set_new(json_object_get(fake.policies, "one"), "text", json_string(name));
		json_object_set_new(json_object_get(json_object_get(fake.policies, "one"), "status"), "mode",
				    json_string(raw));
		SHOWS("", 0, describe, "policy", "one");
		SHOWS(shown, 0, get, "policies");
	}
	SHOWS("a\\x1b[31m.service", 0, describe, "sandbox", "9");
}

/* ---- the engine of list and stop */

static struct rf_sandbox_info listed = {.id = 1, .tasks = 1};

int rf_engine_open(struct rf_kernel **kernel, bool load, struct rf_error *error)
{
	(void)load, (void)error;
	*kernel = NULL;
	return 0;
}

int rf_engine_list(struct rf_kernel *kernel, struct rf_sandbox_info **list, size_t *count)
{
	(void)kernel;
	*list = &listed;
	*count = 1;
	return 0;
}

void rf_engine_list_free(struct rf_sandbox_info *list, size_t count)
{
	(void)list, (void)count;
}

void rf_engine_unlock(struct rf_kernel *kernel)
{
	(void)kernel;
}

void rf_engine_close(struct rf_kernel *kernel)
{
	(void)kernel;
}

int rf_error_set(struct rf_error *error, int code, const char *format, ...)
{
	(void)error, (void)format;
	return code;
}

/* Paths of cgroups come from the kernel, and may have any byte but a slash. */
static void paths_of_cgroups_are_escaped(void **state)
{
	static const char *const bytes[][2] = {{"a\xff", "a\\xff"}, {"\xc0\xaf", "\\xc0\\xaf"}};
	char path[64], shown[96];

	(void)state;
	for (size_t i = 0; i < HOSTILE + 2; i++) {
		const char *raw = i < HOSTILE ? hostile[i].raw : bytes[i - HOSTILE][0];

		snprintf(path, sizeof(path), "/no/%s", raw);
		snprintf(shown, sizeof(shown), "/no/%s", i < HOSTILE ? hostile[i].shown : bytes[i - HOSTILE][1]);
		listed.path = path;
		SHOWS(shown, 2, list);
		assert_int_equal(RUN(stop, (char *)(uintptr_t)raw), 1);
		is_harmless("stop", err);
		assert_int_equal(lines_of(err), 1);
		assert_non_null(strstr(err, "/cgroup.kill: "));
		assert_int_equal(RUN(stop, path), 1);
		is_harmless("stop", err);
		assert_int_equal(lines_of(err), 1);
	}
}

/* What was told of a denial of that name, by `run`: a line, and JSON. */
static void lines_of_run_are_escaped(void **state)
{
	struct rf_denial denial = {.head = {.object = RF_OBJECT_FILE, .access = RF_READ}};
	struct rf_report report = {.denial = &denial, .policy = "web", .count = 1};

	(void)state;
	for (size_t i = 0; i < HOSTILE + 1; i++) {
		const char *raw = i < HOSTILE ? hostile[i].raw : "\xf3\xa0\x80\xa0"; /* a tag, beyond 16 bits */
		struct rf_line line = {0}, json = {0};
		json_t *read;

		snprintf(denial.comm, sizeof(denial.comm), "%s", raw);
		denial.object = denial.exe = raw;
		denial.comm_len = strlen(denial.comm);
		denial.object_len = denial.exe_len = strlen(raw);
		rf_print_line(&line, &report, false);
		rf_print_json(&json, &report);
		rf_line_bytes(&line, "", 1);
		rf_line_bytes(&json, "", 1);
		is_harmless("run", line.text);
		is_harmless("run --events", json.text);
		assert_int_equal(lines_of(line.text), 1);
		assert_true(i == HOSTILE || strstr(line.text, hostile[i].shown));
		read = json_loads(json.text, 0, NULL);
		assert_string_equal(json_string_value(json_object_get(read, "object")), raw);
		json_decref(read);
		rf_line_free(&line);
		rf_line_free(&json);
	}
}

/* A path of the greatest length, each byte of which is escaped, is shown whole. */
static void long_names_are_whole(void **state)
{
	char path[4096], shown[4 * sizeof(path)];

	(void)state;
	memset(path, '\x01', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	strcpy(shown, "/");
	for (size_t i = 1; path[i]; i++)
		strcpy(shown + 4 * i - 3, "\\x01");
	fake.happened = json_array();
	json_array_append_new(fake.happened, hostile_denial(path));
	SHOWS(shown, 1, logs);
	SHOWS(shown, 2, logs, "-o", "wide");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(logs_are_what_is_wanted),
		TEST(logs_can_be_wide),
		TEST(events_are_filtered),
		TEST(events_in_words),
		TEST(logs_follow),
		TEST(more_than_a_page),
		TEST(top_has_rates),
		TEST(top_gives_the_terminal_back),
		TEST(text_of_a_fence_is_escaped),
		TEST(long_names_are_whole),
		TEST(paths_of_cgroups_are_escaped),
		TEST(lines_of_run_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
