/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A protection that never matches is the worst fault that a policy can have, and nothing tells it: so what other tools
 * would replace, split or trim (shells, systemd, AppArmor, templates, regular expressions) is an error here unless it
 * is quoted. What can't be part of any path ("//", "..") is told where patterns are taken apart.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/diag.h"
#include "policy/spelling.h"

#define DEPTH_MAX 16 /* braces in braces that are looked into; a pattern can't have so many */

struct scan {
	const char *text, *c; /* all of it, and the byte that is looked at */
	enum rf_spelling kind;
	bool first;	       /* a component may begin here */
	bool branch;	       /* a branch of braces begins here */
	bool outer[DEPTH_MAX]; /* whether one began before the braces */
	unsigned braces;
};

/* Says what is wrong with the next `len` bytes: the format takes them. */
struct fault {
	size_t len;
	const char *say;
};

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static size_t name_length(const char *c)
{
	size_t len = 0;

	while (is_letter(c[len]) || (len && isdigit((unsigned char)c[len])))
		len++;
	return len;
}

/* Length of a blank: those of ASCII, the no-break space, and the spaces of U+2000 to U+200B, U+202F and U+3000. */
static size_t blank_length(const char *c)
{
	const unsigned char *u = (const unsigned char *)c;

	if (*u == ' ' || (*u >= '\t' && *u <= '\r'))
		return 1;
	if (u[0] == 0xc2 && u[1] == 0xa0)
		return 2;
	if (u[0] == 0xe2 && u[1] == 0x80 && ((u[2] >= 0x80 && u[2] <= 0x8b) || u[2] == 0xaf))
		return 3;
	return u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80 ? 3 : 0;
}

static bool ends_component(const struct scan *s, const char *c)
{
	return !*c || *c == '/' || (s->braces && (*c == ',' || *c == '}'));
}

/* ------------------------------------------------------- what others replace */

static struct fault dollar(const struct scan *s)
{
	const char *c = s->c;
	size_t len = *c == '$' ? name_length(c + 1) : 0;

	if (len)
		return (struct fault){len + 1, "\"%s\" is no variable without braces: write \"${%s}\" (\"\\$\" is a "
					       "dollar sign)"};
	if ((c[0] == '$' && (c[1] == '(' || c[1] == '$')) || *c == '`')
		return (struct fault){*c == '$' ? 2 : 1, "\"%s\" is a shell's: no command is run and nothing but "
							 "\"${NAME}\" is replaced here; quote it by \"\\\" where it is "
							 "meant"};
	return (struct fault){0};
}

static struct fault tilde(const struct scan *s)
{
	if (*s->c != '~' || !s->first)
		return (struct fault){0};
	if (ends_component(s, s->c + 1))
		return (struct fault){
			1, "\"%s\" is not replaced by a home folder: write \"${HOME}\" (\"\\~\" is a tilde)"};
	if (s->c == s->text)
		return (struct fault){strcspn(s->c, "/"),
				      "\"%s\" is not replaced by that user's home folder: write its "
				      "path, or \"${HOME}\""};
	return (struct fault){0};
}

static struct fault at_sign(const struct scan *s)
{
	size_t len = s->c[0] == '@' && s->c[1] == '{' ? name_length(s->c + 2) : 0;

	if (len && s->c[2 + len] == '}')
		return (struct fault){len + 3,
				      "\"%s\" is AppArmor's: a variable is written \"${NAME}\" here (\"\\@\" is "
				      "an at sign)"};
	return (struct fault){0};
}

/* %h, %{name}, %NAME%; not what percent-encoding makes: two hexadecimal digits. */
static struct fault percent(const struct scan *s)
{
	const char *c = s->c;
	size_t len = *c == '%' ? name_length(c + 1) : 0;
	bool doubled = c > s->text && c[-1] == '%';

	if (*c != '%' || doubled)
		return (struct fault){0};
	if (len && c[1 + len] == '%')
		return (struct fault){len + 2,
				      "\"%s\" is not replaced: a variable is written \"${NAME}\" here (\"\\%%\" "
				      "is a percent sign)"};
	if ((len == 1 && !isdigit((unsigned char)c[2])) || c[1] == '{')
		return (struct fault){2, "\"%s\" is systemd's or ssh's: a home folder is \"${HOME}\" here, a user "
					 "\"${USER}\" or \"${UID}\" (\"\\%%\" is a percent sign)"};
	return (struct fault){0};
}

