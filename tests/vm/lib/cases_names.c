// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to name a file for open(2). names.c draws the tree. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

struct held held;

static int allowed(void)
{
	return try_open("/tmp/w/rw/f", O_RDWR);
}

static int refused(void)
{
	return try_open("/tmp/w/secret/key", O_RDONLY);
}

static int nothing_says(void)
{
	return try_open("/tmp/w/other", O_RDONLY);
}

static int one_of_two(void)
{
	return try_open("/tmp/w/ro/f", O_RDWR);
}

static int mode_three(void)
{
	return try_open("/tmp/w/ro/f", 3);
}

static int read_and_truncate(void)
{
	int error = try_open("/tmp/w/ro/f", O_RDONLY | O_TRUNC);
	struct stat st;

	/* Refused too late would be no refusal. */
	return stat("/tmp/w/ro/f", &st) || !st.st_size ? EFBIG : error;
}

static int create(void)
{
	return try_open("/tmp/w/ro/new", O_CREAT | O_WRONLY);
}

static int create_allowed(void)
{
	return try_open("/tmp/w/rw/new", O_CREAT | O_EXCL | O_WRONLY);
}

static int directory(void)
{
	return try_open("/tmp/w/secret", O_RDONLY | O_DIRECTORY);
}

static int relative(void)
{
	return chdir("/tmp/w/secret") ? errno : try_open("key", O_RDONLY);
}

static int dot_dot(void)
{
	return try_open("/tmp/w/rw/../secret/../secret/./key", O_RDONLY);
}

static int symlink_followed(void)
{
	return try_open("/tmp/w/rw/link", O_RDONLY);
}

static int reopen_for_more(void)
{
	int fd = open("/tmp/w/ro/f", O_RDONLY);

	return fd < 0 ? EBADF : try_reopen(fd, O_WRONLY);
}

static int path_only(void)
{
	int fd = open("/tmp/w/secret/key", O_PATH);

	return fd < 0 ? EBADF : try_reopen(fd, O_RDONLY);
}

static int unlinked_allowed(void)
{
	int fd = open("/tmp/w/rw/u", O_CREAT | O_RDWR, 0600);

	return fd < 0 || unlink("/tmp/w/rw/u") ? EBADF : try_reopen(fd, O_RDWR);
}

static int unlinked_refused(void)
{
	return try_reopen(held.gone, O_WRONLY);
}

static int unlinked_read(void)
{
	return try_reopen(held.gone, O_RDONLY);
}

static int by_handle(void)
{
	int fd = open_by_handle_at(held.root, (void *)held.handle, O_RDONLY);

	return ERRNO(fd);
}

static int proc_root(void)
{
	return try_open("/proc/self/root/tmp/w/secret/key", O_RDONLY);
}

static int chrooted(void)
{
	return chroot("/tmp/w/rw") || chdir("/") ? EBADF : try_open("/f", O_RDWR);
}

static int chrooted_refused(void)
{
	return chroot("/tmp/w") || chdir("/") ? EBADF : try_open("/secret/key", O_RDONLY);
}

static int chrooted_deeper(void)
{
	/* Rules name /tmp/w/rw, not /rw: a root of one's own changes no name. */
	return chroot("/tmp/w/secret") || chdir("/") ? EBADF : try_open("/rw/f", O_RDONLY);
}

static int bound_allowed(void)
{
	return try_open("/tmp/w/rw/bind/key", O_RDONLY);
}

static int bound_refused(void)
{
	return try_open("/tmp/w/secret/bind/f", O_RDONLY);
}

static int bound_file(void)
{
	return try_open("/tmp/w/ro/bindfile", O_WRONLY);
}

static int glob_text(void)
{
	return try_open("/tmp/w/glob/*", O_RDONLY);
}

static int glob_text_only(void)
{
	return try_open("/tmp/w/glob/a", O_RDONLY);
}

static int odd_name(void)
{
	return try_open("/tmp/w/secret/a \n\"\xff\x01", O_RDONLY);
}

static int hidden_open(void)
{
	return try_open("/tmp/w/hidden/key", O_RDONLY);
}

static int hidden_unlink(void)
{
	return ERRNO(unlink("/tmp/w/hidden/key"));
}

static int hidden_create(void)
{
	return ERRNO(mkdir("/tmp/w/hidden/new", 0700));
}

