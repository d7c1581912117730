/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which repository a workspace belongs to, and whose word is not taken for it.
 *
 *   home/main/.git/            a repository
 *     worktrees/wt/            gitdir: home/wt/.git; commondir: ../..
 *     modules/sub/             a submodule's; core.worktree: ../../../sub
 *   home/main/sub/.git         gitdir: ../.git/modules/sub
 *   home/wt/.git               gitdir: home/main/.git/worktrees/wt
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/linked.h"

static char top[64], home[80];

__attribute__((format(printf, 1, 2))) static void sh(const char *format, ...)
{
	char line[2048], whole[2200];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "set -e; cd %s; %s", home, line);
	if (system(whole))
		fail_msg("%s", line);
}

static int make(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/linked.XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(home, sizeof(home), "%s/home", top);
	if (mkdir(home, 0755))
		return -1;
	sh("for r in main/.git main/.git/modules/sub; do mkdir -p $r/objects $r/refs; echo ref: x >$r/HEAD;"
	   "printf '[core]\\n\\tbare = false\\n' >$r/config; done; mkdir -p main/sub wt main/.git/worktrees/wt;"
	   "printf '\\tworktree = ../../../sub\\n' >>main/.git/modules/sub/config;"
	   "echo gitdir: ../.git/modules/sub >main/sub/.git; echo ../.. >main/.git/worktrees/wt/commondir;"
	   "echo %s/wt/.git >main/.git/worktrees/wt/gitdir; echo gitdir: %s/main/.git/worktrees/wt >wt/.git",
	   home, home);
	return 0;
}

static int take_away(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "rm -rf %s", top);
	return system(line) ? -1 : 0;
}

static void asks(const char *workspace, int want, const char *common)
{
	char path[256], whole[256];
	char *got = NULL;
	int err;

	snprintf(path, sizeof(path), "%s/%s", home, workspace);
	err = rf_linked_repository(path, home, getuid(), &got);
	snprintf(whole, sizeof(whole), "%s/%s", home, common ? common : "");
	if (err != want)
		fail_msg("%s: %d, not %d", workspace, err, want);
	if (common)
		assert_string_equal(got, whole);
	free(got);
}

static void worktree(void **state)
{
	(void)state;
	asks("wt", 0, "main/.git");
	asks("main", -ENOENT, NULL);
	asks("nonexistent", -ENOENT, NULL);
	sh("echo ../../../../wt/.git >main/.git/worktrees/wt/gitdir; echo gitdir: ../main/.git/worktrees/wt >wt/.git");
	asks("wt", 0, "main/.git");
	sh("ln -s wt link");
	asks("link", 0, "main/.git");
}

static void submodule(void **state)
{
	(void)state;
	asks("main/sub", 0, "main/.git/modules/sub");
	sh("printf '[other]\\n\\tworktree = ../../../sub\\n' >>main/.git/modules/sub/config");
	asks("main/sub", 0, "main/.git/modules/sub");
	sh("printf '[core]\\n\\tworktree = ../../..\\n' >>main/.git/modules/sub/config");
	asks("main/sub", -EPERM, NULL);
}

/* Each a world of its own: what is changed, and where that leaves the worktree. */
static void hostile(void **state)
{
	static const struct {
		const char *change, *workspace;
		int want;
	} list[] = {
		{"cp -r wt other", "other", -EPERM}, /* a stranger's folder that names the repository of another */
		{"mkdir x; echo gitdir: ../main/.git >x/.git", "x", -EPERM},
		{"mkdir x; echo gitdir: ../main/.git/modules/sub >x/.git", "x", -EPERM},
		{"mkdir x; echo gitdir: / >x/.git", "x", -EPERM},
		{"mkdir x .ssh; echo gitdir: ../.ssh >x/.git", "x", -EPERM},
		{"mkdir x; echo gitdir: .. >x/.git; echo ../x/.git >gitdir; echo . >commondir", "x", -EPERM},
		/* All of it in the workspace, but for the repository. */
		{"mkdir -p x/e; echo gitdir: e >x/.git; echo ../.git >x/e/gitdir; echo ../../main/.git >x/e/commondir",
		 "x", -EPERM},
		{"mkdir -p x/e/worktrees/w; echo gitdir: e/worktrees/w >x/.git; echo ../../../.git "
		 ">x/e/worktrees/w/gitdir;"
		 "echo ../../../../main/.git >x/e/worktrees/w/commondir",
		 "x", -EPERM},
		{"mkdir -p x; ln -s ../main/.git x/e; echo gitdir: e/worktrees/wt >x/.git", "x", -EPERM},
		/* The home folder made to look like a repository. */
		{"mkdir -p x objects refs worktrees/w; echo a >HEAD; echo a >config; echo gitdir: ../worktrees/w "
		 ">x/.git;"
		 "echo ../../x/.git >worktrees/w/gitdir; echo ../.. >worktrees/w/commondir",
		 "x", -EPERM},
		{"rm main/.git/HEAD", "wt", -EPERM},
		{"rm -r main/.git/objects", "wt", -EPERM},
		{"rm -r main/.git/refs; ln -s /etc main/.git/refs", "wt", -EPERM},
		{"rm main/.git/worktrees/wt/gitdir", "wt", -EPERM},
		{"cd main/.git/worktrees/wt; mv gitdir g; ln -s g gitdir", "wt", -EPERM},
		{"mv wt/.git g; ln -s ../g wt/.git", "wt", -ENOENT},
		{"rm wt/.git; mkfifo wt/.git", "wt", -ENOENT},
		{"head -c 70000 /dev/zero >>wt/.git", "wt", -ENOENT},
		{"printf '\\0' >>wt/.git", "wt", -ENOENT},
		{": >wt/.git", "wt", -ENOENT},
		{"echo gitdir: >wt/.git", "wt", -ENOENT},
		{"echo ../main/.git/worktrees/wt >wt/.git", "wt", -ENOENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		take_away(NULL);
		make(NULL);
		asks("wt", 0, "main/.git");
		sh("%s", list[i].change);
		print_message("%s\n", list[i].change);
		asks(list[i].workspace, list[i].want, NULL);
	}
}

/* What belongs to somebody else. */
static void foreign(void **state)
{
	static const char *const path[] = {"wt/.git", "main/.git", "main/.git/HEAD", "main/.git/worktrees/wt",
					   "main/.git/worktrees/wt/gitdir"};

	(void)state;
	if (getuid())
		skip();
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		sh("chown 12345 %s", path[i]);
		asks("wt", i ? -EPERM : -ENOENT, NULL);
		sh("chown 0 %s", path[i]);
		asks("wt", 0, "main/.git");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(worktree, make, take_away),
		cmocka_unit_test_setup_teardown(submodule, make, take_away),
		cmocka_unit_test_setup_teardown(hostile, make, take_away),
		cmocka_unit_test_setup_teardown(foreign, make, take_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
