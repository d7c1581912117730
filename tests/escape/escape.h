/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The adversary: attempts to leave a fence. Each is made twice, in a world of its own: unfenced, where it must succeed
 * (else it proves nothing), then fenced, where it must be refused, told and without effect.
 *
 * A stage is a process outside the fence with a mount and an IPC namespace of its own. It makes the world (world.c),
 * prepares what the attempt begins with, starts the actor, in the fence or not, and looks at what is left.
 */
#ifndef RINGFENCE_TESTS_ESCAPE_H
#define RINGFENCE_TESTS_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vm/lib/fence.h"

/* What the adversary's list asks for: X(NAME, "words"). Each has at least one attempt. */
#define LINES(X)                                                                    \
	X(OPEN, "names: every way to open")                                         \
	X(SYMLINK, "names: symbolic links")                                         \
	X(LINK, "names: hard links")                                                \
	X(RENAME, "names: renames, exchange, whiteout, O_TMPFILE")                  \
	X(PARENT, "names: a deny below an allowed tree")                            \
	X(CREATE, "names: creating and deleting")                                   \
	X(CONTENT, "names: changing contents")                                      \
	X(ATTRIBUTES, "names: attributes")                                          \
	X(HIDDEN, "names: what is hidden")                                          \
	X(EXEC, "names: running")                                                   \
	X(LIMITS, "names: paths at the limits")                                     \
	X(ALIASES, "names: other names of one entry")                               \
	X(FOREIGN, "names: descriptors of another mount namespace")                 \
	X(KINDS, "names: unlinked files, overlayfs, earlier bind mounts")           \
	X(MOUNTS, "mounts and namespaces")                                          \
	X(INET, "destinations: internet and other families")                        \
	X(UNIX, "destinations: unix sockets")                                       \
	X(TASKS, "tasks outside: ptrace, memory, signals, priorities, /proc/sys")   \
	X(CGROUP, "leaving the cgroup")                                             \
	X(KERNEL, "bpf, perf, modules, raw devices")                                \
	X(URING, "io_uring")                                                        \
	X(TERMINAL, "input pushed into the terminal")                               \
	X(BIRTHS, "children, vfork, threads' credentials, setuid, user namespaces") \
	X(ENGINE, "the engine itself")

enum line {
#define X(name, words) LINE_##name,
	LINES(X)
#undef X
		LINE_COUNT
};

enum who { ROOT = 1, USER = 2, BOTH = 3 };
#define USER_ID 12345

#define TREE   "/tmp/e"
#define WORK   TREE "/work"
#define SECRET TREE "/secret"
#define KEY    SECRET "/key"
#define HIDDEN TREE "/hidden"
#define WORD   "what nobody in the fence may know\n"

struct attempt {
	const char *name;
	enum line line;
	enum who who;
	int (*prepare)(void); /* in the stage, as root; 0, or the errno for which it can't be tried here */
	int (*act)(void);     /* 0: it worked; else the errno that it got */
	/* Of the denial; words with '|' between those that will do. */
	const char *hook;
	const char *reason; /* NULL: "rule" */
	const char *guard;  /* NULL: none */
	const char *object; /* what its object begins with; NULL: anything */
	int error;	    /* errno that the act gets; 0: the denial's */
	unsigned most;	    /* denials at most; 0: one */
	/* Of what the act may have changed outside: true where nothing was. Beside world_intact(). */
	bool (*intact)(void);
	bool changes;	  /* unfenced, world_intact() or intact() must find a change */
	bool silent;	  /* refused without a denial; the attempt says why */
	const char *skip; /* why it is not tried anywhere */
};

/* What a stage and its actor share. */
struct stage {
	uid_t uid;	/* the actor's and the victim's */
	bool fenced;	/* the actor is in the fence */
	pid_t victim;	/* a task outside, of the same user */
	int fd[8];	/* what attempts prepare; -1 */
	int number[4];	/* likewise: keys, IPC identifiers */
	char path[128]; /* likewise */
};
extern struct stage stage;

/* The fence that all attempts are made in, for those that act on it. */
extern struct fence fence;

/* The one list of sections: X(name), each a table attempts_NAME in NAME.c. */
/* clang-format off */
#define ESCAPE_SECTIONS(X) \
	X(names) \
	X(above) \
	X(changes) \
	X(attributes) \
	X(mounts) \
	X(destinations) \
	X(addresses) \
	X(packets) \
	X(unsent) \
	X(unix) \
	X(tasks) \
	X(kernel) \
	X(uring) \
	X(opcodes) \
	X(engine) \
	X(credentials) \
	X(races) \
	X(seals) \
	X(ioctls)
/* clang-format on */
#define X(name)                                        \
	extern const struct attempt attempts_##name[]; \
	extern const size_t attempts_##name##_count;
ESCAPE_SECTIONS(X)
#undef X
#define ATTEMPTS(table) const size_t table##_count = sizeof(table) / sizeof(*table)
#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* Made by the rules. */
#define BY_RULE(by, what)  .hook = (by), .object = (what)
#define BY_GUARD(by, word) .hook = (by), .reason = "guard", .guard = (word)

/* 0 if the descriptor's content (or the file's) is the secret word; else the errno, EILSEQ for other content. */
int read_word(int fd);
int open_and_read(const char *path);
int openat_and_read(int dir, const char *path, int flags);
/* A system call's errno; 0 where it succeeded. */
int tried(long result);
/* Connects a socket (-1: its errno) to an IPv4 or IPv6 address. */
int connect_to(int fd, const char *address, unsigned port);
/* Runs a program with its output read: 0 if that is `output`, EACCES else. */
int run_for(const char *const argv[], const char *output);
/* Sends or receives a descriptor. Receiving: -1 where none came. */
int send_fd(int socket, int fd);
int receive_fd(int socket);

/* world.c: what is outside the fence. */
extern const char world_policy[];
/* Once: networks, file systems on loop devices, what is sealed. */
void world_found(void);
/* In a stage: the tree and the victim. */
void world_make(void);
/* Takes note of what is kept, when the attempt is prepared. */
void world_note(void);
/* Whether all that no fenced task may touch is as it was made. */
bool world_intact(void);
/* The victim's secret lies in its memory here. */
extern char victim_word[sizeof(WORD)];
#define VICTIM_FD 100 /* KEY, in the victim */

/* Ports of the world. Allowed: 7000 to 7099 on loopback, 7100 to 7199 on ::1, bind 3000 to 3099. These listen and are
 * denied. */
#define PORT_TCP  9000
#define PORT_UDP  9001
#define PORT_LITE 9002
#define PORT_SCTP 9003

#endif
