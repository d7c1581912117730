// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The verbs that ask the agent, before a server with a backend of the test: what they print and how they end. */
#include "api_support.h"

#include <fcntl.h>

#include "client/client.h"
#include "client/files.h"
#include "client/lines.h"
#include "client/print.h"
#include "policy/keys.h"
#include "verb_support.h"

static const char *file(const char *name, const char *text)
{
	static char path[4][256];
	static unsigned turn;
	char *to = path[turn++ % 4];
	FILE *f;

	snprintf(to, sizeof(path[0]), "%s/%s", folder, name);
	f = fopen(to, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return to;
}

static void apply_says_what_was_done(void **state)
{
	char *new = (char *)file("a.yaml", "new text\n");

	(void)state;
	WANT(0, "policy/new created (dry run)\n", "", apply, "-f", new, "--dry-run");
	WANT(0, "policy/new created\n", "", apply, "-f", new);
	WANT(0, "policy/new unchanged\n", "", apply, "-f", new);
	WANT(0, "policy/new reapplied\n", "", apply, "-f", new, "--force");
	file("a.yaml", "new words\n");
	WANT(0, "policy/new configured\n", "", apply, "-f", new, "--timeout", "5s");
	unlink(new);
	WANT(2, "", "No such file", apply, "-f", new);
	WANT(2, "", "no *.yaml", apply, "-f", folder);
	WANT(2, "", "no policy file", apply);
	WANT(2, "", "not expected here", apply, new);
	WANT(2, "", "takes a time", apply, "--timeout", "soon", "-f", new);
}

static void apply_tells_where_a_text_is_wrong(void **state)
{
	char path[256], *bad = (char *)file("bad.yaml", "bad\n"), place[300];
	json_t *details = json_pack("[{s:s, s:i}, {s:s, s:i}]", "file", "x", "line", 2, "file", "x", "line", 6);
	struct rf_files files = {0};
	char *unread;

	(void)state;
	snprintf(place, sizeof(place), "%s:3:7: error: there is no field \"fiels\"\\x1b[2J\n", bad);
	WANT(1, "", place, apply, "-f", bad);
	assert_non_null(strstr(err, "ringfence apply: the text is no policy\n"));
	assert_null(strchr(err, '\033'));
	unlink(bad);
	/* Several files: each finding is of its own. Line 6 of the text is line 2 of the second. */
	snprintf(path, sizeof(path), "%s/1.yaml", folder);
	file("1.yaml", "\xef\xbb\xbf"
		       "one\ntwo\nthree"); /* no newline at its end */
	file("2.yml", "four\nfive\n");
	file("3.txt", "no\n");
	assert_int_equal(rf_files_add(&files, folder, &unread), 0);
	assert_int_equal(files.count, 2);
	assert_int_equal(files.text.len, strlen("one\ntwo\nthree\n---\nfour\nfive\n"));
	assert_memory_equal(files.text.text, "one\ntwo\nthree\n---\nfour\nfive\n", files.text.len);
	rf_files_place(&files, details);
	assert_string_equal(json_string_value(rf_json_path(details, "[0].file")), path);
	assert_int_equal(json_integer_value(rf_json_path(details, "[0].line")), 2);
	assert_int_equal(json_integer_value(rf_json_path(details, "[1].line")), 2);
	assert_non_null(strstr(json_string_value(rf_json_path(details, "[1].file")), "/2.yml"));
	json_decref(details);
	rf_files_free(&files);
	unlink(path);
	unlink(file("2.yml", ""));
	unlink(file("3.txt", ""));
}

/* ---------------------------------------------------------------- watching */

static char watched[2][256];

/* Runs `get` or `api` with these words in a process of its own. */
static pid_t begin_watch(char **words)
{
	bool api = !strcmp(words[0], "api");
	const struct rf_verb row = {
		words[0], "", "", api ? rf_options_api : rf_options_get, api ? rf_verb_api : rf_verb_get, NULL};
	int argc = 0;
	pid_t pid;

	for (int i = 0; i < 2; i++)
		snprintf(watched[i], sizeof(watched[i]), "%s/watched%d", folder, i);
	while (words[argc])
		argc++;
	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	/* The server's are not ours: it would not be seen to end. */
	close(listening);
	close(stop_pipe[1]);
	for (int i = 0; i < 2; i++)
		dup2(open(watched[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), i + 1);
	_exit(row.run(&row, argc, words));
}

static void read_watched(void)
{
	char *to[2] = {out, err};

	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(watched[i], "r");

		*to[i] = '\0';
		if (f)
			read_back(f, to[i], sizeof(out));
	}
}

/* Waits until what it printed has this. */
static void await(const char *text)
{
	for (int i = 0; i < 200; i++) {
		read_watched();
		if (strstr(out, text) || strstr(err, text))
			return;
		usleep(50000);
	}
	fail_msg("no %s in\n%s--\n%s", text, out, err);
}

static void end_watch(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	unlink(watched[0]);
	unlink(watched[1]);
}

static void watch_shows_changes(void **state)
{
	char *path = (char *)file("a.yaml", "two again\n");
	pid_t pid = begin_watch((char *[]){"get", "policies", "-w", NULL});

	(void)state;
	await("two    3");
	assert_int_equal(RUN(apply, "-f", path), 0);
	await("two  4  enforce");
	assert_int_equal(RUN(delete, "policy", "one"), 0);
	await("policy/one deleted\n");
	assert_string_equal(err, "");
	end_watch(pid);
	/* Names, and lines for programs. */
	pid = begin_watch((char *[]){"get", "policies", "-w", "-o", "json", "three", NULL});
	await("{\"type\":\"ADDED\",\"object\":{");
	assert_null(strstr(out, "\"two\""));
	end_watch(pid);
	unlink(path);
}

static void sandboxes_are_watched(void **state)
{
	pid_t pid = begin_watch((char *[]){"get", "sandboxes", "-w", NULL});

	(void)state;
	await("10  a\\x1b[31m.service");
	fake.sandboxes = json_pack("[o, o]", fake_sandbox(9), fake_sandbox(11));
	json_integer_set(json_object_get(json_array_get(fake.sandboxes, 0), "tasks"), 44);
	await("sandbox/10 ended: a\\x1b[31m.service\n9  a\\x1b[31m.service  one,two  44  6\n11  a");
	end_watch(pid);
	/* By its number, or its unit. */
	pid = begin_watch((char *[]){"get", "sandboxes", "-w", "-o", "json", "11", NULL});
	await("{\"type\":\"ADDED\",\"object\":{\"id\":11");
	assert_null(strstr(out, "\"id\":9"));
	end_watch(pid);
	pid = begin_watch((char *[]){"get", "sandboxes", "-w", "-o", "name", "a\033[31m.service", NULL});
	await("sandbox/11\n");
	end_watch(pid);
}

static void watch_goes_on_with_another_agent(void **state)
{
	char *path = (char *)file("a.yaml", "two again\n");
	pid_t pid = begin_watch((char *[]){"get", "policies", "-w", NULL});

	(void)state;
	await("two    3");
	restart_server(2);
	/* It is said why, and what is known is not shown again. */
	await("the agent stops");
	assert_int_equal(RUN(apply, "-f", path), 0);
	await("two  4  enforce");
	assert_ptr_equal(strstr(out, "three"), strstr(out, "three  2"));
	assert_null(strstr(strstr(out, "three") + 1, "three"));
	/* And where it does not know that revision any more, all. */
	fake.floor = 99;
	fake.revision = 99;
	restart_server(0);
	await("all is told again");
	end_watch(pid);
	unlink(path);
	pid = begin_watch((char *[]){"get", "policies", "-w", "-l", ",", NULL});
	await("is no selector");
	end_watch(pid);
	setenv("RINGFENCE_SOCKET", "/nosuch/socket", 1);
	WANT(3, "", "no agent listens", get, "policies", "-w");
}

/* ---------------------------------------------------------------- differences */

#define WEB(rest) "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: web }\nspec:\n" rest

static void diff_tells_text_and_rights(void **state)
{
	static const char old[] =
		WEB("  select: [{ cgroup: \"a.slice\" }]\n"
		    "  files:\n"
		    "    - { allow: [read, write], paths: [\"/srv/**\"] }\n"
		    "    - { deny: write, paths: [\"/srv/key\"] }\n"
		    "  network:\n"
		    "    - { allow: connect, to: [192.0.2.0/24], ports: [\"443\"], protocols: [tcp] }\n");
	static const char new[] =
		WEB("  mode: audit\n"
		    "  select: [{ cgroup: \"b.slice\" }]\n"
		    "  guards: { off: [keys] }\n"
		    "  files:\n"
		    "    - { allow: [read, write], paths: [\"/srv/**\"] }\n"
		    "    - { deny: read, paths: [\"/srv/log\"] }\n"
		    "  network:\n"
		    "    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\"], protocols: [tcp] }\n");
	char *path = (char *)file("web.yaml", old), want[4096];

	(void)state;
	fake_put("web", old, "own");
	WANT(0, "", "", diff, "-f", path);
	file("web.yaml", new);
	snprintf(want, sizeof(want),
		 "--- policy/web@4\n+++ %s\n@@ -2,9 +2,11 @@\n kind: Policy\n metadata: { name: web }\n spec:\n"
		 "-  select: [{ cgroup: \"a.slice\" }]\n"
		 "+  mode: audit\n+  select: [{ cgroup: \"b.slice\" }]\n+  guards: { off: [keys] }\n"
		 "   files:\n     - { allow: [read, write], paths: [\"/srv/**\"] }\n"
		 "-    - { deny: write, paths: [\"/srv/key\"] }\n+    - { deny: read, paths: [\"/srv/log\"] }\n"
		 "   network:\n"
		 "-    - { allow: connect, to: [192.0.2.0/24], ports: [\"443\"], protocols: [tcp] }\n"
		 "+    - { allow: connect, to: [192.0.2.0/24], ports: [\"80\"], protocols: [tcp] }\n"
		 "policy/web:\n"
		 "  gains write, for example /srv/key\n"
		 "    allowed by files[0] at %s:9; denied before by files[1] at policy/web@4:8\n"
		 "  gains connect to, for example tcp:192.0.2.0:80\n"
		 "    allowed by network[0] at %s:12; denied before by no rule\n"
		 "  loses read, for example /srv/log\n"
		 "    denied by files[1] at %s:10; allowed before by files[0] at policy/web@4:7\n"
		 "  loses connect to, for example tcp:192.0.2.0:443\n"
		 "    denied by no rule; allowed before by network[0] at policy/web@4:10\n"
		 "  gains the kernel's keyrings: the guard keys is off now\n"
		 "  refuses nothing any more: it is audited, what it denies is told\n"
		 "  holds now for cgroups b.slice\n"
		 "  no longer holds for cgroups a.slice\n",
		 path, path, path, path);
	WANT(1, want, "", diff, "-f", path);
	/* Other words for the same. */
	fake_put("web", WEB("  files: [{ allow: read, paths: [\"/a\", \"/b\"] }]\n"), "own");
	file("web.yaml", WEB("  files: [{ allow: read, paths: [\"/{a,b}\"] }]\n"));
	assert_int_equal(RUN(diff, "-f", path), 1);
	assert_non_null(strstr(out, "policy/web:\n  allows what it did before\n"));
	unlink(path);
}

static void diff_of_several(void **state)
{
	static const char one[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: one }\n"
				  "spec: { files: [{ allow: read, paths: [\"/a\"] }] }\n";
	static const char other[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: other }\n"
				    "spec: { files: [{ allow: read, paths: [\"${X}\"] }], variables: { X: } }\n";
	char *a = (char *)file("a.yaml", one), *b = (char *)file("b.yaml", ""), text[2048];

	(void)state;
	fake_put("one", one, "own");
	snprintf(text, sizeof(text), "# two\n---\n%s---\n%s", one, other);
	file("b.yaml", text);
	/* Behind its separator it is the same; the other is not there. */
	assert_int_equal(RUN(diff, "-f", a, "-f", b), 1);
	assert_ptr_equal(strstr(out, "--- "), out);
	assert_non_null(strstr(out, "--- /dev/null\n"));
	assert_non_null(strstr(out, "@@ -0,0 +1,4 @@\n"));
	assert_non_null(strstr(out, "policy/other:\n  is not there: apply would create it\n"));
	assert_null(strstr(out, "policy/one"));
	/* One whose variables are not bound here: the text alone. */
	fake_put("other", "apiVersion: ringfence.dev/v1\n", "own");
	assert_int_equal(RUN(diff, "-f", b), 1);
	assert_non_null(strstr(out, "what is allowed more or less can't be told: "));
	/* Errors are of their own file and line. */
	file("b.yaml", "kind: Policy\nnonsense: 1\n");
	assert_int_equal(RUN(diff, "-f", a, "-f", b), 2);
	snprintf(text, sizeof(text), "%s:2:1: ", b);
	assert_non_null(strstr(err, text));
	WANT(2, "", "no policy file", diff);
	setenv("RINGFENCE_SOCKET", "/nosuch/socket", 1);
	WANT(3, "", "no agent listens", diff, "-f", a);
	unlink(a);
	unlink(b);
}

/* Against diff(1) itself, where there is one: what it makes of the old text with our patch is the new text. */
static void line_diffs_apply(void **state)
{
	unsigned seed = 7;

	(void)state;
	if (system("command -v patch >/dev/null") != 0)
		skip();
	for (int round = 0; round < 60; round++) {
		char text[2][512] = {"", ""}, command[512];
		struct rf_line line = {0};
		char *old, *patch, *want;

		for (int t = 0; t < 2; t++)
			for (int i = 0, n = (int)(rand_r(&seed) % 30); i < n; i++) {
				char word[8];

				snprintf(word, sizeof(word), "%c\n", "abcde"[rand_r(&seed) % 5]);
				strcat(text[t], t && rand_r(&seed) % 3 ? "a\n" : word);
			}
		if (!strcmp(text[0], text[1]))
			continue;
		assert_int_equal(rf_print_diff(&line, "x", text[0], "x", text[1]), 1);
		rf_line_bytes(&line, "", 1);
		old = (char *)file("x", text[0]);
		want = (char *)file("want", text[1]);
		patch = (char *)file("patch", line.text);
		snprintf(command, sizeof(command),
			 "patch -s --no-backup-if-mismatch -o %s.got %s <%s >/dev/null && cmp %s.got %s", old, old,
			 patch, old, want);
		if (system(command) != 0)
			fail_msg("%s\n---\n%s", text[0], line.text);
		snprintf(command, sizeof(command), "%s.got", old);
		unlink(command);
		unlink(old);
		unlink(want);
		unlink(patch);
		rf_line_free(&line);
	}
}

static void probation(void **state)
{
	char *path = (char *)file("a.yaml", "new text\n");

	(void)state;
	WANT(0, "policy/new created\n", "put back in 120 s, unless you say: ringfence confirm new\n", apply, "-f", path,
	     "--probation", "2m");
	assert_int_equal(fake.probation, 120);
	WANT(0, "policy/new unchanged\n", "", apply, "-f", path, "--probation", "2m");
	WANT(0, "policy/new unchanged\n", "", apply, "-f", path);
	assert_int_equal(fake.probation, 0);
	WANT(2, "", "takes a time", apply, "-f", path, "--probation", "soon");
	WANT(1, "", "a day at most", apply, "-f", path, "--probation", "86400m");
	WANT(0, "policy/one confirmed\npolicy/three confirmed\n", "", confirm, "one", "three");
	WANT(1, "policy/one confirmed\n", "not on probation", confirm, "two", "one");
	WANT(1, "", "there is no policy", confirm, "nosuch");
	WANT(2, "", "names of policies", confirm);
	unlink(path);
}

static void waits(void **state)
{
	char *path = (char *)file("a.yaml", "late unenforced\n"), text[128];
	pid_t pid;

	(void)state;
	WANT(0, "policy/one condition met\npolicy/two condition met\n", "", wait, "--for=condition=Enforced",
	     "policy/one", "policy/two");
	WANT(4, "", "policy/one after 1 s: it is still there\n", wait, "--for", "delete", "policy/one", "--timeout",
	     "1");
	WANT(4, "", "policy/late after 1 s: there is none\n", wait, "--for=condition=Enforced", "policy/late",
	     "--timeout", "1s");
	WANT(4, "", "policy/one after 1 s: Drifted is not known\n", wait, "--for=condition=Drifted=False", "policy/one",
	     "--timeout", "1s");
	WANT(0, "policy/late deleted\n", "", wait, "--for=delete", "policy/late");
	/* One that comes while it is waited for. */
	pid = fork();
	if (!pid) {
		sleep(1);
		_exit(RUN(apply, "-f", path) != 1);
	}
	WANT(0, "policy/late condition met\n", "", wait, "--for=condition=Accepted=True", "policy/late");
	waitpid(pid, NULL, 0);
	unlink(path);
	snprintf(text, sizeof(text), "%s", "for what?");
	WANT(2, "", text, wait, "policy/one");
	WANT(2, "", "is no policy", wait, "--for=delete", "one");
	WANT(2, "", "and not \"condition=\"", wait, "--for=condition=", "policy/one");
	WANT(2, "", "takes policies", wait, "--for=delete");
	setenv("RINGFENCE_SOCKET", "/nosuch/socket", 1);
	WANT(3, "", "no agent listens", wait, "--for=delete", "policy/one");
}

/* The file that is said to be kept. */
static char *kept(void)
{
	static char path[512];
	const char *at = strstr(err, "your text is kept in ");

	assert_non_null(at);
	assert_int_equal(sscanf(at, "your text is kept in %511s", path), 1);
	return path;
}

static void edits(void **state)
{
	char *script = (char *)file("editor", ""), *path, text[1024];

	(void)state;
	setenv("TMPDIR", folder, 1);
	unsetenv("VISUAL");
	setenv("EDITOR", "sed -i s/applied/edited/", 1);
	WANT(0, "policy/one configured\n", "", edit, "policy", "one");
	assert_int_equal(RUN(get, "policy", "one", "-o", "yaml"), 0);
	assert_string_equal(out, "one # as it was edited\n");
	/* Nothing changed, and nothing left. */
	WANT(0, "", "policy/one unchanged", edit, "policy", "one");
	/* An error comes back as comments; the second time it is mended. */
	setenv("SEEN", script, 1);
	setenv("VISUAL",
	       "f() { cat \"$1\" >\"$SEEN\"; if grep -q '^#!' \"$1\"; then sed -i 's/^bad/one more/' \"$1\"; else sed "
	       "-i "
	       "s/one/bad/ \"$1\"; "
	       "fi; }; f",
	       1);
	WANT(0, "policy/one configured\n", "", edit, "policy", "one");
	read_back(fopen(script, "r"), text, sizeof(text));
	assert_ptr_equal(strstr(text, "#! Not applied."), text);
	/* Line 3 of the text, below four of comments. */
	assert_non_null(strstr(text, ".yaml:7:7: error: there is no field"));
	assert_non_null(strstr(text, "\n#! the text is no policy\n#! \nbad"));
	/* Given up: it is kept. */
	setenv("VISUAL", "sed -i s/one/bad/", 1);
	assert_int_equal(RUN(edit, "policy", "one"), 1);
	path = kept();
	read_back(fopen(path, "r"), text, sizeof(text));
	assert_non_null(strstr(text, "\nbad more # as it was"));
	unlink(path);
	/* So it is where the editor fails, and where it could not be applied. */
	setenv("VISUAL", "f() { echo more >>\"$1\"; exit 3; }; f", 1);
	assert_int_equal(RUN(edit, "policy", "one"), 1);
	unlink(kept());
	setenv("VISUAL", "sed -i s/one/conflict/", 1);
	assert_int_equal(RUN(edit, "policy", "one"), 1);
	assert_non_null(strstr(err, "and this is the second"));
	unlink(kept());
	WANT(1, "", "there is no policy", edit, "policy", "nosuch");
	WANT(2, "", "only policies", edit, "sandbox", "9");
	WANT(2, "", "takes a kind", edit, "one");
	unlink(script);
	unsetenv("TMPDIR");
	unsetenv("VISUAL");
}

static void accepted_is_not_enforced(void **state)
{
	char *path = (char *)file("a.yaml", "new unenforced\n");

	(void)state;
	WANT(1, "policy/new created\n", "policy/new is not enforced: this kernel has no hook for it", apply, "-f",
	     path);
	file("a.yaml", "conflict\n");
	WANT(1, "", "ringfence apply: two lines:\nand this is the second\n", apply, "-f", path);
	unlink(path);
}

static void tables(void **state)
{
	(void)state;
	WANT(0,
	     "NAME   REVISION  MODE     CONDITIONS         SANDBOXES  DENIALS\n"
	     "one    1         enforce  Accepted,Enforced  2          7\n"
	     "three  2         enforce  Accepted,Enforced  2          7\n"
	     "two    3         enforce  Accepted,Enforced  2          7\n",
	     "", get, "policies");
	WANT(0, "two  3  enforce  Accepted,Enforced  2  7\n", "", get, "policy", "two", "--no-headers");
	WANT(0, "policy/one\npolicy/two\n", "", get, "policies", "-o", "name", "-l", "kind=preset");
	WANT(0, "", "none\n", get, "policies", "-l", "kind=other");
	WANT(0, "{\n  \"kind\": \"PolicyList\",\n  \"items\": []\n}\n", "none\n", get, "policies", "-l", "!kind", "-o",
	     "json");
	WANT(0, "", "none\n", get, "policies", "-l", "kind=other", "-o", "yaml");
	WANT(0, "policy/two\n", "", get, "policies", "-o", "name", "-l", "kind=preset", "--field-selector",
	     "status.enforced=True,status.sandboxes==2,metadata.name!=one");
	WANT(0, "", "none\n", get, "policies", "--field-selector", "status.enforced!=True");
	/* What is not there is nothing. */
	WANT(0, "policy/one\n", "", get, "policies", "-o", "name", "--field-selector",
	     "status.probationUntil=,metadata.revision=1");
	WANT(0, "", "none\n", get, "policies", "--field-selector", "status.probationUntil!=");
	/* A list is what is in it. */
	WANT(0, "sandbox/10\n", "", get, "sandboxes", "-o", "name", "--field-selector", "policies=two,id=10");
	WANT(0, "", "none\n", get, "sandboxes", "--field-selector", "policies!=two");
	WANT(1, "", "sandboxes can't be selected by a field \"name\"; there are id, unit, cgroup, policies, tasks, ",
	     get, "sandboxes", "--field-selector", "id=9,name=x");
	WANT(1, "", "a field \"metadata\"; there are apiVersion, ", get, "policies", "--field-selector", "metadata=x");
	WANT(1, "", "is no selector of fields", get, "policies", "--field-selector", "metadata.name");
	WANT(2, "", "don't go together", get, "policy", "one", "--field-selector", "metadata.name=one");
	/* What a unit is called can't drive the terminal. */
	WANT(0,
	     "ID  UNIT               POLICIES  TASKS  DENIALS\n"
	     "9   a\\x1b[31m.service  one,two   3      6\n"
	     "10  a\\x1b[31m.service  one,two   3      6\n",
	     "", get, "sandboxes");
	assert_int_equal(RUN(get, "sandboxes", "-o", "wide"), 0);
	assert_non_null(strstr(out, "  /system.slice/a.service  "));
	assert_non_null(strstr(out, "MERGED"));
}

static void formats_for_programs(void **state)
{
	(void)state;
	WANT(0, "one # as it was applied\n", "", get, "policy", "one", "-o", "yaml");
	WANT(0, "one # as it was applied\n---\ntwo\n", "", get, "policies", "one", "two", "-o", "yaml");
	WANT(0, "one\n", "", get, "policy", "one", "-o", "jsonpath=.metadata.name");
	WANT(0, "Enforced\n", "", get, "policy", "one", "-o", "jsonpath={.status.conditions[1].type}");
	WANT(0, "three\n", "", get, "policies", "-o", "jsonpath=.items[1].metadata.name");
	WANT(0, "", "", get, "policies", "-o", "jsonpath=.items[9].metadata.name");
	WANT(0,
	     "id: 9\ncgroup: /system.slice/a.service\nunit: \"a\\u001B[31m.service\"\npolicies:\n  - one\n  - "
	     "two\ntasks: 3\n"
	     "made: 6\ntold: 1\nmerged: 2\nlost: 3\ncounted: 6\n",
	     "", get, "sandbox", "9", "-o", "yaml");
	assert_int_equal(RUN(get, "policy", "one", "-o", "json"), 0);
	assert_int_equal(strncmp(out, "{\n  \"apiVersion\": \"ringfence.dev/v1\"", 36), 0);
	WANT(2, "", "there is no format \"xml\"", get, "policies", "-o", "xml");
	WANT(2, "", "did you mean \"policies\"", get, "polices");
	WANT(2, "", "what?", get);
	WANT(2, "", "there is nothing called", get, "version");
	WANT(1, "policy/two\n", "there is no policy \"none\"", get, "policy", "none", "two", "-o", "name");
	WANT(1, "", "is no selector", get, "policies", "-l", "a=b=c");
	WANT(1, "", "there is no parameter", get, "sandboxes", "-l", "a=b");
	/* A name is a name, whatever is in it. */
	WANT(1, "", "nothing at", get, "policy", "../version");
}

static void the_rest(void **state)
{
	(void)state;
	assert_int_equal(RUN(describe, "policy", "one"), 0);
	assert_non_null(strstr(out, "name:                one\n"));
	assert_non_null(strstr(out, "  Enforced: True\n"));
	assert_non_null(strstr(out, "text:\n  one # as it was applied\n"));
	assert_non_null(strstr(out, "\nheld open:           none\n"));
	assert_int_equal(RUN(describe, "sandbox", "9"), 0);
	assert_non_null(strstr(out, "merged:              2\n"));
	assert_non_null(strstr(out,
			       "held open:\n"
			       "  read,write /srv/secret\\n  a\\x1b[31m[12]  open 3 times, by one files[1] \"it is "
			       "secret\" (one.yaml:7)\n"
			       "  connect tcp:192.0.2.1:443  b[13]  connected, by two, of which no rule allows it\n"
			       "  and 5 more\n"
			       "  not all: two\\x1b[31m processes could not be read\n"));
	WANT(1, "", "there is no policy", describe, "policy", "none");
	WANT(0, "policy/one configured\n", "", rollback, "one", "--to-revision", "1");
	WANT(0, "policy/one configured\n", "", rollback, "one");
	WANT(1, "", "no revision 99", rollback, "--to-revision=99", "one");
	WANT(2, "", "takes a revision", rollback, "--to-revision=-1", "one");
	WANT(1, "policy/one deleted\npolicy/two deleted\n", "there is no policy \"none\"", delete, "policy", "one",
	     "none", "two");
	WANT(2, "", "only policies", delete, "sandbox", "9");
	WANT(0,
	     "agent:      " RF_VERSION ", ABI 7\nfeatures:   select rollback\nready:      yes\n"
	     "policies:   1, of which enforced: 1\nsandboxes:  2\n"
	     "denials:    12 = 2 told + 4 merged + 6 lost; the log has all\n",
	     "", status);
	fake.unready = true;
	assert_int_equal(RUN(status), 1);
	assert_non_null(strstr(out, "ready:      no: the engine is not loaded\n"));
	WANT(0, "ok\n", "", api, "GET", "/healthz");
}

/* Lines come as they are told: the first ones before the stream has an end. */
static void streams(void **state)
{
	pid_t pid = begin_watch((char *[]){"api", "GET", "/v1/policies?fieldSelector=kind%3DPolicy&watch=1", NULL});

	(void)state;
	await("\"type\":\"SYNC\"");
	end_watch(pid);
	assert_non_null(strstr(out, "{\"type\":\"ADDED\",\"object\":{"));
	/* What is refused is an answer like others. */
	assert_int_equal(RUN(api, "GET", "/v1/policies?watch=1&limit=1"), 1);
	assert_non_null(strstr(out, "\"reason\": \"BadQuery\""));
	assert_non_null(strstr(err, "not cut into pages"));
}

static void bodies(void **state)
{
	char *path = (char *)file("a.yaml", "new text\n");

	(void)state;
	assert_int_equal(RUN(api, "POST", "/v1/apply?dryRun=1", "-f", path), 0);
	assert_non_null(strstr(out, "\"action\": \"created\""));
	unlink(path);
	WANT(2, "", "is no method", api, "get", "/");
	WANT(2, "", "is no path", api, "GET", "v1");
	WANT(1,
	     "{\n  \"error\": {\n    \"status\": 404,\n    \"reason\": \"NoSuchPath\",\n    \"message\": \"there is "
	     "nothing at /x\","
	     "\n    \"details\": []\n  }\n}\n",
	     "nothing at /x", api, "GET", "/x");
}

/* ---------------------------------------------------------------- how asking ends */

static void no_agent(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/ringfence-no-such.sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	setenv("RINGFENCE_SOCKET", address.sun_path, 1);
	unlink(address.sun_path);
	WANT(3, "", "no agent listens on /tmp/ringfence-no-such.sock", status);
	WANT(3, "", "no agent", get, "policies");
	WANT(3, "", "no agent", delete, "policy", "a", "b");
	/* A socket that is left over. */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	WANT(3, "", "no agent", status);
	unlink(address.sun_path);
	setenv("RINGFENCE_SOCKET",
	       "/tmp/a-path-that-is-longer-than-the-path-of-any-socket-can-be-in-the-address-that-the-"
	       "system-call-takes-of-it/api.sock",
	       1);
	WANT(2, "", "can't be that long", status);
	unsetenv("RINGFENCE_SOCKET");
	assert_string_equal(rf_client_socket(), "/run/ringfence/api.sock");
}

static void too_late(void **state)
{
	char *path = (char *)file("a.yaml", "new\n");

	(void)state;
	fake.slow = 1500;
	WANT(4, "", "did not answer within 1 s", apply, "-f", path, "--timeout", "1s");
	unlink(path);
}

/* Ends a child's work as nobody with the status that the client gives. */
static int status_of_nobody(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rf_client_answer answer;

		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(99);
		status = (int)rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/v1/version"},
					    &answer);
		rf_client_answer_free(&answer);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void not_permitted(void **state)
{
	(void)state;
	assert_int_equal(status_of_nobody(), 5); /* the folder's mode */
	chmod(folder, 0755);
	assert_int_equal(status_of_nobody(), 5); /* the socket's */
	chmod(socket_path, 0666);
	assert_int_equal(status_of_nobody(), 5); /* the agent's word */
}

/* What listens there is no agent: it closes, or talks nonsense. */
static void nonsense(void **state)
{
	static const char *const says[] = {"", "nonsense\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
					   "HTTP/1.1 599 No\r\nContent-Length: 0\r\n\r\n"};
	char path[128];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/other.sock", folder);
	setenv("RINGFENCE_SOCKET", path, 1);
	fd = rf_api_listen(path);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct rf_client_answer answer;
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			char text[1024];
			int one = accept(fd, NULL, NULL);

			status = recv(one, text, sizeof(text), 0) > 0 ? 0 : 1;
			send(one, says[i], strlen(says[i]), MSG_NOSIGNAL);
			_exit(status);
		}
		assert_int_equal(rf_client_ask(&(struct rf_client_request){.method = "GET", .path = "/"}, &answer), 1);
		assert_non_null(answer.message);
		rf_client_answer_free(&answer);
		waitpid(pid, &status, 0);
	}
	close(fd);
	unlink(path);
}

