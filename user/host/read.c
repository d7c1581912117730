// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/auto.h"
#include "host/read.h"

#define FILE_MAX (1u << 20)

/* The size of such files is not known before they are read. */
char *rf_host_read(int dir, const char *path)
{
	RF_AUTO_CLOSE int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	RF_AUTO_FREE char *text = NULL;
	size_t len = 0, room = 4096;
	char *taken;

	if (fd < 0)
		return NULL;
	for (ssize_t n = 1; n > 0; len += (size_t)n) {
		char *more = len + 1 < room && text ? text : realloc(text, room = text ? 2 * room : room);

		if (!more || len > FILE_MAX) {
			errno = more ? EFBIG : ENOMEM;
			text = more ? more : text;
			return NULL;
		}
		text = more;
		n = read(fd, text + len, room - len - 1);
		if (n < 0)
			return NULL;
	}
	len -= len && text[len - 1] == '\n';
	text[len] = '\0';
	taken = text;
	text = NULL;
	return taken;
}

/* The value in "NAME=value" or "# NAME is not set"; NULL: the line is about something else. */
static char *setting(char *line, const char *name)
{
	size_t len = strlen(name);

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' && line[1] == ' ' && strncmp(line + 2, name, len) == 0 && line[2 + len] == ' ')
		return strdup("n");
	if (strncmp(line, name, len) != 0 || line[len] != '=')
		return NULL;
	line += len + 1;
	if (line[0] == '"') {
		line++;
		line[strcspn(line, "\"")] = '\0';
	}
	return strdup(line);
}

char *rf_host_config(const char *name)
{
	struct utsname system;
	char path[sizeof(system.release) + 16], line[4096], *value = NULL;
	gzFile file;

	/* zlib reads plain text as well. */
	file = gzopen("/proc/config.gz", "re");
	if (!file && uname(&system) == 0) {
		snprintf(path, sizeof(path), "/boot/config-%s", system.release);
		file = gzopen(path, "re");
	}
	if (!file)
		return NULL;
	while (!value && gzgets(file, line, sizeof(line)))
		value = setting(line, name);
	gzclose(file);
	/* A setting whose dependencies are not met is not written down at all. */
	return value ? value : strdup("n");
}
