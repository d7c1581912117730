/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every operation of io_uring, by what it can touch: X(NAME, number, CLASS, "test"), with the classes and the tests of
 * calls.h. The test makes it through a ring, but where the file or the attempt of another form says why that is enough:
 * EPOLL_CTL and its like work on descriptors, which were judged when they were opened. Numbers:
 * include/uapi/linux/io_uring.h, enum io_uring_op.
 */
#ifndef RINGFENCE_TESTS_SWEEP_OPCODES_H
#define RINGFENCE_TESTS_SWEEP_OPCODES_H

/* clang-format off */
#define OPCODES(X) \
	X(NOP, 0, OWN, "") \
	X(READV, 1, OPENED, "file_open") \
	X(WRITEV, 2, OPENED, "file_open") \
	X(FSYNC, 3, OPENED, "file_open") \
	X(READ_FIXED, 4, OPENED, "file_open") \
	X(WRITE_FIXED, 5, OPENED, "file_open") \
	X(POLL_ADD, 6, OPENED, "file_open") \
	X(POLL_REMOVE, 7, OWN, "") \
	X(SYNC_FILE_RANGE, 8, OPENED, "file_open") \
	X(SENDMSG, 9, DESTINATION, "destinations/uring-sendmsg") \
	X(RECVMSG, 10, DESTINATION, "opcodes/recvmsg-SQPOLL") \
	X(TIMEOUT, 11, OWN, "") \
	X(TIMEOUT_REMOVE, 12, OWN, "") \
	X(ACCEPT, 13, OPENED, "file_open") \
	X(ASYNC_CANCEL, 14, OWN, "") \
	X(LINK_TIMEOUT, 15, OWN, "") \
	X(CONNECT, 16, DESTINATION, "destinations/uring-connect") \
	X(FALLOCATE, 17, OPENED, "file_open") \
	X(OPENAT, 18, OBJECT, "uring/openat") \
	X(CLOSE, 19, OWN, "") \
	X(FILES_UPDATE, 20, OWN, "") \
	X(STATX, 21, OBJECT, "credentials/hidden-worker") \
	X(READ, 22, OPENED, "file_open") \
	X(WRITE, 23, OPENED, "file_open") \
	X(FADVISE, 24, OPENED, "file_open") \
	X(MADVISE, 25, OWN, "") \
	X(SEND, 26, DESTINATION, "opcodes/send") \
	X(RECV, 27, OPENED, "file_open") \
	X(OPENAT2, 28, OBJECT, "opcodes/openat2") \
	X(EPOLL_CTL, 29, OPENED, "file_open") \
	X(SPLICE, 30, OPENED, "file_open") \
	X(PROVIDE_BUFFERS, 31, OWN, "") \
	X(REMOVE_BUFFERS, 32, OWN, "") \
	X(TEE, 33, OPENED, "file_open") \
	X(SHUTDOWN, 34, OPENED, "file_open") \
	X(RENAMEAT, 35, OBJECT, "uring/renameat") \
	X(UNLINKAT, 36, OBJECT, "uring/unlinkat") \
	X(MKDIRAT, 37, OBJECT, "uring/mkdirat-SQPOLL") \
	X(SYMLINKAT, 38, OBJECT, "above/symlink-uring") \
	X(LINKAT, 39, OBJECT, "uring/linkat-SQPOLL") \
	X(MSG_RING, 40, DESTINATION, "uring/ring-before") \
	X(FSETXATTR, 41, OBJECT, "opcodes/fsetxattr") \
	X(SETXATTR, 42, OBJECT, "credentials/acl-worker") \
	X(FGETXATTR, 43, OBJECT, "opcodes/fgetxattr") \
	X(GETXATTR, 44, OBJECT, "credentials/getxattr-worker") \
	X(SOCKET, 45, DESTINATION, "destinations/uring-socket") \
	X(URING_CMD, 46, OBJECT, "uring/uring_cmd") \
	X(SEND_ZC, 47, DESTINATION, "opcodes/send_zc") \
	X(SENDMSG_ZC, 48, DESTINATION, "opcodes/sendmsg_zc") \
	X(READ_MULTISHOT, 49, OPENED, "file_open") \
	X(WAITID, 50, OWN, "") \
	X(FUTEX_WAIT, 51, OWN, "") \
	X(FUTEX_WAKE, 52, OWN, "") \
	X(FUTEX_WAITV, 53, OWN, "") \
	X(FIXED_FD_INSTALL, 54, OPENED, "file_open, or the ring was held before: uring/ring-before") \
	X(FTRUNCATE, 55, OBJECT, "opcodes/ftruncate") \
	X(BIND, 56, DESTINATION, "opcodes/bind") \
	X(LISTEN, 57, DESTINATION, "opcodes/listen") \
	X(RECV_ZC, 58, OPENED, "file_open") \
	X(EPOLL_WAIT, 59, OPENED, "file_open") \
	X(READV_FIXED, 60, OPENED, "file_open") \
	X(WRITEV_FIXED, 61, OPENED, "file_open") \
	X(PIPE, 62, OWN, "") \
	X(NOP128, 63, OWN, "") \
	X(URING_CMD128, 64, OBJECT, "uring/uring_cmd")
/* clang-format on */

#endif
