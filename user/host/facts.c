// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All facts about this host, one function a fact. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "engine/internal.h"
#include "events/text.h"
#include "host/btf.h"
#include "host/hook_table.h"
#include "host/host.h"
#include "host/inside.h"
#include "host/loaded.h"
#include "host/lsm.h"
#include "host/probe.h"
#include "host/read.h"

#define MIB(bytes) ((double)(bytes) / (1 << 20))

enum need { NEEDED, OPTIONAL, ON_DEMAND };

/* What several facts are told from. */
struct host {
	struct rf_facts *facts;
	struct rf_loaded loaded;
	uint32_t hook[RF_HOOK_COUNT]; /* BTF ids */
	int hooks_error;	      /* not 0: the ids can't be known */
	bool root;
};

/* Adds a fact. `remedy` may be NULL or empty. */
__attribute__((format(printf, 5, 6))) static void add(struct rf_facts *facts, const char *id, enum rf_fact_state state,
						      const char *remedy, const char *format, ...)
{
	struct rf_fact *more = realloc(facts->fact, (facts->facts + 1) * sizeof(*more)), *fact;
	va_list args;
	int len;

	if (!more) {
		facts->failed = true;
		return;
	}
	facts->fact = more;
	fact = &more[facts->facts];
	*fact = (struct rf_fact){.id = id, .state = state};
	va_start(args, format);
	len = vasprintf(&fact->text, format, args);
	va_end(args);
	if (len < 0) {
		facts->failed = true;
		return;
	}
	facts->facts++;
	fact->remedy = remedy && remedy[0] ? strdup(remedy) : NULL;
	facts->fails += state == RF_FACT_FAIL;
	facts->warns += state == RF_FACT_WARN;
}

static void add_problem(struct rf_facts *facts, const char *id, enum rf_fact_state state,
			const struct rf_problem *problem)
{
	add(facts, id, state, problem->remedy, "%s", problem->text);
}

/* -------------------------------------------------------------------- the kernel */

static void find_kernel(struct host *host)
{
	struct rf_problem problem = {"", ""};
	struct utsname system = {.release = ""};

	uname(&system);
	if (rf_probe_kernel(&problem))
		add_problem(host->facts, "kernel", RF_FACT_FAIL, &problem);
	else
		add(host->facts, "kernel", RF_FACT_OK, NULL, "Linux %s on %s is new enough", system.release,
		    system.machine);
}

static void find_root(struct host *host)
{
	struct rf_problem problem = {"", ""};

	host->root = rf_probe_root(&problem) == 0;
	if (host->root)
		add(host->facts, "root", RF_FACT_OK, NULL, "root, with the capabilities that loading needs");
	else
		add_problem(host->facts, "root", RF_FACT_FAIL, &problem);
}

static void find_btf(struct host *host)
{
	struct rf_problem problem = {"", ""};

	if (rf_probe_btf(&problem))
		add_problem(host->facts, "btf", RF_FACT_FAIL, &problem);
	else if (host->hooks_error)
		add(host->facts, "btf", RF_FACT_FAIL, "report it with the kernel's version", "%s can't be read: %s",
		    RF_BTF_PATH, strerror(-host->hooks_error));
	else
		add(host->facts, "btf", RF_FACT_OK, NULL, "the kernel describes its types (%s)", RF_BTF_PATH);
}

static void find_lsm(struct host *host)
{
	struct rf_problem problem = {"", ""};
	char list[512];
	int got = rf_probe_lsm(list, sizeof(list), &problem);
	size_t before = got == 0 ? strcspn(list, ",") : 0;

	if (got) {
		add_problem(host->facts, "lsm", got > 0 ? RF_FACT_WARN : RF_FACT_FAIL, &problem);
		return;
	}
	/* The first module that refuses ends the question. */
	if (strncmp(list, "bpf", before) != 0 || before != 3)
		add(host->facts, "lsm", RF_FACT_OK, NULL,
		    "bpf is among the security modules (%s); what one before it refuses is not told by ringfence",
		    list);
	else
		add(host->facts, "lsm", RF_FACT_OK, NULL, "bpf is the first of the security modules (%s)", list);
}

