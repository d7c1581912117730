/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ioctls of the kernel's file systems (fs/, as Debian builds 6.1, 6.12 and 7.2) and of its terminals, and what each
 * means for a fence. The one place: the switch of bpf/ioctls.bpf.c and docs/powers.md follow from it.
 *
 * A number is told by its direction, type and own number, without the size of its argument: calls of 32-bit processes
 * differ from the others in that alone. An ioctl is not what this table says where a file system has the number, with
 * another size, for something else; none of those kernels has.
 */
#ifndef RINGFENCE_IOCTLS_H
#define RINGFENCE_IOCTLS_H

/* include/uapi/asm-generic/ioctl.h: a direction as the caller sees it. */
#define RF_IOC_N			    0u
#define RF_IOC_W			    1u
#define RF_IOC_R			    2u
#define RF_IOC_RW			    3u
#define RF_IOC_KEY(direction, type, number) (RF_IOC_##direction << 30 | (type) << 8 | (number))
#define RF_IOC_KEY_MASK			    0xc000ffffu
#define RF_IOC_TYPE(command)		    ((command) >> 8 & 0xffu)

/* What an ioctl is: X(KIND, "what it means"). */
#define RF_IOCTL_KINDS(X)                                                                                       \
	X(READS, "tells what the descriptor was judged for, or facts")                                          \
	X(OPENED, "changes by a descriptor that the kernel wants open for writing, which was judged")           \
	X(CHANGES, "changes by any descriptor: write is asked of its path")                                     \
	X(GUARD, "reaches what lies beneath the file system, beside the path or outside: the guard refuses it") \
	X(TERMINAL,                                                                                             \
	  "acts on who uses a terminal: the guard refuses it where the terminal's session began outside of the fence")

/* Types of numbers that belong to file systems: what is not in the table is refused on files and folders (guard
 * devices). X(type, "whose"). */
#define RF_IOCTL_TYPES(X)                  \
	X('f', "ext4, all file systems")   \
	X('v', "all file systems")         \
	X('X', "xfs, all file systems")    \
	X('r', "fat, exfat")               \
	X('n', "nilfs2")                   \
	X('o', "ocfs2")                    \
	X('h', "hfsplus")                  \
	X('l', "udf")                      \
	X(0x15, "all file systems")        \
	X(0x93, "autofs")                  \
	X(0x94, "btrfs, all file systems") \
	X(0x97, "ceph")                    \
	X(0xbc, "bcachefs")                \
	X(0xcd, "reiserfs")                \
	X(0xcf, "cifs")                    \
	X(0xf5, "f2fs")

