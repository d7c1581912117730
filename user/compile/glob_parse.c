/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From lexemes to tokens. The braces of a pattern are multiplied out, because whether `**` is a whole component is a
 * question about the pattern that results (`/{*,a}*` means `/ **` and `/a*`); each result is turned into tokens in a
 * normal form, in which "everything beneath" is one token.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compile/glob_lex.h"

/* One component, without its '/'. */
struct part {
	const struct lexeme *lex;
	size_t len;
};

struct parser {
	struct glob_lexer lexer;
	struct glob *glob;
	struct lexeme *out; /* one multiplied-out pattern */
	struct part *part;  /* its components */
};

/* ------------------------------------------------------------------- tokens */

/* There is room: see reserve(). */
static void emit(struct glob *glob, enum glob_kind kind, uint8_t byte, uint16_t set)
{
	glob->token[glob->tokens++] = (struct glob_token){.kind = (uint8_t)kind, .byte = byte, .set = set};
}

static size_t stars(struct part part)
{
	size_t n = 0;
	while (n < part.len && part.lex[n].kind == LEX_STAR)
		n++;
	return n == part.len ? n : 0;
}

static void emit_part(struct glob *glob, struct part part)
{
	for (size_t i = 0; i < part.len; i++) {
		const struct lexeme *lex = &part.lex[i];
		if (lex->kind == LEX_BYTE) {
			emit(glob, GLOB_BYTE, lex->byte, 0);
		} else if (lex->kind == LEX_SET) {
			emit(glob, GLOB_SET, 0, lex->set);
		} else {
			size_t first = i;
			while (i + 1 < part.len && part.lex[i + 1].kind == LEX_STAR)
				i++;
			emit(glob, i > first ? GLOB_RUN : GLOB_STAR, 0, 0);
		}
	}
}

static void emit_slash(struct glob *glob)
{
	emit(glob, GLOB_BYTE, '/', 0);
}

/* Tells the components from `from` on that are `*` or `**` and nothing else: how many of each. */
static size_t wild_block(const struct part *part, size_t parts, size_t from, size_t *singles, size_t *doubles)
{
	size_t i = from;
	*singles = *doubles = 0;
	for (; i < parts; i++) {
		size_t n = stars(part[i]);
		if (n != 1 && n != 2)
			break;
		++*(n == 1 ? singles : doubles);
	}
	return i;
}

/*
 * The end of a pattern in which components `*` and `**` stand alone and at least one is `**`: their order does not
 * matter, and behind the last `/` that is asked for everything matches. `head`: something stands before.
 */
static void emit_tail(struct glob *glob, size_t singles, bool head)
{
	if (!singles && head) {
		emit(glob, GLOB_REST, 0, 0);
		return;
	}
	for (size_t i = 1; i < singles; i++) {
		emit_slash(glob);
		emit(glob, GLOB_STAR, 0, 0);
	}
	emit_slash(glob);
	emit(glob, GLOB_ALL, 0, 0);
}

/* Components after the first, each with the '/' before it. */
static void emit_parts(struct glob *glob, const struct part *part, size_t parts)
{
	bool slash = true; /* a '/' is still due before the next component */
	emit_part(glob, part[0]);
	for (size_t i = 1; i < parts;) {
		size_t singles, doubles, end = wild_block(part, parts, i, &singles, &doubles);
		if (doubles && end == parts) {
			emit_tail(glob, singles, i > 1 || part[0].len);
			return;
		}
		if (!doubles) {
			if (slash)
				emit_slash(glob);
			slash = true;
			emit_part(glob, part[i++]);
			continue;
		}
		for (size_t n = 0; n < singles; n++) {
			if (slash)
				emit_slash(glob);
			slash = true;
			emit(glob, GLOB_STAR, 0, 0);
		}
		if (slash)
			emit_slash(glob);
		emit(glob, GLOB_COMPS, 0, 0);
		slash = false;
		i = end;
	}
}

static bool begins_with(const struct lexeme *lex, size_t len, const char *word)
{
	size_t i = 0;
	for (; word[i]; i++)
		if (i >= len || lex[i].kind != LEX_BYTE || lex[i].byte != (uint8_t)word[i])
			return false;
	return true;
}

static bool is_dots(struct part part)
{
	if (part.len != 1 && part.len != 2)
		return false;
	for (size_t i = 0; i < part.len; i++)
		if (part.lex[i].kind != LEX_BYTE || part.lex[i].byte != '.')
			return false;
	return true;
}

static int check_part(struct parser *p, struct part part, bool first, bool last)
{
	if (!part.len && !first) {
		const struct lexeme *slash = part.lex - 1;
		return glob_refuse(&p->lexer, slash->at,
				   last ? "the pattern ends in '/'" : "'//' can't be part of a path");
	}
	if (is_dots(part))
		return glob_refuse(&p->lexer, part.lex->at,
				   "'.' and '..' can't be components of a path that is matched");
	return 0;
}