/* A setting shows in the file of settings and in the hooks that it brings; the hooks are the truth. */
static void find_setting(struct host *host, const char *id, const char *name, enum rf_hook shows)
{
	RF_AUTO_FREE char *value = rf_host_config(name);
	char remedy[128];

	snprintf(remedy, sizeof(remedy), "boot a kernel with %s=y, as the usual distributions' are", name);
	if (host->hook[shows] || (host->hooks_error && value && strcmp(value, "y") == 0))
		add(host->facts, id, RF_FACT_OK, NULL, "%s is set", name);
	else if (!host->hooks_error || value)
		add(host->facts, id, RF_FACT_FAIL, remedy, "%s is not set: the kernel has no hooks for it", name);
	else
		add(host->facts, id, RF_FACT_WARN, NULL, "whether %s is set can't be found out", name);
}

static void find_lockdown(struct host *host)
{
	RF_AUTO_FREE char *modes = rf_securityfs_read("lockdown");

	if (modes && strstr(modes, "[confidentiality]"))
		add(host->facts, "lockdown", RF_FACT_FAIL, "boot without lockdown=confidentiality; integrity will do",
		    "lockdown is \"confidentiality\": programs may not read the kernel's memory");
	else
		add(host->facts, "lockdown", RF_FACT_OK, NULL, "lockdown does not stand in the way");
}

static void find_jit(struct host *host)
{
	RF_AUTO_FREE char *value = rf_host_read(AT_FDCWD, "/proc/sys/net/core/bpf_jit_enable");

	if (value && value[0] == '0')
		add(host->facts, "jit", RF_FACT_WARN, "sysctl -w net.core.bpf_jit_enable=1",
		    "programs are interpreted, not compiled: every check is slow");
	else if (value)
		add(host->facts, "jit", RF_FACT_OK, NULL, "programs are compiled to machine code");
}

static void find_trial(struct host *host)
{
	uint32_t id = host->hook[RF_HOOK_file_open];
	char name[64];
	int err;

	if (!host->root || !id) {
		add(host->facts, "trial", RF_FACT_WARN, host->root ? NULL : "start doctor as root",
		    "no program was loaded to try");
		return;
	}
	err = rf_trial_load(id);
	snprintf(name, sizeof(name), "%s", strerrorname_np(-err) ? strerrorname_np(-err) : "an error");
	if (err)
		add(host->facts, "trial", RF_FACT_FAIL,
		    "it is closed by whoever built or runs this kernel: use another one, or a virtual machine",
		    "this kernel refuses to load BPF LSM programs (%s)", name);
	else
		add(host->facts, "trial", RF_FACT_OK, NULL, "the kernel takes BPF LSM programs (one was tried)");
}

/* ---------------------------------------------------------------------- hooks */

static enum rf_hook_state hook_state(const struct host *host, enum rf_hook hook, enum need need)
{
	if (host->loaded.attached[hook])
		return RF_HOOK_ATTACHED;
	if (host->hooks_error)
		return RF_HOOK_UNKNOWN;
	if (!host->hook[hook])
		return need == NEEDED ? RF_HOOK_MISSING : RF_HOOK_ABSENT;
	if (!host->loaded.loaded)
		return RF_HOOK_THERE;
	if (need == ON_DEMAND)
		return RF_HOOK_ON_DEMAND;
	return need == NEEDED ? RF_HOOK_LOOSE : RF_HOOK_THERE;
}

