// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways through the kernel: bpf, perf, modules, raw devices, settings, IPC and keys of others, the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/world.h"
#include "vm/lib/world.h"

/* ---------------------------------------------------------------------- bpf */

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* A map of the host, pinned as the engine's are. */
#define PIN "/sys/fs/bpf/escape"

static int hold_map(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	union bpf_attr pin = {.pathname = (uintptr_t)PIN};
	struct bpf_map_info info = {0};
	union bpf_attr ask = {.info = {.info_len = sizeof(info), .info = (uintptr_t)&info}};

	stage.fd[0] = bpf(BPF_MAP_CREATE, &attr);
	pin.bpf_fd = ask.info.bpf_fd = (unsigned)stage.fd[0];
	unlink(PIN);
	if (stage.fd[0] < 0 || bpf(BPF_OBJ_PIN, &pin) || bpf(BPF_OBJ_GET_INFO_BY_FD, &ask))
		return errno;
	stage.number[0] = (int)info.id;
	return tried(chown(PIN, stage.uid, stage.uid));
}

static int bpf_next(void)
{
	union bpf_attr attr = {0};

	return tried(bpf(BPF_MAP_GET_NEXT_ID, &attr));
}

static int bpf_by_id(void)
{
	union bpf_attr attr = {.map_id = (unsigned)stage.number[0]};

	return tried(bpf(BPF_MAP_GET_FD_BY_ID, &attr));
}

static int bpf_by_pin(void)
{
	union bpf_attr attr = {.pathname = (uintptr_t)PIN};

	return tried(bpf(BPF_OBJ_GET, &attr));
}

static int bpf_create(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	return tried(bpf(BPF_MAP_CREATE, &attr));
}

static int bpf_load(void)
{
	/* r0 = 0; exit */
	struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .insn_cnt = 2,
			       .insns = (uintptr_t)code,
			       .license = (uintptr_t) "GPL"};

	return tried(bpf(BPF_PROG_LOAD, &attr));
}

static int bpf_next_link(void)
{
	union bpf_attr attr = {0};

	if (bpf(BPF_LINK_GET_NEXT_ID, &attr))
		return errno;
	attr.link_id = attr.next_id;
	attr.next_id = 0;
	attr.open_flags = 0;
	return tried(bpf(BPF_LINK_GET_FD_BY_ID, &attr));
}

/* Of a map whose descriptor was left open. */
static int bpf_change_held(void)
{
	uint32_t key = 0;
	uint64_t value = 1;
	union bpf_attr attr = {.map_fd = (unsigned)stage.fd[0], .key = (uintptr_t)&key, .value = (uintptr_t)&value};

	return tried(bpf(BPF_MAP_UPDATE_ELEM, &attr));
}

static bool map_unchanged(void)
{
	uint32_t key = 0;
	uint64_t value = 1;
	union bpf_attr attr = {.map_fd = (unsigned)stage.fd[0], .key = (uintptr_t)&key, .value = (uintptr_t)&value};

	return !bpf(BPF_MAP_LOOKUP_ELEM, &attr) && !value;
}

