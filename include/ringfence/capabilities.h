/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's capabilities (include/uapi/linux/capability.h), in the order of their numbers, and what each means for a
 * fence: X(NAME, GUARDED or LEFT, "why"). GUARDED: the guard `capabilities` refuses every use. LEFT: it lifts checks of
 * owner and mode, which are not what a fence is made of, or what it does beyond that stands where it is done. The one
 * place: the mask of bpf/guards.bpf.c, the names that are told and docs/powers.md follow from it.
 */
#ifndef RINGFENCE_CAPABILITIES_H
#define RINGFENCE_CAPABILITIES_H

/* clang-format off */
#define RF_CAPABILITIES(X) \
	X(CHOWN, LEFT, "owners of files: path_chown and inode_setattr ask for write") \
	X(DAC_OVERRIDE, LEFT, "mode bits: each open and change is judged by its path") \
	X(DAC_READ_SEARCH, LEFT, "mode bits; open_by_handle_at(2): file_open is asked for the object's path, and what has none is refused") \
	X(FOWNER, LEFT, "owners of files: each change is judged by its path") \
	X(FSETID, LEFT, "set-id bits stay behind a write that was judged") \
	X(KILL, LEFT, "signals to other users' tasks: task_kill asks the guard signals; KDSIGACCEPT: the guard terminal") \
	X(SETGID, LEFT, "a fence holds whatever groups a task has; chown(1), su and package scripts need it") \
	X(SETUID, LEFT, "a fence holds whatever user a task is; su and package scripts need it") \
	X(SETPCAP, LEFT, "the task's own sets") \
	X(LINUX_IMMUTABLE, LEFT, "flags of files: file_ioctl and inode_file_setattr ask for write") \
	X(NET_BIND_SERVICE, LEFT, "ports below 1024: socket_bind asks the rules") \
	X(NET_BROADCAST, LEFT, "the kernel asks for it nowhere") \
	X(NET_ADMIN, GUARDED, "addresses, routes, packet filters and devices of the host") \
	X(NET_RAW, LEFT, "raw and packet sockets: socket_create refuses them (guard sockets); what an option of a judged socket changes is asked at socket_setsockopt") \
	X(IPC_LOCK, LEFT, "memory that is not swapped out: exhaustion, which no fence promises against") \
	X(IPC_OWNER, LEFT, "modes of System V objects: ipc_permission asks the guard ipc") \
	X(SYS_MODULE, GUARDED, "modules of the kernel") \
	X(SYS_RAWIO, GUARDED, "the machine's ports and memory, commands to disks") \
	X(SYS_CHROOT, LEFT, "patterns count from the namespace's root whatever the task's is; setns(2) wants SYS_ADMIN besides") \
	X(SYS_PTRACE, LEFT, "ptrace_access_check asks the guard ptrace; tasks of the fence may trace each other") \
	X(SYS_PACCT, GUARDED, "accounting of all tasks") \
	X(SYS_ADMIN, GUARDED, "mounts, namespaces, quotas, swap, names of the host, and much else") \
	X(SYS_BOOT, GUARDED, "reboot, kexec") \
	X(SYS_NICE, LEFT, "priorities and scheduling: task_setnice and its like ask the guard signals for tasks outside; one's own may rise, which is load") \
	X(SYS_RESOURCE, LEFT, "the kernel asks for it at each write to a nearly full ext4, and where limits rise, so that apt and others would be refused what they do as root. Resizing a file system is refused at file_ioctl (guard devices), limits of tasks outside at task_setrlimit (guard signals), /proc/sys at file_open (guard kernel), another program's name at task_prctl; the rest is exhaustion") \
	X(SYS_TIME, GUARDED, "the host's clock") \
	X(SYS_TTY_CONFIG, GUARDED, "consoles that are not one's own, vhangup(2)") \
	X(MKNOD, LEFT, "device nodes: path_mknod asks the rules and the guard devices") \
	X(LEASE, LEFT, "leases on others' files: holds up who opens them, as flock(2) can") \
	X(AUDIT_WRITE, LEFT, "records to the audit log go by a netlink socket, which can't be created (guard sockets)") \
	X(AUDIT_CONTROL, GUARDED, "rules of the audit log") \
	X(SETFCAP, LEFT, "capabilities of files: inode_setxattr asks for write") \
	X(MAC_OVERRIDE, GUARDED, "other security modules' checks") \
	X(MAC_ADMIN, GUARDED, "other security modules' policies") \
	X(SYSLOG, GUARDED, "the kernel's log and addresses") \
	X(WAKE_ALARM, GUARDED, "timers that wake the machine") \
	X(BLOCK_SUSPEND, GUARDED, "keeps the machine awake; epoll_ctl(2) goes on without it") \
	X(AUDIT_READ, GUARDED, "the audit log") \
	X(PERFMON, GUARDED, "measures all tasks and the kernel") \
	X(BPF, GUARDED, "programs of the kernel, the engine's own") \
	X(CHECKPOINT_RESTORE, GUARDED, "process numbers, and the name of the program that a task runs")
/* clang-format on */

enum {
#define X(name, what, why) RF_CAP_##name,
	RF_CAPABILITIES(X)
#undef X
		RF_CAP_COUNT
};

#define RF_CAP_GUARDED		    1ull
#define RF_CAP_LEFT		    0ull
#define RF_CAP_BIT(name, what, why) | RF_CAP_##what << RF_CAP_##name
#define RF_CAPS_GUARDED		    (0ull RF_CAPABILITIES(RF_CAP_BIT))

#endif
