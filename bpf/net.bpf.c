// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hooks of sockets that reach destinations by address. */
#include "guard.h"
#include "source.h"
#include "unsent.h"

static __always_inline u32 protocol_bit(u32 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return RF_TCP;
	case IPPROTO_UDP:
		return RF_UDP;
	case IPPROTO_UDPLITE:
		return RF_UDPLITE;
	case IPPROTO_SCTP:
		return RF_SCTP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return RF_ICMP;
	}
	return 0;
}

static __always_inline void map_v4(struct rf_address *a, const u8 *v4)
{
	__builtin_memset(a->addr, 0, 10);
	a->addr[10] = a->addr[11] = 0xff;
	__builtin_memcpy(a->addr + 12, v4, 4);
}

enum parsed {
	PARSED,
	UNREADABLE,
	NOTHING, /* names no destination, or is none that the kernel takes: the hook has nothing to ask */
	MISTAKEN /* what the socket's family does not take, but might if it changed: the kernel's answer is given here
		  */
};

/*
 * Reads a socket address as the protocols of the socket's family would. An IPv6 socket may become an IPv4 one in
 * another thread after the hook (IPV6_ADDRFORM), never the other way round: what is let go is refused by the kernel in
 * both forms. What each takes: inet_bind_sk and inet6_bind_sk, ping_bind, tcp_v4_connect and tcp_v6_connect,
 * __ip4_datagram_connect and __ip6_datagram_connect, udp_sendmsg and udpv6_sendmsg, ping_v4_sendmsg and
 * ping_v6_sendmsg, sctp_sockaddr_af.
 */
static __always_inline enum parsed parse(struct rf_address *a, const void *name, int len, u32 access, bool send)
{
	struct sockaddr_in6 in = {};
	u32 given;

	if (len < SIN_LEN)
		return NOTHING;
	if (bpf_probe_read_kernel(&in, sizeof(struct sockaddr_in), name))
		return UNREADABLE;
	given = in.family;
	a->port = bpf_ntohs(in.port);
	if (given == AF_UNSPEC) {
		/* connect: dissolves the association. bind: taken for AF_INET with the address 0 alone. sendmsg: an
		 * IPv4 socket takes it for AF_INET, if it has a port; an IPv6 socket sends to its peer, for which
		 * connect was asked, unless it becomes an IPv4 socket. */
		if (access == RF_BIND ? a->family == AF_INET && in.flowinfo : !send || !in.port)
			return NOTHING;
		given = AF_INET;
		if (access == RF_BIND && a->family == AF_INET6)
			return MISTAKEN;
	}
	if (given == AF_INET) {
		if (a->family == AF_INET6 && a->protocol != IPPROTO_SCTP &&
		    (access == RF_BIND || a->protocol == IPPROTO_TCP || a->protocol == IPPROTO_MPTCP))
			return MISTAKEN;
		map_v4(a, ((struct sockaddr_in *)&in)->addr);
		return PARSED;
	}
	if (given != AF_INET6 || a->family == AF_INET || len < SIN6_LEN_RFC2133)
		return NOTHING;
	if (bpf_probe_read_kernel(&in, SIN6_LEN_RFC2133, name))
		return UNREADABLE;
	__builtin_memcpy(a->addr, in.addr, 16);
	return PARSED;
}

static __always_inline bool is_v4(const struct rf_address *a)
{
	return !*(u64 *)a->addr && *(u32 *)(a->addr + 8) == bpf_htonl(0xffff);
}

/* :: or ::ffff:0.0.0.0 */
static __always_inline bool is_unspecified(const struct rf_address *a)
{
	return is_v4(a) ? !*(u32 *)(a->addr + 12) : !*(u64 *)a->addr && !*(u64 *)(a->addr + 8);
}

/* Asks for all that 0.0.0.0 may mean (an entry of its own says what every IPv4 address allows:
 * user/compile/anywhere.c), and where it does not allow that, for 127.0.0.1, if it means that. */
static __always_inline void ask_unspecified_v4(struct scratch *s, struct sock *sk, u32 protocol)
{
	judge_dest(s, RF_CONNECT, protocol, false);
	if (!s->out.refused)
		return;
	if (!source_stays_default(sk, true)) {
		s->out.reason = RF_REASON_ADDRESS;
		return;
	}
	s->out.refused = 0;
	*(u32 *)(s->event.head.address.addr + 12) = bpf_htonl(0x7f000001);
	judge_dest(s, RF_CONNECT, protocol, false);
}

