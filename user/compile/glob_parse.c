/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pattern syntax. A pattern is read into lexemes; its braces are then multiplied out, because whether `**` is a whole
 * component is a question about the pattern that results (`/{*,a}*` means `/ **` and `/a*`); each result is turned
 * into tokens in a normal form, in which "everything beneath" is one token.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compile/glob.h"

enum lex_kind { LEX_BYTE, LEX_SET, LEX_STAR, LEX_OPEN, LEX_COMMA, LEX_CLOSE };

struct lexeme {
	uint8_t kind;
	uint8_t byte;
	uint16_t set;
	uint16_t at;   /* offset in the pattern, for messages */
	uint16_t jump; /* OPEN, COMMA: the next COMMA or the CLOSE of the same braces */
};

struct parser {
	const char *text;
	size_t len;
	struct glob *glob;
	struct lexeme *lex;
	size_t lexemes;
	struct lexeme *out; /* one multiplied-out pattern */
	const char **why;
	size_t *at;
};

static int refuse(struct parser *p, size_t at, const char *why)
{
	*p->why = why;
	*p->at = at;
	return -EINVAL;
}

/* Makes room for one more element of an array that doubles. */
static int grow(void **array, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return 0;
	size_t more = *room ? *room * 2 : 32;
	void *new = realloc(*array, more * size);
	if (!new)
		return -ENOMEM;
	*array = new;
	*room = more;
	return 0;
}

static int add_set(struct glob *glob, const struct glob_set *set)
{
	for (size_t i = 0; i < glob->sets; i++)
		if (!memcmp(&glob->set[i], set, sizeof(*set)))
			return (int)i;
	if (grow((void **)&glob->set, &glob->set_room, glob->sets, sizeof(*set)))
		return -ENOMEM;
	glob->set[glob->sets] = *set;
	return (int)glob->sets++;
}

/* ------------------------------------------------------------------ lexemes */

/* One byte inside brackets, quoted or not; moves *i behind it. Returns the byte or an error. */
static int bracket_byte(struct parser *p, size_t open, size_t *i)
{
	size_t at = *i;
	if (at < p->len && p->text[at] == '\\')
		at++;
	if (at >= p->len)
		return refuse(p, open, "'[' without ']'");
	unsigned char byte = (unsigned char)p->text[at];
	if (byte >= 0x80)
		return refuse(p, at, "only ASCII characters can stand in brackets");
	if (byte == '/')
		return refuse(p, at, "'/' can't stand in brackets: they never match it");
	*i = at + 1;
	return byte;
}