static int send_map(void)
{
	int pair[2], error = hold_map();

	if (error || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return error ? error : errno;
	stage.fd[1] = pair[0];
	return send_fd(pair[1], stage.fd[0]);
}

static int receive_map(void)
{
	return tried(receive_fd(stage.fd[1]));
}

static int perf_self(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_TASK_CLOCK,
				       .exclude_kernel = 1,
				       .exclude_hv = 1};

	return tried(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

/* -------------------------------------------------------- modules, kexec, … */

static int no_module(void)
{
	shell("modprobe -qr dummy");
	return 0;
}

static int load_module(void)
{
	static const char *const argv[] = {"/sbin/modprobe", "dummy", NULL};

	return run_for(argv, "");
}

/* What is no module is found out after it was read. */
static int load_module_file(void)
{
	int fd = open(WORK "/f", O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? errno : tried(syscall(SYS_finit_module, fd, "", 0));

	return error == ENOEXEC ? 0 : error;
}

static int have_module(void)
{
	return shell("modprobe -q dummy") ? ENOENT : 0;
}

static int delete_module(void)
{
	return tried(syscall(SYS_delete_module, "dummy", O_NONBLOCK));
}

static int kexec_old(void)
{
	return tried(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

static int kexec_new(void)
{
	return tried(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, KEXEC_FILE_UNLOAD));
}

static int reboot_keys(void)
{
	return tried(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL));
}

static int set_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return tried(clock_settime(CLOCK_REALTIME, &now));
}

static int account(void)
{
	return tried(acct(NULL));
}

static int restrict_log(void)
{
	write_word("/proc/sys/kernel/dmesg_restrict", "1");
	return 0;
}

/* Then anybody may read it, and no power is asked for. */
static int open_log(void)
{
	write_word("/proc/sys/kernel/dmesg_restrict", "0");
	return 0;
}

static int kernel_log(void)
{
	char buf[64];

	return tried(klogctl(3, buf, sizeof(buf)));
}

static int io_ports(void)
{
	return tried(iopl(3));
}

static int host_name(void)
{
	char name[64];

	gethostname(name, sizeof(name));
	return tried(sethostname(name, strlen(name)));
}

static int make_swap(void)
{
	return shell("truncate -s 2M " WORK "/swap && mkswap " WORK "/swap >/dev/null 2>&1") || !*found.disk ? ENODEV
													     : 0;
}

static int swap_off(void)
{
	/* Nothing is swapped there: EINVAL says that it was asked. */
	return swapoff(found.disk) && errno == EINVAL ? 0 : errno;
}

/* ------------------------------------------------------------------ devices */

static int open_device(const char *path, int flags)
{
	return tried(open(path, flags | O_CLOEXEC | O_NONBLOCK));
}

static int have_disk(void)
{
	return *found.disk ? 0 : ENODEV;
}

static int read_disk(void)
{
	return open_and_read(found.disk);
}

static int make_disk_node(void)
{
	struct stat is;

	if (stat(found.disk, &is) || mknod(WORK "/disk", S_IFBLK | 0600, is.st_rdev))
		return errno;
	return open_and_read(WORK "/disk");
}

/* Made outside, in the workspace. */
static int hold_disk_node(void)
{
	struct stat is;

	if (!*found.disk || stat(found.disk, &is) || mknod(WORK "/disk", S_IFBLK | 0666, is.st_rdev))
		return ENODEV;
	return 0;
}

static int read_disk_node(void)
{
	return open_and_read(WORK "/disk");
}

static int open_mem(void)
{
	return open_device("/dev/mem", O_RDONLY);
}

static int open_kmem(void)
{
	return open_device("/dev/kmem", O_RDONLY);
}

static int open_port(void)
{
	return open_device("/dev/port", O_RDONLY);
}

static int make_mem_node(void)
{
	if (mknod(WORK "/mem", S_IFCHR | 0600, makedev(1, 1)))
		return errno;
	return open_device(WORK "/mem", O_RDONLY);
}

static int open_kcore(void)
{
	return open_device("/proc/kcore", O_RDONLY);
}

/* --------------------------------------------------------- kernel's settings */

static int rewrite(const char *path)
{
	char buf[256];
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	len = read(fd, buf, sizeof(buf));
	if (fd < 0 || len < 0)
		return errno;
	close(fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? errno : tried(write(fd, buf, (size_t)len));
}

static int core_pattern(void)
{
	return rewrite("/proc/sys/kernel/core_pattern");
}

static int modprobe_path(void)
{
	return rewrite("/proc/sys/kernel/modprobe");
}

static int swappiness(void)
{
	return rewrite("/proc/sys/vm/swappiness");
}

static int sysrq(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	/* 'h' prints help. */
	return fd < 0 ? errno : tried(write(fd, "h", 1));
}

static int mount_debugging(void)
{
	/* Where they are mounted already, that serves. */
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	return 0;
}

static int trace_marker(void)
{
	int fd = open("/sys/kernel/tracing/trace_marker", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : tried(write(fd, "x", 1));
}

static int debugging(void)
{
	return tried(open("/sys/kernel/debug/clear_warn_once", O_WRONLY | O_CLOEXEC));
}

static int own_configfs(void)
{
	return shell("modprobe -q configfs; mountpoint -q /sys/kernel/config || "
		     "mount -t configfs configfs /sys/kernel/config; modprobe -q netconsole") ||
			       access("/sys/kernel/config/netconsole", F_OK)
		       ? ENODEV
		       : 0;
}

static int make_config(void)
{
	int error = tried(mkdir("/sys/kernel/config/netconsole/escape", 0755));

	rmdir("/sys/kernel/config/netconsole/escape");
	return error;
}

/* --------------------------------------------------------------- IPC, keys */

static int make_shm(void)
{
	char *at;

	stage.number[0] = shmget(0x5ec, 4096, IPC_CREAT | 0666);
	at = stage.number[0] < 0 ? (void *)-1 : shmat(stage.number[0], NULL, 0);
	if (at == (void *)-1)
		return errno;
	strcpy(at, WORD);
	return 0;
}

static int read_shm(void)
{
	int id = shmget(0x5ec, 4096, 0666);
	char *at = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY);

	return at == (void *)-1 ? errno : strcmp(at, WORD) ? EILSEQ : 0;
}

static int read_shm_by_id(void)
{
	char *at = shmat(stage.number[0], NULL, SHM_RDONLY);

	return at == (void *)-1 ? errno : strcmp(at, WORD) ? EILSEQ : 0;
}

static int remove_shm(void)
{
	return tried(shmctl(stage.number[0], IPC_RMID, NULL));
}

struct text {
	long type;
	char text[sizeof(WORD)];
};

static int make_messages(void)
{
	struct text text = {.type = 1, .text = WORD};

	stage.number[0] = msgget(0x5ec, IPC_CREAT | 0666);
	return stage.number[0] < 0 ? errno : tried(msgsnd(stage.number[0], &text, sizeof(text.text), 0));
}

static int read_message(void)
{
	struct text text = {0};

	if (msgrcv(stage.number[0], &text, sizeof(text.text), 0, IPC_NOWAIT) < 0)
		return errno;
	return strcmp(text.text, WORD) ? EILSEQ : 0;
}

static int remove_messages(void)
{
	return tried(msgctl(stage.number[0], IPC_RMID, NULL));
}

static int make_semaphore(void)
{
	stage.number[0] = semget(0x5ec, 1, IPC_CREAT | 0666);
	return tried(stage.number[0]);
}

static int raise_semaphore(void)
{
	struct sembuf up = {.sem_op = 1};

	return tried(semop(stage.number[0], &up, 1));
}

static int remove_semaphore(void)
{
	return tried(semctl(stage.number[0], 0, IPC_RMID));
}

static bool semaphore_is_down(void)
{
	return !semctl(stage.number[0], 0, GETVAL);
}

static int make_queue(void)
{
	mqd_t queue = mq_open("/escape", O_CREAT | O_RDWR, 0666, NULL);

	return queue < 0 ? errno : tried(mq_send(queue, WORD, sizeof(WORD), 0));
}

static int make_own_queue(void)
{
	return tried(mq_open("/escape-own", O_CREAT | O_RDWR, 0600, NULL));
}

static int remove_queue(void)
{
	return tried(mq_unlink("/escape"));
}

static int read_queue(void)
{
	char buf[8192];
	mqd_t queue = mq_open("/escape", O_RDWR);

	if (queue < 0 || mq_receive(queue, buf, sizeof(buf), NULL) < 0)
		return errno;
	return strcmp(buf, WORD) ? EILSEQ : 0;
}

static long keyctl(int operation, unsigned long a, unsigned long b, unsigned long c)
{
	return syscall(SYS_keyctl, operation, a, b, c, 0);
}

/* In the session keyring, which the fence's tasks inherit. */
static int make_key(void)
{
	if (keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0) < 0)
		return errno;
	stage.number[0] = (int)syscall(SYS_add_key, "user", "escape", WORD, sizeof(WORD), KEY_SPEC_SESSION_KEYRING);
	if (stage.number[0] < 0)
		return errno;
	return tried(keyctl(KEYCTL_SETPERM, (unsigned long)stage.number[0], 0x3f3f3f3f, 0));
}

static int read_key(void)
{
	char buf[64] = "";

	if (keyctl(KEYCTL_READ, (unsigned long)stage.number[0], (uintptr_t)buf, sizeof(buf)) < 0)
		return errno;
	return strcmp(buf, WORD) ? EILSEQ : 0;
}

static int search_key(void)
{
	return tried(keyctl(KEYCTL_SEARCH, (unsigned long)KEY_SPEC_SESSION_KEYRING, (uintptr_t) "user",
			    (uintptr_t) "escape"));
}

static int change_key(void)
{
	return tried(keyctl(KEYCTL_UPDATE, (unsigned long)stage.number[0], (uintptr_t) "x", 1));
}

/* A keyring of its own is a new key. */
static int make_keyring(void)
{
	return tried(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0));
}

/* ----------------------------------------------------------------- terminal */

static int make_terminal(void)
{
	stage.fd[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (stage.fd[0] < 0 || grantpt(stage.fd[0]) || unlockpt(stage.fd[0]) ||
	    ptsname_r(stage.fd[0], stage.path, sizeof(stage.path)))
		return errno;
	return tried(chown(stage.path, stage.uid, stage.uid));
}

/* As the terminal that the fence was started from: it is the controlling one. */
static int push_input(void)
{
	struct termios raw;
	int fd, count = 0;

	setsid();
	fd = open(stage.path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || (ioctl(fd, TIOCSCTTY, 0) && errno != EPERM) || tcgetattr(fd, &raw))
		return errno;
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSANOW, &raw) || ioctl(fd, TIOCSTI, "x"))
		return errno;
	return ioctl(fd, FIONREAD, &count) || !count ? EIO : 0;
}

