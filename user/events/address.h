/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words for socket addresses. */
#ifndef RINGFENCE_EVENTS_ADDRESS_H
#define RINGFENCE_EVENTS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "ringfence/abi.h"

/* Room for the longest text of each function below, NUL included. */
#define RF_ADDRESS_TEXT 64

/* Whether a denial of a socket came with an address. What is refused for the socket itself, or before an address was
 * read, did not. */
bool rf_event_has_address(const struct rf_event *head);
/* "netlink raw socket". Returns buf. */
const char *rf_socket_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);
/* enum rf_protocol bit that a socket's protocol (or, where that is 0, its type) stands for; 0: none of them. */
unsigned rf_address_protocol(const struct rf_address *address);
/* "tcp", or "protocol 89". Returns buf. */
const char *rf_protocol_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);
/* "inet6", or "family 44". Returns buf. */
const char *rf_family_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);
/* "stream", or "type 9". Returns buf. */
const char *rf_type_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);
/* "192.0.2.1" also where it came mapped, "2001:db8::1". Returns buf. */
const char *rf_ip_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);
/* "192.0.2.1:443", "[2001:db8::1]:443". Returns buf. */
const char *rf_endpoint_text(const struct rf_address *address, char buf[RF_ADDRESS_TEXT]);

#endif
