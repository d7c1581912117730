// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Puts the engine into the kernel: once a boot. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "engine.skel.h"
#include "engine/internal.h"

enum need { NEEDED, OPTIONAL, ON_DEMAND };

static const struct hook {
	const char *name;
	enum need need;
} hooks[] = {
#define X(name, kind, access, needed, what) {#name, needed},
	RF_HOOKS(X)
#undef X
};
#define HOOKS (sizeof(hooks) / sizeof(hooks[0]))

static void destroy(struct engine_bpf **skel)
{
	engine_bpf__destroy(*skel);
}

/* --------------------------------------------------------- what libbpf says */

static char complaint[512];

/* Keeps the last line that says something: the first ones of a verifier's log do not. */
static int listen_to_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (getenv("RINGFENCE_DEBUG"))
		return vfprintf(stderr, format, args);
	if (level == LIBBPF_WARN && !complaint[0]) {
		vsnprintf(complaint, sizeof(complaint), format, args);
		complaint[strcspn(complaint, "\n")] = '\0';
	}
	return 0;
}

static int load_error(struct rf_error *error, int code, const char *what)
{
	return rf_error_set(error, code, "the kernel refuses the engine: %s: %s%s%s; see \"ringfence doctor\"", what,
			    strerror(code < 0 ? -code : code), complaint[0] ? ": " : "", complaint);
}

/* -------------------------------------------------------------------- hooks */

static size_t hook_index(const char *name)
{
	size_t i = 0;

	while (i < HOOKS && strcmp(hooks[i].name, name) != 0)
		i++;
	return i;
}

/* Which of the hooks the kernel has, in one pass over its types. */
static int find_hooks(bool has[HOOKS], struct rf_error *error)
{
	static const char prefix[] = "bpf_lsm_";
	struct btf *btf = btf__load_vmlinux_btf();
	uint32_t count;

	if (!btf)
		return rf_error_set(error, errno,
				    "this kernel describes no types (CONFIG_DEBUG_INFO_BTF): %s; "
				    "boot a kernel that has /sys/kernel/btf/vmlinux",
				    strerror(errno));
	count = btf__type_cnt(btf);
	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name;
		size_t i;

		if (!btf_is_func(type))
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
			continue;
		i = hook_index(name + sizeof(prefix) - 1);
		if (i < HOOKS)
			has[i] = true;
	}
	btf__free(btf);
	return 0;
}

/* The hook that a program is for: HOOKS where it is for none (a tracepoint). */
static size_t program_hook(const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program), *slash = strchr(section, '/');

	return strncmp(section, "lsm", 3) == 0 && slash ? hook_index(slash + 1) : HOOKS;
}

static bool on_demand(const struct bpf_program *program)
{
	size_t hook = program_hook(program);

	return hook < HOOKS && hooks[hook].need == ON_DEMAND;
}

/* Leaves out what the kernel can do without, and refuses where it can't. */
static int select_programs(struct bpf_object *object, struct rf_error *error)
{
	bool has[HOOKS] = {false};
	char missing[512] = "";
	struct bpf_program *program;
	int err = find_hooks(has, error);

	if (err)
		return err;
	for (size_t i = 0; i < HOOKS; i++) {
		size_t len = strlen(missing);

		if (!has[i] && hooks[i].need != OPTIONAL)
			snprintf(missing + len, sizeof(missing) - len, "%s%s", len ? ", " : "", hooks[i].name);
	}
	if (missing[0])
		return rf_error_set(error, EOPNOTSUPP,
				    "this kernel lacks hooks that a fence needs: %s (CONFIG_SECURITY_PATH, "
				    "CONFIG_SECURITY_NETWORK and CONFIG_BPF_LSM give them); see \"ringfence doctor\"",
				    missing);
	bpf_object__for_each_program(program, object)
	{
		size_t hook = program_hook(program);

		if (hook < HOOKS && !has[hook])
			bpf_program__set_autoload(program, false);
	}
	return 0;
}

/* ------------------------------------------------------------------ pinning */

static int pin_maps(struct bpf_object *object, struct rf_error *error)
{
	/* The first is the engine's own, whose abi is still 0: whoever finds that knows that this load was cut off. */
	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		int fd = bpf_object__find_map_fd_by_name(object, rf_map_names[i]);
		char path[RF_PIN_LEN];

		if (fd < 0 || bpf_obj_pin(fd, rf_pin_path(path, "maps", rf_map_names[i])))
			return load_error(error, errno, rf_map_names[i]);
	}
	return 0;
}

static int attach(struct bpf_program *program, struct rf_error *error)
{
	const char *name = bpf_program__name(program);
	char path[RF_PIN_LEN];
	struct bpf_link *link;
	int err;

	if (!bpf_program__autoload(program))
		return 0;
	/* All of them: one whose link is taken out can be attached again (drift.c). */
	if (bpf_obj_pin(bpf_program__fd(program), rf_pin_path(path, "progs", name)))
		return load_error(error, errno, name);
	/* Those of packets are attached to each fence's cgroup. */
	if (on_demand(program) || bpf_program__expected_attach_type(program) == BPF_CGROUP_INET_EGRESS)
		return 0;
	link = bpf_program__attach(program);
	if (!link)
		return load_error(error, errno, name);
	err = bpf_link__pin(link, rf_pin_path(path, "links", name));
	if (err)
		load_error(error, err, name);
	/* Pinned, it lives on. */
	bpf_link__destroy(link);
	return err;
}

static int finish(struct bpf_object *object, struct rf_error *error)
{
	struct rf_engine engine = {.next_id = 0};
	uint32_t zero = 0;
	int fd = bpf_object__find_map_fd_by_name(object, "engine");

	if (bpf_map_lookup_elem(fd, &zero, &engine))
		return load_error(error, errno, "engine");
	if (getrandom(&engine.seed, sizeof(engine.seed), 0) != sizeof(engine.seed))
		return load_error(error, errno, "random numbers");
	snprintf(engine.version, sizeof(engine.version), "%s", RF_VERSION);
	engine.used = 1; /* sandbox 0 is none */
	engine.manager = RF_MANAGER;
	engine.abi = RF_ABI;
	if (bpf_map_update_elem(fd, &zero, &engine, BPF_ANY))
		return load_error(error, errno, "engine");
	return 0;
}

static int load_object(struct bpf_object *object, struct rf_error *error)
{
	struct bpf_program *program;
	int err = select_programs(object, error);

	if (err)
		return err;
	err = bpf_object__load(object);
	if (err)
		return load_error(error, err, "load");
	err = pin_maps(object, error);
	if (err)
		return err;
	bpf_object__for_each_program(program, object)
	{
		err = attach(program, error);
		if (err)
			return err;
	}
	return finish(object, error);
}

int rf_load(struct rf_error *error)
{
	__attribute__((cleanup(destroy))) struct engine_bpf *skel = NULL;
	struct rlimit memlock;
	int err;

	complaint[0] = '\0';
	libbpf_set_print(listen_to_libbpf);
	err = rf_pins_make(error);
	if (err)
		return err;
	/* libbpf raises the limit where the kernel still counts by it; the fenced command shall not inherit that. */
	getrlimit(RLIMIT_MEMLOCK, &memlock);
	skel = engine_bpf__open();
	if (!skel) {
		err = load_error(error, errno, "open");
	} else {
		err = load_object(skel->obj, error);
	}
	setrlimit(RLIMIT_MEMLOCK, &memlock);
	if (err)
		rf_pins_remove();
	return err;
}
