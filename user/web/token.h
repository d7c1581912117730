/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef RINGFENCE_WEB_TOKEN_H
#define RINGFENCE_WEB_TOKEN_H

#include <stdbool.h>

#define RF_TOKEN_DIGITS 64 /* of hexadecimal: 256 random bits */

/* The token in the address that a file has, or a new one. */
int rf_token_take(const char *path, char token[RF_TOKEN_DIGITS + 1]);
/* Writes the page's address and its token into a file that its owner alone reads. */
int rf_token_keep(const char *path, const char *host, const char *token);
/* Whether they are the same, in a time that does not depend on where they differ. */
bool rf_token_is(const char *token, const char *offered);

#endif
