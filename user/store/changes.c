// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "store/changes.h"

void changes_add(struct changes *changes, const char *name, const struct rf_record *record, bool was_there)
{
	struct rf_change *slot = &changes->ring[changes->count % RF_STORE_CHANGES];

	/* What falls out of the ring can be told no more. */
	if (changes->count >= RF_STORE_CHANGES)
		changes->floor = slot->revision;
	changes->count++;
	*slot = (struct rf_change){
		.revision = record->revision,
		.version = record->version,
		.kind = record->deleted ? RF_CHANGE_DELETED
			: was_there	? RF_CHANGE_MODIFIED
					: RF_CHANGE_ADDED,
	};
	memcpy(slot->name, name, strnlen(name, RF_STORE_NAME_MAX));
}

int changes_from(const struct changes *changes, uint64_t newest, uint64_t revision, rf_store_changed *changed,
		 void *context)
{
	uint64_t first = changes->count > RF_STORE_CHANGES ? changes->count - RF_STORE_CHANGES : 0;

	if (revision < changes->floor || revision > newest)
		return -ESTALE;
	for (uint64_t i = first; i < changes->count; i++) {
		const struct rf_change *change = &changes->ring[i % RF_STORE_CHANGES];
		int err = change->revision > revision ? changed(context, change) : 0;

		if (err)
			return err;
	}
	return 0;
}
