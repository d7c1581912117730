// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/text.h"

#define SHORT 32 /* bytes of what is mostly formatted */

static bool make_room(struct rf_line *line, size_t more)
{
	size_t room = line->room ? line->room : 256;
	char *text;

	if (line->failed)
		return false;
	while (room - line->len < more)
		room *= 2;
	if (room == line->room)
		return true;
	text = realloc(line->text, room);
	if (!text) {
		line->failed = true;
		return false;
	}
	line->text = text;
	line->room = room;
	return true;
}

void rf_line_bytes(struct rf_line *line, const void *bytes, size_t len)
{
	if (!len || !make_room(line, len))
		return;
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
}

void rf_line_string(struct rf_line *line, const char *string)
{
	rf_line_bytes(line, string, strlen(string));
}

void rf_line_format(struct rf_line *line, const char *format, ...)
{
	va_list args;
	int len;

	/* Most find room at the first try. */
	if (!make_room(line, SHORT))
		return;
	va_start(args, format);
	len = vsnprintf(line->text + line->len, line->room - line->len, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len >= line->room - line->len && make_room(line, (size_t)len + 1)) {
		va_start(args, format);
		vsnprintf(line->text + line->len, (size_t)len + 1, format, args);
		va_end(args);
	}
	line->failed = line->failed || len < 0;
	line->len += line->failed ? 0 : (size_t)len;
}

size_t rf_text_plain(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] > ' ' && bytes[n] < 0x7f && bytes[n] != '"' && bytes[n] != '\\' && bytes[n] != '\'')
		n++;
	return n;
}

void rf_line_reset(struct rf_line *line)
{
	line->len = 0;
	line->failed = false;
}

void rf_line_free(struct rf_line *line)
{
	free(line->text);
	memset(line, 0, sizeof(*line));
}

int rf_line_write(const struct rf_line *line, int fd)
{
	size_t done = 0;

	if (line->failed)
		return -ENOMEM;
	while (done < line->len) {
		ssize_t n = write(fd, line->text + done, line->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			/* The command may have made the terminal that we share non-blocking. */
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

size_t rf_utf8(const char *bytes, size_t len, uint32_t *code)
{
	const unsigned char *b = (const unsigned char *)bytes;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t n;

	if (!len)
		return 0;
	n = b[0] < 0x80 ? 1 : (b[0] & 0xe0) == 0xc0 ? 2 : (b[0] & 0xf0) == 0xe0 ? 3 : (b[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (!n || n > len)
		return 0;
	c = n == 1 ? b[0] : b[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	/* Longer than it need be, a surrogate, or beyond Unicode. */
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	if (code)
		*code = c;
	return n;
}

bool rf_utf8_deceives(uint32_t code)
{
	static const struct {
		uint32_t lo, hi;
	} range[] = {
		{0x00, 0x1f},	    /* C0 controls */
		{0x7f, 0x9f},	    /* DEL and C1 controls */
		{0xad, 0xad},	    /* soft hyphen */
		{0x34f, 0x34f},	    /* grapheme joiner */
		{0x61c, 0x61c},	    /* Arabic letter mark */
		{0x115f, 0x1160},   /* Hangul fillers */
		{0x17b4, 0x17b5},   /* Khmer inherent vowels */
		{0x180b, 0x180f},   /* Mongolian selectors */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* separators, embeddings, overrides */
		{0x2060, 0x206f},   /* joiners, isolates */
		{0x3164, 0x3164},   /* Hangul filler */
		{0xfe00, 0xfe0f},   /* variation selectors */
		{0xfeff, 0xfeff},   /* zero width no-break space */
		{0xffa0, 0xffa0},   /* Hangul filler */
		{0xfff0, 0xfffb},   /* annotations, specials */
		{0xe0000, 0xe0fff}, /* tags, more selectors */
	};

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (code >= range[i].lo && code <= range[i].hi)
			return true;
	return false;
}

static void add_escaped(struct rf_line *line, const char *bytes, size_t len)
{
	static const char from[] = "\n\t\r", to[] = "ntr";
	const char *found = len == 1 && bytes[0] ? strchr(from, bytes[0]) : NULL;

	if (found) {
		rf_line_format(line, "\\%c", to[found - from]);
		return;
	}
	for (size_t i = 0; i < len; i++)
		rf_line_format(line, "\\x%02x", (unsigned char)bytes[i]);
}

void rf_line_text(struct rf_line *line, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code = 0;

		n = rf_utf8(text + i, len - i, &code);
		if (n && !rf_utf8_deceives(code)) {
			rf_line_bytes(line, text + i, n);
			continue;
		}
		n = n ? n : 1;
		add_escaped(line, text + i, n);
	}
}

void rf_line_name(struct rf_line *line, const char *name, size_t len, char quote)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code = 0;

		n = rf_text_plain(name + i, len - i);
		if (n && (!quote || quote == '"' || quote == '\'')) {
			rf_line_bytes(line, name + i, n);
			continue;
		}
		/* Two spaces part the columns of a line; a name can't make them. */
		bool space = name[i] == ' ' && (i == 0 || i + 1 == len || name[i - 1] == ' ');

		n = rf_utf8(name + i, len - i, &code);
		if (!n || rf_utf8_deceives(code) || space) {
			n = n ? n : 1;
			add_escaped(line, name + i, n);
			continue;
		}
		if (code == '\\' || (quote && code == (unsigned char)quote))
			rf_line_bytes(line, "\\", 1);
		rf_line_bytes(line, name + i, n);
	}
}