/* Tells the components of the multiplied-out pattern apart. */
static int find_parts(struct parser *p, size_t len, size_t *parts)
{
	const struct lexeme *at = p->out, *end = p->out + len;
	*parts = 0;
	for (;;) {
		struct part part = {.lex = at};
		while (at < end && !lex_is_slash(at))
			at++;
		part.len = (size_t)(at - part.lex);
		int err = check_part(p, part, !*parts, at == end);
		if (err)
			return err;
		p->part[(*parts)++] = part;
		if (at++ == end)
			return 0;
	}
}

/* Makes room for one more alternative of at most `len` tokens. */
static int reserve(struct glob *glob, size_t len)
{
	if (glob_grow((void **)&glob->start, &glob->start_room, glob->alternatives + 1, sizeof(*glob->start)))
		return -ENOMEM;
	if (glob->tokens + len <= glob->token_room)
		return 0;
	size_t room = 2 * glob->token_room + len;
	struct glob_token *token = realloc(glob->token, room * sizeof(*token));
	if (!token)
		return -ENOMEM;
	glob->token = token;
	glob->token_room = room;
	return 0;
}

/* A run at the very end, with or without "beneath" after it, matches all that can follow. */
static void end_run(struct glob *glob, const struct glob_token *first)
{
	struct glob_token *last = &glob->token[glob->tokens - 1];
	if (last->kind == GLOB_REST && last > first && last[-1].kind == GLOB_RUN) {
		glob->tokens--;
		last--;
	}
	if (last->kind == GLOB_RUN)
		last->kind = GLOB_ALL;
}

/* Turns one multiplied-out pattern into tokens: no more of them than there are lexemes. */
static int finish(struct parser *p, size_t len)
{
	struct glob *glob = p->glob;
	if (!begins_with(p->out, len, "/") && !begins_with(p->out, len, "@") && !begins_with(p->out, len, "memfd:"))
		return glob_refuse(&p->lexer, len ? p->out[0].at : 0, "a pattern is absolute: it begins with '/'");
	if (glob->alternatives == RF_GLOB_ALTERNATIVES_MAX)
		return glob_refuse(&p->lexer, 0, "its braces stand for more than 1,024 patterns");
	int err = reserve(glob, len);
	if (err)
		return err;
	size_t first = glob->tokens, parts = 0;
	glob->start[glob->alternatives++] = first;
	if (len == 1 && lex_is_slash(p->out)) {
		emit_slash(glob);
	} else {
		err = find_parts(p, len, &parts);
		if (err)
			return err;
		emit_parts(glob, p->part, parts);
	}
	end_run(glob, &glob->token[first]);
	if (glob->tokens > RF_GLOB_TOKENS_MAX)
		return glob_refuse(&p->lexer, 0, "its braces stand for more than 65,536 bytes of patterns");
	glob->start[glob->alternatives] = glob->tokens;
	return 0;
}

/* ------------------------------------------------------------------- braces */

/* Multiplies out from lexeme `i` on, behind `len` lexemes that are already there. */
static int expand(struct parser *p, size_t i, size_t len)
{
	const struct glob_lexer *l = &p->lexer;
	for (; i < l->lexemes; i++) {
		const struct lexeme *lex = &l->lex[i];
		if (lex->kind == LEX_OPEN) {
			int err = 0;
			for (; !err && l->lex[i].kind != LEX_CLOSE; i = l->lex[i].jump)
				err = expand(p, i + 1, len);
			return err;
		}
		if (lex->kind == LEX_COMMA) /* the end of a branch: go on behind the braces */
			while (l->lex[i].kind != LEX_CLOSE)
				i = l->lex[i].jump;
		else if (lex->kind != LEX_CLOSE)
			p->out[len++] = *lex;
	}
	return finish(p, len);
}

int glob_parse(const char *text, struct glob *glob, const char **why, size_t *at)
{
	struct parser p = {.glob = glob, .lexer = {.text = text, .glob = glob, .why = why, .at = at}};
	size_t len = p.lexer.len = strnlen(text, RF_GLOB_MAX + 1);
	memset(glob, 0, sizeof(*glob));
	if (len > RF_GLOB_MAX)
		return glob_refuse(&p.lexer, RF_GLOB_MAX, "the pattern is longer than 4,096 bytes");
	if (!len)
		return glob_refuse(&p.lexer, 0, "the pattern is empty");
	struct glob_set any;
	memset(&any, 0xff, sizeof(any));
	any.bits['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
	if (glob_add_set(glob, &any) < 0)
		return -ENOMEM;
	p.part = malloc((len + 1) * sizeof(*p.part) + 2 * len * sizeof(*p.out));
	if (!p.part)
		return -ENOMEM;
	p.out = (struct lexeme *)(p.part + len + 1);
	p.lexer.lex = p.out + len;
	int err = glob_lex(&p.lexer);
	if (!err)
		err = expand(&p, 0, 0);
	free(p.part);
	return err;
}

void glob_free(struct glob *glob)
{
	free(glob->token);
	free(glob->start);
	free(glob->set);
	memset(glob, 0, sizeof(*glob));
}
