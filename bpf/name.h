/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last component of an object's name, where that alone tells what it is. */
#ifndef RINGFENCE_NAME_H
#define RINGFENCE_NAME_H

#include "kernel.h"

/* The longest that is compared, with its NUL; what is longer is cut off. */
#define NAME_BYTES 24

/* Returns the whole length. */
static __always_inline u32 read_name(struct dentry *dentry, char *name)
{
	u32 len = BPF_CORE_READ(dentry, d_name.len);

	bpf_probe_read_kernel_str(name, NAME_BYTES, BPF_CORE_READ(dentry, d_name.name));
	return len;
}

static __always_inline bool begins(const char *name, const char *with, u32 len)
{
	for (u32 i = 0; i < len; i++)
		if (name[i] != with[i])
			return false;
	return true;
}
#define BEGINS(name, with) begins(name, with, sizeof(with) - 1)

#endif
