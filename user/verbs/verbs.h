/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one table of verbs: dispatch, help, usage errors and the man pages' synopses follow from it. */
#ifndef RINGFENCE_VERBS_H
#define RINGFENCE_VERBS_H

#include <stdbool.h>

#include "client/exit.h"

/* An option of a verb. `argument` NULL: a switch. */
struct rf_option {
	const char *name; /* without "--" */
	char letter;	  /* 0: none */
	const char *argument;
	const char *help;
};

/* X(verb, "synopsis after the verb", "one line of help"): rf_verb_<verb>() and rf_options_<verb>[] stand in <verb>.c.
 */
#define RF_VERBS(X)                                                                                         \
	X(run, "-p FILE|PRESET [OPTION]... -- COMMAND [ARGUMENT]...", "run a command inside a fence")       \
	X(check, "-f FILE|-p PRESET...", "look for mistakes in policy files")                               \
	X(explain, "-f FILE|-p NAME|FILE|PRESET [OPTION]... PATH|FIELD",                                    \
	  "tell the verdict for a path or destination and the rule that decides, or what a field means")    \
	X(presets, "[NAME]", "list the policies that come with the program, or print one")                  \
	X(apply, "-f FILE|DIR... [OPTION]...", "put policies in force on this host")                        \
	X(confirm, "NAME...", "keep what was applied on probation")                                         \
	X(diff, "-f FILE|DIR...", "tell what apply would change, and what is allowed more or less then")    \
	X(get, "policies|sandboxes [OPTION]... [NAME]...", "show what is there")                            \
	X(describe, "policy|sandbox NAME", "tell all about one policy or sandbox")                          \
	X(delete, "policy NAME...", "take policies out of force")                                           \
	X(rollback, "NAME [--to-revision N]", "apply an earlier text of a policy again")                    \
	X(edit, "policy NAME", "change a policy's text in your editor, and apply it")                       \
	X(wait, "--for=WHAT [--timeout TIME] policy/NAME...", "wait until policies are in force, or gone")  \
	X(events, "[-w] [-o line|json] [FILTER]...", "show denials of what is in force, and changes of it") \
	X(monitor, "[SANDBOX|-p POLICY] [FILTER...] [OPTION]... [FILE|-]",                                  \
	  "show denials as they happen, on a terminal: found, grouped, explained and acted on")             \
	X(web, "", "print the address at which a browser shows the live view")                              \
	X(logs, "[SANDBOX] [OPTION]... [FILTER]...", "show denials: all, or those that are wanted")         \
	X(top, "[-b] [-n N] [-d SECONDS]", "show the sandboxes in which most is refused at the moment")     \
	X(attach, "-p NAME --cgroup PATH|--pid PID", "put an applied policy on a cgroup")                   \
	X(detach, "-p NAME --cgroup PATH|--pid PID", "take a policy off a cgroup that it was put on")       \
	X(list, "[--no-headers]", "list the sandboxes of this host")                                        \
	X(stop, "SANDBOX...", "kill all that runs in a sandbox")                                            \
	X(status, "", "tell whether the agent is there and ready, and what it keeps in force")              \
	X(api, "METHOD PATH [-f FILE]", "ask the agent's API, and print what it answers")                   \
	X(doctor, "[--json]", "tell what this host can enforce, and what to do where it can't")             \
	X(unload, "", "take the engine out of the kernel; refused while a sandbox lives")                   \
	X(completion, "bash|zsh|fish", "print what makes a shell complete the words of ringfence")          \
	X(version, "", "print the version")                                                                 \
	X(help, "[VERB]", "print help, for one verb or for all")

struct rf_verb {
	const char *name, *synopsis, *help;
	const struct rf_option *options;			       /* ends with a NULL name */
	int (*run)(const struct rf_verb *verb, int argc, char **argv); /* argv[0] is the verb */
	const struct rf_verb *table;				       /* that this row stands in */
};

/* For main alone (table.c): it names every verb, so a verb takes the table from its own row. Ends with a NULL name. */
extern const struct rf_verb rf_verbs[];

#define X(name, synopsis, help)                                                \
	int rf_verb_##name(const struct rf_verb *verb, int argc, char **argv); \
	extern const struct rf_option rf_options_##name[];
RF_VERBS(X)
#undef X

/*
 * Steps through a verb's arguments by its option table (long and short forms, "--name=value", "--" ends). Returns the
 * option found, NULL at the first operand or the end (then *next is its index), or &rf_option_bad after telling the
 * user what is wrong. *next starts at 1.
 */
const struct rf_option *rf_option_next(const struct rf_verb *verb, int argc, char **argv, int *next, char **value);
extern const struct rf_option rf_option_bad;
/* --help, which every verb has besides its table. main() answers it, so a verb never gets it. */
extern const struct rf_option rf_option_help;
/* Whether --help stands among the options (not after the first operand, not as an option's value). */
bool rf_help_asked(const struct rf_verb *verb, int argc, char **argv);
/* The verb of a name in a table; NULL after telling the user that there is none. */
const struct rf_verb *rf_verb_find(const struct rf_verb *table, const char *name);

/*
 * As rf_option_next for verbs whose options may stand behind operands as well ("get policies -o wide"): gives each
 * option to `take` (0, or an exit status that ends it), and moves the operands to argv[1] and behind. Returns how many
 * there are; -1 with *status set: it ends here.
 */
typedef int rf_option_take(void *context, const struct rf_verb *verb, const struct rf_option *option, char *value);
int rf_operands(const struct rf_verb *verb, int argc, char **argv, rf_option_take *take, void *context, int *status);

/* "ringfence VERB: message" on stderr (verb NULL: "ringfence: message"), a line in which nothing drives a terminal,
 * whatever is filled in. */
void rf_tell(const struct rf_verb *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "ringfence VERB: message" on stderr, with a pointer to help; returns RF_EXIT_USAGE. */
int rf_usage_error(const struct rf_verb *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the help of a verb from the table. */
void rf_help_verb(const struct rf_verb *verb, void *stream);

#endif
