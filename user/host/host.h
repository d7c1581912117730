/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this host can enforce: facts for `doctor`, and the short question that `run` asks before it loads anything. */
#ifndef RINGFENCE_HOST_H
#define RINGFENCE_HOST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a fence can stand here, as far as that can be told in a moment: root, kernel, BPF LSM, BTF, cgroup2. False
 * gives in *why one line with the remedy, the caller's to free (NULL: no memory).
 */
bool rf_host_ready(char **why);

enum rf_fact_state {
	RF_FACT_OK,
	RF_FACT_WARN, /* a fence stands all the same, or it could not be found out */
	RF_FACT_FAIL, /* no preset works without it */
};

struct rf_fact {
	const char *id; /* a short word that does not change: "btf" */
	enum rf_fact_state state;
	char *text;   /* the fact */
	char *remedy; /* what to do, or NULL */
};

enum rf_hook_state {
	RF_HOOK_UNKNOWN,   /* the kernel's types can't be read */
	RF_HOOK_MISSING,   /* needed, and not there */
	RF_HOOK_ABSENT,	   /* not there, and the fence is whole without it on this kernel */
	RF_HOOK_THERE,	   /* in the kernel; no engine is loaded */
	RF_HOOK_ON_DEMAND, /* the engine is loaded and attaches it while a policy in force needs it */
	RF_HOOK_ATTACHED,
	RF_HOOK_LOOSE, /* the engine is loaded and should be attached to it, but is not */
};

struct rf_btf_hook;

struct rf_hook_fact {
	const char *name;
	const char *need; /* "needed", "optional", "on demand" */
	const char *what;
	enum rf_hook_state state;
};

/* All facts. Free with rf_facts_free. */
struct rf_facts {
	struct rf_fact *fact;
	size_t facts;
	struct rf_hook_fact *hook; /* by enum rf_hook, from 1; the first element is hook 1 */
	size_t hooks;
	struct rf_btf_hook *unknown; /* the kernel's security hooks that are not in the table, by name */
	size_t unknowns;
	size_t fails, warns;
	bool failed; /* no memory: facts are missing */
};

/* Finds out all. Takes up to a second; loads nothing that stays. Returns 0 or -ENOMEM. */
int rf_facts_find(struct rf_facts *facts);
void rf_facts_free(struct rf_facts *facts);
/* "attached"… for people and JSON. */
const char *rf_hook_state_word(enum rf_hook_state state);

#endif