/* clang-format off */
/* X(direction, type, number, "name", KIND, GUARD, "file and function of the kernel, and what is to be said"). */
#define RF_IOCTLS_COMMON(X) \
	X(N, 0, 1, "FIBMAP", READS, NONE, "fs/ioctl.c, ioctl_fibmap: wants SYS_RAWIO") \
	X(N, 0, 2, "FIGETBSZ", READS, NONE, "fs/ioctl.c, do_vfs_ioctl") \
	X(R, 'f', 1, "FS_IOC_GETFLAGS", READS, NONE, "fs/ioctl.c, ioctl_getflags") \
	X(W, 'f', 2, "FS_IOC_SETFLAGS", CHANGES, NONE, "fs/ioctl.c, ioctl_setflags: asks for the owner") \
	X(RW, 'f', 11, "FS_IOC_FIEMAP", READS, NONE, "fs/ioctl.c, ioctl_fiemap") \
	X(R, 'X', 31, "FS_IOC_FSGETXATTR", READS, NONE, "fs/ioctl.c, ioctl_fsgetxattr") \
	X(W, 'X', 32, "FS_IOC_FSSETXATTR", CHANGES, NONE, "fs/ioctl.c, ioctl_fssetxattr: asks for the owner") \
	X(W, 'X', 40, "FS_IOC_RESVSP", OPENED, NONE, "fs/ioctl.c, ioctl_preallocate; vfs_fallocate asks for FMODE_WRITE") \
	X(W, 'X', 41, "FS_IOC_UNRESVSP", OPENED, NONE, "the same") \
	X(W, 'X', 42, "FS_IOC_RESVSP64", OPENED, NONE, "the same") \
	X(W, 'X', 43, "FS_IOC_UNRESVSP64", OPENED, NONE, "the same") \
	X(W, 'X', 57, "FS_IOC_ZERO_RANGE", OPENED, NONE, "the same") \
	X(RW, 'X', 59, "FS_IOC_GETFSMAP", READS, NONE, "fs/ext4/ioctl.c, ext4_ioc_getfsmap: extents and inode numbers, no content") \
	X(RW, 'X', 119, "FIFREEZE", GUARD, DEVICES, "fs/ioctl.c, ioctl_fsfreeze: all that write there wait") \
	X(RW, 'X', 120, "FITHAW", GUARD, DEVICES, "fs/ioctl.c, ioctl_fsthaw") \
	X(RW, 'X', 121, "FITRIM", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_ioctl_fitrim, and of each file system") \
	X(R, 'X', 125, "FS_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_force_shutdown, and of each file system") \
	X(W, 0x94, 9, "FICLONE", OPENED, NONE, "fs/remap_range.c, do_clone_file_range: the source read, the descriptor written") \
	X(W, 0x94, 13, "FICLONERANGE", OPENED, NONE, "the same") \
	X(RW, 0x94, 54, "FIDEDUPERANGE", READS, NONE, "fs/remap_range.c, vfs_dedupe_file_range_one: contents stay; tells whether they are the same, of a target open for writing or owned") \
	X(R, 0x94, 49, "FS_IOC_GETFSLABEL", READS, NONE, "of each file system") \
	X(W, 0x94, 50, "FS_IOC_SETFSLABEL", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_ioctl_setlabel, and of each file system: the superblock") \
	X(R, 'v', 1, "FS_IOC_GETVERSION", READS, NONE, "of each file system: an inode's generation") \
	X(W, 'v', 2, "FS_IOC_SETVERSION", CHANGES, NONE, "fs/ext2/ioctl.c, ext2_ioctl: asks for the owner") \
	X(R, 0x15, 0, "FS_IOC_GETFSUUID", READS, NONE, "fs/ioctl.c, ioctl_getfsuuid") \
	X(R, 0x15, 1, "FS_IOC_GETFSSYSFSPATH", READS, NONE, "fs/ioctl.c, ioctl_get_fs_sysfs_path") \
	X(RW, 0x15, 2, "FS_IOC_GETLBMD_CAP", READS, NONE, "block/blk-integrity.c, blk_get_meta_cap") \
	X(R, 'f', 19, "FS_IOC_SET_ENCRYPTION_POLICY", CHANGES, NONE, "fs/crypto/policy.c, fscrypt_ioctl_set_policy: asks for the owner") \
	X(W, 'f', 20, "FS_IOC_GET_ENCRYPTION_PWSALT", CHANGES, NONE, "fs/ext4/crypto.c, ext4_ioctl_get_encryption_pwsalt: makes one, in the superblock") \
	X(W, 'f', 21, "FS_IOC_GET_ENCRYPTION_POLICY", READS, NONE, "fs/crypto/policy.c, fscrypt_ioctl_get_policy") \
	X(RW, 'f', 22, "FS_IOC_GET_ENCRYPTION_POLICY_EX", READS, NONE, "the same") \
	X(RW, 'f', 23, "FS_IOC_ADD_ENCRYPTION_KEY", GUARD, KEYS, "fs/crypto/keyring.c, fscrypt_ioctl_add_key: for the whole file system") \
	X(RW, 'f', 24, "FS_IOC_REMOVE_ENCRYPTION_KEY", GUARD, KEYS, "fs/crypto/keyring.c, do_remove_key: locks files that the same user has open outside") \
	X(RW, 'f', 25, "FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS", GUARD, KEYS, "the same") \
	X(RW, 'f', 26, "FS_IOC_GET_ENCRYPTION_KEY_STATUS", READS, NONE, "fs/crypto/keyring.c, fscrypt_ioctl_get_key_status") \
	X(R, 'f', 27, "FS_IOC_GET_ENCRYPTION_NONCE", READS, NONE, "fs/crypto/policy.c, fscrypt_ioctl_get_nonce") \
	X(W, 'f', 133, "FS_IOC_ENABLE_VERITY", CHANGES, NONE, "fs/verity/enable.c, fsverity_ioctl_enable: wants a descriptor for reading") \
	X(RW, 'f', 134, "FS_IOC_MEASURE_VERITY", READS, NONE, "fs/verity/measure.c, fsverity_ioctl_measure") \
	X(RW, 'f', 135, "FS_IOC_READ_VERITY_METADATA", READS, NONE, "fs/verity/read_metadata.c, fsverity_ioctl_read_metadata") \
	X(RW, 'f', 16, "PAGEMAP_SCAN", READS, NONE, "fs/proc/task_mmu.c, do_pagemap_scan: opening /proc/PID/pagemap asks ptrace_access_check") \
	X(RW, 'f', 17, "PROCMAP_QUERY", READS, NONE, "fs/proc/task_mmu.c, do_procmap_query: opening /proc/PID/maps asks ptrace_access_check")

#define RF_IOCTLS_EXT4(X) \
	X(R, 'f', 3, "EXT4_IOC_GETVERSION", READS, NONE, "fs/ext4/ioctl.c, __ext4_ioctl") \
	X(W, 'f', 4, "EXT4_IOC_SETVERSION", CHANGES, NONE, "fs/ext4/ioctl.c, __ext4_ioctl: asks for the owner") \
	X(R, 'f', 5, "EXT2_IOC_GETRSVSZ", READS, NONE, "fs/ext2/ioctl.c, ext2_ioctl") \
	X(W, 'f', 6, "EXT2_IOC_SETRSVSZ", CHANGES, NONE, "fs/ext2/ioctl.c, ext2_ioctl: asks for the owner") \
	X(W, 'f', 7, "EXT4_IOC_GROUP_EXTEND", GUARD, DEVICES, "fs/ext4/resize.c, ext4_resize_begin: wants SYS_RESOURCE") \
	X(W, 'f', 8, "EXT4_IOC_GROUP_ADD", GUARD, DEVICES, "the same") \
	X(N, 'f', 9, "EXT4_IOC_MIGRATE", CHANGES, NONE, "fs/ext4/ioctl.c, __ext4_ioctl: asks for the owner") \
	X(N, 'f', 12, "EXT4_IOC_ALLOC_DA_BLKS", CHANGES, NONE, "the same") \
	X(RW, 'f', 15, "EXT4_IOC_MOVE_EXT", OPENED, NONE, "fs/ext4/ioctl.c, __ext4_ioctl: both descriptors open for writing") \
	X(W, 'f', 16, "EXT4_IOC_RESIZE_FS", GUARD, DEVICES, "fs/ext4/resize.c, ext4_resize_begin: wants SYS_RESOURCE") \
	X(N, 'f', 17, "EXT4_IOC_SWAP_BOOT", GUARD, DEVICES, "fs/ext4/ioctl.c, swap_inode_boot_loader: the content becomes that of inode 5, which has no name") \
	X(N, 'f', 18, "EXT4_IOC_PRECACHE_EXTENTS", READS, NONE, "fs/ext4/extents.c, ext4_ext_precache") \
	X(N, 'f', 40, "EXT4_IOC_CLEAR_ES_CACHE", CHANGES, NONE, "fs/ext4/ioctl.c, __ext4_ioctl: what is kept of a file's extents; asks for the owner") \
	X(W, 'f', 41, "EXT4_IOC_GETSTATE", READS, NONE, "fs/ext4/ioctl.c, __ext4_ioctl") \
	X(RW, 'f', 42, "EXT4_IOC_GET_ES_CACHE", READS, NONE, "fs/ext4/ioctl.c, ext4_ioctl_get_es_cache") \
	X(W, 'f', 43, "EXT4_IOC_CHECKPOINT", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_ioctl_checkpoint: the journal, and discards") \
	X(R, 'f', 44, "EXT4_IOC_GETFSUUID", READS, NONE, "fs/ext4/ioctl.c, ext4_ioctl_getuuid") \
	X(W, 'f', 44, "EXT4_IOC_SETFSUUID", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_ioctl_setuuid") \
	X(R, 'f', 45, "EXT4_IOC_GET_TUNE_SB_PARAM", READS, NONE, "fs/ext4/ioctl.c, ext4_ioctl_get_tune_sb") \
	X(W, 'f', 46, "EXT4_IOC_SET_TUNE_SB_PARAM", GUARD, DEVICES, "fs/ext4/ioctl.c, ext4_ioctl_set_tune_sb")

