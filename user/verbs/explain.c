/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `ringfence explain PATH`: the verdict on one path or destination, the rule that decides and what it overrides. The
 * verdict comes from the image that the kernel would run, the rule from the rules themselves; where they disagree that
 * is a fault of ours, and told.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "events/text.h"
#include "policy/address.h"
#include "policy/diag.h"
#include "policy/links.h"
#include "policy/memory.h"
#include "verbs/explain.h"
#include "verbs/explain_field.h"

const struct rf_option rf_options_explain[] = {
	{"file", 'f', "FILE", "policy file, or - for standard input; may be given again: all policies must allow"},
	{"policy", 'p', "NAME|FILE|PRESET",
	 "a policy as it was applied to this host, a file or a preset, as run takes it; of the policies of -f FILE "
	 "only "
	 "the one of this name; may be given again"},
	{"allow", 0, "ACCESS:OBJECT", "add a rule to the policies, as run does; may be given again"},
	{"read", 'r', NULL, "ask for read"},
	{"write", 'w', NULL, "ask for write"},
	{"exec", 'x', NULL, "ask for exec; without any of the three: for each of them"},
	{"connect", 0, "PROTOCOL:ADDRESS:PORT", "ask for connect, as in tcp:192.0.2.1:443 or udp:[2001:db8::1]:53"},
	{"bind", 0, "PROTOCOL:ADDRESS:PORT", "ask for bind"},
	{"unix", 0, "PATH", "ask for connect to a unix socket; @NAME is an abstract one"},
	{"set", 0, "NAME=VALUE", "give a variable a value; may be given again"},
	{"workspace", 0, "DIR", "value of ${WORKSPACE}; the current directory by default"},
	{"wide", 0, NULL, "take the workspace even where it is a home folder, / or a folder of the system"},
	{0},
};

static void explain_free(struct explain *e)
{
	rf_policies_free(&e->policies);
	rf_vars_free(&e->vars);
	rf_diags_free(&e->diags);
	rf_line_free(&e->out);
	free(e->allowed.spec);
	free(e->word);
	free(e->question.path);
}

/* ----------------------------------------------------------------- question */

static unsigned protocol_of(const char *word, size_t len)
{
#define X(name, text)                                             \
	if (len == strlen(text) && strncmp(word, text, len) == 0) \
		return RF_##name;
	RF_PROTOCOLS(X)
#undef X
	return 0;
}

/* ADDRESS, IPv6 in brackets; IPv4 becomes ::ffff:a.b.c.d. */
static bool read_address(const char *text, size_t len, uint8_t addr[16])
{
	char buf[INET6_ADDRSTRLEN + 2];
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text + brackets, len - 2 * brackets);
	buf[len - 2 * brackets] = '\0';
	if (brackets)
		return inet_pton(AF_INET6, buf, addr) == 1;
	memset(addr, 0, 10);
	memset(addr + 10, 0xff, 2);
	return inet_pton(AF_INET, buf, addr + 12) == 1;
}

static int set_destination(struct explain *e, const char *option, const char *text)
{
	struct question *q = &e->question;
	const char *first = strchr(text, ':'), *last = strrchr(text, ':');
	struct rf_ports ports;
	char why[RF_ADDRESS_WHY];
	if (!first || first == last)
		return rf_usage_error(e->verb, "--%s %s: it must be PROTOCOL:ADDRESS:PORT", option, text);
	q->protocol = protocol_of(text, (size_t)(first - text));
	if (!q->protocol)
		return rf_usage_error(e->verb, "--%s %s: the protocol is tcp, udp, udplite, sctp or icmp", option,
				      text);
	if (!read_address(first + 1, (size_t)(last - first - 1), q->addr))
		return rf_usage_error(e->verb, "--%s %s: the address must be a number, IPv6 in brackets", option, text);
	if (strcmp(last + 1, "0") == 0)
		ports.lo = ports.hi = 0;
	else if (!rf_ports_read(last + 1, &ports, why) || ports.lo != ports.hi)
		return rf_usage_error(e->verb, "--%s %s: the port must be one number up to 65535", option, text);
	q->port = ports.lo;
	return 0;
}

/* One question a call: a second one would need a second exit status. */
static int set_question(struct explain *e, enum rf_section section, unsigned access, const char *name)
{
	struct question *q = &e->question;
	bool another = q->access && (q->section != section || section != RF_FILES);
	if (another || (q->name && name))
		return rf_usage_error(e->verb, "one question at a time: a path, --connect, --bind or --unix");
	q->section = section;
	q->access |= access;
	if (name)
		q->name = name;
	return 0;
}

static int add_word(struct explain *e, const char *word)
{
	const char **grown = rf_grow(e->word, e->words, sizeof(*grown));

	if (!grown)
		return rf_usage_error(e->verb, "out of memory");
	e->word = grown;
	e->word[e->words++] = word;
	return 0;
}

