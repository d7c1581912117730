/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page's files, as they stand beside this one. */
#ifndef RINGFENCE_WEB_FILES_H
#define RINGFENCE_WEB_FILES_H

#include <stddef.h>

struct rf_web_file {
	const char *path, *type;
	const char *begin, *end;
};
/* NULL where there is none. */
const struct rf_web_file *rf_web_file(const char *path);

#endif
