// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The service is killed and started again and again, while fenced tasks try what they may not, and cgroups come and go
 * whose first task tries it as its first act. Run it where the build is: agent [KILLS]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/internal.h"
#include "vm/lib/fence.h"
#include "vm/lib/report.h"
#include "vm/lib/service.h"

#define ROOT	"/sys/fs/cgroup/agent-test"
#define INNER	ROOT "/held/inner"
#define DENIED	"/tmp/agent-denied"
#define ALLOWED "/tmp/agent-allowed"
#define LOOPS	4
#define UNITS	200
#define TRIES	20000

static struct shared {
	unsigned long tries, wrong;
} * shared;

/* ------------------------------------------------------------------- the fenced */

/* 0: as it should be. */
static int try_both(void)
{
	int denied = open(DENIED, O_RDONLY | O_CLOEXEC), wrong = denied >= 0 || errno != EACCES;
	int allowed = open(ALLOWED, O_RDONLY | O_CLOEXEC);

	if (denied >= 0)
		close(denied);
	if (allowed < 0)
		return 1;
	close(allowed);
	return wrong;
}

static pid_t start_loop(int i)
{
	char path[128];
	long pid;

	snprintf(path, sizeof(path), ROOT "/loop-%d", i);
	if (mkdir(path, 0755) && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	pid = service_start_in(path);
	if (pid)
		return (pid_t)pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		__atomic_fetch_add(&shared->wrong, (unsigned long)try_both(), __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&shared->tries, 2, __ATOMIC_SEQ_CST);
		usleep(200);
	}
}

