// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Generated policies, and questions to them by real system calls on real files and sockets: the kernel says what the
 * naive reference says, for every denial the same rule decides, and the name that is told is the one that was used.
 * Once with the cache of verdicts and once without. A failure is made small and printed with the seed.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "events/ruling.h"
#include "vm/lib/property.h"
#include "vm/lib/world.h"

#define TREE	  "/tmp/x"     /* a tmpfs of its own for each round */
#define ROOT_TREE "/var/tmp/x" /* on the guest's root, an overlay */
#define ASKED	  50

/* What a section's questions are made of. */
struct subject {
	const char *name, *prefix;
	enum rf_section section;
	bool (*prepare)(struct round *, struct question *);
	int (*ask)(const struct question *);
	struct expected (*expect)(const struct round *, const struct question *);
	size_t rounds;
};

static const struct subject subjects[] = {
	{"files", TREE, RF_FILES, files_prepare, files_ask, files_expect, 18},
	{"files-on-overlay", ROOT_TREE, RF_FILES, files_prepare, files_ask, files_expect, 8},
	{"renames-and-links", TREE, RF_FILES, pairs_prepare, pairs_ask, pairs_expect, 7},
	{"unix", TREE, RF_UNIX, unix_prepare, unix_ask, files_expect, 8},
	{"network", "", RF_NETWORK, net_prepare, net_ask, net_expect, 12},
};

/* ---------------------------------------------------------------- the tree */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void clear_tree(const char *prefix)
{
	if (!strcmp(prefix, TREE)) {
		umount2(TREE, MNT_DETACH);
		mount_tmpfs(TREE);
	} else if (prefix[0]) {
		nftw(prefix, remove_entry, 64, FTW_DEPTH | FTW_PHYS);
		make_dir(prefix);
	}
}

/* ------------------------------------------------------------------ asking */

struct asking {
	const struct subject *subject;
	struct round *round;
};

static int ask_all(void *arg)
{
	const struct asking *asking = arg;

	for (size_t i = 0; i < asking->round->count; i++) {
		struct question *q = &asking->round->question[i];
		char comm[16];

		/* So that denials of different questions are told apart, and not merged. */
		snprintf(comm, sizeof(comm), "q%u", (unsigned)i % 1000);
		prctl(PR_SET_NAME, comm);
		q->error[0] = asking->subject->ask(q);
		/* Again, from the cache where there is one; but what went well can often not be done twice. */
		if (q->error[0] || q->way == WAY_OPEN_READ || q->way == WAY_OPEN_WRITE || q->way == WAY_EXEC)
			q->error[1] = asking->subject->ask(q);
	}
	return 0;
}

/* ---------------------------------------------------------------- checking */

static const struct event *event_of(const struct round *round, size_t i, size_t *count)
{
	const struct event *found = NULL;
	char comm[16];

	*count = 0;
	snprintf(comm, sizeof(comm), "q%u", (unsigned)i % 1000);
	for (size_t k = 0; k < round->fence.events; k++) {
		if (strcmp(round->fence.event[k].comm, comm))
			continue;
		/* The second try, when the first is a second ago: told again, as the second of its kind. */
		if (found && round->fence.event[k].head.merge == found->head.merge &&
		    round->fence.event[k].head.total <= TRIES)
			continue;
		found = &round->fence.event[k];
		++*count;
	}
	return found;
}

static const char *object_fault(const struct question *q, const struct event *e)
{
	if (q->probe.section == RF_NETWORK)
		return memcmp(e->head.address.addr, q->probe.addr, 16) || e->head.address.port != q->probe.port
			       ? "the denial names another destination"
			       : NULL;
	if (e->object_len != q->probe.len || memcmp(e->object, q->probe.path, q->probe.len))
		return "the denial names another path";
	if (e->second_len != q->second_len || memcmp(e->second, q->second, q->second_len))
		return "the denial names another new path";
	return NULL;
}

static const char *denial_fault(const struct round *round, const struct question *q, const struct event *e,
				const struct expected *x)
{
	struct rf_denial denial = {.head = e->head, .object = e->object, .object_len = e->object_len};
	struct rf_ruling ruling;

	if (e->second_len) {
		denial.second = e->second;
		denial.second_len = e->second_len;
	}
	if (e->head.error != x->error)
		return "the denial names another errno";
	if (e->head.access != x->access)
		return "the denial names other accesses";
	/* What a rule hides is refused by identity too, where it was there when the fence was made. */
	if (e->head.reason == RF_REASON_SEAL && round->made_first)
		return x->rule && x->rule->hide ? NULL : "a seal that no rule asks for";
	if (object_fault(q, e))
		return object_fault(q, e);
	if (e->head.reason != x->reason)
		return "the denial names another reason";
	if (x->reason != RF_REASON_RULE)
		return NULL;
	ruling = rf_event_rule(&denial, round->fence.set.policy);
	if (ruling.kind != (x->rule ? RF_RULING_RULE : RF_RULING_DEFAULT) || ruling.rule != x->rule)
		return "another rule is said to decide";
	return NULL;
}

