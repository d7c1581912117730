// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is outside of the fence, and how to see whether it was touched. A tmpfs, /tmp/e, made anew for each stage, all
 * of it the actor's own by mode bits and owner: the fence alone keeps it away.
 *
 *   work/        f, x, dir/, empty/, exec (a shell script); link -> ../secret/key; chain -> link
 *   work/mixed/  deny/key: denied below an allowed tree
 *   secret/      key, tool, link -> key, empty/, dir/inner; "**", odd names; sock, dgram: sockets that listen
 *   hidden/      key, dir/: denied, and not there
 *   ro/          f, empty/: not to be written
 *   noexec/      tool, true, lib: not to be run
 *
 * Made once: /tmp/s, with sealed/key, hard (another link of it), bind (sealed, mounted), sealed/true (not to be run)
 * and true (another link of it); /tmp/a/vfat and /tmp/a/fold, file systems with other names of an entry; /tmp/a/ext4,
 * with ro/f, not to be written; loopback's listeners; a disk.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape/escape.h"
#include "escape/world.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

const char world_policy[] =
	"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: escape }\n"
	"spec:\n"
	"  files:\n"
	"    - allow: [read, write, exec]\n"
	"      paths: ['/**']\n"
	"    - deny: [write]\n"
	"      paths: ['/tmp/e/ro/**', '/tmp/a/ext4/ro/**', '/tmp/a/vfat/Read Only/**']\n"
	"    - deny: [exec]\n"
	"      paths: ['/tmp/e/noexec/**']\n"
	"    - deny: [read, write, exec]\n"
	"      paths: ['/tmp/e/secret/**', '/tmp/e/work/mixed/deny/**', '/tmp/a/vfat/Long Secret/**',\n"
	"              '/tmp/a/fold/dir/Secret/**']\n"
	"    - deny: [write]\n"
	"      paths: ['/tmp/e/work/conf/settings.json', '/tmp/e/work/u/*/key']\n"
	"    - deny: [write]\n"
	"      paths: ['/tmp/e/work/pem/**/*.pem', '/tmp/e/work/pem/**/.d/hooks/**']\n"
	"      moves: true\n"
	"    - deny: [exec]\n"
	"      paths: ['/tmp/e/work/pem/low/**']\n"
	"    - deny: [read, write, exec]\n"
	"      paths: ['/tmp/e/hidden/**']\n"
	"      hide: true\n"
	"    - deny: [read, write, exec]\n"
	"      paths: ['/tmp/s/sealed/key']\n"
	"      seal: true\n"
	"    - deny: [exec]\n"
	"      paths: ['/tmp/s/sealed/true']\n"
	"      seal: true\n"
	"  network:\n"
	"    - allow: [connect]\n"
	"      to: ['127.0.0.1', '::1']\n"
	"      ports: ['7000-7099']\n"
	"    - allow: [connect]\n"
	"      to: ['::1']\n"
	"      ports: ['7100-7199']\n"
	"    - allow: [bind]\n"
	"      to: ['127.0.0.1', '::1']\n"
	"      ports: ['3000-3099']\n"
	"  unix:\n"
	"    - allow: [connect, bind]\n"
	"      paths: ['/tmp/e/work/**', '@good*']\n";

struct found found;
char victim_word[sizeof(WORD)];

/* ------------------------------------------------------------- once, for all */

static void set_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Not every kernel has every one. */
	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		report_note("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(fd, SIOCGIFFLAGS, &request))
		die("lo");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("lo");
	close(fd);
}

/* Listens on all addresses of both families. -1 where the kernel has no such protocol. */
static int listener(int type, int protocol, unsigned port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	if (fd < 0)
		return -1;
	/* Connections of a run before may be waiting for their end. */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || (type != SOCK_DGRAM && listen(fd, 100)))
		die("a listener on port %u", port);
	return fd;
}

