// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ways to reach an address that is denied, and families that can't be judged. All listeners are this guest's own, on
 * loopback: PORT_TCP and its like are denied on every address, PORT_ALLOWED is allowed on 127.0.0.1 and ::1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/address.h"
#include "escape/uring.h"
#include "escape/world.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
/* From linux/sctp.h, which libc's headers of Debian 12 lack. */
#define SCTP_SOCKOPT_BINDX_ADD 100
#define SCTP_SOCKOPT_CONNECTX  110

static int reach(int type, int protocol, const char *address, unsigned port)
{
	union name name;

	name_of(&name, address, port);
	return connect_to(socket(name.any.sa_family, type | SOCK_CLOEXEC, protocol), address, port);
}

static int send_to(int fd, const char *address, unsigned port, int flags)
{
	union name name;
	socklen_t len = name_of(&name, address, port);

	return fd < 0 ? errno : tried(sendto(fd, "x", 1, flags, &name.any, len));
}

#define CONNECT(name, type, protocol, address, port)         \
	static int name(void)                                \
	{                                                    \
		return reach(type, protocol, address, port); \
	}
CONNECT(tcp4, SOCK_STREAM, 0, "127.0.0.1", PORT_TCP)
CONNECT(tcp4_other, SOCK_STREAM, 0, "127.3.2.1", PORT_TCP)
CONNECT(tcp6, SOCK_STREAM, 0, "::1", PORT_TCP)
CONNECT(tcp_mapped, SOCK_STREAM, 0, "::ffff:127.0.0.1", PORT_TCP)
CONNECT(tcp_any4, SOCK_STREAM, 0, "0.0.0.0", PORT_TCP)
CONNECT(tcp_any6, SOCK_STREAM, 0, "::", PORT_TCP)
CONNECT(tcp_mapped_any, SOCK_STREAM, 0, "::ffff:0.0.0.0", PORT_TCP)
CONNECT(mptcp4, SOCK_STREAM, IPPROTO_MPTCP, "127.0.0.1", PORT_TCP)
CONNECT(mptcp6, SOCK_STREAM, IPPROTO_MPTCP, "::1", PORT_TCP)
CONNECT(sctp4, SOCK_STREAM, IPPROTO_SCTP, "127.0.0.1", PORT_SCTP)

/* To a listener's datagram socket by connect and write. */
static int udp_connect_send(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = connect_to(fd, "127.0.0.1", PORT_UDP);

	return error ? error : tried(send(fd, "x", 1, 0));
}

/* First to what is allowed. */
static int udp_twice(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = connect_to(fd, "127.0.0.1", PORT_ALLOWED);

	if (!error)
		error = connect_to(fd, "127.0.0.1", PORT_UDP);
	return error ? error : tried(send(fd, "x", 1, 0));
}

static int unspec_then(void)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = connect_to(fd, "127.0.0.1", PORT_ALLOWED);

	if (!error)
		error = tried(connect(fd, &none, sizeof(none)));
	return error ? error : send_to(fd, "127.0.0.1", PORT_UDP, 0);
}

/* An IPv4 socket takes AF_UNSPEC as AF_INET in sendto. */
static int unspec_address(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_UDP);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	name.any.sa_family = AF_UNSPEC;
	return tried(sendto(fd, "x", 1, 0, &name.any, len));
}

static int udp_sendto(void)
{
	return send_to(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "127.0.0.1", PORT_UDP, 0);
}

static int udp6_sendto(void)
{
	return send_to(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "::1", PORT_UDP, 0);
}

static int udp_mapped(void)
{
	return send_to(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "::ffff:127.0.0.1", PORT_UDP, 0);
}

/* An IPv4 address given to an IPv6 socket. */
static int udp6_given_4(void)
{
	return send_to(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "127.0.0.1", PORT_UDP, 0);
}

static int udp_many(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_UDP);
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct mmsghdr message = {
		.msg_hdr = {.msg_name = &name, .msg_namelen = len, .msg_iov = &byte, .msg_iovlen = 1}};

	return tried(sendmmsg(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), &message, 1, 0));
}

static int udp_connected_elsewhere(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = connect_to(fd, "127.0.0.1", PORT_ALLOWED);

	return error ? error : send_to(fd, "127.0.0.1", PORT_UDP, 0);
}

