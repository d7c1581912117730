/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A revision as the bytes of a file. Private to the store. */
#ifndef RINGFENCE_STORE_RECORD_H
#define RINGFENCE_STORE_RECORD_H

#include "store/store.h"

/* No file of a revision is longer: each byte of program and file may be written as four. */
#define RECORD_FILE_MAX (RF_STORE_TEXT_MAX + 8 * RF_STORE_PROGRAM_MAX + 1024u)

/* The bytes of a record; the caller's to free. Returns 0 or -ENOMEM. */
int record_encode(const struct rf_record *record, char **data, size_t *size);
/* The record of bytes. -EBADMSG: they are not whole, with a sentence in `why`; -ENOMEM. On error `out` is empty. */
int record_decode(const char *data, size_t size, struct rf_record *out, const char **why);
/* Copies a text, with a NUL behind it; NULL: no memory. */
char *record_copy(const char *text, size_t length);

#endif
