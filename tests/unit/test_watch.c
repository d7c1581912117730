// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Watches: what they tell, from where, how they end, and what one that is not read costs. */
#include "api_support.h"

#include <sys/resource.h>
#include <time.h>

#include "client/client.h"

/* A watch: HTTP/1.0, so that the body comes as it is. */
static FILE *watch_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char line[4096];
	FILE *f;

	strcpy(address.sun_path, socket_path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	dprintf(fd, "GET %s HTTP/1.0\r\n\r\n", path);
	f = fdopen(fd, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, " 200 "));
	while (fgets(line, sizeof(line), f) && strcmp(line, "\r\n") != 0)
		;
	return f;
}

static FILE *watch(const char *query)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/policies?watch=1%s", query);
	return watch_at(path);
}

/* The next line; it is of this type. */
static json_t *next(FILE *f, const char *type)
{
	static char line[16 << 20];
	json_t *event;

	if (!fgets(line, sizeof(line), f))
		fail_msg("the stream ended before %s", type);
	event = json_loads(line, 0, NULL);
	assert_non_null(event);
	if (strcmp(json_string_value(json_object_get(event, "type")), type) != 0)
		fail_msg("not %s: %s", type, line);
	return event;
}

static void expect(FILE *f, const char *type, const char *path, const char *value)
{
	json_t *event = next(f, type);

	if (path)
		assert_string_equal(json_string_value(rf_json_path(event, path)), value);
	json_decref(event);
}

static void expect_object(FILE *f, const char *type, const char *name)
{
	expect(f, type, "object.metadata.name", name);
}

static void change(const char *method, const char *path, const char *body)
{
	struct rf_client_answer answer;

	assert_int_equal(rf_client_ask(&(struct rf_client_request){.method = method,
								   .path = path,
								   .body = body,
								   .length = body ? strlen(body) : 0},
				       &answer),
			 0);
	rf_client_answer_free(&answer);
}

static void a_list_then_what_changes(void **state)
{
	FILE *f = watch("");
	json_t *event;

	(void)state;
	expect_object(f, "ADDED", "one");
	expect_object(f, "ADDED", "three");
	expect_object(f, "ADDED", "two");
	event = next(f, "SYNC");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 3);
	json_decref(event);
	change("POST", "/v1/apply", "four\n");
	event = next(f, "ADDED");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 4);
	assert_string_equal(json_string_value(rf_json_path(event, "object.text")), "four\n");
	json_decref(event);
	change("POST", "/v1/apply", "four more\n");
	expect_object(f, "MODIFIED", "four");
	change("DELETE", "/v1/policies/four", NULL);
	expect_object(f, "DELETED", "four");
	fclose(f);
}

/* What happened, from an event on; that some are not known any more is said in their place. */
static void what_happened(void **state)
{
	FILE *f = watch_at("/v1/events?watch=1&after=2");
	json_t *event;

	(void)state;
	event = next(f, "LOST");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 4);
	json_decref(event);
	for (int id = 5; id <= 6; id++) {
		event = next(f, "EVENT");
		assert_int_equal(json_integer_value(rf_json_path(event, "object.id")), id);
		assert_int_equal(json_integer_value(json_object_get(event, "revision")), id);
		json_decref(event);
	}
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
	/* Without a number: from now on. */
	f = watch_at("/v1/events?watch=1");
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
}

/* Ids of the events that a query gives, "5 6"; a loss is "lost". */
static const char *listed(const char *query)
{
	static char ids[64 << 10];
	struct rf_client_answer answer = {0};
	char path[256];
	json_t *event;
	size_t i;

	snprintf(path, sizeof(path), "/v1/events%s", query);
	ids[0] = '\0';
	if (rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path}, &answer))
		snprintf(ids, sizeof(ids), "%ld: %s", answer.status, answer.message);
	json_array_foreach(json_object_get(answer.json, "items"), i, event)
	{
		bool lost = !strcmp(json_string_value(json_object_get(event, "type")), "lost");

		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), lost ? "%slost" : "%s%lld", i ? " " : "",
			 (long long)json_integer_value(json_object_get(event, "id")));
	}
	for (size_t k = 0; k < 2; k++) {
		const char *key = k ? "unsearched" : "continue";
		json_int_t number = json_integer_value(json_object_get(answer.json, key));

		if (number)
			snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), " %s %lld", k ? key : "more",
				 (long long)number);
	}
	rf_client_answer_free(&answer);
	return ids;
}

