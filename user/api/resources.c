// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "api/resources.h"
#include "policy/keys.h"

/* clang-format off */
static const struct rf_field policy_fields[] = {
	{"apiVersion", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, NULL},
	{"kind", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, NULL},
	{"metadata", RF_FIELD_OBJECT, RF_SHOWN_NEVER, NULL, NULL},
	{"metadata.name", RF_FIELD_STRING, RF_SHOWN_ALWAYS, "NAME", NULL},
	{"metadata.labels", RF_FIELD_OBJECT, RF_SHOWN_WIDE, "LABELS", NULL},
	{"metadata.uid", RF_FIELD_INTEGER, RF_SHOWN_WIDE, "UID", "The user who applied it."},
	{"metadata.program", RF_FIELD_STRING, RF_SHOWN_WIDE, "PROGRAM", "The program that it was applied with."},
	{"metadata.file", RF_FIELD_STRING, RF_SHOWN_WIDE, "FILE", "The file that it was applied from."},
	{"metadata.line", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "The line of that file on which its text begins."},
	{"metadata.revision", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "REVISION", "The number of the change that made it what it is; no two changes of the host have the same."},
	{"metadata.version", RF_FIELD_INTEGER, RF_SHOWN_WIDE, "VERSION", "How often it was changed: 1, 2, 3 and so on."},
	{"metadata.appliedAt", RF_FIELD_TIME, RF_SHOWN_WIDE, "APPLIED", "When it was applied, by the host's clock."},
	{"metadata.deleted", RF_FIELD_BOOLEAN, RF_SHOWN_NEVER, NULL, "Among revisions: this one is its deletion."},
	{"text", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "Its YAML text as it was applied, comments included."},
	{"status", RF_FIELD_OBJECT, RF_SHOWN_NEVER, NULL, "What became of it."},
	{"status.observedGeneration", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "The metadata.version that the rest of the status speaks of."},
	{"status.mode", RF_FIELD_STRING, RF_SHOWN_ALWAYS, "MODE", "enforce, or audit: told and not refused."},
	{"status.enforced", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "Whether it is in force, as its condition Enforced has it: True, False, or Unknown where nobody is under it."},
	{"status.conditions", RF_FIELD_ARRAY, RF_SHOWN_ALWAYS, "CONDITIONS", "How far it came: Accepted, Compiled, Enforced, and whether it Drifted from what was applied."},
	{"status.conditions[].type", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "Accepted, Compiled, Enforced or Drifted."},
	{"status.conditions[].status", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "True or False."},
	{"status.conditions[].reason", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "Why, as one word for programs."},
	{"status.conditions[].message", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "Why, for people."},
	{"status.probationUntil", RF_FIELD_TIME, RF_SHOWN_WIDE, "PROBATION", "When it will be put back to what it was before, unless it is confirmed until then."},
	{"status.sandboxes", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "SANDBOXES", "How many sandboxes it is in force in."},
	{"status.denials", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "DENIALS", "How many accesses it refused."},
	{NULL, 0, 0, NULL, NULL},
};

static const struct rf_field sandbox_fields[] = {
	{"id", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "ID", "Its number, which no other sandbox has until the next boot."},
	{"unit", RF_FIELD_STRING, RF_SHOWN_ALWAYS, "UNIT", "The systemd unit that its cgroup belongs to."},
	{"cgroup", RF_FIELD_STRING, RF_SHOWN_WIDE, "CGROUP", "The path of its cgroup, beneath /sys/fs/cgroup."},
	{"policies", RF_FIELD_ARRAY, RF_SHOWN_ALWAYS, "POLICIES", "The policies that are in force in it; all must allow."},
	{"policies[]", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "A policy's name."},
	{"tasks", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "TASKS", "How many tasks live in it."},
	{"made", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "DENIALS", "How many accesses were refused in it: made = told + merged + lost."},
	{"told", RF_FIELD_INTEGER, RF_SHOWN_WIDE, "TOLD", "How many of these were told one by one."},
	{"merged", RF_FIELD_INTEGER, RF_SHOWN_WIDE, "MERGED", "How many were counted with one that is like them."},
	{"lost", RF_FIELD_INTEGER, RF_SHOWN_WIDE, "LOST", "How many are known by their number alone."},
	{"counted", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "How many the log tells of, as denials or as lost: all that were made, once nothing is on its way."},
	{NULL, 0, 0, NULL, NULL},
};

static const struct rf_field version_fields[] = {
	{"version", RF_FIELD_STRING, RF_SHOWN_ALWAYS, "VERSION", "The agent's version."},
	{"abi", RF_FIELD_INTEGER, RF_SHOWN_ALWAYS, "ABI", "The number of what agent and engine agree on."},
	{"features", RF_FIELD_ARRAY, RF_SHOWN_ALWAYS, "FEATURES", "What this agent can do that another may not."},
	{"features[]", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "A feature's name."},
	{NULL, 0, 0, NULL, NULL},
};

static const struct rf_field held_fields[] = {
	{"process", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "The program's name."},
	{"pid", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "A process's number: where several hold it, one of them."},
	{"what", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "open, mapped, connected or bound."},
	{"access", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "What it can do with it: read, write, exec, connect or bind, with commas between."},
	{"object", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "A path, @NAME of a unix socket, or PROTOCOL:ADDRESS:PORT; \"(deleted)\" behind a path says that nothing is called so any more."},
	{"count", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "How many descriptors and mappings of that program are alike."},
	{"policy", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "The policy that would deny it."},
	{"rule", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "The rule that would; not there where no rule allows it."},
	{"file", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "The file that the rule stands in."},
	{"line", RF_FIELD_INTEGER, RF_SHOWN_NEVER, NULL, "The rule's line in that file."},
	{"reason", RF_FIELD_STRING, RF_SHOWN_NEVER, NULL, "The reason that the rule gives."},
	{NULL, 0, 0, NULL, NULL},
};

const struct rf_resource rf_resources[RF_KINDS] = {
	[RF_KIND_POLICY] = {RF_KIND_POLICY, "Policy", "policy", "policies", "metadata.name",
		"A policy that was applied to this host.", policy_fields},
	[RF_KIND_SANDBOX] = {RF_KIND_SANDBOX, "Sandbox", "sandbox", "sandboxes", "id",
		"A cgroup, and all beneath it, in which policies are in force.", sandbox_fields},
	[RF_KIND_VERSION] = {RF_KIND_VERSION, "Version", "version", NULL, "version",
		"The agent that answers.", version_fields},
	[RF_KIND_HELD] = {RF_KIND_HELD, "Held", "held", NULL, "object",
		"What a task has though a policy would deny it now: it had it before the policy came, or was handed it.", held_fields},
};
/* clang-format on */

const struct rf_resource *rf_resource_find(const char *word)
{
	for (size_t i = 0; i < RF_KINDS; i++) {
		const struct rf_resource *resource = &rf_resources[i];

		if (!strcmp(resource->word, word) || (resource->plural && !strcmp(resource->plural, word)))
			return resource;
	}
	return NULL;
}

const char *rf_field_help(const struct rf_field *field)
{
	return field->help ? field->help : rf_key_at(field->path)->help;
}
