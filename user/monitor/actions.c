// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What keys do with what is selected or listed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/editor.h"
#include "monitor/view.h"
#include "monitor/words.h"

#define FILE_MAX (1 << 20)

bool rf_where(const char *where, char *file, size_t size, long *line)
{
	const char *colon = where ? strrchr(where, ':') : NULL;
	char *end;

	if (!colon || colon == where || (size_t)(colon - where) >= size)
		return false;
	*line = strtol(colon + 1, &end, 10);
	memcpy(file, where, (size_t)(colon - where));
	file[colon - where] = '\0';
	return !*end && *line > 0;
}

char *rf_file_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text = NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		errno = EINVAL;
	else if ((text = malloc(FILE_MAX + 1))) {
		got = read(fd, text, FILE_MAX);
		text[got > 0 ? got : 0] = '\0';
	}
	close(fd);
	return text;
}

/* ---------------------------------------------------------------- the clipboard */

static void add_base64(struct rf_line *line, const char *text, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned b[3] = {0};
		char four[4];

		for (size_t k = 0; k < 3 && i + k < len; k++)
			b[k] = (unsigned char)text[i + k];
		four[0] = digit[b[0] >> 2];
		four[1] = digit[(b[0] & 3) << 4 | b[1] >> 4];
		four[2] = i + 1 < len ? digit[(b[1] & 15) << 2 | b[2] >> 6] : '=';
		four[3] = i + 2 < len ? digit[b[2] & 63] : '=';
		rf_line_bytes(line, four, 4);
	}
}

/* Escaped: what is pasted into a shell must not drive it either. */
void rf_act_copy(struct rf_view *view)
{
	struct rf_line text = {0}, bytes = {0};
	json_t *record = view->grouped ? NULL : rf_view_record(view);

	if (record)
		rf_words_member(&text, record, "object");
	else if (view->grouped && view->row_at < view->rows)
		rf_line_name(&text, view->row[view->row_at].key, strlen(view->row[view->row_at].key), 0);
	if (text.len) {
		rf_line_string(&bytes, "\033]52;c;");
		add_base64(&bytes, text.text, text.len);
		rf_line_string(&bytes, "\a");
		rf_screen_send(&bytes);
		rf_view_status(view, false, "copied %zu bytes, where the terminal takes OSC 52", text.len);
	} else if (!view->problem) {
		rf_view_status(view, true, "it has nothing to copy");
	}
	json_decref(record);
	rf_line_free(&text);
	rf_line_free(&bytes);
}

/* ---------------------------------------------------------------- files and commands */

static void write_record(FILE *f, const struct rf_seen *seen, bool json)
{
	struct rf_line line = {0};
	json_t *record;

	if (json) {
		fprintf(f, "%s\n", seen->text);
		return;
	}
	record = json_loadb(seen->text, seen->len, 0, NULL);
	rf_words_clock(&line, seen->time);
	rf_line_string(&line, " ");
	rf_words_line(&line, record);
	rf_line_string(&line, "\n");
	fwrite(line.text, 1, line.failed ? 0 : line.len, f);
	rf_line_free(&line);
	json_decref(record);
}

void rf_act_write(struct rf_view *view, const char *path)
{
	/* Nothing is written over. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	size_t len = strlen(path), count = 0;
	bool json = len > 5 && !strcmp(path + len - 5, ".json"), good;
	char full[PATH_MAX];

	if (!f) {
		rf_view_status(view, true, "%s: %s", path, strerror(errno));
		return;
	}
	while (rf_model_judge(view->model, 1000))
		;
	for (uint64_t n = view->model->first; n < rf_view_end(view); n++) {
		const struct rf_seen *seen = rf_model_at(view->model, n);

		if (seen && seen->fate == RF_FATE_SHOWN) {
			write_record(f, seen, json);
			count++;
		}
	}
	good = !ferror(f);
	good = fclose(f) == 0 && good;
	rf_view_status(view, !good, good ? "wrote %zu records to %s" : "could not write all of %zu records to %s",
		       count, realpath(path, full) ? full : path);
}

static void add_quoted(struct rf_line *line, const char *word)
{
	rf_line_string(line, " ");
	if (word[0] && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,@-")]) {
		rf_line_string(line, word);
		return;
	}
	rf_line_string(line, "'");
	for (; *word; word++)
		rf_line_format(line, *word == '\'' ? "'\\''" : "%c", *word);
	rf_line_string(line, "'");
}

void rf_act_command(struct rf_view *view)
{
	struct rf_line line = {0};

	rf_line_string(&line, "ringfence monitor --once");
	if (view->grouped)
		rf_line_format(&line, " --group %s", rf_grouping_words[view->model->groups.grouping]);
	else
		rf_line_string(&line, " -o lines");
	if (view->filter[0])
		add_quoted(&line, view->filter);
	if (view->path)
		add_quoted(&line, view->path);
	rf_view_status(view, false, "%.*s", (int)line.len, line.text);
	rf_line_free(&line);
}

void rf_act_editor(struct rf_view *view)
{
	json_t *record = rf_view_record(view);
	char file[PATH_MAX + 2];
	long line;

	if (!record)
		return;
	/* "./": no name is taken for an option. */
	if (!rf_where(json_string_value(json_object_get(record, "where")), file + 2, sizeof(file) - 2, &line))
		rf_view_status(view, true, "no rule of a file stands behind it");
	else if (access(file + 2, R_OK))
		rf_view_status(view, true, "%s: %s", file + 2, strerror(errno));
	else if (rf_screen_edit(file[2] == '/' ? file + 2 : memcpy(file, "./", 2), line))
		rf_view_status(view, true, "the editor failed: %s", rf_editor_name());
	json_decref(record);
}

/* ---------------------------------------------------------------- muting */

void rf_act_mute(struct rf_view *view)
{
	enum rf_grouping by = view->grouped ? view->model->groups.grouping : RF_BY_RULE;
	json_t *record = view->grouped ? NULL : rf_view_record(view);
	char key[RF_KEY_MAX] = "";

	if (record)
		rf_words_key(record, by, key);
	else if (view->grouped && view->row_at < view->rows)
		snprintf(key, sizeof(key), "%s", view->row[view->row_at].key);
	json_decref(record);
	if (!key[0])
		return;
	if (rf_model_mute(view->model, by, key))
		rf_view_status(view, true, "out of memory");
	else
		rf_view_status(view, false, "muted until the end: %s; M mutes nothing any more", key);
	view->stale = true;
}

void rf_act_unmute(struct rf_view *view)
{
	rf_model_unmute(view->model);
	view->stale = true;
	rf_view_status(view, false, "nothing is muted");
}
