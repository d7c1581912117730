// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A line diff by the greedy walk of Myers ("An O(ND) difference algorithm", 1986): the farthest that each diagonal
 * comes with d changes, for d = 0, 1, 2… What each d came to is kept to find the way back.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/lines.h"
#include "client/print.h"

enum { CONTEXT = 3, CHANGES_MAX = 2000 };

struct text {
	const char **line; /* each up to its newline or the end; one more than there are, at the end */
	size_t count;
	bool open; /* no newline at its end */
};

/* gone[i]: line i of the old text is not in the new one; come[i]: the reverse. */
struct change {
	struct text old, new;
	size_t head, tail; /* lines that are the same at both ends */
	bool *gone, *come;
};

static int split(struct text *text, const char *from)
{
	size_t count = 0, len = strlen(from);

	for (const char *at = from; *at; at++)
		count += *at == '\n';
	text->open = len && from[len - 1] != '\n';
	text->count = count + text->open;
	text->line = calloc(text->count + 1, sizeof(*text->line));
	if (!text->line)
		return -ENOMEM;
	for (size_t i = 0; i < text->count; i++) {
		text->line[i] = from;
		from += strcspn(from, "\n");
		from += *from == '\n';
	}
	text->line[text->count] = from;
	return 0;
}

static size_t length_of(const struct text *text, size_t i)
{
	return (size_t)(text->line[i + 1] - text->line[i]);
}

static bool same(const struct change *c, size_t i, size_t k)
{
	size_t len = length_of(&c->old, i);

	return len == length_of(&c->new, k) && !memcmp(c->old.line[i], c->new.line[k], len);
}

/* How far one comes from (x, x - k) along lines that are the same. Between head and tail. */
static long slide(const struct change *c, long x, long k)
{
	long olds = (long)(c->old.count - c->head - c->tail), news = (long)(c->new.count - c->head - c->tail);

	while (x < olds && x - k < news && same(c, c->head + (size_t)x, c->head + (size_t)(x - k)))
		x++;
	return x;
}

