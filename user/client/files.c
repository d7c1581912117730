// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/server.h"
#include "client/files.h"
#include "policy/memory.h"

/* Adds bytes, and counts the lines. */
static void add_text(struct rf_files *files, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		files->lines += text[i] == '\n';
	rf_line_bytes(&files->text, text, len);
}

/* Reads on until the end, or until there is more than the agent takes. */
static int read_into(struct rf_files *files, int fd)
{
	char piece[16384];
	ssize_t n;
	bool first = true;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		/* A byte order mark may stand in front of a file, but not within a text. */
		size_t skip = first && n >= 3 && !memcmp(piece, "\xef\xbb\xbf", 3) ? 3 : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		add_text(files, piece + skip, (size_t)n - skip);
		first = false;
		if (files->text.len > RF_API_BODY_MAX)
			return -EFBIG;
	}
	return 0;
}

static int add_file(struct rf_files *files, const char *path)
{
	bool input = !strcmp(path, "-");
	struct rf_file *grown = rf_grow(files->file, files->count, sizeof(*grown));
	int fd, err;

	if (!grown)
		return -ENOMEM;
	files->file = grown;
	if (files->text.len && files->text.text[files->text.len - 1] != '\n')
		add_text(files, "\n", 1);
	if (files->count)
		add_text(files, "---\n", 4); /* where one is there already, an empty document is no policy */
	grown[files->count].name = strdup(input ? "<stdin>" : path);
	grown[files->count].first = files->lines + 1;
	files->count++;
	fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	err = read_into(files, fd);
	if (!input)
		close(fd);
	return files->text.failed ? -ENOMEM : err;
}

static int is_policy_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static int add_folder(struct rf_files *files, const char *path, char **bad)
{
	struct dirent **entry;
	int count = scandir(path, &entry, is_policy_file, alphasort), err = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		char *name = NULL;

		if (!err && asprintf(&name, "%s/%s", path, entry[i]->d_name) < 0) {
			name = NULL;
			err = -ENOMEM;
		}
		if (!err)
			err = add_file(files, name);
		if (err && name && !*bad)
			*bad = name;
		else
			free(name);
		free(entry[i]);
	}
	free(entry);
	return count ? err : -ENODATA;
}

int rf_files_add(struct rf_files *files, const char *path, char **bad)
{
	struct stat st;

	*bad = NULL;
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(files, path, bad);
	return add_file(files, path);
}

void rf_files_place(const struct rf_files *files, json_t *details)
{
	json_t *detail;
	size_t i;

	json_array_foreach(details, i, detail)
	{
		json_int_t line = json_integer_value(json_object_get(detail, "line"));
		const struct rf_file *of = NULL;

		for (size_t k = 0; k < files->count && (!k || files->file[k].first <= line); k++)
			of = &files->file[k];
		if (!of || (!line && files->count > 1))
			continue;
		json_object_set_new(detail, "file", rf_api_string(of->name));
		if (line)
			json_object_set_new(detail, "line", json_integer(line - of->first + 1));
	}
}

void rf_files_free(struct rf_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->file[i].name);
	free(files->file);
	rf_line_free(&files->text);
	memset(files, 0, sizeof(*files));
}
