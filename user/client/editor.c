// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/editor.h"

const char *rf_editor_name(void)
{
	const char *editor = getenv("VISUAL");

	editor = editor && *editor ? editor : getenv("EDITOR");
	return editor && *editor ? editor : "vi";
}

int rf_editor(const char *path, long line)
{
	/* It may have words of its own: EDITOR="code --wait". The path is a word whatever is in it. */
	const char *command =
		line ? "eval \"$RINGFENCE_EDITOR\" '\"+$2\" \"$1\"'" : "eval \"$RINGFENCE_EDITOR\" '\"$1\"'";
	char number[32];
	int status = 0;
	pid_t pid;

	snprintf(number, sizeof(number), "%ld", line);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setenv("RINGFENCE_EDITOR", rf_editor_name(), 1);
		execl("/bin/sh", "sh", "-c", command, "sh", path, number, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ECANCELED;
}