/* Whether diagonal k is reached with d changes by a line that comes (else by one that goes). v: of d - 1. */
static bool comes(const long *v, long k, long d)
{
	return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

static void walk_back(struct change *c, long **trace, long d, long k)
{
	for (; d > 0; d--) {
		const long *v = trace[d - 1];
		long before = comes(v, k, d) ? k + 1 : k - 1, x = v[before];

		if (before > k)
			c->come[c->head + (size_t)(x - before)] = true;
		else
			c->gone[c->head + (size_t)x] = true;
		k = before;
	}
}

/* Returns 1 when the way was found, 0 when there are too many changes, -ENOMEM. */
static int find_way(struct change *c, long **trace)
{
	long olds = (long)(c->old.count - c->head - c->tail), news = (long)(c->new.count - c->head - c->tail);

	for (long d = 0; d <= CHANGES_MAX; d++) {
		long *v = calloc((size_t)(2 * d + 3), sizeof(*v));

		if (!v)
			return -ENOMEM;
		v += d + 1; /* from -d - 1 to d + 1 */
		trace[d] = v;
		v[-d - 1] = v[d + 1] = -1;
		for (long k = -d; k <= d; k += 2) {
			const long *last = d ? trace[d - 1] : NULL;
			long x = !d ? 0 : comes(last, k, d) ? last[k + 1] : last[k - 1] + 1;

			v[k] = slide(c, x, k);
			if (v[k] >= olds && v[k] - k >= news) {
				walk_back(c, trace, d, k);
				return 1;
			}
		}
	}
	return 0;
}

static int compare(struct change *c)
{
	long **trace = calloc(CHANGES_MAX + 1, sizeof(*trace));
	size_t least = c->old.count < c->new.count ? c->old.count : c->new.count;
	int found;

	c->gone = calloc(c->old.count + 1, sizeof(*c->gone));
	c->come = calloc(c->new.count + 1, sizeof(*c->come));
	if (!trace || !c->gone || !c->come) {
		free(trace);
		return -ENOMEM;
	}
	while (c->head < least && same(c, c->head, c->head))
		c->head++;
	while (c->tail < least - c->head && same(c, c->old.count - 1 - c->tail, c->new.count - 1 - c->tail))
		c->tail++;
	found = find_way(c, trace);
	for (size_t i = c->head; !found && i < c->old.count - c->tail; i++)
		c->gone[i] = true;
	for (size_t i = c->head; !found && i < c->new.count - c->tail; i++)
		c->come[i] = true;
	for (long d = 0; d <= CHANGES_MAX && trace[d]; d++)
		free(trace[d] - d - 1);
	free(trace);
	return found < 0 ? found : 0;
}

/* ---------------------------------------------------------------- printing */

static void add_line(struct rf_line *out, const char *sign, const struct text *text, size_t i)
{
	size_t len = length_of(text, i), bare = len - (len && text->line[i][len - 1] == '\n');
	char *copy = strndup(text->line[i], bare);

	rf_line_string(out, sign);
	if (copy && *copy)
		rf_print_lines(out, "", copy);
	else
		rf_line_string(out, "\n");
	out->failed = out->failed || !copy;
	free(copy);
	if (bare == len)
		rf_line_string(out, "\\ No newline at end of file\n");
}

static bool changed(const struct change *c, size_t i, size_t k)
{
	return (i < c->old.count && c->gone[i]) || (k < c->new.count && c->come[k]);
}

/* Steps over lines that are the same until a change, or the end. Returns how many. */
static size_t skip_same(const struct change *c, size_t i, size_t k)
{
	size_t n = 0;

	while (i + n < c->old.count && k + n < c->new.count && !changed(c, i + n, k + n))
		n++;
	return n;
}

/* The hunk that begins at (i, k), with context, up to where it ends: more than twice the context the same. */
static void find_end(const struct change *c, size_t *i, size_t *k)
{
	for (;;) {
		size_t n = skip_same(c, *i, *k);
		bool end = *i + n >= c->old.count && *k + n >= c->new.count;

		if (end || n > 2 * CONTEXT) {
			n = n < CONTEXT ? n : CONTEXT;
			*i += n;
			*k += n;
			return;
		}
		*i += n;
		*k += n;
		while (*i < c->old.count && c->gone[*i])
			++*i;
		while (*k < c->new.count && c->come[*k])
			++*k;
	}
}

/* Lines count from 1; where there are none, the one before is named. */
static void add_range(struct rf_line *out, char sign, size_t from, size_t to)
{
	rf_line_format(out, to - from == 1 ? "%c%zu" : "%c%zu,%zu", sign, to > from ? from + 1 : from, to - from);
}

static void add_hunk(struct rf_line *out, const struct change *c, size_t i, size_t k, size_t i_end, size_t k_end)
{
	rf_line_string(out, "@@ ");
	add_range(out, '-', i, i_end);
	rf_line_string(out, " ");
	add_range(out, '+', k, k_end);
	rf_line_string(out, " @@\n");
	while (i < i_end || k < k_end) {
		if (i < i_end && c->gone[i])
			add_line(out, "-", &c->old, i++);
		else if (k < k_end && c->come[k])
			add_line(out, "+", &c->new, k++);
		else {
			add_line(out, " ", &c->old, i++);
			k++;
		}
	}
}

static void add_name(struct rf_line *out, const char *sign, const char *name)
{
	rf_line_string(out, sign);
	rf_line_name(out, name, strlen(name), 0);
	rf_line_string(out, "\n");
}

static int print(struct rf_line *out, const struct change *c, const char *old_name, const char *new_name)
{
	size_t i = 0, k = 0;
	bool any = false;

	for (;;) {
		size_t n = skip_same(c, i, k), back, i_end, k_end;

		i += n;
		k += n;
		if (i >= c->old.count && k >= c->new.count)
			return any;
		if (!any) {
			add_name(out, "--- ", old_name);
			add_name(out, "+++ ", new_name);
		}
		any = true;
		back = n < CONTEXT ? n : CONTEXT;
		i_end = i;
		k_end = k;
		find_end(c, &i_end, &k_end);
		add_hunk(out, c, i - back, k - back, i_end, k_end);
		i = i_end;
		k = k_end;
	}
}

int rf_print_diff(struct rf_line *line, const char *old_name, const char *old, const char *new_name, const char *new)
{
	struct change c = {.head = 0};
	int err = split(&c.old, old);

	err = err ? err : split(&c.new, new);
	err = err ? err : compare(&c);
	err = err ? err : print(line, &c, old_name, new_name);
	free(c.old.line);
	free(c.new.line);
	free(c.gone);
	free(c.come);
	return err;
}