#define RF_IOCTLS_XFS(X) \
	X(R, 'X', 30, "XFS_IOC_DIOINFO", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_file_ioctl") \
	X(RW, 'X', 38, "XFS_IOC_GETBMAP", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_getbmap") \
	X(RW, 'X', 44, "XFS_IOC_GETBMAPA", READS, NONE, "the same") \
	X(R, 'X', 45, "XFS_IOC_FSGETXATTRA", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_fsgetxattra") \
	X(RW, 'X', 56, "XFS_IOC_GETBMAPX", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_getbmap") \
	X(R, 'X', 58, "XFS_IOC_FREE_EOFBLOCKS", GUARD, DEVICES, "fs/xfs/xfs_ioctl.c, xfs_file_ioctl: of all files; wants SYS_ADMIN") \
	X(RW, 'X', 60, "XFS_IOC_SCRUB_METADATA", GUARD, DEVICES, "fs/xfs/xfs_ioctl.c, xfs_file_ioctl: repairs beneath; wants SYS_ADMIN") \
	X(RW, 'X', 61, "XFS_IOC_AG_GEOMETRY", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_ag_geometry") \
	X(RW, 'X', 62, "XFS_IOC_GETPARENTS", READS, NONE, "fs/xfs/xfs_handle.c, xfs_ioc_getparents: names of the descriptor's own file") \
	X(RW, 'X', 63, "XFS_IOC_GETPARENTS_BY_HANDLE", GUARD, DEVICES, "fs/xfs/xfs_handle.c: an inode whatever its name; wants SYS_ADMIN") \
	X(RW, 'X', 64, "XFS_IOC_SCRUBV_METADATA", GUARD, DEVICES, "as XFS_IOC_SCRUB_METADATA") \
	X(RW, 'X', 65, "XFS_IOC_RTGROUP_GEOMETRY", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_rtgroup_geometry") \
	X(R, 'X', 100, "XFS_IOC_FSGEOMETRY_V1", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_fsgeometry") \
	X(RW, 'X', 101, "XFS_IOC_FSBULKSTAT", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_fsbulkstat: facts of all inodes; wants SYS_ADMIN") \
	X(RW, 'X', 102, "XFS_IOC_FSBULKSTAT_SINGLE", READS, NONE, "the same") \
	X(RW, 'X', 103, "XFS_IOC_FSINUMBERS", READS, NONE, "the same") \
	X(RW, 'X', 104, "XFS_IOC_PATH_TO_FSHANDLE", READS, NONE, "fs/xfs/xfs_handle.c, xfs_find_handle: an inode's number; handles want SYS_ADMIN to be used") \
	X(RW, 'X', 105, "XFS_IOC_PATH_TO_HANDLE", READS, NONE, "the same") \
	X(RW, 'X', 106, "XFS_IOC_FD_TO_HANDLE", READS, NONE, "the same") \
	X(RW, 'X', 107, "XFS_IOC_OPEN_BY_HANDLE", GUARD, DEVICES, "fs/xfs/xfs_handle.c, xfs_open_by_handle: an inode whatever its name") \
	X(RW, 'X', 108, "XFS_IOC_READLINK_BY_HANDLE", GUARD, DEVICES, "fs/xfs/xfs_handle.c, xfs_readlink_by_handle") \
	X(RW, 'X', 109, "XFS_IOC_SWAPEXT", OPENED, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_swapext: both descriptors open for writing") \
	X(W, 'X', 110, "XFS_IOC_FSGROWFSDATA", GUARD, DEVICES, "fs/xfs/xfs_fsops.c, xfs_growfs_data") \
	X(W, 'X', 111, "XFS_IOC_FSGROWFSLOG", GUARD, DEVICES, "fs/xfs/xfs_fsops.c, xfs_growfs_log") \
	X(W, 'X', 112, "XFS_IOC_FSGROWFSRT", GUARD, DEVICES, "fs/xfs/xfs_rtalloc.c, xfs_growfs_rt") \
	X(R, 'X', 113, "XFS_IOC_FSCOUNTS", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_fs_counts") \
	X(RW, 'X', 114, "XFS_IOC_SET_RESBLKS", GUARD, DEVICES, "fs/xfs/xfs_ioctl.c, xfs_ioctl_getset_resblocks") \
	X(R, 'X', 115, "XFS_IOC_GET_RESBLKS", READS, NONE, "the same") \
	X(W, 'X', 116, "XFS_IOC_ERROR_INJECTION", GUARD, DEVICES, "fs/xfs/xfs_error.c, xfs_errortag_add") \
	X(W, 'X', 117, "XFS_IOC_ERROR_CLEARALL", GUARD, DEVICES, "the same") \
	X(W, 'X', 122, "XFS_IOC_ATTRLIST_BY_HANDLE", GUARD, DEVICES, "fs/xfs/xfs_handle.c, xfs_attrlist_by_handle") \
	X(W, 'X', 123, "XFS_IOC_ATTRMULTI_BY_HANDLE", GUARD, DEVICES, "fs/xfs/xfs_handle.c, xfs_attrmulti_by_handle: reads and sets attributes") \
	X(R, 'X', 124, "XFS_IOC_FSGEOMETRY_V4", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_fsgeometry") \
	X(R, 'X', 126, "XFS_IOC_FSGEOMETRY", READS, NONE, "the same") \
	X(R, 'X', 127, "XFS_IOC_BULKSTAT", READS, NONE, "fs/xfs/xfs_ioctl.c, xfs_ioc_bulkstat: facts of all inodes; wants SYS_ADMIN") \
	X(R, 'X', 128, "XFS_IOC_INUMBERS", READS, NONE, "the same") \
	X(W, 'X', 129, "XFS_IOC_EXCHANGE_RANGE", OPENED, NONE, "fs/xfs/xfs_exchrange.c, xfs_exchange_range: both descriptors open for writing") \
	X(R, 'X', 130, "XFS_IOC_START_COMMIT", READS, NONE, "fs/xfs/xfs_exchrange.c, xfs_ioc_start_commit") \
	X(W, 'X', 131, "XFS_IOC_COMMIT_RANGE", OPENED, NONE, "as XFS_IOC_EXCHANGE_RANGE")

