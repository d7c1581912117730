// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The store as files: see internal.h for where they are, record.c for what is in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/auto.h"
#include "store/disk.h"
#include "store/internal.h"
#include "store/record.h"

/* ------------------------------------------------------------------- opening */

static int open_folders(struct rf_store *store, const char *path)
{
	int err;

	store->root = disk_folder(AT_FDCWD, path, true);
	if (store->root < 0)
		return store->root;
	err = disk_is_ours(store->root);
	if (err)
		return err;
	/* For as long as the fd is open: two that write would give the same numbers. */
	if (flock(store->root, LOCK_EX | LOCK_NB))
		return -errno;
	store->policies = disk_folder(store->root, "policies", true);
	if (store->policies < 0)
		return store->policies;
	/* Where this is no folder, nothing can be moved there, and that is told with what could not be. */
	store->aside = disk_folder(store->root, "aside", false);
	return 0;
}

int rf_store_open(const char *path, rf_store_report *report, void *context, struct rf_store **out)
{
	struct rf_store *store = calloc(1, sizeof(*store));
	int err;

	if (!store)
		return -ENOMEM;
	store->root = store->policies = store->aside = -1;
	store->report = report;
	store->context = context;
	err = open_folders(store, path);
	err = err ? err : scan(store);
	err = err ? err : together_open(store);
	if (err)
		rf_store_close(store);
	else
		*out = store;
	return err;
}

void rf_store_close(struct rf_store *store)
{
	if (!store)
		return;
	rf_auto_close(&store->aside);
	rf_auto_close(&store->policies);
	rf_auto_close(&store->root);
	free(store->object);
	free(store);
}

uint64_t rf_store_revision(const struct rf_store *store)
{
	return store->revision;
}

/* ------------------------------------------------------------------- reading */

/* Reads entry `index` of an object. -EBADMSG: it was damaged since the store was opened, so it is set aside and no
 * longer an entry. */
static int read_entry(struct rf_store *store, struct object *object, size_t index, struct rf_record *out)
{
	RF_AUTO_CLOSE int folder = disk_folder(store->policies, object->name, false);
	uint64_t revision = object->entry[index].revision;
	const char *why = NULL;
	char name[REVISION_DIGITS + 1];
	int err = folder < 0 ? folder : revision_read(folder, object->name, revision, out, &why);

	if (err != -EBADMSG && err != -ENOENT)
		return err;
	object_drop(object, index);
	aside_put(store, folder, object->name, revision_name(name, revision), err == -ENOENT ? "it is gone" : why,
		  err == -EBADMSG);
	return -EBADMSG;
}

/* The newest revision that is whole. -ENOENT: there is none. */
static int read_newest(struct rf_store *store, struct object *object, struct rf_record *out)
{
	int err = -EBADMSG;

	while (err == -EBADMSG && object->entries)
		err = read_entry(store, object, object->entries - 1, out);
	if (!err && out->deleted) {
		rf_record_free(out);
		err = -ENOENT;
	}
	return err == -EBADMSG ? -ENOENT : err;
}

int rf_store_get(struct rf_store *store, const char *name, uint64_t revision, struct rf_record *out)
{
	struct object *object = object_find(store, name);
	int err = -ENOENT;

	*out = (struct rf_record){0};
	if (object && !revision)
		return read_newest(store, object, out);
	for (size_t i = 0; object && i < object->entries; i++) {
		if (object->entry[i].revision == revision) {
			err = read_entry(store, object, i, out);
			break;
		}
	}
	return err == -EBADMSG ? -ENOENT : err;
}

static int visit_and_free(rf_store_visit *visit, void *context, struct rf_record *record)
{
	int err = visit(context, record);

	rf_record_free(record);
	return err;
}

int rf_store_list(struct rf_store *store, rf_store_visit *visit, void *context)
{
	for (size_t i = 0; i < store->objects; i++) {
		struct rf_record record;
		int err = read_newest(store, &store->object[i], &record);

		if (err == -ENOENT)
			continue;
		err = err ? err : visit_and_free(visit, context, &record);
		if (err)
			return err;
	}
	return 0;
}

