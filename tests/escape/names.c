// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to open, run or rename what the rules deny. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/world.h"
#include "vm/lib/world.h"

/* -------------------------------------------------------------------- open */

static int open_absolute(void)
{
	return open_and_read(KEY);
}

static int open_relative(void)
{
	return chdir(WORK) ? errno : open_and_read("../secret/key");
}

static int open_dots(void)
{
	return open_and_read(WORK "/dir/../../../../tmp/e/work/./../secret/key");
}

static int open_self_root(void)
{
	return open_and_read("/proc/self/root" KEY);
}

static int open_self_cwd(void)
{
	return chdir(WORK) ? errno : open_and_read("/proc/self/cwd/../secret/key");
}

static int open_inside(void)
{
	return chdir(SECRET) ? errno : open_and_read("key");
}

/* Reopens an O_PATH descriptor. */
static int open_again(void)
{
	char path[64];
	int fd = open(KEY, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open_and_read(path);
}

static int open_beneath_o_path(void)
{
	int dir = open(SECRET, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? errno : openat_and_read(dir, "key", 0);
}

static int open_victim_root(void)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/root" KEY, (int)stage.victim);
	return open_and_read(path);
}

static int open_victim_fd(void)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)stage.victim, VICTIM_FD);
	return open_and_read(path);
}

static int open_by(unsigned long long resolve, const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = resolve};
	int dir = open(TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return read_word((int)syscall(SYS_openat2, dir, path, &how, sizeof(how)));
}

static int open_beneath(void)
{
	return open_by(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV, "secret/key");
}

static int open_in_root(void)
{
	return open_by(RESOLVE_IN_ROOT, "/work/../../secret/key");
}

static unsigned char handle_space[160];

static int get_handle(void)
{
	struct file_handle *handle = (void *)handle_space;
	int mount_id;

	handle->handle_bytes = 128;
	return tried(name_to_handle_at(AT_FDCWD, KEY, handle, &mount_id, 0));
}

static int open_handle(void)
{
	int mount_fd = open(WORK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return mount_fd < 0 ? errno
			    : read_word(open_by_handle_at(mount_fd, (void *)handle_space, O_RDONLY | O_CLOEXEC));
}

static int list_directory(void)
{
	char buf[4096];
	int fd = open(SECRET, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? errno : tried(syscall(SYS_getdents64, fd, buf, sizeof(buf)));
}

/* ---------------------------------------------------------------- symlinks */

static int follow_link(void)
{
	return open_and_read(WORK "/link");
}

static int follow_chain(void)
{
	return open_and_read(WORK "/chain");
}

static int make_and_follow(void)
{
	return symlink(SECRET, WORK "/new") ? errno : open_and_read(WORK "/new/key");
}

static atomic_bool stop_swapping;

static void *swap_links(void *arg)
{
	(void)arg;
	while (!stop_swapping)
		syscall(SYS_renameat2, AT_FDCWD, WORK "/good", AT_FDCWD, WORK "/link", 2 /* RENAME_EXCHANGE */);
	return NULL;
}

/* The link leads to an allowed file and to the secret in turn, while it is opened. */
static int race_links(void)
{
	struct timespec start, now;
	int worst = EACCES;
	pthread_t thread;

	if (symlink("f", WORK "/good"))
		return errno;
	if (pthread_create(&thread, NULL, swap_links, NULL))
		return EAGAIN;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (!open_and_read(WORK "/link"))
			worst = 0;
		sched_yield();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (worst && now.tv_sec - start.tv_sec < 2);
	stop_swapping = true;
	pthread_join(thread, NULL);
	return worst;
}

/* -------------------------------------------------------- links and renames */

static int link_it(void)
{
	return link(KEY, WORK "/stolen") ? errno : open_and_read(WORK "/stolen");
}

static int link_o_path(void)
{
	char path[64];
	int fd = open(KEY, O_PATH | O_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || linkat(AT_FDCWD, path, AT_FDCWD, WORK "/stolen", AT_SYMLINK_FOLLOW))
		return errno;
	return open_and_read(WORK "/stolen");
}

static int link_empty_path(void)
{
	int fd = open(KEY, O_PATH | O_CLOEXEC);

	if (fd < 0 || linkat(fd, "", AT_FDCWD, WORK "/stolen", AT_EMPTY_PATH))
		return errno;
	return open_and_read(WORK "/stolen");
}

static int rename_it(void)
{
	return rename(KEY, WORK "/stolen") ? errno : open_and_read(WORK "/stolen");
}

static int rename_directory(void)
{
	return rename(SECRET, WORK "/stolen") ? errno : open_and_read(WORK "/stolen/key");
}

static int rename_flags(const char *from, unsigned flags, const char *then)
{
	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, WORK "/x", flags))
		return errno;
	return open_and_read(then);
}

