// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies in force by name: cgroups that exist and that are made get what selects them, and lose what does not any
 * more; by the kernel side alone, and by whoever puts policies into force next.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"

#define ROOT  "/sys/fs/cgroup/select"
#define FILES 3

static const char *const files[FILES] = {"/tmp/select-a", "/tmp/select-b", "/tmp/select-c"};

/* ------------------------------------------------------------------ policies */

#define POLICIES 64
static struct policy {
	struct rf_policies set;
	struct rf_compiled compiled;
	char *text;
} policies[POLICIES];
static struct rf_forced forced[POLICIES];
static size_t count;

static void forget(size_t i)
{
	rf_policies_free(&policies[i].set);
	rf_compiled_free(&policies[i].compiled);
	free(policies[i].text);
}

/* A policy that denies one of the files to the cgroups of a pattern, in the place `i`. */
static void put(size_t i, const char *pattern, const char *denied)
{
	struct policy *p = &policies[i];
	struct rf_diags diags = {.diag = NULL};
	struct rf_vars vars = {.pair = NULL};

	if (i < count)
		forget(i);
	if (asprintf(&p->text,
		     "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p%zu }\nspec:\n"
		     "  select: [{ cgroup: \"%s\" }]\n  files:\n"
		     "    - { allow: [read, write, exec], paths: [\"/**\"] }\n    - { deny: read, paths: [\"%s\"] }\n",
		     i, pattern, denied) < 0 ||
	    rf_policies_parse(&p->set, "select", p->text, strlen(p->text), &diags) ||
	    rf_policy_bind(&p->set.policy[0], &vars, true, &diags) ||
	    rf_compile(&p->set.policy[0], 0, &p->compiled, &diags)) {
		rf_diags_print(&diags, stderr);
		exit(2);
	}
	forced[i] = (struct rf_forced){.bound = {.policy = &p->set.policy[0],
						 .compiled = &p->compiled,
						 .file = "select",
						 .text = p->text,
						 .text_len = strlen(p->text)}};
	if (i == count)
		count++;
}

static int force(void)
{
	struct rf_error error = {.text = ""};
	int err = rf_engine_force(engine(), forced, count, &error);

	if (err)
		fprintf(stderr, "# force: %s\n", error.text);
	return err;
}

/* ------------------------------------------------------------------- cgroups */

static const char *cgroup(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", ROOT, name);
	return path;
}

static void make(const char *name)
{
	if (mkdir(cgroup(name), 0755) && errno != EEXIST) {
		perror(cgroup(name));
		exit(2);
	}
}

static void drop(const char *name)
{
	for (int i = 0; i < 500 && rmdir(cgroup(name)) && errno != ENOENT; i++)
		usleep(10000);
}

/* Which files a process in the cgroup may not read, as bits; its first act is to try. */
static unsigned denied_in(const char *name)
{
	int fd = open(cgroup(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)fd};
	unsigned denied = 0;
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0) {
		perror("clone3");
		exit(2);
	}
	if (!pid) {
		for (unsigned i = 0; i < FILES; i++) {
			int file = open(files[i], O_RDONLY);

			denied |= (unsigned)(file < 0 && errno == EACCES) << i;
			if (file >= 0)
				close(file);
		}
		_exit((int)denied);
	}
	close(fd);
	if (waitpid((pid_t)pid, &status, 0) != pid || !WIFEXITED(status))
		return ~0u;
	return (unsigned)WEXITSTATUS(status);
}

static void expect(const char *test, const char *name, unsigned denied)
{
	unsigned got = denied_in(name);

	report(got == denied, test, "in %s, bits %u of the files are denied, not %u", name, got, denied);
}

/* --------------------------------------------------------------------- tests */

static void cgroups_that_exist(void)
{
	make("old-a");
	make("old-a/in");
	make("other");
	put(0, "select/*-a", files[0]);
	put(1, "select/{both,new}-*", files[1]);
	report(force() == 0, "two policies are put into force", "no");
	expect("a cgroup that exists is fenced", "old-a", 1);
	expect("what is beneath it too", "old-a/in", 1);
	expect("another is not", "other", 0);
}