static void find_networks(void)
{
	int one = 1;

	loopback_up();
	shell("modprobe -qa sctp vsock vsock_loopback algif_hash xt_LOG packet_diag 2>/dev/null");
	set_sysctl("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	set_sysctl("/proc/sys/net/ipv4/tcp_fastopen", "3");
	set_sysctl("/proc/sys/dev/tty/legacy_tiocsti", "1");
	set_sysctl("/proc/sys/kernel/perf_event_paranoid", "-1");
	set_sysctl("/proc/sys/kernel/unprivileged_bpf_disabled", "0");
	set_sysctl("/proc/sys/kernel/unprivileged_userns_clone", "1");
	set_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0");
	found.listener[0] = listener(SOCK_STREAM, 0, PORT_TCP);
	found.listener[1] = listener(SOCK_DGRAM, 0, PORT_UDP);
	found.listener[2] = listener(SOCK_DGRAM, IPPROTO_UDPLITE, PORT_LITE);
	found.listener[3] = listener(SOCK_STREAM, IPPROTO_SCTP, PORT_SCTP);
	found.listener[4] = listener(SOCK_STREAM, 0, PORT_ALLOWED);
	found.listener[5] = listener(SOCK_DGRAM, 0, PORT_ALLOWED);
	setsockopt(found.listener[0], IPPROTO_TCP, 23 /* TCP_FASTOPEN */, &(int){100}, sizeof(int));
	setsockopt(found.listener[1], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

static void find_sealed(void)
{
	mount_tmpfs("/tmp/s");
	make_dir("/tmp/s/sealed");
	make_dir("/tmp/s/bind");
	make_file("/tmp/s/sealed/key", WORD);
	chmod("/tmp/s/sealed/key", 0666);
	copy_file("/usr/bin/true", "/tmp/s/sealed/true", 0755);
	if (link("/tmp/s/sealed/key", "/tmp/s/hard") || link("/tmp/s/sealed/true", "/tmp/s/true") ||
	    mount("/tmp/s/sealed", "/tmp/s/bind", NULL, MS_BIND, NULL))
		die("what is sealed");
}

static void find_file_systems(void)
{
	char device[32];

	/* Those of a run before are in use still. */
	shell("umount -lq /tmp/a/vfat /tmp/a/fold /tmp/a/ext4 2>/dev/null; rm -f /tmp/a.vfat /tmp/a.fold /tmp/a.ext4 "
	      "/tmp/a.disk");
	make_dir("/tmp/a");
	make_dir("/tmp/a/vfat");
	make_dir("/tmp/a/fold");
	make_dir("/tmp/a/ext4");
	shell("truncate -s 64M /tmp/a.vfat /tmp/a.fold /tmp/a.ext4 /tmp/a.disk && busybox mkdosfs /tmp/a.vfat "
	      ">/dev/null");
	shell("modprobe -qa vfat ext4 overlay fuse");
	if (loop_attach("/tmp/a.vfat", device, sizeof(device)) &&
	    !mount(device, "/tmp/a/vfat", "vfat", 0, "umask=000")) {
		make_dir("/tmp/a/vfat/Long Secret");
		make_file("/tmp/a/vfat/Long Secret/key", WORD);
		make_dir("/tmp/a/vfat/Read Only");
		make_file("/tmp/a/vfat/Read Only/f", "read only\n");
		found.vfat = true;
	}
	if (!shell("mkfs.ext4 -q -O casefold -E encoding=utf8 /tmp/a.fold 2>/dev/null") &&
	    loop_attach("/tmp/a.fold", device, sizeof(device)) && !mount(device, "/tmp/a/fold", "ext4", 0, NULL)) {
		make_dir("/tmp/a/fold/dir");
		if (!shell("chattr +F /tmp/a/fold/dir")) {
			make_dir("/tmp/a/fold/dir/Secret");
			make_file("/tmp/a/fold/dir/Secret/key", WORD);
			found.fold = true;
		}
	}
	/* A generation can be set where metadata have no sums; with minixdf, statfs(2) tells all blocks. */
	if (!shell("mkfs.ext4 -q -b 1024 -O ^metadata_csum /tmp/a.ext4 16M 2>/dev/null") &&
	    loop_attach("/tmp/a.ext4", device, sizeof(device)) && !mount(device, "/tmp/a/ext4", "ext4", 0, "minixdf")) {
		make_dir("/tmp/a/ext4/ro");
		make_file("/tmp/a/ext4/ro/f", "read only\n");
		found.ext4_file = open("/tmp/a/ext4/ro/f", O_RDONLY | O_CLOEXEC);
		found.ext4 = found.ext4_file >= 0;
	}
	write_word("/tmp/a.disk", WORD);
	if (loop_attach("/tmp/a.disk", found.disk, sizeof(found.disk)))
		chmod(found.disk, 0666);
	else
		*found.disk = '\0';
}

void world_found(void)
{
	umask(0);
	find_networks();
	find_sealed();
	find_file_systems();
}

/* ------------------------------------------------------------- the tree */

static const char *const owned[] = {
	TREE,
	WORK,
	WORK "/dir",
	WORK "/empty",
	WORK "/mixed",
	WORK "/mixed/deny",
	SECRET,
	SECRET "/empty",
	SECRET "/dir",
	HIDDEN,
	HIDDEN "/dir",
	TREE "/ro",
	TREE "/ro/empty",
	TREE "/noexec",
	WORK "/f",
	WORK "/x",
	WORK "/mixed/deny/key",
	KEY,
	HIDDEN "/key",
	SECRET "/tool",
	SECRET "/dir/inner",
	SECRET "/**",
	SECRET "/new\nline \xff",
	TREE "/ro/f",
	TREE "/noexec/true",
	TREE "/noexec/tool",
};
/* What no attempt may change, with its content. */
static const struct {
	const char *path, *word;
} kept[] = {
	{KEY, WORD},	    {SECRET "/dir/inner", WORD}, {WORK "/mixed/deny/key", WORD}, {TREE "/ro/f", "read only\n"},
	{SECRET, NULL},	    {SECRET "/empty", NULL},	 {TREE "/ro/empty", NULL},	 {WORK "/mixed/deny", NULL},
	{TREE "/ro", NULL},
};
static struct stat was[COUNT(kept)];

static int unix_listener(const char *name, int type)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), tries = 300;

	memcpy(at.sun_path, name, strlen(name));
	if (*name == '@')
		at.sun_path[0] = '\0';
	/* What is left of an attempt before may have its socket for a moment. */
	while (bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) &&
	       errno == EADDRINUSE && tries--)
		usleep(10000);
	if (fd < 0 || tries < 0 || (type != SOCK_DGRAM && listen(fd, 100)))
		die("unix socket %s", name);
	if (*name != '@' && (chmod(name, 0777) || chown(name, stage.uid, stage.uid)))
		die("unix socket %s", name);
	return fd;
}