static int hidden_exec(void)
{
	return try_exec("/tmp/w/hidden/tool");
}

/* 240 folders of one letter, then as many of 16 bytes as fit: 4,095 bytes in all. */
static int go_deep(size_t bytes)
{
	static const char step[] = "abcdefghijklmnop";
	size_t len = strlen("/tmp/w/rw");

	if (chdir("/tmp/w/rw"))
		return EBADF;
	for (int i = 0; len < bytes - 16; i++) {
		const char *name = step + (i < 240 ? 15 : 0);

		if ((mkdir(name, 0700) && errno != EEXIST) || chdir(name))
			return errno;
		len += strlen(name) + 1;
	}
	return try_open(step + 16 - (bytes - len - 1), O_CREAT | O_RDWR);
}

static int longest_path(void)
{
	return go_deep(4095);
}

static int too_long(void)
{
	return go_deep(4096 + 40);
}

static int thousand_levels(void)
{
	if (chdir("/tmp/w/rw"))
		return EBADF;
	for (int i = 0; i < 1000; i++)
		if ((mkdir("q", 0700) && errno != EEXIST) || chdir("q"))
			return EBADF;
	return try_open("f", O_CREAT | O_RDWR);
}

static int proc_of(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return try_open(path, O_RDONLY);
}

static int proc_own(void)
{
	return proc_of(getpid(), "status");
}

static int proc_thread(void)
{
	return try_open("/proc/thread-self/comm", O_RDONLY);
}

static int proc_child(void)
{
	pid_t pid = fork();
	int error;

	if (!pid) {
		pause();
		_exit(0);
	}
	error = proc_of(pid, "status");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return error;
}

static int proc_first(void)
{
	return proc_of(1, "status");
}

static int proc_parent(void)
{
	return proc_of(getppid(), "environ");
}

static bool has_vfat(void)
{
	return held.vfat;
}

static bool has_casefold(void)
{
	return held.casefold;
}

static int vfat_read(void)
{
	return try_open("/tmp/w/vfat/up/Long File Name", O_RDONLY);
}

static int vfat_write(void)
{
	return try_open("/tmp/w/vfat/up/Long File Name", O_WRONLY);
}

static int vfat_alias(void)
{
	return try_open("/tmp/w/vfat/UP/LONGFI~1", O_WRONLY);
}

static int casefold_read(void)
{
	return try_open("/tmp/w/casefold/fold/FILE", O_RDONLY);
}

static int casefold_write(void)
{
	return try_open("/tmp/w/casefold/fold/file", O_WRONLY);
}

#define NO_PATH .error = EACCES, .hook = RF_HOOK_file_open, .reason = RF_REASON_NO_PATH
#define ALIASES .error = EACCES, .hook = RF_HOOK_file_open, .reason = RF_REASON_ALIASES
#define HIDDEN(asked, by, what) \
	.error = ENOENT, .hook = RF_HOOK_##by, .reason = RF_REASON_RULE, .access = (asked), .object = (what)
#define KEY   REFUSED(RF_READ, file_open, "/tmp/w/secret/key")
#define WHOLE (RF_READ | RF_WRITE)

