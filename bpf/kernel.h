/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types, with the fields that we use and no others. preserve_access_index makes libbpf place each field
 * where the running kernel has it, so that one object serves all kernels.
 */
#ifndef RINGFENCE_KERNEL_H
#define RINGFENCE_KERNEL_H

#include "ringfence/abi.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef long long __s64;
typedef short __s16;
typedef signed char __s8;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* bpf_helpers.h names map types and flags by the UAPI header, which clashes with nothing here. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};

struct qstr {
	union {
		struct {
			u32 hash;
			u32 len;
		};
		u64 hash_len;
	};
	const unsigned char *name;
};

struct seqcount {
	unsigned int sequence;
};

/* The count comes first. */
struct seqcount_spinlock {
	struct seqcount seqcount;
};

struct super_block {
	struct list_head s_list;
	u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	void *s_fs_info;
	struct dentry *s_root;
	struct list_head s_mounts;
};

struct inode {
	u16 i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
	struct hlist_head i_dentry;
};

struct dentry {
	unsigned int d_flags;
	struct seqcount_spinlock d_seq;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
	union {
		struct hlist_node d_alias;
	} d_u;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_instance;
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	unsigned int f_mode;
	void *private_data;
};

/* An overlay's file beneath one of its own (fs/file_table.c, since 6.5; with both paths apart since 6.8). */
struct backing_file {
	struct file file;
	struct path user_path;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct file *vm_file;
};

struct linux_binprm {
	struct file *file;
};

struct iattr {
	unsigned int ia_valid;
};

struct kernfs_node {
	u64 id;
};

struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct cgroup_root *root;
	struct kernfs_node *kn;
	int level;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct fs_struct {
	struct seqcount_spinlock seq;
	struct path root;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct tty_driver {
	int major;
	int minor_start;
};

struct winsize {
	u16 ws_row, ws_col, ws_xpixel, ws_ypixel;
};

struct tty_struct {
	int index;
	struct tty_driver *driver;
	struct winsize winsize;
	/* The kernel's has no name (include/linux/tty.h). */
	struct {
		struct pid *session;
	} ctrl;
	struct tty_struct *link;
};

struct tty_file_private {
	struct tty_struct *tty;
};

struct signal_struct {
	struct tty_struct *tty;
};

struct mm_struct {
	struct file *exe_file;
};

struct key {
	char *description;
};

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
	struct key *thread_keyring;
	int non_rcu;
};

struct task_struct {
	unsigned int flags;
	struct mm_struct *mm;
	int pid, tgid;
	unsigned int in_execve : 1;
	const struct cred *real_cred;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	void *io_uring;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct hlist_node pid_links[2];
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct task_struct *real_parent;
	u64 start_boottime;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[2];
	struct upid numbers[1];
};

struct proc_inode {
	struct pid *pid;
	struct inode vfs_inode;
};

struct in6_addr {
	u8 in6_u[16];
};

struct sock_common {
	__be32 skc_rcv_saddr;
	u16 skc_num;
	u16 skc_family;
	unsigned char skc_ipv6only : 1;
	int skc_bound_dev_if;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
	struct sock_cgroup_data sk_cgrp_data;
};

struct inet_sock {
	struct sock sk;
	__be32 inet_saddr;
	int uc_index;
};

struct socket {
	short type;
	struct sock *sk;
};

struct sockaddr {
	u16 sa_family;
};

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct path path;
};

struct kern_ipc_perm {
	int id;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	void *msg_control;
	u64 msg_controllen;
	unsigned int msg_flags;
};

/* From 6.17 on a superblock chains its mounts by another type (fs/namespace.c, mnt_add_instance). */
struct super_block___chained {
	struct mount *s_mounts;
};

struct mount___chained {
	struct mount *mnt_next_for_sb;
};

/* Newer kernels have the count and its lock in one (include/linux/seqlock_types.h, seqlock_t). */
struct seqlock {
	struct seqcount_spinlock seqcount;
};

struct fs_struct___locked {
	struct seqlock seq;
};

/* From 7.1 or so on a dentry's alias node stands in a union without a name. */
struct dentry___plain {
	struct hlist_node d_alias;
};

/* A task's registers at its entry to the kernel, of x86-64. */
struct pt_regs___entry {
	unsigned long r10, r8, orig_ax;
};

#pragma clang attribute pop

/* The layout is fixed by the UAPI (linux/in.h, linux/in6.h). An IPv4 address ends with eight
 * bytes that nobody reads; an IPv6 address may end before its scope. */
#define SIN_LEN		 16
#define SIN6_LEN_RFC2133 24
struct sockaddr_in {
	u16 family;
	__be16 port;
	u8 addr[4];
};

