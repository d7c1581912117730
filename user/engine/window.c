// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory-mapped parts of the engine's arrays. */
#include <errno.h>
#include <sys/mman.h>

#include "engine/internal.h"

size_t rf_element_size(enum rf_map map)
{
	switch (map) {
	case RF_MAP_engine:
		return sizeof(struct rf_engine);
	case RF_MAP_hints:
		return sizeof(struct rf_hint);
	case RF_MAP_sandboxes:
		return sizeof(struct rf_sandbox);
	case RF_MAP_chains:
		return sizeof(struct rf_chain);
	default:
		return 0;
	}
}

int rf_window_open(struct rf_kernel *kernel, enum rf_map map, uint32_t first, uint32_t count, struct rf_window *window)
{
	/* Elements of an array lie at multiples of their size, rounded up to 8. */
	size_t size = rf_element_size(map), page = (size_t)sysconf(_SC_PAGESIZE);
	size_t begin = first * size, end = begin + count * size, from = begin / page * page;
	int fd = rf_engine_map(kernel, map);

	*window = (struct rf_window){.base = NULL};
	if (fd < 0)
		return fd;
	window->len = (end - from + page - 1) / page * page;
	window->base = mmap(NULL, window->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)from);
	if (window->base == MAP_FAILED) {
		window->base = NULL;
		return -errno;
	}
	window->at = (char *)window->base + (begin - from);
	return 0;
}

void rf_window_close(struct rf_window *window)
{
	if (window->base)
		munmap(window->base, window->len);
	window->base = NULL;
}
