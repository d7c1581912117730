// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The service's helper, libexec/ringfence/notify: reads a request on its standard input, a socket, does it as whom it
 * shall be done, and answers there with a line. It is a process for each, ends itself in its time, and takes with it
 * what it started. What it sends on never goes through a shell.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "notifier/webhook.h"
#include "notify/send.h"

#define REQUEST_MAX (1u << 20)
#define PATH_LINE   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static char why[256];

static int fail(const char *what, const char *text)
{
	snprintf(why, sizeof(why), "%s: %s", what, text);
	return -1;
}

static json_t *read_request(void)
{
	static char text[REQUEST_MAX];
	size_t len = 0;
	ssize_t got;

	while (len < sizeof(text) && (got = read(STDIN_FILENO, text + len, sizeof(text) - len)) > 0)
		len += (size_t)got;
	return json_loadb(text, len, 0, NULL);
}

/* For good, and with no capabilities, root too: what is executed can't have any either. */
static int become(const struct passwd *user)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return fail("its capabilities can't be given up", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || initgroups(user->pw_name, user->pw_gid) ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) || setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return fail("who it shall be done as", strerror(errno));
	return 0;
}

/* Its standard input is the body; its end is told by what it returns. */
static int run(char *const *argv, char *const *environment, const char *body, const struct passwd *user)
{
	int input = memfd_create("notification", MFD_CLOEXEC), status = 0;
	size_t len = strlen(body);
	pid_t pid;

	if (input < 0 || write(input, body, len) != (ssize_t)len || lseek(input, 0, SEEK_SET))
		return fail("the notification", strerror(errno));
	pid = fork();
	if (pid == 0) {
		/* After the user is another, which would undo it. */
		if (become(user) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && chdir("/") == 0 &&
		    dup2(input, STDIN_FILENO) == STDIN_FILENO) {
			signal(SIGPIPE, SIG_DFL);
			alarm(0);
			execvpe(argv[0], argv, environment);
		}
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(input);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return fail(argv[0], strerror(errno));
	if (WIFSIGNALED(status))
		return fail(argv[0], strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 127)
		return fail(argv[0], "it is not there");
	if (WEXITSTATUS(status))
		snprintf(why, sizeof(why), "%s: ended with status %d", argv[0], WEXITSTATUS(status));
	return WEXITSTATUS(status) ? -1 : 0;
}

static int run_command(const json_t *request, const char *body, const struct passwd *user)
{
	const json_t *words = json_object_get(request, "command"), *word;
	char **argv = calloc(json_array_size(words) + 1, sizeof(*argv));
	char home[4096];
	char *environment[] = {PATH_LINE, home, NULL};
	size_t i;

	if (!argv || !json_array_size(words))
		return fail("command", "there is none");
	snprintf(home, sizeof(home), "HOME=%s", user->pw_dir);
	json_array_foreach(words, i, word) argv[i] = (char *)json_string_value(word);
	return run(argv, environment, body, user);
}

/* Those who show it take it for markup. */
static char *without_markup(const char *text)
{
	char *out = malloc(strlen(text) * 5 + 1), *to = out;

	for (; out && *text; text++)
		to = stpcpy(to, *text == '&'   ? "&amp;"
				: *text == '<' ? "&lt;"
				: *text == '>' ? "&gt;"
					       : (char[]){*text, '\0'});
	return out;
}

static int show(const char *body, const struct passwd *user)
{
	char path[64], bus[128], home[4096];
	char *environment[] = {PATH_LINE, bus, home, NULL};
	char *text = without_markup(body);
	char *argv[] = {"notify-send", "--app-name=ringfence", "--icon=dialog-warning", "--", "ringfence", text, NULL};
	struct stat st;

	if (!text)
		return fail("the notification", strerror(ENOMEM));
	snprintf(path, sizeof(path), "/run/user/%u/bus", (unsigned)user->pw_uid);
	snprintf(bus, sizeof(bus), "DBUS_SESSION_BUS_ADDRESS=unix:path=%s", path);
	snprintf(home, sizeof(home), "HOME=%s", user->pw_dir);
	if (stat(path, &st) || !S_ISSOCK(st.st_mode)) {
		snprintf(why, sizeof(why), RF_NOTIFY_NONE_OF "%s", path);
		return -1;
	}
	return run(argv, environment, "", user);
}

static int serve(const json_t *request)
{
	const char *kind = json_string_value(json_object_get(request, "kind"));
	const char *body = json_string_value(json_object_get(request, "body"));
	const char *name = json_string_value(json_object_get(request, "user"));
	const struct passwd *user;

	if (!kind || !body)
		return fail("the request", "it is none");
	name = name ? name : "nobody";
	errno = 0;
	user = getpwnam(name);
	if (!user)
		return fail(name, errno ? strerror(errno) : "there is no such user");
	if (strcmp(kind, "command") == 0)
		return run_command(request, body, user);
	if (strcmp(kind, "desktop") == 0)
		return show(body, user);
	/* Its secrets are safe from other processes of nobody's: who has become another can't be traced by his like. */
	return become(user) ? -1 : post(request, why, sizeof(why));
}

/* What was started dies with its parent. */
static void on_alarm(int signal)
{
	static const char late[] = "it took too long\n";

	(void)signal;
	(void)!write(STDIN_FILENO, late, sizeof(late) - 1);
	_exit(1);
}

int main(void)
{
	json_t *request;
	int err;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	alarm(RF_NOTIFY_SECONDS);
	request = read_request();
	err = serve(request);
	dprintf(STDIN_FILENO, "%s\n", err ? why : RF_NOTIFY_OK);
	json_decref(request);
	return err ? 1 : 0;
}
