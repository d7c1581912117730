// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a change of a policy's text means. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compile/difference.h"
#include "verbs/diff.h"

int rf_side_make(struct rf_side *side, const char *name, const char *text)
{
	const struct rf_vars none = {.pair = NULL};
	int err = rf_policies_parse(&side->set, name, text, strlen(text), &side->diags);

	if (!err && side->set.count != 1)
		err = -EINVAL;
	if (err)
		return err;
	side->policy = &side->set.policy[0];
	err = rf_policy_bind(side->policy, &none, true, &side->diags);
	err = err ? err : rf_compile(side->policy, 1, &side->compiled, &side->diags);
	return err == -E2BIG ? -EINVAL : err;
}

void rf_side_free(struct rf_side *side)
{
	rf_compiled_free(&side->compiled);
	rf_policies_free(&side->set);
	rf_diags_free(&side->diags);
	memset(side, 0, sizeof(*side));
}

/* ---------------------------------------------------------------- one difference */

/* One kind of question, in the order in which they are told. */
struct question {
	enum rf_section section;
	unsigned access;
	const char *prefix; /* of paths and names */
	const char *words;
};

static const struct question questions[] = {
	{RF_FILES, RF_READ, "/", "read"},
	{RF_FILES, RF_WRITE, "/", "write"},
	{RF_FILES, RF_EXEC, "/", "exec"},
	{RF_FILES, RF_EXEC, "memfd:", "exec of what has no name"},
	{RF_UNIX, RF_CONNECT, "/", "connect to a socket at"},
	{RF_UNIX, RF_CONNECT, "@", "connect to a socket called"},
	{RF_NETWORK, RF_CONNECT, NULL, "connect to"},
	{RF_NETWORK, RF_BIND, NULL, "bind to"},
};

struct example {
	char *path; /* of files and sockets */
	struct rf_difference dest;
};

/* As rf_image_difference. */
static int find(const struct question *q, const struct rf_side *from, const struct rf_side *to, struct example *found)
{
	int kind = q->section == RF_UNIX ? RF_IMAGE_UNIX : RF_IMAGE_FILES;

	if (q->section == RF_NETWORK)
		return rf_dest_difference(&from->compiled, &to->compiled, q->access, &found->dest);
	return rf_image_difference(&from->compiled.image[kind], &to->compiled.image[kind], q->access, q->prefix,
				   &found->path);
}

static const struct rf_rule *rule_of(const struct question *q, const struct rf_side *side,
				     const struct example *example)
{
	if (q->section == RF_NETWORK)
		return rf_decide_dest(side->policy, q->access, example->dest.protocol, example->dest.addr,
				      example->dest.port, NULL, NULL);
	return rf_decide_path(side->policy, q->section, q->access, example->path, strlen(example->path), NULL, NULL);
}

static void add_dest(struct rf_line *line, const struct rf_difference *dest)
{
	static const char *const words[] = {"tcp", "udp", "udplite", "sctp", "icmp"};
	static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
	bool v4 = !memcmp(dest->addr, mapped, sizeof(mapped));
	char text[INET6_ADDRSTRLEN] = "?";
	unsigned i = 0;

	while (dest->protocol >> i > 1)
		i++;
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? dest->addr + 12 : dest->addr, text, sizeof(text));
	rf_line_format(line, v4 ? "%s:%s:%u" : "%s:[%s]:%u", words[i], text, dest->port);
}

/* "files[3] at policy.yaml:12", or that no rule speaks of it. */
static void add_rule(struct rf_line *line, const struct rf_rule *rule)
{
	char name[RF_RULE_NAME];

	if (!rule) {
		rf_line_string(line, "no rule");
		return;
	}
	rf_line_string(line, rf_rule_name(rule, name, sizeof(name)));
	if (rule->implied) {
		rf_line_string(line, ", the guard's");
		return;
	}
	rf_line_string(line, " at ");
	rf_line_name(line, rule->where.file, strlen(rule->where.file), 0);
	rf_line_format(line, ":%u", rule->where.line);
}

/* What `more` allows that `less` does not. */
static int add_question(struct rf_line *line, const struct question *q, const struct rf_side *less,
			const struct rf_side *more, bool gained)
{
	struct example example = {.path = NULL};
	int found = find(q, less, more, &example);

	if (found == -E2BIG) {
		rf_line_format(line, "  %s: it can't be told whether anything is %s\n", q->words,
			       gained ? "gained" : "lost");
		return 1;
	}
	if (found <= 0)
		return found;
	rf_line_format(line, "  %s %s, for example ", gained ? "gains" : "loses", q->words);
	if (example.path)
		rf_line_name(line, example.path, strlen(example.path), 0);
	else
		add_dest(line, &example.dest);
	rf_line_string(line, gained ? "\n    allowed by " : "\n    denied by ");
	add_rule(line, rule_of(q, gained ? more : less, &example));
	rf_line_string(line, gained ? "; denied before by " : "; allowed before by ");
	add_rule(line, rule_of(q, gained ? less : more, &example));
	rf_line_string(line, "\n");
	free(example.path);
	return 1;
}

/* ---------------------------------------------------------------- the rest */

static int add_guards(struct rf_line *line, uint32_t old, uint32_t new)
{
	static const struct {
		uint32_t bit;
		const char *word, *what;
	} guards[] = {
#define X(name, word, what) {RF_GUARD_BIT(RF_GUARD_##name), word, what},
		RF_GUARDS(X)
#undef X
	};
	int any = 0;

	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		if (!((old ^ new) & guards[i].bit))
			continue;
		rf_line_format(line, "  %s %s: the guard %s is %s\n", new &guards[i].bit ? "loses" : "gains",
			       guards[i].what, guards[i].word, new &guards[i].bit ? "on now" : "off now");
		any = 1;
	}
	return any;
}

static bool selects(const struct rf_policy *policy, const char *pattern)
{
	for (size_t i = 0; i < policy->selects; i++)
		if (!strcmp(policy->select[i].text, pattern))
			return true;
	return false;
}

static int add_selected(struct rf_line *line, const struct rf_policy *has, const struct rf_policy *other,
			const char *what)
{
	int any = 0;

	for (size_t i = 0; i < has->selects; i++) {
		const char *pattern = has->select[i].text;

		if (selects(other, pattern))
			continue;
		rf_line_format(line, "  %s cgroups ", what);
		rf_line_name(line, pattern, strlen(pattern), 0);
		rf_line_string(line, "\n");
		any = 1;
	}
	return any;
}

int rf_print_rights(struct rf_line *line, const struct rf_side *old, const struct rf_side *new)
{
	int any = 0;

	for (int gained = 1; gained >= 0; gained--)
		for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
			int found = add_question(line, &questions[i], gained ? old : new, gained ? new : old, gained);

			if (found < 0)
				return found;
			any |= found;
		}
	any |= add_guards(line, old->policy->guards, new->policy->guards);
	if (old->policy->mode != new->policy->mode) {
		rf_line_string(line, new->policy->mode == RF_MODE_AUDIT
					     ? "  refuses nothing any more: it is audited, what it denies is told\n"
					     : "  refuses now what it denies: it was audited, and told alone\n");
		any = 1;
	}
	any |= add_selected(line, new->policy, old->policy, "holds now for");
	any |= add_selected(line, old->policy, new->policy, "no longer holds for");
	if (!any)
		rf_line_string(line, "  allows what it did before\n");
	return 0;
}
