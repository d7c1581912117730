// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to see what is denied under a name that is allowed, by mounts and namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/world.h"

/* glibc's <sys/mount.h> and <linux/mount.h> of Debian 12 exclude each other. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

#define AT WORK "/empty"

static int bind_and_read(void)
{
	return mount(SECRET, AT, NULL, MS_BIND, NULL) ? errno : open_and_read(AT "/key");
}

static int bind_file(void)
{
	return mount(KEY, WORK "/f", NULL, MS_BIND, NULL) ? errno : open_and_read(WORK "/f");
}

static int bind_parent(void)
{
	return mount(TREE, AT, NULL, MS_BIND | MS_REC, NULL) ? errno : open_and_read(AT "/secret/key");
}

static int new_tmpfs(void)
{
	return tried(mount("tmpfs", AT, "tmpfs", 0, NULL));
}

static int make_proc_place(void)
{
	make_dir(WORK "/proc");
	return 0;
}

static int new_proc(void)
{
	return tried(mount("proc", WORK "/proc", "proc", 0, NULL));
}

/* Another mount of the whole tree moves onto the allowed place. */
static int hold_bind(void)
{
	make_dir(TREE "/there");
	return mount(SECRET, TREE "/there", NULL, MS_BIND, NULL) ? errno : 0;
}

static int move_old(void)
{
	return mount(TREE "/there", AT, NULL, MS_MOVE, NULL) ? errno : open_and_read(AT "/key");
}

static int move_new(void)
{
	if (syscall(SYS_move_mount, AT_FDCWD, TREE "/there", AT_FDCWD, AT, 0))
		return errno;
	return open_and_read(AT "/key");
}

/* A clone is opened through its own descriptor, attached to nothing. */
static int clone_tree(void)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, SECRET, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? errno : openat_and_read(fd, "key", 0);
}

static int clone_and_move(void)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, SECRET, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || syscall(SYS_move_mount, fd, "", AT_FDCWD, AT, MOVE_MOUNT_F_EMPTY_PATH))
		return errno;
	return open_and_read(AT "/key");
}

/* A clone that was made before the fence. */
static int hold_clone(void)
{
	stage.fd[0] = (int)syscall(SYS_open_tree, AT_FDCWD, SECRET, OPEN_TREE_CLONE);
	return stage.fd[0] < 0 ? errno : 0;
}

static int read_held_clone(void)
{
	return openat_and_read(stage.fd[0], "key", 0);
}

static int move_held_clone(void)
{
	if (syscall(SYS_move_mount, stage.fd[0], "", AT_FDCWD, AT, MOVE_MOUNT_F_EMPTY_PATH))
		return errno;
	return open_and_read(AT "/key");
}