static void words_in_any_order(void **state)
{
	(void)state;
	WANT(0, "policy/one\n", "", get, "-o", "name", "policies", "one");
	WANT(0, "policy/one\n", "", get, "policies", "-oname", "one");
	WANT(1, "", "there is no policy \"-o\"", get, "policies", "--", "-o");
	WANT(2, "", "there is no option", get, "policies", "--wide");
	assert_int_equal(RUN(get, "policies", "--help"), 0);
	assert_non_null(strstr(out, "usage: ringfence get"));
}

/* ---------------------------------------------------------------- fields */

static void expect_explained(const char *path, const char *help)
{
	char first[24];

	if (RUN(explain, (char *)path) != 0 || *err)
		fail_msg("explain %s: %s", path, err);
	/* Lines may be broken behind that. */
	snprintf(first, sizeof(first), "%s", help);
	if (!strstr(out, first))
		fail_msg("explain %s does not say what it is:\n%s", path, out);
}

/* Before anything is printed of it. */
static void expect_help(const char *above, const struct rf_key *keys)
{
	for (; keys->key; keys++) {
		if (!keys->help || !*keys->help)
			fail_msg("%s: the key %s has no help in its table", above, keys->key);
		if (keys->keys)
			expect_help(keys->key, keys->keys);
	}
}

