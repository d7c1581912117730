/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Socket options and control messages of the families that a fence can make, by what they are for it:
 * X(LEVEL, NAME, number, KIND, "which or why"). Of GUARDED and JUDGED, the attempt of tests/escape that tries it (or
 * one that goes the same way), or a file; of the others, why nothing is tried. Numbers:
 * include/uapi/linux/{in,in6,tcp,udp, sctp,mptcp,netlink}.h, include/uapi/asm-generic/socket.h, netfilter*.h.
 */
#ifndef RINGFENCE_TESTS_SWEEP_OPTIONS_H
#define RINGFENCE_TESTS_SWEEP_OPTIONS_H

/* clang-format off */
#define OPTION_KINDS(X)                                                        \
	X(GUARDED, "a guard refuses it")                                       \
	X(JUDGED, "what follows from it is judged, or refused")                \
	X(CAPABLE, "wants a capability that the guard of capabilities refuses") \
	X(HARMLESS, "changes neither where packets go nor which port is served") \
	X(TOLD, "can be read alone, or is told to programs")

/* X(LEVEL, level, family, type, protocol): a socket that has it. */
#define OPTION_LEVELS(X) \
	X(SOCKET, 1, AF_INET, SOCK_DGRAM, 0) \
	X(IP, 0, AF_INET, SOCK_DGRAM, 0) \
	X(IPV6, 41, AF_INET6, SOCK_DGRAM, 0) \
	X(TCP, 6, AF_INET, SOCK_STREAM, 0) \
	X(UDP, 17, AF_INET, SOCK_DGRAM, 0) \
	X(UDPLITE, 136, AF_INET, SOCK_DGRAM, 136) \
	X(SCTP, 132, AF_INET, SOCK_SEQPACKET, 132) \
	X(MPTCP, 284, AF_INET, SOCK_STREAM, 262) \
	X(NETLINK, 270, AF_NETLINK, SOCK_RAW, 0)

/* Numbers between others that nobody has: X(LEVEL, first, last). */
#define NO_OPTIONS(X) \
	X(IP, 27, 31) \
	X(IP, 53, 63) \
	X(IP, 66, 95) \
	X(IP, 98, 127) \
	X(IPV6, 9, 10) \
	X(IPV6, 12, 15) \
	X(IPV6, 37, 41) \
	X(IPV6, 68, 69) \
	X(IPV6, 71, 71) \
	X(TCP, 15, 15) \
	X(UDP, 2, 99) \
	X(UDPLITE, 2, 9) \
	X(UDPLITE, 12, 99) \
	X(SCTP, 38, 99) \
	X(SCTP, 103, 106)

