// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "events/decode.h"
#include "ringfence/capabilities.h"

static const char *const words[] = {
#define X(name, what, why) "CAP_" #name,
	RF_CAPABILITIES(X)
#undef X
};

const char *rf_capability_word(uint32_t number)
{
	return number < sizeof(words) / sizeof(words[0]) ? words[number] : "an unknown capability";
}
