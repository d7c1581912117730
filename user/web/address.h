/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the page's address is kept, token included, for root alone: it outlives the service, so that a page that is
 * open goes on behind its restart. */
#ifndef RINGFENCE_WEB_ADDRESS_H
#define RINGFENCE_WEB_ADDRESS_H

#include "ringfence/abi.h"

#define RF_WEB_ADDRESS RF_STATE "/web"
/* What stands before the token in an address. A browser sends nothing behind # to anybody. */
#define RF_WEB_TOKEN "/#token="

#endif