#define OPTIONS(X) \
	X(SOCKET, SO_DEBUG, 1, HARMLESS, "a flag of the socket, for NET_ADMIN") \
	X(SOCKET, SO_REUSEADDR, 2, JUDGED, "destinations/bind-udp") \
	X(SOCKET, SO_TYPE, 3, TOLD, "told") \
	X(SOCKET, SO_ERROR, 4, TOLD, "told") \
	X(SOCKET, SO_DONTROUTE, 5, HARMLESS, "the address stays: it must be a neighbour's") \
	X(SOCKET, SO_BROADCAST, 6, HARMLESS, "a broadcast address is judged as any") \
	X(SOCKET, SO_SNDBUF, 7, HARMLESS, "sizes of the socket") \
	X(SOCKET, SO_RCVBUF, 8, HARMLESS, "sizes of the socket") \
	X(SOCKET, SO_KEEPALIVE, 9, HARMLESS, "to the same peer") \
	X(SOCKET, SO_OOBINLINE, 10, HARMLESS, "what is read") \
	X(SOCKET, SO_NO_CHECK, 11, HARMLESS, "checksums") \
	X(SOCKET, SO_PRIORITY, 12, HARMLESS, "the order of packets; above 6 for NET_ADMIN") \
	X(SOCKET, SO_LINGER, 13, HARMLESS, "how it is closed") \
	X(SOCKET, SO_BSDCOMPAT, 14, HARMLESS, "does nothing") \
	X(SOCKET, SO_REUSEPORT, 15, JUDGED, "destinations/bind-udp") \
	X(SOCKET, SO_PASSCRED, 16, HARMLESS, "what is received") \
	X(SOCKET, SO_PEERCRED, 17, TOLD, "told") \
	X(SOCKET, SO_RCVLOWAT, 18, HARMLESS, "when a read returns") \
	X(SOCKET, SO_SNDLOWAT, 19, TOLD, "told") \
	X(SOCKET, SO_RCVTIMEO, 20, HARMLESS, "when a call returns") \
	X(SOCKET, SO_SNDTIMEO, 21, HARMLESS, "when a call returns") \
	X(SOCKET, SO_SECURITY_AUTHENTICATION, 22, TOLD, "told") \
	X(SOCKET, SO_SECURITY_ENCRYPTION_TRANSPORT, 23, TOLD, "told") \
	X(SOCKET, SO_SECURITY_ENCRYPTION_NETWORK, 24, TOLD, "told") \
	X(SOCKET, SO_BINDTODEVICE, 25, JUDGED, "addresses/any4-device-later") \
	X(SOCKET, SO_ATTACH_FILTER, 26, HARMLESS, "drops what the socket receives") \
	X(SOCKET, SO_DETACH_FILTER, 27, HARMLESS, "of the socket's own") \
	X(SOCKET, SO_PEERNAME, 28, TOLD, "told") \
	X(SOCKET, SO_TIMESTAMP, 29, HARMLESS, "what is received") \
	X(SOCKET, SO_ACCEPTCONN, 30, TOLD, "told") \
	X(SOCKET, SO_PEERSEC, 31, TOLD, "told") \
	X(SOCKET, SO_SNDBUFFORCE, 32, CAPABLE, "NET_ADMIN: a size") \
	X(SOCKET, SO_RCVBUFFORCE, 33, CAPABLE, "NET_ADMIN: a size") \
	X(SOCKET, SO_PASSSEC, 34, HARMLESS, "what is received") \
	X(SOCKET, SO_TIMESTAMPNS, 35, HARMLESS, "what is received") \
	X(SOCKET, SO_MARK, 36, HARMLESS, "the address stays; for NET_ADMIN or NET_RAW: which of the host's routes and filters take it") \
	X(SOCKET, SO_TIMESTAMPING, 37, HARMLESS, "what is received") \
	X(SOCKET, SO_PROTOCOL, 38, TOLD, "told") \
	X(SOCKET, SO_DOMAIN, 39, TOLD, "told") \
	X(SOCKET, SO_RXQ_OVFL, 40, HARMLESS, "what is received") \
	X(SOCKET, SO_WIFI_STATUS, 41, HARMLESS, "what is received") \
	X(SOCKET, SO_PEEK_OFF, 42, HARMLESS, "what is read") \
	X(SOCKET, SO_NOFCS, 43, HARMLESS, "of packet sockets") \
	X(SOCKET, SO_LOCK_FILTER, 44, HARMLESS, "of the socket's own") \
	X(SOCKET, SO_SELECT_ERR_QUEUE, 45, HARMLESS, "what poll tells") \
	X(SOCKET, SO_BUSY_POLL, 46, HARMLESS, "how it waits") \
	X(SOCKET, SO_MAX_PACING_RATE, 47, HARMLESS, "how fast it sends") \
	X(SOCKET, SO_BPF_EXTENSIONS, 48, TOLD, "told") \
	X(SOCKET, SO_INCOMING_CPU, 49, HARMLESS, "which of a port's sockets receives") \
	X(SOCKET, SO_ATTACH_BPF, 50, HARMLESS, "drops what the socket receives; the program is one that bpf(2) gave: guard bpf") \
	X(SOCKET, SO_ATTACH_REUSEPORT_CBPF, 51, HARMLESS, "which of a port's sockets receives: bind was judged for each") \
	X(SOCKET, SO_ATTACH_REUSEPORT_EBPF, 52, HARMLESS, "which of a port's sockets receives: bind was judged for each") \
	X(SOCKET, SO_CNX_ADVICE, 53, HARMLESS, "confirms a neighbour") \
	X(SOCKET, SO_COOKIE_OLD, 54, TOLD, "told") \
	X(SOCKET, SO_MEMINFO, 55, TOLD, "told") \
	X(SOCKET, SO_INCOMING_NAPI_ID, 56, TOLD, "told") \
	X(SOCKET, SO_COOKIE, 57, TOLD, "told") \
	X(SOCKET, SO_GETPEERSEC, 58, TOLD, "told") \
	X(SOCKET, SO_PEERGROUPS, 59, TOLD, "told") \
	X(SOCKET, SO_ZEROCOPY, 60, HARMLESS, "how it is sent") \
	X(SOCKET, SO_TXTIME, 61, HARMLESS, "when it is sent") \
	X(SOCKET, SO_BINDTOIFINDEX, 62, JUDGED, "addresses/any4-device-later") \
	X(SOCKET, SO_TIMESTAMP_NEW, 63, HARMLESS, "what is received") \
	X(SOCKET, SO_TIMESTAMPNS_NEW, 64, HARMLESS, "what is received") \
	X(SOCKET, SO_TIMESTAMPING_NEW, 65, HARMLESS, "what is received") \
	X(SOCKET, SO_RCVTIMEO_NEW, 66, HARMLESS, "when a call returns") \
	X(SOCKET, SO_SNDTIMEO_NEW, 67, HARMLESS, "when a call returns") \
	X(SOCKET, SO_DETACH_REUSEPORT_BPF, 68, HARMLESS, "which of a port's sockets receives: bind was judged for each") \
	X(SOCKET, SO_PREFER_BUSY_POLL, 69, HARMLESS, "how it waits; for NET_ADMIN") \
	X(SOCKET, SO_BUSY_POLL_BUDGET, 70, HARMLESS, "how it waits; above a limit for NET_ADMIN") \
	X(SOCKET, SO_NETNS_COOKIE, 71, TOLD, "told") \
	X(SOCKET, SO_BUF_LOCK, 72, HARMLESS, "sizes of the socket") \
	X(SOCKET, SO_RESERVE_MEM, 73, HARMLESS, "sizes of the socket") \
	X(SOCKET, SO_TXREHASH, 74, HARMLESS, "which of equal paths it takes") \
	X(SOCKET, SO_RCVMARK, 75, HARMLESS, "what is received") \
	X(SOCKET, SO_PASSPIDFD, 76, HARMLESS, "what is received: a pidfd, with which every act is judged") \
	X(SOCKET, SO_PEERPIDFD, 77, TOLD, "told") \
	X(SOCKET, SO_DEVMEM_LINEAR, 78, TOLD, "told") \
	X(SOCKET, SO_DEVMEM_DMABUF, 79, TOLD, "told") \
	X(SOCKET, SO_DEVMEM_DONTNEED, 80, HARMLESS, "gives back what was received") \
	X(SOCKET, SO_TS_OPT_ID, 81, TOLD, "told") \
	X(SOCKET, SO_RCVPRIORITY, 82, HARMLESS, "what is received") \
	X(SOCKET, SO_PASSRIGHTS, 83, HARMLESS, "what is received") \
	X(SOCKET, SO_INQ, 84, HARMLESS, "what is received") \
	X(IP, IP_TOS, 1, HARMLESS, "the order of packets") \
	X(IP, IP_TTL, 2, HARMLESS, "how far they go") \
	X(IP, IP_HDRINCL, 3, GUARDED, "destinations/raw4") \
	X(IP, IP_OPTIONS, 4, GUARDED, "packets/options-by-second-message") \
	X(IP, IP_ROUTER_ALERT, 5, HARMLESS, "of raw sockets") \
	X(IP, IP_RECVOPTS, 6, HARMLESS, "what is received") \
	X(IP, IP_RETOPTS, 7, HARMLESS, "what is received; in a message: the control of that name") \
	X(IP, IP_PKTINFO, 8, HARMLESS, "what is received; in a message: the control of that name") \
	X(IP, IP_PKTOPTIONS, 9, TOLD, "told") \
	X(IP, IP_MTU_DISCOVER, 10, HARMLESS, "sizes of packets") \
	X(IP, IP_RECVERR, 11, HARMLESS, "what is received") \
	X(IP, IP_RECVTTL, 12, HARMLESS, "what is received") \
	X(IP, IP_RECVTOS, 13, HARMLESS, "what is received") \
	X(IP, IP_MTU, 14, TOLD, "told") \
	X(IP, IP_FREEBIND, 15, GUARDED, "packets/freebind") \
	X(IP, IP_IPSEC_POLICY, 16, CAPABLE, "NET_ADMIN: tunnels of the socket's own") \
	X(IP, IP_XFRM_POLICY, 17, CAPABLE, "NET_ADMIN: tunnels of the socket's own") \
	X(IP, IP_PASSSEC, 18, HARMLESS, "what is received") \
	X(IP, IP_TRANSPARENT, 19, GUARDED, "packets/transparent") \
	X(IP, IP_ORIGDSTADDR, 20, HARMLESS, "what is received") \
	X(IP, IP_MINTTL, 21, HARMLESS, "what is received") \
	X(IP, IP_NODEFRAG, 22, HARMLESS, "of raw sockets") \
	X(IP, IP_CHECKSUM, 23, HARMLESS, "what is received") \
	X(IP, IP_BIND_ADDRESS_NO_PORT, 24, HARMLESS, "the kernel chooses the port later") \
	X(IP, IP_RECVFRAGSIZE, 25, HARMLESS, "what is received") \
	X(IP, IP_RECVERR_RFC4884, 26, HARMLESS, "what is received") \
	X(IP, IP_MULTICAST_IF, 32, HARMLESS, "the source and device of multicast, which is judged by its address") \
	X(IP, IP_MULTICAST_TTL, 33, HARMLESS, "how far they go") \
	X(IP, IP_MULTICAST_LOOP, 34, HARMLESS, "who here hears them too") \
	X(IP, IP_ADD_MEMBERSHIP, 35, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_DROP_MEMBERSHIP, 36, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_UNBLOCK_SOURCE, 37, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_BLOCK_SOURCE, 38, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_ADD_SOURCE_MEMBERSHIP, 39, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_DROP_SOURCE_MEMBERSHIP, 40, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_MSFILTER, 41, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_JOIN_GROUP, 42, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_BLOCK_SOURCE, 43, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_UNBLOCK_SOURCE, 44, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_LEAVE_GROUP, 45, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_JOIN_SOURCE_GROUP, 46, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_LEAVE_SOURCE_GROUP, 47, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, MCAST_MSFILTER, 48, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_MULTICAST_ALL, 49, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IP, IP_UNICAST_IF, 50, JUDGED, "addresses/any4-device-later") \
	X(IP, IP_LOCAL_PORT_RANGE, 51, GUARDED, "packets/port-by-range") \
	X(IP, IP_PROTOCOL, 52, TOLD, "told") \
	X(IP, IPT_SO_SET_REPLACE, 64, CAPABLE, "NET_ADMIN: packet filters") \
	X(IP, IPT_SO_SET_ADD_COUNTERS, 65, CAPABLE, "NET_ADMIN: packet filters") \
	X(IP, ARPT_SO_SET_REPLACE, 96, CAPABLE, "NET_ADMIN: packet filters") \
	X(IP, ARPT_SO_SET_ADD_COUNTERS, 97, CAPABLE, "NET_ADMIN: packet filters") \
	X(IP, EBT_SO_SET_ENTRIES, 128, CAPABLE, "NET_ADMIN: packet filters") \
	X(IP, EBT_SO_SET_COUNTERS, 129, CAPABLE, "NET_ADMIN: packet filters") \
	X(IPV6, IPV6_ADDRFORM, 1, JUDGED, "addresses/AF_UNSPEC-ADDRFORM") \
	X(IPV6, IPV6_2292PKTINFO, 2, HARMLESS, "what is received; in a message: the control of that name") \
	X(IPV6, IPV6_2292HOPOPTS, 3, HARMLESS, "what is received; in a message: the control of that name") \
	X(IPV6, IPV6_2292DSTOPTS, 4, HARMLESS, "what is received; in a message: the control of that name") \
	X(IPV6, IPV6_2292RTHDR, 5, GUARDED, "destinations/route-by-option") \
	X(IPV6, IPV6_2292PKTOPTIONS, 6, GUARDED, "destinations/route-by-option") \
	X(IPV6, IPV6_CHECKSUM, 7, HARMLESS, "of raw sockets") \
	X(IPV6, IPV6_2292HOPLIMIT, 8, HARMLESS, "what is received") \
	X(IPV6, IPV6_FLOWINFO, 11, HARMLESS, "what is received") \
	X(IPV6, IPV6_UNICAST_HOPS, 16, HARMLESS, "how far they go") \
	X(IPV6, IPV6_MULTICAST_IF, 17, HARMLESS, "the device of multicast, which is judged by its address") \
	X(IPV6, IPV6_MULTICAST_HOPS, 18, HARMLESS, "how far they go") \
	X(IPV6, IPV6_MULTICAST_LOOP, 19, HARMLESS, "who here hears them too") \
	X(IPV6, IPV6_ADD_MEMBERSHIP, 20, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_DROP_MEMBERSHIP, 21, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_ROUTER_ALERT, 22, HARMLESS, "of raw sockets") \
	X(IPV6, IPV6_MTU_DISCOVER, 23, HARMLESS, "sizes of packets") \
	X(IPV6, IPV6_MTU, 24, HARMLESS, "sizes of packets") \
	X(IPV6, IPV6_RECVERR, 25, HARMLESS, "what is received") \
	X(IPV6, IPV6_V6ONLY, 26, JUDGED, "destinations/listen-any") \
	X(IPV6, IPV6_JOIN_ANYCAST, 27, CAPABLE, "NET_ADMIN: an address of the host") \
	X(IPV6, IPV6_LEAVE_ANYCAST, 28, HARMLESS, "of the socket's own") \
	X(IPV6, IPV6_MULTICAST_ALL, 29, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_ROUTER_ALERT_ISOLATE, 30, HARMLESS, "of raw sockets") \
	X(IPV6, IPV6_RECVERR_RFC4884, 31, HARMLESS, "what is received") \
	X(IPV6, IPV6_FLOWLABEL_MGR, 32, GUARDED, "packets/route-by-flow-label") \
	X(IPV6, IPV6_FLOWINFO_SEND, 33, HARMLESS, "a label that the socket has: FLOWLABEL_MGR") \
	X(IPV6, IPV6_IPSEC_POLICY, 34, CAPABLE, "NET_ADMIN: tunnels of the socket's own") \
	X(IPV6, IPV6_XFRM_POLICY, 35, CAPABLE, "NET_ADMIN: tunnels of the socket's own") \
	X(IPV6, IPV6_HDRINCL, 36, GUARDED, "destinations/raw6") \
	X(IPV6, IPV6_MCAST_JOIN_GROUP, 42, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_BLOCK_SOURCE, 43, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_UNBLOCK_SOURCE, 44, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_LEAVE_GROUP, 45, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_JOIN_SOURCE_GROUP, 46, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_LEAVE_SOURCE_GROUP, 47, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_MCAST_MSFILTER, 48, HARMLESS, "which groups it hears; reports to routers name the group, nothing else") \
	X(IPV6, IPV6_RECVPKTINFO, 49, HARMLESS, "what is received") \
	X(IPV6, IPV6_PKTINFO, 50, JUDGED, "addresses/any6-mapped-udp") \
	X(IPV6, IPV6_RECVHOPLIMIT, 51, HARMLESS, "what is received") \
	X(IPV6, IPV6_HOPLIMIT, 52, TOLD, "told") \
	X(IPV6, IPV6_RECVHOPOPTS, 53, HARMLESS, "what is received") \
	X(IPV6, IPV6_HOPOPTS, 54, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_RTHDRDSTOPTS, 55, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_RECVRTHDR, 56, HARMLESS, "what is received") \
	X(IPV6, IPV6_RTHDR, 57, GUARDED, "destinations/route-by-option") \
	X(IPV6, IPV6_RECVDSTOPTS, 58, HARMLESS, "what is received") \
	X(IPV6, IPV6_DSTOPTS, 59, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_RECVPATHMTU, 60, HARMLESS, "what is received") \
	X(IPV6, IPV6_PATHMTU, 61, TOLD, "told") \
	X(IPV6, IPV6_DONTFRAG, 62, HARMLESS, "sizes of packets") \
	X(IPV6, IPV6_USE_MIN_MTU, 63, TOLD, "told") \
	X(IPV6, IPV6_IP6T_SO_SET_REPLACE, 64, CAPABLE, "NET_ADMIN: packet filters") \
	X(IPV6, IPV6_IP6T_SO_SET_ADD_COUNTERS, 65, CAPABLE, "NET_ADMIN: packet filters") \
	X(IPV6, IPV6_RECVTCLASS, 66, HARMLESS, "what is received") \
	X(IPV6, IPV6_TCLASS, 67, HARMLESS, "the order of packets") \
	X(IPV6, IPV6_AUTOFLOWLABEL, 70, HARMLESS, "a label of the kernel's choice") \
	X(IPV6, IPV6_ADDR_PREFERENCES, 72, HARMLESS, "which of the host's addresses is the source") \
	X(IPV6, IPV6_MINHOPCOUNT, 73, HARMLESS, "what is received") \
	X(IPV6, IPV6_ORIGDSTADDR, 74, HARMLESS, "what is received") \
	X(IPV6, IPV6_TRANSPARENT, 75, GUARDED, "packets/transparent6") \
	X(IPV6, IPV6_UNICAST_IF, 76, HARMLESS, "the device, of IPv6 alone, where :: means ::1 on every device") \
	X(IPV6, IPV6_RECVFRAGSIZE, 77, HARMLESS, "what is received") \
	X(IPV6, IPV6_FREEBIND, 78, GUARDED, "packets/freebind6") \
	X(TCP, TCP_NODELAY, 1, HARMLESS, "when it is sent") \
	X(TCP, TCP_MAXSEG, 2, HARMLESS, "sizes of packets") \
	X(TCP, TCP_CORK, 3, HARMLESS, "when it is sent") \
	X(TCP, TCP_KEEPIDLE, 4, HARMLESS, "times") \
	X(TCP, TCP_KEEPINTVL, 5, HARMLESS, "times") \
	X(TCP, TCP_KEEPCNT, 6, HARMLESS, "times") \
	X(TCP, TCP_SYNCNT, 7, HARMLESS, "times") \
	X(TCP, TCP_LINGER2, 8, HARMLESS, "times") \
	X(TCP, TCP_DEFER_ACCEPT, 9, HARMLESS, "times") \
	X(TCP, TCP_WINDOW_CLAMP, 10, HARMLESS, "sizes") \
	X(TCP, TCP_INFO, 11, TOLD, "told") \
	X(TCP, TCP_QUICKACK, 12, HARMLESS, "times") \
	X(TCP, TCP_CONGESTION, 13, HARMLESS, "how fast it sends; what is not for all, for NET_ADMIN") \
	X(TCP, TCP_MD5SIG, 14, HARMLESS, "keys of the socket's own") \
	X(TCP, TCP_THIN_LINEAR_TIMEOUTS, 16, HARMLESS, "times") \
	X(TCP, TCP_THIN_DUPACK, 17, HARMLESS, "does nothing") \
	X(TCP, TCP_USER_TIMEOUT, 18, HARMLESS, "times") \
	X(TCP, TCP_REPAIR, 19, CAPABLE, "NET_ADMIN: a state without packets; connect and bind are asked all the same") \
	X(TCP, TCP_REPAIR_QUEUE, 20, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_QUEUE_SEQ, 21, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_REPAIR_OPTIONS, 22, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_FASTOPEN, 23, HARMLESS, "of one that listens, which was judged") \
	X(TCP, TCP_TIMESTAMP, 24, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_NOTSENT_LOWAT, 25, HARMLESS, "what poll tells") \
	X(TCP, TCP_CC_INFO, 26, TOLD, "told") \
	X(TCP, TCP_SAVE_SYN, 27, HARMLESS, "what is received") \
	X(TCP, TCP_SAVED_SYN, 28, TOLD, "told") \
	X(TCP, TCP_REPAIR_WINDOW, 29, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_FASTOPEN_CONNECT, 30, JUDGED, "destinations/fast-open-connect") \
	X(TCP, TCP_ULP, 31, GUARDED, "addresses/ulp-smc") \
	X(TCP, TCP_MD5SIG_EXT, 32, HARMLESS, "keys of the socket's own") \
	X(TCP, TCP_FASTOPEN_KEY, 33, HARMLESS, "of the socket's own") \
	X(TCP, TCP_FASTOPEN_NO_COOKIE, 34, HARMLESS, "how it begins: fast open is judged") \
	X(TCP, TCP_ZEROCOPY_RECEIVE, 35, TOLD, "told") \
	X(TCP, TCP_INQ, 36, HARMLESS, "what is received") \
	X(TCP, TCP_TX_DELAY, 37, HARMLESS, "times") \
	X(TCP, TCP_AO_ADD_KEY, 38, HARMLESS, "keys of the socket's own") \
	X(TCP, TCP_AO_DEL_KEY, 39, HARMLESS, "keys of the socket's own") \
	X(TCP, TCP_AO_INFO, 40, HARMLESS, "keys of the socket's own") \
	X(TCP, TCP_AO_GET_KEYS, 41, TOLD, "told") \
	X(TCP, TCP_AO_REPAIR, 42, HARMLESS, "after TCP_REPAIR") \
	X(TCP, TCP_IS_MPTCP, 43, TOLD, "told") \
	X(TCP, TCP_RTO_MAX_MS, 44, HARMLESS, "times") \
	X(TCP, TCP_RTO_MIN_US, 45, HARMLESS, "times") \
	X(TCP, TCP_DELACK_MAX_US, 46, HARMLESS, "times") \
	X(UDP, UDP_CORK, 1, HARMLESS, "joins packets to the first one's address, which was judged") \
	X(UDP, UDP_ENCAP, 100, HARMLESS, "what it receives goes to tunnels, which NET_ADMIN makes") \
	X(UDP, UDP_NO_CHECK6_TX, 101, HARMLESS, "checksums") \
	X(UDP, UDP_NO_CHECK6_RX, 102, HARMLESS, "checksums") \
	X(UDP, UDP_SEGMENT, 103, HARMLESS, "sizes of packets") \
	X(UDP, UDP_GRO, 104, HARMLESS, "sizes of packets") \
	X(UDPLITE, UDPLITE_CORK, 1, HARMLESS, "joins packets to the first one's address, which was judged") \
	X(UDPLITE, UDPLITE_SEND_CSCOV, 10, HARMLESS, "checksums") \
	X(UDPLITE, UDPLITE_RECV_CSCOV, 11, HARMLESS, "checksums") \
	X(UDPLITE, UDPLITE_ENCAP, 100, HARMLESS, "what it receives goes to tunnels, which NET_ADMIN makes") \
	X(UDPLITE, UDPLITE_NO_CHECK6_TX, 101, HARMLESS, "checksums") \
	X(UDPLITE, UDPLITE_NO_CHECK6_RX, 102, HARMLESS, "checksums") \
	X(UDPLITE, UDPLITE_SEGMENT, 103, HARMLESS, "sizes of packets") \
	X(UDPLITE, UDPLITE_GRO, 104, HARMLESS, "sizes of packets") \
	X(SCTP, SCTP_RTOINFO, 0, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_ASSOCINFO, 1, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_INITMSG, 2, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_NODELAY, 3, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTOCLOSE, 4, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_SET_PEER_PRIMARY_ADDR, 5, HARMLESS, "which of this side's addresses the peer takes") \
	X(SCTP, SCTP_PRIMARY_ADDR, 6, HARMLESS, "which of the peer's addresses it sends to") \
	X(SCTP, SCTP_ADAPTATION_LAYER, 7, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_DISABLE_FRAGMENTS, 8, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PEER_ADDR_PARAMS, 9, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_DEFAULT_SEND_PARAM, 10, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_EVENTS, 11, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_I_WANT_MAPPED_V4_ADDR, 12, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_MAXSEG, 13, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_STATUS, 14, TOLD, "told") \
	X(SCTP, SCTP_GET_PEER_ADDR_INFO, 15, TOLD, "told") \
	X(SCTP, SCTP_DELAYED_ACK_TIME, 16, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_CONTEXT, 17, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_FRAGMENT_INTERLEAVE, 18, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PARTIAL_DELIVERY_POINT, 19, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_MAX_BURST, 20, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_CHUNK, 21, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_HMAC_IDENT, 22, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_KEY, 23, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_ACTIVE_KEY, 24, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_DELETE_KEY, 25, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PEER_AUTH_CHUNKS, 26, TOLD, "told") \
	X(SCTP, SCTP_LOCAL_AUTH_CHUNKS, 27, TOLD, "told") \
	X(SCTP, SCTP_GET_ASSOC_NUMBER, 28, TOLD, "told") \
	X(SCTP, SCTP_GET_ASSOC_ID_LIST, 29, TOLD, "told") \
	X(SCTP, SCTP_AUTO_ASCONF, 30, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PEER_ADDR_THLDS, 31, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_RECVRCVINFO, 32, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_RECVNXTINFO, 33, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_DEFAULT_SNDINFO, 34, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_DEACTIVATE_KEY, 35, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_REUSE_PORT, 36, JUDGED, "destinations/bind-udp") \
	X(SCTP, SCTP_PEER_ADDR_THLDS_V2, 37, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_BINDX_ADD, 100, GUARDED, "destinations/sctp-bindx") \
	X(SCTP, SCTP_BINDX_REM, 101, HARMLESS, "takes an address of its own away") \
	X(SCTP, SCTP_PEELOFF, 102, TOLD, "a socket of an association, whose peer was judged") \
	X(SCTP, SCTP_CONNECTX_OLD, 107, GUARDED, "destinations/sctp-connectx") \
	X(SCTP, SCTP_GET_PEER_ADDRS, 108, TOLD, "told") \
	X(SCTP, SCTP_GET_LOCAL_ADDRS, 109, TOLD, "told") \
	X(SCTP, SCTP_CONNECTX, 110, GUARDED, "destinations/sctp-connectx") \
	X(SCTP, SCTP_CONNECTX3, 111, GUARDED, "destinations/sctp-connectx") \
	X(SCTP, SCTP_GET_ASSOC_STATS, 112, TOLD, "told") \
	X(SCTP, SCTP_PR_SUPPORTED, 113, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_DEFAULT_PRINFO, 114, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PR_ASSOC_STATUS, 115, TOLD, "told") \
	X(SCTP, SCTP_PR_STREAM_STATUS, 116, TOLD, "told") \
	X(SCTP, SCTP_RECONFIG_SUPPORTED, 117, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_ENABLE_STREAM_RESET, 118, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_RESET_STREAMS, 119, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_RESET_ASSOC, 120, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_ADD_STREAMS, 121, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_PEELOFF_FLAGS, 122, TOLD, "told") \
	X(SCTP, SCTP_STREAM_SCHEDULER, 123, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_STREAM_SCHEDULER_VALUE, 124, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_INTERLEAVING_SUPPORTED, 125, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_SENDMSG_CONNECT, 126, TOLD, "for hooks alone") \
	X(SCTP, SCTP_EVENT, 127, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_ASCONF_SUPPORTED, 128, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_AUTH_SUPPORTED, 129, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_ECN_SUPPORTED, 130, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_EXPOSE_POTENTIALLY_FAILED_STATE, 131, HARMLESS, "how an association works, or what it tells") \
	X(SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, 132, GUARDED, "packets/sctp-over-udp") \
	X(SCTP, SCTP_PLPMTUD_PROBE_INTERVAL, 133, HARMLESS, "how an association works, or what it tells") \
	X(MPTCP, MPTCP_INFO, 1, TOLD, "told") \
	X(MPTCP, MPTCP_TCPINFO, 2, TOLD, "told") \
	X(MPTCP, MPTCP_SUBFLOW_ADDRS, 3, TOLD, "told") \
	X(MPTCP, MPTCP_FULL_INFO, 4, TOLD, "told") \
	X(NETLINK, NETLINK_ADD_MEMBERSHIP, 1, HARMLESS, "which of the host's changes of routes it hears, as bind does") \
	X(NETLINK, NETLINK_DROP_MEMBERSHIP, 2, HARMLESS, "which of the host's changes of routes it hears") \
	X(NETLINK, NETLINK_PKTINFO, 3, HARMLESS, "what is received") \
	X(NETLINK, NETLINK_BROADCAST_ERROR, 4, HARMLESS, "what a call tells") \
	X(NETLINK, NETLINK_NO_ENOBUFS, 5, HARMLESS, "what a call tells") \
	X(NETLINK, NETLINK_RX_RING, 6, HARMLESS, "does nothing since 4.6") \
	X(NETLINK, NETLINK_TX_RING, 7, HARMLESS, "does nothing since 4.6") \
	X(NETLINK, NETLINK_LISTEN_ALL_NSID, 8, CAPABLE, "NET_BROADCAST: which namespaces it hears") \
	X(NETLINK, NETLINK_LIST_MEMBERSHIPS, 9, TOLD, "told") \
	X(NETLINK, NETLINK_CAP_ACK, 10, HARMLESS, "what is received") \
	X(NETLINK, NETLINK_EXT_ACK, 11, HARMLESS, "what is received") \
	X(NETLINK, NETLINK_GET_STRICT_CHK, 12, HARMLESS, "what is asked for")