/* Reads "[...]" at text[*i]; gives the set of bytes and moves *i behind it. */
static int bracket(struct parser *p, size_t *i, struct glob_set *set)
{
	size_t open = (*i)++;
	bool negated = *i < p->len && (p->text[*i] == '!' || p->text[*i] == '^');
	if (negated)
		(*i)++;
	memset(set, 0, sizeof(*set));
	size_t first = *i;
	while (*i >= p->len || p->text[*i] != ']') {
		size_t at = *i;
		int lo = bracket_byte(p, open, i), hi = lo;
		if (lo < 0)
			return lo;
		if (*i + 1 < p->len && p->text[*i] == '-' && p->text[*i + 1] != ']') {
			(*i)++;
			hi = bracket_byte(p, open, i);
			if (hi < 0)
				return hi;
			if (hi < lo)
				return refuse(p, at, "the range in brackets is reversed");
		}
		for (int b = lo; b <= hi; b++)
			set->bits[b >> 6] |= UINT64_C(1) << (b & 63);
	}
	if (*i == first)
		return refuse(p, open, "the brackets are empty");
	(*i)++;
	for (int w = 0; negated && w < 4; w++)
		set->bits[w] = ~set->bits[w];
	set->bits['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
	return 0;
}

static int lex_bracket(struct parser *p, size_t *i, struct lexeme *lex)
{
	struct glob_set set;
	int err = bracket(p, i, &set);
	if (err)
		return err;
	int members = 0;
	for (unsigned b = 0; b < 256; b++)
		if (glob_set_has(&set, b)) {
			members++;
			lex->byte = (uint8_t)b;
		}
	lex->kind = members == 1 ? LEX_BYTE : LEX_SET;
	int index = members == 1 ? 0 : add_set(p->glob, &set);
	if (index < 0)
		return index;
	lex->set = (uint16_t)index;
	return 0;
}

static int lex_one(struct parser *p, size_t *i, struct lexeme *lex, size_t nesting)
{
	char c = p->text[*i];
	*lex = (struct lexeme){.kind = LEX_BYTE, .byte = (uint8_t)c, .at = (uint16_t)*i};
	if (c == '[')
		return lex_bracket(p, i, lex);
	if (c == '\\') {
		if (*i + 1 == p->len)
			return refuse(p, *i, "the pattern ends in a backslash that quotes nothing");
		lex->byte = (uint8_t)p->text[++*i];
	} else if (c == '*') {
		lex->kind = LEX_STAR;
	} else if (c == '?') {
		lex->kind = LEX_SET;
	} else if (c == '{') {
		lex->kind = LEX_OPEN;
	} else if (nesting && (c == ',' || c == '}')) {
		lex->kind = c == ',' ? LEX_COMMA : LEX_CLOSE;
	}
	(*i)++;
	return 0;
}

static int lex_all(struct parser *p)
{
	uint16_t open[RF_GLOB_NESTING_MAX], last[RF_GLOB_NESTING_MAX]; /* OPEN, and the OPEN or COMMA to complete */
	size_t nesting = 0;
	for (size_t i = 0; i < p->len;) {
		uint16_t index = (uint16_t)p->lexemes;
		struct lexeme *lex = &p->lex[p->lexemes++];
		int err = lex_one(p, &i, lex, nesting);
		if (err)
			return err;
		if (lex->kind == LEX_OPEN) {
			if (nesting == RF_GLOB_NESTING_MAX)
				return refuse(p, lex->at, "braces are nested more than 8 deep");
			open[nesting] = last[nesting] = index;
			nesting++;
		} else if (lex->kind == LEX_COMMA || lex->kind == LEX_CLOSE) {
			p->lex[last[nesting - 1]].jump = index;
			last[nesting - 1] = index;
			nesting -= lex->kind == LEX_CLOSE;
		}
	}
	return nesting ? refuse(p, p->lex[open[nesting - 1]].at, "'{' without '}'") : 0;
}

/* ------------------------------------------------------------------- tokens */

static int emit(struct glob *glob, enum glob_kind kind, uint8_t byte, uint16_t set)
{
	if (grow((void **)&glob->token, &glob->token_room, glob->tokens, sizeof(*glob->token)))
		return -ENOMEM;
	glob->token[glob->tokens++] = (struct glob_token){.kind = (uint8_t)kind, .byte = byte, .set = set};
	return 0;
}

static bool is_slash(const struct lexeme *lex)
{
	return lex->kind == LEX_BYTE && lex->byte == '/';
}

/* One component, without its '/'. */
struct part {
	const struct lexeme *lex;
	size_t len;
};

static size_t stars(struct part part)
{
	size_t n = 0;
	while (n < part.len && part.lex[n].kind == LEX_STAR)
		n++;
	return n == part.len ? n : 0;
}

static int emit_part(struct glob *glob, struct part part)
{
	int err = 0;
	for (size_t i = 0; i < part.len && !err; i++) {
		const struct lexeme *lex = &part.lex[i];
		if (lex->kind == LEX_BYTE) {
			err = emit(glob, GLOB_BYTE, lex->byte, 0);
		} else if (lex->kind == LEX_SET) {
			err = emit(glob, GLOB_SET, 0, lex->set);
		} else {
			size_t first = i;
			while (i + 1 < part.len && part.lex[i + 1].kind == LEX_STAR)
				i++;
			err = emit(glob, i > first ? GLOB_RUN : GLOB_STAR, 0, 0);
		}
	}
	return err;
}

static int emit_slash(struct glob *glob)
{
	return emit(glob, GLOB_BYTE, '/', 0);
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
static int emit_tail(struct glob *glob, size_t singles, bool head)
{
	if (!singles && head)
		return emit(glob, GLOB_REST, 0, 0);
	int err = 0;
	for (size_t i = 1; i < singles && !err; i++) {
		err = emit_slash(glob);
		if (!err)
			err = emit(glob, GLOB_STAR, 0, 0);
	}
	if (!err)
		err = emit_slash(glob);
	return err ? err : emit(glob, GLOB_ALL, 0, 0);
}

/* Components after the first, each with the '/' before it. */
static int emit_parts(struct glob *glob, const struct part *part, size_t parts)
{
	int err = emit_part(glob, part[0]);
	bool slash = true; /* a '/' is still due before the next component */
	for (size_t i = 1; i < parts && !err;) {
		size_t singles, doubles, end = wild_block(part, parts, i, &singles, &doubles);
		if (doubles && end == parts)
			return emit_tail(glob, singles, i > 1 || part[0].len);
		if (!doubles) {
			err = slash ? emit_slash(glob) : 0;
			slash = true;
			if (!err)
				err = emit_part(glob, part[i++]);
			continue;
		}
		for (size_t n = 0; n < singles && !err; n++) {
			err = slash ? emit_slash(glob) : 0;
			slash = true;
			if (!err)
				err = emit(glob, GLOB_STAR, 0, 0);
		}
		if (!err && slash)
			err = emit_slash(glob);
		if (!err)
			err = emit(glob, GLOB_COMPS, 0, 0);
		slash = false;
		i = end;
	}
	return err;
}

static bool begins_with(const struct lexeme *lex, size_t len, const char *word)
{
	size_t i = 0;
	for (; word[i]; i++)
		if (i >= len || lex[i].kind != LEX_BYTE || lex[i].byte != (uint8_t)word[i])
			return false;
	return true;
}

static int check_part(struct parser *p, struct part part, bool first, bool last)
{
	if (!part.len && !first) {
		const struct lexeme *slash = part.lex - 1;
		return refuse(p, slash->at, last ? "the pattern ends in '/'" : "'//' can't be part of a path");
	}
	bool dots = part.len == 1 || part.len == 2;
	for (size_t i = 0; i < part.len; i++)
		dots = dots && part.lex[i].kind == LEX_BYTE && part.lex[i].byte == '.';
	return dots ? refuse(p, part.lex->at, "'.' and '..' can't be components of a path that is matched") : 0;
}

/* Turns one multiplied-out pattern into tokens. */
static int finish(struct parser *p, size_t len)
{
	struct glob *glob = p->glob;
	if (!begins_with(p->out, len, "/") && !begins_with(p->out, len, "@") && !begins_with(p->out, len, "memfd:"))
		return refuse(p, len ? p->out[0].at : 0, "a pattern is absolute: it begins with '/'");
	if (glob->alternatives == RF_GLOB_ALTERNATIVES_MAX)
		return refuse(p, 0, "its braces stand for more than 1,024 patterns");
	if (grow((void **)&glob->start, &glob->start_room, glob->alternatives + 1, sizeof(*glob->start)))
		return -ENOMEM;
	glob->start[glob->alternatives++] = glob->tokens;
	int err = 0;
	if (len == 1 && is_slash(p->out)) {
		err = emit_slash(glob);
	} else {
		size_t parts = 0, from = 0;
		struct part *part = calloc(len + 1, sizeof(*part));
		if (!part)
			return -ENOMEM;
		for (size_t i = 0; i <= len && !err; i++) {
			if (i < len && !is_slash(&p->out[i]))
				continue;
			part[parts] = (struct part){&p->out[from], i - from};
			err = check_part(p, part[parts], !parts, i == len);
			parts++;
			from = i + 1;
		}
		if (!err)
			err = emit_parts(glob, part, parts);
		free(part);
	}
	if (!err && glob->tokens > glob->start[glob->alternatives - 1]) {
		/* A run at the very end, with or without "beneath" after it, matches all that can follow. */
		struct glob_token *first = &glob->token[glob->start[glob->alternatives - 1]];
		struct glob_token *last = &glob->token[glob->tokens - 1];
		if (last->kind == GLOB_REST && last > first && last[-1].kind == GLOB_RUN) {
			glob->tokens--;
			last--;
		}
		if (last->kind == GLOB_RUN)
			last->kind = GLOB_ALL;
	}
	if (!err && glob->tokens > RF_GLOB_TOKENS_MAX)
		return refuse(p, 0, "its braces stand for more than 65,536 bytes of patterns");
	glob->start[glob->alternatives] = glob->tokens;
	return err;
}

/* ------------------------------------------------------------------- braces */

/* Multiplies out from lexeme `i` on, behind `len` lexemes that are already there. */
static int expand(struct parser *p, size_t i, size_t len)
{
	for (; i < p->lexemes; i++) {
		const struct lexeme *lex = &p->lex[i];
		if (lex->kind == LEX_OPEN) {
			int err = 0;
			for (; !err && p->lex[i].kind != LEX_CLOSE; i = p->lex[i].jump)
				err = expand(p, i + 1, len);
			return err;
		}
		if (lex->kind == LEX_COMMA) /* the end of a branch: go on behind the braces */
			while (p->lex[i].kind != LEX_CLOSE)
				i = p->lex[i].jump;
		else if (lex->kind != LEX_CLOSE)
			p->out[len++] = *lex;
	}
	return finish(p, len);
}

int glob_parse(const char *text, struct glob *glob, const char **why, size_t *at)
{
	struct parser p = {.text = text, .len = strnlen(text, RF_GLOB_MAX + 1), .glob = glob, .why = why, .at = at};
	memset(glob, 0, sizeof(*glob));
	if (p.len > RF_GLOB_MAX)
		return refuse(&p, RF_GLOB_MAX, "the pattern is longer than 4,096 bytes");
	if (!p.len)
		return refuse(&p, 0, "the pattern is empty");
	struct glob_set any;
	memset(&any, 0xff, sizeof(any));
	any.bits['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
	if (add_set(glob, &any) < 0)
		return -ENOMEM;
	p.lex = calloc(2 * p.len, sizeof(*p.lex));
	if (!p.lex)
		return -ENOMEM;
	p.out = p.lex + p.len;
	int err = lex_all(&p);
	if (!err)
		err = expand(&p, 0, 0);
	free(p.lex);
	return err;
}

void glob_free(struct glob *glob)
{
	free(glob->token);
	free(glob->start);
	free(glob->set);
	memset(glob, 0, sizeof(*glob));
}
