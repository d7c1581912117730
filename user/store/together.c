// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Several puts that stay together or not at all. A file says behind which revision all is one; while it is there, what
 * is newer does not count. Undoing only removes files, so a full disk does not hinder it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/auto.h"
#include "store/disk.h"
#include "store/internal.h"

#define BEGUN "begun"

static int end(struct rf_store *store)
{
	if (unlinkat(store->root, BEGUN, 0) && errno != ENOENT)
		return -errno;
	return disk_sync(store->root) ? -errno : 0;
}

int rf_store_begin(struct rf_store *store)
{
	char name[REVISION_DIGITS + 1];
	int err = store->begun ? rf_store_undo(store) : 0;

	err = err ? err : disk_write(store->root, BEGUN, revision_name(name, store->revision), REVISION_DIGITS);
	if (err)
		return err;
	store->begun = true;
	store->base = store->revision;
	return 0;
}

int rf_store_commit(struct rf_store *store)
{
	int err = end(store);

	if (!err)
		store->begun = false;
	return err;
}

/* Removes what is newer of an object. Who watches is told that it changed once more. */
static int undo_object(struct rf_store *store, struct object *object)
{
	const struct entry *newest = object_newest(object);
	RF_AUTO_CLOSE int folder = -1;
	char name[REVISION_DIGITS + 1];
	struct rf_record record;
	bool was_there;

	if (!newest || newest->revision <= store->base)
		return 0;
	was_there = !newest->deleted;
	folder = disk_folder(store->policies, object->name, false);
	if (folder < 0)
		return folder;
	while (newest && newest->revision > store->base) {
		if (unlinkat(folder, revision_name(name, newest->revision), 0) && errno != ENOENT)
			return -errno;
		object_drop(object, object->entries - 1);
		newest = object_newest(object);
	}
	if (disk_sync(folder))
		return -errno;
	record = (struct rf_record){.revision = ++store->given,
				    .version = newest ? newest->version : 0,
				    .deleted = !newest || newest->deleted};
	store->revision = record.revision;
	changes_add(&store->changes, object->name, &record, was_there);
	return 0;
}

int rf_store_undo(struct rf_store *store)
{
	int err = 0;

	for (size_t i = 0; i < store->objects && !err; i++)
		err = undo_object(store, &store->object[i]);
	err = err ? err : end(store);
	if (!err)
		store->begun = store->undo = false;
	else
		store->undo = true;
	return err;
}

int together_open(struct rf_store *store)
{
	RF_AUTO_FREE char *text = NULL;
	char name[REVISION_DIGITS + 1] = "";
	size_t size = 0;
	const char *why;
	int err = disk_read(store->root, BEGUN, REVISION_DIGITS, &text, &size, &why);

	if (err == -ENOENT)
		return 0;
	if (!err && size == REVISION_DIGITS)
		memcpy(name, text, REVISION_DIGITS);
	/* Written whole or not at all: anything else is not ours, and all that is there counts. Revision 0 is no
	 * revision's name. */
	if (err == -EBADMSG || (!err && !revision_of(name) && strspn(name, "0") != REVISION_DIGITS)) {
		aside_put(store, store->root, NULL, BEGUN, "it is no revision", true);
		return 0;
	}
	if (err)
		return err;
	store->base = revision_of(name);
	return rf_store_undo(store);
}
