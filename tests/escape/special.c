// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attempts that are no single refused call: what is done to the engine from outside while the fence is tried. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/internal.h"
#include "escape/escape.h"
#include "escape/special.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

#define SWAPS 1000
#define TURNS 100
#define LOADS 300

/* A swap waits for programs that may still run: not longer than needed, so that there are many. */
static void expedite(const char *word)
{
	int fd = open("/sys/kernel/rcu_expedited", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, word, 1) != 1)
		report_note("rcu_expedited: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A new generation of the same policy, a thousand times, while every attempt on names is made. */
void special_swaps(const struct options *options, unsigned (*attempts)(const volatile bool *stop))
{
	volatile bool *stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *name = "engine/apply-meanwhile";
	struct rf_error error = {.text = ""};
	int status, swaps = 0, err = 0;
	pid_t pid;

	if (!options_want(options, name))
		return;
	if (stop == MAP_FAILED)
		die("memory");
	expedite("1");
	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit((int)attempts(stop));
	}
	while (!err && swaps < SWAPS && !waitpid(pid, &status, WNOHANG)) {
		err = rf_engine_swap(engine(), fence.bound[0].slot, &fence.set.policy[0], &fence.compiled[0],
				     &fence.bound[0].slot, &error);
		swaps += !err;
	}
	*stop = true;
	if (waitpid(pid, &status, 0) < 0)
		status = -1;
	expedite("0");
	report(!status && swaps == SWAPS, name, "%d swaps, status %d %s", swaps, status, error.text);
	munmap((void *)(uintptr_t)stop, 4096);
}

/* ------------------------------------------------------------------- cgroups */

static int open_sealed(void *arg)
{
	(void)arg;
	return open_and_read("/tmp/s/sealed/key");
}

/* A cgroup beneath the fence is made, entered, removed and made again under the same name: always fenced. */
void special_cgroups(const struct options *options)
{
	const char *name = "engine/cgroup-made-anew";
	int status, wrong = 0, dir;

	if (!options_want(options, name))
		return;
	if (open_sealed(NULL)) {
		report_fail(name, "unfenced, it cannot be done");
		return;
	}
	for (int i = 0; i < TURNS; i++) {
		if (mkdirat(fence.fence->cgroup_fd, "again", 0755))
			die("a cgroup");
		dir = openat(fence.fence->cgroup_fd, "again", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		status = fence_wait(&fence, fence_start(&fence, dir, open_sealed, NULL));
		wrong += status != EACCES;
		close(dir);
		/* The kernel takes a cgroup's last task away a moment after its end was told. */
		while (unlinkat(fence.fence->cgroup_fd, "again", AT_REMOVEDIR) && errno == EBUSY)
			usleep(1000);
	}
	fence_clear(&fence);
	report(!wrong, name, "%d of %d opened what is denied", wrong, TURNS);
}

#define V1 "/tmp/v1"

static uint64_t number_of(const char *path)
{
	struct stat is;

	if (stat(path, &is))
		die("%s", path);
	return is.st_ino;
}

/* Hierarchies of version 1 count for themselves: a folder there with the number of a fenced cgroup is another one. */
void special_version_1(const struct options *options)
{
	const char *name = "engine/cgroup-version-1";
	int tags = rf_engine_map(engine(), RF_MAP_tags);
	struct rf_tag tag, ignored;
	uint64_t folder, beneath;
	bool tagged, lost;

	if (!options_want(options, name))
		return;
	mkdir(V1, 0755);
	if (mount("cgroup", V1, "cgroup", 0, "none,name=escape")) {
		report_skip(name, "no hierarchy of version 1 can be mounted");
		return;
	}
	make_dir(V1 "/a");
	folder = number_of(V1 "/a");
	/* As if the fence's cgroup had that number. */
	if (bpf_map_lookup_elem(tags, &(uint64_t){fence.fence->element->cgroup}, &tag) ||
	    rf_tag_set(engine(), folder, tag.sandbox))
		die("a tag");
	make_dir(V1 "/a/b");
	beneath = number_of(V1 "/a/b");
	tagged = !bpf_map_lookup_elem(tags, &beneath, &ignored);
	if (rmdir(V1 "/a/b") || rmdir(V1 "/a") || umount(V1))
		die(V1);
	lost = bpf_map_lookup_elem(tags, &folder, &ignored) != 0;
	rf_tag_remove(engine(), folder);
	rf_tag_remove(engine(), beneath);
	report(!tagged && !lost, name, "%s %s", tagged ? "making one there tags" : "",
	       lost ? "removing one there takes a tag away" : "");
}

/* --------------------------------------------------------------- policy files */

#define FILES "/tmp/escape-policies"
#define RULES "    - allow: [read]\n      paths: ['/a/**']\n"
#define HEAD  "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: "

static void replace_for_ever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0;; i++) {
		make_file(FILES "/new", i % 2 ? HEAD "one }\nspec:\n  files:\n" RULES
					      : HEAD "three }\nspec:\n  files:\n" RULES RULES RULES);
		if (rename(FILES "/new", FILES "/policy.yaml"))
			_exit(1);
	}
}

/* How many rules the file has now, with those that the model adds; -1: it can't be loaded. */
static long load(bool *one)
{
	struct rf_policies set = {0};
	struct rf_diags diags = {0};
	bool good = !rf_policies_load(&set, FILES "/policy.yaml", &diags) && set.count == 1;
	long rules = good ? (long)set.policy[0].rules[RF_FILES] : -1;

	*one = good && !strcmp(set.policy[0].name, "one");
	rf_policies_free(&set);
	rf_diags_free(&diags);
	return rules;
}

/* A policy file that is replaced while it is read: what is loaded is one or the other, whole. */
void special_policy_file(const struct options *options)
{
	const char *name = "engine/policy-changes";
	unsigned seen[2] = {0, 0}, wrong = 0;
	long whole;
	bool first;
	pid_t pid;

	if (!options_want(options, name))
		return;
	make_dir(FILES);
	make_file(FILES "/policy.yaml", HEAD "one }\nspec:\n  files:\n" RULES);
	whole = load(&first);
	pid = fork();
	if (!pid)
		replace_for_ever();
	for (int i = 0; i < LOADS || (!(seen[0] && seen[1]) && i < 100 * LOADS); i++) {
		bool one;
		long rules = load(&one);

		wrong += rules != (one ? whole : whole + 2);
		seen[one]++;
		if (i % 10 == 0)
			usleep(1000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	report(!wrong && first && whole > 0 && seen[0] && seen[1], name, "%u wrong, %u of one, %u of the other", wrong,
	       seen[1], seen[0]);
}
