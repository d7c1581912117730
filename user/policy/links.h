/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which symbolic links a path passes through, and where they lead. */
#ifndef RINGFENCE_POLICY_LINKS_H
#define RINGFENCE_POLICY_LINKS_H

#include <stddef.h>
#include <stdint.h>

/* An absolute path resolved as far as it exists. */
struct rf_links {
	char *path;   /* what the first `len` bytes of the path lead to; "" is the root */
	size_t len;   /* 0, or up to the end of a component */
	char **link;  /* the links on the way, each under its own resolved path */
	size_t links; /* 0: nothing was followed */
};

/* Paths that were asked about and are no links, so that what many paths begin with is asked about once. Begins as
 * zeroes. */
#define RF_LINKS_SEEN 512
struct rf_links_seen {
	struct rf_links_place {
		char *path;
		int error; /* of readlink(2), negative */
	} place[RF_LINKS_SEEN];
};
void rf_links_forget(struct rf_links_seen *seen);
/* Spreads paths over the places of a table. */
uint32_t rf_path_hash(const char *path, size_t len);

/*
 * Resolves a path (absolute, without "//", "." and ".."). It stops before what does not exist, can't be read, dangles
 * or loops. The links of /proc's tasks are not followed: they lead elsewhere for each who asks. Returns 0 or -ENOMEM.
 */
int rf_links_follow(const char *path, struct rf_links *out);
/* The same for many paths at once. */
int rf_links_follow_seen(const char *path, struct rf_links_seen *seen, struct rf_links *out);
void rf_links_free(struct rf_links *links);

#endif
