// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "events/address.h"
#include "events/common.h"

#define LAST 63 /* the bit of this component and all behind it */

size_t rf_task_folder(const char *name, size_t len)
{
	size_t at = 6;

	if (len <= at || strncmp(name, "/proc/", at) != 0)
		return 0;
	while (at < len && name[at] >= '0' && name[at] <= '9')
		at++;
	return at > 6 && (at == len || name[at] == '/') ? at : 0;
}

/* ----------------------------------------------------------------------- kinds */

static bool add_folder(struct rf_line *line, const char *name, size_t len)
{
	size_t at = len;

	if (rf_task_folder(name, len)) {
		rf_line_string(line, "/proc/*");
		return true;
	}
	while (at && name[at - 1] != '/')
		at--;
	/* At the top everything is a thing of its own. */
	if (at < 2)
		return false;
	rf_line_bytes(line, name, at);
	return true;
}

/* The network that an address is in: /24, /64. */
static struct rf_address network_of(const struct rf_address *address, bool *four)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct rf_address network = *address;

	*four = memcmp(address->addr, mapped, sizeof(mapped)) == 0;
	if (*four)
		network.addr[15] = 0;
	else
		memset(network.addr + 8, 0, 8);
	return network;
}

static bool add_network(struct rf_line *line, const struct rf_event *head)
{
	char protocol[RF_ADDRESS_TEXT];
	struct rf_address network;
	bool four;

	if (!rf_event_has_address(head))
		return false;
	network = network_of(&head->address, &four);
	rf_line_string(line, rf_protocol_text(&network, protocol));
	rf_line_bytes(line, network.addr, sizeof(network.addr));
	return true;
}

bool rf_common_kind(struct rf_line *line, const struct rf_denial *denial)
{
	if (denial->head.object == RF_OBJECT_NET)
		return add_network(line, &denial->head);
	if (!denial->object)
		return false;
	if (denial->head.object == RF_OBJECT_TASK)
		return true;
	if (!add_folder(line, denial->object, denial->object_len))
		return false;
	/* No name has a NUL. */
	rf_line_bytes(line, "", 1);
	return !denial->second || add_folder(line, denial->second, denial->second_len);
}

/* ------------------------------------------------------------------ differences */

/* The length of the component that begins at `at`, up to the next slash or the end. */
static size_t component(const char *name, size_t len, size_t at)
{
	size_t end = at;

	while (end < len && name[end] != '/')
		end++;
	return end - at;
}

static void compare(struct rf_common *common, bool second, const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0, j = 0;
	unsigned n = 0;

	while (i <= a_len && j <= b_len) {
		size_t x = component(a, a_len, i), y = component(b, b_len, j);

		if (x != y || memcmp(a + i, b + j, x) != 0)
			common->differs[second] |= 1ull << (n < LAST ? n : LAST);
		i += x + 1;
		j += y + 1;
		n++;
	}
	if ((i <= a_len || j <= b_len) && (!common->deep[second] || n < common->deep[second]))
		common->deep[second] = n;
}

void rf_common_add(struct rf_common *common, const struct rf_denial *denial, const struct rf_denial *other)
{
	const struct rf_address *a = &denial->head.address, *b = &other->head.address;

	common->process |= denial->head.tgid != other->head.tgid;
	if (denial->head.object == RF_OBJECT_NET) {
		common->address |= memcmp(a->addr, b->addr, sizeof(a->addr)) != 0;
		common->port |= a->port != b->port;
	} else if (denial->head.object == RF_OBJECT_TASK) {
		common->name |= denial->object_len != other->object_len ||
				memcmp(denial->object, other->object, denial->object_len) != 0;
		common->target |= denial->head.target != other->head.target;
	} else {
		compare(common, false, denial->object, denial->object_len, other->object, other->object_len);
		if (denial->second && other->second)
			compare(common, true, denial->second, denial->second_len, other->second, other->second_len);
	}
}

/* ------------------------------------------------------------------------ words */

void rf_common_name(struct rf_line *line, const struct rf_common *common, const struct rf_denial *denial, bool second)
{
	const char *name = second ? denial->second : denial->object;
	size_t len = second ? denial->second_len : denial->object_len;
	unsigned n = 0;

	if (denial->head.object == RF_OBJECT_TASK) {
		if (common->name)
			rf_line_string(line, "*");
		else
			rf_line_name(line, name, len, 0);
		return;
	}
	for (size_t at = 0, part; at <= len; at += part + 1, n++) {
		part = component(name, len, at);
		if (n)
			rf_line_string(line, "/");
		if (common->deep[second] && n == common->deep[second]) {
			rf_line_string(line, "**");
			return;
		}
		if (common->differs[second] >> (n < LAST ? n : LAST) & 1)
			rf_line_string(line, "*");
		else
			rf_line_name(line, name + at, part, 0);
	}
	/* This one is among those that end there. */
	if (common->deep[second])
		rf_line_string(line, "/**");
}

void rf_common_endpoint(struct rf_line *line, const struct rf_common *common, const struct rf_address *address)
{
	char text[RF_ADDRESS_TEXT];
	struct rf_address network;
	bool four;

	network = network_of(address, &four);
	rf_line_string(line, four ? "" : "[");
	rf_line_string(line, rf_ip_text(common->address ? &network : address, text));
	if (common->address)
		rf_line_string(line, four ? "/24" : "/64");
	rf_line_string(line, four ? "" : "]");
	if (common->port)
		rf_line_string(line, ":*");
	else
		rf_line_format(line, ":%u", address->port);
}