/* All that the parser knows. */
static void explain_keys(const char *above, const struct rf_key *keys)
{
	for (; keys->key; keys++) {
		char path[256], row[256];

		snprintf(path, sizeof(path), "%s.%s", above, keys->key);
		expect_explained(path, keys->help);
		expect_explained(above, keys->help);
		snprintf(row, sizeof(row), "\n    %s <", keys->key);
		if (!strstr(out, row))
			fail_msg("explain %s does not name %s:\n%s", above, keys->key, out);
		assert_int_equal(keys->keys != NULL, keys->type == RF_KEY_OBJECT || keys->type == RF_KEY_OBJECTS);
		if (keys->keys)
			explain_keys(path, keys->keys);
	}
}

static void fields(void **state)
{
	(void)state;
	expect_help("policy", rf_policy_keys);
	explain_keys("policy", rf_policy_keys);
	for (enum rf_kind kind = RF_KIND_POLICY; kind <= RF_KIND_SANDBOX; kind++)
		for (const struct rf_field *field = rf_resources[kind].fields; field->path; field++) {
			char path[256];
			size_t len = strlen(field->path);

			snprintf(path, sizeof(path), "%s.%s", rf_resources[kind].word, field->path);
			/* "Each of them" says no more than they all do. */
			if (field->path[len - 1] != ']')
				expect_explained(path, rf_field_help(field));
		}
	assert_int_equal(RUN(explain, "policy.spec.files[2].hide"), 0);
	assert_non_null(strstr(out, "FIELD:  spec.files.hide <boolean>\n"));
	assert_non_null(strstr(out, "    Words: true, false, open\n"));
	WANT(2, "", "policy.spec has no field \"fils\": did you mean \"files\"?", explain, "policy.spec.fils");
	WANT(2, "", "policy.spec.files has no field \"path\": did you mean", explain, "policy.spec.files.path.x");
	WANT(2, "", "sandbox has no field \"spec\": \"ringfence explain sandbox\" tells", explain, "sandbox.spec");
	WANT(2, "", "a path is written ./policy.yaml", explain, "policy.yaml");
	WANT(2, "", "policy.spec.mode has no fields in it", explain, "policy.spec.mode.x");
	WANT(2, "", "is no field's path", explain, "policy.spec[x].y");
	WANT(2, "", "is a field", explain, "--read", "policy");
	WANT(2, "", "no policy:", explain, "./policy");
	WANT(2, "", "no policy:", explain, "policies");
}

