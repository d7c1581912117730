// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The API's server, asked in raw bytes: statuses, bodies, bounds. */
#include "api_support.h"

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, socket_path);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Sends bytes, as many as are taken. */
static void say(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* What comes until the end, or nothing for ten seconds. */
static const int patience = 10 * 1000; /* ms */
static const char *hear(int fd)
{
	static char text[64 << 10];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(text) - 1) {
		if (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, patience) <= 0)
			break;
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	return text;
}

static const char *exchange(const char *bytes, size_t len)
{
	const char *text;
	int fd = dial();

	assert_true(fd >= 0);
	say(fd, bytes, len);
	text = hear(fd);
	close(fd);
	return text;
}

/* One request that ends its connection; `head`: more lines of it, or "". */
static const char *ask(const char *method, const char *path, const char *head, const char *body)
{
	char text[8192];
	int len = snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s", method, path,
			   head);

	if (body)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "Content-Length: %zu\r\n\r\n%s", strlen(body),
				body);
	else
		len += snprintf(text + len, sizeof(text) - (size_t)len, "\r\n");
	return exchange(text, (size_t)len);
}

static const char *body_of(const char *text)
{
	const char *at = strstr(text, "\r\n\r\n");

	assert_non_null(at);
	return at + 4;
}

static json_t *json_of(const char *text)
{
	json_t *json = json_loads(body_of(text), 0, NULL);

	assert_non_null(json);
	return json;
}