/* By number, time, how many and filter; what is not known any more is in the list in its place, whatever the filter. */
static void what_is_asked_for(void **state)
{
	static const char *const rows[][2] = {
		{"", "5 6"},
		{"?after=5", "6"},
		{"?after=6", ""},
		{"?after=2", "lost 5 6"},
		{"?after=2&filter=policy%3Dtwo", "lost 6"},
		{"?filter=policy%3Done", "5"},
		{"?filter=policy!%3Done", "6"},
		{"?filter=policy%3Done%20two", ""},
		{"?filter=", "5 6"},
		{"?since=2026-01-02T03:04:05Z", "5 6"},
		{"?since=2026-01-02T03:04:06Z", "6"},
		{"?since=2026-01-02T03:04:07Z", ""},
		{"?since=2025-12-31T23:59:59Z&filter=policy%3Dtwo", "6"},
		{"?tail=1", "6"},
		{"?tail=2", "5 6"},
		{"?tail=9", "5 6"},
		{"?tail=1&filter=policy%3Done", "5"},
		{"?tail=2&after=2", "5 6"},
		{"?tail=3&after=2", "lost 5 6"},
		{"?limit=1", "5 more 5"},
		{"?limit=2", "5 6"},
		{"?limit=1&after=5", "6"},
		{"?limit=1&after=2", "lost more 4"},
		{"?tail=1&after=2&filter=policy%3Done", "5"},
		{"?tail=5&after=2&filter=policy%3Done", "lost 5"},
	};
	static const char *const wrong[][2] = {
		{"?filter=polcy%3Dx", "did you mean"},
		{"?filter=%22", "not closed"},
		{"?since=10m", "a time in UTC"},
		{"?tail=100001", "at most"},
		{"?tail=0", "from 1 on"},
		{"?limit=10001", "at most"},
		{"?limit=5&watch=1", "not cut into pages"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(listed(rows[i][0]), rows[i][1]) != 0)
			fail_msg("%s: %s", rows[i][0], listed(rows[i][0]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *told = listed(wrong[i][0]);

		if (strncmp(told, "400", 3) != 0 || !strstr(told, wrong[i][1]))
			fail_msg("%s: %s", wrong[i][0], told);
	}
}

/* Of 100,000 things, numbered from 5 on, no answer looks at more than some: others wait meanwhile. */
static void much_happened(void **state)
{
	static const struct {
		const char *query, *begins, *ends;
		unsigned looks;
	} rows[] = {
		{"", "5 6 7 ", " 1003 1004 more 1004", 1000},
		{"?limit=3", "5 6 7 more 7", "", 3},
		{"?limit=3&after=99000", "99001 99002 99003 more 99003", "", 3},
		{"?after=100002", "100003 100004", "", 3},
		{"?tail=2", "100003 100004", "", 4},
		{"?tail=100000&limit=2", "5 6 more 6", "", 4},
		{"?tail=50000&limit=2", "50005 50006 more 50006", "", 4},
		{"?since=2026-01-03T00:00:00Z&limit=2", "75360 75361 more 75361", "", 40},
		{"?since=2027-01-03T00:00:00Z", "", "", 40},
		{"?since=2025-01-03T00:00:00Z&limit=1", "5 more 5", "", 40},
		/* Numbers follow each other: all but 5 are of "two". */
		{"?filter=policy%3Done", "5 more 10004", "", 10000},
		{"?filter=policy%3Done&after=90004", "", "", 10001},
		{"?filter=policy%3Done&after=90003", " more 100003", "", 10000},
		{"?filter=policy%3Dtwo&tail=2", "100003 100004", "", 600},
		{"?filter=policy%3Dtwo&tail=700&limit=1", "99305 more 99305", "", 1200},
		{"?filter=policy%3Done&tail=2", " unsearched 90004", "", 20002},
		{"?filter=policy%3Done&tail=2&after=99000", "", "", 2100},
	};

	(void)state;
	fake.more = 99998;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *ids;
		size_t len;

		fake.looked = 0;
		ids = listed(rows[i].query);
		len = strlen(ids);
		if (strncmp(ids, rows[i].begins, strlen(rows[i].begins)) != 0 || len < strlen(rows[i].ends) ||
		    strcmp(ids + len - strlen(rows[i].ends), rows[i].ends) != 0 ||
		    (!*rows[i].ends && strcmp(ids, rows[i].begins) != 0) || fake.looked > rows[i].looks)
			fail_msg("%s: looked %u times: %s", rows[i].query, fake.looked, ids);
	}
}

/* A watch says so as well where it did not look for the last ones everywhere. */
static void much_is_watched(void **state)
{
	FILE *f;
	json_t *event;

	(void)state;
	fake.more = 99998;
	fake.looked = 0;
	f = watch_at("/v1/events?watch=1&tail=2&filter=policy%3Done");
	event = next(f, "PING");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 90004);
	assert_non_null(strstr(json_string_value(json_object_get(event, "message")), "not looked through"));
	json_decref(event);
	fclose(f);
}

