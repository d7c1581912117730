// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/report.h"
#include "vm/lib/world.h"

void make_dir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		die("mkdir %s", path);
}

static void make_bytes(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fchmod(fd, 0755))
		die("writing %s", path);
	close(fd);
}

void make_file(const char *path, const char *text)
{
	make_bytes(path, text, strlen(text));
}

size_t tool_bytes(unsigned char *buf, size_t size)
{
	/* xor %edi,%edi; mov $60,%eax; syscall */
	static const unsigned char code[] = {0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
	const Elf64_Addr base = 0x400000;
	Elf64_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_EXEC,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof(head),
			   .e_ehsize = sizeof(head),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 1};
	Elf64_Phdr segment = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = base, .p_align = 0x1000};
	size_t len = sizeof(head) + sizeof(segment) + sizeof(code);

	head.e_entry = base + sizeof(head) + sizeof(segment);
	segment.p_filesz = segment.p_memsz = len;
	if (size < len)
		die("a buffer is too small");
	memcpy(buf, &head, sizeof(head));
	memcpy(buf + sizeof(head), &segment, sizeof(segment));
	memcpy(buf + sizeof(head) + sizeof(segment), code, sizeof(code));
	return len;
}

void make_tool(const char *path)
{
	unsigned char buf[256];

	make_bytes(path, buf, tool_bytes(buf, sizeof(buf)));
}

void copy_file(const char *from, const char *to, mode_t mode)
{
	char buf[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
	ssize_t len;

	while ((len = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)len) != len)
			die("writing %s", to);
	if (in < 0 || out < 0 || len < 0)
		die("copying %s", from);
	close(in);
	close(out);
}

void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, word, strlen(word)) < 0)
		die("%s", path);
	close(fd);
}

void mount_tmpfs(const char *path)
{
	make_dir(path);
	if (mount("tmpfs", path, "tmpfs", 0, "mode=755"))
		die("mounting %s", path);
}

bool loop_attach(const char *file, char *device, size_t size)
{
	int control, fd, back, number;
	bool good;

	shell("modprobe loop 2>/dev/null");
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	if (control >= 0)
		close(control);
	if (number < 0)
		return false;
	snprintf(device, size, "/dev/loop%d", number);
	fd = open(device, O_RDWR | O_CLOEXEC);
	back = open(file, O_RDWR | O_CLOEXEC);
	good = fd >= 0 && back >= 0 && !ioctl(fd, LOOP_SET_FD, back);
	if (back >= 0)
		close(back);
	/* The device is kept open: its next opener would else clear it. */
	return good;
}

int shell(const char *format, ...)
{
	char *command;
	va_list args;
	int status;

	va_start(args, format);
	if (vasprintf(&command, format, args) < 0)
		die("memory");
	va_end(args);
	fflush(NULL);
	status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int try_openat(int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0700);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int try_open(const char *path, int flags)
{
	return try_openat(AT_FDCWD, path, flags);
}

int try_reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return try_open(path, flags);
}

int try_exec(const char *path)
{
	char *argv[] = {(char *)(uintptr_t)path, NULL}, *envp[] = {NULL};
	int status = 0;
	/* Not fork: the child shares the memory, so that its errno comes here. */
	volatile int error = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, argv, envp);
		error = errno;
		_exit(127);
	}
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return error;
}
