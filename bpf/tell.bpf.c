// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Denials: counted, merged with their like, told in the sandbox's ring. */
#include "judge.h"

#define MERGE_NS   1000000000ull
#define HASH_PRIME 0x9E3779B97F4A7C15ull

static __always_inline u64 mix(u64 h, u64 word)
{
	h = (h ^ word) * HASH_PRIME;
	return h ^ (h >> 29);
}

/* What of the object goes into a merge key, byte by byte from the event's tail. */
static long hash_chunk(u32 i, void *ctx)
{
	struct scratch *s = scratch_at(*(u32 *)ctx);
	u64 h;

	if (!s)
		return 1;
	h = s->hash;
	for (u32 k = 0; k < 32; k++) {
		u32 at = i * 32 + k;

		if (at >= s->hashed)
			break;
		h = mix(h, s->event.tail[at & (2 * RF_PATH_MAX - 1)]);
	}
	s->hash = h;
	return i * 32 + 32 >= s->hashed;
}

/* Appends a path buffer's text to the event. Returns the bytes appended. */
static __always_inline u32 append(struct scratch *s, u32 at, struct pathbuf *p)
{
	u32 len = p->len;

	if (!len || len > RF_PATH_MAX - 1 || at > 2 * RF_PATH_MAX)
		return 0;
	bpf_probe_read_kernel(&s->event.tail[at], len & (RF_PATH_MAX - 1), &p->data[p->off & (RF_PATH_MAX - 1)]);
	return len;
}

/* The program that the task runs. Its path is told, not judged: a walk that fails leaves it out. */
static __always_inline void append_exe(struct scratch *s, struct task_struct *task)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	u32 at = (u32)s->event.head.object_len + s->event.head.second_len;

	s->exe.len = 0;
	if (!exe)
		return;
	path_walk_from(s, BPF_CORE_READ(exe, f_path.dentry), BPF_CORE_READ(exe, f_path.mnt));
	if (path_walk(s, 2))
		s->exe.len = 0;
	s->event.head.exe_len = append(s, at, &s->exe);
}

static __always_inline void describe(struct scratch *s, struct rf_sandbox *box, u32 hook, u32 object)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct rf_event *e = &s->event.head;

	e->time = bpf_ktime_get_boot_ns();
	e->sandbox = box->id;
	e->generation = s->out.generation;
	/* From the task, not by helpers: programs of packets have none of those. */
	e->pid = BPF_CORE_READ(task, pid);
	e->tgid = BPF_CORE_READ(task, tgid);
	e->uid = BPF_CORE_READ(task, cred, uid.val);
	e->policy = s->out.policy;
	e->link = s->out.link;
	e->hook = hook;
	e->reason = s->out.reason;
	e->access = s->out.access == RF_SHOWN ? RF_READ : s->out.access;
	e->verdict = s->out.audit ? RF_WOULD_DENY : RF_DENIED;
	e->object = object;
	e->error = s->out.error;
	e->guard = s->out.reason == RF_REASON_GUARD ? s->guard : 0;
	e->target = s->target;
	if (object != RF_OBJECT_NET)
		__builtin_memset(&e->address, 0, sizeof(e->address));
	/* Padded with zeros: the merge key is made of all of it. */
	__builtin_memset(e->comm, 0, sizeof(e->comm));
	bpf_probe_read_kernel_str(e->comm, sizeof(e->comm), task->comm);
	e->object_len = append(s, 0, &s->path[0]);
	e->second_len = append(s, e->object_len, &s->path[1]);
	e->exe_len = 0;
	append_exe(s, task);
}

/* Equal for denials that are alike: same sandbox, policy, access, reason, object and program name. Begins with a
 * number that the task can't know, so that it can't make two that differ alike. */
static __always_inline u64 merge_key(struct scratch *s)
{
	struct rf_event *e = &s->event.head;
	struct rf_engine *eng = engine_get();
	u32 slot = s->slot;

	s->hash = mix(eng ? eng->seed : 0, e->sandbox);
	s->hash = mix(s->hash, ((u64)e->policy << 32) | (e->reason << 16) | (e->access << 8) | e->object);
	s->hash = mix(s->hash, ((u64)e->guard << 32) | e->target);
	s->hash = mix(s->hash, *(u64 *)&e->comm[0]);
	s->hash = mix(s->hash, *(u64 *)&e->comm[8]);
	s->hash = mix(s->hash, *(u64 *)&e->address);
	s->hash = mix(s->hash, *(u64 *)&e->address.addr[0]);
	s->hash = mix(s->hash, *(u64 *)&e->address.addr[8]);
	s->hash = mix(s->hash, ((u64)e->object_len << 32) | e->second_len);
	s->hashed = e->object_len + e->second_len;
	if (s->hashed)
		bpf_loop(2 * RF_PATH_MAX / 32, hash_chunk, &slot, 0);
	return s->hash ? s->hash : 1;
}

