// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways to reach a task outside, a cgroup outside, and to get rid of the fence by births and credentials. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/world.h"

static const char *of_victim(const char *file)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)stage.victim, file);
	return path;
}

/* ------------------------------------------------------------------ memory */

static int trace_attach(void)
{
	long word;

	if (ptrace(PTRACE_ATTACH, stage.victim, NULL, NULL))
		return errno;
	waitpid(stage.victim, NULL, __WALL);
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, stage.victim, victim_word, NULL);
	return errno ? errno : memcmp(&word, WORD, sizeof(word)) ? EILSEQ : 0;
}

static int trace_seize(void)
{
	return tried(ptrace(PTRACE_SEIZE, stage.victim, NULL, NULL));
}

/* The tracer would be the parent, which is outside. */
static int trace_me(void)
{
	return tried(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int move_memory(bool out, char word[sizeof(WORD)])
{
	struct iovec mine = {.iov_base = word, .iov_len = sizeof(WORD)};
	struct iovec its = {.iov_base = victim_word, .iov_len = sizeof(WORD)};

	return tried(out ? process_vm_readv(stage.victim, &mine, 1, &its, 1, 0)
			 : process_vm_writev(stage.victim, &mine, 1, &its, 1, 0));
}

static int read_memory(void)
{
	char word[sizeof(WORD)] = "";
	int error = move_memory(true, word);

	return error ? error : strcmp(word, WORD) ? EILSEQ : 0;
}

static int write_memory(void)
{
	char word[sizeof(WORD)] = "other";

	return move_memory(false, word);
}

static int read_proc_mem(void)
{
	char word[sizeof(WORD)] = "";
	int fd = open(of_victim("mem"), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	if (pread(fd, word, sizeof(word), (off_t)(uintptr_t)victim_word) < 0)
		return errno;
	return strcmp(word, WORD) ? EILSEQ : 0;
}

static int open_proc(const char *file, int flags)
{
	char byte;
	int fd = open(of_victim(file), flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return flags == O_RDONLY ? tried(read(fd, &byte, 1)) : 0;
}

static int read_environ(void)
{
	return open_proc("environ", O_RDONLY);
}

static int read_maps(void)
{
	return open_proc("maps", O_RDONLY);
}

static int write_oom(void)
{
	int fd = open(of_victim("oom_score_adj"), O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : tried(write(fd, "500", 3));
}

static bool oom_unchanged(void)
{
	char byte = 0;
	int fd = open(of_victim("oom_score_adj"), O_RDONLY | O_CLOEXEC);

	return read(fd, &byte, 1) == 1 && byte == '0';
}

static int write_comm(void)
{
	int fd = open(of_victim("comm"), O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : tried(write(fd, "robbed", 6));
}

static int take_fd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, stage.victim, 0);

	return fd < 0 ? errno : read_word((int)syscall(SYS_pidfd_getfd, fd, VICTIM_FD, 0));
}

static int compare(void)
{
	return tried(syscall(SYS_kcmp, getpid(), stage.victim, 1 /* KCMP_VM */, 0, 0));
}

static int advise(void)
{
	struct iovec its = {.iov_base = (void *)((uintptr_t)victim_word & ~4095ul), .iov_len = 4096};
	int fd = (int)syscall(SYS_pidfd_open, stage.victim, 0);

	return tried(syscall(SYS_process_madvise, fd, &its, 1, 20 /* MADV_COLD */, 0));
}

static int migrate(void)
{
	unsigned long nodes = 1;

	return tried(syscall(SYS_migrate_pages, stage.victim, 64, &nodes, &nodes));
}

/* ----------------------------------------------------------------- signals */

/* Waits until a signal that was raised has had its effect. */
static int after(int error)
{
	usleep(20000);
	return error;
}

static int kill_it(void)
{
	return after(tried(kill(stage.victim, SIGTERM)));
}

static int kill_group(void)
{
	return after(tried(kill(-stage.victim, SIGTERM)));
}

static int kill_thread(void)
{
	return after(tried(syscall(SYS_tgkill, stage.victim, stage.victim, SIGTERM)));
}

static int kill_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, stage.victim, 0);

	return fd < 0 ? errno : after(tried(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0)));
}

static int queue(void)
{
	return after(tried(sigqueue(stage.victim, SIGTERM, (union sigval){.sival_int = 1})));
}

static int stop_it(void)
{
	return after(tried(kill(stage.victim, SIGSTOP)));
}

/* The kernel sends it, when there is input. */
static int own(int (*set)(int fd))
{
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return errno;
	if ((error = set(pair[0])))
		return error;
	if (fcntl(pair[0], F_SETSIG, SIGTERM) || fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK) ||
	    write(pair[1], "x", 1) != 1)
		return errno;
	return after(0);
}

