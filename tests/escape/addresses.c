// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses that mean another one than they say. The policy allows PORT_ALLOWED on 127.0.0.1 and ::1; its listeners are
 * on all addresses, so that the same port on 127.0.0.2 is denied and answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <netinet/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escape/escape.h"
#include "vm/lib/address.h"
#include "escape/world.h"

#define ELSEWHERE "127.0.0.2"
#define DEVICE	  "escape1"
#define ON_DEVICE "10.99.99.1"

enum { PORT_CLOSED = 7050, PORT_HEARD = 7070, PORT_ONLY_6 = 7101 };

static int bind_to(int fd, const char *address)
{
	union name name;
	socklen_t len = name_of(&name, address, 0);

	return tried(bind(fd, &name.any, len));
}

static int new_socket(const char *address, int type)
{
	union name name;

	name_of(&name, address, 0);
	return socket(name.any.sa_family, type | SOCK_CLOEXEC, 0);
}

/* A connection to PORT_ALLOWED on the address that was meant: unfenced, that it is so is part of the attempt. */
static int meant(int fd, const char *address)
{
	union name peer;
	socklen_t len = sizeof(peer);
	char text[INET6_ADDRSTRLEN] = "";

	if (getpeername(fd, &peer.any, &len))
		return errno;
	if (peer.any.sa_family == AF_INET)
		inet_ntop(AF_INET, &peer.v4.sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &peer.v6.sin6_addr, text, sizeof(text));
	return strcmp(text, address) ? EILSEQ : 0;
}

static int from(int type, const char *source, const char *unspecified, const char *means)
{
	int fd = new_socket(unspecified, type), error = bind_to(fd, source);

	if (!error)
		error = connect_to(fd, unspecified, PORT_ALLOWED);
	return error ? error : meant(fd, means);
}

static int tcp_from_source(void)
{
	return from(SOCK_STREAM, ELSEWHERE, "0.0.0.0", ELSEWHERE);
}

static int tcp_mapped_from_source(void)
{
	return from(SOCK_STREAM, "::ffff:" ELSEWHERE, "::ffff:0.0.0.0", "::ffff:" ELSEWHERE);
}

static int udp_from_source(void)
{
	return from(SOCK_DGRAM, ELSEWHERE, "0.0.0.0", ELSEWHERE);
}

/* Bound to an IPv4 address, an IPv6 socket means 127.0.0.1 by ::, where PORT_ONLY_6 is denied. */
static int listen_4(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_ONLY_6);

	stage.fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(stage.fd[0], SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	return stage.fd[0] < 0 || bind(stage.fd[0], &name.any, len) || listen(stage.fd[0], 10) ? errno : 0;
}

static int from_mapped(int type)
{
	int fd = new_socket("::", type), error = bind_to(fd, "::ffff:127.0.0.1");

	if (!error)
		error = connect_to(fd, "::", PORT_ONLY_6);
	return error ? error : meant(fd, "::ffff:127.0.0.1");
}

static int tcp6_from_mapped(void)
{
	return from_mapped(SOCK_STREAM);
}

static int udp6_from_mapped(void)
{
	return from_mapped(SOCK_DGRAM);
}

/* ------------------------------------------------------- races with a source */

#define TRIES 100

static _Atomic int racing;

static void *choose_source(void *arg)
{
	(void)arg;
	for (int fd; (fd = atomic_exchange(&racing, -1)) != -2;)
		if (fd >= 0)
			bind_to(fd, ELSEWHERE);
		else
			sched_yield();
	return NULL;
}

/* Another thread binds the socket while this one connects it to 0.0.0.0. Alone, the first of the two is no attempt:
 * 127.0.0.1 is allowed, and so is a source. */
static int tcp_race(void)
{
	pthread_t thread;
	int error = EACCES;

	atomic_store(&racing, -1);
	if (pthread_create(&thread, NULL, choose_source, NULL))
		return EAGAIN;
	for (int i = 0; i < TRIES && error; i++) {
		int fd = new_socket("0.0.0.0", SOCK_STREAM);

		atomic_store(&racing, fd);
		if (i % 2)
			sched_yield();
		if (!connect_to(fd, "0.0.0.0", PORT_ALLOWED))
			error = meant(fd, ELSEWHERE) ? EACCES : 0;
		while (atomic_load(&racing) == fd)
			sched_yield();
		close(fd);
	}
	atomic_store(&racing, -2);
	pthread_join(thread, NULL);
	return error;
}

/* The same one after the other: the first connection fails, since nobody listens, and may leave nothing to build on. */
static int tcp_source_later(void)
{
	int fd = new_socket("0.0.0.0", SOCK_STREAM), error = connect_to(fd, "0.0.0.0", PORT_CLOSED);

	if (error != ECONNREFUSED)
		return error;
	error = bind_to(fd, ELSEWHERE);
	if (!error)
		error = connect_to(fd, "0.0.0.0", PORT_ALLOWED);
	return error ? error : meant(fd, ELSEWHERE);
}

