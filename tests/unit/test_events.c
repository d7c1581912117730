// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From raw records to lines: forms, escapes, exact counts, and records that can't be trusted. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "events/events.h"
#include "events/json.h"
#include "events/merge.h"
#include "events/print.h"

static const char text[] = "apiVersion: ringfence.dev/v1\n"
			   "kind: Policy\n"
			   "metadata: { name: coding-agent }\n"
			   "spec:\n"
			   "  files:\n"
			   "    - { allow: [read, exec], paths: [\"/usr/**\"] }\n"
			   "    - { allow: [read, write], paths: [\"/work/**\", \"/root/**\"] }\n"
			   "    - { deny: [write], paths: [\"/work/**/.git/hooks/**\"] }\n"
			   "    - deny: [read, write]\n"
			   "      paths: [\"/root/.ssh/**\"]\n"
			   "      reason: \"private keys stay outside\"\n"
			   "    - { deny: read, paths: \"/work/cache/**\", quiet: true }\n"
			   "    - { deny: write, paths: \"/work/cache/loud/**\" }\n"
			   "    - { deny: write, paths: \"/work/cache/still/**\", quiet: true }\n"
			   "  network:\n"
			   "    - { allow: connect, to: [\"192.0.2.0/24\"], ports: [\"443\"], protocols: [tcp] }\n"
			   "    - { deny: connect, to: [\"192.0.2.9/32\"], reason: \"say \\\"no\\\"\" }\n"
			   "    - { deny: connect, to: 192.0.2.8, quiet: true }\n"
			   "  unix:\n"
			   "    - { allow: connect, paths: [\"/run/user/**\"] }\n"
			   "    - { deny: connect, paths: \"/run/user/*/bus\", quiet: true }\n";

static struct rf_policies policies;

static int setup(void **state)
{
	struct rf_diags diags = {0};
	struct rf_vars vars = {0};
	int err = rf_policies_parse(&policies, "p.yaml", text, sizeof(text) - 1, &diags);

	(void)state;
	if (!err)
		err = rf_policy_bind(&policies.policy[0], &vars, false, &diags);
	rf_diags_print(&diags, stderr);
	rf_diags_free(&diags);
	rf_vars_free(&vars);
	return err;
}

static int teardown(void **state)
{
	(void)state;
	rf_policies_free(&policies);
	return 0;
}

static int find(void *context, uint32_t slot, uint64_t generation, struct rf_slot *out)
{
	(void)context;
	(void)generation;
	if (slot != 7)
		return -ENOENT;
	*out = (struct rf_slot){policies.policy[0].name, &policies.policy[0], false};
	return 0;
}

/* ------------------------------------------------------------- making records */

struct record {
	struct rf_event head;
	char tail[3 * RF_PATH_MAX];
};

static size_t record_len(const struct record *r)
{
	return sizeof(r->head) + r->head.object_len + r->head.second_len + r->head.exe_len;
}

static void add_tail(struct record *r, const char *name, size_t len, __u16 *field)
{
	memcpy(r->tail + record_len(r) - sizeof(r->head), name, len);
	*field = len;
}

