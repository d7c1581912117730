/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Generated questions that are asked of the kernel by real system calls, and of the reference. */
#ifndef RINGFENCE_TESTS_VM_PROPERTY_H
#define RINGFENCE_TESTS_VM_PROPERTY_H

#include "reference/generate.h"
#include "reference/reference.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"

/* The system call that asks. */
enum way {
	WAY_OPEN_READ,
	WAY_OPEN_WRITE,
	WAY_CREATE,
	WAY_MKDIR,
	WAY_UNLINK,
	WAY_CHMOD,
	WAY_TRUNCATE,
	WAY_EXEC,
	WAY_STREAM, /* unix */
	WAY_DGRAM,
	WAY_BIND_ABSTRACT,
	WAY_CONNECT, /* network */
	WAY_SENDTO,
	WAY_BIND,
	WAY_RENAME, /* of two names */
	WAY_LINK,
	WAY_RENAME_DIR,
	WAY_SYMLINK, /* of one name again */
	WAY_COUNT
};

#define TRIES 2

struct question {
	struct gen_probe probe;
	char second[RF_PATH_MAX]; /* rename and link: the new name */
	size_t second_len;
	enum way way;
	bool mapped;	  /* network: IPv4 by an IPv6 socket */
	int fd;		  /* unix: the socket that is asked for, or -1 */
	int error[TRIES]; /* what each try got; -1: not tried */
};

#define QUESTIONS_MAX 64

/* One policy and its questions. */
struct round {
	struct gen *gen;
	enum rf_section section;
	uint64_t seed; /* of the whole run */
	struct gen_policy policy;
	struct fence fence;
	struct question *question; /* shared with the fenced process */
	size_t count;
	bool made_first; /* files are there before the fence is: what a rule hides is sealed too */
	const char *why; /* of the last question that failed */
	size_t calls, denials;
	size_t moved, kept; /* folders that got another name, or would have gained by it */
};

/* Fills in one more question. Returns whether it can be asked. */
bool files_prepare(struct round *round, struct question *question);
bool files_create(const struct question *question);
bool unix_prepare(struct round *round, struct question *question);
bool net_prepare(struct round *round, struct question *question);
bool pairs_prepare(struct round *round, struct question *question);
/* Asks it, in the fence: an errno or 0. */
int files_ask(const struct question *question);
int unix_ask(const struct question *question);
int net_ask(const struct question *question);
int pairs_ask(const struct question *question);

/* What the reference says: the errno of the policy's refusal, or 0. `rule` gets the rule that decides (NULL: none), and
 * `reason` the denial's reason. */
struct expected {
	int error;
	enum rf_reason reason;
	unsigned access;
	const struct rf_rule *rule;
};
struct expected files_expect(const struct round *round, const struct question *question);
struct expected net_expect(const struct round *round, const struct question *question);
struct expected pairs_expect(const struct round *round, const struct question *question);

/* Makes all folders above a path. Returns whether that went well. */
bool make_parents(const char *path);
/* Whether another question of the round would be in the way of one that makes or takes away this name. */
bool name_is_free(const struct round *round, const char *path, size_t len);
/* Whether no question of the round makes or takes away this name or what it lies in. */
bool name_is_steady(const struct round *round, const char *path, size_t len);

#endif
