/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last changes of a store, for those who watch it. Private to the store. */
#ifndef RINGFENCE_STORE_CHANGES_H
#define RINGFENCE_STORE_CHANGES_H

#include "store/store.h"

struct changes {
	struct rf_change ring[RF_STORE_CHANGES];
	uint64_t count; /* all there were; the newest is at (count - 1) % RF_STORE_CHANGES */
	uint64_t floor; /* a revision after which all changes are known */
};

/* Of `name`, a name that an object may have. */
void changes_add(struct changes *changes, const char *name, const struct rf_record *record, bool was_there);
/* rf_store_watch_from. `newest`: the store's revision. */
int changes_from(const struct changes *changes, uint64_t newest, uint64_t revision, rf_store_changed *changed,
		 void *context);

#endif
