/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random policies, their text, and questions to them. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random.h"

/* --------------------------------------------------------------- addresses */

static const char *const bases[] = {"10.0.0.1",
				    "10.0.0.128",
				    "127.0.0.1",
				    "192.168.1.77",
				    "169.254.169.254",
				    "0.0.0.0",
				    "255.255.255.255",
				    "::1",
				    "fd00:ec2::254",
				    "2606:50c0::8000:1",
				    "::",
				    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
				    "::fffe:ffff:ffff",
				    "::1:0:0:0"};
static const char *const local_bases[] = {"127.0.0.1",	  "127.0.1.128",	"127.255.255.254",
					  "fd52:4646::1", "fd52:4646:0:8000::", "fd52:4646:ffff::1"};
static const uint16_t port_bases[] = {1, 22, 80, 443, 3000, 8000, 8080, 32768, 65535};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void base_address(struct gen *g, uint8_t addr[16])
{
	const char *text = g->local ? local_bases[gen_below(g, COUNT(local_bases))] : bases[gen_below(g, COUNT(bases))];

	if (inet_pton(AF_INET, text, addr + 12) == 1)
		memcpy(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	else if (inet_pton(AF_INET6, text, addr) != 1)
		abort();
}

static bool is_v4(const uint8_t addr[16])
{
	return !memcmp(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
}

char *gen_range(struct gen *g)
{
	uint8_t addr[16];
	char text[INET6_ADDRSTRLEN];
	bool v4;
	size_t prefix, least;
	struct gen_buf buf = {0};

	base_address(g, addr);
	v4 = is_v4(addr);
	least = !g->local ? 0 : v4 ? 8 : 32;
	prefix = least + gen_below(g, (v4 ? 32 : 128) - least + 1);
	for (size_t bit = prefix + (v4 ? 96 : 0); bit < 128; bit++)
		addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr + 12 : addr, text, sizeof(text));
	gen_printf(&buf, "%s/%zu", text, prefix);
	return buf.text;
}

char *gen_port(struct gen *g)
{
	unsigned lo = port_bases[gen_below(g, COUNT(port_bases))];
	unsigned hi = lo + (unsigned)gen_below(g, gen_chance(g, 50) ? 1 : 2000);
	struct gen_buf buf = {0};

	hi = hi > 65535 ? 65535 : hi;
	if (hi == lo)
		gen_printf(&buf, "%u", lo);
	else
		gen_printf(&buf, "%u-%u", lo, hi);
	return buf.text;
}

/* Adds -1, 0 or 1 to the address as a number of 128 bits. */
static void nudge(uint8_t addr[16], int by)
{
	for (int i = 15; by && i >= 0; i--) {
		int sum = addr[i] + by;

		addr[i] = (uint8_t)sum;
		by = sum < 0 ? -1 : sum > 255 ? 1 : 0;
	}
}

static void edge_address(struct gen *g, const char *range, uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN + 4];
	size_t prefix;
	char *slash;

	snprintf(text, sizeof(text), "%s", range);
	slash = strchr(text, '/');
	*slash = '\0';
	prefix = (size_t)atoi(slash + 1);
	if (inet_pton(AF_INET, text, addr + 12) == 1) {
		memcpy(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		prefix += 96;
	} else {
		inet_pton(AF_INET6, text, addr);
	}
	if (gen_chance(g, 50)) {
		for (size_t bit = prefix; bit < 128; bit++)
			addr[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	nudge(addr, (int)gen_below(g, 3) - 1);
}

/* Whether an address is one of those that local tests may use. */
static bool is_local(const uint8_t addr[16])
{
	return is_v4(addr) ? addr[12] == 127 : !memcmp(addr, "\xfd\x52\x46\x46", 4);
}

void gen_dest(struct gen *g, const struct gen_rule *rule, struct gen_probe *probe)
{
	base_address(g, probe->addr);
	probe->port = port_bases[gen_below(g, COUNT(port_bases))];
	probe->protocol = 1u << gen_below(g, 5);
	if (rule && rule->items && gen_chance(g, 80)) {
		uint8_t addr[16];

		edge_address(g, rule->item[gen_below(g, rule->items)], addr);
		if (!g->local || is_local(addr))
			memcpy(probe->addr, addr, sizeof(addr));
	}
	if (rule && rule->ports && gen_chance(g, 80)) {
		const char *text = rule->port[gen_below(g, rule->ports)], *dash = strchr(text, '-');
		int port = atoi(dash && gen_chance(g, 50) ? dash + 1 : text) + (int)gen_below(g, 3) - 1;

		probe->port = (uint16_t)(port < 0 ? 0 : port > 65535 ? 65535 : port);
	}
	if (rule && rule->protocols && gen_chance(g, 60)) {
		while (!(rule->protocols & probe->protocol))
			probe->protocol = 1u << gen_below(g, 5);
	}
}

/* ---------------------------------------------------------------- policies */

static void add_text(char ***list, size_t *count, char *text)
{
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*count)++] = text;
}

static void make_paths(struct gen *g, struct gen_rule *rule, const struct gen_policy *policy)
{
	size_t n = 1 + gen_below(g, 3);

	while (n--) {
		const struct gen_rule *other = policy->rules ? &policy->rule[gen_below(g, policy->rules)] : NULL;
		struct gen_buf buf = {0};
		char *text;

		if (!other || gen_chance(g, 60)) {
			add_text(&rule->item, &rule->items, gen_pattern(g, rule->section));
			continue;
		}
		/* Near one that is there: rules that override each other are what the order is about. */
		text = other->item[gen_below(g, other->items)];
		gen_puts(&buf, text);
		if (strcmp(text, "/") && gen_chance(g, 70))
			gen_puts(&buf, gen_chance(g, 50) ? "/**" : gen_chance(g, 50) ? "/*.c" : "/.git/**");
		add_text(&rule->item, &rule->items, buf.text);
	}
}

static void make_rule(struct gen *g, struct gen_policy *policy, struct gen_rule *rule)
{
	unsigned all = rule->section == RF_FILES ? RF_FILE_ACCESSES : RF_SOCKET_ACCESSES;

	rule->allow = gen_chance(g, 60);
	rule->hide = rule->section == RF_FILES && !rule->allow && gen_chance(g, 30);
	while (!rule->access)
		rule->access = (unsigned)gen_next(g) & all;
	rule->moves = rule->section == RF_FILES && !rule->allow && rule->access & RF_WRITE && gen_chance(g, 50);
	if (rule->section != RF_NETWORK) {
		make_paths(g, rule, policy);
		return;
	}
	for (size_t n = gen_below(g, 4); n; n--)
		add_text(&rule->item, &rule->items, gen_range(g));
	for (size_t n = gen_below(g, 3); n; n--)
		add_text(&rule->port, &rule->ports, gen_port(g));
	rule->protocols = gen_chance(g, 50) ? (unsigned)gen_next(g) & RF_ALL_PROTOCOLS : 0;
}

void gen_policy_make(struct gen *g, enum rf_section section, size_t rules, struct gen_policy *policy)
{
	struct rf_policies none;

	do {
		size_t n = 1 + gen_below(g, rules);

		*policy = (struct gen_policy){0};
		policy->rule = calloc(n, sizeof(*policy->rule));
		if (!policy->rule)
			abort();
		for (; policy->rules < n; policy->rules++) {
			struct gen_rule *rule = &policy->rule[policy->rules];

			rule->section = section;
			make_rule(g, policy, rule);
		}
		/* Random braces may make "//" or ".": such a policy is none. */
		none = (struct rf_policies){0};
		if (!gen_policy_bind(policy, &none, NULL)) {
			rf_policies_free(&none);
			return;
		}
		rf_policies_free(&none);
		gen_policy_free(policy);
	} while (true);
}

void gen_policy_free(struct gen_policy *policy)
{
	for (size_t i = 0; i < policy->rules; i++) {
		struct gen_rule *rule = &policy->rule[i];

		for (size_t k = 0; k < rule->items; k++)
			free(rule->item[k]);
		for (size_t k = 0; k < rule->ports; k++)
			free(rule->port[k]);
		free(rule->item);
		free(rule->port);
	}
	free(policy->rule);
	*policy = (struct gen_policy){0};
}

/* -------------------------------------------------------------------- text */

static void put_yaml_string(struct gen_buf *buf, const char *text)
{
	gen_puts(buf, "\"");
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			gen_printf(buf, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			gen_printf(buf, "\\x%02x", byte);
		else
			gen_put(buf, text, 1);
	}
	gen_puts(buf, "\"");
}

static void put_list(struct gen_buf *buf, const char *key, char **text, size_t count)
{
	if (!count)
		return;
	gen_printf(buf, "      %s: [", key);
	for (size_t i = 0; i < count; i++) {
		if (i)
			gen_puts(buf, ", ");
		put_yaml_string(buf, text[i]);
	}
	gen_puts(buf, "]\n");
}

static const char *protocol_word(unsigned bit)
{
#define X(name, word)         \
	if (bit == RF_##name) \
		return word;
	RF_PROTOCOLS(X)
#undef X
	return "?";
}

static void put_protocols(struct gen_buf *buf, unsigned protocols)
{
	const char *between = "      protocols: [";

	for (unsigned bit = 1; bit & RF_ALL_PROTOCOLS; bit <<= 1) {
		if (protocols & bit) {
			gen_printf(buf, "%s%s", between, protocol_word(bit));
			between = ", ";
		}
	}
	gen_puts(buf, "]\n");
}

static void put_rule(struct gen_buf *buf, const struct gen_rule *rule)
{
	char words[64];

	gen_printf(buf, "    - %s: [%s]\n", rule->allow ? "allow" : "deny",
		   rf_access_words(rule->access, words, sizeof(words)));
	put_list(buf, rule->section == RF_NETWORK ? "to" : "paths", rule->item, rule->items);
	put_list(buf, "ports", rule->port, rule->ports);
	if (rule->protocols)
		put_protocols(buf, rule->protocols);
	if (rule->hide)
		gen_puts(buf, "      hide: true\n");
	if (rule->moves)
		gen_puts(buf, "      moves: true\n");
}

char *gen_policy_text(const struct gen_policy *policy)
{
	static const char *const keys[RF_SECTIONS] = {"files", "network", "unix"};
	struct gen_buf buf = {0};

	gen_puts(&buf,
		 "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: generated }\nspec:\n  mode: enforce\n");
	for (unsigned section = 0; policy->judges && section < RF_SECTIONS; section++) {
		for (size_t i = 0; i < policy->rules; i++) {
			if (policy->rule[i].section != section)
				continue;
			gen_printf(&buf, "  judges: [%s]\n", keys[section]);
			break;
		}
	}
	for (unsigned section = 0; section < RF_SECTIONS; section++) {
		bool first = true;

		for (size_t i = 0; i < policy->rules; i++) {
			if (policy->rule[i].section != section)
				continue;
			if (first)
				gen_printf(&buf, "  %s:\n", keys[section]);
			first = false;
			put_rule(&buf, &policy->rule[i]);
		}
	}
	return buf.text;
}

int gen_policy_bind(const struct gen_policy *policy, struct rf_policies *out, FILE *errors)
{
	char *text = gen_policy_text(policy);
	struct rf_diags diags = {0};
	int error = rf_policies_parse(out, "generated.yaml", text, strlen(text), &diags);

	if (!error)
		error = rf_policy_bind(&out->policy[out->count - 1], &(struct rf_vars){0}, false, &diags);
	if (error && errors)
		rf_diags_print(&diags, errors);
	rf_diags_free(&diags);
	free(text);
	return error;
}

/* --------------------------------------------------------------- questions */

void gen_probe_make(struct gen *g, const struct gen_policy *policy, enum rf_section section, struct gen_probe *probe)
{
	const struct gen_rule *rule = NULL;
	char *other;

	*probe = (struct gen_probe){.section = section};
	probe->access = section == RF_FILES ? 1u << gen_below(g, 3) : gen_chance(g, 50) ? RF_CONNECT : RF_BIND;
	if (policy->rules) {
		rule = &policy->rule[gen_below(g, policy->rules)];
		if (rule->section != section)
			rule = NULL;
	}
	if (section == RF_NETWORK) {
		gen_dest(g, rule, probe);
		return;
	}
	if (rule && gen_chance(g, 90)) {
		gen_path(g, rule->item[gen_below(g, rule->items)], probe);
		return;
	}
	other = gen_pattern(g, section);
	gen_path(g, other, probe);
	free(other);
}