/* The processes that the task comes from. */
static __always_inline void describe_parents(struct rf_event *e)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	__builtin_memset(e->parent, 0, sizeof(e->parent));
	for (u32 i = 0; i < RF_PARENTS; i++) {
		task = BPF_CORE_READ(task, real_parent, group_leader);
		e->parent[i].tgid = BPF_CORE_READ(task, tgid);
		if (!e->parent[i].tgid) /* the kernel's */
			break;
		bpf_probe_read_kernel_str(e->parent[i].comm, RF_COMM_LEN, task->comm);
	}
}

/* Whether a sandbox may put more into the service's ring. Each may hold a part of what is free, so that one alone gets
 * a fifth of the ring, and however many flood it, one that does not finds room. */
static __always_inline bool has_share(struct rf_sandbox *box, void *ring)
{
	u64 free = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) - bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);
	__s64 held = (__s64)(box->queued - *(volatile u64 *)&box->taken);

	return held < (__s64)(free / RF_RING_SHARE);
}

enum merged { MERGED, TELL };

/* Counts the denial with its like. Gives TELL where it is to be told now; *key is 0 where it can't be merged. */
static __always_inline enum merged merge(struct scratch *s, u64 *key)
{
	struct rf_event *e = &s->event.head;
	struct rf_merge first = {.total = 1, .emitted = e->time, .sandbox = e->sandbox};
	struct rf_merge *m = bpf_map_lookup_elem(&merges, key);
	u64 emitted;

	e->total = 1;
	if (!m) {
		long err = bpf_map_update_elem(&merges, key, &first, BPF_NOEXIST);

		if (!err)
			return TELL;
		m = bpf_map_lookup_elem(&merges, key);
		if (!m) {
			*key = 0;
			return TELL;
		}
	}
	e->total = __sync_fetch_and_add(&m->total, 1) + 1;
	emitted = m->emitted;
	if (e->time - emitted < MERGE_NS && e->time >= emitted)
		return MERGED;
	return __sync_val_compare_and_swap(&m->emitted, emitted, e->time) == emitted ? TELL : MERGED;
}

/* There is no room. Where one like it was told, it is counted with that, and the next one is told if it can be. Else it
 * is lost, and taken out of its like again, so that what is told adds up. */
static __always_inline void lose(struct rf_sandbox *box, u64 key)
{
	struct rf_merge *m = key ? bpf_map_lookup_elem(&merges, &key) : NULL;

	if (m)
		m->emitted = 0;
	if (m && __sync_fetch_and_add(&m->total, -1ull) > 1) {
		__sync_fetch_and_add(&m->total, 1);
		__sync_fetch_and_add(&box->merged, 1);
	} else {
		__sync_fetch_and_add(&box->lost, 1);
	}
}

/* What has a reader of its own is told to the service too, where there is one. What finds no room there is counted with
 * its like; the service sees by the sandbox's counts what it was not told. */
static __always_inline void tell_service(struct scratch *s, struct rf_sandbox *box, u64 len)
{
	struct rf_engine *e = engine_get();
	u32 zero = 0;
	void *ring = e && e->service ? bpf_map_lookup_elem(&rings, &zero) : NULL;

	if (ring && has_share(box, ring) && !bpf_ringbuf_output(ring, &s->event, len, 0))
		__sync_fetch_and_add(&box->queued, len);
}

int tell(struct scratch *s, u32 hook, u32 object)
{
	struct rf_sandbox *box;
	u64 key, len;
	u32 sandbox, index;
	void *ring;
	int ret;

	if (!s)
		return EACCES;
	ret = s->out.audit ? 0 : s->out.error;
	sandbox = s->sandbox;
	box = sandbox_at(sandbox);
	if (!box)
		return ret;
	__sync_fetch_and_add(&box->made, 1);
	__sync_fetch_and_add(&box->reason[s->out.reason & (RF_REASONS_MAX - 1)], 1);
	describe(s, box, hook, object);
	key = merge_key(s);
	if (merge(s, &key) == MERGED) {
		__sync_fetch_and_add(&box->merged, 1);
		return ret;
	}
	s->event.head.merge = key;
	s->event.head.box = sandbox;
	describe_parents(&s->event.head);
	len = sizeof(s->event.head) + s->event.head.object_len + s->event.head.second_len + s->event.head.exe_len;
	index = box->ring;
	ring = bpf_map_lookup_elem(&rings, &index);
	if (!ring || len > sizeof(s->event) || (!index && !has_share(box, ring)) ||
	    bpf_ringbuf_output(ring, &s->event, len, 0)) {
		lose(box, key);
		return ret;
	}
	__sync_fetch_and_add(&box->told, 1);
	if (!index)
		__sync_fetch_and_add(&box->queued, len);
	else
		tell_service(s, box, len);
	return ret;
}