static void statuses(void **state)
{
	static const struct {
		const char *method, *path, *head, *body;
		int status;
		const char *has; /* in the answer, headers included */
	} row[] = {
		{"GET", "/healthz", "", NULL, 200, "ok\n"},
		{"GET", "/readyz", "", NULL, 200, "ok\n"},
		{"GET", "/metrics", "", NULL, 200, "Content-Type: text/plain; version=0.0.4"},
		{"GET", "/metrics", "", NULL, 200, "x 1\n"},
		{"HEAD", "/healthz", "", NULL, 200, "Content-Length: 3"},
		{"GET", "/v1/version", "", NULL, 200, "\"abi\":7"},
		{"GET", "/v1/policies", "", NULL, 200, "\"PolicyList\""},
		{"GET", "/v1/policies?labelSelector=kind%3Dpreset", "", NULL, 200, "\"two\""},
		{"GET", "/v1/policies?labelSelector=", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?labelSelector=a%3Db,", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?limit=0", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?limit=-1", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?limit=99999999999999999999", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?limit", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/policies?limit=1&limit=1", "", NULL, 400, "twice"},
		{"GET", "/v1/policies?sort=name", "", NULL, 400, "there are labelSelector"},
		{"GET", "/v1/policies/one", "", NULL, 200, "ETag: \"1\""},
		{"GET", "/v1/policies/one?x=1", "", NULL, 400, "there are none"},
		{"GET", "/v1/policies/one", "If-None-Match: \"1\"\r\n", NULL, 304, "ETag: \"1\""},
		{"GET", "/v1/policies/one", "If-None-Match: \"7\", W/\"1\"\r\n", NULL, 304, ""},
		{"GET", "/v1/policies/one", "If-None-Match: *\r\n", NULL, 304, ""},
		{"GET", "/v1/policies/one", "If-None-Match: \"2\"\r\n", NULL, 200, "# as it was applied\\n"},
		{"GET", "/v1/policies/none", "", NULL, 404, "NotFound"},
		{"GET", "/v1/policies/", "", NULL, 404, "NoSuchPath"},
		{"GET", "/v1/policies/a%00b", "", NULL, 400, "BadPath"},
		{"GET", "/v1/policies/a%2fb", "", NULL, 404, "NoSuchPath"},
		{"GET", "/v1/policies/%ff", "", NULL, 404, "\xef\xbf\xbd"},
		{"GET", "/v1/policies/one/revisions", "", NULL, 200, "PolicyRevisionList"},
		{"GET", "/v1/policies/none/revisions", "", NULL, 404, "NotFound"},
		{"GET", "/v1/policies/one/two", "", NULL, 404, "NoSuchPath"},
		{"PUT", "/v1/policies/one", "", "x", 413, "takes no body"},
		{"PUT", "/v1/policies/one", "", NULL, 405, "Allow: GET, HEAD, DELETE"},
		{"GET", "/v1/apply", "", NULL, 405, "Allow: POST"},
		{"POST", "/v1/policies", "", NULL, 405, "Allow: GET, HEAD\r"},
		{"GET", "/v1/policies", "", "a body", 413, "takes no body"},
		{"POST", "/v1/apply?dryRun=1", "", "new text", 200, "\"created\""},
		{"POST", "/v1/apply?dryRun=yes", "", "new text", 400, "BadQuery"},
		{"POST", "/v1/apply", "", "", 400, "has no text"},
		{"POST", "/v1/apply?file=a.yaml", "", "bad", 400, "\"file\":\"a.yaml\""},
		{"POST", "/v1/apply", "", "conflict", 409, "Conflict"},
		{"POST", "/v1/apply?force=1&dryRun=true", "", "any", 200, "\"dryRun\":true"},
		{"GET", "/v1/policies/new", "", NULL, 404, ""},
		{"POST", "/v1/apply", "", "new text", 200, "\"created\""},
		{"POST", "/v1/apply", "", "new text", 200, "\"unchanged\""},
		{"POST", "/v1/apply", "", "new words", 200, "\"configured\""},
		{"GET", "/v1/policies/new", "", NULL, 200, "new words"},
		{"DELETE", "/v1/policies/new", "If-Match: \"1\"\r\n", NULL, 412, "Stale"},
		{"DELETE", "/v1/policies/new", "If-Match: 1\r\n", NULL, 400, "BadHeader"},
		{"DELETE", "/v1/policies/new", "If-Match: \"5\"\r\n", NULL, 200, "\"deleted\""},
		{"DELETE", "/v1/policies/new", "", NULL, 404, "NotFound"},
		{"DELETE", "/v1/policies/two", "If-Match: *\r\n", NULL, 200, "\"deleted\""},
		{"POST", "/v1/policies/one/rollback?to=1", "", NULL, 200, "\"configured\""},
		{"POST", "/v1/policies/one/rollback", "", "", 200, "\"configured\""},
		{"POST", "/v1/policies/one/rollback?to=x", "", NULL, 400, "BadQuery"},
		{"POST", "/v1/policies/one/rollback?to=99", "", NULL, 404, "NotFound"},
		{"GET", "/v1/policies/one/rollback", "", NULL, 405, "Allow: POST"},
		{"GET", "/v1/sandboxes", "", NULL, 200, "SandboxList"},
		{"GET", "/v1/sandboxes?labelSelector=a", "", NULL, 400, "BadQuery"},
		{"GET", "/v1/sandboxes/9", "", NULL, 200, "\"merged\":2"},
		{"GET", "/v1/sandboxes/8", "", NULL, 404, "NotFound"},
		{"GET", "/", "", NULL, 404, "NoSuchPath"},
		{"GET", "/v2/policies", "", NULL, 404, "NoSuchPath"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *text = ask(row[i].method, row[i].path, row[i].head, row[i].body);

		if (raw_status(text) != row[i].status || !strstr(text, row[i].has))
			fail_msg("%s %s: wanted %d and \"%s\", got: %s", row[i].method, row[i].path, row[i].status,
				 row[i].has, text);
	}
}

static void errors_are_json(void **state)
{
	const json_t *detail;
	json_t *json;

	(void)state;
	json = json_of(ask("POST", "/v1/apply?file=x.yaml", "", "bad"));
	assert_int_equal(json_integer_value(rf_json_path(json, "error.status")), 400);
	assert_string_equal(json_string_value(rf_json_path(json, "error.reason")), "Invalid");
	assert_string_equal(json_string_value(rf_json_path(json, "error.message")), "the text is no policy");
	detail = rf_json_path(json, "error.details[0]");
	assert_int_equal(json_integer_value(rf_json_path(detail, "line")), 3);
	assert_int_equal(json_integer_value(rf_json_path(detail, "column")), 7);
	assert_string_equal(json_string_value(rf_json_path(detail, "file")), "x.yaml");
	assert_string_equal(json_string_value(rf_json_path(detail, "severity")), "error");
	json_decref(json);
	/* Also where there is nothing to list. */
	json = json_of(ask("GET", "/nothing", "", NULL));
	assert_int_equal(json_array_size(rf_json_path(json, "error.details")), 0);
	assert_true(json_is_array(rf_json_path(json, "error.details")));
	json_decref(json);
}

static void readiness(void **state)
{
	(void)state;
	fake.unready = true;
	assert_int_equal(raw_status(ask("GET", "/readyz", "", NULL)), 503);
	assert_int_equal(raw_status(ask("GET", "/healthz", "", NULL)), 200);
}

static void pages(void **state)
{
	json_t *json;

	(void)state;
	json = json_of(ask("GET", "/v1/policies?limit=2", "", NULL));
	assert_int_equal(json_array_size(rf_json_path(json, "items")), 2);
	assert_string_equal(json_string_value(rf_json_path(json, "continue")), "three");
	assert_int_equal(json_integer_value(rf_json_path(json, "revision")), 3);
	json_decref(json);
	json = json_of(ask("GET", "/v1/policies?limit=2&continue=three", "", NULL));
	assert_int_equal(json_array_size(rf_json_path(json, "items")), 1);
	assert_string_equal(json_string_value(rf_json_path(json, "items[0].metadata.name")), "two");
	assert_null(rf_json_path(json, "continue"));
	json_decref(json);
	/* What fits exactly has no next page. */
	json = json_of(ask("GET", "/v1/policies?limit=3", "", NULL));
	assert_null(rf_json_path(json, "continue"));
	json_decref(json);
	/* Numbers by size: 10 comes behind 9. */
	json = json_of(ask("GET", "/v1/sandboxes?limit=1", "", NULL));
	assert_string_equal(json_string_value(rf_json_path(json, "continue")), "9");
	json_decref(json);
	json = json_of(ask("GET", "/v1/sandboxes?continue=9", "", NULL));
	assert_int_equal(json_integer_value(rf_json_path(json, "items[0].id")), 10);
	json_decref(json);
	json = json_of(ask("GET", "/v1/policies?labelSelector=kind!%3Dpreset", "", NULL));
	assert_int_equal(json_array_size(rf_json_path(json, "items")), 1);
	json_decref(json);
}

static void caller_is_told(void **state)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	assert_true(n > 0);
	self[n] = '\0';
	assert_int_equal(raw_status(ask("POST", "/v1/apply", "", "new")), 200);
	assert_int_equal(fake.caller.uid, 0);
	assert_int_equal(fake.caller.pid, getpid());
	assert_string_equal(fake.program, self);
}

