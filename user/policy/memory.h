/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory that frees itself at the end of its scope, and arrays that grow one by one. */
#ifndef RINGFENCE_POLICY_MEMORY_H
#define RINGFENCE_POLICY_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

static inline void rf_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}
#define RF_AUTO_FREE __attribute__((cleanup(rf_free_pointer)))

/* Makes room for element `count` of an array that was grown by this function alone, and zeroes it. Returns the array,
 * or NULL with the old one left as it was. */
void *rf_grow(void *array, size_t count, size_t size);

#endif
