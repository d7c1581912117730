// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "log/log.h"
#include "log/segment.h"
#include "store/disk.h"

#define HEAD	    9 /* bytes before a text: the sum in hexadecimal, and a space */
#define FILE_MAX    (RF_LOG_SEGMENT + RF_LOG_RECORD_MAX + HEAD + 1)
#define NAME_DIGITS 20

const char *segment_name(char buf[SEGMENT_NAME + 1], uint64_t first)
{
	snprintf(buf, SEGMENT_NAME + 1, "%0*llu.log", NAME_DIGITS, (unsigned long long)first);
	return buf;
}

uint64_t segment_of(const char *name)
{
	if (strlen(name) != SEGMENT_NAME || strspn(name, "0123456789") != NAME_DIGITS ||
	    strcmp(name + NAME_DIGITS, ".log") != 0)
		return 0;
	return strtoull(name, NULL, 10);
}

static unsigned long sum_of(const char *text, size_t length)
{
	return crc32_z(crc32_z(0, NULL, 0), (const Bytef *)text, length);
}

static int note_place(struct segment *segment, size_t at)
{
	if (segment->count == segment->places) {
		size_t places = segment->places ? 2 * segment->places : 1024;
		uint32_t *grown = realloc(segment->at, places * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		segment->at = grown;
		segment->places = places;
	}
	segment->at[segment->count++] = (uint32_t)at;
	return 0;
}

/* ---------------------------------------------------------------- reading */

/* Whether a line, without its end, is a record. */
static bool is_record(const char *line, size_t length)
{
	char digits[HEAD] = "", *end;

	if (length < HEAD || line[HEAD - 1] != ' ')
		return false;
	memcpy(digits, line, HEAD - 1);
	return strspn(digits, "0123456789abcdef") == HEAD - 1 &&
	       strtoul(digits, &end, 16) == sum_of(line + HEAD, length - HEAD);
}

static int find_records(struct segment *segment, size_t size, size_t *torn)
{
	size_t at = 0;
	int err = 0;

	segment->count = 0;
	while (at < size && !err) {
		const char *line = segment->data + at, *end = memchr(line, '\n', size - at);

		if (!end || !is_record(line, (size_t)(end - line)))
			break;
		err = note_place(segment, at);
		at += (size_t)(end - line) + 1;
	}
	*torn = size - at;
	segment->size = segment->flushed = at;
	return err;
}

int segment_load(struct segment *segment, int folder, size_t *torn)
{
	char name[SEGMENT_NAME + 1];
	const char *why;
	size_t size = 0;
	int err;

	*torn = 0;
	if (segment->data)
		return 0;
	err = disk_read(folder, segment_name(name, segment->first), FILE_MAX, &segment->data, &size, &why);
	segment->room = size + 1;
	err = err ? err : find_records(segment, size, torn);
	if (err)
		segment_drop(segment);
	return err;
}

void segment_drop(struct segment *segment)
{
	free(segment->data);
	free(segment->at);
	segment->data = NULL;
	segment->at = NULL;
	segment->room = segment->count = segment->places = 0;
}

const char *segment_text(const struct segment *segment, size_t index, size_t *length)
{
	size_t at = segment->at[index], end = index + 1 < segment->count ? segment->at[index + 1] : segment->size;

	*length = end - at - HEAD - 1;
	return segment->data + at + HEAD;
}

/* ---------------------------------------------------------------- adding */

int segment_add(struct segment *segment, const char *text, size_t length)
{
	size_t at = segment->size, need = at + HEAD + length + 2;
	char head[HEAD + 1];

	if (need > segment->room) {
		size_t room = segment->room < 65536 ? 131072 : 2 * segment->room;
		char *grown = realloc(segment->data, room > need ? room : need);

		if (!grown)
			return -ENOMEM;
		segment->data = grown;
		segment->room = room > need ? room : need;
	}
	if (note_place(segment, at))
		return -ENOMEM;
	snprintf(head, sizeof(head), "%08lx ", sum_of(text, length));
	memcpy(segment->data + at, head, HEAD);
	memcpy(segment->data + at + HEAD, text, length);
	segment->data[at + HEAD + length] = '\n';
	segment->size = at + HEAD + length + 1;
	return 0;
}
