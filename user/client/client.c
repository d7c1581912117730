// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>

#include "api/path.h"
#include "api/server.h"
#include "client/client.h"

#define ANSWER_MAX (256u << 20) /* bytes; whatever listens there, we don't fill the memory with it */

const char *rf_client_socket(void)
{
	const char *given = getenv("RINGFENCE_SOCKET");

	return given && given[0] ? given : RF_API_SOCKET;
}

char *rf_client_path(const char *before, const char *name, const char *after)
{
	char *escaped = curl_easy_escape(NULL, name, 0), *path = NULL;

	if (escaped && asprintf(&path, "%s%s%s", before, escaped, after) < 0)
		path = NULL;
	curl_free(escaped);
	return path;
}

/* ---------------------------------------------------------------- what went wrong */

/* Sets exit status and message; the message of before goes. */
__attribute__((format(printf, 3, 4))) static void fail(struct rf_client_answer *answer, enum rf_exit exit,
						       const char *format, ...)
{
	va_list args;

	free(answer->message);
	answer->exit = exit;
	va_start(args, format);
	if (vasprintf(&answer->message, format, args) < 0)
		answer->message = NULL;
	va_end(args);
}

static bool is_installed(void)
{
	static const char *const unit[] = {
		"/etc/systemd/system/ringfenced.service",	    "/run/systemd/system/ringfenced.service",
		"/usr/local/lib/systemd/system/ringfenced.service", "/usr/lib/systemd/system/ringfenced.service",
		"/lib/systemd/system/ringfenced.service",
	};

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (access(unit[i], F_OK) == 0)
			return true;
	return false;
}

static void fail_connect(struct rf_client_answer *answer, int error)
{
	const char *socket = rf_client_socket();

	if (error == EACCES || error == EPERM)
		fail(answer, RF_EXIT_FORBIDDEN, "%s: you may not ask the agent; use sudo", socket);
	else if (is_installed())
		fail(answer, RF_EXIT_NO_AGENT,
		     "no agent listens on %s: start it with \"systemctl start ringfenced\", or see \"systemctl status "
		     "ringfenced\" for why it does not run",
		     socket);
	else
		fail(answer, RF_EXIT_NO_AGENT,
		     "no agent listens on %s: the service ringfenced is not installed on this host", socket);
}

static void fail_transfer(struct rf_client_answer *answer, CURLcode code, long error, unsigned timeout)
{
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		fail_connect(answer, (int)error);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		fail(answer, RF_EXIT_TIMEOUT,
		     "the agent did not answer within %u s, and may still do what it was asked: see \"ringfence "
		     "status\"",
		     timeout);
		break;
	case CURLE_URL_MALFORMAT:
		fail(answer, RF_EXIT_USAGE, "this is no path that can be asked");
		break;
	case CURLE_WRITE_ERROR:
		fail(answer, RF_EXIT_FAILED, "the agent's answer is too large");
		break;
	default:
		fail(answer, RF_EXIT_FAILED, "the agent broke off: %s; see \"journalctl -u ringfenced\"",
		     curl_easy_strerror(code));
	}
}

static void judge_status(struct rf_client_answer *answer)
{
	const char *message = json_string_value(rf_json_path(answer->json, "error.message"));
	enum rf_exit exit = answer->status == 401 || answer->status == 403   ? RF_EXIT_FORBIDDEN
			    : answer->status == 408 || answer->status == 504 ? RF_EXIT_TIMEOUT
									     : RF_EXIT_FAILED;

	if ((answer->status >= 200 && answer->status < 300) || answer->status == 304)
		return;
	answer->details = rf_json_path(answer->json, "error.details");
	if (message)
		fail(answer, exit, "%s", message);
	else
		fail(answer, exit, "the agent refused with status %ld", answer->status);
}

/* ---------------------------------------------------------------- asking */

struct exchange {
	const struct rf_client_request *request;
	struct rf_client_answer *answer;
	bool enough; /* of a stream */
};

