// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The functions of libcurl that the client calls, each of which loads the library when it is first called: with it come
 * thirty others, whose linking would cost every `ringfence run` more than all the rest of its start.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define LIBRARY "libcurl.so.4"

/* X(name without "curl_") */
#define FUNCTIONS(X)     \
	X(easy_escape)   \
	X(free)          \
	X(easy_init)     \
	X(easy_setopt)   \
	X(easy_perform)  \
	X(easy_getinfo)  \
	X(easy_cleanup)  \
	X(easy_strerror) \
	X(slist_append)  \
	X(slist_free_all)

static struct {
#define X(name) __typeof__(&curl_##name) name;
	FUNCTIONS(X)
#undef X
} curl;

/* False: it is not there, or lacks something. */
static bool loaded(void)
{
	static bool tried, good;
	void *library;

	if (tried)
		return good;
	tried = good = true;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
#define X(name)                                                                \
	*(void **)&curl.name = library ? dlsym(library, "curl_" #name) : NULL; \
	good &= curl.name != NULL;
	FUNCTIONS(X)
#undef X
	return good;
}

char *curl_easy_escape(CURL *handle, const char *string, int length)
{
	return loaded() ? curl.easy_escape(handle, string, length) : NULL;
}

void curl_free(void *pointer)
{
	if (loaded())
		curl.free(pointer);
}

CURL *curl_easy_init(void)
{
	return loaded() ? curl.easy_init() : NULL;
}

/* Each option has one argument, a long, a curl_off_t or a pointer, all of which are passed alike where a long has as
 * many bits as a pointer. */
#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *handle, CURLoption option, ...)
{
	va_list args;
	void *value;

	_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "arguments are alike");
	va_start(args, option);
	value = va_arg(args, void *);
	va_end(args);
	return loaded() ? curl.easy_setopt(handle, option, value) : CURLE_FAILED_INIT;
}

CURLcode curl_easy_perform(CURL *handle)
{
	return loaded() ? curl.easy_perform(handle) : CURLE_FAILED_INIT;
}

#undef curl_easy_getinfo
CURLcode curl_easy_getinfo(CURL *handle, CURLINFO info, ...)
{
	va_list args;
	void *value;

	va_start(args, info);
	value = va_arg(args, void *);
	va_end(args);
	return loaded() ? curl.easy_getinfo(handle, info, value) : CURLE_FAILED_INIT;
}

void curl_easy_cleanup(CURL *handle)
{
	if (loaded())
		curl.easy_cleanup(handle);
}

const char *curl_easy_strerror(CURLcode code)
{
	return loaded() ? curl.easy_strerror(code) : LIBRARY " is not installed";
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *string)
{
	return loaded() ? curl.slist_append(list, string) : NULL;
}

void curl_slist_free_all(struct curl_slist *list)
{
	if (loaded())
		curl.slist_free_all(list);
}
