// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Fixed cases: each way to name, change, run or reach something, and the one denial that follows or does not. A tmpfs,
 * /tmp/w, with what the policy allows there and what lies in it:
 *
 * - rw, read and write: f, m1, x1, x2, attr, d1/, plain/, shared/f; link -> ../secret/key; slink; s, d
 * - rw/strict/, shade/, p1/; rw/locked: does not exist; narrow: a file; what is named lock in strict may not be
 * written, in the others not written
 * - rw/bus: s, to which nobody may connect
 * - rw/bind: the host has mounted secret there
 * - wo, write: f, d/
 * - ro, read: f, d/, tool, true, script; gone: unlinked, open; bindfile: rw/f mounted
 * - bin, read and exec: tool, true, script, bad-script (its interpreter is ro/tool)
 * - run, exec: tool, sealed against reading
 * - glob: a file "*", which alone may be read, and a
 * - secret, nothing: key, s, d; bind: rw/shared mounted there; rw/f
 * - over, read: an overlay of low and others: tool, memfd:good
 * - hidden, nothing, ENOENT: key, tool, link, d, unseen (also rw/seen)
 * - vfat and casefold, read; write in vfat/up and casefold/fold alone: file systems that know other names
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vm/lib/held.h"
#include "vm/lib/world.h"

#define HEAD "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: "
static const char policy[] =
	HEAD "names }\n"
	     "spec:\n"
	     "  files:\n"
	     "    - allow: [read, exec]\n"
	     "      paths: ['/usr/**', '/lib*/**', '/bin/**', '/etc/**', '/tmp/w/bin/**']\n"
	     "    - allow: [read]\n"
	     "      paths: ['/tmp/w/ro/**', '/tmp/w/over/**', '/tmp/w/vfat/**', '/tmp/w/casefold/**']\n"
	     "    - allow: [read]\n"
	     "      paths: ['/proc/self/**', '/tmp/w/glob/\\*']\n"
	     "    - allow: [read, write]\n"
	     "      paths: ['/tmp/w/rw/**', '/dev/null']\n"
	     "    - deny: [write]\n"
	     "      paths: ['/tmp/w/rw/strict/lock']\n"
	     "    - deny: [read]\n"
	     "      paths: ['/tmp/w/rw/{locked,shade,narrow}/lock']\n"
	     "    - allow: [write]\n"
	     "      paths: ['/tmp/w/wo/**', '/tmp/w/vfat/up/**', '/tmp/w/casefold/fold/**']\n"
	     "    - allow: [exec]\n"
	     "      paths: ['memfd:good*']\n"
	     "    - deny: [read, write, exec]\n"
	     "      paths: ['/tmp/w/hidden/**']\n"
	     "      hide: true\n"
	     "    - allow: [exec]\n"
	     "      paths: ['/tmp/w/run/**']\n"
	     "    - deny: [read]\n"
	     "      paths: ['/tmp/w/run/tool']\n"
	     "      seal: true\n"
	     "  guards: { off: [capabilities] }\n" /* trusted attributes want one */
	     "  network:\n"
	     "    - allow: connect\n"
	     "      to: ['127.0.0.1', '::1']\n"
	     "      ports: ['7000-7099']\n"
	     "      protocols: [tcp, udp]\n"
	     "    - allow: bind\n"
	     "      to: ['127.0.0.1', '::1']\n"
	     "      ports: ['3000-3099']\n"
	     "  unix:\n"
	     "    - allow: [connect]\n"
	     "      paths: ['/tmp/w/rw/**', '@good*']\n"
	     "    - deny: [connect]\n"
	     "      paths: ['/tmp/w/rw/bus/**']\n"
	     "    - allow: [bind]\n"
	     "      paths: ['@good*']\n";

/* ---------------------------------------------------------------- the tree */

