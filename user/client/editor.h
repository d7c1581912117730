/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef RINGFENCE_CLIENT_EDITOR_H
#define RINGFENCE_CLIENT_EDITOR_H

/* What the environment says: VISUAL, EDITOR, or vi. It may have words of its own. */
const char *rf_editor_name(void);
/* Runs the user's editor on a file, at a line where that is not 0, and waits. 0, or -ECANCELED where it failed. */
int rf_editor(const char *path, long line);

#endif
