// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* usage: switch on|off: whether the loaded engine keeps folders' states. */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "ringfence/abi.h"

int main(int argc, char **argv)
{
	int fd = bpf_obj_get("/sys/fs/bpf/ringfence/maps/engine");
	struct rf_engine *engine;

	if (argc != 2 || fd < 0) {
		perror("switch");
		return 1;
	}
	engine = mmap(NULL, sizeof(*engine), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (engine == MAP_FAILED) {
		perror("switch: mmap");
		return 1;
	}
	engine->no_cache = !strcmp(argv[1], "off");
	return 0;
}
