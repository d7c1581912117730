// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A storm of denials, accounted for exactly: what was made is what the log tells of, as denials or as lost, sandbox by
 * sandbox, while the service is stopped, killed and started again. Run it where the build is: storm [DENIALS]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "log/log.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"
#include "vm/lib/service.h"

#define ROOT  "/sys/fs/cgroup/storm"
#define UNITS 8
#define NAMES 100 /* of each unit: some are told, most are merged */

static const char policy[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: storm }\nspec:\n"
			     "  select: [{ cgroup: \"storm/*\" }]\n  files:\n"
			     "    - { allow: [read, write, exec], paths: [\"/**\"] }\n"
			     "    - { deny: read, paths: [\"/tmp/storm-*\"] }\n";

static const char *path_of(int unit)
{
	static char path[64];

	snprintf(path, sizeof(path), ROOT "/unit-%d", unit);
	return path;
}

static const char *file_of(int unit, unsigned name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/storm-%d-%u", unit, name);
	return path;
}

/* ---------------------------------------------------------------- the storm */

static pid_t start_unit(int unit, unsigned long denials, unsigned names)
{
	long pid = service_start_in(path_of(unit));

	if (pid < 0)
		die("%s: %s", path_of(unit), strerror(errno));
	if (pid)
		return (pid_t)pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned long i = 0; i < denials; i++)
		if (open(file_of(unit, (unsigned)(i % names)), O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
			_exit(1);
	_exit(0);
}

static bool ends_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Which sandbox is a unit's, and what it made. */
static bool box_of(int unit, struct rf_sandbox *out)
{
	char tail[64];

	snprintf(tail, sizeof(tail), "storm/unit-%d", unit);
	for (uint32_t i = 1; i < rf_engine_switches(engine())->used; i++)
		if (!rf_engine_sandbox(engine(), i, out) && out->state == RF_SANDBOX_LIVE && strstr(out->tail, tail))
			return true;
	return false;
}

/* ---------------------------------------------------------------- the log */

struct sums {
	unsigned long long denials, lost_ring, lost_service, records;
};

static unsigned long long number(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

/* Calls `each` with every record of the log. Whether their numbers are what they say, without a gap. */
static bool each_record(void (*each)(void *context, const char *record), void *context)
{
	const struct rf_log_limits limits = {.bytes = UINT64_MAX};
	struct rf_log *log;
	uint64_t id = 0, last;
	const char *text;
	size_t length;
	int got;

	/* Its writer goes on, and what has it open would mend it. */
	if (system("rm -rf /tmp/storm-log && cp -r /var/lib/ringfence/denials /tmp/storm-log")) /* NOLINT */
		return false;
	if (rf_log_open("/tmp/storm-log", &limits, NULL, NULL, &log))
		return false;
	last = rf_log_first(log) - 1;
	while ((got = rf_log_next(log, last, &id, &text, &length)) == 1) {
		static char copy[RF_LOG_RECORD_MAX + 1];

		memcpy(copy, text, length);
		copy[length] = '\0';
		last = id;
		if (number(copy, "\"id\":") != id)
			break;
		each(context, copy);
	}
	rf_log_close(log);
	return got == 0;
}

static void add_to_unit(void *context, const char *record)
{
	struct sums *sums = context;
	int unit = (int)number(record, "storm/unit-");

	if (!strstr(record, "storm/unit-") || unit >= UNITS)
		return;
	sums[unit].records++;
	if (strstr(record, "\"type\":\"denial\""))
		sums[unit].denials += number(record, "\"count\":");
	else if (strstr(record, "\"where\":\"ring\""))
		sums[unit].lost_ring += number(record, "\"count\":");
	else
		sums[unit].lost_service += number(record, "\"count\":");
}

/* Of each unit, from the log's files. */
static bool read_log(struct sums *sums)
{
	memset(sums, 0, UNITS * sizeof(*sums));
	return each_record(add_to_unit, sums);
}

/* Waits until the log tells of all that was made. */
static bool adds_up(struct sums *all)
{
	struct sums sums[UNITS];
	bool good = false;

	for (int tries = 0; !good && tries < 100; tries++) {
		usleep(200000);
		if (!read_log(sums))
			return false;
		good = true;
		memset(all, 0, sizeof(*all));
		for (int i = 0; i < UNITS; i++) {
			struct rf_sandbox box = {.id = 0};

			if (!box_of(i, &box))
				return false;
			good &= sums[i].denials + sums[i].lost_ring + sums[i].lost_service == box.made;
			all->denials += sums[i].denials;
			all->lost_ring += sums[i].lost_ring;
			all->lost_service += sums[i].lost_service;
			all->records += sums[i].records;
			if (tries == 99)
				report_note("unit %d: %llu made, %llu told, %llu merged, %llu lost; the log: %llu, "
					    "%llu lost in the "
					    "ring, %llu in the service",
					    i, (unsigned long long)box.made, (unsigned long long)box.told,
					    (unsigned long long)box.merged, (unsigned long long)box.lost,
					    sums[i].denials, sums[i].lost_ring, sums[i].lost_service);
		}
	}
	report_note("the log tells of %llu denials in %llu records, %llu lost in the ring, %llu in the service",
		    all->denials, all->records, all->lost_ring, all->lost_service);
	return good;
}

/* ------------------------------------------------------------------ tests */

static void prepare(void)
{
	static char answer[65536];

	if (mkdir(ROOT, 0755) && errno != EEXIST)
		die(ROOT ": %s", strerror(errno));
	for (int unit = 0; unit < UNITS; unit++)
		for (unsigned i = 0; i < (unit ? NAMES : 6000u); i++)
			close(open(file_of(unit, i), O_CREAT | O_RDONLY | O_CLOEXEC, 0644));
	service_start();
	report(service_ready(), "the service is ready", "it is not");
	report(service_ask("POST /v1/apply?file=test", policy, answer, sizeof(answer)) == 200, "a policy is applied",
	       "%.900s", answer);
	rf_engine_unlock(engine());
	for (int unit = 0; unit < UNITS; unit++)
		if (mkdir(path_of(unit), 0755) && errno != EEXIST)
			die("%s: %s", path_of(unit), strerror(errno));
}

static void kill_service(void)
{
	kill(service, SIGKILL);
	waitpid(service, NULL, 0);
	service_start();
}

static void storm(unsigned long denials, int kills)
{
	pid_t pid[UNITS];
	struct sums all;
	bool good = true;

	for (int unit = 0; unit < UNITS; unit++)
		pid[unit] = start_unit(unit, denials / UNITS, NAMES);
	for (int i = 0; i < kills; i++) {
		usleep(700000);
		kill_service();
	}
	for (int unit = 0; unit < UNITS; unit++)
		good &= ends_well(pid[unit]);
	report(good, kills ? "a storm, the service killed" : "a storm", "a denial was none");
	report(service_ready(), "the service is there", "it is not");
	report(adds_up(&all), kills ? "killed: all is told or lost" : "all is told or lost", "see above");
	if (!kills)
		report(!all.lost_ring && !all.lost_service && all.denials == denials, "and nothing is lost",
		       "%llu of %lu are told", all.denials, denials);
}

/* One that floods while nobody reads, and another one. */
static void flood(void)
{
	struct sums before, all;
	struct rf_sandbox was = {.id = 0}, quiet = {.id = 0};
	pid_t one, other;

	adds_up(&before);
	box_of(1, &was);
	kill(service, SIGSTOP);
	one = start_unit(0, 6000, 6000);
	report(ends_well(one), "a flood while nobody reads", "a denial was none");
	other = start_unit(1, 3, 3);
	report(ends_well(other), "and another unit", "a denial was none");
	kill(service, SIGCONT);
	report(adds_up(&all), "flood: all is told or lost", "see above");
	report(all.lost_ring > before.lost_ring + 2000, "what was lost is told as lost", "%llu", all.lost_ring);
	box_of(1, &quiet);
	report(quiet.made == was.made + 3 && quiet.lost == was.lost, "the other unit lost nothing", "%llu",
	       (unsigned long long)(quiet.lost - was.lost));
}

/* Denials of the run's policy, with what decided. */
static void add_to_run(void *context, const char *record)
{
	unsigned long long *sum = context;

	if (strstr(record, "\"policy\":\"own\"") && strstr(record, "\"rule\":\"files[1]\"") &&
	    strstr(record, "\"cgroup\":\"/"))
		*sum += number(record, "\"count\":");
}

static unsigned long long of_run(void)
{
	unsigned long long sum = 0;

	each_record(add_to_run, &sum);
	return sum;
}

/* What a `run` reads from its own ring, the service has too. */
static void runs_are_told(void)
{
	unsigned long long sum = 0;
	FILE *file = fopen("/tmp/own.yaml", "w");
	int status;

	fprintf(file, "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: own }\nspec:\n  files:\n"
		      "    - { allow: [read, write, exec], paths: [\"/**\"] }\n"
		      "    - { deny: read, paths: [\"/tmp/storm-2-*\"] }\n");
	fclose(file);
	status = system("build/bin/ringfence run -p /tmp/own.yaml --events /tmp/own.events -- " /* NOLINT */
			"sh -c 'for i in 1 2 3 4 5 6 7; do cat /tmp/storm-2-$i; done; sleep 1' 2>/tmp/own.said");
	for (int i = 0; i < 50 && sum != 7; i++) {
		usleep(100000);
		sum = of_run();
	}
	report(status == 0, "a run beside the service", "status %d", status);
	report(sum == 7, "the service has its denials too", "%llu of 7", sum);
	report(!system("test $(grep -c '\"count\":1' /tmp/own.events) = 7"), /* NOLINT */
	       "and the run has them as ever", "no");
}

int main(int argc, char **argv)
{
	unsigned long denials = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

	prepare();
	storm(denials, 0);
	flood();
	runs_are_told();
	storm(denials / 4, 3);
	kill(service, SIGKILL);
	waitpid(service, NULL, 0);
	return report_end();
}
