/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which states are settled: allowed here and for all that lies beneath. What makes a state's futures bad (something
 * that follows is not allowed) is carried backwards from the states that are not allowed.
 *
 * A path goes on with '/', so within a name only what follows the next '/' counts, and "/w/a" is settled even if
 * "/w/ab" is denied. That keeps the bit a function of what a rename compares: verdict and successor on '/'.
 */
#include <string.h>

#include "compile/automaton.h"

static uint8_t not_allowed(uint16_t verdict)
{
	uint8_t bad = 0;
	for (int l = 0; l < LANES; l++)
		if (VERDICT_OF(verdict, l) != EFFECT_ALLOW)
			bad |= (uint8_t)(1 << l);
	return bad;
}

void dfa_settle(struct dfa *dfa, const uint32_t *pred_row, const uint32_t *pred, uint32_t *work, uint8_t *bad)
{
	enum { WAITING = 0x80 };
	uint16_t *verdict = dfa->verdict.at;
	uint32_t works = 0;
	for (uint32_t s = 0; s < dfa->states; s++) {
		bad[s] = not_allowed(verdict[s]);
		if (bad[s]) {
			bad[s] |= WAITING;
			work[works++] = s;
		}
	}
	while (works) {
		uint32_t s = work[--works];
		bad[s] &= (uint8_t)~WAITING;
		for (uint32_t i = pred_row[s]; i < pred_row[s + 1]; i++) {
			uint32_t p = pred[i];
			if (!(bad[s] & ~bad[p]))
				continue;
			bad[p] |= bad[s];
			if (!(bad[p] & WAITING)) {
				bad[p] |= WAITING;
				work[works++] = p;
			}
		}
	}
	for (uint32_t s = 0; s < dfa->states; s++) {
		uint8_t beneath = bad[verdict[s] & VERDICT_NAME ? dfa_on_slash(dfa, s) : s];
		verdict[s] &= (uint16_t)~VERDICT_NAME;
		for (int l = 0; l < LANES; l++)
			if (VERDICT_OF(verdict[s], l) == EFFECT_ALLOW && !(beneath >> l & 1))
				verdict[s] |= (uint16_t)VERDICT_LANE(VERDICT_SETTLED, l);
	}
}
