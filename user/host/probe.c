// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/internal.h"
#include "host/btf.h"
#include "host/lsm.h"
#include "host/probe.h"
#include "host/read.h"

#define WHOLE_UID_MAP	 "4294967295"
#define BPF_LOOP_RELEASE 5017 /* Linux 5.17 */

__attribute__((format(printf, 2, 3))) static int fails(struct rf_problem *problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return -1;
}

__attribute__((format(printf, 2, 3))) static void remedy(struct rf_problem *problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem->remedy, sizeof(problem->remedy), format, args);
	va_end(args);
}

/* --------------------------------------------------------------------- root */

static bool has_capability(const struct __user_cap_data_struct caps[2], unsigned cap)
{
	return caps[cap / 32].effective & 1u << cap % 32;
}

/* Root of a user namespace only looks like root. */
static bool in_first_user_namespace(void)
{
	RF_AUTO_FREE char *map = rf_host_read(AT_FDCWD, "/proc/self/uid_map");
	unsigned inside, outside;
	char count[16];

	return !map || (sscanf(map, "%u %u %15s", &inside, &outside, count) == 3 && inside == 0 && outside == 0 &&
			strcmp(count, WHOLE_UID_MAP) == 0);
}

int rf_probe_root(struct rf_problem *problem)
{
	static const struct {
		unsigned number;
		const char *name;
	} needed[] = {{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, {CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{0}};

	if (geteuid() != 0) {
		remedy(problem, "start it as root, with sudo or doas; --user gives the command another user");
		return fails(problem, "not root: only root can put a fence into the kernel");
	}
	if (!in_first_user_namespace()) {
		remedy(problem, "start it as the host's root, outside the user namespace (rootless container)");
		return fails(problem, "root of a user namespace only: the kernel takes no fence from it");
	}
	syscall(SYS_capget, &head, caps);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (has_capability(caps, needed[i].number))
			continue;
		remedy(problem, "start it with all capabilities: a container needs --privileged");
		return fails(problem, "root without %s", needed[i].name);
	}
	return 0;
}

/* ------------------------------------------------------------------- kernel */

int rf_probe_kernel(struct rf_problem *problem)
{
	struct utsname system = {.release = ""};

	uname(&system);
	/* Distributions bring helpers to older kernels: where the number says no, the kernel's types are asked. */
	if (rf_release_number(system.release) >= BPF_LOOP_RELEASE || rf_btf_has_helper("BPF_FUNC_loop"))
		return 0;
	remedy(problem, "boot a kernel of 5.17 or later (Debian 12 has 6.1)");
	return fails(problem, "kernel %s is too old: it lacks bpf_loop, with which paths are read (Linux 5.17)",
		     system.release);
}

int rf_probe_btf(struct rf_problem *problem)
{
	if (access(RF_BTF_PATH, R_OK) == 0)
		return 0;
	remedy(problem, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y, as the usual distributions' are");
	return fails(problem, "no BTF: this kernel does not describe its types (%s: %s)", RF_BTF_PATH, strerror(errno));
}

/* ------------------------------------------------------------------ cgroups */

int rf_probe_cgroup(char *mount, size_t size, struct rf_problem *problem)
{
	RF_AUTO_CGROUP struct rf_cgroup self = RF_CGROUP_NONE;
	struct rf_error error = {""};
	struct statvfs fs;
	char *sentence;

	if (rf_cgroup_self(&self, &error)) {
		/* "fact; remedy" */
		sentence = strstr(error.text, "; ");
		remedy(problem, "%.500s", sentence ? sentence + 2 : "");
		return fails(problem, "no cgroup2: %.*s", sentence ? (int)(sentence - error.text) : 400, error.text);
	}
	snprintf(mount, size, "%s", self.path);
	if (fstatvfs(self.fd, &fs) == 0 && (fs.f_flag & ST_RDONLY)) {
		remedy(problem,
		       "in a container, give it a cgroup of its own that it can write; else: mount -o remount,rw %s",
		       self.path);
		return fails(problem, "cgroup2 at %s is mounted read-only, so no cgroup can be made", self.path);
	}
	return 0;
}

/* --------------------------------------------------------- security modules */

static char *from_unattached(const char *name)
{
	RF_AUTO_CLOSE int context = fsopen("securityfs", FSOPEN_CLOEXEC);
	RF_AUTO_CLOSE int mount = -1;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return NULL;
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? NULL : rf_host_read(mount, name);
}

char *rf_securityfs_read(const char *name)
{
	char path[128], *text;

	snprintf(path, sizeof(path), "/sys/kernel/security/%s", name);
	text = rf_host_read(AT_FDCWD, path);
	/* Not mounted, as in a container: look without mounting it anywhere. */
	return text ? text : from_unattached(name);
}

char *rf_lsm_in_force(void)
{
	return rf_securityfs_read("lsm");
}

/* Words for a kernel that has no `bpf` in its list. */
static int lacks_bpf(const char *list, struct rf_problem *problem)
{
	RF_AUTO_FREE char *built = rf_host_config("CONFIG_BPF_LSM");
	RF_AUTO_FREE char *cmdline = rf_host_read(AT_FDCWD, "/proc/cmdline");
	RF_AUTO_FREE char *config = rf_host_config("CONFIG_LSM");
	char parameter[512], given[512];

	if (built && strcmp(built, "y") != 0) {
		remedy(problem, "boot a kernel with CONFIG_BPF_LSM=y, as the usual distributions' are");
		return fails(problem, "no BPF LSM: this kernel was built without CONFIG_BPF_LSM");
	}
	rf_lsm_parameter(list, cmdline, config, parameter, sizeof(parameter));
	remedy(problem,
	       "%s the boot parameter %s (Debian: GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub), "
	       "then restart",
	       cmdline && rf_cmdline_value(cmdline, "lsm", given, sizeof(given)) ? "change lsm= to" : "add", parameter);
	return fails(problem, "no BPF LSM: bpf is not among this kernel's security modules (%s)", list);
}

int rf_probe_lsm(char *list, size_t size, struct rf_problem *problem)
{
	RF_AUTO_FREE char *in_force = rf_lsm_in_force();

	snprintf(list, size, "%s", in_force ? in_force : "");
	if (!in_force) {
		fails(problem, "whether bpf is among the security modules can't be found out (securityfs: %s)",
		      strerror(errno));
		remedy(problem, "mount -t securityfs securityfs /sys/kernel/security");
		return 1;
	}
	return rf_list_has(list, "bpf") ? 0 : lacks_bpf(list, problem);
}