static void find_hooks(struct host *host)
{
	static const struct rf_hook_fact table[] = {
#define X(name, kind, access, need, what) {#name, #need, what, RF_HOOK_UNKNOWN},
		RF_HOOKS(X)
#undef X
	};
	static const enum need needs[] = {
#define X(name, kind, access, need, what) need,
		RF_HOOKS(X)
#undef X
	};
	static const char *const words[] = {"needed", "optional", "on demand"};
	size_t count = sizeof(table) / sizeof(table[0]);

	host->facts->hook = malloc(sizeof(table));
	if (!host->facts->hook) {
		host->facts->failed = true;
		return;
	}
	memcpy(host->facts->hook, table, sizeof(table));
	host->facts->hooks = count;
	for (size_t i = 0; i < count; i++) {
		host->facts->hook[i].need = words[needs[i]];
		host->facts->hook[i].state = hook_state(host, (enum rf_hook)(i + 1), needs[i]);
	}
}

static size_t hooks_in_state(const struct rf_facts *facts, enum rf_hook_state state, struct rf_line *names)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->hooks; i++) {
		if (facts->hook[i].state != state)
			continue;
		if (names)
			rf_line_format(names, "%s%s", count ? ", " : "", facts->hook[i].name);
		count++;
	}
	return count;
}

static void tell_hooks(struct host *host)
{
	struct rf_line missing = {0}, loose = {0};
	size_t missing_count = hooks_in_state(host->facts, RF_HOOK_MISSING, &missing);
	size_t loose_count = hooks_in_state(host->facts, RF_HOOK_LOOSE, &loose);

	if (host->hooks_error)
		add(host->facts, "hooks", RF_FACT_FAIL, "see btf", "which hooks the kernel has can't be found out");
	else if (missing_count)
		add(host->facts, "hooks", RF_FACT_FAIL,
		    "boot a kernel with CONFIG_BPF_LSM, CONFIG_SECURITY_PATH and CONFIG_SECURITY_NETWORK",
		    "the kernel lacks hooks that a fence needs: %.*s", (int)missing.len, missing.text);
	else if (loose_count)
		add(host->facts, "hooks", RF_FACT_FAIL, "end the sandboxes, ringfence unload, and start again",
		    "the loaded engine is not attached to: %.*s", (int)loose.len, loose.text);
	else
		add(host->facts, "hooks", RF_FACT_OK, NULL,
		    "all hooks that a fence needs are there; %zu of %zu attached, %zu optional ones not in this kernel",
		    hooks_in_state(host->facts, RF_HOOK_ATTACHED, NULL), host->facts->hooks,
		    hooks_in_state(host->facts, RF_HOOK_ABSENT, NULL));
	rf_line_free(&missing);
	rf_line_free(&loose);
}

/* Leaves the hooks that are not in the table at the list's front; returns how many. */
static size_t keep_unknown(struct rf_btf_hook *list, size_t count)
{
	struct rf_hook_row row;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!rf_hook_find(list[i].name, &row))
			list[kept++] = list[i];
	return kept;
}

/* A hook that nobody here has thought about may be a way out: it is told, but a fence stands as well as it did. */
static void find_table(struct host *host)
{
	struct rf_facts *facts = host->facts;
	struct rf_line names = {0};
	int count = rf_btf_all_hooks(&facts->unknown);

	if (count <= 0) {
		add(facts, "table", RF_FACT_WARN, "see btf",
		    "whether this kernel has security hooks that are not in the table can't be found out");
		return;
	}
	facts->unknowns = keep_unknown(facts->unknown, (size_t)count);
	for (size_t i = 0; i < facts->unknowns; i++)
		rf_line_format(&names, "%s%s", i ? ", " : "", facts->unknown[i].name);
	if (facts->unknowns)
		add(facts, "table", RF_FACT_WARN, "take a newer ringfence; a fence stands as far as this one knows",
		    "%zu of this kernel's %d security hooks are in the table; what a fenced task can do through the "
		    "others is not known: %.*s",
		    (size_t)count - facts->unknowns, count, (int)names.len, names.text);
	else
		add(facts, "table", RF_FACT_OK, NULL, "all %d security hooks of this kernel are in the table", count);
	rf_line_free(&names);
}

/* ---------------------------------------------------------------------- mounts */

