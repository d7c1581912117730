// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/lib/report.h"

static unsigned passed, failed, skipped;

static void usage(const char *program)
{
	fprintf(stderr, "usage: %s [--seconds N] [--seed N] [--only PART] [--mutate]\n", program);
	exit(2);
}

void options_read(struct options *options, int argc, char **argv)
{
	*options = (struct options){.seed = (uint64_t)time(NULL)};
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--mutate")) {
			options->mutate = true;
			continue;
		}
		if (!value)
			usage(argv[0]);
		if (!strcmp(argv[i], "--seconds"))
			options->seconds = (unsigned)strtoul(value, NULL, 0);
		else if (!strcmp(argv[i], "--seed"))
			options->seed = strtoull(value, NULL, 0);
		else if (!strcmp(argv[i], "--only"))
			options->only = value;
		else
			usage(argv[0]);
		i++;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
}

bool options_want(const struct options *options, const char *name)
{
	return !options->only || strstr(name, options->only);
}

void report_ok(const char *name)
{
	passed++;
	printf("ok %s\n", name);
}

static void vfail(const char *name, const char *format, va_list args)
{
	failed++;
	printf("not ok %s: ", name);
	vprintf(format, args);
	printf("\n");
}

void report_fail(const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfail(name, format, args);
	va_end(args);
}

bool report(bool good, const char *name, const char *format, ...)
{
	va_list args;

	if (good) {
		report_ok(name);
		return true;
	}
	va_start(args, format);
	vfail(name, format, args);
	va_end(args);
	return false;
}

void report_skip(const char *name, const char *why)
{
	skipped++;
	printf("ok %s # SKIP %s\n", name, why);
}

void report_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

void report_bytes(const char *what, const char *bytes, size_t len)
{
	printf("# %s: \"", what);
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		printf(byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\' ? "\\x%02x" : "%c", byte);
	}
	printf("\"\n");
}

int report_end(void)
{
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}

void die(const char *format, ...)
{
	va_list args;
	int error = errno;

	va_start(args, format);
	printf("not ok set-up: ");
	vprintf(format, args);
	printf(" (%s)\n", strerror(error));
	va_end(args);
	failed++;
	exit(report_end());
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