static void record_file(struct record *r, unsigned access, const char *path)
{
	memset(r, 0, sizeof(*r));
	r->head = (struct rf_event){
		.time = 5,
		.sandbox = 3,
		.generation = 9,
		.total = 1,
		.pid = 413,
		.tgid = 412,
		.uid = 1000,
		.policy = 7,
		.hook = RF_HOOK_file_open,
		.reason = RF_REASON_RULE,
		.access = access,
		.verdict = RF_DENIED,
		.object = RF_OBJECT_FILE,
		.error = EACCES,
		.comm = "cat",
		.parent = {{400, "sh"},
			   {1, {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'}}},
	};
	add_tail(r, path, strlen(path), &r->head.object_len);
}

static void record_net(struct record *r, unsigned access, int protocol, const char *ip, unsigned port)
{
	struct rf_address *a = &r->head.address;

	record_file(r, access, "");
	r->head.object = RF_OBJECT_NET;
	r->head.hook = access == RF_BIND ? RF_HOOK_socket_bind : RF_HOOK_socket_connect;
	a->port = port;
	a->protocol = protocol;
	if (strchr(ip, ':')) {
		a->family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, ip, a->addr), 1);
	} else {
		a->family = AF_INET;
		a->addr[10] = a->addr[11] = 0xff;
		assert_int_equal(inet_pton(AF_INET, ip, a->addr + 12), 1);
	}
}

/* ------------------------------------------------------------- reading lines */

/* A sink that writes to temporary files. */
struct bench {
	struct rf_sink *sink;
	FILE *lines, *json;
};

static void bench_open(struct bench *b, bool colour, bool quiet)
{
	b->lines = tmpfile();
	b->json = tmpfile();
	assert_non_null(b->lines);
	assert_non_null(b->json);
	b->sink = rf_sink_open(&(struct rf_sink_options){
		.fd = fileno(b->lines), .colour = colour, .quiet = quiet, .json = fileno(b->json), .find = find});
	assert_non_null(b->sink);
}

static void bench_close(struct bench *b)
{
	rf_sink_close(b->sink);
	fclose(b->lines);
	fclose(b->json);
}

/* All that was written, to be freed. */
static char *written(FILE *file)
{
	off_t len = lseek(fileno(file), 0, SEEK_END);
	char *all = malloc((size_t)len + 1);

	assert_non_null(all);
	assert_int_equal(pread(fileno(file), all, (size_t)len, 0), len);
	all[len] = '\0';
	return all;
}

static void give(struct bench *b, const struct record *r)
{
	assert_int_equal(rf_sink_event(b->sink, r, record_len(r)), 0);
}

static void expect(const struct record *r, const char *line)
{
	struct bench b;
	char *all;

	bench_open(&b, false, false);
	give(&b, r);
	all = written(b.lines);
	assert_string_equal(all, line);
	free(all);
	bench_close(&b);
}

static void expect_json(const struct record *r, const char *part)
{
	struct bench b;
	char *all;

	bench_open(&b, false, false);
	give(&b, r);
	all = written(b.json);
	if (!strstr(all, part))
		fail_msg("%s is not in %s", part, all);
	assert_ptr_equal(strchr(all, '\n'), all + strlen(all) - 1);
	free(all);
	bench_close(&b);
}

/* ------------------------------------------------------------- forms */

static void a_rule_is_told_with_its_reason(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/root/.ssh/id_ed25519");
	expect(&r, "ringfence: denied read /root/.ssh/id_ed25519  cat[412]  by coding-agent files[3] "
		   "\"private keys stay outside\"\n");
	record_file(&r, RF_WRITE, "/work/a/.git/hooks/pre-commit");
	expect(&r, "ringfence: denied write /work/a/.git/hooks/pre-commit  cat[412]  by coding-agent files[2]\n");
}

static void a_default_deny_and_other_reasons_are_told(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/etc/shadow");
	expect(&r, "ringfence: denied read /etc/shadow  cat[412]  by coding-agent (no rule allows it)\n");
	record_file(&r, RF_READ | RF_WRITE, "/etc/shadow");
	expect(&r, "ringfence: denied read,write /etc/shadow  cat[412]  by coding-agent (no rule allows it)\n");
	record_file(&r, RF_READ, "");
	r.head.reason = RF_REASON_NO_PATH;
	expect(&r, "ringfence: denied read (no name)  cat[412]  by coding-agent: "
		   "the object has no path in the task's mount namespace\n");
	record_file(&r, RF_READ, "/etc/shadow");
	r.head.policy = 8;
	expect(&r, "ringfence: denied read /etc/shadow  cat[412]  by policy in slot 8 (its text is not at hand)\n");
}

static void a_rename_shows_both_names_and_the_rule_of_the_refused_one(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_WRITE, "/work/x");
	r.head.hook = RF_HOOK_path_rename;
	add_tail(&r, "/root/.ssh/y", 12, &r.head.second_len);
	expect(&r, "ringfence: denied write /work/x -> /root/.ssh/y  cat[412]  by coding-agent files[3] "
		   "\"private keys stay outside\"\n");
	r.head.reason = RF_REASON_GAIN;
	r.head.error = EXDEV;
	expect(&r, "ringfence: denied write /work/x -> /root/.ssh/y  cat[412]  by coding-agent: "
		   "the new name would have other rights than the old one\n");
	expect_json(&r, "\"second\":\"/root/.ssh/y\"");
	expect_json(&r, "\"errno\":\"EXDEV\"");
	expect_json(&r, "\"why\":\"gain\"");
}

