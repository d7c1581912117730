// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client.h"
#include "events/text.h"
#include "monitor/source.h"

#define CHUNK	 (64u << 10)
#define LINE_MAX (1u << 20) /* a longer line is handed out cut, as one that can't be read */
#define PAUSE	 1	    /* seconds until an agent that is not there is asked again */
#define PERIOD	 2	    /* seconds between two looks at policies */

/* In front of each line that a child writes. */
enum mark { MARK_RECORD = 'R', MARK_AGENT = 'A' };

struct feed {
	int fd;
	pid_t child; /* 0: none */
	bool marked; /* lines begin with a mark */
	bool ended;
	struct rf_line text; /* what came of a line that is not whole yet */
};

struct rf_source {
	struct feed feed[RF_SOURCE_FDS];
	size_t feeds;
};

/* ---------------------------------------------------------------- children that ask the agent */

struct asking {
	int fd;
	long long seen; /* id of the last event */
	char *last;	/* what was said of the host */
};

static void say(const struct asking *asking, char mark, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct rf_line line = {0};

	if (text) {
		rf_line_bytes(&line, &mark, 1);
		rf_line_string(&line, text);
		rf_line_string(&line, "\n");
	}
	if (rf_line_write(&line, asking->fd) < 0)
		_exit(0);
	rf_line_free(&line);
	free(text);
}

static void say_state(const struct asking *asking, const char *state, const char *message)
{
	json_t *news = json_pack("{s:s, s:s}", "state", state, "message", message ? message : "");

	say(asking, MARK_AGENT, news);
	json_decref(news);
}

static void say_event(struct asking *asking, const json_t *event)
{
	say(asking, MARK_RECORD, event);
	asking->seen = json_integer_value(json_object_get(event, "id"));
}

static bool on_event(void *context, const json_t *event)
{
	struct asking *asking = context;
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *message = json_string_value(json_object_get(event, "message"));
	json_t *lost;

	type = type ? type : "";
	if (!strcmp(type, "EVENT")) {
		say_event(asking, json_object_get(event, "object"));
	} else if (!strcmp(type, "LOST")) {
		lost = json_pack("{s:s, s:i, s:s}", "type", "lost", "count", 0, "message", message ? message : "?");
		say(asking, MARK_RECORD, lost);
		json_decref(lost);
	} else if (!strcmp(type, "END")) {
		say_state(asking, "reconnecting", message);
	}
	if (json_object_get(event, "revision"))
		asking->seen = json_integer_value(json_object_get(event, "revision"));
	return true;
}

/* What it remembers. */
static int ask_kept(struct asking *asking)
{
	struct rf_client_answer answer = {0};
	long long more = 0, from;
	const json_t *event;
	int status;
	size_t i;

	do { /* a page after the other */
		char path[96] = "/v1/events?limit=10000";

		from = more;
		if (from)
			snprintf(path, sizeof(path), "/v1/events?limit=10000&after=%lld", from);
		rf_client_answer_free(&answer);
		answer = (struct rf_client_answer){0};
		status = rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path}, &answer);
		json_array_foreach(json_object_get(answer.json, "items"), i, event) say_event(asking, event);
		more = json_integer_value(json_object_get(answer.json, "continue"));
	} while (!status && more > from);
	say_state(asking, status ? "reconnecting" : "connected", answer.message);
	rf_client_answer_free(&answer);
	return status;
}

static void follow(struct asking *asking)
{
	struct rf_client_answer answer = {0};
	char path[96] = "/v1/events?watch=1";

	if (asking->seen)
		snprintf(path, sizeof(path), "/v1/events?watch=1&after=%lld", asking->seen);
	rf_client_ask(&(struct rf_client_request){.method = "GET", .path = path, .event = on_event, .context = asking},
		      &answer);
	say_state(asking, "reconnecting", answer.message ? answer.message : "the agent closed the stream");
	rf_client_answer_free(&answer);
}

static void ask_events(struct asking *asking, bool watch)
{
	bool known = false;

	do {
		if (!known || !asking->seen) {
			known = !ask_kept(asking);
		} else {
			/* It answers, or the stream would not begin: said before, since nothing may come for long. */
			struct rf_client_answer answer = {0};

			if (!rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/version"},
					   &answer))
				say_state(asking, "connected", NULL);
			rf_client_answer_free(&answer);
		}
		if (watch && known)
			follow(asking);
		if (watch)
			sleep(PAUSE);
	} while (watch);
}

static json_t *policies_of(const json_t *policies)
{
	json_t *list = json_array();
	const json_t *policy;
	size_t i;

	json_array_foreach(policies, i, policy)
	{
		const json_t *status = json_object_get(policy, "status");

		json_array_append_new(list, json_pack("{s:O?, s:O?, s:O?}", "name",
						      json_object_get(json_object_get(policy, "metadata"), "name"),
						      "mode", json_object_get(status, "mode"), "enforced",
						      json_object_get(status, "enforced")));
	}
	return list;
}

