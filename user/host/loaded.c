// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"
#include "events/decode.h"
#include "host/loaded.h"
#include "host/read.h"

#define PROGRAM_MAPS_MAX 64
#define MAPS_MAX	 256

/* Maps counted so far: most programs use the same ones. */
struct seen {
	uint32_t id[MAPS_MAX];
	size_t count;
};

static bool is_new(struct seen *seen, uint32_t id)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->id[i] == id)
			return false;
	if (seen->count < MAPS_MAX)
		seen->id[seen->count++] = id;
	return true;
}

/* What the kernel accounts for a map or a program. */
static uint64_t memory_of(int fd)
{
	RF_AUTO_FREE char *text = NULL;
	char path[64], *at;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	text = rf_host_read(AT_FDCWD, path);
	at = text ? strstr(text, "memlock:") : NULL;
	return at ? strtoull(at + strlen("memlock:"), NULL, 10) : 0;
}

static uint64_t memory_of_program(uint32_t id, struct seen *seen)
{
	RF_AUTO_CLOSE int fd = bpf_prog_get_fd_by_id(id);
	uint32_t maps[PROGRAM_MAPS_MAX];
	struct bpf_prog_info info;
	uint32_t len = sizeof(info);
	uint64_t bytes;

	memset(&info, 0, sizeof(info));
	info.nr_map_ids = PROGRAM_MAPS_MAX;
	info.map_ids = (uintptr_t)maps;
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	bytes = memory_of(fd);
	for (uint32_t i = 0; i < info.nr_map_ids && i < PROGRAM_MAPS_MAX; i++) {
		RF_AUTO_CLOSE int map = is_new(seen, maps[i]) ? bpf_map_get_fd_by_id(maps[i]) : -1;

		bytes += map >= 0 ? memory_of(map) : 0;
	}
	return bytes;
}

static void look_at_link(struct rf_loaded *loaded, const char *name, struct seen *seen)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int fd = bpf_obj_get(rf_pin_path(path, "links", name));
	struct bpf_link_info info;
	uint32_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	for (unsigned hook = RF_HOOK_NONE + 1; hook < RF_HOOK_COUNT; hook++)
		if (strcmp(rf_hook_name(hook), name) == 0)
			loaded->attached[hook] = true;
	loaded->bytes += memory_of_program(info.prog_id, seen);
}

static void look_at_links(struct rf_loaded *loaded)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSEDIR DIR *dir = opendir(rf_pin_path(path, "links", ""));
	struct seen seen = {.count = 0};
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			look_at_link(loaded, entry->d_name, &seen);
}

static uint64_t living(void)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int fd = bpf_obj_get(rf_pin_path(path, "maps", "sandboxes"));
	struct rf_sandbox box;
	uint64_t count = 0;

	for (uint32_t i = 0; fd >= 0 && i < RF_SANDBOXES_MAX && bpf_map_lookup_elem(fd, &i, &box) == 0; i++)
		count += box.state == RF_SANDBOX_LIVE;
	return count;
}

void rf_loaded_find(struct rf_loaded *loaded)
{
	char path[RF_PIN_LEN];
	RF_AUTO_CLOSE int fd = bpf_obj_get(rf_pin_path(path, "maps", "engine"));
	struct rf_engine engine;
	struct bpf_map_info info;
	uint32_t len = sizeof(info), zero = 0;

	memset(loaded, 0, sizeof(*loaded));
	memset(&info, 0, sizeof(info));
	if (fd < 0) {
		loaded->error = errno == ENOENT ? 0 : -errno;
		return;
	}
	/* Another version's element may be of another size: then it is not read. */
	if (bpf_obj_get_info_by_fd(fd, &info, &len) || info.value_size != sizeof(engine) ||
	    bpf_map_lookup_elem(fd, &zero, &engine)) {
		loaded->error = -EPROTO;
		return;
	}
	loaded->loaded = engine.abi != 0;
	loaded->abi = engine.abi;
	snprintf(loaded->version, sizeof(loaded->version), "%.31s", engine.version);
	loaded->no_cache = engine.no_cache;
	if (engine.abi != RF_ABI)
		return;
	loaded->living = living();
	look_at_links(loaded);
}

int rf_trial_load(uint32_t btf_id)
{
	static const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_LSM_MAC, .attach_btf_id = btf_id);
	RF_AUTO_CLOSE int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "rf_trial", "Dual BSD/GPL", program,
					     sizeof(program) / sizeof(program[0]), &options);

	return fd < 0 ? fd : 0;
}
