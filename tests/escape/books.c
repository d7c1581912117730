// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escape/books.h"
#include "escape/escape.h"
#include "escape/program.h"
#include "vm/lib/report.h"
#include "vm/lib/world.h"

/* -------------------------------------------------------------------- tags */

static int open_sealed(void *arg)
{
	(void)arg;
	return open_and_read("/tmp/s/sealed/key");
}

/* Makes a cgroup beneath the fence and takes it away again. Returns what one gets who opens what is denied there. */
static int cgroup_beneath(uint64_t *id)
{
	struct stat is;
	int dir, status;

	if (mkdirat(fence.fence->cgroup_fd, "book", 0755))
		die("a cgroup");
	dir = openat(fence.fence->cgroup_fd, "book", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &is))
		die("a cgroup");
	*id = is.st_ino;
	status = fence_wait(&fence, fence_start(&fence, dir, open_sealed, NULL));
	close(dir);
	while (unlinkat(fence.fence->cgroup_fd, "book", AT_REMOVEDIR) && errno == EBUSY)
		usleep(1000);
	fence_clear(&fence);
	return status;
}

static bool child_is_fenced(void)
{
	uint64_t id;

	return cgroup_beneath(&id) == EACCES;
}

static bool tag_goes(void)
{
	struct rf_tag tag;
	uint64_t id;

	cgroup_beneath(&id);
	if (bpf_map_lookup_elem(rf_engine_map(engine(), RF_MAP_tags), &id, &tag))
		return true;
	/* Not left for the checks that follow. */
	bpf_map_delete_elem(rf_engine_map(engine(), RF_MAP_tags), &id);
	return false;
}

/* ---------------------------------------------------------------- launchers */

/* What one gets who opens what is denied, started by the service manager, that is us. */
static int started(fence_act *act)
{
	int status;

	engine_manager(getpid());
	status = fence_run(&fence, act, NULL);
	engine_manager(RF_MANAGER);
	fence_clear(&fence);
	return status;
}

static int execute_reader(void *arg)
{
	(void)arg;
	execl("/bin/cat", "cat", "/tmp/s/sealed/key", NULL);
	return 0;
}

static bool launcher_is_free(void)
{
	return !started(open_sealed);
}

static bool program_is_fenced(void)
{
	return started(execute_reader) != 0;
}

/* Without a program, only its end takes a launcher out of the book. */
static bool launcher_goes(void)
{
	unsigned before = engine_launchers();

	started(open_sealed);
	return engine_launchers() == before;
}

/* ------------------------------------------------------------- folder states */

#define KEPT_FOLDER "/tmp/book"

static int open_kept(void *arg)
{
	(void)arg;
	return tried(open(KEPT_FOLDER "/file", O_RDONLY | O_CLOEXEC));
}

/* bpf/folder.h, struct folder: behind two counts comes the dentry's address. */
#define FOLDER_DENTRY 1

/* Forgets all (first), then says of how many folders something is kept. */
static unsigned kept(int map, bool first)
{
	struct bpf_map_info info;
	uint32_t len = sizeof(info);
	unsigned count = 0;
	uint64_t *folder;

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(map, &info, &len) || !(folder = calloc(1, info.value_size)))
		die("the folders");
	for (uint32_t i = 0; i < info.max_entries; i++)
		if (first)
			bpf_map_update_elem(map, &i, folder, BPF_ANY);
		else
			count += !bpf_map_lookup_elem(map, &i, folder) && folder[FOLDER_DENTRY];
	free(folder);
	return count;
}

/* What is kept of a folder goes when its dentry's memory becomes another folder. */
static bool kept_goes(void)
{
	int map = program_map("folders");
	bool goes = false;

	for (int i = 0; i < 20 && !goes; i++) {
		unsigned before;

		kept(map, true);
		make_dir(KEPT_FOLDER);
		make_file(KEPT_FOLDER "/file", "book\n");
		if (fence_run(&fence, open_kept, NULL) || !(before = kept(map, false)))
			die("a folder's state");
		shell("rm -r " KEPT_FOLDER);
		usleep(30000); /* freed after an RCU grace period */
		for (int k = 0; k < 100; k++) {
			char name[64];

			snprintf(name, sizeof(name), KEPT_FOLDER ".%d", k);
			make_dir(name);
		}
		goes = kept(map, false) < before;
		shell("rmdir " KEPT_FOLDER ".*");
	}
	close(map);
	return goes;
}

