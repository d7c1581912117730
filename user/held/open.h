/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process has open, mapped, connected and bound, as the kernel tells it in /proc and by sock_diag(7). Nothing
 * of the process itself is touched: no descriptor is copied and no file looked at, since either can hang on a file
 * system that is served by whoever is looked at.
 */
#ifndef RINGFENCE_HELD_OPEN_H
#define RINGFENCE_HELD_OPEN_H

#include <stdint.h>
#include <sys/types.h>

#include "policy/policy.h"

enum rf_open_what { RF_OPEN_FILE, RF_OPEN_MAPPED, RF_OPEN_CONNECTED, RF_OPEN_BOUND };

/* One object, in the form in which rules are asked for it. */
struct rf_open {
	enum rf_open_what what;
	enum rf_section section;
	unsigned access;   /* enum rf_access bits that it stands for */
	const char *path;  /* files, unix: in the process's mount namespace; "@NAME", "memfd:NAME" */
	bool deleted;	   /* nothing is called so any more */
	unsigned protocol; /* network: an enum rf_protocol bit */
	uint8_t addr[16];
	uint16_t port;
};
/* "open", "mapped", "connected", "bound". */
const char *rf_open_word(enum rf_open_what what);

/* Told of each object; what it points at lasts until it returns. Not 0 ends the reading. */
typedef int rf_open_found(void *context, const struct rf_open *open);

/* Reads one process after the other; keeps what is the same for many. */
struct rf_open_reader;
/* `until`: when to give up, in ns of CLOCK_MONOTONIC. NULL: no memory. */
struct rf_open_reader *rf_open_reader_new(int64_t until);
void rf_open_reader_free(struct rf_open_reader *reader);
/* Returns 0, also where the process ended meanwhile; -ETIME: not all was read in time; -EACCES or -EPERM: it may not
 * be read; what `found` returned; -errno. */
int rf_open_read(struct rf_open_reader *reader, pid_t pid, rf_open_found *found, void *context);
/* Whether sockets were met whose unix peers could not be asked for: this kernel has no sock_diag of theirs. */
bool rf_open_misses_unix(const struct rf_open_reader *reader);
/* Whether the time is over. */
bool rf_open_late(const struct rf_open_reader *reader);

#endif
