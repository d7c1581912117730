// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sockets. The policy allows: connect by tcp and udp to 127.0.0.1 and ::1, ports 7000-7099; bind of 127.0.0.1 and ::1,
 * ports 3000-3099. Nobody listens: an allowed TCP connect is answered ECONNREFUSED by the peer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vm/lib/address.h"
#include "vm/lib/held.h"
#include "vm/lib/world.h"

static int reach(int type, const char *address, unsigned port)
{
	union name name;
	socklen_t len = name_of(&name, address, port);
	int fd = socket(name.any.sa_family, type, 0), error;

	if (fd < 0)
		return EBADF;
	error = ERRNO(connect(fd, &name.any, len));
	return error || type != SOCK_DGRAM ? error : ERRNO(send(fd, "x", 1, 0));
}

static int take(int type, const char *address, unsigned port, int backlog)
{
	union name name;
	socklen_t len = name_of(&name, address, port);
	int fd = socket(name.any.sa_family, type, 0);

	if (fd < 0)
		return EBADF;
	if (bind(fd, &name.any, len))
		return errno;
	return backlog ? ERRNO(listen(fd, backlog)) : 0;
}

#define CONNECT(name, type, address, port)         \
	static int name(void)                      \
	{                                          \
		return reach(type, address, port); \
	}
#define BIND(name, type, address, port, backlog)           \
	static int name(void)                              \
	{                                                  \
		return take(type, address, port, backlog); \
	}
#define CREATE(name, family, type, protocol)                  \
	static int name(void)                                 \
	{                                                     \
		return ERRNO(socket(family, type, protocol)); \
	}