/* {{ name }}, {HOME}, <name>. */
static struct fault template(const struct scan *s)
{
	static const char *const names[] = {"HOME", "USER", "USERNAME", "UID", "WORKSPACE"};
	const char *c = s->c;
	size_t in = strspn(c, "{"), len;
	char closing = *c == '<' ? '>' : '}';

	if (*c == '<')
		in = 1;
	/* "\${HOME}" is quoted as a whole. */
	if (!in || (s->c - s->text > 1 && s->c[-2] == '\\'))
		return (struct fault){0};
	c += in;
	c += strspn(c, " ");
	len = strcspn(c, "{}<>,/*?[]\\");
	if (!len || c[len] != closing || !is_letter(*c))
		return (struct fault){0};
	if (in > 1 && c[len + 1] != '}')
		return (struct fault){0};
	for (size_t i = 0; in == 1 && closing == '}'; i++) {
		if (i == sizeof(names) / sizeof(names[0]))
			return (struct fault){0};
		if (strlen(names[i]) == len && !strncasecmp(names[i], c, len))
			break;
	}
	return (struct fault){(size_t)(c - s->c) + len + in,
			      "\"%s\" is a place to fill in, and nothing fills it: a variable is written \"${NAME}\""};
}

/* -------------------------------------------------- what others split or trim */

static struct fault blank(const struct scan *s)
{
	size_t len = blank_length(s->c);

	if (!len)
		return (struct fault){0};
	if (s->c == s->text || !s->c[len])
		return (struct fault){
			len, s->c == s->text ? "a blank at the beginning (\"%s\") is part of the name: leave it out"
					     : "a blank at the end (\"%s\") is part of the name: leave it out, or "
					       "quote it by \"\\\""};
	if (s->kind == RF_SPELL_VALUE)
		return (struct fault){0};
	if (s->first || s->branch || ends_component(s, s->c + len))
		return (struct fault){len, "a blank (\"%s\") at an end of a name is part of the name: leave it out, or "
					   "quote it by \"\\\""};
	if (s->c[len] == '#')
		return (struct fault){len + 1, "\"%s\" begins no comment inside a string: it is part of the name"};
	return (struct fault){0};
}

static struct fault separator(const struct scan *s)
{
	const char *c = s->c;

	if (*c == ',' && !s->braces && (ends_component(s, c + 1) || blank_length(c + 1)))
		return (struct fault){1,
				      "\"%s\" separates nothing outside of braces: each pattern is an item of its own "
				      "(\"\\,\" is a comma)"};
	if (*c == ':' && c[1] == '/')
		return (struct fault){1, "\"%s\" separates nothing: each pattern is an item of its own (\"\\:\" is a "
					 "colon)"};
	if (!strcmp(c, ":ro") || !strcmp(c, ":rw"))
		return (struct fault){3, "\"%s\" is part of the name: accesses stand in allow or deny (\"\\:\" is a "
					 "colon)"};
	return (struct fault){0};
}

/* ------------------------------------------------ what others match otherwise */

static struct fault foreign_glob(const struct scan *s)
{
	const char *c = s->c;

	if (*c == '|' || (*c && strchr("?*+@!", *c) && c[1] == '('))
		return (struct fault){*c == '|' ? 1 : 2,
				      "\"%s\" is literal text here: alternatives are \"{a,b}\" (quote "
				      "it by \"\\\" where it is meant)"};
	if (s->first && !strncmp(c, "...", 3) && ends_component(s, c + 3))
		return (struct fault){3, "\"%s\" is literal text here: all that lies beneath is \"**\" (quote it by "
					 "\"\\\" where it is meant)"};
	return (struct fault){0};
}

/* ${HOME}.ssh */
static struct fault joined(const struct scan *s)
{
	const char *end = s->c == s->text && !strncmp(s->c, "${", 2) ? strchr(s->c, '}') : NULL;

	if (!end || !(isalnum((unsigned char)end[1]) || end[1] == '_' || end[1] == '.'))
		return (struct fault){0};
	return (struct fault){(size_t)(end - s->c) + 2,
			      "\"%s\" goes on behind the variable without \"/\", and so names a "
			      "neighbour of that folder: put the \"/\" in, or quote the "
			      "character by \"\\\""};
}

/* What makes a pattern relative, where it is clear what was meant. */
static struct fault beginning(const struct scan *s)
{
	const char *c = s->c;