static void make_tree(void)
{
	static const char *const dirs[] = {
		"rw",	       "wo",	   "ro",	 "bin",		"glob",	     "secret",	 "hidden",
		"run",	       "vfat",	   "casefold",	 "rw/d1",	"rw/shared", "rw/plain", "rw/strict",
		"rw/p1",       "rw/bus",   "rw/bind",	 "rw/shade",	"wo/d",	     "ro/d",	 "secret/rw",
		"secret/bind", "hidden/d", "secret/low", "secret/over", "low",	     "over"};
	static const char *const files[] = {
		"other",      "rw/f",	     "rw/m1",  "rw/shared/f", "rw/x1",	    "rw/x2",
		"rw/attr",    "rw/narrow",   "wo/f",   "ro/f",	      "ro/gone",    "ro/bindfile",
		"secret/key", "secret/rw/f", "glob/*", "glob/a",      "hidden/key", "secret/a \n\"\xff\x01",
		"rw/seen"};
	char path[128];

	mount_tmpfs("/tmp/w");
	for (size_t i = 0; i < COUNT(dirs); i++) {
		snprintf(path, sizeof(path), "/tmp/w/%s", dirs[i]);
		make_dir(path);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "/tmp/w/%s", files[i]);
		make_file(path, "text\n");
	}
	make_tool("/tmp/w/bin/tool");
	make_tool("/tmp/w/ro/tool");
	make_tool("/tmp/w/run/tool");
	make_tool("/tmp/w/hidden/tool");
	copy_file("/usr/bin/true", "/tmp/w/bin/true", 0755);
	copy_file("/usr/bin/true", "/tmp/w/ro/true", 0755);
	make_file("/tmp/w/bin/script", "#!/tmp/w/bin/tool\n");
	make_file("/tmp/w/bin/bad-script", "#!/tmp/w/ro/tool\n");
	make_file("/tmp/w/ro/script", "#!/tmp/w/bin/tool\n");
	setxattr("/tmp/w/ro/f", "trusted.there", "1", 1, 0);
	if (symlink("../secret/key", "/tmp/w/rw/link") || symlink("../secret/s", "/tmp/w/rw/slink") ||
	    symlink("f", "/tmp/w/ro/link") || symlink("key", "/tmp/w/hidden/link") ||
	    link("/tmp/w/rw/seen", "/tmp/w/hidden/unseen"))
		die("symlinks");
	if (mount("/tmp/w/secret", "/tmp/w/rw/bind", NULL, MS_BIND, NULL) ||
	    mount("/tmp/w/rw/shared", "/tmp/w/secret/bind", NULL, MS_BIND, NULL) ||
	    mount("/tmp/w/rw/f", "/tmp/w/ro/bindfile", NULL, MS_BIND, NULL))
		die("bind mounts");
}

static void make_socket(int type, const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (path[0] == '@')
		name.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (void *)&name, len) || (type == SOCK_STREAM && listen(fd, 128)))
		die("socket %s", path);
}

static void make_sockets(void)
{
	make_socket(SOCK_STREAM, "/tmp/w/rw/s");
	make_socket(SOCK_STREAM, "/tmp/w/secret/s");
	make_socket(SOCK_STREAM, "/tmp/w/rw/bus/s");
	make_socket(SOCK_STREAM, "@good-s");
	make_socket(SOCK_STREAM, "@bad-s");
	make_socket(SOCK_DGRAM, "/tmp/w/rw/d");
	make_socket(SOCK_DGRAM, "/tmp/w/secret/d");
	make_socket(SOCK_DGRAM, "@good-d");
	make_socket(SOCK_DGRAM, "@bad-d");
}

/* A process in a mount namespace of its own, with a tmpfs of its own; a directory of it. */
static int foreign_directory(void)
{
	char path[64];
	int ready[2], fd;
	char byte;
	pid_t pid;

	if (pipe(ready))
		die("pipe");
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			_exit(1);
		mount_tmpfs("/tmp/w/rw");
		make_file("/tmp/w/rw/f", "foreign\n");
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		die("a mount namespace");
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/root/tmp/w/rw", (int)pid);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return fd;
}

static int terminal(char *path, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, path, size))
		die("a terminal");
	return open(path, O_RDWR | O_NOCTTY);
}

static void hold(void)
{
	struct file_handle *handle = (void *)held.handle;
	int mount_id;

	held.foreign = foreign_directory();
	held.detached = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp/w/rw", OPEN_TREE_CLONE);
	held.gone = open("/tmp/w/ro/gone", O_RDONLY);
	held.writable = open("/tmp/w/ro/f", O_RDWR);
	held.root = open("/tmp/w", O_RDONLY);
	terminal(held.other_path, sizeof(held.other_path));
	held.slave = terminal(held.slave_path, sizeof(held.slave_path));
	handle->handle_bytes = 128;
	if (name_to_handle_at(AT_FDCWD, "/tmp/w/secret/key", handle, &mount_id, 0))
		die("name_to_handle_at");
	if (held.foreign < 0 || held.detached < 0 || held.gone < 0 || held.slave < 0 || unlink("/tmp/w/ro/gone"))
		die("descriptors");
}

/* An overlay keeps a mount of its own of what lies beneath it, in no namespace; newer kernels list the last one first.
 */
static void make_overlay(void)
{
	if (mount("over", "/tmp/w/secret/over", "overlay", 0, "lowerdir=/tmp/w/secret/low:/tmp/w/secret/rw"))
		die("an overlay");
	make_tool("/tmp/w/low/tool");
	make_tool("/tmp/w/low/memfd:good");
	if (mount("over", "/tmp/w/over", "overlay", 0, "lowerdir=/tmp/w/low:/tmp/w/secret/rw"))
		die("an overlay");
}