/* ---------------------------------------------------------------- what was applied */

static void put_applied(const char *name, const char *enforced, const char *reason, const char *text)
{
	json_t *policy;

	fake_put(name, text, "own");
	policy = json_object_get(fake.policies, name);
	json_object_update_new(json_object_get(policy, "metadata"),
			       json_pack("{s:s, s:i}", "file", "/etc/report.yaml", "line", 11));
	json_object_set_new(json_object_get(policy, "status"), "conditions",
			    json_pack("[{s:s, s:s, s:s, s:s}]", "type", "Enforced", "status", enforced, "reason",
				      reason, "message", "the engine\033 is gone"));
}

static void explains_what_was_applied(void **state)
{
	static const char text[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: report }\n"
				   "spec:\n  select: [{ cgroup: a.slice }]\n  variables: { HOME: /srv/x }\n  files:\n"
				   "    - { allow: read, paths: [\"${HOME}/**\"] }\n";
	static const char unbound[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: own }\n"
				      "spec:\n  files:\n    - { allow: read, paths: [\"${WHAT}/**\"] }\n";

	(void)state;
	put_applied("report", "True", "InForce", text);
	/* Its own values, whoever asks; the lines of its file. */
	WANT(0,
	     "policy/report, revision 4, is in force\nallowed: read /srv/x/a\n  report: allowed by files[0] at "
	     "/etc/report.yaml:18: allow read\n      matches \"/srv/x/**\"\n",
	     "", explain, "-p", "report", "--read", "/srv/x/a");
	assert_int_equal(RUN(explain, "-p", "report", "--connect", "tcp:192.0.2.1:443"), 1);
	assert_non_null(strstr(out, "is in force\ndenied: connect tcp:192.0.2.1:443\n"));
	WANT(2, "", "from its own text", explain, "-p", "report", "--set", "HOME=/home", "/srv");
	put_applied("report", "True", "Stale", text);
	assert_int_equal(RUN(explain, "-p", "report", "-r", "/srv/x"), 0);
	assert_non_null(strstr(out, "revision 5, is in force: the engine\\x1b is gone\nallowed"));
	put_applied("report", "False", "Refused", text);
	assert_int_equal(RUN(explain, "-p", "report", "-r", "/srv/x"), 0);
	assert_non_null(strstr(out, "revision 6, is not in force: the engine\\x1b is gone\nallowed"));
	put_applied("own", "Unknown", "NotSelected", unbound);
	assert_int_equal(RUN(explain, "-p", "own", "--set", "WHAT=/w", "-r", "/w/x"), 0);
	WANT(1, "", "there is no policy \"none\"", explain, "-p", "none", "/x");
	WANT(2, "", "nothing is asked", explain, "-p", "report");
	setenv("RINGFENCE_SOCKET", "/nowhere/api.sock", 1);
	WANT(3, "", "no agent listens", explain, "-p", "report", "/x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(apply_says_what_was_done),
		TEST(apply_tells_where_a_text_is_wrong),
		TEST(watch_shows_changes),
		TEST(sandboxes_are_watched),
		TEST(watch_goes_on_with_another_agent),
		TEST(diff_tells_text_and_rights),
		TEST(diff_of_several),
		TEST(line_diffs_apply),
		TEST(probation),
		TEST(waits),
		TEST(edits),
		TEST(accepted_is_not_enforced),
		TEST(tables),
		TEST(formats_for_programs),
		TEST(the_rest),
		TEST(streams),
		TEST(bodies),
		TEST(fields),
		TEST(explains_what_was_applied),
		TEST(words_in_any_order),
		TEST(no_agent),
		TEST(too_late),
		TEST(not_permitted),
		TEST(nonsense),
	};

	if (geteuid() != 0) {
		printf("skipped: the API answers root alone\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
