/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a pattern is well-formed, told from its lexemes without multiplying out its braces: for each place in the
 * pattern, in what ways the patterns it stands for can have begun. Where that finds a fault, or a limit is near, the
 * pattern is multiplied out after all: that knows which of them is at fault, and where.
 */
#include <errno.h>
#include <string.h>

#include "compile/compile.h"
#include "compile/glob_lex.h"

/* How what stands before a place can look, as bits. */
enum {
	NOTHING = 1,
	ROOT = 2,  /* "/" and nothing else */
	SLASH = 4, /* a '/' that something must follow */
	DOT = 8,   /* a component "." so far */
	DOTS = 16, /* or ".." */
	NAME = 32, /* within a component */
	MEM = 64,  /* a letter of "memfd"; the bits above are the letters after it */
	FAULT = MEM << 5,
};

/* All patterns that a part of a pattern stands for: how many, and their lexemes together. */
struct size {
	uint32_t count, lexemes;
};

/* Braces that have been opened. */
struct level {
	unsigned before;    /* in front of them */
	unsigned after;	    /* behind the branches so far */
	struct size outer;  /* what they stand in */
	struct size branch; /* the branches so far together */
};

/* What a byte, or (byte < 0) a wildcard, makes of one way. */
static unsigned step_one(unsigned way, int byte)
{
	static const char word[] = "memfd:";
	if (way == NOTHING)
		return byte == '/' ? ROOT : byte == '@' ? NAME : byte == 'm' ? MEM : FAULT;
	if (way >= MEM) {
		unsigned letters = (unsigned)__builtin_ctz(way / MEM) + 1;
		return byte != word[letters] ? FAULT : byte == ':' ? NAME : way << 1;
	}
	if (byte == '/')
		return way == NAME ? SLASH : FAULT;
	if (byte == '.' && way != NAME)
		return way == DOT ? DOTS : way == DOTS ? NAME : DOT;
	return NAME;
}

static unsigned step(unsigned ways, int byte)
{
	unsigned after = 0;
	for (; ways; ways &= ways - 1)
		after |= step_one(ways & -ways, byte);
	return after;
}

static bool join(struct size *size, struct size by)
{
	uint64_t count = (uint64_t)size->count * by.count;
	uint64_t lexemes = (uint64_t)size->lexemes * by.count + (uint64_t)by.lexemes * size->count;
	*size = (struct size){(uint32_t)count, (uint32_t)lexemes};
	return count <= RF_GLOB_ALTERNATIVES_MAX && lexemes <= RF_GLOB_TOKENS_MAX;
}

/* Ends a branch. What follows begins anew behind the braces, or in the next branch. */
static bool end_branch(struct level *level, unsigned *ways, struct size *size, bool last)
{
	level->after |= *ways;
	level->branch.count += size->count;
	level->branch.lexemes += size->lexemes;
	*ways = last ? level->after : level->before;
	*size = last ? level->outer : (struct size){1, 0};
	return !last || join(size, level->branch);
}

static bool sound(const struct glob_lexer *l)
{
	struct level level[RF_GLOB_NESTING_MAX];
	struct size size = {1, 0};
	unsigned ways = NOTHING, levels = 0;
	for (size_t i = 0; i < l->lexemes && ways < FAULT; i++) {
		const struct lexeme *lex = &l->lex[i];
		if (lex->kind == LEX_OPEN) {
			level[levels++] = (struct level){.before = ways, .outer = size};
			size = (struct size){1, 0};
		} else if (lex->kind == LEX_COMMA || lex->kind == LEX_CLOSE) {
			levels -= lex->kind == LEX_CLOSE;
			if (!end_branch(&level[levels - (lex->kind == LEX_COMMA)], &ways, &size,
					lex->kind == LEX_CLOSE))
				return false;
		} else {
			size.lexemes += size.count;
			if (ways != NAME || lex_is_slash(lex))
				ways = step(ways, lex->kind == LEX_BYTE ? lex->byte : -1);
		}
	}
	return !(ways & ~(unsigned)(ROOT | NAME)) && size.lexemes <= RF_GLOB_TOKENS_MAX;
}

static int parse(const char *text, const char **why, size_t *at)
{
	struct glob parsed;
	int err = glob_parse(text, &parsed, why, at);
	glob_free(&parsed);
	return err;
}

int rf_glob_check(const char *text, const char **why, size_t *at)
{
	struct lexeme lex[512]; /* nearly all patterns are shorter */
	struct glob sets = {0};
	struct glob_lexer lexer = {.text = text, .glob = &sets, .lex = lex, .why = why, .at = at};
	bool told = false;
	int err = 0;
	lexer.len = strnlen(text, sizeof(lex) / sizeof(*lex) + 1);
	if (lexer.len && lexer.len <= sizeof(lex) / sizeof(*lex)) {
		err = glob_lex(&lexer);
		told = err || sound(&lexer);
	}
	glob_free(&sets);
	if (!told)
		err = parse(text, why, at);
	if (err == -ENOMEM) {
		*why = "out of memory";
		*at = 0;
	}
	return err ? -EINVAL : 0;
}
