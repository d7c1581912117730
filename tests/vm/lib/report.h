/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the guest's test programs print: "ok NAME" or "not ok NAME: why" a case, and a last line of totals. */
#ifndef RINGFENCE_TESTS_VM_REPORT_H
#define RINGFENCE_TESTS_VM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Options that the programs share. */
struct options {
	unsigned seconds; /* of each case that runs for a time; 0: the program's own choice */
	uint64_t seed;	  /* given or from the clock */
	bool mutate;	  /* --mutate: show that a case fails without what it proves */
	const char *only; /* --only PART: cases whose name holds it; NULL: all */
};

/* Reads the options; ends the program where they are wrong. */
void options_read(struct options *options, int argc, char **argv);
/* Whether a case is wanted. */
bool options_want(const struct options *options, const char *name);

void report_ok(const char *name);
void report_fail(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_skip(const char *name, const char *why);
/* A line that is no result. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with bytes that may be none of text. */
void report_bytes(const char *what, const char *bytes, size_t len);
/* ok where `good`, else not ok with the text. Returns good. */
bool report(bool good, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Prints the totals. Returns the program's exit status. */
int report_end(void);
/* Ends the program: what the tests stand on could not be made. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* CLOCK_MONOTONIC in seconds. */
double now(void);

#endif
