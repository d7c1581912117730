/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network rules become one entry for each address prefix that they name. An entry says for all ports what the ordered
 * rules that cover its prefix say, the last one deciding, so that the longest prefix alone gives the verdict. The
 * prefixes form a tree; a prefix starts from what decides in the prefix around it and puts its own rules where they
 * stand in the order: for each run of ports and each question the greater rule number decides.
 *
 * An IPv6 prefix never says anything about IPv4: ::ffff:0:0/96 starts afresh, with the rules that name no address.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/dest.h"
#include "compile/limits.h"

#define PROTOCOLS 5
#define QUESTIONS (2 * PROTOCOLS) /* connect and bind, by each protocol */

/* Ports from lo up to the next run's lo; the number + 1 of the rule that decides each question, 0: none. */
struct run {
	uint32_t lo;
	uint32_t rule[QUESTIONS];
};

struct runs {
	struct run *run;
	size_t count, room;
};

/* A prefix that rules name; a rule that names several stands here several times. */
struct named {
	uint8_t addr[16];
	uint8_t prefix;
	uint32_t rule; /* number + 1; 0: none, the prefix is always there */
};

/* 128-bit arithmetic is an extension of both our compilers. */
__extension__ typedef unsigned __int128 address_count;

/* Where the tree's walk stands: a prefix, what decides in it, and the entry that it made or fell back to. */
struct level {
	uint8_t addr[16];
	uint8_t prefix;
	struct runs runs;
	size_t entry;
	address_count beneath; /* addresses of the prefixes right beneath it */
};

struct walker {
	const struct rf_rule *rule;
	size_t rules;
	bool left; /* to other policies: what no rule decides is allowed */
	struct named *named;
	size_t nameds;
	struct runs all; /* what the rules that name no address decide */
	struct level *level;
	size_t levels;
	struct rf_compiled *out; /* or NULL: only `decides` is wanted */
	size_t room;
	struct rf_diags *diags;
	bool *decides;
};

static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff};

static bool covers(const uint8_t addr[16], unsigned prefix, const uint8_t other[16])
{
	unsigned bytes = prefix / 8, bits = prefix % 8;
	return !memcmp(addr, other, bytes) && (!bits || !((addr[bytes] ^ other[bytes]) >> (8 - bits)));
}

/* The first `prefix` bits of an address, zeroes behind them. */
static void mask(uint8_t to[16], const uint8_t addr[16], unsigned prefix)
{
	memset(to, 0, 16);
	memcpy(to, addr, (prefix + 7) / 8);
	if (prefix % 8)
		to[prefix / 8] &= (uint8_t)(0xff << (8 - prefix % 8));
}

static bool is_ipv4(const uint8_t addr[16], unsigned prefix)
{
	return prefix >= 96 && covers(mapped, 96, addr);
}

static int by_prefix(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = memcmp(x->addr, y->addr, sizeof(x->addr));
	if (!order)
		order = (x->prefix > y->prefix) - (x->prefix < y->prefix);
	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

/* --------------------------------------------------------------------- runs */

static int runs_room(struct runs *runs, size_t count)
{
	if (count <= runs->room)
		return 0;
	size_t room = 2 * count + 4;
	struct run *run = realloc(runs->run, room * sizeof(*run));
	if (!run)
		return -ENOMEM;
	runs->run = run;
	runs->room = room;
	return 0;
}

static int runs_copy(struct runs *to, const struct runs *from)
{
	int err = runs_room(to, from->count);
	if (err)
		return err;
	memcpy(to->run, from->run, from->count * sizeof(*from->run));
	to->count = from->count;
	return 0;
}

/* The index of the run that begins at port `lo`, which is split off where none does; 65,536 gives the end. */
static int runs_split(struct runs *runs, uint32_t lo, size_t *index)
{
	size_t low = 0, high = runs->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (runs->run[mid].lo < lo)
			low = mid + 1;
		else
			high = mid;
	}
	*index = low;
	if (lo > UINT16_MAX || (low < runs->count && runs->run[low].lo == lo))
		return 0;
	int err = runs_room(runs, runs->count + 1);
	if (err)
		return err;
	memmove(&runs->run[low + 1], &runs->run[low], (runs->count - low) * sizeof(*runs->run));
	runs->run[low] = runs->run[low - 1];
	runs->run[low].lo = lo;
	runs->count++;
	return 0;
}