/* -------------------------------------------------------------------- IPC */

enum ipc { SHM, MSG, SEM };

static int make_ipc(enum ipc kind)
{
	switch (kind) {
	case SHM:
		return shmget(IPC_PRIVATE, 4096, 0600);
	case MSG:
		return msgget(IPC_PRIVATE, 0600);
	default:
		return semget(IPC_PRIVATE, 1, 0600);
	}
}

static int look_at_ipc(enum ipc kind, int id)
{
	struct shmid_ds shm;
	struct msqid_ds msg;

	switch (kind) {
	case SHM:
		return shmctl(id, IPC_STAT, &shm);
	case MSG:
		return msgctl(id, IPC_STAT, &msg);
	default:
		return semctl(id, 0, GETVAL);
	}
}

static int remove_ipc(enum ipc kind, int id)
{
	switch (kind) {
	case SHM:
		return shmctl(id, IPC_RMID, NULL);
	case MSG:
		return msgctl(id, IPC_RMID, NULL);
	default:
		return semctl(id, 0, IPC_RMID);
	}
}

/* In the fence: makes an object of its own, uses it and takes it away. */
static int use_own_ipc(void *arg)
{
	enum ipc kind = (enum ipc)(uintptr_t)arg;
	int id = make_ipc(kind);

	if (id < 0 || look_at_ipc(kind, id))
		return errno;
	return tried(remove_ipc(kind, id));
}

static bool own_ipc_is_usable(enum ipc kind)
{
	int error = fence_run(&fence, use_own_ipc, (void *)(uintptr_t)kind);

	fence_clear(&fence);
	return !error;
}

/* An object's address may be another object's next: whose it was is forgotten with it, after a grace period. */
static bool owner_is_forgotten(enum ipc kind)
{
	int map = program_map("ipcs");
	uint64_t key;
	bool there = true;

	/* What the check before left may be this one's address. */
	while (!bpf_map_get_next_key(map, NULL, &key))
		bpf_map_delete_elem(map, &key);
	own_ipc_is_usable(kind);
	for (int i = 0; there && i < 50; i++) {
		usleep(10000);
		there = !bpf_map_get_next_key(map, NULL, &key);
	}
	close(map);
	return !there;
}

#define OWN(kind)                                \
	static bool kind##_usable(void)          \
	{                                        \
		return own_ipc_is_usable(kind);  \
	}                                        \
	static bool kind##_forgotten(void)       \
	{                                        \
		return owner_is_forgotten(kind); \
	}
OWN(SHM)
OWN(MSG)
OWN(SEM)

#define UNUSABLE  "a task may not use what it made itself"
#define FORGOTTEN "whose it was is kept for the next object at its address"

const struct book books[] = {
	{"cgroup_mkdir", child_is_fenced, "a cgroup beneath the fence is not fenced"},
	{"cgroup_rmdir", tag_goes, "the tag of a removed cgroup stays"},
	{"sched_process_fork", launcher_is_free,
	 "a unit is fenced before its program runs, while systemd makes it ready"},
	{"sched_process_exec", program_is_fenced, "a unit's program is not fenced"},
	{"sched_process_exit", launcher_goes, "a launcher that executed nothing stays in the book"},
	{"d_instantiate", kept_goes, "what is kept of a folder outlives its dentry (vm/cache --mutate: and is used)"},
	{"shm_alloc_security", SHM_usable, UNUSABLE},
	{"msg_queue_alloc_security", MSG_usable, UNUSABLE},
	{"sem_alloc_security", SEM_usable, UNUSABLE},
	{"shm_free_security", SHM_forgotten, FORGOTTEN},
	{"msg_queue_free_security", MSG_forgotten, FORGOTTEN},
	{"sem_free_security", SEM_forgotten, FORGOTTEN},
};
const size_t books_count = COUNT(books);
