// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/model.h"
#include "monitor/words.h"
#include "policy/memory.h"

#define SECOND	  INT64_C(1000000000)
#define COUNT_MAX ((json_int_t)1 << 48) /* of one record: no file makes the sums run over */

struct rf_model *rf_model_new(void)
{
	struct rf_model *model = calloc(1, sizeof(*model));

	if (model)
		model->ring = calloc(RF_MODEL_RECORDS, sizeof(struct rf_seen *));
	if (model && !model->ring) {
		free(model);
		return NULL;
	}
	return model;
}

void rf_model_free(struct rf_model *model)
{
	if (!model)
		return;
	for (size_t i = 0; i < RF_MODEL_RECORDS; i++)
		free(model->ring[i]);
	model->first = model->next;
	rf_filter_free(model->filter);
	rf_model_unmute(model);
	free(model->ring);
	rf_groups_reset(&model->groups, RF_BY_RULE);
	free(model);
}

const struct rf_seen *rf_model_at(const struct rf_model *model, uint64_t number)
{
	return number >= model->first && number < model->next ? model->ring[number % RF_MODEL_RECORDS] : NULL;
}

/* ---------------------------------------------------------------- rates */

static void advance(struct rf_model *model, int64_t second)
{
	if (second <= model->second)
		return;
	if (second - model->second >= (int64_t)RF_MODEL_SECONDS)
		memset(model->rate, 0, sizeof(model->rate));
	else
		for (int64_t s = model->second + 1; s <= second; s++)
			model->rate[s % RF_MODEL_SECONDS] = 0;
	model->second = second;
}

static void add_rate(struct rf_model *model, int64_t time, uint64_t count)
{
	int64_t second = time / SECOND;
	uint32_t *rate;

	advance(model, second);
	if (second < 0 || second + (int64_t)RF_MODEL_SECONDS <= model->second)
		return;
	rate = &model->rate[second % RF_MODEL_SECONDS];
	*rate = count > UINT32_MAX - *rate ? UINT32_MAX : *rate + (uint32_t)count;
}

void rf_model_tick(struct rf_model *model, int64_t now)
{
	advance(model, now / SECOND);
}

uint64_t rf_model_minute(const struct rf_model *model)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < RF_MODEL_SECONDS; i++)
		sum += model->rate[i];
	return sum;
}

/* ---------------------------------------------------------------- judging */

static bool is_muted(const struct rf_model *model, const json_t *record)
{
	for (size_t i = 0; i < model->mutes; i++)
		if (rf_words_in_group(record, model->mute[i].grouping, model->mute[i].key))
			return true;
	return false;
}

/* Losses can be neither filtered nor muted. */
static void judge(struct rf_model *model, struct rf_seen *seen, const json_t *record)
{
	const char *verdict = json_string_value(json_object_get(record, "verdict"));
	const struct rf_share share = {.count = seen->count,
				       .number = seen->number,
				       .time = seen->time,
				       .would = verdict && !strcmp(verdict, "would-deny")};
	char key[RF_KEY_MAX];

	if (seen->kind == RF_SEEN_LOST) {
		seen->fate = RF_FATE_SHOWN;
	} else if (!rf_filter_match(model->filter, record)) {
		seen->fate = RF_FATE_HIDDEN;
		model->sums.hidden += seen->count;
	} else if (model->mutes && seen->count && is_muted(model, record)) {
		seen->fate = RF_FATE_MUTED;
		model->sums.muted += seen->count;
	} else {
		seen->fate = RF_FATE_SHOWN;
		model->sums.shown += seen->count;
		if (seen->count) {
			rf_words_key(record, model->groups.grouping, key);
			rf_groups_add(&model->groups, key, &share);
		}
	}
	model->sums.rest -= seen->count;
}

/* All that is known of sums is what will be judged again; what is listed stays so where only groups change. */
static void judge_anew(struct rf_model *model, bool fates)
{
	model->judged = model->next;
	model->sums = (struct rf_sums){.made = model->sums.made, .rest = model->sums.made};
	for (uint64_t n = model->first; fates && n < model->next; n++)
		model->ring[n % RF_MODEL_RECORDS]->fate = RF_FATE_UNKNOWN;
	rf_groups_reset(&model->groups, model->groups.grouping);
}

bool rf_model_judge(struct rf_model *model, size_t most)
{
	for (; most && model->judged > model->first; most--) {
		struct rf_seen *seen = model->ring[--model->judged % RF_MODEL_RECORDS];
		json_t *record = json_loadb(seen->text, seen->len, 0, NULL);

		if (record)
			judge(model, seen, record);
		json_decref(record);
	}
	return model->judged > model->first;
}

