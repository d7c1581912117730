/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Address ranges and ports. IPv4 lives in ::ffff:0:0/96. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "policy/address.h"
#include "policy/diag.h"

#define V4_PREFIX 96

static const uint8_t v4_head[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Decimal digits alone, no zero in front. Returns their value, or -1. */
static long read_number(const char *text, size_t len)
{
	long value = 0;

	if (!len || len > 6 || (text[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

static bool read_address(const char *text, size_t len, uint8_t addr[16], bool *v4)
{
	char buf[INET6_ADDRSTRLEN];

	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	*v4 = inet_pton(AF_INET, buf, addr + sizeof(v4_head)) == 1;
	if (*v4)
		memcpy(addr, v4_head, sizeof(v4_head));
	return *v4 || inet_pton(AF_INET6, buf, addr) == 1;
}

/* Clears the bits after the prefix; returns whether there were any. */
static bool cut_host_bits(uint8_t addr[16], unsigned prefix)
{
	bool any = false;

	for (unsigned bit = prefix; bit < 128; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		any |= addr[bit / 8] & mask;
		addr[bit / 8] &= (uint8_t)~mask;
	}
	return any;
}

static bool is_host(const char *text, size_t len)
{
	uint8_t addr[16];
	bool v4;

	return read_address(text, len, addr, &v4) || (len == 9 && !strncmp(text, "localhost", len));
}

/* What is no address: what was meant, where that is clear, and how it is written. */
static void tell_no_address(const char *text, char why[RF_ADDRESS_WHY])
{
	const char *colon = strrchr(text, ':'), *host = text + (*text == '[');
	size_t len = colon ? (size_t)(colon - text) : 0;
	size_t digits = colon ? strspn(colon + 1, "0123456789-") : 0;

	if (*text == '[' && len > 2 && colon[-1] == ']')
		len -= 2;
	if (!strcmp(text, "*"))
		snprintf(why, RF_ADDRESS_WHY, "\"*\" is no address: without \"to\", a rule is for every address");
	else if (!strcmp(text, "localhost"))
		snprintf(why, RF_ADDRESS_WHY,
			 "\"localhost\" is a name, and a rule takes addresses: write \"127.0.0.1\" and \"::1\"");
	else if (digits && !colon[1 + digits] && *text == '*' && len == 1)
		snprintf(why, RF_ADDRESS_WHY,
			 "\"%s\": leave \"to\" out for every address, and write the port beside it, ports: [%s]",
			 rf_shown(text), colon + 1);
	else if (digits && !colon[1 + digits] && digits < 12 && is_host(host, len))
		snprintf(why, RF_ADDRESS_WHY, "\"%s\" has a port in it: write to: [\"%.*s\"], ports: [%s]",
			 rf_shown(text), (int)len, strncmp(host, "localhost", len) ? host : "127.0.0.1", colon + 1);
	else
		snprintf(why, RF_ADDRESS_WHY, "\"%s\" is no IP address or range%s", rf_shown(text),
			 strchr(text, '.') && strpbrk(text, "ghijklmnopqrstuvwxyz")
				 ? ": a rule takes no names, what they stand for can change"
				 : "");
}

bool rf_range_read(const char *text, struct rf_range *range, char why[RF_ADDRESS_WHY])
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char form[INET6_ADDRSTRLEN];
	bool v4;
	long prefix;

	if (!read_address(text, len, range->addr, &v4)) {
		tell_no_address(text, why);
		return false;
	}
	prefix = v4 ? 32 : 128;
	if (slash) {
		long written = read_number(slash + 1, strlen(slash + 1));

		if (written < 0 || written > prefix) {
			snprintf(why, RF_ADDRESS_WHY, "\"%s\": the prefix length must be a number from 0 to %ld",
				 rf_shown(text), prefix);
			return false;
		}
		prefix = written;
	}
	range->prefix = (uint8_t)(v4 ? prefix + V4_PREFIX : prefix);
	if (!cut_host_bits(range->addr, range->prefix))
		return true;
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? range->addr + sizeof(v4_head) : range->addr, form, sizeof(form));
	snprintf(why, RF_ADDRESS_WHY, "\"%s\" has host bits set: write \"%s/%ld\"", rf_shown(text), form, prefix);
	return false;
}

bool rf_ports_read(const char *text, struct rf_ports *ports, char why[RF_ADDRESS_WHY])
{
	const char *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	long lo = read_number(text, len);
	long hi = dash ? read_number(dash + 1, strlen(dash + 1)) : lo;

	if (lo < 0 || hi < 0) {
		/* A long row of digits is a number out of range, anything else none at all. */
		bool digits = text[0] && strspn(text, "0123456789-") == strlen(text) && text[0] != '0' && len > 6;

		snprintf(why, RF_ADDRESS_WHY, "\"%s\" is %s: write \"443\" or \"8000-8099\", from 1 to 65535",
			 rf_shown(text), digits ? "out of range" : "no port");
		return false;
	}
	if (lo < 1 || lo > 65535 || hi < 1 || hi > 65535) {
		snprintf(why, RF_ADDRESS_WHY, "port %ld is out of range (1 to 65535)", lo < 1 || lo > 65535 ? lo : hi);
		return false;
	}
	if (lo > hi) {
		snprintf(why, RF_ADDRESS_WHY, "\"%s\" is reversed: write \"%ld-%ld\"", rf_shown(text), hi, lo);
		return false;
	}
	ports->lo = (uint16_t)lo;
	ports->hi = (uint16_t)hi;
	return true;
}