/* File systems whose directories know an entry by more than one name. */
static void make_aliases(void)
{
	char device[32];

	shell("truncate -s 64M /tmp/w.vfat /tmp/w.ext4 && busybox mkdosfs /tmp/w.vfat >/dev/null");
	shell("modprobe vfat; modprobe ext4");
	if (loop_attach("/tmp/w.vfat", device, sizeof(device)) && !mount(device, "/tmp/w/vfat", "vfat", 0, NULL)) {
		make_dir("/tmp/w/vfat/up");
		make_file("/tmp/w/vfat/up/Long File Name", "x");
		held.vfat = true;
	}
	if (!shell("mkfs.ext4 -q -O casefold -E encoding=utf8 /tmp/w.ext4 2>/dev/null") &&
	    loop_attach("/tmp/w.ext4", device, sizeof(device)) && !mount(device, "/tmp/w/casefold", "ext4", 0, NULL)) {
		make_dir("/tmp/w/casefold/fold");
		if (!shell("chattr +F /tmp/w/casefold/fold")) {
			make_file("/tmp/w/casefold/fold/file", "x");
			held.casefold = true;
		}
	}
}

/* --------------------------------------------- other ways to be in a fence */

static int open_key(void)
{
	return try_open("/tmp/w/secret/key", O_RDONLY);
}

static int open_mine(void)
{
	return try_open("/tmp/w/ro/f", O_RDONLY);
}

static int write_mine(void)
{
	return try_open("/tmp/w/rw/f", O_WRONLY);
}

#define KEY .hook = RF_HOOK_file_open, .reason = RF_REASON_RULE, .access = RF_READ, .object = "/tmp/w/secret/key"
static const struct kase audited[] = {
	{CASE("tells", open_key), KEY, .verdict = RF_WOULD_DENY},
	{CASE("quiet", open_mine)},
};
static const char audit_mode[] = HEAD "audit }\nspec:\n  mode: audit\n  files:\n    - allow: [read]\n"
				      "      paths: ['/tmp/w/ro/**']\n";

static void audit(const struct options *options)
{
	struct fence fence;

	fence_make(&fence, policy, true);
	cases_run(&fence, options, "audit-run", audited, COUNT(audited));
	fence_end(&fence);
	fence_make(&fence, audit_mode, false);
	cases_run(&fence, options, "audit-policy", audited, COUNT(audited));
	fence_end(&fence);
}

static int rename_gain(void)
{
	return ERRNO(rename("/tmp/w/wo/f", "/tmp/w/rw/g"));
}

static int link_gain_from_wo(void)
{
	return ERRNO(link("/tmp/w/wo/f", "/tmp/w/rw/g"));
}

#define TWO_A \
	HEAD "a }\nspec:\n  files:\n    - allow: [read, write, exec]\n      paths: ['/tmp/w/ro/**', '/tmp/w/rw/**']\n"
#define TWO_B HEAD "b }\nspec:\n  files:\n    - allow: [read]\n      paths: ['/**']\n"
#define RW_F  .hook = RF_HOOK_file_open, .reason = RF_REASON_RULE, .access = RF_WRITE, .object = "/tmp/w/rw/f"
static const struct kase chained[] = {
	{CASE("both-allow", open_mine)},
	{CASE("first-refuses", open_key), .error = EACCES, KEY},
	{CASE("second-refuses", write_mine), .error = EACCES, RW_F},
};

static void two_policies(const struct options *options)
{
	struct fence fence;

	fence_make(&fence, TWO_A "---\n" TWO_B, false);
	cases_run(&fence, options, "two-policies", chained, COUNT(chained));
	fence_end(&fence);
}

/* The first policy refuses the old name, but only tells; the second allows it, and refuses what it would gain. */
#define MOVE_A HEAD "a }\nspec:\n  mode: audit\n  files: []\n"
#define MOVE_B                                                                                   \
	HEAD "b }\nspec:\n  files:\n    - allow: [read, write]\n      paths: ['/tmp/w/rw/**']\n" \
	     "    - allow: [write]\n      paths: ['/tmp/w/wo/**']\n"
static const struct kase audited_moves[] = {
	{CASE("rename-gain", rename_gain), GAIN(path_rename, "/tmp/w/wo/f", "/tmp/w/rw/g")},
	{CASE("link-gain", link_gain_from_wo), GAIN(path_link, "/tmp/w/wo/f", "/tmp/w/rw/g")},
};

static void audit_before_gain(const struct options *options)
{
	struct fence fence;

	fence_make(&fence, MOVE_A "---\n" MOVE_B, false);
	cases_run(&fence, options, "audit-before-gain", audited_moves, COUNT(audited_moves));
	fence_end(&fence);
}

