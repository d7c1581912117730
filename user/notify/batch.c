// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"
#include "notify/batch.h"
#include "notify/config.h"

#define TEXT_MAX 1024u /* bytes kept of an object */

/* A slot is free when it has nothing to tell and its time is over. */
struct rf_batch {
	struct rf_bundle bundle[RF_BUNDLES];
	struct rf_bundle others[RF_NOTIFIERS_MAX];
};

struct rf_batch *rf_batch_open(void)
{
	return calloc(1, sizeof(struct rf_batch));
}

static void empty(struct rf_bundle *bundle)
{
	for (size_t i = 0; i < bundle->rows; i++) {
		free(bundle->row[i].policy);
		free(bundle->row[i].rule);
		free(bundle->row[i].access);
		free(bundle->row[i].object);
	}
	bundle->rows = 0;
	bundle->count = bundle->more = 0;
}

void rf_bundle_free(struct rf_bundle *bundle)
{
	empty(bundle);
	free(bundle->unit);
	free(bundle->cgroup);
	*bundle = (struct rf_bundle){.count = 0};
}

static struct rf_bundle *at(const struct rf_batch *batch, size_t i)
{
	struct rf_batch *b = (struct rf_batch *)batch;

	return i < RF_BUNDLES ? &b->bundle[i] : &b->others[i - RF_BUNDLES];
}

#define ALL (RF_BUNDLES + RF_NOTIFIERS_MAX)

void rf_batch_close(struct rf_batch *batch)
{
	for (size_t i = 0; batch && i < ALL; i++)
		rf_bundle_free(at(batch, i));
	free(batch);
}

/* A unit that fails is started again and again, each time as another sandbox: it is known by its cgroup's path. */
static bool is_of(const struct rf_bundle *bundle, unsigned notifier, uint64_t sandbox, const char *cgroup)
{
	if (bundle->notifier != notifier)
		return false;
	return cgroup[0] && bundle->cgroup ? strcmp(bundle->cgroup, cgroup) == 0 : bundle->sandbox == sandbox;
}

static char *copy(const char *text)
{
	return text && text[0] ? strdup(text) : NULL;
}

/* The slot of a sandbox, a free one, or the one that the rest share. */
static struct rf_bundle *slot_of(struct rf_batch *batch, unsigned notifier, uint64_t sandbox, const char *unit,
				 const char *cgroup, uint64_t now)
{
	struct rf_bundle *free_one = NULL;

	for (size_t i = 0; i < RF_BUNDLES; i++) {
		struct rf_bundle *bundle = &batch->bundle[i];

		if (!bundle->count && bundle->due <= now)
			free_one = free_one ? free_one : bundle;
		else if (is_of(bundle, notifier, sandbox, cgroup))
			return bundle;
	}
	if (!free_one) {
		batch->others[notifier].notifier = notifier;
		batch->others[notifier].others = true;
		return &batch->others[notifier];
	}
	rf_bundle_free(free_one);
	*free_one = (struct rf_bundle){.notifier = notifier, .unit = copy(unit), .cgroup = copy(cgroup), .due = now};
	return free_one;
}

/* -------------------------------------------------------------------- rows */

struct said {
	char policy[128], rule[64], access[64], object[TEXT_MAX], verdict[32];
};

static void read_row(const json_t *record, struct said *said)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));

	rf_filter_field(record, "policy", said->policy, sizeof(said->policy));
	rf_filter_field(record, "rule", said->rule, sizeof(said->rule));
	rf_filter_field(record, "access", said->access, sizeof(said->access));
	rf_filter_field(record, "verdict", said->verdict, sizeof(said->verdict));
	/* People know a destination by its address and port. */
	if (!kind || strcmp(kind, "net") != 0 || !rf_filter_field(record, "dest", said->object, sizeof(said->object)))
		rf_filter_field(record, "object", said->object, sizeof(said->object));
	/* What has no access, as a guard's, has at least the hook's name. */
	if (!said->access[0])
		rf_filter_field(record, "hook", said->access, sizeof(said->access));
}

static bool is_row(const struct rf_bundle_row *row, const struct said *said, bool audited)
{
	return row->audited == audited && !strcmp(row->object, said->object) && !strcmp(row->access, said->access) &&
	       !strcmp(row->rule, said->rule) && !strcmp(row->policy, said->policy);
}

