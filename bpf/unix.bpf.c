// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks of unix sockets: the name that the peer was bound to. */
#include "guard.h"
#include <bpf/bpf_endian.h>

/* An abstract name, with '@' for each NUL, as people write it. */
static long abstract_byte(u32 i, void *ctx)
{
	struct scratch *s = scratch_at(*(u32 *)ctx);
	u32 at = i & 127;

	if (!s || i >= s->path[0].len)
		return 1;
	if (!s->path[0].data[at])
		s->path[0].data[at] = '@';
	return 0;
}

int judge_abstract(struct scratch *s, u32 len, u32 access)
{
	struct pathbuf *p;
	u32 slot;

	if (!s)
		return 1;
	slot = s->slot;
	p = &s->path[0];
	p->off = 0;
	p->len = p->fed = len & 127;
	p->aliased = 0;
	bpf_loop(108, abstract_byte, &slot, 0);
	return judge_path(s, 0, RF_IMAGE_UNIX, access);
}

/* Reads a bound abstract name into s->path[0]. Returns its length; 0: it can't be read. */
static __always_inline u32 abstract_name(struct scratch *s, struct unix_address *addr)
{
	u32 len = BPF_CORE_READ(addr, len);

	if (len <= sizeof(u16) || len > sizeof(u16) + 108)
		return 0;
	len -= sizeof(u16);
	if (bpf_probe_read_kernel(s->path[0].data, len & 127,
				  (void *)addr + bpf_core_field_offset(struct unix_address, name) + sizeof(u16)))
		return 0;
	return len;
}

/* Asks for the name of a peer. A peer without a name is one that the task was handed: no object of a policy. A server
 * of the same fence is none either: what it may do its clients may as well. */
static __always_inline int ask_peer(struct sock *other, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct unix_sock *peer = (void *)other;
	struct unix_address *addr;
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct scratch *s;
	u32 len;

	if (likely(!sandbox))
		return 0;
	addr = BPF_CORE_READ(peer, addr);
	if (!addr || socket_within(other, sandbox))
		return 0;
	s = question(sandbox, RF_CONNECT);
	if (!s)
		return -EACCES;
	dentry = BPF_CORE_READ(peer, path.dentry);
	mnt = BPF_CORE_READ(peer, path.mnt);
	if (!dentry) {
		len = abstract_name(s, addr);
		if (len)
			judge_abstract(s, len, RF_CONNECT);
		else
			judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	} else if (path_is_in(s, mnt)) {
		path_walk_from(s, dentry, mnt);
		judge_place(s, 0, RF_IMAGE_UNIX, RF_CONNECT);
	} else {
		/* Bound in another mount namespace, as services do that run in their own: asked under the names that
		 * the socket's file has here. */
		s->object = (u64)dentry;
		judge_names(s, RF_IMAGE_UNIX, RF_CONNECT);
	}
	return answer(s, hook, RF_OBJECT_UNIX);
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk)
{
	return ask_peer(other, RF_HOOK_unix_stream_connect);
}

SEC("lsm/unix_may_send")
int BPF_PROG(unix_may_send, struct socket *sock, struct socket *other)
{
	struct sock *sk = other->sk;

	return sk ? ask_peer(sk, RF_HOOK_unix_may_send) : 0;
}