CONNECT(tcp_allowed, SOCK_STREAM, "127.0.0.1", 7001)
CONNECT(tcp_port, SOCK_STREAM, "127.0.0.1", 7100)
CONNECT(tcp_address, SOCK_STREAM, "127.0.0.2", 7001)
CONNECT(tcp6_allowed, SOCK_STREAM, "::1", 7001)
CONNECT(tcp6_refused, SOCK_STREAM, "::1", 9)
CONNECT(tcp_mapped_allowed, SOCK_STREAM, "::ffff:127.0.0.1", 7001)
CONNECT(tcp_mapped, SOCK_STREAM, "::ffff:127.0.0.1", 9)
CONNECT(tcp_any_allowed, SOCK_STREAM, "0.0.0.0", 7001)
CONNECT(tcp_any, SOCK_STREAM, "0.0.0.0", 9)
CONNECT(tcp6_any_allowed, SOCK_STREAM, "::", 7001)
CONNECT(tcp6_any, SOCK_STREAM, "::", 9)
CONNECT(udp_allowed, SOCK_DGRAM, "127.0.0.1", 7001)
CONNECT(udp_refused, SOCK_DGRAM, "127.0.0.1", 53)
CONNECT(udp6_refused, SOCK_DGRAM, "::1", 53)
BIND(bind_allowed, SOCK_STREAM, "127.0.0.1", 3001, 5)
BIND(bind_refused, SOCK_STREAM, "127.0.0.1", 2000, 0)
BIND(bind_any, SOCK_STREAM, "0.0.0.0", 3001, 0)
BIND(bind6_allowed, SOCK_STREAM, "::1", 3002, 5)
BIND(bind6_any, SOCK_STREAM, "::", 3001, 0)
BIND(bind_udp, SOCK_DGRAM, "127.0.0.1", 2000, 0)
BIND(bind_zero, SOCK_DGRAM, "0.0.0.0", 0, 0)
BIND(listen_zero, SOCK_STREAM, "127.0.0.1", 0, 5)
CREATE(packet, AF_PACKET, SOCK_RAW, 0)
CREATE(raw, AF_INET, SOCK_RAW, IPPROTO_TCP)
CREATE(raw6, AF_INET6, SOCK_RAW, IPPROTO_UDP)
CREATE(vsock, AF_VSOCK, SOCK_STREAM, 0)
CREATE(alg, AF_ALG, SOCK_SEQPACKET, 0)
CREATE(generic, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC)
CREATE(audit_netlink, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)
CREATE(route, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
CREATE(bluetooth, AF_BLUETOOTH, SOCK_RAW, 0)
CREATE(kcm, AF_KCM, SOCK_DGRAM, 0)

static int disconnect(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", 7001);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, &name.any, len))
		return EBADF;
	name.any.sa_family = AF_UNSPEC;
	return ERRNO(connect(fd, &name.any, sizeof(name.any)));
}

static int send_one(int family, int type, const char *address, unsigned port, int as, int flags)
{
	union name name;
	socklen_t len = name_of(&name, address, port);
	int fd = socket(family, type, 0);

	if (as >= 0)
		name.any.sa_family = (sa_family_t)as;
	return fd < 0 ? EBADF : ERRNO(sendto(fd, "x", 1, flags | MSG_NOSIGNAL, &name.any, len));
}

static int sendto_allowed(void)
{
	return send_one(AF_INET, SOCK_DGRAM, "127.0.0.1", 7002, -1, 0);
}

static int sendto_refused(void)
{
	return send_one(AF_INET, SOCK_DGRAM, "127.0.0.1", 53, -1, 0);
}

static int sendto_mapped(void)
{
	return send_one(AF_INET6, SOCK_DGRAM, "::ffff:127.0.0.1", 53, -1, 0);
}

static int sendto_v4_by_v6(void)
{
	return send_one(AF_INET6, SOCK_DGRAM, "127.0.0.1", 53, -1, 0);
}

static int sendto_any(void)
{
	return send_one(AF_INET, SOCK_DGRAM, "0.0.0.0", 53, -1, 0);
}

static int sendto_unspec(void)
{
	return send_one(AF_INET, SOCK_DGRAM, "127.0.0.1", 53, AF_UNSPEC, 0);
}

static int fast_open(void)
{
	return send_one(AF_INET, SOCK_STREAM, "127.0.0.1", 9, -1, MSG_FASTOPEN);
}

static int fast_open_unspec(void)
{
	int error = send_one(AF_INET, SOCK_STREAM, "127.0.0.1", 9, AF_UNSPEC, MSG_FASTOPEN);

	/* The kernel itself may dissolve instead of connecting; it must not have reached anybody. */
	return error == ECONNREFUSED ? 0 : EACCES;
}

/* Connected to where it may, then a datagram to somewhere else. */
static int sendto_elsewhere(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", 7001);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, &name.any, len))
		return EBADF;
	name.v4.sin_port = htons(53);
	return ERRNO(sendto(fd, "x", 1, 0, &name.any, len));
}

static int by_sendmsg(void)
{
	union name name;
	struct iovec text = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct msghdr msg = {.msg_name = &name, .msg_iov = &text, .msg_iovlen = 1};

	msg.msg_namelen = name_of(&name, "127.0.0.1", 53);
	return ERRNO(sendmsg(socket(AF_INET, SOCK_DGRAM, 0), &msg, 0));
}

/* The first is allowed, the second not. */
static int by_sendmmsg(void)
{
	union name name[2];
	struct iovec text = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct mmsghdr msg[2] = {{.msg_hdr = {.msg_name = &name[0], .msg_iov = &text, .msg_iovlen = 1}},
				 {.msg_hdr = {.msg_name = &name[1], .msg_iov = &text, .msg_iovlen = 1}}};
	int sent;

	msg[0].msg_hdr.msg_namelen = name_of(&name[0], "127.0.0.1", 7003);
	msg[1].msg_hdr.msg_namelen = name_of(&name[1], "127.0.0.1", 53);
	sent = sendmmsg(socket(AF_INET, SOCK_DGRAM, 0), msg, 2, 0);
	return sent == 1 ? EACCES : sent < 0 ? errno : 0;
}

/* An address of a length and a family that the kernel does not take for one. */
enum call { BY_CONNECT, BY_SENDTO, BY_BIND };

static int mistaken(enum call call, int family, int type, int named, socklen_t len)
{
	struct sockaddr_in6 name = {.sin6_family = (sa_family_t)named, .sin6_port = htons(53)};
	int fd = socket(family, type, 0);

	if (call == BY_SENDTO)
		return ERRNO(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, len));
	return ERRNO(call == BY_BIND ? bind(fd, (struct sockaddr *)&name, len)
				     : connect(fd, (struct sockaddr *)&name, len));
}

