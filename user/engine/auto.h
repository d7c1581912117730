/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Variables that clean up after themselves at the end of their block. */
#ifndef RINGFENCE_ENGINE_AUTO_H
#define RINGFENCE_ENGINE_AUTO_H

#include <dirent.h>
#include <unistd.h>

#include "policy/memory.h"

static inline void rf_auto_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define RF_AUTO_CLOSE __attribute__((cleanup(rf_auto_close)))

static inline void rf_auto_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
#define RF_AUTO_CLOSEDIR __attribute__((cleanup(rf_auto_closedir)))

/* Gives a value to the caller: the variable no longer cleans it up. */
static inline int rf_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