#define RF_IOCTLS_BTRFS(X) \
	X(W, 0x94, 1, "BTRFS_IOC_SNAP_CREATE", GUARD, MOUNTS, "fs/btrfs/ioctl.c, btrfs_ioctl_snap_create: all that lies beneath gets another name") \
	X(W, 0x94, 2, "BTRFS_IOC_DEFRAG", CHANGES, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_defrag: asks for the mode, not for the descriptor's") \
	X(W, 0x94, 3, "BTRFS_IOC_RESIZE", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_resize") \
	X(W, 0x94, 4, "BTRFS_IOC_SCAN_DEV", GUARD, DEVICES, "fs/btrfs/super.c, btrfs_control_ioctl") \
	X(W, 0x94, 5, "BTRFS_IOC_FORGET_DEV", GUARD, DEVICES, "the same") \
	X(N, 0x94, 6, "BTRFS_IOC_TRANS_START", READS, NONE, "no kernel from 4.18 on has it") \
	X(N, 0x94, 7, "BTRFS_IOC_TRANS_END", READS, NONE, "the same") \
	X(N, 0x94, 8, "BTRFS_IOC_SYNC", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl: writes out what was written") \
	X(W, 0x94, 10, "BTRFS_IOC_ADD_DEV", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_add_dev") \
	X(W, 0x94, 11, "BTRFS_IOC_RM_DEV", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_rm_dev") \
	X(W, 0x94, 12, "BTRFS_IOC_BALANCE", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_balance") \
	X(W, 0x94, 14, "BTRFS_IOC_SUBVOL_CREATE", GUARD, MOUNTS, "fs/btrfs/ioctl.c, btrfs_mksubvol: asks no hook of names") \
	X(W, 0x94, 15, "BTRFS_IOC_SNAP_DESTROY", GUARD, MOUNTS, "fs/btrfs/ioctl.c, btrfs_ioctl_snap_destroy") \
	X(W, 0x94, 16, "BTRFS_IOC_DEFRAG_RANGE", CHANGES, NONE, "as BTRFS_IOC_DEFRAG") \
	X(RW, 0x94, 17, "BTRFS_IOC_TREE_SEARCH", GUARD, DEVICES, "fs/btrfs/ioctl.c, search_ioctl: the trees themselves, with small files in them") \
	X(RW, 0x94, 18, "BTRFS_IOC_INO_LOOKUP", READS, NONE, "fs/btrfs/ioctl.c, btrfs_search_path_in_tree: names; others' want SYS_ADMIN") \
	X(W, 0x94, 19, "BTRFS_IOC_DEFAULT_SUBVOL", GUARD, MOUNTS, "fs/btrfs/ioctl.c, btrfs_ioctl_default_subvol: what the next mount shows") \
	X(RW, 0x94, 20, "BTRFS_IOC_SPACE_INFO", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_space_info") \
	X(W, 0x94, 22, "BTRFS_IOC_WAIT_SYNC", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_wait_sync") \
	X(W, 0x94, 23, "BTRFS_IOC_SNAP_CREATE_V2", GUARD, MOUNTS, "as BTRFS_IOC_SNAP_CREATE") \
	X(W, 0x94, 24, "BTRFS_IOC_SUBVOL_CREATE_V2", GUARD, MOUNTS, "as BTRFS_IOC_SUBVOL_CREATE") \
	X(R, 0x94, 24, "BTRFS_IOC_START_SYNC", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_start_sync") \
	X(R, 0x94, 25, "BTRFS_IOC_SUBVOL_GETFLAGS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_subvol_getflags") \
	X(W, 0x94, 26, "BTRFS_IOC_SUBVOL_SETFLAGS", GUARD, MOUNTS, "fs/btrfs/ioctl.c, btrfs_ioctl_subvol_setflags: all beneath read-only, or not") \
	X(RW, 0x94, 27, "BTRFS_IOC_SCRUB", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_scrub") \
	X(N, 0x94, 28, "BTRFS_IOC_SCRUB_CANCEL", GUARD, DEVICES, "the same") \
	X(RW, 0x94, 29, "BTRFS_IOC_SCRUB_PROGRESS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_scrub_progress") \
	X(RW, 0x94, 30, "BTRFS_IOC_DEV_INFO", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_dev_info") \
	X(R, 0x94, 31, "BTRFS_IOC_FS_INFO", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_fs_info") \
	X(RW, 0x94, 32, "BTRFS_IOC_BALANCE_V2", GUARD, DEVICES, "as BTRFS_IOC_BALANCE") \
	X(W, 0x94, 33, "BTRFS_IOC_BALANCE_CTL", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_balance_ctl") \
	X(R, 0x94, 34, "BTRFS_IOC_BALANCE_PROGRESS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_balance_progress") \
	X(RW, 0x94, 35, "BTRFS_IOC_INO_PATHS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_ino_to_path: names; wants DAC_READ_SEARCH") \
	X(RW, 0x94, 36, "BTRFS_IOC_LOGICAL_INO", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_logical_to_ino: numbers; wants SYS_ADMIN") \
	X(RW, 0x94, 37, "BTRFS_IOC_SET_RECEIVED_SUBVOL", GUARD, MOUNTS, "fs/btrfs/ioctl.c, _btrfs_ioctl_set_received_subvol: asks for the owner") \
	X(W, 0x94, 38, "BTRFS_IOC_SEND", GUARD, DEVICES, "fs/btrfs/send.c, btrfs_ioctl_send: all content of a subvolume") \
	X(R, 0x94, 39, "BTRFS_IOC_DEVICES_READY", READS, NONE, "fs/btrfs/super.c, btrfs_control_ioctl") \
	X(RW, 0x94, 40, "BTRFS_IOC_QUOTA_CTL", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_quota_ctl") \
	X(W, 0x94, 41, "BTRFS_IOC_QGROUP_ASSIGN", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_qgroup_assign") \
	X(W, 0x94, 42, "BTRFS_IOC_QGROUP_CREATE", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_qgroup_create") \
	X(R, 0x94, 43, "BTRFS_IOC_QGROUP_LIMIT", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_qgroup_limit") \
	X(W, 0x94, 44, "BTRFS_IOC_QUOTA_RESCAN", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_quota_rescan") \
	X(R, 0x94, 45, "BTRFS_IOC_QUOTA_RESCAN_STATUS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_quota_rescan_status") \
	X(N, 0x94, 46, "BTRFS_IOC_QUOTA_RESCAN_WAIT", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_quota_rescan_wait") \
	X(RW, 0x94, 52, "BTRFS_IOC_GET_DEV_STATS", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_get_dev_stats: resetting wants SYS_ADMIN") \
	X(RW, 0x94, 53, "BTRFS_IOC_DEV_REPLACE", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_dev_replace") \
	X(R, 0x94, 57, "BTRFS_IOC_GET_FEATURES", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_get_features") \
	X(W, 0x94, 57, "BTRFS_IOC_SET_FEATURES", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_set_features") \
	X(W, 0x94, 58, "BTRFS_IOC_RM_DEV_V2", GUARD, DEVICES, "fs/btrfs/ioctl.c, btrfs_ioctl_rm_dev_v2") \
	X(RW, 0x94, 59, "BTRFS_IOC_LOGICAL_INO_V2", READS, NONE, "as BTRFS_IOC_LOGICAL_INO") \
	X(R, 0x94, 60, "BTRFS_IOC_GET_SUBVOL_INFO", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_get_subvol_info") \
	X(RW, 0x94, 61, "BTRFS_IOC_GET_SUBVOL_ROOTREF", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_get_subvol_rootref") \
	X(RW, 0x94, 62, "BTRFS_IOC_INO_LOOKUP_USER", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_ino_lookup_user: names, asked for by mode") \
	X(W, 0x94, 63, "BTRFS_IOC_SNAP_DESTROY_V2", GUARD, MOUNTS, "as BTRFS_IOC_SNAP_DESTROY") \
	X(R, 0x94, 64, "BTRFS_IOC_ENCODED_READ", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_encoded_read: wants SYS_ADMIN and FMODE_READ") \
	X(W, 0x94, 64, "BTRFS_IOC_ENCODED_WRITE", OPENED, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_encoded_write: wants SYS_ADMIN and FMODE_WRITE") \
	X(W, 0x94, 65, "BTRFS_IOC_SUBVOL_SYNC_WAIT", READS, NONE, "fs/btrfs/ioctl.c, btrfs_ioctl_subvol_sync")

