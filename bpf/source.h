/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the unspecified address leads as a destination.
 *
 * 0.0.0.0 is the socket's own source address where it has one, else an address of the device that it is bound to, else
 * 127.0.0.1 (net/ipv4/route.c, ip_route_output_key_hash_rcu). :: is ::1, or 127.0.0.1 where the socket's source is an
 * IPv4-mapped address (tcp_v6_connect, udpv6_sendmsg, __ip6_datagram_connect).
 *
 * A TCP socket has a source or a device only where one was chosen by bind(2), by setsockopt(2), or by connecting to a
 * link-local address: a connection that fails or is dissolved leaves no source behind (tcp_v4_connect and
 * tcp_disconnect, inet_bhash2_reset_saddr). Another thread may choose between the hook and the kernel's use of the
 * address, so that who comes first notes it at the socket, and the other is refused.
 *
 * The other protocols keep the source that an earlier connect gave them, and take one from control messages
 * (IP_PKTINFO), of which the hook does not see all: sendmmsg(2) asks it once for messages to the same address
 * (net/socket.c,
 * ____sys_sendmsg). There the unspecified address may always be any that it can mean.
 */
#ifndef RINGFENCE_SOURCE_H
#define RINGFENCE_SOURCE_H

#include "judge.h"
#include <bpf/bpf_endian.h>

enum { SOURCE_DEFAULT = 1, SOURCE_CHOSEN = 2 };

/* enum, or 0: nobody has come yet. */
struct source {
	u32 claim;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct source);
} sources __weak SEC(".maps");

/* Whether it stays so: false where another has claimed the opposite before, or nothing can be noted. */
static __always_inline bool source_claim(struct sock *sk, u32 claim)
{
	struct source *source = bpf_sk_storage_get(&sources, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	u32 before;

	if (!source)
		return false;
	before = __sync_val_compare_and_swap(&source->claim, 0, claim);
	return !before || before == claim;
}

/* Whether a socket has a source that the unspecified address (v4: 0.0.0.0) would mean. Sources that were there before
 * the fence, or came with a connection, were not claimed. */
static __always_inline bool source_is_set(struct sock *sk, bool v4)
{
	struct inet_sock *inet = (void *)sk;
	u32 mapped[4];
	u32 saddr;

	if (BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if) || BPF_CORE_READ(inet, uc_index))
		return true;
	if (v4) {
		saddr = BPF_CORE_READ(inet, inet_saddr);
		return saddr && saddr != bpf_htonl(0x7f000001);
	}
	BPF_CORE_READ_INTO(&mapped, sk, __sk_common.skc_v6_rcv_saddr);
	return mapped[2] == bpf_htonl(0xffff);
}

/* Whether the unspecified address means this host's loopback address, and goes on to. */
static __always_inline bool source_stays_default(struct sock *sk, bool v4)
{
	return sk->sk_protocol == IPPROTO_TCP && source_claim(sk, SOURCE_DEFAULT) && !source_is_set(sk, v4);
}

#endif
