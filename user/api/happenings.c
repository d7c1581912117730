// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which of what happened is asked for, and the list of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

#define TAIL_MAX 100000u

/* The next thing behind *at that passes, and *at is its number then; what is passed over for ever on the way too.
 * NULL: there is none. `lost`: where something is not known any more, a record that says so comes, else nothing. */
static json_t *next_of(const struct call *call, const struct rf_pick *pick, uint64_t *at, bool lost)
{
	json_t *event = NULL;
	int got;

	while ((got = call->service->next_event(call->service->context, *at, at, &event))) {
		if (got == -ESTALE && lost)
			return json_pack("{s:s, s:I, s:s}", "type", "lost", "id", (json_int_t)*at, "message",
					 RF_NOT_KNOWN);
		if (got < 0 && got != -ESTALE)
			return NULL;
		if (got > 0 && rf_filter_match(pick->filter, event))
			return event;
		if (got > 0)
			json_decref(event);
	}
	return NULL;
}

/* Passes over what happened before a time. Times are RFC 3339 in UTC, so that their seconds compare as text. */
static void skip_before(const struct call *call, struct rf_pick *pick, const char *since)
{
	const struct rf_pick all = {.after = 0};
	uint64_t at = pick->after;
	json_t *event;

	while ((event = next_of(call, &all, &at, false))) {
		const char *time = json_string_value(json_object_get(event, "time"));
		bool early = !time || strncmp(time, since, RF_SECONDS_LENGTH) < 0;

		json_decref(event);
		if (!early)
			return;
		pick->after = at;
	}
}

/* Passes over all but the last ones that pass. */
static void skip_to_tail(const struct call *call, struct rf_pick *pick, uint64_t tail)
{
	uint64_t at = pick->after, count = 0;
	json_t *event;

	for (; (event = next_of(call, pick, &at, true)); count++)
		json_decref(event);
	for (at = pick->after; count > tail && (event = next_of(call, pick, &at, true)); count--) {
		json_decref(event);
		pick->after = at;
	}
}

static int read_filter(struct call *call, struct rf_pick *pick)
{
	const char *text = rf_query(call->request, "filter");
	char *problem;
	int err = rf_filter_parse(text, &pick->filter, &problem);

	if (err == -EINVAL)
		rf_api_fail(call->error, 400, "BadQuery", "%s", problem);
	else if (err)
		rf_api_fail(call->error, 503, "Busy", "out of memory");
	free(problem);
	return err ? -1 : 0;
}

/* "2026-01-02T03:04:05Z"; digits stand for themselves, and what is no day is before or behind others. */
static int read_since(struct call *call, const char **out)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	const char *since = rf_query(call->request, "since");
	size_t i = 0;

	*out = since;
	if (!since)
		return 0;
	while (form[i] && (form[i] == '0' ? since[i] >= '0' && since[i] <= '9' : since[i] == form[i]))
		i++;
	if (form[i] || since[i])
		return rf_api_fail(call->error, 400, "BadQuery",
				   "\"since\" is a time in UTC like 2026-01-02T03:04:05Z, and not \"%s\"", since);
	return 0;
}

int rf_pick_read(struct call *call, bool watch, struct rf_pick *pick)
{
	const char *since;
	uint64_t tail;

	memset(pick, 0, sizeof(*pick));
	if (rf_query_number(call->request, "after", &pick->after) || rf_query_number(call->request, "tail", &tail) ||
	    read_since(call, &since))
		return -1;
	if (tail > TAIL_MAX)
		return rf_api_fail(call->error, 400, "BadQuery", "\"tail\" is at most %u", TAIL_MAX);
	if (read_filter(call, pick))
		return -1;
	if (watch && !pick->after && !since && !tail)
		pick->after = call->service->last_event(call->service->context);
	if (since)
		skip_before(call, pick, since);
	if (tail)
		skip_to_tail(call, pick, tail);
	return 0;
}

int answer_get_events(struct call *call)
{
	struct rf_pick pick;
	json_t *items, *event;
	bool watch;
	uint64_t at;
	int err;

	if (rf_query_flag(call->request, "watch", &watch) || rf_pick_read(call, watch, &pick))
		return -1;
	if (watch) {
		err = rf_watch_events(call, &pick);
		rf_filter_free(pick.filter);
		return err;
	}
	items = json_array();
	at = pick.after;
	while ((event = next_of(call, &pick, &at, true)))
		json_array_append_new(items, event);
	rf_filter_free(pick.filter);
	call->answer->json = json_pack("{s:s, s:o}", "kind", "EventList", "items", items);
	return 0;
}