static void cgroups_that_are_made(void)
{
	make("young-a");
	make("both-a");
	make("young-b");
	make("young-a/in");
	expect("a new cgroup is fenced", "young-a", 1);
	expect("what is made beneath it too", "young-a/in", 1);
	expect("one that two select has both", "both-a", 3);
	expect("another is not", "young-b", 0);
	drop("both-a");
	make("both-a");
	expect("one that is made again is fenced again", "both-a", 3);
}

static void changes(void)
{
	put(0, "select/*-a", files[2]);
	report(force() == 0, "a policy is changed", "no");
	expect("a cgroup has the new text", "young-a", 4);
	expect("and what is beneath", "young-a/in", 4);
	expect("both: one new, one as before", "both-a", 6);
	make("late-a");
	expect("a new cgroup has it", "late-a", 4);
	put(0, "select/*-b", files[2]);
	report(force() == 0, "it selects others", "no");
	expect("who was selected is free", "young-a", 0);
	expect("so is what is beneath", "old-a/in", 0);
	expect("who was not is fenced", "young-b", 4);
	expect("what two selected has one", "both-a", 2);
	make("later-a");
	expect("a new cgroup is free", "later-a", 0);
}

static void nested(void)
{
	put(2, "select/young-b/in", files[0]);
	report(force() == 0, "one beneath another's cgroup", "no");
	make("young-b/in");
	expect("has both", "young-b/in", 5);
	make("young-b/in/deep");
	expect("and what is beneath has too", "young-b/in/deep", 5);
}

static void by_another_process(void)
{
	for (size_t i = 0; i < count; i++)
		forced[i].placed = false;
	report(force() == 0, "who knows nothing of it puts the same into force", "no");
	expect("it holds", "young-b/in/deep", 5);
	expect("as before", "both-a", 2);
	expect("everywhere", "young-a", 0);
	make("new-b");
	expect("and for a new cgroup", "new-b", 6);
}

static uint32_t spares_gone(void)
{
	return rf_engine_switches(engine())->unready;
}

/* More cgroups than there are sandboxes ready, and nobody who makes more. */
static void without_spares(void)
{
	static char name[RF_SPARES_MAX + 8][32];
	size_t made = 0;

	for (; made < RF_SPARES_MAX + 8 && !spares_gone(); made++) {
		snprintf(name[made], sizeof(name[made]), "new-%zu", made);
		make(name[made]);
	}
	report(spares_gone() > 0, "no sandbox is ready any more", "no");
	expect("the last cgroup is fenced", name[made - 1], 2);
	make("more-b");
	expect("one of another set too", "more-b", 4);
	make("more-b/in");
	expect("and what is beneath it", "more-b/in", 4);
	report(force() == 0, "again into force", "no");
	expect("it stays so", "more-b/in", 4);
	for (size_t i = 0; i < made; i++)
		drop(name[i]);
	rf_engine_switches(engine())->unready = 0;
}

/* Names that differ, so that none is merged with another. Nobody reads the ring. */
static void denied_names(const char *name, unsigned names)
{
	char path[128];
	int status, fd;
	pid_t pid;

	for (unsigned i = 0; i < names; i++) {
		snprintf(path, sizeof(path), "%s-%u", files[1], i);
		close(open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0644));
	}
	pid = fork();
	if (!pid) {

		snprintf(path, sizeof(path), ROOT "/%s/cgroup.procs", name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1)
			_exit(1);
		for (unsigned i = 0; i < names; i++) {
			snprintf(path, sizeof(path), "%s-%u", files[1], i);
			close(open(path, O_RDONLY));
		}
		_exit(0);
	}
	report(waitpid(pid, &status, 0) == pid && status == 0, "names are denied", "%d", status);
}

