/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * UDP sockets that are connected to a denied address, and send nothing.
 *
 * getaddrinfo(3) connects a UDP socket to each address that it found, to learn by which source each is reached, and
 * programs learn their own address so. No packet is sent by that, and a refusal would only change the order of what is
 * found. So the connection is let be, the socket remembers the address, and what is sent by it is refused from then on.
 *
 * For good, also when it is connected to an allowed address afterwards: a thread whose message the hook has passed
 * reads the socket's peer later, which another thread may change meanwhile. The programs of packets see the mark, which
 * is older than the peer, and what reaches them without the hook (sendfile(2) before 6.5: net/ipv4/udp.c,
 * udp_sendpage). They see the sockets of the fence alone, and so those alone may be connected like that.
 */
#ifndef RINGFENCE_UNSENT_H
#define RINGFENCE_UNSENT_H

#include "guard.h"

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_address);
} unsent __weak SEC(".maps");

/* Whether the refusal to connect to s->event.head.address may wait until something is sent. */
static __always_inline bool unsent_waits(struct scratch *s, struct sock *sk)
{
	struct rf_address *a = &s->event.head.address, *mark;

	if (a->protocol != IPPROTO_UDP || !refused(s) || !socket_within(sk, s->sandbox))
		return false;
	mark = bpf_sk_storage_get(&unsent, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!mark)
		return false;
	*mark = *a;
	barrier();
	return true;
}

/* Refuses what is sent, and tells it as of the rule that denies the mark's address; of none where the policy was
 * changed since. Returns as answer() does. */
static __always_inline int unsent_refuse(u32 sandbox, const struct rf_address *mark)
{
	struct scratch *s = question(sandbox, RF_CONNECT);

	if (!s)
		return -EACCES;
	s->event.head.address = *mark;
	judge_dest(s, RF_CONNECT, RF_UDP, false);
	if (!refused(s))
		judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	return answer(s, RF_HOOK_socket_sendmsg, RF_OBJECT_NET);
}

#endif
