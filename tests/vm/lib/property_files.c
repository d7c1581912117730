// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/lib/property.h"
#include "vm/lib/world.h"

bool make_parents(const char *path)
{
	char folder[RF_PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return true;
}

static bool changes_names(enum way way)
{
	return way == WAY_CREATE || way == WAY_MKDIR || way == WAY_UNLINK || way >= WAY_RENAME;
}

/* Whether `path` is `of` or lies beneath it. */
static bool beneath(const char *path, size_t len, const char *of, size_t of_len)
{
	return len >= of_len && !memcmp(path, of, of_len) && (len == of_len || path[of_len] == '/');
}

bool name_is_free(const struct round *round, const char *path, size_t len)
{
	for (size_t i = 0; i < round->count; i++) {
		const struct question *q = &round->question[i];

		if (beneath(q->probe.path, q->probe.len, path, len) || beneath(q->second, q->second_len, path, len))
			return false;
	}
	return true;
}

bool name_is_steady(const struct round *round, const char *path, size_t len)
{
	for (size_t i = 0; i < round->count; i++) {
		const struct question *q = &round->question[i];

		if (changes_names(q->way) && (beneath(path, len, q->probe.path, q->probe.len) ||
					      (q->second_len && beneath(path, len, q->second, q->second_len))))
			return false;
	}
	return true;
}

bool files_prepare(struct round *round, struct question *question)
{
	static const enum way writes[] = {WAY_OPEN_WRITE, WAY_CREATE, WAY_MKDIR, WAY_UNLINK, WAY_CHMOD, WAY_TRUNCATE};
	const char *path = question->probe.path;
	size_t len = question->probe.len;
	struct stat st;

	if (len < strlen(round->gen->prefix) + 2 || !name_is_steady(round, path, len) || strlen(path) != len)
		return false;
	if (question->probe.access == RF_READ)
		question->way = WAY_OPEN_READ;
	else if (question->probe.access == RF_EXEC)
		question->way = WAY_EXEC;
	else
		question->way = writes[gen_below(round->gen, sizeof(writes) / sizeof(writes[0]))];
	if (changes_names(question->way) && !name_is_free(round, path, len))
		return false;
	if (!round->made_first)
		return true;
	/* What is there is a folder, or has this very name. */
	if (!lstat(path, &st) && (changes_names(question->way) || S_ISDIR(st.st_mode)))
		return question->way == WAY_OPEN_READ || question->way == WAY_CHMOD;
	return files_create(question);
}

bool files_create(const struct question *question)
{
	const char *path = question->probe.path;
	struct stat st;

	if (!make_parents(path))
		return false;
	if (question->way == WAY_CREATE || question->way == WAY_MKDIR)
		return lstat(path, &st) && errno == ENOENT;
	if (!lstat(path, &st))
		return question->way == WAY_OPEN_READ || question->way == WAY_CHMOD || S_ISREG(st.st_mode);
	if (errno != ENOENT)
		return false;
	/* Every file can be run: another question may ask for that. */
	make_tool(path);
	return true;
}

int files_ask(const struct question *question)
{
	const char *path = question->probe.path;

	switch (question->way) {
	case WAY_OPEN_READ:
		return try_open(path, O_RDONLY);
	case WAY_OPEN_WRITE:
		return try_open(path, O_WRONLY);
	case WAY_CREATE:
		return try_open(path, O_WRONLY | O_CREAT | O_EXCL);
	case WAY_MKDIR:
		return ERRNO(mkdir(path, 0700));
	case WAY_UNLINK:
		return ERRNO(unlink(path));
	case WAY_CHMOD:
		return ERRNO(chmod(path, 0755));
	case WAY_TRUNCATE:
		return ERRNO(truncate(path, 4096));
	case WAY_EXEC:
		return try_exec(path);
	default:
		return EBADF;
	}
}

struct expected files_expect(const struct round *round, const struct question *question)
{
	const struct gen_probe *probe = &question->probe;
	struct ref_verdict ref =
		ref_path(round->fence.set.policy, probe->section, probe->access, probe->path, probe->len);
	struct expected expected = {.access = probe->access, .rule = ref.rule};

	if (!ref.allow)
		expected.error = ref.hide && probe->section == RF_FILES ? ENOENT : EACCES;
	return expected;
}
