/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parts of the generator share. */
#ifndef RINGFENCE_TESTS_RANDOM_H
#define RINGFENCE_TESTS_RANDOM_H

#include "reference/generate.h"

struct gen_buf {
	char *text;
	size_t len, room;
};

/* Append; the text ends in NUL at all times. */
void gen_put(struct gen_buf *buf, const char *text, size_t len);
void gen_puts(struct gen_buf *buf, const char *text);
void gen_printf(struct gen_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name of a file: short and often used before, or odd in one of many ways. */
void gen_name(struct gen *g, struct gen_buf *buf);
/* A pattern of a section. */
char *gen_pattern(struct gen *g, enum rf_section section);
/* A path that the pattern matches, or nearly. */
void gen_path(struct gen *g, const char *pattern, struct gen_probe *probe);
char *gen_range(struct gen *g);
char *gen_port(struct gen *g);
/* An address and port at an edge of a rule. */
void gen_dest(struct gen *g, const struct gen_rule *rule, struct gen_probe *probe);

#endif
