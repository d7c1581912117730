/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A store in a folder of its own, and what its tests do with files behind its back. */
#ifndef RINGFENCE_TESTS_STORE_SUPPORT_H
#define RINGFENCE_TESTS_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/disk.h"
#include "store/store.h"

/* What not every test of the store calls. */
#define SUPPORT static __attribute__((unused))

static char root[64];
static struct rf_store *store;

/* What was set aside since the last look, and the last of it. */
static int asides;
static char aside_path[512], aside_to[512], aside_why[128];

static void told(void *context, const struct rf_store_aside *aside)
{
	assert_ptr_equal(context, &store);
	asides++;
	snprintf(aside_path, sizeof(aside_path), "%s", aside->path);
	snprintf(aside_to, sizeof(aside_to), "%s", aside->to ? aside->to : "");
	snprintf(aside_why, sizeof(aside_why), "%s", aside->why);
}

static void open_store(void)
{
	asides = 0;
	assert_int_equal(rf_store_open(root, told, &store, &store), 0);
}

static void close_store(void)
{
	rf_store_close(store);
	store = NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/ringfence-store-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	open_store();
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	close_store();
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A path beneath the store's folder. */
static const char *at(const char *path)
{
	static char buf[4][600];
	static unsigned turn;

	snprintf(buf[turn % 4], sizeof(buf[0]), "%s/%s", root, path);
	return buf[turn++ % 4];
}

SUPPORT const char *file_of(const char *name, uint64_t revision)
{
	char path[256];

	snprintf(path, sizeof(path), "policies/%s/%016llu", name, (unsigned long long)revision);
	return at(path);
}

SUPPORT int entries(const char *folder)
{
	DIR *dir = opendir(at(folder));
	int count = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (dir)
		closedir(dir);
	return count;
}

/* Puts a text, as whatever is there expects it. Returns the revision. */
static uint64_t put(const char *name, const char *text)
{
	const struct rf_record record = {
		.uid = 1000, .program = (char *)"/usr/bin/ringfence", .text = (char *)text, .length = strlen(text)};
	uint64_t revision = 0;

	assert_int_equal(rf_store_put(store, name, RF_STORE_ANY, &record, &revision), 0);
	return revision;
}

static int put_if(const char *name, uint64_t expected, const char *text)
{
	const struct rf_record record = {.text = (char *)text, .length = strlen(text)};

	return rf_store_put(store, name, expected, &record, NULL);
}

/* The newest text, or NULL where the object is not there. */
static const char *text_of(const char *name)
{
	static char text[256];
	struct rf_record record;
	int err = rf_store_get(store, name, 0, &record);

	if (err == -ENOENT)
		return NULL;
	assert_int_equal(err, 0);
	assert_string_equal(record.name, name);
	snprintf(text, sizeof(text), "%s", record.text);
	rf_record_free(&record);
	return text;
}

/* "name=text " of each record that is visited; "name! " of a deletion. */
static int note(void *context, const struct rf_record *record)
{
	char *to = context;

	to += strlen(to);
	if (record->deleted)
		snprintf(to, 64, "%s! ", record->name);
	else
		snprintf(to, 64, "%s=%s ", record->name, record->text);
	return 0;
}

SUPPORT const char *history_of(const char *name)
{
	static char text[2048];

	text[0] = '\0';
	rf_store_history(store, name, note, text);
	return text;
}

static int note_change(void *context, const struct rf_change *change)
{
	static const char kinds[] = {[RF_CHANGE_ADDED] = '+', [RF_CHANGE_MODIFIED] = '~', [RF_CHANGE_DELETED] = '-'};
	char *to = context;

	to += strlen(to);
	snprintf(to, 128, "%c%s@%llu ", kinds[change->kind], change->name, (unsigned long long)change->revision);
	return 0;
}

/* The changes after a revision into `text`: "+a@1 ~a@2 -a@3 ". */
SUPPORT int watch(uint64_t from, char *text)
{
	text[0] = '\0';
	return rf_store_watch_from(store, from, note_change, text);
}

#endif