static int take_option(struct explain *e, const char *name, char *value)
{
	if (!strcmp(name, "file")) {
		e->files++;
		return rf_policies_load(&e->policies, value, &e->diags) == -ENOMEM ? RF_EXIT_USAGE : 0;
	}
	e->set |= !strcmp(name, "set");
	if (!strcmp(name, "set"))
		return rf_values_set(e->verb, &e->vars, value);
	if (!strcmp(name, "connect") || !strcmp(name, "bind")) {
		int err = set_question(e, RF_NETWORK, rf_access_of(name), value);
		return err ? err : set_destination(e, name, value);
	}
	if (!strcmp(name, "unix"))
		return set_question(e, RF_UNIX, RF_CONNECT, value);
	if (rf_access_of(name))
		return set_question(e, RF_FILES, rf_access_of(name), NULL);
	if (!strcmp(name, "wide")) {
		e->wide = true;
		return 0;
	}
	if (!strcmp(name, "allow"))
		return rf_allowed_add(&e->allowed, value) ? 0 : RF_EXIT_USAGE;
	if (!strcmp(name, "policy"))
		return add_word(e, value);
	e->workspace = value;
	return 0;
}

static int read_options(struct explain *e, int argc, char **argv)
{
	const struct rf_option *option;
	char *value = NULL;
	int next = 1, err = 0;
	while (!err && (option = rf_option_next(e->verb, argc, argv, &next, &value))) {
		if (option == &rf_option_bad)
			return RF_EXIT_USAGE;
		err = take_option(e, option->name, value);
	}
	if (!err && next < argc && rf_is_field(argv[next]))
		e->field = argv[next++];
	else if (!err && next < argc)
		err = set_question(e, RF_FILES, 0, argv[next++]);
	if (err)
		return err;
	if (next < argc)
		return rf_usage_error(e->verb, "one path at a time: \"%s\" is one too many", argv[next]);
	if (e->field)
		return e->question.access || e->files || e->words || e->allowed.count
			       ? rf_usage_error(e->verb,
						"\"%s\" is a field, of which no policy is asked; "
						"for a path of that name write ./%s",
						rf_shown(e->field), rf_shown(e->field))
			       : 0;
	if (!e->files && !e->words)
		return rf_usage_error(e->verb,
				      "no policy: give a file with -f FILE, or an applied one's name or a preset "
				      "with -p NAME");
	if (!e->question.name)
		return rf_usage_error(e->verb, "nothing is asked: give a path, --connect, --bind or --unix");
	if (!e->question.access)
		e->question.access = RF_FILE_ACCESSES;
	return 0;
}

/* -------------------------------------------------------------------- paths */

/* The path from the root, without "//", "." and a '/' at its end; NULL with errno. ".." is the kernel's to resolve. */
static char *clean_path(const char *given)
{
	char dir[PATH_MAX] = "";
	if (given[0] != '/' && !getcwd(dir, sizeof(dir)))
		return NULL;
	char *path = malloc(strlen(dir) + strlen(given) + 3), *whole;
	if (!path || asprintf(&whole, "%s/%s", dir, given) < 0) {
		free(path);
		return NULL;
	}
	size_t len = 0;
	bool up = false;
	char *rest = whole;
	for (char *part; (part = strsep(&rest, "/"));) {
		up |= !strcmp(part, "..");
		if (*part && strcmp(part, ".") != 0)
			len += (size_t)sprintf(path + len, "/%s", part);
	}
	if (!len)
		strcpy(path, "/");
	free(whole);
	if (!up)
		return path;
	free(path);
	errno = EINVAL;
	return NULL;
}

/* Puts what the kernel will see in place of a path that passes through links, and says so. */
static int resolve_path(struct explain *e)
{
	struct question *q = &e->question;
	struct rf_links links;
	int err = rf_links_follow(q->path, &links);
	if (err)
		return err;
	if (links.links) {
		char *resolved;
		if (asprintf(&resolved, "%s%s", links.path, q->path + links.len) < 0) {
			rf_links_free(&links);
			return -ENOMEM;
		}
		if (!*resolved) {
			free(resolved);
			resolved = strdup("/");
		}
		rf_line_name(&e->out, q->path, strlen(q->path), 0);
		rf_line_string(&e->out, " passes through a symbolic link here; the kernel judges ");
		rf_line_name(&e->out, resolved ? resolved : "", resolved ? strlen(resolved) : 0, 0);
		rf_line_string(&e->out, "\n");
		free(q->path);
		q->path = resolved;
	}
	rf_links_free(&links);
	return q->path ? 0 : -ENOMEM;
}