/* What a child that is nobody gets. */
static void others_are_refused(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	/* The socket's mode keeps them away already; the server must not rely on it. */
	chmod(folder, 0755);
	chmod(socket_path, 0666);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(99);
		_exit(raw_status(ask("POST", "/v1/apply", "", "new text")) == 403 &&
				      raw_status(ask("GET", "/healthz", "", NULL)) == 403
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_null(json_object_get(fake.policies, "new"));
	assert_int_equal(fake.length, 0);
	assert_int_equal(raw_status(ask("GET", "/healthz", "", NULL)), 200);
}

static void socket_is_roots(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(socket_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Somebody listens there. */
	assert_int_equal(rf_api_listen(socket_path), -EADDRINUSE);
}

static void old_sockets_are_replaced(void **state)
{
	char path[128];
	int fd;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/old.sock", folder);
	fd = rf_api_listen(path);
	assert_true(fd >= 0);
	close(fd);
	fd = rf_api_listen(path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	/* A file is not removed. */
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(rf_api_listen(path), -EEXIST);
	assert_int_equal(unlink(path), 0);
}

/* ---------------------------------------------------------------- bounds */

static char *body_text(size_t len, const char *head, size_t *size)
{
	char *text = malloc(len + 256);
	int n = sprintf(text, "POST /v1/apply HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", head);

	memset(text + n, 'a', len);
	*size = (size_t)n + len;
	return text;
}

static void body_at_its_bound(void **state)
{
	char head[64], *text;
	size_t size;

	(void)state;
	snprintf(head, sizeof(head), "Content-Length: %u\r\n", RF_API_BODY_MAX);
	text = body_text(RF_API_BODY_MAX, head, &size);
	assert_int_equal(raw_status(exchange(text, size)), 200);
	assert_int_equal(fake.length, RF_API_BODY_MAX);
	free(text);
}

static void oversized_body(void **state)
{
	char head[64], *text;
	size_t size;

	(void)state;
	snprintf(head, sizeof(head), "Content-Length: %u\r\n", RF_API_BODY_MAX + 1);
	text = body_text(RF_API_BODY_MAX + 1, head, &size);
	assert_int_equal(raw_status(exchange(text, size)), 413);
	/* It is refused before a byte of it is there. */
	assert_int_equal(raw_status(exchange(text, size - RF_API_BODY_MAX - 1)), 413);
	free(text);
	assert_int_equal(raw_status(ask("POST", "/v1/apply", "Content-Length: 18446744073709551616\r\n", NULL)) / 100,
			 4);
	assert_int_equal(fake.length, 0);
}

/* The size is not said beforehand: pieces of 64 KiB. */
static const char *send_pieces(int fd, unsigned count)
{
	static char piece[(64 << 10) + 16];
	const char *head =
		"POST /v1/apply HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
	int n = sprintf(piece, "10000\r\n");

	memset(piece + n, 'a', 64 << 10);
	memcpy(piece + n + (64 << 10), "\r\n", 2);
	say(fd, head, strlen(head));
	while (count--)
		say(fd, piece, (size_t)n + (64 << 10) + 2);
	say(fd, "0\r\n\r\n", 5);
	return hear(fd);
}

static void oversized_body_in_pieces(void **state)
{
	int fd;

	(void)state;
	fd = dial();
	assert_int_equal(raw_status(send_pieces(fd, 64)), 200);
	assert_int_equal(fake.length, RF_API_BODY_MAX);
	close(fd);
	fd = dial();
	assert_int_equal(raw_status(send_pieces(fd, 65)), 413);
	close(fd);
	/* Whoever goes on and on is hung up on. */
	fd = dial();
	assert_string_equal(send_pieces(fd, 1000), "");
	close(fd);
	assert_int_equal(raw_status(ask("GET", "/healthz", "", NULL)), 200);
}

/* All that half-sent bodies hold together is bounded. */
static void many_bodies(void **state)
{
	char head[64], *text;
	size_t size;
	int fd[12], busy = 0;

	(void)state;
	snprintf(head, sizeof(head), "Content-Length: %u\r\n", RF_API_BODY_MAX);
	text = body_text(RF_API_BODY_MAX, head, &size);
	for (int i = 0; i < 12; i++) {
		fd[i] = dial();
		say(fd[i], text, size - 1);
	}
	for (int i = 0; i < 12; i++) {
		say(fd[i], "a", 1);
		busy += raw_status(hear(fd[i])) == 503;
		close(fd[i]);
	}
	assert_in_range(busy, 4, 7);
	/* What they held is free again. */
	assert_int_equal(raw_status(exchange(text, size)), 200);
	free(text);
}

static void oversized_headers(void **state)
{
	static char text[1 << 20];

	(void)state;
	for (size_t size = 15 << 10; size < sizeof(text) / 2; size *= 2) {
		int n = sprintf(text, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ");

		memset(text + n, 'a', size);
		memcpy(text + n + size, "\r\n\r\n", 4);
		assert_int_equal(raw_status(exchange(text, (size_t)n + size + 4)), size == 15 << 10 ? 200 : 431);
	}
	/* A long address is one of them. */
	memset(text, 'a', 40 << 10);
	memcpy(text, "GET /", 5);
	memcpy(text + (40 << 10), " HTTP/1.1\r\nHost: x\r\n\r\n", 22);
	assert_in_range(raw_status(exchange(text, (40 << 10) + 22)), 414, 431);
}

static void garbage(void **state)
{
	static const char *const text[] = {
		"\r\n\r\n\r\n",
		"nonsense\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
		"POST /v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /healthz HTTP/1.1\r\nHost : x\r\n :\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		int fd = dial(), status;

		say(fd, text[i], strlen(text[i]));
		shutdown(fd, SHUT_WR);
		status = raw_status(hear(fd));
		close(fd);
		if (status == 200 && i != 9)
			fail_msg("%zu: got %d", i, status);
		assert_int_equal(raw_status(ask("GET", "/healthz", "", NULL)), 200);
	}
	assert_int_equal(fake.length, 0);
}

/* Half a request, then nothing: the connection is closed when it idled long enough, and not before. */
static void idle(void **state)
{
	static const char *const half[] = {"", "GET /hea",
					   "POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"};
	int fd[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		fd[i] = dial();
		say(fd[i], half[i], strlen(half[i]));
	}
	usleep(1000 * 1000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(poll(&(struct pollfd){.fd = fd[i], .events = POLLIN}, 1, 0), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(poll(&(struct pollfd){.fd = fd[i], .events = POLLIN}, 1, 4000), 1);
		close(fd[i]);
	}
	assert_int_equal(fake.length, 0);
}

/* More than there is room for at a time: those behind wait, and all are answered. */
static void many_connections(void **state)
{
	static const char request[] = "GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	int fd[300];

	(void)state;
	for (int i = 0; i < 300; i++) {
		fd[i] = dial();
		assert_true(fd[i] >= 0);
	}
	for (int i = 0; i < 300; i++)
		say(fd[i], request, sizeof(request) - 1);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(raw_status(hear(fd[i])), 200);
		close(fd[i]);
	}
}

/* Those that keep a connection and say nothing hold up others only until they idled. */
static void hoarders(void **state)
{
	int fd[300];

	(void)state;
	for (int i = 0; i < 300; i++)
		fd[i] = dial();
	assert_int_equal(raw_status(ask("GET", "/healthz", "", NULL)), 200);
	for (int i = 0; i < 300; i++)
		close(fd[i]);
}

/* One that ends makes room for one that waits, at once: nobody else has to move. */
static void room_again(void **state)
{
	static const char stays[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char ends[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	enum { last = RF_API_CONNECTIONS - 1 };
	int fd[RF_API_CONNECTIONS], waiting;

	(void)state;
	for (int i = 0; i <= last; i++)
		fd[i] = dial();
	/* The last of them is accepted when it is answered. */
	say(fd[last], stays, sizeof(stays) - 1);
	assert_int_equal(poll(&(struct pollfd){.fd = fd[last], .events = POLLIN}, 1, patience), 1);
	waiting = dial();
	say(waiting, ends, sizeof(ends) - 1);
	assert_int_equal(poll(&(struct pollfd){.fd = waiting, .events = POLLIN}, 1, 300), 0);
	close(fd[0]);
	assert_int_equal(raw_status(hear(waiting)), 200);
	close(waiting);
	for (int i = 1; i <= last; i++)
		close(fd[i]);
}

static void one_connection_many_requests(void **state)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = dial();
	char text[4096];

	(void)state;
	for (int i = 0; i < 50; i++) {
		ssize_t n;

		say(fd, request, sizeof(request) - 1);
		n = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(n > 0);
		text[n] = '\0';
		assert_int_equal(raw_status(text), 200);
	}
	close(fd);
}

static int start_impatient(void **state)
{
	int err;

	idle_seconds = 2;
	err = start_server(state);
	idle_seconds = 30;
	return err;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_server, stop_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(statuses),
		TEST(errors_are_json),
		TEST(readiness),
		TEST(pages),
		TEST(caller_is_told),
		TEST(others_are_refused),
		TEST(socket_is_roots),
		TEST(old_sockets_are_replaced),
		TEST(body_at_its_bound),
		TEST(oversized_body),
		TEST(oversized_body_in_pieces),
		TEST(many_bodies),
		TEST(oversized_headers),
		cmocka_unit_test_setup_teardown(garbage, start_impatient, stop_server),
		cmocka_unit_test_setup_teardown(idle, start_impatient, stop_server),
		TEST(many_connections),
		cmocka_unit_test_setup_teardown(hoarders, start_impatient, stop_server),
		TEST(room_again),
		TEST(one_connection_many_requests),
	};

	if (geteuid() != 0) {
		printf("skipped: the API answers root alone\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