/* An allowed call's own errno: files are made so that it goes well; peers of sockets may say no. */
static bool may_fail(const struct question *q, int error)
{
	if (!error || q->probe.section == RF_NETWORK)
		return true;
	return q->way == WAY_STREAM && error == EAGAIN;
}

static const char *fault_of(struct round *round, size_t i, const struct subject *subject)
{
	const struct question *q = &round->question[i];
	struct expected x = subject->expect(round, q);
	size_t count;
	const struct event *e = event_of(round, i, &count);

	if (q->error[0] == ESOCKTNOSUPPORT)
		return NULL;
	round->calls += 1 + (q->error[1] >= 0);
	round->moved += q->way == WAY_RENAME_DIR && !x.error;
	round->kept += q->way == WAY_RENAME_DIR && (x.reason == RF_REASON_GAIN || x.reason == RF_REASON_BENEATH);
	if (count > 1)
		return "more than one denial";
	if (!e)
		return x.error					      ? "allowed, against the reference"
		       : !may_fail(q, q->error[0])		      ? "refused without a denial"
		       : q->error[1] > 0 && !may_fail(q, q->error[1]) ? "refused without a denial, when asked again"
								      : NULL;
	round->denials++;
	if (!x.error)
		return "refused, against the reference";
	if (q->error[0] != x.error || q->error[1] != x.error)
		return "another errno than the reference's";
	return denial_fault(round, q, e, &x);
}

/* ------------------------------------------------------------------ rounds */

static void make_questions(struct round *round, const struct subject *subject, size_t count)
{
	round->count = 0;
	for (size_t tries = 0; round->count < count && tries < count * 20; tries++) {
		struct question *q = &round->question[round->count];

		memset(q, 0, sizeof(*q));
		q->fd = q->error[0] = q->error[1] = -1;
		gen_probe_make(round->gen, &round->policy, subject->section, &q->probe);
		if (subject->prepare(round, q))
			round->count++;
	}
}

/* Files that are made after the fence. What can't be made is not asked. */
static void create_late(struct round *round)
{
	size_t kept = 0;

	for (size_t i = 0; i < round->count; i++)
		if (files_create(&round->question[i]))
			round->question[kept++] = round->question[i];
	round->count = kept;
}

/* Asks all questions of a round. Returns the first that fails, or -1. */
static int run_round(struct round *round, const struct subject *subject, struct rf_policies *bound, const char *text)
{
	struct asking asking = {subject, round};
	const volatile struct rf_sandbox *box;
	int status, failed = -1;

	fence_make_bound(&round->fence, bound, text);
	box = round->fence.fence->element;
	if (subject->prepare == files_prepare && !round->made_first)
		create_late(round);
	status = fence_run(&round->fence, ask_all, &asking);
	for (size_t i = 0; i < round->count && failed < 0; i++) {
		round->why = status ? "the fenced process failed" : fault_of(round, i, subject);
		if (round->why)
			failed = (int)i;
	}
	if (failed < 0 && (box->made != box->told + box->merged + box->lost || box->told != round->fence.events)) {
		round->why = "denials do not add up";
		failed = 0;
	}
	return failed;
}

static void end_round(struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		if (round->question[i].fd >= 0)
			close(round->question[i].fd);
	fence_end(&round->fence);
}

/* ---------------------------------------------------------------- shrinking */

struct shrinking {
	struct round *round;
	const struct subject *subject;
	struct question failed;
};

static bool still_fails(const struct rf_policy *policy, const struct gen_probe *probe, void *context)
{
	struct shrinking *s = context;
	struct round round = *s->round;
	struct question *q = &round.question[0];
	struct rf_policies bound = {.policy = malloc(sizeof(*policy)), .count = 1};
	bool bad = false;

	if (!bound.policy)
		die("memory");
	*bound.policy = *policy;
	clear_tree(s->subject->prefix);
	round.count = 0;
	*q = s->failed;
	q->probe = *probe;
	q->fd = q->error[0] = q->error[1] = -1;
	round.fence = (struct fence){.fence = NULL};
	if (s->subject->section == RF_FILES &&
	    (q->probe.len < strlen(round.gen->prefix) + 2 || !make_parents(q->probe.path)))
		goto out;
	if (s->subject->prepare == unix_prepare && !unix_prepare(&round, q))
		goto out;
	if (s->subject->prepare == files_prepare && round.made_first && !files_create(q))
		goto out;
	round.count = 1;
	bad = run_round(&round, s->subject, &bound, "") >= 0;
	/* The policy is the shrinker's. */
	round.fence.set.count = 0;
	for (size_t i = 0; i < 1; i++)
		rf_compiled_free(&round.fence.compiled[i]);
	end_round(&round);
	return bad;
out:
	free(bound.policy);
	return false;
}