/* ------------------------------------------------------------------- devices */

static int make_device(void)
{
	static const char *const make[] = {"/bin/sh", "-c",
					   "modprobe -q dummy; ip link show " DEVICE " >/dev/null 2>&1 ||"
					   " { ip link add " DEVICE " type dummy && ip addr add " ON_DEVICE
					   "/24 dev " DEVICE " && ip link set " DEVICE " up; } >/dev/null 2>&1",
					   NULL};

	return run_for(make, "") ? ENODEV : 0;
}

static int bind_to_device(int fd)
{
	return tried(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, DEVICE, sizeof(DEVICE)));
}

static int udp_device(void)
{
	int fd = new_socket("0.0.0.0", SOCK_DGRAM), error = bind_to_device(fd);

	if (!error)
		error = connect_to(fd, "0.0.0.0", PORT_ALLOWED);
	return error ? error : meant(fd, ON_DEVICE);
}

/* No answer comes back to the device; the packet has arrived. */
static int tcp_device(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = bind_to_device(fd);

	if (!error)
		error = connect_to(fd, "0.0.0.0", PORT_ALLOWED);
	return error == EINPROGRESS ? 0 : error;
}

static int tcp_device_later(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = connect_to(fd, "0.0.0.0", PORT_CLOSED);

	if (error != ECONNREFUSED && error != EINPROGRESS)
		return error;
	connect_to(fd, "0.0.0.0", PORT_CLOSED);
	error = bind_to_device(fd);
	if (!error)
		error = connect_to(fd, "0.0.0.0", PORT_ALLOWED);
	return error == EINPROGRESS ? 0 : error;
}

/* ---------------------------------------------------------- control messages */

static int hear_elsewhere(void)
{
	union name name;
	socklen_t len = name_of(&name, ELSEWHERE, PORT_HEARD);

	stage.fd[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return stage.fd[0] < 0 || bind(stage.fd[0], &name.any, len) ? errno : 0;
}

static bool nothing_heard(void)
{
	char byte;

	return recv(stage.fd[0], &byte, 1, 0) < 0;
}

/* Messages to 0.0.0.0, of which the last says where from. */
static int send_from(unsigned count)
{
	union name name;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = "";
	struct iovec byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr plain = {.msg_name = &name,
			       .msg_namelen = name_of(&name, "0.0.0.0", PORT_HEARD),
			       .msg_iov = &byte,
			       .msg_iovlen = 1};
	struct mmsghdr message[2] = {{.msg_hdr = plain}, {.msg_hdr = plain}};
	struct msghdr *last = &message[count - 1].msg_hdr;
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = inet_addr(ELSEWHERE)};
	int fd = new_socket("0.0.0.0", SOCK_DGRAM);

	last->msg_control = control;
	last->msg_controllen = sizeof(control);
	CMSG_FIRSTHDR(last)->cmsg_level = IPPROTO_IP;
	CMSG_FIRSTHDR(last)->cmsg_type = IP_PKTINFO;
	CMSG_FIRSTHDR(last)->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(last)), &info, sizeof(info));
	if (count == 1)
		return tried(sendmsg(fd, last, 0));
	return tried(sendmmsg(fd, message, count, 0));
}

static int pktinfo(void)
{
	return send_from(1);
}

static int pktinfo_second(void)
{
	return send_from(2);
}

/* --------------------------------------------------------- another family */

static _Atomic bool over;

static void *become_4(void *arg)
{
	do
		setsockopt(*(int *)arg, IPPROTO_IPV6, IPV6_ADDRFORM, &(int){AF_INET}, sizeof(int));
	while (!atomic_load(&over));
	return NULL;
}

/* A connected IPv6 socket takes a name of AF_UNSPEC for no name, an IPv4 socket for an IPv4 address; this one becomes
 * the other while it sends. */
static int unspec_race(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_UDP);
	int error = EACCES;

	name.any.sa_family = AF_UNSPEC;
	for (int i = 0; i < 20; i++) {
		int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		pthread_t thread;

		if (connect_to(fd, "::ffff:127.0.0.1", PORT_ALLOWED))
			return errno;
		atomic_store(&over, false);
		if (pthread_create(&thread, NULL, become_4, &fd))
			return EAGAIN;
		for (int j = 0; j < 20; j++) {
			int now = tried(sendto(fd, "x", 1, 0, &name.any, len));

			error = error ? now : 0;
			if (j >= 5)
				sched_yield();
		}
		atomic_store(&over, true);
		pthread_join(thread, NULL);
		/* In any case once as an IPv4 socket. */
		become_4(&fd);
		if (!tried(sendto(fd, "x", 1, 0, &name.any, len)))
			error = 0;
		close(fd);
	}
	return error;
}

/* ---------------------------------------------- families that can't be judged */

static int load_smc(void)
{
	run_for((const char *const[]){"/sbin/modprobe", "smc", NULL}, "");
	return 0;
}

