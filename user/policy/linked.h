/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The repository of a workspace that is a linked worktree or a submodule: its .git is a file. */
#ifndef RINGFENCE_POLICY_LINKED_H
#define RINGFENCE_POLICY_LINKED_H

#include <sys/types.h>

/*
 * Finds the folder that holds the workspace's objects, references and configuration: what GIT_COMMON_DIR is for. The
 * workspace's .git file is believed only where that folder knows of the workspace, belongs to `uid`, is a repository
 * and no folder that rf_workspace_wide refuses. `home` may be NULL. Returns 0 and a path to free in *common; -ENOENT
 * where the workspace is none of these; -EPERM where it is not believed; -ENOMEM.
 */
int rf_linked_repository(const char *workspace, const char *home, uid_t uid, char **common);

#endif
