/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages about policies: collected, sorted by place, printed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/memory.h"

/* The message owns its file name: it may outlive the set that the place came from. */
static int diag_store(struct rf_diags *diags, enum rf_level level, struct rf_where where, const char *format,
		      va_list args)
{
	RF_AUTO_FREE char *text = NULL;
	RF_AUTO_FREE char *file = strdup(where.file ? where.file : "");

	if (!file)
		return -1;
	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		return -1;
	}
	struct rf_diag *grown = rf_grow(diags->diag, diags->count, sizeof(*grown));
	if (!grown)
		return -1;
	diags->diag = grown;
	where.file = file;
	diags->diag[diags->count++] = (struct rf_diag){.level = level, .where = where, .text = text};
	text = file = NULL;
	return 0;
}

static void diag_clear(struct rf_diag *diag)
{
	free((char *)diag->where.file);
	free(diag->text);
}

/* Makes room for an error where a warning took it. */
static void drop_warning(struct rf_diags *diags)
{
	size_t i = diags->count;

	while (i > 0 && diags->diag[i - 1].level != RF_WARNING)
		i--;
	if (!i)
		return;
	diag_clear(&diags->diag[i - 1]);
	memmove(&diags->diag[i - 1], &diags->diag[i], (diags->count - i) * sizeof(*diags->diag));
	diags->count--;
	diags->dropped++;
}

void rf_diag_add(struct rf_diags *diags, enum rf_level level, struct rf_where where, const char *format, ...)
{
	va_list args;
	int error = -1;

	if (diags->count == RF_DIAGS_MAX && level == RF_ERROR && diags->warnings)
		drop_warning(diags);
	va_start(args, format);
	if (diags->count < RF_DIAGS_MAX)
		error = diag_store(diags, level, where, format, args);
	va_end(args);
	if (level == RF_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	if (error)
		diags->dropped++;
}

static void print_escaped(FILE *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		/* U+0080 to U+009F are control characters to a terminal as well. */
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
			fprintf(out, "\\x%02x\\x%02x", c[0], c[1]);
			c++;
		} else if (*c < 0x20 || *c == 0x7f) {
			fprintf(out, "\\x%02x", *c);
		} else {
			fputc(*c, out);
		}
	}
}

void rf_diags_print(const struct rf_diags *diags, void *stream)
{
	FILE *out = stream;

	for (size_t i = 0; i < diags->count; i++) {
		const struct rf_diag *d = &diags->diag[i];

		print_escaped(out, d->where.file);
		if (d->where.line)
			fprintf(out, ":%u:%u", d->where.line, d->where.col);
		fputs(d->level == RF_WARNING ? ": warning: " : ": ", out);
		print_escaped(out, d->text);
		fputc('\n', out);
	}
	if (diags->dropped)
		fprintf(out, "... and %zu more\n", diags->dropped);
}

void rf_diags_free(struct rf_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		diag_clear(&diags->diag[i]);
	free(diags->diag);
	*diags = (struct rf_diags){0};
}

static bool diag_before(const struct rf_diag *a, const struct rf_diag *b)
{
	if (a->where.line != b->where.line)
		return a->where.line < b->where.line;
	return a->where.col < b->where.col;
}

void rf_diags_sort(struct rf_diags *diags, size_t from)
{
	/* By insertion, because it keeps the order of equal ones and there are RF_DIAGS_MAX at most. */
	for (size_t i = from + 1; i < diags->count; i++) {
		struct rf_diag moved = diags->diag[i];
		size_t k = i;

		for (; k > from && diag_before(&moved, &diags->diag[k - 1]); k--)
			diags->diag[k] = diags->diag[k - 1];
		diags->diag[k] = moved;
	}
}

uint32_t rf_characters(const char *text, size_t len)
{
	uint32_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

struct rf_where rf_text_place(const struct rf_text *text, size_t at)
{
	struct rf_where where = text->where;

	if (text->exact)
		where.col += rf_characters(text->text, at);
	return where;
}

const char *rf_shown_in(char buf[RF_SHOWN_SIZE], const char *text, size_t len)
{
	size_t max = RF_SHOWN_SIZE - sizeof("...");

	if (len <= max) {
		memcpy(buf, text, len);
		buf[len] = '\0';
		return buf;
	}
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	memcpy(buf, text, max);
	strcpy(buf + max, "...");
	return buf;
}
