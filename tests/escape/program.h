/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs of the loaded engine, left out one at a time. */
#ifndef RINGFENCE_TESTS_ESCAPE_PROGRAM_H
#define RINGFENCE_TESTS_ESCAPE_PROGRAM_H

#include <stdbool.h>

struct left_out {
	const char *name;
	int program; /* fd; -1: nothing is left out */
};

/* Whether the engine has this program attached. */
bool program_attached(const char *name);
/* Detaches it. Ends the test where that can't be done. */
struct left_out program_leave_out(const char *name);
/* Attaches it again. */
void program_put_back(struct left_out *left_out);
/* A map of the engine's that is not pinned, by its name; an fd. */
int program_map(const char *name);

#endif