static void destinations_are_told(void **state)
{
	struct record r;

	(void)state;
	record_net(&r, RF_CONNECT, IPPROTO_TCP, "198.51.100.1", 443);
	expect(&r, "ringfence: denied connect tcp 198.51.100.1:443  cat[412]  by coding-agent (no rule allows it)\n");
	record_net(&r, RF_CONNECT, IPPROTO_UDP, "192.0.2.9", 53);
	expect(&r, "ringfence: denied connect udp 192.0.2.9:53  cat[412]  by coding-agent network[1] "
		   "\"say \\\"no\\\"\"\n");
	record_net(&r, RF_BIND, IPPROTO_TCP, "0.0.0.0", 80);
	expect(&r, "ringfence: denied bind tcp 0.0.0.0:80  cat[412]  by coding-agent (no rule allows it)\n");
	record_net(&r, RF_CONNECT, IPPROTO_UDP, "2001:db8::1", 53);
	expect(&r, "ringfence: denied connect udp [2001:db8::1]:53  cat[412]  by coding-agent (no rule allows it)\n");
	expect_json(&r, "\"family\":\"inet6\"");
	expect_json(&r, "\"address\":\"2001:db8::1\",\"port\":53");
	record_net(&r, RF_CONNECT, 0, "0.0.0.0", 0);
	r.head.reason = RF_REASON_FAMILY;
	r.head.address.family = AF_PACKET;
	r.head.address.type = SOCK_RAW;
	expect(&r, "ringfence: denied connect packet raw socket  cat[412]  by coding-agent: "
		   "sockets of this family or type cannot be judged\n");
}

/* A socket that was refused for itself has no address, and its protocol's number no word. */
static void sockets_without_an_address_are_told(void **state)
{
	struct record r;

	(void)state;
	record_net(&r, RF_CONNECT, 768, "::", 0);
	r.head.hook = RF_HOOK_socket_create;
	r.head.reason = RF_REASON_GUARD;
	r.head.guard = RF_GUARD_SOCKETS;
	r.head.address.family = AF_PACKET;
	r.head.address.type = SOCK_RAW;
	expect(&r, "ringfence: denied connect packet raw socket  cat[412]  by coding-agent: guard sockets\n");
	expect_json(&r, "\"kind\":\"net\",\"object\":\"packet raw socket\",\"family\":\"packet\",\"socket\":\"raw\","
			"\"protocol\":null,\"protocol_number\":768,\"address\":null,\"port\":null,");
	record_net(&r, RF_BIND, IPPROTO_TCP, "::", 0);
	r.head.reason = RF_REASON_ADDRESS;
	r.head.address.type = SOCK_STREAM;
	expect(&r, "ringfence: denied bind inet6 stream socket  cat[412]  by coding-agent: "
		   "the address may mean one that is denied\n");
	expect_json(&r,
		    "\"object\":\"inet6 stream socket\",\"family\":\"inet6\",\"socket\":\"stream\",\"protocol\":null,"
		    "\"protocol_number\":6,\"address\":null,\"port\":null,");
	record_net(&r, RF_CONNECT, IPPROTO_UDP, "0.0.0.0", 53);
	r.head.reason = RF_REASON_ADDRESS;
	expect(&r, "ringfence: denied connect udp 0.0.0.0:53  cat[412]  by coding-agent: "
		   "the address may mean one that is denied\n");
	expect_json(&r, "\"object\":\"udp:0.0.0.0:53\"");
}

static void unix_names_are_told(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_CONNECT, "@/tmp/.X11-unix/X0");
	r.head.object = RF_OBJECT_UNIX;
	expect(&r, "ringfence: denied connect @/tmp/.X11-unix/X0  cat[412]  by coding-agent (no rule allows it)\n");
	record_file(&r, RF_CONNECT, "/run/docker.sock");
	r.head.object = RF_OBJECT_UNIX;
	expect(&r, "ringfence: denied connect /run/docker.sock  cat[412]  by coding-agent (no rule allows it)\n");
}

