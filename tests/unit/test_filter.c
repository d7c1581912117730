/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The language of filters: every kind of record and every field, what is said wrong, and what is never hidden. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter.h"

/* ---------------------------------------------------------------- kinds of record */

#define TASK                                                                                            \
	"'time': '2026-01-02T03:04:05.000000006Z', 'sandbox': 7, 'pid': 41, 'tgid': 40, 'uid': 1000, "  \
	"'comm': 'cat', 'exe': '/usr/bin/cat', 'parents': [{'tgid': 30, 'comm': 'bash'}, {'tgid': 20, " \
	"'comm': 'make'}], "
#define BY                                                                                             \
	"'policy': 'web', 'rule': 'files[3]', 'where': '/etc/web.yaml:12', 'reason': 'it is secret', " \
	"'why': 'rule', 'errno': 'EACCES', 'generation': 3, 'count': 2, 'again': false"
#define BY_GUARD                                                                                             \
	"'policy': 'web', 'rule': null, 'where': null, 'reason': null, 'why': 'guard', 'guard': 'signals', " \
	"'errno': 'EPERM', 'generation': 3, 'count': 1, 'again': false, "
#define SERVICE ", 'unit': 'web.service', 'cgroup': '/system.slice/web.service', 'line': 'denied', 'id': 9}"

enum { FILE_, RENAME, NET4, NET6, SOCKET, UNIX, TASK_, CAPABILITY, NONE, MORE, LOST, APPLIED, RECORDS };

static const char *const records[RECORDS] = {
	[FILE_] = "{'type': 'denial', " TASK "'hook': 'file_open', 'access': 'read,write', 'kind': 'file', 'object': "
		  "'/srv/a b,c/key', 'verdict': 'denied', " BY SERVICE,
	[RENAME] = "{'type': 'denial', " TASK "'hook': 'path_rename', 'access': 'write', 'kind': 'file', 'object': "
		   "'/srv/old', 'second': '/srv/new', 'verdict': 'would-deny', " BY SERVICE,
	[NET4] =
		"{'type': 'denial', " TASK "'hook': 'socket_connect', 'access': 'connect', 'kind': 'net', 'object': "
		"'tcp:192.0.2.1:443', 'family': 'ipv4', 'socket': 'stream', 'protocol': 'tcp', 'address': '192.0.2.1', "
		"'port': 443, 'verdict': 'denied', " BY SERVICE,
	[NET6] = "{'type': 'denial', " TASK "'hook': 'socket_bind', 'access': 'bind', 'kind': 'net', 'object': "
		 "'udp:[2001:db8::1]:53', 'address': '2001:db8::1', 'port': 53, 'verdict': 'denied', " BY "}",
	[SOCKET] =
		"{'type': 'denial', " TASK "'hook': 'socket_create', 'access': '', 'kind': 'net', 'object': 'netlink "
		"raw', 'address': null, 'port': null, 'verdict': 'denied', " BY SERVICE,
	[UNIX] = "{'type': 'denial', " TASK "'hook': 'unix_stream_connect', 'access': 'connect', 'kind': 'unix', "
		 "'object': '@bus', 'verdict': 'denied', " BY SERVICE,
	[TASK_] =
		"{'type': 'denial', " TASK "'hook': 'task_kill', 'access': '', 'kind': 'task', 'target': 1, 'object': "
		"'systemd', " BY_GUARD "'verdict': 'denied'" SERVICE,
	[CAPABILITY] =
		"{'type': 'denial', " TASK "'hook': 'capable', 'access': '', 'kind': 'capability', 'target': 21, "
		"'object': 'CAP_SYS_ADMIN', " BY_GUARD "'verdict': 'denied'" SERVICE,
	[NONE] = "{'type': 'denial', " TASK "'hook': 'bpf', 'access': '', 'kind': 'none', 'object': null, " BY_GUARD
		 "'verdict': 'denied'" SERVICE,
	[MORE] = "{'type': 'more', 'sandbox': 7, 'count': 5}",
	[LOST] = "{'type': 'lost', 'count': 3, 'malformed': 0}",
	[APPLIED] = ("{'type': 'applied', 'policy': 'web', 'revision': 8, 'uid': 0, 'program': '/usr/bin/ringfence', "
		     "'id': 10}"),
};

