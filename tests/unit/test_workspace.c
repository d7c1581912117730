/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which folders are no workspace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/workspace.h"

static void folders(void **state)
{
	static const struct {
		const char *workspace, *home, *what;
	} list[] = {
		{"/", "/nonexistent/h", "the root of all files"},
		{"/", "/", "the root of all files"},
		{"/", NULL, "the root of all files"},
		{"/nonexistent/h", "/nonexistent/h", "the home folder"},
		{"/nonexistent", "/nonexistent/h/i", "above the home folder"},
		{"/nonexistent/h", "/nonexistent/h/i", "above the home folder"},
		{"/nonexistent/h/p", "/nonexistent/h", NULL},
		{"/nonexistent/h2", "/nonexistent/h", NULL},
		{"/nonexistent/h", "/", NULL},
		{"/home", "/nonexistent/h", "the folder of all homes"},
		{"/root", "/nonexistent/h", "a home folder"},
		{"/root/p", "/root", NULL},
		{"/etc", NULL, "a folder of the system"},
		{"/etc/systemd/system", NULL, "a folder of the system"},
		{"/etc/nonexistent", NULL, NULL},
		{"/usr", NULL, "a folder of the system"},
		{"/usr/bin", NULL, "a folder of the system"},
		{"/usr/local", NULL, "a folder of the system"},
		{"/usr/local/lib", NULL, "a folder of the system"},
		{"/usr/src/nonexistent", NULL, NULL},
		{"/var", NULL, "a folder of the system"},
		{"/var/lib", NULL, "a folder of the system"},
		{"/var/www/nonexistent", NULL, NULL},
		{"/opt", NULL, "a folder of the system"},
		{"/opt/nonexistent", NULL, NULL},
		{"/boot/nonexistent", NULL, "a folder of the system"},
		{"/proc", NULL, "a view of the kernel's"},
		{"/sys/class", NULL, "a view of the kernel's"},
		{"/dev", NULL, "a folder of devices"},
		{"/dev/shm", NULL, "a folder of devices"},
		{"/dev/shm/nonexistent", NULL, NULL},
		{"/run", NULL, "a folder of running services"},
		{"/run/user/4711", NULL, "a folder of running services"},
		{"/run/user/4711/p", NULL, NULL},
		{"/tmp", NULL, NULL}, /* shared: no workspace at all */
		{"/tmp/nonexistent", NULL, NULL},
		{"/srv", NULL, NULL},
		{"/mnt", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const char *what = rf_workspace_wide(list[i].workspace, list[i].home);

		if (strcmp(what ? what : "none", list[i].what ? list[i].what : "none") != 0)
			fail_msg("%s: wanted %s, got %s", list[i].workspace, list[i].what ? list[i].what : "none",
				 what ? what : "none");
	}
}

static void shared(void **state)
{
	(void)state;
	assert_true(rf_workspace_shared("/tmp"));
	assert_true(rf_workspace_shared("/var/tmp/"));
	assert_false(rf_workspace_shared("/tmp/nonexistent"));
	assert_false(rf_workspace_shared("/var"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders),
		cmocka_unit_test(shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
