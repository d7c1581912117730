// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "events/address.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static bool is_mapped(const struct rf_address *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address->addr, mapped, sizeof(mapped)) == 0;
}

bool rf_event_has_address(const struct rf_event *head)
{
	static const struct rf_address none;
	const struct rf_address *a = &head->address;

	if (head->reason == RF_REASON_RULE)
		return true;
	return head->reason == RF_REASON_ADDRESS && (a->port || memcmp(a->addr, none.addr, sizeof(a->addr)) != 0);
}

const char *rf_socket_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	char family[RF_ADDRESS_TEXT], type[RF_ADDRESS_TEXT];

	snprintf(buf, RF_ADDRESS_TEXT, "%.20s %.20s socket", rf_family_text(address, family),
		 rf_type_text(address, type));
	return buf;
}

unsigned rf_address_protocol(const struct rf_address *address)
{
	switch (address->protocol) {
	case 0:
		return address->type == SOCK_STREAM ? RF_TCP : address->type == SOCK_DGRAM ? RF_UDP : 0;
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
	default:
		return 0;
	}
}

const char *rf_protocol_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	unsigned bit = rf_address_protocol(address);

#define X(name, word)                                       \
	if (bit == RF_##name) {                             \
		snprintf(buf, RF_ADDRESS_TEXT, "%s", word); \
		return buf;                                 \
	}
	RF_PROTOCOLS(X)
#undef X
	snprintf(buf, RF_ADDRESS_TEXT, "protocol %u", address->protocol);
	return buf;
}

const char *rf_family_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	static const struct {
		int number;
		const char *word;
	} family[] = {
		{AF_UNIX, "unix"},	 {AF_INET, "inet"},	{AF_INET6, "inet6"},
		{AF_NETLINK, "netlink"}, {AF_PACKET, "packet"}, {AF_ALG, "alg"},
		{AF_VSOCK, "vsock"},	 {AF_KEY, "key"},	{AF_BLUETOOTH, "bluetooth"},
		{AF_CAN, "can"},	 {AF_TIPC, "tipc"},	{AF_RDS, "rds"},
		{AF_XDP, "xdp"},	 {AF_KCM, "kcm"},	{AF_SMC, "smc"},
		{AF_QIPCRTR, "qipcrtr"},
	};

	for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++) {
		if (family[i].number == address->family) {
			snprintf(buf, RF_ADDRESS_TEXT, "%s", family[i].word);
			return buf;
		}
	}
	snprintf(buf, RF_ADDRESS_TEXT, "family %u", address->family);
	return buf;
}

const char *rf_type_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	static const char *const word[] = {
		[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram",	  [SOCK_RAW] = "raw",
		[SOCK_RDM] = "rdm",	  [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp",
	};

	if (address->type < sizeof(word) / sizeof(word[0]) && word[address->type])
		snprintf(buf, RF_ADDRESS_TEXT, "%s", word[address->type]);
	else
		snprintf(buf, RF_ADDRESS_TEXT, "type %u", address->type);
	return buf;
}

const char *rf_ip_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	bool mapped = is_mapped(address);

	if (!inet_ntop(mapped ? AF_INET : AF_INET6, address->addr + (mapped ? 12 : 0), buf, RF_ADDRESS_TEXT))
		snprintf(buf, RF_ADDRESS_TEXT, "?");
	return buf;
}

const char *rf_endpoint_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT])
{
	char ip[RF_ADDRESS_TEXT];

	rf_ip_text(address, ip);
	/* The longest is [8 groups of 4]:65535, 47 bytes. */
	snprintf(buf, RF_ADDRESS_TEXT, is_mapped(address) ? "%.46s:%u" : "[%.46s]:%u", ip, address->port);
	return buf;
}
