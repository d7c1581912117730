/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random policies, and questions near their edges: from a seed, the same on every machine. Policies are made as text
 * and read by the real parser, so that a failure prints as a policy file. For tests on the host and in a guest that
 * really creates the files. A program that runs out of memory here aborts.
 */
#ifndef RINGFENCE_TESTS_GENERATE_H
#define RINGFENCE_TESTS_GENERATE_H

#include <stdio.h>

#include "policy/policy.h"

struct gen {
	uint64_t state; /* the seed, then what became of it */
	/* Paths all lie beneath this directory ("" or absolute, no slash at the end); patterns too, but for a few such
	 * as "/ **" that hold it, unless `inside`. */
	const char *prefix;
	bool inside;
	size_t path_max; /* bytes of a path, without NUL; 0: 4,095 */
	bool local;	 /* addresses from 127.0.0.0/8 and fd52:4646::/32 alone */
	bool plain;	 /* no names longer than 20 bytes, and no deep paths */
};

/* A rule as text; `item` are its patterns or address ranges. */
struct gen_rule {
	enum rf_section section;
	bool allow, hide, moves;
	unsigned access;
	char **item;
	size_t items;
	char **port;
	size_t ports;
	unsigned protocols; /* 0: not said */
};

struct gen_policy {
	struct gen_rule *rule;
	size_t rules;
	bool judges; /* the sections of its rules alone; the others are left to other policies */
};

/* One question: an access bit to a path, or by a protocol bit to an address and port. */
struct gen_probe {
	enum rf_section section;
	unsigned access;
	char path[RF_PATH_MAX]; /* files, unix; with NUL */
	size_t len;
	unsigned protocol; /* network */
	uint8_t addr[16];
	uint16_t port;
};

uint64_t gen_next(struct gen *g);
/* 0 to n - 1. */
size_t gen_below(struct gen *g, size_t n);
bool gen_chance(struct gen *g, unsigned percent);

/* A policy with up to `rules` rules of one section. */
void gen_policy_make(struct gen *g, enum rf_section section, size_t rules, struct gen_policy *policy);
void gen_policy_free(struct gen_policy *policy);
/* The policy as a file's text; the caller frees it. */
char *gen_policy_text(const struct gen_policy *policy);
/* Reads and binds it. Returns 0, or -EINVAL with a message on `errors` (may be NULL). */
int gen_policy_bind(const struct gen_policy *policy, struct rf_policies *out, FILE *errors);
/* A question to a section of a policy: mostly near a rule's edge. */
void gen_probe_make(struct gen *g, const struct gen_policy *policy, enum rf_section section, struct gen_probe *probe);

/* Whether a case still fails. */
typedef bool gen_fails(const struct rf_policy *policy, const struct gen_probe *probe, void *context);
/* Takes rules, patterns, components and bytes away for as long as the case still fails. */
void gen_shrink(const struct gen *g, struct gen_policy *policy, struct gen_probe *probe, gen_fails *fails,
		void *context);
/* Prints the seed, the policy and the question. */
void gen_report(FILE *out, uint64_t seed, const struct gen_policy *policy, const struct gen_probe *probe);

#endif