#define RF_IOCTLS_F2FS(X) \
	X(N, 0xf5, 1, "F2FS_IOC_START_ATOMIC_WRITE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_start_atomic_write: FMODE_WRITE") \
	X(N, 0xf5, 2, "F2FS_IOC_COMMIT_ATOMIC_WRITE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_commit_atomic_write") \
	X(N, 0xf5, 3, "F2FS_IOC_START_VOLATILE_WRITE", OPENED, NONE, "fs/f2fs/file.c: not supported from 6.0 on") \
	X(N, 0xf5, 4, "F2FS_IOC_RELEASE_VOLATILE_WRITE", OPENED, NONE, "the same") \
	X(N, 0xf5, 5, "F2FS_IOC_ABORT_ATOMIC_WRITE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_abort_atomic_write") \
	X(W, 0xf5, 6, "F2FS_IOC_GARBAGE_COLLECT", GUARD, DEVICES, "fs/f2fs/file.c, f2fs_ioc_gc") \
	X(N, 0xf5, 7, "F2FS_IOC_WRITE_CHECKPOINT", GUARD, DEVICES, "fs/f2fs/file.c, f2fs_ioc_write_checkpoint") \
	X(RW, 0xf5, 8, "F2FS_IOC_DEFRAGMENT", CHANGES, NONE, "fs/f2fs/file.c, f2fs_ioc_defragment: wants SYS_ADMIN") \
	X(RW, 0xf5, 9, "F2FS_IOC_MOVE_RANGE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_move_range: both descriptors open for writing") \
	X(W, 0xf5, 10, "F2FS_IOC_FLUSH_DEVICE", GUARD, DEVICES, "fs/f2fs/file.c, f2fs_ioc_flush_device") \
	X(W, 0xf5, 11, "F2FS_IOC_GARBAGE_COLLECT_RANGE", GUARD, DEVICES, "fs/f2fs/file.c, f2fs_ioc_gc_range") \
	X(R, 0xf5, 12, "F2FS_IOC_GET_FEATURES", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_get_features: SQLite asks it of each database") \
	X(W, 0xf5, 13, "F2FS_IOC_SET_PIN_FILE", CHANGES, NONE, "fs/f2fs/file.c, f2fs_ioc_set_pin_file: asks for no mode of the descriptor") \
	X(R, 0xf5, 14, "F2FS_IOC_GET_PIN_FILE", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_get_pin_file") \
	X(N, 0xf5, 15, "F2FS_IOC_PRECACHE_EXTENTS", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_precache_extents") \
	X(W, 0xf5, 16, "F2FS_IOC_RESIZE_FS", GUARD, DEVICES, "fs/f2fs/file.c, f2fs_ioc_resize_fs") \
	X(R, 0xf5, 17, "F2FS_IOC_GET_COMPRESS_BLOCKS", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_get_compress_blocks") \
	X(R, 0xf5, 18, "F2FS_IOC_RELEASE_COMPRESS_BLOCKS", CHANGES, NONE, "fs/f2fs/file.c, f2fs_release_compress_blocks") \
	X(R, 0xf5, 19, "F2FS_IOC_RESERVE_COMPRESS_BLOCKS", CHANGES, NONE, "fs/f2fs/file.c, f2fs_reserve_compress_blocks") \
	X(W, 0xf5, 20, "F2FS_IOC_SEC_TRIM_FILE", OPENED, NONE, "fs/f2fs/file.c, f2fs_sec_trim_file: FMODE_WRITE") \
	X(R, 0xf5, 21, "F2FS_IOC_GET_COMPRESS_OPTION", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_get_compress_option") \
	X(W, 0xf5, 22, "F2FS_IOC_SET_COMPRESS_OPTION", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_set_compress_option: FMODE_WRITE") \
	X(N, 0xf5, 23, "F2FS_IOC_DECOMPRESS_FILE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_decompress_file: FMODE_WRITE") \
	X(N, 0xf5, 24, "F2FS_IOC_COMPRESS_FILE", OPENED, NONE, "fs/f2fs/file.c, f2fs_ioc_compress_file: FMODE_WRITE") \
	X(N, 0xf5, 25, "F2FS_IOC_START_ATOMIC_REPLACE", OPENED, NONE, "as F2FS_IOC_START_ATOMIC_WRITE") \
	X(R, 0xf5, 26, "F2FS_IOC_GET_DEV_ALIAS_FILE", READS, NONE, "fs/f2fs/file.c, f2fs_ioc_get_dev_alias_file") \
	X(W, 0xf5, 27, "F2FS_IOC_IO_PRIO", CHANGES, NONE, "fs/f2fs/file.c, f2fs_ioc_io_prio: asks for no mode of the descriptor")

