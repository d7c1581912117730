/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Patterns, naively. Braces are expanded first, each result is matched by itself: a set of offsets in the path that
 * the pattern read so far can have come to, moved on by each token.
 */
#include <stdlib.h>
#include <string.h>

#include "reference/reference.h"

/* ------------------------------------------------------------------ braces */

/* Length of the lexical unit at `t`: a quoted byte, a whole bracket, or one byte. */
static size_t unit(const char *t)
{
	size_t i = 1;

	if (*t == '\\')
		return t[1] ? 2 : 1;
	if (*t != '[')
		return 1;
	while (t[i] && t[i] != ']')
		i += t[i] == '\\' && t[i + 1] ? 2 : 1;
	return t[i] ? i + 1 : i;
}

/* The first '{' of a pattern that opens alternatives, or NULL. */
static const char *find_open(const char *t)
{
	while (*t && *t != '{')
		t += unit(t);
	return *t ? t : NULL;
}

/* The end of the alternative at `t`: its ',' or '}' outside of inner braces. */
static const char *alternative_end(const char *t)
{
	int depth = 0;

	for (; *t; t += unit(t)) {
		if (!depth && (*t == ',' || *t == '}'))
			break;
		depth += (*t == '{') - (*t == '}');
	}
	return t;
}

static bool match_plain(const char *glob, const char *path, size_t len);

static bool match_expanded(const char *glob, const char *path, size_t len)
{
	const char *open = find_open(glob), *from, *end, *close;
	bool matched = false;

	if (!open)
		return match_plain(glob, path, len);
	for (close = alternative_end(open + 1); *close == ',';)
		close = alternative_end(close + 1);
	for (from = open + 1; !matched && from <= close; from = end + 1) {
		char *one;

		end = alternative_end(from);
		one = calloc(1, strlen(glob) + 1);
		if (!one)
			abort();
		strncat(one, glob, (size_t)(open - glob));
		strncat(one, from, (size_t)(end - from));
		strcat(one, close + 1);
		matched = match_expanded(one, path, len);
		free(one);
	}
	return matched;
}

bool ref_glob_match(const char *glob, const char *path, size_t len)
{
	return match_expanded(glob, path, len);
}

/* ---------------------------------------------------------------- brackets */

static unsigned char bracket_byte(const char **t)
{
	if (**t == '\\')
		(*t)++;
	return (unsigned char)*(*t)++;
}

/* Whether a bracket, "[a-z]" or "[!a-z]", has a byte. None has '/'. */
static bool bracket_has(const char *t, unsigned char byte)
{
	bool found = false, negated;

	t++;
	negated = *t == '!' || *t == '^';
	t += negated;
	while (*t != ']') {
		unsigned char lo = bracket_byte(&t), hi = lo;

		if (t[0] == '-' && t[1] != ']') {
			t++;
			hi = bracket_byte(&t);
		}
		found |= byte >= lo && byte <= hi;
	}
	return byte != '/' && found != negated;
}

/* ---------------------------------------------------------------- matching */

/* Number of '*' at `t`. */
static size_t stars(const char *t)
{
	return strspn(t, "*");
}

static size_t slash(const char *t)
{
	return t[0] == '/' ? 1 : t[0] == '\\' && t[1] == '/' ? 2 : 0;
}

/* Length of "/" and "**" as a whole component (any number of whole components, none included); else 0. */
static size_t deep(const char *t)
{
	size_t i = slash(t);

	return i && stars(t + i) == 2 && (!t[i + 2] || slash(t + i + 2)) ? i + 2 : 0;
}

/* Moves the set `at` of offsets (0 to len) over the token at `t`; returns the token's length. */
static size_t move(const char *t, bool *at, const char *path, size_t len)
{
	size_t length = deep(t) ? deep(t) : *t == '*' ? stars(t) : unit(t);

	if (deep(t)) {
		bool beneath = false;

		for (size_t i = 0; i <= len; i++) {
			bool here = at[i];

			at[i] |= beneath;
			beneath |= here && i < len && path[i] == '/';
		}
	} else if (*t == '*') {
		for (size_t i = 1; i <= len; i++)
			at[i] |= at[i - 1] && (length > 1 || path[i - 1] != '/');
	} else {
		for (size_t i = len; i > 0; i--) {
			unsigned char byte = (unsigned char)path[i - 1];
			bool fits = *t == '?'	 ? byte != '/'
				    : *t == '['	 ? bracket_has(t, byte)
				    : *t == '\\' ? byte == (unsigned char)t[1]
						 : byte == (unsigned char)*t;

			at[i] = at[i - 1] && fits;
		}
		at[0] = false;
	}
	return length;
}

/* A pattern without braces. */
static bool match_plain(const char *glob, const char *path, size_t len)
{
	bool *at = calloc(len + 1, sizeof(bool)), matched;

	if (!at)
		abort();
	at[0] = true;
	while (*glob)
		glob += move(glob, at, path, len);
	matched = at[len];
	free(at);
	return matched;
}
