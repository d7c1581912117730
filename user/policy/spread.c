/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Braces multiplied out, as text: what looks at the file system goes name by name. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"
#include "policy/spread.h"

/* Behind what stands at `c`: a quoted character, a set, one byte. */
static const char *behind(const char *c)
{
	if (*c == '\\' && c[1])
		return c + 2;
	if (*c != '[')
		return c + 1;
	for (c++; *c && *c != ']'; c++)
		c += *c == '\\' && c[1];
	return c + (*c == ']');
}

static bool means_itself(char c)
{
	return c && c != '\\' && c != '[' && c != '{' && c != '}' && c != ',';
}

/* The next of `bytes`, which are of "{,}", that means something on this level, or the end. */
static const char *find(const char *c, const char *bytes)
{
	unsigned depth = 0;

	for (;; c = behind(c)) {
		while (means_itself(*c))
			c++;
		if (!*c || (!depth && strchr(bytes, *c)))
			return c;
		if (*c == '{')
			depth++;
		else if (*c == '}' && depth)
			depth--;
	}
}

/* Recursion is as deep as a pattern has braces beside and in each other; a sound pattern stands for 1024 at most. */
int rf_spread(const char *glob, int (*each)(void *context, const char *plain), void *context)
{
	const char *open = find(glob, "{"), *close, *branch;
	size_t head = (size_t)(open - glob);
	int error = 0;

	if (!*open)
		return each(context, glob);
	close = find(open + 1, "}");
	if (!*close)
		return each(context, glob);
	for (branch = open + 1; !error; branch++) {
		const char *end = find(branch, ",}");
		size_t len = (size_t)(end - branch);
		RF_AUTO_FREE char *one = malloc(strlen(glob) + 1);

		if (!one)
			return -ENOMEM;
		memcpy(one, glob, head);
		memcpy(one + head, branch, len);
		strcpy(one + head + len, close + 1);
		error = rf_spread(one, each, context);
		if (end == close)
			break;
		branch = end;
	}
	return error;
}