static int udp_lite(void)
{
	return send_to(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE), "127.0.0.1", PORT_LITE, 0);
}

static int fast_open(void)
{
	return send_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "127.0.0.1", PORT_TCP, MSG_FASTOPEN);
}

static int fast_open6(void)
{
	return send_to(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "::1", PORT_TCP, MSG_FASTOPEN);
}

/* connect(2) waits for the first data: its address must have been judged then. */
static int fast_open_connect(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &(int){1}, sizeof(int));
	error = connect_to(fd, "127.0.0.1", PORT_TCP);
	return error ? error : tried(send(fd, "x", 1, 0));
}

static int mptcp_fast_open(void)
{
	return send_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP), "127.0.0.1", PORT_TCP, MSG_FASTOPEN);
}

static int sctp_option(int option, unsigned port)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	return fd < 0 ? errno : tried(setsockopt(fd, IPPROTO_SCTP, option, &name, len));
}

static int sctp_connectx(void)
{
	return sctp_option(SCTP_SOCKOPT_CONNECTX, PORT_SCTP);
}

static int sctp_bindx(void)
{
	return sctp_option(SCTP_SOCKOPT_BINDX_ADD, 2222);
}

static int sctp_sendto(void)
{
	return send_to(socket(AF_INET, SOCK_SEQPACKET | SOCK_CLOEXEC, IPPROTO_SCTP), "127.0.0.1", PORT_SCTP, 0);
}

/* An echo request. */
static int ping(void)
{
	static const char request[8] = {8};
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", 0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	return fd < 0 ? errno : tried(sendto(fd, request, sizeof(request), 0, &name.any, len));
}

/* A packet for an allowed address that goes by way of another. */
static const unsigned char route[24] = {[1] = 2, [2] = 2, [3] = 1, [23] = 1};

static int route_by_option(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : tried(setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, route, sizeof(route)));
}

static int route_by_message(void)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(route))] = "";
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct iovec text = {(char *)(uintptr_t) "x", 1};
	union name name;
	struct msghdr message = {.msg_name = &name.any,
				 .msg_namelen = name_of(&name, "::1", 7000),
				 .msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *first = CMSG_FIRSTHDR(&message);

	first->cmsg_level = IPPROTO_IPV6;
	first->cmsg_type = IPV6_RTHDR;
	first->cmsg_len = CMSG_LEN(sizeof(route));
	memcpy(CMSG_DATA(first), route, sizeof(route));
	return fd < 0 ? errno : tried(sendmsg(fd, &message, 0));
}

/* ------------------------------------------------- sockets from elsewhere */

static int hold_socket(void)
{
	stage.fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	return stage.fd[0] < 0 ? errno : 0;
}

static int reach_by_held(void)
{
	return connect_to(stage.fd[0], "127.0.0.1", PORT_TCP);
}

static int hold_raw(void)
{
	stage.fd[0] = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	return stage.fd[0] < 0 ? errno : 0;
}

static int send_by_raw(void)
{
	/* A UDP header: from port 1 to PORT_UDP, 9 bytes, no sum. */
	static const unsigned char packet[9] = {0, 1, PORT_UDP >> 8, PORT_UDP & 255, 0, 9, 0, 0, 'x'};
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", 0);

	return tried(sendto(stage.fd[0], packet, sizeof(packet), 0, &name.any, len));
}

static int send_socket(void)
{
	int pair[2], fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return errno;
	stage.fd[0] = pair[0];
	return send_fd(pair[1], fd);
}

static int send_by_received(void)
{
	int fd = receive_fd(stage.fd[0]);

	return fd < 0 ? errno : send_to(fd, "127.0.0.1", PORT_UDP, 0);
}

/* ------------------------------------------------------ listening, families */

static int listen_on(int type, const char *address, unsigned port)
{
	union name name;
	socklen_t len = name_of(&name, address, port);
	int fd = socket(name.any.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, &name.any, len))
		return errno;
	return type == SOCK_STREAM ? tried(listen(fd, 1)) : 0;
}

static int listen_denied(void)
{
	return listen_on(SOCK_STREAM, "127.0.0.1", 2000);
}

static int listen_any(void)
{
	return listen_on(SOCK_STREAM, "::", 3001);
}

static int listen_unbound(void)
{
	return tried(listen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1));
}