/* A cgroup whose only task tries at once. Returns whether it was fenced. */
static bool one_unit(int i)
{
	char path[128];
	int status;
	long pid;

	snprintf(path, sizeof(path), ROOT "/unit-%d", i % 7);
	if (mkdir(path, 0755) && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	pid = service_start_in(path);
	if (!pid)
		_exit(try_both());
	if (pid < 0 || waitpid((pid_t)pid, &status, 0) != pid)
		die("clone3: %s", strerror(errno));
	for (int n = 0; rmdir(path) && n < 500; n++)
		usleep(2000);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ------------------------------------------------------------------------ counts */

static bool counts_add_up(unsigned long *made, unsigned long *lost)
{
	struct rf_sandbox_info *list;
	struct rf_error error;
	bool good = true;
	size_t count;

	*made = *lost = 0;
	if (rf_engine_lock(engine(), &error) || rf_engine_list(engine(), &list, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct rf_sandbox sandbox;

		if (rf_engine_sandbox(engine(), list[i].index, &sandbox))
			return false;
		*made += sandbox.made;
		*lost += sandbox.lost;
		if (sandbox.made == sandbox.told + sandbox.merged + sandbox.lost)
			continue;
		report_note("sandbox %llu: %llu made, %llu told, %llu merged, %llu lost",
			    (unsigned long long)sandbox.id, (unsigned long long)sandbox.made,
			    (unsigned long long)sandbox.told, (unsigned long long)sandbox.merged,
			    (unsigned long long)sandbox.lost);
		good = false;
	}
	rf_engine_list_free(list, count);
	rf_engine_unlock(engine());
	return good;
}

static const char policy[] = "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: agent-test }\nspec:\n"
			     "  select: [{ cgroup: \"agent-test/*\" }]\n  files:\n"
			     "    - { allow: [read, write, exec], paths: [\"/**\"] }\n"
			     "    - { deny: read, paths: [\"" DENIED "\"] }\n"
			     /* A sandbox in a sandbox. */
			     "---\napiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: agent-inner }\nspec:\n"
			     "  select: [{ cgroup: \"agent-test/held/inner\" }]\n  files:\n"
			     "    - { allow: [read, write, exec], paths: [\"/**\"] }\n";

static void apply(void)
{
	static char answer[65536];
	int status = service_ask("POST /v1/apply?file=test", policy, answer, sizeof(answer));

	report(status == 200 && strstr(answer, "\"created\""), "a policy is applied", "status %d: %.900s", status,
	       answer);
	report(strstr(answer, "\"type\":\"Enforced\",\"status\":\"True\"") != NULL, "and enforced", "%.900s", answer);
}

static bool within(int seconds, bool (*holds)(void))
{
	for (int i = 0; i < 10 * seconds; i++) {
		if (holds())
			return true;
		usleep(100000);
	}
	return false;
}

static bool unit_is_fenced(void)
{
	return one_unit(0);
}

static bool program_is_there(void)
{
	return access(RF_PINS_ROOT "/links/file_open", F_OK) == 0;
}

static bool log_has_drift(void)
{
	static char answer[1 << 20];

	return service_ask("GET /v1/events?filter=type=drifted", "", answer, sizeof(answer)) == 200 &&
	       strstr(answer, "new cgroups were no longer looked at") && strstr(answer, "the program of file_open");
}

/* Somebody takes out of the kernel what was applied, behind the service's back. */
static void drift(void)
{
	report(one_unit(0), "a new cgroup is fenced", "it is not");
	engine()->switches->select = 0;
	report(within(15, unit_is_fenced), "selectors that were switched off are put back", "they are not");
	unlink(RF_PINS_ROOT "/links/file_open");
	report(within(15, program_is_there), "a program that was taken out is attached again", "it is not");
	report(within(15, unit_is_fenced), "and fences", "it does not");
	report(within(5, log_has_drift), "both are told", "they are not");
}

/* Each time that something is put into the kernel, its image of selectors is another one. */
static void force(void)
{
	static char answer[65536];
	uint32_t before = engine()->switches->select;
	int status = service_ask("POST /v1/apply?file=test", policy, answer, sizeof(answer));

	report(status == 200 && strstr(answer, "\"unchanged\"") && engine()->switches->select == before,
	       "what is unchanged is left alone", "status %d: %.900s", status, answer);
	status = service_ask("POST /v1/apply?file=test&force=1&dryRun=1", policy, answer, sizeof(answer));
	report(status == 200 && strstr(answer, "\"reapplied\"") && engine()->switches->select == before,
	       "a trial of force does nothing", "status %d: %.900s", status, answer);
	status = service_ask("POST /v1/apply?file=test&force=1", policy, answer, sizeof(answer));
	report(status == 200 && strstr(answer, "\"reapplied\"") && engine()->switches->select != before,
	       "what is forced is applied anew", "status %d: %.900s", status, answer);
	report(one_unit(0), "and holds", "a new cgroup is not fenced");
}

/* ------------------------------------------------------------- held from before */

static pid_t holder;

/* A task in a cgroup that the policy will select has a file open that will be denied, and a connection. */
static unsigned start_holder(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ready[2];
	socklen_t len = sizeof(name);
	char byte;

	if (bind(server, (struct sockaddr *)&name, len) || listen(server, 1) || pipe(ready))
		die("a listener: %s", strerror(errno));
	getsockname(server, (struct sockaddr *)&name, &len);
	if ((mkdir(ROOT "/held", 0755) && errno != EEXIST) || (mkdir(INNER, 0755) && errno != EEXIST))
		die(INNER ": %s", strerror(errno));
	holder = (pid_t)service_start_in(INNER);
	if (!holder) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(server);
		if (open(DENIED, O_RDONLY) < 0 || open(ALLOWED, O_RDWR) < 0 ||
		    connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof(name)))
			_exit(1);
		(void)!write(ready[1], "", 1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (holder < 0 || read(ready[0], &byte, 1) != 1)
		die("a task does not come to hold anything");
	close(ready[0]);
	return ntohs(name.sin_port);
}

static void held(unsigned port)
{
	static char answer[65536];
	char peer[64], *list;
	int status = service_ask("GET /v1/policies/agent-test/held", "", answer, sizeof(answer));

	snprintf(peer, sizeof(peer), "\"tcp:127.0.0.1:%u\"", port);
	list = strstr(answer, "\"items\"");
	report(status == 200 && list && strstr(list, "\"" DENIED "\"") && strstr(list, "\"what\":\"open\""),
	       "a file that was open and is denied now is told", "status %d: %.900s", status, answer);
	report(list && strstr(list, peer), "a connection from before too", "%.900s", answer);
	report(list && !strstr(list, ALLOWED), "a file that is allowed is not", "%.900s", answer);
	report(strstr(answer, "\"processes\":1,") != NULL, "who is in a sandbox in a sandbox is looked at once",
	       "%.900s", answer);
	report(strstr(answer, "\"missed\":[]") != NULL, "nothing was missed", "%.900s", answer);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	status = service_ask("GET /v1/policies/agent-test/held", "", answer, sizeof(answer));
	report(status == 200 && strstr(answer, "\"items\":[]"), "and nothing when the task is gone",
	       "status %d: %.900s", status, answer);
	for (int n = 0; (rmdir(INNER), rmdir(ROOT "/held")) && n < 500; n++)
		usleep(2000);
}

static void storm(int kills)
{
	unsigned long made, lost;
	pid_t loop[LOOPS];
	int unfenced = 0, done = 0;

	for (int i = 0; i < LOOPS; i++)
		loop[i] = start_loop(i);
	for (int k = 0; k < kills; k++) {
		int until = UNITS * (k + 1) / kills;

		/* Dead for half of the units, starting or up for the others. */
		kill(service, SIGKILL);
		waitpid(service, NULL, 0);
		for (; done < until - UNITS / kills / 2; done++)
			unfenced += !one_unit(done);
		service_start();
		for (; done < until; done++)
			unfenced += !one_unit(done);
		if (k % 3 == 0)
			service_ready();
	}
	for (int i = 0; i < 600 && shared->tries < TRIES; i++)
		usleep(100000);
	for (int i = 0; i < LOOPS; i++) {
		kill(loop[i], SIGKILL);
		waitpid(loop[i], NULL, 0);
	}
	report(shared->tries >= TRIES, "enough was tried", "%lu tries", shared->tries);
	report(shared->wrong == 0, "no verdict was wrong", "%lu of %lu were", shared->wrong, shared->tries);
	report(unfenced == 0, "every cgroup was fenced at its first act", "%d of %d were not", unfenced, done);
	report(service_ready(), "the service comes back", "it does not");
	report(counts_add_up(&made, &lost), "made = told + merged + lost", "it is not");
	report_note("%lu tries, %lu denials in sandboxes that live, of them %lu lost", shared->tries, made, lost);
}

static void stopped(void)
{
	int status;

	kill(service, SIGSTOP);
	report(one_unit(1), "a stopped service: a new cgroup is fenced", "it is not");
	kill(service, SIGCONT);
	kill(service, SIGTERM);
	waitpid(service, &status, 0);
	report(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it ends when it is told to", "status %x", status);
	report(one_unit(2), "and what is in force stays", "a new cgroup is not fenced");
}

static void removed(void)
{
	char answer[4096];
	int status;

	service_start();
	report(service_ready(), "started again", "it is not ready");
	status = service_ask("DELETE /v1/policies/agent-test", "", answer, sizeof(answer));
	report(status == 200, "the policy is deleted", "status %d: %s", status, answer);
	report(!one_unit(3), "a new cgroup is free", "it is fenced");
}

int main(int argc, char **argv)
{
	int kills = argc > 1 ? atoi(argv[1]) : 20;
	unsigned port;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	close(open(DENIED, O_CREAT | O_RDONLY, 0644));
	close(open(ALLOWED, O_CREAT | O_RDONLY, 0644));
	if (mkdir(ROOT, 0755) && errno != EEXIST)
		die(ROOT ": %s", strerror(errno));
	service_start();
	report(service_ready(), "the service is ready", "it is not");
	port = start_holder();
	apply();
	rf_engine_unlock(engine());
	drift();
	force();
	held(port);
	storm(kills);
	stopped();
	removed();
	kill(service, SIGKILL);
	waitpid(service, NULL, 0);
	return report_end();
}
