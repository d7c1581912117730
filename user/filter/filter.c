// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The language: terms with spaces between, all of which must hold. A term is field=VALUES, field!=VALUES or VALUES
 * alone; values have commas between. Nothing here calls itself, and what is parsed is bounded, so neither a filter nor
 * a record can make it take long.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/fields.h"
#include "filter/filter.h"
#include "policy/policy.h"

#define TEXT_MAX   1024u /* bytes of a filter */
#define TERMS_MAX  32u
#define VALUES_MAX 64u /* of all terms together */
#define SHOWN_MAX  32  /* bytes of a wrong word in a message */

struct value {
	size_t at, len; /* of the pattern in filter->text; \ stands before what is meant as it is */
};

struct term {
	int field; /* -1: any of them */
	bool not ;
	size_t first, count; /* values */
};

struct rf_filter {
	size_t terms, values, used;
	struct term term[TERMS_MAX];
	struct value value[VALUES_MAX];
	char text[TEXT_MAX]; /* the patterns, one behind the other */
};

/* ---------------------------------------------------------------- parsing */

struct parse {
	struct rf_filter *filter;
	const char *at;
	char **problem;
};

static int __attribute__((format(printf, 2, 3))) wrong(const struct parse *p, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(p->problem, format, args);
	va_end(args);
	if (len < 0)
		*p->problem = NULL;
	return len < 0 ? -ENOMEM : -EINVAL;
}

/* Who is told of a wrong word looks at a terminal: what is no letter or mark of ASCII is shown as "?". */
static void shown(char out[SHOWN_MAX + 4], const char *word, size_t len)
{
	size_t n = len < SHOWN_MAX ? len : SHOWN_MAX;

	for (size_t i = 0; i < n; i++)
		out[i] = isascii((unsigned char)word[i]) && isprint((unsigned char)word[i]) ? word[i] : '?';
	strcpy(out + n, n < len ? "..." : "");
}

static int no_field(const struct parse *p, const char *word, size_t len)
{
	const char *names[64] = {NULL}, *near;
	char text[SHOWN_MAX + 4];

	for (size_t i = 0; rf_filter_fields[i].name && i + 1 < sizeof(names) / sizeof(names[0]); i++)
		names[i] = rf_filter_fields[i].name;
	shown(text, word, len);
	if (!len)
		return wrong(p, "a filter has no field before the =; a word with = in it needs quotes around it");
	near = rf_nearest(text, names);
	if (near)
		return wrong(p, "a filter has no field \"%s\"; did you mean \"%s\"?", text, near);
	return wrong(
		p, "a filter has no field \"%s\"; \"ringfence help logs\" tells all; a word with = in it needs quotes",
		text);
}

static bool ends(char c, bool quoted)
{
	return !c || (!quoted && (isspace((unsigned char)c) || c == ','));
}

/* One value: to the next space or comma that no quotes hold. */
static int parse_value(struct parse *p)
{
	struct rf_filter *filter = p->filter;
	struct value *value = &filter->value[filter->values];
	bool quoted = false;

	if (filter->values == VALUES_MAX)
		return wrong(p, "a filter has more than %u values; say it shorter, with *", VALUES_MAX);
	value->at = filter->used;
	for (; !ends(*p->at, quoted); p->at++) {
		if (*p->at == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p->at == '\\') {
			if (!p->at[1])
				return wrong(p, "a filter ends with \\, which stands before *, ?, \" or \\");
			filter->text[filter->used++] = *p->at++;
		}
		filter->text[filter->used++] = *p->at;
	}
	if (quoted)
		return wrong(p, "a filter's quotes are not closed");
	value->len = filter->used - value->at;
	filter->values++;
	return 0;
}

/* The field before = or !=, where there is one; a quote or comma before it makes it a part of a word. */
static int parse_field(struct parse *p, struct term *term)
{
	size_t len = strcspn(p->at, " \t\n\v\f\r\",=\\");
	size_t name = len;

	term->field = -1;
	if (p->at[len] != '=')
		return 0;
	term->not = len && p->at[len - 1] == '!';
	name -= term->not ;
	term->field = rf_field_find(p->at, name);
	if (term->field < 0)
		return no_field(p, p->at, name);
	p->at += len + 1;
	return 0;
}

