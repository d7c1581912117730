/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lexemes of a pattern, before its braces are multiplied out. Private to glob_*.c. */
#ifndef RINGFENCE_GLOB_LEX_H
#define RINGFENCE_GLOB_LEX_H

#include <errno.h>
#include <stdlib.h>

#include "compile/glob.h"

enum lex_kind { LEX_BYTE, LEX_SET, LEX_STAR, LEX_OPEN, LEX_COMMA, LEX_CLOSE };

struct lexeme {
	uint8_t kind;
	uint8_t byte;
	uint16_t set;
	uint16_t at;   /* offset in the pattern, for messages */
	uint16_t jump; /* OPEN, COMMA: the next COMMA or the CLOSE of the same braces */
};

struct glob_lexer {
	const char *text;
	size_t len;
	struct glob *glob;  /* takes the sets */
	struct lexeme *lex; /* the caller's, room for `len` */
	size_t lexemes;
	const char **why;
	size_t *at;
};

/* Makes room for one more element of an array that doubles. */
static inline int glob_grow(void **array, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return 0;
	size_t more = *room ? *room * 2 : 8;
	void *new = realloc(*array, more * size);
	if (!new)
		return -ENOMEM;
	*array = new;
	*room = more;
	return 0;
}

/* The index of a set, added where it is new; -ENOMEM. */
int glob_add_set(struct glob *glob, const struct glob_set *set);
/* Notes what is wrong; returns -EINVAL. */
int glob_refuse(struct glob_lexer *lexer, size_t at, const char *why);
/* Fills in `lex`. Returns 0, -EINVAL with a sentence and an offset, -ENOMEM. */
int glob_lex(struct glob_lexer *lexer);

static inline bool lex_is_slash(const struct lexeme *lex)
{
	return lex->kind == LEX_BYTE && lex->byte == '/';
}

#endif