#define MISTAKEN(name, call, family, type, named, len)             \
	static int name(void)                                      \
	{                                                          \
		return mistaken(call, family, type, named, len); \
	}
MISTAKEN(connect_short, BY_CONNECT, AF_INET, SOCK_STREAM, AF_INET, 3)
MISTAKEN(connect_no_family, BY_CONNECT, AF_INET, SOCK_STREAM, 47, 16)
MISTAKEN(connect_v4_by_v6, BY_CONNECT, AF_INET6, SOCK_STREAM, AF_INET, 16)
MISTAKEN(connect_v4_long_by_v6, BY_CONNECT, AF_INET6, SOCK_STREAM, AF_INET, 28)
MISTAKEN(connect_v6_by_v4, BY_CONNECT, AF_INET, SOCK_STREAM, AF_INET6, 28)
MISTAKEN(sendto_short, BY_SENDTO, AF_INET, SOCK_DGRAM, AF_INET, 8)
MISTAKEN(sendto_no_family, BY_SENDTO, AF_INET, SOCK_DGRAM, 47, 16)
MISTAKEN(bind_short, BY_BIND, AF_INET, SOCK_STREAM, AF_INET, 3)
MISTAKEN(bind_no_family, BY_BIND, AF_INET, SOCK_STREAM, 47, 16)
MISTAKEN(bind_unspec_by_v6, BY_BIND, AF_INET6, SOCK_DGRAM, AF_UNSPEC, 28)
CREATE(family_none, AF_UNSPEC, SOCK_STREAM, 0)
CREATE(raw_none, AF_INET, SOCK_RAW, 0)
CREATE(stream_udp, AF_INET, SOCK_STREAM, IPPROTO_UDP)

static int listen_unbound(void)
{
	return ERRNO(listen(socket(AF_INET, SOCK_STREAM, 0), 5));
}

#define NET(asked, by) REFUSED(asked, by, NULL)
#define RAW(by)	       .error = EPERM, .hook = RF_HOOK_##by, .reason = RF_REASON_GUARD
#define FAMILY(by)     .error = EAFNOSUPPORT, .hook = RF_HOOK_##by, .reason = RF_REASON_GUARD
/* As a kernel says that was built without it. */
#define MISSING(by)    .error = EPROTONOSUPPORT, .hook = RF_HOOK_##by, .reason = RF_REASON_GUARD
#define NOBODY	       .error = ECONNREFUSED
/* The kernel's own answer, of which nothing is told. */
#define KERNELS(errno) .error = (errno)
#define TO(by)	       NET(RF_CONNECT, by)

