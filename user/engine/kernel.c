// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The loaded engine as one process holds it: its lock, its maps, its switches. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "engine/internal.h"

#define ENGINE_VALUE_MAX 4096

/* ------------------------------------------------------------------ version */

struct found {
	uint32_t abi;
	char version[sizeof(((struct rf_engine *)NULL)->version)];
};

/* Reads what another version may have pinned: its element can have any size, but `abi` comes first, `version` last. */
static int find_version(struct found *found, struct rf_error *error)
{
	char path[RF_PIN_LEN];
	union {
		struct rf_engine engine;
		char bytes[ENGINE_VALUE_MAX];
	} value;
	struct bpf_map_info info;
	uint32_t len = sizeof(info), zero = 0;
	RF_AUTO_CLOSE int fd = bpf_obj_get(rf_pin_path(path, "maps", "engine"));

	memset(&info, 0, sizeof(info));
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return rf_error_set(error, errno, "%s: %s", path, strerror(errno));
	if (info.value_size > sizeof(value) || info.value_size < sizeof(*found) ||
	    bpf_map_lookup_elem(fd, &zero, &value))
		return rf_error_set(error, EUCLEAN, "%s is no engine of ringfence", path);
	memcpy(&found->abi, value.bytes, sizeof(found->abi));
	memcpy(found->version, value.bytes + info.value_size - sizeof(found->version), sizeof(found->version));
	found->version[sizeof(found->version) - 1] = '\0';
	return 0;
}

static int version_error(const struct found *found, struct rf_error *error)
{
	return rf_error_set(error, EPROTO,
			    "the engine in the kernel is of version %s (ABI %u), this is %s (ABI %u); "
			    "\"ringfence unload\" with that version first",
			    found->version, found->abi, RF_VERSION, RF_ABI);
}

/* -------------------------------------------------------------------- opening */

static int map_switches(struct rf_kernel *kernel, struct rf_error *error)
{
	void *at;
	int fd = rf_engine_map(kernel, RF_MAP_engine);

	if (fd < 0)
		return rf_error_set(error, fd, "the engine's switches: %s", strerror(-fd));
	at = mmap(NULL, sizeof(struct rf_engine), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return rf_error_set(error, errno, "the engine's switches: %s", strerror(errno));
	kernel->switches = at;
	return 0;
}

/* 0: a whole engine of this ABI is there. -ENOENT: none is, and nothing is in the way of one. */
static int find_engine(struct rf_error *error)
{
	struct found found;
	int err = rf_pins_check(error);

	if (err)
		return err;
	err = find_version(&found, error);
	if (err)
		return err;
	if (found.abi == 0) {
		/* Its loader or unloader was cut off, under the lock that we hold now. */
		err = rf_pins_remove();
		return err ? rf_error_set(error, err, "%s: %s", RF_PINS, strerror(-err)) : -ENOENT;
	}
	/* Of another version too: the ABI is all that both must agree on. */
	if (found.abi != RF_ABI)
		return version_error(&found, error);
	return 0;
}

static int open_engine(struct rf_kernel *kernel, bool load, struct rf_error *error)
{
	int err;

	kernel->lock = rf_lock_take(error);
	if (kernel->lock < 0)
		return kernel->lock;
	kernel->held = true;
	err = find_engine(error);
	if (err == -ENOENT && load)
		err = rf_load(error);
	else if (err == -ENOENT)
		rf_error_set(error, err, "no engine is loaded");
	return err ? err : map_switches(kernel, error);
}

static int new_kernel(struct rf_kernel **out, bool load, struct rf_error *error)
{
	struct rf_kernel *kernel = calloc(1, sizeof(*kernel));
	int err;

	if (!kernel)
		return rf_error_set(error, ENOMEM, "%s", strerror(ENOMEM));
	kernel->lock = -1;
	for (size_t i = 0; i < RF_MAP_COUNT; i++)
		kernel->map[i] = -1;
	err = open_engine(kernel, load, error);
	if (err) {
		rf_engine_close(kernel);
		return err;
	}
	*out = kernel;
	return 0;
}

int rf_engine_open(struct rf_kernel **kernel, bool load, struct rf_error *error)
{
	return new_kernel(kernel, load, error);
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info;
	uint32_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0 ? info.id : 0;
}

bool rf_engine_is_current(struct rf_kernel *kernel)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int fd = bpf_obj_get(rf_pin_path(path, "maps", "engine"));
	uint32_t id = map_id(fd);

	return id && id == map_id(rf_engine_map(kernel, RF_MAP_engine)) && kernel->switches->abi == RF_ABI;
}

void rf_engine_unlock(struct rf_kernel *kernel)
{
	/* Not by close alone: a child that was cloned meanwhile has the same open file. */
	if (kernel->lock >= 0 && kernel->held)
		flock(kernel->lock, LOCK_UN);
	if (kernel->lock >= 0)
		close(kernel->lock);
	kernel->lock = -1;
	kernel->held = false;
}

int rf_engine_lock(struct rf_kernel *kernel, struct rf_error *error)
{
	if (kernel->held)
		return 0;
	kernel->lock = rf_lock_take(error);
	kernel->held = kernel->lock >= 0;
	return kernel->held ? 0 : kernel->lock;
}

void rf_engine_close(struct rf_kernel *kernel)
{
	if (!kernel)
		return;
	rf_engine_unlock(kernel);
	for (size_t i = 0; i < RF_MAP_COUNT; i++)
		if (kernel->map[i] >= 0)
			close(kernel->map[i]);
	rf_window_close(&kernel->boxes);
	if (kernel->switches)
		munmap(kernel->switches, sizeof(*kernel->switches));
	free(kernel);
}

/* ----------------------------------------------------------------------- maps */

int rf_engine_map(struct rf_kernel *kernel, enum rf_map map)
{
	char path[RF_PIN_LEN];
	int fd = kernel->map[map];

	if (fd < 0)
		fd = bpf_obj_get(rf_pin_path(path, "maps", rf_map_names[map]));
	if (fd < 0)
		return -errno;
	kernel->map[map] = fd;
	return fd;
}

struct rf_engine *rf_engine_switches(struct rf_kernel *kernel)
{
	return kernel->switches;
}

uint64_t rf_engine_next_id(struct rf_kernel *kernel)
{
	return __atomic_add_fetch(&kernel->switches->next_id, 1, __ATOMIC_SEQ_CST);
}

static int copy_element(struct rf_kernel *kernel, enum rf_map map, uint32_t index, void *out)
{
	int fd = rf_engine_map(kernel, map);

	if (fd < 0)
		return fd;
	if (bpf_map_lookup_elem(fd, &index, out))
		return errno == ENOENT ? -EINVAL : -errno;
	return 0;
}

int rf_engine_sandbox(struct rf_kernel *kernel, uint32_t index, struct rf_sandbox *out)
{
	return copy_element(kernel, RF_MAP_sandboxes, index, out);
}

int rf_engine_chain(struct rf_kernel *kernel, uint32_t index, struct rf_chain *out)
{
	return copy_element(kernel, RF_MAP_chains, index, out);
}