static void what_has_no_object_is_called_by_its_hook(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, 0, "");
	r.head.object = RF_OBJECT_NONE;
	r.head.hook = RF_HOOK_uring_override_creds;
	r.head.reason = RF_REASON_GUARD;
	expect(&r, "ringfence: denied uring_override_creds  cat[412]  by coding-agent: "
		   "a guard of the sandbox closes this\n");
	r.head.policy = 8;
	expect(&r, "ringfence: denied uring_override_creds  cat[412]  by ringfence: "
		   "a guard of the sandbox closes this\n");
	expect_json(&r, "\"access\":\"\",\"kind\":\"none\",\"object\":null");
}

static void audit_and_repeats_are_told(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/etc/shadow");
	r.head.verdict = RF_WOULD_DENY;
	r.head.merge = 77;
	r.head.total = 37;
	expect(&r, "ringfence: would deny read /etc/shadow  cat[412]  by coding-agent (no rule allows it) "
		   "(37 times)\n");
	expect_json(&r, "\"verdict\":\"would-deny\"");
	expect_json(&r, "\"count\":37");
}

static void a_verdict_that_the_rules_contradict_is_a_fault(void **state)
{
	struct record r;
	struct bench b;
	char *all;

	(void)state;
	record_file(&r, RF_READ, "/usr/bin/true");
	expect(&r, "ringfence: denied read /usr/bin/true  cat[412]  by coding-agent files[0] "
		   "(a fault in ringfence: the rules allow it)\n");
	expect_json(&r, "\"fault\":true");
	bench_open(&b, false, false);
	give(&b, &r);
	assert_int_equal(rf_sink_counts(b.sink).faults, 1);
	assert_int_equal(rf_sink_summary(b.sink, NULL), 0);
	all = written(b.lines);
	assert_non_null(strstr(all, "ringfence: FAULT: 1 denial"));
	free(all);
	bench_close(&b);
}

static void names_cannot_drive_a_terminal_or_forge_a_line(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ,
		    "/a\nb\x1b[31m\xff\\ \xe2\x80\xae"
		    "x\xc2\x9b\xc3\xa9  cat[1]");
	memcpy(r.head.comm, "e\tvil\x07\xe2\x80\x8bxyz1234", RF_COMM_LEN);
	expect(&r, "ringfence: denied read /a\\nb\\x1b[31m\\xff\\\\ \\xe2\\x80\\xaex\\xc2\\x9b\xc3\xa9 \\x20cat[1]  "
		   "e\\tvil\\x07\\xe2\\x80\\x8bxyz1234[412]  by coding-agent (no rule allows it)\n");
}

static void colour_marks_the_verdict_and_dims_the_rest(void **state)
{
	struct record r;
	struct bench b;
	char *all;

	(void)state;
	record_file(&r, RF_READ, "/x");
	bench_open(&b, true, false);
	give(&b, &r);
	all = written(b.lines);
	assert_string_equal(all, "ringfence: \033[31mdenied\033[0m read /x\033[2m  cat[412]  by coding-agent "
				 "(no rule allows it)\033[0m\n");
	free(all);
	bench_close(&b);
}

/* ------------------------------------------------------------- JSON */

static void json_has_all_fields(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/root/.ssh/id_ed25519");
	add_tail(&r, "/usr/bin/cat", 12, &r.head.exe_len);
	expect_json(&r, "\"sandbox\":3,\"pid\":413,\"tgid\":412,\"uid\":1000,\"comm\":\"cat\",\"exe\":\"/usr/bin/cat\","
			"\"parents\":[{\"tgid\":400,\"comm\":\"sh\"},{\"tgid\":1,\"comm\":\"0123456789abcdef\"}],"
			"\"hook\":\"file_open\",\"access\":\"read\",\"kind\":\"file\","
			"\"object\":\"/root/.ssh/id_ed25519\",\"verdict\":\"denied\",\"policy\":\"coding-agent\","
			"\"rule\":\"files[3]\",\"where\":\"p.yaml:9\",\"reason\":\"private keys stay outside\","
			"\"why\":\"rule\",\"errno\":\"EACCES\",\"generation\":9,\"count\":1,\"again\":false}");
}

