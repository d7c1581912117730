/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every system call of x86-64 and i386, by what it can touch: X(NAME, x86-64, i386, CLASS, "arguments", "test").
 * A number is -1 where there is none. The test is an attempt of tests/escape, or a file that tries it or says why
 * nothing is tried; of OPENED, the hook that judged the descriptor; of ENDS, why the sweep leaves it out. Numbers:
 * arch/x86/entry/syscalls/syscall_{64,32}.tbl.
 *
 * Arguments, by letter: p q P a path that is denied, a new one there, one of several; d f g w a directory, a denied
 * object, any descriptor, a watch; k t a pidfd, a task; a l an address and its length; m a message; v V an iovec here,
 * there; b z i a buffer to fill, of zeros, with text; c s a name, a word; n a number; F M S U D H Q R C A y flags,
 * mode, signal, owner, device, struct open_how, namespaces, a ptrace request, struct clone_args, family, an IPC key; h
 * a file handle; e a command; j I a descriptor for reading, an ioctl; 0 nothing; x anything.
 */
#ifndef RINGFENCE_TESTS_SWEEP_CALLS_H
#define RINGFENCE_TESTS_SWEEP_CALLS_H

/* clang-format off */
#define CLASSES(X)                                                       \
	X(OBJECT, "names an object")                                     \
	X(DESTINATION, "names a destination, or receives")               \
	X(TASK, "names a task, or makes one")                            \
	X(KERNEL, "changes or tells what the whole host has")            \
	X(IPC, "names an IPC object")                                    \
	X(OPENED, "works on a descriptor, which was judged when it was opened") \
	X(OWN, "touches nothing but the caller's own")                   \
	X(ENDS, "ends the caller: not swept")

