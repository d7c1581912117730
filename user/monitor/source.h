/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where records come from: a file, standard input, or the agent, whom children of ours ask so that keys need not wait.
 */
#ifndef RINGFENCE_MONITOR_SOURCE_H
#define RINGFENCE_MONITOR_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RF_SOURCE_FDS 2

struct rf_source;

/* Told of each whole line; lent. */
struct rf_source_taker {
	void (*record)(void *context, const char *text, size_t len);
	/* From the agent alone: {"state": "connected"|"reconnecting"|"ended", "message"} and {"policies": [{"name",
	 * "mode", "enforced"}], "made", "told", "merged", "lost"}. Or NULL. */
	void (*agent)(void *context, const json_t *news);
	void *context;
};

/* A file, or standard input ("-"). NULL with errno set. */
struct rf_source *rf_source_file(const char *path);
/* The agent: what it remembers, then (where `watch` is set) what happens, across its end and return. NULL with errno
 * set. */
struct rf_source *rf_source_agent(bool watch);
/* Ends the children too. */
void rf_source_close(struct rf_source *source);

/* Descriptors that become readable when there is more; -1: none. */
void rf_source_fds(const struct rf_source *source, int fd[RF_SOURCE_FDS]);
/* Reads at most some 64 KiB, without waiting where nothing is there. 1: there was something; 0: nothing now; -ENODATA:
 * that was all; other -errno. */
int rf_source_read(struct rf_source *source, const struct rf_source_taker *taker);

#endif