static int parse_term(struct parse *p)
{
	struct rf_filter *filter = p->filter;
	struct term *term = &filter->term[filter->terms];
	int err;

	if (filter->terms == TERMS_MAX)
		return wrong(p, "a filter has more than %u terms", TERMS_MAX);
	term->first = filter->values;
	err = parse_field(p, term);
	while (!err) {
		err = parse_value(p);
		if (err || *p->at != ',')
			break;
		p->at++;
	}
	term->count = filter->values - term->first;
	for (size_t i = term->first; !err && term->count > 1 && i < filter->values; i++)
		if (!filter->value[i].len)
			err = wrong(p, "a filter has nothing before or behind a comma; a comma itself needs quotes");
	filter->terms++;
	return err;
}

int rf_filter_parse(const char *text, struct rf_filter **out, char **problem)
{
	struct parse p = {.at = text ? text : "", .problem = problem};
	int err = 0;

	*out = NULL;
	*problem = NULL;
	if (strlen(p.at) >= TEXT_MAX)
		return wrong(&p, "a filter has more than %u bytes; say it shorter, with *", TEXT_MAX - 1);
	p.filter = calloc(1, sizeof(*p.filter));
	if (!p.filter)
		return -ENOMEM;
	while (!err) {
		while (isspace((unsigned char)*p.at))
			p.at++;
		if (!*p.at)
			break;
		err = parse_term(&p);
	}
	if (err)
		rf_filter_free(p.filter);
	else
		*out = p.filter;
	return err;
}

void rf_filter_free(struct rf_filter *filter)
{
	free(filter);
}

/* ---------------------------------------------------------------- matching */

static bool same(char a, char b, bool any_case)
{
	return a == b || (any_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/* Bytes of the character at `at`, as UTF-8 has them; what is none is one byte. */
static size_t character(const char *at, size_t left)
{
	unsigned char first = (unsigned char)*at;
	size_t n = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < n; i++)
		if (i >= left || ((unsigned char)at[i] & 0xc0) != 0x80)
			return 1;
	return n;
}

struct glob {
	const char *pattern;
	size_t len;
	bool within; /* anywhere in the text, and in any case */
};

/* `*` any run, `?` one character. On a mismatch the last `*` takes one byte more: no stack, length times length at
 * most. */
static bool glob_matches(const struct glob *glob, const char *text, size_t len)
{
	size_t p = 0, t = 0, star = glob->within ? 0 : SIZE_MAX, from = 0;

	for (;;) {
		if (p < glob->len && glob->pattern[p] == '*') {
			star = ++p;
			from = t;
			continue;
		}
		if (p == glob->len && (glob->within || t == len))
			return true;
		if (p < glob->len && t < len) {
			bool literal = glob->pattern[p] == '\\' && p + 1 < glob->len;

			if (!literal && glob->pattern[p] == '?') {
				t += character(text + t, len - t);
				p++;
				continue;
			}
			if (same(glob->pattern[p + literal], text[t], glob->within)) {
				p += 1u + literal;
				t++;
				continue;
			}
		}
		if (star == SIZE_MAX || from >= len)
			return false;
		p = star;
		t = ++from;
	}
}

struct ask {
	const struct rf_filter *filter;
	const struct term *term;
	bool some; /* the record has a value that is not empty */
};

static bool fits(void *context, const char *text, size_t len)
{
	struct ask *ask = context;

	ask->some = ask->some || len;
	for (size_t i = 0; i < ask->term->count; i++) {
		const struct value *value = &ask->filter->value[ask->term->first + i];
		struct glob glob = {ask->filter->text + value->at, value->len, ask->term->field < 0};

		if (value->len && glob_matches(&glob, text, len))
			return true;
	}
	return false;
}

static bool holds(const struct rf_filter *filter, const struct term *term, const json_t *record)
{
	struct ask ask = {.filter = filter, .term = term};
	bool found = false;

	for (int i = 0; term->field < 0 && !found && rf_filter_fields[i].name; i++)
		found = rf_field_each(record, i, fits, &ask);
	if (term->field >= 0)
		found = rf_field_each(record, term->field, fits, &ask);
	/* "rule=" is where there is none; an empty word holds everywhere. */
	if (!filter->value[term->first].len)
		found = term->field < 0 || !ask.some;
	return found != term->not ;
}

/* What may stand for records that the filter would let pass: a filter never hides a loss. */
static bool is_loss(const json_t *record)
{
	static const char *const types[] = {"lost", "more"};
	const char *type = json_string_value(json_object_get(record, "type"));

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(type, types[i]))
			return true;
	return false;
}

bool rf_filter_match(const struct rf_filter *filter, const json_t *record)
{
	if (!filter || is_loss(record))
		return true;
	for (size_t i = 0; i < filter->terms; i++)
		if (!holds(filter, &filter->term[i], record))
			return false;
	return true;
}