static void json_time_is_rfc3339_with_nanoseconds(void **state)
{
	struct rf_line line = {0};
	struct rf_denial denial;
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/x");
	r.head.time = 1000000001;
	assert_int_equal(rf_event_decode(&denial, &r, record_len(&r)), 0);
	rf_print_json(&line, &(struct rf_report){.denial = &denial, .boot_offset = 1700000000000000000});
	rf_line_bytes(&line, "", 1);
	assert_non_null(strstr(line.text, "\"time\":\"2023-11-14T22:13:21.000000001Z\""));
	rf_line_free(&line);
}

static void json_carries_bytes_that_are_no_text(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/a\xff\"\n");
	expect_json(&r, "\"object\":\"/a\xef\xbf\xbd\\\"\\u000a\",\"object_hex\":\"2f61ff220a\"");
	record_file(&r, RF_READ, "/\xc3\xa9\xf0\x9f\x98\x80");
	expect_json(&r, "\"object\":\"/\xc3\xa9\xf0\x9f\x98\x80\",\"verdict\"");
}

static void utf8_is_told_from_what_is_not(void **state)
{
	uint32_t code = 0;

	(void)state;
	assert_int_equal(rf_utf8("\xe2\x82\xac", 3, &code), 3);
	assert_int_equal(code, 0x20ac);
	assert_int_equal(rf_utf8("\xe2\x82", 2, NULL), 0);
	assert_int_equal(rf_utf8("\xc0\xaf", 2, NULL), 0);
	assert_int_equal(rf_utf8("\xed\xa0\x80", 3, NULL), 0);
	assert_int_equal(rf_utf8("\xf4\x90\x80\x80", 4, NULL), 0);
	assert_int_equal(rf_utf8("\xf8\x88\x80\x80\x80", 5, NULL), 0);
	assert_int_equal(rf_utf8("\x80", 1, NULL), 0);
	assert_int_equal(rf_utf8("", 0, NULL), 0);
}

/* ------------------------------------------------------------- untrusted records */

static void records_that_are_not_sound_are_refused(void **state)
{
	struct rf_denial denial;
	struct record good, r;
	size_t len;

	(void)state;
	record_file(&good, RF_READ, "/etc/shadow");
	len = record_len(&good);
	assert_int_equal(rf_event_decode(&denial, &good, len), 0);
	for (size_t short_of = 0; short_of < len; short_of++)
		assert_int_equal(rf_event_decode(&denial, &good, short_of), -EBADMSG);

#define SPOILT(field, with)                                                               \
	do {                                                                              \
		r = good;                                                                 \
		r.head.field = with;                                                      \
		assert_int_equal(rf_event_decode(&denial, &r, record_len(&r)), -EBADMSG); \
	} while (0)
	SPOILT(hook, RF_HOOK_NONE);
	SPOILT(hook, RF_HOOK_COUNT);
	SPOILT(reason, RF_REASON_COUNT);
	SPOILT(access, 0x20);
	SPOILT(verdict, RF_ALLOWED);
	SPOILT(verdict, 3);
	SPOILT(object, RF_OBJECT_COUNT);
	SPOILT(guard, RF_GUARD_COUNT);
	SPOILT(total, 0);
	SPOILT(object_len, RF_PATH_MAX);
#undef SPOILT
}

static void an_unsound_record_is_counted_and_told(void **state)
{
	struct bench b;
	char *all;

	(void)state;
	bench_open(&b, false, false);
	assert_int_equal(rf_sink_event(b.sink, "junk", 4), 0);
	assert_int_equal(rf_sink_counts(b.sink).malformed, 1);
	rf_sink_summary(b.sink, NULL);
	all = written(b.lines);
	assert_non_null(strstr(all, "FAULT: a denial came in a form that can't be read (4 bytes)\n"));
	free(all);
	all = written(b.json);
	assert_string_equal(all, "{\"type\":\"lost\",\"count\":0,\"malformed\":1}\n");
	free(all);
	bench_close(&b);
}

