/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A growing line of text, and names made safe to show. */
#ifndef RINGFENCE_EVENTS_TEXT_H
#define RINGFENCE_EVENTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts zeroed. Without memory it stays short and `failed` is set: whoever writes it out looks once, at the end. */
struct rf_line {
	char *text; /* not NUL-terminated */
	size_t len, room;
	bool failed;
};

void rf_line_bytes(struct rf_line *line, const void *bytes, size_t len);
void rf_line_string(struct rf_line *line, const char *string);
void rf_line_format(struct rf_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Empties it and keeps its memory. */
void rf_line_reset(struct rf_line *line);
void rf_line_free(struct rf_line *line);
/* One write(2), repeated only for what a short write left. Returns 0 or -errno (-ENOMEM where the line failed). */
int rf_line_write(const struct rf_line *line, int fd);

/* Bytes of the valid UTF-8 character at `bytes` (1 to 4; its number in `code` where not NULL), or 0. */
/* How many bytes at the beginning stand for themselves everywhere: printable ASCII but for spaces, quotes and
 * backslashes. */
size_t rf_text_plain(const char *bytes, size_t len);
size_t rf_utf8(const char *bytes, size_t len, uint32_t *code);

/* Whether a terminal would act on a character, turn text round with it, or show nothing for it. */
bool rf_utf8_deceives(uint32_t code);

/*
 * Adds a name so that it can neither drive a terminal nor pass for another part of the line: control bytes, invalid
 * UTF-8, and what turns or hides text (bidirectional and zero-width controls) become \n, \t, \r or \xHH, `\` becomes
 * `\\`, and of spaces in a row (or at an end) all but the first become \x20. `quote` (or 0) is escaped as well.
 */
void rf_line_name(struct rf_line *line, const char *name, size_t len, char quote);
/* The same for text that was escaped when it was made: backslashes and spaces stay, so that nothing is escaped twice.
 */
void rf_line_text(struct rf_line *line, const char *text, size_t len);

#endif