/* Asks for 127.0.0.1, unless :: can't mean that, and for ::1. */
static __always_inline void ask_unspecified_v6(struct scratch *s, struct sock *sk, u32 protocol)
{
	const u8 loopback[4] = {127, 0, 0, 1};
	struct rf_address *a = &s->event.head.address;

	map_v4(a, loopback);
	judge_dest(s, RF_CONNECT, protocol, false);
	__builtin_memset(a->addr, 0, sizeof(a->addr));
	if (s->out.refused) {
		if (source_stays_default(sk, false))
			s->out.refused = 0;
		else
			s->out.reason = RF_REASON_ADDRESS;
	}
	if (refused(s))
		return;
	a->addr[15] = 1;
	judge_dest(s, RF_CONNECT, protocol, false);
}

/* Whether the call chooses the source or the device of a TCP socket, which source.h wants to know. */
static __always_inline bool chooses_source(const struct rf_address *a, u32 access)
{
	if (a->protocol != IPPROTO_TCP)
		return false;
	if (access == RF_CONNECT) /* link-local: its scope becomes the socket's device */
		return a->addr[0] == 0xfe && (a->addr[1] & 0xc0) == 0x80;
	return a->family == AF_INET ? !is_unspecified(a) : *(u64 *)a->addr || *(u64 *)(a->addr + 8);
}

/* Asks for a local address. The unspecified one of an IPv6 socket takes IPv4 as well, unless the socket declines. */
static __always_inline void ask_local(struct scratch *s, struct sock *sk, u32 protocol, u32 every)
{
	struct rf_address *a = &s->event.head.address;
	u64 *half = (u64 *)a->addr;
	const u8 any[4] = {};

	judge_dest(s, RF_BIND, protocol, every);
	if (half[0] || half[1] || s->out.refused || BPF_CORE_READ_BITFIELD_PROBED(&sk->__sk_common, skc_ipv6only))
		return;
	map_v4(a, any);
	judge_dest(s, RF_BIND, protocol, every);
}

static __always_inline void describe_socket(struct scratch *s, struct socket *sock, struct sock *sk)
{
	struct rf_address *a = &s->event.head.address;

	__builtin_memset(a, 0, sizeof(*a));
	a->family = sk->__sk_common.skc_family;
	a->protocol = sk->sk_protocol;
	a->type = sock->type;
}

/* What the kernel answers to an address of another family. A socket that could be given it all the same, once it has
 * changed its own, is not let go on. */
static __always_inline int mistaken(struct scratch *s, int len)
{
	scratch_put(s);
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	barrier();
	return -EAFNOSUPPORT;
}

static __always_inline void ask_parsed(struct scratch *s, struct sock *sk, u32 access)
{
	struct rf_address *a = &s->event.head.address;
	u32 protocol = protocol_bit(a->protocol);

	if (chooses_source(a, access) && !source_claim(sk, SOURCE_CHOSEN))
		judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	else if (access == RF_CONNECT && !is_unspecified(a))
		judge_dest(s, access, protocol, false);
	else if (access == RF_CONNECT && is_v4(a))
		ask_unspecified_v4(s, sk, protocol);
	else if (access == RF_CONNECT)
		ask_unspecified_v6(s, sk, protocol);
	else if (a->port) /* bind to port 0 needs no rule: listen asks for what it became. */
		ask_local(s, sk, protocol, false);
}

/* Families whose sockets are judged, here or in unix.bpf.c, or reach nothing that a rule could name. */
static __always_inline bool can_judge(u32 family, u32 type, u32 protocol)
{
	switch (family) {
	case AF_UNIX:
		return true;
	case AF_NETLINK:
		return protocol == NETLINK_ROUTE; /* what resolvers and getifaddrs(3) use */
	case AF_INET:
	case AF_INET6:
		return (type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET) &&
		       (!protocol || protocol_bit(protocol));
	}
	return false;
}

/*
 * A socket of a family that can't be judged: made by a TCP_ULP (before 6.13 "smc" puts an AF_SMC socket in the place of
 * a TCP one, net/smc/af_smc.c, smc_ulp_init), or before the fence. It reaches no other peer and serves no other name
 * than it had when it came: to go on with those is what an inherited descriptor is for.
 */
static __always_inline int ask_family(struct socket *sock, struct sock *sk, u32 family, u32 access, u32 hook)
{
	struct scratch *s;
	u32 sandbox;

	if (can_judge(family, sock->type, sk->sk_protocol))
		return 0;
	sandbox = guarded(RF_GUARD_SOCKETS);
	if (likely(!sandbox))
		return 0;
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	describe_socket(s, sock, sk);
	judge_guard(s, RF_GUARD_SOCKETS);
	return answer(s, hook, RF_OBJECT_NET);
}

