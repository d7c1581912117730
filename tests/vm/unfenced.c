// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tasks outside of all fences are left alone: generated questions by real system calls, and a C build, get the same
 * answers without the engine, with it, and with a fence of someone else's in force. In that fence the answers differ.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/lib/property.h"
#include "vm/lib/world.h"

#define TREE	  "/tmp/x"
#define QUESTIONS 60
#define ROUNDS	  8

/* What a run answers: an errno for each question. */
struct answers {
	int error[ROUNDS][QUESTIONS];
	char build[4096]; /* sums of what the build made, and its program's words */
};

static struct question *shared;

static const struct {
	enum rf_section section;
	const char *prefix;
	bool (*prepare)(struct round *, struct question *);
	int (*ask)(const struct question *);
} kinds[] = {
	{RF_FILES, TREE, files_prepare, files_ask},
	{RF_FILES, TREE, pairs_prepare, pairs_ask},
	{RF_UNIX, TREE, unix_prepare, unix_ask},
	{RF_NETWORK, "", net_prepare, net_ask},
};

struct asking {
	size_t kind, count;
};

static int ask_all(void *arg)
{
	const struct asking *asking = arg;

	for (size_t i = 0; i < asking->count; i++)
		shared[i].error[0] = kinds[asking->kind].ask(&shared[i]);
	return 0;
}

/* In a process of its own, as in the fence. */
static int ask_outside(struct asking *asking)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(ask_all(asking));
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* One generated policy's questions, the same for each seed. In a fence, where there is one. */
static void ask_round(uint64_t seed, size_t kind, struct fence *fence, int error[QUESTIONS])
{
	struct gen gen = {.state = seed,
			  .prefix = kinds[kind].prefix,
			  .local = true,
			  .path_max = kinds[kind].section == RF_UNIX ? 100 : 0};
	struct round round = {.gen = &gen, .section = kinds[kind].section, .question = shared, .made_first = true};
	struct asking asking = {.kind = kind};

	umount2(TREE, MNT_DETACH);
	mount_tmpfs(TREE);
	gen_policy_make(&gen, round.section, 8, &round.policy);
	for (size_t tries = 0; round.count < QUESTIONS && tries < 20 * QUESTIONS; tries++) {
		struct question *q = &shared[round.count];

		memset(q, 0, sizeof(*q));
		q->fd = q->error[0] = -1;
		gen_probe_make(&gen, &round.policy, round.section, &q->probe);
		if (kinds[kind].prepare(&round, q))
			round.count++;
	}
	asking.count = round.count;
	if (fence ? fence_run(fence, ask_all, &asking) : ask_outside(&asking))
		die("a process that asks");
	for (size_t i = 0; i < QUESTIONS; i++)
		error[i] = i < round.count ? shared[i].error[0] : 0;
	for (size_t i = 0; i < round.count; i++)
		if (shared[i].fd >= 0)
			close(shared[i].fd);
	gen_policy_free(&round.policy);
}

/* ------------------------------------------------------------------ a build */

static void write_sources(void)
{
	char path[64], text[256];

	shell("rm -rf /tmp/b; mkdir /tmp/b");
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "/tmp/b/f%d.c", i);
		snprintf(text, sizeof(text),
			 "#include \"f.h\"\n#include <string.h>\nint f%d(const char *s) { return (int)strlen(s) * %d; "
			 "}\n",
			 i, i);
		make_file(path, text);
	}
	make_file("/tmp/b/f.h",
		  "int f0(const char *);\nint f1(const char *);\nint f2(const char *);\nint f3(const char *);\n"
		  "int f4(const char *);\n");
	make_file("/tmp/b/main.c", "#include <stdio.h>\n#include \"f.h\"\nint main(int c, char **v)\n"
				   "{\n\treturn printf(\"%d\\n\", f0(v[0]) + f1(\"ab\") + f4(\"abc\") + c) < 0;\n}\n");
	make_file("/tmp/b/Makefile", "O = f0.o f1.o f2.o f3.o f4.o main.o\nprogram: $(O)\n\tgcc -o $@ $(O)\n"
				     "%.o: %.c f.h\n\tgcc -O1 -c -o $@ $<\n");
}

