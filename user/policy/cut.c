// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One document of a file with several. */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

/* A line that begins with "---" ends a document wherever it stands, within a block of text too (YAML 1.2, 9.1.4). */
static bool is_separator(const char *line, const char *end)
{
	return end - line >= 3 && !memcmp(line, "---", 3) && (end - line == 3 || strchr(" \t\r\n", line[3]));
}

char *rf_document_text(const char *text, size_t length, uint32_t line, size_t *len)
{
	const char *end = text + length, *start = text, *stop = end;
	char *copy = malloc(length + 1), *to = copy;
	uint32_t number = 1;

	if (!copy)
		return NULL;
	for (const char *at = text; at < end; number++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));

		next = next ? next + 1 : end;
		if (is_separator(at, end)) {
			if (number > line) {
				stop = at;
				break;
			}
			start = at;
		}
		at = next;
	}
	for (const char *at = text; at < start; at++)
		if (*at == '\n')
			*to++ = '\n';
	memcpy(to, start, (size_t)(stop - start));
	to += stop - start;
	*to = '\0';
	*len = (size_t)(to - copy);
	return copy;
}
