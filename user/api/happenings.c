// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which of what happened is asked for, and the list of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

#define TAIL_MAX   100000u
#define PAGE	   1000u /* that are answered at a time, where no limit is given */
#define PAGE_MAX   10000u
#define PAGE_BYTES (8u << 20) /* of text in them */
#define SCAN_MAX   10000u     /* that are looked at for one answer: others wait meanwhile */
#define BLOCK	   500u	      /* looked at in order, on the way back from the last */

/* What looks at what happened, and at how much it still may. */
struct scan {
	const struct rf_service *service;
	unsigned left;
};

/* The first thing behind *at, which becomes its number: as next_event, and 0 where no more may be looked at. */
static int look(struct scan *scan, uint64_t *at, json_t **event)
{
	if (!scan->left)
		return 0;
	scan->left--;
	return scan->service->next_event(scan->service->context, *at, at, event);
}

/* The number behind which the oldest that is known stands. */
static uint64_t floor_of(const struct rf_service *service)
{
	json_t *event = NULL;
	uint64_t at = 0;
	int got = service->next_event(service->context, 0, &at, &event);

	if (got <= 0)
		return service->last_event(service->context);
	json_decref(event);
	return at - 1;
}

/* ---------------------------------------------------------------- where to begin */

/* Whether all up to the first thing with a time behind *at, which becomes its number, happened before `since`. Times
 * are RFC 3339 in UTC, so that their seconds compare as text. */
static bool is_early(struct scan *scan, uint64_t *at, const char *since)
{
	json_t *event = NULL;
	int got;

	while ((got = look(scan, at, &event))) {
		const char *time = got > 0 ? json_string_value(json_object_get(event, "time")) : NULL;
		bool early = time && strncmp(time, since, RF_SECONDS_LENGTH) < 0;

		if (got > 0)
			json_decref(event);
		if (time || (got < 0 && got != -ESTALE))
			return early;
	}
	return false;
}

/* Passes over what happened before a time: times grow with numbers. */
static void skip_before(const struct call *call, struct rf_pick *pick, const char *since)
{
	struct scan scan = {.service = call->service, .left = SCAN_MAX};
	uint64_t low = pick->after, high = call->service->last_event(call->service->context);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2, at = middle;

		if (is_early(&scan, &at, since) && at <= high)
			low = at;
		else
			high = middle;
	}
	pick->after = low;
}

/* Notes which of a block pass. Returns how many, or -1 where no more may be looked at. */
static int find_in_block(struct scan *scan, const struct rf_pick *pick, uint64_t from, uint64_t to, uint64_t *found)
{
	json_t *event = NULL;
	uint64_t at = from;
	int count = 0, got = 1;

	while (at < to && (got = look(scan, &at, &event)) && (got > 0 || got == -ESTALE)) {
		if (got > 0 && at <= to && rf_filter_match(pick->filter, event))
			found[count++] = at;
		if (got > 0)
			json_decref(event);
	}
	return at < to && !scan->left ? -1 : count;
}

/* Passes over all but the last ones that pass, from the last one back in blocks: what came first is not looked at. */
static void skip_to_match(const struct call *call, struct rf_pick *pick, uint64_t tail, uint64_t floor)
{
	struct scan scan = {.service = call->service, .left = SCAN_MAX};
	uint64_t to = call->service->last_event(call->service->context), found[BLOCK];

	while (to > floor) {
		uint64_t from = to - floor > BLOCK ? to - BLOCK : floor;
		int count = find_in_block(&scan, pick, from, to, found);

		if (count < 0) {
			pick->after = pick->unsearched = to;
			return;
		}
		if ((uint64_t)count >= tail) {
			pick->after = found[(uint64_t)count - tail] - 1;
			return;
		}
		tail -= (uint64_t)count;
		to = from;
	}
}