static json_t *record_of(int which)
{
	char *text = strdup(records[which]);
	json_t *record;

	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	record = json_loads(text, 0, NULL);
	assert_non_null(record);
	free(text);
	return record;
}

/* ---------------------------------------------------------------- every field of each */

/* What all denials in these records have; NULL: it has none. */
static const struct {
	const char *field;
	const char *value[RECORDS];
} table[] = {
	{"type",
	 {"denial", "denial", "denial", "denial", "denial", "denial", "denial", "denial", "denial", "more", "lost",
	  "applied"}},
	{"policy", {"web", "web", "web", "web", "web", "web", "web", "web", "web", NULL, NULL, "web"}},
	{"rule",
	 {"files[3]", "files[3]", "files[3]", "files[3]", "files[3]", "files[3]", NULL, NULL, NULL, NULL, NULL, NULL}},
	{"where",
	 {"/etc/web.yaml:12", "/etc/web.yaml:12", "/etc/web.yaml:12", "/etc/web.yaml:12", "/etc/web.yaml:12",
	  "/etc/web.yaml:12", NULL, NULL, NULL, NULL, NULL, NULL}},
	{"sandbox", {"7", "7", "7", "7", "7", "7", "7", "7", "7", "7", NULL, NULL}},
	{"cgroup",
	 {"/system.slice/web.service", "/system.slice/web.service", "/system.slice/web.service", NULL,
	  "/system.slice/web.service", "/system.slice/web.service", "/system.slice/web.service",
	  "/system.slice/web.service", "/system.slice/web.service", NULL, NULL, NULL}},
	{"unit",
	 {"web.service", "web.service", "web.service", NULL, "web.service", "web.service", "web.service", "web.service",
	  "web.service", NULL, NULL, NULL}},
	{"access", {"read,write", "write", "connect", "bind", "", "connect", "", "", "", NULL, NULL, NULL}},
	{"path", {"/srv/a b,c/key", "/srv/old", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}},
	{"object",
	 {"/srv/a b,c/key", "/srv/old", "tcp:192.0.2.1:443", "udp:[2001:db8::1]:53", "netlink raw", "@bus", "systemd",
	  "CAP_SYS_ADMIN", NULL, NULL, NULL, NULL}},
	{"dest", {NULL, NULL, "192.0.2.1:443", "[2001:db8::1]:53", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}},
	{"comm", {"cat", "cat", "cat", "cat", "cat", "cat", "cat", "cat", "cat", NULL, NULL, NULL}},
	{"exe",
	 {"/usr/bin/cat", "/usr/bin/cat", "/usr/bin/cat", "/usr/bin/cat", "/usr/bin/cat", "/usr/bin/cat",
	  "/usr/bin/cat", "/usr/bin/cat", "/usr/bin/cat", NULL, NULL, "/usr/bin/ringfence"}},
	{"parent", {"bash", "bash", "bash", "bash", "bash", "bash", "bash", "bash", "bash", NULL, NULL, NULL}},
	{"pid", {"40", "40", "40", "40", "40", "40", "40", "40", "40", NULL, NULL, NULL}},
	{"uid", {"1000", "1000", "1000", "1000", "1000", "1000", "1000", "1000", "1000", NULL, NULL, "0"}},
	{"reason",
	 {"it is secret", "it is secret", "it is secret", "it is secret", "it is secret", "it is secret", NULL, NULL,
	  NULL, NULL, NULL, NULL}},
	{"why", {"rule", "rule", "rule", "rule", "rule", "rule", "guard", "guard", "guard", NULL, NULL, NULL}},
	{"verdict",
	 {"denied", "would-deny", "denied", "denied", "denied", "denied", "denied", "denied", "denied", NULL, NULL,
	  NULL}},
	{"hook",
	 {"file_open", "path_rename", "socket_connect", "socket_bind", "socket_create", "unix_stream_connect",
	  "task_kill", "capable", "bpf", NULL, NULL, NULL}},
	{"guard", {NULL, NULL, NULL, NULL, NULL, NULL, "signals", "signals", "signals", NULL, NULL, NULL}},
	{"kind", {"file", "file", "net", "net", "net", "unix", "task", "capability", "none", NULL, NULL, NULL}},
	{"count", {"2", "2", "2", "2", "2", "2", "1", "1", "1", "5", "3", NULL}},
	{"errno",
	 {"EACCES", "EACCES", "EACCES", "EACCES", "EACCES", "EACCES", "EPERM", "EPERM", "EPERM", NULL, NULL, NULL}},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool passes(const char *text, const json_t *record)
{
	struct rf_filter *filter;
	char *problem;
	bool match;

	if (rf_filter_parse(text, &filter, &problem))
		fail_msg("%s: %s", text, problem);
	match = rf_filter_match(filter, record);
	rf_filter_free(filter);
	return match;
}

/* A record passes what its own value says, does not pass its opposite, and is chosen by its having a value or none. */
static void ask_field(const json_t *record, const char *field, const char *value)
{
	bool loss = !strcmp(json_string_value(json_object_get(record, "type")), "lost") ||
		    !strcmp(json_string_value(json_object_get(record, "type")), "more");
	bool some = value && *value;
	char text[128], buf[128];

	assert_int_equal(rf_filter_field(record, field, buf, sizeof(buf)), value != NULL);
	assert_string_equal(buf, value ? value : "");
	snprintf(text, sizeof(text), "%s=\"%s\"", field, some ? value : "x");
	assert_int_equal(passes(text, record), some || loss);
	snprintf(text, sizeof(text), "%s!=\"%s\"", field, some ? value : "x");
	assert_int_equal(passes(text, record), !some || loss);
	snprintf(text, sizeof(text), "%s=", field);
	assert_int_equal(passes(text, record), !some || loss);
	snprintf(text, sizeof(text), "%s=?*", field);
	assert_int_equal(passes(text, record), some || loss);
	/* A word is looked for everywhere, in any case. */
	snprintf(text, sizeof(text), "\"%s\"", some ? value : "no such word");
	for (char *at = text; *at; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 32) : *at;
	assert_int_equal(passes(text, record), some || loss);
}

static void test_every_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_string_equal(rf_filter_fields[i].name, table[i].field);
		assert_true(*rf_filter_fields[i].help);
		for (int r = 0; r < RECORDS; r++) {
			json_t *record = record_of(r);

			ask_field(record, table[i].field, table[i].value[r]);
			json_decref(record);
		}
	}
	assert_null(rf_filter_fields[COUNT(table)].name);
}

