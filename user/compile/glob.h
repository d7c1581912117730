/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A pattern, taken apart: what glob.c matches with and nfa.c builds from. Private to the compiler. */
#ifndef RINGFENCE_GLOB_H
#define RINGFENCE_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of one pattern; the sentences of glob.c tell them. */
#define RF_GLOB_MAX		 4096  /* bytes */
#define RF_GLOB_NESTING_MAX	 8     /* braces in braces */
#define RF_GLOB_ALTERNATIVES_MAX 1024  /* patterns that its braces stand for */
#define RF_GLOB_TOKENS_MAX	 65536 /* in all of them together */

enum glob_kind {
	GLOB_BYTE,  /* this byte */
	GLOB_SET,   /* one byte of a set; set 0 is `?` */
	GLOB_STAR,  /* any run without '/' */
	GLOB_RUN,   /* any run of bytes */
	GLOB_COMPS, /* at the start of a component: any number of whole components, each with its '/' */
	GLOB_REST,  /* the end, or '/' and anything: a trailing "/ **" after something */
	GLOB_ALL,   /* anything at all; always the last */
};

struct glob_token {
	uint8_t kind;
	uint8_t byte;
	uint16_t set;
};

/* Bytes as bits; byte 0 stands for every byte that no pattern names. '/' is never in one. */
struct glob_set {
	uint64_t bits[4];
};

/* The plain patterns that braces stand for, each a run of tokens. */
struct glob {
	struct glob_token *token;
	size_t tokens, token_room;
	size_t *start; /* alternative i is token[start[i]] to token[start[i + 1] - 1] */
	size_t alternatives, start_room;
	struct glob_set *set;
	size_t sets, set_room;
};

static inline bool glob_set_has(const struct glob_set *set, unsigned byte)
{
	return set->bits[byte >> 6] >> (byte & 63) & 1;
}

/* Takes a pattern apart. Returns 0; -EINVAL with a sentence and an offset; -ENOMEM. The caller frees `glob` always. */
int glob_parse(const char *text, struct glob *glob, const char **why, size_t *at);
void glob_free(struct glob *glob);
/* Whether one alternative matches a whole path. */
bool glob_match(const struct glob *glob, size_t alternative, const char *path, size_t len);

#endif