static void make_files(void)
{
	make_file(WORK "/f", "work\n");
	make_file(WORK "/x", "work\n");
	make_file(WORK "/mixed/deny/key", WORD);
	make_file(KEY, WORD);
	make_file(SECRET "/dir/inner", WORD);
	make_file(HIDDEN "/key", WORD);
	make_file(SECRET "/**", WORD);
	make_file(SECRET "/new\nline \xff", WORD);
	make_file(TREE "/ro/f", "read only\n");
	make_tool(SECRET "/tool");
	make_tool(TREE "/noexec/tool");
	copy_file("/usr/bin/true", TREE "/noexec/true", 0755);
	if (symlink("../secret/key", WORK "/link") || symlink("link", WORK "/chain") || symlink("key", SECRET "/link"))
		die("symlinks");
}

static void make_tree(void)
{
	static const char *const dirs[] = {
		WORK,		WORK "/dir",	 WORK "/empty", WORK "/mixed", WORK "/mixed/deny",
		SECRET,		SECRET "/empty", SECRET "/dir", TREE "/ro",    TREE "/ro/empty",
		TREE "/noexec", HIDDEN,		 HIDDEN "/dir"};
	umask(0);
	mount_tmpfs(TREE);
	for (size_t i = 0; i < COUNT(dirs); i++)
		make_dir(dirs[i]);
	make_files();
	for (size_t i = 0; i < COUNT(owned); i++)
		if (chown(owned[i], stage.uid, stage.uid) || chmod(owned[i], 0777))
			die("%s", owned[i]);
	found.unix_listener[0] = unix_listener(SECRET "/sock", SOCK_STREAM);
	found.unix_listener[1] = unix_listener(SECRET "/dgram", SOCK_DGRAM);
	found.unix_listener[2] = unix_listener("@bad-stream", SOCK_STREAM);
	found.unix_listener[3] = unix_listener("@bad-dgram", SOCK_DGRAM);
}

/* -------------------------------------------------------------- the victim */

static int be_victim(int ready)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	for (size_t i = 0; i < COUNT(found.unix_listener); i++)
		close(found.unix_listener[i]);
	if (stage.uid && (setresgid(stage.uid, stage.uid, stage.uid) || setresuid(stage.uid, stage.uid, stage.uid)))
		return 1;
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "victim");
	memcpy(victim_word, WORD, sizeof(WORD));
	fd = open(KEY, O_RDWR);
	if (fd < 0 || dup2(fd, VICTIM_FD) < 0 || write(ready, "x", 1) != 1)
		return 1;
	close(fd);
	for (;;)
		pause();
}

