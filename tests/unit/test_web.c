// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The web page's server, asked in raw bytes: token, names, sites, methods, headers, bounds, the stream of events.
 * `web --serve FILE ADDRESS-FILE` is the stand-in that tests/unit/web.sh opens a browser on: it has what happened from
 * the file, a record a line, and adds what comes on standard input: a record, or "storm COUNT" of the last one.
 */
#include "api_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <semaphore.h>

#include "web/token.h"
#include "web/web.h"

static char address_path[96], token[RF_TOKEN_DIGITS + 1], host[32];
static int wake_pipe[2];
static unsigned short port;
static sem_t serving;
static pthread_mutex_t happening = PTHREAD_MUTEX_INITIALIZER;

static int locked_next(void *context, uint64_t after, uint64_t *id, json_t **out)
{
	int got;

	pthread_mutex_lock(&happening);
	got = fake_next_event(context, after, id, out);
	pthread_mutex_unlock(&happening);
	return got;
}

static uint64_t locked_last(void *context)
{
	uint64_t last;

	pthread_mutex_lock(&happening);
	last = fake_last_event(context);
	pthread_mutex_unlock(&happening);
	return last;
}

static void happens(unsigned more)
{
	pthread_mutex_lock(&happening);
	fake.more += more;
	pthread_mutex_unlock(&happening);
	assert_int_equal(write(wake_pipe[1], "x", 1), 1);
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
	char byte[4096];

	(void)source;
	if ((events & EPOLLIN) && read(fd, byte, sizeof(byte)) > 0)
		rf_web_wake(*(struct rf_web **)context);
	return 0;
}

static void *serve_web(void *context)
{
	struct rf_service service = fake_service;
	sd_event_source *stop, *wake;
	struct rf_web *web = NULL;
	sd_event *event;

	(void)context;
	service.next_event = locked_next;
	service.last_event = locked_last;
	assert_true(sd_event_new(&event) >= 0);
	assert_true(sd_event_add_io(event, &stop, stop_pipe[0], EPOLLIN | EPOLLHUP, on_stop, NULL) >= 0);
	assert_true(sd_event_add_io(event, &wake, wake_pipe[0], EPOLLIN, on_wake, &web) >= 0);
	assert_int_equal(rf_web_open_with(event, listening, &service, address_path, &limits, &web), 0);
	sem_post(&serving); /* the address is written */
	assert_int_equal(sd_event_loop(event), 0);
	rf_web_close(web);
	sd_event_source_unref(stop);
	sd_event_source_unref(wake);
	sd_event_unref(event);
	return NULL;
}

static int listen_on(uint32_t address, unsigned short *at)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address), .sin_port = htons(*at)};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*at = ntohs(in.sin_port);
	return fd;
}

