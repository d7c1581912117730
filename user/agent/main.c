// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ringfenced: keeps policies in force on this host. What enforces them is in the kernel: this may end at any time. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "agent/agent.h"

#define TEND_US UINT64_C(5000000)

void agent_log(int priority, const char *format, ...)
{
	va_list args;

	/* Standard error is the journal, which takes the priority from the front (sd-daemon(3)). */
	va_start(args, format);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", priority);
	else
		fputs("ringfenced: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* "--log-size=64M": a number and one of the units, or none for the smallest. Whether it is this setting, and right. */
static bool setting(const char *argument, const char *name, const char *units, const uint64_t *factors, uint64_t *value)
{
	size_t len = strlen(name);
	unsigned long long number;
	const char *unit;
	char *end;

	if (strncmp(argument, name, len) != 0 || argument[len] < '0' || argument[len] > '9')
		return false;
	errno = 0;
	number = strtoull(argument + len, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || number > UINT32_MAX || (*end && (!unit || end[1])))
		return false;
	*value = number * (unit ? factors[unit - units] : 1);
	return true;
}

static int usage(int argc, char **argv, struct agent_settings *settings)
{
	static const uint64_t sizes[] = {1u << 10, 1u << 20, 1u << 30}, ages[] = {60, 3600, 86400};

	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		puts("ringfenced " RF_VERSION);
		return 0;
	}
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		puts("usage: ringfenced [--log-size=64M] [--log-age=90d] [--web=[127.0.0.1:]PORT]\n"
		     "Keeps policies in force on this host; see ringfenced(8). Started by systemd.");
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--web=", 6) == 0) {
			int err = rf_web_check(argv[i] + 6);

			settings->web = argv[i] + 6;
			if (!err)
				continue;
			fprintf(stderr, "ringfenced: %s: %s\n", argv[i],
				err == -EINVAL ? "it is PORT, 127.0.0.1:PORT or [::1]:PORT"
					       : "the page is served on loopback alone: 127.0.0.1 or [::1]");
			return 2;
		}
		if (setting(argv[i], "--log-size=", "KMG", sizes, &settings->log_bytes) ||
		    setting(argv[i], "--log-age=", "mhd", ages, &settings->log_seconds))
			continue;
		fprintf(stderr, "ringfenced: \"%s\" is not understood; see --help\n", argv[i]);
		return 2;
	}
	if (geteuid()) {
		fprintf(stderr, "ringfenced: only root can enforce policies: sudo systemctl start ringfenced\n");
		return 5;
	}
	return -1;
}

/* -------------------------------------------------------------------- starting */

static void on_aside(void *context, const struct rf_store_aside *aside)
{
	(void)context;
	agent_log(LOG_CRIT, "%s/%s is no state of ours: %s; %s%s", RF_STORE, aside->path, aside->why,
		  aside->to ? "it is now " : "it is left out", aside->to ? aside->to : "");
}

static int open_store(struct agent *agent)
{
	int err;

	if (mkdir(RF_STORE, 0700) && errno != EEXIST) {
		agent_log(LOG_ERR, "%s: %s", RF_STORE, strerror(errno));
		return -errno;
	}
	err = rf_store_open(RF_STORE, on_aside, agent, &agent->store);
	if (err)
		agent_log(LOG_ERR, "%s: %s", RF_STORE,
			  err == -EWOULDBLOCK ? "another ringfenced has it open" : strerror(-err));
	err = err ? err : agent_set_load(agent);
	return err ? err : agent_attachments_load(agent);
}

/* The socket that systemd made, or our own. */
static int listening_socket(void)
{
	int count = sd_listen_fds(0);

	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++)
		if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0)
			return fd;
	if (mkdir(RF_STATE, 0700) && errno != EEXIST)
		return -errno;
	return rf_api_listen(RF_API_SOCKET);
}

/* The page's socket: systemd's, or our own; -ENOENT: it is off. */
static int page_socket(const struct agent *agent)
{
	int count = sd_listen_fds(1);

	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++)
		if (sd_is_socket_inet(fd, AF_UNSPEC, SOCK_STREAM, 1, 0) > 0)
			return fd;
	return agent->settings.web ? rf_web_listen(agent->settings.web) : -ENOENT;
}

static const char *page_problem(int err)
{
	switch (err) {
	case -EADDRNOTAVAIL:
		return "it is served on loopback alone: 127.0.0.1 or [::1]";
	case -EAFNOSUPPORT:
		return "the unit's RestrictAddressFamilies= forbids it; systemctl enable ringfence-web.socket instead";
	default:
		return strerror(-err);
	}
}

