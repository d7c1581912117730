// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Folder states, while names change under them. A process in the fence opens in a loop on one CPU; on the other
 * the host makes a name refused and allowed again. An ext4 (its dentries can be dropped), or the guest's overlay:
 *
 *   ROOT/open/     may be read      f, d/f, m/ (a mount)
 *   ROOT/closed/   may not          g, d/, m/
 *
 * No open that began after a change was complete, and ended before the next began, may be answered as before it.
 * With --mutate: dentries of folders that are used again, without the program that looks out for them: that must be
 * seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/fence.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

#define SECONDS 5
#define OPENS	4 /* in each phase, at least */

enum kind { CHANGING, ALLOWED, DENIED };

/* Between the host and the fenced process. */
struct shared {
	volatile uint64_t phase; /* a count << 2 | enum kind */
	volatile uint64_t seen;	 /* the phase at the opener's last turn */
	volatile uint64_t opens; /* in the present phase, whole */
	uint64_t allowed, denied, stale, wrong, odd;
	int last_errno; /* of what was wrong */
};

static struct shared *shared;
static const char *root; /* ROOT of the tree */
static struct fence fence;
static int object = -1;	     /* O_PATH: the file or folder whose name changes */
static uint32_t policy_slot; /* of the fence's policy */
static struct rf_policies other;
static struct rf_compiled other_compiled;
static bool other_now; /* which generation is in force */

struct scenario {
	const char *name;
	void (*prepare)(void);
	void (*deny)(void);
	void (*allow)(void);
	int (*ask)(enum kind kind); /* in the fence */
	bool still;		    /* nobody may open while it changes */
	bool heated;		    /* another process in the fence keeps what is kept of open/d in use */
	bool own_namespace;	    /* the process that asks has a mount namespace of its own */
};