struct sockaddr_in6 {
	u16 family;
	__be16 port;
	__be32 flowinfo;
	u8 addr[16];
};

#define EPERM		1
#define ENOENT		2
#define EACCES		13
#define EXDEV		18
#define EINVAL		22
#define EPROTONOSUPPORT 93
#define EAFNOSUPPORT	97

#define S_IFMT	 0170000
#define S_IFDIR	 0040000
#define S_IFCHR	 0020000
#define S_IFBLK	 0060000
#define S_IFREG	 0100000
#define S_IFLNK	 0120000
#define S_IFSOCK 0140000

#define O_ACCMODE 3
/* Set for opens by execve and for interpreters (include/linux/fs.h); open(2) cannot pass it (VALID_OPEN_FLAGS). */
#define FMODE_EXEC_FLAG 0x20

#define PROT_EXEC 0x4
#define VM_EXEC	  0x4

#define DCACHE_OP_HASH	  0x1
#define DCACHE_OP_COMPARE 0x2

#define PIPEFS_MAGIC	      0x50495045
#define SOCKFS_MAGIC	      0x534F434B
#define ANON_INODE_FS_MAGIC   0x09041934
#define PID_FS_MAGIC	      0x50494446
#define TMPFS_MAGIC	      0x01021994
#define HUGETLBFS_MAGIC	      0x958458f6
#define SECRETMEM_MAGIC	      0x5345434d
#define DMA_BUF_MAGIC	      0x444d4142
#define PROC_SUPER_MAGIC      0x9fa0
#define DEVPTS_SUPER_MAGIC    0x1cd1
#define MQUEUE_MAGIC	      0x19800202
#define CGROUP_SUPER_MAGIC    0x27e0eb
#define CGROUP2_SUPER_MAGIC   0x63677270
#define BPF_FS_MAGIC	      0xcafe4a11
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define SYSFS_MAGIC	      0x62656572
#define DEBUGFS_MAGIC	      0x64626720
#define TRACEFS_MAGIC	      0x74726163
#define SECURITYFS_MAGIC      0x73636673
#define CONFIGFS_MAGIC	      0x62656570
#define EFIVARFS_MAGIC	      0xde5e81e4
#define PSTOREFS_MAGIC	      0x6165676c
#define BINFMTFS_MAGIC	      0x42494e4d
#define SELINUX_MAGIC	      0xf97cff8c
#define SMACK_MAGIC	      0x43415d53
#define RDTGROUP_SUPER_MAGIC  0x7655821
#define FUSE_CTL_SUPER_MAGIC  0x65735543
#define FUSE_SUPER_MAGIC      0x65735546
#define CODA_SUPER_MAGIC      0x73757245
#define NFSD_MAGIC	      0x6e667364
#define XENFS_SUPER_MAGIC     0xabba1974

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define AF_NETLINK	16
#define NETLINK_ROUTE	0
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_SEQPACKET	5
#define SOCK_PACKET	10
#define IPPROTO_IP	0
#define IPPROTO_ICMP	1
#define IPPROTO_TCP	6
#define IPPROTO_UDP	17
#define IPPROTO_ICMPV6	58
#define IPPROTO_SCTP	132
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP	262
#define MSG_FASTOPEN	0x20000000

/* include/uapi/linux/in.h, in6.h, sctp.h: what leads a packet past the address that is asked for. */
#define SOL_IP			    0
#define SOL_IPV6		    41
#define SOL_SCTP		    132
#define IP_OPTIONS		    4
#define IP_RETOPTS		    7
#define IPV6_RTHDR		    57
#define IPV6_FLOWLABEL_MGR	    32
#define IPV6_TRANSPARENT	    75
#define IPV6_FREEBIND		    78
#define IP_FREEBIND		    15
#define IP_TRANSPARENT		    19
#define IP_LOCAL_PORT_RANGE	    51
#define IPV6_2292RTHDR		    5
#define IPV6_2292PKTOPTIONS	    6
#define SOL_SOCKET		    1
#define SOL_TCP			    6
#define TCP_ULP			    31
#define SO_BINDTODEVICE		    25
#define SO_BINDTOIFINDEX	    62
#define IP_UNICAST_IF		    50
#define SCTP_DSTADDRV4		    7
#define SCTP_DSTADDRV6		    8
#define SCTP_CONNECTX_OLD	    107
#define SCTP_CONNECTX		    110
#define SCTP_BINDX_ADD		    100
#define SCTP_REMOTE_UDP_ENCAPS_PORT 132

#define NR_SETSOCKOPT 54 /* of x86-64 */

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
/* Keeps the compiler from moving memory accesses across; x86-64 itself keeps loads and stores in order. */
#define barrier() asm volatile("" ::: "memory")
#endif