static void ask_host(struct asking *asking)
{
	struct rf_client_answer policies = {0};
	char *text = NULL;
	json_t *news;

	if (!rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/policies"}, &policies)) {
		news = json_pack("{s:o}", "policies", policies_of(json_object_get(policies.json, "items")));
		text = json_dumps(news, JSON_COMPACT);
		if (text && (!asking->last || strcmp(text, asking->last)))
			say(asking, MARK_AGENT, news);
		json_decref(news);
	}
	if (text) {
		free(asking->last);
		asking->last = text;
	}
	rf_client_answer_free(&policies);
}

/* A child that ends with us. */
static int start(struct feed *feed, bool events, bool watch)
{
	pid_t parent = getpid();
	int end[2];

	if (pipe2(end, O_CLOEXEC) < 0)
		return -errno;
	feed->child = fork();
	if (feed->child < 0) {
		close(end[0]);
		close(end[1]);
		return -errno;
	}
	if (!feed->child) {
		struct asking asking = {.fd = end[1]};

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		signal(SIGINT, SIG_IGN);
		close(end[0]);
		if (events)
			ask_events(&asking, watch);
		while (!events) {
			ask_host(&asking);
			sleep(PERIOD);
		}
		_exit(0);
	}
	close(end[1]);
	feed->fd = end[0];
	feed->marked = true;
	return 0;
}

/* ---------------------------------------------------------------- opening */

static struct rf_source *make(void)
{
	struct rf_source *source = calloc(1, sizeof(*source));

	for (size_t i = 0; source && i < RF_SOURCE_FDS; i++)
		source->feed[i].fd = -1;
	return source;
}

struct rf_source *rf_source_file(const char *path)
{
	struct rf_source *source = make();
	int fd;

	if (!source)
		return NULL;
	/* A FIFO that has no writer yet must not keep us. */
	fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
			       : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		free(source);
		return NULL;
	}
	source->feed[0].fd = fd;
	source->feeds = 1;
	return source;
}

struct rf_source *rf_source_agent(bool watch)
{
	struct rf_source *source = make();
	int err;

	if (!source)
		return NULL;
	source->feeds = watch ? 2 : 1;
	err = start(&source->feed[0], true, watch);
	if (!err && watch)
		err = start(&source->feed[1], false, watch);
	if (err) {
		rf_source_close(source);
		errno = -err;
		return NULL;
	}
	return source;
}

void rf_source_close(struct rf_source *source)
{
	for (size_t i = 0; source && i < RF_SOURCE_FDS; i++) {
		struct feed *feed = &source->feed[i];

		if (feed->fd >= 0)
			close(feed->fd);
		if (feed->child > 0) {
			kill(feed->child, SIGKILL);
			while (waitpid(feed->child, NULL, 0) < 0 && errno == EINTR)
				;
		}
		rf_line_free(&feed->text);
	}
	free(source);
}

void rf_source_fds(const struct rf_source *source, int fd[RF_SOURCE_FDS])
{
	for (size_t i = 0; i < RF_SOURCE_FDS; i++)
		fd[i] = source->feed[i].ended ? -1 : source->feed[i].fd;
}

/* ---------------------------------------------------------------- reading */

static void hand_out(const struct feed *feed, const char *text, size_t len, const struct rf_source_taker *taker)
{
	json_t *news;

	if (!len)
		return;
	if (!feed->marked) {
		taker->record(taker->context, text, len);
	} else if (text[0] == MARK_RECORD) {
		taker->record(taker->context, text + 1, len - 1);
	} else if (taker->agent) {
		news = json_loadb(text + 1, len - 1, 0, NULL);
		if (news)
			taker->agent(taker->context, news);
		json_decref(news);
	}
}

static void hand_out_lines(struct feed *feed, const char *text, size_t len, const struct rf_source_taker *taker)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t part = end ? (size_t)(end - text) : len;

		if (end && !feed->text.len) {
			hand_out(feed, text, part, taker);
		} else {
			if (feed->text.len < LINE_MAX)
				rf_line_bytes(&feed->text, text, part);
			if (end) {
				hand_out(feed, feed->text.text ? feed->text.text : "", feed->text.len, taker);
				rf_line_reset(&feed->text);
			}
		}
		text += part + (end != NULL);
		len -= part + (end != NULL);
	}
}

static int read_feed(struct feed *feed, const struct rf_source_taker *taker)
{
	static char chunk[CHUNK];
	struct pollfd ready = {.fd = feed->fd, .events = POLLIN};
	ssize_t got;

	if (feed->ended || poll(&ready, 1, 0) <= 0)
		return 0;
	got = read(feed->fd, chunk, sizeof(chunk));
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (got) {
		hand_out_lines(feed, chunk, (size_t)got, taker);
		return 1;
	}
	/* A last line without its end is a line. */
	hand_out(feed, feed->text.text ? feed->text.text : "", feed->text.len, taker);
	feed->ended = true;
	return 1;
}

int rf_source_read(struct rf_source *source, const struct rf_source_taker *taker)
{
	bool some = false, all = true;

	for (size_t i = 0; i < source->feeds; i++) {
		int err = read_feed(&source->feed[i], taker);

		if (err < 0) {
			source->feed[i].ended = true;
			return err;
		}
		some |= err > 0;
		all &= source->feed[i].ended;
	}
	return some ? 1 : all ? -ENODATA : 0;
}
