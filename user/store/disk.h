/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files and folders that outlive a power cut. For the store and the log. All names are relative to a folder's fd. */
#ifndef RINGFENCE_STORE_DISK_H
#define RINGFENCE_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What a file is called until it is whole. No revision and no object can have that name. */
#define DISK_TEMPORARY ".new"

/* What writes through to the disk: fsync(2), and a test's own, to see what is written through and when. */
extern int (*disk_sync)(int fd);

/* Opens a folder, no link to one; makes it (0700) where `make` says so and there is none. The fd, or -errno. */
int disk_folder(int parent, const char *name, bool make);
/* Whether a folder is this user's alone. 0, -EPERM or another -errno. */
int disk_is_ours(int folder);

/* Writes a file whole or not at all, and so that it stays: a file of that name is replaced. */
int disk_write(int folder, const char *name, const char *data, size_t size);

/* Reads a regular file: -EBADMSG for anything else, or one of more than `max` bytes, with a sentence in `why`. Never
 * waits for a FIFO or a device. *data is the caller's to free. */
int disk_read(int folder, const char *name, size_t max, char **data, size_t *size, const char **why);

/* Calls `each` with the names in a folder, without "." and "..", in order of their bytes. Not 0 of `each` ends it. */
int disk_names(int folder, int (*each)(void *context, const char *name), void *context);

#endif
