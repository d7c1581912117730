// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the monitor counts: the ring and its bounds, groups, folders, mutes; sums that hold at any time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/model.h"
#include "monitor/words.h"

static void add(struct rf_model *model, const char *path, unsigned count)
{
	char text[1024];

	snprintf(
		text, sizeof(text),
		"{\"type\":\"denial\",\"time\":\"2026-03-01T10:00:00Z\",\"sandbox\":7,\"comm\":\"p\",\"kind\":\"file\","
		"\"object\":\"%s\",\"verdict\":\"denied\",\"policy\":\"web\",\"rule\":\"files[%zu]\",\"count\":%u,"
		"\"again\":false}",
		path, strlen(path) % 3, count);
	assert_int_equal(rf_model_add(model, text, strlen(text), 0), 0);
}

struct sum {
	uint64_t count;
	size_t groups;
	const char *want; /* a key */
	uint64_t of;	  /* its count */
};

static void add_up(void *context, const struct rf_group *group)
{
	struct sum *sum = context;

	sum->count += group->count;
	sum->groups++;
	if (sum->want && !strcmp(group->key, sum->want))
		sum->of = group->count;
}

/* The promise: whatever was done, all that was made is somewhere. Returns the groups' sum with a key's own. */
static struct sum check_sums(const struct rf_model *model, uint64_t made, const char *want)
{
	const struct rf_sums *s = &model->sums;
	struct sum sum = {.want = want};

	rf_groups_each(&model->groups, add_up, &sum);
	assert_int_equal(s->made, made);
	assert_int_equal(s->shown + s->hidden + s->muted + s->rest, made);
	assert_int_equal(sum.count + model->groups.others, s->shown);
	assert_int_equal(model->told + model->merged, made);
	return sum;
}

static struct rf_filter *filter_of(const char *text)
{
	struct rf_filter *filter = NULL;
	char *problem = NULL;

	assert_int_equal(rf_filter_parse(text, &filter, &problem), 0);
	return filter;
}

static void test_sums(void **state)
{
	struct rf_model *model = rf_model_new();
	char path[64];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/srv/%u/%u", i % 5, i);
		add(model, path, 1 + i % 3);
	}
	for (int g = 0; g < RF_GROUPING_COUNT; g++) {
		rf_model_group(model, (enum rf_grouping)g);
		while (rf_model_judge(model, 7))
			check_sums(model, 1999, NULL);
		check_sums(model, 1999, NULL);
		assert_int_equal(model->sums.rest, 0);
	}
	rf_model_filter(model, filter_of("path=/srv/1/*"));
	add(model, "/srv/1/while", 10);
	add(model, "/srv/2/while", 10);
	while (rf_model_judge(model, 1))
		check_sums(model, 2019, NULL);
	assert_int_equal(model->sums.hidden + model->sums.shown, 2019);
	assert_true(model->sums.shown > 10 && model->sums.hidden > 10);
	rf_model_filter(model, NULL);
	assert_int_equal(rf_model_mute(model, RF_BY_RULE, "web files[0]"), 0);
	while (rf_model_judge(model, 100))
		;
	check_sums(model, 2019, "web files[0]");
	assert_true(model->sums.muted > 0);
	assert_int_equal(model->sums.muted + model->sums.shown, 2019);
	rf_model_unmute(model);
	while (rf_model_judge(model, 100))
		;
	check_sums(model, 2019, NULL);
	assert_int_equal(model->sums.shown, 2019);
	rf_model_free(model);
}

static void test_ring(void **state)
{
	struct rf_model *model = rf_model_new();
	char path[1024] = "/";

	(void)state;
	for (unsigned i = 0; i < RF_MODEL_RECORDS + 5; i++)
		add(model, "/x", 1);
	assert_int_equal(model->next - model->first, RF_MODEL_RECORDS);
	assert_null(rf_model_at(model, 4));
	assert_non_null(rf_model_at(model, 5));
	/* What is no longer kept can't be judged anew, and is not forgotten. */
	rf_model_group(model, RF_BY_FOLDER);
	while (rf_model_judge(model, 100000))
		;
	check_sums(model, RF_MODEL_RECORDS + 5, NULL);
	assert_int_equal(model->sums.rest, 5);
	/* Its other bound. */
	memset(path + 1, 'a', 700);
	for (unsigned i = 0; i < RF_MODEL_RECORDS; i++)
		add(model, path, 1);
	assert_true(model->bytes <= RF_MODEL_BYTES);
	assert_true(model->next - model->first < RF_MODEL_RECORDS);
	check_sums(model, 2 * RF_MODEL_RECORDS + 5, NULL);
	rf_model_free(model);
}