static void show_denials(const struct round *round, size_t i)
{
	char comm[16];

	snprintf(comm, sizeof(comm), "q%u", (unsigned)i % 1000);
	for (size_t k = 0; k < round->fence.events; k++) {
		const struct event *e = &round->fence.event[k];

		if (strcmp(e->comm, comm))
			continue;
		report_note("denied by %s for %s, access %u, errno %u, %llu so far", rf_hook_name(e->head.hook),
			    rf_reason_word(e->head.reason), e->head.access, e->head.error,
			    (unsigned long long)e->head.total);
		report_bytes("object", e->object, e->object_len);
	}
}

static void tell_failure(struct round *round, const struct subject *subject, const char *name, size_t failed)
{
	struct shrinking s = {round, subject, round->question[failed]};
	struct gen_probe probe = s.failed.probe;
	char words[64];

	report_fail(name, "%s (question %zu, %s by way %d, errno %d then %d); run again with --seed %llu", round->why,
		    failed, rf_access_words(probe.access, words, sizeof(words)), s.failed.way, s.failed.error[0],
		    s.failed.error[1], (unsigned long long)round->seed);
	if (s.failed.second_len)
		report_bytes("new name", s.failed.second, s.failed.second_len);
	show_denials(round, failed);
	end_round(round);
	if (subject->prepare != pairs_prepare)
		gen_shrink(round->gen, &round->policy, &probe, still_fails, &s);
	gen_report(stdout, round->seed, &round->policy, &probe);
}

static bool one_round(struct round *round, const struct subject *subject, const char *name)
{
	struct rf_policies bound = {0};
	char *text;
	int failed;

	clear_tree(subject->prefix);
	gen_policy_make(round->gen, subject->section, 1 + gen_below(round->gen, 12), &round->policy);
	if (gen_policy_bind(&round->policy, &bound, stdout))
		die("a generated policy");
	text = gen_policy_text(&round->policy);
	make_questions(round, subject, ASKED);
	failed = run_round(round, subject, &bound, text);
	if (failed >= 0)
		tell_failure(round, subject, name, (size_t)failed);
	else
		end_round(round);
	gen_policy_free(&round->policy);
	free(text);
	return failed < 0;
}

static size_t run_subject(const struct subject *subject, const struct options *options, const char *mode,
			  struct question *shared)
{
	struct gen gen = {.state = options->seed ^ ((uint64_t)(subject - subjects) << 56),
			  .prefix = subject->prefix,
			  .local = true,
			  .path_max = subject->section == RF_UNIX ? 100 : 0};
	struct round round = {.gen = &gen, .section = subject->section, .seed = options->seed, .question = shared};
	double start = now();
	char name[64];
	bool good = true;

	snprintf(name, sizeof(name), "%s/%s", subject->name, mode);
	if (!options_want(options, name))
		return 0;
	for (size_t i = 0; good && (options->seconds ? now() - start < options->seconds : i < subject->rounds); i++) {
		round.made_first = subject->section == RF_FILES && i % 4 == 3;
		good = one_round(&round, subject, name);
	}
	if (good)
		report_ok(name);
	report_note("%s: %zu system calls, %zu denials, %zu folders moved and %zu not, %.1f s", name, round.calls,
		    round.denials, round.moved, round.kept, now() - start);
	return round.calls;
}

int main(int argc, char **argv)
{
	struct options options;
	struct question *shared =
		mmap(NULL, QUESTIONS_MAX * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	options_read(&options, argc, argv);
	report_note("seed %llu", (unsigned long long)options.seed);
	shell("echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range; modprobe sctp 2>/dev/null");
	for (int off = 0; off < 2; off++) {
		size_t calls = 0;

		rf_engine_switches(engine())->no_cache = (unsigned)off;
		for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
			calls += run_subject(&subjects[i], &options, off ? "no-cache" : "cache", shared);
		if (!options.only && !options.seconds)
			report(calls >= 3000, off ? "enough/no-cache" : "enough/cache", "%zu system calls", calls);
	}
	rf_engine_switches(engine())->no_cache = 0;
	umount2(TREE, MNT_DETACH);
	rf_engine_close(engine());
	return report_end();
}