/* Numbers follow each other, but where something is lost. */
static void skip_to_tail(const struct call *call, struct rf_pick *pick, uint64_t tail)
{
	uint64_t last = call->service->last_event(call->service->context);
	const char *filter = rf_query(call->request, "filter");
	uint64_t floor = pick->after ? pick->after : floor_of(call->service);

	if (filter && *filter)
		skip_to_match(call, pick, tail, floor);
	else if (last > floor && last - floor > tail)
		pick->after = last - tail;
}

/* ---------------------------------------------------------------- what is asked for */

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
	uint64_t tail, limit;

	memset(pick, 0, sizeof(*pick));
	if (rf_query_number(call->request, "after", &pick->after) || rf_query_number(call->request, "tail", &tail) ||
	    rf_query_number(call->request, "limit", &limit) || read_since(call, &since))
		return -1;
	if (tail > TAIL_MAX)
		return rf_api_fail(call->error, 400, "BadQuery", "\"tail\" is at most %u", TAIL_MAX);
	if (limit > PAGE_MAX || (limit && watch))
		return rf_api_fail(call->error, 400, "BadQuery",
				   watch ? "a watch is not cut into pages: no limit" : "\"limit\" is at most %u",
				   PAGE_MAX);
	pick->limit = limit ? (unsigned)limit : PAGE;
	if (read_filter(call, pick))
		return -1;
	/* A client that comes back asks again what it asked first; what it had since goes before that. */
	if (watch && rf_query_last_id(call->request)) {
		pick->after = rf_query_last_id(call->request);
		return 0;
	}
	if (watch && !pick->after && !since && !tail)
		pick->after = call->service->last_event(call->service->context);
	if (since)
		skip_before(call, pick, since);
	if (tail)
		skip_to_tail(call, pick, tail);
	return 0;
}

/* ---------------------------------------------------------------- the list */

static size_t bytes_of(const json_t *event)
{
	size_t bytes = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)event, key, value) bytes += json_string_length(value);
	return bytes;
}

/* Adds a page of what is asked for: where something is not known any more, a record that says so. Returns whether it
 * ends before the last one, with the number that it came to. */
static bool add_page(struct scan *scan, const struct rf_pick *pick, json_t *items, uint64_t *at)
{
	json_t *event = NULL;
	size_t bytes = 0;
	int got = 1;

	*at = pick->after;
	while (json_array_size(items) < pick->limit && bytes < PAGE_BYTES && (got = look(scan, at, &event))) {
		if (got < 0 && got != -ESTALE)
			return false;
		if (got < 0)
			event = json_pack("{s:s, s:I, s:s}", "type", "lost", "id", (json_int_t)*at, "message",
					  RF_NOT_KNOWN);
		else if (!rf_filter_match(pick->filter, event)) {
			json_decref(event);
			continue;
		}
		bytes += bytes_of(event);
		json_array_append_new(items, event);
	}
	/* There was nothing behind that one. */
	if (!got && scan->left)
		return false;
	return *at < scan->service->last_event(scan->service->context);
}

int answer_get_events(struct call *call)
{
	struct scan scan = {.service = call->service, .left = SCAN_MAX};
	struct rf_pick pick;
	json_t *items, *page;
	bool watch;
	uint64_t at;

	if (rf_query_flag(call->request, "watch", &watch) || rf_pick_read(call, watch, &pick))
		return -1;
	if (watch) {
		int err = rf_watch_events(call, &pick);

		rf_filter_free(pick.filter);
		return err;
	}
	items = json_array();
	page = json_pack("{s:s, s:o}", "kind", "EventList", "items", items);
	if (page && add_page(&scan, &pick, items, &at))
		json_object_set_new(page, "continue", json_integer((json_int_t)at));
	if (page && pick.unsearched)
		json_object_set_new(page, "unsearched", json_integer((json_int_t)pick.unsearched));
	rf_filter_free(pick.filter);
	call->answer->json = page;
	return 0;
}
