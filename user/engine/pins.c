// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names under bpffs that keep the engine in the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "engine/internal.h"

const char *const rf_map_names[RF_MAP_COUNT] = {
#define X(name) #name,
	RF_MAPS(X)
#undef X
};

static const char *const kinds[] = {"links", "progs", "inner", "maps"};

const char *rf_pin_path(char buf[RF_PIN_LEN], const char *kind, const char *name)
{
	snprintf(buf, RF_PIN_LEN, "%s/%s/%s", RF_PINS, kind, name);
	return buf;
}

int rf_pins_make(struct rf_error *error)
{
	struct statfs fs;

	if (statfs(RF_BPFFS, &fs) || fs.f_type != BPF_FS_MAGIC)
		return rf_error_set(error, ENODEV, "no BPF file system at %s; mount one: mount -t bpf bpf %s", RF_BPFFS,
				    RF_BPFFS);
	if (mkdir(RF_PINS, 0700) && errno != EEXIST)
		return rf_error_set(error, errno, "%s: %s", RF_PINS, strerror(errno));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char path[RF_PIN_LEN];

		snprintf(path, sizeof(path), "%s/%s", RF_PINS, kinds[i]);
		if (mkdir(path, 0700) && errno != EEXIST)
			return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	}
	return 0;
}

static bool folder_empty(const char *path)
{
	RF_AUTO_CLOSEDIR DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return true;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			return false;
	return true;
}

int rf_pins_check(struct rf_error *error)
{
	RF_AUTO_CLOSE int fd = open(RF_PINS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[RF_PIN_LEN];
	int err;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : rf_error_set(error, errno, "%s: %s", RF_PINS, strerror(errno));
	err = rf_folder_is_ours(fd, RF_PINS, error);
	if (err)
		return err;
	if (faccessat(fd, "maps/engine", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	/* The engine's own map is the first pin made and the last taken out. Links without it: somebody else's hand.
	 * They may fence living tasks, so they are not ours to take out. */
	if (!folder_empty(RF_PINS "/links"))
		return rf_error_set(error, EUCLEAN, "%s lacks its pins; a restart of the host clears it, or remove %s",
				    rf_pin_path(path, "maps", "engine"), RF_PINS);
	return -ENOENT;
}

static int remove_all(const char *kind, const char *except)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", RF_PINS, kind);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || (except && strcmp(entry->d_name, except) == 0))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) && errno != ENOENT)
			err = -errno;
	}
	return err;
}

int rf_pins_remove(void)
{
	char path[RF_PIN_LEN];
	int err;

	err = remove_all("links", NULL);
	err = err ? err : remove_all("progs", NULL);
	err = err ? err : remove_all("inner", NULL);
	err = err ? err : remove_all("maps", "engine");
	err = err ? err : remove_all("maps", NULL);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", RF_PINS, kinds[i]);
		rmdir(path);
	}
	return rmdir(RF_PINS) && errno != ENOENT ? -errno : 0;
}
