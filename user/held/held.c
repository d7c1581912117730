// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "events/address.h"
#include "held/held.h"
#include "policy/memory.h"

static const struct rf_rule *decide(const struct rf_policy *policy, unsigned access, const struct rf_open *open)
{
	if (open->section == RF_NETWORK)
		return rf_decide_dest(policy, access, open->protocol, open->addr, open->port, NULL, NULL);
	return rf_decide_path(policy, open->section, access, open->path, strlen(open->path), NULL, NULL);
}

/* The form that `explain` takes. */
static char *object_of(const struct rf_open *open)
{
	static const struct {
		unsigned bit, number;
	} protocols[] = {{RF_TCP, IPPROTO_TCP}, {RF_UDP, IPPROTO_UDP}, {RF_UDPLITE, IPPROTO_UDPLITE}};
	struct rf_address address = {.port = open->port};
	char protocol[RF_ADDRESS_TEXT], endpoint[RF_ADDRESS_TEXT];
	char *text;

	if (open->section != RF_NETWORK)
		return asprintf(&text, "%s%s", open->path, open->deleted ? " (deleted)" : "") < 0 ? NULL : text;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].bit == open->protocol)
			address.protocol = (uint16_t)protocols[i].number;
	memcpy(address.addr, open->addr, sizeof(address.addr));
	if (asprintf(&text, "%s:%s", rf_protocol_text(&address, protocol), rf_endpoint_text(&address, endpoint)) < 0)
		return NULL;
	return text;
}

static struct rf_held_item *find(struct rf_held *held, const struct rf_held_item *like)
{
	for (size_t i = 0; i < held->count; i++) {
		struct rf_held_item *item = &held->item[i];

		if (item->what == like->what && item->access == like->access && item->rule == like->rule &&
		    strcmp(item->policy, like->policy) == 0 && strcmp(item->process, like->process) == 0 &&
		    strcmp(item->object, like->object) == 0)
			return item;
	}
	return NULL;
}

/* Takes its object. */
static void fold(struct rf_held *held, const struct rf_held_item *item)
{
	struct rf_held_item *same = find(held, item);

	if (!same && held->count < RF_HELD_MAX) {
		held->item[held->count++] = *item;
		return;
	}
	if (same)
		same->count++;
	else
		held->more++;
	free(item->object);
}

int rf_held_add(struct rf_held *held, pid_t pid, const char *process, const struct rf_policy *policy,
		const struct rf_open *open)
{
	unsigned left = open->access;

	held->objects++;
	while (left) {
		unsigned first = left & -left, denied = 0;
		const struct rf_rule *rule = decide(policy, first, open);
		struct rf_held_item item = {
			.pid = pid, .what = open->what, .policy = policy->name, .rule = rule, .count = 1};

		/* What one rule decides is one line. */
		for (unsigned bit = first; bit <= left; bit <<= 1)
			if (left & bit && decide(policy, bit, open) == rule)
				denied |= bit;
		left &= ~denied;
		if (rf_policy_allows(policy, open->section, rule))
			continue;
		item.access = denied;
		snprintf(item.process, sizeof(item.process), "%s", process);
		item.object = object_of(open);
		if (!item.object)
			return -ENOMEM;
		fold(held, &item);
	}
	return 0;
}

void rf_held_free(struct rf_held *held)
{
	for (size_t i = 0; i < held->count; i++)
		free(held->item[i].object);
	held->count = 0;
}