/* What sendmsg(2) takes. Of what it takes, bpf/net.bpf.c, control_leads_away, refuses what is GUARDED. */
#define CONTROLS(X) \
	X(SOCKET, SCM_RIGHTS, 1, JUDGED, "unix/received-file") \
	X(SOCKET, SCM_CREDENTIALS, 2, HARMLESS, "another's for SYS_ADMIN, SETUID and SETGID alone") \
	X(SOCKET, SO_PRIORITY, 12, HARMLESS, "the order of packets; above 6 for NET_ADMIN") \
	X(SOCKET, SO_MARK, 36, HARMLESS, "the address stays: as the option of that name") \
	X(SOCKET, SO_TIMESTAMPING, 37, HARMLESS, "what is received") \
	X(SOCKET, SCM_TXTIME, 61, HARMLESS, "when it is sent") \
	X(SOCKET, SO_TIMESTAMPING_NEW, 65, HARMLESS, "what is received") \
	X(SOCKET, SCM_DEVMEM_DMABUF, 79, HARMLESS, "memory of the socket's own") \
	X(SOCKET, SCM_TS_OPT_ID, 81, HARMLESS, "what is received") \
	X(IP, IP_TOS, 1, HARMLESS, "the order of packets") \
	X(IP, IP_TTL, 2, HARMLESS, "how far it goes") \
	X(IP, IP_RETOPTS, 7, GUARDED, "packets/options-by-second-message") \
	X(IP, IP_PKTINFO, 8, JUDGED, "addresses/any4-pktinfo") \
	X(IP, IP_PROTOCOL, 52, HARMLESS, "of raw sockets") \
	X(IPV6, IPV6_2292PKTINFO, 2, JUDGED, "addresses/any6-mapped-udp") \
	X(IPV6, IPV6_2292HOPOPTS, 3, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_2292DSTOPTS, 4, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_2292RTHDR, 5, GUARDED, "destinations/route-by-message") \
	X(IPV6, IPV6_2292HOPLIMIT, 8, HARMLESS, "how far it goes") \
	X(IPV6, IPV6_FLOWINFO, 11, HARMLESS, "a label that the socket has: FLOWLABEL_MGR") \
	X(IPV6, IPV6_PKTINFO, 50, JUDGED, "addresses/any4-pktinfo") \
	X(IPV6, IPV6_HOPLIMIT, 52, HARMLESS, "how far it goes") \
	X(IPV6, IPV6_HOPOPTS, 54, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_RTHDRDSTOPTS, 55, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_RTHDR, 57, GUARDED, "packets/route-by-second-message") \
	X(IPV6, IPV6_DSTOPTS, 59, HARMLESS, "for NET_RAW: options that name no way") \
	X(IPV6, IPV6_DONTFRAG, 62, HARMLESS, "sizes of packets") \
	X(IPV6, IPV6_TCLASS, 67, HARMLESS, "the order of packets") \
	X(UDP, UDP_SEGMENT, 103, HARMLESS, "sizes of packets") \
	X(SCTP, SCTP_INIT, 0, HARMLESS, "how an association works") \
	X(SCTP, SCTP_SNDRCV, 1, HARMLESS, "to a peer that was judged") \
	X(SCTP, SCTP_SNDINFO, 2, HARMLESS, "to a peer that was judged") \
	X(SCTP, SCTP_PRINFO, 5, HARMLESS, "to a peer that was judged") \
	X(SCTP, SCTP_AUTHINFO, 6, HARMLESS, "to a peer that was judged") \
	X(SCTP, SCTP_DSTADDRV4, 7, GUARDED, "bpf/net.bpf.c") \
	X(SCTP, SCTP_DSTADDRV6, 8, GUARDED, "bpf/net.bpf.c")
/* clang-format on */

#endif