/* Puts a rule into ports lo to hi, where no later one decides already. */
static int runs_put(struct runs *runs, const struct rf_rule *rule, uint32_t number, uint32_t lo, uint32_t hi)
{
	size_t first, end;
	int err = runs_split(runs, lo, &first);
	if (!err)
		err = runs_split(runs, hi + 1, &end);
	for (size_t i = first; !err && i < end; i++)
		for (int q = 0; q < QUESTIONS; q++) {
			unsigned access = q < PROTOCOLS ? RF_CONNECT : RF_BIND;
			if (rule->access & access && rule->protocols >> q % PROTOCOLS & 1 &&
			    runs->run[i].rule[q] < number)
				runs->run[i].rule[q] = number;
		}
	return err;
}

static int runs_add(struct runs *runs, const struct walker *w, uint32_t number)
{
	const struct rf_rule *rule = &w->rule[number - 1];
	int err = rule->ports ? 0 : runs_put(runs, rule, number, 0, UINT16_MAX);
	for (size_t i = 0; i < rule->ports && !err; i++)
		err = runs_put(runs, rule, number, rule->port[i].lo, rule->port[i].hi);
	return err;
}

/* Runs that the same rules decide become one again. */
static void runs_join(struct runs *runs)
{
	size_t kept = 0;
	for (size_t i = 1; i < runs->count; i++)
		if (memcmp(runs->run[i].rule, runs->run[kept].rule, sizeof(runs->run[i].rule)))
			runs->run[++kept] = runs->run[i];
	runs->count = kept + 1;
}

/* ------------------------------------------------------------------ entries */

static uint8_t allowed(const struct walker *w, const struct run *run, int first)
{
	uint8_t protocols = 0;
	for (int q = 0; q < PROTOCOLS; q++) {
		uint32_t number = run->rule[first + q];
		if (number ? w->rule[number - 1].allow : w->left)
			protocols |= (uint8_t)(1 << q);
	}
	return protocols;
}

static int too_many_ranges(const struct walker *w, const struct runs *runs)
{
	uint32_t *load = calloc(w->rules, sizeof(*load));
	if (!load)
		return -ENOMEM;
	for (size_t i = 0; i < runs->count; i++)
		for (int q = 0; q < QUESTIONS; q++)
			if (runs->run[i].rule[q])
				load[runs->run[i].rule[q] - 1]++;
	char names[512];
	const struct rf_rule *rule = limit_names(w->rule, load, w->rules, names, sizeof(names));
	rf_diag_add(w->diags, RF_ERROR, rule->where,
		    "%s: these rules together need more than %d port ranges for one range of addresses", names,
		    RF_PORTS_MAX);
	free(load);
	return -E2BIG;
}

/* The ports of an entry: disjoint, ascending, those that differ in nothing as one. */
static int fill_dest(const struct walker *w, const struct runs *runs, struct rf_dest *dest)
{
	memset(dest, 0, sizeof(*dest));
	for (size_t i = 0; i < runs->count; i++) {
		const struct run *run = &runs->run[i];
		uint8_t connect = allowed(w, run, 0), bind = allowed(w, run, PROTOCOLS);
		uint16_t hi = i + 1 < runs->count ? (uint16_t)(run[1].lo - 1) : UINT16_MAX;
		if (!connect && !bind)
			continue;
		struct rf_port_range *last = dest->ranges ? &dest->range[dest->ranges - 1] : NULL;
		if (last && last->hi + 1u == run->lo && last->connect == connect && last->bind == bind) {
			last->hi = hi;
			continue;
		}
		if (dest->ranges == RF_PORTS_MAX)
			return too_many_ranges(w, runs);
		dest->range[dest->ranges++] =
			(struct rf_port_range){.lo = (uint16_t)run->lo, .hi = hi, .connect = connect, .bind = bind};
	}
	return 0;
}

