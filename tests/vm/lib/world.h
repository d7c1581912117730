/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small things to do with files, each an errno or 0; and programs to run. */
#ifndef RINGFENCE_TESTS_VM_WORLD_H
#define RINGFENCE_TESTS_VM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Ends the program (die) where it fails: for what tests stand on. */
void make_dir(const char *path);
void make_file(const char *path, const char *text);
/* The smallest program there is: it ends with status 0, and needs no other file. */
void make_tool(const char *path);
size_t tool_bytes(unsigned char *buf, size_t size);
void copy_file(const char *from, const char *to, mode_t mode);
void write_word(const char *path, const char *word);
void mount_tmpfs(const char *path);
/* Attaches a file to a free loop device whose name comes in `device`. Returns whether that went well. */
bool loop_attach(const char *file, char *device, size_t size);
/* Runs a shell command outside all fences. Returns its exit status. */
int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* 0, or the errno with which open failed; O_CREAT makes mode 0700. */
int try_open(const char *path, int flags);
int try_openat(int dir, const char *path, int flags);
/* Reopens a descriptor by its name under /proc/self/fd. */
int try_reopen(int fd, int flags);
/* Runs a program in a child. 0: it ran, whatever it said; else the errno of execve. */
int try_exec(const char *path);
/* errno of a system call's result. */
#define ERRNO(call) ((call) < 0 ? errno : 0)

#endif