static int set_owner(int fd)
{
	return tried(fcntl(fd, F_SETOWN, stage.victim));
}

static int set_owner_ex(int fd)
{
	struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = stage.victim};

	return tried(fcntl(fd, F_SETOWN_EX, &owner));
}

static int set_owner_ioctl(int fd)
{
	int pid = stage.victim;

	return tried(ioctl(fd, FIOSETOWN, &pid));
}

static int set_group_ioctl(int fd)
{
	int pid = -stage.victim;

	return tried(ioctl(fd, SIOCSPGRP, &pid));
}

static int own_setown(void)
{
	return own(set_owner);
}

static int own_setown_ex(void)
{
	return own(set_owner_ex);
}

static int own_fiosetown(void)
{
	return own(set_owner_ioctl);
}

static int own_siocspgrp(void)
{
	return own(set_group_ioctl);
}

/* -------------------------------------------------------------- priorities */

static int set_nice(void)
{
	return tried(setpriority(PRIO_PROCESS, (id_t)stage.victim, 5));
}

static int set_scheduler(void)
{
	struct sched_param param = {0};

	return tried(sched_setscheduler(stage.victim, SCHED_BATCH, &param));
}

static int set_affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return tried(sched_setaffinity(stage.victim, sizeof(set), &set));
}

static int set_io_priority(void)
{
	/* IOPRIO_WHO_PROCESS, best effort, lowest */
	return tried(syscall(SYS_ioprio_set, 1, stage.victim, 2 << 13 | 7));
}

static int set_limit(void)
{
	struct rlimit limit = {.rlim_cur = 200, .rlim_max = 200};

	return tried(prlimit(stage.victim, RLIMIT_NOFILE, &limit, NULL));
}

/* ------------------------------------------------------------------ cgroups */

/* A cgroup outside; a stage may leave it behind. */
static const char *outside(const char *file)
{
	static char path[512];

	/* The fence's own lies somewhere beneath the mount of the hierarchy. */
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", file);
	return path;
}

static int write_pid(const char *path)
{
	char pid[16];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
		return errno;
	return open_and_read(KEY);
}

static int leave_by_procs(void)
{
	return write_pid(outside("cgroup.procs"));
}

static int leave_by_threads(void)
{
	return write_pid(outside("cgroup.threads"));
}

static int make_group(void)
{
	return mkdir(outside("escape"), 0777) && errno != EEXIST ? errno : 0;
}

static int enter_group(void)
{
	return write_pid(outside("escape/cgroup.procs"));
}

static int open_group(void)
{
	int error = make_group();

	stage.fd[0] = open(outside("escape/cgroup.procs"), O_WRONLY | O_CLOEXEC);
	return error ? error : stage.fd[0] < 0 ? errno : 0;
}

static int enter_held(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	return write(stage.fd[0], pid, strlen(pid)) < 0 ? errno : open_and_read(KEY);
}

