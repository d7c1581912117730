// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a process has open, read from this one; and which of it a policy would deny. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "held/held.h"

static char dir[] = "/tmp/test-held-XXXXXX";
static char abstract[64];

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
	static const char *const names[] = {"r", "w", "rw", "map", "path", "line\nbreak", "held.sock"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
}

static int make_file(const char *name, int flags)
{
	int fd = open(in_dir(name), O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	close(fd);
	fd = open(in_dir(name), flags | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* ------------------------------------------------------------------------ reading */

/* What is looked for, and how often it was found. */
struct want {
	struct rf_open open;
	unsigned seen, access;
};

static int match(void *context, const struct rf_open *open)
{
	struct want *want = context;
	const struct rf_open *like = &want->open;

	if (open->what != like->what || open->section != like->section || open->deleted != like->deleted)
		return 0;
	if (like->path && (!open->path || strcmp(open->path, like->path) != 0))
		return 0;
	if (like->section == RF_NETWORK && (open->protocol != like->protocol || open->port != like->port ||
					    memcmp(open->addr, like->addr, sizeof(open->addr)) != 0))
		return 0;
	want->seen++;
	want->access |= open->access;
	return 0;
}

static unsigned look(struct want *want)
{
	struct rf_open_reader *reader = rf_open_reader_new(INT64_MAX);

	assert_non_null(reader);
	want->seen = want->access = 0;
	assert_int_equal(rf_open_read(reader, getpid(), match, want), 0);
	rf_open_reader_free(reader);
	return want->seen;
}

static unsigned find_file(enum rf_open_what what, const char *path, bool deleted, unsigned *access)
{
	struct want want = {.open = {.what = what, .section = RF_FILES, .path = path, .deleted = deleted}};
	unsigned seen = look(&want);

	*access = want.access;
	return seen;
}

static void files_are_read(void **state)
{
	int r = make_file("r", O_RDONLY), w = make_file("w", O_WRONLY), rw = make_file("rw", O_RDWR);
	int path = make_file("path", O_PATH), line = make_file("line\nbreak", O_RDONLY), memory;
	unsigned access;

	(void)state;
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("r"), false, &access), 1);
	assert_int_equal(access, RF_READ);
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("w"), false, &access), 1);
	assert_int_equal(access, RF_WRITE);
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("rw"), false, &access), 1);
	assert_int_equal(access, RF_READ | RF_WRITE);
	/* A name alone opens nothing. */
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("path"), false, &access), 0);
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("line\nbreak"), false, &access), 1);
	unlink(in_dir("r"));
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("r"), true, &access), 1);
	memory = memfd_create("held test", MFD_CLOEXEC);
	assert_int_equal(find_file(RF_OPEN_FILE, "memfd:held test", false, &access), 1);
	close(r), close(w), close(rw), close(path), close(line), close(memory);
	assert_int_equal(find_file(RF_OPEN_FILE, in_dir("w"), false, &access), 0);
}

static void mappings_are_read(void **state)
{
	int fd = make_file("map", O_RDWR), line = make_file("line\nbreak", O_RDONLY);
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *exec = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, line, 0), *own;
	unsigned access;

	(void)state;
	close(fd), close(line);
	assert_true(find_file(RF_OPEN_MAPPED, in_dir("map"), false, &access));
	assert_int_equal(access, RF_READ | RF_WRITE);
	munmap(shared, 4096);
	assert_false(find_file(RF_OPEN_MAPPED, in_dir("map"), false, &access));
	assert_true(find_file(RF_OPEN_MAPPED, in_dir("line\nbreak"), false, &access));
	assert_int_equal(access, RF_EXEC);
	munmap(exec, 4096);
	/* What is written to a private mapping never comes to the file. */
	fd = make_file("map", O_RDONLY);
	own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	assert_true(find_file(RF_OPEN_MAPPED, in_dir("map"), false, &access));
	assert_int_equal(access, RF_READ);
	munmap(own, 4096);
	/* Memory that has no file. */
	own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_false(find_file(RF_OPEN_MAPPED, "/dev/zero", true, &access));
	munmap(own, 4096);
}

static struct want network(enum rf_open_what what, unsigned protocol, const char *ip, unsigned port)
{
	struct want want = {.open = {.what = what, .section = RF_NETWORK, .protocol = protocol}};

	want.open.port = (uint16_t)port;
	if (strchr(ip, ':')) {
		inet_pton(AF_INET6, ip, want.open.addr);
		return want;
	}
	memset(want.open.addr + 10, 0xff, 2);
	inet_pton(AF_INET, ip, want.open.addr + 12);
	return want;
}

/* A socket bound to a port of 127.0.0.1 that the kernel would not choose by itself. */
static int bind_low(int type, struct sockaddr_in *name)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	*name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (unsigned port = 20000 + (unsigned)getpid() % 8000; port < 32000; port++) {
		name->sin_port = htons((uint16_t)port);
		if (bind(fd, (struct sockaddr *)name, sizeof(*name)) == 0)
			return fd;
	}
	fail_msg("no port is free");
	return -1;
}

