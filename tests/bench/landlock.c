// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/landlock.h"

/* The headers here may be older than the kernel in the guest. */
struct ruleset {
	uint64_t fs, net;
};
struct port_rule {
	uint64_t access, port;
};
#define CONNECT_TCP   2u
#define RULE_NET_PORT 2

static uint64_t handled_fs(int abi)
{
	/* 13 rights at first; then rename across folders (2), truncate (3), ioctl of devices (5). */
	int bits = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5);
	return (1ull << bits) - 1;
}

static int add_folders(int ruleset, uint64_t access, char **dir, size_t dirs)
{
	for (size_t i = 0; i < dirs; i++) {
		struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = open(dir[i], O_PATH)};
		if (rule.parent_fd < 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
			return -1;
		close(rule.parent_fd);
	}
	return 0;
}

int landlock_fence(char **dir, size_t dirs, uint16_t port)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all = {.fs = handled_fs(abi), .net = abi >= 4 ? CONNECT_TCP : 0};
	struct port_rule one = {.access = CONNECT_TCP, .port = port};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, abi >= 4 ? sizeof(all) : sizeof(all.fs), 0);

	if (ruleset < 0 || add_folders(ruleset, all.fs, dir, dirs))
		return -1;
	if (abi >= 4 && syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &one, 0))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0))
		return -1;
	return close(ruleset);
}