int rf_store_history(struct rf_store *store, const char *name, rf_store_visit *visit, void *context)
{
	struct object *object = object_find(store, name);
	size_t visited = 0;

	/* What is dropped on the way is behind the index. */
	for (size_t i = object ? object->entries : 0; i > 0; i--) {
		struct rf_record record;
		int err = read_entry(store, object, i - 1, &record);

		if (err == -EBADMSG)
			continue;
		err = err ? err : visit_and_free(visit, context, &record);
		if (err)
			return err;
		visited++;
	}
	return visited ? 0 : -ENOENT;
}

int rf_store_watch_from(const struct rf_store *store, uint64_t revision, rf_store_changed *changed, void *context)
{
	return changes_from(&store->changes, store->revision, revision, changed, context);
}

/* ------------------------------------------------------------------- writing */

/* Writes a revision and makes it the newest. `object`: where it belongs. */
static int write_revision(struct rf_store *store, struct object *object, const struct rf_record *record)
{
	RF_AUTO_CLOSE int folder = disk_folder(store->policies, object->name, true);
	RF_AUTO_FREE char *data = NULL;
	char name[REVISION_DIGITS + 1];
	uint64_t oldest;
	size_t size = 0;
	int err = folder < 0 ? folder : record_encode(record, &data, &size);

	err = err ? err : disk_write(folder, revision_name(name, record->revision), data, size);
	if (err)
		return err;
	oldest = object_push(object, &(struct entry){record->revision, record->version, record->deleted});
	/* Not before the new one stays. One that comes back with a power cut is removed when the store is opened. */
	if (oldest)
		unlinkat(folder, revision_name(name, oldest), 0);
	return 0;
}

/* Whether the object is as the caller thinks. */
static int compare(const struct entry *there, uint64_t expected)
{
	if (expected == RF_STORE_ANY || expected == (there ? there->revision : 0))
		return 0;
	return expected ? -ESTALE : -EEXIST;
}

static int change(struct rf_store *store, const char *name, uint64_t expected, const struct rf_record *by, bool deletes,
		  uint64_t *revision)
{
	struct object *object = object_find(store, name);
	const struct entry *newest = object_newest(object), *there = newest && !newest->deleted ? newest : NULL;
	const char *program = by->program ? by->program : "", *file = by->file ? by->file : "";
	struct rf_record record = {.uid = by->uid, .deleted = deletes, .version = newest ? newest->version + 1 : 1};
	int err = store->undo ? rf_store_undo(store) : 0;

	err = err ? err : deletes && !there ? -ENOENT : compare(there, expected);
	if (err)
		return err;
	if (strlen(program) > RF_STORE_PROGRAM_MAX || strlen(file) > RF_STORE_PROGRAM_MAX ||
	    (!deletes && by->length > RF_STORE_TEXT_MAX))
		return -EFBIG;
	if (store->given >= REVISION_MAX)
		return -EOVERFLOW;
	object = object_make(store, name);
	if (!object)
		return -ENOMEM;
	/* A number is given once, also where the disk may or may not have what it was given to. */
	record.revision = ++store->given;
	record.name = (char *)name;
	record.program = (char *)program;
	record.file = (char *)file;
	record.text = deletes ? NULL : by->text;
	record.length = deletes ? 0 : by->length;
	clock_gettime(CLOCK_REALTIME, &record.applied_at);
	err = write_revision(store, object, &record);
	if (err)
		return err;
	store->revision = record.revision;
	changes_add(&store->changes, name, &record, there != NULL);
	if (revision)
		*revision = record.revision;
	return 0;
}

int rf_store_put(struct rf_store *store, const char *name, uint64_t expected, const struct rf_record *record,
		 uint64_t *revision)
{
	return rf_store_name_ok(name) ? change(store, name, expected, record, false, revision) : -EINVAL;
}

int rf_store_delete(struct rf_store *store, const char *name, uint64_t expected, const struct rf_record *by,
		    uint64_t *revision)
{
	return rf_store_name_ok(name) && expected ? change(store, name, expected, by, true, revision) : -EINVAL;
}
