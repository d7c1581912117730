// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* HTTP: what the other end says is not looked at, but for the status. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "notifier/webhook.h"

#define TRIES	   4
#define TRY_MS	   4000L      /* each; all together have the helper's time */
#define FIRST_WAIT 500000000L /* ns; doubled with each try */
#define ANSWER_MAX 65536u

static size_t pass_over(char *bytes, size_t size, size_t count, void *context)
{
	size_t *seen = context;

	(void)bytes;
	*seen += size * count;
	return *seen > ANSWER_MAX ? 0 : size * count;
}

/* HTTP's status, or 0 and why there is none. */
static long try(CURL *curl, char *why, size_t size)
{
	size_t seen = 0;
	long status = 0;
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &seen);
	code = curl_easy_perform(curl);
	/* An answer that is too long is one. */
	if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status)
		snprintf(why, size, "the other end answers with status %ld", status);
	else
		snprintf(why, size, "%s", curl_easy_strerror(code));
	return status;
}

static int try_all(CURL *curl, char *why, size_t size)
{
	struct timespec wait = {.tv_nsec = FIRST_WAIT};

	for (int i = 0; i < TRIES; i++) {
		long status = try(curl, why, size);

		if (status >= 200 && status < 300)
			return 0;
		/* What was asked for is wrong, and will be the next time. */
		if (status >= 300 && status < 500 && status != 408 && status != 429)
			return -1;
		if (i + 1 == TRIES)
			break;
		nanosleep(&wait, NULL);
		wait = (struct timespec){.tv_sec = wait.tv_sec * 2 + wait.tv_nsec / 500000000L,
					 .tv_nsec = wait.tv_nsec * 2 % 1000000000L};
	}
	return -1;
}

int post(const json_t *request, char *why, size_t size)
{
	const json_t *headers = json_object_get(request, "headers"), *header;
	const char *url = json_string_value(json_object_get(request, "url"));
	const char *body = json_string_value(json_object_get(request, "body"));
	struct curl_slist *list = NULL;
	CURL *curl = curl_easy_init();
	int err = -1;
	size_t i;

	if (!curl || !url || !body) {
		snprintf(why, size, "%s", curl ? "the request is none" : curl_easy_strerror(CURLE_FAILED_INIT));
		return -1;
	}
	list = curl_slist_append(list, "Content-Type: application/json");
	json_array_foreach(headers, i, header) list = curl_slist_append(list, json_string_value(header));
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "ringfence/" RF_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TRY_MS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, pass_over);
	err = try_all(curl, why, size);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return err;
}