static const char *at(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *buf = path[turn++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", root, name);
	return buf;
}

static void must(int result, const char *what)
{
	if (result < 0)
		die("%s", what);
}

/* --------------------------------------------------------------- scenarios */

static int ask_object(enum kind kind)
{
	(void)kind;
	return try_reopen(object, O_RDONLY);
}

static int ask_beneath(enum kind kind)
{
	(void)kind;
	return try_openat(object, "f", O_RDONLY);
}

static void hold(const char *name)
{
	object = open(at(name), O_PATH | O_CLOEXEC);
	must(object, name);
}

static void hold_file(void)
{
	hold("open/f");
}

static void rename_away(void)
{
	must(rename(at("open/f"), at("closed/f")), "rename");
}

static void rename_back(void)
{
	must(rename(at("closed/f"), at("open/f")), "rename");
}

static void hold_folder(void)
{
	hold("open/d");
}

static void folder_away(void)
{
	must(rename(at("open/d"), at("closed/e")), "rename");
}

static void folder_back(void)
{
	must(rename(at("closed/e"), at("open/d")), "rename");
}

static void exchange(void)
{
	must(renameat2(AT_FDCWD, at("open/f"), AT_FDCWD, at("closed/g"), RENAME_EXCHANGE), "exchange");
}

static void nothing(void)
{
}

static void link_closed(void)
{
	must(link(at("open/f"), at("closed/l")), "link");
}

static void unlink_closed(void)
{
	must(unlink(at("closed/l")), "unlink");
}

static int ask_link(enum kind kind)
{
	int error = try_open(at("open/f"), O_RDONLY);

	return kind == DENIED && !error ? try_open(at("closed/l"), O_RDONLY) : error;
}

static void recreate_closed(void)
{
	must(unlink(at("open/f")), "unlink");
	make_file(at("closed/f"), "x");
}

static void recreate_open(void)
{
	must(unlink(at("closed/f")), "unlink");
	make_file(at("open/f"), "x");
}

static int ask_either(enum kind kind)
{
	if (kind == CHANGING)
		try_open(at("open/f"), O_RDONLY);
	return try_open(at(kind == ALLOWED ? "open/f" : "closed/f"), O_RDONLY);
}

static void prepare_reuse(void)
{
	/* Held, so that of the two names the last components alone are made anew. */
	static int folder[2] = {-1, -1};

	for (int i = 0; i < 2; i++) {
		close(folder[i]);
		folder[i] = open(at(i ? "open" : "closed"), O_PATH | O_CLOEXEC);
	}
	/* Keeps the inode. */
	hold("open/f");
	unlink(at("open/one"));
	unlink(at("closed/two"));
	must(link(at("open/f"), at("open/one")), "link");
	must(link(at("open/f"), at("closed/two")), "link");
}

static void drop_dentries(void)
{
	write_word("/proc/sys/vm/drop_caches", "2");
	usleep(30000); /* freed after an RCU grace period */
}

static int ask_reused(enum kind kind)
{
	if (kind == CHANGING) {
		sched_yield();
		return 0;
	}
	return try_open(at(kind == ALLOWED ? "open/one" : "closed/two"), O_RDONLY);
}

/* Two folders of one name's length, whose dentries are made anew in turn. */
static void prepare_folders(void)
{
	static int folder[2] = {-1, -1};

	for (int i = 0; i < 2; i++) {
		close(folder[i]);
		folder[i] = open(at(i ? "open" : "closed"), O_PATH | O_CLOEXEC);
		make_dir(at(i ? "open/p" : "closed/q"));
		make_file(at(i ? "open/p/f" : "closed/q/f"), "x");
	}
}

static int ask_folders(enum kind kind)
{
	if (kind == CHANGING) {
		sched_yield();
		return 0;
	}
	return try_open(at(kind == ALLOWED ? "open/p/f" : "closed/q/f"), O_RDONLY);
}

static void hold_deep(void)
{
	make_dir(at("open/d/e"));
	make_dir(at("open/d/e/g"));
	make_file(at("open/d/e/g/f"), "x");
	hold("open/d/e/g");
}

/* Deeper than what is kept of each dentry on the way (TRAIL_MAX). */
static void hold_deepest(void)
{
	char name[128] = "open/d";

	for (int i = 0; i < 30; i++) {
		strcat(name, "/h");
		make_dir(at(name));
	}
	strcat(name, "/f");
	make_file(at(name), "x");
	name[strlen(name) - 2] = '\0';
	hold(name);
}

/* An unlinked file in an unlinked folder, in one that is moved. */
static void hold_unlinked(void)
{
	make_dir(at("open/d/u"));
	make_file(at("open/d/u/f"), "x");
	hold("open/d/u/f");
	must(unlink(at("open/d/u/f")), "unlink");
	must(rmdir(at("open/d/u")), "rmdir");
}

static int ask_mkdir(enum kind kind)
{
	(void)kind;
	if (!mkdirat(object, "new", 0700)) {
		unlinkat(object, "new", AT_REMOVEDIR);
		return 0;
	}
	if (errno != EEXIST)
		return errno;
	return unlinkat(object, "new", AT_REMOVEDIR) ? errno : 0;
}

static int ask_create(enum kind kind)
{
	int fd = openat(object, "fresh", O_WRONLY | O_CREAT, 0600);

	(void)kind;
	if (fd < 0)
		return errno;
	close(fd);
	unlinkat(object, "fresh", 0);
	return 0;
}

static int ask_rename(enum kind kind)
{
	(void)kind;
	if (!renameat(object, "f", object, "f2"))
		return 0;
	if (errno != ENOENT)
		return errno;
	return renameat(object, "f2", object, "f") ? errno : 0;
}

static void bind_closed(void)
{
	must(mount(at("open/d"), at("closed/m"), NULL, MS_BIND, NULL), "bind mount");
}

static void unbind_closed(void)
{
	must(umount2(at("closed/m"), MNT_DETACH), "umount");
}

static int ask_bound(enum kind kind)
{
	int error = try_open(at("open/d/f"), O_RDONLY);

	return kind == DENIED && !error ? try_open(at("closed/m/f"), O_RDONLY) : error;
}

static void mount_open(void)
{
	must(mount(at("open/d"), at("open/m"), NULL, MS_BIND, NULL), "bind mount");
	hold("open/m");
}

static void move_away(void)
{
	must(mount(at("open/m"), at("closed/m"), NULL, MS_MOVE, NULL), "moving a mount");
}

static void move_back(void)
{
	must(mount(at("closed/m"), at("open/m"), NULL, MS_MOVE, NULL), "moving a mount");
}

/* A descriptor of the first namespace's mount, in another namespace. */
static int ask_foreign(enum kind kind)
{
	return kind == DENIED ? try_openat(object, "f", O_RDONLY) : try_open(at("open/d/f"), O_RDONLY);
}

static void swap(void)
{
	struct rf_error error;
	const struct rf_policy *policy = other_now ? fence.set.policy : other.policy;
	struct rf_compiled *compiled = other_now ? &fence.compiled[0] : &other_compiled;

	if (rf_engine_swap(engine(), policy_slot, policy, compiled, &policy_slot, &error))
		die("swap: %s", error.text);
	other_now = !other_now;
}

static int ask_path(enum kind kind)
{
	(void)kind;
	return try_open(at("open/f"), O_RDONLY);
}

static const struct scenario scenarios[] = {
	{"rename", hold_file, rename_away, rename_back, ask_object, false, false, false},
	{"rename-folder", hold_folder, folder_away, folder_back, ask_beneath, false, false, false},
	{"exchange", hold_file, exchange, exchange, ask_object, false, false, false},
	{"link", nothing, link_closed, unlink_closed, ask_link, false, false, false},
	{"unlink-and-recreate", nothing, recreate_closed, recreate_open, ask_either, false, false, false},
	{"reused-dentry", prepare_reuse, drop_dentries, drop_dentries, ask_reused, true, true, false},
	{"reused-folder", prepare_folders, drop_dentries, drop_dentries, ask_folders, true, false, false},
	{"rename-above", hold_deep, folder_away, folder_back, ask_beneath, false, false, false},
	{"mkdir-beneath", hold_deep, folder_away, folder_back, ask_mkdir, false, false, false},
	{"create-beneath", hold_deep, folder_away, folder_back, ask_create, false, false, false},
	{"rename-beneath", hold_deep, folder_away, folder_back, ask_rename, false, false, false},
	{"deep-folder", hold_deepest, folder_away, folder_back, ask_beneath, false, false, false},
	{"unlinked-folder", hold_unlinked, folder_away, folder_back, ask_object, false, false, false},
	{"bind-mount", nothing, bind_closed, unbind_closed, ask_bound, false, false, false},
	{"moved-mount", mount_open, move_away, move_back, ask_beneath, false, false, false},
	{"mount-namespace", hold_folder, bind_closed, unbind_closed, ask_foreign, false, true, true},
	{"policy-swap", nothing, swap, swap, ask_path, false, false, false},
};

/* ------------------------------------------------------------------- opener */

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int opener(void *arg)
{
	const struct scenario *scenario = arg;

	/* Who drops dentries does so where they are made anew: there their memory is used again. */
	pin(!scenario->still && sysconf(_SC_NPROCESSORS_ONLN) > 1);
	if (scenario->own_namespace && unshare(CLONE_NEWNS))
		die("a mount namespace");
	for (;;) {
		uint64_t phase = shared->phase;
		enum kind kind = phase & 3;
		int error;

		shared->seen = phase;
		error = scenario->ask(kind);
		if (shared->phase != phase || kind == CHANGING)
			continue;
		if (kind == ALLOWED) {
			shared->allowed++;
			shared->wrong += error != 0;
		} else {
			shared->denied++;
			shared->stale += error == 0;
			shared->odd += error && error != EACCES;
		}
		if (error && (kind == ALLOWED || error != EACCES))
			shared->last_errno = error;
		shared->opens++;
	}
	return 0;
}

static int heater(void *arg)
{
	const struct scenario *scenario = arg;

	pin(scenario->still && sysconf(_SC_NPROCESSORS_ONLN) > 1);
	for (;;) {
		try_open(at("open/d/f"), O_RDONLY);
		sched_yield();
	}
	return 0;
}

/* ------------------------------------------------------------------ changer */

static void set_phase(enum kind kind)
{
	uint64_t phase = ((shared->phase >> 2) + 1) << 2 | kind;

	shared->opens = 0;
	__atomic_store_n(&shared->phase, phase, __ATOMIC_SEQ_CST);
}

/* Waits until the opener has done its part of this phase. Returns false where it does nothing any more. */
static bool await(uint64_t opens)
{
	double limit = now() + 20;

	while (opens ? shared->opens < opens : shared->seen != shared->phase) {
		if (now() > limit)
			return false;
		/* The emulator's other processor may want this one's time. */
		usleep(100);
	}
	return true;
}

static bool change(const struct scenario *scenario, enum kind to)
{
	set_phase(CHANGING);
	if (scenario->still && !await(0))
		return false;
	(to == DENIED ? scenario->deny : scenario->allow)();
	set_phase(to);
	return await(OPENS);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Changes to and fro for a time. Returns the turns; 0: the opener hangs. */
static size_t turn_for(const struct scenario *scenario, unsigned seconds)
{
	size_t turns = 0;
	double limit = now() + seconds;
	pid_t heat = 0, pid;

	memset(shared, 0, sizeof(*shared));
	scenario->prepare();
	set_phase(ALLOWED);
	if (scenario->heated)
		heat = fence_start(&fence, -1, heater, (void *)(uintptr_t)scenario);
	pid = fence_start(&fence, -1, opener, (void *)(uintptr_t)scenario);
	pin(0);
	if (await(OPENS))
		for (turns = 1; now() < limit; turns++) {
			if (!change(scenario, DENIED) || !change(scenario, ALLOWED)) {
				turns = 0;
				break;
			}
			fence_clear(&fence);
		}
	end(pid);
	if (heat)
		end(heat);
	if (object >= 0)
		close(object);
	object = -1;
	return turns;
}

static void run(const struct scenario *scenario, const struct options *options, const char *where)
{
	char name[64];
	size_t turns;

	snprintf(name, sizeof(name), "%s/%s", scenario->name, where);
	if (!options_want(options, name))
		return;
	turns = turn_for(scenario, options->seconds ? options->seconds : SECONDS);
	report(turns && !shared->stale && !shared->wrong && !shared->odd, name,
	       "%llu stale allows, %llu wrong denies, %llu other errors (last errno %d)%s",
	       (unsigned long long)shared->stale, (unsigned long long)shared->wrong, (unsigned long long)shared->odd,
	       shared->last_errno, turns ? "" : "; the opener hangs");
	report_note("%s: %zu turns, %llu opens allowed, %llu denied", name, turns, (unsigned long long)shared->allowed,
		    (unsigned long long)shared->denied);
	umount2(at("open/m"), MNT_DETACH);
	umount2(at("closed/m"), MNT_DETACH);
}

/* ------------------------------------------------------------------ the tree */

static void make_tree(const char *path)
{
	static const char *const folders[] = {"open", "open/d", "open/m", "closed", "closed/d", "closed/m"};

	root = path;
	make_dir(root);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_dir(at(folders[i]));
	make_file(at("open/f"), "x");
	make_file(at("open/d/f"), "x");
	make_file(at("closed/g"), "x");
}

static char *policy_text(const char *name, const char *what)
{
	char *text;

	if (asprintf(&text,
		     "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: %s }\nspec:\n"
		     "  guards: { off: [capabilities] }\n" /* the opener makes a mount namespace */
		     "  files:\n    - allow: [read, write]\n      paths: ['%s/%s/**']\n",
		     name, root, what) < 0)
		die("memory");
	return text;
}

static void make_fence(void)
{
	char *text = policy_text("one", "open"), *second = policy_text("other", "nothing");
	struct rf_diags diags = {0};

	fence_make(&fence, text, false);
	policy_slot = fence.bound[0].slot;
	memset(&other, 0, sizeof(other));
	if (rf_policies_parse(&other, "other.yaml", second, strlen(second), &diags) ||
	    rf_policy_bind(other.policy, &(struct rf_vars){0}, false, &diags) ||
	    rf_compile(other.policy, 0, &other_compiled, &diags))
		die("the other policy");
	free(text);
	free(second);
}

static void end_fence(void)
{
	fence_end(&fence);
	rf_compiled_free(&other_compiled);
	rf_policies_free(&other);
}

static bool mount_ext4(const char *path)
{
	char device[32];

	make_dir(path);
	/* An earlier run's. */
	if (!access("/tmp/cache/lost+found", F_OK))
		return true;
	shell("modprobe ext4 2>/dev/null; truncate -s 32M /tmp/cache.ext4; mkfs.ext4 -q /tmp/cache.ext4");
	return loop_attach("/tmp/cache.ext4", device, sizeof(device)) && !mount(device, path, "ext4", MS_NOATIME, NULL);
}

static const struct scenario *reused_folder(void)
{
	const struct scenario *scenario = scenarios;

	while (strcmp(scenario->name, "reused-folder"))
		scenario++;
	return scenario;
}

/* Without the program on d_instantiate, another folder's states are taken. */
static void mutate(const struct options *options, const char *where)
{
	struct rf_error error;
	size_t turns;

	turns = turn_for(reused_folder(), options->seconds ? options->seconds : SECONDS);
	report(turns && !shared->stale, "mutate/before", "%llu stale allows", (unsigned long long)shared->stale);
	if (unlink("/sys/fs/bpf/ringfence/links/d_instantiate"))
		die("d_instantiate is not pinned");
	turns = turn_for(reused_folder(), options->seconds ? options->seconds : SECONDS);
	report(turns && shared->stale, "mutate/without-d_instantiate", "the test does not see that it is gone");
	report_note("%s: without d_instantiate %llu stale allows in %zu turns", where,
		    (unsigned long long)shared->stale, turns);
	end_fence();
	if (rf_engine_unload(engine(), &error))
		report_note("the engine stays: %s", error.text);
}

int main(int argc, char **argv)
{
	static const char *const trees[] = {"/tmp/cache", "/var/tmp/cache"}, *const names[] = {"ext4", "overlay"};
	struct options options;

	options_read(&options, argc, argv);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	report_note("%ld CPUs", sysconf(_SC_NPROCESSORS_ONLN));
	engine();
	/* What waits for programs to end waits a shorter time: more turns. */
	write_word("/sys/kernel/rcu_expedited", "1");
	if (!mount_ext4(trees[0]))
		die("an ext4");
	for (size_t t = 0; t < 2; t++) {
		make_tree(trees[t]);
		make_fence();
		if (options.mutate) {
			mutate(&options, names[t]);
			break;
		}
		for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
			if (!t || scenarios[i].still || options.only)
				run(&scenarios[i], &options, names[t]);
		end_fence();
	}
	rf_engine_close(engine());
	return report_end();
}
