// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The folder of /etc: whose it is, what is in it, whether it has changed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notify/config.h"
#include "policy/diag.h"
#include "policy/memory.h"

static int is_ours(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static bool wrong(struct rf_diags *diags, const char *path, const char *what)
{
	rf_diag_add(diags, RF_ERROR, (struct rf_where){path, 0, 0}, "%s", what);
	return false;
}

/* Who can write it can have programs run and secrets sent. */
static bool is_safe(const struct stat *st, uid_t owner, const char *path, struct rf_diags *diags)
{
	if (st->st_uid != owner)
		return wrong(diags, path, "it is not root's: chown root");
	if (st->st_mode & 022)
		return wrong(diags, path, "others than its owner can write it: chmod go-w");
	return true;
}

static int read_file(struct rf_notifiers *notifiers, int folder, const char *name, const char *path, uid_t owner,
		     struct rf_diags *diags)
{
	RF_AUTO_FREE char *text = malloc(RF_NOTIFY_FILE_MAX + 1);
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err = 0;
	size_t len = 0;
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st)) {
		wrong(diags, path, strerror(errno));
		err = -EINVAL;
	} else if (!S_ISREG(st.st_mode)) {
		wrong(diags, path, "it is no file");
		err = -EINVAL;
	} else if (!is_safe(&st, owner, path, diags)) {
		err = -EINVAL;
	}
	err = text ? err : -ENOMEM;
	while (!err && len <= RF_NOTIFY_FILE_MAX && (got = read(fd, text + len, RF_NOTIFY_FILE_MAX + 1 - len))) {
		if (got < 0) {
			wrong(diags, path, strerror(errno));
			err = -EINVAL;
			break;
		}
		len += (size_t)got;
	}
	if (!err && len > RF_NOTIFY_FILE_MAX) {
		wrong(diags, path, "it is longer than 256 KiB");
		err = -EINVAL;
	}
	if (fd >= 0)
		close(fd);
	return err ? err : rf_notifiers_parse(notifiers, path, text, len, diags);
}

static int read_all(struct rf_notifiers *notifiers, int fd, const char *folder, uid_t owner, struct rf_diags *diags)
{
	struct dirent **entry = NULL;
	int count = scandirat(fd, ".", &entry, is_ours, alphasort), err = 0;

	if (count < 0)
		return errno == ENOMEM ? -ENOMEM : (wrong(diags, folder, strerror(errno)), -EINVAL);
	/* All of them are read, so that all that is wrong is told. */
	for (int i = 0; i < count; i++) {
		RF_AUTO_FREE char *path = NULL;
		int one = asprintf(&path, "%s/%s", folder, entry[i]->d_name) < 0
				  ? -ENOMEM
				  : read_file(notifiers, fd, entry[i]->d_name, path, owner, diags);

		err = one == -ENOMEM ? one : err ? err : one;
		free(entry[i]);
	}
	free(entry);
	return err;
}

int rf_notifiers_read(struct rf_notifiers *notifiers, const char *folder, uid_t owner, struct rf_diags *diags)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	struct stat st;

	*notifiers = (struct rf_notifiers){.count = 0};
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st)) {
		wrong(diags, folder, strerror(errno));
		err = -EINVAL;
	} else if (!is_safe(&st, owner, folder, diags)) {
		err = -EINVAL;
	} else {
		err = read_all(notifiers, fd, folder, owner, diags);
	}
	if (fd >= 0)
		close(fd);
	if (err)
		rf_notifiers_free(notifiers);
	return err;
}

static void mix(uint64_t *stamp, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*stamp = (*stamp ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void mix_file(uint64_t *stamp, int folder, const char *name)
{
	struct stat st;
	uint64_t all[8] = {0};

	if (fstatat(folder, name, &st, 0) == 0) {
		all[0] = st.st_ino, all[1] = (uint64_t)st.st_size, all[2] = st.st_uid, all[3] = st.st_mode;
		all[4] = (uint64_t)st.st_mtim.tv_sec, all[5] = (uint64_t)st.st_mtim.tv_nsec;
		all[6] = (uint64_t)st.st_ctim.tv_sec, all[7] = (uint64_t)st.st_ctim.tv_nsec;
	}
	mix(stamp, all, sizeof(all));
	mix(stamp, name, strlen(name));
}

uint64_t rf_notifiers_stamp(const char *folder)
{
	uint64_t stamp = UINT64_C(0xcbf29ce484222325);
	struct dirent **entry = NULL;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count;

	if (fd < 0)
		return 0;
	mix_file(&stamp, fd, ".");
	count = scandirat(fd, ".", &entry, is_ours, alphasort);
	for (int i = 0; i < count; i++) {
		mix_file(&stamp, fd, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	close(fd);
	return stamp;
}
