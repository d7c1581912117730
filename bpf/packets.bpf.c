// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets that lead past the address which a hook of sockets was asked for, and those of sockets that may send nothing
 * (unsent.h). Options that do so are refused where they are set and where a message brings them; but of messages to the
 * same address in one sendmmsg(2) the first alone is asked (net/socket.c, ____sys_sendmsg), and options may be older
 * than the fence. Attached to the cgroup of each fence, and so to all beneath it (engine/sandbox.c), or to the root of
 * all, where cgroups are selected (engine/force.c).
 */
#include "unsent.h"
#include <bpf/bpf_endian.h>

/* net/ipv4/ip_options.c: a loose and a strict source route. */
#define IPOPT_END  0
#define IPOPT_NOOP 1
#define IPOPT_LSRR 0x83
#define IPOPT_SSRR 0x89
#define IPV4_HEAD  20
#define IPV4_ROOM  40

/* include/uapi/linux/in6.h and net/ipv6.h: headers that may stand before the payload. */
#define NEXT_HOP      0
#define NEXT_ROUTING  43
#define NEXT_FRAGMENT 44
#define NEXT_DEST     60
#define IPV6_HEAD     40
#define IPV6_HEADERS  8

/* more: words of options, 1 to 10, less one. */
static __always_inline bool v4_leads_away(struct __sk_buff *skb, u32 more)
{
	u8 option[4 * 16] = {};
	u32 len = 4 * ((more & 15) + 1), skip = 0;

	if (bpf_skb_load_bytes_relative(skb, IPV4_HEAD, option, len, BPF_HDR_START_NET))
		return true;
	for (u32 i = 0; i < IPV4_ROOM; i++) {
		if (i >= len)
			break;
		if (skip) {
			skip--;
			continue;
		}
		if (option[i] == IPOPT_END)
			break;
		if (option[i] == IPOPT_NOOP)
			continue;
		if (option[i] == IPOPT_LSRR || option[i] == IPOPT_SSRR || i + 1 >= IPV4_ROOM || option[i + 1] < 2)
			return true;
		skip = option[i + 1] - 1;
	}
	return false;
}

static __always_inline bool v6_leads_away(struct __sk_buff *skb, u32 next)
{
	u32 at = IPV6_HEAD;

	for (u32 i = 0; i < IPV6_HEADERS; i++) {
		u8 head[2];

		if (next == NEXT_ROUTING)
			return true;
		if (next != NEXT_HOP && next != NEXT_DEST && next != NEXT_FRAGMENT)
			return false;
		if (bpf_skb_load_bytes_relative(skb, at, head, sizeof(head), BPF_HDR_START_NET))
			return true;
		at += next == NEXT_FRAGMENT ? 8 : 8 * (head[1] + 1u);
		next = head[0];
	}
	return true;
}

static __always_inline bool leads_away(struct __sk_buff *skb)
{
	u8 head[8];

	if (bpf_skb_load_bytes_relative(skb, 0, head, sizeof(head), BPF_HDR_START_NET))
		return false;
	if (head[0] >> 4 == 6)
		return v6_leads_away(skb, head[6]);
	if (likely(head[0] <= 0x45 || head[0] >> 4 != 4))
		return false;
	return v4_leads_away(skb, (head[0] & 15u) - 6);
}

static __always_inline struct rf_address *mark_of(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	sk = sk ? bpf_sk_fullsock(sk) : NULL;
	return sk && sk->protocol == IPPROTO_UDP ? bpf_sk_storage_get(&unsent, sk, NULL, 0) : NULL;
}

/* 1: it goes out. Told as of the call that sends, which mostly it is. */
SEC("cgroup_skb/egress")
int packet_egress(struct __sk_buff *skb)
{
	struct rf_address *mark = mark_of(skb);
	struct rf_sandbox *box;
	struct rf_chain *chain;
	struct rf_engine *e;
	struct rf_tag *tag;
	u64 cgroup;

	if (likely(!mark && !leads_away(skb)))
		return 1;
	cgroup = bpf_skb_cgroup_id(skb);
	tag = bpf_map_lookup_elem(&tags, &cgroup);
	box = tag ? sandbox_at(tag->sandbox) : NULL;
	if (mark) {
		if (box)
			unsent_refuse(tag->sandbox, mark);
		return 0;
	}
	if (!box) { /* a stranger's; or of a fence, made while the map of tags was full: refused in silence */
		e = engine_get();
		return e && !e->untagged;
	}
	chain = chain_at(box->chain);
	if (chain && !(chain->guards & RF_GUARD_BIT(RF_GUARD_SOCKETS)))
		return 1;
	return guard_refuses(tag->sandbox, RF_GUARD_SOCKETS, RF_HOOK_socket_sendmsg, RF_OBJECT_NONE, 0) ? 0 : 1;
}
