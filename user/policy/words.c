/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words of the policy language: accesses, rule names, near misses. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"

const char *const rf_section_words[] = {
	[RF_FILES] = "files",
	[RF_NETWORK] = "network",
	[RF_UNIX] = "unix",
	NULL,
};

static const struct {
	const char *word;
	unsigned bit;
} accesses[] = {
#define X(name, bit, word) {word, 1u << (bit)},
	RF_ACCESSES(X)
#undef X
};
#define ACCESSES (sizeof(accesses) / sizeof(accesses[0]))

const char *rf_rule_name(const struct rf_rule *rule, char *buf, size_t size)
{
	if (rule->added)
		snprintf(buf, size, "%s", rule->of);
	else
		snprintf(buf, size, "%s%s%s[%zu]", rule->of ? rule->of : "", rule->of ? " " : "",
			 rf_section_words[rule->section], rule->index);
	return buf;
}

/* Adds a word to those that stand in buf; what finds no room is left out. */
static void add_word(char *buf, size_t size, const char *between, const char *word)
{
	size_t used = size ? strlen(buf) : 0;

	if (size)
		snprintf(buf + used, size - used, "%s%s", used ? between : "", word);
}

const char *rf_sections_text(unsigned sections, char *buf, size_t size)
{
	if (size)
		buf[0] = '\0';
	for (size_t i = 0; i < RF_SECTIONS; i++)
		if (sections >> i & 1)
			add_word(buf, size, ", ", rf_section_words[i]);
	return buf;
}

const char *rf_access_words(unsigned access, char *buf, size_t size)
{
	if (size)
		buf[0] = '\0';
	for (size_t i = 0; i < ACCESSES; i++)
		if (access & accesses[i].bit)
			add_word(buf, size, ",", accesses[i].word);
	return buf;
}

unsigned rf_access_of(const char *word)
{
	for (size_t i = 0; i < ACCESSES; i++) {
		if (!strcmp(word, accesses[i].word))
			return accesses[i].bit;
	}
	return 0;
}

#define NEAREST_MAX 40 /* longer words are no slips of the finger */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned low = a < b ? a : b;

	return low < c ? low : c;
}

/* Letters to change, add, drop or swap with a neighbour to get from one word to the other; case is free. */
static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned row[3][NEAREST_MAX + 1];

	for (size_t k = 0; k <= b_len; k++)
		row[0][k] = (unsigned)k;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t k = 1; k <= b_len; k++) {
			int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[k - 1]);

			now[k] = min3(last[k] + 1, now[k - 1] + 1, last[k - 1] + (x != y));
			if (i > 1 && k > 1 && x == tolower((unsigned char)b[k - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				now[k] = min3(now[k], now[k], before[k - 2] + 1);
		}
	}
	return row[a_len % 3][b_len];
}

const char *rf_nearest(const char *word, const char *const *words)
{
	size_t len = strnlen(word, NEAREST_MAX + 1);
	unsigned best = len < 3 ? 1 : len < 6 ? 2 : 3; /* exclusive below */
	const char *nearest = NULL;

	if (!len || len > NEAREST_MAX)
		return NULL;
	for (; *words; words++) {
		size_t other = strlen(*words);
		unsigned distance;

		if (other > NEAREST_MAX)
			continue;
		distance = edits(word, len, *words, other);
		if (distance < best) {
			best = distance;
			nearest = *words;
		}
	}
	return nearest;
}
