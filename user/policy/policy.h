/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The model of a policy: what its text says, with every line it was said on. Knows nothing of BPF. */
#ifndef RINGFENCE_POLICY_H
#define RINGFENCE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ringfence/abi.h"

#define RF_POLICY_FILE_MAX (4u << 20) /* bytes of a policy file */

/* A place in a policy text; lines and columns count from 1. `file` belongs to the set. */
struct rf_where {
	const char *file;
	uint32_t line, col;
};

/* One string of a policy with its place. `text` is as written until rf_policy_bind, then with variables put in. */
struct rf_text {
	char *text;
	struct rf_where where;
	bool exact; /* as written: `where` is the place of its first character, and the next are beside it */
};

/* A pattern of a bound rule: glob syntax, absolute. A rule's `resolved` forms are what its literals mean behind
 * symbolic links; `of` is the index of the pattern they stand for. */
struct rf_pattern {
	char *glob;
	struct rf_where where;
	size_t of;
	bool resolved;
};

/* A destination range of a network rule: IPv4 as ::ffff:a.b.c.d/96+n. */
struct rf_range {
	uint8_t addr[16];
	uint8_t prefix;
	struct rf_where where;
};

struct rf_ports {
	uint16_t lo, hi;
	struct rf_where where;
};

/* Whether a deny rule answers ENOENT. */
enum rf_hide {
	RF_HIDE_NO,
	RF_HIDE_OPEN, /* to whoever opens, runs or changes it */
	RF_HIDE_ALL,  /* to stat(2), access(2) and chdir(2) as well */
};

/* One rule. Its name for people is "files[3]": its section and its index there, from 0, as it was written; a base's
 * rules keep theirs, behind the base's name. */
struct rf_rule {
	enum rf_section section;
	size_t index;
	bool allow;
	uint8_t access; /* enum rf_access bits */
	enum rf_hide hide;
	bool moves;   /* deny: what it protects may move with its folder, between places of equal rights */
	bool quiet;   /* deny: what it denies is counted, and told in a summary alone */
	bool seal;    /* deny: literals are also denied by identity (RF_HIDE_ALL implies it) */
	bool implied; /* nobody wrote it: a guard's */
	char *of;   /* the name of the base that it came with; of one that the command line adds its whole name; or NULL
		     */
	bool added; /* by the command line */
	char *reason; /* or NULL */
	struct rf_where where;
	struct rf_text *path; /* files, unix: as written */
	size_t paths;
	struct rf_pattern *pattern; /* files, unix: after rf_policy_bind, written ones first, then resolved forms */
	size_t patterns;
	struct rf_range *to; /* network: none means every address */
	size_t tos;
	bool to_all;
	struct rf_ports *port; /* network: none means every port */
	size_t ports;
	uint8_t protocols; /* network: enum rf_protocol bits; none written means all */
};

struct rf_variable {
	char *name;
	char *value; /* default from spec.variables, or NULL */
	struct rf_where where;
};

struct rf_pair {
	char *key, *value;
};

struct rf_policy {
	char *name;
	struct rf_pair *label;
	size_t labels;
	enum rf_mode mode;
	struct rf_text *select; /* cgroup patterns */
	size_t selects;
	struct rf_text *notify; /* names of those who are told of its denials (user/notify) */
	size_t notifies;
	bool notify_said; /* `notify` is there, if empty: whom it does not name is not told */
	struct rf_variable *variable;
	size_t variables;
	struct rf_rule *rule[RF_SECTIONS];
	size_t rules[RF_SECTIONS];
	uint8_t left; /* bits by enum rf_section: left to the other policies of the fence (spec.judges) */
	bool judges_said, files_said, mode_said; /* the keys are there */
	struct rf_text extends;			 /* what it extends, as written; no text: nothing */
	struct rf_where judges_at, off_at;	 /* of these keys' values, where they are there */
	uint32_t guards;			 /* RF_GUARD_BITs that are on */
	struct rf_where where;
	bool bound;
};

/* Whether a policy speaks of a section: where it does not, it refuses nothing by rules of its own, and another policy
 * of the fence must. */
static inline bool rf_policy_judges(const struct rf_policy *policy, enum rf_section section)
{
	return !(policy->left >> section & 1);
}

/* What follows for a section from the rule that decides there (NULL: none matched). */
static inline bool rf_policy_allows(const struct rf_policy *policy, enum rf_section section, const struct rf_rule *rule)
{
	return rule ? rule->allow : !rf_policy_judges(policy, section);
}

/* Policies of one or more files, in order of appearance. */
struct rf_policies {
	struct rf_policy *policy;
	size_t count;
	char **file; /* file names that `where`s point at */
	size_t files;
	bool presets_only; /* read for somebody else: a policy may extend presets alone, not files */
};

/* ------------------------------------------------------------- diagnostics */

enum rf_level { RF_ERROR, RF_WARNING };

struct rf_diag {
	enum rf_level level;
	struct rf_where where;
	char *text;
};

/* Collects what is wrong with policies. All of a file's errors are told at once, sorted by place. */
struct rf_diags {
	struct rf_diag *diag;
	size_t count, errors, warnings;
	size_t dropped; /* beyond RF_DIAGS_MAX */
};
#define RF_DIAGS_MAX 200