static void read_address(void)
{
	FILE *f = fopen(address_path, "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "http://%31[^/]/#token=%64s", host, token), 2);
	fclose(f);
}

static void begin_thread(void)
{
	assert_int_equal(pipe(stop_pipe), 0);
	assert_int_equal(pipe(wake_pipe), 0);
	listening = listen_on(INADDR_LOOPBACK, &port);
	assert_int_equal(pthread_create(&thread, NULL, serve_web, NULL), 0);
	sem_wait(&serving);
	read_address();
}

static void end_web_thread(void)
{
	end_thread();
	close(wake_pipe[0]);
	close(wake_pipe[1]);
}

static int start_web(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(&fake, 0, sizeof(fake));
	fake.policies = json_object();
	fake_put("one", "one # as it was applied\n", "preset");
	strcpy(folder, "/tmp/ringfence-web-XXXXXX");
	if (!mkdtemp(folder) || sem_init(&serving, 0, 0))
		return -1;
	snprintf(address_path, sizeof(address_path), "%s/web", folder);
	limits = rf_web_limits;
	limits.idle = idle_seconds;
	limits.ping = ping_seconds;
	port = 0;
	begin_thread();
	return 0;
}

static int stop_web(void **state)
{
	(void)state;
	end_web_thread();
	json_decref(fake.policies);
	json_decref(fake.changes);
	json_decref(fake.happened);
	unlink(address_path);
	return rmdir(folder);
}

/* ---------------------------------------------------------------- asking */

static int dial(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

/* What comes until a text is there, the end, or nothing for ten seconds. */
static const char *hear(int fd, const char *until)
{
	static char text[256 << 10];
	size_t len = 0;
	ssize_t n = 1;

	text[0] = '\0';
	while (n > 0 && len < sizeof(text) - 1 && !(until && strstr(text, until))) {
		if (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 10000) <= 0)
			break;
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
	}
	return text;
}

/* Sends a request: `head` has all its lines, in which $H stands for the host, $T for the token. */
static int begin(const char *method, const char *path, const char *head)
{
	char text[16384];
	int fd = dial(), len = sprintf(text, "%s %s HTTP/1.1\r\n", method, path);

	for (; *head; head++) {
		if (head[0] == '$' && (head[1] == 'H' || head[1] == 'T'))
			len += sprintf(text + len, "%s", *++head == 'H' ? host : token);
		else
			text[len++] = *head;
	}
	len += sprintf(text + len, "\r\n");
	assert_int_equal(send(fd, text, (size_t)len, MSG_NOSIGNAL), len);
	return fd;
}

static const char *ask(const char *method, const char *path, const char *head)
{
	int fd = begin(method, path, head);
	const char *text = hear(fd, NULL);

	close(fd);
	return text;
}

#define NAMED "Host: $H\r\nConnection: close\r\n"
#define GOOD  NAMED "Authorization: Bearer $T\r\n"

static void statuses(void **state)
{
	static const struct {
		const char *method, *path, *head;
		int status;
		const char *has;
	} row[] = {
		{"GET", "/", NAMED, 200, "<!doctype html>"},
		{"HEAD", "/", NAMED, 200, "Content-Type: text/html"},
		{"GET", "/words.js", NAMED, 200, "text/javascript"},
		{"GET", "/page.js", NAMED, 200, "Content-Type: text/javascript"},
		{"GET", "/page.css", NAMED, 200, "Content-Type: text/css"},
		{"GET", "/page.html", GOOD, 404, "NoSuchPath"},
		{"GET", "/v1/policies", GOOD, 200, "\"one\""},
		{"GET", "/v1/version", GOOD, 200, "\"abi\":7"},
		{"GET", "/v1/sandboxes", GOOD, 200, "\"merged\":2"},
		{"GET", "/readyz", GOOD, 200, "ok\n"},
		{"GET", "/v1/events?filter=policy%3Dtwo", GOOD, 200, "\"two\""},
		{"GET", "/v1/events?filter=nofield%3Dx", GOOD, 400, "BadQuery"},
		/* What the API has besides. */
		{"GET", "/v1/policies/one", GOOD, 404, "NoSuchPath"},
		{"GET", "/metrics", GOOD, 404, "NoSuchPath"},
		{"GET", "/v1/policies/../policies/one", GOOD, 404, "NoSuchPath"},
		/* Without the token, or with another. */
		{"GET", "/v1/events", NAMED, 401, "ringfence web"},
		{"GET", "/v1/nothing", NAMED, 401, "ringfence web"},
		{"GET", "/v1/events", NAMED "Authorization: Bearer x$T\r\n", 401, "NoToken"},
		{"GET", "/v1/events", NAMED "Authorization: Bearer $Tx\r\n", 401, "NoToken"},
		{"GET", "/v1/events", NAMED "Authorization: Bearer \r\n", 401, "NoToken"},
		{"GET", "/v1/events", NAMED "Authorization: Basic $T\r\n", 401, "NoToken"},
		{"GET", "/v1/events", NAMED "Cookie: token=$T\r\n", 401, "NoToken"},
		{"GET", "/v1/events?token=$T", NAMED, 401, "NoToken"},
		/* A name that was bent to loopback. */
		{"GET", "/", "Host: evil.example\r\nConnection: close\r\n", 403, "no other name"},
		{"GET", "/", "Host: 127.0.0.1\r\nConnection: close\r\n", 403, "no other name"},
		{"GET", "/", "Host: $H.evil.example\r\nConnection: close\r\n", 403, "no other name"},
		{"GET", "/v1/events", "Host: evil.example\r\nConnection: close\r\nAuthorization: Bearer $T\r\n", 403,
		 "Forbidden"},
		/* Other sites, and other ports of this host. */
		{"GET", "/", NAMED "Origin: http://$H\r\n", 200, ""},
		{"GET", "/", NAMED "Origin: https://$H\r\n", 403, "other sites"},
		{"GET", "/", NAMED "Origin: null\r\n", 403, "other sites"},
		{"GET", "/v1/events", GOOD "Origin: http://127.0.0.1:1\r\n", 403, "other sites"},
		{"GET", "/v1/events", GOOD "Sec-Fetch-Site: cross-site\r\n", 403, "other sites"},
		{"GET", "/v1/events", GOOD "Sec-Fetch-Site: same-site\r\n", 403, "other sites"},
		{"GET", "/v1/policies", GOOD "Sec-Fetch-Site: same-origin\r\n", 200, ""},
		{"GET", "/", NAMED "Sec-Fetch-Site: none\r\n", 200, ""},
		/* Nothing is changed from here. */
		{"POST", "/v1/apply", GOOD, 405, "Allow: GET, HEAD"},
		{"DELETE", "/v1/policies/one", GOOD, 405, "GET and HEAD"},
		{"PUT", "/", GOOD, 405, ""},
		{"OPTIONS", "/v1/events", GOOD, 405, ""},
		{"GET", "/v1/policies", GOOD "Content-Length: 1\r\n", 413, "takes no body"},
		{"POST", "/v1/apply", GOOD "Content-Length: 100\r\n", 413, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *text = ask(row[i].method, row[i].path, row[i].head);

		if (raw_status(text) != row[i].status || !strstr(text, row[i].has))
			fail_msg("%s %s %s: wanted %d and \"%s\", got: %.600s", row[i].method, row[i].path, row[i].head,
				 row[i].status, row[i].has, text);
	}
	assert_int_equal(json_object_size(fake.policies), 1);
}

/* Each kind of answer has all of them. */
static void every_answer_is_marked(void **state)
{
	static const char *const headers[] = {
		"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
		"X-Content-Type-Options: nosniff",
		"X-Frame-Options: DENY",
		"Referrer-Policy: no-referrer",
		"Cache-Control: no-store",
		"Cross-Origin-Opener-Policy: same-origin",
		"Cross-Origin-Embedder-Policy: require-corp",
		"Cross-Origin-Resource-Policy: same-origin",
	};
	static const char *const ways[][3] = {
		{"GET", "/", NAMED},
		{"GET", "/page.js", NAMED},
		{"GET", "/v1/policies", GOOD},
		{"GET", "/v1/policies", NAMED},
		{"GET", "/", "Host: evil.example\r\nConnection: close\r\n"},
		{"POST", "/", GOOD},
		{"GET", "/nothing", GOOD},
		{"GET", "/v1/events?watch=1", GOOD "Accept: text/event-stream\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = begin(ways[i][0], ways[i][1], ways[i][2]);
		const char *text = hear(fd, "\r\n\r\n");

		close(fd);
		for (size_t k = 0; k < sizeof(headers) / sizeof(headers[0]); k++)
			if (!strstr(text, headers[k]))
				fail_msg("%s %s has no \"%s\": %.900s", ways[i][0], ways[i][1], headers[k], text);
	}
}

/* ---------------------------------------------------------------- the token */

static void the_token_is_kept(void **state)
{
	char before[RF_TOKEN_DIGITS + 1];
	struct stat st;

	(void)state;
	strcpy(before, token);
	assert_int_equal(strlen(token), 64);
	assert_int_equal(stat(address_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	end_web_thread();
	begin_thread();
	assert_string_equal(before, token);
	/* What others could have read is no secret any more. */
	end_web_thread();
	assert_int_equal(chmod(address_path, 0640), 0);
	begin_thread();
	assert_string_not_equal(before, token);
	assert_int_equal(raw_status(ask("GET", "/readyz", GOOD)), 200);
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		int err;
	} row[] = {
		{"877", 0},
		{"127.0.0.1:877", 0},
		{"127.9.9.9:1", 0},
		{"localhost:65535", 0},
		{"[::1]:877", 0},
		{"0.0.0.0:877", -EADDRNOTAVAIL},
		{"192.0.2.1:877", -EADDRNOTAVAIL},
		{"[::]:877", -EADDRNOTAVAIL},
		{"[2001:db8::1]:877", -EADDRNOTAVAIL},
		{"[::ffff:127.0.0.1]:877", -EADDRNOTAVAIL},
		{"", -EINVAL},
		{"0", -EINVAL},
		{"65536", -EINVAL},
		{"-1", -EINVAL},
		{"877x", -EINVAL},
		{":877", -EINVAL},
		{"::1:877", -EINVAL},
		{"example.com:877", -EINVAL},
		{"127.0.0.1:", -EINVAL},
	};
	unsigned short any = 0;
	struct rf_web *web;
	sd_event *event;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (rf_web_check(row[i].text) != row[i].err)
			fail_msg("\"%s\": %d", row[i].text, rf_web_check(row[i].text));
	/* A socket that was given. */
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(rf_web_open(event, listen_on(INADDR_ANY, &any), &fake_service, "/nowhere", &web),
			 -EADDRNOTAVAIL);
	assert_null(web);
	sd_event_unref(event);
}

/* ---------------------------------------------------------------- the stream */

#define STREAM GOOD "Accept: text/event-stream\r\n"

static void a_stream_goes_on(void **state)
{
	int fd = begin("GET", "/v1/events?watch=1&tail=1", STREAM);
	const char *text = hear(fd, "SYNC");

	(void)state;
	assert_non_null(strstr(text, "Content-Type: text/event-stream"));
	assert_null(strstr(text, "id: 5\n"));
	assert_non_null(strstr(text, "id: 6\ndata: {\"type\":\"EVENT\",\"revision\":6,"));
	happens(1);
	text = hear(fd, "\n\n");
	assert_non_null(strstr(text, "id: 7\ndata: {"));
	close(fd);
	/* It comes back with the last that it had. */
	happens(2);
	fd = begin("GET", "/v1/events?watch=1&tail=1", STREAM "Last-Event-ID: 7\r\n");
	text = hear(fd, "SYNC");
	assert_null(strstr(text, "id: 7\ndata"));
	assert_non_null(strstr(text, "id: 8\ndata: {\"type\":\"EVENT\""));
	assert_non_null(strstr(text, "id: 9\ndata: {\"type\":\"EVENT\""));
	close(fd);
	/* Or with one that is not known any more. */
	fd = begin("GET", "/v1/events?watch=1&tail=1", STREAM "Last-Event-ID: 2\r\n");
	text = hear(fd, "SYNC");
	assert_non_null(strstr(text, "id: 4\ndata: {\"type\":\"LOST\""));
	assert_non_null(strstr(text, "id: 5\ndata: {\"type\":\"EVENT\""));
	close(fd);
	/* With lines it is as on the API's socket. */
	fd = begin("GET", "/v1/events?watch=1&tail=1", GOOD);
	text = hear(fd, "SYNC");
	assert_non_null(strstr(text, "Content-Type: application/jsonl"));
	assert_null(strstr(text, "data: "));
	close(fd);
}

static void a_stream_is_filtered(void **state)
{
	int fd = begin("GET", "/v1/events?watch=1&tail=9&filter=policy%3Done", STREAM);
	const char *text = hear(fd, "SYNC");

	(void)state;
	assert_non_null(strstr(text, "id: 5\ndata"));
	assert_null(strstr(text, "id: 6\ndata: {\"type\":\"EVENT\""));
	close(fd);
}

static void a_stream_is_ended_in_words(void **state)
{
	int fd = begin("GET", "/v1/events?watch=1", STREAM);

	(void)state;
	hear(fd, "SYNC");
	end_web_thread();
	assert_non_null(strstr(hear(fd, NULL), "data: {\"type\":\"END\",\"reason\":\"shutdown\""));
	close(fd);
	begin_thread();
}

/* What the sanitizer keeps of freed memory would hide what is measured below. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=4:thread_local_quarantine_size_kb=64";
}

/* Streams that nobody reads while 50,000 things happen: nothing is kept for them, others are served meanwhile, and
 * whoever reads at last has all of it from where it stopped. */
static void who_does_not_read(void **state)
{
	enum { STREAMS = RF_WEB_CONNECTIONS / 2, MORE = 50000 };
	static char text[64 << 10];
	int fd[STREAMS];
	size_t len = 0;
	long before = memory_kib();

	(void)state;
	for (int i = 0; i < STREAMS; i++)
		fd[i] = begin("GET", "/v1/events?watch=1", STREAM);
	assert_int_equal(raw_status(ask("GET", "/v1/events?watch=1", STREAM)), 503);
	happens(MORE);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(raw_status(ask("GET", "/readyz", GOOD)), 200);
		usleep(100000);
	}
	/* Unbounded, it would be 16 x 6 MiB. */
	if (memory_kib() - before > 64 << 10)
		fail_msg("%ld KiB more", memory_kib() - before);
	for (int i = 1; i < STREAMS; i++)
		close(fd[i]);
	for (ssize_t n = 1; n > 0 && !strstr(text, "id: 50006\n");) {
		memmove(text, text + (len < 64 ? 0 : len - 64), len < 64 ? len + 1 : 65);
		len = strlen(text);
		assert_int_equal(poll(&(struct pollfd){.fd = fd[0], .events = POLLIN}, 1, 10000), 1);
		n = recv(fd[0], text + len, sizeof(text) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
	}
	assert_non_null(strstr(text, "id: 50006\n"));
	close(fd[0]);
}

/* More than the bound wait until one ends; each says nothing for a second. */
static void silent_connections(void **state)
{
	int fd[RF_WEB_CONNECTIONS + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		fd[i] = dial();
	assert_int_equal(raw_status(ask("GET", "/", NAMED)), 200);
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		close(fd[i]);
}

static void large_headers(void **state)
{
	static char head[16000];
	int n = sprintf(head, NAMED "X: ");

	(void)state;
	memset(head + n, 'a', 12000);
	strcpy(head + n + 12000, "\r\n");
	assert_int_equal(raw_status(ask("GET", "/", head)), 431);
}

static int start_impatient(void **state)
{
	int status;

	idle_seconds = 1;
	status = start_web(state);
	idle_seconds = 30;
	return status;
}

/* ---------------------------------------------------------------- a stand-in */

static void add_record(json_t *record)
{
	pthread_mutex_lock(&happening);
	json_array_append_new(fake.happened, record);
	pthread_mutex_unlock(&happening);
}

static const char policy_text[] =
	"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: web }\nspec:\n"
	"  mode: enforce\n  select: [{ cgroup: system.slice/nginx.service }]\n  files:\n"
	"    - allow: [read, exec]\n      paths: [\"/usr/**\", \"/lib*/**\"]\n"
	"    - allow: read\n      paths: [\"/srv/www/**\"]\n"
	"    - allow: [read, write]\n      paths: [\"/var/log/nginx/**\"]\n"
	"    - deny: read\n      paths: [\"/srv/keys/**\"]\n      reason: keys are not for the web\n";

static int stand_in(const char *file, const char *address)
{
	static char line[64 << 10];
	FILE *f = fopen(file, "r");
	unsigned count;

	if (!f || start_web(NULL))
		return 1;
	fake_put("web", policy_text, "own");
	fake_put("audit", "audit\n", "own");
	json_object_del(fake.policies, "one");
	json_object_set_new(json_object_get(json_object_get(fake.policies, "audit"), "status"), "mode",
			    json_string("audit"));
	fake.happened = json_array();
	while (fgets(line, sizeof(line), f))
		add_record(json_loads(line, 0, NULL));
	fclose(f);
	f = fopen(address, "w");
	fprintf(f, "http://%s/#token=%s\n", host, token);
	fclose(f);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "storm %u", &count) == 1)
			for (unsigned i = 0; i < count; i++) {
				if (i % 100 == 0) { /* 10,000 a second */
					assert_int_equal(write(wake_pipe[1], "x", 1), 1);
					usleep(10000);
				}
				add_record(json_deep_copy(
					json_array_get(fake.happened, json_array_size(fake.happened) - 1)));
			}
		else if (!strcmp(line, "restart\n"))
			end_web_thread(), begin_thread();
		else
			add_record(json_loads(line, 0, NULL));
		assert_int_equal(write(wake_pipe[1], "x", 1), 1);
		printf("done\n");
		fflush(stdout);
	}
	return stop_web(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_web, stop_web)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(statuses),
		TEST(every_answer_is_marked),
		TEST(the_token_is_kept),
		cmocka_unit_test(addresses),
		TEST(a_stream_goes_on),
		TEST(a_stream_is_filtered),
		TEST(a_stream_is_ended_in_words),
		TEST(who_does_not_read),
		cmocka_unit_test_setup_teardown(silent_connections, start_impatient, stop_web),
		TEST(large_headers),
	};

	if (argc == 4 && !strcmp(argv[1], "--serve"))
		return stand_in(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
