// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether a line of ours would land in what somebody else draws. The alternate screen itself can't be seen from here:
 * what is written to a terminal goes by us, and terminals are not asked. But whoever draws a screen reads keys one by
 * one, without their echo (vim, less, top, tmux, dialogs, agents), and that is a mode of the terminal.
 */
#include <termios.h>
#include <unistd.h>

#include "verbs/run.h"

/* A shell with job control reads keys so at its prompt, over which the output of background jobs comes as ever. It is
 * known by its group: it leads the session, or it is the command and has left our group for one of its own. */
static bool at_a_prompt(int fd, pid_t job)
{
	pid_t foreground = tcgetpgrp(fd);

	return foreground > 0 && foreground != getpgrp() &&
	       (foreground == getpgid(getsid(0)) || (job > 0 && foreground == getpgid(job)));
}

bool run_screen_taken(int fd, pid_t job)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) || modes.c_lflag & (ICANON | ECHO))
		return false;
	return !at_a_prompt(fd, job);
}