	if (c != s->text)
		return (struct fault){0};
	if (!strncmp(c, "./", 2))
		return (struct fault){2, "\"%s\" is relative: write \"${WORKSPACE}/\""};
	if (!strncmp(c, "**/", 3))
		return (struct fault){3, "\"%s\" is relative: write \"/**/\", or \"${WORKSPACE}/**/\""};
	if (*c == '!')
		return (struct fault){1, "\"%s\" excepts nothing: an exception is a rule of its own, behind"};
	if (*c == '"' || *c == '\'')
		return (struct fault){1, "a quotation mark (%s) within the quotation marks is part of the name"};
	return (struct fault){0};
}

static struct fault ending(const struct scan *s)
{
	if (*s->c == '/' && !s->c[1] && s->c != s->text && s->c[-1] != '/')
		return (struct fault){1,
				      "the pattern ends in \"%s\": a folder is written without it, with all in it as "
				      "\"/**\" at the end"};
	return (struct fault){0};
}

/* A default is put in as it is, with its glob characters quoted. */
static struct fault literal(const struct scan *s)
{
	if (*s->c == '*' || *s->c == '?')
		return (struct fault){1,
				      "a variable's default is literal text: \"%s\" in it matches nothing but itself; "
				      "wildcards stand in patterns"};
	return (struct fault){0};
}

/* -------------------------------------------------------------------- scanning */

static struct fault replaced(const struct scan *s)
{
	static struct fault (*const checks[])(const struct scan *) = {dollar, tilde, at_sign, percent, template};
	struct fault f = {0};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !f.len; i++)
		f = checks[i](s);
	if (!f.len || s->kind == RF_SPELL_PATTERN)
		return f;
	f.say = s->kind == RF_SPELL_CGROUP
			? "\"%s\" is not replaced: select has no variables (quote it by \"\\\" where it is meant)"
			: "a variable's default is literal text: \"%s\" in it is not replaced; --set can give such a "
			  "value";
	return f;
}

static struct fault fault_at(const struct scan *s)
{
	static struct fault (*const checks[])(const struct scan *) = {separator, foreign_glob, joined, beginning,
								      ending};
	struct fault f = replaced(s);

	if (!f.len)
		f = blank(s);
	if (!f.len && s->kind == RF_SPELL_VALUE)
		return literal(s);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !f.len && s->kind == RF_SPELL_PATTERN; i++)
		f = checks[i](s);
	return f;
}

/* Goes behind what stands at `c`: a quoted character, a set, a variable or one byte. */
static void next(struct scan *s)
{
	const char *c = s->c;
	bool first = s->first, pattern = s->kind != RF_SPELL_VALUE;

	s->first = s->branch = false;
	if (pattern && c[0] == '\\' && c[1]) {
		s->c += 2;
	} else if (c[0] == '$' && c[1] == '{' && strchr(c, '}')) {
		s->c = strchr(c, '}') + 1;
	} else if (pattern && *c == '[' && strchr(c + 1, ']')) {
		s->c = strchr(c + 1, ']') + 1;
	} else {
		if (*c == '{' && pattern && s->braces < DEPTH_MAX)
			s->outer[s->braces++] = first;
		else if (*c == '}' && s->braces)
			s->braces--;
		s->first = *c == '/' || (*c == '{' && first) || (*c == ',' && s->braces && s->outer[s->braces - 1]);
		s->branch = s->braces && (*c == '{' || *c == ',');
		s->c++;
	}
}

/* Length of what no check begins at and next() takes byte by byte: most of every pattern. */
static size_t plain_length(const char *c)
{
	size_t len = 0;

	while ((unsigned)((c[len] | 0x20) - 'a') < 26 || (unsigned)(c[len] - '0') < 10 || c[len] == '-' ||
	       c[len] == '_')
		len++;
	return len;
}

bool rf_misspelt(const char *text, enum rf_spelling kind, struct rf_misspelt *out)
{
	struct scan s = {.text = text, .c = text, .kind = kind, .first = true};

	while (*s.c) {
		size_t plain = plain_length(s.c);
		struct fault f = {0};

		if (plain) {
			s.c += plain;
			s.first = s.branch = false;
			continue;
		}
		f = fault_at(&s);
		if (f.len) {
			char shown[RF_SHOWN_SIZE];

			rf_shown_in(shown, s.c, f.len);
			out->at = (size_t)(s.c - text);
			/* The second place, where a sentence has one, is for the name behind its mark. */
			snprintf(out->say, sizeof(out->say), f.say, shown, shown + 1);
			return true;
		}
		next(&s);
	}
	return false;
}
