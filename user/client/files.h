/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Policy files for one apply: several become one text, and a line of that text is known to be which line of which. */
#ifndef RINGFENCE_CLIENT_FILES_H
#define RINGFENCE_CLIENT_FILES_H

#include <stddef.h>

#include <jansson.h>

#include "events/text.h"

/* Starts zeroed. */
struct rf_files {
	struct rf_line text;
	struct rf_file {
		char *name;
		unsigned first; /* line of the text that is its first, from 1 */
	} * file;
	size_t count;
	unsigned lines; /* of the text so far */
};

/* Adds a file, all *.yaml and *.yml of a folder in order of their names, or standard input ("-"). Returns 0 or -errno:
 * -ENODATA where a folder has none. What could not be read is in `bad`, to be freed (NULL: `path`). */
int rf_files_add(struct rf_files *files, const char *path, char **bad);
/* Gives findings of the agent (error.details) the files and lines that they are of. */
void rf_files_place(const struct rf_files *files, json_t *details);
void rf_files_free(struct rf_files *files);

#endif
