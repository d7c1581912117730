// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks that come with an open file: open, run, map. */
#include "file.h"

static __always_inline u32 open_access(struct file *file)
{
	u32 mode = file->f_mode, access = 0;

	/* Asked again by the hooks that run and map; here so that not even a header is read of what may not be run. */
	if (file->f_flags & FMODE_EXEC_FLAG)
		return RF_EXEC;
	if (mode & FMODE_READ)
		access |= RF_READ;
	if (mode & FMODE_WRITE)
		access |= RF_WRITE;
	/* open(2) with the access mode 3 asks for neither, and gives a descriptor for ioctls only. */
	return access ? access : RF_READ | RF_WRITE;
}

SEC("lsm/file_open")
int BPF_PROG(file_open, struct file *file)
{
	struct rf_tag *tag = current_tag();

	if (likely(!tag))
		return 0;
	return judge_file(tag, file, open_access(file), RF_HOOK_file_open);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(bprm_check_security, struct linux_binprm *bprm)
{
	struct rf_tag *tag = current_tag();

	if (likely(!tag))
		return 0;
	return judge_file(tag, bprm->file, RF_EXEC, RF_HOOK_bprm_check_security);
}

SEC("lsm/mmap_file")
int BPF_PROG(mmap_file, struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags)
{
	struct rf_tag *tag;

	if (!file || !((reqprot | prot) & PROT_EXEC))
		return 0;
	tag = current_tag();
	if (likely(!tag))
		return 0;
	return judge_file(tag, file, RF_EXEC, RF_HOOK_mmap_file);
}