static int find_path(struct explain *e)
{
	struct question *q = &e->question;
	bool name = q->section == RF_UNIX && q->name[0] == '@';
	if (q->section == RF_NETWORK)
		return 0;
	if (name || strncmp(q->name, "memfd:", 6) == 0) {
		q->path = strdup(q->name);
		return q->path ? 0 : rf_usage_error(e->verb, "out of memory");
	}
	q->path = clean_path(q->name);
	if (!q->path && errno == EINVAL)
		return rf_usage_error(e->verb, "%s: give the path without \"..\"", q->name);
	if (!q->path)
		return rf_usage_error(e->verb, "%s: %s", q->name, strerror(errno));
	return resolve_path(e) ? rf_usage_error(e->verb, "out of memory") : 0;
}

/* ------------------------------------------------------------------ answers */

static void quoted(struct rf_line *out, const char *text)
{
	rf_line_string(out, "\"");
	rf_line_name(out, text, strlen(text), '"');
	rf_line_string(out, "\"");
}

/* `files[3] at policy.yaml:12: deny read,write "keys stay outside"` */
static void tell_rule(struct rf_line *out, const struct rf_rule *rule)
{
	char name[RF_RULE_NAME], words[64];
	rf_line_string(out, rf_rule_name(rule, name, sizeof(name)));
	if (!rule->added) {
		rf_line_string(out, " at ");
		rf_line_name(out, rule->where.file, strlen(rule->where.file), 0);
		rf_line_format(out, ":%u", rule->where.line);
	}
	rf_line_format(out, ": %s %s", rule->allow ? "allow" : "deny",
		       rf_access_words(rule->access, words, sizeof(words)));
	if (rule->reason) {
		rf_line_string(out, " ");
		quoted(out, rule->reason);
	}
	if (rule->quiet)
		rf_line_string(out, " (quiet: counted, told in the summary alone)");
	rf_line_string(out, "\n");
}

/* By which of its patterns a rule matches, and what that stands for. */
static void tell_pattern(struct rf_line *out, const struct rf_rule *rule, const struct question *q)
{
	for (size_t i = 0; q->path && i < rule->patterns; i++) {
		const struct rf_pattern *pattern = &rule->pattern[i];
		if (!rf_glob_match(pattern->glob, q->path, strlen(q->path)))
			continue;
		const char *written = rule->path[pattern->of].text;
		rf_line_string(out, "      matches ");
		quoted(out, pattern->resolved ? written : pattern->glob);
		if (pattern->resolved) {
			rf_line_string(out, " also as ");
			quoted(out, pattern->glob);
			rf_line_string(out, ", to which a symbolic link leads");
		}
		rf_line_string(out, "\n");
		return;
	}
}

/* What one policy says to one access. */
struct answer {
	bool allow, hide, fault;
	const struct rf_rule *rule;
	const struct rf_rule **over;
	size_t overs;
};

static int ask(const struct rf_policy *policy, const struct rf_compiled *compiled, const struct question *q,
	       unsigned access, struct answer *a)
{
	*a = (struct answer){.overs = policy->rules[q->section]};
	a->over = calloc(a->overs + 1, sizeof(*a->over));
	if (!a->over)
		return -ENOMEM;
	if (q->section == RF_NETWORK) {
		a->rule = rf_decide_dest(policy, access, q->protocol, q->addr, q->port, a->over, &a->overs);
		const struct rf_dest *dest = rf_dest_find(compiled, q->addr);
		a->allow = dest && rf_dest_allows(dest, access, q->protocol, q->port);
	} else {
		size_t len = strlen(q->path);
		int kind = q->section == RF_FILES ? RF_IMAGE_FILES : RF_IMAGE_UNIX;
		a->rule = rf_decide_path(policy, q->section, access, q->path, len, a->over, &a->overs);
		uint32_t word = rf_image_run(&compiled->image[kind], q->path, len, NULL);
		a->allow = RF_VERDICT_ALLOW(word, access);
		a->hide = word >> RF_VERDICT_HIDE_SHIFT & access;
	}
	bool by_rule = rf_policy_allows(policy, q->section, a->rule),
	     hide_by_rule = a->rule && !a->rule->allow && a->rule->hide;
	a->fault = by_rule != a->allow || (q->section != RF_NETWORK && hide_by_rule != a->hide);
	return 0;
}

