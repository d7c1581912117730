// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine's pins of links are all that keeps its programs attached: one is taken out, and made again. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escape/program.h"
#include "ringfence/abi.h"
#include "vm/lib/report.h"

static const char *pin(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), RF_PINS_ROOT "/links/%s", name);
	return path;
}

bool program_attached(const char *name)
{
	return access(pin(name), F_OK) == 0;
}

/* A link ends when the kernel has freed its pin's inode, a moment after the name is gone (kernel/bpf/inode.c,
 * bpf_free_inode); its number is given back on the way. Whether it is detached by then, who asks must see. */
static void await_end(uint32_t id)
{
	for (int i = 0; i < 2000; i++) {
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			return;
		close(fd);
		usleep(1000);
	}
	die("a link does not end");
}

struct left_out program_leave_out(const char *name)
{
	struct left_out out = {.name = name, .program = -1};
	struct bpf_link_info info;
	uint32_t len = sizeof(info);
	int link = bpf_obj_get(pin(name));

	memset(&info, 0, sizeof(info));
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &len))
		die("the link of %s", name);
	out.program = bpf_prog_get_fd_by_id(info.prog_id);
	if (out.program < 0 || unlink(pin(name)))
		die("the program %s", name);
	close(link);
	await_end(info.id);
	return out;
}

void program_put_back(struct left_out *out)
{
	int link;

	if (out->program < 0)
		return;
	/* -EBUSY while the link before is on its way out. */
	do
		link = bpf_raw_tracepoint_open(NULL, out->program);
	while (link < 0 && errno == EBUSY && !usleep(1000));
	if (link < 0 || bpf_obj_pin(link, pin(out->name)))
		die("%s can't be attached again", out->name);
	close(link);
	close(out->program);
	out->program = -1;
}

int program_map(const char *name)
{
	struct bpf_map_info info;
	uint32_t id = 0, len = sizeof(info);
	int found = -1;

	while (!bpf_map_get_next_id(id, &id)) {
		int fd = bpf_map_get_fd_by_id(id);

		memset(&info, 0, sizeof(info));
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(info.name, name) && found < 0)
			found = fd;
		else if (fd >= 0)
			close(fd);
	}
	if (found < 0)
		die("no map %s", name);
	return found;
}
