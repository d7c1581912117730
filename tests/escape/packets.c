// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets that no hook of sockets sees: what leads them past the address that was asked for, or makes their source. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escape/escape.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

/* A routing header by way of another address; a loose source route by way of 127.0.0.2, which needs no network. */
static const unsigned char header[24] = {[1] = 2, [2] = 2, [3] = 1, [23] = 1};
static const unsigned char options[8] = {0x83, 7, 4, 127, 0, 0, 2, 0};

static const struct sockaddr_in6 v6 = {
	.sin6_family = AF_INET6, .sin6_port = 0x581b /* 7000 */, .sin6_addr.s6_addr[15] = 1};
static const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = 0x581b, .sin_addr.s_addr = 0x0100007f};

/* Two messages to the same address, the second with a control message. */
static int send_two(int family, const void *name, unsigned len, int level, int type, const void *data, size_t size)
{
	_Alignas(struct cmsghdr) char control[64] = "";
	struct iovec text = {(char *)(uintptr_t) "x", 1};
	struct mmsghdr two[2];
	struct cmsghdr *first;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), sent;

	memset(two, 0, sizeof(two));
	for (int i = 0; i < 2; i++) {
		two[i].msg_hdr.msg_name = (void *)(uintptr_t)name;
		two[i].msg_hdr.msg_namelen = len;
		two[i].msg_hdr.msg_iov = &text;
		two[i].msg_hdr.msg_iovlen = 1;
	}
	two[1].msg_hdr.msg_control = control;
	two[1].msg_hdr.msg_controllen = CMSG_SPACE(size);
	first = CMSG_FIRSTHDR(&two[1].msg_hdr);
	first->cmsg_level = level;
	first->cmsg_type = type;
	first->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(first), data, size);
	sent = fd < 0 ? -1 : sendmmsg(fd, two, 2, 0);
	if (sent < 0)
		return errno;
	/* What ended the second is told with the next call alone, and not by all kernels. */
	return sent == 2 ? 0 : EPERM;
}

static int route_by_second(void)
{
	return send_two(AF_INET6, &v6, sizeof(v6), IPPROTO_IPV6, IPV6_RTHDR, header, sizeof(header));
}

static int options_by_second(void)
{
	return send_two(AF_INET, &v4, sizeof(v4), IPPROTO_IP, IP_RETOPTS, options, sizeof(options));
}

static int flow_label(void)
{
	_Alignas(struct cmsghdr) char label[sizeof(struct in6_flowlabel_req) + CMSG_SPACE(sizeof(header))] = "";
	struct in6_flowlabel_req request = {.flr_dst = v6.sin6_addr,
					    .flr_action = IPV6_FL_A_GET,
					    .flr_share = IPV6_FL_S_EXCL,
					    .flr_flags = IPV6_FL_F_CREATE};
	struct cmsghdr *head = (void *)(label + sizeof(request));
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(label, &request, sizeof(request));
	head->cmsg_len = CMSG_LEN(sizeof(header));
	head->cmsg_level = IPPROTO_IPV6;
	head->cmsg_type = IPV6_RTHDR;
	memcpy(CMSG_DATA(head), header, sizeof(header));
	return tried(setsockopt(fd, IPPROTO_IPV6, 32 /* IPV6_FLOWLABEL_MGR */, label, sizeof(label)));
}

/* A port without a rule: of a range of one, by bind(2) to port 0. */
static int port_by_range(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = 0x0100007f};
	socklen_t len = sizeof(name);
	unsigned range = 40000u << 16 | 40000; /* within net.ipv4.ip_local_port_range, else it does nothing */
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range)) ||
	    bind(fd, (void *)&name, sizeof(name)) || getsockname(fd, (void *)&name, &len))
		return errno;
	return ntohs(name.sin_port) == 40000 ? 0 : ERANGE;
}

static int foreign_source(int family, int level, int option)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : tried(setsockopt(fd, level, option, &(int){1}, sizeof(int)));
}

static int transparent(void)
{
	return foreign_source(AF_INET, IPPROTO_IP, IP_TRANSPARENT);
}

static int transparent6(void)
{
	return foreign_source(AF_INET6, IPPROTO_IPV6, 75 /* IPV6_TRANSPARENT */);
}

static int freebind(void)
{
	return foreign_source(AF_INET, IPPROTO_IP, IP_FREEBIND);
}

static int freebind6(void)
{
	return foreign_source(AF_INET6, IPPROTO_IPV6, 78 /* IPV6_FREEBIND */);
}

/* The port of UDP that an association's packets go to (include/uapi/linux/sctp.h, struct sctp_udpencaps). */
static int sctp_over_udp(void)
{
	struct {
		int association;
		struct sockaddr_storage address;
		unsigned short port;
	} encapsulation = {.address.ss_family = AF_INET, .port = 0x3500 /* 53 */};
	int fd = socket(AF_INET, SOCK_SEQPACKET | SOCK_CLOEXEC, IPPROTO_SCTP);

	return fd < 0 ? errno
		      : tried(setsockopt(fd, IPPROTO_SCTP, 132 /* SCTP_REMOTE_UDP_ENCAPS_PORT */, &encapsulation,
					 sizeof(encapsulation)));
}

#define P      LINE_INET, BOTH
#define SENT   BY_GUARD("socket_sendmsg", "sockets")
#define OPTION BY_GUARD("socket_setsockopt", "sockets")

const struct attempt attempts_packets[] = {
	{"route-by-second-message", P, NULL, route_by_second, SENT},
	{"options-by-second-message", P, NULL, options_by_second, SENT},
	{"route-by-flow-label", P, NULL, flow_label, OPTION},
	{"port-by-range", P, NULL, port_by_range, OPTION},
	{"transparent", LINE_INET, ROOT, NULL, transparent, OPTION},
	{"transparent6", LINE_INET, ROOT, NULL, transparent6, OPTION},
	{"freebind", P, NULL, freebind, OPTION},
	{"freebind6", P, NULL, freebind6, OPTION},
	{"sctp-over-udp", P, NULL, sctp_over_udp, OPTION},
};
ATTEMPTS(attempts_packets);