static void sockets_are_read(void **state)
{
	struct sockaddr_in name, own;
	socklen_t len = sizeof(own);
	int server = bind_low(SOCK_STREAM, &name), client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), accepted;
	struct want want;

	(void)state;
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
	accepted = accept(server, NULL, NULL);
	getsockname(client, (struct sockaddr *)&own, &len);
	want = network(RF_OPEN_CONNECTED, RF_TCP, "127.0.0.1", ntohs(name.sin_port));
	assert_int_equal(look(&want), 1);
	assert_int_equal(want.access, RF_CONNECT);
	want = network(RF_OPEN_BOUND, RF_TCP, "127.0.0.1", ntohs(name.sin_port));
	assert_int_equal(look(&want), 1);
	assert_int_equal(want.access, RF_BIND);
	/* Who was accepted did not connect, and who connects names no port of his own. */
	want = network(RF_OPEN_CONNECTED, RF_TCP, "127.0.0.1", ntohs(own.sin_port));
	assert_int_equal(look(&want), 0);
	want = network(RF_OPEN_BOUND, RF_TCP, "127.0.0.1", ntohs(own.sin_port));
	assert_int_equal(look(&want), 0);
	close(server), close(client), close(accepted);
	server = bind_low(SOCK_DGRAM, &name);
	client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	connect(client, (struct sockaddr *)&name, sizeof(name));
	want = network(RF_OPEN_BOUND, RF_UDP, "127.0.0.1", ntohs(name.sin_port));
	assert_int_equal(look(&want), 1);
	want = network(RF_OPEN_CONNECTED, RF_UDP, "127.0.0.1", ntohs(name.sin_port));
	assert_int_equal(look(&want), 1);
	close(client);
	/* Who sends gets a port of the kernel's choice, without a rule. */
	client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(sendto(client, "", 1, 0, (struct sockaddr *)&name, sizeof(name)), 1);
	len = sizeof(own);
	getsockname(client, (struct sockaddr *)&own, &len);
	want = network(RF_OPEN_BOUND, RF_UDP, "0.0.0.0", ntohs(own.sin_port));
	assert_int_equal(look(&want), 0);
	close(server), close(client);
	want = network(RF_OPEN_BOUND, RF_UDP, "127.0.0.1", ntohs(name.sin_port));
	assert_int_equal(look(&want), 0);
}

static void sockets_of_six_are_read(void **state)
{
	struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int server = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(name);
	struct want want;

	(void)state;
	if (server < 0 || bind(server, (struct sockaddr *)&name, sizeof(name)) || listen(server, 1))
		skip();
	getsockname(server, (struct sockaddr *)&name, &len);
	want = network(RF_OPEN_BOUND, RF_TCP, "::1", ntohs(name.sin6_port));
	assert_int_equal(look(&want), 1);
	close(server);
}

static void unix_sockets_are_read(void **state)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX}, name = {.sun_family = AF_UNIX};
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1);
	int server[2], client[2];
	struct want want = {.open = {.what = RF_OPEN_CONNECTED, .section = RF_UNIX}};
	struct rf_open_reader *reader = rf_open_reader_new(INT64_MAX);
	bool missed;

	(void)state;
	snprintf(path.sun_path, sizeof(path.sun_path), "%s", in_dir("held.sock"));
	snprintf(abstract, sizeof(abstract), "@test-held-%d", getpid());
	strcpy(name.sun_path + 1, abstract + 1);
	len += (socklen_t)strlen(abstract + 1);
	for (int i = 0; i < 2; i++) {
		struct sockaddr *to = (struct sockaddr *)(i ? &name : &path);
		socklen_t size = i ? len : sizeof(path);

		server[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		client[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(server[i], to, size), 0);
		assert_int_equal(listen(server[i], 1), 0);
		assert_int_equal(connect(client[i], to, size), 0);
		close(accept(server[i], NULL, NULL)); /* gone: it is connected to nobody */
	}
	assert_int_equal(rf_open_read(reader, getpid(), match, &want), 0);
	missed = rf_open_misses_unix(reader);
	rf_open_reader_free(reader);
	if (missed)
		skip();
	assert_int_equal(want.seen, 0);
	for (int i = 0; i < 2; i++) {
		int accepted, again = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_int_equal(connect(again, (struct sockaddr *)(i ? &name : &path), i ? len : sizeof(path)), 0);
		accepted = accept(server[i], NULL, NULL);
		want.open.path = i ? abstract : path.sun_path;
		assert_int_equal(look(&want), 1);
		assert_int_equal(want.access, RF_CONNECT);
		close(server[i]), close(client[i]), close(again), close(accepted);
	}
}

static int stop_at_once(void *context, const struct rf_open *open)
{
	(void)open;
	++*(int *)context;
	return -E2BIG;
}