#define CALLS(X) \
	X(read, 0, 3, OPENED, "gxxxx", "file_open") \
	X(write, 1, 4, OPENED, "gxxxx", "file_open") \
	X(open, 2, 5, OBJECT, "pFM", "names/absolute") \
	X(close, 3, 6, OPENED, "gxxxx", "file_open") \
	X(stat, 4, 106, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(fstat, 5, 108, OPENED, "gxxxx", "file_open") \
	X(lstat, 6, 107, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(poll, 7, 168, OPENED, "gxxxx", "file_open") \
	X(lseek, 8, 19, OPENED, "gxxxx", "file_open") \
	X(mmap, 9, 90, OBJECT, "0nMFf0", "names/mmap-exec") \
	X(mprotect, 10, 125, OBJECT, "xnM", "names/mmap-exec") \
	X(munmap, 11, 91, OWN, "xxxxx", "") \
	X(brk, 12, 45, OWN, "xxxxx", "") \
	X(rt_sigaction, 13, 174, OWN, "xxxxx", "") \
	X(rt_sigprocmask, 14, 175, OWN, "xxxxx", "") \
	X(rt_sigreturn, 15, 173, ENDS, "", "goes where no handler came from") \
	X(ioctl, 16, 54, OBJECT, "jIi", "ioctls/table-changes") \
	X(pread64, 17, 180, OPENED, "gxxxx", "file_open") \
	X(pwrite64, 18, 181, OPENED, "gxxxx", "file_open") \
	X(readv, 19, 145, OPENED, "gxxxx", "file_open") \
	X(writev, 20, 146, OPENED, "gxxxx", "file_open") \
	X(access, 21, 33, OBJECT, "pM", "tests/vm/lib/cases_hide.c") \
	X(pipe, 22, 42, OWN, "xxxxx", "") \
	X(select, 23, 82, OPENED, "gxxxx", "file_open") \
	X(sched_yield, 24, 158, OWN, "xxxxx", "") \
	X(mremap, 25, 163, OWN, "xxxxx", "") \
	X(msync, 26, 144, OWN, "xxxxx", "") \
	X(mincore, 27, 218, OWN, "xxxxx", "") \
	X(madvise, 28, 219, OWN, "xxxxx", "") \
	X(shmget, 29, 395, IPC, "ynM", "kernel/shmget") \
	X(shmat, 30, 397, IPC, "n0F", "kernel/shmat") \
	X(shmctl, 31, 396, IPC, "nnb", "kernel/shmctl") \
	X(dup, 32, 41, OPENED, "gxxxx", "file_open") \
	X(dup2, 33, 63, OPENED, "gxxxx", "file_open") \
	X(pause, 34, 29, OWN, "xxxxx", "") \
	X(nanosleep, 35, 162, OWN, "xxxxx", "") \
	X(getitimer, 36, 105, OWN, "xxxxx", "") \
	X(alarm, 37, 27, OWN, "xxxxx", "") \
	X(setitimer, 38, 104, OWN, "xxxxx", "") \
	X(getpid, 39, 20, OWN, "xxxxx", "") \
	X(sendfile, 40, 187, OPENED, "gfzn", "file_open") \
	X(socket, 41, 359, DESTINATION, "AFn", "destinations/packet") \
	X(connect, 42, 362, DESTINATION, "Gal", "destinations/tcp4") \
	X(accept, 43, -1, OPENED, "gxxxx", "file_open") \
	X(sendto, 44, 369, DESTINATION, "GinFal", "destinations/udp-sendto") \
	X(recvfrom, 45, 371, OPENED, "gxxxx", "file_open") \
	X(sendmsg, 46, 370, DESTINATION, "GmF", "destinations/udp-connected-elsewhere") \
	X(recvmsg, 47, 372, DESTINATION, "GmF", "unix/received-file") \
	X(shutdown, 48, 373, OPENED, "gxxxx", "file_open") \
	X(bind, 49, 361, DESTINATION, "Gal", "destinations/bind-udp") \
	X(listen, 50, 363, DESTINATION, "Gn", "destinations/listen") \
	X(getsockname, 51, 367, OPENED, "gxxxx", "file_open") \
	X(getpeername, 52, 368, OPENED, "gxxxx", "file_open") \
	X(socketpair, 53, 360, DESTINATION, "AFnb", "destinations/packet") \
	X(setsockopt, 54, 366, DESTINATION, "Gnnin", "destinations/route-by-option") \
	X(getsockopt, 55, 365, OPENED, "gxxxx", "file_open") \
	X(clone, 56, 120, TASK, "Q0000", "mounts/clone-namespaces") \
	X(fork, 57, 2, OWN, "xxxxx", "") \
	X(vfork, 58, 190, ENDS, "", "fork tries it; its child has the caller's stack") \
	X(execve, 59, 11, OBJECT, "pzz", "names/exec") \
	X(exit, 60, 1, ENDS, "", "ends the caller") \
	X(wait4, 61, 114, OWN, "xxxxx", "") \
	X(kill, 62, 37, TASK, "tS", "tasks/kill") \
	X(uname, 63, 122, OWN, "xxxxx", "") \
	X(semget, 64, 393, IPC, "ynM", "kernel/semop") \
	X(semop, 65, -1, IPC, "nzn", "kernel/semop") \
	X(semctl, 66, 394, IPC, "nnnz", "kernel/semop") \
	X(shmdt, 67, 398, OWN, "xxxxx", "") \
	X(msgget, 68, 399, IPC, "yM", "kernel/msgrcv") \
	X(msgsnd, 69, 400, IPC, "ninF", "kernel/msgrcv") \
	X(msgrcv, 70, 401, IPC, "nbnnF", "kernel/msgrcv") \
	X(msgctl, 71, 402, IPC, "nnb", "kernel/msgrcv") \
	X(fcntl, 72, 55, OBJECT, "fxx", "tasks/F_SETOWN") \
	X(flock, 73, 143, OBJECT, "fF", "docs/security-model.md") \
	X(fsync, 74, 118, OPENED, "gxxxx", "file_open") \
	X(fdatasync, 75, 148, OPENED, "gxxxx", "file_open") \
	X(truncate, 76, 92, OBJECT, "pn", "changes/truncate") \
	X(ftruncate, 77, 93, OBJECT, "fn", "changes/ftruncate-held") \
	X(getdents, 78, 141, OPENED, "gxxxx", "file_open") \
	X(getcwd, 79, 183, OWN, "xxxxx", "") \
	X(chdir, 80, 12, OBJECT, "p", "tests/vm/lib/cases_hide.c") \
	X(fchdir, 81, 133, OBJECT, "f", "tests/vm/lib/cases_hide.c") \
	X(rename, 82, 38, OBJECT, "pP", "names/rename") \
	X(mkdir, 83, 39, OBJECT, "qM", "changes/mkdir") \
	X(rmdir, 84, 40, OBJECT, "p", "changes/rmdir") \
	X(creat, 85, 8, OBJECT, "pM", "changes/creat") \
	X(link, 86, 9, OBJECT, "pP", "names/link") \
	X(unlink, 87, 10, OBJECT, "p", "changes/unlink") \
	X(symlink, 88, 83, OBJECT, "pq", "changes/symlink") \
	X(readlink, 89, 85, OBJECT, "pbn", "changes/readlink") \
	X(chmod, 90, 15, OBJECT, "pM", "changes/chmod") \
	X(fchmod, 91, 94, OBJECT, "fM", "changes/fchmod-held") \
	X(chown, 92, 182, OBJECT, "pUU", "changes/chown") \
	X(fchown, 93, 95, OBJECT, "fUU", "changes/chown") \
	X(lchown, 94, 16, OBJECT, "pUU", "changes/chown") \
	X(umask, 95, 60, OWN, "xxxxx", "") \
	X(gettimeofday, 96, 78, OWN, "xxxxx", "") \
	X(getrlimit, 97, 76, OWN, "xxxxx", "") \
	X(getrusage, 98, 77, OWN, "xxxxx", "") \
	X(sysinfo, 99, 116, OWN, "xxxxx", "") \
	X(times, 100, 43, OWN, "xxxxx", "") \
	X(ptrace, 101, 26, TASK, "Rtxx", "tasks/PTRACE_ATTACH") \
	X(getuid, 102, 24, OWN, "xxxxx", "") \
	X(syslog, 103, 103, KERNEL, "nbn", "kernel/syslog") \
	X(getgid, 104, 47, OWN, "xxxxx", "") \
	X(setuid, 105, 23, OWN, "xxxxx", "") \
	X(setgid, 106, 46, OWN, "xxxxx", "") \
	X(geteuid, 107, 49, OWN, "xxxxx", "") \
	X(getegid, 108, 50, OWN, "xxxxx", "") \
	X(setpgid, 109, 57, TASK, "tt", "docs/security-model.md") \
	X(getppid, 110, 64, OWN, "xxxxx", "") \
	X(getpgrp, 111, 65, OWN, "xxxxx", "") \
	X(setsid, 112, 66, OWN, "xxxxx", "") \
	X(setreuid, 113, 70, OWN, "xxxxx", "") \
	X(setregid, 114, 71, OWN, "xxxxx", "") \
	X(getgroups, 115, 80, OWN, "xxxxx", "") \
	X(setgroups, 116, 81, OWN, "xxxxx", "") \
	X(setresuid, 117, 164, OWN, "xxxxx", "") \
	X(getresuid, 118, 165, OWN, "xxxxx", "") \
	X(setresgid, 119, 170, OWN, "xxxxx", "") \
	X(getresgid, 120, 171, OWN, "xxxxx", "") \
	X(getpgid, 121, 132, TASK, "t", "docs/security-model.md") \
	X(setfsuid, 122, 138, OWN, "xxxxx", "") \
	X(setfsgid, 123, 139, OWN, "xxxxx", "") \
	X(getsid, 124, 147, TASK, "t", "docs/security-model.md") \
	X(capget, 125, 184, TASK, "zb", "docs/security-model.md") \
	X(capset, 126, 185, OWN, "xxxxx", "") \
	X(rt_sigpending, 127, 176, OWN, "xxxxx", "") \
	X(rt_sigtimedwait, 128, 177, OWN, "xxxxx", "") \
	X(rt_sigqueueinfo, 129, 178, TASK, "tSz", "tasks/sigqueue") \
	X(rt_sigsuspend, 130, 179, OWN, "xxxxx", "") \
	X(sigaltstack, 131, 186, OWN, "xxxxx", "") \
	X(utime, 132, 30, OBJECT, "pz", "changes/utimensat") \
	X(mknod, 133, 14, OBJECT, "qND", "changes/mkfifo") \
	X(uselib, 134, 86, OBJECT, "p", "names/exec-loader") \
	X(personality, 135, 136, OWN, "xxxxx", "") \
	X(ustat, 136, 62, OBJECT, "Db", "docs/security-model.md") \
	X(statfs, 137, 99, OBJECT, "pb", "docs/security-model.md") \
	X(fstatfs, 138, 100, OBJECT, "fb", "docs/security-model.md") \
	X(sysfs, 139, 135, KERNEL, "nxb", "docs/hooks.md") \
	X(getpriority, 140, 96, TASK, "nt", "tasks/setpriority") \
	X(setpriority, 141, 97, TASK, "ntn", "tasks/setpriority") \
	X(sched_setparam, 142, 154, TASK, "tz", "tasks/sched_setscheduler") \
	X(sched_getparam, 143, 155, TASK, "tb", "tasks/sched_setscheduler") \
	X(sched_setscheduler, 144, 156, TASK, "tnz", "tasks/sched_setscheduler") \
	X(sched_getscheduler, 145, 157, TASK, "t", "tasks/sched_setscheduler") \
	X(sched_get_priority_max, 146, 159, OWN, "xxxxx", "") \
	X(sched_get_priority_min, 147, 160, OWN, "xxxxx", "") \
	X(sched_rr_get_interval, 148, 161, TASK, "tb", "tasks/sched_setscheduler") \
	X(mlock, 149, 150, OWN, "xxxxx", "") \
	X(munlock, 150, 151, OWN, "xxxxx", "") \
	X(mlockall, 151, 152, OWN, "xxxxx", "") \
	X(munlockall, 152, 153, OWN, "xxxxx", "") \
	X(vhangup, 153, 111, KERNEL, "", "docs/hooks.md") \
	X(modify_ldt, 154, 123, OWN, "nzn", "") \
	X(pivot_root, 155, 217, OBJECT, "pp", "mounts/pivot_root") \
	X(_sysctl, 156, 149, KERNEL, "z", "docs/hooks.md") \
	X(prctl, 157, 172, OWN, "xxxxx", "") \
	X(arch_prctl, 158, 384, OWN, "xxxxx", "") \
	X(adjtimex, 159, 124, KERNEL, "z", "kernel/clock_settime") \
	X(setrlimit, 160, 75, OWN, "xxxxx", "") \
	X(chroot, 161, 61, OBJECT, "p", "names/chdir") \
	X(sync, 162, 36, KERNEL, "", "docs/hooks.md") \
	X(acct, 163, 51, OBJECT, "p", "kernel/acct") \
	X(settimeofday, 164, 79, KERNEL, "zz", "kernel/clock_settime") \
	X(mount, 165, 21, OBJECT, "pPsFz", "mounts/bind") \
	X(umount2, 166, 52, OBJECT, "pF", "mounts/umount") \
	X(swapon, 167, 87, OBJECT, "pF", "kernel/swapoff") \
	X(swapoff, 168, 115, OBJECT, "p", "kernel/swapoff") \
	X(reboot, 169, 88, KERNEL, "nnnz", "kernel/reboot") \
	X(sethostname, 170, 74, KERNEL, "in", "kernel/sethostname") \
	X(setdomainname, 171, 121, KERNEL, "in", "kernel/sethostname") \
	X(iopl, 172, 110, KERNEL, "n", "kernel/iopl") \
	X(ioperm, 173, 101, KERNEL, "nnn", "kernel/iopl") \
	X(create_module, 174, 127, KERNEL, "sn", "kernel/init_module") \
	X(init_module, 175, 128, KERNEL, "ins", "kernel/init_module") \
	X(delete_module, 176, 129, KERNEL, "sF", "kernel/delete_module") \
	X(get_kernel_syms, 177, 130, KERNEL, "b", "kernel/init_module") \
	X(query_module, 178, 167, KERNEL, "snbnb", "kernel/init_module") \
	X(quotactl, 179, 131, OBJECT, "FsUb", "docs/hooks.md") \
	X(nfsservctl, 180, 169, KERNEL, "nzb", "docs/hooks.md") \
	X(getpmsg, 181, 188, OWN, "xxxxx", "") \
	X(putpmsg, 182, 189, OWN, "xxxxx", "") \
	X(afs_syscall, 183, 137, OWN, "xxxxx", "") \
	X(tuxcall, 184, -1, OWN, "xxxxx", "") \
	X(security, 185, -1, OWN, "xxxxx", "") \
	X(gettid, 186, 224, OWN, "xxxxx", "") \
	X(readahead, 187, 225, OPENED, "gxxxx", "file_open") \
	X(setxattr, 188, 226, OBJECT, "pcinF", "changes/setxattr") \
	X(lsetxattr, 189, 227, OBJECT, "pcinF", "changes/setxattr") \
	X(fsetxattr, 190, 228, OBJECT, "fcinF", "changes/setxattr") \
	X(getxattr, 191, 229, OBJECT, "pcbn", "changes/getxattr") \
	X(lgetxattr, 192, 230, OBJECT, "pcbn", "changes/getxattr") \
	X(fgetxattr, 193, 231, OBJECT, "fcbn", "changes/getxattr") \
	X(listxattr, 194, 232, OBJECT, "pbn", "docs/security-model.md") \
	X(llistxattr, 195, 233, OBJECT, "pbn", "docs/security-model.md") \
	X(flistxattr, 196, 234, OBJECT, "fbn", "docs/security-model.md") \
	X(removexattr, 197, 235, OBJECT, "pc", "changes/removexattr") \
	X(lremovexattr, 198, 236, OBJECT, "pc", "changes/removexattr") \
	X(fremovexattr, 199, 237, OBJECT, "fc", "changes/removexattr") \
	X(tkill, 200, 238, TASK, "tS", "tasks/tgkill") \
	X(time, 201, 13, OWN, "xxxxx", "") \
	X(futex, 202, 240, OWN, "xxxxx", "") \
	X(sched_setaffinity, 203, 241, TASK, "tni", "tasks/sched_setaffinity") \
	X(sched_getaffinity, 204, 242, TASK, "tnb", "tasks/sched_setaffinity") \
	X(set_thread_area, 205, 243, OWN, "xxxxx", "") \
	X(io_setup, 206, 245, OPENED, "nz", "file_open") \
	X(io_destroy, 207, 246, OWN, "xxxxx", "") \
	X(io_getevents, 208, 247, OPENED, "zzzzz", "file_open") \
	X(io_submit, 209, 248, OPENED, "znz", "file_open") \
	X(io_cancel, 210, 249, OWN, "xxxxx", "") \
	X(get_thread_area, 211, 244, OWN, "xxxxx", "") \
	X(lookup_dcookie, 212, 253, KERNEL, "zbn", "docs/hooks.md") \
	X(epoll_create, 213, 254, OPENED, "gxxxx", "file_open") \
	X(epoll_ctl_old, 214, -1, OWN, "xxxxx", "") \
	X(epoll_wait_old, 215, -1, OWN, "xxxxx", "") \
	X(remap_file_pages, 216, 257, OBJECT, "xn0nF", "names/mmap-exec") \
	X(getdents64, 217, 220, OPENED, "gxxxx", "file_open") \
	X(set_tid_address, 218, 258, OWN, "xxxxx", "") \
	X(restart_syscall, 219, 0, ENDS, "", "starts a wait again") \
	X(semtimedop, 220, -1, IPC, "nznz", "kernel/semop") \
	X(fadvise64, 221, 250, OPENED, "gxxxx", "file_open") \
	X(timer_create, 222, 259, OWN, "xxxxx", "") \
	X(timer_settime, 223, 260, OWN, "xxxxx", "") \
	X(timer_gettime, 224, 261, OWN, "xxxxx", "") \
	X(timer_getoverrun, 225, 262, OWN, "xxxxx", "") \
	X(timer_delete, 226, 263, OWN, "xxxxx", "") \
	X(clock_settime, 227, 264, KERNEL, "nz", "kernel/clock_settime") \
	X(clock_gettime, 228, 265, OWN, "xxxxx", "") \
	X(clock_getres, 229, 266, OWN, "xxxxx", "") \
	X(clock_nanosleep, 230, 267, OWN, "xxxxx", "") \
	X(exit_group, 231, 252, ENDS, "", "ends the caller") \
	X(epoll_wait, 232, 256, OPENED, "gxxxx", "file_open") \
	X(epoll_ctl, 233, 255, OPENED, "gxxxx", "file_open") \
	X(tgkill, 234, 270, TASK, "ttS", "tasks/tgkill") \
	X(utimes, 235, 271, OBJECT, "pz", "changes/utimensat") \
	X(vserver, 236, 273, OWN, "xxxxx", "") \
	X(mbind, 237, 274, OWN, "xxxxx", "") \
	X(set_mempolicy, 238, 276, OWN, "xxxxx", "") \
	X(get_mempolicy, 239, 275, OWN, "xxxxx", "") \
	X(mq_open, 240, 277, IPC, "cFMz", "kernel/mq_open") \
	X(mq_unlink, 241, 278, IPC, "c", "kernel/mq_open") \
	X(mq_timedsend, 242, 279, IPC, "gincz", "kernel/mq_open") \
	X(mq_timedreceive, 243, 280, IPC, "gbnzz", "kernel/mq_open") \
	X(mq_notify, 244, 281, IPC, "gz", "kernel/mq_open") \
	X(mq_getsetattr, 245, 282, IPC, "gzb", "kernel/mq_open") \
	X(kexec_load, 246, 283, KERNEL, "nnzF", "kernel/kexec_load") \
	X(waitid, 247, 284, OWN, "xxxxx", "") \
	X(add_key, 248, 286, KERNEL, "ccinn", "kernel/keyctl-search") \
	X(request_key, 249, 287, KERNEL, "ccccn", "kernel/keyctl-search") \
	X(keyctl, 250, 288, KERNEL, "nxxxx", "kernel/keyctl-read") \
	X(ioprio_set, 251, 289, TASK, "ntn", "tasks/ioprio_set") \
	X(ioprio_get, 252, 290, TASK, "nt", "tasks/ioprio_set") \
	X(inotify_init, 253, 291, OPENED, "gxxxx", "file_open") \
	X(inotify_add_watch, 254, 292, OBJECT, "wpF", "changes/inotify") \
	X(inotify_rm_watch, 255, 293, OPENED, "gxxxx", "file_open") \
	X(migrate_pages, 256, 294, TASK, "tnzz", "tasks/migrate_pages") \
	X(openat, 257, 295, OBJECT, "dpFM", "names/relative") \
	X(mkdirat, 258, 296, OBJECT, "dqM", "changes/mkdir") \
	X(mknodat, 259, 297, OBJECT, "dqND", "changes/mkfifo") \
	X(fchownat, 260, 298, OBJECT, "dpUUF", "changes/chown") \
	X(futimesat, 261, 299, OBJECT, "dpz", "changes/utimensat") \
	X(newfstatat, 262, -1, OBJECT, "dpbF", "tests/vm/lib/cases_hide.c") \
	X(unlinkat, 263, 301, OBJECT, "dpF", "changes/unlink") \
	X(renameat, 264, 302, OBJECT, "dpdP", "names/rename") \
	X(linkat, 265, 303, OBJECT, "dpdPF", "names/link") \
	X(symlinkat, 266, 304, OBJECT, "pdq", "changes/symlink") \
	X(readlinkat, 267, 305, OBJECT, "dpbn", "changes/readlink") \
	X(fchmodat, 268, 306, OBJECT, "dpM", "changes/chmod") \
	X(faccessat, 269, 307, OBJECT, "dpM", "tests/vm/lib/cases_hide.c") \
	X(pselect6, 270, 308, OPENED, "gxxxx", "file_open") \
	X(ppoll, 271, 309, OPENED, "gxxxx", "file_open") \
	X(unshare, 272, 310, TASK, "Q", "mounts/unshare-mounts") \
	X(set_robust_list, 273, 311, OWN, "xxxxx", "") \
	X(get_robust_list, 274, 312, TASK, "tbb", "docs/security-model.md") \
	X(splice, 275, 313, OPENED, "fzgznF", "file_open") \
	X(tee, 276, 315, OPENED, "fgnF", "file_open") \
	X(sync_file_range, 277, 314, OPENED, "gxxxx", "file_open") \
	X(vmsplice, 278, 316, OPENED, "gvnF", "file_open") \
	X(move_pages, 279, 317, TASK, "tnzzbF", "tasks/migrate_pages") \
	X(utimensat, 280, 320, OBJECT, "dpzF", "changes/utimensat") \
	X(epoll_pwait, 281, 319, OPENED, "gxxxx", "file_open") \
	X(signalfd, 282, 321, OPENED, "gxxxx", "file_open") \
	X(timerfd_create, 283, 322, OWN, "xxxxx", "") \
	X(eventfd, 284, 323, OWN, "xxxxx", "") \
	X(fallocate, 285, 324, OPENED, "fFnn", "file_open") \
	X(timerfd_settime, 286, 325, OPENED, "gxxxx", "file_open") \
	X(timerfd_gettime, 287, 326, OPENED, "gxxxx", "file_open") \
	X(accept4, 288, 364, OPENED, "gxxxx", "file_open") \
	X(signalfd4, 289, 327, OPENED, "gxxxx", "file_open") \
	X(eventfd2, 290, 328, OWN, "xxxxx", "") \
	X(epoll_create1, 291, 329, OPENED, "gxxxx", "file_open") \
	X(dup3, 292, 330, OPENED, "gxxxx", "file_open") \
	X(pipe2, 293, 331, OWN, "xxxxx", "") \
	X(inotify_init1, 294, 332, OPENED, "gxxxx", "file_open") \
	X(preadv, 295, 333, OPENED, "gxxxx", "file_open") \
	X(pwritev, 296, 334, OPENED, "gxxxx", "file_open") \
	X(rt_tgsigqueueinfo, 297, 335, TASK, "ttSz", "tasks/sigqueue") \
	X(perf_event_open, 298, 336, KERNEL, "ztnnF", "kernel/perf_event_open") \
	X(recvmmsg, 299, 337, DESTINATION, "GmnF", "unix/received-file") \
	X(fanotify_init, 300, 338, OBJECT, "FF", "changes/fanotify-mount") \
	X(fanotify_mark, 301, 339, OBJECT, "wFndp", "changes/fanotify-mount") \
	X(prlimit64, 302, 340, TASK, "tnzb", "tasks/prlimit") \
	X(name_to_handle_at, 303, 341, OBJECT, "dphbF", "names/handle") \
	X(open_by_handle_at, 304, 342, OBJECT, "fhF", "names/handle") \
	X(clock_adjtime, 305, 343, KERNEL, "nz", "kernel/clock_settime") \
	X(syncfs, 306, 344, KERNEL, "f", "docs/hooks.md") \
	X(sendmmsg, 307, 345, DESTINATION, "GmnF", "destinations/udp-sendmmsg") \
	X(setns, 308, 346, TASK, "kF", "mounts/setns-held") \
	X(getcpu, 309, 318, OWN, "xxxxx", "") \
	X(process_vm_readv, 310, 347, TASK, "tvnVnF", "tasks/process_vm_readv") \
	X(process_vm_writev, 311, 348, TASK, "tvnVnF", "tasks/process_vm_writev") \
	X(kcmp, 312, 349, TASK, "ttnnn", "tasks/kcmp") \
	X(finit_module, 313, 350, KERNEL, "fsF", "kernel/init_module") \
	X(sched_setattr, 314, 351, TASK, "tzF", "tasks/sched_setscheduler") \
	X(sched_getattr, 315, 352, TASK, "tbnF", "tasks/sched_setscheduler") \
	X(renameat2, 316, 353, OBJECT, "dpdPF", "names/rename") \
	X(seccomp, 317, 354, OWN, "xxxxx", "") \
	X(getrandom, 318, 355, OWN, "xxxxx", "") \
	X(memfd_create, 319, 356, OBJECT, "sF", "names/exec-memfd") \
	X(kexec_file_load, 320, -1, KERNEL, "ffnsF", "kernel/kexec_file_load") \
	X(bpf, 321, 357, KERNEL, "nzn", "kernel/bpf-next-id") \
	X(execveat, 322, 358, OBJECT, "dpzzF", "names/exec") \
	X(userfaultfd, 323, 374, KERNEL, "F", "docs/hooks.md") \
	X(membarrier, 324, 375, OWN, "xxxxx", "") \
	X(mlock2, 325, 376, OWN, "xxxxx", "") \
	X(copy_file_range, 326, 377, OPENED, "fzgznF", "file_open") \
	X(preadv2, 327, 378, OPENED, "gxxxx", "file_open") \
	X(pwritev2, 328, 379, OPENED, "gxxxx", "file_open") \
	X(pkey_mprotect, 329, 380, OBJECT, "xnM0", "names/mmap-exec") \
	X(pkey_alloc, 330, 381, OWN, "xxxxx", "") \
	X(pkey_free, 331, 382, OWN, "xxxxx", "") \
	X(statx, 332, 383, OBJECT, "dpFnb", "tests/vm/lib/cases_hide.c") \
	X(io_pgetevents, 333, 385, OPENED, "zzzzz", "file_open") \
	X(rseq, 334, 386, OWN, "xxxxx", "") \
	X(uretprobe, 335, -1, OWN, "xxxxx", "") \
	X(uprobe, 336, -1, OWN, "xxxxx", "") \
	X(pidfd_send_signal, 424, 424, TASK, "kSzF", "tasks/pidfd_send_signal") \
	X(io_uring_setup, 425, 425, OBJECT, "nz", "uring/openat") \
	X(io_uring_enter, 426, 426, OBJECT, "fnnFz0", "uring/openat") \
	X(io_uring_register, 427, 427, OBJECT, "fnzn", "uring/openat") \
	X(open_tree, 428, 428, OBJECT, "dpF", "mounts/open_tree") \
	X(move_mount, 429, 429, OBJECT, "dpdPF", "mounts/move_mount") \
	X(fsopen, 430, 430, OBJECT, "sF", "mounts/fsopen") \
	X(fsconfig, 431, 431, OBJECT, "fFspM", "mounts/fsopen") \
	X(fsmount, 432, 432, OBJECT, "fFF", "mounts/fsmount-held") \
	X(fspick, 433, 433, OBJECT, "dpF", "mounts/fspick") \
	X(pidfd_open, 434, 434, TASK, "tF", "tasks/pidfd_getfd") \
	X(clone3, 435, 435, TASK, "Cn", "tasks/CLONE_INTO_CGROUP") \
	X(close_range, 436, 436, OPENED, "gxxxx", "file_open") \
	X(openat2, 437, 437, OBJECT, "dpHn", "names/openat2-beneath") \
	X(pidfd_getfd, 438, 438, TASK, "knF", "tasks/pidfd_getfd") \
	X(faccessat2, 439, 439, OBJECT, "dpMF", "tests/vm/lib/cases_hide.c") \
	X(process_madvise, 440, 440, TASK, "kVnFF", "tasks/process_madvise") \
	X(epoll_pwait2, 441, 441, OPENED, "gxxxx", "file_open") \
	X(mount_setattr, 442, 442, OBJECT, "dpFzn", "mounts/bind") \
	X(quotactl_fd, 443, 443, OBJECT, "fFUb", "docs/hooks.md") \
	X(landlock_create_ruleset, 444, 444, OWN, "xxxxx", "") \
	X(landlock_add_rule, 445, 445, OWN, "xxxxx", "") \
	X(landlock_restrict_self, 446, 446, OWN, "xxxxx", "") \
	X(memfd_secret, 447, 447, OBJECT, "F", "names/exec-memfd") \
	X(process_mrelease, 448, 448, TASK, "kF", "tasks/process_madvise") \
	X(futex_waitv, 449, 449, OWN, "xxxxx", "") \
	X(set_mempolicy_home_node, 450, 450, OWN, "xxxxx", "") \
	X(cachestat, 451, 451, OPENED, "gxxxx", "file_open") \
	X(fchmodat2, 452, 452, OBJECT, "dpMF", "changes/chmod") \
	X(map_shadow_stack, 453, 453, OWN, "xxxxx", "") \
	X(futex_wake, 454, 454, OWN, "xxxxx", "") \
	X(futex_wait, 455, 455, OWN, "xxxxx", "") \
	X(futex_requeue, 456, 456, OWN, "xxxxx", "") \
	X(statmount, 457, 457, OBJECT, "znbnF", "docs/hooks.md") \
	X(listmount, 458, 458, OBJECT, "znnF", "docs/hooks.md") \
	X(lsm_get_self_attr, 459, 459, OWN, "xxxxx", "") \
	X(lsm_set_self_attr, 460, 460, KERNEL, "nznF", "docs/hooks.md") \
	X(lsm_list_modules, 461, 461, OWN, "xxxxx", "") \
	X(mseal, 462, 462, OWN, "xxxxx", "") \
	X(setxattrat, 463, 463, OBJECT, "dpFcin", "changes/setxattr") \
	X(getxattrat, 464, 464, OBJECT, "dpFcbn", "changes/getxattr") \
	X(listxattrat, 465, 465, OBJECT, "dpFbn", "docs/security-model.md") \
	X(removexattrat, 466, 466, OBJECT, "dpFc", "changes/removexattr") \
	X(open_tree_attr, 467, 467, OBJECT, "dpFzn", "mounts/open_tree") \
	X(file_getattr, 468, 468, OBJECT, "dpbnF", "docs/security-model.md") \
	X(file_setattr, 469, 469, OBJECT, "dpinF", "changes/SETFLAGS") \
	X(listns, 470, 470, OBJECT, "zbnF", "docs/hooks.md") \
	X(rseq_slice_yield, 471, 471, OWN, "xxxxx", "") \
	X(waitpid, -1, 7, OWN, "xxxxx", "") \
	X(break, -1, 17, OWN, "xxxxx", "") \
	X(oldstat, -1, 18, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(umount, -1, 22, OBJECT, "p", "mounts/umount") \
	X(stime, -1, 25, KERNEL, "z", "kernel/clock_settime") \
	X(oldfstat, -1, 28, OPENED, "gxxxx", "file_open") \
	X(stty, -1, 31, OWN, "xxxxx", "") \
	X(gtty, -1, 32, OWN, "xxxxx", "") \
	X(nice, -1, 34, OWN, "xxxxx", "") \
	X(ftime, -1, 35, OWN, "xxxxx", "") \
	X(prof, -1, 44, OWN, "xxxxx", "") \
	X(signal, -1, 48, OWN, "xxxxx", "") \
	X(lock, -1, 53, OWN, "xxxxx", "") \
	X(mpx, -1, 56, OWN, "xxxxx", "") \
	X(ulimit, -1, 58, OWN, "xxxxx", "") \
	X(oldolduname, -1, 59, OWN, "xxxxx", "") \
	X(sigaction, -1, 67, OWN, "xxxxx", "") \
	X(sgetmask, -1, 68, OWN, "xxxxx", "") \
	X(ssetmask, -1, 69, OWN, "xxxxx", "") \
	X(sigsuspend, -1, 72, OWN, "xxxxx", "") \
	X(sigpending, -1, 73, OWN, "xxxxx", "") \
	X(oldlstat, -1, 84, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(readdir, -1, 89, OPENED, "gxxxx", "file_open") \
	X(profil, -1, 98, OWN, "xxxxx", "") \
	X(socketcall, -1, 102, DESTINATION, "nz", "destinations/tcp4") \
	X(olduname, -1, 109, OWN, "xxxxx", "") \
	X(idle, -1, 112, OWN, "xxxxx", "") \
	X(vm86old, -1, 113, OWN, "xxxxx", "") \
	X(ipc, -1, 117, IPC, "nnnnz", "kernel/semop") \
	X(sigreturn, -1, 119, ENDS, "", "goes where no handler came from") \
	X(sigprocmask, -1, 126, OWN, "xxxxx", "") \
	X(bdflush, -1, 134, KERNEL, "nn", "docs/hooks.md") \
	X(_llseek, -1, 140, OPENED, "gxxxx", "file_open") \
	X(_newselect, -1, 142, OPENED, "gxxxx", "file_open") \
	X(vm86, -1, 166, OWN, "xxxxx", "") \
	X(ugetrlimit, -1, 191, OWN, "xxxxx", "") \
	X(mmap2, -1, 192, OBJECT, "0nMFf0", "names/mmap-exec") \
	X(truncate64, -1, 193, OBJECT, "pn", "changes/truncate") \
	X(ftruncate64, -1, 194, OBJECT, "fn", "changes/ftruncate-held") \
	X(stat64, -1, 195, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(lstat64, -1, 196, OBJECT, "pb", "tests/vm/lib/cases_hide.c") \
	X(fstat64, -1, 197, OPENED, "gxxxx", "file_open") \
	X(lchown32, -1, 198, OBJECT, "pUU", "changes/chown") \
	X(getuid32, -1, 199, OWN, "xxxxx", "") \
	X(getgid32, -1, 200, OWN, "xxxxx", "") \
	X(geteuid32, -1, 201, OWN, "xxxxx", "") \
	X(getegid32, -1, 202, OWN, "xxxxx", "") \
	X(setreuid32, -1, 203, OWN, "xxxxx", "") \
	X(setregid32, -1, 204, OWN, "xxxxx", "") \
	X(getgroups32, -1, 205, OWN, "xxxxx", "") \
	X(setgroups32, -1, 206, OWN, "xxxxx", "") \
	X(fchown32, -1, 207, OBJECT, "fUU", "changes/chown") \
	X(setresuid32, -1, 208, OWN, "xxxxx", "") \
	X(getresuid32, -1, 209, OWN, "xxxxx", "") \
	X(setresgid32, -1, 210, OWN, "xxxxx", "") \
	X(getresgid32, -1, 211, OWN, "xxxxx", "") \
	X(chown32, -1, 212, OBJECT, "pUU", "changes/chown") \
	X(setuid32, -1, 213, OWN, "xxxxx", "") \
	X(setgid32, -1, 214, OWN, "xxxxx", "") \
	X(setfsuid32, -1, 215, OWN, "xxxxx", "") \
	X(setfsgid32, -1, 216, OWN, "xxxxx", "") \
	X(fcntl64, -1, 221, OBJECT, "fxx", "tasks/F_SETOWN") \
	X(sendfile64, -1, 239, OPENED, "gfzn", "file_open") \
	X(statfs64, -1, 268, OBJECT, "pnb", "docs/security-model.md") \
	X(fstatfs64, -1, 269, OBJECT, "fnb", "docs/security-model.md") \
	X(fadvise64_64, -1, 272, OPENED, "gxxxx", "file_open") \
	X(fstatat64, -1, 300, OBJECT, "dpbF", "tests/vm/lib/cases_hide.c") \
	X(clock_gettime64, -1, 403, OWN, "xxxxx", "") \
	X(clock_settime64, -1, 404, KERNEL, "nz", "kernel/clock_settime") \
	X(clock_adjtime64, -1, 405, KERNEL, "nz", "kernel/clock_settime") \
	X(clock_getres_time64, -1, 406, OWN, "xxxxx", "") \
	X(clock_nanosleep_time64, -1, 407, OWN, "xxxxx", "") \
	X(timer_gettime64, -1, 408, OWN, "xxxxx", "") \
	X(timer_settime64, -1, 409, OWN, "xxxxx", "") \
	X(timerfd_gettime64, -1, 410, OPENED, "gxxxx", "file_open") \
	X(timerfd_settime64, -1, 411, OPENED, "gxxxx", "file_open") \
	X(utimensat_time64, -1, 412, OBJECT, "dpzF", "changes/utimensat") \
	X(pselect6_time64, -1, 413, OPENED, "gxxxx", "file_open") \
	X(ppoll_time64, -1, 414, OPENED, "gxxxx", "file_open") \
	X(io_pgetevents_time64, -1, 416, OWN, "xxxxx", "") \
	X(recvmmsg_time64, -1, 417, DESTINATION, "GmnF", "unix/received-file") \
	X(mq_timedsend_time64, -1, 418, IPC, "ginz", "kernel/mq_open") \
	X(mq_timedreceive_time64, -1, 419, IPC, "gbnzz", "kernel/mq_open") \
	X(semtimedop_time64, -1, 420, IPC, "nznz", "kernel/semop") \
	X(rt_sigtimedwait_time64, -1, 421, OWN, "xxxxx", "") \
	X(futex_time64, -1, 422, OWN, "xxxxx", "") \
	X(sched_rr_get_interval_time64, -1, 423, TASK, "tb", "tasks/sched_setscheduler")
/* clang-format on */

/* Functions of the kernel (__x64_sys_NAME, __ia32_sys_NAME, __ia32_compat_sys_NAME) that are called otherwise than the
 * call they serve, even without what says of which time or width they are (table.c): X(FUNCTION, CALL). */
#define FUNCTIONS(X)             \
	X(llseek, _llseek)       \
	X(mmap_pgoff, mmap2)     \
	X(preadv64, preadv)      \
	X(preadv64v2, preadv2)   \
	X(pwritev64, pwritev)    \
	X(pwritev64v2, pwritev2) \
	X(recv, recvfrom)        \
	X(select, _newselect)    \
	X(send, sendto)          \
	X(getrlimit, getrlimit)  \
	X(gethostname, uname)

/* Those of other machines, and of numbers that nobody has: they answer ENOSYS. */
#define ELSEWHERE(X)           \
	X(ni_syscall)          \
	X(pciconfig_iobase)    \
	X(pciconfig_read)      \
	X(pciconfig_write)     \
	X(rtas)                \
	X(s390_ipc)            \
	X(s390_pci_mmio_read)  \
	X(s390_pci_mmio_write) \
	X(spu_create)          \
	X(spu_run)             \
	X(subpage_prot)        \
	X(sync_file_range2)

#endif
