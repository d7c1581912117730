// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "events/text.h"
#include "notify/message.h"
#include "policy/memory.h"

#define SHOWN_MAX 160 /* bytes of a name in the sentence */

/* At most so many rows are told in the sentence: it is read in a corner of a screen. */
#define SENTENCE_ROWS 6

static void name(struct rf_line *line, const char *text)
{
	size_t len = strlen(text), shown = len;

	if (len > SHOWN_MAX)
		for (shown = SHOWN_MAX; shown && ((unsigned char)text[shown] & 0xc0) == 0x80; shown--)
			;
	rf_line_name(line, text, shown, 0);
	if (shown < len)
		rf_line_string(line, "...");
}

/* How long it took, as people say it. */
static void span(struct rf_line *line, const struct rf_bundle *bundle)
{
	long long seconds = (long long)(bundle->until - bundle->since);

	if (seconds < 2)
		return;
	if (seconds > 45 && seconds < 75)
		rf_line_string(line, " in the last minute");
	else if (seconds < 75)
		rf_line_format(line, " in %lld seconds", seconds);
	else
		rf_line_format(line, " in %lld minutes", (seconds + 30) / 60);
}

static void row(struct rf_line *line, const struct rf_bundle_row *of)
{
	name(line, of->access);
	if (of->object[0]) {
		rf_line_string(line, " ");
		name(line, of->object);
	}
	rf_line_format(line, " (%llu%s)", (unsigned long long)of->count, of->audited ? ", not refused: audit" : "");
}

static int by_count(const void *a, const void *b)
{
	const struct rf_bundle_row *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : 0;
}

char *rf_message_text(const struct rf_bundle *bundle)
{
	struct rf_bundle_row sorted[RF_BUNDLE_ROWS];
	struct rf_line line = {.text = NULL};
	uint64_t left = bundle->count;
	char *text;

	memcpy(sorted, bundle->row, sizeof(sorted));
	qsort(sorted, bundle->rows, sizeof(sorted[0]), by_count);
	rf_line_format(&line, "%llu denial%s in ", (unsigned long long)bundle->count, bundle->count == 1 ? "" : "s");
	if (bundle->others)
		rf_line_string(&line, "other sandboxes");
	else
		name(&line, bundle->unit && bundle->unit[0] ? bundle->unit : "a cgroup that is gone");
	span(&line, bundle);
	for (size_t i = 0; i < bundle->rows && i < SENTENCE_ROWS; i++) {
		rf_line_string(&line, i ? ", " : ": ");
		row(&line, &sorted[i]);
		left -= sorted[i].count;
	}
	if (left)
		rf_line_format(&line, "%sand %llu more", bundle->rows ? ", " : ": ", (unsigned long long)left);
	text = line.failed ? NULL : strndup(line.text, line.len);
	rf_line_free(&line);
	return text;
}

/* What is no UTF-8 can't be in JSON: it is escaped, as in the sentence. NULL for what is empty. */
static json_t *string(const char *text)
{
	struct rf_line line = {.text = NULL};
	json_t *json;

	if (!text || !text[0])
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	rf_line_name(&line, text, strlen(text), 0);
	json = line.failed ? NULL : json_stringn(line.text, line.len);
	rf_line_free(&line);
	return json;
}

static json_t *stamp(time_t at)
{
	char text[32];
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

static json_t *denials(const struct rf_bundle *bundle)
{
	json_t *array = json_array();

	for (size_t i = 0; i < bundle->rows; i++) {
		const struct rf_bundle_row *of = &bundle->row[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o, s:o, s:s, s:I}", "policy", string(of->policy), "rule",
						string(of->rule), "access", string(of->access), "object",
						string(of->object), "verdict", of->audited ? "would-deny" : "denied",
						"count", (json_int_t)of->count));
	}
	return array;
}

/* Its policy, where all that is known of it is of one. */
static const char *policy_of(const struct rf_bundle *bundle)
{
	for (size_t i = 1; i < bundle->rows; i++)
		if (strcmp(bundle->row[i].policy, bundle->row[0].policy) != 0)
			return NULL;
	return bundle->rows ? bundle->row[0].policy : NULL;
}

char *rf_message_json(const struct rf_bundle *bundle, const char *host)
{
	RF_AUTO_FREE char *sentence = rf_message_text(bundle);
	json_t *json;
	char *text;

	if (!sentence)
		return NULL;
	json = json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:o}", "host", string(host), "sandbox",
			 bundle->others ? json_null() : json_integer((json_int_t)bundle->sandbox), "unit",
			 string(bundle->unit), "policy", string(policy_of(bundle)), "count", (json_int_t)bundle->count,
			 "since", stamp(bundle->since), "until", stamp(bundle->until), "denials", denials(bundle),
			 "more", (json_int_t)bundle->more, "text", string(sentence));
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}

static json_t *texts(const struct rf_text *text, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(text[i].text));
	return array;
}

char *rf_message_request(const struct rf_notifier *notifier, const struct rf_bundle *bundle, const char *host)
{
	static const char *const kinds[] = {
		[RF_NOTIFY_WEBHOOK] = "webhook", [RF_NOTIFY_DESKTOP] = "desktop", [RF_NOTIFY_COMMAND] = "command"};
	RF_AUTO_FREE char *body =
		notifier->kind == RF_NOTIFY_DESKTOP ? rf_message_text(bundle) : rf_message_json(bundle, host);
	json_t *json;
	char *text;

	if (!body)
		return NULL;
	json = json_pack("{s:s, s:s?, s:s?, s:o, s:o, s:s}", "kind", kinds[notifier->kind], "url", notifier->url,
			 "user", notifier->user, "headers", texts(notifier->header, notifier->headers), "command",
			 texts(notifier->word, notifier->words), "body", body);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}