static int too_many_entries(const struct walker *w)
{
	uint32_t *load = calloc(w->rules, sizeof(*load));
	if (!load)
		return -ENOMEM;
	for (size_t i = 0; i < w->rules; i++)
		load[i] = (uint32_t)w->rule[i].tos;
	char names[512];
	const struct rf_rule *rule = limit_names(w->rule, load, w->rules, names, sizeof(names));
	rf_diag_add(w->diags, RF_ERROR, rule->where, "%s: these rules together need more than %d ranges of addresses",
		    names, RF_DESTS_MAX);
	free(load);
	return -E2BIG;
}

/* Makes the entry of the prefix on top, unless the one around it says the same. */
static int add_entry(struct walker *w, bool always)
{
	struct level *top = &w->level[w->levels - 1];
	struct rf_dest dest;
	int err = fill_dest(w, &top->runs, &dest);
	if (err)
		return err;
	if (!always) {
		top->entry = top[-1].entry;
		if (!memcmp(&w->out->dest[top->entry].dest, &dest, sizeof(dest)))
			return 0;
	}
	if (w->out->dests == RF_DESTS_MAX)
		return too_many_entries(w);
	if (w->out->dests == w->room) {
		size_t room = w->room ? 2 * w->room : 4;
		struct rf_dest_entry *more = realloc(w->out->dest, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		w->out->dest = more;
		w->room = room;
	}
	top->entry = w->out->dests++;
	struct rf_dest_entry *entry = &w->out->dest[top->entry];
	memset(entry, 0, sizeof(*entry));
	entry->key.prefix = top->prefix;
	memcpy(entry->key.addr, top->addr, sizeof(top->addr));
	entry->dest = dest;
	return 0;
}

/* ------------------------------------------------------------------ walking */

static address_count addresses(unsigned prefix)
{
	return prefix ? (address_count)1 << (128 - prefix) : 0; /* all of them: 2^128, which is 0 here */
}

/* Leaves the prefix on top. Its rules decide something if prefixes beneath leave some of its addresses to it. */
static void leave(struct walker *w)
{
	struct level *top = &w->level[--w->levels];
	bool reached = top->beneath != addresses(top->prefix);
	if (w->levels)
		top[-1].beneath += addresses(top->prefix);
	for (size_t i = 0; w->decides && reached && i < top->runs.count; i++)
		for (int q = 0; q < QUESTIONS; q++)
			if (top->runs.run[i].rule[q])
				w->decides[top->runs.run[i].rule[q] - 1] = true;
}

/* Enters the prefix that begins at named[i]; its own rules follow one another there. Gives the first after them. */
static int enter(struct walker *w, size_t *i)
{
	const struct named *n = &w->named[*i];
	struct level *top = &w->level[w->levels++];
	bool always = !n->prefix || (n->prefix == 96 && is_ipv4(n->addr, 96));
	memcpy(top->addr, n->addr, sizeof(top->addr));
	top->prefix = n->prefix;
	top->beneath = 0;
	int err = runs_copy(&top->runs, always ? &w->all : &top[-1].runs);
	for (; !err && *i < w->nameds && w->named[*i].prefix == top->prefix &&
	       !memcmp(w->named[*i].addr, top->addr, sizeof(top->addr));
	     ++*i)
		if (w->named[*i].rule)
			err = runs_add(&top->runs, w, w->named[*i].rule);
	if (err)
		return err;
	runs_join(&top->runs);
	return w->out ? add_entry(w, always) : 0;
}

static int walk(struct walker *w)
{
	int err = 0;
	for (size_t i = 0; i < w->nameds && !err;) {
		while (w->levels &&
		       !covers(w->level[w->levels - 1].addr, w->level[w->levels - 1].prefix, w->named[i].addr))
			leave(w);
		err = enter(w, &i);
	}
	while (w->levels)
		leave(w);
	return err;
}

/* Collects the prefixes that rules name, and what the rules decide that name none. */
static int prepare(struct walker *w)
{
	size_t count = 2;
	for (size_t i = 0; i < w->rules; i++)
		count += w->rule[i].tos;
	w->named = calloc(count, sizeof(*w->named));
	w->level = calloc(130, sizeof(*w->level));
	int err = w->named && w->level ? runs_room(&w->all, 1) : -ENOMEM;
	if (err)
		return err;
	w->all.run[0] = (struct run){0};
	w->all.count = 1;
	memcpy(w->named[1].addr, mapped, sizeof(mapped));
	w->named[1].prefix = 96;
	w->nameds = 2;
	for (size_t i = 0; i < w->rules && !err; i++) {
		if (w->rule[i].to_all || !w->rule[i].tos)
			err = runs_add(&w->all, w, (uint32_t)i + 1);
		for (size_t j = 0; j < w->rule[i].tos; j++) {
			struct named *n = &w->named[w->nameds++];
			mask(n->addr, w->rule[i].to[j].addr, w->rule[i].to[j].prefix);
			n->prefix = w->rule[i].to[j].prefix;
			n->rule = (uint32_t)i + 1;
		}
	}
	runs_join(&w->all);
	qsort(w->named, w->nameds, sizeof(*w->named), by_prefix);
	return err;
}

static int run_walker(struct walker *w, const struct rf_policy *policy)
{
	w->rule = policy->rule[RF_NETWORK];
	w->rules = policy->rules[RF_NETWORK];
	w->left = !rf_policy_judges(policy, RF_NETWORK);
	int err = prepare(w);
	if (!err)
		err = walk(w);
	for (size_t i = 0; w->level && i < 130; i++)
		free(w->level[i].runs.run);
	free(w->level);
	free(w->named);
	free(w->all.run);
	return err;
}

int dest_compile(const struct rf_policy *policy, struct rf_compiled *out, struct rf_diags *diags)
{
	struct walker w = {.out = out, .diags = diags};
	return run_walker(&w, policy);
}

int dest_deciders(const struct rf_policy *policy, bool *decides)
{
	struct walker w = {.decides = decides};
	return run_walker(&w, policy);
}

/* ----------------------------------------------------------------- look-ups */

/* How many entries are not greater than an address with a prefix length. */
static size_t entries_up_to(const struct rf_compiled *compiled, const uint8_t addr[16], unsigned prefix)
{
	size_t low = 0, high = compiled->dests;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct rf_dest_key *key = &compiled->dest[mid].key;
		int order = memcmp(key->addr, addr, 16);
		if (order < 0 || (!order && key->prefix <= prefix))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct rf_dest *rf_dest_find(const struct rf_compiled *compiled, const uint8_t addr[16])
{
	uint8_t masked[16];
	memcpy(masked, addr, sizeof(masked));
	unsigned prefix = 128;
	/* The entry before the address either covers it or tells how many bits any entry that covers can have. */
	for (size_t n; (n = entries_up_to(compiled, masked, prefix));) {
		const struct rf_dest_entry *entry = &compiled->dest[n - 1];
		if (entry->key.prefix <= prefix && covers(entry->key.addr, entry->key.prefix, addr))
			return &entry->dest;
		unsigned same = 0;
		while (same < prefix && covers(entry->key.addr, same + 1, addr))
			same++;
		prefix = same;
		mask(masked, addr, prefix);
	}
	return NULL;
}

bool rf_dest_allows(const struct rf_dest *dest, unsigned access, unsigned protocol, uint16_t port)
{
	for (uint32_t i = 0; i < dest->ranges && i < RF_PORTS_MAX; i++)
		if (port >= dest->range[i].lo && port <= dest->range[i].hi)
			return (access == RF_BIND ? dest->range[i].bind : dest->range[i].connect) & protocol;
	return false;
}