static void make_victim(void)
{
	char byte;
	int ready[2];

	if (pipe(ready))
		die("a pipe");
	stage.victim = fork();
	if (!stage.victim)
		_exit(be_victim(ready[1]));
	close(ready[1]);
	if (stage.victim < 0 || read(ready[0], &byte, 1) != 1)
		die("the victim");
	close(ready[0]);
}

void world_make(void)
{
	make_tree();
	make_victim();
}

static void note_ext4(void);

void world_note(void)
{
	const struct timespec then[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	for (size_t i = 0; i < COUNT(kept); i++)
		if (utimensat(AT_FDCWD, kept[i].path, then, 0) || lstat(kept[i].path, &was[i]))
			die("%s", kept[i].path);
	note_ext4();
}

/* ----------------------------------------------------------- was it touched? */

/* What ioctls can change of /tmp/a/ext4 and of its file. */
static struct ext4 {
	int flags, generation;
	long blocks;
	char label[FSLABEL_MAX];
} ext4_was;

static struct ext4 ext4_is(void)
{
	struct ext4 is = {.flags = 0};
	struct statfs all;

	if (!found.ext4)
		return is;
	/* Held open, since an attempt may leave the stage with another root. */
	if (ioctl(found.ext4_file, FS_IOC_GETFLAGS, &is.flags) ||
	    ioctl(found.ext4_file, FS_IOC_GETVERSION, &is.generation) || fstatfs(found.ext4_file, &all))
		die("/tmp/a/ext4");
	/* Not every kernel tells one. */
	ioctl(found.ext4_file, FS_IOC_GETFSLABEL, is.label);
	is.blocks = (long)all.f_blocks;
	return is;
}

static void note_ext4(void)
{
	ext4_was = ext4_is();
}

static bool same_ext4(void)
{
	struct ext4 is = ext4_is();

	return !memcmp(&is, &ext4_was, sizeof(is));
}

static bool same_file(size_t i)
{
	struct stat is;
	char buf[64] = "";
	int fd;

	if (lstat(kept[i].path, &is) || is.st_ino != was[i].st_ino || is.st_mode != was[i].st_mode ||
	    is.st_uid != was[i].st_uid || is.st_nlink != was[i].st_nlink || is.st_size != was[i].st_size ||
	    is.st_mtim.tv_sec != was[i].st_mtim.tv_sec || is.st_mtim.tv_nsec != was[i].st_mtim.tv_nsec)
		return false;
	if (!kept[i].word)
		return true;
	fd = open(kept[i].path, O_RDONLY | O_NOATIME);
	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) < 0)
		return false;
	close(fd);
	return !strcmp(buf, kept[i].word);
}

static bool victim_well(void)
{
	char word[sizeof(WORD)] = "", path[64], state = 0;
	struct iovec mine = {.iov_base = word, .iov_len = sizeof(word)};
	struct iovec its = {.iov_base = victim_word, .iov_len = sizeof(word)};
	struct rlimit files, own;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)stage.victim);
	stat = fopen(path, "re");
	if (!stat || fscanf(stat, "%*d %*s %c", &state) != 1)
		return false;
	fclose(stat);
	if ((state != 'S' && state != 'R') || getpriority(PRIO_PROCESS, (id_t)stage.victim) ||
	    sched_getscheduler(stage.victim) != SCHED_OTHER)
		return false;
	if (prlimit(stage.victim, RLIMIT_NOFILE, NULL, &files) || getrlimit(RLIMIT_NOFILE, &own) ||
	    files.rlim_cur != own.rlim_cur)
		return false;
	return process_vm_readv(stage.victim, &mine, 1, &its, 1, 0) == sizeof(word) && !strcmp(word, WORD);
}

/* Whether a listener had a visitor. Takes what it has. */
static bool visited(int fd)
{
	bool was_there = false;
	char byte;
	int peer;

	if (fd < 0)
		return false;
	for (;;) {
		/* A datagram, or a connection. */
		if (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0) {
			was_there = true;
			continue;
		}
		peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (peer < 0)
			return was_there;
		close(peer);
		was_there = true;
	}
}

bool world_intact(void)
{
	bool good = victim_well();

	good = same_ext4() && good;
	for (size_t i = 0; i < COUNT(kept); i++)
		good = same_file(i) && good;
	for (size_t i = 0; i < COUNT(found.unix_listener); i++)
		good = !visited(found.unix_listener[i]) && good;
	/* The allowed ones, which are the last two, may have visitors. */
	for (size_t i = 0; i < COUNT(found.listener); i++)
		good = (!visited(found.listener[i]) || i >= 4) && good;
	return good;
}