/* ------------------------------------------------------------- counts */

static uint64_t event(struct rf_merges *m, uint64_t key, uint64_t total, uint64_t time)
{
	return rf_merges_event(m, key, total, time, &key, sizeof(key));
}

static uint64_t rest(struct rf_merges *m, uint64_t key, uint64_t total)
{
	const void *data;
	size_t len;

	return rf_merges_rest(m, key, total, &data, &len);
}

static void counts_of_a_key_add_up(void **state)
{
	struct rf_merges *m = rf_merges_new();

	(void)state;
	assert_int_equal(event(m, 1, 1, 10), 1);
	assert_int_equal(event(m, 1, 37, 20), 36);
	assert_int_equal(event(m, 2, 5, 21), 5);
	assert_int_equal(rest(m, 1, 40), 3);
	assert_int_equal(rest(m, 1, 40), 0);
	assert_int_equal(event(m, 1, 41, 30), 1);
	assert_int_equal(rest(m, 3, 9), 0);
	rf_merges_free(m);
}

static void an_overtaken_event_is_counted_once(void **state)
{
	struct rf_merges *m = rf_merges_new();

	(void)state;
	assert_int_equal(event(m, 1, 6, 20), 6);
	assert_int_equal(event(m, 1, 5, 19), 0);
	assert_int_equal(event(m, 1, 1, 18), 0);
	assert_int_equal(event(m, 1, 7, 30), 1);
	rf_merges_free(m);
}

static void a_key_that_begins_anew_is_counted_anew(void **state)
{
	struct rf_merges *m = rf_merges_new();

	(void)state;
	assert_int_equal(event(m, 1, 6, 20), 6);
	assert_int_equal(event(m, 1, 1, 30), 1);
	assert_int_equal(event(m, 1, 4, 40), 3);
	rf_merges_free(m);
}

/* More keys than are remembered: sums of those remembered stay exact, and only the latest keep their event. */
static void old_events_go_first_then_old_keys(void **state)
{
	struct rf_merges *m = rf_merges_new();
	const void *data;
	size_t len;
	uint64_t keys = RF_MERGE_KEYS_MAX + 1000;

	(void)state;
	for (uint64_t key = 1; key <= keys; key++)
		assert_int_equal(event(m, key, 2, key), 2);
	for (uint64_t key = 1; key <= keys; key++) {
		uint64_t more = rf_merges_rest(m, key, 5, &data, &len);

		assert_int_equal(more, key <= 1000 ? 0 : 3);
		assert_true((data != NULL) == (key > keys - RF_MERGE_EVENTS_MAX));
		if (data)
			assert_memory_equal(data, &key, sizeof(key));
	}
	/* Used again, a key is the latest. */
	assert_int_equal(event(m, 1001, 6, keys + 1), 1);
	assert_int_equal(event(m, keys + 1, 1, keys + 2), 1);
	assert_int_equal(rest(m, 1001, 7), 1);
	assert_int_equal(rest(m, 1002, 9), 0);
	rf_merges_free(m);
}

/* A model of the kernel: totals by key, an event now and then, and some that are lost. */
static void random_storms_add_up_exactly(void **state)
{
	struct rf_merges *m = rf_merges_new();
	uint64_t total[50] = {0}, told[50] = {0}, time = 0;
	unsigned seed = 12345;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		unsigned key = (unsigned)rand_r(&seed) % 50;

		total[key]++;
		if (rand_r(&seed) % 10 == 0)
			told[key] += event(m, key + 1, total[key], ++time);
		if (rand_r(&seed) % 100 == 0)
			told[key] += rest(m, key + 1, total[key]);
	}
	for (unsigned key = 0; key < 50; key++)
		assert_int_equal(told[key] + rest(m, key + 1, total[key]), total[key]);
	rf_merges_free(m);
}

struct map {
	uint64_t key[3];
	struct rf_merge merge[3];
	int at, count;
};

static int map_next(void *context, uint64_t *key, struct rf_merge *merge)
{
	struct map *map = context;

	if (map->at == map->count)
		return 0;
	*key = map->key[map->at];
	*merge = map->merge[map->at++];
	return 1;
}