/* The live view for browsers. That it can't be had is said, and is no reason not to keep policies in force. */
static void open_page(struct agent *agent)
{
	int fd = page_socket(agent), err;

	if (fd == -ENOENT) {
		unlink(RF_WEB_ADDRESS);
		return;
	}
	err = fd < 0 ? fd : rf_web_open(agent->event, fd, &agent->service, RF_WEB_ADDRESS, &agent->web);
	if (err)
		agent_log(LOG_ERR, "the web page%s%s: %s", agent->settings.web ? ", --web=" : "",
			  agent->settings.web ? agent->settings.web : "", page_problem(err));
}

static int open_server(struct agent *agent)
{
	int fd = listening_socket(), err;

	agent->service = (struct rf_service){
		.context = agent,
		.ready = agent_ready,
		.version = agent_version,
		.revision = agent_revision,
		.changes = agent_changes,
		.list = agent_list,
		.get = agent_get,
		.history = agent_history,
		.held = agent_held,
		.apply = agent_apply_timed,
		.metrics = agent_metrics,
		.confirm = agent_confirm,
		.remove = agent_remove,
		.rollback = agent_rollback,
		.attach = agent_attach,
		.next_event = agent_next_event,
		.last_event = agent_last_event,
	};
	err = fd < 0 ? fd : rf_api_server_open(agent->event, fd, &agent->service, &agent->server);
	if (err)
		agent_log(LOG_ERR, "%s: %s", RF_API_SOCKET, strerror(-err));
	return err;
}

static int on_tend(sd_event_source *source, uint64_t now, void *context)
{
	agent_engine_tend(context);
	agent_notify_tend(context);
	sd_event_source_set_time(source, now + TEND_US);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int open_loop(struct agent *agent)
{
	sigset_t set;
	int err = sd_event_new(&agent->event);

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (err >= 0)
		err = sd_event_add_signal(agent->event, NULL, SIGTERM, NULL, NULL);
	if (err >= 0)
		err = sd_event_add_signal(agent->event, NULL, SIGINT, NULL, NULL);
	if (err >= 0)
		err = sd_event_add_time_relative(agent->event, NULL, CLOCK_MONOTONIC, TEND_US, 0, on_tend, agent);
	if (err < 0)
		agent_log(LOG_ERR, "the event loop: %s", strerror(-err));
	return err < 0 ? err : 0;
}

static void finish(struct agent *agent, bool served)
{
	if (served)
		agent_event_service(agent, "stopped");
	rf_web_close(agent->web);
	rf_api_server_close(agent->server);
	agent_denials_close(agent);
	agent_notify_close(agent);
	agent_probation_close(agent);
	for (size_t i = 0; i < agent->set.count; i++)
		agent_policy_free(agent->set.policy[i]);
	free(agent->set.policy);
	agent_attachments_free(agent);
	rf_metrics_free(&agent->metrics);
	free(agent->key);
	agent_events_close(agent);
	free(agent->problem);
	rf_engine_close(agent->kernel);
	rf_store_close(agent->store);
	sd_event_unref(agent->event);
}

int main(int argc, char **argv)
{
	struct agent agent = {.settings = {.log_bytes = 64u << 20}};
	int status = usage(argc, argv, &agent.settings);
	bool served;

	if (status >= 0)
		return status;
	umask(077);
	status = open_loop(&agent) || open_store(&agent) || agent_events_open(&agent);
	if (!status) {
		/* Without an engine it serves all the same, and says so in everything's status. */
		agent_notify_open(&agent);
		agent_engine_open(&agent);
		agent_probation_open(&agent);
		status = open_server(&agent) != 0;
		if (!status)
			open_page(&agent);
	}
	if (!status) {
		sd_notifyf(0, "READY=1\nSTATUS=%zu policies are applied%s%s", agent.set.count,
			   agent.problem ? "; not in force: " : "", agent.problem ? agent.problem : "");
		agent_event_service(&agent, "started");
		agent_log(LOG_INFO, "version %s, %zu policies are applied", RF_VERSION, agent.set.count);
		/* Not before: the first ping sets systemd's clock going, and loading the engine can take longer than it
		 * allows. */
		sd_event_set_watchdog(agent.event, true);
		status = sd_event_loop(agent.event) < 0;
	}
	served = !status;
	sd_notify(0, "STOPPING=1\nSTATUS=what is in force stays in force");
	finish(&agent, served);
	return status;
}
