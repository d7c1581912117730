/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Folders that are no workspace. */
#ifndef RINGFENCE_POLICY_WORKSPACE_H
#define RINGFENCE_POLICY_WORKSPACE_H

#include <stdbool.h>

/* What a workspace is where it holds more than a project: "your home folder", "a folder of the system" and so on; NULL
 * where it is none of these. Both paths are absolute; `home` may be NULL. */
const char *rf_workspace_wide(const char *workspace, const char *home);

/* Whether it is scratch that all share, /tmp or /var/tmp: what others drop there is nobody's work. */
bool rf_workspace_shared(const char *workspace);

#endif
