/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random numbers, names, patterns, and paths that patterns match. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random.h"

#define NAME_BYTES 255

/* ----------------------------------------------------------------- numbers */

/* splitmix64: every seed is a good one. */
uint64_t gen_next(struct gen *g)
{
	uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t gen_below(struct gen *g, size_t n)
{
	return (size_t)(gen_next(g) % n);
}

bool gen_chance(struct gen *g, unsigned percent)
{
	return gen_below(g, 100) < percent;
}

/* ----------------------------------------------------------------- buffers */

void gen_put(struct gen_buf *buf, const char *text, size_t len)
{
	if (buf->len + len + 1 > buf->room) {
		buf->room = (buf->len + len + 1) * 2;
		buf->text = realloc(buf->text, buf->room);
		if (!buf->text)
			abort();
	}
	memcpy(buf->text + buf->len, text, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void gen_puts(struct gen_buf *buf, const char *text)
{
	gen_put(buf, text, strlen(text));
}

void gen_printf(struct gen_buf *buf, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	gen_puts(buf, text);
	free(text);
}

/* ------------------------------------------------------------------- names */

#define PICK(g, list) ((list)[gen_below((g), sizeof(list) / sizeof((list)[0]))])

static const char *const usual[] = {"a",   "b",	   "ab",     "src", ".git",	"hooks", "main.c", "main.o",
				    "lib", ".ssh", "id_rsa", "x",   "a.tar.gz", ".a",	 "etc"};
static const char *const odd[] = {
	"a b",	" ",	"a\nb", "\n",	"\xff\xfe", "caf\xc3\xa9", "caf\xe9", "\xf0\x9f\x98\x80",
	"*",	"**",	"a*b",	"?",	"[a-z]",    "[a",	   "{a,b}",   "\\",
	"\\a",	"${a}", "a,b",	"}",	"]",	    "-a",	   "...",     "a\tb",
	"\x01", "\x7f", "#a",	"a: b", "'",	    "\"",	   "~",	      "@"};

static void long_name(struct gen *g, struct gen_buf *buf)
{
	size_t len = gen_chance(g, 50) ? NAME_BYTES : 100 + gen_below(g, NAME_BYTES - 99);
	char byte = "ab\xff "[gen_below(g, 4)];

	for (size_t i = 0; i < len; i++)
		gen_put(buf, &byte, 1);
}

void gen_name(struct gen *g, struct gen_buf *buf)
{
	if (gen_chance(g, 70)) {
		gen_puts(buf, PICK(g, usual));
	} else if (gen_chance(g, 70)) {
		gen_puts(buf, PICK(g, odd));
	} else if (gen_chance(g, 80) || g->plain) {
		for (size_t n = 1 + gen_below(g, 4); n; n--) {
			char byte = (char)(1 + gen_below(g, 255));

			gen_put(buf, byte == '/' ? "_" : &byte, 1);
		}
	} else {
		long_name(g, buf);
	}
}

/* ---------------------------------------------------------------- patterns */

/* A text as a pattern that means just it. Policy text is UTF-8: other bytes become '?'. */
static void put_quoted(struct gen_buf *buf, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80) {
			gen_puts(buf, "?");
			continue;
		}
		/* '$' as well: else "${" would be a variable. */
		if (strchr("*?[]{},\\$", text[i]))
			gen_puts(buf, "\\");
		gen_put(buf, text + i, 1);
	}
}

static void put_name(struct gen *g, struct gen_buf *buf)
{
	struct gen_buf name = {0};

	gen_name(g, &name);
	if (name.len == 1 && name.text[0] == '.')
		gen_puts(&name, "a");
	put_quoted(buf, name.text, name.len < 40 || gen_chance(g, 10) ? name.len : 40);
	free(name.text);
}

static const char *const brackets[] = {"[a-c]", "[!a-c]", "[.]",   "[a-zA-Z0-9_]", "[!.]",
				       "[*?]",	"[-a]",	  "[ab!]", "[{,}]"};
static const char *const wild[] = {"*",	 "*",	     "*",    "?",   "??",  "*.c", "a*", "*a*",
				   ".*", "*.tar.gz", "a**b", "x**", "**x", "***", "*?"};

static void put_braces(struct gen *g, struct gen_buf *buf, unsigned depth);

/* One component, or a part of one. */
static void put_component(struct gen *g, struct gen_buf *buf, unsigned depth)
{
	switch (gen_below(g, 10)) {
	case 0:
	case 1:
		gen_puts(buf, PICK(g, wild));
		break;
	case 2:
		gen_puts(buf, PICK(g, brackets));
		if (gen_chance(g, 50))
			gen_puts(buf, gen_chance(g, 50) ? "*" : "b");
		break;
	case 3:
		if (depth < 2) {
			put_braces(g, buf, depth + 1);
			break;
		}
		/* fall through */
	default:
		put_name(g, buf);
	}
}

static void put_braces(struct gen *g, struct gen_buf *buf, unsigned depth)
{
	size_t n = 1 + gen_below(g, 3);

	/* A name in front, so that an empty alternative leaves a component. */
	gen_puts(buf, gen_chance(g, 50) ? "a" : "*");
	gen_puts(buf, "{");
	for (size_t i = 0; i < n; i++) {
		if (i)
			gen_puts(buf, ",");
		if (gen_chance(g, 15))
			continue;
		if (gen_chance(g, 20))
			gen_puts(buf, gen_chance(g, 50) ? "/" : "/**/");
		put_component(g, buf, depth);
		if (gen_chance(g, 10))
			gen_puts(buf, "/**");
	}
	gen_puts(buf, "}");
}

/* Patterns that are about more than the prefix. */
static const char *const broad[] = {"/**",	   "/*",    "/",       "/*/**",	     "/**/a",
				    "/**/.git/**", "/**.c", "/{*,a}*", "/t{m,}p/**", "/**/*"};
static const char *const abstract[] = {"@", "@a", "@/tmp/", "@\\{", "@x"};

char *gen_pattern(struct gen *g, enum rf_section section)
{
	struct gen_buf buf = {0};
	size_t parts = 1 + gen_below(g, 4);

	if (!g->inside && gen_chance(g, 8)) {
		gen_puts(&buf, PICK(g, broad));
		return buf.text;
	}
	gen_puts(&buf, "");
	put_quoted(&buf, g->prefix ? g->prefix : "", g->prefix ? strlen(g->prefix) : 0);
	if (section == RF_UNIX && !g->inside && gen_chance(g, 30)) {
		buf.len = 0;
		gen_puts(&buf, PICK(g, abstract));
		put_component(g, &buf, 0);
		parts--;
	}
	for (size_t i = 0; i < parts; i++) {
		gen_puts(&buf, "/");
		if (gen_chance(g, 15))
			gen_puts(&buf, "**");
		else
			put_component(g, &buf, 0);
	}
	if (gen_chance(g, 40))
		gen_puts(&buf, "/**");
	return buf.text;
}

/* ------------------------------------------------------- paths of patterns */

static void put_components(struct gen *g, struct gen_buf *buf)
{
	size_t n = gen_below(g, 4);

	if (!g->plain && gen_chance(g, 5))
		n = 40 + gen_below(g, 60);
	for (size_t i = 0; i < n; i++) {
		gen_puts(buf, "/");
		gen_name(g, buf);
	}
}

static const char *skip_bracket(const char *t)
{
	for (t++; *t && *t != ']'; t++)
		t += *t == '\\' && t[1];
	return *t ? t + 1 : t;
}

/* The end of an alternative: its ',' or '}'. */
static const char *skip_alternative(const char *t)
{
	unsigned depth = 0;

	while (*t && (depth || (*t != ',' && *t != '}'))) {
		depth += *t == '{';
		depth -= *t == '}';
		t = *t == '[' ? skip_bracket(t) : t + 1 + (*t == '\\' && t[1]);
	}
	return t;
}

static const char *put_match(struct gen *g, struct gen_buf *buf, const char *t, const char *end);

static const char *put_alternative(struct gen *g, struct gen_buf *buf, const char *t)
{
	const char *chosen = NULL, *chosen_end = NULL;
	size_t n = 0;

	do {
		const char *end = skip_alternative(t + 1);

		if (!gen_below(g, ++n)) {
			chosen = t + 1;
			chosen_end = end;
		}
		t = end;
	} while (*t == ',');
	put_match(g, buf, chosen, chosen_end);
	return *t ? t + 1 : t;
}

static void put_from_bracket(struct gen *g, struct gen_buf *buf, const char *t)
{
	const char *end = skip_bracket(t);
	char byte = t[1 + gen_below(g, (size_t)(end - t) - 1)];

	gen_put(buf, byte == ']' || byte == '!' || gen_chance(g, 10) ? "b" : &byte, 1);
}

/* Writes something that a pattern matches, up to `end`. */
static const char *put_match(struct gen *g, struct gen_buf *buf, const char *t, const char *end)
{
	while (t < end) {
		size_t stars = strspn(t, "*");

		if (*t == '{') {
			t = put_alternative(g, buf, t);
		} else if (stars) {
			if (gen_chance(g, 80))
				gen_name(g, buf);
			if (stars > 1)
				put_components(g, buf);
			t += stars;
		} else if (*t == '[') {
			put_from_bracket(g, buf, t);
			t = skip_bracket(t);
		} else if (*t == '?') {
			gen_puts(buf, gen_chance(g, 70) ? "a" : "\xff");
			t++;
		} else {
			t += *t == '\\' && t[1];
			gen_put(buf, t++, 1);
		}
	}
	return t;
}

static void mutate(struct gen *g, struct gen_buf *buf)
{
	size_t at = gen_below(g, buf->len + 1);

	switch (gen_below(g, 6)) {
	case 0: /* cut */
		buf->text[buf->len = at] = '\0';
		break;
	case 1: /* beneath */
		gen_puts(buf, "/");
		gen_name(g, buf);
		break;
	case 2: /* beside */
		gen_puts(buf, gen_chance(g, 50) ? "x" : ".");
		break;
	case 3: /* another byte */
		if (at < buf->len)
			buf->text[at] = "ab/.*\n"[gen_below(g, 6)];
		break;
	case 4: /* very long */
		while (!g->plain && buf->len < 3000 + gen_below(g, 1500)) {
			gen_puts(buf, "/");
			gen_name(g, buf);
		}
		break;
	default:
		put_components(g, buf);
	}
}

/* Makes a real path of a text: whole components, none of them "." or "..", all within the limits. */
static void settle(const struct gen *g, const char *text, struct gen_probe *probe)
{
	size_t max = g->path_max ? g->path_max : RF_PATH_MAX - 1;
	size_t len = 0;

	/* An abstract name is one word. */
	if (*text == '@' && probe->section == RF_UNIX)
		probe->path[len++] = *text++;
	while (*text) {
		size_t name = strcspn(text, "/"), cut = name > NAME_BYTES ? NAME_BYTES : name;
		bool dots = (cut == 1 || cut == 2) && strspn(text, ".") >= cut;
		bool slash = len != 1 || probe->path[0] != '@';

		if (cut && !dots && len + slash + cut <= max) {
			if (slash)
				probe->path[len++] = '/';
			memcpy(probe->path + len, text, cut);
			len += cut;
		}
		text += name + (text[name] == '/');
	}
	if (!len)
		probe->path[len++] = '/';
	probe->path[len] = '\0';
	probe->len = len;
}

void gen_path(struct gen *g, const char *pattern, struct gen_probe *probe)
{
	struct gen_buf buf = {0};
	const char *prefix = g->prefix ? g->prefix : "";
	size_t len = strlen(prefix);

	gen_puts(&buf, "");
	put_match(g, &buf, pattern, pattern + strlen(pattern));
	if (gen_chance(g, 45))
		mutate(g, &buf);
	settle(g, buf.text, probe);
	/* What left the prefix goes back beneath it. */
	if (len && probe->path[0] == '/' && (strncmp(probe->path, prefix, len) || probe->path[len] != '/')) {
		buf.len = 0;
		gen_puts(&buf, prefix);
		gen_puts(&buf, "/");
		if (probe->len > 1)
			gen_puts(&buf, probe->path);
		else
			gen_puts(&buf, "a");
		settle(g, buf.text, probe);
		/* A component too long for the rest may have left nothing. */
		if (probe->len <= len)
			probe->len = (size_t)snprintf(probe->path, sizeof(probe->path), "%s/a", prefix);
	}
	free(buf.text);
}