static bool has_ulp(const char *name)
{
	char have[256];
	int fd = open("/proc/sys/net/ipv4/tcp_available_ulp", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, have, sizeof(have) - 1);

	close(fd);
	have[len > 0 ? len : 0] = '\0';
	return strstr(have, name);
}

/*
 * The conversion puts another inode in the place of the socket's file's own, and the last close of that file may then
 * cut the list of RCU callbacks, after which no grace period ends (reverted in 7.0, "net/smc: Introduce TCP ULP
 * support"; seen on 6.1: a guest in which nothing that waits for RCU goes on). So it is tried in the fence alone;
 * unfenced, that the kernel has it is enough.
 */
static int become_smc_and_connect(void)
{
	int fd = new_socket("127.0.0.1", SOCK_STREAM);
	int error;

	if (fd < 0)
		return errno;
	if (stage.fenced)
		error = tried(setsockopt(fd, IPPROTO_TCP, TCP_ULP, "smc", sizeof("smc")));
	else
		error = has_ulp("smc") ? 0 : ENOENT;
	return error ? error : connect_to(fd, "127.0.0.1", PORT_TCP);
}

/* What a TCP socket would be converted to, from before the fence. */
static int hold_smc(void)
{
	load_smc();
	stage.fd[0] = socket(AF_SMC, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return stage.fd[0] < 0 ? errno : 0;
}

static int held_connects(void)
{
	return connect_to(stage.fd[0], "127.0.0.1", PORT_TCP);
}

static int held_binds(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", 2010);

	return tried(bind(stage.fd[0], &name.any, len));
}

static int hold_bound_smc(void)
{
	int error = hold_smc();

	return error ? error : held_binds();
}

static int held_listens(void)
{
	return tried(listen(stage.fd[0], 1));
}

static int held_sends(void)
{
	union name name;
	socklen_t len = name_of(&name, "127.0.0.1", PORT_TCP);

	return tried(sendto(stage.fd[0], "x", 1, MSG_FASTOPEN, &name.any, len));
}

/* A packet socket sends to whatever address the packet names. */
static int hold_packet(void)
{
	stage.fd[0] = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return stage.fd[0] < 0 ? errno : 0;
}

static int packet_sends(void)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(0x0800),
				 .sll_ifindex = (int)if_nametoindex("lo"),
				 .sll_halen = 6};

	return tried(sendto(stage.fd[0], "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
}

#define A	 LINE_INET
#define HELD(by) BY_GUARD(by, "sockets")
#define MAY	 .hook = "socket_connect|socket_sendmsg", .reason = "address"
#define LATE	 .hook = "socket_bind|socket_setsockopt", .reason = "address"

const struct attempt attempts_addresses[] = {
	{"any4-source", A, BOTH, NULL, tcp_from_source, MAY},
	{"any4-source-mapped", A, BOTH, NULL, tcp_mapped_from_source, MAY},
	{"any4-source-udp", A, BOTH, NULL, udp_from_source, MAY},
	{"any4-source-later", A, BOTH, NULL, tcp_source_later, LATE},
	{"any4-source-race", A, BOTH, NULL, tcp_race, .hook = "socket_bind|socket_connect", .reason = "address",
	 .most = 2 * TRIES},
	{"any4-device", A, BOTH, make_device, tcp_device, MAY},
	{"any4-device-udp", A, BOTH, make_device, udp_device, MAY},
	{"any4-device-later", A, BOTH, make_device, tcp_device_later, LATE},
	{"any4-pktinfo", A, BOTH, hear_elsewhere, pktinfo, MAY, .changes = true, .intact = nothing_heard},
	{"any4-pktinfo-second", A, BOTH, hear_elsewhere, pktinfo_second, MAY, .changes = true, .intact = nothing_heard},
	{"any6-mapped", A, BOTH, listen_4, tcp6_from_mapped, MAY},
	{"any6-mapped-udp", A, BOTH, listen_4, udp6_from_mapped, MAY},
	{"AF_UNSPEC-ADDRFORM", A, BOTH, NULL, unspec_race, BY_RULE("socket_sendmsg", NULL), .changes = true,
	 .most = 420},
	{"ulp-smc", A, BOTH, load_smc, become_smc_and_connect, HELD("socket_setsockopt"), .changes = true},
	{"smc-before", A, BOTH, hold_smc, held_connects, HELD("socket_connect"), .changes = true},
	{"smc-before-bind", A, BOTH, hold_smc, held_binds, HELD("socket_bind")},
	{"smc-before-listen", A, BOTH, hold_bound_smc, held_listens, HELD("socket_listen")},
	{"smc-before-MSG_FASTOPEN", A, BOTH, hold_smc, held_sends, HELD("socket_sendmsg"), .changes = true},
	{"packet-before", A, BOTH, hold_packet, packet_sends, HELD("socket_sendmsg")},
};
ATTEMPTS(attempts_addresses);