/* A watch tells what passes, and how far it came where nothing does. */
static void what_passes(void **state)
{
	FILE *f = watch_at("/v1/events?watch=1&tail=1&filter=policy%3Done");
	json_t *event = next(f, "EVENT");

	(void)state;
	assert_int_equal(json_integer_value(rf_json_path(event, "object.id")), 5);
	json_decref(event);
	event = next(f, "SYNC");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 6);
	json_decref(event);
	fclose(f);
	f = watch_at("/v1/events?watch=1&after=2&filter=policy%3Dx");
	expect(f, "LOST", NULL, NULL);
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
	fake.more = 5000;
	f = watch_at("/v1/events?watch=1&after=4&filter=policy%3Dx");
	event = next(f, "PING");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 4 + 4096);
	json_decref(event);
	event = next(f, "SYNC");
	assert_int_equal(json_integer_value(json_object_get(event, "revision")), 5006);
	json_decref(event);
	fclose(f);
}

static void from_a_revision_on(void **state)
{
	FILE *f = watch("&revision=2");

	(void)state;
	expect_object(f, "ADDED", "two");
	expect(f, "SYNC", NULL, NULL);
	change("DELETE", "/v1/policies/two", NULL);
	expect_object(f, "DELETED", "two");
	fclose(f);
	/* One that came and went is told as gone alone. */
	f = watch("&revision=2");
	expect_object(f, "DELETED", "two");
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
}

static void too_old_is_a_list_and_no_error(void **state)
{
	FILE *f;

	(void)state;
	fake.floor = 2;
	f = watch("&revision=1");
	expect(f, "RESET", "reason", "TooOld");
	expect_object(f, "ADDED", "one");
	expect_object(f, "ADDED", "three");
	expect_object(f, "ADDED", "two");
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
	/* One of another host's, or of a store that was put back. */
	f = watch("&revision=99");
	expect(f, "RESET", "reason", "TooOld");
	fclose(f);
}

static void selected(void **state)
{
	FILE *f = watch("&labelSelector=kind%3Dpreset");

	(void)state;
	expect_object(f, "ADDED", "one");
	expect_object(f, "ADDED", "two");
	expect(f, "SYNC", NULL, NULL);
	change("POST", "/v1/apply", "three again\n"); /* its label is "new" now: none of ours */
	change("POST", "/v1/apply", "two again\n");   /* and this one no more */
	expect_object(f, "DELETED", "three");
	expect_object(f, "DELETED", "two");
	fclose(f);
}

static void selected_by_fields(void **state)
{
	FILE *f = watch("&labelSelector=kind%3Dpreset&fieldSelector=metadata.name!=one");

	(void)state;
	expect_object(f, "ADDED", "two");
	expect(f, "SYNC", NULL, NULL);
	fclose(f);
}

static void silence_is_broken(void **state)
{
	FILE *f = watch("&revision=3");

	(void)state;
	expect(f, "SYNC", NULL, NULL);
	expect(f, "PING", NULL, NULL);
	expect(f, "PING", NULL, NULL);
	fclose(f);
}

static void it_ends_with_a_reason(void **state)
{
	FILE *f = watch("&revision=3"), *behind;

	expect(f, "SYNC", NULL, NULL);
	/* What it has told is forgotten, and more: it is told so, and asks again. */
	fake.floor = 9;
	fake.revision = 9;
	change("POST", "/v1/apply", "four\n");
	expect(f, "END", "reason", "slow");
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	f = watch("&revision=10");
	behind = watch("&revision=10");
	expect(f, "SYNC", NULL, NULL);
	expect(behind, "SYNC", NULL, NULL);
	stop_server(state);
	expect(f, "END", "reason", "shutdown");
	expect(behind, "END", "reason", "shutdown");
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	fclose(behind);
	assert_int_equal(start_server(state), 0);
}

static void wrong_words(void **state)
{
	static const char *const wrong[] = {"watch=1&limit=2",
					    "watch=1&continue=a",
					    "watch=1&revision=0",
					    "watch=1&labelSelector=,",
					    "watch=1&fieldSelector=x=1",
					    "revision=3",
					    "watch=2"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct rf_client_answer answer;
		char path[128];

		snprintf(path, sizeof(path), "/v1/policies?%s", wrong[i]);
		rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path}, &answer);
		assert_int_equal(answer.status, 400);
		rf_client_answer_free(&answer);
	}
}

