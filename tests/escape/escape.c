// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs the adversary's attempts: see escape.h. "--only PART" runs those whose name holds PART; a name is
 * SECTION/ATTEMPT/root or SECTION/ATTEMPT/user. "--mutate" leaves out one program, or one guard, after the other: then
 * an attempt must get out (mutate.c, guards.c), or the attempts would prove nothing.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape/runner.h"
#include "escape/special.h"
#include "vm/lib/world.h"

#define ACT_SECONDS 30

struct stage stage;
struct fence fence;

struct outcome *outcome;

const struct section sections[SECTIONS] = {
#define X(name) {#name, attempts_##name, &attempts_##name##_count},
	ESCAPE_SECTIONS(X)
#undef X
};

static bool line_seen[LINE_COUNT];

/* ------------------------------------------------------------------- stages */

static int become(uid_t uid)
{
	if (!uid)
		return 0;
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return errno;
	/* A change of credentials makes a task undumpable, and its /proc root's: the fence alone shall refuse. */
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static int actor(void *arg)
{
	const struct attempt *attempt = arg;
	int error = become(stage.uid);

	alarm(ACT_SECONDS);
	return error ? error : attempt->act();
}

static int run_unfenced(const struct attempt *attempt)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(actor((void *)(uintptr_t)attempt));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("an actor");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* The one place that knows how an event names its guard. */
static const char *guard_word(const struct rf_event *event)
{
	return event->guard ? rf_guard_word(event->guard) : "";
}

static void keep_events(void)
{
	outcome->events = fence.events;
	for (size_t i = 0; i < fence.events && i < KEPT; i++) {
		const struct event *e = &fence.event[i];
		struct told *told = &outcome->told[i];

		snprintf(told->hook, sizeof(told->hook), "%s", rf_hook_name(e->head.hook));
		snprintf(told->reason, sizeof(told->reason), "%s", rf_reason_word(e->head.reason));
		snprintf(told->guard, sizeof(told->guard), "%s", guard_word(&e->head));
		snprintf(told->object, sizeof(told->object), "%s", e->object);
		told->error = e->head.error;
		told->verdict = e->head.verdict;
	}
}

/* In a process of its own: what an act does to mounts and IPC ends with it. */
static void play(const struct attempt *attempt)
{
	const volatile struct rf_sandbox *box = fence.fence->element;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("namespaces of a stage");
	for (size_t i = 0; i < COUNT(stage.fd); i++)
		stage.fd[i] = -1;
	world_make();
	outcome->prepared = attempt->prepare ? attempt->prepare() : 0;
	world_note();
	if (!outcome->prepared && stage.fenced) {
		fence_clear(&fence);
		outcome->made = box->made;
		outcome->merged = box->merged;
		outcome->lost = box->lost;
		outcome->act = fence_run(&fence, actor, (void *)(uintptr_t)attempt);
		outcome->made = box->made - outcome->made;
		outcome->merged = box->merged - outcome->merged;
		outcome->lost = box->lost - outcome->lost;
		keep_events();
	} else if (!outcome->prepared) {
		outcome->act = run_unfenced(attempt);
	}
	outcome->intact = world_intact() && (!attempt->intact || attempt->intact());
	/* A change may need a moment to be seen. */
	for (int i = 0; i < 20 && !stage.fenced && attempt->changes && outcome->intact; i++) {
		usleep(10000);
		outcome->intact = world_intact() && (!attempt->intact || attempt->intact());
	}
	outcome->ended = true;
	_exit(0);
}

void run_stage(const struct attempt *attempt, uid_t uid, bool fenced)
{
	static unsigned number;
	char comm[16];
	pid_t pid;

	/* A name of its own: denials of two attempts are never alike, and so never merged. */
	snprintf(comm, sizeof(comm), "escape%u", number++ % 100000);
	memset(outcome, 0, sizeof(*outcome));
	stage = (struct stage){.uid = uid, .fenced = fenced};
	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NAME, comm);
		play(attempt);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		die("a stage");
	fence_clear(&fence);
}

/* ------------------------------------------------------------------ verdicts */

bool among(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (!strncmp(at, word, len) && (at[len] == '|' || !at[len]))
			return true;
	}
	return false;
}

static const char *told_fault(const struct attempt *attempt, const struct told *told)
{
	if (!among(attempt->hook, told->hook))
		return "a denial names another hook";
	if (!among(attempt->reason ? attempt->reason : "rule", told->reason))
		return "a denial names another reason";
	if (!strcmp(told->reason, "guard") && (!attempt->guard || !among(attempt->guard, told->guard)))
		return "a denial names another guard";
	if (attempt->object && strncmp(told->object, attempt->object, strlen(attempt->object)))
		return "a denial names another object";
	if (told->verdict != RF_DENIED)
		return "a denial names another verdict";
	return NULL;
}