/* The first policy would refuse the file, but only tells; the second allows it, and its guard does not. */
#define SETTING "/proc/sys/kernel/hostname"
static int write_setting(void)
{
	return try_open(SETTING, O_WRONLY);
}

static const struct kase audited_guard[] = {
	{CASE("setting", write_setting), .error = EPERM, .hook = RF_HOOK_file_open, .reason = RF_REASON_GUARD,
	 .access = RF_WRITE, .object = SETTING},
};

static void audit_before_guard(const struct options *options)
{
	struct fence fence;

	fence_make(&fence,
		   MOVE_A "---\n" HEAD "b }\nspec:\n  files:\n    - allow: [read, write]\n      paths: ['/**']\n",
		   false);
	cases_run(&fence, options, "audit-before-guard", audited_guard, COUNT(audited_guard));
	fence_end(&fence);
}

static int child_act(void *arg)
{
	(void)arg;
	return open_key();
}

/* A cgroup made beneath a fence, by the host, is fenced as well. */
static void child_cgroup(const struct options *options, struct fence *fence)
{
	char path[512];
	int fd, status;

	if (!options_want(options, "child-cgroup"))
		return;
	fence_clear(fence);
	snprintf(path, sizeof(path), "%s/child", fence->fence->path);
	if (mkdirat(fence->fence->cgroup_fd, "child", 0755))
		die("mkdir %s", path);
	fd = openat(fence->fence->cgroup_fd, "child", O_RDONLY | O_DIRECTORY);
	status = fence_wait(fence, fence_start(fence, fd, child_act, NULL));
	close(fd);
	report(status == EACCES && fence->events == 1, "child-cgroup", "errno %d, %zu denials", status, fence->events);
	unlinkat(fence->fence->cgroup_fd, "child", AT_REMOVEDIR);
}

/* What the fence within says, for the test that is outside of both. */
struct nested {
	const struct options *options;
	int status[3];
	size_t denials[3];
};

static int nested_act(void *arg)
{
	struct kase *kase = arg;

	return kase->act();
}

/* Who makes a fence within a fence works on the engine. */
#define OUTER                                                                                                          \
	HEAD "outer }\nspec:\n  guards: { off: [engine, bpf, capabilities, cgroups] }\n  files:\n    - allow: [read, " \
	     "write, exec]\n      paths: ['/**']\n"                                                                    \
	     "    - deny: [read]\n      paths: ['/tmp/w/secret/**']\n"
#define INNER                                                                                       \
	HEAD "inner }\nspec:\n  files:\n    - allow: [read, write]\n      paths: ['/tmp/w/ro/**', " \
	     "'/tmp/w/secret/**']\n"

static int make_nested(void *arg)
{
	struct nested *nested = arg;
	struct fence fence;

	engine_forget();
	fence_make(&fence, INNER, false);
	for (size_t i = 0; i < COUNT(chained); i++) {
		fence_clear(&fence);
		nested->status[i] = fence_run(&fence, nested_act, (void *)(uintptr_t)&chained[i]);
		nested->denials[i] = fence.events;
	}
	fence_end(&fence);
	rf_engine_close(engine());
	return 0;
}

static void nested_fence(const struct options *options)
{
	struct nested *nested = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rf_error error;
	struct fence fence;
	int status;

	if (!options_want(options, "nested"))
		return;
	fence_make(&fence, OUTER, false);
	rf_engine_unlock(engine());
	status = fence_run(&fence, make_nested, nested);
	if (rf_engine_lock(engine(), &error))
		die("the lock: %s", error.text);
	for (size_t i = 0; i < COUNT(chained); i++) {
		char name[64];

		snprintf(name, sizeof(name), "nested/%s", chained[i].name);
		report(!status && nested->status[i] == chained[i].error && nested->denials[i] == !!chained[i].error,
		       name, "status %d, errno %d, %zu denials", status, nested->status[i], nested->denials[i]);
	}
	fence_show(&fence);
	fence_end(&fence);
}

int main(int argc, char **argv)
{
	struct options options;
	struct fence fence;
	double start = now();

	options_read(&options, argc, argv);
	engine();
	report_note("engine: %.1f s", now() - start);
	make_tree();
	make_sockets();
	hold();
	make_aliases();
	make_overlay();
	fence_make(&fence, policy, false);
#define RUN(table) cases_run(&fence, &options, #table, cases_##table, cases_##table##_count)
	RUN(names);
	RUN(objects);
	RUN(links);
	RUN(attributes);
	RUN(exec);
	RUN(sockets);
	RUN(unix);
	RUN(hide);
	child_cgroup(&options, &fence);
	fence_end(&fence);
	audit(&options);
	two_policies(&options);
	audit_before_gain(&options);
	audit_before_guard(&options);
	nested_fence(&options);
	rf_engine_close(engine());
	report_note("%.1f s", now() - start);
	return report_end();
}