static void tell_answer(struct rf_line *out, const struct rf_policy *policy, const struct question *q,
			const struct answer *a)
{
	rf_line_string(out, "  ");
	rf_line_name(out, policy->name, strlen(policy->name), 0);
	if (!a->rule && !a->fault && !rf_policy_judges(policy, q->section)) {
		rf_line_format(out, ": does not judge %s: left to the other policies\n", rf_section_words[q->section]);
		return;
	}
	rf_line_format(out, ": %s", a->allow ? "allowed" : "denied");
	if (a->hide)
		rf_line_string(out, ", as if it were not there");
	if (!a->allow && policy->mode == RF_MODE_AUDIT)
		rf_line_string(out, " (mode audit: only told)");
	if (a->rule) {
		rf_line_string(out, " by ");
		tell_rule(out, a->rule);
		tell_pattern(out, a->rule, q);
	} else {
		rf_line_string(out, ": no rule matches\n");
	}
	for (size_t i = a->overs; i-- > 0;) {
		rf_line_string(out, "    overrides ");
		tell_rule(out, a->over[i]);
	}
	if (a->fault)
		rf_line_string(out, "    FAULT: the compiled image and the rules disagree; please report it\n");
}

/* ------------------------------------------------------------------ asking */

static bool wanted(const struct explain *e, size_t index)
{
	return !e->only || index >= e->filed || !strcmp(e->only, e->policies.policy[index].name);
}

/* One access, to all policies. Appends what each says, after a line with what follows from it. */
static int ask_all(struct explain *e, const struct rf_compiled *compiled, unsigned access)
{
	const struct question *q = &e->question;
	struct rf_line said = {0};
	char word[32];
	bool allow = true, fault = false, judged = false;
	int err = 0;
	/* The kernel side lets it pass: no rule could name the port that will be picked. */
	bool any_port = access == RF_BIND && q->section == RF_NETWORK && !q->port;
	for (size_t i = 0; i < e->policies.count && !err; i++) {
		const struct rf_policy *policy = &e->policies.policy[i];
		struct answer a;
		if (any_port || !wanted(e, i))
			continue;
		err = ask(policy, &compiled[i], q, access, &a);
		if (!err)
			tell_answer(&said, policy, q, &a);
		allow &= a.allow;
		judged |= a.rule || rf_policy_judges(policy, q->section);
		fault |= a.fault;
		free(a.over);
	}
	judged |= any_port;
	rf_line_format(&e->out, "%s: %s ",
		       !judged ? "not judged"
		       : allow ? "allowed"
			       : "denied",
		       rf_access_words(access, word, sizeof(word)));
	const char *name = q->path ? q->path : q->name;
	rf_line_name(&e->out, name, strlen(name), 0);
	rf_line_string(&e->out, "\n");
	if (any_port)
		rf_line_string(&e->out, "  bind to port 0 needs no rule: the port that the kernel picks is judged when "
					"the socket listens\n");
	rf_line_bytes(&e->out, said.text, said.len);
	e->out.failed |= said.failed;
	rf_line_free(&said);
	if (err)
		return RF_EXIT_USAGE;
	/* A fence of such policies alone is refused. */
	return fault ? RF_EXIT_FAULT : allow && judged ? RF_EXIT_OK : RF_EXIT_FAILED;
}

/* Binds and compiles what is asked. Returns 0 or an exit status, with the errors printed. */
static int compile_all(struct explain *e, struct rf_compiled *compiled)
{
	size_t asked = 0;
	bool failed = e->diags.errors != 0;
	for (size_t i = 0; i < e->policies.count && !failed; i++) {
		struct rf_policy *policy = &e->policies.policy[i];
		if (!wanted(e, i))
			continue;
		asked++;
		failed = rf_policy_bind(policy, &e->vars, true, &e->diags) ||
			 rf_compile(policy, 1, &compiled[i], &e->diags);
	}
	if (failed) {
		rf_diags_print(&e->diags, stderr);
		return e->diags.errors ? RF_EXIT_USAGE : rf_usage_error(e->verb, "out of memory");
	}
	return asked ? 0 : rf_usage_error(e->verb, "there is no policy in the file");
}

static int answer(struct explain *e)
{
	struct rf_compiled *compiled = calloc(e->policies.count + 1, sizeof(*compiled));
	if (!compiled)
		return rf_usage_error(e->verb, "out of memory");
	int status = compile_all(e, compiled);
	bool bad = status != 0;
	for (unsigned access = 1; !bad && access <= e->question.access; access <<= 1) {
		if (!(e->question.access & access))
			continue;
		int one = ask_all(e, compiled, access);
		status = one > status ? one : status;
	}
	for (size_t i = 0; i < e->policies.count; i++)
		rf_compiled_free(&compiled[i]);
	free(compiled);
	if (!bad && rf_line_write(&e->out, STDOUT_FILENO))
		return rf_usage_error(e->verb, "the answer can't be written");
	return status;
}

int rf_verb_explain(const struct rf_verb *verb, int argc, char **argv)
{
	__attribute__((cleanup(explain_free))) struct explain e = {.verb = verb};
	int err = read_options(&e, argc, argv);
	if (!err && e.field)
		return rf_explain_field(verb, e.field);
	if (!err)
		err = rf_explain_load(&e);
	if (err)
		return err;
	err = find_path(&e);
	return err ? err : answer(&e);
}
