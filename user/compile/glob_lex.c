/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first look at a pattern: from bytes to lexemes, braces matched. */
#include <errno.h>
#include <string.h>

#include "compile/glob_lex.h"

int glob_refuse(struct glob_lexer *p, size_t at, const char *why)
{
	*p->why = why;
	*p->at = at;
	return -EINVAL;
}

int glob_add_set(struct glob *glob, const struct glob_set *set)
{
	for (size_t i = 0; i < glob->sets; i++)
		if (!memcmp(&glob->set[i], set, sizeof(*set)))
			return (int)i;
	if (glob_grow((void **)&glob->set, &glob->set_room, glob->sets, sizeof(*set)))
		return -ENOMEM;
	glob->set[glob->sets] = *set;
	return (int)glob->sets++;
}

/* One byte inside brackets, quoted or not; moves *i behind it. Returns the byte or an error. */
static int bracket_byte(struct glob_lexer *p, size_t open, size_t *i)
{
	size_t at = *i;
	if (at < p->len && p->text[at] == '\\')
		at++;
	if (at >= p->len)
		return glob_refuse(p, open, "'[' without ']'");
	unsigned char byte = (unsigned char)p->text[at];
	if (byte >= 0x80)
		return glob_refuse(p, at, "only ASCII characters can stand in brackets");
	if (byte == '/')
		return glob_refuse(p, at, "'/' can't stand in brackets: they never match it");
	*i = at + 1;
	return byte;
}

/* Reads "[...]" at text[*i]; gives the set of bytes and moves *i behind it. */
static int bracket(struct glob_lexer *p, size_t *i, struct glob_set *set)
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
				return glob_refuse(p, at, "the range in brackets is reversed");
		}
		for (int b = lo; b <= hi; b++)
			set->bits[b >> 6] |= UINT64_C(1) << (b & 63);
	}
	if (*i == first)
		return glob_refuse(p, open, "the brackets are empty");
	(*i)++;
	for (int w = 0; negated && w < 4; w++)
		set->bits[w] = ~set->bits[w];
	set->bits['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
	return 0;
}

static int lex_bracket(struct glob_lexer *p, size_t *i, struct lexeme *lex)
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
	int index = members == 1 ? 0 : glob_add_set(p->glob, &set);
	if (index < 0)
		return index;
	lex->set = (uint16_t)index;
	return 0;
}

/* The bytes that mean something; all others stand for themselves. */
static const bool special[256] = {
	['*'] = true, ['?'] = true, ['['] = true, ['{'] = true, ['}'] = true, [','] = true, ['\\'] = true,
};

/* Reads what stands at a special byte; moves *i behind it. */
static int lex_special(struct glob_lexer *p, size_t *i, struct lexeme *lex, size_t nesting)
{
	char c = p->text[*i];
	if (c == '[')
		return lex_bracket(p, i, lex);
	if (c == '\\') {
		if (*i + 1 == p->len)
			return glob_refuse(p, *i, "the pattern ends in a backslash that quotes nothing");
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

int glob_lex(struct glob_lexer *p)
{
	uint16_t open[RF_GLOB_NESTING_MAX], last[RF_GLOB_NESTING_MAX]; /* OPEN, and the OPEN or COMMA to complete */
	size_t nesting = 0;
	for (size_t i = 0; i < p->len;) {
		uint16_t index = (uint16_t)p->lexemes;
		uint8_t byte = (uint8_t)p->text[i];
		struct lexeme *lex = &p->lex[p->lexemes++];
		*lex = (struct lexeme){.kind = LEX_BYTE, .byte = byte, .at = (uint16_t)i};
		if (!special[byte]) {
			i++;
			continue;
		}
		int err = lex_special(p, &i, lex, nesting);
		if (err)
			return err;
		if (lex->kind == LEX_OPEN) {
			if (nesting == RF_GLOB_NESTING_MAX)
				return glob_refuse(p, lex->at, "braces are nested more than 8 deep");
			open[nesting] = last[nesting] = index;
			nesting++;
		} else if (lex->kind == LEX_COMMA || lex->kind == LEX_CLOSE) {
			p->lex[last[nesting - 1]].jump = index;
			last[nesting - 1] = index;
			nesting -= lex->kind == LEX_CLOSE;
		}
	}
	return nesting ? glob_refuse(p, p->lex[open[nesting - 1]].at, "'{' without '}'") : 0;
}
