/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that refuse nothing themselves, but note what others ask: what shows that each is there. */
#ifndef RINGFENCE_TESTS_ESCAPE_BOOKS_H
#define RINGFENCE_TESTS_ESCAPE_BOOKS_H

#include <stdbool.h>
#include <stddef.h>

struct book {
	const char *program;
	bool (*good)(void);
	const char *without; /* what is wrong without it */
};
extern const struct book books[];
extern const size_t books_count;

#endif