static int be_born_in_group(void)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int status, fd = open(outside("escape"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	long pid;

	args.cgroup = (uint64_t)fd;
	pid = fd < 0 ? -1 : syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return errno;
	if (!pid)
		_exit(open_and_read(KEY));
	waitpid((pid_t)pid, &status, 0);
	return WEXITSTATUS(status);
}

static int new_group(void)
{
	rmdir(outside("escape-new"));
	return 0;
}

static int make_new_group(void)
{
	return tried(mkdir(outside("escape-new"), 0755));
}

static bool no_new_group(void)
{
	bool none = access(outside("escape-new"), F_OK);

	rmdir(outside("escape-new"));
	return none;
}

static int remove_group(void)
{
	return tried(rmdir(outside("escape")));
}

static int freeze_group(void)
{
	int fd = open(outside("escape/cgroup.freeze"), O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : tried(write(fd, "0", 1));
}

static int mount_cgroup2(void)
{
	if (mount("cgroup2", WORK "/empty", "cgroup2", 0, NULL))
		return errno;
	return write_pid(WORK "/empty/cgroup.procs");
}

static int mount_cgroup1(void)
{
	return tried(mount("cgroup", WORK "/empty", "cgroup", 0, "none,name=escape"));
}

/* ------------------------------------------------------------------- births */

static int many_children(void)
{
	int status, worst = EACCES;

	for (int i = 0; i < 200; i++)
		if (!fork())
			_exit(open_and_read(KEY));
	while (wait(&status) > 0)
		if (WEXITSTATUS(status) != EACCES)
			worst = WEXITSTATUS(status);
	return worst;
}

/* Each is born of one that has ended. */
static int orphans(void)
{
	int pipes[2], error = EIO;

	if (pipe(pipes))
		return errno;
	for (int i = 0; i < 30; i++)
		if (fork()) {
			if (i)
				_exit(0);
			close(pipes[1]);
			return read(pipes[0], &error, sizeof(error)) == sizeof(error) ? error : EIO;
		}
	setsid();
	error = open_and_read(KEY);
	_exit(write(pipes[1], &error, sizeof(error)) < 0);
}

static int vfork_exec(void)
{
	static const char *const argv[] = {"/bin/cat", KEY, NULL};

	return run_for(argv, WORD);
}

static void *changed_thread(void *arg)
{
	int *error = arg;

	/* The kernel's call changes this thread alone, unlike libc's. */
	if (!stage.uid &&
	    (syscall(SYS_setresgid, USER_ID, USER_ID, USER_ID) || syscall(SYS_setresuid, USER_ID, USER_ID, USER_ID)))
		*error = errno;
	else
		*error = open_and_read(KEY);
	return NULL;
}

static int thread_credentials(void)
{
	pthread_t thread;
	int error = 0;

	if (pthread_create(&thread, NULL, changed_thread, &error))
		return EAGAIN;
	pthread_join(thread, NULL);
	return error;
}

static int make_setuid(void)
{
	copy_file("/bin/cat", WORK "/cat", 0755);
	return tried(chown(WORK "/cat", 0, 0) || chmod(WORK "/cat", 04755) ? -1 : 0);
}

static int run_setuid(void)
{
	static const char *const argv[] = {WORK "/cat", KEY, NULL};

	return run_for(argv, WORD);
}

static int nest(unsigned depth)
{
	if (depth > 32)
		return EUSERS;
	if (unshare(CLONE_NEWUSER))
		return depth ? open_and_read(KEY) : errno;
	return nest(depth + 1);
}

static int nest_users(void)
{
	return nest(0);
}

#define T      LINE_TASKS
#define C      LINE_CGROUP
#define PTRACE BY_GUARD("ptrace_access_check", "ptrace")
/* From 7.2 on, at the latest, who may not trace is asked for CAP_PERFMON, then CAP_SYS_ADMIN: may_access_mm()
 * (kernel/fork.c). */
#define MEMORY	     BY_GUARD("ptrace_access_check|capable", "ptrace|capabilities"), .most = 3, .error = EACCES
#define SIGNAL	     BY_GUARD("task_kill", "signals"), .changes = true
#define OWNER	     BY_GUARD("file_fcntl|file_ioctl|file_send_sigiotask|file_set_fowner", "signals"), .changes = true
#define PRIORITY(by) BY_GUARD(by "|capable", "signals")
#define GROUP	     .hook = "file_open|path_mkdir|path_rmdir|task_alloc", .reason = "guard", .guard = "cgroups"
#define MOUNTED	     BY_GUARD("sb_mount|capable", "mounts|capabilities")

const struct attempt attempts_tasks[] = {
	{"PTRACE_ATTACH", T, BOTH, NULL, trace_attach, PTRACE},
	{"PTRACE_SEIZE", T, BOTH, NULL, trace_seize, PTRACE},
	{"PTRACE_TRACEME", T, BOTH, NULL, trace_me, BY_GUARD("ptrace_traceme", "ptrace")},
	{"process_vm_readv", T, BOTH, NULL, read_memory, PTRACE},
	{"process_vm_writev", T, BOTH, NULL, write_memory, PTRACE, .changes = true},
	{"proc-mem", T, BOTH, NULL, read_proc_mem, PTRACE, .error = EACCES},
	{"proc-environ", T, BOTH, NULL, read_environ, MEMORY},
	{"proc-maps", T, BOTH, NULL, read_maps, MEMORY},
	{"proc-oom_score_adj", T, BOTH, NULL, write_oom, .hook = "file_open", .reason = "guard",
	 .guard = "signals|ptrace", .changes = true, .intact = oom_unchanged},
	{"proc-comm", T, USER, NULL, write_comm,
	 .skip = "only a thread of the same process may write it (proc(5)), guard or not"},
	{"pidfd_getfd", T, BOTH, NULL, take_fd, PTRACE},
	{"kcmp", T, BOTH, NULL, compare, PTRACE},
	{"process_madvise", T, BOTH, NULL, advise, MEMORY},
	{"migrate_pages", T, BOTH, NULL, migrate, BY_GUARD("ptrace_access_check|task_movememory", "ptrace|signals")},
	{"kill", T, BOTH, NULL, kill_it, SIGNAL},
	{"kill-group", T, BOTH, NULL, kill_group, SIGNAL},
	{"tgkill", T, BOTH, NULL, kill_thread, SIGNAL},
	{"pidfd_send_signal", T, BOTH, NULL, kill_pidfd, SIGNAL},
	{"sigqueue", T, BOTH, NULL, queue, SIGNAL},
	{"SIGSTOP", T, BOTH, NULL, stop_it, SIGNAL},
	{"F_SETOWN", T, BOTH, NULL, own_setown, OWNER},
	{"F_SETOWN_EX", T, BOTH, NULL, own_setown_ex, OWNER},
	{"FIOSETOWN", T, BOTH, NULL, own_fiosetown, OWNER},
	{"SIOCSPGRP", T, BOTH, NULL, own_siocspgrp, OWNER},
	{"setpriority", T, BOTH, NULL, set_nice, PRIORITY("task_setnice"), .changes = true},
	{"sched_setscheduler", T, BOTH, NULL, set_scheduler, PRIORITY("task_setscheduler"), .changes = true},
	{"sched_setaffinity", T, BOTH, NULL, set_affinity, PRIORITY("task_setscheduler")},
	{"ioprio_set", T, BOTH, NULL, set_io_priority, PRIORITY("task_setioprio")},
	{"prlimit", T, BOTH, NULL, set_limit, PRIORITY("task_prlimit|task_setrlimit"), .changes = true},
	{"cgroup.procs", C, ROOT, NULL, leave_by_procs, GROUP},
	{"cgroup.threads", C, ROOT, NULL, leave_by_threads, GROUP},
	{"cgroup.procs-other", C, ROOT, make_group, enter_group, GROUP},
	{"cgroup.procs-held", C, ROOT, open_group, enter_held,
	 .skip = "an inherited descriptor is used without being judged, by its starter's leave "
		 "(docs/security-model.md)"},
	{"CLONE_INTO_CGROUP", C, ROOT, make_group, be_born_in_group, GROUP},
	{"cgroup-mkdir", C, ROOT, new_group, make_new_group, GROUP, .changes = true, .intact = no_new_group},
	{"cgroup-rmdir", C, ROOT, make_group, remove_group, GROUP},
	{"cgroup-freeze", C, ROOT, make_group, freeze_group, GROUP},
	{"mount-cgroup2", C, ROOT, NULL, mount_cgroup2, MOUNTED},
	{"mount-cgroup1", C, ROOT, NULL, mount_cgroup1, MOUNTED},
	{"systemd-run", C, BOTH, .skip = "no service manager in this guest; its bus is a unix socket, as unix/stream"},
	{"docker.sock", C, BOTH, .skip = "no container engine in this guest; a unix socket, as unix/stream"},
	{"cron-spool", C, BOTH, .skip = "no such service in this guest; its spool is a path, as changes/creat"},
	{"children", LINE_BIRTHS, BOTH, NULL, many_children, BY_RULE("file_open", KEY), .most = 200},
	{"orphans", LINE_BIRTHS, BOTH, NULL, orphans, BY_RULE("file_open", KEY)},
	{"vfork-exec", LINE_BIRTHS, BOTH, NULL, vfork_exec, BY_RULE("file_open", KEY)},
	{"thread-credentials", LINE_BIRTHS, BOTH, NULL, thread_credentials, BY_RULE("file_open", KEY)},
	{"setuid-program", LINE_BIRTHS, USER, make_setuid, run_setuid, BY_RULE("file_open", KEY)},
	{"nested-users", LINE_BIRTHS, BOTH, NULL, nest_users,
	 BY_GUARD("userns_create|capable", "namespaces|capabilities")},
};
ATTEMPTS(attempts_tasks);