const struct kase cases_names[] = {
	{CASE("allowed", allowed)},
	{CASE("refused", refused), KEY},
	{CASE("no-rule", nothing_says), REFUSED(RF_READ, file_open, "/tmp/w/other")},
	{CASE("read-write-of-read-only", one_of_two), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/f")},
	{CASE("access-mode-3", mode_three), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/f")},
	{CASE("read-only-truncate", read_and_truncate), REFUSED(RF_WRITE, file_truncate, "/tmp/w/ro/f"),
	 .or_hook = RF_HOOK_path_truncate},
	{CASE("create", create), REFUSED(RF_WRITE, path_mknod, "/tmp/w/ro/new")},
	{CASE("create-allowed", create_allowed)},
	{CASE("directory", directory), REFUSED(RF_READ, file_open, "/tmp/w/secret")},
	{CASE("relative", relative), KEY},
	{CASE("dot-dot", dot_dot), KEY},
	{CASE("symlink", symlink_followed), KEY},
	{CASE("reopen-for-more", reopen_for_more), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/f")},
	{CASE("O_PATH-reopen", path_only), KEY},
	{CASE("unlinked-allowed", unlinked_allowed)},
	{CASE("unlinked-read", unlinked_read)},
	{CASE("unlinked-refused", unlinked_refused), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/gone")},
	{CASE("by-handle", by_handle), KEY},
	{CASE("proc-root", proc_root), KEY},
	{CASE("chroot-allowed", chrooted)},
	{CASE("chroot-refused", chrooted_refused), KEY},
	{CASE("chroot-no-shorter", chrooted_deeper), REFUSED(RF_READ, file_open, "/tmp/w/secret/rw/f")},
	{CASE("bind-mount-allowed", bound_allowed)},
	{CASE("bind-mount-refused", bound_refused), REFUSED(RF_READ, file_open, "/tmp/w/secret/bind/f")},
	{CASE("bind-mounted-file", bound_file), REFUSED(RF_WRITE, file_open, "/tmp/w/ro/bindfile")},
	{CASE("name-like-glob", glob_text)},
	{CASE("name-like-glob-only", glob_text_only), REFUSED(RF_READ, file_open, "/tmp/w/glob/a")},
	{CASE("odd-bytes", odd_name), REFUSED(RF_READ, file_open, "/tmp/w/secret/a \n\"\xff\x01")},
	{CASE("hidden-open", hidden_open), HIDDEN(RF_READ, file_open, "/tmp/w/hidden/key")},
	{CASE("hidden-unlink", hidden_unlink), HIDDEN(RF_WRITE, path_unlink, "/tmp/w/hidden/key")},
	{CASE("hidden-mkdir", hidden_create), HIDDEN(RF_WRITE, path_mkdir, "/tmp/w/hidden/new")},
	{CASE("hidden-exec", hidden_exec), HIDDEN(RF_EXEC, file_open, "/tmp/w/hidden/tool")},
	{CASE("path-of-4095-bytes", longest_path)},
	{CASE("path-too-long", too_long), .error = EACCES, .hook = RF_HOOK_path_mkdir, .or_hook = RF_HOOK_path_mknod,
	 .reason = RF_REASON_LENGTH},
	{CASE("1000-levels", thousand_levels)},
	{CASE("proc-own", proc_own)},
	{CASE("proc-thread-self", proc_thread)},
	{CASE("proc-child", proc_child)},
	{CASE("proc-first", proc_first), REFUSED(RF_READ, file_open, "/proc/1/status")},
	{CASE("proc-parent", proc_parent), REFUSED(RF_READ, file_open, "/proc/...")},
	{CASE("vfat-read", vfat_read), .wanted = has_vfat},
	{CASE("vfat-write", vfat_write), ALIASES, .access = RF_WRITE, .object = "/tmp/w/vfat/up/Long File Name",
	 .wanted = has_vfat},
	{CASE("vfat-alias", vfat_alias), ALIASES, .access = RF_WRITE, .wanted = has_vfat},
	{CASE("casefold-read", casefold_read), .wanted = has_casefold},
	{CASE("casefold-write", casefold_write), ALIASES, .access = RF_WRITE, .wanted = has_casefold},
};
CASES(cases_names);

/* ------------------------------------------------- objects without a name */

static int foreign_namespace(void)
{
	return try_openat(held.foreign, "f", O_RDONLY);
}

static int detached_mount(void)
{
	return try_openat(held.detached, "f", O_RDONLY);
}

static int pipe_reopen(void)
{
	int fd[2];

	return pipe(fd) ? EBADF : try_reopen(fd[0], O_RDWR);
}

static int stdio_like(void)
{
	return try_open("/dev/null", O_RDWR);
}

static int own_terminal(void)
{
	if (setsid() < 0 || ioctl(held.slave, 0x540E /* TIOCSCTTY */, 0))
		return EBADF;
	return try_open(held.slave_path, O_RDWR);
}

static int other_terminal(void)
{
	if (setsid() < 0 || ioctl(held.slave, 0x540E, 0))
		return EBADF;
	return try_open(held.other_path, O_RDWR);
}

const struct kase cases_objects[] = {
	{CASE("foreign-namespace", foreign_namespace), NO_PATH, .access = RF_READ},
	{CASE("detached-mount", detached_mount), NO_PATH, .access = RF_READ},
	{CASE("pipe", pipe_reopen)},
	{CASE("null", stdio_like)},
	{CASE("own-terminal", own_terminal)},
	{CASE("other-terminal", other_terminal), REFUSED(WHOLE, file_open, "/dev/pts/...")},
};
CASES(cases_objects);
