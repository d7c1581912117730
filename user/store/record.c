// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A revision as a file: lines that say what it is, an empty line, the policy's text byte for byte. A file is whole if
 * it is exactly what would be written for what it says: so there is one description of the form, and a checksum over
 * lines and text in the last of the lines. CRC-32 is for accidents; whoever wants to forge a file of root's needs to be
 * root.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "policy/memory.h"
#include "store/record.h"

#define MAGIC "ringfence-state 1\n"

void rf_record_free(struct rf_record *record)
{
	free(record->name);
	free(record->program);
	free(record->file);
	free(record->text);
	*record = (struct rf_record){0};
}

char *record_copy(const char *text, size_t length)
{
	char *copy = malloc(length + 1);

	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/* ------------------------------------------------------------------- writing */

static void put_escaped(FILE *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > ' ' && *at < 0x7f && *at != '\\')
			fputc(*at, out);
		else
			fprintf(out, "\\x%02x", *at);
	}
}

int record_encode(const struct rf_record *record, char **data, size_t *size)
{
	FILE *out;
	unsigned long crc;

	*data = NULL;
	out = open_memstream(data, size);
	if (!out)
		return -ENOMEM;
	fputs(MAGIC, out);
	fprintf(out, "name %s\nrevision %llu\nversion %llu\n", record->name, (unsigned long long)record->revision,
		(unsigned long long)record->version);
	fprintf(out, "time %lld.%09ld\nuid %lu\nprogram ", (long long)record->applied_at.tv_sec,
		record->applied_at.tv_nsec, (unsigned long)record->uid);
	put_escaped(out, record->program);
	fputs("\nfile ", out);
	put_escaped(out, record->file);
	fprintf(out, "\nkind %s\nlength %zu\n", record->deleted ? "deletion" : "text", record->length);
	if (fflush(out)) {
		fclose(out);
		goto no_memory;
	}
	crc = crc32_z(crc32_z(0, NULL, 0), (const Bytef *)*data, *size);
	if (record->length)
		crc = crc32_z(crc, (const Bytef *)record->text, record->length);
	fprintf(out, "crc32 %08lx\n\n", crc);
	if (record->length)
		fwrite(record->text, 1, record->length, out);
	if (!fclose(out))
		return 0;
no_memory:
	free(*data);
	*data = NULL;
	return -ENOMEM;
}

/* ------------------------------------------------------------------- reading */

/* The value of the next line, which must have this key; ends it. NULL: it is another line. */
static char *value_of(char **at, const char *key)
{
	size_t len = strlen(key);
	char *value, *end = strchr(*at, '\n');

	if (!end || strncmp(*at, key, len) != 0 || (*at)[len] != ' ')
		return NULL;
	*end = '\0';
	value = *at + len + 1;
	*at = end + 1;
	return value;
}

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned byte;

		if (text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3]) && sscanf(text + 2, "%2x", &byte) == 1 && byte) {
			*to++ = (char)byte;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Reads the lines, which it cuts up. What is wrong with a number shows when all is written again. */
static bool read_lines(char *lines, struct rf_record *out)
{
	char *name = value_of(&lines, "name"), *revision = name ? value_of(&lines, "revision") : NULL;
	char *version = revision ? value_of(&lines, "version") : NULL;
	char *when = version ? value_of(&lines, "time") : NULL, *uid = when ? value_of(&lines, "uid") : NULL;
	char *program = uid ? value_of(&lines, "program") : NULL;
	char *file = program ? value_of(&lines, "file") : NULL;
	char *kind = file ? value_of(&lines, "kind") : NULL, *length = kind ? value_of(&lines, "length") : NULL;

	if (!length || !rf_store_name_ok(name))
		return false;
	unescape(program);
	unescape(file);
	out->name = strdup(name);
	out->program = strdup(program);
	out->file = strdup(file);
	out->revision = strtoull(revision, NULL, 10);
	out->version = strtoull(version, NULL, 10);
	out->applied_at.tv_sec = (time_t)strtoll(when, &when, 10);
	out->applied_at.tv_nsec = *when == '.' ? strtol(when + 1, NULL, 10) : 0;
	out->uid = (uid_t)strtoul(uid, NULL, 10);
	out->deleted = strcmp(kind, "deletion") == 0;
	out->length = strtoull(length, NULL, 10);
	return true;
}

int record_decode(const char *data, size_t size, struct rf_record *out, const char **why)
{
	const char *end = memmem(data, size, "\n\n", 2);
	RF_AUTO_FREE char *lines = NULL;
	RF_AUTO_FREE char *again = NULL;
	size_t head = end ? (size_t)(end - data) + 2 : 0, magic = sizeof(MAGIC) - 1, len;
	bool same;

	*out = (struct rf_record){0};
	*why = "it is no state of this version of ringfence, or not all of it";
	if (!end || head < magic || memcmp(data, MAGIC, magic) != 0)
		return -EBADMSG;
	lines = record_copy(data + magic, head - magic);
	if (!lines)
		return -ENOMEM;
	if (!read_lines(lines, out))
		return -EBADMSG;
	if (!out->name || !out->program || !out->file) {
		rf_record_free(out);
		return -ENOMEM;
	}
	if (out->length != size - head) {
		*why = "its text is not as long as it was";
		rf_record_free(out);
		return -EBADMSG;
	}
	out->text = record_copy(data + head, out->length);
	if (!out->text || record_encode(out, &again, &len)) {
		rf_record_free(out);
		return -ENOMEM;
	}
	same = len == size && memcmp(again, data, size) == 0;
	if (!same) {
		*why = "its checksum is wrong";
		rf_record_free(out);
	}
	return same ? 0 : -EBADMSG;
}
