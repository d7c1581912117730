/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sweep: every system call, in a fence, with what the policy denies for arguments. See calls.h. */
#ifndef RINGFENCE_TESTS_SWEEP_H
#define RINGFENCE_TESTS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escape/escape.h"
#include "sweep/calls.h"

enum class {
#define X(name, words) CLASS_##name,
	CLASSES(X)
#undef X
};

enum abi { ABI_64, ABI_32, ABI_X32, ABIS };
#define ARGS 6

struct call {
	const char *name;
	int number[2]; /* by enum abi; -1: none */
	enum class class;
	const char *args;
	const char *test;
};
extern const struct call calls[];
extern const size_t calls_count;

/* table.c: what the table says is so: each number once, each test there, each of this kernel's calls in it. */
void table_check(void);
/* Whether a test is an attempt of tests/escape that is tried, or a file. */
bool table_has_test(const char *test);

/* opcodes.c: the same of io_uring's operations. */
void opcodes_check(void);
/* options.c: the same of socket options and control messages. */
void options_check(void);
void option_pick(uint64_t random, int *level, int *number);
void control_pick(uint64_t random, int *level, int *type);

/* pool.c: what calls are made with. In the process that makes them: buffers below 4 GiB, descriptors, the folder.
 * Returns 0 or an errno. */
int pool_make(void);
/* Fills a call's arguments. A seed gives the same ones again. */
void pool_draw(const struct call *call, uint64_t *seed, long args[ARGS]);
/* Whether the secret word came into a buffer, or can be read from a descriptor that a call made. */
bool pool_leaked(long result);

/* raw.c: makes a call. Returns what the kernel does: -errno. */
long raw_call(enum abi abi, long number, const long args[ARGS]);

#endif