/* Clients that never read while texts of 1 MiB are applied: what they were not sent is not kept for them. */
static void who_does_not_read(void **state)
{
	enum { WATCHERS = 40, TEXT = 1 << 20, APPLIES = 60 };
	FILE *f[WATCHERS];
	char *text = malloc(TEXT + 1);
	long before;

	(void)state;
	memset(text, 'x', TEXT);
	memcpy(text, "big ", 4);
	text[TEXT] = '\0';
	for (int i = 0; i < WATCHERS; i++)
		f[i] = watch("&revision=3");
	change("POST", "/v1/apply", text);
	before = memory_kib();
	for (int i = 0; i < APPLIES; i++) {
		text[10] = (char)('a' + i % 26);
		text[11] = (char)('a' + i / 26);
		change("POST", "/v1/apply", text);
	}
	/* Unbounded, it would be 40 x 60 MiB; what the allocator of the sanitizers keeps is 256 MiB. */
	if (memory_kib() - before > 512 << 10)
		fail_msg("%ld KiB more", memory_kib() - before);
	/* Others are served, and who reads at last is told the end of it. */
	change("GET", "/healthz", NULL);
	for (int i = 0; i < WATCHERS; i++)
		fclose(f[i]);
	free(text);
}

/* No more than half of the connections are watches. */
static void there_is_room_for_others(void **state)
{
	FILE *f[RF_API_CONNECTIONS / 2];
	struct rf_client_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		f[i] = watch("&revision=3");
	rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/policies?watch=1"}, &answer);
	assert_int_equal(answer.status, 503);
	rf_client_answer_free(&answer);
	change("GET", "/healthz", NULL);
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		fclose(f[i]);
	/* Those that went make room, as soon as it is seen that they went. */
	for (int i = 0; i < 50; i++) {
		rf_client_ask(&(struct rf_client_request){.method = "GET",
							  .path = "/v1/policies?watch=1&revision=3",
							  .timeout = 1},
			      &answer);
		if (answer.status != 503)
			break;
		rf_client_answer_free(&answer);
		usleep(100000);
	}
	assert_int_not_equal(answer.status, 503);
	rf_client_answer_free(&answer);
}

static int start_dialled(void **state)
{
	int status = start_server(state);

	setenv("RINGFENCE_SOCKET", socket_path, 1);
	return status;
}

static int start(void **state)
{
	ping_seconds = 1;
	return start_dialled(state);
}

static void expect_sandbox(FILE *f, const char *type, int id, int tasks)
{
	json_t *event = next(f, type);

	assert_int_equal(json_integer_value(rf_json_path(event, "object.id")), id);
	assert_int_equal(json_integer_value(rf_json_path(event, "object.tasks")), tasks);
	assert_null(json_object_get(event, "revision"));
	json_decref(event);
}

static json_t *sandboxes_of(int first, int tasks, int second)
{
	json_t *one = fake_sandbox(first);

	json_object_set_new(one, "tasks", json_integer(tasks));
	return second ? json_pack("[o, o]", one, fake_sandbox(second)) : json_pack("[o]", one);
}

/* Nobody tells of them: they are looked at. What did not change is not told. */
static void sandboxes(void **state)
{
	FILE *f = watch_at("/v1/sandboxes?watch=1"), *few = watch_at("/v1/sandboxes?watch=1&fieldSelector=tasks=7");
	struct rf_client_answer answer;
	json_t *event, *before;

	(void)state;
	expect_sandbox(f, "ADDED", 9, 3);
	expect_sandbox(f, "ADDED", 10, 3);
	event = next(f, "SYNC");
	assert_null(json_object_get(event, "revision"));
	json_decref(event);
	expect(few, "SYNC", NULL, NULL);
	fake.sandboxes = sandboxes_of(9, 7, 11);
	expect_sandbox(f, "DELETED", 10, 3);
	expect_sandbox(f, "MODIFIED", 9, 7);
	expect_sandbox(f, "ADDED", 11, 3);
	/* For a selector, one comes that fits now and goes that fits no more. */
	expect_sandbox(few, "ADDED", 9, 7);
	before = fake.sandboxes;
	fake.sandboxes = sandboxes_of(9, 8, 0);
	expect_sandbox(f, "DELETED", 11, 3);
	expect_sandbox(f, "MODIFIED", 9, 8);
	expect_sandbox(few, "DELETED", 9, 7);
	fclose(few);
	fclose(f);
	/* A number of a change means nothing there. */
	rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/sandboxes?watch=1&revision=3"},
		      &answer);
	assert_int_equal(answer.status, 400);
	rf_client_answer_free(&answer);
	json_decref(before);
}

static int start_quiet(void **state)
{
	ping_seconds = 30;
	return start_dialled(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_then_what_changes),
		TEST(what_happened),
		TEST(what_is_asked_for),
		TEST(much_happened),
		TEST(much_is_watched),
		TEST(what_passes),
		cmocka_unit_test_setup_teardown(sandboxes, start_quiet, stop_server),
		TEST(from_a_revision_on),
		TEST(too_old_is_a_list_and_no_error),
		TEST(selected),
		TEST(selected_by_fields),
		TEST(silence_is_broken),
		TEST(it_ends_with_a_reason),
		TEST(wrong_words),
		TEST(who_does_not_read),
		TEST(there_is_room_for_others),
	};

	if (geteuid() != 0) {
		printf("skipped: the API answers root alone\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