void rf_diag_add(struct rf_diags *diags, enum rf_level level, struct rf_where where, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Prints "file:line:col: [warning: ]text" lines to a stdio stream, control bytes escaped. */
void rf_diags_print(const struct rf_diags *diags, void *stream);
void rf_diags_free(struct rf_diags *diags);
/* The word of `words` (NULL-terminated) nearest to `word`, or NULL where none is near: for "did you mean". */
const char *rf_nearest(const char *word, const char *const *words);

/* ------------------------------------------------------------------ reading */

/*
 * Adds the policies of a text (one file, any number of documents) to `policies`. `name` is how messages call the file.
 * Returns 0, or -EINVAL with all errors in `diags` and nothing added; -ENOMEM.
 */
int rf_policies_parse(struct rf_policies *policies, const char *name, const void *text, size_t len,
		      struct rf_diags *diags);
/* The same from a file; "-" is standard input. A file that can't be read or is too large is an error in `diags`. */
int rf_policies_load(struct rf_policies *policies, const char *path, struct rf_diags *diags);
void rf_policies_free(struct rf_policies *policies);
/* A policy's own text of a file's, by the line that it begins on: the lines of its document, all before them empty.
 * NULL without memory; the caller frees it. */
char *rf_document_text(const char *text, size_t length, uint32_t line, size_t *len);

/* ---------------------------------------------------------------- extending */

#define RF_EXTENDS_MAX 8 /* policies in a chain of extends */

/*
 * spec.extends. A policy's own allow rules stand before all rules of its base, so that they open what the base does
 * not speak of, and never what it denies; its deny rules stand behind them, and always narrow. The base's guards stay
 * on. rf_policies_parse does this by itself, with presets and with files beside the policy's.
 *
 * rf_policies_allow does the same for a rule of the command line, "read:/srv/data/ **" or "connect:127.0.0.1:5432",
 * number `number` from 1, for each policy of the set that judges its section. To be called before they are bound.
 * Returns 0; -EINVAL with what is wrong in `diags`; -ENOMEM.
 */
int rf_policies_allow(struct rf_policies *policies, const char *spec, unsigned number, struct rf_diags *diags);

/* The file of a preset, malloc'ed, or NULL: looked up in $RINGFENCE_POLICIES, beside the program, where it is
 * installed. */
char *rf_preset_find(const char *name);
/* Whether a word is a preset's name and not a file's. */
bool rf_preset_is(const char *word);
/* Names of all presets, sorted, each once; NULL-terminated. NULL without memory. */
char **rf_presets(void);
void rf_presets_free(char **names);

/* ------------------------------------------------------------------ binding */

/* Values of variables, in order of precedence: the first of a name counts. "ENV:NAME" is looked up in the
 * environment by rf_policy_bind itself. */
struct rf_vars {
	struct rf_pair *pair;
	size_t count;
};
int rf_vars_set(struct rf_vars *vars, const char *name, const char *value);
/* The same, and the value that counted is gone. */
int rf_vars_replace(struct rf_vars *vars, const char *name, const char *value);
const char *rf_vars_get(const struct rf_vars *vars, const char *name);
void rf_vars_free(struct rf_vars *vars);
/* Names that every `run` gives a value. */
#define RF_VARS_GIVEN "HOME", "USER", "UID", "WORKSPACE"
/* Adds what every `run` gives: HOME, USER and UID of a user, WORKSPACE (a directory; NULL: the current one). Set
 * others before it, because the first of a name counts. Returns 0; -errno of the workspace; -ENOMEM. */
int rf_vars_defaults(struct rf_vars *vars, uid_t uid, const char *workspace);

/* Before binding: whether a pattern of some policy takes in a variable. */
bool rf_policies_use(const struct rf_policies *policies, const char *variable);
/* Before binding: the first variable of `vars` that no policy has (none declares it, no pattern takes it in), or NULL.
 * `near` is the name that was meant, where one is near: it lives as long as the policies. */
const char *rf_vars_unknown(const struct rf_vars *vars, const struct rf_policies *policies, const char **near);

/*
 * Puts variables into the policy's patterns (values are literal text: their glob characters are quoted) and adds the
 * resolved form of each pattern whose literal part passes through a symbolic link, as seen from here and now. A
 * link that the policy itself lets the task write is not followed for an allow rule (a warning says so): else the
 * task of one run could widen the next one's policy. `resolve` false leaves links alone. Errors (unbound variable,
 * value that is not absolute where a pattern begins with it, bad glob after binding) go to `diags`.
 * Returns 0, -EINVAL or -ENOMEM.
 */
int rf_policy_bind(struct rf_policy *policy, const struct rf_vars *vars, bool resolve, struct rf_diags *diags);

/* "files", "network", "unix", by enum rf_section; ends with NULL. */
extern const char *const rf_section_words[];
/* "files, unix" of bits by enum rf_section into `buf`; returns buf. */
const char *rf_sections_text(unsigned sections, char *buf, size_t size);
/* Warns of a policy that has rules for sockets, none for files, and does not say spec.judges: it takes every file away,
 * so that nothing runs, and is nearly always meant to stand beside another. */
void rf_policy_warn(const struct rf_policy *policy, struct rf_diags *diags);
/* For a bound policy, as this host is now. Of patterns that pass through symbolic links which others than root could
 * lead elsewhere (those of the host's layout are harmless); of a folder's name where "/ **" behind it was surely meant.
 */
void rf_policy_warn_links(const struct rf_policy *policy, struct rf_diags *diags);
void rf_policy_warn_folders(const struct rf_policy *policy, struct rf_diags *diags);
/* "files[3]" of a rule into `buf`; "base files[3]" of one that came with a policy's base, "--allow #1" of one that the
 * command line adds. Returns buf. */
#define RF_RULE_NAME 96
const char *rf_rule_name(const struct rf_rule *rule, char *buf, size_t size);
/* "read,write" of access bits into `buf`; returns buf. */
const char *rf_access_words(unsigned access, char *buf, size_t size);
/* Bit of an access word, or 0. */
unsigned rf_access_of(const char *word);

#endif