static void test_folders(void **state)
{
	struct rf_model *model = rf_model_new();
	struct sum sum;
	char path[64];

	(void)state;
	rf_model_group(model, RF_BY_FOLDER);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/a/b/%u", i);
		add(model, path, 1);
	}
	sum = check_sums(model, 8, "/a/b");
	assert_int_equal(sum.groups, 8);
	add(model, "/a/b/ninth", 1);
	sum = check_sums(model, 9, "/a/b");
	assert_int_equal(sum.groups, 1);
	assert_int_equal(sum.of, 9);
	/* It climbs. */
	for (unsigned i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/a/c%u/x/y", i);
		add(model, path, 1);
	}
	sum = check_sums(model, 17, "/a");
	assert_int_equal(sum.groups, 1);
	assert_int_equal(sum.of, 17);
	/* Beside it, a folder that is denied itself; "/" does not close. */
	add(model, "/", 2);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "/top%u/x", i);
		add(model, path, 1);
	}
	sum = check_sums(model, 219, "/");
	assert_int_equal(sum.of, 2);
	assert_true(model->groups.others > 0);
	rf_model_free(model);
}

static void test_bounds(void **state)
{
	struct rf_model *model = rf_model_new();
	char text[256];
	struct sum sum;

	(void)state;
	rf_model_group(model, RF_BY_DESTINATION);
	for (unsigned i = 0; i < 2 * RF_GROUPS_MAX; i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"denial\",\"kind\":\"net\",\"address\":\"10.0.%u.%u\",\"port\":1,\"count\":1}",
			 i / 256, i % 256);
		assert_int_equal(rf_model_add(model, text, strlen(text), 1), 0);
	}
	sum = check_sums(model, 2 * RF_GROUPS_MAX, "10.0.0.1:1");
	assert_int_equal(sum.groups, RF_GROUPS_MAX);
	assert_int_equal(sum.of, 1);
	assert_int_equal(model->groups.others, RF_GROUPS_MAX);
	rf_model_free(model);
}

static void test_what_is_no_denial(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "{}", "{\"type\":3}", "\"denial\"", "{\"type\":\"denial\"} x"};
	static const char lost[] = "{\"type\":\"lost\",\"count\":3,\"malformed\":1}";
	static const char more[] = "{\"type\":\"more\",\"sandbox\":1,\"count\":5}";
	static const char odd[] =
		"{\"type\":\"denial\",\"count\":-4,\"object\":[],\"time\":7,\"parents\":\"x\",\"policy\":{}}";
	static const char huge[] =
		"{\"type\":\"denial\",\"count\":9223372036854775807,\"time\":\"9999-99-99T99:99:99Z\"}";
	struct rf_model *model = rf_model_new();
	struct rf_line line = {0};
	json_t *record;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rf_model_add(model, bad[i], strlen(bad[i]), 1), -EINVAL);
	assert_int_equal(model->unreadable, sizeof(bad) / sizeof(bad[0]));
	rf_model_filter(model, filter_of("policy=none"));
	assert_int_equal(rf_model_add(model, lost, strlen(lost), 1), 0);
	assert_int_equal(model->lost, 4);
	/* No filter hides a loss. */
	assert_int_equal(rf_model_at(model, 0)->fate, RF_FATE_SHOWN);
	rf_model_filter(model, NULL);
	assert_int_equal(rf_model_add(model, more, strlen(more), 1), 0);
	assert_int_equal(model->merged, 5);
	assert_int_equal(rf_model_add(model, odd, strlen(odd), 1), 0);
	assert_int_equal(rf_model_add(model, huge, strlen(huge), 1), 0);
	check_sums(model, 5 + (UINT64_C(1) << 48), NULL);
	for (int i = 0; i < 2; i++) {
		record = json_loads(i ? odd : huge, 0, NULL);
		rf_words_line(&line, record);
		rf_words_details(&line, record);
		json_decref(record);
	}
	rf_line_free(&line);
	rf_model_free(model);
}

static void test_words(void **state)
{
	json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "type", "denial", "object", "/a\033]0;x\a",
				   "object_hex", "2f61ff0a", "comm", "\xe2\x80\xae", "policy", "p\x1b", "tgid", 3);
	struct rf_line line = {0};

	(void)state;
	rf_words_line(&line, record);
	rf_words_details(&line, record);
	rf_line_bytes(&line, "", 1);
	assert_non_null(strstr(line.text, "/a\\xff\\n"));
	assert_null(strchr(line.text, '\033'));
	assert_null(strstr(line.text, "\xe2\x80\xae"));
	rf_line_free(&line);
	json_decref(record);
	assert_int_equal(rf_words_time("1970-01-02T00:00:01.5Z"), INT64_C(86401500000000));
}

static void test_rates(void **state)
{
	struct rf_model *model = rf_model_new();
	const int64_t at = INT64_C(1772359200) * 1000000000; /* of add() */

	(void)state;
	add(model, "/x", 4);
	assert_int_equal(rf_model_minute(model), 4);
	rf_model_tick(model, at + INT64_C(59) * 1000000000);
	assert_int_equal(rf_model_minute(model), 4);
	rf_model_tick(model, at + INT64_C(60) * 1000000000);
	assert_int_equal(rf_model_minute(model), 0);
	/* It came late. */
	add(model, "/x", 4);
	assert_int_equal(rf_model_minute(model), 0);
	rf_model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_what_is_no_denial),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