static int exchange(void)
{
	return rename_flags(KEY, 2 /* RENAME_EXCHANGE */, WORK "/x");
}

static int exchange_directories(void)
{
	if (syscall(SYS_renameat2, AT_FDCWD, WORK "/dir", AT_FDCWD, SECRET, 2 /* RENAME_EXCHANGE */))
		return errno;
	return open_and_read(WORK "/dir/key");
}

static int whiteout(void)
{
	return rename_flags(KEY, 4 /* RENAME_WHITEOUT */, WORK "/x");
}

/* An inherited way: the parent is opened, and the child reached through it after the rename. */
static int rename_open_parent(void)
{
	int dir = open(WORK "/mixed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || rename(WORK "/mixed", WORK "/other"))
		return errno;
	return openat_and_read(dir, "deny/key", 0);
}

static int temporary_into_secret(void)
{
	char path[64];
	int fd = open(WORK, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0)
		return errno;
	return tried(linkat(AT_FDCWD, path, AT_FDCWD, SECRET "/planted", AT_SYMLINK_FOLLOW));
}

static int temporary_in_secret(void)
{
	return tried(open(SECRET, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int rename_parent(void)
{
	return rename(WORK "/mixed", WORK "/other") ? errno : open_and_read(WORK "/other/deny/key");
}

static int rename_grandparent(void)
{
	return rename(WORK, TREE "/elsewhere") ? errno : open_and_read(TREE "/elsewhere/mixed/deny/key");
}

static int open_denied_below(void)
{
	return open_and_read(WORK "/mixed/deny/key");
}

/* --------------------------------------------------------------------- exec */

static int exec_tool(void)
{
	return try_exec(SECRET "/tool");
}

static int exec_noexec(void)
{
	return try_exec(TREE "/noexec/tool");
}

static int exec_loader(void)
{
	static const char *const argv[] = {"/lib64/ld-linux-x86-64.so.2", TREE "/noexec/true", NULL};

	return run_for(argv, "");
}

static int make_script(void)
{
	make_file(WORK "/script", "#!" TREE "/noexec/tool\n");
	return 0;
}

static int exec_script(void)
{
	return try_exec(WORK "/script");
}

static int exec_fd(int fd)
{
	char *argv[] = {(char[]){"tool"}, NULL}, *envp[] = {NULL};
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

static int exec_o_path(void)
{
	int fd = open(SECRET "/tool", O_PATH | O_CLOEXEC);

	return fd < 0 ? errno : exec_fd(fd);
}

static int exec_memfd(void)
{
	unsigned char tool[256];
	size_t len = tool_bytes(tool, sizeof(tool));
	int fd = (int)syscall(SYS_memfd_create, "tool", 0);

	return fd < 0 || write(fd, tool, len) != (ssize_t)len ? errno : exec_fd(fd);
}

static int map_noexec(void)
{
	int fd = open(TREE "/noexec/tool", O_RDONLY | O_CLOEXEC);
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return at == MAP_FAILED ? errno : 0;
}

static int protect_noexec(void)
{
	int fd = open(TREE "/noexec/tool", O_RDONLY | O_CLOEXEC);
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	return at == MAP_FAILED ? errno : tried(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

/* ------------------------------------------------------------------- limits */

static int make_deep(void)
{
	char name[256];

	if (chdir(SECRET))
		return errno;
	for (int i = 0; i < 200; i++)
		if (mkdir("d", 0777) || chdir("d"))
			return errno;
	make_file("key", WORD);
	memset(name, 'n', 255);
	name[255] = '\0';
	if (chdir(SECRET))
		return errno;
	make_file(name, WORD);
	/* 15 components of 255 bytes and one that fills the path up to 4,095 bytes. */
	for (int i = 0; i < 15; i++)
		if (mkdir(i ? name : "long", 0777) || chdir(i ? name : "long"))
			return errno;
	make_file("key", WORD);
	return chdir("/") ? errno : 0;
}

static int open_deep(void)
{
	char path[600] = SECRET;

	for (int i = 0; i < 200; i++)
		strcat(path, "/d");
	return open_and_read(strcat(path, "/key"));
}

static int open_long_name(void)
{
	char path[sizeof(SECRET) + 256] = SECRET "/";

	memset(path + sizeof(SECRET), 'n', 255);
	path[sizeof(SECRET) + 255] = '\0';
	return open_and_read(path);
}

static int open_long_path(void)
{
	char path[4096] = SECRET "/long/", name[257];

	memset(name, 'n', 255);
	strcpy(name + 255, "/");
	for (int i = 1; i < 15; i++)
		strcat(path, name);
	/* Filled with "./" up to the most that open takes. */
	while (strlen(path) + 5 < sizeof(path))
		strcat(path, "./");
	return open_and_read(strcat(path, "key"));
}

static int open_odd(void)
{
	return open_and_read(SECRET "/new\nline \xff");
}

static int open_pattern(void)
{
	return open_and_read(SECRET "/**");
}

/* ---------------------------------------- aliases, namespaces, kinds of files */

static int have_vfat(void)
{
	return found.vfat ? 0 : ENODEV;
}

static int open_case(void)
{
	return open_and_read("/tmp/a/vfat/LONG secret/KEY");
}

static int open_short(void)
{
	return open_and_read("/tmp/a/vfat/LONGSE~1/key");
}

static int have_fold(void)
{
	return found.fold ? 0 : ENODEV;
}

static int open_folded(void)
{
	return open_and_read("/tmp/a/fold/dir/SECRET/key");
}

/* A descriptor of TREE as another mount namespace has it, and of a file whose verdict is known there. */
static int make_foreign(void)
{
	int ready[2];
	char path[64], byte;
	pid_t pid;

	if (pipe(ready))
		return errno;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNS) || open_and_read(KEY) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return EIO;
	snprintf(path, sizeof(path), "/proc/%d/root" TREE, (int)pid);
	stage.fd[0] = open(path, O_RDONLY | O_DIRECTORY);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return stage.fd[0] < 0 ? errno : 0;
}

static int open_foreign(void)
{
	return openat_and_read(stage.fd[0], "secret/key", 0);
}

static int make_gone(void)
{
	make_file(SECRET "/gone", WORD);
	chmod(SECRET "/gone", 0777);
	stage.fd[0] = open(SECRET "/gone", O_PATH);
	return unlink(SECRET "/gone") ? errno : 0;
}

static int open_gone(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", stage.fd[0]);
	return open_and_read(path);
}

static int make_overlay(void)
{
	make_dir(SECRET "/ov");
	make_dir(TREE "/lower");
	make_dir(TREE "/upper");
	make_dir(TREE "/wrk");
	make_file(TREE "/lower/key", WORD);
	if (mount("overlay", SECRET "/ov", "overlay", 0,
		  "lowerdir=" TREE "/lower,upperdir=" TREE "/upper,workdir=" TREE "/wrk"))
		return errno;
	return 0;
}

static int open_overlay(void)
{
	return open_and_read(SECRET "/ov/key");
}

static int make_bind(void)
{
	make_dir(SECRET "/bind");
	make_file(WORK "/dir/key", WORD);
	return mount(WORK "/dir", SECRET "/bind", NULL, MS_BIND, NULL) ? errno : 0;
}

static int open_bind(void)
{
	return open_and_read(SECRET "/bind/key");
}

static int open_sealed_link(void)
{
	return open_and_read("/tmp/s/hard");
}

static int open_sealed_bind(void)
{
	return open_and_read("/tmp/s/bind/key");
}

#define OPENED(what) BY_RULE("file_open", what)
#define MOVED	     .reason = "gain|rule"
#define KEPT	     .reason = "beneath" /* something beneath the folder may not be written */

const struct attempt attempts_names[] = {
	{"absolute", LINE_OPEN, BOTH, NULL, open_absolute, OPENED(KEY)},
	{"relative", LINE_OPEN, BOTH, NULL, open_relative, OPENED(KEY)},
	{"dots", LINE_OPEN, BOTH, NULL, open_dots, OPENED(KEY)},
	{"self-root", LINE_OPEN, BOTH, NULL, open_self_root, OPENED(KEY)},
	{"self-cwd", LINE_OPEN, BOTH, NULL, open_self_cwd, OPENED(KEY)},
	{"chdir", LINE_OPEN, BOTH, NULL, open_inside, OPENED(KEY)},
	{"O_PATH-again", LINE_OPEN, BOTH, NULL, open_again, OPENED(KEY)},
	{"O_PATH-directory", LINE_OPEN, BOTH, NULL, open_beneath_o_path, OPENED(KEY)},
	{"victim-root", LINE_OPEN, BOTH, NULL, open_victim_root, BY_GUARD("ptrace_access_check", "ptrace"),
	 .error = EACCES},
	{"victim-fd", LINE_OPEN, BOTH, NULL, open_victim_fd, BY_GUARD("ptrace_access_check", "ptrace"),
	 .error = EACCES},
	{"openat2-beneath", LINE_OPEN, BOTH, NULL, open_beneath, OPENED(KEY)},
	{"openat2-in-root", LINE_OPEN, BOTH, NULL, open_in_root, OPENED(KEY)},
	{"handle", LINE_OPEN, ROOT, get_handle, open_handle, OPENED(KEY)},
	{"list", LINE_OPEN, BOTH, NULL, list_directory, OPENED(SECRET)},
	{"symlink", LINE_SYMLINK, BOTH, NULL, follow_link, OPENED(KEY)},
	{"symlink-chain", LINE_SYMLINK, BOTH, NULL, follow_chain, OPENED(KEY)},
	{"symlink-new", LINE_SYMLINK, BOTH, NULL, make_and_follow, OPENED(KEY)},
	{"symlink-race", LINE_SYMLINK, BOTH, NULL, race_links, OPENED(KEY), .most = 1000000},
	{"link", LINE_LINK, BOTH, NULL, link_it, BY_RULE("path_link", KEY), MOVED, .changes = true},
	{"link-O_PATH", LINE_LINK, BOTH, NULL, link_o_path, BY_RULE("path_link", KEY), MOVED, .changes = true},
	{"link-empty-path", LINE_LINK, ROOT, NULL, link_empty_path, BY_RULE("path_link", KEY), MOVED, .changes = true},
	{"rename", LINE_RENAME, BOTH, NULL, rename_it, BY_RULE("path_rename", KEY), MOVED, .changes = true},
	{"rename-directory", LINE_RENAME, BOTH, NULL, rename_directory, BY_RULE("path_rename", SECRET), MOVED,
	 .changes = true},
	{"exchange", LINE_RENAME, BOTH, NULL, exchange, BY_RULE("path_rename", KEY), MOVED, .changes = true},
	{"exchange-directories", LINE_RENAME, BOTH, NULL, exchange_directories, BY_RULE("path_rename", NULL), MOVED,
	 .changes = true},
	{"whiteout", LINE_RENAME, BOTH, NULL, whiteout, BY_RULE("path_rename", KEY), MOVED, .changes = true},
	{"rename-open-parent", LINE_RENAME, BOTH, NULL, rename_open_parent, BY_RULE("path_rename", WORK "/mixed"), KEPT,
	 .changes = true},
	{"tmpfile-into", LINE_RENAME, BOTH, NULL, temporary_into_secret, BY_RULE("path_link", NULL), .changes = true},
	{"tmpfile-in", LINE_RENAME, BOTH, NULL, temporary_in_secret, OPENED(SECRET)},
	{"denied-below", LINE_PARENT, BOTH, NULL, open_denied_below, OPENED(WORK "/mixed/deny/key")},
	{"rename-parent", LINE_PARENT, BOTH, NULL, rename_parent, BY_RULE("path_rename", WORK "/mixed"), KEPT,
	 .changes = true},
	{"rename-grandparent", LINE_PARENT, BOTH, NULL, rename_grandparent, BY_RULE("path_rename", WORK), KEPT,
	 .changes = true},
	{"exec", LINE_EXEC, BOTH, NULL, exec_tool, .hook = "file_open|bprm_check_security", .object = SECRET "/tool"},
	{"exec-readable", LINE_EXEC, BOTH, NULL, exec_noexec, .hook = "file_open|bprm_check_security",
	 .object = TREE "/noexec/tool"},
	{"exec-loader", LINE_EXEC, BOTH, NULL, exec_loader, BY_RULE("mmap_file", TREE "/noexec/true")},
	{"exec-interpreter", LINE_EXEC, BOTH, make_script, exec_script, .hook = "file_open|bprm_check_security",
	 .object = TREE "/noexec/tool"},
	{"exec-O_PATH", LINE_EXEC, BOTH, NULL, exec_o_path, .hook = "file_open|bprm_check_security",
	 .object = SECRET "/tool"},
	{"exec-memfd", LINE_EXEC, BOTH, NULL, exec_memfd, .hook = "file_open|bprm_check_security",
	 .object = "memfd:tool"},
	{"mmap-exec", LINE_EXEC, BOTH, NULL, map_noexec, BY_RULE("mmap_file", TREE "/noexec/tool")},
	{"mprotect-exec", LINE_EXEC, BOTH, NULL, protect_noexec, BY_RULE("file_mprotect", TREE "/noexec/tool")},
	{"depth-200", LINE_LIMITS, BOTH, make_deep, open_deep, OPENED(SECRET "/d/d")},
	{"name-255", LINE_LIMITS, BOTH, make_deep, open_long_name, OPENED(SECRET "/nnn")},
	{"path-4095", LINE_LIMITS, BOTH, make_deep, open_long_path, OPENED(SECRET "/long")},
	{"odd-bytes", LINE_LIMITS, BOTH, NULL, open_odd, OPENED(SECRET "/new\nline")},
	{"pattern-as-name", LINE_LIMITS, BOTH, NULL, open_pattern, OPENED(SECRET "/**")},
	{"vfat-case", LINE_ALIASES, BOTH, have_vfat, open_case, OPENED(NULL), .reason = "aliases|rule"},
	{"vfat-8.3", LINE_ALIASES, BOTH, have_vfat, open_short, OPENED(NULL), .reason = "aliases|rule"},
	{"casefold", LINE_ALIASES, BOTH, have_fold, open_folded, OPENED(NULL), .reason = "aliases|rule"},
	{"dentry-reused", LINE_ALIASES, BOTH,
	 .skip = "a race with a reclaimed dentry: build/vm/cache shows it, 80 rounds"},
	{"foreign-namespace", LINE_FOREIGN, BOTH, make_foreign, open_foreign, OPENED(NULL), .reason = "no-path"},
	{"unlinked", LINE_KINDS, BOTH, make_gone, open_gone, OPENED(NULL), .reason = "no-path|rule"},
	{"overlayfs", LINE_KINDS, BOTH, make_overlay, open_overlay, OPENED(SECRET "/ov/key")},
	{"bind-mount-before", LINE_KINDS, BOTH, make_bind, open_bind, OPENED(SECRET "/bind/key")},
	{"sealed-hard-link", LINE_KINDS, BOTH, NULL, open_sealed_link, .hook = "inode_permission|file_open",
	 .reason = "seal"},
	{"sealed-bind-mount", LINE_KINDS, BOTH, NULL, open_sealed_bind, .hook = "inode_permission|file_open",
	 .reason = "seal"},
};
ATTEMPTS(attempts_names);