static void a_flush_tells_what_was_merged(void **state)
{
	struct map map = {.key = {5, 6, 99}, .merge = {{.total = 41}, {.total = 1}, {.total = 8}}, .count = 3};
	struct rf_sandbox counters = {.made = 45};
	struct record r;
	struct bench b;
	char *all;

	(void)state;
	bench_open(&b, false, false);
	record_file(&r, RF_READ, "/root/.ssh/k");
	r.head.merge = 5;
	give(&b, &r);
	record_file(&r, RF_READ, "/y");
	r.head.merge = 6;
	give(&b, &r);
	assert_int_equal(rf_sink_flush(b.sink, map_next, &map), 0);
	assert_int_equal(rf_sink_counts(b.sink).denials, 42);
	assert_int_equal(rf_sink_summary(b.sink, &counters), 0);
	all = written(b.lines);
	assert_string_equal(
		all,
		"ringfence: denied read /root/.ssh/k  cat[412]  by coding-agent files[3] \"private keys stay "
		"outside\"\n"
		"ringfence: denied read /y  cat[412]  by coding-agent (no rule allows it)\n"
		"ringfence: denied read /root/.ssh/k  cat[412]  by coding-agent files[3] \"private keys stay outside\" "
		"(40 more times)\n"
		"ringfence: 42 denials\n"
		"ringfence:      41  by coding-agent files[3] \"private keys stay outside\"\n"
		"ringfence:       1  by coding-agent (no rule allows it)\n"
		"ringfence: what no rule allows, and the option that would:\n"
		"ringfence:       1  --allow read:/y\n"
		"ringfence: LOST: 3 more denied than told: they came faster than they could be read\n");
	free(all);
	bench_close(&b);
}

static void a_thousand_distinct_denials_are_a_thousand_lines(void **state)
{
	struct record r;
	struct bench b;
	char *all, name[32];
	size_t lines = 0;

	(void)state;
	bench_open(&b, false, false);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "/etc/%u", i);
		record_file(&r, RF_READ, name);
		r.head.merge = i + 1;
		give(&b, &r);
	}
	all = written(b.json);
	for (char *at = all; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 1000);
	free(all);
	bench_close(&b);
}

static void quiet_says_nothing_to_people(void **state)
{
	struct record r;
	struct bench b;
	char *all;

	(void)state;
	bench_open(&b, false, true);
	record_file(&r, RF_READ, "/y");
	give(&b, &r);
	rf_sink_summary(b.sink, NULL);
	all = written(b.lines);
	assert_string_equal(all, "");
	free(all);
	all = written(b.json);
	assert_non_null(strstr(all, "\"object\":\"/y\""));
	free(all);
	bench_close(&b);
}

static void a_quiet_rule_is_told_in_the_summary_alone(void **state)
{
	struct record r;
	struct bench b;
	char *all;
	unsigned quiet = 0;

	(void)state;
	bench_open(&b, false, false);
	record_file(&r, RF_READ, "/work/cache/x");
	give(&b, &r);
	record_net(&r, RF_CONNECT, IPPROTO_TCP, "192.0.2.8", 443);
	give(&b, &r);
	record_file(&r, RF_CONNECT, "/run/user/5/bus");
	r.head.object = RF_OBJECT_UNIX;
	give(&b, &r);
	record_file(&r, RF_READ | RF_WRITE, "/work/cache/still/x");
	give(&b, &r);
	record_file(&r, RF_WRITE, "/work/cache/still/x");
	r.head.hook = RF_HOOK_path_rename;
	add_tail(&r, "/work/y", 7, &r.head.second_len);
	give(&b, &r);
	all = written(b.lines);
	assert_string_equal(all, "");
	free(all);
	rf_sink_summary(b.sink, NULL);
	all = written(b.lines);
	assert_string_equal(all, "ringfence: 5 denials\n"
				 "ringfence:       2  by coding-agent files[4]\n"
				 "ringfence:       1  by coding-agent files[6]\n"
				 "ringfence:       1  by coding-agent network[2]\n"
				 "ringfence:       1  by coding-agent unix[1]\n");
	free(all);
	all = written(b.json);
	for (const char *at = all; (at = strstr(at, "\"quiet\":true,")); at++)
		quiet++;
	assert_int_equal(quiet, 5);
	free(all);
	bench_close(&b);
}

