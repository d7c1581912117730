/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs a verb before the server of api_support.h, and keeps what it prints. */
#ifndef RINGFENCE_TESTS_VERB_SUPPORT_H
#define RINGFENCE_TESTS_VERB_SUPPORT_H

#include "api_support.h"

#include "verbs/verbs.h"

static char out[256 << 10], err[64 << 10];

static void read_back(FILE *file, char *text, size_t size)
{
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

/* Runs a verb; what it prints goes to `out` and `err`. */
static int run(int (*verb)(const struct rf_verb *, int, char **), const struct rf_option *options, char **words)
{
	const struct rf_verb row = {words[0], "", "", options, verb, NULL};
	FILE *to[2] = {tmpfile(), tmpfile()};
	int old[2] = {dup(1), dup(2)}, argc = 0, status;

	while (words[argc])
		argc++;
	fflush(stdout);
	dup2(fileno(to[0]), 1);
	dup2(fileno(to[1]), 2);
	status = verb(&row, argc, words);
	fflush(stdout);
	dup2(old[0], 1);
	dup2(old[1], 2);
	close(old[0]);
	close(old[1]);
	read_back(to[0], out, sizeof(out));
	read_back(to[1], err, sizeof(err));
	return status;
}

#define RUN(verb, ...) run(rf_verb_##verb, rf_options_##verb, (char *[]){#verb, ##__VA_ARGS__, NULL})

/* One that must end so, with this on stdout and that somewhere on stderr. */
#define WANT(status, printed, told, ...)                                                                      \
	do {                                                                                                  \
		int ended = RUN(__VA_ARGS__);                                                                 \
		if (ended != (status) || strcmp(out, printed) != 0 || !strstr(err, told) || (!*told && *err)) \
			fail_msg("%s: ended with %d\n%s--\n%s", #__VA_ARGS__, ended, out, err);               \
	} while (0)

static int start(void **state)
{
	int status = start_server(state);

	setenv("RINGFENCE_SOCKET", socket_path, 1);
	return status;
}

static int stop(void **state)
{
	unsetenv("RINGFENCE_SOCKET");
	return stop_server(state);
}

#endif
