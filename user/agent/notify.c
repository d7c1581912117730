// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who is told of denials: what /etc/ringfence/notify.d says, looked at anew every few seconds. One helper at a time for
 * each who is told, eight in all; what comes meanwhile is gathered and goes with the next.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "events/text.h"
#include "notify/batch.h"
#include "notify/message.h"
#include "notify/send.h"
#include "policy/memory.h"

#define AT_ONCE	 8u
#define QUIET_US UINT64_C(60000000) /* between two lines of the journal that say that one could not be told */

/* Of one who is told. */
struct way {
	struct agent *agent;
	struct rf_sending *sending; /* NULL: nothing is on its way */
	unsigned notifier;
	uint64_t denials;  /* that are on their way */
	uint64_t not_sent; /* since it was last said */
	uint64_t said;	   /* when that was, µs; 0: never */
	bool none;	   /* it was said that nobody is there */
};

struct agent_notify {
	struct rf_notifiers all;
	uint64_t stamp;
	bool stale; /* they are others now: nothing more is begun before that is read */
	struct rf_batch *batch;
	sd_event_source *timer;
	struct way way[RF_NOTIFIERS_MAX];
	char host[HOST_NAME_MAX + 1], program[PATH_MAX];
};

static uint64_t now_of(const struct agent *agent)
{
	uint64_t now = 0;

	sd_event_now(agent->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* ------------------------------------------------------------------ sending */

/* Those that nothing can be sent to now. */
static uint32_t busy(const struct agent_notify *notify)
{
	uint32_t bits = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < RF_NOTIFIERS_MAX; i++)
		if (notify->way[i].sending) {
			bits |= UINT32_C(1) << i;
			count++;
		}
	return count >= AT_ONCE || notify->stale ? UINT32_MAX : bits;
}

static void not_sent(struct way *way, const char *problem)
{
	const struct rf_notifier *notifier = &way->agent->notify->all.notifier[way->notifier];
	uint64_t now = now_of(way->agent);
	bool none = strncmp(problem, RF_NOTIFY_NONE_OF, strlen(RF_NOTIFY_NONE_OF)) == 0;

	if (none && !way->none)
		agent_log(LOG_INFO, "notify %s: nobody is at %s's desktop: %s is not there", notifier->name,
			  notifier->user, problem + strlen(RF_NOTIFY_NONE_OF));
	way->none |= none;
	if (none)
		return;
	way->not_sent += way->denials;
	if (way->said && now < way->said + QUIET_US)
		return;
	agent_log(LOG_WARNING, "notify %s: not told of %llu denials: %s", notifier->name,
		  (unsigned long long)way->not_sent, problem);
	way->said = now;
	way->not_sent = 0;
}

static void arm(struct agent *agent)
{
	struct agent_notify *notify = agent->notify;
	uint64_t due = rf_batch_due(notify->batch, busy(notify));

	if (due == UINT64_MAX) {
		sd_event_source_set_enabled(notify->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(notify->timer, due);
	sd_event_source_set_enabled(notify->timer, SD_EVENT_ONESHOT);
}

static void on_sent(void *context, const char *problem)
{
	struct way *way = context;

	way->sending = NULL;
	if (problem)
		not_sent(way, problem);
	if (way->agent->notify->stale)
		agent_notify_tend(way->agent);
	arm(way->agent);
}

static void send_one(struct agent *agent, const struct rf_bundle *bundle)
{
	struct agent_notify *notify = agent->notify;
	struct way *way = &notify->way[bundle->notifier];
	RF_AUTO_FREE char *request = rf_message_request(&notify->all.notifier[bundle->notifier], bundle, notify->host);
	int err = -ENOMEM;

	way->agent = agent;
	way->notifier = bundle->notifier;
	way->denials = bundle->count;
	if (request)
		err = rf_send(agent->event, RF_NOTIFY_SOCKET, notify->program, request, on_sent, way, &way->sending);
	if (err)
		not_sent(way, strerror(-err));
}

static int on_due(sd_event_source *source, uint64_t now, void *context)
{
	struct agent *agent = context;
	struct agent_notify *notify = agent->notify;
	struct rf_bundle bundle;

	(void)source;
	while (rf_batch_take(notify->batch, busy(notify), now, &bundle)) {
		send_one(agent, &bundle);
		rf_bundle_free(&bundle);
	}
	arm(agent);
	return 0;
}

/* ------------------------------------------------------------------ denials */

/* The policy of a denial: applied, or a command's. */
static const struct rf_policy *policy_of(const struct agent *agent, const char *name)
{
	const struct agent_policy *applied = agent_find(&agent->set, name);

	if (applied)
		return &applied->set.policy[0];
	for (size_t i = 0; i < AGENT_KEPT; i++) {
		const struct agent_kept *kept = &agent->kept[i];
		const struct rf_policy *policy = kept->known ? &kept->kept.policies.policy[kept->kept.document] : NULL;

		if (policy && policy->name && strcmp(policy->name, name) == 0)
			return policy;
	}
	return NULL;
}

static bool names(const struct rf_policy *policy, const char *name)
{
	if (!policy || !policy->notify_said)
		return true;
	for (size_t i = 0; i < policy->notifies; i++)
		if (strcmp(policy->notify[i].text, name) == 0)
			return true;
	return false;
}

bool agent_notifies(const struct agent *agent)
{
	return agent->notify && agent->notify->all.count;
}

void agent_notify(struct agent *agent, const json_t *record)
{
	struct agent_notify *notify = agent->notify;
	const char *name = json_string_value(json_object_get(record, "policy"));
	const struct rf_policy *policy;
	bool added = false;

	if (!record || !agent_notifies(agent))
		return;
	policy = name ? policy_of(agent, name) : NULL;
	for (unsigned i = 0; i < notify->all.count; i++) {
		const struct rf_notifier *notifier = &notify->all.notifier[i];

		if (!names(policy, notifier->name) || !rf_filter_match(notifier->filter, record))
			continue;
		rf_batch_add(notify->batch, i, notifier->every, record, now_of(agent), time(NULL));
		added = true;
	}
	if (added)
		arm(agent);
}

void agent_notify_warn(const struct agent *agent, const struct rf_policy *policy, struct rf_diags *diags)
{
	const char *words[RF_NOTIFIERS_MAX + 1] = {NULL};
	const struct rf_notifiers *all = agent->notify ? &agent->notify->all : NULL;

	for (size_t i = 0; all && i < all->count; i++)
		words[i] = all->notifier[i].name;
	for (size_t i = 0; i < policy->notifies; i++) {
		const char *text = policy->notify[i].text, *near = rf_nearest(text, words);

		if (all && rf_notifiers_find(all, text) >= 0)
			continue;
		rf_diag_add(diags, RF_WARNING, policy->notify[i].where, "notify: nobody in %s is called \"%s\"%s%s%s",
			    RF_NOTIFY_FOLDER, text, near ? ", did you mean \"" : "", near ? near : "",
			    near ? "\"?" : "");
	}
}

/* ------------------------------------------------------------- who is told */

static void tell_wrong(const struct rf_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct rf_diag *diag = &diags->diag[i];
		struct rf_line line = {.text = NULL};

		rf_line_text(&line, diag->where.file, strlen(diag->where.file));
		if (diag->where.line)
			rf_line_format(&line, ":%u:%u", diag->where.line, diag->where.col);
		rf_line_string(&line, ": ");
		rf_line_text(&line, diag->text, strlen(diag->text));
		rf_line_bytes(&line, "", 1);
		if (!line.failed)
			agent_log(LOG_ERR, "%s", line.text);
		rf_line_free(&line);
	}
}

/* Takes the place of what there is. What is on its way is not waited for; what waits goes to those of the same names.
 */
static void adopt(struct agent *agent, struct rf_notifiers *all)
{
	struct agent_notify *notify = agent->notify;
	int to[RF_NOTIFIERS_MAX];
	uint64_t gone;

	for (unsigned i = 0; i < RF_NOTIFIERS_MAX; i++) {
		to[i] = i < notify->all.count ? rf_notifiers_find(all, notify->all.notifier[i].name) : -1;
		notify->way[i] = (struct way){.agent = agent};
	}
	gone = rf_batch_renumber(notify->batch, to);
	if (gone)
		agent_log(LOG_NOTICE, "notify: %llu denials were for those who are not told any more",
			  (unsigned long long)gone);
	rf_notifiers_free(&notify->all);
	notify->all = *all;
	arm(agent);
}

static bool is_sending(const struct agent_notify *notify)
{
	for (unsigned i = 0; i < RF_NOTIFIERS_MAX; i++)
		if (notify->way[i].sending)
			return true;
	return false;
}

void agent_notify_tend(struct agent *agent)
{
	struct agent_notify *notify = agent->notify;
	uint64_t stamp = notify ? rf_notifiers_stamp(RF_NOTIFY_FOLDER) : 0;
	struct rf_diags diags = {.diag = NULL};
	struct rf_notifiers all;
	int err;

	if (!notify || stamp == notify->stamp) {
		if (notify)
			notify->stale = false;
		return;
	}
	/* What is on its way has seconds at most, and then comes back here. */
	notify->stale = is_sending(notify);
	if (notify->stale)
		return;
	notify->stamp = stamp;
	err = rf_notifiers_read(&all, RF_NOTIFY_FOLDER, 0, &diags);
	if (err) {
		tell_wrong(&diags);
		agent_log(LOG_ERR, "%s: %s; %s", RF_NOTIFY_FOLDER,
			  err == -EINVAL ? "what it says is not taken" : strerror(-err),
			  notify->all.count ? "who was told until now still is" : "nobody is told of denials");
	} else {
		agent_log(LOG_INFO, "%s: %zu are told of denials", RF_NOTIFY_FOLDER, all.count);
		adopt(agent, &all);
	}
	rf_diags_free(&diags);
}

/* The helper, beside the folder of this program. */
static void find_program(struct agent_notify *notify)
{
	static const char helper[] = "/../libexec/ringfence/notify";
	ssize_t len = readlink("/proc/self/exe", notify->program, sizeof(notify->program) - sizeof(helper));
	char *slash;

	notify->program[len > 0 ? len : 0] = '\0';
	slash = strrchr(notify->program, '/');
	strcpy(slash ? slash : notify->program, helper);
}

void agent_notify_open(struct agent *agent)
{
	struct agent_notify *notify = calloc(1, sizeof(*notify));

	if (notify)
		notify->batch = rf_batch_open();
	if (!notify || !notify->batch ||
	    sd_event_add_time(agent->event, &notify->timer, CLOCK_MONOTONIC, 0, 0, on_due, agent) < 0) {
		agent_log(LOG_ERR, "notify: nobody is told of denials: %s", strerror(ENOMEM));
		rf_batch_close(notify ? notify->batch : NULL);
		free(notify);
		return;
	}
	sd_event_source_set_enabled(notify->timer, SD_EVENT_OFF);
	gethostname(notify->host, sizeof(notify->host) - 1);
	find_program(notify);
	agent->notify = notify;
	agent_notify_tend(agent);
}

void agent_notify_close(struct agent *agent)
{
	struct agent_notify *notify = agent->notify;
	int nobody[RF_NOTIFIERS_MAX];
	uint64_t left;

	if (!notify)
		return;
	for (unsigned i = 0; i < RF_NOTIFIERS_MAX; i++) {
		rf_send_cancel(notify->way[i].sending);
		nobody[i] = -1;
	}
	left = rf_batch_renumber(notify->batch, nobody);
	if (left)
		agent_log(LOG_NOTICE, "notify: %llu denials were still to be told; ringfence logs has them",
			  (unsigned long long)left);
	sd_event_source_disable_unref(notify->timer);
	rf_batch_close(notify->batch);
	rf_notifiers_free(&notify->all);
	free(notify);
	agent->notify = NULL;
}
