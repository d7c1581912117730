/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What world.c found or made. */
#ifndef RINGFENCE_TESTS_ESCAPE_WORLD_H
#define RINGFENCE_TESTS_ESCAPE_WORLD_H

#include <stdbool.h>

#define PORT_ALLOWED 7001

extern struct found {
	int listener[6];      /* tcp, udp, udplite, sctp; allowed: tcp, udp. -1: the kernel has none */
	int unix_listener[4]; /* secret/sock, secret/dgram, @bad-stream, @bad-dgram */
	bool vfat, fold;      /* /tmp/a/vfat and /tmp/a/fold are there */
	bool ext4;	      /* and /tmp/a/ext4, which can grow, with ro/f */
	int ext4_file;	      /* that file, for reading */
	char disk[32];	      /* a block device that begins with the secret word; "": none */
} found;

#endif