static int new_file_system(void)
{
	return tried(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
}

static int hold_context(void)
{
	stage.fd[0] = (int)syscall(SYS_fsopen, "tmpfs", 0);
	if (stage.fd[0] < 0 || syscall(SYS_fsconfig, stage.fd[0], FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return errno;
	return 0;
}

static int mount_context(void)
{
	return tried(syscall(SYS_fsmount, stage.fd[0], FSMOUNT_CLOEXEC, 0));
}

static int pick(void)
{
	return tried(syscall(SYS_fspick, AT_FDCWD, TREE, FSPICK_CLOEXEC));
}

static int set_attributes(void)
{
	struct mount_attr attr = {.attr_clr = MOUNT_ATTR_RDONLY};

	return tried(syscall(SYS_mount_setattr, AT_FDCWD, TREE "/there", 0, &attr, sizeof(attr)));
}

static int hold_read_only(void)
{
	int error = hold_bind();

	return error ? error : tried(mount(NULL, TREE "/there", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

static int remount(void)
{
	return tried(mount(NULL, TREE "/there", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int make_shared(void)
{
	return tried(mount(NULL, TREE, NULL, MS_SHARED, NULL));
}

/* A mount hides the secret beneath an allowed name. */
static int hide_beneath(void)
{
	make_file(AT "/key", WORD);
	if (mount("tmpfs", AT, "tmpfs", 0, NULL))
		return errno;
	return 0;
}

static int uncover(void)
{
	return umount2(AT, 0) ? errno : open_and_read(AT "/key");
}

static int uncover_lazily(void)
{
	return umount2(AT, MNT_DETACH) ? errno : open_and_read(AT "/key");
}

static int change_root(void)
{
	return chroot(SECRET) ? errno : open_and_read("/key");
}

static int hold_root(void)
{
	int error = hold_bind();

	make_dir(SECRET "/old");
	return error;
}

static int pivot(void)
{
	if (chdir(TREE "/there"))
		return errno;
	return syscall(SYS_pivot_root, ".", "old") ? errno : open_and_read("/key");
}

/* ------------------------------------------------------------- namespaces */

static int unshare_mounts(void)
{
	return unshare(CLONE_NEWNS) ? errno : bind_and_read();
}

static int unshare_user(void)
{
	return tried(unshare(CLONE_NEWUSER));
}

static int unshare_user_mounts(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) ? errno : bind_and_read();
}

static int unshare_user_then_mounts(void)
{
	return unshare(CLONE_NEWUSER) || unshare(CLONE_NEWNS) ? errno : bind_and_read();
}

static int nothing(void *arg)
{
	(void)arg;
	return bind_and_read() != 0;
}

/* By clone(2), not unshare(2). */
static int clone_namespaces(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status, flags = (stage.uid ? CLONE_NEWUSER : 0) | CLONE_NEWNS | SIGCHLD;
	pid_t pid = clone(nothing, stack + sizeof(stack), flags, NULL);

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return status ? EPERM : 0;
}

static int unshare_run(void)
{
	static const char *const argv[] = {
		"/usr/bin/unshare", "-Urm", "sh", "-c", "mount --bind " SECRET " " AT " && cat " AT "/key", NULL};

	return run_for(argv, WORD);
}

static int unshare_flag(int flag)
{
	return tried(unshare(flag));
}

static int unshare_pid(void)
{
	return unshare_flag(CLONE_NEWPID);
}

static int unshare_net(void)
{
	return unshare_flag(CLONE_NEWNET);
}

static int unshare_ipc(void)
{
	return unshare_flag(CLONE_NEWIPC);
}

static int unshare_cgroup(void)
{
	return unshare_flag(CLONE_NEWCGROUP);
}

/* A task with a mount namespace in which the secret has another name. */
static int make_other(void)
{
	int ready[2];
	char path[64], byte;
	pid_t pid;

	if (pipe(ready))
		return errno;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNS) || mount(SECRET, AT, NULL, MS_BIND, NULL) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return EIO;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	stage.fd[0] = open(path, O_RDONLY | O_CLOEXEC);
	stage.number[0] = (int)pid;
	return stage.fd[0] < 0 ? errno : 0;
}

static int enter_held(void)
{
	return setns(stage.fd[0], CLONE_NEWNS) ? errno : open_and_read(AT "/key");
}

static int enter_path(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", stage.number[0]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || setns(fd, CLONE_NEWNS) ? errno : open_and_read(AT "/key");
}

static int enter_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, stage.number[0], 0);

	return fd < 0 || setns(fd, CLONE_NEWNS) ? errno : open_and_read(AT "/key");
}

#define GUARDED(by)   BY_GUARD(by "|capable", "mounts|capabilities")
#define NAMESPACE(by) BY_GUARD(by "|capable|userns_create", "namespaces|capabilities")
/* A changed root does not shorten what the rules see: where it is not refused itself, the open is. */
#define CHROOT	.hook = "path_chroot|capable|file_open", .reason = "guard|rule", .guard = "mounts|capabilities"
#define ENTERED BY_GUARD("capable|ptrace_access_check", "namespaces|capabilities|ptrace")
#define M	LINE_MOUNTS

const struct attempt attempts_mounts[] = {
	{"bind", M, ROOT, NULL, bind_and_read, GUARDED("sb_mount")},
	{"bind-file", M, ROOT, NULL, bind_file, GUARDED("sb_mount")},
	{"bind-parent", M, ROOT, NULL, bind_parent, GUARDED("sb_mount")},
	{"tmpfs", M, ROOT, NULL, new_tmpfs, GUARDED("sb_mount")},
	{"proc", M, ROOT, make_proc_place, new_proc, GUARDED("sb_mount")},
	{"MS_MOVE", M, ROOT, hold_bind, move_old, GUARDED("sb_mount")},
	{"move_mount", M, ROOT, hold_bind, move_new, GUARDED("move_mount")},
	{"open_tree", M, ROOT, NULL, clone_tree, GUARDED("capable")},
	{"open_tree-move_mount", M, ROOT, NULL, clone_and_move, GUARDED("capable")},
	{"open_tree-held", M, BOTH, hold_clone, read_held_clone, .hook = "file_open", .reason = "no-path"},
	{"open_tree-held-move", M, ROOT, hold_clone, move_held_clone, GUARDED("move_mount")},
	{"fsopen", M, ROOT, NULL, new_file_system, GUARDED("capable")},
	{"fsmount-held", M, ROOT, hold_context, mount_context, GUARDED("capable")},
	{"fspick", M, ROOT, NULL, pick, GUARDED("capable")},
	{"mount_setattr", M, ROOT, hold_read_only, set_attributes, GUARDED("capable")},
	{"remount", M, ROOT, hold_read_only, remount, GUARDED("sb_mount")},
	{"make-shared", M, ROOT, NULL, make_shared, GUARDED("sb_mount")},
	{"umount", M, ROOT, hide_beneath, uncover, GUARDED("sb_umount")},
	{"umount-lazy", M, ROOT, hide_beneath, uncover_lazily, GUARDED("sb_umount")},
	{"chroot", M, ROOT, NULL, change_root, CHROOT},
	{"pivot_root", M, ROOT, hold_root, pivot, GUARDED("sb_pivotroot")},
	{"unshare-mounts", M, ROOT, NULL, unshare_mounts, NAMESPACE("capable")},
	{"unshare-user", M, BOTH, NULL, unshare_user, BY_GUARD("userns_create", "namespaces")},
	{"unshare-user-mounts", M, BOTH, NULL, unshare_user_mounts, NAMESPACE("userns_create")},
	{"unshare-user-then", M, BOTH, NULL, unshare_user_then_mounts, NAMESPACE("userns_create")},
	{"clone-namespaces", M, BOTH, NULL, clone_namespaces, NAMESPACE("userns_create")},
	{"unshare-Urm", M, BOTH, NULL, unshare_run, NAMESPACE("userns_create"), .error = EACCES},
	{"unshare-pid", M, ROOT, NULL, unshare_pid, NAMESPACE("capable")},
	{"unshare-net", M, ROOT, NULL, unshare_net, NAMESPACE("capable")},
	{"unshare-ipc", M, ROOT, NULL, unshare_ipc, NAMESPACE("capable")},
	{"unshare-cgroup", M, ROOT, NULL, unshare_cgroup, NAMESPACE("capable")},
	{"setns-held", M, ROOT, make_other, enter_held, NAMESPACE("capable")},
	{"setns-path", M, ROOT, make_other, enter_path, ENTERED, .error = EACCES},
	{"setns-pidfd", M, ROOT, make_other, enter_pidfd, ENTERED},
};
ATTEMPTS(attempts_mounts);
