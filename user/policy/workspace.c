/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A policy opens the workspace wide, so it must be a project's folder. Left out on purpose: /srv, /mnt and /media,
 * which hold data and nothing that the system runs by itself, and what lies beneath /opt, /usr/src, /usr/local/src,
 * /var and /tmp, where projects are.
 */
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "compile/compile.h"
#include "policy/workspace.h"

static const struct {
	const char *glob, *what;
} wide[] = {
	{"/", "the root of all files"},
	{"/home", "the folder of all homes"},
	{"/root", "a home folder"},
	{"/{bin,sbin,lib*,boot,etc,opt,usr,var,nix,gnu,snap}", "a folder of the system"},
	{"/{boot,bin,sbin,lib*}/**", "a folder of the system"},
	{"/usr/{,local/}{bin,sbin,lib*,include,share,games,etc}", "a folder of the system"},
	{"/usr/local", "a folder of the system"},
	{"/var/{lib,spool,cache,log,mail,backups,local,opt}", "a folder of the system"},
	{"/etc/{systemd,cron*,init*,rc*,profile.d,udev,pam.d,sudoers.d,apt,ssh,X11,xdg}{,/**}",
	 "a folder of the system"},
	{"/{proc,sys}/**", "a view of the kernel's"},
	{"/dev{,/pts,/shm,/mqueue}", "a folder of devices"},
	{"/run{,/user,/user/*,/systemd,/systemd/**,/lock}", "a folder of running services"},
};

bool rf_workspace_shared(const char *workspace)
{
	static const char scratch[] = "/{tmp,var/tmp}";
	char real[PATH_MAX];
	const char *path = realpath(workspace, real) ? real : workspace;

	return rf_glob_match(scratch, path, strlen(path));
}

static bool is_same(const char *a, const char *b)
{
	char real[PATH_MAX];

	return !strcmp(a, b) || (realpath(b, real) && !strcmp(a, real));
}

static bool is_above(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	return !strncmp(folder, path, len) && path[len] == '/';
}

/* Whether somebody who can log in lives there: the accounts of services do not count. */
static bool is_a_home(const char *workspace)
{
	const struct passwd *user;
	bool found = false;

	setpwent();
	while (!found && (user = getpwent()))
		found = (!user->pw_uid || (user->pw_uid >= 1000 && user->pw_uid < 65534)) &&
			strcmp(user->pw_dir, "/") != 0 && is_same(workspace, user->pw_dir);
	endpwent();
	return found;
}

const char *rf_workspace_wide(const char *workspace, const char *home)
{
	char real[PATH_MAX];
	const char *path = realpath(workspace, real) ? real : workspace;
	char home_real[PATH_MAX];

	if (home && is_same(path, home))
		return strcmp(path, "/") != 0 ? "the home folder" : wide[0].what;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (rf_glob_match(wide[i].glob, path, strlen(path)))
			return wide[i].what;
	}
	if (home && (is_above(path, home) || (realpath(home, home_real) && is_above(path, home_real))))
		return "above the home folder";
	return is_a_home(path) ? "a home folder" : NULL;
}