/* ---------------------------------------------------------------- the language */

static void test_language(void **state)
{
	static const struct {
		int record;
		const char *filter;
		bool passes;
	} row[] = {
		{FILE_, "", true},
		{FILE_, "  \t ", true},
		{FILE_, "policy=web path=/srv/*", true},
		{FILE_, "policy=web path=/etc/*", false},
		{FILE_, "policy=db,web", true},
		{FILE_, "policy=db,mail", false},
		{FILE_, "policy!=db,mail", true},
		{FILE_, "policy!=db,web", false},
		/* `*` crosses "/", `?` is one character. */
		{FILE_, "path=/srv*key", true},
		{FILE_, "path=*/key", true},
		{FILE_, "path=/srv/?*/key", true},
		{FILE_, "path=/srv/?/key", false},
		{FILE_, "path=/srv", false},
		{FILE_, "path=/SRV/*", false},
		{FILE_, "path=*a*b*c*k*y", true},
		{FILE_, "path=*a*b*c*k*z", false},
		{FILE_, "path=\"/srv/a b,c/key\"", true},
		{FILE_, "path=/srv/\"a b,c\"/key", true},
		{FILE_, "path=/srv/a\\ b\\,c/key", true},
		{FILE_, "path=/srv/a\\ b\\,c/k\\*", false},
		{FILE_, "rule=files[3]", true},
		{FILE_, "comm=c\\at", true},
		/* A list is what is in it, and the whole. */
		{FILE_, "access=read", true},
		{FILE_, "access=write", true},
		{FILE_, "access=\"read,write\"", true},
		{FILE_, "access!=read", false},
		{FILE_, "access=exec,bind", false},
		/* Both names of a rename, any parent, process and thread, address with and without port. */
		{RENAME, "path=/srv/new", true},
		{RENAME, "path!=/srv/new", false},
		{FILE_, "parent=make", true},
		{FILE_, "parent=sh", false},
		{FILE_, "pid=41", true},
		{FILE_, "pid=42", false},
		{NET4, "dest=192.0.2.*", true},
		{NET4, "dest=192.0.2.1", true},
		{NET4, "dest=*:443", true},
		{NET4, "dest=*:44", false},
		{NET6, "dest=[2001:db8::*]:53", true},
		{NET6, "dest=2001:db8::1", true},
		/* Words. */
		{FILE_, "SECRET", true},
		{FILE_, "\"IS sec\"", true},
		{FILE_, "secre?", true},
		{FILE_, "srv*key", true},
		{FILE_, "key*srv", false},
		{FILE_, "secret nothing", false},
		{FILE_, "nothing,secret", true},
		{FILE_, "\"x=y\"", false},
		{FILE_, "\"\"", true},
		/* Losses, and what may stand for anything, are never hidden. */
		{LOST, "policy=web type=denial", true},
		{MORE, "policy=db nothing", true},
		{APPLIED, "policy=db", false},
	};
	static const char invalid[] =
		"{\"type\": \"denial\", \"kind\": \"file\", \"object\": \"/a\xc3\xa4/\xef\xbf\xbd\"}";
	json_t *record;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		record = record_of(row[i].record);
		if (passes(row[i].filter, record) != row[i].passes)
			fail_msg("%s", row[i].filter);
		json_decref(record);
	}
	record = json_loads(invalid, 0, NULL);
	assert_true(passes("path=/a?/?", record));
	assert_false(passes("path=/a?"
			    "?/?",
			    record));
	json_decref(record);
	assert_true(rf_filter_match(NULL, NULL));
	/* What is no object has no fields, and no filter falls over it. */
	record = json_pack("[s]", "denial");
	assert_false(passes("denial", record));
	json_decref(record);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *filter, *told;
	} row[] = {
		{"polcy=web", "no field \"polcy\"; did you mean \"policy\"?"},
		{"POLICY=web", "did you mean \"policy\"?"},
		{"\033[31m=web", "no field \"?[31m\""},
		{"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq=1", "qqq...\""},
		{"=web", "no field before the ="},
		{"!=web", "no field before the ="},
		{"comm=\"cat", "not closed"},
		{"comm=cat\\", "ends with \\"},
		{"comm=a,", "before or behind a comma"},
		{"comm=a,,b", "before or behind a comma"},
		{",", "before or behind a comma"},
	};
	char text[2048], *problem;
	struct rf_filter *filter = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(rf_filter_parse(row[i].filter, &filter, &problem), -EINVAL);
		if (!strstr(problem, row[i].told))
			fail_msg("%s: %s", row[i].filter, problem);
		assert_null(strchr(problem, '\n'));
		assert_null(strchr(problem, '\033'));
		assert_null(filter);
		free(problem);
	}
	/* What is too much is refused, and what is just enough is not. */
	static const struct {
		const char *unit;
		size_t enough, length;
	} bound[] = {{"a ", 32, 0}, {"a,", 0, 0}, {"a", 1023, 0}};
	for (size_t i = 0; i < COUNT(bound); i++) {
		for (int more = 0; more < 2; more++) {
			size_t units = (bound[i].enough ? bound[i].enough : 63) + (size_t)more;

			text[0] = '\0';
			for (size_t n = 0; n < units; n++)
				strcat(text, bound[i].unit);
			strcat(text, i == 1 ? "a" : "");
			assert_int_equal(rf_filter_parse(text, &filter, &problem), more ? -EINVAL : 0);
			if (more)
				assert_non_null(strstr(problem, "more than"));
			free(problem);
			rf_filter_free(filter);
		}
	}
}

/* A value is cut to the room that there is, and nothing is written where there is none. */
static void test_room(void **state)
{
	json_t *record = record_of(FILE_);
	char buf[5] = "....";

	(void)state;
	assert_true(rf_filter_field(record, "path", buf, sizeof(buf)));
	assert_string_equal(buf, "/srv");
	assert_true(rf_filter_field(record, "path", NULL, 0));
	assert_false(rf_filter_field(record, "no such field", buf, sizeof(buf)));
	json_decref(record);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