static struct rf_bundle_row *row_of(struct rf_bundle *bundle, const struct said *said)
{
	bool audited = strcmp(said->verdict, "would-deny") == 0;
	struct rf_bundle_row row = {.audited = audited};

	for (size_t i = 0; i < bundle->rows; i++)
		if (is_row(&bundle->row[i], said, audited))
			return &bundle->row[i];
	if (bundle->rows == RF_BUNDLE_ROWS)
		return NULL;
	row.policy = strdup(said->policy);
	row.rule = strdup(said->rule);
	row.access = strdup(said->access);
	row.object = strdup(said->object);
	if (row.policy && row.rule && row.access && row.object) {
		bundle->row[bundle->rows] = row;
		return &bundle->row[bundle->rows++];
	}
	free(row.policy);
	free(row.rule);
	free(row.access);
	free(row.object);
	return NULL;
}

void rf_batch_add(struct rf_batch *batch, unsigned notifier, uint64_t every, const json_t *record, uint64_t now,
		  time_t when)
{
	json_int_t count = json_integer_value(json_object_get(record, "count"));
	const char *unit = json_string_value(json_object_get(record, "unit"));
	const char *cgroup = json_string_value(json_object_get(record, "cgroup"));
	uint64_t sandbox = (uint64_t)json_integer_value(json_object_get(record, "sandbox"));
	uint64_t denials = count > 0 ? (uint64_t)count : 1;
	struct rf_bundle *bundle;
	struct rf_bundle_row *row;
	struct said said;

	if (notifier >= RF_NOTIFIERS_MAX)
		return;
	bundle = slot_of(batch, notifier, sandbox, unit, cgroup ? cgroup : "", now);
	read_row(record, &said);
	if (!bundle->count)
		bundle->since = when;
	bundle->sandbox = sandbox;
	bundle->every = every;
	bundle->until = when;
	bundle->count += denials;
	row = row_of(bundle, &said);
	if (row)
		row->count += denials;
	else
		bundle->more += denials;
}

/* ------------------------------------------------------------------ taking */

static bool waits(const struct rf_bundle *bundle, uint32_t busy)
{
	return bundle->count && !(busy & UINT32_C(1) << bundle->notifier);
}

bool rf_batch_take(struct rf_batch *batch, uint32_t busy, uint64_t now, struct rf_bundle *out)
{
	struct rf_bundle *first = NULL;

	for (size_t i = 0; i < ALL; i++) {
		struct rf_bundle *bundle = at(batch, i);

		if (waits(bundle, busy) && bundle->due <= now && (!first || bundle->due < first->due))
			first = bundle;
	}
	if (!first)
		return false;
	*out = *first;
	/* The slot stays, so that the next bundle waits. */
	first->unit = copy(out->unit);
	first->cgroup = copy(out->cgroup);
	first->rows = 0;
	first->count = first->more = 0;
	first->due = now + first->every;
	return true;
}

uint64_t rf_batch_due(const struct rf_batch *batch, uint32_t busy)
{
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < ALL; i++) {
		const struct rf_bundle *bundle = at(batch, i);

		if (waits(bundle, busy) && bundle->due < due)
			due = bundle->due;
	}
	return due;
}

uint64_t rf_batch_renumber(struct rf_batch *batch, const int *to)
{
	struct rf_bundle old[RF_NOTIFIERS_MAX];
	uint64_t gone = 0;

	for (size_t i = 0; i < RF_BUNDLES; i++) {
		struct rf_bundle *bundle = &batch->bundle[i];

		if (to[bundle->notifier] >= 0) {
			bundle->notifier = (unsigned)to[bundle->notifier];
			continue;
		}
		gone += bundle->count;
		rf_bundle_free(bundle);
	}
	memcpy(old, batch->others, sizeof(old));
	memset(batch->others, 0, sizeof(batch->others));
	for (size_t i = 0; i < RF_NOTIFIERS_MAX; i++) {
		if (to[i] < 0) {
			gone += old[i].count;
			rf_bundle_free(&old[i]);
		} else {
			old[i].notifier = (unsigned)to[i];
			batch->others[to[i]] = old[i];
		}
	}
	return gone;
}
