// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the maker of a sandbox leaves for others in /run/ringfence/sandbox-<id>/: where its cgroup is, and each of its
 * policies as it was bound, so that a denial by an ancestor's policy can be explained by whoever sees it.
 * The folder's lock is held for as long as the maker lives: a pid could be another process's by now.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "engine/internal.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FOLDER_LEN   64
#define KEPT_MAX     (RF_POLICY_FILE_MAX + (1u << 20))

static const char *folder_of(char buf[FOLDER_LEN], uint64_t id)
{
	snprintf(buf, FOLDER_LEN, "%s/sandbox-%llu", RF_STATE, (unsigned long long)id);
	return buf;
}

char *rf_read_at(int dir, const char *path, size_t max, size_t *len)
{
	RF_AUTO_CLOSE int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	RF_AUTO_FREE char *text = NULL;
	size_t have = 0, room = 0;
	ssize_t got;
	char *whole;

	if (fd < 0)
		return NULL;
	do {
		if (have + 1 >= room) {
			char *more = realloc(text, room ? room * 2 : 4096);

			if (!more)
				return NULL;
			text = more;
			room = room ? room * 2 : 4096;
		}
		got = read(fd, text + have, room - have - 1);
		if (got < 0)
			return NULL;
		have += (size_t)got;
		if (have > max) {
			errno = EFBIG;
			return NULL;
		}
	} while (got);
	text[have] = '\0';
	if (len)
		*len = have;
	whole = text;
	text = NULL;
	return whole;
}

/* ------------------------------------------------------------------- writing */

int rf_kept_make(uint64_t id, const char *cgroup, struct rf_error *error)
{
	char path[FOLDER_LEN];
	RF_AUTO_CLOSE int fd = -1;
	RF_AUTO_CLOSE int file = -1;
	struct iovec text = {.iov_base = (void *)cgroup, .iov_len = strlen(cgroup)};

	/* A folder of this name can only be of an earlier boot whose /run was kept, or of an engine unloaded since. */
	rf_kept_remove(id);
	if (mkdir(folder_of(path, id), 0700))
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	fd = open(path, FOLDER_FLAGS);
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB))
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	file = openat(fd, "cgroup", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 || writev(file, &text, 1) != (ssize_t)text.iov_len)
		return rf_error_set(error, errno, "%s/cgroup: %s", path, strerror(errno));
	return rf_take_fd(&fd);
}

int rf_kept_service(struct rf_error *error)
{
	char path[FOLDER_LEN];
	int fd;

	if (mkdir(folder_of(path, 0), 0700) && errno != EEXIST)
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	fd = open(path, FOLDER_FLAGS);
	return fd < 0 ? rf_error_set(error, errno, "%s: %s", path, strerror(errno)) : fd;
}

/* Fields end with a NUL: file, document, generation; then names and values; an empty name; then the policy's text. */
int rf_kept_policy(int state, const struct rf_bound *bound, struct rf_error *error)
{
	RF_AUTO_CLOSE int fd = -1;
	RF_AUTO_FREE char *head = NULL;
	char name[32];
	size_t len = 0;
	FILE *stream = open_memstream(&head, &len);

	if (!stream)
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	fprintf(stream, "%s%c%zu%c%llu%c", bound->file, 0, bound->document, 0, (unsigned long long)bound->generation,
		0);
	for (size_t i = 0; bound->vars && i < bound->vars->count; i++)
		fprintf(stream, "%s%c%s%c", bound->vars->pair[i].key, 0, bound->vars->pair[i].value, 0);
	fputc(0, stream);
	fwrite(bound->text, 1, bound->text_len, stream);
	if (fclose(stream))
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	snprintf(name, sizeof(name), "policy-%u", bound->slot);
	fd = openat(state, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, head, len) != (ssize_t)len)
		return rf_error_set(error, errno, "%s: %s: %s", RF_STATE, name, strerror(errno));
	return 0;
}

void rf_kept_remove(uint64_t id)
{
	char path[FOLDER_LEN];
	RF_AUTO_CLOSEDIR DIR *dir = opendir(folder_of(path, id));
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	rmdir(path);
}

/* ------------------------------------------------------------------- reading */

int rf_kept_owned(uint64_t id)
{
	char path[FOLDER_LEN];
	RF_AUTO_CLOSE int fd = open(folder_of(path, id), FOLDER_FLAGS);

	if (fd < 0)
		return -errno;
	return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : 1;
}

char *rf_kept_cgroup(uint64_t id)
{
	char path[FOLDER_LEN + 16];

	folder_of(path, id);
	strcat(path, "/cgroup");
	return rf_read_at(AT_FDCWD, path, 1u << 16, NULL);
}

/* The next field, or NULL at the end. */
static char *field(char **at, const char *end)
{
	char *start = *at, *stop = memchr(start, 0, (size_t)(end - start));

	if (!stop)
		return NULL;
	*at = stop + 1;
	return start;
}

static int parse_kept(char *text, size_t len, struct rf_kept *kept, struct rf_vars *vars)
{
	const char *end = text + len;
	struct rf_diags diags = {.diag = NULL};
	char *file = field(&text, end), *document = file ? field(&text, end) : NULL;
	char *generation = document ? field(&text, end) : NULL, *name = generation ? field(&text, end) : NULL;
	int err = 0;

	if (!name)
		return -EBADMSG;
	kept->document = strtoul(document, NULL, 10);
	kept->generation = strtoull(generation, NULL, 10);
	while (!err && *name) {
		char *value = field(&text, end);

		err = value ? rf_vars_set(vars, name, value) : -EBADMSG;
		name = value ? field(&text, end) : NULL;
		if (!name)
			return -EBADMSG;
	}
	err = err ? err : rf_policies_parse(&kept->policies, file, text, (size_t)(end - text), &diags);
	if (!err && kept->document >= kept->policies.count)
		err = -EBADMSG;
	if (!err)
		err = rf_policy_bind(&kept->policies.policy[kept->document], vars, true, &diags);
	rf_diags_free(&diags);
	return err;
}

int rf_kept_find(struct rf_kernel *kernel, uint64_t sandbox, uint32_t slot, struct rf_kept *kept)
{
	char path[FOLDER_LEN + 32];
	RF_AUTO_FREE char *text = NULL;
	struct rf_vars vars = {.pair = NULL};
	size_t len;
	int err;

	(void)kernel;
	*kept = (struct rf_kept){.document = 0};
	folder_of(path, sandbox);
	snprintf(path + strlen(path), 32, "/policy-%u", slot);
	text = rf_read_at(AT_FDCWD, path, KEPT_MAX, &len);
	if (!text) { /* no maker left it: it is one that is in force by name */
		folder_of(path, 0);
		snprintf(path + strlen(path), 32, "/policy-%u", slot);
		text = rf_read_at(AT_FDCWD, path, KEPT_MAX, &len);
	}
	if (!text)
		return -ENOENT;
	err = parse_kept(text, len, kept, &vars);
	rf_vars_free(&vars);
	if (err)
		rf_kept_free(kept);
	return err;
}

void rf_kept_free(struct rf_kept *kept)
{
	rf_policies_free(&kept->policies);
	*kept = (struct rf_kept){.document = 0};
}
