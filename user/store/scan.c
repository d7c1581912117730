// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is on disk when the store is opened.
 *
 * The store's revision is the greatest there is. It never goes back: the newest revision of an object is never removed,
 * that of a deleted one is the deletion itself, so the greatest number of all stays on disk, in a name. A put that was
 * cut off has told nobody its number. If the file of the greatest is damaged, its name still counts, in aside/ too. A
 * stranger's name that only looks like one can't use the numbers up: it counts for a million at most.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/auto.h"
#include "store/disk.h"
#include "store/internal.h"
#include "store/record.h"

#define GAP_MAX 1000000u

struct scanner {
	struct rf_store *store;
	uint64_t *suspect; /* revisions by the names of files that are not whole */
	size_t suspects;
	/* the object that is looked at */
	int folder;
	const char *name;
};

static int add_suspect(struct scanner *s, uint64_t revision)
{
	uint64_t *grown = revision ? rf_grow(s->suspect, s->suspects, sizeof(*grown)) : s->suspect;

	if (!revision)
		return 0;
	if (!grown)
		return -ENOMEM;
	s->suspect = grown;
	s->suspect[s->suspects++] = revision;
	return 0;
}

int revision_read(int folder, const char *object, uint64_t revision, struct rf_record *out, const char **why)
{
	char name[REVISION_DIGITS + 1];
	RF_AUTO_FREE char *data = NULL;
	size_t size = 0;
	int err = disk_read(folder, revision_name(name, revision), RECORD_FILE_MAX, &data, &size, why);

	err = err ? err : record_decode(data, size, out, why);
	if (!err && (out->revision != revision || strcmp(out->name, object) != 0)) {
		*why = "it is the revision of another object, or another one";
		rf_record_free(out);
		err = -EBADMSG;
	}
	return err;
}

/* A file that should be a revision. */
static int scan_revision(struct scanner *s, uint64_t revision)
{
	char name[REVISION_DIGITS + 1];
	struct rf_record record = {.name = NULL};
	struct object *object;
	uint64_t oldest;
	const char *why;
	int err = revision_read(s->folder, s->name, revision, &record, &why);

	if (err == -ENOMEM || err == -EMFILE || err == -ENFILE)
		return err;
	if (err) {
		/* One that the disk does not give is not known to be damaged. */
		aside_put(s->store, s->folder, s->name, revision_name(name, revision),
			  err == -EBADMSG ? why : strerror(-err), err == -EBADMSG);
		return add_suspect(s, revision);
	}
	object = object_make(s->store, s->name);
	if (object) {
		oldest = object_push(object, &(struct entry){revision, record.version, record.deleted});
		if (oldest)
			unlinkat(s->folder, revision_name(name, oldest), 0);
		if (s->store->revision < revision)
			s->store->revision = revision;
	}
	rf_record_free(&record);
	return object ? 0 : -ENOMEM;
}

/* An entry of an object's folder; they come in the order of their names, which is that of revisions. */
static int scan_entry(void *context, const char *name)
{
	struct scanner *s = context;
	uint64_t revision = revision_of(name);

	if (revision)
		return scan_revision(s, revision);
	/* A put that was cut off: it was not acknowledged. */
	if (strcmp(name, DISK_TEMPORARY) == 0 && unlinkat(s->folder, name, 0) == 0)
		return 0;
	aside_put(s->store, s->folder, s->name, name, "its name is no revision", true);
	return 0;
}

/* An entry of policies/. */
static int scan_object(void *context, const char *name)
{
	struct scanner *s = context;
	RF_AUTO_CLOSE int folder = -1;
	int err;

	if (!rf_store_name_ok(name)) {
		aside_put(s->store, s->store->policies, NULL, name, "its name is no object's", true);
		return 0;
	}
	folder = disk_folder(s->store->policies, name, false);
	if (folder == -ENOTDIR || folder == -ELOOP) {
		aside_put(s->store, s->store->policies, NULL, name, "it is no folder", true);
		return 0;
	}
	if (folder < 0)
		return folder;
	s->folder = folder;
	s->name = name;
	err = disk_names(folder, scan_entry, s);
	/* What is told from here on must stay: a put may have been cut off before it wrote the folder through. */
	return err ? err : disk_sync(folder) ? -errno : 0;
}

/* The revision in the name of a file that was set aside, which ends with a time, and maybe a number. */
static int scan_aside(void *context, const char *name)
{
	char digits[REVISION_DIGITS + 1] = "";
	uint64_t revision = 0;

	for (; *name; name += strcspn(name, "."), name += *name == '.') {
		if (strcspn(name, ".") == REVISION_DIGITS) {
			memcpy(digits, name, REVISION_DIGITS);
			revision = revision_of(digits) ? revision_of(digits) : revision;
		}
	}
	return add_suspect(context, revision);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int scan(struct rf_store *store)
{
	struct scanner s = {.store = store};
	uint64_t whole;
	int err = disk_names(store->policies, scan_object, &s);

	if (!err && store->aside >= 0)
		err = disk_names(store->aside, scan_aside, &s);
	if (!err && (disk_sync(store->policies) || disk_sync(store->root)))
		err = -errno;
	whole = store->revision;
	if (s.suspects)
		qsort(s.suspect, s.suspects, sizeof(*s.suspect), by_number);
	for (size_t i = 0; i < s.suspects; i++)
		if (s.suspect[i] > store->revision && s.suspect[i] - whole <= GAP_MAX)
			store->revision = s.suspect[i];
	free(s.suspect);
	store->given = store->changes.floor = store->revision;
	return err;
}
