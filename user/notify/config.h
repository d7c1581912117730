/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is told of denials, and how: what stands in /etc/ringfence/notify.d. ringfence-notify(5) describes it. */
#ifndef RINGFENCE_NOTIFY_CONFIG_H
#define RINGFENCE_NOTIFY_CONFIG_H

#include "filter/filter.h"
#include "policy/policy.h"

#define RF_NOTIFY_FOLDER   "/etc/ringfence/notify.d"
#define RF_NOTIFIERS_MAX   32u		/* bits of a word in batch.h */
#define RF_NOTIFY_FILE_MAX (256u << 10) /* bytes */

enum rf_notify_kind { RF_NOTIFY_NONE, RF_NOTIFY_WEBHOOK, RF_NOTIFY_DESKTOP, RF_NOTIFY_COMMAND };

struct rf_notifier {
	char *name, *file; /* `where` points at `file` */
	struct rf_where where;
	struct rf_filter *filter; /* NULL: all denials */
	uint64_t every;		  /* µs between two that tell of one sandbox */
	enum rf_notify_kind kind;
	char *url;
	struct rf_text *header; /* "Name: value" */
	size_t headers;
	char *user;	      /* whose desktop, or who runs the command; NULL: nobody */
	struct rf_text *word; /* the command */
	size_t words;
};

struct rf_notifiers {
	struct rf_notifier *notifier;
	size_t count;
};

/* Adds what a text says. All that is wrong goes to `diags`. 0, -EINVAL (nothing of it counts), -ENOMEM. */
int rf_notifiers_parse(struct rf_notifiers *notifiers, const char *file, const char *text, size_t len,
		       struct rf_diags *diags);
/*
 * Reads all NAME.yaml of a folder, by name, into an empty set. A folder that is not there is an empty one. It and the
 * files must be `owner`'s and no others' to write. 0, -EINVAL with `diags`, -ENOMEM; the set is empty where it is not
 * 0.
 */
int rf_notifiers_read(struct rf_notifiers *notifiers, const char *folder, uid_t owner, struct rf_diags *diags);
/* A number that is another one when the folder's files are others. */
uint64_t rf_notifiers_stamp(const char *folder);
/* Index of a name; -1: none. */
int rf_notifiers_find(const struct rf_notifiers *notifiers, const char *name);
void rf_notifiers_free(struct rf_notifiers *notifiers);

#endif