#define RF_IOCTLS_OTHERS(X) \
	X(R, 'r', 1, "VFAT_IOCTL_READDIR_BOTH", READS, NONE, "fs/fat/dir.c, fat_ioctl_readdir") \
	X(R, 'r', 2, "VFAT_IOCTL_READDIR_SHORT", READS, NONE, "the same") \
	X(R, 'r', 0x10, "FAT_IOCTL_GET_ATTRIBUTES", READS, NONE, "fs/fat/file.c, fat_ioctl_get_attributes; fs/exfat/file.c") \
	X(W, 'r', 0x11, "FAT_IOCTL_SET_ATTRIBUTES", CHANGES, NONE, "fs/fat/file.c, fat_ioctl_set_attributes; fs/exfat/file.c") \
	X(R, 'r', 0x13, "FAT_IOCTL_GET_VOLUME_ID", READS, NONE, "fs/fat/file.c, fat_ioctl_get_volume_id") \
	X(W, 'n', 0x80, "NILFS_IOCTL_CHANGE_CPMODE", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_change_cpmode") \
	X(W, 'n', 0x81, "NILFS_IOCTL_DELETE_CHECKPOINT", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_delete_checkpoint") \
	X(R, 'n', 0x82, "NILFS_IOCTL_GET_CPINFO", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_info") \
	X(R, 'n', 0x83, "NILFS_IOCTL_GET_CPSTAT", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_cpstat") \
	X(R, 'n', 0x84, "NILFS_IOCTL_GET_SUINFO", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_info") \
	X(R, 'n', 0x85, "NILFS_IOCTL_GET_SUSTAT", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_sustat") \
	X(RW, 'n', 0x86, "NILFS_IOCTL_GET_VINFO", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_info") \
	X(RW, 'n', 0x87, "NILFS_IOCTL_GET_BDESCS", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_get_bdescs") \
	X(W, 'n', 0x88, "NILFS_IOCTL_CLEAN_SEGMENTS", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_clean_segments") \
	X(R, 'n', 0x8a, "NILFS_IOCTL_SYNC", READS, NONE, "fs/nilfs2/ioctl.c, nilfs_ioctl_sync: writes out what was written") \
	X(W, 'n', 0x8b, "NILFS_IOCTL_RESIZE", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_resize") \
	X(W, 'n', 0x8c, "NILFS_IOCTL_SET_ALLOC_RANGE", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_set_alloc_range") \
	X(W, 'n', 0x8d, "NILFS_IOCTL_SET_SUINFO", GUARD, DEVICES, "fs/nilfs2/ioctl.c, nilfs_ioctl_set_suinfo") \
	X(W, 'o', 1, "OCFS2_IOC_GROUP_EXTEND", GUARD, DEVICES, "fs/ocfs2/ioctl.c, ocfs2_ioctl: wants SYS_RESOURCE") \
	X(W, 'o', 2, "OCFS2_IOC_GROUP_ADD", GUARD, DEVICES, "the same") \
	X(W, 'o', 3, "OCFS2_IOC_GROUP_ADD64", GUARD, DEVICES, "the same") \
	X(W, 'o', 4, "OCFS2_IOC_REFLINK", GUARD, MOUNTS, "fs/ocfs2/refcounttree.c, ocfs2_reflink_ioctl: any file's content under a new name, and asks no hook") \
	X(R, 'o', 5, "OCFS2_IOC_INFO", READS, NONE, "fs/ocfs2/ioctl.c, ocfs2_get_request_ptr") \
	X(W, 'o', 6, "OCFS2_IOC_MOVE_EXT", OPENED, NONE, "fs/ocfs2/move_extents.c, ocfs2_ioctl_move_extents: FMODE_WRITE") \
	X(N, 'h', 0x80, "HFSPLUS_IOC_BLESS", GUARD, DEVICES, "fs/hfsplus/ioctl.c, hfsplus_ioctl_bless: what the firmware boots") \
	X(R, 'l', 0x40, "UDF_GETEASIZE", READS, NONE, "fs/udf/file.c, udf_ioctl") \
	X(R, 'l', 0x41, "UDF_GETEABLOCK", READS, NONE, "the same") \
	X(R, 'l', 0x42, "UDF_GETVOLIDENT", READS, NONE, "the same") \
	X(RW, 'l', 0x43, "UDF_RELOCATE_BLOCKS", GUARD, DEVICES, "fs/udf/file.c, udf_ioctl: wants SYS_ADMIN") \
	X(R, 0x97, 1, "CEPH_IOC_GET_LAYOUT", READS, NONE, "fs/ceph/ioctl.c, ceph_ioctl_get_layout") \
	X(W, 0x97, 2, "CEPH_IOC_SET_LAYOUT", CHANGES, NONE, "fs/ceph/ioctl.c, ceph_ioctl_set_layout: asks for no mode of the descriptor") \
	X(RW, 0x97, 3, "CEPH_IOC_GET_DATALOC", READS, NONE, "fs/ceph/ioctl.c, ceph_ioctl_get_dataloc") \
	X(N, 0x97, 4, "CEPH_IOC_LAZYIO", READS, NONE, "fs/ceph/ioctl.c, ceph_ioctl_lazyio: of the descriptor alone") \
	X(N, 0x97, 5, "CEPH_IOC_SYNCIO", READS, NONE, "fs/ceph/ioctl.c, ceph_ioctl_syncio: of the descriptor alone") \
	X(W, 0x97, 5, "CEPH_IOC_SET_LAYOUT_POLICY", CHANGES, NONE, "fs/ceph/ioctl.c, ceph_ioctl_set_layout_policy") \
	X(W, 0xcf, 3, "CIFS_IOC_COPYCHUNK_FILE", OPENED, NONE, "fs/smb/client/ioctl.c, cifs_ioctl_copychunk: FMODE_WRITE") \
	X(N, 0xcf, 4, "CIFS_IOC_SET_INTEGRITY", CHANGES, NONE, "fs/smb/client/ioctl.c, cifs_ioctl") \
	X(R, 0xcf, 5, "CIFS_IOC_GET_MNT_INFO", READS, NONE, "fs/smb/client/ioctl.c, smb_mnt_get_fsinfo") \
	X(R, 0xcf, 6, "CIFS_ENUMERATE_SNAPSHOTS", READS, NONE, "fs/smb/client/ioctl.c, cifs_ioctl") \
	X(RW, 0xcf, 7, "CIFS_QUERY_INFO", CHANGES, NONE, "fs/smb/client/smb2ops.c, smb2_ioctl_query_info: passes requests to the server") \
	X(RW, 0xcf, 8, "CIFS_DUMP_KEY", GUARD, KEYS, "fs/smb/client/ioctl.c, cifs_ioctl: the session's keys") \
	X(W, 0xcf, 9, "CIFS_IOC_NOTIFY", READS, NONE, "fs/smb/client/smb2ops.c, smb3_notify") \
	X(RW, 0xcf, 10, "CIFS_DUMP_FULL_KEY", GUARD, KEYS, "fs/smb/client/ioctl.c, cifs_dump_full_key") \
	X(RW, 0xcf, 11, "CIFS_IOC_NOTIFY_INFO", READS, NONE, "as CIFS_IOC_NOTIFY") \
	X(R, 0xcf, 12, "CIFS_IOC_GET_TCON_INFO", READS, NONE, "fs/smb/client/ioctl.c, smb_mnt_get_tcon_info") \
	X(W, 0xcd, 1, "REISERFS_IOC_UNPACK", CHANGES, NONE, "fs/reiserfs/ioctl.c, reiserfs_unpack") \
	X(N, 0x93, 0x60, "AUTOFS_IOC_READY", GUARD, MOUNTS, "fs/autofs/root.c, autofs_root_ioctl_unlocked: wants SYS_ADMIN, as all of them") \
	X(N, 0x93, 0x61, "AUTOFS_IOC_FAIL", GUARD, MOUNTS, "the same") \
	X(N, 0x93, 0x62, "AUTOFS_IOC_CATATONIC", GUARD, MOUNTS, "the same") \
	X(R, 0x93, 0x63, "AUTOFS_IOC_PROTOVER", READS, NONE, "the same") \
	X(RW, 0x93, 0x64, "AUTOFS_IOC_SETTIMEOUT", GUARD, MOUNTS, "the same") \
	X(R, 0x93, 0x65, "AUTOFS_IOC_EXPIRE", GUARD, MOUNTS, "the same: umounts") \
	X(W, 0x93, 0x66, "AUTOFS_IOC_EXPIRE_MULTI", GUARD, MOUNTS, "the same: umounts") \
	X(R, 0x93, 0x67, "AUTOFS_IOC_PROTOSUBVER", READS, NONE, "the same") \
	X(R, 0x93, 0x70, "AUTOFS_IOC_ASKUMOUNT", READS, NONE, "the same") \
	X(W, 0xbc, 16, "BCH_IOCTL_SUBVOLUME_CREATE", GUARD, MOUNTS, "fs/bcachefs/fs-ioctl.c, bch2_ioctl_subvolume_create") \
	X(W, 0xbc, 17, "BCH_IOCTL_SUBVOLUME_DESTROY", GUARD, MOUNTS, "fs/bcachefs/fs-ioctl.c, bch2_ioctl_subvolume_destroy") \
	X(R, 0xbc, 64, "BCHFS_IOC_REINHERIT_ATTRS", GUARD, DEVICES, "fs/bcachefs/fs-ioctl.c, bch2_ioc_reinherit_attrs: names an entry of the folder")

#define RF_IOCTLS_TERMINALS(X) \
	X(N, 'T', 0x0c, "TIOCEXCL", TERMINAL, TERMINAL, "drivers/tty/tty_io.c, tty_ioctl: nobody else may open it any more") \
	X(N, 'T', 0x12, "TIOCSTI", GUARD, TERMINAL, "drivers/tty/tty_io.c, tiocsti: types") \
	X(N, 'T', 0x14, "TIOCSWINSZ", TERMINAL, SIGNALS, "drivers/tty/tty_io.c, tiocswinsz; drivers/tty/pty.c, pty_resize: SIGWINCH to the foreground group; without a denial where the size is the same, which readline sets at each prompt") \
	X(N, 'T', 0x1c, "TIOCLINUX", GUARD, TERMINAL, "drivers/tty/vt/vt.c, tioclinux: selects and pastes") \
	X(N, 'T', 0x1d, "TIOCCONS", GUARD, TERMINAL, "drivers/tty/tty_io.c, tioccons: the console's output comes here") \
	X(N, 'T', 0x23, "TIOCSETD", GUARD, TERMINAL, "drivers/tty/tty_io.c, tiocsetd: another line discipline, whose driver is loaded") \
	X(N, 'T', 0x37, "TIOCVHANGUP", GUARD, SIGNALS, "drivers/tty/tty_io.c, tty_vhangup: ends its session") \
	X(W, 'T', 0x36, "TIOCSIG", TERMINAL, SIGNALS, "drivers/tty/pty.c, pty_signal: from the other end, to the foreground group") \
	X(N, 'T', 0x0e, "TIOCSCTTY", READS, NONE, "drivers/tty/tty_jobctrl.c, tiocsctty: one without a session; to take another's wants SYS_ADMIN") \
	X(N, 'T', 0x10, "TIOCSPGRP", READS, NONE, "drivers/tty/tty_jobctrl.c, tiocspgrp: a group of the task's own session") \
	X(N, 'T', 0x22, "TIOCNOTTY", READS, NONE, "drivers/tty/tty_jobctrl.c, disassociate_ctty: SIGHUP to the session that the task itself leads") \
	X(N, 'T', 0x41, "TIOCGPTPEER", READS, NONE, "drivers/tty/pty.c, ptm_open_peer: asks file_open") \
	X(N, 'K', 0x47, "KDSKBENT", GUARD, TERMINAL, "drivers/tty/vt/keyboard.c, vt_do_kdsk_ioctl: what keys mean, on all consoles") \
	X(N, 'K', 0x49, "KDSKBSENT", GUARD, TERMINAL, "drivers/tty/vt/keyboard.c, vt_do_kdgkb_ioctl") \
	X(N, 'K', 0x4b, "KDSKBDIACR", GUARD, TERMINAL, "drivers/tty/vt/keyboard.c, vt_do_diacrit") \
	X(N, 'K', 0x4d, "KDSETKEYCODE", GUARD, TERMINAL, "drivers/tty/vt/keyboard.c, vt_do_kbkeycode_ioctl") \
	X(N, 'K', 0xfb, "KDSKBDIACRUC", GUARD, TERMINAL, "drivers/tty/vt/keyboard.c, vt_do_diacrit") \
	X(N, 'K', 0x4e, "KDSIGACCEPT", GUARD, TERMINAL, "drivers/tty/vt/vt_ioctl.c, vt_k_ioctl: a signal from a key of any console") \
	X(N, 0x89, 0x01, "FIOSETOWN", GUARD, SIGNALS, "net/socket.c, fs/fcntl.c, f_setown: the kernel signals whom it names") \
	X(N, 0x89, 0x02, "SIOCSPGRP", GUARD, SIGNALS, "the same")

#define RF_IOCTLS(X) \
	RF_IOCTLS_COMMON(X) RF_IOCTLS_EXT4(X) RF_IOCTLS_XFS(X) RF_IOCTLS_BTRFS(X) RF_IOCTLS_F2FS(X) RF_IOCTLS_OTHERS(X) \
	RF_IOCTLS_TERMINALS(X)
/* clang-format on */

enum rf_ioctl_kind {
	RF_IOCTL_UNKNOWN,
#define X(kind, words) RF_IOCTL_##kind,
	RF_IOCTL_KINDS(X)
#undef X
};

#endif
