// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "events/common.h"
#include "events/fold.h"

#define ROOM 64 /* objects of a group at first */

struct fold {
	struct rf_line key, by; /* what its denials are alike in; of that, who refused them */
	uint64_t first, last;	/* hash of the object that was told at once; when the latest denial came */
	/* What is not told yet; count 0: nothing. */
	uint64_t count, since;
	bool again;		 /* nothing but repeats of what was told */
	struct rf_denial denial; /* one of them, with names of our own */
	char *names;
	struct rf_common common;
	uint64_t *seen; /* hashes of the objects, 0: free */
	size_t room;	/* a power of two */
};

struct rf_folds {
	rf_fold_show *show;
	void *context;
	struct rf_line key, by; /* of the denial at hand */
	struct fold fold[RF_FOLD_GROUPS];
	size_t count;
};

struct rf_folds *rf_folds_new(rf_fold_show *show, void *context)
{
	struct rf_folds *folds = calloc(1, sizeof(*folds));

	if (!folds)
		return NULL;
	folds->show = show;
	folds->context = context;
	return folds;
}

/* Forgets what was told, and keeps the group. */
static void empty(struct fold *fold)
{
	free(fold->names);
	free(fold->seen);
	fold->names = NULL;
	fold->seen = NULL;
	fold->room = 0;
	fold->count = 0;
}

static void fold_free(struct fold *fold)
{
	empty(fold);
	rf_line_free(&fold->key);
	rf_line_free(&fold->by);
}

void rf_folds_free(struct rf_folds *folds)
{
	if (!folds)
		return;
	for (size_t i = 0; i < folds->count; i++)
		fold_free(&folds->fold[i]);
	rf_line_free(&folds->key);
	rf_line_free(&folds->by);
	free(folds);
}

/* ---------------------------------------------------------------------- objects */

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ byte[i]) * 0x100000001b3u;
	return h;
}

static uint64_t hash_object(const struct rf_denial *denial)
{
	uint64_t h = 0xcbf29ce484222325u;

	if (denial->head.object == RF_OBJECT_NET) {
		h = hash(h, denial->head.address.addr, sizeof(denial->head.address.addr));
		h = hash(h, &denial->head.address.port, sizeof(denial->head.address.port));
	} else {
		h = hash(h, &denial->head.target, denial->head.object == RF_OBJECT_TASK ? sizeof(__u32) : 0);
		h = hash(h, denial->object, denial->object_len);
		h = hash(h, "", 1);
		h = hash(h, denial->second, denial->second ? denial->second_len : 0);
	}
	return h ? h : 1;
}

static size_t place(const uint64_t *seen, size_t room, uint64_t h)
{
	size_t at = (size_t)(h >> 20) & (room - 1);

	while (seen[at] && seen[at] != h)
		at = (at + 1) & (room - 1);
	return at;
}

static bool grow(struct fold *fold)
{
	size_t room = fold->room ? 2 * fold->room : ROOM;
	uint64_t *seen = calloc(room, sizeof(*seen));

	if (!seen)
		return false;
	for (size_t i = 0; i < fold->room; i++)
		if (fold->seen[i])
			seen[place(seen, room, fold->seen[i])] = fold->seen[i];
	free(fold->seen);
	fold->seen = seen;
	fold->room = room;
	return true;
}

/* False: no memory to know the object again. */
static bool count_object(struct fold *fold, uint64_t h)
{
	size_t at;

	if (2 * fold->common.objects >= fold->room && !grow(fold))
		return false;
	at = place(fold->seen, fold->room, h);
	if (fold->seen[at] != h)
		fold->common.objects++;
	fold->seen[at] = h;
	return true;
}

/* ----------------------------------------------------------------------- groups */