const struct kase cases_sockets[] = {
	{CASE("tcp-allowed", tcp_allowed), NOBODY},
	{CASE("tcp-port", tcp_port), TO(socket_connect)},
	{CASE("tcp-address", tcp_address), TO(socket_connect)},
	{CASE("tcp6-allowed", tcp6_allowed), NOBODY},
	{CASE("tcp6-refused", tcp6_refused), TO(socket_connect)},
	{CASE("tcp-mapped-allowed", tcp_mapped_allowed), NOBODY},
	{CASE("tcp-mapped", tcp_mapped), TO(socket_connect)},
	{CASE("tcp-any-allowed", tcp_any_allowed), NOBODY},
	{CASE("tcp-any", tcp_any), TO(socket_connect)},
	{CASE("tcp6-any-allowed", tcp6_any_allowed), NOBODY},
	{CASE("tcp6-any", tcp6_any), TO(socket_connect)},
	{CASE("udp-allowed", udp_allowed)},
	{CASE("udp-refused", udp_refused), TO(socket_sendmsg)},
	{CASE("udp6-refused", udp6_refused), TO(socket_sendmsg)},
	{CASE("disconnect", disconnect)},
	{CASE("sendto-allowed", sendto_allowed)},
	{CASE("sendto-refused", sendto_refused), TO(socket_sendmsg)},
	{CASE("sendto-mapped", sendto_mapped), TO(socket_sendmsg)},
	{CASE("sendto-v4-by-v6", sendto_v4_by_v6), TO(socket_sendmsg)},
	{CASE("sendto-any", sendto_any), .error = EACCES, .access = RF_CONNECT, .hook = RF_HOOK_socket_sendmsg,
	 .reason = RF_REASON_ADDRESS},
	{CASE("connect-short", connect_short), KERNELS(EINVAL)},
	{CASE("connect-no-family", connect_no_family), KERNELS(EAFNOSUPPORT)},
	{CASE("connect-v4-by-v6", connect_v4_by_v6), KERNELS(EINVAL)},
	{CASE("connect-v4-long-by-v6", connect_v4_long_by_v6), KERNELS(EAFNOSUPPORT)},
	{CASE("connect-v6-by-v4", connect_v6_by_v4), KERNELS(EAFNOSUPPORT)},
	{CASE("sendto-short", sendto_short), KERNELS(EINVAL)},
	{CASE("sendto-no-family", sendto_no_family), KERNELS(EAFNOSUPPORT)},
	{CASE("bind-short", bind_short), KERNELS(EINVAL)},
	{CASE("bind-no-family", bind_no_family), KERNELS(EAFNOSUPPORT)},
	{CASE("bind-AF_UNSPEC-by-v6", bind_unspec_by_v6), KERNELS(EAFNOSUPPORT)},
	{CASE("family-none", family_none), KERNELS(EAFNOSUPPORT)},
	{CASE("SOCK_RAW-no-protocol", raw_none), KERNELS(EPROTONOSUPPORT)},
	{CASE("SOCK_STREAM-udp", stream_udp), KERNELS(EPROTONOSUPPORT)},
	{CASE("sendto-AF_UNSPEC", sendto_unspec), TO(socket_sendmsg)},
	{CASE("sendto-elsewhere", sendto_elsewhere), TO(socket_sendmsg)},
	{CASE("sendmsg", by_sendmsg), TO(socket_sendmsg)},
	{CASE("sendmmsg", by_sendmmsg), TO(socket_sendmsg)},
	{CASE("MSG_FASTOPEN", fast_open), TO(socket_sendmsg)},
	{CASE("MSG_FASTOPEN-AF_UNSPEC", fast_open_unspec), TO(socket_sendmsg)},
	{CASE("bind-allowed", bind_allowed)},
	{CASE("bind-refused", bind_refused), NET(RF_BIND, socket_bind)},
	{CASE("bind-any", bind_any), NET(RF_BIND, socket_bind)},
	{CASE("bind6-allowed", bind6_allowed)},
	{CASE("bind6-any", bind6_any), NET(RF_BIND, socket_bind)},
	{CASE("bind-udp", bind_udp), NET(RF_BIND, socket_bind)},
	{CASE("bind-port-0", bind_zero)},
	{CASE("listen-port-0", listen_zero), NET(RF_BIND, socket_listen)},
	{CASE("listen-unbound", listen_unbound), NET(RF_BIND, socket_listen)},
	{CASE("AF_PACKET", packet), FAMILY(socket_create)},
	{CASE("SOCK_RAW", raw), RAW(socket_create)},
	{CASE("SOCK_RAW-v6", raw6), RAW(socket_create)},
	{CASE("AF_VSOCK", vsock), FAMILY(socket_create)},
	{CASE("AF_ALG", alg), FAMILY(socket_create)},
	{CASE("AF_BLUETOOTH", bluetooth), FAMILY(socket_create)},
	{CASE("AF_KCM", kcm), FAMILY(socket_create)},
	{CASE("NETLINK_GENERIC", generic), MISSING(socket_create)},
	{CASE("NETLINK_AUDIT", audit_netlink), MISSING(socket_create)},
	{CASE("NETLINK_ROUTE", route)},
};
CASES(cases_sockets);