static void it_ends(void **state)
{
	struct rf_open_reader *reader = rf_open_reader_new(0);
	int seen = 0, fd = make_file("r", O_RDONLY);

	(void)state;
	assert_int_equal(rf_open_read(reader, getpid(), stop_at_once, &seen), -ETIME);
	assert_int_equal(seen, 0);
	rf_open_reader_free(reader);
	reader = rf_open_reader_new(INT64_MAX);
	assert_int_equal(rf_open_read(reader, getpid(), stop_at_once, &seen), -E2BIG);
	assert_int_equal(seen, 1);
	/* No such process. */
	assert_int_equal(rf_open_read(reader, 0x7ffffff0, stop_at_once, &seen), 0);
	rf_open_reader_free(reader);
	close(fd);
}

/* ----------------------------------------------------------------------- judging */

static const char text[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: web }\nspec:\n"
			   "  files:\n"
			   "    - { allow: [read, write], paths: [\"/srv/**\"] }\n"
			   "    - { deny: write, paths: [\"/srv/key\"] }\n"
			   "    - { deny: [read, write], paths: [\"/srv/secret\"], reason: \"no\" }\n"
			   "  network:\n"
			   "    - { allow: connect, to: [127.0.0.0/8], ports: [\"443\"], protocols: [tcp] }\n";

static const struct rf_policy *policy_of(struct rf_policies *policies)
{
	struct rf_vars none = {.pair = NULL};
	struct rf_diags diags = {.diag = NULL};

	assert_int_equal(rf_policies_parse(policies, "web.yaml", text, strlen(text), &diags), 0);
	assert_int_equal(rf_policy_bind(&policies->policy[0], &none, false, &diags), 0);
	rf_diags_free(&diags);
	return &policies->policy[0];
}

static void add_file(struct rf_held *held, const struct rf_policy *policy, const char *process, const char *path,
		     unsigned access, bool deleted)
{
	const struct rf_open open = {.section = RF_FILES, .access = access, .path = path, .deleted = deleted};

	assert_int_equal(rf_held_add(held, 7, process, policy, &open), 0);
}

static void what_is_denied_is_told(void **state)
{
	struct rf_policies policies = {.policy = NULL};
	const struct rf_policy *policy = policy_of(&policies);
	struct rf_held held = {.count = 0};
	struct want peer = network(RF_OPEN_CONNECTED, RF_TCP, "127.0.0.1", 443);

	(void)state;
	add_file(&held, policy, "cat", "/srv/page", RF_READ | RF_WRITE, false);
	peer.open.access = RF_CONNECT;
	assert_int_equal(rf_held_add(&held, 7, "cat", policy, &peer.open), 0);
	assert_int_equal(held.count, 0);
	add_file(&held, policy, "cat", "/srv/key", RF_READ | RF_WRITE, false);
	assert_int_equal(held.count, 1);
	assert_int_equal(held.item[0].access, RF_WRITE);
	assert_ptr_equal(held.item[0].rule, &policy->rule[RF_FILES][1]);
	add_file(&held, policy, "cat", "/srv/secret", RF_READ | RF_WRITE, true);
	assert_int_equal(held.item[1].access, RF_READ | RF_WRITE);
	assert_string_equal(held.item[1].object, "/srv/secret (deleted)");
	add_file(&held, policy, "cat", "/etc/x", RF_READ, false);
	assert_null(held.item[2].rule);
	peer.open.port = 80;
	assert_int_equal(rf_held_add(&held, 7, "cat", policy, &peer.open), 0);
	assert_string_equal(held.item[3].object, "tcp:127.0.0.1:80");
	assert_int_equal(held.count, 4);
	rf_held_free(&held);
	rf_policies_free(&policies);
}

static void what_is_alike_is_one_line(void **state)
{
	struct rf_policies policies = {.policy = NULL};
	const struct rf_policy *policy = policy_of(&policies);
	struct rf_held held = {.count = 0};
	char path[32];

	(void)state;
	for (int i = 0; i < 3; i++)
		add_file(&held, policy, "cat", "/etc/x", RF_READ, false);
	add_file(&held, policy, "dog", "/etc/x", RF_READ, false);
	add_file(&held, policy, "cat", "/etc/x", RF_WRITE, false);
	assert_int_equal(held.count, 3);
	assert_int_equal(held.item[0].count, 3);
	for (int i = 0; i < 2 * RF_HELD_MAX; i++) {
		snprintf(path, sizeof(path), "/etc/%d", i);
		add_file(&held, policy, "cat", path, RF_READ, false);
	}
	assert_int_equal(held.count, RF_HELD_MAX);
	assert_int_equal(held.more, RF_HELD_MAX + 3);
	rf_held_free(&held);
	rf_policies_free(&policies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),	  cmocka_unit_test(mappings_are_read),
		cmocka_unit_test(sockets_are_read),	  cmocka_unit_test(sockets_of_six_are_read),
		cmocka_unit_test(unix_sockets_are_read),  cmocka_unit_test(it_ends),
		cmocka_unit_test(what_is_denied_is_told), cmocka_unit_test(what_is_alike_is_one_line),
	};

	return cmocka_run_group_tests_name("held", tests, make_dir, drop_dir);
}