static int bind_udp(void)
{
	return listen_on(SOCK_DGRAM, "0.0.0.0", 2000);
}

#define CREATE(name, family, type, protocol)                                   \
	static int name(void)                                                  \
	{                                                                      \
		return tried(socket(family, (type) | SOCK_CLOEXEC, protocol)); \
	}
CREATE(raw4, AF_INET, SOCK_RAW, IPPROTO_UDP)
CREATE(raw6, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
CREATE(packet_raw, AF_PACKET, SOCK_RAW, 0x0300)
CREATE(packet_dgram, AF_PACKET, SOCK_DGRAM, 0x0300)
CREATE(old_packet, AF_INET, SOCK_PACKET, 0x0300)
CREATE(vsock, AF_VSOCK, SOCK_STREAM, 0)
CREATE(alg, AF_ALG, SOCK_SEQPACKET, 0)
CREATE(xdp, AF_XDP, SOCK_RAW, 0)
CREATE(key_family, AF_KEY, SOCK_RAW, 2)
CREATE(tipc, AF_TIPC, SOCK_RDM, 0)
CREATE(netlink_audit, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)
CREATE(netlink_generic, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC)
CREATE(netlink_uevent, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)
CREATE(netlink_filter, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)

/* ------------------------------------------------------------------ io_uring */

static int uring_connect(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_TCP);
	struct io_uring_sqe entry = {.opcode = IORING_OP_CONNECT,
				     .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				     .addr = (uintptr_t)&name,
				     .off = len};

	return tried(uring_do(0, &entry));
}

static int uring_send(unsigned setup)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_UDP);
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr message = {.msg_name = &name, .msg_namelen = len, .msg_iov = &byte, .msg_iovlen = 1};
	struct io_uring_sqe entry = {.opcode = IORING_OP_SENDMSG,
				     .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				     .addr = (uintptr_t)&message,
				     .len = 1};

	return tried(uring_do(setup, &entry));
}

static int uring_sendmsg(void)
{
	return uring_send(0);
}

static int uring_sendmsg_sqpoll(void)
{
	return uring_send(IORING_SETUP_SQPOLL);
}

static int uring_packet(void)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_SOCKET, .fd = AF_PACKET, .off = SOCK_RAW, .len = 0x0300};

	return tried(uring_do(0, &entry));
}

/* A device that an administrator made for the user; it stays, so that one is enough. */
static int take_tun(int fd)
{
	struct ifreq request = {.ifr_name = "escape0", .ifr_flags = IFF_TUN | IFF_NO_PI};

	return fd < 0 || ioctl(fd, TUNSETIFF, &request) ? errno : 0;
}