static size_t take(char *data, size_t size, size_t count, void *context)
{
	struct rf_client_answer *answer = ((struct exchange *)context)->answer;
	size_t len = size * count;
	char *text = len <= ANSWER_MAX - answer->length ? realloc(answer->text, answer->length + len + 1) : NULL;

	if (!text)
		return 0; /* CURLE_WRITE_ERROR */
	memcpy(text + answer->length, data, len);
	answer->text = text;
	answer->length += len;
	text[answer->length] = '\0';
	return len;
}

/* Hands out the lines that are whole; what is left of the text is the beginning of one. An error, in one line too, is
 * the answer's. */
static size_t take_lines(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	struct rf_client_answer *answer = exchange->answer;
	char *end;
	size_t at = 0;

	if (!take(data, size, count, context))
		return 0;
	while (!exchange->enough && (end = memchr(answer->text + at, '\n', answer->length - at))) {
		size_t next = (size_t)(end + 1 - answer->text);
		json_t *event = json_loadb(answer->text + at, next - at, 0, NULL);

		if (!event || json_object_get(event, "error")) {
			json_decref(event);
			return size * count;
		}
		exchange->enough = !exchange->request->event(exchange->request->context, event);
		json_decref(event);
		at = next;
	}
	answer->length -= at;
	memmove(answer->text, answer->text + at, answer->length + 1);
	return exchange->enough ? 0 : size * count;
}

static struct curl_slist *headers_of(const struct rf_client_request *request)
{
	struct curl_slist *list = NULL;
	char line[128];

	if (request->body)
		list = curl_slist_append(list, "Content-Type: application/yaml");
	if (request->if_match) {
		snprintf(line, sizeof(line), "If-Match: %s", request->if_match);
		list = curl_slist_append(list, line);
	}
	return list;
}

static void set_options(CURL *curl, struct exchange *exchange, const char *url, const struct curl_slist *headers)
{
	const struct rf_client_request *request = exchange->request;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, rf_client_socket());
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*"); /* whatever the environment says of proxies */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "ringfence/" RF_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, request->event ? take_lines : take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	if (request->event) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)RF_CLIENT_SILENCE);
	} else {
		curl_easy_setopt(curl, CURLOPT_TIMEOUT,
				 (long)(request->timeout ? request->timeout : RF_CLIENT_TIMEOUT));
	}
	if (request->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	}
	if (!strcmp(request->method, "HEAD"))
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void perform(CURL *curl, const struct rf_client_request *request, struct rf_client_answer *answer)
{
	struct curl_slist *headers = headers_of(request);
	struct exchange exchange = {request, answer, false};
	char *url = NULL;
	long error = 0;
	CURLcode code;

	if (asprintf(&url, "http://localhost%s", request->path) < 0) {
		fail(answer, RF_EXIT_FAILED, "out of memory");
		curl_slist_free_all(headers);
		return;
	}
	set_options(curl, &exchange, url, headers);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (code == CURLE_OK || exchange.enough) {
		answer->json = answer->text ? json_loadb(answer->text, answer->length, 0, NULL) : NULL;
		judge_status(answer);
	} else {
		answer->status = 0;
		if (request->event && code == CURLE_OPERATION_TIMEDOUT)
			fail(answer, RF_EXIT_TIMEOUT, "the agent said nothing for %d s", RF_CLIENT_SILENCE);
		else
			fail_transfer(answer, code, error, request->timeout ? request->timeout : RF_CLIENT_TIMEOUT);
	}
	curl_slist_free_all(headers);
	free(url);
}

enum rf_exit rf_client_ask(const struct rf_client_request *request, struct rf_client_answer *answer)
{
	CURL *curl;

	*answer = (struct rf_client_answer){0};
	/* curl would cut it off, and ask another. */
	if (strlen(rf_client_socket()) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		fail(answer, RF_EXIT_USAGE, "%s: the path of a socket can't be that long", rf_client_socket());
		return answer->exit;
	}
	curl = curl_easy_init();
	if (curl)
		perform(curl, request, answer);
	else
		fail(answer, RF_EXIT_FAILED, "out of memory");
	curl_easy_cleanup(curl);
	return answer->exit;
}

void rf_client_answer_free(struct rf_client_answer *answer)
{
	free(answer->text);
	free(answer->message);
	json_decref(answer->json);
	*answer = (struct rf_client_answer){0};
}
