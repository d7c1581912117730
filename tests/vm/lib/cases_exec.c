// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to run a program. names.c draws the tree: what lies in bin may be run, what lies in ro only read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

static int allowed(void)
{
	return try_exec("/tmp/w/bin/tool");
}

static int refused(void)
{
	return try_exec("/tmp/w/ro/tool");
}

static int not_readable(void)
{
	return try_exec("/tmp/w/run/tool");
}

static int dynamic(void)
{
	return try_exec("/tmp/w/bin/true");
}

static int script(void)
{
	return try_exec("/tmp/w/bin/script");
}

static int script_refused(void)
{
	return try_exec("/tmp/w/ro/script");
}

static int interpreter_refused(void)
{
	return try_exec("/tmp/w/bin/bad-script");
}

static int exec_fd(int fd)
{
	char *argv[] = {(char *)(uintptr_t) "x", NULL}, *envp[] = {NULL};
	volatile int error = 0;
	pid_t pid = vfork();

	if (!pid) {
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		error = errno;
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	return error;
}

static int by_path_fd(void)
{
	return exec_fd(open("/tmp/w/ro/tool", O_PATH));
}

static int memfd(const char *name)
{
	unsigned char buf[256];
	size_t len = tool_bytes(buf, sizeof(buf));
	int fd = memfd_create(name, MFD_CLOEXEC);

	return fd < 0 || write(fd, buf, len) != (ssize_t)len ? -1 : fd;
}

static int memfd_refused(void)
{
	return exec_fd(memfd("bad"));
}

static int memfd_allowed(void)
{
	return exec_fd(memfd("good tool"));
}

static int memfd_map(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, memfd("bad"), 0) == MAP_FAILED ? errno : 0;
}

static int memfd_reopen(void)
{
	return try_reopen(memfd("bad"), O_RDWR);
}

static int map_exec(void)
{
	int fd = open("/tmp/w/ro/tool", O_RDONLY);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
}

static int protect(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	return at == MAP_FAILED ? EBADF : ERRNO(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int map_then_protect(void)
{
	return protect("/tmp/w/ro/tool");
}

static int map_allowed(void)
{
	return protect("/tmp/w/bin/tool");
}

/* The guest's root is an overlay. */
static int map_overlay_allowed(void)
{
	return protect("/usr/bin/true");
}

static int map_overlay(void)
{
	return protect("/tmp/w/over/tool");
}

/* Of the name that a memfd has which may be run, on a tmpfs as memfds are. */
static int map_overlay_memfd(void)
{
	return protect("/tmp/w/over/memfd:good");
}

static int map_anonymous(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? EBADF : ERRNO(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

/* The dynamic loader as a program: it maps what it is told to. Its own words go nowhere. */
static int by_loader(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		close(2);
		execl("/lib64/ld-linux-x86-64.so.2", "ld.so", "/tmp/w/ro/true", (char *)NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : WEXITSTATUS(status) == 127 ? EACCES : ECHILD;
}

#define TOOL(by) REFUSED(RF_EXEC, by, "/tmp/w/ro/tool")

const struct kase cases_exec[] = {
	{CASE("exec-allowed", allowed)},
	{CASE("exec-refused", refused), TOOL(file_open)},
	{CASE("exec-sealed-read", not_readable)},
	{CASE("exec-dynamic", dynamic)},
	{CASE("script", script)},
	{CASE("script-refused", script_refused), REFUSED(RF_EXEC, file_open, "/tmp/w/ro/script")},
	{CASE("interpreter-refused", interpreter_refused), TOOL(file_open)},
	{CASE("exec-O_PATH", by_path_fd), TOOL(file_open)},
	{CASE("memfd-refused", memfd_refused), REFUSED(RF_EXEC, file_open, "memfd:bad")},
	{CASE("memfd-allowed", memfd_allowed)},
	{CASE("memfd-map", memfd_map), REFUSED(RF_EXEC, mmap_file, "memfd:bad")},
	{CASE("memfd-reopen", memfd_reopen)},
	{CASE("mmap-exec", map_exec), TOOL(mmap_file)},
	{CASE("mprotect-exec", map_then_protect), TOOL(file_mprotect)},
	{CASE("mprotect-allowed", map_allowed)},
	{CASE("mprotect-overlay-allowed", map_overlay_allowed)},
	{CASE("mprotect-overlay", map_overlay), REFUSED(RF_EXEC, file_mprotect, "/tmp/w/over/tool")},
	{CASE("mprotect-overlay-memfd", map_overlay_memfd),
	 REFUSED(RF_EXEC, file_mprotect, "/tmp/w/over/memfd:good")},
	{CASE("mprotect-anonymous", map_anonymous)},
	{CASE("loader", by_loader), REFUSED(RF_EXEC, mmap_file, "/tmp/w/ro/true")},
};
CASES(cases_exec);