/* What a denial is called by in folds->key and folds->by; false: it is folded with none. */
static bool name_group(struct rf_folds *folds, const struct rf_report *report)
{
	const struct rf_denial *denial = report->denial;
	struct rf_line *key = &folds->key;

	rf_line_reset(key);
	rf_line_reset(&folds->by);
	if (!rf_common_kind(key, denial))
		return false;
	rf_line_format(key, "%c%u %u %u %u ", 0, denial->head.object, denial->head.verdict, denial->head.access,
		       denial->head.access ? 0 : denial->head.hook);
	rf_line_bytes(key, denial->comm, denial->comm_len);
	rf_line_bytes(key, "", 1);
	rf_print_by(&folds->by, report);
	rf_line_bytes(key, folds->by.text, folds->by.len);
	return !key->failed && !folds->by.failed;
}

static void tell(struct rf_folds *folds, struct fold *fold)
{
	const struct rf_report report = {
		.denial = &fold->denial,
		.by = &fold->by,
		.common = &fold->common,
		.count = fold->count,
		.again = fold->again,
	};

	if (fold->count)
		folds->show(folds->context, &report);
	empty(fold);
}

static void end(struct rf_folds *folds, struct fold *fold)
{
	tell(folds, fold);
	fold_free(fold);
	*fold = folds->fold[--folds->count];
}

static struct fold *find(struct rf_folds *folds)
{
	for (size_t i = 0; i < folds->count; i++) {
		struct fold *fold = &folds->fold[i];

		if (fold->key.len == folds->key.len && memcmp(fold->key.text, folds->key.text, fold->key.len) == 0)
			return fold;
	}
	return NULL;
}

static void begin(struct rf_folds *folds, uint64_t object, uint64_t now)
{
	struct fold *fold = folds->fold;

	if (folds->count == RF_FOLD_GROUPS) {
		for (size_t i = 1; i < folds->count; i++)
			if (folds->fold[i].last < fold->last)
				fold = &folds->fold[i];
		end(folds, fold);
	}
	folds->fold[folds->count++] = (struct fold){.key = folds->key, .by = folds->by, .first = object, .last = now};
	folds->key = folds->by = (struct rf_line){0};
}

/* Begins a line with this denial. */
static bool keep(struct fold *fold, const struct rf_denial *denial, uint64_t now)
{
	size_t second = denial->second ? denial->second_len : 0, object = denial->object ? denial->object_len : 0;

	fold->names = malloc(object + second + 1);
	if (!fold->names)
		return false;
	fold->since = now;
	fold->again = true;
	fold->common = (struct rf_common){0};
	fold->denial = *denial;
	fold->denial.exe = NULL;
	if (denial->object)
		fold->denial.object = memcpy(fold->names, denial->object, object);
	if (denial->second)
		fold->denial.second = memcpy(fold->names + object, denial->second, second);
	return true;
}

bool rf_folds_take(struct rf_folds *folds, const struct rf_report *report, uint64_t now)
{
	struct fold *fold;
	uint64_t object;

	rf_folds_look(folds, now, false);
	if (!name_group(folds, report))
		return false;
	object = hash_object(report->denial);
	fold = find(folds);
	if (!fold) {
		begin(folds, object, now);
		return false;
	}
	fold->last = now;
	if (!fold->count && !keep(fold, report->denial, now))
		return false;
	if (!count_object(fold, object)) {
		if (!fold->count)
			empty(fold);
		return false;
	}
	rf_common_add(&fold->common, &fold->denial, report->denial);
	fold->count += report->count;
	fold->again = fold->again && (report->again || object == fold->first);
	if (fold->common.objects == RF_FOLD_OBJECTS)
		tell(folds, fold);
	return true;
}

bool rf_folds_look(struct rf_folds *folds, uint64_t now, bool all)
{
	bool waits = false;

	for (size_t i = folds->count; i--;) {
		struct fold *fold = &folds->fold[i];

		if (all || now - fold->last >= RF_FOLD_PAUSE)
			end(folds, fold);
		else if (fold->count && now - fold->since >= RF_FOLD_LONGEST)
			tell(folds, fold);
		else
			waits = waits || fold->count;
	}
	return waits;
}
