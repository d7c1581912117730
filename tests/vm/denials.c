// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every denial is told or counted: a thousand that differ give a thousand events; of a storm the events' totals and
 * what the merge map holds at its end add up exactly; a buffer that nobody reads loses, and says how many.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/merge.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

#define DISTINCT  1000
#define PROCESSES 4
#define STORM	  100000
#define NAMES	  8

static const char policy[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: storm }\nspec:\n  files:\n"
			     "    - allow: [read, exec]\n      paths: ['/**']\n"
			     "    - deny: [read, write]\n      paths: ['/tmp/dn/**']\n";

static void make_tree(void)
{
	char path[64];

	make_dir("/tmp/dn");
	for (int i = 0; i < DISTINCT; i++) {
		snprintf(path, sizeof(path), "/tmp/dn/%d", i);
		make_file(path, "x");
	}
}

/* Opens files in turn, which are all refused. Returns 1 where one was not. */
static int open_files(int from, int names, int opens)
{
	char path[64];

	for (int i = 0; i < opens; i++) {
		snprintf(path, sizeof(path), "/tmp/dn/%d", from + i % names);
		if (try_open(path, O_RDONLY) != EACCES)
			return 1;
	}
	return 0;
}

static int distinct(void *arg)
{
	(void)arg;
	return open_files(0, DISTINCT, DISTINCT);
}

static void test_distinct(struct fence *fence, const struct options *options)
{
	static bool seen[DISTINCT];
	const volatile struct rf_sandbox *box = fence->fence->element;
	const char *name = "a-thousand-distinct";
	uint64_t made = box->made, lost = box->lost;
	size_t different = 0;
	int status;

	if (!options_want(options, name))
		return;
	fence_clear(fence);
	status = fence_run(fence, distinct, NULL);
	made = box->made - made;
	for (size_t i = 0; i < fence->events; i++) {
		int number = atoi(fence->event[i].object + strlen("/tmp/dn/"));

		if (number < 0 || number >= DISTINCT || seen[number] || fence->event[i].head.total != 1)
			continue;
		seen[number] = true;
		different++;
	}
	report(!status && made == DISTINCT && fence->events == DISTINCT && different == DISTINCT && box->lost == lost,
	       name, "status %d, %llu made, %zu events, %zu different, %llu lost", status, (unsigned long long)made,
	       fence->events, different, (unsigned long long)(box->lost - lost));
}

/* -------------------------------------------------------------------- storm */

/* All denials that events stand for, the merge map's rest included. */
static uint64_t add_up(const struct fence *fence)
{
	struct rf_merges *merges = rf_merges_new();
	int map = rf_engine_map(engine(), RF_MAP_merges);
	uint64_t sum = 0, key, *at = NULL;
	struct rf_merge merge;
	const void *data;
	size_t len;

	if (!merges)
		die("memory");
	for (size_t i = 0; i < fence->events; i++) {
		const struct rf_event *e = &fence->event[i].head;

		sum += e->merge ? rf_merges_event(merges, e->merge, e->total, e->time, NULL, 0) : 1;
	}
	for (; !bpf_map_get_next_key(map, at, &key); at = &key)
		if (!bpf_map_lookup_elem(map, &key, &merge) && merge.sandbox == fence->fence->id)
			sum += rf_merges_rest(merges, key, merge.total, &data, &len);
	rf_merges_free(merges);
	return sum;
}

/* PROCESSES children, each with names of its own and some that all have. */
static int storm(void *arg)
{
	int opens = *(const int *)arg, failed = 0, status;

	for (int i = 0; i < PROCESSES; i++)
		if (!fork())
			_exit(open_files(i * NAMES / 2, NAMES, opens / PROCESSES));
	for (int i = 0; i < PROCESSES; i++)
		failed |= wait(&status) < 0 || status;
	return failed;
}

static void test_storm(struct fence *fence, const struct options *options)
{
	const volatile struct rf_sandbox *box = fence->fence->element;
	uint64_t made = box->made, merged = box->merged, told = box->told, lost = box->lost, before, sum;
	const char *name = "storm";
	int opens = STORM, status;
	double start = now();

	if (!options_want(options, name))
		return;
	/* Names of before are known with their totals. */
	before = add_up(fence);
	status = fence_run(fence, storm, &opens);
	sum = add_up(fence) - before;
	made = box->made - made;
	merged = box->merged - merged;
	told = box->told - told;
	lost = box->lost - lost;
	report(!status && made == STORM && sum + lost == STORM && told + merged + lost == made, name,
	       "status %d, %llu made, %llu told, %llu merged, %llu lost; events and the map add up to %llu", status,
	       (unsigned long long)made, (unsigned long long)told, (unsigned long long)merged, (unsigned long long)lost,
	       (unsigned long long)sum);
	report_note("storm: %llu events for %llu denials, %.1f s", (unsigned long long)told, (unsigned long long)made,
		    now() - start);
}