const char *fault(const struct attempt *attempt)
{
	unsigned most = attempt->most ? attempt->most : 1;
	const char *why = NULL;

	if (!outcome->ended)
		return "the stage did not end";
	if (outcome->prepared)
		return "it could not be prepared";
	if (!outcome->act)
		return "NOT REFUSED";
	if (outcome->act >= 1000)
		return "the actor was ended by a signal";
	if (!outcome->intact)
		return "SOMETHING OUTSIDE WAS TOUCHED";
	if (attempt->silent)
		return outcome->made ? "a denial was told" : NULL;
	if (!outcome->made || outcome->made > most)
		return "not the right number of denials";
	/* A full buffer may cost events where many were made, never the count of them. */
	if (outcome->events + outcome->merged + outcome->lost != outcome->made || (outcome->lost && most < FLOOD))
		return "not every denial was told";
	for (size_t i = 0; !why && i < outcome->events && i < KEPT; i++)
		why = told_fault(attempt, &outcome->told[i]);
	if (!why && outcome->act != (attempt->error ? attempt->error : outcome->told[0].error))
		why = "another errno";
	return why;
}

static void show(void)
{
	for (size_t i = 0; i < outcome->events && i < KEPT; i++) {
		const struct told *told = &outcome->told[i];

		report_note("  %s %s by %s, errno %d: \"%.150s\"", told->reason, told->guard, told->hook, told->error,
			    told->object);
	}
}

/* Unfenced; returns whether it worked, else says why not. */
static bool works(const struct attempt *attempt, const char *name, uid_t uid)
{
	char why[160] = "";

	run_stage(attempt, uid, false);
	if (!outcome->ended)
		report_fail(name, "unfenced, the stage did not end");
	else if (outcome->prepared)
		snprintf(why, sizeof(why), "cannot be prepared here: %s", strerror(outcome->prepared));
	else if (outcome->act >= 1000)
		snprintf(why, sizeof(why), "unfenced, signal %d ended it", outcome->act - 1000);
	else if (outcome->act)
		snprintf(why, sizeof(why), "cannot be done here unfenced: %s", strerror(outcome->act));
	else if (attempt->changes && outcome->intact)
		report_fail(name, "unfenced, nothing outside was touched: the check would not see it");
	else
		return true;
	if (*why)
		report_skip(name, why);
	return false;
}

static void run(const struct options *options, const char *section, const struct attempt *attempt, uid_t uid)
{
	char name[128];
	const char *why;

	snprintf(name, sizeof(name), "%s/%s/%s", section, attempt->name, uid ? "user" : "root");
	if (!options_want(options, name))
		return;
	if (attempt->skip) {
		report_skip(name, attempt->skip);
		return;
	}
	if (!works(attempt, name, uid))
		return;
	run_stage(attempt, uid, true);
	why = fault(attempt);
	if (!report(!why, name, "%s: errno %d, %llu denials, %zu told, %llu merged, %llu lost", why ? why : "",
		    outcome->act, outcome->made, outcome->events, outcome->merged, outcome->lost))
		show();
}

static void run_all(const struct options *options, const char *section, const struct attempt *attempt, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		line_seen[attempt[i].line] = true;
		if (attempt[i].who & ROOT)
			run(options, section, &attempt[i], 0);
		if (attempt[i].who & USER)
			run(options, section, &attempt[i], USER_ID);
	}
}

static void each_line(void)
{
	static const char *const words[] = {
#define X(name, text) text,
		LINES(X)
#undef X
	};

	for (size_t i = 0; i < LINE_COUNT; i++)
		if (!line_seen[i])
			report_fail("lines", "no attempt for \"%s\"", words[i]);
}

/* All attempts on names, again and again. Returns how many were not refused as they should be. */
static unsigned keep_trying(const volatile bool *stop)
{
	unsigned wrong = 0, made = 0;

	while (!*stop) {
		for (size_t i = 0; i < attempts_names_count && !*stop; i++) {
			if (attempts_names[i].skip || attempts_names[i].guard)
				continue;
			run_stage(&attempts_names[i], 0, true);
			made++;
			/* What can't be prepared here was a skip before. */
			if (outcome->ended && outcome->prepared)
				continue;
			if (fault(&attempts_names[i])) {
				wrong++;
				report_note("%s, while policies change: %s", attempts_names[i].name,
					    fault(&attempts_names[i]));
				show();
			}
		}
	}
	report_note("%u attempts while policies changed", made);
	return wrong > 100 ? 100 : wrong;
}

static void all_attempts(const struct options *options)
{
	for (size_t i = 0; i < SECTIONS; i++)
		run_all(options, sections[i].name, sections[i].attempt, *sections[i].count);
	special_swaps(options, keep_trying);
	special_cgroups(options);
	special_version_1(options);
	special_policy_file(options);
	each_line();
}

int main(int argc, char **argv)
{
	struct options options;
	double start = now();

	options_read(&options, argc, argv);
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		die("memory");
	engine();
	report_note("engine: %.1f s", now() - start);
	world_found();
	fence_make(&fence, world_policy, false);
	if (options.mutate)
		mutate_hooks(&options);
	else
		all_attempts(&options);
	fence_end(&fence);
	if (options.mutate)
		mutate_guards(&options);
	rf_engine_close(engine());
	report_note("%.1f s", now() - start);
	return report_end();
}
