/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Patterns one by one: is it well-formed, does it match. The rules of a policy together are the DFA's business. */
#include <errno.h>
#include <string.h>

#include "compile/compile.h"
#include "compile/glob.h"

/*
 * The places in an alternative at which a match may stand, as a list without doubles. A place is twice the index of
 * the token to be matched next, plus 1 inside a component that GLOB_COMPS takes.
 */
struct places {
	uint16_t at[2 * RF_GLOB_MAX + 4];
	size_t count;
};

struct matcher {
	const struct glob *glob;
	const struct glob_token *token;
	size_t tokens;
	uint16_t seen[2 * RF_GLOB_MAX + 4]; /* the step at which a place was last added */
	uint16_t step;
	struct places now, next;
};

/* Adds a place and those that are reached from it without a byte. */
static void add_place(struct matcher *m, struct places *places, size_t place)
{
	while (m->seen[place] != m->step) {
		m->seen[place] = m->step;
		places->at[places->count++] = (uint16_t)place;
		if (place & 1 || place / 2 >= m->tokens)
			return;
		uint8_t kind = m->token[place / 2].kind;
		if (kind != GLOB_STAR && kind != GLOB_RUN && kind != GLOB_COMPS)
			return;
		place += 2;
	}
}

/* What follows a place on one byte. Returns true if everything matches from there on. */
static bool step_place(struct matcher *m, size_t place, unsigned char byte)
{
	size_t i = place / 2;
	if (i == m->tokens)
		return false;
	const struct glob_token *t = &m->token[i];
	bool slash = byte == '/';
	switch (t->kind) {
	case GLOB_BYTE:
		if (byte == t->byte)
			add_place(m, &m->next, 2 * (i + 1));
		break;
	case GLOB_SET:
		if (glob_set_has(&m->glob->set[t->set], byte))
			add_place(m, &m->next, 2 * (i + 1));
		break;
	case GLOB_STAR:
		if (!slash)
			add_place(m, &m->next, 2 * i);
		break;
	case GLOB_RUN:
		add_place(m, &m->next, 2 * i);
		break;
	case GLOB_COMPS:
		add_place(m, &m->next, 2 * i + !slash);
		break;
	case GLOB_REST:
		return slash;
	case GLOB_ALL:
		return true;
	}
	return false;
}

bool glob_match(const struct glob *glob, size_t alternative, const char *path, size_t len)
{
	struct matcher m;
	m.glob = glob;
	m.token = glob->token + glob->start[alternative];
	m.tokens = glob->start[alternative + 1] - glob->start[alternative];
	m.now.count = 0;
	m.step = 1;
	memset(m.seen, 0, (2 * m.tokens + 2) * sizeof(m.seen[0]));
	add_place(&m, &m.now, 0);
	for (size_t i = 0; i < len; i++) {
		if (++m.step == 0) {
			memset(m.seen, 0, (2 * m.tokens + 2) * sizeof(m.seen[0]));
			m.step = 1;
		}
		m.next.count = 0;
		for (size_t p = 0; p < m.now.count; p++)
			if (step_place(&m, m.now.at[p], (unsigned char)path[i]))
				return true;
		if (!m.next.count)
			return false;
		memcpy(m.now.at, m.next.at, m.next.count * sizeof(m.next.at[0]));
		m.now.count = m.next.count;
	}
	for (size_t p = 0; p < m.now.count; p++) {
		size_t i = m.now.at[p] / 2;
		if (i == m.tokens || m.token[i].kind == GLOB_REST || m.token[i].kind == GLOB_ALL)
			return true;
	}
	return false;
}

/* Whether a byte ends what of a pattern is literal, quoting aside. */
static bool is_wild(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '{';
}

/* Most patterns part with most paths within a few literal bytes: told before anything is taken apart. */
static bool prefix_differs(const char *glob, const char *path, size_t len)
{
	for (size_t i = 0; glob[i]; i++) {
		char c = glob[i];
		if (is_wild(c) || c == '\\')
			return false;
		if (i == len) /* the path has ended: only "and all beneath" can follow */
			return c != '/';
		if (c != path[i])
			return true;
	}
	return false;
}

bool rf_glob_match(const char *glob, const char *path, size_t len)
{
	if (prefix_differs(glob, path, len))
		return false;
	struct glob parsed;
	const char *why;
	size_t at;
	bool match = false;
	if (!glob_parse(glob, &parsed, &why, &at))
		for (size_t i = 0; i < parsed.alternatives && !match; i++)
			match = glob_match(&parsed, i, path, len);
	glob_free(&parsed);
	return match;
}

size_t rf_glob_literal(const char *glob, char *literal)
{
	size_t whole = 0, out = 0, whole_out = 0, i = 0; /* up to the last '/' that stands behind literal bytes only */
	for (; glob[i] && !is_wild(glob[i]); i++) {
		if (glob[i] == '/') {
			whole = i;
			whole_out = out;
		}
		size_t at = i;
		if (glob[i] == '\\' && glob[i + 1])
			at = ++i;
		if (literal)
			literal[out] = glob[at];
		out++;
	}
	if (!glob[i]) {
		whole = i;
		whole_out = out;
	}
	if (literal)
		literal[whole_out] = '\0';
	return whole;
}
