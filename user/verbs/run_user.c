// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ringfence run --user`: as somebody else. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verbs/run.h"

static int find_groups(struct run_user *user)
{
	int room = 0;

	/* The first call tells how many there are. */
	getgrouplist(user->name, user->gid, NULL, &room);
	user->group = calloc((size_t)room + 1, sizeof(*user->group));
	user->groups = room;
	if (!user->group)
		return -ENOMEM;
	return getgrouplist(user->name, user->gid, user->group, &user->groups) < 0 ? -EAGAIN : 0;
}

bool run_user_find(struct run_user *user, const char *name)
{
	const struct passwd *found;

	errno = 0;
	found = getpwnam(name);
	if (!found) {
		fprintf(stderr, "ringfence: there is no user \"%s\"%s%s\n", name, errno ? ": " : "",
			errno ? strerror(errno) : "");
		return false;
	}
	user->name = strdup(found->pw_name);
	user->home = strdup(found->pw_dir);
	user->shell = strdup(found->pw_shell && found->pw_shell[0] ? found->pw_shell : "/bin/sh");
	user->uid = found->pw_uid;
	user->gid = found->pw_gid;
	if (!user->name || !user->home || !user->shell || find_groups(user)) {
		fprintf(stderr, "ringfence: the groups of user \"%s\" cannot be read\n", name);
		return false;
	}
	return true;
}

int run_user_become(const struct run_user *user)
{
	if (setgroups((size_t)user->groups, user->group) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	if (setenv("HOME", user->home, 1) || setenv("USER", user->name, 1) || setenv("LOGNAME", user->name, 1) ||
	    setenv("SHELL", user->shell, 1))
		return -errno;
	return 0;
}

void run_user_free(struct run_user *user)
{
	free(user->name);
	free(user->home);
	free(user->shell);
	free(user->group);
	*user = (struct run_user){.name = NULL};
}