static __always_inline int ask_address(struct socket *sock, const void *name, int len, u32 access, bool send, u32 hook)
{
	u32 sandbox = current_sandbox();
	struct sock *sk = sock->sk;
	bool may_wait = false;
	struct scratch *s;
	enum parsed parsed;
	u32 family;

	if (likely(!sandbox) || !sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return ask_family(sock, sk, family, access, hook);
	s = question(sandbox, access);
	if (!s)
		return -EACCES;
	describe_socket(s, sock, sk);
	if (!protocol_bit(sk->sk_protocol)) {
		judge_refuse(s, RF_REASON_FAMILY, EACCES);
		return answer(s, hook, RF_OBJECT_NET);
	}
	parsed = parse(&s->event.head.address, name, len, access, send);
	if (parsed == MISTAKEN)
		return mistaken(s, len);
	if (parsed == UNREADABLE) {
		judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	} else if (parsed == PARSED) {
		may_wait = access == RF_CONNECT && !send && !is_unspecified(&s->event.head.address);
		ask_parsed(s, sk, access);
	}
	if (unlikely(s->out.refused) && may_wait && unsent_waits(s, sk)) {
		scratch_put(s);
		return 0;
	}
	return answer(s, hook, RF_OBJECT_NET);
}

SEC("lsm/socket_connect")
int BPF_PROG(socket_connect, struct socket *sock, struct sockaddr *address, int addrlen)
{
	return ask_address(sock, address, addrlen, RF_CONNECT, false, RF_HOOK_socket_connect);
}

/* A unix socket's abstract name. A name in the file system is a file that bind creates: path_mknod asks for it; and
 * without a name the kernel picks an abstract one at random. */
static __always_inline int ask_unix_bind(const void *name, int len)
{
	u32 sandbox = current_sandbox();
	struct scratch *s;

	if (likely(!sandbox) || len <= (int)sizeof(u16))
		return 0;
	s = question(sandbox, RF_BIND);
	if (!s)
		return -EACCES;
	len -= sizeof(u16);
	if (len > 108 || bpf_probe_read_kernel(s->path[0].data, len & 127, name + sizeof(u16)))
		judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	else if (!s->path[0].data[0])
		judge_abstract(s, len, RF_BIND);
	return answer(s, RF_HOOK_socket_bind, RF_OBJECT_UNIX);
}

SEC("lsm/socket_bind")
int BPF_PROG(socket_bind, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct sock *sk = sock->sk;

	if (sk && sk->__sk_common.skc_family == AF_UNIX)
		return ask_unix_bind(address, addrlen);

	return ask_address(sock, address, addrlen, RF_BIND, false, RF_HOOK_socket_bind);
}

/* include/linux/socket.h */
struct control {
	u64 len;
	u32 level, type;
};
#define CONTROLS_MAX 32

/* A source route: the packet's first hop is another than the address that is asked for. And SCTP's further peers. */
static __always_inline bool control_leads_away(u32 level, u32 type)
{
	return (level == SOL_IPV6 && (type == IPV6_RTHDR || type == IPV6_2292RTHDR)) ||
	       (level == SOL_IP && type == IP_RETOPTS) ||
	       (level == SOL_SCTP && (type == SCTP_DSTADDRV4 || type == SCTP_DSTADDRV6));
}

/* Whether control messages (copied into the kernel already: net/socket.c, ____sys_sendmsg) hold one, or are too many
 * to look at. */
static __always_inline bool leads_away(u64 at, u64 left)
{
	for (u32 i = 0; i < CONTROLS_MAX; i++) {
		struct control control;
		u64 step;

		if (left < sizeof(control))
			return false;
		if (bpf_probe_read_kernel(&control, sizeof(control), (void *)at) || control.len < sizeof(control))
			return true;
		if (control_leads_away(control.level, control.type))
			return true;
		step = (control.len + 7) & ~7ull;
		if (step >= left)
			return false;
		at += step;
		left -= step;
	}
	return true;
}

/* A device whose addresses the unspecified one may mean. */
static __always_inline int ask_device(struct socket *sock)
{
	u32 sandbox = current_sandbox();
	struct sock *sk = sock->sk;
	struct scratch *s;

	if (likely(!sandbox) || !sk || sk->sk_protocol != IPPROTO_TCP || source_claim(sk, SOURCE_CHOSEN))
		return 0;
	s = question(sandbox, RF_CONNECT);
	if (!s)
		return -EACCES;
	describe_socket(s, sock, sk);
	judge_refuse(s, RF_REASON_ADDRESS, EACCES);
	return answer(s, RF_HOOK_socket_setsockopt, RF_OBJECT_NET);
}

/*
 * Whether a TCP_ULP is one that leaves the socket what it is: "tls" alone, which encrypts to the same peer. The name is
 * in the caller's memory, where another thread may still change it. It keeps the usual caller apart, no more: what a
 * socket has become is asked by its family when it is used (ask_family).
 */
static __always_inline bool harmless_ulp(void)
{
	struct pt_regs___entry *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	u8 name[4] = {};
	u64 at, len;

	if (BPF_CORE_READ(regs, orig_ax) != NR_SETSOCKOPT)
		return false;
	at = BPF_CORE_READ(regs, r10);
	len = BPF_CORE_READ(regs, r8);
	if (bpf_probe_read_user(name, 3, (void *)at) || name[0] != 't' || name[1] != 'l' || name[2] != 's')
		return false;
	return (u32)len == 3 || ((u32)len > 3 && !bpf_probe_read_user(&name[3], 1, (void *)(at + 3)) && !name[3]);
}

/*
 * Source routes, of which a flow label can have one (net/ipv6/ip6_flowlabel.c, fl_create). Addresses that are not this
 * host's as a source, which bind(2) to port 0 takes without a rule. And a range of ports for the kernel to choose from,
 * with which that is bind(2) to a port. And the port of UDP that carries SCTP's packets in the place of their own,
 * where the host has set net.sctp.udp_port (net/sctp/protocol.c, sctp_v4_xmit).
 */
static __always_inline bool leads_elsewhere(int level, int option)
{
	if (level == SOL_IPV6)
		return option == IPV6_RTHDR || option == IPV6_2292RTHDR || option == IPV6_2292PKTOPTIONS ||
		       option == IPV6_FLOWLABEL_MGR || option == IPV6_TRANSPARENT || option == IPV6_FREEBIND;
	if (level == SOL_SCTP)
		return option == SCTP_REMOTE_UDP_ENCAPS_PORT;
	return level == SOL_IP && (option == IP_OPTIONS || option == IP_TRANSPARENT || option == IP_FREEBIND ||
				   option == IP_LOCAL_PORT_RANGE);
}

SEC("lsm/socket_setsockopt")
int BPF_PROG(socket_setsockopt, struct socket *sock, int level, int option)
{
	if ((level == SOL_SOCKET && (option == SO_BINDTODEVICE || option == SO_BINDTOIFINDEX)) ||
	    (level == SOL_IP && option == IP_UNICAST_IF))
		return ask_device(sock);
	if (level == SOL_TCP && option == TCP_ULP)
		return guarded(RF_GUARD_SOCKETS) && !harmless_ulp()
			       ? guard_all(RF_GUARD_SOCKETS, RF_HOOK_socket_setsockopt)
			       : 0;
	if (leads_elsewhere(level, option))
		return guard_all(RF_GUARD_SOCKETS, RF_HOOK_socket_setsockopt);
	return 0;
}

/* Lists of addresses by setsockopt (net/sctp/socket.c). A single one came through connect, bind or sendmsg. */
SEC("lsm/sctp_bind_connect")
int BPF_PROG(sctp_bind_connect, struct sock *sk, int option)
{
	if (option != SCTP_CONNECTX && option != SCTP_CONNECTX_OLD && option != SCTP_BINDX_ADD)
		return 0;
	return guard_all(RF_GUARD_SOCKETS, RF_HOOK_sctp_bind_connect);
}

/* What is written to a tap goes out as packets of any kind. Making one wants a capability; this is one that an
 * administrator has made for the user. */
SEC("lsm/tun_dev_open")
int BPF_PROG(tun_dev_open)
{
	return guard_all(RF_GUARD_SOCKETS, RF_HOOK_tun_dev_open);
}

static __always_inline int ask_control(struct socket *sock, struct msghdr *msg)
{
	u32 sandbox = guarded(RF_GUARD_SOCKETS), family;
	struct sock *sk = sock->sk;

	if (likely(!sandbox) || !sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if ((family != AF_INET && family != AF_INET6) || !leads_away((u64)msg->msg_control, msg->msg_controllen))
		return 0;
	return guard_refuses(sandbox, RF_GUARD_SOCKETS, RF_HOOK_socket_sendmsg, RF_OBJECT_NONE, 0);
}

/* What is sent by a UDP socket that was connected to a denied address, wherever it would go. */
static __always_inline int ask_unsent(struct socket *sock)
{
	struct rf_address *mark;
	struct sock *sk = sock->sk;
	u32 sandbox;

	if (sock->type != SOCK_DGRAM || !sk || sk->sk_protocol != IPPROTO_UDP)
		return 0;
	sandbox = current_sandbox();
	if (likely(!sandbox))
		return 0;
	mark = bpf_sk_storage_get(&unsent, sk, NULL, 0);
	return likely(!mark) ? 0 : unsent_refuse(sandbox, mark);
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(socket_sendmsg, struct socket *sock, struct msghdr *msg, int size)
{
	void *name = msg->msg_name;
	int err = msg->msg_controllen ? ask_control(sock, msg) : 0;

	if (!err)
		err = ask_unsent(sock);
	if (!name || err)
		return err;
	/* A TCP stream takes an address with MSG_FASTOPEN alone (net/ipv4/tcp.c, tcp_sendmsg_locked). */
	if (sock->type == SOCK_STREAM && !(msg->msg_flags & MSG_FASTOPEN)) {
		struct sock *sk = sock->sk;

		if (sk && (sk->sk_protocol == IPPROTO_TCP || sk->sk_protocol == IPPROTO_MPTCP))
			return 0;
	}
	return ask_address(sock, name, msg->msg_namelen, RF_CONNECT, true, RF_HOOK_socket_sendmsg);
}

SEC("lsm/socket_listen")
int BPF_PROG(socket_listen, struct socket *sock, int backlog)
{
	u32 sandbox = current_sandbox();
	struct sock *sk = sock->sk;
	struct rf_address *a;
	struct scratch *s;
	u32 family, protocol;

	if (likely(!sandbox) || !sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return ask_family(sock, sk, family, RF_BIND, RF_HOOK_socket_listen);
	s = question(sandbox, RF_BIND);
	if (!s)
		return -EACCES;
	describe_socket(s, sock, sk);
	a = &s->event.head.address;
	a->port = sk->__sk_common.skc_num;
	protocol = protocol_bit(sk->sk_protocol);
	if (family == AF_INET) {
		u32 v4 = sk->__sk_common.skc_rcv_saddr;

		map_v4(a, (u8 *)&v4);
	} else {
		BPF_CORE_READ_INTO(&a->addr, sk, __sk_common.skc_v6_rcv_saddr);
	}
	if (!protocol)
		judge_refuse(s, RF_REASON_FAMILY, EACCES);
	else /* Not bound yet: the kernel picks any port. */
		ask_local(s, sk, protocol, !a->port);
	return answer(s, RF_HOOK_socket_listen, RF_OBJECT_NET);
}

/* include/linux/socket.h: numbers that no kernel gives to a family of sockets. */
static __always_inline bool is_no_family(u32 family)
{
	const u64 none = 1ull << AF_UNSPEC | 1ull << 7 | 1ull << 13 | 1ull << 14 | 1ull << 18 | 1ull << 22 |
			 1ull << 25 | 1ull << 27 | 1ull << 28;

	return family < 64 && none >> family & 1;
}

/* What a kernel says that was built without it, so that tools do without: for netlink, su, sudo and useradd do without
 * the audit log, where any other error ends them (libaudit's callers). Raw sockets are refused as to a user. */
static __always_inline u32 closed_errno(u32 family, u32 type)
{
	if (family == AF_NETLINK)
		return EPROTONOSUPPORT;
	if (family != AF_INET && family != AF_INET6)
		return EAFNOSUPPORT;
	return type == SOCK_RAW || type == SOCK_PACKET ? EPERM : EPROTONOSUPPORT;
}

SEC("lsm/socket_create")
int BPF_PROG(socket_create, int family, int type, int protocol, int kern)
{
	u32 sandbox;
	struct scratch *s;

	if (kern || can_judge(family, type, protocol))
		return 0;
	/* No raw socket is made without a protocol (net/ipv4/af_inet.c, inet_create): the kernel says so. */
	if ((family == AF_INET || family == AF_INET6) && type == SOCK_RAW && !protocol)
		return 0;
	sandbox = guarded(RF_GUARD_SOCKETS);
	if (likely(!sandbox))
		return 0;
	if (is_no_family(family))
		return -EAFNOSUPPORT;
	s = question(sandbox, RF_CONNECT);
	if (!s)
		return -EACCES;
	__builtin_memset(&s->event.head.address, 0, sizeof(s->event.head.address));
	s->event.head.address.family = family;
	s->event.head.address.type = type;
	s->event.head.address.protocol = protocol;
	judge_guard(s, RF_GUARD_SOCKETS);
	s->out.error = closed_errno(family, type);
	return answer(s, RF_HOOK_socket_create, RF_OBJECT_NET);
}