static void find_cgroup(struct host *host)
{
	struct rf_problem problem = {"", ""};
	char mount[PATH_MAX];

	if (rf_probe_cgroup(mount, sizeof(mount), &problem))
		add_problem(host->facts, "cgroup2", RF_FACT_FAIL, &problem);
	else
		add(host->facts, "cgroup2", RF_FACT_OK, NULL, "sandboxes started from here stand in %s", mount);
}

static void find_bpffs(struct host *host)
{
	struct statfs fs;

	if (statfs(RF_BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		add(host->facts, "bpffs", RF_FACT_OK, NULL, "the BPF file system is mounted at %s", RF_BPFFS);
	else
		add(host->facts, "bpffs", RF_FACT_FAIL, "mount -t bpf bpf " RF_BPFFS,
		    "no BPF file system at %s, which keeps the engine in the kernel", RF_BPFFS);
}

/* ----------------------------------------------------------------------- cache */

/* Whether both of the sequence counts that the kernel side watches have addresses. */
static bool has_symbols(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	char line[512], name[256];
	unsigned found = 0;

	while (file && found != 3 && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx %*c %255s", &address, name) != 2 || !address)
			continue;
		found |= strcmp(name, "rename_lock") == 0 ? 1 : strcmp(name, "mount_lock") == 0 ? 2 : 0;
	}
	if (file)
		fclose(file);
	return found == 3;
}

static void find_cache(struct host *host)
{
	if (host->loaded.no_cache)
		add(host->facts, "cache", RF_FACT_WARN, "ringfence unload, and start again",
		    "the loaded engine keeps no folder's state: each call walks its path");
	else if (!host->root)
		add(host->facts, "cache", RF_FACT_WARN, "start doctor as root",
		    "whether renames and mounts can be watched can't be found out");
	else if (!has_symbols())
		add(host->facts, "counts", RF_FACT_FAIL,
		    "sysctl -w kernel.kptr_restrict=1; and the kernel needs CONFIG_KALLSYMS_ALL",
		    "rename_lock and mount_lock can't be found: no path can be read safely");
	else
		add(host->facts, "counts", RF_FACT_OK, NULL,
		    "renames and mounts can be watched (rename_lock, mount_lock): paths are read safely, folders' "
		    "states kept");
}

/* ---------------------------------------------------------------------- engine */

static void find_engine(struct host *host)
{
	const struct rf_loaded *l = &host->loaded;

	if (l->error == -EPROTO || (l->loaded && (l->abi != RF_ABI || strcmp(l->version, RF_VERSION) != 0)))
		add(host->facts, "engine", RF_FACT_FAIL, "end its sandboxes, then unload it with its own ringfence",
		    "another version's engine is loaded (%s, ABI %u; this is %s, ABI %u)",
		    l->version[0] ? l->version : "unknown", l->abi, RF_VERSION, RF_ABI);
	else if (l->error)
		add(host->facts, "engine", RF_FACT_WARN, host->root ? NULL : "start doctor as root",
		    "whether an engine is loaded can't be found out (%s)", strerror(-l->error));
	else if (l->loaded)
		add(host->facts, "engine", RF_FACT_OK, NULL,
		    "loaded, version %s; %llu sandboxes; inode_permission is %s, inode_getattr is %s", l->version,
		    (unsigned long long)l->living,
		    l->attached[RF_HOOK_inode_permission] ? "attached, because a policy in force seals or hides objects"
							  : "not attached: no policy in force seals or hides objects",
		    l->attached[RF_HOOK_inode_getattr] ? "attached, because one hides objects"
						       : "not: none hides objects");
	else
		add(host->facts, "engine", RF_FACT_OK, NULL, "not loaded; the first run loads it");
}

static void find_memory(struct host *host)
{
	/* Arrays are made whole at once; the other maps grow with use. */
	size_t least = sizeof(struct rf_sandbox) * RF_SANDBOXES_MAX + sizeof(struct rf_chain) * RF_CHAINS_MAX +
		       sizeof(void *) * ((size_t)RF_POLICIES_MAX * (3 * RF_IMAGE_KINDS + 1) + RF_SANDBOXES_MAX);
	struct sysinfo info;
	double free_mib = sysinfo(&info) == 0 ? MIB((double)(info.freeram + info.bufferram) * info.mem_unit) : 0;
	enum rf_fact_state state = RF_FACT_OK;

	if (host->loaded.bytes)
		add(host->facts, "memory", state, NULL, "the engine takes %.1f MiB; a sandbox some 1 MiB besides",
		    MIB(host->loaded.bytes));
	else
		add(host->facts, "memory", free_mib < 2 * MIB(least) ? RF_FACT_WARN : state, NULL,
		    "the engine will take some %.0f MiB, a sandbox some 1 MiB besides; %.0f MiB are free", MIB(least),
		    free_mib);
}

static void find_limits(struct host *host)
{
	add(host->facts, "limits", RF_FACT_OK, NULL,
	    "%u sandboxes at once, %u policies on each; %u tagged cgroups; paths of %u bytes and %u components; "
	    "%u sealed objects; %u address ranges a policy",
	    RF_SANDBOXES_MAX, RF_CHAIN_MAX, RF_TAGS_MAX, RF_PATH_MAX - 1, RF_DEPTH_MAX, RF_SEALS_MAX, RF_DESTS_MAX);
}

static int say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Told first, and only where it is so. Within a fence that is shut nothing else is asked: what the host can do is not
 * seen from there, and each look would be a denial. */
static bool find_fence(struct host *host)
{
	bool shut;
	RF_AUTO_FREE char *inside = rf_inside(&shut);

	if (inside)
		add(host->facts, "fence", shut ? RF_FACT_FAIL : RF_FACT_WARN, "start doctor outside of it",
		    "this runs %s: %s", inside,
		    shut ? "no other can be made here, and the host is not seen from here"
			 : "one that is made here is held by both");
	return inside && shut;
}

int rf_facts_find(struct rf_facts *facts)
{
	struct host host = {.facts = facts};

	memset(facts, 0, sizeof(*facts));
	libbpf_set_print(say_nothing);
	if (find_fence(&host))
		return facts->failed ? -ENOMEM : 0;
	host.hooks_error = rf_btf_hooks(host.hook);
	rf_loaded_find(&host.loaded);
	find_root(&host);
	find_kernel(&host);
	find_btf(&host);
	find_lsm(&host);
	find_setting(&host, "bpf-lsm", "CONFIG_BPF_LSM", RF_HOOK_file_open);
	find_setting(&host, "paths", "CONFIG_SECURITY_PATH", RF_HOOK_path_unlink);
	find_setting(&host, "sockets", "CONFIG_SECURITY_NETWORK", RF_HOOK_socket_connect);
	find_lockdown(&host);
	find_jit(&host);
	find_trial(&host);
	find_hooks(&host);
	tell_hooks(&host);
	find_table(&host);
	find_cgroup(&host);
	find_bpffs(&host);
	find_cache(&host);
	find_engine(&host);
	find_memory(&host);
	find_limits(&host);
	return facts->failed ? -ENOMEM : 0;
}

void rf_facts_free(struct rf_facts *facts)
{
	for (size_t i = 0; i < facts->facts; i++) {
		free(facts->fact[i].text);
		free(facts->fact[i].remedy);
	}
	free(facts->fact);
	free(facts->hook);
	free(facts->unknown);
	memset(facts, 0, sizeof(*facts));
}

const char *rf_hook_state_word(enum rf_hook_state state)
{
	static const char *const word[] = {
		[RF_HOOK_UNKNOWN] = "unknown",	  [RF_HOOK_MISSING] = "MISSING",     [RF_HOOK_ABSENT] = "absent",
		[RF_HOOK_THERE] = "there",	  [RF_HOOK_ON_DEMAND] = "on demand", [RF_HOOK_ATTACHED] = "attached",
		[RF_HOOK_LOOSE] = "NOT ATTACHED",
	};

	return word[state];
}