/* What another rule refuses at the same time is told, and by that rule. */
static void a_quiet_rule_silences_no_other(void **state)
{
	struct record r;

	(void)state;
	record_file(&r, RF_READ | RF_WRITE, "/work/cache/loud/x");
	expect(&r, "ringfence: denied read,write /work/cache/loud/x  cat[412]  by coding-agent files[5]\n");
	record_file(&r, RF_WRITE, "/work/cache/still/x");
	r.head.hook = RF_HOOK_path_rename;
	add_tail(&r, "/work/cache/loud/y", 18, &r.head.second_len);
	expect(&r, "ringfence: denied write /work/cache/still/x -> /work/cache/loud/y  cat[412]  by coding-agent "
		   "files[5]\n");
	/* Guards and what never came to the rules. */
	record_file(&r, RF_READ, "/work/cache/x");
	r.head.reason = RF_REASON_NO_PATH;
	expect(&r, "ringfence: denied read /work/cache/x  cat[412]  by coding-agent: "
		   "the object has no path in the task's mount namespace\n");
}

static void nothing_denied_is_nothing_said(void **state)
{
	struct rf_sandbox counters = {0};
	struct bench b;
	char *all;

	(void)state;
	bench_open(&b, false, false);
	assert_int_equal(rf_sink_summary(b.sink, &counters), 0);
	all = written(b.lines);
	assert_string_equal(all, "");
	free(all);
	bench_close(&b);
}

static void a_json_file_that_is_full_is_told(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct rf_sink *sink = rf_sink_open(&(struct rf_sink_options){.fd = -1, .json = full});
	struct record r;

	(void)state;
	record_file(&r, RF_READ, "/y");
	rf_sink_event(sink, &r, record_len(&r));
	assert_int_equal(rf_sink_summary(sink, NULL), -ENOSPC);
	rf_sink_close(sink);
	close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_told_with_its_reason),
		cmocka_unit_test(a_default_deny_and_other_reasons_are_told),
		cmocka_unit_test(a_rename_shows_both_names_and_the_rule_of_the_refused_one),
		cmocka_unit_test(destinations_are_told),
		cmocka_unit_test(sockets_without_an_address_are_told),
		cmocka_unit_test(unix_names_are_told),
		cmocka_unit_test(what_has_no_object_is_called_by_its_hook),
		cmocka_unit_test(audit_and_repeats_are_told),
		cmocka_unit_test(a_verdict_that_the_rules_contradict_is_a_fault),
		cmocka_unit_test(names_cannot_drive_a_terminal_or_forge_a_line),
		cmocka_unit_test(colour_marks_the_verdict_and_dims_the_rest),
		cmocka_unit_test(json_has_all_fields),
		cmocka_unit_test(json_time_is_rfc3339_with_nanoseconds),
		cmocka_unit_test(json_carries_bytes_that_are_no_text),
		cmocka_unit_test(utf8_is_told_from_what_is_not),
		cmocka_unit_test(records_that_are_not_sound_are_refused),
		cmocka_unit_test(an_unsound_record_is_counted_and_told),
		cmocka_unit_test(counts_of_a_key_add_up),
		cmocka_unit_test(an_overtaken_event_is_counted_once),
		cmocka_unit_test(a_key_that_begins_anew_is_counted_anew),
		cmocka_unit_test(old_events_go_first_then_old_keys),
		cmocka_unit_test(random_storms_add_up_exactly),
		cmocka_unit_test(a_flush_tells_what_was_merged),
		cmocka_unit_test(a_thousand_distinct_denials_are_a_thousand_lines),
		cmocka_unit_test(quiet_says_nothing_to_people),
		cmocka_unit_test(a_quiet_rule_is_told_in_the_summary_alone),
		cmocka_unit_test(a_quiet_rule_silences_no_other),
		cmocka_unit_test(nothing_denied_is_nothing_said),
		cmocka_unit_test(a_json_file_that_is_full_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