static bool box_of(const char *name, struct rf_sandbox *out)
{
	for (uint32_t i = 1; i < rf_engine_switches(engine())->used; i++)
		if (!rf_engine_sandbox(engine(), i, out) && out->state == RF_SANDBOX_LIVE && strstr(out->tail, name))
			return true;
	return false;
}

static void all_is_read(void *context, struct rf_sandbox *box)
{
	(void)context;
	box->taken = box->queued;
}

/* Units share a ring: who floods it must leave room for the others. */
static void shares(void)
{
	struct rf_sandbox flood = {.id = 0}, quiet = {.id = 0};
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "%s-*", files[1]);
	put(3, "select/ring-*", pattern);
	report(force() == 0, "a policy for two units", "no");
	make("ring-flood");
	make("ring-quiet");
	denied_names("ring-flood", 6000);
	denied_names("ring-quiet", 3);
	if (!box_of("ring-flood", &flood) || !box_of("ring-quiet", &quiet))
		report_fail("both have sandboxes", "no");
	report(flood.made == 6000 && flood.told + flood.lost == 6000 && flood.lost > 3000 && flood.told > 500,
	       "a flood keeps to its share", "%llu told, %llu lost", (unsigned long long)flood.told,
	       (unsigned long long)flood.lost);
	report(quiet.made == 3 && quiet.told == 3, "the other's are told", "%llu of 3, %llu lost",
	       (unsigned long long)quiet.told, (unsigned long long)quiet.lost);
	rf_engine_boxes(engine(), all_is_read, NULL);
	denied_names("ring-flood", 6005);
	box_of("ring-flood", &quiet);
	report(quiet.told > flood.told, "what is read gives room again", "%llu", (unsigned long long)quiet.told);
}

static void removed(void)
{
	size_t before = count;

	count = 0;
	report(force() == 0, "nothing is in force", "no");
	expect("everyone is free", "young-b/in/deep", 0);
	expect("here too", "both-a", 0);
	make("new-free");
	expect("and a new one", "new-free", 0);
	count = before;
}

static void refused(void)
{
	put(2, "init.scope", files[0]);
	report(force() == -EINVAL, "who selects the first process is refused", "no");
	expect("and nothing changed", "young-b", 0);
	put(2, "select/young-b/in", files[0]);
}

/* With nobody under it now, somebody may be any time. */
static void not_unloaded(void)
{
	struct rf_error error = {.text = ""};
	size_t before = count;

	put(0, "select/nobody-*", files[0]);
	count = 1;
	report(force() == 0, "one that selects nothing that is there", "no");
	report(rf_engine_unload(engine(), &error) == -EBUSY, "the engine is not taken out", "%s", error.text);
	make("nobody-1");
	expect("and holds for who comes", "nobody-1", 1);
	count = 0;
	report(force() == 0, "nothing is in force again", "no");
	count = before;
}

/* Applies in a row leave nothing behind. */
static void many(void)
{
	struct rf_engine *switches = rf_engine_switches(engine());
	uint32_t used;
	bool good = true;

	for (int i = 0; i < 5; i++)
		good &= force() == 0;
	used = switches->used;
	for (int i = 0; i < 20; i++) {
		put(0, i % 2 ? "select/*-b" : "select/*-a", files[i % FILES]);
		good &= force() == 0;
	}
	report(good, "twenty in a row", "no");
	report(switches->used == used, "leave nothing behind", "no");
	expect("the last one holds", "young-b", 2);
}

int main(void)
{
	for (int i = 0; i < FILES; i++)
		close(open(files[i], O_CREAT | O_RDONLY | O_CLOEXEC, 0644));
	if (mkdir(ROOT, 0755) && errno != EEXIST) {
		perror(ROOT);
		return 2;
	}
	cgroups_that_exist();
	cgroups_that_are_made();
	changes();
	nested();
	by_another_process();
	without_spares();
	shares();
	many();
	removed();
	refused();
	not_unloaded();
	return report_end();
}
