/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a file is a text at all, told before YAML sees it: its messages would not help. */
#include <stdio.h>
#include <string.h>

#include "policy/yaml.h"

/* Length of the UTF-8 character at `c`, or 0 where there is none (overlong forms and surrogates are none). */
static size_t utf8_length(const unsigned char *c, size_t left)
{
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return len;
}

/* What is wrong with a valid character, or NULL. */
static const char *fault_of(const unsigned char *c, size_t len)
{
	if (!c[0])
		return "a NUL byte";
	if ((c[0] < 0x20 && c[0] != '\n' && c[0] != '\r' && c[0] != '\t') || c[0] == 0x7f)
		return "a control character";
	if (len == 2 && c[0] == 0xc2 && c[1] < 0xa0)
		return "a control character";
	/* YAML counts U+2028 and U+2029 as line ends, editors do not: places would be wrong. */
	if (len == 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9))
		return "a Unicode line separator";
	/* U+FEFF, U+FFFE and U+FFFF inside a text. */
	if (len == 3 && c[0] == 0xef && ((c[1] == 0xbb && c[2] == 0xbf) || (c[1] == 0xbf && c[2] >= 0xbe)))
		return "a byte order mark or noncharacter";
	return NULL;
}

bool rf_source_check(const char *file, const char *text, size_t len, struct rf_diags *diags)
{
	struct rf_where where = {file, 1, 1};
	bool indentation = true, clean = true;

	for (size_t i = 0; i < len;) {
		const unsigned char *c = (const unsigned char *)text + i;

		/* Nearly all of a text is printable ASCII behind the indentation. */
		if (!indentation) {
			size_t run = i;

			while (i < len && text[i] >= ' ' && text[i] < 0x7f)
				i++;
			where.col += (uint32_t)(i - run);
			if (i == len)
				break;
			c = (const unsigned char *)text + i;
		}
		size_t width = utf8_length(c, len - i);
		const char *fault = width ? fault_of(c, width) : "a byte that is not UTF-8";

		if (fault) {
			rf_diag_add(diags, RF_ERROR, where, "not a policy text: %s (0x%02x)", fault, c[0]);
			return false;
		}
		if (*c == '\t' && indentation) {
			rf_diag_add(diags, RF_ERROR, where, "tab in the indentation: use spaces");
			clean = indentation = false;
		}
		if (*c != ' ')
			indentation = false;
		where.col++;
		if (*c == '\n' || (*c == '\r' && (i + 1 == len || c[1] != '\n'))) {
			where.line++;
			where.col = 1;
			indentation = true;
		}
		i += width;
	}
	return clean;
}
