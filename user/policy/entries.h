/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What in a folder a component with wildcards means now. */
#ifndef RINGFENCE_POLICY_ENTRIES_H
#define RINGFENCE_POLICY_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Folders that were read, so that many patterns read each once. Of a folder are kept its folders and those links that
 * may lead a rule: a link of another user in a folder that everybody may write is none, or anybody could lead a rule
 * with it. Begins as zeroes.
 */
#define RF_FOLDERS_SEEN 64
struct rf_folders {
	struct rf_folder {
		char *path;
		struct rf_entry {
			char *name;
			bool is_link;
		} * entry; /* sorted */
		size_t count;
		size_t seen; /* entries that were looked at */
	} place[RF_FOLDERS_SEEN];
};
void rf_folders_forget(struct rf_folders *folders);

struct rf_entries {
	char **name; /* sorted */
	size_t count;
	size_t seen; /* entries of the folder */
};

/*
 * The symbolic links of a folder ("" is the root) that a component matches, and with `with_folders` the folders too. A
 * folder that can't be read has none. Returns 0 or -ENOMEM.
 */
int rf_entries_find(struct rf_folders *folders, const char *dir, const char *component, bool with_folders,
		    struct rf_entries *out);
void rf_entries_free(struct rf_entries *entries);

#endif
