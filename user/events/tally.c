// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "events/tally.h"

static struct rf_tally_row *find(struct rf_tally *tally, const struct rf_line *by, bool would)
{
	for (size_t i = 0; i < tally->rows; i++) {
		struct rf_tally_row *row = &tally->row[i];

		if (row->would == would && row->len == by->len && memcmp(row->by, by->text, by->len) == 0)
			return row;
	}
	return NULL;
}

static struct rf_tally_row *add(struct rf_tally *tally, const struct rf_line *by, bool would)
{
	struct rf_tally_row *row;
	char *text;

	if (tally->rows == RF_TALLY_MAX || by->failed)
		return NULL;
	row = realloc(tally->row, (tally->rows + 1) * sizeof(*row));
	if (!row)
		return NULL;
	tally->row = row;
	text = strndup(by->text ? by->text : "", by->len);
	if (!text)
		return NULL;
	row = &tally->row[tally->rows++];
	*row = (struct rf_tally_row){.by = text, .len = by->len, .would = would};
	return row;
}

void rf_tally_add(struct rf_tally *tally, const struct rf_line *by, bool would, uint64_t count)
{
	struct rf_tally_row *row = find(tally, by, would);

	if (!row)
		row = add(tally, by, would);
	if (row)
		row->count += count;
	else
		tally->others += count;
}

static int most_first(const void *a, const void *b)
{
	const struct rf_tally_row *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->by, y->by);
}

void rf_tally_print(struct rf_tally *tally, struct rf_line *line, const char *before, const char *others)
{
	uint64_t rest = tally->others;

	if (tally->rows)
		qsort(tally->row, tally->rows, sizeof(*tally->row), most_first);
	for (size_t i = 0; i < tally->rows; i++) {
		const struct rf_tally_row *row = &tally->row[i];

		if (i < RF_TALLY_SHOWN)
			rf_line_format(line, "ringfence: %7llu  %s%s%s\n", (unsigned long long)row->count,
				       row->would ? "would be denied " : "", before, row->by);
		else
			rest += row->count;
	}
	if (rest)
		rf_line_format(line, "ringfence: %7llu  %s\n", (unsigned long long)rest, others);
}

void rf_tally_free(struct rf_tally *tally)
{
	for (size_t i = 0; i < tally->rows; i++)
		free(tally->row[i].by);
	free(tally->row);
	memset(tally, 0, sizeof(*tally));
}