void rf_model_filter(struct rf_model *model, struct rf_filter *filter)
{
	rf_filter_free(model->filter);
	model->filter = filter;
	judge_anew(model, true);
}

void rf_model_group(struct rf_model *model, enum rf_grouping grouping)
{
	if (model->groups.grouping == grouping)
		return;
	model->groups.grouping = grouping;
	judge_anew(model, false);
}

int rf_model_mute(struct rf_model *model, enum rf_grouping grouping, const char *key)
{
	struct rf_mute *mute = rf_grow(model->mute, model->mutes, sizeof(*mute));

	if (!mute)
		return -ENOMEM;
	model->mute = mute;
	mute[model->mutes] = (struct rf_mute){grouping, strdup(key)};
	if (!mute[model->mutes].key)
		return -ENOMEM;
	model->mutes++;
	judge_anew(model, true);
	return 0;
}

void rf_model_unmute(struct rf_model *model)
{
	for (size_t i = 0; i < model->mutes; i++)
		free(model->mute[i].key);
	free(model->mute);
	model->mute = NULL;
	model->mutes = 0;
	judge_anew(model, true);
}

/* ---------------------------------------------------------------- adding */

static void drop_oldest(struct rf_model *model)
{
	struct rf_seen **place = &model->ring[model->first % RF_MODEL_RECORDS];

	model->bytes -= sizeof(**place) + (*place)->len + 1;
	free(*place);
	*place = NULL;
	model->first++;
	if (model->judged < model->first)
		model->judged = model->first;
}

static uint64_t count_of(const json_t *record, const char *key)
{
	json_int_t count = json_integer_value(json_object_get(record, key));

	return count < 0 ? 0 : (uint64_t)(count > COUNT_MAX ? COUNT_MAX : count);
}

static enum rf_seen_kind kind_of(const json_t *record)
{
	const char *type = json_string_value(json_object_get(record, "type"));

	return !strcmp(type, "denial") ? RF_SEEN_DENIAL
	       : !strcmp(type, "more") ? RF_SEEN_MORE
	       : !strcmp(type, "lost") ? RF_SEEN_LOST
				       : RF_SEEN_OTHER;
}

static void count_in(struct rf_model *model, const struct rf_seen *seen, const json_t *record)
{
	bool again = seen->kind == RF_SEEN_MORE || json_is_true(json_object_get(record, "again"));

	if (seen->kind == RF_SEEN_LOST)
		rf_model_lost(model, count_of(record, "count") + count_of(record, "malformed"));
	if (!seen->count)
		return;
	model->told += !again;
	model->merged += seen->count - !again;
	model->sums.made += seen->count;
	model->sums.rest += seen->count;
	add_rate(model, seen->time, seen->count);
}

static struct rf_seen *make(const json_t *record, const char *text, size_t len, int64_t now)
{
	struct rf_seen *seen = malloc(sizeof(*seen) + len + 1);

	if (!seen)
		return NULL;
	*seen = (struct rf_seen){.kind = (uint8_t)kind_of(record), .len = (uint32_t)len};
	seen->time = rf_words_time(json_string_value(json_object_get(record, "time")));
	if (!seen->time)
		seen->time = now;
	if (seen->kind == RF_SEEN_DENIAL || seen->kind == RF_SEEN_MORE)
		seen->count = count_of(record, "count");
	memcpy(seen->text, text, len);
	seen->text[len] = '\0';
	return seen;
}

int rf_model_add(struct rf_model *model, const char *text, size_t len, int64_t now)
{
	json_t *record = len < RF_MODEL_BYTES / 64 ? json_loadb(text, len, 0, NULL) : NULL;
	const struct rf_seen *last;
	struct rf_seen *seen;

	if (!json_is_string(json_object_get(record, "type"))) {
		model->unreadable++;
		json_decref(record);
		return -EINVAL;
	}
	last = model->next > model->first ? model->ring[(model->next - 1) % RF_MODEL_RECORDS] : NULL;
	seen = make(record, text, len, now || !last ? now : last->time);
	if (!seen) {
		rf_model_lost(model, count_of(record, "count"));
		json_decref(record);
		return -ENOMEM;
	}
	while (model->next > model->first && (model->next - model->first == RF_MODEL_RECORDS ||
					      model->bytes + sizeof(*seen) + len + 1 > RF_MODEL_BYTES))
		drop_oldest(model);
	seen->number = model->next;
	model->ring[model->next++ % RF_MODEL_RECORDS] = seen;
	model->bytes += sizeof(*seen) + len + 1;
	count_in(model, seen, record);
	judge(model, seen, record);
	json_decref(record);
	return 0;
}

void rf_model_lost(struct rf_model *model, uint64_t count)
{
	model->lost += count;
}