/* --------------------------------------------------------------------- loss */

/* Long names of which few fit into the buffer, while nobody reads it. */
static int flood(void *arg)
{
	static char path[RF_PATH_MAX];
	size_t len = (size_t)snprintf(path, sizeof(path), "/tmp/dn/");
	const int *from = arg;

	while (len < 3800) {
		memset(path + len, 'x', 199);
		path[len + 199] = '/';
		len += 200;
	}
	for (int i = *from; i < DISTINCT; i++) {
		snprintf(path + len, sizeof(path) - len, "%d", i);
		if (try_open(path, O_RDONLY) != EACCES)
			return 1;
	}
	return 0;
}

static void test_loss(struct fence *fence, const struct options *options)
{
	const volatile struct rf_sandbox *box = fence->fence->element;
	uint64_t made = box->made, merged = box->merged, told = box->told, lost = box->lost;
	const char *name = "loss-is-counted";
	char path[RF_PATH_MAX] = "/tmp/dn";
	int status = 0, from = 0;
	pid_t pid;

	if (!options_want(options, name))
		return;
	for (size_t len = strlen(path); len < 3800; len += 200) {
		path[len] = '/';
		memset(path + len + 1, 'x', 199);
		path[len + 200] = '\0';
		make_dir(path);
	}
	for (int i = 0; i < DISTINCT; i++) {
		size_t len = strlen(path);

		snprintf(path + len, sizeof(path) - len, "/%d", i);
		make_file(path, "x");
		path[len] = '\0';
	}
	fence_clear(fence);
	pid = fence_start(fence, -1, flood, &from);
	waitpid(pid, &status, 0);
	fence_drain(fence);
	made = box->made - made;
	merged = box->merged - merged;
	told = box->told - told;
	lost = box->lost - lost;
	report(!status && made == DISTINCT && lost && told == fence->events && told + merged + lost == made &&
		       add_up(fence) + lost == made,
	       name, "status %d, %llu made, %llu told, %zu read, %llu merged, %llu lost", status,
	       (unsigned long long)made, (unsigned long long)told, fence->events, (unsigned long long)merged,
	       (unsigned long long)lost);
	report_note("loss: %llu told, %llu lost of %llu", (unsigned long long)told, (unsigned long long)lost,
		    (unsigned long long)made);
	/* Read again, it tells again: what was lost had no say in what is merged. */
	fence_clear(fence);
	lost = box->lost;
	from = DISTINCT - 200;
	status = fence_run(fence, flood, &from);
	report(!status && box->lost == lost && fence->events == 200, "told-after-loss",
	       "status %d, %zu events, %llu lost", status, fence->events, (unsigned long long)(box->lost - lost));
}

/* --------------------------------------------------------- `ringfence run` */

/* Denials and losses that the JSON lines stand for. */
static uint64_t read_json(const char *path, uint64_t *lines)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *count;
	uint64_t sum = 0;
	size_t room = 0;

	*lines = 0;
	while (file && getline(&line, &room, file) > 0) {
		if (!strstr(line, "\"type\":\"denial\""))
			continue;
		count = strstr(line, "\"count\":");
		sum += count ? strtoull(count + strlen("\"count\":"), NULL, 10) : 0;
		++*lines;
	}
	free(line);
	if (file)
		fclose(file);
	return sum;
}

static void test_run(const struct options *options, const char *self)
{
	const char *given = getenv("RINGFENCE"), *name = "run--events";
	struct rf_error error;
	uint64_t sum, lines;
	int status;

	if (!options_want(options, name))
		return;
	make_file("/tmp/dn.yaml", policy);
	rf_engine_unlock(engine());
	status = shell("%s run -q -p /tmp/dn.yaml --events /tmp/dn.json -- %s %d", given ? given : "ringfence", self,
		       STORM / 10);
	if (rf_engine_lock(engine(), &error))
		die("the lock: %s", error.text);
	sum = read_json("/tmp/dn.json", &lines);
	report(!status && sum == STORM / 10, name, "status %d, %llu lines stand for %llu of %d", status,
	       (unsigned long long)lines, (unsigned long long)sum, STORM / 10);
	report_note("run: %llu lines for %d denials", (unsigned long long)lines, STORM / 10);
}

int main(int argc, char **argv)
{
	struct options options;
	struct fence fence;
	char self[256] = "";

	/* As what `ringfence run` starts. */
	if (argc == 2 && atoi(argv[1])) {
		int opens = atoi(argv[1]);

		return storm(&opens);
	}
	options_read(&options, argc, argv);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("/proc/self/exe");
	make_tree();
	fence_make(&fence, policy, false);
	test_distinct(&fence, &options);
	test_storm(&fence, &options);
	test_loss(&fence, &options);
	report(!fence.malformed, "well-formed", "%zu events are not", fence.malformed);
	fence_end(&fence);
	test_run(&options, self);
	rf_engine_close(engine());
	return report_end();
}