static void build(char *out, size_t size)
{
	FILE *words;
	size_t len;

	write_sources();
	words = popen(
		"cd /tmp/b && make -j2 2>&1 | sort && ./program && sha256sum *.o program && ls -l | wc -l; echo $?",
		"re");
	if (!words)
		die("popen");
	len = fread(out, 1, size - 1, words);
	out[len] = '\0';
	pclose(words);
}

/* --------------------------------------------------------------------- runs */

static void run(uint64_t seed, struct answers *answers)
{
	for (size_t i = 0; i < ROUNDS; i++)
		ask_round(seed + i, i % (sizeof(kinds) / sizeof(kinds[0])), NULL, answers->error[i]);
	build(answers->build, sizeof(answers->build));
}

/* A peer's refusal may come before or after connect(2) of a socket that does not wait. */
static int plain(int error)
{
	return error == EINPROGRESS ? ECONNREFUSED : error;
}

static void compare(const char *name, const struct answers *before, const struct answers *after)
{
	size_t differ = 0;
	char title[64];

	snprintf(title, sizeof(title), "questions/%s", name);
	for (size_t i = 0; i < ROUNDS; i++)
		for (size_t k = 0; k < QUESTIONS; k++) {
			int was = plain(before->error[i][k]), is = plain(after->error[i][k]);

			if (was != is && !differ++)
				report_note("round %zu, question %zu: errno %d became %d", i, k, was, is);
		}
	report(!differ, title, "%zu of %d answers differ", differ, ROUNDS * QUESTIONS);
	snprintf(title, sizeof(title), "build/%s", name);
	if (!report(!strcmp(before->build, after->build), title, "what it makes differs"))
		report_note("before: %s\nafter: %s", before->build, after->build);
}

/* An engine of an earlier test goes, where nobody needs it. */
static bool no_engine(void)
{
	struct rf_kernel *kernel;
	struct rf_error error;
	bool gone;
	int err = rf_engine_open(&kernel, false, &error);

	if (err)
		return err == -ENOENT;
	rf_engine_sweep(kernel, NULL);
	gone = !rf_engine_unload(kernel, &error);
	rf_engine_close(kernel);
	return gone;
}

static int wait_here(void *arg)
{
	(void)arg;
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	static struct answers without, loaded, beside;
	static const char policy[] =
		"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: nothing }\nspec:\n  files:\n"
		"    - allow: [read]\n      paths: ['/nothing']\n"
		/* A literal that is hidden, so that the costliest hook is on. */
		"    - deny: [read, write, exec]\n      paths: ['/etc/hostname']\n      hide: true\n";
	struct options options;
	struct fence fence;
	int fenced[QUESTIONS];
	size_t differ = 0;
	pid_t pid;

	options_read(&options, argc, argv);
	report_note("seed %llu", (unsigned long long)options.seed);
	shared = mmap(NULL, QUESTIONS * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!no_engine())
		die("an engine is loaded and in use");
	run(options.seed, &without);
	report(strstr(without.build, "program") != NULL, "build/works", "%s", without.build);
	engine();
	run(options.seed, &loaded);
	compare("engine-loaded", &without, &loaded);
	fence_make(&fence, policy, false);
	pid = fence_start(&fence, -1, wait_here, NULL);
	run(options.seed, &beside);
	compare("beside-a-fence", &without, &beside);
	report(!fence.fence->element->made, "no-denials", "%llu", (unsigned long long)fence.fence->element->made);
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		ask_round(options.seed + kind, kind, &fence, fenced);
		for (size_t i = 0; i < QUESTIONS; i++)
			differ += fenced[i] != without.error[kind][i];
	}
	report(differ > QUESTIONS && fence.fence->element->made > QUESTIONS, "a-fence-is-felt",
	       "%zu answers differ, %llu denials", differ, (unsigned long long)fence.fence->element->made);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fence_end(&fence);
	umount2(TREE, MNT_DETACH);
	rf_engine_close(engine());
	return report_end();
}
