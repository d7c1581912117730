/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* io_uring by its system calls. */
#ifndef RINGFENCE_TESTS_ESCAPE_URING_H
#define RINGFENCE_TESTS_ESCAPE_URING_H

#include <linux/io_uring.h>
#include <stddef.h>

struct uring {
	int fd;
	unsigned setup;
	struct io_uring_params params;
	char *rings; /* both, in one mapping */
	struct io_uring_sqe *entries;
};

/* 0, or errno. */
int uring_open(struct uring *ring, unsigned setup);
/* The same beside another ring, whose workers and polling thread it takes; other: its descriptor. */
int uring_attach(struct uring *ring, unsigned setup, int other);
/* Submits one entry. 0, or -1 with errno. */
int uring_put(struct uring *ring, const struct io_uring_sqe *entry);
/* Waits for the next result: that, or -1 with errno. */
int uring_wait(struct uring *ring);
/* Submits one entry and waits for its result: that, or -1 with errno. */
int uring_submit(struct uring *ring, const struct io_uring_sqe *entry);
/* The same by a ring of its own. */
int uring_do(unsigned setup, const struct io_uring_sqe *entry);

#endif