static int make_tun(void)
{
	int fd = -1, error;

	if (run_for((const char *const[]){"/sbin/modprobe", "tun", NULL}, ""))
		return ENODEV;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	error = take_tun(fd);
	if (!error && (ioctl(fd, TUNSETOWNER, (unsigned long)stage.uid) || ioctl(fd, TUNSETPERSIST, 1UL) ||
		       chmod("/dev/net/tun", 0666)))
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int open_tun(void)
{
	return take_tun(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
}

#define TO	  BY_RULE("socket_connect|socket_sendmsg", NULL), .changes = true
#define BOUND	  BY_RULE("socket_bind|socket_listen", NULL)
#define NO_FAMILY .hook = "socket_create", .reason = "guard|family", .guard = "sockets"
#define D	  LINE_INET

const struct attempt attempts_destinations[] = {
	{"tcp4", D, BOTH, NULL, tcp4, TO},
	{"tcp4-127/8", D, BOTH, NULL, tcp4_other, TO},
	{"tcp6", D, BOTH, NULL, tcp6, TO},
	{"tcp-mapped", D, BOTH, NULL, tcp_mapped, TO},
	{"tcp-any4", D, BOTH, NULL, tcp_any4, TO},
	{"tcp-any6", D, BOTH, NULL, tcp_any6, TO},
	{"tcp-mapped-any", D, BOTH, NULL, tcp_mapped_any, TO},
	{"udp-connect", D, BOTH, NULL, udp_connect_send, TO},
	{"udp-connect-twice", D, BOTH, NULL, udp_twice, TO},
	{"udp-AF_UNSPEC-then", D, BOTH, NULL, unspec_then, TO},
	{"udp-AF_UNSPEC-address", D, BOTH, NULL, unspec_address, TO},
	{"udp-sendto", D, BOTH, NULL, udp_sendto, TO},
	{"udp6-sendto", D, BOTH, NULL, udp6_sendto, TO},
	{"udp-mapped", D, BOTH, NULL, udp_mapped, TO},
	{"udp6-given-ipv4", D, BOTH, NULL, udp6_given_4, TO},
	{"udp-sendmmsg", D, BOTH, NULL, udp_many, TO},
	{"udp-connected-elsewhere", D, BOTH, NULL, udp_connected_elsewhere, TO},
	{"udplite", D, BOTH, NULL, udp_lite, TO},
	{"fast-open", D, BOTH, NULL, fast_open, TO},
	{"fast-open6", D, BOTH, NULL, fast_open6, TO},
	{"fast-open-connect", D, BOTH, NULL, fast_open_connect, TO},
	{"mptcp4", D, BOTH, NULL, mptcp4, TO},
	{"mptcp6", D, BOTH, NULL, mptcp6, TO},
	{"mptcp-fast-open", D, BOTH, NULL, mptcp_fast_open, TO},
	{"sctp", D, BOTH, NULL, sctp4, TO},
	{"sctp-sendto", D, BOTH, NULL, sctp_sendto, TO},
	{"sctp-connectx", D, BOTH, NULL, sctp_connectx, BY_GUARD("sctp_bind_connect", "sockets"), .changes = true},
	{"sctp-bindx", D, BOTH, NULL, sctp_bindx, BY_GUARD("sctp_bind_connect", "sockets")},
	{"route-by-option", D, BOTH, NULL, route_by_option, BY_GUARD("socket_setsockopt", "sockets")},
	{"route-by-message", D, BOTH, NULL, route_by_message, BY_GUARD("socket_sendmsg", "sockets")},
	{"ping", D, BOTH, NULL, ping, BY_RULE("socket_sendmsg", NULL)},
	{"socket-before", D, BOTH, hold_socket, reach_by_held, TO},
	{"raw-before", D, BOTH, hold_raw, send_by_raw, .hook = "socket_sendmsg", .reason = "guard|family|rule",
	 .guard = "sockets", .changes = true},
	{"socket-received", D, BOTH, send_socket, send_by_received, TO},
	{"listen", D, BOTH, NULL, listen_denied, BOUND},
	{"listen-any", D, BOTH, NULL, listen_any, BOUND},
	{"listen-unbound", D, BOTH, NULL, listen_unbound, BOUND},
	{"bind-udp", D, BOTH, NULL, bind_udp, BOUND},
	{"raw4", D, ROOT, NULL, raw4, NO_FAMILY},
	{"raw6", D, ROOT, NULL, raw6, NO_FAMILY},
	{"packet", D, ROOT, NULL, packet_raw, NO_FAMILY},
	{"packet-dgram", D, ROOT, NULL, packet_dgram, NO_FAMILY},
	{"packet-old", D, ROOT, NULL, old_packet, NO_FAMILY},
	{"vsock", D, BOTH, NULL, vsock, NO_FAMILY},
	{"alg", D, BOTH, NULL, alg, NO_FAMILY},
	{"xdp", D, ROOT, NULL, xdp, NO_FAMILY},
	{"key", D, ROOT, NULL, key_family, NO_FAMILY},
	{"tipc", D, BOTH, NULL, tipc, NO_FAMILY},
	{"netlink-audit", D, BOTH, NULL, netlink_audit, NO_FAMILY},
	{"netlink-generic", D, BOTH, NULL, netlink_generic, NO_FAMILY},
	{"netlink-uevent", D, BOTH, NULL, netlink_uevent, NO_FAMILY},
	{"netlink-netfilter", D, BOTH, NULL, netlink_filter, NO_FAMILY},
	{"tun", D, USER, make_tun, open_tun, BY_GUARD("tun_dev_open", "sockets")},
	{"uring-connect", D, BOTH, NULL, uring_connect, TO},
	{"uring-sendmsg", D, BOTH, NULL, uring_sendmsg, TO},
	{"uring-sendmsg-SQPOLL", D, BOTH, NULL, uring_sendmsg_sqpoll, TO},
	{"uring-socket", D, ROOT, NULL, uring_packet, NO_FAMILY},
};
ATTEMPTS(attempts_destinations);
