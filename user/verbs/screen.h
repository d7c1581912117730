/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A terminal that is drawn on as a whole, with what every terminal knows; it is given back as it was on any end. */
#ifndef RINGFENCE_VERBS_SCREEN_H
#define RINGFENCE_VERBS_SCREEN_H

#include <stdbool.h>

#include "events/text.h"

/* Whether standard output is one that can be drawn on. */
bool rf_screen_can(void);
/* Whether it is a terminal of so many columns and lines at least. */
bool rf_screen_fits(unsigned columns, unsigned lines);
/* Takes the terminal: another page, keys one by one. Returns 0 or -errno. */
int rf_screen_open(void);
/* Draws the lines of a text from the top on, those that there is room for. */
int rf_screen_draw(const struct rf_line *text);
/* Its columns at the moment. */
unsigned rf_screen_width(void);
/* Waits for a key or a time. Returns the key; 0: the time is over; -1: it must be drawn anew (its size has changed, or
 * it was away); -2: it is to end. */
int rf_screen_wait(unsigned milliseconds);
/* Gives it back; then, where a signal ended it, ends by that signal. */
void rf_screen_close(void);

#endif