static int paste(void)
{
	char request[2] = {6 /* TIOCL_GETSHIFTSTATE */};
	int fd = open("/dev/tty1", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? errno : tried(ioctl(fd, TIOCLINUX, request));
}

#define K LINE_KERNEL
#define T LINE_TASKS
/* bpf_capable() asks for CAP_BPF and then for CAP_SYS_ADMIN, before the hook of bpf(2) (kernel/bpf/syscall.c). */
#define BPF	   BY_GUARD("bpf|capable|file_open", "bpf|capabilities|engine")
#define CAPABLE	   BY_GUARD("capable", "capabilities")
#define MODULE(by) BY_GUARD(by "|capable", "modules|capabilities")
#define DEVICE	   BY_GUARD("file_open|path_mknod|capable", "devices|capabilities")
#define SETTING	   BY_GUARD("file_open|path_mkdir", "kernel")
/* ipcperms() (ipc/util.c) answers EACCES whatever the hook says. */
#define IPC(by) BY_GUARD(by, "ipc"), .error = EACCES
#define KEYS	BY_GUARD("key_permission|key_alloc", "keys")

const struct attempt attempts_kernel[] = {
	{"bpf-next-id", K, ROOT, NULL, bpf_next, BPF, .most = 3},
	{"bpf-fd-by-id", K, ROOT, hold_map, bpf_by_id, BPF, .most = 3},
	{"bpf-pin", K, BOTH, hold_map, bpf_by_pin, BPF, .most = 3},
	{"bpf-map-create", K, BOTH, NULL, bpf_create, BPF, .most = 3},
	{"bpf-prog-load", K, BOTH, NULL, bpf_load, BPF, .most = 3},
	{"bpf-link-by-id", K, ROOT, NULL, bpf_next_link, BPF, .most = 3},
	{"bpf-held-map", K, BOTH, hold_map, bpf_change_held, BPF, .most = 3, .changes = true, .intact = map_unchanged},
	{"bpf-received-map", K, BOTH, send_map, receive_map, BY_GUARD("file_receive", "fds|bpf"), .error = EACCES},
	{"perf_event_open", K, BOTH, NULL, perf_self, BY_GUARD("perf_event_open|capable", "perf|capabilities")},
	{"init_module", K, ROOT, no_module, load_module, MODULE("kernel_read_file|kernel_load_data"), .error = EACCES},
	{"finit_module", K, ROOT, NULL, load_module_file, MODULE("kernel_read_file")},
	{"delete_module", K, ROOT, have_module, delete_module, CAPABLE},
	{"kexec_load", K, ROOT, NULL, kexec_old, MODULE("kernel_load_data")},
	{"kexec_file_load", K, ROOT, NULL, kexec_new, MODULE("kernel_read_file")},
	{"reboot", K, ROOT, NULL, reboot_keys, CAPABLE},
	{"clock_settime", K, ROOT, NULL, set_clock, CAPABLE},
	{"acct", K, ROOT, NULL, account, CAPABLE},
	{"syslog-open", K, BOTH, open_log, kernel_log, BY_GUARD("syslog", "kernel")},
	{"syslog", K, ROOT, restrict_log, kernel_log, CAPABLE,
	 .most = 2 /* CAP_SYSLOG, then CAP_SYS_ADMIN: check_syslog_permissions() */},
	{"iopl", K, ROOT, NULL, io_ports, CAPABLE},
	{"sethostname", K, ROOT, NULL, host_name, CAPABLE},
	{"swapoff", K, ROOT, make_swap, swap_off, CAPABLE},
	{"disk", K, BOTH, have_disk, read_disk, DEVICE},
	{"mknod-disk", K, ROOT, have_disk, make_disk_node, DEVICE},
	{"disk-node-before", K, BOTH, hold_disk_node, read_disk_node, DEVICE},
	{"dev-mem", K, ROOT, NULL, open_mem, DEVICE},
	{"dev-kmem", K, ROOT, NULL, open_kmem, DEVICE},
	{"dev-port", K, ROOT, NULL, open_port, DEVICE},
	{"mknod-mem", K, ROOT, NULL, make_mem_node, DEVICE},
	{"kcore", K, ROOT, NULL, open_kcore, BY_GUARD("file_open|capable", "kernel|capabilities|devices")},
	{"core_pattern", T, ROOT, NULL, core_pattern, SETTING},
	{"modprobe-path", T, ROOT, NULL, modprobe_path, SETTING},
	{"swappiness", T, ROOT, NULL, swappiness, SETTING},
	{"sysrq-trigger", T, ROOT, NULL, sysrq, SETTING},
	{"tracefs", K, ROOT, mount_debugging, trace_marker, SETTING},
	{"debugfs", K, ROOT, mount_debugging, debugging, SETTING},
	{"configfs", K, ROOT, own_configfs, make_config, SETTING},
	{"shmget", T, BOTH, make_shm, read_shm, IPC("ipc_permission|shm_associate")},
	{"shmat", T, BOTH, make_shm, read_shm_by_id, IPC("ipc_permission|shm_shmat")},
	{"shmctl", T, ROOT, make_shm, remove_shm, BY_GUARD("ipc_permission|shm_shmctl", "ipc")},
	{"msgrcv", T, BOTH, make_messages, read_message, IPC("ipc_permission|msg_queue_msgrcv")},
	{"semop", T, BOTH, make_semaphore, raise_semaphore, IPC("ipc_permission|sem_semop"), .changes = true,
	 .intact = semaphore_is_down},
	{"msgctl", T, ROOT, make_messages, remove_messages, BY_GUARD("msg_queue_msgctl", "ipc")},
	{"semctl", T, ROOT, make_semaphore, remove_semaphore, BY_GUARD("sem_semctl", "ipc")},
	{"mq_open-make", T, BOTH, NULL, make_own_queue, BY_GUARD("inode_create", "ipc")},
	{"mq_unlink", T, ROOT, make_queue, remove_queue, BY_GUARD("inode_unlink", "ipc"),
	 .error = EACCES /* mq_unlink(3) says that for EPERM */},
	{"mq_open", T, BOTH, make_queue, read_queue, .hook = "file_open|inode_permission", .reason = "guard|no-path",
	 .guard = "ipc"},
	{"keyctl-read", T, BOTH, make_key, read_key, KEYS, .most = 2,
	 .error = ENOKEY /* keyctl_read_key() asks again for a search, and says that */},
	{"keyctl-join", T, BOTH, NULL, make_keyring, BY_GUARD("key_alloc", "keys")},
	{"keyctl-search", T, BOTH, make_key, search_key, KEYS},
	{"keyctl-update", T, BOTH, make_key, change_key, KEYS, .most = 2},
	{"TIOCSTI", LINE_TERMINAL, BOTH, make_terminal, push_input, BY_GUARD("file_ioctl", "terminal")},
	{"TIOCLINUX", LINE_TERMINAL, ROOT, NULL, paste, BY_GUARD("file_ioctl", "terminal")},
};
ATTEMPTS(attempts_kernel);
